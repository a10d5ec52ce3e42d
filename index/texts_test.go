package index

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
)

// TestEqualHitsAreCutTogether: bleve numbers documents in another order each
// time; what is found must not depend on it.
func TestEqualHitsAreCutTogether(t *testing.T) {
	docs := []document{{Asked: "deadline deadline"}, {Asked: "deadline form"}}
	for range 30 {
		docs = append(docs, document{Asked: "deadline post"})
	}
	for range 20 {
		ix, err := memoryTexts(docs)
		if err != nil {
			t.Fatal(err)
		}
		all := []query.Query{termQuery(fieldAsked, "deadline", 1), termQuery(fieldAsked, "form", 1)}
		found, err := ix.search(context.Background(), all, 8, nil)
		if err != nil {
			t.Fatal(err)
		}
		var entries []int
		for _, f := range found {
			entries = append(entries, f.entry)
		}
		slices.Sort(entries)
		if !slices.Equal(entries, []int{0, 1}) {
			t.Fatalf("found %v, want 0 and 1, for the others score the same", entries)
		}
		if err := ix.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		scores     []float64
		size, want int
	}{
		{nil, 3, 0}, {[]float64{2, 1}, 3, 2}, {[]float64{3, 2, 1}, 3, 3}, {[]float64{3, 2, 1, 0.5}, 3, 3},
		{[]float64{3, 2, 1, 1}, 3, 2}, {[]float64{3, 1 + 1e-7, 1, 1}, 3, 1}, {[]float64{1, 1, 1, 1}, 3, 3},
	} {
		var hits []scored
		for i, s := range tt.scores {
			hits = append(hits, scored{entry: i, text: float32(s)})
		}
		if got := len(cut(hits, tt.size)); got != tt.want {
			t.Errorf("%v cut to %d: %d left, want %d", tt.scores, tt.size, got, tt.want)
		}
	}
}

// TestSearchIsBleves: what is found, and how it scores, is what bleve's own search
// gives, whatever number bleve has given a document.
func TestSearchIsBleves(t *testing.T) {
	c, questions := madeUp(300, 20)
	ix, err := memoryTexts(documents(newLexicon(""), c))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.close() }() // nothing was written
	for _, q := range questions[:100] {
		var all []query.Query
		for _, w := range distinct(words(q)) {
			all = append(all, termQuery(fieldAsked, w, 1))
		}
		all = append(all, fuzzyQueries(words(q), 0.5)...)
		found, err := ix.search(context.Background(), all, 300, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := ix.bleve.Search(bleve.NewSearchRequestOptions(query.NewDisjunctionQuery(all), 300, 0, false))
		if err != nil {
			t.Fatal(err)
		}
		score := map[string]float32{}
		for _, h := range want.Hits {
			score[h.ID] = float32(h.Score)
		}
		if len(found) != len(score) {
			t.Fatalf("%q: %d found, bleve finds %d", q, len(found), len(score))
		}
		for _, f := range found {
			if s := score[strconv.Itoa(f.entry)]; f.text < s*(1-1e-6) || f.text > s*(1+1e-6) {
				t.Fatalf("%q: entry %d scores %v, with bleve %v", q, f.entry, f.text, s)
			}
		}
	}
}

func TestSearchEndsWithItsContext(t *testing.T) {
	ix, err := memoryTexts([]document{{Asked: "deadline"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.close() }() // nothing was written
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := ix.search(ctx, []query.Query{termQuery(fieldAsked, "deadline", 1)}, 8, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
