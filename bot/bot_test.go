package bot_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"optoutbot/bot"
	"optoutbot/kb"
)

// canned is a finder that gives what a test wants.
type canned struct {
	found bot.Found
	claim string
	err   error
}

func (c canned) Find(context.Context, string, string) (bot.Found, error) { return c.found, c.err }

func (c canned) Suggest(_ context.Context, _, _ string, n int) ([]string, error) {
	ids := []string{"deadline", "messenger", "no-everyday-nothing"}
	return ids[:min(n, len(ids))], c.err
}

func (c canned) FindClaim(context.Context, string, string) (string, error) { return c.claim, c.err }

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func content(t testing.TB) *kb.Base {
	t.Helper()
	base, faults := kb.Embedded(today)
	if base == nil {
		t.Fatal(faults)
	}
	return base
}

func newBot(t testing.TB, f canned) *bot.Bot {
	return bot.New(content(t), f, func() time.Time { return today })
}

func matches(pairs ...any) []bot.Match {
	var out []bot.Match
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, bot.Match{ID: pairs[i].(string), Confidence: pairs[i+1].(float64)})
	}
	return out
}

func TestDecide(t *testing.T) {
	b := newBot(t, canned{})
	tests := []struct {
		name     string
		matches  []bot.Match
		outcome  bot.Outcome
		answers  []string
		declined string
	}{
		{"nothing found", nil, bot.None, nil, ""},
		{"one sure answer", matches("messenger", 0.9), bot.Answer, []string{"messenger"}, ""},
		{"sure answer before a decline", matches("messenger", 0.6, "no-account-help", 0.3), bot.Answer, []string{"messenger"}, ""},
		{"three likely ones", matches("deadline", 0.3, "deadline-missed", 0.25, "timeline-2024", 0.1, "notification", 0.05),
			bot.Choose, []string{"deadline", "deadline-missed", "timeline-2024"}, ""},
		{"a sure decline", matches("no-account-help", 0.9, "messenger", 0.05), bot.None, []string{"messenger"}, "no-account-help"},
		{"unsure of everything", matches("messenger", 0.1, "no-account-help", 0.05), bot.None, []string{"messenger"}, ""},
		{"an entry that is gone", matches("was-removed", 0.99), bot.None, nil, ""},
	}
	foreign := b.Decide(bot.Found{Lang: "en", Foreign: true, Matches: matches("messenger", 0.9, "no-everyday", 0.05)})
	if foreign.Outcome != bot.Choose || foreign.Declined != "" {
		t.Errorf("a sure answer to a foreign text: got %s, declined %q; want a choice", foreign.Outcome, foreign.Declined)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := b.Decide(bot.Found{Lang: "en", Matches: tt.matches})
			var ids []string
			for _, m := range d.Answers {
				ids = append(ids, m.ID)
			}
			if d.Outcome != tt.outcome || !slices.Equal(ids, tt.answers) || d.Declined != tt.declined {
				t.Errorf("got %s %v declined %q, want %s %v declined %q", d.Outcome, ids, d.Declined, tt.outcome, tt.answers, tt.declined)
			}
		})
	}
}

func TestAnswerShowsEverything(t *testing.T) {
	b := newBot(t, canned{found: bot.Found{Lang: "en", Claim: "S0-8", Matches: matches("messenger", 0.9)}})
	r, err := b.Ask(context.Background(), bot.Question{Text: "I read that Messenger is used"})
	if err != nil {
		t.Fatal(err)
	}
	text := kb.Body(r.Blocks).Text()
	for _, want := range []string{"That is wrong.", "What is disputed."} {
		if !strings.Contains(text, want) {
			t.Errorf("the answer does not say %q:\n%s", want, text)
		}
	}
	if r.Claim != "S0-8" || r.Entry != "messenger" || r.Title == "" {
		t.Errorf("got claim %q, entry %q, title %q", r.Claim, r.Entry, r.Title)
	}
	if len(r.Links) == 0 || len(r.Sources) == 0 || r.Checked != "Checked on 22 November 2026." {
		t.Errorf("got %d links, %d sources, checked %q", len(r.Links), len(r.Sources), r.Checked)
	}
}

func TestReviewDueIsSaid(t *testing.T) {
	base := content(t)
	late := base.Entry("deadline").ReviewBy.AddDate(0, 0, 1)
	b := bot.New(base, canned{}, func() time.Time { return late })
	r, _ := b.Show("deadline", "en")
	if text := kb.Body(r.Blocks).Text(); !strings.Contains(text, "due for review") {
		t.Errorf("a day after the review was due the answer does not say so:\n%s", text)
	}
	early := bot.New(base, canned{}, func() time.Time { return late.AddDate(0, 0, -1) })
	r, _ = early.Show("deadline", "en")
	if text := kb.Body(r.Blocks).Text(); strings.Contains(text, "due for review") {
		t.Error("on the day of the review the answer says that it was due")
	}
}

