package discord

import (
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// ways are the two ways in: the same must come out.
func ways(t *testing.T, test func(*testing.T, *rig)) {
	t.Run("gateway", func(t *testing.T) { test(t, start(t, remembering(t))) })
	t.Run("http", func(t *testing.T) { test(t, newRig(t, remembering(t), dctest.Options{}, byHTTP(t)).run(t)) })
}

func titleOf(t testing.TB, entry string) string {
	t.Helper()
	r, ok := bottest.New(t).Show(entry, "en")
	if !ok {
		t.Fatalf("there is no entry %s", entry)
	}
	return r.Title
}

func button(t testing.TB, c dctest.Call, label string) dctest.Button {
	t.Helper()
	for _, b := range c.Buttons() {
		if strings.HasPrefix(b.Label, label) {
			return b
		}
	}
	t.Fatalf("no button %q in %v", label, c.Buttons())
	return dctest.Button{}
}

func TestAsk(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		c := r.ask(t, dctest.Slash("1", "ask", "question", "messenger"))
		if !strings.HasPrefix(c.Visible(), titleOf(t, "messenger")) || !c.Ephemeral() || c.Type() != dctest.Message {
			t.Errorf("got type %d, for one alone %v:\n%.80s", c.Type(), c.Ephemeral(), c.Visible())
		}
		for _, want := range []string{"Sources: ", "Checked on 22 November 2026."} {
			if !strings.Contains(c.Visible(), want) {
				t.Errorf("the answer does not have %q", want)
			}
		}
		links, menus := 0, 0
		for _, b := range c.Buttons() {
			if b.URL != "" {
				if links++; !strings.HasSuffix(b.Label, ")") || !strings.Contains(b.Label, ".") {
					t.Errorf("link %q does not show where it goes", b.Label)
				}
			}
			if b.Menu != "" {
				menus++
			}
		}
		if links == 0 || menus == 0 {
			t.Errorf("got %d links and %d related topics", links, menus)
		}
		button(t, c, "Helpful")
		button(t, c, "Not helpful")
	})
}

// In the private chat with the bot nobody else reads along, so that the answer
// stays where it can be read again.
func TestAskInPrivate(t *testing.T) {
	r := start(t, bottest.New(t))
	for place, alone := range map[int]bool{dctest.InDM: true, dctest.InPrivate: false} {
		c := r.ask(t, dctest.Where(dctest.Slash("1", "ask", "question", "messenger"), place, "1"))
		if c.Ephemeral() == alone {
			t.Errorf("place %d: for one alone %v", place, c.Ephemeral())
		}
	}
}

func TestShowHere(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		first := r.ask(t, dctest.Slash("1", "check", "claim", bottest.Base(t).Claims[0].Texts["en"].Claim))
		show := button(t, first, "Show here")
		d := dctest.Press("1", show.Data, first.AsMessage())
		second := r.ask(t, d)
		if second.Ephemeral() || second.Type() != dctest.Message || second.Visible() != first.Visible() {
			t.Errorf("got for one alone %v, type %d:\n%s", second.Ephemeral(), second.Type(), second.Visible())
		}
		for _, b := range second.Buttons() {
			if b.Data == show.Data {
				t.Error("what is shown to all can be shown to all")
			}
		}
		stale := r.ask(t, dctest.Press("1", "show:1e:no-such-entry:", nil))
		if !stale.Ephemeral() || !strings.Contains(stale.Visible(), "earlier version") {
			t.Errorf("a button of nothing: %s", stale.Visible())
		}
	})
}

func TestComplete(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		c := r.ask(t, dctest.Typing("1", "ask", "question", "messen"))
		got := c.Suggestions()
		if c.Type() != dctest.Choices || len(got) == 0 || got[0][0] != titleOf(t, "messenger") {
			t.Fatalf("got %v", got)
		}
		picked := r.ask(t, dctest.Slash("1", "ask", "question", got[0][1]))
		if !strings.HasPrefix(picked.Visible(), titleOf(t, "messenger")) {
			t.Errorf("the suggestion gives %.80s", picked.Visible())
		}
		if n := len(r.ask(t, dctest.Typing("1", "ask", "question", "")).Suggestions()); n == 0 {
			t.Error("nothing is suggested before anything is typed")
		}
		if c := r.ask(t, dctest.Slash("1", "ask", "question", "topic:no-such-topic")); !strings.Contains(c.Visible(), "no checked answer") {
			t.Errorf("a suggestion that never was: %s", c.Visible())
		}
	})
}

func TestMessageMenu(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		claim := bottest.Base(t).Claims[0].Texts["en"].Claim
		m := r.Note("2", dctest.Channel, dctest.Guild, claim)
		m["components"] = []any{map[string]any{"type": 99, "novel": []any{1}}} // a kind that does not exist yet
		if c := r.ask(t, dctest.OnMessage("1", "Check this", m)); !strings.Contains(c.Visible(), claim[:20]) || !c.Ephemeral() {
			t.Errorf("got %s", c.Visible())
		}
		m["content"] = "messenger"
		if c := r.ask(t, dctest.OnMessage("1", "Answer this", m)); !strings.HasPrefix(c.Visible(), titleOf(t, "messenger")) {
			t.Errorf("got %.80s", c.Visible())
		}
	})
}

