package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
	"optoutbot/bot/telegram/tgtest"
)

// hang ends a test that would hang. It measures nothing.
const hang = 20 * time.Second

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

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	if err := os.WriteFile(file, []byte(tgtest.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{cache: dir, getenv: env(map[string]string{"TELEGRAM_TOKEN_FILE": file, "TELEGRAM_PER_SECOND": "5", "TELEGRAM_GROUP_ANSWERS": "0"})}
	s, err := a.readSettings()
	if err != nil {
		t.Fatal(err)
	}
	if string(s.Telegram.Token) != tgtest.Token || s.Telegram.Limits.PerSecond != 5 || s.Telegram.Limits.Answers != 0 || s.Telegram.Limits.GroupPerMinute != 20 {
		t.Errorf("got %+v", s.Telegram)
	}
	if want := filepath.Join(dir, fmt.Sprintf("telegram-%d.updates", tgtest.BotID)); s.Telegram.Journal != want {
		t.Errorf("got journal %q, want %q", s.Telegram.Journal, want)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, s); strings.Contains(text, "test-token") {
			t.Errorf("%s shows the token: %s", form, text)
		}
	}
}

func TestSettingsFaults(t *testing.T) {
	a := &app{getenv: env(map[string]string{
		"TELEGRAM_TOKEN": "1:geheim", "TELEGRAM_TOKEN_FILE": "x", "TELEGRAM_PER_SECOND": "many", "TELEGRAM_WEBHOOK_SECRET_FILE": "/no/such/file",
	})}
	_, err := a.readSettings()
	if err == nil {
		t.Fatal("got no error")
	}
	for _, want := range []string{"TELEGRAM_TOKEN and TELEGRAM_TOKEN_FILE", "TELEGRAM_PER_SECOND", "TELEGRAM_WEBHOOK_SECRET_FILE"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the token is in %v", err)
	}
}

// The conversation, by polling and by webhook.
func TestServe(t *testing.T) {
	for _, hook := range []bool{false, true} {
		t.Run(fmt.Sprintf("webhook %v", hook), func(t *testing.T) {
			s := tgtest.New()
			defer s.Close()
			pairs := map[string]string{"TELEGRAM_TOKEN": tgtest.Token, "TELEGRAM_URL": s.URL}
			if hook {
				pairs["TELEGRAM_WEBHOOK_LISTEN"] = freeAddress(t)
				pairs["TELEGRAM_WEBHOOK_URL"] = "http://" + pairs["TELEGRAM_WEBHOOK_LISTEN"] + "/telegram"
			}
			var log output
			a := &app{streams: streams{nil, &log, &log}, getenv: env(pairs), cache: filepath.Join(t.TempDir(), "new")}
			set, err := a.readSettings()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- a.serve(ctx, bottest.New(t), set) }()
			s.Deliver(tgtest.Private(1, 1, "/privacy"))
			s.Deliver(tgtest.Private(2, 1, "messenger"))
			wait, stop := context.WithTimeout(t.Context(), hang)
			defer stop()
			got, err := s.Wait(wait, "sendMessage", 2)
			if err != nil {
				t.Fatalf("%v; log: %s", err, &log)
			}
			text := got[0].Visible() + got[1].Visible()
			if !strings.Contains(text, "stand in a file") || !strings.Contains(text, "private messages") {
				t.Errorf("got %q", text)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("got %v, want nil", err)
			}
			if len(s.Wrong()) > 0 || strings.Contains(log.String(), tgtest.Token) {
				t.Errorf("wrong requests %v, or the token is in the log %s", s.Wrong(), &log)
			}
		})
	}
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
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the bad adapter", err)
	}
}

// serve answers on Discord, by the gateway and by HTTP, beside Telegram.
func TestServeDiscord(t *testing.T) {
	for _, way := range []string{"gateway", "http"} {
		t.Run(way, func(t *testing.T) {
			s, tg := dctest.New(dctest.Options{}), tgtest.New()
			defer s.Close()
			defer tg.Close()
			at := freeAddress(t)
			e := s.NewEndpoint("http://" + at + "/")
			pairs := map[string]string{"DISCORD_TOKEN": dctest.Token, "DISCORD_API": s.URL, "TELEGRAM_TOKEN": tgtest.Token, "TELEGRAM_URL": tg.URL}
			if way == "http" {
				pairs["DISCORD_PUBLIC_KEY"], pairs["DISCORD_LISTEN"] = e.Public, at
			}
			log := &output{}
			a := &app{streams: streams{nil, log, log}, cache: t.TempDir(), getenv: env(pairs)}
			set, err := a.readSettings()
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), hang)
			defer cancel()
			ended := make(chan error, 1)
			go func() { ended <- a.serve(ctx, bottest.New(t), set) }()
			if _, err := s.Wait(ctx, dctest.Put, 1); err != nil { // it is there
				t.Fatalf("%v; log: %s", err, log)
			}
			d := dctest.Slash("1", "ask", "question", "messenger")
			var c dctest.Call
			if way == "http" {
				c, err = e.Interact(ctx, d)
			} else {
				s.Interact(d)
				var got []dctest.Call
				if got, err = s.Wait(ctx, dctest.Callback, 1); err == nil {
					c = got[0]
				}
			}
			if err != nil || !strings.Contains(c.Visible(), "private messages") {
				t.Errorf("got %s, %v; log: %s", c.Visible(), err, log)
			}
			tg.Deliver(tgtest.Private(1, 1, "messenger"))
			if _, err := tg.Wait(ctx, "sendMessage", 1); err != nil {
				t.Errorf("%v; log: %s", err, log)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("got %v, want nil", err)
			}
			if len(s.Wrong()) > 0 || strings.Contains(log.String(), dctest.Token) {
				t.Errorf("wrong requests %v, or the token is in the log %s", s.Wrong(), log)
			}
		})
	}
}

func TestDiscordSettings(t *testing.T) {
	a := &app{cache: t.TempDir(), getenv: env(map[string]string{"DISCORD_TOKEN": "geheim", "SHARD_ID": "2", "SHARD_COUNT": "3", "DISCORD_MESSAGES": "on"})}
	s, err := a.readSettings()
	if err != nil {
		t.Fatal(err)
	}
	if d := s.Discord; string(d.Token) != "geheim" || d.Shard != 2 || d.Shards != 3 || !d.Messages || d.Limits.PerSecond != 45 {
		t.Errorf("got %+v", d)
	}
	if text := fmt.Sprintf("%+v %#v", s, s); strings.Contains(text, "geheim") {
		t.Errorf("the token is shown: %s", text)
	}
	a.getenv = env(map[string]string{"SHARD_ID": "1", "DISCORD_MESSAGES": "maybe", "DISCORD_CHANNEL_ANSWERS": "x"})
	_, err = a.readSettings()
	for _, want := range []string{"SHARD_COUNT", "DISCORD_MESSAGES", "DISCORD_CHANNEL_ANSWERS"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
}
