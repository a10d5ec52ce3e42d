package discord

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// FuzzInteraction feeds the decoder and everything behind it: nothing panics,
// and whatever comes, there is an answer that Discord takes.
func FuzzInteraction(f *testing.F) {
	for _, d := range []map[string]any{
		dctest.Slash("1", "ask", "question", "messenger"), dctest.Slash("1", "ask", "question", strings.Repeat("@everyone ", 600)),
		dctest.Typing("1", "ask", "question", "me"), dctest.Press("1", "1e:messenger:en", nil), dctest.Pick("1", "pick:0", "1t::en", nil),
		dctest.OnMessage("1", "Check this", map[string]any{"id": "5", "content": "x"}), dctest.Slash("1", "setup"),
		dctest.Press("1", "show:1e:messenger:", nil), dctest.Where(dctest.Slash("1", "language"), dctest.InDM, "1"),
	} {
		d["id"], d["token"] = "1", "t"
		raw, err := json.Marshal(d)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(raw))
	}
	f.Add(`{"id":"1","type":2,"token":"t","member":null,"data":{"options":[{"name":"question","value":{"x":1}}]}}`)
	f.Add(`{"id":"1","type":3,"token":"t","data":{"custom_id":7,"values":"x"}}`)
	f.Add(`{"id":"1","type":9,"token":"t","data":{"component_type":99}}`)
	a := newRig(f, remembering(f), dctest.Options{}, nil).a
	f.Fuzz(func(t *testing.T, in string) {
		i, err := decodeInteraction([]byte(in))
		if i == nil {
			return
		}
		s := a.handle(t.Context(), i, err != nil)
		raw, err := json.Marshal(s.answer)
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]any
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		if err := dctest.CheckAnswer(out); err != nil {
			t.Errorf("%v: %.500s", err, raw)
		}
		if n := a.counts.panics.Load(); n > 0 {
			t.Fatal("it panicked")
		}
	})
}

// FuzzRender feeds the renderer: what comes out keeps Discord's limits, loses no
// word, and nothing in it is alive.
func FuzzRender(f *testing.F) {
	for _, s := range []string{"", "x", bottest.MarkupText, "# a\n- b\n1. c", strings.Repeat("ab*", 3000), "\xff\u202e", "``` ` ```", "https://a.b discord.gg/x <@1>"} {
		f.Add(s, s, uint8(0))
	}
	f.Fuzz(func(t *testing.T, one, two string, style uint8) {
		r := bot.Reply{
			Title: two, SourcesLabel: two, Checked: one, Sources: []bot.Source{{Name: one, URL: "https://example.org/" + two}},
			Links: []bot.Link{{ID: "a", URL: "https://example.org/", Label: one, Host: two, Note: two}},
			Rows:  []bot.Row{{Label: two, Buttons: []bot.Button{{Label: one, Data: two}, {Label: two, Data: one}}}},
			Blocks: []bot.Block{{Kind: bot.Paragraph, Items: []bot.Item{{
				{Text: one, Bold: style&1 > 0, Italic: style&2 > 0}, {Text: two, Bold: style&4 > 0}, {Text: one, Link: "a"},
			}}}, {Kind: bot.Verbatim, Items: []bot.Item{{{Text: two}}}}},
		}
		text := ""
		for _, c := range seen(t, render(r, nil)) {
			text += c.Visible()
		}
		if !utf8.ValidString(text) {
			t.Error("it is not valid UTF-8")
		}
		for _, alive := range []string{"«@", "«<@", "«<#", "«discord.gg/"} {
			if n := strings.Count(one, "«") + strings.Count(two, "«"); n == 0 && strings.Contains(text, alive) {
				t.Errorf("%s is alive in %.300q", alive, text)
			}
		}
	})
}
