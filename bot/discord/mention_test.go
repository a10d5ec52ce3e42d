package discord

import (
	"fmt"
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// A command that a reply names is mentioned with the id that Discord gave it,
// so that it can be pressed; nothing else is.
func TestMentions(t *testing.T) {
	ids := commandIDs{"object": "17", "help": "18"}
	for text, want := range map[string]string{
		"Enter /object, or (/help).":    "Enter </object:17>, or (/help).",
		"/object\n/help:":               "</object:17>\n</help:18>:",
		"/objects and/object /none":     "/objects and/object /none",
		"</object:17> https://x/object": "\\</object:17\\> https\\://x/object",
	} {
		if got := render(sentence(text), ids)[0].Embeds[0].Description; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got := dctest.Plain(render(sentence(text), ids)[0].Embeds[0].Description); got != text {
			t.Errorf("%q is seen as %q", text, got)
		}
	}
}

// The ids are learned when the commands are set, and when Discord has them
// already.
func TestMentionsInHelp(t *testing.T) {
	first := newRig(t, bottest.New(t), dctest.Options{}, byHTTP(t)).run(t)
	again := newRig(t, bottest.New(t), dctest.Options{}, func(r *rig, c *Config) {
		byHTTP(t)(r, c)
		c.API = first.URL
	})
	first.calls(t, dctest.Put, 1)
	first.calls(t, dctest.PatchApp, 1) // it comes after the commands
	again.run(t)
	first.calls(t, dctest.App, 4) // each looks who it is, and how it is installed
	want := "no such command"
	for i, c := range first.a.commands() {
		if c.Name == "object" {
			want = fmt.Sprintf("</object:%d>", 1000+i)
		}
	}
	for name, r := range map[string]*rig{"set": first, "found": again} {
		c := r.ask(t, dctest.Slash("1", "help"))
		if text := fmt.Sprint(c.Message()["embeds"]); !strings.Contains(text, want) || !strings.Contains(c.Visible(), "/object") {
			t.Errorf("%s: %q is not in %s", name, want, text)
		}
	}
}
