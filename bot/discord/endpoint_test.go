package discord

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

func httpRig(t testing.TB) *rig { return newRig(t, bottest.New(t), dctest.Options{}, byHTTP(t)).run(t) }

// do sends a request and gives status and body.
func (r *rig) do(t testing.TB, req *http.Request) (int, string) {
	t.Helper()
	status, body, err := r.at.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return status, string(body)
}

func TestPing(t *testing.T) {
	r := httpRig(t)
	status, body := r.do(t, r.at.Sign([]byte(`{"id":"1","type":1,"token":"x","application_id":"2","version":1}`), time.Now()))
	if status != 200 || body != `{"type":1}` {
		t.Errorf("got %d %s", status, body)
	}
	r.calls(t, dctest.Put, 1) // the commands are set though no gateway said who the bot is
}

// Only what Discord has signed a moment ago, and not before, is answered.
func TestForged(t *testing.T) {
	r := httpRig(t)
	ask := func(id string) []byte {
		d := dctest.Slash("1", "deadline")
		d["id"], d["token"], d["application_id"] = id, "t", dctest.AppID
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	forged := map[string]func() *http.Request{
		"other key": func() *http.Request { return r.NewEndpoint(r.at.URL).Sign(ask("1"), time.Now()) },
		"stale":     func() *http.Request { return r.at.Sign(ask("2"), time.Now().Add(-6*time.Minute)) },
		"future":    func() *http.Request { return r.at.Sign(ask("3"), time.Now().Add(6*time.Minute)) },
	}
	for name, change := range map[string]func(*http.Request){
		"no signature":     func(q *http.Request) { q.Header.Del("X-Signature-Ed25519") },
		"short signature":  func(q *http.Request) { q.Header.Set("X-Signature-Ed25519", "abcd") },
		"no hexadecimal":   func(q *http.Request) { q.Header.Set("X-Signature-Ed25519", strings.Repeat("z", 128)) },
		"no timestamp":     func(q *http.Request) { q.Header.Del("X-Signature-Timestamp") },
		"other timestamp":  func(q *http.Request) { q.Header.Set("X-Signature-Timestamp", "1") },
		"strange time":     func(q *http.Request) { q.Header.Set("X-Signature-Timestamp", "9223372036854775808") },
		"another body":     func(q *http.Request) { q.Body = http.NoBody; q.ContentLength = 0 },
		"a body as before": func(q *http.Request) { q.Body = io.NopCloser(bytes.NewReader(ask("5"))) },
	} {
		forged[name] = func() *http.Request {
			q := r.at.Sign(ask("4"), time.Now())
			change(q)
			return q
		}
	}
	for name, q := range forged {
		if status, body := r.do(t, q()); status != 401 || strings.Contains(body, "embeds") {
			t.Errorf("%s: got %d %.80s", name, status, body)
		}
	}
	good := r.at.Sign(ask("6"), time.Now())
	if status, _ := r.do(t, good); status != 200 {
		t.Errorf("a good request: got %d", status)
	}
	again := r.at.Sign(ask("6"), time.Now())
	if status, _ := r.do(t, again); status != 401 {
		t.Errorf("a replayed request: got %d", status)
	}
	if n := r.a.Counts().Forged; int(n) != len(forged)+1 {
		t.Errorf("%d were counted, want %d", n, len(forged)+1)
	}
}

func TestBadRequests(t *testing.T) {
	r := httpRig(t)
	long := r.at.Sign(bytes.Repeat([]byte("x"), maxInteraction+1), time.Now())
	if status, _ := r.do(t, long); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: got %d", status)
	}
	get, err := http.NewRequest(http.MethodGet, r.at.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := r.do(t, get); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d", status)
	}
	for _, bad := range []string{"", "x", "{}", "[]", `{"type":2}`, `{"type":"x","id":[]}`} {
		if status, _ := r.do(t, r.at.Sign([]byte(bad), time.Now())); status != http.StatusBadRequest {
			t.Errorf("%q: got %d", bad, status)
		}
	}
}

func TestConfig(t *testing.T) {
	good := Config{Token: "x"}
	for name, c := range map[string]struct {
		change func(*Config)
		word   string
	}{
		"no token":   {func(c *Config) { c.Token = "" }, "token"},
		"bad API":    {func(c *Config) { c.API = "discord.com" }, "API"},
		"bad shard":  {func(c *Config) { c.Shard, c.Shards = 2, 2 }, "shard"},
		"short key":  {func(c *Config) { c.Endpoint = &Endpoint{PublicKey: "abcd"} }, "public key"},
		"no address": {func(c *Config) { c.Endpoint = &Endpoint{PublicKey: strings.Repeat("ab", 32)} }, "listen"},
	} {
		cfg := good
		c.change(&cfg)
		if _, err := New(bottest.New(t), nil, cfg); err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for in, want := range map[string]string{
		"http://127.0.0.1:1": "http://127.0.0.1:1/api/v10", "http://127.0.0.1:1/": "http://127.0.0.1:1/api/v10",
		"http://h/api": "http://h/api/v10", "http://h/api/v9/": "http://h/api/v9", DefaultAPI: DefaultAPI,
	} {
		if got := versioned(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
