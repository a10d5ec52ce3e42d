package index

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2/search/query"
)

// suggest gives at most n answers for what a person has typed so far: the last
// word may be unfinished, and a word may have a letter wrong. Titles count most.
func (e *engine) suggest(ctx context.Context, typed string, n int) ([]int, error) {
	ws := words(typed)
	if len(ws) == 0 {
		return nil, nil
	}
	ws = ws[max(0, len(ws)-searchWords):]
	last := ws[len(ws)-1]
	if strings.HasSuffix(typed, " ") {
		last = ""
	} else {
		ws = ws[:len(ws)-1]
	}
	var all []query.Query
	for _, w := range distinct(ws) {
		all = append(all, termQuery(fieldTitle, w, 3), termQuery(fieldAsked, e.lex.term(w), 1))
	}
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
	return e.hits(ctx, fuzzyQueries(distinct(ws)), n)
}

// hits runs the queries and keeps the first n answers.
func (e *engine) hits(ctx context.Context, all []query.Query, n int) ([]int, error) {
	found, err := run(ctx, e.docs, all, len(e.answers), nil)
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
