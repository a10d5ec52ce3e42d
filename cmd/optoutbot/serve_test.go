package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/store"
	"optoutbot/bot/telegram/tgtest"
)

// hang ends a test that would hang. It measures nothing.
const hang = time.Minute

// env makes a getenv of pairs.
func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

// output may be written by one goroutine and read by another.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestServeWithoutToken(t *testing.T) {
	err := run(t.Context(), []string{"serve"}, streams{nil, &output{}, &output{}}, env(nil))
	if err == nil || !strings.Contains(err.Error(), "TELEGRAM_TOKEN") || !strings.Contains(err.Error(), "optoutbot chat") {
		t.Errorf("got %v, want what is missing and the chat", err)
	}
}

// The conversation, by polling and by webhook.
func TestServe(t *testing.T) {
	cache := cacheForTests(t)
	for _, hook := range []bool{false, true} {
		t.Run(fmt.Sprintf("webhook %v", hook), func(t *testing.T) {
			s := tgtest.New()
			defer s.Close()
			at, webhook := freeAddress(t), freeAddress(t)
			pairs := map[string]string{"TELEGRAM_TOKEN": tgtest.Token, "TELEGRAM_URL": s.URL, "DATA": t.TempDir(), "ADMIN": at, "TELEGRAM_JOURNAL": filepath.Join(t.TempDir(), "new", "updates")}
			if hook {
				pairs["TELEGRAM_WEBHOOK_LISTEN"] = webhook
				pairs["TELEGRAM_WEBHOOK_URL"] = "http://" + pairs["TELEGRAM_WEBHOOK_LISTEN"] + "/telegram"
			}
			var log output
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"serve", "--cache", cache}, streams{nil, &log, &log}, env(pairs))
			}()
			s.Deliver(tgtest.Private(1, 1, "/privacy"))
			s.Deliver(tgtest.Private(2, 1, "does meta read my messenger chats?"))
			wait, stop := context.WithTimeout(t.Context(), hang)
			defer stop()
			got, err := s.Wait(wait, "sendMessage", 2)
			if err != nil {
				t.Fatalf("%v; log: %s", err, &log)
			}
			text := got[0].Visible() + got[1].Visible()
			for _, want := range []string{"How often each topic", "/forget", "running numbers", "private messages"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in %q", want, text)
				}
			}
			lookAtAdmin(t, at)
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("got %v, want nil", err)
			}
			if len(s.Wrong()) > 0 || strings.Contains(log.String(), tgtest.Token) || strings.Contains(log.String(), "messenger chats") {
				t.Errorf("wrong requests %v, or the token or a question is in the log %s", s.Wrong(), &log)
			}
			checkStats(t, pairs["DATA"])
		})
	}
}

// lookAtAdmin looks at what the operator is told.
func lookAtAdmin(t *testing.T, at string) {
	t.Helper()
	for path, want := range map[string]string{
		"/healthz": "ok",
		"/readyz":  "index: ok\nstore: ok\ntelegram: ok",
		"/metrics": `optoutbot_questions_total{entry="messenger",language="en",outcome="answer",platform="telegram"} 1`,
	} {
		r, err := http.Get("http://" + at + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close() // read to the end
		if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: status %d, %v, want %q in\n%s", path, r.StatusCode, err, want, body)
		}
	}
}

// checkStats looks at what was counted.
func checkStats(t *testing.T, data string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{Where: data})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }() // nothing was written
	rows, err := s.Stats(t.Context(), time.Now().AddDate(0, 0, -1))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Entry == "messenger" && r.What == bot.Answered && r.N == 1 {
			return
		}
	}
	t.Errorf("the answer was not counted: %v", rows)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }() // only its address is wanted
	return l.Addr().String()
}

// part is an adapter that ends as it is told.
type part func(context.Context) error

func (p part) Run(ctx context.Context) error { return p(ctx) }
func (part) Ready() error                    { return nil }
func (part) LogCounts() slog.LogValuer       { return nil }
func (part) InHand() int                     { return 0 }
func (part) Share(int)                       {}

// One adapter that cannot go on does not end the others.
func TestRunAll(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan struct{})
	broken := errors.New("broken")
	err := runAll(ctx, slog.New(slog.DiscardHandler), map[string]adapter{
		"bad": part(func(context.Context) error { close(failed); return broken }),
		"good": part(func(ctx context.Context) error {
			<-failed
			if ctx.Err() != nil {
				t.Error("the good adapter is ended with the bad one")
			}
			cancel()
			return nil
		}),
	}, []service{{"beside", func(ctx context.Context) error { <-ctx.Done(); return nil }}})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the bad adapter", err)
	}
}
