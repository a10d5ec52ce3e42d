// Package bot takes a person's question and gives the reply: it decides
// whether to answer, to offer a choice or to say that it has no answer, and
// composes what is said from the knowledge base. It knows no chat platform and
// no search engine: an adapter hands it questions and renders its replies, and
// it asks a [Finder] for the entries that fit.
//
// Everything that a person can press carries its whole state (see [Button]),
// so that no conversation is kept in memory.
package bot

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"optoutbot/kb"
)

// Question is what a person asks.
type Question struct {
	Text  string
	Lang  string // the language that the person's program is set to, as a hint; may be empty
	Place Place  // where it is asked; may be zero
}

// Press is a button that a person presses.
type Press struct {
	Data  string // the button's
	Lang  string // the language that the person's program is set to, as a hint; may be empty
	Place Place  // where it is pressed; may be zero
}

// Match is an entry that may answer a question.
type Match struct {
	ID         string
	Confidence float64 // the chance that it is the right one, in 0 to 1
}

// Found is what a Finder knows of a question.
type Found struct {
	Lang    string  // the language of the question; always one that the base has
	Foreign bool    // the question is in no language that the base has
	Matches []Match // best first; answers and declines
	Claim   string  // id of a claim that the question repeats, or empty
}

// Finder finds the entries that may answer a question, best first. Its methods
// may be called from many goroutines and do not fail because nothing is found.
type Finder interface {
	// Find looks for a question. The hint is the language of the person's
	// program, which counts only when the text leaves it open.
	Find(ctx context.Context, text, hint string) (Found, error)
	// Suggest gives ids of at most n answers for what a person has typed so far.
	Suggest(ctx context.Context, typed, lang string, n int) ([]string, error)
	// FindClaim gives the id of the claim that a text repeats, or "".
	FindClaim(ctx context.Context, text, lang string) (string, error)
}

// Bot answers. It may be used from many goroutines.
type Bot struct {
	base     *kb.Base
	finder   Finder
	now      func() time.Time
	keeps    []Kept
	keptDays int
	memory   Memory
	counters []Counter
	gaps     Gaps
	words    vocabulary
}

// New returns a bot that speaks from base and finds with finder. Now is the
// clock by which dated answers are chosen.
func New(base *kb.Base, finder Finder, now func() time.Time) *Bot {
	return &Bot{base: base, finder: finder, now: now}
}

// maxQuestion is how many bytes of a question are looked at; the rest is cut
// off, and the reply says so.
const maxQuestion = 4000

// Ask answers a question. It never fails: what goes wrong becomes a kind
// sentence, and the error is returned beside it for the log.
func (b *Bot) Ask(ctx context.Context, q Question) (Reply, error) {
	text, cut := cutText(q.Text)
	chosen, failed := b.Choices(ctx, q.Place)
	q.Lang = firstOf(chosen.Lang, q.Lang)
	r, err := b.say(ctx, text, q)
	if cut {
		r.note(b.language(r.Lang).Words["too_long"])
	}
	b.count(q.Place, What(r.Outcome), r)
	return r, errors.Join(failed, err)
}

func (b *Bot) say(ctx context.Context, text string, q Question) (Reply, error) {
	if name, arg, ok := command(text); ok {
		return b.command(ctx, name, arg, q)
	}
	return b.find(ctx, text, q.Lang)
}

func (b *Bot) find(ctx context.Context, text, hint string) (Reply, error) {
	found, err := b.finder.Find(ctx, text, hint)
	if err != nil {
		return b.sorry(hint), fmt.Errorf("find: %w", err)
	}
	lang := b.language(found.Lang)
	r := b.reply(text, found, lang)
	if r.Outcome == None && r.Entry == "" && !found.Foreign && b.gaps != nil {
		err = b.keepWords(ctx, text, lang)
	}
	if found.Foreign {
		r.Blocks = append([]Block{paragraph(lang.Words["language_note"])}, r.Blocks...)
	}
	return r, err
}

func (b *Bot) reply(text string, found Found, lang *kb.Language) Reply {
	d := b.Decide(found)
	switch d.Outcome {
	case Answer:
		return b.answer(d, lang)
	case Choose:
		return b.choose(d, lang)
	default:
		if strings.TrimSpace(text) == "" || len(found.Matches) == 0 && !hasWords(text) {
			return b.empty(lang)
		}
		return b.none(d, text, lang)
	}
}

// language is the language that a program names, or English.
func (b *Bot) language(code string) *kb.Language {
	if l := b.base.Speaks(code); l != nil {
		return l
	}
	return b.base.Languages[0]
}

// cutText makes a text valid UTF-8 of at most maxQuestion bytes.
func cutText(text string) (string, bool) {
	cut := len(text) > maxQuestion
	if cut {
		text = text[:maxQuestion]
	}
	return strings.ToValidUTF8(text, ""), cut
}
