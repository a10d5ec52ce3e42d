package telegram

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// hang ends a test that would hang. It measures nothing.
const hang = 20 * time.Second

// rig is an adapter that runs against a server.
type rig struct {
	*tgtest.Server
	a    *Adapter
	stop func() error
	logs *logBuffer
	naps *naps
}

// naps are the pauses that the adapter asked for; it does not get them.
type naps struct {
	mu  sync.Mutex
	all []time.Duration
}

func (n *naps) sleep(ctx context.Context, d time.Duration) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, d)
	return ctx.Err()
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
func newRig(t testing.TB, b bottest.Answerer, change func(*Config)) *rig {
	t.Helper()
	s := tgtest.New()
	t.Cleanup(s.Close)
	cfg := Config{Token: tgtest.Token, URL: s.URL, Grace: hang}
	if change != nil {
		change(&cfg)
	}
	r := &rig{Server: s, logs: &logBuffer{}, naps: &naps{}}
	a, err := New(b, slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.sleep = r.naps.sleep
	r.a = a
	return r
}

// run starts the adapter; it ends with the test at the latest. Then the token
// must not be in the log, nor must a request have been wrong.
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
		if text := r.logs.String(); strings.Contains(text, tgtest.Token) || err != nil && strings.Contains(err.Error(), tgtest.Token) {
			t.Errorf("the token is in the log or the error: %s %v", text, err)
		}
		for _, err := range r.Wrong() {
			t.Error("wrong request:", err)
		}
	})
	return r
}

func start(t testing.TB, change func(*Config)) *rig {
	t.Helper()
	return newRig(t, bottest.New(t), change).run(t)
}

// calls waits for n calls of a method.
func (r *rig) calls(t testing.TB, method string, n int) []tgtest.Call {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	got, err := r.Wait(ctx, method, n)
	if err != nil {
		t.Fatalf("%v; log: %s", err, r.logs)
	}
	return got
}

// confirmed waits until every update was confirmed.
func (r *rig) confirmed(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), hang)
	defer cancel()
	if err := r.WaitConfirmed(ctx); err != nil {
		t.Fatalf("%v; log: %s", err, r.logs)
	}
}

// byWebhook makes the adapter receive by webhook.
func byWebhook(t testing.TB) func(*Config) {
	return func(c *Config) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		c.Webhook = &Webhook{URL: "http://" + l.Addr().String() + "/hook", Listener: l}
	}
}

// title is the first line of a message.
func title(c tgtest.Call) string {
	first, _, _ := strings.Cut(c.Visible(), "\n")
	return first
}
