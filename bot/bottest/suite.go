package bottest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"optoutbot/bot"
)

// Platform is a chat platform with an adapter running on it.
type Platform interface {
	// Say is a person's private message.
	Say(person int64, text string)
	// SayInGroup is a person's message in a group; to the bot, if named.
	SayInGroup(person int64, text string, toBot bool)
	// SayAsBot is a private message of another bot, or of the bot itself.
	SayAsBot(self bool, text string)
	// Press presses a button that the bot made or never made.
	Press(person int64, data string)
	// Sent waits until the bot has sent n messages in all, and returns them in
	// the order in which they were sent.
	Sent(ctx context.Context, n int) ([]Message, error)
	// FailNext makes the server fail the next message for a reason that goes
	// away.
	FailNext()
	// Stop ends the adapter and returns what its Run returned.
	Stop() error
	// Limit is how many UTF-16 units a message has at most.
	Limit() int
}

// Message is a message of the bot as people see it.
type Message struct {
	Person int64 // whose private chat it is in, or 0
	Text   string
	Data   []string // of its buttons
}

// Start starts an adapter for a bot on a new platform. What it starts ends with
// the test.
type Start func(testing.TB, Answerer) Platform

// Run runs the suite.
func Run(t *testing.T, start Start) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *suite)
	}{
		{"a message gives one reply", oneReply},
		{"bots are ignored", botsIgnored},
		{"a group is left alone", groupLeftAlone},
		{"a long reply is split", longSplit},
		{"markup is escaped", markupEscaped},
		{"a button works", buttonWorks},
		{"an unknown button explains itself", unknownButton},
		{"a guided way is walked", guidedWay},
		{"an unknown step begins its way again", unknownStep},
		{"an error of the server does not end it", serverError},
		{"a panic does not end it", panics},
		{"an error of the bot is answered", botFails},
		{"order is kept in a chat", order},
		{"the end finishes what is in hand", finishes},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &suite{bot: Scripted{Bot: New(t), Gate: make(chan struct{})}}
			s.Platform = start(t, s.bot)
			c.test(t, s)
			if err := s.Stop(); err != nil {
				t.Errorf("Run returned %v, want nil", err)
			}
		})
	}
}

type suite struct {
	Platform
	bot Scripted
}

// patience is how long a test waits for what must come. It measures nothing:
// it only ends a test that would hang.
const patience = time.Minute

