package index

import (
	"math"
	"slices"
)

// vocabulary numbers the features seen in training. It is an open-addressed
// hash table in two flat arrays, so that it can be read from a file as it is.
type vocabulary struct {
	slot   []uint64 // feature, or 0 for an empty place; length a power of two
	slotID []uint32 // its number
	kind   []kind   // by number
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
	size := 16
	for size < 2*len(all) {
		size *= 2
	}
	v := &vocabulary{
		slot: make([]uint64, size), slotID: make([]uint32, size),
		kind: make([]kind, 1, len(all)+1), idf: make([]float32, 1, len(all)+1),
		maxIDF: inverseFrequency(1, n),
	}
	v.kind[biasID], v.idf[biasID] = kindBias, 1
	for _, f := range all {
		id := uint32(len(v.idf))
		v.kind = append(v.kind, kindOf(f))
		v.idf = append(v.idf, inverseFrequency(df[f], n))
		i := int(f>>3) & (size - 1)
		for v.slot[i] != 0 {
			i = (i + 1) & (size - 1)
		}
		v.slot[i], v.slotID[i] = f, id
	}
	return v
}

// inverseFrequency is the smoothed inverse document frequency of a feature
// that stands in df of n texts: log((n+1)/(df+1)) + 1.
func inverseFrequency(df int32, n int) float32 {
	return float32(math.Log(float64(n+1)/float64(df+1)) + 1)
}

func (v *vocabulary) lookup(f uint64) (uint32, bool) {
	mask := len(v.slot) - 1
	for i := int(f>>3) & mask; ; i = (i + 1) & mask {
		switch v.slot[i] {
		case f:
			return v.slotID[i], true
		case 0:
			return 0, false
		}
	}
}
