package telegram

import (
	"net/url"
	"strconv"
	"strings"

	"optoutbot/bot"
)

// message is a reply in Telegram's form: one or more texts, the last of which
// carries the buttons.
type message struct {
	parts []part
	keys  *markup
	files []bot.File // they come after the texts
}

// keysOf are the buttons below part i.
func (m message) keysOf(i int) *markup {
	if i < len(m.parts)-1 {
		return nil
	}
	return m.keys
}

// part is one text, at most maxText UTF-16 units long when parsed. Plain is
// the same without its setting, for a server that does not take the HTML.
type part struct {
	html  string
	plain string
}

// render makes a reply a message. Copy is the label of a button that copies.
func render(r bot.Reply, copy string) message {
	return message{parts: join(paras(r)), keys: keyboard(r, copy), files: r.Files}
}

// paras sets a reply: title, text, notes on the links, what stands above the
// buttons, sources and the day of checking.
func paras(r bot.Reply) []para {
	var out []para
	if r.Title != "" {
		out = append(out, para{{text: clean(r.Title), bold: true}})
	}
	urls := map[string]string{}
	for _, l := range r.Links {
		urls[l.ID] = l.URL
	}
	for _, b := range r.Blocks {
		out = append(out, block(b, urls))
	}
	for _, l := range r.Links {
		if l.Note != "" {
			out = append(out, para{{text: clean(l.Label + ": " + l.Note), italic: true}})
		}
	}
	// Under an answer the buttons speak for themselves; elsewhere the words
	// above them are part of what is said, and Telegram has no place for them
	// but the text.
	for _, row := range r.Rows {
		if row.Label != "" && r.Outcome != bot.Answer {
			out = append(out, para{{text: clean(row.Label)}})
		}
	}
	if last := foot(r); len(last) > 0 {
		out = append(out, last)
	}
	return out
}

// foot names the sources and the day of checking.
func foot(r bot.Reply) para {
	var p para
	for i, s := range r.Sources {
		before := " · " // in Greek ; is the question mark
		if i == 0 {
			before = clean(r.SourcesLabel) + ": "
		}
		p = append(p, run{text: before, italic: true}, run{text: clean(s.Name), italic: true, href: web(s.URL)})
	}
	if len(p) > 0 {
		p = append(p, run{text: ".", italic: true})
	}
	if r.Checked != "" {
		if len(p) > 0 {
			p = append(p, run{text: "\n"})
		}
		p = append(p, run{text: clean(r.Checked), italic: true})
	}
	return p
}

// block sets a paragraph or a list. A link that the reply does not carry is
// text: no address leaves the bot that is not in its list of links.
func block(b bot.Block, urls map[string]string) para {
	if b.Kind == bot.Verbatim {
		return para{{text: verbatim(b), pre: true}}
	}
	var p para
	for i, it := range b.Items {
		if i > 0 {
			p = append(p, run{text: "\n"})
		}
		switch b.Kind {
		case bot.Bullets:
			p = append(p, run{text: "• "})
		case bot.Numbers:
			p = append(p, run{text: strconv.Itoa(i+1) + ". "})
		}
		for _, s := range it {
			p = append(p, run{text: clean(s.Text), bold: s.Bold, italic: s.Italic, href: web(urls[s.Link])})
		}
	}
	return p
}

// verbatim is the text of a block to copy.
func verbatim(b bot.Block) string {
	var out strings.Builder
	for _, it := range b.Items {
		for _, s := range it {
			out.WriteString(s.Text)
		}
	}
	return clean(out.String())
}

// web returns an address if it is one of the web.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

const between = "\n\n"

// join puts paragraphs together to parts as long as Telegram takes.
func join(all []para) []part {
	var parts []part
	var html, plain strings.Builder
	used := 0
	flush := func() {
		if used > 0 {
			parts = append(parts, part{html.String(), plain.String()})
		}
		html.Reset()
		plain.Reset()
		used = 0
	}
	for _, p := range all {
		p = p.trimLeft().trimRight()
		for len(p) > 0 {
			head, rest := p, para(nil)
			n := p.units()
			switch {
			case used > 0 && used+len(between)+n > maxText:
				flush()
				continue
			case n > maxText:
				head, rest = p.split(maxText)
				n = head.units()
			}
			if used > 0 {
				html.WriteString(between)
				plain.WriteString(between)
				used += len(between)
			}
			head.writeHTML(&html)
			for _, r := range head {
				plain.WriteString(r.text)
			}
			used += n
			p = rest
		}
	}
	flush()
	return parts
}
