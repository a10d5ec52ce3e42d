package index

import "math/bits"

// hashes is a sorted list of features that can be read from a file as it is. A
// bucket, chosen by a feature's upper bits, holds about three, and of each the 24
// bits that follow: with those of the bucket they tell features of a kind apart
// well enough (one that is not in the list is taken for one that is with a chance
// of one in five million), at a quarter of a hash table's size. The bits that tell
// the kind are left out.
type hashes struct {
	bucket []uint32 // by upper bits: the place where its features begin; one more at the end
	low    []uint8  // by place: the bits that follow in lowSize bytes, the highest first, ascending in each bucket
}

// lowSize is how many bytes of a feature follow its bucket.
const lowSize = 3

// maxBucketBits leaves the bits that hold a feature's kind out of low.
const maxBucketBits = 24

// newHashes lists features, which are sorted.
func newHashes(sorted []uint64) hashes {
	b := min(max(bits.Len(uint(len(sorted)))-2, 0), maxBucketBits)
	h := hashes{bucket: make([]uint32, 1<<b+1), low: make([]uint8, 0, lowSize*len(sorted))}
	for _, f := range sorted {
		k, low := split(f, b)
		h.bucket[k+1]++
		h.low = append(h.low, uint8(low>>16), uint8(low>>8), uint8(low))
	}
	for k := range 1 << b {
		h.bucket[k+1] += h.bucket[k]
	}
	return h
}

// split gives a feature's bucket and the bits that follow. The topmost bit is
// left out: all have it.
func split(f uint64, bucketBits int) (int, uint32) {
	return int(f << 1 >> (64 - bucketBits)), uint32(f << (1 + bucketBits) >> (64 - 8*lowSize))
}

// find gives the first place of a feature, and the one behind its last; they are
// equal when it is not listed.
func (h *hashes) find(f uint64) (from, to int) {
	k, low := split(f, bits.Len(uint(len(h.bucket)-1))-1)
	from, end := int(h.bucket[k]), int(h.bucket[k+1])
	for from < end && h.at(from) < low {
		from++
	}
	for to = from; to < end && h.at(to) == low; {
		to++
	}
	return from, to
}

// at is what low holds of a place.
func (h *hashes) at(i int) uint32 {
	b := h.low[lowSize*i : lowSize*i+lowSize]
	return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
}
