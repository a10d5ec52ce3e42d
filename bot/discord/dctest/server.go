// Package dctest is a Discord for tests: the gateway as a real WebSocket and
// the REST API as real HTTP, both on the loopback interface, interactions with
// their time limits by either way, and faults on command. It checks every
// request that it gets, against Discord's limits and, where there is one,
// against Discord's own specification file.
//
// It is written from the documentation and shares no code with the adapter, so
// that the two do not agree on the same mistake.
package dctest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The bot's account.
const (
	Token = "MTIzNDU2.test-token.AbCdEf"
	BotID = "900000000000000001"
	AppID = "900000000000000002"
)

// Options change how the server is made; the zero value is fine.
type Options struct {
	Heartbeat time.Duration    // the interval that Hello names; default 45 s
	Shards    int              // how many shards Discord recommends; default 1
	Now       func() time.Time // the clock of time limits; default the real one
}

// Server is Discord.
type Server struct {
	URL string

	// OnCall, when set, gets every call that succeeded instead of the record,
	// which grows with each. Set it before the first call.
	OnCall func(Call)

	opt  Options
	http *httptest.Server
	mux  *http.ServeMux
	spec *spec

	mu       sync.Mutex
	lastID   int64
	calls    []Call
	changed  chan struct{} // closed and renewed with each call and each session
	faults   []*Fault
	wrong    []error
	gateway  gateway
	inters   interactions
	history  map[string][]map[string]any // messages of people, by channel, oldest first
	nonces   map[string]string           // of the bot's messages: nonce → message id
	commands []any                       // as they were last put
	app      map[string]any              // what the bot changed of its application
}

// New starts a server. Close it.
func New(o Options) *Server {
	if o.Heartbeat == 0 {
		o.Heartbeat = 45 * time.Second
	}
	if o.Shards == 0 {
		o.Shards = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		opt: o, spec: findSpec(), changed: make(chan struct{}), history: map[string][]map[string]any{},
		nonces: map[string]string{}, app: map[string]any{}, inters: interactions{all: map[string]*interaction{}},
	}
	s.gateway.sessions = map[string]*session{}
	s.routes()
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL
	return s
}

// Close ends the server.
func (s *Server) Close() {
	s.Cut(0)
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

func (s *Server) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, err)
}

// NewID gives an id that is greater than all before it.
func (s *Server) NewID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newID()
}

const epoch = 1420070400000 // Discord's, in milliseconds

func (s *Server) newID() string {
	s.lastID = max(s.lastID+1, (time.Now().UnixMilli()-epoch)<<22)
	return strconv.FormatInt(s.lastID, 10)
}

// change wakes whoever waits for a change.
func (s *Server) change() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Calls returns the calls of a route so far that succeeded; of all routes for
// "".
func (s *Server) Calls(route string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of(route)
}

func (s *Server) of(route string) []Call {
	var out []Call
	for _, c := range s.calls {
		if route == "" || c.Route == route || route == Said && c.said() {
			out = append(out, c)
		}
	}
	return out
}

// Wait waits until a route was called n times, and returns the calls.
func (s *Server) Wait(ctx context.Context, route string, n int) ([]Call, error) {
	var got []Call
	err := s.until(ctx, func() bool { got = s.of(route); return len(got) >= n })
	if err != nil {
		err = fmt.Errorf("%d calls of %s, want %d: %w", len(got), route, n, err)
	}
	return got, err
}

// until waits until a condition holds, which is asked under the lock.
func (s *Server) until(ctx context.Context, holds func() bool) error {
	for {
		s.mu.Lock()
		ok, changed := holds(), s.changed
		s.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// record takes down a call that succeeded.
func (s *Server) record(c Call) {
	if s.OnCall != nil {
		s.OnCall(c)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	s.change()
}

// serve finds the API below any path: what stands before /api/ is for the test
// to tell apart whose calls they are.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	before, rest, ok := strings.Cut(r.URL.Path, "/api/v10/")
	if !ok {
		before, rest, ok = strings.Cut(r.URL.Path, "/api/v9/")
	}
	if before2, ws := strings.CutSuffix(r.URL.Path, "/ws"); ws && !ok {
		s.connect(w, r, before2)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	r.URL.Path, r.URL.RawPath = "/"+rest, ""
	s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), beforeKey{}, before)))
}

type beforeKey struct{}
