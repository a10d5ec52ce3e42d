// Package tgtest is a Bot API server for tests: real HTTP on the loopback
// interface with long polls, offsets and redelivery, webhooks with their secret,
// and faults on command. It checks every request that it gets, against
// Telegram's limits and, where there is one, against a specification file.
//
// It is written from the documentation and shares no code with the adapter, so
// that the two do not agree on the same mistake.
package tgtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"
)

// Token is the bot's token, and Username its name.
const (
	Token    = "123456:test-token_AbCdEf"
	Username = "OptOutTestBot"
	BotID    = 123456
)

// Server is the Bot API.
type Server struct {
	URL string

	// Me, when set, is what getMe gives, and HookError the last error of the
	// webhook, a moment ago. Set them before the bot starts.
	Me        map[string]any
	HookError string

	// OnCall, when set, gets every call that succeeded instead of the record,
	// which grows with each. Set it before the first call.
	OnCall func(Call)

	// Old makes it a server from before messages for one person and guests
	// (Bot API 10.0): it passes over what it does not know. Runs says that the
	// bot runs its groups, and Admins who does beside it. Set them before the
	// first call.
	Old    bool
	Runs   bool
	Admins []int64

	// Lenient makes it take requests as they are: for measuring, and for a
	// library whose requests are not the tests' concern. Set it before the
	// first call.
	Lenient bool

	http *httptest.Server
	spec *spec

	mu       sync.Mutex
	queue    []queued // updates that were not confirmed
	nextID   int64
	arrived  chan struct{} // closed and renewed when an update comes
	poller   context.CancelFunc
	messages map[int64]int64 // last message id of each chat; with OnCall, of all
	calls    []Call
	called   chan struct{} // closed and renewed with each call
	faults   []*Fault
	wrong    []error
	profile  map[string]json.RawMessage // what getMy… gives
	hook     *hook
}

type queued struct {
	id    int64
	raw   json.RawMessage
	again bool // it comes once more though it was confirmed
}

// New starts a server. Close it.
func New() *Server {
	s := &Server{
		nextID: 1000, arrived: make(chan struct{}), called: make(chan struct{}),
		messages: map[int64]int64{}, profile: map[string]json.RawMessage{}, spec: findSpec(),
	}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close ends the server. It does not wait for polls that are open.
func (s *Server) Close() {
	s.mu.Lock()
	if s.poller != nil {
		s.poller()
	}
	h := s.hook
	s.hook = nil
	s.mu.Unlock()
	h.stop()
	s.http.CloseClientConnections()
	s.http.Close()
}

// HasSpec reports whether requests are checked against a specification file.
func (s *Server) HasSpec() bool { return s.spec != nil }

// Wrong returns what was wrong with the bot's requests.
func (s *Server) Wrong() []error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]error(nil), s.wrong...)
}

// Deliver queues an update; its update_id is put in. It returns the id.
func (s *Server) Deliver(update map[string]any) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	update["update_id"] = s.nextID
	raw, err := json.Marshal(update)
	if err != nil {
		panic(err) // the test made something that is no JSON
	}
	s.add(queued{id: s.nextID, raw: raw})
	return s.nextID
}

// DeliverRaw queues an update as it is; every %d in it becomes its id. It need
// not be JSON.
func (s *Server) DeliverRaw(format string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextID++
	s.add(queued{id: s.nextID, raw: json.RawMessage(strings.ReplaceAll(format, "%d", fmt.Sprint(s.nextID)))})
	return s.nextID
}

// Repeat delivers an update once more, though it was confirmed.
func (s *Server) Repeat(id int64, update map[string]any) {
	update["update_id"] = id
	raw, err := json.Marshal(update)
	if err != nil {
		panic(err) // the test made something that is no JSON
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.add(queued{id: id, raw: raw, again: true})
}

func (s *Server) add(q queued) {
	s.queue = append(s.queue, q)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// Waiting counts the updates that were not confirmed.
func (s *Server) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.queue)
}

// Calls returns the calls of a method so far that succeeded; of all methods
// for "".
func (s *Server) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(method)
}

func (s *Server) of(method string) []Call {
	var out []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			out = append(out, c)
		}
	}
	return out
}

// Wait waits until a method was called n times, and returns the calls.
func (s *Server) Wait(ctx context.Context, method string, n int) ([]Call, error) {
	for {
		s.mu.Lock()
		got, called := s.of(method), s.called
		s.mu.Unlock()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-called:
		case <-ctx.Done():
			return got, fmt.Errorf("%d calls of %s, want %d: %w", len(got), method, n, ctx.Err())
		}
	}
}

// WaitConfirmed waits until the bot has confirmed every update.
func (s *Server) WaitConfirmed(ctx context.Context) error {
	for {
		s.mu.Lock()
		n, called := len(s.queue), s.called
		s.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-called:
		case <-ctx.Done():
			return fmt.Errorf("%d updates not confirmed: %w", n, ctx.Err())
		}
	}
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	before, method, ok := strings.Cut(r.URL.Path, "/bot"+Token+"/")
	if !ok {
		refuse(w, 401, "Unauthorized", nil)
		return
	}
	params, err := readParams(r)
	if gone := (*net.OpError)(nil); errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &gone) {
		return // the program was killed while it wrote
	}
	if err != nil {
		s.fail(fmt.Errorf("%s: %w", method, err))
		refuse(w, 400, "Bad Request: "+err.Error(), nil)
		return
	}
	f := s.fault(method, params)
	if f != nil && f.Before(w) {
		return
	}
	call := Call{Method: method, Params: params, At: time.Now(), Before: before, Cut: f != nil && f.Kind == CutAfter}
	result, err := s.do(r.Context(), call)
	var no *refusal
	if errors.As(err, &no) {
		refuse(w, no.code, no.text, no.parameters)
		return
	}
	if f != nil && f.After(w, result) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(result) // the client may be gone
}

func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, err)
}

// refusal is an answer that is not ok.
type refusal struct {
	code       int
	text       string
	parameters map[string]any
}

func (r *refusal) Error() string { return r.text }

func refuse(w http.ResponseWriter, code int, text string, parameters map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	out := map[string]any{"ok": false, "error_code": code, "description": text}
	if parameters != nil {
		out["parameters"] = parameters
	}
	_ = json.NewEncoder(w).Encode(out) // the client may be gone
}
