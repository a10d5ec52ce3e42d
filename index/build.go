package index

import (
	"context"
	"fmt"
	"strings"
)

// corpus is what an engine learns from.
type corpus struct {
	examples []example
	answers  []bool     // by entry: an answer, not a decline
	extra    []document // by entry: title and body, in plain text; may be nil
}

// example is a question and the number of the entry that it belongs to.
type example struct {
	words []string
	entry int
}

// learn trains the ranker and fits the blend; bleve's part is left to the
// caller. First the blend is fitted on an engine of its own, which has not seen some
// of the questions and some of the entries. Step is called once for each entry and
// once for the blend, from several goroutines.
func learn(ctx context.Context, lex *lexicon, c corpus, step func()) (*engine, error) {
	if len(c.answers) > maxEntries {
		return nil, fmt.Errorf("there are %d entries; an index can have %d", len(c.answers), maxEntries)
	}
	e := &engine{lex: lex, answers: c.answers, blend: defaultBlend}
	if kept, left := leaveOut(c); len(left) >= minLeftOut {
		var err error
		if e.blend, err = fitBlend(ctx, lex, corpus{examples: kept, answers: c.answers}, left); err != nil {
			return nil, err
		}
	}
	step()
	e.ranker = train(lex, c.examples, len(c.answers), svmEpochs, step)
	e.speller = newSpeller(c.examples)
	return e, nil
}

// defaultBlend serves knowledge bases that are too small to fit one. It leans
// on the centre, which needs one question; learned weights need many.
var defaultBlend = blend{
	signal: [signals]float64{sigWeight: 3, sigCentre: 13, sigNearest: 2, sigText: 4},
	scope:  [signs]float64{signBias: -1, signWeight: 1, signCentre: 2, signNearest: 2, signDecline: -3, signUnknown: -2},
	right:  [signs]float64{signBias: -1, signWeight: 1, signChance: 3},
}

const (
	minLeftOut   = 50 // with fewer left-out questions the default blend is used
	leftQuestion = 6  // one question in so many of an entry is left out
	leftEntry    = 5  // one entry in so many is left out whole
)

// leaveOut splits the questions into those kept and those left out: of each
// entry a run of neighbouring ones, which often are by the same writer, and some
// entries whole, which stand for what nobody thought of. Where there are
// declines, those are left out whole, otherwise answers.
func leaveOut(c corpus) (kept, left []example) {
	count := make([]int, len(c.answers))
	for _, x := range c.examples {
		count[x.entry]++
	}
	whole := wholeEntries(c.answers)
	at := make([]int, len(c.answers))
	for _, x := range c.examples {
		n, i := count[x.entry], at[x.entry]
		at[x.entry]++
		switch {
		case whole[x.entry]:
			if i%2 == 0 {
				left = append(left, x)
			}
		case n >= 4 && i*leftQuestion/n == x.entry%leftQuestion:
			left = append(left, x)
		default:
			kept = append(kept, x)
		}
	}
	return kept, left
}

// wholeEntries picks the entries that are left out whole.
func wholeEntries(answers []bool) []bool {
	var pick []int
	for e, a := range answers {
		if !a {
			pick = append(pick, e)
		}
	}
	if len(pick) == 0 && len(answers) >= 2*leftEntry {
		for e := range answers {
			pick = append(pick, e)
		}
	}
	whole := make([]bool, len(answers))
	for i, e := range pick {
		whole[e] = i%leftEntry == leftEntry/2
	}
	return whole
}

// documents gives bleve's documents: what is known of an entry in one text each.
func documents(lex *lexicon, c corpus) []document {
	asked := make([][]string, len(c.answers))
	for _, x := range c.examples {
		asked[x.entry] = append(asked[x.entry], x.words...)
	}
	docs := make([]document, len(c.answers))
	for i := range docs {
		docs[i] = document{Asked: lex.terms(asked[i]), Words: strings.Join(asked[i], " ")}
		if c.extra != nil {
			docs[i].Title = strings.Join(lex.words(c.extra[i].Title), " ")
			docs[i].Body = lex.terms(lex.allWords(c.extra[i].Body))
		}
	}
	return docs
}

// allWords splits a text of any length into words, line by line.
func (l *lexicon) allWords(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		out = append(out, l.words(line)...)
	}
	return out
}
