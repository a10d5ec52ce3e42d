package main

import (
	"bufio"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"optoutbot/bot/discord/dctest"
	"optoutbot/bot/telegram/tgtest"
	"optoutbot/kb"
)

// site is the bot as a large operator runs it: two replicas behind an nginx,
// with a PostgreSQL.
type site struct {
	t        *testing.T
	dir      string
	bin      string
	content  string
	telegram *tgtest.Server
	discord  *dctest.Server
	endpoint *dctest.Endpoint
	front    string // nginx's address
	pg       string // PostgreSQL's port
	nginx    *exec.Cmd
	replicas []*replica

	mu         sync.Mutex
	dead       map[string]bool // lives that were killed
	most       int64           // bytes of memory
	gone, back time.Time       // of the store
}

// replica is a process of the program, started again after each kill.
type replica struct {
	mu                        sync.Mutex
	number, lives             int
	telegram, discord, listen string
	cmd                       *exec.Cmd
}

func (r *replica) life() string { return fmt.Sprintf("/replica%dlife%d", r.number, r.lives) }

func mustEmbedded() *kb.Base {
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		panic(faults)
	}
	return base
}

// newSite starts everything. It needs nginx and PostgreSQL: CI has them.
func newSite(t *testing.T) *site {
	t.Helper()
	_, err := exec.LookPath("nginx")
	servers, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb") // the pattern is right
	if err != nil || len(servers) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("nginx or PostgreSQL is missing: .ci/run installs both")
		}
		t.Skip("nginx or PostgreSQL is missing; apt-get install nginx-light postgresql")
	}
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, dir: t.TempDir(), bin: bin, telegram: tgtest.New(), discord: dctest.New(dctest.Options{}), dead: map[string]bool{}}
	t.Cleanup(s.telegram.Close)
	t.Cleanup(s.discord.Close)
	s.telegram.Lenient = true
	s.content = s.copyContent()
	// As an operator does: with a built index a replica starts at once and uses
	// only what serving needs.
	if out, err := exec.Command(bin, "index", "build", "--kb", s.content, "--cache", filepath.Join(s.dir, "cache")).CombinedOutput(); err != nil {
		t.Fatalf("build the index: %v: %s", err, out)
	}
	_, s.pg, _ = strings.Cut(freeAddress(t), ":")
	s.postgres("start")
	t.Cleanup(func() { s.postgres("stop") })
	s.front = freeAddress(t)
	s.endpoint = s.discord.NewEndpoint("http://" + s.front + "/discord")
	s.discord.OnCall = func(dctest.Call) {}
	for i := range 2 {
		r := &replica{number: i, telegram: freeAddress(t), discord: freeAddress(t), listen: freeAddress(t)}
		s.replicas = append(s.replicas, r)
	}
	s.startNginx()
	for _, r := range s.replicas {
		s.start(r)
		s.awaitReady(r)
	}
	return s
}

// copyContent copies the content into a folder that can be changed: all of it
// for a large run, less for a small one.
func (s *site) copyContent() string {
	if os.Getenv("OPTOUTBOT_LOAD") == "" && os.Getenv("OPTOUTBOT_SOAK") == "" {
		return smallBase(s.t)
	}
	dir := filepath.Join(s.dir, "content")
	if err := os.CopyFS(dir, kb.Content()); err != nil {
		s.t.Fatal(err)
	}
	_ = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, _ error) error { return os.Chmod(name, 0o755) })
	return dir
}

// postgres starts or stops the database; its data stays.
func (s *site) postgres(what string) {
	args := []string{"../../.ci/postgres", filepath.Join(s.dir, "pg"), s.pg}
	if what == "stop" {
		args[2] = "stop"
	}
	// Its user must reach its folder.
	for d := s.dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755) // not ours, and open already
	}
	if out, err := exec.Command("bash", args...).CombinedOutput(); err != nil {
		s.t.Errorf("PostgreSQL %s: %v: %s", what, err, out)
	}
}

const nginxConf = `daemon off;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log %[1]s/nginx.log;
events { worker_connections 4096; }
http {
	access_log off;
	client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;
	proxy_http_version 1.1;
	proxy_set_header Connection "";
	proxy_connect_timeout 2s;
	upstream telegram { server %[2]s max_fails=0; server %[3]s max_fails=0; keepalive 64; }
	upstream discord { server %[4]s max_fails=0; server %[5]s max_fails=0; keepalive 64; }
	server {
		listen %[6]s;
		location /telegram { proxy_pass http://telegram; }
		location /discord { proxy_pass http://discord; }
	}
}
`

