package dctest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Endpoint delivers interactions by HTTP to the bot, signed as Discord signs.
type Endpoint struct {
	URL    string
	Public string // the key that the bot is given, in hexadecimal
	server *Server
	key    ed25519.PrivateKey
	client *http.Client
}

// NewEndpoint returns an endpoint of the bot at an address.
func (s *Server) NewEndpoint(url string) *Endpoint {
	public, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err) // the system has no randomness
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 256
	return &Endpoint{url, hex.EncodeToString(public), s, key, &http.Client{Transport: t}}
}

// Sign makes a request with a signature.
func (e *Endpoint) Sign(body []byte, at time.Time) *http.Request {
	stamp := strconv.FormatInt(at.Unix(), 10)
	req, err := http.NewRequest(http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		panic(err) // the test's address is none
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(e.key, append([]byte(stamp), body...))))
	req.Header.Set("X-Signature-Timestamp", stamp)
	return req
}

// Do sends a request and returns the status and the body of the answer.
func (e *Endpoint) Do(req *http.Request) (int, []byte, error) {
	resp, err := e.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	return resp.StatusCode, body, err
}

// Interact delivers an interaction and takes the answer down.
func (e *Endpoint) Interact(ctx context.Context, d map[string]any) (Call, error) {
	i := e.server.begin(d)
	raw, err := json.Marshal(d)
	if err != nil {
		panic(err) // the test made something that is no JSON
	}
	status, body, err := e.Do(e.Sign(raw, e.server.opt.Now()).WithContext(ctx))
	if err != nil || status != http.StatusOK {
		return Call{}, fmt.Errorf("status %d: %w", status, err)
	}
	c := Call{Route: Answered, At: e.server.opt.Now(), Interaction: i.id, Took: e.server.since(i.began)}
	if err := json.Unmarshal(body, &c.Body); err != nil {
		return c, err
	}
	e.server.mu.Lock()
	i.answered = true
	e.server.mu.Unlock()
	err = CheckAnswer(c.Body)
	if bytes.Contains(body, []byte(":null")) {
		err = fmt.Errorf("something is null: %s", body)
	}
	if err == nil && e.server.spec != nil {
		err = e.server.spec.check(http.MethodPost, "/interactions/"+i.id+"/"+i.token+"/callback", "", body)
	}
	if err != nil {
		e.server.fail(err)
	}
	e.server.record(c)
	return c, nil
}
