package kb

import (
	"cmp"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"unicode"
)

// A near double is a pair of questions of two entries that share so many of
// their words that a ranker cannot tell the entries apart by them.
const (
	nearShare = 0.85 // shared words ÷ words of both: one word more in six
	nearWords = 5    // shorter questions are compared whole
	nearShown = 40   // more are counted, not listed
)

// asked is a question of an entry.
type asked struct {
	entry *Entry
	text  string
	line  int
	set   []string // its distinct words, sorted
}

// checkQuestions finds the same question under two entries (a fault), nearly
// the same one (a warning), and golden questions among the entries' own.
func (l *loader) checkQuestions(lang string) {
	var list []asked
	same := map[string]asked{}
	for _, e := range l.base.Entries {
		for i, q := range e.Texts[lang].Questions {
			words := plainWords(q)
			key := strings.Join(words, " ")
			if key == "" {
				key = q
			}
			a := asked{entry: e, text: q, line: e.Texts[lang].lines[i], set: setOf(words)}
			if b, ok := same[key]; ok && b.entry != e {
				l.fault(path.Join("entries", e.ID, lang+".txt"), a.line, "%q stands under %s too", q, b.entry.ID)
				continue
			}
			same[key] = a
			list = append(list, a)
		}
	}
	if l.care == all {
		l.warnNear(lang, list)
	}
	l.checkGolden(goldenFile(lang, ""), l.base.Golden[lang], same)
	l.checkGolden(goldenFile(lang, ".dev"), l.base.Dev[lang], same)
	reported := map[string]bool{}
	for _, g := range l.base.Golden[lang] {
		reported[strings.Join(plainWords(g.Question), " ")] = true
	}
	for _, g := range l.base.Dev[lang] {
		if key := strings.Join(plainWords(g.Question), " "); key != "" && reported[key] {
			l.fault(goldenFile(lang, ".dev"), g.line, "%q stands in %s too: settings must not be chosen on what is reported", g.Question, goldenFile(lang, ""))
		}
	}
}

// checkGolden finds golden questions that are learned. Those without a word,
// such as a lone emoji, are left out.
func (l *loader) checkGolden(file string, golden []Golden, learned map[string]asked) {
	for _, g := range golden {
		if a, ok := learned[strings.Join(plainWords(g.Question), " ")]; ok {
			l.fault(file, g.line, "%q stands among the questions of %s: a golden question must not be learned", g.Question, a.entry.ID)
		}
	}
}

// warnNear compares only questions that share one of their rarest words: with
// n words of which the likeness asks for k in common, two of n-k+1 at the front
// must meet, whichever order the words have, if both have the same.
func (l *loader) warnNear(lang string, all []asked) {
	sets := byRarity(all)
	having := map[int32][]int{} // by word: the questions that have it in front
	found := 0
	for i, a := range all {
		set := sets[i]
		if len(set) < nearWords {
			continue
		}
		common := int(math.Ceil(nearShare * float64(len(set))))
		reported := false
		for _, w := range set[:len(set)-common+1] {
			for _, j := range having[w] {
				b := all[j]
				if b.entry == a.entry || reported || share(set, sets[j]) < nearShare {
					continue
				}
				reported = true
				if found++; found <= nearShown {
					l.warn(path.Join("entries", a.entry.ID, lang+".txt"), a.line, "%q is nearly %q under %s", a.text, b.text, b.entry.ID)
				}
			}
			having[w] = append(having[w], i)
		}
	}
	if found > nearShown {
		l.warn("entries", 0, "%d more questions are nearly the same as one under another entry", found-nearShown)
	}
}

// byRarity numbers the words of questions from the rarest to the most frequent,
// and gives each question's numbers in that order.
func byRarity(all []asked) [][]int32 {
	count := map[string]int{}
	for _, a := range all {
		for _, w := range a.set {
			count[w]++
		}
	}
	words := slices.SortedFunc(maps.Keys(count), func(x, y string) int { return cmp.Or(count[x]-count[y], strings.Compare(x, y)) })
	number := make(map[string]int32, len(words))
	for n, w := range words {
		number[w] = int32(n)
	}
	sets := make([][]int32, len(all))
	for i, a := range all {
		for _, w := range a.set {
			sets[i] = append(sets[i], number[w])
		}
		slices.Sort(sets[i])
	}
	return sets
}

// share is the Jaccard likeness of two sorted sets.
func share[T cmp.Ordered](a, b []T) float64 {
	both, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch c := cmp.Compare(a[i], b[j]); {
		case c == 0:
			both++
			i++
			j++
		case c < 0:
			i++
		default:
			j++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

var apostrophes = strings.NewReplacer("'", "", "’", "", "`", "")

func plainWords(s string) []string {
	s = apostrophes.Replace(strings.ToLower(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// setOf sorts words and leaves out those that stand twice, in place.
func setOf(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}
