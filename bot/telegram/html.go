package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText is how many UTF-16 units of text a message has after its entities
// are parsed: Telegram Bot API, sendMessage.
const maxText = 4096

// run is text set in one way.
type run struct {
	text         string
	bold, italic bool
	pre          bool   // a text to copy, in no other setting
	href         string // where it leads, or empty
}

// para is a paragraph of a message.
type para []run

// text returns the paragraph as people see it.
func (p para) text() string {
	var b strings.Builder
	for _, r := range p {
		b.WriteString(r.text)
	}
	return b.String()
}

// writeHTML writes the paragraph in Telegram's HTML.
func (p para) writeHTML(b *strings.Builder) {
	for _, r := range p {
		if r.text == "" {
			continue
		}
		open, shut := "", ""
		if r.bold {
			open, shut = "<b>", "</b>"
		}
		if r.italic {
			open, shut = open+"<i>", "</i>"+shut
		}
		if r.href != "" {
			open, shut = open+`<a href="`+escape(r.href)+`">`, "</a>"+shut
		}
		if r.pre {
			open, shut = "<pre>", "</pre>"
		}
		b.WriteString(open)
		_, _ = escaper.WriteString(b, r.text) // a Builder takes everything
		b.WriteString(shut)
	}
}

// units counts the paragraph's as people see it.
func (p para) units() int {
	n := 0
	for _, r := range p {
		n += units(r.text)
	}
	return n
}

// escaper writes what has a meaning in HTML as entities.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escape makes text safe in Telegram's HTML, in text and in attributes.
func escape(s string) string { return escaper.Replace(s) }

// clean makes text valid UTF-8 without control characters other than the line
// feed: Telegram refuses text that is not valid and drops the characters.
func clean(s string) string {
	if !strings.ContainsFunc(s, isOdd) {
		return s // as nearly all texts are
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// isOdd reports whether clean may have something to do with a character.
func isOdd(r rune) bool { return r != '\n' && unicode.IsControl(r) || r == utf8.RuneError }

// units counts the UTF-16 units of a text, in which Telegram measures.
func units(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// clip cuts a text to at most limit UTF-16 units, with an ellipsis if it is cut.
func clip(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	return s[:offsetOf(s, limit-1)] + "…"
}

// offsetOf is the byte at which the first n UTF-16 units of s end. It never
// falls into a character.
func offsetOf(s string, n int) int {
	at := 0
	for at < len(s) {
		r, size := utf8.DecodeRuneInString(s[at:])
		if r > 0xFFFF {
			n--
		}
		if n--; n < 0 {
			break
		}
		at += size
	}
	return at
}

// split cuts a paragraph in two, the first of at most limit UTF-16 units. It
// cuts after a line, else after a sentence, else between words, else anywhere;
// the white space at the cut is left out.
func (p para) split(limit int) (head, tail para) {
	text := p.text()
	end := offsetOf(text, limit)
	if end == len(text) {
		return p, nil
	}
	at := end
	for _, sep := range []string{"\n", ". ", " "} {
		// A cut in the first half would make too many messages.
		if i := strings.LastIndex(text[:end], sep); i >= end/2 {
			at = i + len(sep)
			break
		}
	}
	return p.slice(0, at).trimRight(), p.slice(at, len(text)).trimLeft()
}

// slice returns the bytes from..to of the paragraph's text with their setting.
func (p para) slice(from, to int) para {
	var out para
	at := 0
	for _, r := range p {
		lo, hi := max(from-at, 0), min(to-at, len(r.text))
		at += len(r.text)
		if lo < hi {
			r.text = r.text[lo:hi]
			out = append(out, r)
		}
	}
	return out
}

func (p para) trimRight() para {
	for len(p) > 0 {
		last := &p[len(p)-1]
		if last.text = strings.TrimRightFunc(last.text, unicode.IsSpace); last.text != "" {
			break
		}
		p = p[:len(p)-1]
	}
	return p
}

func (p para) trimLeft() para {
	for len(p) > 0 {
		if p[0].text = strings.TrimLeftFunc(p[0].text, unicode.IsSpace); p[0].text != "" {
			break
		}
		p = p[1:]
	}
	return p
}
