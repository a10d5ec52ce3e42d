package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"

	"optoutbot/bot/telegram/tgtest"
)

// TestHandOver kills the replica that polls, twice: another one goes on
// where it was, and every question is answered. It prints how long that took;
// with -v it can be read.
func TestHandOver(t *testing.T) {
	server := os.Getenv("OPTOUTBOT_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("OPTOUTBOT_POSTGRES is not set: .ci/run starts a PostgreSQL")
		}
		t.Skip("OPTOUTBOT_POSTGRES is not set to the address of a PostgreSQL")
	}
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	h := &handOver{t: t, server: tgtest.New(), bin: bin, dir: t.TempDir(), store: emptySchema(t, server), kb: smallBase(t), running: map[string]*exec.Cmd{}}
	t.Cleanup(h.server.Close)
	if out, err := exec.Command(bin, "index", "build", "--kb", h.kb, "--cache", filepath.Join(h.dir, "cache")).CombinedOutput(); err != nil {
		t.Fatalf("build the index: %v: %s", err, out)
	}
	for range 3 {
		h.start()
	}
	answered := h.ask(hang)
	for range 2 {
		polls := h.running[answered.Before]
		if polls == nil {
			t.Fatalf("%q answered; running are %v", answered.Before, h.running)
		}
		if err := polls.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = polls.Wait() // killed
		delete(h.running, answered.Before)
		begin := time.Now()
		answered = h.ask(hang)
		t.Logf("answered by another replica %.1f s after the one that polled was killed", time.Since(begin).Seconds())
	}
}

// emptySchema gives the address of an empty store in a database, where no
// earlier run has left claims of updates with the same numbers.
func emptySchema(t *testing.T, server string) string {
	t.Helper()
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	schema := fmt.Sprintf("handover%d", time.Now().UnixNano())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

// handOver is replicas that poll, one at a time, and a server.
type handOver struct {
	t                   *testing.T
	server              *tgtest.Server
	bin, dir, store, kb string
	running             map[string]*exec.Cmd // by the path before their calls
	logs                []string             // their files
	asked               int
}

func (h *handOver) start() {
	h.t.Helper()
	name := fmt.Sprintf("/replica%d", len(h.running))
	cmd := exec.CommandContext(h.t.Context(), h.bin, "serve", "--kb", h.kb, "--cache", filepath.Join(h.dir, "cache"))
	cmd.Env = append(os.Environ(), "TELEGRAM_TOKEN="+tgtest.Token, "TELEGRAM_URL="+h.server.URL+name, "TELEGRAM_JOURNAL=off", "ADMIN=off",
		"STORE="+h.store, "STORE_KEY="+strings.Repeat("k", 32))
	logs, err := os.Create(filepath.Join(h.dir, name))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = logs.Close() }) // the test is over
	cmd.Stderr = logs
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.running[name] = cmd
	h.logs = append(h.logs, logs.Name())
}

// ask asks a question in a chat of its own and waits for the answer.
func (h *handOver) ask(limit time.Duration) tgtest.Call {
	h.t.Helper()
	h.asked++
	h.server.Deliver(tgtest.Private(int64(h.asked), 1, "/start messenger"))
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	got, err := h.server.Wait(ctx, "sendMessage", h.asked)
	if err != nil {
		for _, name := range h.logs {
			said, _ := os.ReadFile(name) // as much as there is
			h.t.Logf("%s said: %s", filepath.Base(name), said)
		}
		h.t.Fatal(err)
	}
	return got[h.asked-1]
}
