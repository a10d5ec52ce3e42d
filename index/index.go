// Package index finds the entries of a knowledge base that answer a question.
// It is the only package that knows bleve: bleve finds candidates, a ranker
// learned from the entries' own questions orders them, and a fitted confidence
// says how sure that is.
//
// An index is built once for a content ([Build]) and opened in milliseconds
// ([Open]); [Cached] does whichever is needed.
package index

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/blevesearch/mmap-go"

	"optoutbot/kb"
)

// Index finds entries. It may be used from many goroutines until it is closed.
type Index struct {
	base  *kb.Base
	langs []*language
}

// language is the index of one language.
type language struct {
	code    string
	engine  *engine
	claims  *claims
	mapping mmap.MMap
	byNum   []*kb.Entry // entries by number
}

// Result is what was found for a question.
type Result struct {
	Lang    string // the language in which was searched
	Foreign bool   // most of the question's words are in no text of that language
	Matches []Match
	Claim   string // id of the claim that the question repeats, or empty
}

// Match is an entry that may answer a question.
type Match struct {
	ID         string
	Confidence float64 // the chance that it is the right one, 0 to 1
}

// Limits of what Find returns and of what counts as a claim. Likeness is the
// cosine of the question and a wording of the claim.
const (
	maxMatches   = 8
	claimLike    = 0.45 // in an answer to a question that repeats a claim
	claimAlone   = 0.33 // when the person asked to check a claim
	foreignShare = 0.45 // share of unknown words from which on a text is in another language
	foreignWords = 4    // shorter texts are not judged
)

// Find looks for the entries that answer a question, best first. The hint is
// the language of the person's program. It does not fail because nothing is
// found.
func (ix *Index) Find(ctx context.Context, text, hint string) (Result, error) {
	l := ix.language(hint)
	res := Result{Lang: l.code}
	ws := words(text)
	if len(ws) == 0 {
		return res, nil
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	found, err := l.engine.search(ctx, ws, s)
	if err != nil {
		return res, err
	}
	res.Foreign = len(ws) >= foreignWords && float64(len(l.engine.unknown(ws))) > foreignShare*float64(len(ws))
	for _, f := range found {
		res.Matches = append(res.Matches, Match{ID: l.byNum[f.entry].ID, Confidence: f.confidence})
	}
	slices.SortStableFunc(res.Matches, func(a, b Match) int {
		switch {
		case a.Confidence > b.Confidence:
			return -1
		case a.Confidence < b.Confidence:
			return 1
		}
		return 0
	})
	res.Matches = res.Matches[:min(len(res.Matches), maxMatches)]
	if len(res.Matches) > 0 {
		top := res.Matches[0].ID
		claim, like := l.claims.nearest(s.vec, func(c uint32) bool { return ix.base.Claims[c].Entry == top }, s)
		if claim >= 0 && like >= claimLike {
			res.Claim = ix.base.Claims[claim].ID
		}
	}
	return res, nil
}

// FindClaim gives the id of the claim that a text repeats, or "".
func (ix *Index) FindClaim(_ context.Context, text, lang string) (string, error) {
	l := ix.language(lang)
	ws := words(text)
	if len(ws) == 0 {
		return "", nil
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	s.feats = l.engine.lex.extract(ws, s.feats[:0])
	s.vec = l.engine.ranker.vocab.weigh(s.feats, s, s.vec)
	claim, like := l.claims.nearest(s.vec, func(uint32) bool { return true }, s)
	if claim < 0 || like < claimAlone {
		return "", nil
	}
	return ix.base.Claims[claim].ID, nil
}

// Suggest gives ids of at most n answers for what a person has typed so far;
// the central ones when that is nothing.
func (ix *Index) Suggest(ctx context.Context, typed, lang string, n int) ([]string, error) {
	l := ix.language(lang)
	if len(words(typed)) == 0 {
		return ix.base.Central[:min(n, len(ix.base.Central))], nil
	}
	found, err := l.engine.suggest(ctx, typed, n)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range found {
		out = append(out, l.byNum[e].ID)
	}
	return out, nil
}

// language is the index of the language with the code, or of English.
func (ix *Index) language(code string) *language {
	code, _, _ = strings.Cut(strings.ToLower(code), "-")
	for _, l := range ix.langs {
		if l.code == code {
			return l
		}
	}
	return ix.langs[0]
}

// Close frees the index. Searches that run are waited for by bleve; the caller
// makes sure that none begins.
func (ix *Index) Close() error {
	var errs []error
	for _, l := range ix.langs {
		errs = append(errs, l.engine.close())
		if l.mapping != nil {
			errs = append(errs, l.mapping.Unmap())
		}
	}
	return errors.Join(errs...)
}

// corpusOf gives what a language's engine learns: each entry's title, its
// questions, and the claims that it answers.
func corpusOf(base *kb.Base, lang string) corpus {
	var c corpus
	number := map[string]int{}
	for i, e := range base.Entries {
		t := e.Texts[lang]
		number[e.ID] = i
		c.answers = append(c.answers, e.Kind == kb.Answer)
		c.extra = append(c.extra, document{Title: t.Title, Body: bodyText(e, lang)})
		for _, q := range append([]string{t.Title}, t.Questions...) {
			c.examples = append(c.examples, example{words(q), i})
		}
	}
	for _, cl := range base.Claims {
		t := cl.Texts[lang]
		for _, q := range append([]string{t.Claim}, t.Said...) {
			c.examples = append(c.examples, example{words(q), number[cl.Entry]})
		}
	}
	return c
}

func bodyText(e *kb.Entry, lang string) string {
	var all []string
	for _, b := range e.Texts[lang].Bodies() {
		all = append(all, b.Text())
	}
	return strings.Join(all, "\n")
}

// wordings lists the ways in which claims are put in a language.
func wordings(base *kb.Base, lang string) (texts []string, of []uint32) {
	for i, c := range base.Claims {
		t := c.Texts[lang]
		for _, w := range append([]string{t.Claim}, t.Said...) {
			texts = append(texts, w)
			of = append(of, uint32(i))
		}
	}
	return texts, of
}

// openLanguage opens a language's part of a folder.
func openLanguage(base *kb.Base, folder string, lang *kb.Language) (*language, error) {
	s, m, err := openRanker(filepath.Join(folder, lang.Code, rankerFile))
	if err != nil {
		return nil, err
	}
	l := &language{code: lang.Code, claims: s.claims, mapping: m, byNum: base.Entries}
	if s.ranker.entries != len(base.Entries) {
		_ = m.Unmap()
		return nil, fmt.Errorf("open index %s: %w", folder, errDamaged)
	}
	l.engine = &engine{lex: lexiconOf(lang), ranker: s.ranker, speller: s.speller, blend: *s.blend}
	for _, e := range base.Entries {
		l.engine.answers = append(l.engine.answers, e.Kind == kb.Answer)
	}
	if l.engine.docs, err = openIndex(filepath.Join(folder, lang.Code, bleveFolder)); err != nil {
		_ = m.Unmap()
		return nil, err
	}
	return l, nil
}
