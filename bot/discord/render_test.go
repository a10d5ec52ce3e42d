package discord

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// seen gives what people see of posts, after it was checked as Discord checks.
func seen(t testing.TB, posts []post) []dctest.Call {
	t.Helper()
	var out []dctest.Call
	for _, p := range posts {
		raw, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		c := dctest.Call{Route: dctest.Send}
		if err := json.Unmarshal(raw, &c.Body); err != nil {
			t.Fatal(err)
		}
		if err := dctest.CheckMessage(c.Body); err != nil {
			t.Errorf("%v: %.300s", err, raw)
		}
		if strings.Contains(string(raw), ":null") {
			t.Errorf("something is null in %.300s", raw)
		}
		out = append(out, c)
	}
	return out
}

// Every entry of the knowledge base is one message with one embed.
func TestEveryEntry(t *testing.T) {
	base, b := bottest.Base(t), bottest.New(t)
	for _, e := range base.Entries {
		r, ok := b.Show(e.ID, "en")
		if !ok {
			t.Fatalf("%s cannot be shown", e.ID)
		}
		posts := render(r, nil, bot.Button{Label: "Show here", Data: showPrefix + r.Again})
		if len(posts) != 1 || len(posts[0].Embeds) != 1 {
			t.Errorf("%s needs %d messages", e.ID, len(posts))
		}
		text := seen(t, posts)[0]
		if v := text.Visible(); strings.Contains(v, "«") || !strings.Contains(v, r.Short()) {
			t.Errorf("%s: got %s", e.ID, v)
		}
		buttons := text.Buttons()
		for _, l := range r.Links {
			found := false
			for _, b := range buttons {
				found = found || b.URL == l.URL && strings.HasSuffix(b.Label, "("+l.Host+")")
			}
			if !found {
				t.Errorf("%s: the link to %s is missing or does not say where it goes", e.ID, l.URL)
			}
		}
		if r.Again != "" && buttons[len(buttons)-1].Label != "Show here" {
			t.Errorf("%s: the last button is %v", e.ID, buttons[len(buttons)-1])
		}
	}
}

func TestHostileText(t *testing.T) {
	for _, text := range []string{
		"@everyone @here <@1> <@&2> <#3> <:a:4> </ask:5> <t:6> <id:guide>", "https://example.org/x discord.gg/abc http://x.y",
		"# head\n## head\n-# small\n> quote\n>>> all\n- item\n1. item\n12. item", "**b** *i* __u__ ~~s~~ ||x|| `c` ```d``` \\ [a](https://x.y)",
		"_ * ~ | ` [ ] ( ) \\", "a*b*c_d_e", bottest.MarkupText,
	} {
		c := seen(t, render(bot.Reply{Title: text, Blocks: sentence(text).Blocks}, nil))[0]
		want := strings.Join(strings.Fields(text), " ")
		if got := strings.Join(strings.Fields(c.Visible()), " "); got != want+" "+want {
			t.Errorf("got  %q\nwant %q twice", got, want)
		}
	}
	c := seen(t, render(sentence("a\u202egnp.exe\u2066\x00\x1b"), nil))[0]
	if c.Visible() != "agnp.exe" {
		t.Errorf("got %q", c.Visible())
	}
}

// Text that is to be copied stands as it is, however long.
func TestVerbatim(t *testing.T) {
	text := "Dear *Meta*,\n\n1. I object_to <@1> https://example.org\n# end"
	r := bot.Reply{Blocks: []bot.Block{{Kind: bot.Verbatim, Items: []bot.Item{{{Text: text}}}}}}
	if got := seen(t, render(r, nil))[0].Visible(); strings.TrimSpace(got) != text {
		t.Errorf("got  %q\nwant %q", got, text)
	}
	r.Blocks[0].Items[0][0].Text = strings.Repeat("A line of the letter, number something.\n", 300)
	lines := 0
	for _, c := range seen(t, render(r, nil)) {
		lines += strings.Count(c.Visible(), "A line of the letter")
	}
	if lines != 300 {
		t.Errorf("got %d lines, want 300", lines)
	}
}

// Rows, buttons, menus and their texts stay within what Discord takes.
func TestKeyboardLimits(t *testing.T) {
	long := strings.Repeat("ä", 300)
	r := sentence("x")
	for i := range 12 {
		r.Links = append(r.Links, bot.Link{URL: fmt.Sprint("https://example.org/", i), Label: long, Host: "example.org"})
	}
	r.Links = append(r.Links, bot.Link{URL: "javascript:alert(1)", Label: "x", Host: "x"}, bot.Link{URL: "https://e.org/" + long, Label: "x", Host: "e.org"})
	many := bot.Row{Label: long}
	for i := range 60 {
		many.Buttons = append(many.Buttons, bot.Button{Label: long, Data: fmt.Sprint("1e:x", i)}, bot.Button{Label: "twice", Data: "1e:x0"})
	}
	r.Rows = []bot.Row{many, {Buttons: []bot.Button{{Label: "a", Data: "1"}, {Label: "b", Data: "1"}, {Label: " ", Data: "2"}}}, {}}
	c := seen(t, render(r, nil, bot.Button{Label: "Show", Data: "show:1"}))[0]
	menus := 0
	for _, b := range c.Buttons() {
		if b.Menu != "" {
			menus++
		}
		if b.URL != "" && !strings.HasSuffix(b.Label, "… (example.org)") {
			t.Errorf("link %q", b.Label)
		}
	}
	if menus != 60 {
		t.Errorf("got %d topics, want 60", menus)
	}
}

func TestSourcesFit(t *testing.T) {
	r := sentence("x")
	r.SourcesLabel = "Sources"
	for i := range 40 {
		r.Sources = append(r.Sources, bot.Source{Name: fmt.Sprint("Publisher number ", i), URL: "https://example.org/a_(b)/" + strings.Repeat("x", 40)})
	}
	c := seen(t, render(r, nil))[0]
	if !strings.Contains(c.Visible(), "Publisher number 39") {
		t.Errorf("got %s", c.Visible())
	}
	r.Sources = r.Sources[:2]
	if v := seen(t, render(r, nil))[0].Message()["embeds"].([]any)[0].(map[string]any)["fields"]; !strings.Contains(fmt.Sprint(v), "](https://example.org/a_%28b%29/") {
		t.Errorf("got %v", v)
	}
}

// A link in the text goes only where the reply's list of links says.
func TestLinksInText(t *testing.T) {
	r := bot.Reply{
		Links:  []bot.Link{{ID: "a", URL: "https://example.org/", Label: "A", Host: "example.org"}},
		Blocks: []bot.Block{{Items: []bot.Item{{{Text: "see "}, {Text: "this", Link: "a"}, {Text: " and "}, {Text: "that", Link: "b"}}}}},
	}
	p := render(r, nil)
	if got := p[0].Embeds[0].Description; got != "see [this](https://example.org/) and that" {
		t.Errorf("got %q", got)
	}
}
