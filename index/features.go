package index

import "math"

// A kind is a sort of feature. A feature is the hash of one property of a text,
// with its kind in the low bits. Kinds are normalised apart, so that many letter
// runs do not outweigh few words.
type kind uint8

const (
	kindWord kind = iota // a word, and its stem
	kindPair             // two neighbouring words, or a word at an end
	kindGram             // 2 to 5 letters of a word with its borders
	kindBias             // what every text has
	kinds                // how many kinds there are
)

const (
	kindBits  = 7 // the bits of a feature that hold its kind
	gramMin   = 2
	gramMax   = 5
	border    = 0x1F // stands for the start and the end of a word or text
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hashString(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

// feature finishes an FNV-1a sum (whose low bits are weak) and marks its kind.
// It is never 0, which marks an empty place in the vocabulary.
func feature(h uint64, k kind) uint64 {
	h ^= h >> 32
	h *= 0xD6E8FEB86659FD93
	h ^= h >> 32
	return h&^kindBits | uint64(k) | 1<<63
}

func kindOf(f uint64) kind { return kind(f & kindBits) }

// extract appends the features of a text's words to out; a feature stands in
// it as often as in the text.
func (l *lexicon) extract(ws []string, out []uint64) []uint64 {
	prev := hashString(fnvOffset, "\x1f")
	end := prev
	var buf [maxWordRunes + 2]rune
	for _, w := range ws {
		hw := hashString(fnvOffset, w)
		out = append(out, feature(hw, kindWord), feature(prev*31+hw, kindPair))
		prev = hw
		runes := append(buf[:0], border)
		for _, r := range w {
			runes = append(runes, r)
		}
		runes = append(runes, border)
		for i := range runes {
			h := uint64(fnvOffset)
			for j := i; j < len(runes) && j-i < gramMax; j++ {
				h = (h ^ uint64(runes[j])) * fnvPrime
				if j-i+1 >= gramMin {
					out = append(out, feature(h, kindGram))
				}
			}
		}
	}
	if len(ws) > 0 {
		out = append(out, feature(prev*31+end, kindPair))
	}
	if l.stem != nil {
		for _, w := range ws {
			out = append(out, feature(hashString(fnvOffset, l.stem(w)), kindWord))
		}
	}
	return out
}

// vector is a sparse vector over the vocabulary.
type vector struct {
	id  []uint32
	val []float32
}

// shares are the lengths that the kinds of features have in a vector.
var shares = [kinds]float32{kindWord: 1, kindPair: 0.7, kindGram: 0.85, kindBias: 0}

// biasID is the feature that every text has: it lets a weight vector say no to
// a text of which it knows nothing.
const (
	biasID    = 0
	biasValue = 0.7

	// unknownWeight is how much a feature that the vocabulary does not know counts
	// for the length of a vector, as a share of the rarest that it knows.
	unknownWeight = 0.5
)

// weigh turns the counts of a text's features into its vector: (1 + log count)
// times inverse document frequency, each kind scaled to its share. What the
// vocabulary does not know counts for the length with unknownWeight: a text of
// unknown words must not look like the one word of it that is known.
func (v *vocabulary) weigh(feats []uint64, s *scratch, out vector) vector {
	out.id, out.val = out.id[:0], out.val[:0]
	var known, unknown [kinds]float64
	s.grow(len(v.idf))
	for _, f := range feats {
		id, ok := v.lookup(f)
		if !ok {
			unknown[kindOf(f)]++
			continue
		}
		if s.place[id] == 0 {
			out.id = append(out.id, id)
		}
		s.place[id]++
	}
	for _, id := range out.id {
		x := float32(1)
		if c := s.place[id]; c > 1 {
			x += float32(math.Log(float64(c)))
		}
		s.place[id] = 0
		x *= v.idf[id]
		out.val = append(out.val, x)
		known[v.kind[id]] += float64(x) * float64(x)
	}
	rare := float64(v.maxIDF) * float64(v.maxIDF) * unknownWeight
	var scale [kinds]float32
	for k := range scale {
		if known[k] > 0 {
			scale[k] = shares[k] / float32(math.Sqrt(known[k]+unknown[k]*rare))
		}
	}
	for i, id := range out.id {
		out.val[i] *= scale[v.kind[id]]
	}
	out.id = append(out.id, biasID)
	out.val = append(out.val, biasValue)
	return out
}
