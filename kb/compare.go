package kb

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const namesFile = "names.yaml"

// loadNames reads the words that may be the same in every language.
func (l *loader) loadNames() {
	if l.exists(namesFile) {
		l.readYAML(namesFile, &l.base.names)
		slices.SortFunc(l.base.names, func(a, b string) int { return len(b) - len(a) })
	}
}

// isLeft reports whether a text was left as it is in English.
func (l *loader) isLeft(text, english string) bool {
	return strings.TrimSpace(text) == strings.TrimSpace(english) && l.base.HasWords(text)
}

// HasWords reports whether a text has more than names, numbers and places to
// fill in: whether there is something to translate.
func (b *Base) HasWords(text string) bool {
	rest := " " + strings.Join(strings.FieldsFunc(gap.ReplaceAllString(text, " "), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), " ") + " "
	for _, name := range b.names {
		for {
			shorter := strings.Replace(rest, " "+name+" ", " ", 1)
			if shorter == rest {
				break
			}
			rest = shorter
		}
	}
	return strings.ContainsFunc(rest, unicode.IsLetter)
}

// differences says which figures and dates a translation has that English has
// not, and the other way round.
func (l *loader) differences(lang, text, english string) []string {
	if !strings.ContainsAny(text, digits) && !strings.ContainsAny(english, digits) {
		return nil
	}
	got, want := numbersIn(text), numbersIn(english)
	out := unlike("number", want, got, got, want)
	here, there := l.months(lang), l.months(English)
	if len(out) > 0 || here == nil || there == nil {
		return out
	}
	own, en := dateWords(text), dateWords(english)
	return unlike("date", datesIn(en, there, exactly), datesIn(own, here, begins), datesIn(own, here, exactly), datesIn(en, there, begins))
}

const digits = "0123456789"

// unlike says what of want is missing in got, and what of extra in allowed.
func unlike(what string, want, got, extra, allowed map[string]bool) (out []string) {
	for _, x := range slices.Sorted(maps.Keys(want)) {
		if !got[x] {
			out = append(out, fmt.Sprintf("the %s %s of the English text is missing", what, x))
		}
	}
	for _, x := range slices.Sorted(maps.Keys(extra)) {
		if !allowed[x] {
			out = append(out, fmt.Sprintf("the %s %s does not stand in the English text", what, x))
		}
	}
	return out
}

// figure is a number as any language writes it: groups of three digits after a
// point, comma, apostrophe or space, then perhaps a fraction.
var figure = regexp.MustCompile(`\d{1,3}(?:[.,'’ \x{00a0}\x{202f}]\d{3})+(?:\D|$)|\d+(?:[.,]\d+)?`)

// numbersIn gives the numbers of a text, written in one way.
func numbersIn(text string) map[string]bool {
	out := map[string]bool{}
	for _, f := range figure.FindAllString(text, -1) {
		out[plainNumber(f)] = true
	}
	return out
}

var group = regexp.MustCompile(`[.,'’ \x{00a0}\x{202f}](\d{3})`)

func plainNumber(f string) string {
	f = strings.TrimRightFunc(f, func(r rune) bool { return !unicode.IsDigit(r) })
	if whole := group.ReplaceAllString(f, "$1"); !strings.ContainsFunc(whole, func(r rune) bool { return !unicode.IsDigit(r) }) {
		return whole
	}
	return strings.Replace(f, ",", ".", 1)
}

// beside is how many short words may stand between a month and its number: de,
// του.
const (
	beside    = 1
	shortWord = 3
)

// dateWords gives the words and the numbers of a text.
func dateWords(text string) []string {
	return strings.FieldsFunc(plainLetters(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// datesIn gives the months that stand beside a number, with the number:
// "27 May 2025" is 27/5 and 5/2025, however the language writes it.
func datesIn(words []string, months []month, is func(string, month) bool) map[string]bool {
	out := map[string]bool{}
	for i, w := range words {
		month := slices.IndexFunc(months, func(m month) bool { return is(w, m) }) + 1
		if month == 0 {
			continue
		}
		for _, step := range []int{-1, 1} {
			for j, between := i+step, 0; j >= 0 && j < len(words); j += step {
				if n, ok := leadingNumber(words[j]); ok {
					out[fmt.Sprintf("%d (month %d)", n, month)] = true
					break
				}
				if between++; between > beside || len([]rune(words[j])) > shortWord {
					break
				}
			}
		}
	}
	return out
}

// leadingNumber reads 1 of "1er", 1st, 2025.
func leadingNumber(w string) (int, bool) {
	end := strings.IndexFunc(w, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(w)
	}
	n, err := strconv.Atoi(w[:end])
	return n, err == nil
}

// month is a month's name as dates have it, and its beginning, as short as the
// months can be told apart: languages change the ends.
type month struct{ name, start string }

func exactly(w string, m month) bool { return w == m.name }
func begins(w string, m month) bool  { return strings.HasPrefix(w, m.start) }

// months gives the months in a language, nil as long as one is missing.
func (l *loader) months(lang string) []month {
	leaves := l.texts[textFile("bot", lang)].leaves
	out := make([]month, 12)
	for m := range out {
		name := leaves["month_"+strconv.Itoa(m+1)].text
		if name == "" {
			return nil
		}
		out[m].name = plainLetters(name)
	}
	for i := range out {
		m, runes := &out[i], []rune(out[i].name)
		for n := min(3, len(runes)); n <= len(runes); n++ {
			m.start = string(runes[:n])
			if !slices.ContainsFunc(out, func(other month) bool { return other.name != m.name && begins(other.name, *m) }) {
				break
			}
		}
	}
	return out
}

// plainLetters gives a text in small letters without accents.
func plainLetters(text string) string {
	if isPlain(text) {
		return strings.ToLower(text)
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
}
