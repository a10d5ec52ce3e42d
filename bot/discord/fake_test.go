package discord

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// hang ends a test that would hang. It measures nothing.
const hang = 20 * time.Second

// rig is an adapter that runs against a server.
type rig struct {
	*dctest.Server
	a    *Adapter
	at   *dctest.Endpoint // set where interactions come by HTTP
	stop func() error
	logs *logBuffer
	naps *naps
}

// naps are the pauses that the adapter asked for; it gets a breath of each.
type naps struct {
	mu  sync.Mutex
	all []time.Duration
}

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	n.all = append(n.all, d)
	n.mu.Unlock()
	return sleep(ctx, min(d, 10*time.Millisecond))
}

func (n *naps) taken() []time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]time.Duration(nil), n.all...)
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newRig makes an adapter and does not start it.
func newRig(t testing.TB, b answerer, o dctest.Options, change func(*rig, *Config)) *rig {
	t.Helper()
	s := dctest.New(o)
	t.Cleanup(s.Close)
	cfg := Config{Token: dctest.Token, API: s.URL, Grace: hang}
	r := &rig{Server: s, logs: &logBuffer{}, naps: &naps{}}
	if change != nil {
		change(r, &cfg)
	}
	a, err := New(b, slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.sleep, a.hello = r.naps.sleep, 300*time.Millisecond
	r.a = a
	return r
}

// run starts the adapter; it ends with the test at the latest. Then no token
// must be in the log, nor must a request have been wrong.
func (r *rig) run(t testing.TB) *rig {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.a.Run(ctx) }()
	var once sync.Once
	var result error
	r.stop = func() error {
		once.Do(func() {
			cancel()
			select {
			case result = <-ended:
			case <-time.After(hang):
				t.Error("Run does not end")
			}
		})
		return result
	}
	t.Cleanup(func() {
		err := r.stop()
		text := r.logs.String()
		if err != nil {
			text += err.Error()
		}
		for _, secret := range []string{dctest.Token, "itoken-", "a question of mine", "@everyone"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q is in the log or the error: %s", secret, text)
			}
		}
		for _, err := range r.Wrong() {
			t.Error("wrong request:", err)
		}
	})
	return r
}

// start starts an adapter by the gateway and waits until it is connected.
func start(t testing.TB, b answerer) *rig {
	t.Helper()
	r := newRig(t, b, dctest.Options{}, nil).run(t)
	r.connected(t)
	return r
}

func (r *rig) connected(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	if err := r.WaitReady(ctx, 1); err != nil {
		t.Fatalf("not connected: %v; log: %s", err, r.logs)
	}
}

// byHTTP makes the adapter receive interactions by HTTP.
func byHTTP(t testing.TB) func(*rig, *Config) {
	return func(r *rig, c *Config) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		r.at = r.NewEndpoint("http://" + l.Addr().String() + "/")
		c.Endpoint = &Endpoint{PublicKey: r.at.Public, Listener: l}
	}
}

// calls waits for n calls of a route.
func (r *rig) calls(t testing.TB, route string, n int) []dctest.Call {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	got, err := r.Wait(ctx, route, n)
	if err != nil {
		t.Fatalf("%v; wrong: %v; log: %s", err, r.Wrong(), r.logs)
	}
	return got
}

// ask delivers an interaction and gives the answer to it.
func (r *rig) ask(t testing.TB, d map[string]any) dctest.Call {
	t.Helper()
	if r.at != nil {
		ctx, cancel := context.WithTimeout(context.Background(), hang)
		defer cancel()
		c, err := r.at.Interact(ctx, d)
		if err != nil {
			t.Fatalf("%v; log: %s", err, r.logs)
		}
		return c
	}
	i := r.Interact(d)
	for n := 1; ; n++ {
		got := r.calls(t, dctest.Callback, n)
		if c := got[len(got)-1]; c.Interaction == i.ID {
			return c
		}
		n = max(n, len(got))
	}
}

// shelf is a memory in memory.
type shelf struct {
	mu sync.Mutex
	at map[bot.Place]bot.Choices
}

func (s *shelf) Recall(_ context.Context, p bot.Place) (bot.Choices, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[p], nil
}

func (s *shelf) Remember(_ context.Context, p bot.Place, c bot.Choices) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[p] = c
	return nil
}

func (s *shelf) Forget(_ context.Context, p bot.Place) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.at, p)
	return nil
}

// remembering is a bot with a memory.
func remembering(t testing.TB) *bot.Bot {
	b := bottest.New(t)
	b.Remembers(&shelf{at: map[bot.Place]bot.Choices{}})
	return b
}

// fixed answers every question with one reply.
type fixed struct {
	*bot.Bot
	reply bot.Reply
}

func (f fixed) Ask(context.Context, bot.Question) (bot.Reply, error) { return f.reply, nil }

// panicking panics at every question and at all that is typed.
type panicking struct{ bottest.Scripted }

func (panicking) Ask(context.Context, bot.Question) (bot.Reply, error) { panic("on command") }

func (panicking) Suggest(context.Context, string, string, int) ([]bot.Suggestion, error) {
	panic("on command")
}
