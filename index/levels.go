package index

import (
	"math"
	"sort"
)

// levels are 256 values, each a constant factor above the one before, that stand
// for numbers in one byte: what is learned from examples is never as exact as the
// steps are small, and an index takes a fraction of the memory. A byte is read
// with a look into a table that stays in the cache.
type levels [256]float32

// The levels of what an index holds. Learned weights have signs, and those under
// negligible are left out; likenesses are parts of a vector of length 1.
var (
	weightLevels = newLevels(negligible, 6, true)   // steps of 4.6 %
	likeLevels   = newLevels(1.0/(1<<12), 1, false) // steps of 3.3 %
)

// newLevels spreads the levels over the sizes from least to most; code 0 is 0,
// and where values have a sign, the codes from 128 on are negative.
func newLevels(least, most float64, signed bool) *levels {
	var l levels
	n := len(l) - 1
	if signed {
		n = len(l)/2 - 1
	}
	for i := range n {
		v := float32(least * math.Pow(most/least, float64(i)/float64(n-1)))
		l[1+i] = v
		if signed {
			l[len(l)/2+1+i] = -v
		}
	}
	return &l
}

// code gives the code of the level nearest to f.
func (l *levels) code(f float32) uint8 {
	from, to := 0, len(l)
	if signed := l[len(l)-1] < 0; signed {
		to = len(l) / 2
		if f < 0 {
			from, to, f = len(l)/2, len(l), -f
		}
	}
	size := func(i int) float32 { return max(l[i], -l[i]) }
	i := from + sort.Search(to-from, func(i int) bool { return size(from+i) >= f })
	switch {
	case i == to:
		return uint8(to - 1)
	case i > from && f-size(i-1) < size(i)-f:
		return uint8(i - 1)
	}
	return uint8(i)
}
