package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"optoutbot/bot/discord/dctest"
	"optoutbot/bot/telegram/tgtest"
)

// examine runs doctor against a Bot API server.
func examine(t *testing.T, s *tgtest.Server, extra map[string]string, args ...string) (string, error) {
	t.Helper()
	pairs := map[string]string{"TELEGRAM_TOKEN": tgtest.Token, "TELEGRAM_URL": s.URL, "DATA": t.TempDir(), "ADMIN": "off"}
	for k, v := range extra {
		pairs[k] = v
	}
	var out output
	err := run(t.Context(), append([]string{"doctor", "--cache", cacheForTests(t)}, args...), streams{nil, &out, &out}, env(pairs))
	if strings.Contains(out.String(), tgtest.Token) {
		t.Errorf("the token stands in\n%s", &out)
	}
	return strings.Join(strings.Fields(out.String()), " "), err
}

func TestDoctor(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }() // nothing was received
	bad := t.TempDir()
	if err := os.WriteFile(filepath.Join(bad, "links.yaml"), []byte("- id: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		me    map[string]any
		hook  string
		pairs map[string]string
		args  []string
		fault bool
		want  []string
	}{
		{"in order", nil, "", nil, nil, false, []string{
			"ok content", "ok index it is built", "ok store SQLite", "ok telegram token it is that of @" + tgtest.Username, "ok telegram inline mode on",
			"ok telegram privacy mode on", "ok telegram webhook none is set", "note telegram commands", "ok telegram clock"}},
		{"modes", map[string]any{"id": 1, "is_bot": true, "first_name": "x", "username": "x", "can_read_all_group_messages": true}, "", nil, nil, false, []string{
			"note telegram inline mode off: send /setinline to @BotFather", "note telegram privacy mode off", "/setprivacy", "/setjoingroups"}},
		{"webhook", nil, "Connection refused", map[string]string{"TELEGRAM_WEBHOOK_URL": "https://bot.example.org/telegram"}, nil, true, []string{
			"note telegram webhook another or none is set", `fault telegram webhook errors the last one`, "Connection refused"}},
		{"no token", nil, "", map[string]string{"TELEGRAM_TOKEN": ""}, nil, true, []string{"fault tokens there is none"}},
		{"wrong token", nil, "", map[string]string{"TELEGRAM_TOKEN": "1:wrong"}, nil, true, []string{"fault telegram token", "copy it anew from @BotFather"}},
		{"no server", nil, "", map[string]string{"TELEGRAM_URL": "http://127.0.0.1:1"}, nil, true, []string{"fault telegram token the server cannot be asked", "TELEGRAM_URL"}},
		{"port in use", nil, "", map[string]string{"ADMIN": busy.Addr().String()}, nil, false, []string{"note address ADMIN:", "fine if serve is running"}},
		{"nothing kept", nil, "", map[string]string{"DATA": "off"}, nil, false, []string{"note store nothing is kept"}},
		{"no database", nil, "", map[string]string{"STORE": "postgres://u:geheim@127.0.0.1:1/x", "STORE_KEY": strings.Repeat("k", 32)}, nil, true, []string{"fault store reach the PostgreSQL store"}},
		{"content with faults", nil, "", nil, []string{"--kb", bad}, true, []string{"fault content it has", "optoutbot kb check"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tgtest.New()
			defer s.Close()
			s.Me, s.HookError = c.me, c.hook
			text, err := examine(t, s, c.pairs, c.args...)
			if (err != nil) != c.fault {
				t.Errorf("got error %v, want one: %v", err, c.fault)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, "geheim") {
				t.Errorf("the password stands in\n%s", text)
			}
		})
	}
}

func TestDoctorOfDiscord(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, c := range []struct {
		name  string
		pairs map[string]string
		fault bool
		want  []string
	}{
		{"before the first start", nil, false, []string{"ok discord token it is that of Test", "note discord install contexts", "ok discord interactions they come by the gateway", "note discord commands"}},
		{"refused token", nil, true, []string{"fault discord token Discord does not know it"}},
		{"no address", map[string]string{"DISCORD_PUBLIC_KEY": key, "DISCORD_LISTEN": "127.0.0.1:0"}, true, []string{"fault discord interactions they are awaited by HTTP"}},
		{"no server", map[string]string{"DISCORD_API": "http://127.0.0.1:1"}, true, []string{"fault discord token the server cannot be asked", "DISCORD_API"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := dctest.New(dctest.Options{})
			defer s.Close()
			if c.name == "refused token" {
				s.Order(dctest.Fault{Kind: dctest.Unauthorized})
			}
			pairs := map[string]string{"DISCORD_TOKEN": dctest.Token, "DISCORD_API": s.URL, "DATA": t.TempDir(), "ADMIN": "off"}
			for k, v := range c.pairs {
				pairs[k] = v
			}
			var out output
			err := run(t.Context(), []string{"doctor", "--cache", cacheForTests(t)}, streams{nil, &out, &out}, env(pairs))
			text := strings.Join(strings.Fields(out.String()), " ")
			if (err != nil) != c.fault {
				t.Errorf("got error %v, want one: %v", err, c.fault)
			}
			for _, want := range c.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			if strings.Contains(text, dctest.Token) || len(s.Wrong()) > 0 {
				t.Errorf("the token stands in it, or requests are wrong: %v\n%s", s.Wrong(), text)
			}
		})
	}
}
