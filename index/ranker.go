package index

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"sync"
)

// ranker orders entries for a question. Per entry it holds a weight vector
// learned against its neighbours and a centre, the mean of its questions; both
// are kept as lists by feature, so that a question costs what its features
// cost, and only candidates are scored.
type ranker struct {
	vocab   *vocabulary
	entries int

	start  []uint32 // by feature: where its postings begin; one more at the end
	low    []uint8  // posting: the lower 8 bits of the entry, which ascends within a feature
	high   []uint8  // posting: the upper ones; empty when no entry has any
	weight []uint8  // posting: the learned weight, as a code of weightLevels
	centre []uint8  // posting: the entry's centre, as a code of likeLevels

	docs     []uint32 // by entry: where its questions begin; one more at the end
	docStart []uint32 // by question: where its features begin; one more at the end
	docID    []uint32 // words, with their stems, and pairs of the question
	docVal   []uint8  // codes of likeLevels; length 1 over them
}

// maxEntries is how many entries an index can have: postings name them in 16 bits.
const maxEntries = math.MaxUint16

// scored is an entry with what speaks for it.
type scored struct {
	entry      int
	signals    [signals]float32
	score      float32 // the signals, blended
	text       float32 // bleve's score as it is
	confidence float64 // the chance that it is the right one
}

// The signals of an entry for a question.
const (
	sigWeight  = iota // learned weights
	sigCentre         // likeness to the mean of its questions
	sigNearest        // likeness to the nearest of its questions
	sigText           // bleve's score against the best candidate's
	signals
)

// scratch is the memory of one question at work; it goes back to a pool.
type scratch struct {
	place  []uint16  // by feature: where values has the question's value; 0 for none, and for all between uses
	values []float32 // the first is 0
	seen   []bool    // by entry
	sum    [][2]float32
	feats  []uint64
	vec    vector
	scored []scored
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) grow(features int) {
	if len(s.place) < features {
		s.place = make([]uint16, features)
	}
}

// spread makes the values of v those of its features, where ok holds of them,
// until they are gathered. A number of two bytes for each feature of the
// vocabulary stays in the cache; a value would not.
func (s *scratch) spread(v vector, ok func(id uint32) bool) {
	s.values = append(s.values[:0], 0)
	for i, id := range v.id {
		if ok(id) && len(s.values) <= math.MaxUint16 {
			s.place[id] = uint16(len(s.values))
			s.values = append(s.values, v.val[i])
		}
	}
}

// of is the value of a feature in what was spread; 0 for none.
func (s *scratch) of(id uint32) float32 { return s.values[s.place[id]] }

// gather forgets what was spread.
func (s *scratch) gather(v vector) {
	for _, id := range v.id {
		s.place[id] = 0
	}
}

func (s *scratch) growEntries(n int) {
	if len(s.seen) < n {
		s.seen = make([]bool, n)
		s.sum = make([][2]float32, n)
	}
}

// score fills in the signals of the candidates for the question v.
func (r *ranker) score(v vector, candidates []scored, s *scratch) {
	s.growEntries(r.entries)
	for _, c := range candidates {
		s.seen[c.entry] = true
		s.sum[c.entry] = [2]float32{}
	}
	for i, id := range v.id {
		r.addPostings(id, v.val[i], candidates, s)
	}
	for i := range candidates {
		c := &candidates[i]
		s.seen[c.entry] = false
		c.signals[sigWeight] = s.sum[c.entry][0]
		c.signals[sigCentre] = s.sum[c.entry][1]
	}
	r.nearest(v, candidates, s)
}

// entryOf is the entry of a posting.
func (r *ranker) entryOf(p uint32) int {
	if len(r.high) == 0 {
		return int(r.low[p])
	}
	return int(r.high[p])<<8 | int(r.low[p])
}

// addPostings adds what feature id says of the candidates. A list much longer
// than the candidates is searched, a short one is walked.
func (r *ranker) addPostings(id uint32, val float32, candidates []scored, s *scratch) {
	from, to := r.start[id], r.start[id+1]
	if int(to-from) > 16*len(candidates) {
		for _, c := range candidates {
			p := from + uint32(sort.Search(int(to-from), func(i int) bool { return r.entryOf(from+uint32(i)) >= c.entry }))
			if p < to && r.entryOf(p) == c.entry {
				sum := &s.sum[c.entry]
				sum[0] += val * weightLevels[r.weight[p]]
				sum[1] += val * likeLevels[r.centre[p]]
			}
		}
		return
	}
	for p := from; p < to; p++ {
		if e := r.entryOf(p); s.seen[e] {
			s.sum[e][0] += val * weightLevels[r.weight[p]]
			s.sum[e][1] += val * likeLevels[r.centre[p]]
		}
	}
}

// alikeFrom is the least likeness to an entry's centre that makes it a candidate.
const alikeFrom = 0.08

// alike adds to the candidates the entries that share the most letter runs and
// words with the question v.
func (r *ranker) alike(v vector, candidates []scored, s *scratch) []scored {
	s.growEntries(r.entries)
	sum := make([]float32, r.entries)
	for i, id := range v.id {
		if id == biasID {
			continue
		}
		for p := r.start[id]; p < r.start[id+1]; p++ {
			sum[r.entryOf(p)] += v.val[i] * likeLevels[r.centre[p]]
		}
	}
	var more []uint32
	for e, like := range sum {
		known := slices.ContainsFunc(candidates, func(c scored) bool { return c.entry == e })
		if like >= alikeFrom && !known {
			more = append(more, uint32(e))
		}
	}
	for _, e := range topEntries(more, sum, fewHits) {
		candidates = append(candidates, scored{entry: int(e)})
	}
	return candidates
}

// nearestOf is how many of the candidates, best first, are compared question
// by question.
const nearestOf = 3

// nearest fills in the likeness to the nearest question for the candidates
// that the other signals put first.
func (r *ranker) nearest(v vector, candidates []scored, s *scratch) {
	s.spread(v, func(id uint32) bool { return nearKind(r.vocab.kind[id]) })
	slices.SortFunc(candidates, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.signals[sigWeight], a.signals[sigWeight]), cmp.Compare(a.entry, b.entry))
	})
	for i := range candidates {
		if i == nearestOf {
			break
		}
		c := &candidates[i]
		best := float32(0)
		for d := r.docs[c.entry]; d < r.docs[c.entry+1]; d++ {
			sum := float32(0)
			for p := r.docStart[d]; p < r.docStart[d+1]; p++ {
				sum += s.of(r.docID[p]) * likeLevels[r.docVal[p]]
			}
			best = max(best, sum)
		}
		c.signals[sigNearest] = best * nearNorm
	}
	s.gather(v)
}

// nearNorm is 1 over the length that a question's near features have when all are known.
var nearNorm = 1 / sqrt(shares[kindWord]*shares[kindWord]+shares[kindPair]*shares[kindPair])

func nearKind(k kind) bool { return k == kindWord || k == kindPair }
