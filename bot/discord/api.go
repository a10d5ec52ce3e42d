package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"optoutbot/bot"
)

// Limits of what is read from the server.
const (
	maxAnswer  = 8 << 20 // the commands in all languages, or a page of messages
	maxRefusal = 16 << 10
)

// maxSilence bounds how long a server can silence the bot with one answer.
const maxSilence = 15 * time.Minute

// client calls the REST API. Tokens of interactions stand in addresses, so that
// no error of the HTTP library leaves it as it is.
type client struct {
	base  string // with the version, without a slash at the end
	token string
	http  *http.Client

	limited atomic.Int64 // answers with status 429
}

func newClient(base, token string, connections int) *client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections
	t.ForceAttemptHTTP2 = true
	return &client{base: base, token: token, http: &http.Client{
		Transport: t,
		// A redirect would carry the token elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// request is a call of the API.
type request struct {
	method, path string
	name         string // for errors: the path without what is secret in it
	body         any    // nil for none
	files        []bot.File
	open         bool // it needs no token: the path has one
	out          any  // where the answer is decoded to; nil if it does not matter
}

// apiError is a refusal by the server.
type apiError struct {
	Name    string
	Status  int
	Code    int // Discord's own
	Message string
	Retry   time.Duration // with status 429
	All     bool          // with status 429: every call is meant
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%s: %d %s (code %d)", e.Name, e.Status, e.Message, e.Code)
}

// netError is a call whose fate is unknown: the server may have acted on it.
type netError struct {
	name, text string
	err        error // nil, or context.Canceled or context.DeadlineExceeded
}

func (e *netError) Error() string { return e.name + ": " + e.text }
func (e *netError) Unwrap() error { return e.err }

// refused reports whether the server refused with a status and, if it is not 0,
// a code.
func refused(err error, status, code int) bool {
	api := (*apiError)(nil)
	return errors.As(err, &api) && api.Status == status && (code == 0 || api.Code == code)
}

// temporary reports whether a call that failed so may succeed later.
func temporary(err error) bool {
	if api := (*apiError)(nil); errors.As(err, &api) {
		return api.Status >= 500
	}
	net := (*netError)(nil)
	return errors.As(err, &net)
}

// userAgent is what Discord wants to read from every program.
const userAgent = "DiscordBot (https://github.com/bwmarrin/discordgo, optoutbot)"

// call makes a call. When the server says that it succeeded, it did, whatever
// the body is: to make it again would say the same twice.
func (c *client) call(ctx context.Context, q request) error {
	body, kind, err := encode(q)
	if err != nil {
		return fmt.Errorf("%s: encode: %w", q.name, err)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, body)
	if err != nil {
		return fmt.Errorf("%s: the address of the server is no URL", q.name) // the error may hold a token
	}
	req.Header.Set("User-Agent", userAgent)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if !q.open {
		req.Header.Set("Authorization", "Bot "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.broken(ctx, q.name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return c.refusal(q.name, resp)
	}
	if q.out == nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxRefusal)) // so that the connection can be used again
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return c.broken(ctx, q.name, err)
	}
	if err := json.Unmarshal(data, q.out); err != nil {
		return &netError{name: q.name, text: "the answer has another form than expected"}
	}
	return nil
}

// encode writes the body of a request: JSON, or a form where there are files.
func encode(q request) (io.Reader, string, error) {
	if q.body == nil {
		return nil, "", nil
	}
	data, err := json.Marshal(q.body)
	if err != nil || len(q.files) == 0 {
		return bytes.NewReader(data), "application/json", err
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	err = part(form, `form-data; name="payload_json"`, "application/json", data)
	for i, f := range q.files {
		disposition := fmt.Sprintf(`form-data; name="files[%d]"; filename=%s`, i, strconv.Quote(f.Name))
		err = errors.Join(err, part(form, disposition, f.Type, f.Data))
	}
	return &b, form.FormDataContentType(), errors.Join(err, form.Close())
}

func part(form *multipart.Writer, disposition, kind string, data []byte) error {
	w, err := form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {kind}})
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// refusal makes an answer that is no success an error. A proxy's page is a
// refusal too.
func (c *client) refusal(name string, resp *http.Response) error {
	data, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // what could be read says enough
	var in struct {
		Code    int     `json:"code"`
		Message string  `json:"message"`
		Retry   float64 `json:"retry_after"`
		All     bool    `json:"global"`
	}
	if json.Unmarshal(data, &in) != nil {
		in.Code, in.Message = 0, ""
	}
	e := &apiError{Name: name, Status: resp.StatusCode, Code: in.Code, Message: c.redact(clip(in.Message, 200))}
	if e.Message == "" {
		e.Message = http.StatusText(resp.StatusCode)
	}
	if resp.StatusCode != http.StatusTooManyRequests {
		return e
	}
	c.limited.Add(1)
	e.All = in.All || resp.Header.Get("X-RateLimit-Global") == "true" || resp.Header.Get("X-RateLimit-Scope") == "global"
	seconds := in.Retry
	if seconds <= 0 {
		seconds, _ = strconv.ParseFloat(resp.Header.Get("Retry-After"), 64) // 0 when there is none
	}
	if !(seconds > 0) {
		seconds = 1
	}
	e.Retry = time.Duration(min(seconds, maxSilence.Seconds()) * float64(time.Second))
	return e
}

// broken makes an error of the HTTP library one without the address.
func (c *client) broken(ctx context.Context, name string, err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	out := &netError{name: name, text: c.redact(err.Error()), err: ctx.Err()}
	if errors.Is(err, context.DeadlineExceeded) {
		out.err = context.DeadlineExceeded
	}
	return out
}

// redact takes the token out of a text.
func (c *client) redact(s string) string {
	if c.token == "" {
		return s
	}
	return strings.ReplaceAll(s, c.token, "***")
}
