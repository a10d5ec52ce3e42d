package index

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
)

// The fields of an entry's document. Texts are folded and stemmed before bleve
// sees them, in the index and in the query alike, so that one plain analyzer
// serves all languages.
const (
	fieldTitle = "title" // words of the title, not stemmed: for search as one types
	fieldWords = "words" // words of the questions, not stemmed: likewise
	fieldAsked = "asked" // terms of title and questions
	fieldBody  = "body"  // terms of the answer
)

// document is what bleve holds of an entry.
type document struct {
	Title string `json:"title"`
	Words string `json:"words"`
	Asked string `json:"asked"`
	Body  string `json:"body"`
}

// Bounds of a search (bleve has none of its own: a long fuzzy query takes
// seconds).
const (
	searchWords = 20 // words that are looked up as one types
	searchTerms = 12 // terms of a question that are looked up, the rarest
	fewHits     = 8  // fewer than these, and the search is widened
	fuzzyWords  = 3  // words that are then looked up with a letter wrong
	fuzzyMin    = 4  // letters that such a word has at least
	fuzzyMax    = 24 // and at most
)

func newMapping() (mapping.IndexMapping, error) {
	const analyzer = "folded"
	m := bleve.NewIndexMapping()
	if err := m.AddCustomAnalyzer(analyzer, map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return nil, fmt.Errorf("bleve: analyzer: %w", err)
	}
	doc := bleve.NewDocumentStaticMapping()
	for _, name := range []string{fieldTitle, fieldWords, fieldAsked, fieldBody} {
		f := bleve.NewTextFieldMapping()
		f.Analyzer = analyzer
		f.Store, f.IncludeTermVectors, f.DocValues, f.IncludeInAll = false, false, false, false
		doc.AddFieldMappingsAt(name, f)
	}
	m.DefaultMapping = doc
	m.DefaultAnalyzer = analyzer
	m.IndexDynamic, m.StoreDynamic, m.DocValuesDynamic = false, false, false
	return m, nil
}

// newMemoryIndex holds the documents in memory: scorch, in one batch, since
// many small ones never merge there. A document's number is its id.
func newMemoryIndex(docs []document) (bleve.Index, error) {
	m, err := newMapping()
	if err != nil {
		return nil, err
	}
	ix, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return nil, fmt.Errorf("bleve: %w", err)
	}
	b := ix.NewBatch()
	for i, d := range docs {
		if err := b.Index(strconv.Itoa(i), d); err != nil {
			return nil, fmt.Errorf("bleve: %w", err)
		}
	}
	if err := ix.Batch(b); err != nil {
		return nil, fmt.Errorf("bleve: %w", err)
	}
	return ix, nil
}

// writeIndex writes the documents to a folder, as one segment.
func writeIndex(folder string, docs []document) error {
	m, err := newMapping()
	if err != nil {
		return err
	}
	b, err := bleve.NewBuilder(folder, m, nil)
	if err != nil {
		return fmt.Errorf("bleve: %w", err)
	}
	for i, d := range docs {
		if err := b.Index(strconv.Itoa(i), d); err != nil {
			_ = b.Close() // the first error says more
			return fmt.Errorf("bleve: %w", err)
		}
	}
	if err := b.Close(); err != nil {
		return fmt.Errorf("bleve: %w", err)
	}
	return nil
}

// openTexts opens a folder for reading; any number of processes may.
func openTexts(folder string) (*texts, error) {
	ix, err := bleve.OpenUsing(folder, map[string]any{"read_only": true})
	if err != nil {
		return nil, fmt.Errorf("bleve: %w", err)
	}
	return newTexts(ix)
}

// memoryTexts holds the documents in memory.
func memoryTexts(docs []document) (*texts, error) {
	ix, err := newMemoryIndex(docs)
	if err != nil {
		return nil, err
	}
	return newTexts(ix)
}

// find gives at most size entries that share the most with the words, best
// first. When the questions have too little of them it looks for words with a
// letter wrong, and in the answers.
func (e *engine) find(ctx context.Context, ws []string, size int, out []scored) ([]scored, error) {
	terms := e.rarestTerms(ws)
	var all []query.Query
	for _, t := range terms {
		all = append(all, termQuery(fieldAsked, t, 1))
	}
	out, err := e.docs.search(ctx, all, size, out)
	if err != nil || len(out) >= fewHits {
		return out, err
	}
	all = append(all, fuzzyQueries(distinct(ws), 0.5)...)
	for _, t := range terms {
		all = append(all, termQuery(fieldBody, t, 0.3))
	}
	return e.docs.search(ctx, all, size, out)
}

// rarestTerms gives the distinct terms of the words, at most searchTerms: the
// common ones stand in nearly every entry and only cost time. Terms that the
// vocabulary does not know come last.
func (e *engine) rarestTerms(ws []string) []string {
	terms := make([]string, 0, len(ws))
	for _, w := range ws {
		terms = append(terms, e.lex.term(w))
	}
	terms = distinct(terms)
	if len(terms) <= searchTerms {
		return terms
	}
	rarity := make(map[string]float32, len(terms))
	for _, t := range terms {
		if id, ok := e.ranker.vocab.lookup(feature(hashString(fnvOffset, t), kindWord)); ok {
			rarity[t] = e.ranker.vocab.idf[id]
		}
	}
	slices.SortStableFunc(terms, func(a, b string) int { return cmp.Compare(rarity[b], rarity[a]) })
	return terms[:searchTerms]
}

func termQuery(field, term string, boost float64) query.Query {
	q := query.NewTermQuery(term)
	q.SetField(field)
	q.SetBoost(boost)
	return q
}

// fuzzyQueries look for the words with one letter wrong, behind the first.
func fuzzyQueries(ws []string, boost float64) []query.Query {
	var all []query.Query
	for _, w := range ws {
		if n := utf8.RuneCountInString(w); n < fuzzyMin || n > fuzzyMax {
			continue
		}
		q := query.NewFuzzyQuery(w)
		q.SetField(fieldWords)
		q.SetFuzziness(1)
		q.SetPrefix(1)
		q.SetBoost(boost)
		if all = append(all, q); len(all) == fuzzyWords {
			break
		}
	}
	return all
}

// distinct gives the values without doubles, in their order.
func distinct(values []string) []string {
	seen := make(map[string]bool, len(values))
	out := make([]string, 0, len(values))
	for _, v := range values {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// terms joins the terms of words for fieldAsked and fieldBody.
func (l *lexicon) terms(ws []string) string {
	out := make([]string, len(ws))
	for i, w := range ws {
		out[i] = l.term(w)
	}
	return strings.Join(out, " ")
}
