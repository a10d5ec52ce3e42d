package dctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// handler carries a call out; what it returns is the answer's body.
type handler func(*Call) (any, error)

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	for route, h := range map[string]handler{
		GatewayBot:     s.gatewayBot,
		"GET /gateway": s.gatewayBot,
		App:            s.getApp,
		PatchApp:       s.patchApp,
		Get:            func(*Call) (any, error) { return s.getCommands(), nil },
		Put:            s.putCommands,
		Callback:       s.callback,
		FollowUp:       s.followUp,
		"PATCH /webhooks/{app}/{token}/messages/@original": s.followUp,
		Send:    s.send,
		History: s.past,
	} {
		s.mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) { s.handle(w, r, route, h) })
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(fmt.Errorf("there is no %s %s", r.Method, r.URL.Path))
		refuse(w, &refusal{status: 404, text: "404: Not Found"})
	})
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request, route string, h handler) {
	c := Call{Route: route, At: s.opt.Now(), auth: r.Header.Get("Authorization")}
	c.Before, _ = r.Context().Value(beforeKey{}).(string)
	for _, name := range []string{"app", "id", "token"} {
		if v := r.PathValue(name); v != "" {
			c.IDs = append(c.IDs, v)
		}
	}
	raw, err := s.read(r, &c)
	if gone := (*net.OpError)(nil); errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &gone) {
		return // the program was killed while it wrote
	}
	if err == nil {
		err = s.check(r, &c, raw)
	}
	if err != nil {
		s.fail(fmt.Errorf("%s: %w", route, err))
		refuse(w, &refusal{status: 400, code: 50035, text: "Invalid Form Body"})
		return
	}
	f := s.fault(c)
	if f != nil && f.before(w) {
		return
	}
	c.Cut = f != nil && f.Kind == CutAfter
	if r.Method == http.MethodGet {
		c.Body = map[string]any{"after": r.URL.Query().Get("after"), "limit": r.URL.Query().Get("limit")}
	}
	out, err := h(&c)
	if no := (*refusal)(nil); errors.As(err, &no) {
		if f != nil { // it happens to a request that is carried out
			s.Order(Fault{Kind: f.Kind, Route: f.Route, Value: f.Value})
		}
		refuse(w, no)
		return
	}
	s.record(c)
	if f != nil && f.after(w) {
		return
	}
	if out == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client may be gone
}

const maxBody = 8 << 20

// read reads a request's body, JSON or a form with files, into the call.
func (s *Server) read(r *http.Request, c *Call) ([]byte, error) {
	if r.Method == http.MethodGet {
		return nil, nil
	}
	var raw []byte
	var err error
	switch kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json":
		raw, err = io.ReadAll(io.LimitReader(r.Body, maxBody))
	case "multipart/form-data":
		raw, c.Files, err = readForm(multipart.NewReader(io.LimitReader(r.Body, maxBody), params["boundary"]))
	default:
		return nil, fmt.Errorf("content type %q", kind)
	}
	if err != nil {
		return nil, err
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil, fmt.Errorf("the body is no JSON: %w", err)
	}
	c.Body, c.List = object(v), list(v)
	return raw, nil
}

func readForm(form *multipart.Reader) (payload []byte, files []string, err error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return payload, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		if part.FormName() == "payload_json" {
			payload = data
		} else if strings.HasPrefix(part.FormName(), "files[") {
			files = append(files, part.FileName())
		}
	}
}

// refusal is an answer that is no success.
type refusal struct {
	status int
	code   int // Discord's own
	text   string
	retry  float64 // seconds, with status 429
	global bool
}

func (r *refusal) Error() string { return r.text }

func refuse(w http.ResponseWriter, r *refusal) {
	w.Header().Set("Content-Type", "application/json")
	out := map[string]any{"message": r.text, "code": r.code}
	if r.status == http.StatusTooManyRequests {
		out["retry_after"], out["global"] = r.retry, r.global
		w.Header().Set("Retry-After", fmt.Sprint(int(r.retry)+1))
		if r.global {
			w.Header().Set("X-RateLimit-Global", "true")
		}
	}
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(out) // the client may be gone
}

func (s *Server) getApp(*Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]any{"id": AppID, "name": "Test", "bot": map[string]any{"id": BotID, "username": "Test", "bot": true}}
	for k, v := range s.app {
		out[k] = v
	}
	return out, nil
}

func (s *Server) patchApp(c *Call) (any, error) {
	s.mu.Lock()
	for k, v := range c.Body {
		s.app[k] = v
	}
	s.mu.Unlock()
	return s.getApp(c)
}

// getCommands gives the commands as Discord does: with fields of its own, and
// without what is empty.
func (s *Server) getCommands() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []any{}
	for i, v := range s.commands {
		c := map[string]any{"id": fmt.Sprint(1000 + i), "application_id": AppID, "version": "1", "nsfw": false, "dm_permission": true}
		for k, x := range object(v) {
			c[k] = x
		}
		if l, ok := c["options"].([]any); ok && len(l) == 0 {
			delete(c, "options")
		}
		out = append(out, c)
	}
	slices.Reverse(out) // Discord promises no order
	return out
}

func (s *Server) putCommands(c *Call) (any, error) {
	s.mu.Lock()
	s.commands = c.List
	s.mu.Unlock()
	return s.getCommands(), nil
}

// send posts a message of the bot. One with the nonce of an earlier one is that
// one.
func (s *Server) send(c *Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	nonce := text(c.Body["nonce"])
	id := s.nonces[nonce]
	if c.Again = nonce != "" && c.Body["enforce_nonce"] == true && id != ""; !c.Again {
		id = s.newID()
		s.nonces[nonce] = id
	}
	return map[string]any{"id": id, "channel_id": c.IDs[0], "nonce": nonce}, nil
}

// past gives a page of what people wrote in a channel, newest first.
func (s *Server) past(c *Call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after := text(c.Body["after"])
	out := []map[string]any{}
	for _, m := range s.history[c.IDs[0]] {
		if id := text(m["id"]); (len(id) > len(after) || len(id) == len(after) && id > after) && len(out) < 100 {
			one := map[string]any{}
			for k, v := range m {
				if k != "guild_id" && k != "member" { // the REST API leaves these out
					one[k] = v
				}
			}
			out = append(out, one)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// forgetful bounds what a long run keeps.
func (s *Server) forgetful() {
	if s.OnCall != nil && len(s.nonces) > 20_000 {
		s.nonces = map[string]string{}
	}
}

func (s *Server) since(t time.Time) time.Duration { return s.opt.Now().Sub(t) }
