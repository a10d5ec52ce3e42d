package kb

import (
	"math"
	"path"
	"sort"
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
	var all []asked
	same := map[string]asked{}
	for _, e := range l.base.Entries {
		for i, q := range e.Texts[lang].Questions {
			a := asked{entry: e, text: q, line: e.Texts[lang].lines[i], set: wordSet(q)}
			key := strings.Join(plainWords(q), " ")
			if key == "" {
				key = q
			}
			if b, ok := same[key]; ok && b.entry != e {
				l.fault(path.Join("entries", e.ID, lang+".txt"), a.line, "%q stands under %s too", q, b.entry.ID)
				continue
			}
			same[key] = a
			all = append(all, a)
		}
	}
	l.warnNear(lang, all)
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
	count := map[string]int{}
	for _, a := range all {
		for _, w := range a.set {
			count[w]++
		}
	}
	byRare := map[string][]int{}
	found := 0
	for i, a := range all {
		if len(a.set) < nearWords {
			continue
		}
		rare := append([]string(nil), a.set...)
		sort.Slice(rare, func(x, y int) bool {
			if cx, cy := count[rare[x]], count[rare[y]]; cx != cy {
				return cx < cy
			}
			return rare[x] < rare[y]
		})
		common := int(math.Ceil(nearShare * float64(len(rare))))
		reported := false
		for _, w := range rare[:len(rare)-common+1] {
			for _, j := range byRare[w] {
				b := all[j]
				if b.entry == a.entry || reported || share(a.set, b.set) < nearShare {
					continue
				}
				reported = true
				if found++; found <= nearShown {
					l.warn(path.Join("entries", a.entry.ID, lang+".txt"), a.line, "%q is nearly %q under %s", a.text, b.text, b.entry.ID)
				}
			}
			byRare[w] = append(byRare[w], i)
		}
	}
	if found > nearShown {
		l.warn("entries", 0, "%d more questions are nearly the same as one under another entry", found-nearShown)
	}
}

// share is the Jaccard likeness of two sorted sets.
func share(a, b []string) float64 {
	both, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch strings.Compare(a[i], b[j]) {
		case 0:
			both++
			i++
			j++
		case -1:
			i++
		default:
			j++
		}
	}
	return float64(both) / float64(len(a)+len(b)-both)
}

func plainWords(s string) []string {
	s = strings.NewReplacer("'", "", "’", "", "`", "").Replace(strings.ToLower(s))
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func wordSet(s string) []string {
	ws := plainWords(s)
	sort.Strings(ws)
	out := ws[:0]
	for i, w := range ws {
		if i == 0 || w != ws[i-1] {
			out = append(out, w)
		}
	}
	return out
}
