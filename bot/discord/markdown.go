package discord

import (
	"regexp"
	"strings"
	"unicode"
)

// clean makes text valid UTF-8 without control characters other than the line
// feed, and without the marks that turn the direction of writing round.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// units counts UTF-16 units: Discord does not say in what it measures, and there
// are never more of anything else.
func units(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// clip cuts a text to at most limit units, with an ellipsis if it is cut.
func clip(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	n := 0
	for at, r := range s {
		if n += units(string(r)); n >= limit {
			return s[:at] + "…"
		}
	}
	return s
}

var (
	special = strings.NewReplacer(
		`\`, `\\`, "*", `\*`, "_", `\_`, "~", `\~`, "|", `\|`, "`", "\\`", "<", `\<`, ">", `\>`, "[", `\[`, "]", `\]`,
		"#", `\#`, "@", `\@`, "://", `\://`, "discord.gg/", `discord.gg\/`,
	)
	listMark = regexp.MustCompile(`^(\d+)\.$`)
)

// escape makes a word show as it is; first says that it begins a line.
func escape(word string, first bool) string {
	out := special.Replace(word)
	if first {
		if strings.HasPrefix(out, "-") || strings.HasPrefix(out, "+") {
			return `\` + out
		}
		return listMark.ReplaceAllString(out, `$1\.`)
	}
	return out
}

// pages set text in Discord's markdown, on pages of at most limit units.
type pages struct {
	limit    int
	commands commandIDs
	done     []string

	b     strings.Builder
	used  int
	style string // the marks that are open, or empty
	space string // what stands before the next word
}

// write adds text in a style: marks such as ** that go before and after it.
func (p *pages) write(text, style string) {
	for text != "" {
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsSpace(r) })
		if end < 0 {
			end = len(text)
		}
		p.space += text[:end]
		text = text[end:]
		if text == "" {
			return
		}
		if end = strings.IndexFunc(text, unicode.IsSpace); end < 0 {
			end = len(text)
		}
		p.word(text[:end], style)
		text = text[end:]
	}
}

// word adds a word, on the next page if there is no room for it. One that is
// longer than a page is cut.
func (p *pages) word(word, style string) {
	if style != p.style {
		p.shut()
	}
	out := p.commands.mention(word)
	if out == "" {
		out = escape(word, p.used == 0 || strings.HasSuffix(p.space, "\n"))
	}
	if units(out)+2*len(style) > p.limit {
		half := len([]rune(word)) / 2
		p.word(string([]rune(word)[:half]), style)
		p.word(string([]rune(word)[half:]), style)
		return
	}
	p.atom(out, style)
}

// atom adds something that cannot be cut.
func (p *pages) atom(out, style string) {
	if style != p.style {
		p.shut()
	}
	if p.used > 0 && p.used+units(p.space)+units(out)+2*len(style) > p.limit {
		p.turn()
	}
	if p.used == 0 {
		p.space = ""
	}
	p.put(p.space)
	p.space = ""
	if p.style == "" {
		p.put(style)
		p.style = style
	}
	p.put(out)
}

func (p *pages) put(s string) {
	p.b.WriteString(s)
	p.used += units(s)
}

// shut closes the style.
func (p *pages) shut() {
	p.put(p.style)
	p.style = ""
}

// turn begins a new page.
func (p *pages) turn() {
	p.shut()
	if p.used > 0 {
		p.done = append(p.done, p.b.String())
	}
	p.b.Reset()
	p.used, p.space = 0, ""
}

// end gives the pages.
func (p *pages) end() []string {
	p.turn()
	return p.done
}

// gap puts white space before what comes next, in place of what stands there. A
// style does not go on after it.
func (p *pages) gap(s string) {
	p.shut()
	p.space = s
}

// code adds text as it stands, to be copied, in blocks of their own.
func (p *pages) code(text string) {
	const fence = "```"
	for strings.Contains(text, "``") { // it could end the block
		text = strings.ReplaceAll(text, "``", "`\u200b`")
	}
	room := p.limit - 2*len(fence) - 2
	for text != "" {
		piece := text
		if units(piece) > room {
			at, n := 0, 0
			for i, r := range text {
				if n += units(string(r)); n > room {
					break
				}
				at = i + len(string(r))
			}
			if line := strings.LastIndexByte(text[:at], '\n'); line > at/2 {
				at = line + 1
			}
			piece = text[:at]
		}
		text = text[len(piece):]
		p.shut()
		p.atom(fence+"\n"+strings.TrimSuffix(piece, "\n")+"\n"+fence, "")
		p.gap("\n")
	}
}

// line sets text that must fit on one page, with an ellipsis if it does not.
func line(text string, limit int) string {
	p := &pages{limit: limit - 1}
	p.write(clean(text), "")
	all := p.end()
	switch {
	case len(all) == 0:
		return ""
	case len(all) > 1:
		return all[0] + "…"
	}
	return all[0]
}
