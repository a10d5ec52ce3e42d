package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optoutbot/bot/telegram/tgtest"
	"optoutbot/kb"
)

// TestExchange asks at a steady rate while the content is changed: every
// question is answered. It prints what the answers took before the change, and
// from the change until the new content is served. In CI the content is a small
// one; OPTOUTBOT_EXCHANGE says how long to look before it, with the whole:
//
//	OPTOUTBOT_EXCHANGE=20s go test -run TestExchange -v ./cmd/optoutbot
func TestExchange(t *testing.T) {
	const perSecond = 100
	dir, before := smallBase(t), 2*time.Second
	if long, err := time.ParseDuration(os.Getenv("OPTOUTBOT_EXCHANGE")); err == nil {
		dir, before = filepath.Join(t.TempDir(), "content"), long
		if err := os.CopyFS(dir, kb.Content()); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"TELEGRAM_PER_SECOND", "TELEGRAM_CHAT_PER_SECOND", "TELEGRAM_PRIVATE_ANSWERS"} {
		t.Setenv(name, "0")
	}
	r := start(t, "--kb", dir)
	r.ask("/start messenger")
	e := &exchange{running: r, asked: map[int64]time.Time{}, every: time.NewTicker(time.Second / perSecond)}
	defer e.every.Stop()
	for begin := time.Now(); time.Since(begin) < before; {
		e.next()
	}
	changed := time.Now()
	appendLine(t, filepath.Join(dir, "entries", "why", "en.txt"), "what is the reason number 1")
	for !r.log.has("the content was exchanged") && t.Context().Err() == nil {
		e.next()
	}
	end := time.Now()
	for range perSecond {
		e.next()
	}
	quiet, during := e.took(t, changed, end)
	t.Logf("%d questions at %d a second, the new content served %.1f s after the change", len(e.asked), perSecond, end.Sub(changed).Seconds())
	t.Logf("before it p50 %v, p99 %v; from the change to the exchange p50 %v, p99 %v",
		percentile(quiet, 50), percentile(quiet, 99), percentile(during, 50), percentile(during, 99))
}

// exchange asks the program while its content is exchanged.
type exchange struct {
	*running
	asked map[int64]time.Time // by chat
	every *time.Ticker
}

// next waits for its time and asks a question in a chat of its own.
func (e *exchange) next() {
	<-e.every.C
	chat := int64(1_000_000 + len(e.asked))
	e.asked[chat] = time.Now()
	e.server.Deliver(tgtest.Private(chat, 1, loadQuestions[len(e.asked)%len(loadQuestions)]))
	e.sent++
}

// took gives how long the answers took to the questions before the change, and
// to those from then to the end. It waits for all.
func (e *exchange) took(t *testing.T, changed, end time.Time) (quiet, during []time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	calls, err := e.server.Wait(ctx, "sendMessage", e.sent)
	if err != nil {
		t.Fatalf("not every question was answered: %v", err)
	}
	for _, c := range calls {
		switch asked := e.asked[c.Int("chat_id")]; {
		case asked.IsZero() || !asked.Before(end):
		case asked.Before(changed):
			quiet = append(quiet, c.At.Sub(asked))
		default:
			during = append(during, c.At.Sub(asked))
		}
	}
	return quiet, during
}

func appendLine(t *testing.T, name, line string) {
	t.Helper()
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, line)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// has reports whether the words stand in the log.
func (l *logLines) has(words string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.text.String(), words)
}
