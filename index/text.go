package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits on what is read of a question. A person's question is far shorter;
// what is beyond them is cut off, so that cost stays bounded whatever is typed.
const (
	maxRunes     = 600 // runes of the question that are read
	maxWords     = 64  // words that are used
	maxWordRunes = 32  // runes of a word that are used
)

// words splits a text into its words, folded: lower case, without accents,
// apostrophes and invisible characters, runs of a letter cut to two. Text that
// is not UTF-8 loses the broken bytes. It never returns more than maxWords.
func words(text string) []string {
	var (
		out   []string
		w     strings.Builder
		runes int // runes in w
		last  rune
		run   int // how often last stands in a row
	)
	flush := func() {
		if runes > 0 {
			out = append(out, unmix(w.String()))
		}
		w.Reset()
		runes, last, run = 0, 0, 0
	}
	for _, r := range fold(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if r == last {
				run++
			} else {
				last, run = r, 1
			}
			if run <= 2 && runes < maxWordRunes {
				w.WriteRune(r)
				runes++
			}
		case isJoiner(r):
			// "don't" and "dont" are the same word
		default:
			flush()
			if len(out) == maxWords {
				return out
			}
		}
	}
	flush()
	if len(out) > maxWords {
		out = out[:maxWords]
	}
	return out
}

// fold cuts text to maxRunes and folds it: compatibility forms made plain,
// accents off, lower case.
func fold(text string) string {
	if isPlain(text) {
		return strings.ToLower(text)
	}
	text = cutRunes(strings.ToValidUTF8(text, ""), maxRunes)
	var b strings.Builder
	b.Grow(len(text))
	marks := 0
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			marks++
			continue
		}
		if unicode.Is(unicode.Cf, r) { // zero width, direction overrides, soft hyphen
			continue
		}
		if s, ok := letterFolds[r]; ok {
			b.WriteString(s)
			continue
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// letterFolds are letters that decomposition leaves alone but that people type
// without their stroke or as two letters.
var letterFolds = map[rune]string{
	'ß': "ss", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d",
	'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'þ': "th", 'Þ': "th", 'ð': "d", 'Ð': "d",
	'ħ': "h", 'Ħ': "h", 'ı': "i", 'ς': "σ",
}

// isPlain reports whether text is short ASCII, which needs no folding but case.
func isPlain(text string) bool {
	if len(text) > maxRunes {
		return false
	}
	for i := 0; i < len(text); i++ {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

func cutRunes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}

// twins are small letters of Latin, Greek and Cyrillic that look alike, or whose
// capitals do.
var twins = [3]string{"abehikmnoptyxzcsj", "αβεηικμνορτυχζ", "авенікмнортухзсѕј"}

var twinScripts = [3]*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic}

// unmix writes a word in one script when all its letters of another look like
// letters of the first: a trick, or a slip of the keyboard.
func unmix(word string) string {
	if isPlain(word) {
		return word
	}
	var letters, alike [3]int
	for _, r := range word {
		for s, script := range twinScripts {
			if unicode.Is(script, r) {
				letters[s]++
				if strings.ContainsRune(twins[s], r) {
					alike[s]++
				}
			}
		}
	}
	most := 0
	for s := range letters {
		if letters[s] > letters[most] {
			most = s
		}
	}
	for s := range letters {
		if s != most && letters[s] > 0 && alike[s] == letters[s] {
			word = strings.Map(func(r rune) rune { return twinOf(r, s, most) }, word)
		}
	}
	return word
}

// twinOf gives the letter of one script that looks like one of another.
func twinOf(r rune, from, to int) rune {
	n := utf8.RuneCountInString(twins[from][:max(0, strings.IndexRune(twins[from], r))])
	if list := []rune(twins[to]); strings.ContainsRune(twins[from], r) && n < len(list) {
		return list[n]
	}
	return r
}

func isJoiner(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´' || r == 'ʼ'
}
