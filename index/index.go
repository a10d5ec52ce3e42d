// Package index finds the entries of a knowledge base that answer a question.
// It is the only package that knows bleve: bleve finds candidates, a ranker
// learned from the entries' own questions orders them, and a fitted confidence
// says how sure that is.
//
// An index is built once for a content ([Build]) and opened in milliseconds
// ([Open]); [Cached] does whichever is needed.
package index

import (
	"cmp"
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
	base   *kb.Base
	langs  []*language // in the order of the base's
	detect *detector
}

func newIndex(base *kb.Base) *Index {
	return &Index{base: base, langs: make([]*language, len(base.Languages))}
}

// ready prepares an index of which all languages are open.
func (ix *Index) ready() *Index {
	profiles := make([][]uint8, len(ix.langs))
	for i, l := range ix.langs {
		profiles[i] = l.profiles
	}
	ix.detect = newDetector(profiles)
	return ix
}

// language is the index of one language.
type language struct {
	code     string
	engine   *engine
	claims   *claims
	profiles []uint8
	mapping  mmap.MMap
	byNum    []*kb.Entry // entries by number
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
// the language of the person's program, which only tips close calls. It does not
// fail because nothing is found.
func (ix *Index) Find(ctx context.Context, text, hint string) (Result, error) {
	likely := ix.guess(text, hint)
	var best Result
	sure := -1.0
	for _, l := range likely {
		res, err := ix.findIn(ctx, l, text)
		if err != nil {
			return Result{Lang: likely[0].code}, err
		}
		if c := res.confidence(); c > sure {
			best, sure = res, c
		}
	}
	if best.Foreign {
		best.Lang = ix.langs[ix.number(hint)].code
	}
	return best, nil
}

// confidence is that of the best match; a text in another language has least.
func (r *Result) confidence() float64 {
	switch {
	case r.Foreign:
		return -0.5
	case len(r.Matches) == 0:
		return 0
	}
	return r.Matches[0].Confidence
}

// findIn looks for a question in one language.
func (ix *Index) findIn(ctx context.Context, l *language, text string) (Result, error) {
	res := Result{Lang: l.code}
	ws := l.engine.lex.words(text)
	if len(ws) == 0 {
		return res, nil
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	found, err := l.engine.search(ctx, ws, s)
	if err != nil {
		return res, err
	}
	unknown := float64(len(l.engine.unknown(ws))) / float64(len(ws))
	res.Foreign = len(ws) >= foreignWords && unknown > foreignShare || inNoScript(ix.base, text)
	for _, f := range found {
		res.Matches = append(res.Matches, Match{ID: l.byNum[f.entry].ID, Confidence: f.confidence})
	}
	slices.SortStableFunc(res.Matches, func(a, b Match) int { return cmp.Compare(b.Confidence, a.Confidence) })
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
func (ix *Index) FindClaim(_ context.Context, text, hint string) (string, error) {
	l := ix.guess(text, hint)[0]
	ws := l.engine.lex.words(text)
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
func (ix *Index) Suggest(ctx context.Context, typed, hint string, n int) ([]string, error) {
	if len(words(typed)) == 0 {
		return ix.base.Central[:min(n, len(ix.base.Central))], nil
	}
	l := ix.guess(typed, hint)[0]
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

// Close frees the index. Searches that run are waited for by bleve; the caller
// makes sure that none begins.
func (ix *Index) Close() error {
	var errs []error
	for _, l := range ix.langs {
		if l == nil {
			continue
		}
		errs = append(errs, l.engine.close())
		if l.mapping != nil {
			errs = append(errs, l.mapping.Unmap())
		}
	}
	return errors.Join(errs...)
}

// corpusOf gives what a language's engine learns: each entry's title, its
// questions, and the claims that it answers.
func corpusOf(base *kb.Base, lang string, lex *lexicon) corpus {
	var c corpus
	number := map[string]int{}
	for i, e := range base.Entries {
		t := e.Texts[lang] // where it is not translated, that of another language
		number[e.ID] = i
		c.answers = append(c.answers, e.Kind == kb.Answer)
		c.extra = append(c.extra, document{Title: t.Title, Body: bodyText(e, lang)})
		for _, q := range append([]string{t.Title}, t.Questions...) {
			c.examples = append(c.examples, example{lex.words(q), i})
		}
	}
	for _, cl := range base.Claims {
		t := cl.Texts[lang]
		for _, q := range append([]string{t.Claim}, t.Said...) {
			c.examples = append(c.examples, example{lex.words(q), number[cl.Entry]})
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

// openLanguage opens a language's folder.
func openLanguage(base *kb.Base, lang *kb.Language, folder string) (*language, error) {
	if err := verify(lang, folder); err != nil {
		return nil, err
	}
	s, m, err := openRanker(filepath.Join(folder, rankerFile))
	if err != nil {
		return nil, err
	}
	l := &language{code: lang.Code, claims: s.claims, profiles: s.profiles, mapping: m, byNum: base.Entries}
	if s.ranker.entries != len(base.Entries) || len(s.profiles) == 0 || len(s.profiles)%profileSize != 0 {
		_ = m.Unmap()
		return nil, fmt.Errorf("open index %s: %w", folder, errDamaged)
	}
	l.engine = &engine{lex: lexiconOf(lang), ranker: s.ranker, speller: s.speller, blend: *s.blend}
	for _, e := range base.Entries {
		l.engine.answers = append(l.engine.answers, e.Kind == kb.Answer)
	}
	if l.engine.docs, err = openTexts(filepath.Join(folder, bleveFolder)); err != nil {
		_ = m.Unmap()
		return nil, err
	}
	return l, nil
}
