package index

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
)

// texts is bleve's index of the entries' texts. Questions are put to bleve's own
// searchers: bleve.Index.Search makes of each hit what this program has no use
// for, and two thirds of the memory that a question took went into that.
type texts struct {
	bleve bleve.Index
	entry []int32 // by bleve's number of a document: its entry
}

// newTexts closes the index when it fails.
func newTexts(ix bleve.Index) (*texts, error) {
	t := &texts{bleve: ix}
	fail := func(err error) (*texts, error) { return nil, errors.Join(fmt.Errorf("bleve: %w", err), ix.Close()) }
	inner, err := ix.Advanced()
	if err != nil {
		return fail(err)
	}
	reader, err := inner.Reader()
	if err != nil {
		return fail(err)
	}
	defer func() { _ = reader.Close() }() // it was only read
	all, err := reader.DocIDReaderAll()
	if err != nil {
		return fail(err)
	}
	defer func() { _ = all.Close() }() // likewise
	for {
		number, err := all.Next()
		if err != nil {
			return fail(err)
		}
		if number == nil {
			return t, nil
		}
		id, err := reader.ExternalID(number)
		if err != nil {
			return fail(err)
		}
		entry, err := strconv.ParseInt(id, 10, 32)
		if err != nil {
			return fail(fmt.Errorf("document id %q: %w", id, err))
		}
		at := int(number.Value())
		t.entry = append(t.entry, make([]int32, max(0, at+1-len(t.entry)))...)
		t.entry[at] = int32(entry)
	}
}

func (t *texts) close() error { return t.bleve.Close() }

// contextEvery is after how many hits a search looks whether it is still wanted.
const contextEvery = 1024

// search gives the size entries that score highest for any of the queries, best
// first, in out.
func (t *texts) search(ctx context.Context, all []query.Query, size int, out []scored) ([]scored, error) {
	out = out[:0]
	if len(all) == 0 {
		return out, nil
	}
	inner, err := t.bleve.Advanced()
	if err != nil {
		return out, fmt.Errorf("bleve: %w", err)
	}
	reader, err := inner.Reader()
	if err != nil {
		return out, fmt.Errorf("bleve: %w", err)
	}
	defer func() { _ = reader.Close() }() // it was only read
	s, err := query.NewDisjunctionQuery(all).Searcher(ctx, reader, t.bleve.Mapping(), search.SearcherOptions{})
	if err != nil {
		return out, fmt.Errorf("bleve: %w", err)
	}
	defer func() { _ = s.Close() }() // likewise
	hits := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(s.DocumentMatchPoolSize(), 0), IndexReader: reader}
	for n := 0; ; n++ {
		hit, err := s.Next(hits)
		if err == nil && n%contextEvery == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return out[:0], fmt.Errorf("bleve: %w", err)
		}
		if hit == nil {
			return cut(out, size), nil
		}
		if len(out) > 4*size {
			out = best(out, size+1)
		}
		out = append(out, scored{entry: int(t.entry[hit.IndexInternalID.Value()]), text: float32(hit.Score)})
		hits.DocumentMatchPool.Put(hit)
	}
}

// best gives the n hits that score highest, in that order.
func best(hits []scored, n int) []scored {
	slices.SortFunc(hits, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.text, a.text), cmp.Compare(a.entry, b.entry))
	})
	return hits[:min(n, len(hits))]
}

// cut leaves the size hits that score highest, and of those that score the same
// as the first one left out none: sums are added up in the order of the documents
// in bleve's files, which is another each time, and the same content must give
// the same answers.
func cut(hits []scored, size int) []scored {
	hits = best(hits, size+1)
	if len(hits) <= size {
		return hits
	}
	const rounding = 1e-6
	n := sort.Search(size, func(i int) bool { return hits[i].text <= hits[size].text*(1+rounding) })
	if n == 0 {
		return hits[:size]
	}
	return hits[:n]
}
