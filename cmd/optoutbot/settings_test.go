package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"optoutbot/bot/telegram/tgtest"
)

// settingsOf reads settings from flags, an environment and a file.
func settingsOf(t *testing.T, args []string, pairs map[string]string, file string) (settings, map[string]value, error) {
	t.Helper()
	a := &app{cache: t.TempDir(), getenv: env(pairs)}
	cmd := &cobra.Command{}
	a.addOptions(cmd.Flags())
	if file != "" {
		args = append(args, "--config", write(t, file))
	}
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return a.readSettings(cmd.Flags())
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSettings(t *testing.T) {
	token := write(t, tgtest.Token+"\n")
	s, values, err := settingsOf(t,
		[]string{"--telegram-per-second", "5"},
		map[string]string{"TELEGRAM_TOKEN_FILE": token, "TELEGRAM_PER_SECOND": "6", "TELEGRAM_GROUP_ANSWERS": "0", "DATA": "off"},
		"telegram_per_second: 7\ntelegram_group_answers: 9\nlog_level: debug\nadmin:\n")
	if err != nil {
		t.Fatal(err)
	}
	l := s.Telegram.Limits
	if string(s.Telegram.Token) != tgtest.Token || l.PerSecond != 5 || l.Answers != 0 || l.GroupPerMinute != 20 || s.Data != "" || s.Admin != "127.0.0.1:9090" {
		t.Errorf("got %+v", s)
	}
	for name, from := range map[string]string{"telegram-per-second": "flag", "telegram-group-answers": "environment", "log-level": "file", "admin": "default"} {
		if values[name].from != from {
			t.Errorf("%s is from the %s, want %s", name, values[name].from, from)
		}
	}
	if want := fmt.Sprintf("telegram-%d.updates", tgtest.BotID); filepath.Base(s.Telegram.Journal) != want {
		t.Errorf("got journal %q, want %q", s.Telegram.Journal, want)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s, _, err := settingsOf(t, nil, map[string]string{
		"TELEGRAM_TOKEN": "1:geheim", "STORE": "postgres://u:geheim@db/x", "STORE_KEY": strings.Repeat("geheim", 6),
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(form, s); strings.Contains(text, "geheim") {
			t.Errorf("%s shows a secret: %s", form, text)
		}
	}
	var out output
	pairs := map[string]string{"TELEGRAM_TOKEN": "1:geheim", "STORE": "postgres://u:geheim@db/x", "STORE_KEY": strings.Repeat("geheim", 6)}
	if err := run(t.Context(), []string{"config"}, streams{nil, &out, &out}, env(pairs)); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Contains(text, "geheim") || !strings.Contains(text, "***") || !strings.Contains(text, "postgres://u:xxx@db/x") {
		t.Errorf("config prints\n%s", text)
	}
}

// Every fault is named, all at once, and none shows a secret.
func TestSettingsFaults(t *testing.T) {
	empty := write(t, "\n")
	for _, c := range []struct {
		name  string
		args  []string
		pairs map[string]string
		file  string
		want  []string
	}{
		{"environment", nil, map[string]string{
			"TELEGRAM_TOKEN": "1:geheim", "TELEGRAM_TOKEN_FILE": "x", "TELEGRAM_PER_SECOND": "many", "STORE_KEY_FILE": "/no/such/file",
			"TELEGRAM_WEBHOOK_SECRET_FILE": empty, "TELEGRAM_URL": "nowhere.example", "ADMIN": "9090", "KEEP_UNANSWERED": "forever", "LOG_LEVEL": "loud", "LOG_FORMAT": "xml",
			"STORE": "mysql://geheim", "TELEGRAM_WEBHOOK_LISTEN": "nowhere",
		}, "", []string{
			"TELEGRAM_TOKEN and TELEGRAM_TOKEN_FILE are both set; set one", `TELEGRAM_PER_SECOND (from the environment): "many" will not do; it is a number`,
			"STORE_KEY_FILE: open", "is empty; write the secret into it", "TELEGRAM_URL", "HOST:PORT", "such as 30d", "debug, info, warn or error", "text, json or auto", "it is postgres://",
		}},
		{"file", nil, nil, "telegram_token: 1:geheim\ntelegram_per_secnd: 5\ndata: [a, b]\nadmin: off\nadmin: off\n", []string{
			`:1: telegram_token is a secret and may not stand here; name the file that holds it: telegram_token_file`,
			`:2: there is no setting "telegram_per_secnd"`, ":3: data has one value", ":5: admin stands twice",
		}},
		{"no YAML", nil, nil, "a: b: c", []string{"yaml"}},
		{"a list", nil, nil, "- a\n", []string{"settings stand one a line"}},
		{"no file", []string{"--config", "/no/such/file"}, nil, "", []string{"the file of settings"}},
		{"together", []string{"--store", "postgres://u:geheim@db/x", "--keep-unanswered", "2h"}, nil, "", []string{"set it in the environment", "STORE_KEY: a PostgreSQL store needs a secret"}},
		{"swapped tokens", nil, map[string]string{"TELEGRAM_TOKEN": "geheim.x.y", "DISCORD_TOKEN": "1:geheim"}, "", []string{
			"DISCORD_TOKEN: that has the form of a Telegram token", "TELEGRAM_TOKEN: it has the form NUMBER:LETTERS"}},
		{"nowhere to keep", []string{"--data", "off", "--keep-unanswered", "30d"}, nil, "", []string{"KEEP_UNANSWERED: nothing can be kept"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := settingsOf(t, c.args, c.pairs, c.file)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "geheim") && c.name != "file" {
				t.Errorf("a secret is in\n%v", err)
			}
		})
	}
}

func TestKeep(t *testing.T) {
	for text, want := range map[string]time.Duration{"off": 0, "30d": 30 * 24 * time.Hour, "12h": 12 * time.Hour} {
		var s settings
		if err := setKeep(&s, text); err != nil || s.Keep != want {
			t.Errorf("%s: got %v, %v, want %v", text, s.Keep, err, want)
		}
	}
	for _, text := range []string{"", "0d", "-1d", "366d", "1m", "d", "9999999999999999999d", "9000h"} {
		var s settings
		if err := setKeep(&s, text); err == nil {
			t.Errorf("%q is taken as %v", text, s.Keep)
		}
	}
}
