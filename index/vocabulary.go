package index

import (
	"math"
	"slices"
)

// vocabulary numbers the features seen in training: a feature's number is its
// place among the sorted ones, plus 1.
type vocabulary struct {
	hashes
	kind   []kind // by number
	idf    []float32
	maxIDF float32
}

// newVocabulary numbers the features of df (in how many of n texts each
// stands), in the order of their hashes, so that the same texts always give
// the same numbers. Number 0 is the bias.
func newVocabulary(df map[uint64]int32, n int) *vocabulary {
	all := make([]uint64, 0, len(df))
	for f := range df {
		all = append(all, f)
	}
	slices.Sort(all)
	v := &vocabulary{
		hashes: newHashes(all),
		kind:   make([]kind, 1, len(all)+1), idf: make([]float32, 1, len(all)+1),
		maxIDF: inverseFrequency(1, n),
	}
	v.kind[biasID], v.idf[biasID] = kindBias, 1
	for _, f := range all {
		v.kind = append(v.kind, kindOf(f))
		v.idf = append(v.idf, inverseFrequency(df[f], n))
	}
	return v
}

// inverseFrequency is the smoothed inverse document frequency of a feature
// that stands in df of n texts: log((n+1)/(df+1)) + 1.
func inverseFrequency(df int32, n int) float32 {
	return float32(math.Log(float64(n+1)/float64(df+1)) + 1)
}

// once reports whether a feature stands in a single text.
func (v *vocabulary) once(id uint32) bool { return v.idf[id] == v.maxIDF }

func (v *vocabulary) lookup(f uint64) (uint32, bool) {
	from, to := v.find(f)
	for id := from + 1; id <= to; id++ { // kinds are not told by what is listed
		if v.kind[id] == kindOf(f) {
			return uint32(id), true
		}
	}
	return 0, false
}