// sent waits for n messages and fails the test if they do not come.
func (s *suite) sent(t *testing.T, n int) []Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := s.Sent(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (s *suite) titleOf(t *testing.T, entry string) string {
	t.Helper()
	r, ok := s.bot.Show(entry, "en")
	if !ok {
		t.Fatalf("there is no entry %s", entry)
	}
	return r.Title
}

// expect checks that exactly these messages were sent, by the entry that each
// shows.
func (s *suite) expect(t *testing.T, entries ...string) {
	t.Helper()
	got := s.sent(t, len(entries))
	if len(got) != len(entries) {
		t.Errorf("got %d messages, want %d: %v", len(got), len(entries), got)
	}
	for i, e := range entries {
		if !strings.HasPrefix(got[i].Text, s.titleOf(t, e)) {
			t.Errorf("message %d: got %.60q, want the answer %s", i, got[i].Text, e)
		}
	}
}

func oneReply(t *testing.T, s *suite) {
	s.Say(1, "messenger")
	s.expect(t, "messenger")
	s.Say(1, "deadline")
	s.expect(t, "messenger", "deadline")
}

// What is ignored comes first: when the question after it is answered, and
// nothing else is, it was.
func botsIgnored(t *testing.T, s *suite) {
	s.SayAsBot(false, "devices")
	s.SayAsBot(true, "devices")
	s.Say(1, "messenger")
	s.expect(t, "messenger")
}

func groupLeftAlone(t *testing.T, s *suite) {
	s.SayInGroup(1, "devices", false)
	s.SayInGroup(1, "messenger", true)
	s.expect(t, "messenger")
}

func longSplit(t *testing.T, s *suite) {
	s.Say(1, Long)
	s.Say(1, "messenger") // its answer is the last message
	var got []Message
	for n := 2; ; n++ {
		got = s.sent(t, n)
		if strings.HasPrefix(got[len(got)-1].Text, s.titleOf(t, "messenger")) {
			break
		}
	}
	if len(got) < 3 {
		t.Errorf("got %d messages, want several", len(got)-1)
	}
	words := 0
	for _, m := range got[:len(got)-1] {
		words += strings.Count(m.Text, LongWord)
		if n := len(utf16.Encode([]rune(m.Text))); n > s.Limit() {
			t.Errorf("a message has %d units, more than %d", n, s.Limit())
		}
	}
	if words != LongCount {
		t.Errorf("got %d words, want %d", words, LongCount)
	}
}

func markupEscaped(t *testing.T, s *suite) {
	s.Say(1, Markup)
	if got := s.sent(t, 1)[0].Text; strings.Count(got, MarkupText) != 2 {
		t.Errorf("got %q, want twice %q", got, MarkupText)
	}
}

func buttonWorks(t *testing.T, s *suite) {
	s.Say(1, "messenger or devices")
	menu := s.sent(t, 1)[0]
	if len(menu.Data) < 2 {
		t.Fatalf("got %d buttons, want two", len(menu.Data))
	}
	s.Press(1, menu.Data[1])
	if got := s.sent(t, 2)[1].Text; !strings.HasPrefix(got, s.titleOf(t, "devices")) {
		t.Errorf("got %.60q, want the answer devices", got)
	}
}

func unknownButton(t *testing.T, s *suite) {
	for i, data := range []string{"0e:messenger:en", "1e:no-such-entry:en", "\xff", strings.Repeat("x", 300)} {
		s.Press(int64(i+1), data)
		got := s.sent(t, i+1)[i]
		if !strings.Contains(got.Text, "earlier version") || len(got.Data) == 0 {
			t.Errorf("press of %.20q: got %.60q with %d buttons", data, got.Text, len(got.Data))
		}
	}
}

// guidedWay goes from /object to the form, back, and on to a letter, by the
// buttons that each message carries.
func guidedWay(t *testing.T, s *suite) {
	says := []string{"Where do you live?", "What is it about?", "Have you objected already?", "Object on Instagram", "Have you objected already?", "Objection under Article 21(1) GDPR"}
	s.Say(1, "/object")
	for i, data := range []string{
		"1f:object/eu:en", "1f:object/eu/ig:en", "1f:object/eu/ig/new:en", "1f:object/eu/ig:en", "1f:letter/ig/01/ok:en", "",
	} {
		got := s.sent(t, i+1)[i]
		if !strings.Contains(got.Text, says[i]) {
			t.Fatalf("message %d: got %.80q, want %q", i, got.Text, says[i])
		}
		for _, d := range got.Data {
			if len(d) > bot.MaxData {
				t.Errorf("message %d: the button %q has more than %d bytes", i, d, bot.MaxData)
			}
		}
		if i < 4 && !slices.Contains(got.Data, data) {
			t.Errorf("message %d: got the buttons %q, want %q among them", i, got.Data, data)
		}
		if data != "" {
			s.Press(1, data)
		}
	}
}

func unknownStep(t *testing.T, s *suite) {
	for i, data := range []string{"1f:object/zz:en", "0f:letter/fb", "1f:authority/DE/XX:en"} {
		s.Press(int64(i+1), data)
		got := s.sent(t, i+1)[i]
		if !strings.Contains(got.Text, "we start again here") || len(got.Data) < 3 {
			t.Errorf("press of %q: got %.80q with %d buttons", data, got.Text, len(got.Data))
		}
	}
}

func serverError(t *testing.T, s *suite) {
	s.FailNext()
	s.Say(1, "messenger")
	s.expect(t, "messenger")
	s.Say(2, "deadline")
	s.expect(t, "messenger", "deadline")
}

func panics(t *testing.T, s *suite) {
	s.Say(1, Panic)
	if got := s.sent(t, 1)[0].Text; !strings.Contains(got, "went wrong") {
		t.Errorf("got %q, want an apology", got)
	}
	s.Say(1, "messenger")
	if got := s.sent(t, 2)[1].Text; !strings.HasPrefix(got, s.titleOf(t, "messenger")) {
		t.Errorf("got %.60q, want the answer messenger", got)
	}
}

func botFails(t *testing.T, s *suite) {
	s.Say(1, Fail)
	if got := s.sent(t, 1)[0].Text; got != "Sorry." {
		t.Errorf("got %q, want Sorry.", got)
	}
}

// order asks in three chats at once and looks at each.
func order(t *testing.T, s *suite) {
	entries := []string{"messenger", "deadline", "devices", "likeness", "dpc"}
	for _, e := range entries {
		for person := range int64(3) {
			s.Say(person+1, e)
		}
	}
	got := s.sent(t, 3*len(entries))
	for person := range int64(3) {
		var want, have []string
		for _, e := range entries {
			want = append(want, s.titleOf(t, e))
		}
		for _, m := range got {
			if m.Person == person+1 {
				title, _, _ := strings.Cut(m.Text, "\n")
				have = append(have, title)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("chat %d: got %q, want %q", person+1, have, want)
		}
	}
}

func finishes(t *testing.T, s *suite) {
	s.Say(1, Wait)
	s.bot.Gate <- struct{}{} // the bot has the question
	if err := s.Stop(); err != nil {
		t.Errorf("Run returned %v, want nil", err)
	}
	s.sent(t, 1)
}
