package index

import (
	"cmp"
	"context"
	"slices"
)

// Explanation says why an entry won.
type Explanation struct {
	ID, Second string
	Score      float64       // of the first, before it becomes a confidence
	Gap        float64       // to the second's
	Nearest    string        // the question of the first that is most like
	Words      []WordsWeight // what spoke for the first and against the second, most first
}

// WordsWeight is a word of the question with what it adds to the gap.
type WordsWeight struct {
	Word   string
	Weight float64
}

// Explain says why the first entry for a question is first. It is slower than
// Find and meant for people.
func (ix *Index) Explain(ctx context.Context, text, hint string) (Explanation, error) {
	l := ix.guess(text, hint)[0]
	ws := l.engine.lex.words(text)
	if len(ws) == 0 {
		return Explanation{}, nil
	}
	s := new(scratch)
	found, err := l.engine.search(ctx, ws, s)
	if err != nil || len(found) == 0 {
		return Explanation{}, err
	}
	first := found[0]
	e := Explanation{ID: l.byNum[first.entry].ID, Score: float64(first.score), Gap: float64(first.score)}
	second := scored{entry: -1}
	if len(found) > 1 {
		second = found[1]
		e.Second, e.Gap = l.byNum[second.entry].ID, float64(first.score-second.score)
	}
	e.Nearest = l.nearestQuestion(ix, first.entry, s)
	for i, w := range ws {
		without := slices.Concat(ws[:i], ws[i+1:])
		e.Words = append(e.Words, WordsWeight{w, e.Gap - l.gap(ctx, without, first.entry, second.entry)})
	}
	slices.SortStableFunc(e.Words, func(a, b WordsWeight) int { return cmp.Compare(b.Weight, a.Weight) })
	return e, nil
}

// gap is how far the first entry is before the second for other words.
func (l *language) gap(ctx context.Context, ws []string, first, second int) float64 {
	if len(ws) == 0 {
		return 0
	}
	found, err := l.engine.search(ctx, ws, new(scratch))
	if err != nil {
		return 0
	}
	gap := 0.0
	for _, f := range found {
		switch f.entry {
		case first:
			gap += float64(f.score)
		case second:
			gap -= float64(f.score)
		}
	}
	return gap
}

// nearestQuestion is the entry's question that is most like the vector in s.
func (l *language) nearestQuestion(ix *Index, entry int, s *scratch) string {
	r := l.engine.ranker
	s.spread(s.vec, func(uint32) bool { return true })
	defer s.gather(s.vec)
	best, at := float32(-1), 0
	for d := r.docs[entry]; d < r.docs[entry+1]; d++ {
		sum := float32(0)
		for p := r.docStart[d]; p < r.docStart[d+1]; p++ {
			sum += s.of(r.docID[p]) * likeLevels[r.docVal[p]]
		}
		if sum > best {
			best, at = sum, int(d-r.docs[entry])
		}
	}
	e := l.byNum[entry]
	t := e.Texts[l.code]
	switch {
	case at == 0:
		return t.Title
	case at <= len(t.Questions):
		return t.Questions[at-1]
	}
	at -= len(t.Questions) + 1
	for _, c := range ix.base.Claims {
		if c.Entry != e.ID {
			continue
		}
		all := append([]string{c.Texts[l.code].Claim}, c.Texts[l.code].Said...)
		if at < len(all) {
			return all[at]
		}
		at -= len(all)
	}
	return ""
}
