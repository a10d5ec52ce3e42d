package index

// claims finds the claim that a text repeats, by likeness to the ways in which
// it is put.
type claims struct {
	start []uint32 // by wording: where its features begin; one more at the end
	id    []uint32
	val   []uint8  // codes of likeLevels; length 1 over them
	of    []uint32 // by wording: the number of its claim
}

// newClaims weighs the wordings of claims; of[i] is the claim of wordings[i].
func newClaims(lex *lexicon, v *vocabulary, wordings []string, of []uint32) *claims {
	c := &claims{start: []uint32{0}, of: of}
	s := new(scratch)
	for _, w := range wordings {
		vec := v.weigh(lex.extract(lex.words(w), nil), s, vector{})
		norm := float32(0)
		for i, id := range vec.id {
			if id != biasID {
				norm += vec.val[i] * vec.val[i]
			}
		}
		for i, id := range vec.id {
			if id != biasID && norm > 0 {
				c.id = append(c.id, id)
				c.val = append(c.val, likeLevels.code(vec.val[i]/sqrt(norm)))
			}
		}
		c.start = append(c.start, uint32(len(c.id)))
	}
	return c
}

// nearest gives the claim, among those for which ok holds, whose wording is
// most like the question v, and how like: 0 to 1. It is -1 without any.
func (c *claims) nearest(v vector, ok func(claim uint32) bool, s *scratch) (int, float32) {
	norm := float32(0)
	for i, id := range v.id {
		if id != biasID {
			norm += v.val[i] * v.val[i]
		}
	}
	s.spread(v, func(id uint32) bool { return id != biasID })
	defer s.gather(v)
	best, like := -1, float32(0)
	for w, claim := range c.of {
		if !ok(claim) {
			continue
		}
		sum := float32(0)
		for p := c.start[w]; p < c.start[w+1]; p++ {
			sum += s.of(c.id[p]) * likeLevels[c.val[p]]
		}
		if sum > like {
			best, like = int(claim), sum
		}
	}
	if norm > 0 {
		like /= sqrt(norm)
	}
	return best, like
}