func TestNoneStillHelps(t *testing.T) {
	tests := []struct {
		name    string
		text    string
		found   []bot.Match
		link    string
		buttons int
	}{
		{"nearest topics", "something about my posts in Austria", matches("data-used", 0.1, "why", 0.05), "authority-at-complaint", 3},
		{"declined", "my password is gone", matches("no-account-help", 0.9), "edpb-authorities", 3},
		{"nothing", "xyzzy", nil, "edpb-authorities", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBot(t, canned{found: bot.Found{Lang: "en", Matches: tt.found}})
			r, err := b.Ask(context.Background(), bot.Question{Text: tt.text})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, l := range r.Links {
				ids = append(ids, l.ID)
			}
			if r.Outcome != bot.None || !slices.Contains(ids, "meta-genai-info") || !slices.Contains(ids, tt.link) {
				t.Errorf("got %s with links %v, want none with the official page and %s", r.Outcome, ids, tt.link)
			}
			n := 0
			for _, row := range r.Rows {
				n += len(row.Buttons)
			}
			if n != tt.buttons {
				t.Errorf("got %d buttons, want %d", n, tt.buttons)
			}
		})
	}
}

func TestCommands(t *testing.T) {
	b := newBot(t, canned{found: bot.Found{Lang: "en", Matches: matches("whatsapp", 0.9)}, claim: "V-1"})
	tests := []struct{ text, entry, says string }{
		{"/start", "", "Ask me in your own words"},
		{"/start messenger", "messenger", "private messages"},
		{"/start no-such-entry", "", "What would you like to know?"},
		{"/topics", "", "What would you like to know?"},
		{"/deadline", "deadline", "27 May 2025"},
		{"/privacy", "about-bot", "keeps nothing about you"},
		{"/help@SomeBot", "", "/topics"},
		{"/ask are chats used", "whatsapp", "WhatsApp"},
		{"/ask /ask /ask", "whatsapp", "WhatsApp"},
		{"/check something surely about another entry", "", "I have no checked answer to that claim."},
		{"/nonsense", "", "I do not know that command."},
		{"/etc/passwd is readable?", "whatsapp", "WhatsApp"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			r, err := b.Ask(context.Background(), bot.Question{Text: tt.text})
			if err != nil {
				t.Fatal(err)
			}
			text := r.Title + "\n" + kb.Body(r.Blocks).Text()
			if r.Entry != tt.entry || !strings.Contains(text, tt.says) {
				t.Errorf("got entry %q and\n%s\nwant %q and %q", r.Entry, text, tt.entry, tt.says)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	near := matches("opt-out-copy-paste", 0.9)
	for _, tt := range []struct {
		name, claim string
		found       bot.Found
		entry, says string
	}{
		{"the nearest claim", "V-1", bot.Found{Lang: "en", Matches: near}, "opt-out-copy-paste", "That is wrong."},
		{"a claim that the question repeats", "V-3", bot.Found{Lang: "en", Matches: near, Claim: "V-1"}, "opt-out-copy-paste", "I do not consent"},
		{"a claim, and nothing found", "V-1", bot.Found{Lang: "en"}, "opt-out-copy-paste", "That is wrong."},
		{"no claim", "", bot.Found{Lang: "en", Matches: near}, "", "I have no checked answer to that claim."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBot(t, canned{found: tt.found, claim: tt.claim})
			r, err := b.Ask(t.Context(), bot.Question{Text: "/check a text that goes round"})
			if err != nil {
				t.Fatal(err)
			}
			text := kb.Body(r.Blocks).Text()
			if r.Entry != tt.entry || !strings.Contains(text, tt.says) {
				t.Errorf("got entry %q and\n%s\nwant %q and %q", r.Entry, text, tt.entry, tt.says)
			}
			if r.Claim != "" && (len(r.Sources) == 0 || r.Checked == "") {
				t.Error("the verdict has no source or no day")
			}
			if label := r.Rows[0].Label; r.Entry == "" && len(tt.found.Matches) > 0 && label == "" {
				t.Error("the nearest topics are not offered")
			}
		})
	}
}

func TestFailuresAreKind(t *testing.T) {
	b := newBot(t, canned{err: errors.New("disk on fire")})
	for _, text := range []string{"a question", "/check a claim"} {
		r, err := b.Ask(context.Background(), bot.Question{Text: text})
		if err == nil || strings.Contains(kb.Body(r.Blocks).Text(), "fire") || len(r.Links) == 0 {
			t.Errorf("%s: got error %v and %q", text, err, kb.Body(r.Blocks).Text())
		}
	}
}

func TestSuggest(t *testing.T) {
	got, err := newBot(t, canned{}).Suggest(context.Background(), "mess", "en", 5)
	if err != nil || len(got) != 2 {
		t.Fatalf("got %v, %v; want the two entries that exist", got, err)
	}
	for _, s := range got {
		if s.Title == "" || s.Short == "" || s.Link.URL == "" {
			t.Errorf("suggestion %s lacks something: %+v", s.ID, s)
		}
	}
}

// TestEveryButton presses every button that can be reached from the start and
// the answers, and checks the promises for all replies.
func mustPress(t testing.TB, b *bot.Bot, data, lang string) bot.Reply {
	t.Helper()
	r, err := b.Press(t.Context(), bot.Press{Data: data, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryButton(t *testing.T) {
	base := content(t)
	b := newBot(t, canned{found: bot.Found{Lang: "en"}})
	seen := map[string]bool{}
	var queue []string
	look := func(r bot.Reply) {
		checkReply(t, base, r)
		for _, row := range r.Rows {
			for _, x := range row.Buttons {
				if !seen[x.Data] {
					seen[x.Data] = true
					queue = append(queue, x.Data)
				}
			}
		}
	}
	look(b.Topics("en"))
	for _, e := range base.Entries {
		r, ok := b.Show(e.ID, "en")
		if !ok {
			t.Errorf("entry %s cannot be shown", e.ID)
		}
		look(r)
	}
	stale := mustPress(t, b, "what is this", "en").Blocks[0].Items[0].Text()
	for len(queue) > 0 {
		data := queue[0]
		queue = queue[1:]
		r := mustPress(t, b, data, "")
		if r.Blocks[0].Items[0].Text() == stale {
			t.Errorf("the bot does not know its own button %q", data)
		}
		look(r)
	}
	if len(seen) < len(base.Entries) {
		t.Errorf("only %d buttons can be reached", len(seen))
	}
}

// checkReply checks what holds for every reply: only listed links, buttons
// within the limit, valid text.
func checkReply(t testing.TB, base *kb.Base, r bot.Reply) {
	t.Helper()
	allowed := map[string]bool{}
	for _, l := range base.Links {
		allowed[l.URL] = true
	}
	for _, l := range r.Links {
		if !allowed[l.URL] {
			t.Errorf("link %s is not in links.yaml", l.URL)
		}
		if l.Label == "" || l.Host == "" {
			t.Errorf("link %s has label %q and host %q", l.URL, l.Label, l.Host)
		}
	}
	for _, s := range r.Sources {
		if s.URL != "" && !allowed[s.URL] {
			t.Errorf("source %s is not in links.yaml", s.URL)
		}
	}
	for _, row := range r.Rows {
		for _, x := range row.Buttons {
			if x.Label == "" || len(x.Data) == 0 || len(x.Data) > bot.MaxData {
				t.Errorf("button %q has data %q of %d bytes", x.Label, x.Data, len(x.Data))
			}
		}
	}
	if len(r.Blocks) == 0 {
		t.Errorf("reply without words: %+v", r)
	}
	text := r.Title + kb.Body(r.Blocks).Text()
	if !utf8.ValidString(text) || strings.Contains(text, "http") {
		t.Errorf("text is not valid UTF-8 or has an address:\n%s", text)
	}
}

func FuzzPress(f *testing.F) {
	for _, s := range []string{"1e:messenger:en", "1t::en", "1s:data:en", "1h:messenger:xx", "1f:object/eu/fb/new:en", "1f:letter/two/0f/ok:en", "1f:authority/p2:en", "1f:remind/now:en", "0e:messenger:en", "1e:no-spam-code:en", "", "1", "\xff\xff\xff", "1e:messenger:" + strings.Repeat("a", 80)} {
		f.Add(s)
	}
	base := content(f)
	b := newBot(f, canned{})
	f.Fuzz(func(t *testing.T, data string) {
		checkReply(t, base, mustPress(t, b, data, data))
	})
}

func FuzzAsk(f *testing.F) {
	for _, s := range []string{"hello", "/start x", "/check @everyone", "/authority austria", "/object instagram", "\xff", strings.Repeat("a ", 5000), "<b>x</b>", "\u202egnp.exe"} {
		f.Add(s)
	}
	base := content(f)
	b := newBot(f, canned{found: bot.Found{Lang: "en"}})
	f.Fuzz(func(t *testing.T, text string) {
		r, err := b.Ask(context.Background(), bot.Question{Text: text, Lang: text})
		if err != nil {
			t.Fatal(err)
		}
		checkReply(t, base, r)
	})
}
