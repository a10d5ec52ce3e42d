package index

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/search/query"
)

// suggestFrom is the confidence from which on the ranker's order goes first. It
// is high, since the ranker takes an unfinished word for a whole one.
const suggestFrom = 0.4

// suggest gives at most n answers for what a person has typed so far: first
// those that the ranker would give, as far as it is sure, then those that have
// the words, of which the last may be unfinished.
func (e *engine) suggest(ctx context.Context, typed string, n int) ([]int, error) {
	ws := e.lex.words(typed)
	if len(ws) == 0 {
		return nil, nil
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	ranked, err := e.search(ctx, ws, s)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, c := range ranked {
		if len(ws) > 1 && e.answers[c.entry] && c.confidence >= suggestFrom && len(out) < n {
			out = append(out, c.entry)
		}
	}
	rest, err := e.matching(ctx, ws, strings.HasSuffix(typed, " "), n)
	for _, entry := range rest {
		if !slices.Contains(out, entry) && len(out) < n {
			out = append(out, entry)
		}
	}
	return out, err
}

// matching gives the answers that have the words; titles count most. Unless
// the typing is done the last word may be the beginning of one.
func (e *engine) matching(ctx context.Context, ws []string, done bool, n int) ([]int, error) {
	ws = ws[max(0, len(ws)-searchWords):]
	last := ws[len(ws)-1]
	if done {
		last = ""
	} else {
		ws = ws[:len(ws)-1]
	}
	var all []query.Query
	for _, w := range distinct(ws) {
		all = append(all, termQuery(fieldTitle, w, 3), termQuery(fieldAsked, e.lex.term(w), 1))
	}
	all = append(all, fuzzyQueries(e.unknown(distinct(ws)), 3)...)
	if last != "" {
		all = append(all, prefixQuery(fieldTitle, last, 4), termQuery(fieldAsked, e.lex.term(last), 1))
		if utf8.RuneCountInString(last) >= 3 {
			all = append(all, prefixQuery(fieldWords, last, 1))
		}
		ws = append(ws, last)
	}
	out, err := e.hits(ctx, all, n)
	if err != nil || len(out) > 0 {
		return out, err
	}
	return e.hits(ctx, fuzzyQueries(distinct(ws), 1), n)
}

// unknown gives the words that no question has, most likely misspelt ones.
func (e *engine) unknown(ws []string) []string {
	var out []string
	for _, w := range ws {
		if e.isUnknown(w) {
			out = append(out, w)
		}
	}
	return out
}

// hits runs the queries and keeps the first n answers.
func (e *engine) hits(ctx context.Context, all []query.Query, n int) ([]int, error) {
	found, err := e.docs.search(ctx, all, len(e.answers), nil)
	var out []int
	for _, f := range found {
		if e.answers[f.entry] && len(out) < n {
			out = append(out, f.entry)
		}
	}
	return out, err
}

func prefixQuery(field, prefix string, boost float64) query.Query {
	q := query.NewPrefixQuery(prefix)
	q.SetField(field)
	q.SetBoost(boost)
	return q
}
