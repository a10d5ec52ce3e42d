package kb

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// checkLetters finds letters in texts that are not what they seem: invisible
// ones, ones that look like those of another script, and what is left of a file
// that was saved in the wrong encoding.
func (l *loader) checkLetters(file string, line int, all ...string) {
	for _, text := range all {
		if isPlain(text) {
			continue
		}
		for _, r := range text {
			if r != '\n' && (unicode.Is(unicode.Cf, r) || unicode.IsControl(r)) && !isEmojiJoiner(r) {
				l.fault(file, line, "the text has the invisible character %U", r)
			}
		}
		if w := lookAlike(text); w != "" {
			l.fault(file, line, "%q has letters of two scripts that look alike; type it anew", w)
		}
		if w := wrongEncoding(text); w != "" {
			l.fault(file, line, "%q looks as if the file was saved in a wrong encoding; save it as UTF-8", w)
		}
	}
}

func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf || text[i] < ' ' {
			return false
		}
	}
	return true
}

// isEmojiJoiner reports whether the character joins emoji into one.
func isEmojiJoiner(r rune) bool { return r == '\u200d' || '\U000e0020' <= r && r <= '\U000e007f' }

// twins are the letters of Greek and Cyrillic that look like Latin ones.
const twins = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιν" + "АВЕЅІЈКМНОРСТХУасеіјорху"

// scripts that have look-alike letters.
var twinScripts = []*unicode.RangeTable{unicode.Latin, unicode.Greek, unicode.Cyrillic}

// lookAlike gives a word that mixes two scripts where all letters of one look
// like letters of the other. A Latin word with a Greek ending is none.
func lookAlike(text string) string {
	if !isMixed(text) {
		return ""
	}
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		used, odd := 0, false
		for _, script := range twinScripts {
			letters, alike := 0, 0
			for _, r := range w {
				if unicode.Is(script, r) {
					letters++
					if script == unicode.Latin && strings.ContainsRune("ABEZHIKMNOPTYXSJCaceopxyijuv", r) || strings.ContainsRune(twins, r) {
						alike++
					}
				}
			}
			if letters > 0 {
				used++
				odd = odd || alike == letters
			}
		}
		if used > 1 && odd {
			return w
		}
	}
	return ""
}

// isMixed reports whether a text has letters of several of the scripts, which
// few have.
func isMixed(text string) bool {
	used := 0
	for _, script := range twinScripts {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(script, r) }) {
			used++
		}
	}
	return used > 1
}

// mojibake is how often in a text the sign of a wrong encoding must stand; once
// may be a capital before a quotation mark.
const mojibake = 2

// wrongEncoding gives a piece of a text that becomes proper UTF-8 when it is
// read as the bytes of Windows-1252: "Ã¼" for ü.
func wrongEncoding(text string) string {
	found, first := 0, ""
	var run []byte
	flush := func() {
		for i := 0; i < len(run); {
			r, n := utf8.DecodeRune(run[i:])
			if r != utf8.RuneError && n > 1 {
				if found++; found == 1 {
					first, _ = charmap.Windows1252.NewDecoder().String(string(run[i : i+n]))
				}
			}
			i += n
		}
		run = run[:0]
	}
	for _, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if r < utf8.RuneSelf || !ok {
			flush()
			continue
		}
		run = append(run, b)
	}
	flush()
	if found < mojibake {
		return ""
	}
	return first
}
