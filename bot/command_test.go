package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"optoutbot/kb"
)

// nothing finds nothing.
type nothing struct{}

func (nothing) Find(context.Context, string, string) (Found, error)            { return Found{Lang: "en"}, nil }
func (nothing) Suggest(context.Context, string, string, int) ([]string, error) { return nil, nil }
func (nothing) FindClaim(context.Context, string, string) (string, error)      { return "", nil }

func testBot(t testing.TB) (*Bot, *kb.Base) {
	t.Helper()
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	base, faults := kb.Embedded(now)
	if base == nil {
		t.Fatal(faults)
	}
	return New(base, nothing{}, func() time.Time { return now }), base
}

func mustPress(t testing.TB, b *Bot, data, lang string) Reply {
	t.Helper()
	r, err := b.Press(t.Context(), Press{Data: data, Lang: lang})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		in, name, arg string
		ok            bool
	}{
		{"/ask can I object?", "ask", "can I object?", true},
		{"/ask@SomeBot\ncan I\nobject?", "ask", "can I\nobject?", true},
		{" /HELP ", "help", "", true},
		{"/", "", "", false},
		{"/etc/passwd", "", "", false},
		{"1/2", "", "", false},
	} {
		name, arg, ok := command(c.in)
		if ok != c.ok || ok && (name != c.name || arg != c.arg) {
			t.Errorf("command(%q): got %q, %q, %v, want %q, %q, %v", c.in, name, arg, ok, c.name, c.arg, c.ok)
		}
	}
}

// Every command works without an argument, since a tap sends it at once.
func TestCommandsWithoutArgument(t *testing.T) {
	b, _ := testBot(t)
	for _, p := range b.Profiles() {
		for _, c := range p.Commands {
			r, err := b.Ask(t.Context(), Question{Text: "/" + c.Name, Lang: p.Lang})
			if err != nil || len(r.Blocks) == 0 {
				t.Errorf("/%s: got %d blocks, error %v", c.Name, len(r.Blocks), err)
			}
			if c.Description == "" {
				t.Errorf("/%s has no description in %s", c.Name, p.Lang)
			}
			if strings.Contains(r.Short(), "do not know that command") {
				t.Errorf("/%s is in the menu and unknown", c.Name)
			}
		}
	}
}

func TestPrivacySaysWhatIsKept(t *testing.T) {
	b, base := testBot(t)
	words := base.Languages[0].Words
	for _, c := range []struct {
		keeps []Kept
		want  []string
	}{
		{nil, []string{words["privacy_nothing"]}},
		{[]Kept{KeptCounts, KeptChoices, KeptUpdates},
			[]string{words["privacy_keeps"], words["privacy_counts"], words["privacy_choices"], words["privacy_updates"]}},
		{[]Kept{KeptUnanswered}, []string{words["privacy_keeps_words"], "at most 30 days"}},
	} {
		b.Keeps(30, c.keeps...)
		r, err := b.Ask(t.Context(), Question{Text: "/privacy"})
		text := kb.Body(r.Blocks).Text()
		for _, want := range c.want {
			if err != nil || want == "" || !strings.Contains(text, want) {
				t.Errorf("keeping %v: got %q, %v, want %q in it", c.keeps, text, err, want)
			}
		}
		if len(c.keeps) > 0 && strings.Contains(text, words["privacy_nothing"]) {
			t.Errorf("keeping %v: says that it keeps nothing", c.keeps)
		}
	}
}

func TestForget(t *testing.T) {
	b, base := testBot(t)
	at := Place{"telegram", "1"}
	s := shelf{at: map[Place]Choices{at: {Lang: "en", Public: true}}}
	b.Remembers(s)
	r, err := b.Ask(t.Context(), Question{Text: "/forget", Place: at})
	if err != nil || len(s.at) != 0 || r.Short() != base.Languages[0].Words["forgotten"] {
		t.Errorf("got %q, %v, and %v is left", r.Short(), err, s.at)
	}
	b.Remembers(shelf{at: map[Place]Choices{}, err: errors.New("disk on fire")})
	r, err = b.Ask(t.Context(), Question{Text: "/forget", Place: at})
	if err == nil || r.Short() != base.Languages[0].Words["forget_failed"] {
		t.Errorf("a broken memory: got %q, %v; it must not say that it forgot", r.Short(), err)
	}
}

// From the sections one reaches every answer, and every page has a way back.
func TestTopicsReachEveryAnswer(t *testing.T) {
	b, base := testBot(t)
	seen, open := map[string]bool{}, []string{state(actTopics, "", "en")}
	for len(open) > 0 {
		data := open[0]
		open = open[1:]
		if seen[data] {
			continue
		}
		seen[data] = true
		if data[1] == actEntry {
			continue
		}
		n := 0
		for _, row := range mustPress(t, b, data, "").Rows {
			for _, button := range row.Buttons {
				open = append(open, button.Data)
				n++
			}
		}
		if n == 0 || n > perPage+3 {
			t.Errorf("%s shows %d buttons", data, n)
		}
	}
	for _, e := range base.Entries {
		if e.Kind == kb.Answer && !seen[state(actEntry, e.ID, "en")] {
			t.Errorf("%s cannot be reached from the topics", e.ID)
		}
	}
}

func TestPressOfForeignData(t *testing.T) {
	b, base := testBot(t)
	for _, data := range []string{"", "x", "1s:data.99:en", "1s:nosuch:en", "1e:nosuch:en", "0e:messenger:en", "1z:messenger:en", strings.Repeat("1", 65)} {
		r := mustPress(t, b, data, "xx")
		if len(r.Rows) == 0 {
			t.Errorf("press of %q: got no way on", data)
		}
		if stale := r.Short() == base.Languages[0].Words["stale"]; stale == (data == "1s:data.99:en") {
			t.Errorf("press of %q: got stale %v", data, stale)
		}
	}
}
