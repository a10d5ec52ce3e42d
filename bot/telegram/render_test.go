package telegram

import (
	"strings"
	"testing"
	"unicode"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

func item(spans ...bot.Span) []bot.Item { return []bot.Item{spans} }

func TestRender(t *testing.T) {
	link := bot.Link{ID: "form", URL: "https://example.org/?a=1&b=2", Label: "The form", Host: "example.org", Note: "Log in first."}
	for _, c := range []struct {
		name string
		in   bot.Reply
		want string
	}{
		{"plain", bot.Reply{Blocks: []bot.Block{{Items: item(bot.Span{Text: "a < b & c > d"})}}}, "a &lt; b &amp; c &gt; d"},
		{"title", bot.Reply{Title: "T", Blocks: []bot.Block{{Items: item(bot.Span{Text: "x"})}}}, "<b>T</b>\n\nx"},
		{"setting", bot.Reply{Blocks: []bot.Block{{Items: item(bot.Span{Text: "a", Bold: true}, bot.Span{Text: "b", Italic: true, Bold: true}, bot.Span{Text: "c"})}}},
			"<b>a</b><b><i>b</i></b>c"},
		{"bullets", bot.Reply{Blocks: []bot.Block{{Kind: bot.Bullets, Items: []bot.Item{{{Text: "a"}}, {{Text: "b"}}}}}}, "• a\n• b"},
		{"numbers", bot.Reply{Blocks: []bot.Block{{Kind: bot.Numbers, Items: []bot.Item{{{Text: "a"}}, {{Text: "b"}}}}}}, "1. a\n2. b"},
		{"link of the reply", bot.Reply{Links: []bot.Link{link}, Blocks: []bot.Block{{Items: item(bot.Span{Text: "here", Link: "form"})}}},
			"<a href=\"https://example.org/?a=1&amp;b=2\">here</a>\n\n<i>The form: Log in first.</i>"},
		{"link that the reply has not", bot.Reply{Blocks: []bot.Block{{Items: item(bot.Span{Text: "here", Link: "other"})}}}, "here"},
		{"sources", bot.Reply{SourcesLabel: "Sources", Sources: []bot.Source{{Name: "A & B", URL: "https://a.example/"}, {Name: "C"}, {Name: "D", URL: "javascript:alert(1)"}}, Checked: "Checked today."},
			"<i>Sources: </i><i><a href=\"https://a.example/\">A &amp; B</a></i><i> · </i><i>C</i><i> · </i><i>D</i><i>.</i>\n<i>Checked today.</i>"},
		{"words above the buttons", bot.Reply{Outcome: bot.None, Rows: []bot.Row{{Label: "Nearest:"}}}, "Nearest:"},
		{"none above an answer's", bot.Reply{Outcome: bot.Answer, Title: "T", Rows: []bot.Row{{Label: "Related:"}}}, "<b>T</b>"},
		{"verbatim", bot.Reply{Blocks: []bot.Block{{Kind: bot.Verbatim, Items: item(bot.Span{Text: "Dear <Meta>,\n  I object & more."})}}},
			"<pre>Dear &lt;Meta&gt;,\n  I object &amp; more.</pre>"},
		{"control characters", bot.Reply{Blocks: []bot.Block{{Items: item(bot.Span{Text: "a\x00\tb\r\xff"})}}}, "a b\uFFFD"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := render(c.in, "Copy")
			if len(m.parts) != 1 || m.parts[0].html != c.want {
				t.Errorf("got %q, want %q", m.parts, c.want)
			}
		})
	}
}

func TestRenderNothing(t *testing.T) {
	if m := render(bot.Reply{Blocks: []bot.Block{{Items: item(bot.Span{Text: " \n"})}}}, "Copy"); len(m.parts) != 0 {
		t.Errorf("got %q, want no message", m.parts)
	}
}

func TestKeyboard(t *testing.T) {
	r := bot.Reply{
		Links: []bot.Link{{URL: "https://a.example/x", Label: "Form", Host: "a.example"}, {URL: "ftp://b.example", Label: "No", Host: "b.example"}},
		Rows: []bot.Row{
			{Buttons: []bot.Button{{Label: "A question that is long", Data: "1"}, {Label: "Short", Data: "2"}}},
			{Buttons: []bot.Button{{Label: "Yes", Data: "3"}, {Label: "No", Data: "4"}, {Label: "Or", Data: "5"}, {Label: "Else", Data: "6"}}},
			{Buttons: []bot.Button{{Label: "Too much data", Data: strings.Repeat("x", 65)}, {Label: "", Data: "7"}}},
		},
	}
	want := []string{"Form (a.example)", "A question that is long", "Short", "Yes|No|Or", "Else"}
	var got []string
	for _, row := range keyboard(r, "Copy").Rows {
		var labels []string
		for _, b := range row {
			labels = append(labels, b.Text)
		}
		got = append(got, strings.Join(labels, "|"))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", got, want)
	}
	if keyboard(bot.Reply{}, "Copy") != nil {
		t.Error("a reply without buttons has a keyboard")
	}
}

