package main

import (
	"context"
	"strings"
	"testing"

	"optoutbot/bot/discord/dctest"
	"optoutbot/bot/telegram/tgtest"
)

// serve answers on Discord, by the gateway and by HTTP, beside Telegram.
func TestServeDiscord(t *testing.T) {
	cache := cacheForTests(t)
	for _, way := range []string{"gateway", "http"} {
		t.Run(way, func(t *testing.T) {
			s, tg, at := dctest.New(dctest.Options{}), tgtest.New(), freeAddress(t)
			defer s.Close()
			defer tg.Close()
			e := s.NewEndpoint("http://" + at + "/")
			pairs := map[string]string{
				"DISCORD_TOKEN": dctest.Token, "DISCORD_API": s.URL, "TELEGRAM_TOKEN": tgtest.Token, "TELEGRAM_URL": tg.URL,
				"DATA": t.TempDir(), "ADMIN": freeAddress(t), "TELEGRAM_JOURNAL": "off",
			}
			if way == "http" {
				pairs["DISCORD_PUBLIC_KEY"], pairs["DISCORD_LISTEN"] = e.Public, at
			}
			var log output
			ctx, cancel := context.WithTimeout(t.Context(), hang)
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- run(ctx, []string{"serve", "--cache", cache}, streams{nil, &log, &log}, env(pairs))
			}()
			if _, err := s.Wait(ctx, dctest.Put, 1); err != nil { // it is there
				t.Fatalf("%v; log: %s", err, &log)
			}
			answered := func(d map[string]any) string {
				if way == "http" {
					c, err := e.Interact(ctx, d)
					if err != nil {
						t.Errorf("%v; log: %s", err, &log)
					}
					return c.Visible()
				}
				before := len(s.Calls(dctest.Callback))
				s.Interact(d)
				got, err := s.Wait(ctx, dctest.Callback, before+1)
				if err != nil {
					t.Fatalf("%v; log: %s", err, &log)
				}
				return got[before].Visible()
			}
			if text := answered(dctest.Slash("1", "ask", "question", "does meta read my messenger chats?")); !strings.Contains(text, "private messages") {
				t.Errorf("got %s", text)
			}
			d := dctest.Press("1", "setup:public", nil)
			d["member"].(map[string]any)["permissions"] = dctest.ManageGuild
			if text := answered(d); !strings.Contains(text, "everybody sees") {
				t.Errorf("what was chosen is not kept: %s", text)
			}
			tg.Deliver(tgtest.Private(1, 1, "/help"))
			if _, err := tg.Wait(ctx, "sendMessage", 1); err != nil {
				t.Errorf("%v; log: %s", err, &log)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("got %v, want nil", err)
			}
			if len(s.Wrong()) > 0 || strings.Contains(log.String(), dctest.Token) {
				t.Errorf("wrong requests %v, or the token is in the log %s", s.Wrong(), &log)
			}
		})
	}
}