func (s *site) startNginx() {
	conf := filepath.Join(s.dir, "nginx.conf")
	text := fmt.Sprintf(nginxConf, s.dir, s.replicas[0].telegram, s.replicas[1].telegram, s.replicas[0].discord, s.replicas[1].discord, s.front)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.nginx = exec.CommandContext(s.t.Context(), "nginx", "-p", s.dir, "-c", conf)
	s.nginx.Stderr = os.Stderr
	if err := s.nginx.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = s.nginx.Wait() }) // killed at the end of the test's context
}

// start starts a replica. Who has it holds its lock, or is alone with it.
func (s *site) start(r *replica) {
	log, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("replica%d.log", r.number)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = log.Close() }() // the program has it
	r.cmd = exec.CommandContext(s.t.Context(), s.bin, "serve", "--kb", s.content, "--cache", filepath.Join(s.dir, "cache"))
	r.cmd.Stderr = log
	r.cmd.Env = append(os.Environ(),
		"TELEGRAM_TOKEN="+tgtest.Token, "TELEGRAM_URL="+s.telegram.URL+r.life(), "TELEGRAM_JOURNAL=off",
		"TELEGRAM_WEBHOOK_URL=http://"+s.front+"/telegram", "TELEGRAM_WEBHOOK_LISTEN="+r.telegram, "TELEGRAM_WEBHOOK_SECRET=the-same-for-all",
		"TELEGRAM_PER_SECOND=0", "TELEGRAM_CHAT_PER_SECOND=0", "TELEGRAM_PRIVATE_ANSWERS=0",
		"DISCORD_TOKEN="+dctest.Token, "DISCORD_API="+s.discord.URL, "DISCORD_PUBLIC_KEY="+s.endpoint.Public, "DISCORD_LISTEN="+r.discord,
		"STORE=postgres://optoutbot@127.0.0.1:"+s.pg+"/postgres?sslmode=disable", "STORE_KEY="+strings.Repeat("k", 32), "ADMIN="+r.listen)
	if err := r.cmd.Start(); err != nil {
		s.t.Error(err)
	}
}

// awaitReady waits until a replica says that it is ready.
func (s *site) awaitReady(r *replica) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 3*time.Minute)
	defer cancel()
	if !readyAt(ctx, r.listen) {
		text, _ := os.ReadFile(filepath.Join(s.dir, fmt.Sprintf("replica%d.log", r.number)))
		s.t.Fatalf("replica %d is not ready: %s", r.number, text)
	}
}

// stop ends the replicas as an operator does, and looks at how they end.
func (s *site) stop() {
	for _, r := range s.replicas {
		r.mu.Lock()
		s.measure(r)
		if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			s.t.Error(err)
		}
		if err := r.cmd.Wait(); err != nil {
			s.t.Errorf("replica %d: %v", r.number, err)
		}
		r.mu.Unlock()
	}
}

func (s *site) wasKilled(life string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dead[life]
}

func (s *site) kills() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.dead)
}

// taken counts the contents that the replicas have taken, by their logs.
func (s *site) taken() int {
	n := 0
	for _, r := range s.replicas {
		text, _ := os.ReadFile(filepath.Join(s.dir, fmt.Sprintf("replica%d.log", r.number))) // no log, none taken
		n += strings.Count(string(text), "the content was exchanged")
	}
	return n
}

// measure notes how much memory a replica has used at most.
func (s *site) measure(r *replica) {
	n := status(r.cmd.Process.Pid, "VmHWM:")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.most = max(s.most, n)
}

func (s *site) memory() int64 {
	for _, r := range s.replicas {
		s.measure(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// status reads a size of a process in bytes: proc(5), /proc/PID/status.
func status(pid int, name string) int64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if v, ok := strings.CutPrefix(lines.Text(), name); ok {
			n, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// look sums what the replicas use at present.
func (s *site) look() sample {
	var out sample
	for _, r := range s.replicas {
		out.memory += status(r.cmd.Process.Pid, "VmRSS:")
		files, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", r.cmd.Process.Pid))
		out.files += int64(len(files))
		out.goroutines += s.metric(r, "go_goroutines ")
	}
	return out
}

func (s *site) metric(r *replica, name string) int64 {
	n, err := strconv.ParseFloat(s.metricLine(r, name), 64)
	if err != nil {
		s.t.Errorf("metric %s: %v", name, err)
	}
	return int64(n)
}

// served says which content a replica serves, by its metrics.
func (s *site) served(r *replica) string { return s.metricLine(r, "optoutbot_content_info") }

// metricLine is what stands behind a metric's name, nothing if it is not there.
func (s *site) metricLine(r *replica, name string) string {
	resp, err := http.Get("http://" + r.listen + "/metrics")
	if err != nil {
		return ""
	}
	defer func() { _ = resp.Body.Close() }() // it was only read
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if v, ok := strings.CutPrefix(lines.Text(), name); ok {
			return v
		}
	}
	return ""
}