// A text to copy has a button that copies it, if it is short enough for one; a
// longer one can be tapped.
func TestCopyButtons(t *testing.T) {
	verbatim := func(text string) bot.Block {
		return bot.Block{Kind: bot.Verbatim, Items: item(bot.Span{Text: text})}
	}
	for _, c := range []struct {
		name   string
		blocks []bot.Block
		want   []string // label and text of each
	}{
		{"none", []bot.Block{{Items: item(bot.Span{Text: "x"})}}, nil},
		{"one", []bot.Block{verbatim("a\nb")}, []string{"Copy", "a\nb"}},
		{"two", []bot.Block{verbatim("a"), verbatim("b")}, []string{"Copy 1", "a", "Copy 2", "b"}},
		{"as long as can be", []bot.Block{verbatim(strings.Repeat("x", 256))}, []string{"Copy", strings.Repeat("x", 256)}},
		{"too long", []bot.Block{verbatim(strings.Repeat("\U0001F600", 129))}, nil},
		{"blank", []bot.Block{verbatim(" \n")}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			if k := keyboard(bot.Reply{Blocks: c.blocks}, "Copy"); k != nil {
				for _, b := range k.Rows[0] {
					got = append(got, b.Text, b.Copy.Text)
				}
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// A long text to copy comes in several messages, each with its part set as one.
func TestVerbatimSplit(t *testing.T) {
	text := strings.TrimSpace(strings.Repeat("I object to <this> & that.\n", 300))
	var got []string
	for _, p := range render(bot.Reply{Blocks: []bot.Block{{Kind: bot.Verbatim, Items: item(bot.Span{Text: text})}}}, "").parts {
		if !strings.HasPrefix(p.html, "<pre>") || !strings.HasSuffix(p.html, "</pre>") {
			t.Errorf("got %.30q…, want it in <pre>", p.html)
		}
		got = append(got, p.plain)
	}
	if len(got) != 2 || strings.Join(got, "\n") != text {
		t.Errorf("got %d messages, not two that give the text", len(got))
	}
}

// Every answer of the knowledge base fits one message with its HTML in order.
func TestRenderKnowledgeBase(t *testing.T) {
	b := bottest.New(t)
	for _, e := range bottest.Base(t).Entries {
		r, _ := b.Show(e.ID, "en")
		m := render(r, "Copy")
		if len(m.parts) != 1 {
			t.Errorf("%s: got %d messages, want one", e.ID, len(m.parts))
		}
		for _, p := range m.parts {
			if text, err := tgtest.ParseHTML(p.html); err != nil || text != p.plain {
				t.Errorf("%s: %v, or other text than without setting: %q", e.ID, err, text)
			}
		}
	}
}

// words is a text without its white space, which may be lost where a message
// is split.
func words(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

func FuzzRender(f *testing.F) {
	f.Add("T", "a <b> & c", "d", uint8(1), uint16(1))
	f.Add("", strings.Repeat("\U0001F9D1", 10), "x. y", uint8(2), uint16(900))
	f.Add("\x00", "\xff\n", " ", uint8(0), uint16(3000))
	f.Fuzz(func(t *testing.T, title, one, two string, kind uint8, times uint16) {
		times %= 5000
		if len(one)*int(times) > 1<<15 {
			t.Skip()
		}
		r := bot.Reply{Title: title, SourcesLabel: two, Checked: two, Sources: []bot.Source{{Name: one, URL: "https://" + two}}}
		r.Blocks = []bot.Block{
			{Kind: [...]bot.Block{{Kind: bot.Paragraph}, {Kind: bot.Bullets}, {Kind: bot.Numbers}, {Kind: bot.Verbatim}}[kind%4].Kind, Items: []bot.Item{{{Text: strings.Repeat(one, int(times)), Bold: kind&4 > 0}, {Text: two, Italic: true}}, {{Text: one}}}},
			{Items: item(bot.Span{Text: two})},
		}
		r.Rows = []bot.Row{{Label: one, Buttons: []bot.Button{{Label: two, Data: one}}}}
		var want, got strings.Builder
		for _, p := range paras(r) {
			want.WriteString(p.text())
		}
		m := render(r, "Copy")
		for _, p := range m.parts {
			text, err := tgtest.ParseHTML(p.html)
			if err != nil {
				t.Fatalf("%v in %q", err, p.html)
			}
			if text != p.plain {
				t.Fatalf("got %q with setting and %q without", text, p.plain)
			}
			if n := units(text); n == 0 || n > maxText {
				t.Fatalf("a message of %d units", n)
			}
			got.WriteString(text)
		}
		if words(got.String()) != words(want.String()) {
			t.Fatalf("got %q, want %q", got.String(), want.String())
		}
		if m.keys != nil {
			for _, row := range m.keys.Rows {
				for _, b := range row {
					if b.Copy != nil {
						if n := units(b.Copy.Text); n == 0 || n > maxCopy || b.URL+b.Data != "" {
							t.Fatalf("button %q copies %d characters", b.Text, n)
						}
						continue
					}
					if (b.URL == "") == (b.Data == "") || len(b.Data) > bot.MaxData || units(b.Text) > maxLabel || b.Text == "" {
						t.Fatalf("button %+v", b)
					}
				}
			}
		}
	})
}
