package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"optoutbot/kb"
)

// TestStart starts the program with a built index and waits until it is ready.
// It prints how long that took and what memory it has then, which is 120 MB at
// most. In CI's quick part the content is a small one; OPTOUTBOT_START says how
// often to start with the whole, the program's own and the same in a folder:
//
//	OPTOUTBOT_START=5 go test -run '^TestStart$' -v ./cmd/optoutbot
func TestStart(t *testing.T) {
	times, err := strconv.Atoi(os.Getenv("OPTOUTBOT_START"))
	if err != nil {
		lookAtStart(t, 1, "--kb", smallBase(t))
		return
	}
	t.Run("embedded", func(t *testing.T) { lookAtStart(t, times) })
	t.Run("folder", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "content")
		if err := os.CopyFS(dir, kb.Content()); err != nil {
			t.Fatal(err)
		}
		lookAtStart(t, times, "--kb", dir)
	})
}

func lookAtStart(t *testing.T, times int, content ...string) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"--cache", t.TempDir()}, content...)
	if out, err := exec.CommandContext(t.Context(), bin, append([]string{"index", "build"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("build the index: %v: %s", err, out)
	}
	var took []time.Duration
	var memory int64
	for range times {
		at := freeAddress(t)
		begin := time.Now()
		r := start(t, append([]string{"--admin", at}, args...)...)
		r.awaitReady(at)
		took = append(took, time.Since(begin))
		memory = max(memory, status(r.cmd.Process.Pid, "VmRSS:"))
		r.signal(syscall.SIGTERM)
		if err := r.cmd.Wait(); err != nil {
			t.Errorf("got %v at SIGTERM, want nil", err)
		}
	}
	t.Logf("%d starts: ready after p50 %v, longest %v; at most %.1f MB then", times, percentile(took, 50), percentile(took, 100), float64(memory)/1e6)
	if runtime.GOOS == "linux" && (memory == 0 || memory > 120e6) {
		t.Errorf("the program has %d bytes when it is ready, want at most 120 MB", memory)
	}
}

// awaitReady waits until the program says that it is ready.
func (r *running) awaitReady(at string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*hang)
	defer cancel()
	if !readyAt(ctx, at) {
		r.log.mu.Lock()
		defer r.log.mu.Unlock()
		r.t.Fatalf("the program is not ready: %s", &r.log.text)
	}
}

// readyAt asks an admin address until it says that the program is ready; false
// when ctx ends before.
func readyAt(ctx context.Context, at string) bool {
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for {
		if resp, err := http.Get("http://" + at + "/readyz"); err == nil {
			_ = resp.Body.Close() // the status is enough
			if resp.StatusCode == http.StatusOK {
				return true
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return false
		}
	}
}
