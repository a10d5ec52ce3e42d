package index

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// speller knows the words of the questions and finds the one that a misspelt
// word stands for. Each word is listed under itself and under what is left of it
// when one letter is taken out; two words one edit apart (a letter missing,
// added, wrong, or two swapped) meet under one of these (Garbe's symmetric
// delete). Bleve's Levenshtein automata find the same words a hundred times
// slower.
type speller struct {
	keys  hashes
	word  []uint32 // by place of a key: the number of the word
	text  []byte   // the words one after the other
	start []uint32 // by number: where a word begins in text; one more at the end
}

// Lengths in letters of words that are looked up: shorter ones have too many
// neighbours.
const (
	spellMin = 4
	spellMax = 24
)

// newSpeller lists the distinct words of the examples.
func newSpeller(examples []example) *speller {
	seen := map[string]bool{}
	var all []string
	for _, x := range examples {
		for _, w := range x.words {
			if n := utf8.RuneCountInString(w); n >= spellMin-1 && n <= spellMax+1 && !seen[w] {
				seen[w] = true
				all = append(all, w)
			}
		}
	}
	slices.Sort(all)
	s := &speller{start: []uint32{0}}
	for _, w := range all {
		s.text = append(s.text, w...)
		s.start = append(s.start, uint32(len(s.text)))
	}
	type listed struct {
		key  uint64
		word uint32
	}
	var list []listed
	for n, w := range all {
		for _, key := range spellKeys(w) {
			list = append(list, listed{key, uint32(n)})
		}
	}
	slices.SortStableFunc(list, func(a, b listed) int { return cmp.Compare(a.key, b.key) })
	keys := make([]uint64, 0, len(list))
	for _, l := range list {
		keys, s.word = append(keys, l.key), append(s.word, l.word)
	}
	s.keys = newHashes(keys)
	return s
}

// spellKeys are the hashes of a word and of the word less each letter.
func spellKeys(w string) []uint64 {
	keys := []uint64{feature(hashString(fnvOffset, w), kindWord)}
	for i, r := range w {
		h := hashString(hashString(fnvOffset, w[:i]), w[i+utf8.RuneLen(r):])
		keys = append(keys, feature(h, kindWord))
	}
	return keys
}

// near gives the commonest known word that is one edit from w, or "".
func (s *speller) near(w string, v *vocabulary) string {
	best, rarity := "", v.maxIDF+1
	for _, key := range spellKeys(w) {
		from, to := s.keys.find(key)
		for _, n := range s.word[from:to] {
			known := string(s.text[s.start[n]:s.start[n+1]])
			id, ok := v.lookup(feature(hashString(fnvOffset, known), kindWord))
			if ok && v.idf[id] < rarity && oneEdit(w, known) {
				best, rarity = known, v.idf[id]
			}
		}
	}
	return best
}

// oneEdit reports whether one letter missing, added or wrong, or two swapped,
// make b of a. The first letter must be the same: it is seldom mistyped.
func oneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) == 0 || len(y) == 0 || x[0] != y[0] || a == b {
		return false
	}
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	switch {
	case len(x) <= 1 && len(y) <= 1:
		return true
	case len(x) == 2 && len(y) == 2:
		return x[0] == y[1] && x[1] == y[0]
	}
	return false
}

// correct gives the question's words with those that no question of the
// knowledge base has replaced by what they most likely stand for: people type
// fast.
func (e *engine) correct(ws []string) []string {
	if e.speller == nil {
		return ws
	}
	out := ws
	for i, w := range ws {
		if n := utf8.RuneCountInString(w); n < spellMin || n > spellMax || !e.isUnknown(w) {
			continue
		}
		if near := e.speller.near(w, e.ranker.vocab); near != "" {
			if &out[0] == &ws[0] {
				out = slices.Clone(ws)
			}
			out[i] = strings.Clone(near)
		}
	}
	return out
}

// isUnknown reports whether no question of the knowledge base has the word.
func (e *engine) isUnknown(w string) bool {
	_, ok := e.ranker.vocab.lookup(feature(hashString(fnvOffset, w), kindWord))
	return !ok
}
