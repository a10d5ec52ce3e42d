package index

import (
	"context"
	"slices"
	"testing"

	"github.com/blevesearch/bleve/v2/search"
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
		ix, err := newMemoryIndex(docs)
		if err != nil {
			t.Fatal(err)
		}
		all := []query.Query{termQuery(fieldAsked, "deadline", 1), termQuery(fieldAsked, "form", 1)}
		found, err := run(context.Background(), ix, all, 8, nil)
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
		if err := ix.Close(); err != nil {
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
		{[]float64{3, 2, 1, 1}, 3, 2}, {[]float64{3, 1 + 1e-15, 1, 1}, 3, 1}, {[]float64{1, 1, 1, 1}, 3, 3},
	} {
		var hits search.DocumentMatchCollection
		for _, s := range tt.scores {
			hits = append(hits, &search.DocumentMatch{Score: s})
		}
		if got := len(cut(hits, tt.size)); got != tt.want {
			t.Errorf("%v cut to %d: %d left, want %d", tt.scores, tt.size, got, tt.want)
		}
	}
}
