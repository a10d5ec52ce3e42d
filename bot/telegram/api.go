package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Limits of what is read from the server.
const (
	maxBatch  = 32 << 20 // a batch of 100 updates; real ones stay below 5 MiB
	maxAnswer = 1 << 20
)

// maxRetryAfter bounds how long a server can silence the bot with one answer.
const maxRetryAfter = 15 * time.Minute

// client calls the Bot API. The token stands in every address, so that no error
// of the HTTP library leaves it as it is.
type client struct {
	base  string
	token string
	http  *http.Client

	limited atomic.Int64 // answers with status 429
}

func newClient(base, token string, connections int) *client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = connections
	t.MaxIdleConns = connections
	return &client{
		base: strings.TrimRight(base, "/"), token: token,
		http: &http.Client{
			Transport: t,
			// A redirect would carry the token elsewhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// apiError is a refusal by the server.
type apiError struct {
	Method      string
	Code        int
	Description string
	RetryAfter  time.Duration // with code 429
	MigrateTo   int64         // the chat has this id now
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%s: %d %s", e.Method, e.Code, e.Description)
}

// netError is a call whose fate is unknown: the server may have acted on it.
type netError struct {
	method string
	text   string
	err    error // nil, or context.Canceled or context.DeadlineExceeded
}

func (e *netError) Error() string { return e.method + ": " + e.text }
func (e *netError) Unwrap() error { return e.err }

// temporary reports whether a call that failed so may succeed later.
func temporary(err error) bool {
	if api := (*apiError)(nil); errors.As(err, &api) {
		return api.Code >= 500 || api.Code == http.StatusTooManyRequests
	}
	net := (*netError)(nil)
	return errors.As(err, &net)
}

// refused reports whether the server refused with the code and, if words are
// given, a description that has them.
func refused(err error, code int, words string) bool {
	api := (*apiError)(nil)
	return errors.As(err, &api) && api.Code == code && strings.Contains(api.Description, words)
}

// call calls a method and decodes its result into out, if that is not nil.
func (c *client) call(ctx context.Context, method string, params, out any) error {
	body, err := c.post(ctx, method, params, maxAnswer)
	if err != nil || out == nil {
		return err
	}
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		return &netError{method: method, text: notJSON}
	}
	if err := json.Unmarshal(env.Result, out); err != nil {
		return fmt.Errorf("%s: the result has another form than expected", method)
	}
	return nil
}

const notJSON = "the server's answer is no JSON"

// post calls a method and returns the body of its answer, of which at most
// limit bytes are read, when the server says that it succeeded. The body may be
// cut short: who has read "ok":true knows that a message is out, and sending it
// again would say it twice.
func (c *client) post(ctx context.Context, method string, params any, limit int64) ([]byte, error) {
	data, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("%s: encode: %w", method, err)
	}
	return c.send(ctx, method, "application/json", data, limit)
}

// send is post with the parameters written.
func (c *client) send(ctx context.Context, method, contentType string, data []byte, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+"/bot"+c.token+"/"+method, bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: the address of the server is no URL", method) // the error holds the token
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.broken(ctx, method, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if resp.StatusCode == http.StatusOK && succeeded(body) {
		return body, nil
	}
	if err != nil {
		return nil, c.broken(ctx, method, err)
	}
	return nil, c.refusal(method, resp.StatusCode, body)
}

// envelope is the form of every answer.
type envelope struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Code        int             `json:"error_code"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
}

// succeeded looks for "ok":true at the beginning of a body, where servers write
// it, so that one which holds an unreadable update still counts as an answer.
func succeeded(body []byte) bool {
	head := strings.Join(strings.Fields(string(body[:min(len(body), 32)])), "")
	if strings.HasPrefix(head, `{"ok":true`) {
		return true
	}
	var env envelope
	return json.Unmarshal(body, &env) == nil && env.OK
}

// refusal makes an answer that is not ok an error. A proxy's page is a refusal
// too, and so is an answer with wrong types in its parameters.
func (c *client) refusal(method string, status int, body []byte) error {
	var env envelope
	if err := json.Unmarshal(body, &env); err != nil {
		if status == http.StatusOK {
			return &netError{method: method, text: notJSON}
		}
		env = envelope{Code: status, Description: http.StatusText(status)}
	}
	if env.Code == 0 {
		env.Code = status
	}
	e := &apiError{Method: method, Code: env.Code, Description: c.redact(clip(env.Description, 200))}
	var p struct {
		RetryAfter json.Number `json:"retry_after"`
		MigrateTo  json.Number `json:"migrate_to_chat_id"`
	}
	if len(env.Parameters) > 0 && json.Unmarshal(env.Parameters, &p) == nil {
		e.MigrateTo, _ = p.MigrateTo.Int64() // 0 when there is none
	}
	if e.Code == http.StatusTooManyRequests {
		c.limited.Add(1)
		seconds, err := p.RetryAfter.Int64()
		if err != nil || seconds < 1 {
			seconds = 1
		}
		e.RetryAfter = min(time.Duration(min(seconds, 1<<20))*time.Second, maxRetryAfter)
	}
	return e
}

// broken makes an error of the HTTP library one without the address.
func (c *client) broken(ctx context.Context, method string, err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err
	}
	out := &netError{method: method, text: c.redact(err.Error()), err: ctx.Err()}
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
	s = strings.ReplaceAll(s, c.token, "***")
	return strings.ReplaceAll(s, url.PathEscape(c.token), "***")
}
