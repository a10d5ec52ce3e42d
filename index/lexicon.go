package index

import (
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
)

// lexicon is what the index knows of a language beyond its letters.
type lexicon struct {
	stem func(string) string // nil where the language has no stemmer
}

// newLexicon returns the lexicon for a stemmer's name. A name that is not
// known is no stemmer: letter runs then do what they can.
func newLexicon(stemmer string) *lexicon {
	switch stemmer {
	case "english":
		return &lexicon{stem: snowball(english.Stem)}
	default:
		return &lexicon{}
	}
}

func snowball(stem func(*snowballstem.Env) bool) func(string) string {
	return func(word string) string {
		env := snowballstem.NewEnv(word)
		stem(env)
		return env.Current()
	}
}

// term is the form under which bleve holds a word: its stem, or the word.
func (l *lexicon) term(word string) string {
	if l.stem == nil {
		return word
	}
	return l.stem(word)
}
