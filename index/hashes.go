package index

import "math/bits"

// hashes is a sorted list of features that can be read from a file as it is. A
// bucket, chosen by a feature's upper bits, holds about three, and of each the 32
// bits that follow: with those of the bucket they tell features of a kind apart
// as well as all 64 would (one that is not in a list of 200,000 is taken for one
// that is with a chance of one in a thousand million), at a third of a hash
// table's size. The bits that tell the kind are left out.
type hashes struct {
	bucket []uint32 // by upper bits: the place where its features begin; one more at the end
	low    []uint32 // by place: the bits that follow, ascending in each bucket
}

// maxBucketBits leaves the bits that hold a feature's kind out of low.
const maxBucketBits = 24

// newHashes lists features, which are sorted.
func newHashes(sorted []uint64) hashes {
	b := min(max(bits.Len(uint(len(sorted)))-2, 0), maxBucketBits)
	h := hashes{bucket: make([]uint32, 1<<b+1), low: make([]uint32, len(sorted))}
	for i, f := range sorted {
		k, low := split(f, b)
		h.bucket[k+1]++
		h.low[i] = low
	}
	for k := range 1 << b {
		h.bucket[k+1] += h.bucket[k]
	}
	return h
}

// split gives a feature's bucket and the bits that follow. The topmost bit is
// left out: all have it.
func split(f uint64, bucketBits int) (int, uint32) {
	return int(f << 1 >> (64 - bucketBits)), uint32(f << (1 + bucketBits) >> 32)
}

// find gives the first place of a feature, and the one behind its last; they are
// equal when it is not listed.
func (h *hashes) find(f uint64) (from, to int) {
	k, low := split(f, bits.Len(uint(len(h.bucket)-1))-1)
	from, end := int(h.bucket[k]), int(h.bucket[k+1])
	for from < end && h.low[from] < low {
		from++
	}
	for to = from; to < end && h.low[to] == low; {
		to++
	}
	return from, to
}
