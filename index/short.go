package index

import "math"

// short is a number in half the space: the upper half of a float32, known as
// bfloat16. It has the range of a float32 and 8 bits of precision, which is
// plenty for weights that were learned from examples, and it costs a shift to
// read. With it an index takes half the file, and half the memory, that it took.
type short uint16

// shorten rounds to the nearest short.
func shorten(f float32) short {
	b := math.Float32bits(f)
	return short((b + 0x7fff + b>>16&1) >> 16)
}

func (s short) float() float32 { return math.Float32frombits(uint32(s) << 16) }

// maxEntries is how many entries an index can have: postings name them in 16 bits.
const maxEntries = math.MaxUint16
