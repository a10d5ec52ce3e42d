package bot

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"optoutbot/kb"
)

// Gaps keeps words of questions that found nothing, so that curators see what
// is missing.
type Gaps interface {
	KeepUnanswered(ctx context.Context, lang, words string) error
}

// Misses hands the bot a place for words of questions that found nothing. Only
// do so when the operator asked for it. Call it before the bot is used.
func (b *Bot) Misses(g Gaps) { b.gaps = g }

// vocabulary holds the words of the knowledge base's questions, by language.
type vocabulary struct {
	mu    sync.Mutex
	words map[string]map[string]bool
}

func (v *vocabulary) of(base *kb.Base, lang string) map[string]bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.words == nil {
		v.words = map[string]map[string]bool{}
	}
	if v.words[lang] == nil {
		known := map[string]bool{}
		for _, e := range base.Entries {
			for _, q := range e.Texts[lang].Questions {
				for _, w := range plainWords(q) {
					known[w] = true
				}
			}
		}
		v.words[lang] = known
	}
	return v.words[lang]
}

const (
	minKept = 2   // fewer words say nothing
	maxKept = 200 // bytes
)

// keepWords keeps what of a question cannot point to a person: words that stand
// in the knowledge base's own questions, in lower case. Names, handles,
// addresses and links are in no such list, and numbers are left out even so.
// What is left out shows as a dot.
func (b *Bot) keepWords(ctx context.Context, text string, lang *kb.Language) error {
	known := b.words.of(b.base, lang.Code)
	var out strings.Builder
	n := 0
	for _, field := range strings.Fields(text) {
		word := "·"
		if w := plainWords(field); len(w) == 1 && known[w[0]] && !strings.ContainsAny(field, "@#/0123456789") {
			word = w[0]
			n++
		} else if strings.HasSuffix(out.String(), "·") {
			continue
		}
		if out.Len()+1+len(word) > maxKept {
			break
		}
		if out.Len() > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(word)
	}
	if n < minKept {
		return nil
	}
	if err := b.gaps.KeepUnanswered(ctx, lang.Code, out.String()); err != nil {
		return fmt.Errorf("keep unanswered: %w", err)
	}
	return nil
}
