package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"optoutbot/bot/telegram/tgtest"
)

// program builds the program, once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "optoutbot-program-*")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "optoutbot")
	return bin, exec.Command("go", "build", "-o", bin, ".").Run()
})

// running is the program as a process, with a Bot API server.
type running struct {
	t      *testing.T
	server *tgtest.Server
	cmd    *exec.Cmd
	log    *logLines
	sent   int
	number int64
}

// logLines is a log in which one can wait for words.
type logLines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	close(l.wrote)
	l.wrote = make(chan struct{})
	return l.text.Write(p)
}

// wait waits until the words stand in the log n times.
func (l *logLines) wait(t *testing.T, words string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*hang)
	defer cancel()
	for {
		l.mu.Lock()
		text, wrote := l.text.String(), l.wrote
		l.mu.Unlock()
		if strings.Count(text, words) >= n {
			return
		}
		select {
		case <-wrote:
		case <-ctx.Done():
			t.Fatalf("%q is not in the log %d times:\n%s", words, n, text)
		}
	}
}

func start(t *testing.T, args ...string) *running {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, server: tgtest.New(), log: &logLines{wrote: make(chan struct{})}}
	t.Cleanup(r.server.Close)
	dir := t.TempDir()
	r.cmd = exec.CommandContext(t.Context(), bin, append([]string{"serve"}, args...)...)
	r.cmd.Stderr = r.log
	r.cmd.Env = append(os.Environ(), "TELEGRAM_TOKEN="+tgtest.Token, "TELEGRAM_URL="+r.server.URL, "ADMIN=off",
		"DATA="+filepath.Join(dir, "data"), "TELEGRAM_JOURNAL="+filepath.Join(dir, "updates"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"))
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return r
}

// ask asks a question in a chat of its own and returns what is said.
func (r *running) ask(text string) string {
	r.t.Helper()
	r.number++
	r.server.Deliver(tgtest.Private(r.number, 1, text))
	r.sent++
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*hang)
	defer cancel()
	got, err := r.server.Wait(ctx, "sendMessage", r.sent)
	if err != nil {
		r.t.Fatal(err)
	}
	return got[r.sent-1].Visible()
}

func (r *running) signal(s os.Signal) {
	r.t.Helper()
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Fatal(err)
	}
}

// Changed content is taken when it has no faults; one with faults is refused
// and the old one stays.
func TestReload(t *testing.T) {
	dir := smallBase(t)
	name := filepath.Join(dir, "entries", "messenger", "en.md")
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	change := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, "--kb", dir)
	if text := r.ask("/start messenger"); strings.Contains(text, "Changed") {
		t.Fatalf("got %q before the change", text)
	}
	change(strings.Replace(string(good), "title: ", "title: Changed. ", 1))
	r.log.wait(t, "the content was exchanged", 1)
	if text := r.ask("/start messenger"); !strings.HasPrefix(text, "Changed. ") {
		t.Errorf("after a change: got %.60q", text)
	}
	change("no front matter")
	r.log.wait(t, "is refused; the old one stays", 1)
	if text := r.ask("/start messenger"); !strings.HasPrefix(text, "Changed. ") {
		t.Errorf("after a change with a fault: got %.60q", text)
	}
	r.signal(syscall.SIGHUP)
	r.log.wait(t, "is refused; the old one stays", 2)
	change(string(good))
	r.log.wait(t, "the content was exchanged", 2)
	if text := r.ask("/start messenger"); strings.Contains(text, "Changed") {
		t.Errorf("after the way back: got %.60q", text)
	}
	r.signal(syscall.SIGTERM)
	if err := r.cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v, log %s", err, &r.log.text)
	}
}

// SIGTERM while the index is built, and twice, ends the program.
func TestTermAtOddMoments(t *testing.T) {
	r := start(t, "--kb", smallBase(t))
	r.log.wait(t, "Building the index", 1)
	r.signal(syscall.SIGTERM)
	if err := r.cmd.Wait(); err != nil || !r.log.has("stopped before it was ready") || r.log.has("canceled") {
		t.Errorf("got %v, want no error and one sentence", err)
	}
	r = start(t, "--kb", smallBase(t))
	r.ask("/help")
	r.signal(syscall.SIGTERM)
	_ = r.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = r.cmd.Wait()                          // by itself or by the second signal
}
