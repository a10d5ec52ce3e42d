// Package bottest is what every adapter must pass, and a bot to pass it with.
package bottest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/kb"
)

// Day is the day on which the test bot lives.
func Day() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// New returns a bot with the real knowledge base, which finds an entry by its
// id: "messenger" is answered with the entry of that id, "messenger or devices"
// offers two, and anything else finds nothing.
func New(t testing.TB) *bot.Bot {
	t.Helper()
	base := Base(t)
	return bot.New(base, finder{base}, Day)
}

// Base returns the knowledge base of the test bot.
func Base(t testing.TB) *kb.Base {
	t.Helper()
	base, faults := load()
	if base == nil {
		t.Fatal(faults)
	}
	return base
}

// load loads the knowledge base once: it is not changed, and under the race
// detector loading takes half a second.
var load = sync.OnceValues(func() (*kb.Base, kb.Faults) { return kb.Embedded(Day()) })

// finder finds entries by their ids.
type finder struct{ base *kb.Base }

func (f finder) Find(_ context.Context, text, _ string) (bot.Found, error) {
	found := bot.Found{Lang: kb.English}
	for _, word := range strings.Fields(text) {
		if f.base.Entry(strings.Trim(word, "?!.,")) != nil {
			found.Matches = append(found.Matches, bot.Match{ID: strings.Trim(word, "?!.,")})
		}
	}
	for i := range found.Matches {
		found.Matches[i].Confidence = 0.9
		if len(found.Matches) > 1 {
			found.Matches[i].Confidence = 0.3
		}
	}
	return found, nil
}

func (f finder) Suggest(_ context.Context, typed, _ string, n int) ([]string, error) {
	var out []string
	for _, e := range f.base.Entries {
		if e.Kind == kb.Answer && strings.HasPrefix(e.ID, typed) && len(out) < n {
			out = append(out, e.ID)
		}
	}
	if typed == "" {
		out = slices.Clone(f.base.Central)
	}
	return out, nil
}

func (f finder) FindClaim(_ context.Context, text, lang string) (string, error) {
	for _, c := range f.base.Claims {
		if strings.Contains(text, c.Texts[lang].Claim) {
			return c.ID, nil
		}
	}
	return "", nil
}

// Answerer is the bot as adapters see it.
type Answerer interface {
	Ask(ctx context.Context, q bot.Question) (bot.Reply, error)
	Press(ctx context.Context, p bot.Press) (bot.Reply, error)
	Suggest(ctx context.Context, typed, hint string, n int) ([]bot.Suggestion, error)
	Profiles() []bot.Profile
	Choices(ctx context.Context, p bot.Place) (bot.Choices, error)
	Choose(ctx context.Context, p bot.Place, change func(*bot.Choices)) error
}

// Scripted is a bot that, asked one of the questions below, gives a reply that
// no entry has, and is the bot itself for all others.
type Scripted struct {
	*bot.Bot
	Gate chan struct{} // a question Wait is answered when something can be received
}

// What a Scripted bot is asked.
const (
	Long   = "say something long"
	Markup = "say something with markup"
	Panic  = "panic"
	Fail   = "fail"
	Wait   = "wait"
	Keep   = "something to keep"
)

// KeepText is a text to copy, and FileText is in the file, of what there is to
// keep.
const (
	KeepText = "Dear Sir or Madam,\n\nI object <under Article 21> & ask you to confirm it."
	FileText = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
)

// LongWord is repeated in the long reply, with a number after it.
const LongWord = "sentence"

// LongCount is how often.
const LongCount = 3000

// MarkupText means something in every markup that there is.
const MarkupText = `<b>&amp; *a* _b_ ~~c~~ ||d|| [e](https://example.org) # f` + " `g` @everyone <@1> /start \U0001F9D1\u200d\U0001F4BB"

// Ask answers.
func (s Scripted) Ask(ctx context.Context, q bot.Question) (bot.Reply, error) {
	switch q.Text {
	case Long:
		return longReply(), nil
	case Markup:
		return bot.Reply{Outcome: bot.Answer, Title: MarkupText, Blocks: []bot.Block{block(MarkupText)}}, nil
	case Panic:
		panic("the bot panics on command")
	case Fail:
		return bot.Reply{Blocks: []bot.Block{block("Sorry.")}}, errors.New("the bot fails on command")
	case Keep:
		return keepReply(), nil
	case Wait:
		<-s.Gate
	}
	return s.Bot.Ask(ctx, q)
}

func keepReply() bot.Reply {
	return bot.Reply{
		Outcome: bot.Answer, Title: "For you", Private: true,
		Blocks: []bot.Block{{Kind: bot.Verbatim, Items: []bot.Item{{{Text: KeepText}}}}},
		Files:  []bot.File{{Name: "reminder.ics", Type: "text/calendar", Data: []byte(FileText)}},
	}
}

func longReply() bot.Reply {
	r := bot.Reply{Outcome: bot.Answer}
	for i := range LongCount / 100 {
		var b strings.Builder
		for j := range 100 {
			b.WriteString(LongWord)
			b.WriteString(strings.Repeat("!", (i*100+j)%3))
			b.WriteString(" ")
		}
		r.Blocks = append(r.Blocks, block(b.String()))
	}
	return r
}

func block(text string) bot.Block {
	return bot.Block{Kind: bot.Paragraph, Items: []bot.Item{{{Text: text, Bold: true}}}}
}