// A menu that only one person sees turns into what is chosen; an answer stays.
func TestPick(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		menu := r.ask(t, dctest.Slash("1", "topics"))
		b := menu.Buttons()[0]
		if b.Menu == "" {
			t.Fatalf("got %v, want a select menu", menu.Buttons())
		}
		section := r.ask(t, dctest.Pick("1", b.Menu, b.Data, menu.AsMessage()))
		if section.Type() != dctest.Update {
			t.Errorf("a menu gives an answer of type %d", section.Type())
		}
		b = section.Buttons()[0]
		entry := r.ask(t, dctest.Pick("1", b.Menu, b.Data, section.AsMessage()))
		if entry.Type() != dctest.Update || !strings.HasPrefix(entry.Visible(), b.Label) {
			t.Errorf("got type %d, %.80s", entry.Type(), entry.Visible())
		}
		related := entry.Buttons()
		for _, b := range related {
			if b.Menu != "" {
				if c := r.ask(t, dctest.Pick("1", b.Menu, b.Data, entry.AsMessage())); c.Type() != dctest.Message {
					t.Errorf("below an answer, a choice gives an answer of type %d", c.Type())
				}
				break
			}
		}
		if c := r.ask(t, dctest.Press("1", button(t, entry, "Helpful").Data, entry.AsMessage())); !strings.Contains(c.Visible(), "Thank you") || !c.Ephemeral() {
			t.Errorf("got %s", c.Visible())
		}
	})
}

func TestSetup(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		manager := func(d map[string]any) map[string]any {
			d["member"].(map[string]any)["permissions"] = dctest.ManageGuild
			return d
		}
		for _, d := range []map[string]any{dctest.Slash("1", "setup"), dctest.Press("1", "setup:public", nil)} {
			if c := r.ask(t, d); !strings.Contains(c.Visible(), "manage the server") || !c.Ephemeral() {
				t.Errorf("a member without permission gets %s", c.Visible())
			}
		}
		first := r.ask(t, manager(dctest.Slash("1", "setup")))
		if !strings.Contains(first.Visible(), "only the person who asks") || !first.Ephemeral() {
			t.Errorf("got %s", first.Visible())
		}
		second := r.ask(t, manager(dctest.Press("1", button(t, first, "Everybody").Data, first.AsMessage())))
		if !strings.Contains(second.Visible(), "everybody sees") || second.Type() != dctest.Update {
			t.Errorf("got %s", second.Visible())
		}
		if c := r.ask(t, dctest.Slash("2", "ask", "question", "messenger")); c.Ephemeral() {
			t.Error("after the choice an answer is for one alone")
		}
		if c := r.ask(t, dctest.Slash("2", "language")); !c.Ephemeral() {
			t.Error("what concerns one person is for all")
		}
		lang := button(t, second, "English")
		r.ask(t, manager(dctest.Pick("1", lang.Menu, lang.Data, second.AsMessage())))
		c, err := r.a.bot.Choices(t.Context(), server(dctest.Guild))
		if err != nil || c != (bot.Choices{Lang: "en", Public: true}) {
			t.Errorf("got %+v, %v", c, err)
		}
	})
}

// Without a memory the bot says that it cannot keep a choice.
func TestSetupWithoutMemory(t *testing.T) {
	r := start(t, bottest.New(t))
	d := dctest.Press("1", "setup:public", nil)
	d["member"].(map[string]any)["permissions"] = dctest.ManageGuild
	if c := r.ask(t, d); !strings.Contains(c.Visible(), "cannot remember") {
		t.Errorf("got %s", c.Visible())
	}
}

// A reply that is private by its nature is so in a server that wants all public,
// and cannot be shown; its files go along.
func TestPrivateReply(t *testing.T) {
	letter := bot.Reply{
		Outcome: bot.Answer, Title: "Letter", Private: true, Again: "1e:messenger:",
		Blocks: []bot.Block{{Kind: bot.Verbatim, Items: []bot.Item{{{Text: "Dear *Meta*,\n```\nI object."}}}}},
		Files:  []bot.File{{Name: "letter.txt", Type: "text/plain", Data: []byte("I object.")}},
	}
	test := func(t *testing.T, r *rig) {
		at := server(dctest.Guild)
		if err := r.a.bot.Choose(t.Context(), at, func(c *bot.Choices) { c.Public = true }); err != nil {
			t.Fatal(err)
		}
		d := dctest.Slash("1", "ask", "question", "x")
		if r.at == nil {
			r.Interact(d)
		} else if _, err := r.at.Interact(t.Context(), d); err == nil || !strings.Contains(err.Error(), "202") {
			t.Errorf("got %v, want the request acknowledged and the answer by a call", err)
		}
		c := r.calls(t, dctest.Callback, 1)[0]
		if !c.Ephemeral() || len(c.Files) != 1 || c.Files[0] != "letter.txt" {
			t.Errorf("for one alone %v, files %v", c.Ephemeral(), c.Files)
		}
		if !strings.Contains(c.Visible(), "Dear *Meta*,") || !strings.Contains(c.Visible(), "I object.") {
			t.Errorf("got %s", c.Visible())
		}
		for _, b := range c.Buttons() {
			t.Errorf("there is a button %v", b)
		}
	}
	t.Run("gateway", func(t *testing.T) { test(t, start(t, fixed{remembering(t), letter})) })
	t.Run("http", func(t *testing.T) {
		test(t, newRig(t, fixed{remembering(t), letter}, dctest.Options{}, byHTTP(t)).run(t))
	})
}
