package index

import (
	"cmp"
	"context"
	"slices"
)

// engine finds the entries for a question in one language: bleve gives the
// candidates, the ranker their signals, and the blend one score and the chance
// that each is the right one.
type engine struct {
	lex     *lexicon
	docs    *texts
	ranker  *ranker
	speller *speller // nil where words are taken as they are
	answers []bool   // by entry: an answer, not a decline
	blend   blend
}

// candidateCount is how many entries bleve hands to the ranker. On CLINC150
// (150 entries) the right one is among them for 99.5 % of the questions; of the
// rest most share no word with it.
const candidateCount = 64

// smallestText stands for bleve's best score where it found nothing.
const smallestText = 1e-6

// search gives the candidates for a question's words, best first. The result
// is valid until the scratch is used again.
func (e *engine) search(ctx context.Context, ws []string, s *scratch) ([]scored, error) {
	ws = e.correct(ws)
	s.feats = e.lex.extract(ws, s.feats[:0])
	s.vec = e.ranker.vocab.weigh(s.feats, s, s.vec)
	var err error
	s.scored, err = e.find(ctx, ws, candidateCount, s.scored)
	if err != nil {
		return nil, err
	}
	if len(s.scored) < fewHits { // compounds share letters, not words
		s.scored = e.ranker.alike(s.vec, s.scored, s)
	}
	if len(s.scored) == 0 {
		return nil, nil
	}
	// bleve's scores do not compare between questions: scale them to the best.
	best := max(s.scored[0].text, smallestText)
	for i := range s.scored {
		s.scored[i].signals[sigText] = s.scored[i].text / best
	}
	e.ranker.score(s.vec, s.scored, s)
	e.blend.apply(s.scored, e.answers, unknownShare(e.ranker.vocab, s.feats))
	return s.scored, nil
}

// close frees what the engine holds open.
func (e *engine) close() error { return e.docs.close() }

// unknownShare is the share of a question's letter runs that no question of the
// knowledge base has, in 0 to 1: a misspelt word is mostly known, a foreign one
// is not.
func unknownShare(v *vocabulary, feats []uint64) float64 {
	unknown, all := 0, 0
	for _, f := range feats {
		if kindOf(f) == kindGram {
			all++
			if _, ok := v.lookup(f); !ok {
				unknown++
			}
		}
	}
	if all == 0 {
		return 1
	}
	return float64(unknown) / float64(all)
}

// sortByScore puts the best candidate first; equals keep the order of entries.
func sortByScore(c []scored) {
	slices.SortFunc(c, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.entry, b.entry))
	})
}
