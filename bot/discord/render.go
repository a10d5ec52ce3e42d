package discord

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// Limits of messages: Discord, Message and Embed. A message's embeds have 6000
// characters in all, which those below never reach together.
const (
	maxContent = 2000
	maxTitle   = 256
	maxText    = 4096
	maxName    = 256
	maxValue   = 1024
	maxFooter  = 300
)

// render makes a reply one or more messages: the title on the first; sources,
// what can be opened and what can be pressed on the last. Commands that it names
// can be pressed.
func render(r bot.Reply, commands commandIDs, buttons ...bot.Button) []post {
	var out []post
	for _, text := range body(r, commands) {
		p := newPost()
		p.Embeds = append(p.Embeds, &discordgo.MessageEmbed{Description: text})
		out = append(out, p)
	}
	if len(out) == 0 {
		p := newPost()
		p.Embeds = append(p.Embeds, &discordgo.MessageEmbed{})
		out = append(out, p)
	}
	last := &out[len(out)-1]
	out[0].Embeds[0].Title = line(r.Title, maxTitle)
	last.Embeds[0].Fields = sources(r)
	if r.Checked != "" {
		last.Embeds[0].Footer = &discordgo.MessageEmbedFooter{Text: clip(clean(r.Checked), maxFooter)}
	}
	last.Components = keyboard(r, buttons)
	if e := last.Embeds[0]; e.Description == "" && e.Title == "" {
		e.Description = "…" // a reply that says nothing cannot be sent
	}
	return out
}

// body sets what is said, notes on the links, and the words above what can be
// pressed.
func body(r bot.Reply, commands commandIDs) []string {
	p := &pages{limit: maxText, commands: commands}
	urls := map[string]string{}
	for _, l := range r.Links {
		urls[l.ID] = l.URL
	}
	for _, b := range r.Blocks {
		p.gap("\n\n")
		block(p, b, urls)
	}
	for _, l := range r.Links {
		if l.Note != "" {
			p.gap("\n\n")
			p.write(clean(l.Label+": "+l.Note), "*")
		}
	}
	// Under an answer the menu's own words are enough; elsewhere they are part
	// of what is said.
	for _, w := range r.Rows {
		if w.Label != "" && r.Outcome != bot.Answer {
			p.gap("\n\n")
			p.write(clean(w.Label), "")
		}
	}
	return p.end()
}

// block sets a paragraph, a list or a text to be copied. A link that the reply
// does not carry is text: no address leaves the bot that is not in its list of
// links.
func block(p *pages, b bot.Block, urls map[string]string) {
	if b.Kind == bot.Verbatim {
		for _, it := range b.Items {
			p.code(clean(it.Text()))
		}
		return
	}
	for i, it := range b.Items {
		if i > 0 {
			p.gap("\n")
		}
		switch b.Kind {
		case bot.Bullets:
			p.atom("•", "")
			p.gap(" ")
		case bot.Numbers:
			p.atom(strconv.Itoa(i+1)+`\.`, "")
			p.gap(" ")
		}
		for _, s := range it {
			style := ""
			if s.Bold {
				style = "**"
			}
			if s.Italic {
				style += "*"
			}
			if to := web(urls[s.Link]); to != "" {
				anchor(p, s.Text, to, style)
				continue
			}
			p.write(clean(s.Text), style)
		}
	}
}

// maxLink is how long a link may be that stands in the text.
const maxLink = 700

// anchor sets a link.
func anchor(p *pages, text, to, style string) {
	words := escape(strings.TrimSpace(clean(text)), false)
	if n := units(words) + units(to) + 4; n > maxLink || n > p.limit || words == "" {
		p.write(clean(text), style)
		return
	}
	p.atom("["+words+"]("+to+")", style)
}

// sources names the sources, with links while there is room for them.
func sources(r bot.Reply) []*discordgo.MessageEmbedField {
	if len(r.Sources) == 0 {
		return nil
	}
	value := ""
	for _, linked := range []bool{true, false} {
		p := &pages{limit: maxValue}
		for i, s := range r.Sources {
			if i > 0 {
				p.atom(" ·", "") // in Greek ; is the question mark
				p.gap(" ")
			}
			if to := web(s.URL); linked && to != "" {
				anchor(p, s.Name, to, "")
			} else {
				p.write(clean(s.Name), "")
			}
		}
		all := p.end()
		if len(all) == 0 {
			return nil
		}
		if value = all[0]; len(all) == 1 {
			break
		}
	}
	name := line(r.SourcesLabel, maxName)
	if name == "" {
		name = "↗"
	}
	return []*discordgo.MessageEmbedField{{Name: name, Value: value}}
}

// web returns an address if it is one of the web, in a form in which nothing
// ends a link too early.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return strings.NewReplacer("(", "%28", ")", "%29", " ", "%20").Replace(u.String())
}
