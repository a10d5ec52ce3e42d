package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"optoutbot/kb"
)

// A button's data is "1" (the version of this form), an action, and its
// arguments after colons: "1e:messenger:en".
const (
	version       = '1'
	actEntry      = 'e' // show an entry
	actSection    = 's' // show a section's topics
	actTopics     = 't' // show the sections
	actHelpful    = 'h' // the entry helped
	actNotHelpful = 'n' // it did not
)

func state(act byte, arg, lang string) string {
	return string([]byte{version, act, ':'}) + arg + ":" + lang
}

// Press answers a press of a button. Data that the bot never made, or made in
// an earlier version, gives a friendly way back.
func (b *Bot) Press(_ context.Context, data, hint string) Reply {
	if len(data) < 3 || len(data) > MaxData || data[0] != version || data[2] != ':' {
		return b.stale(b.language(hint))
	}
	arg, code, _ := strings.Cut(data[3:], ":")
	lang := b.language(firstOf(code, hint))
	e := b.base.Entry(arg)
	if e != nil && e.Kind != kb.Answer {
		e = nil
	}
	switch act := data[1]; {
	case act == actTopics:
		return b.topics(lang)
	case act == actSection && slices.Contains(b.base.Sections, arg):
		return b.section(arg, lang)
	case act == actEntry && e != nil:
		return b.entry(e, lang)
	case act == actHelpful && e != nil:
		return Reply{Outcome: Answer, Lang: lang.Code, Entry: e.ID, Blocks: []Block{paragraph(lang.Words["thanks"])}}
	case act == actNotHelpful && e != nil:
		return Reply{
			Outcome: Answer, Lang: lang.Code, Entry: e.ID, Blocks: []Block{paragraph(lang.Words["thanks_sorry"])},
			Rows: []Row{{Buttons: append(b.entryButtons(e.Related, lang), b.topicsButton(lang))}},
		}
	}
	return b.stale(lang)
}

// Topics shows the sections.
func (b *Bot) Topics(hint string) Reply { return b.topics(b.language(hint)) }

// Show shows an entry, and whether there is one with the id.
func (b *Bot) Show(id, hint string) (Reply, bool) {
	e := b.base.Entry(id)
	if e == nil {
		return b.stale(b.language(hint)), false
	}
	if e.Kind == kb.Decline {
		return b.none(Decision{Declined: id}, "", b.language(hint)), true
	}
	return b.entry(e, b.language(hint)), true
}

func (b *Bot) topics(lang *kb.Language) Reply {
	r := Reply{Outcome: Choose, Lang: lang.Code, Blocks: []Block{paragraph(lang.Words["topics"])}}
	var row Row
	for _, s := range b.base.Sections {
		if len(b.base.InSection(s)) > 0 {
			row.Buttons = append(row.Buttons, Button{lang.Section[s], state(actSection, s, lang.Code)})
		}
	}
	r.Rows = []Row{row}
	return r
}

func (b *Bot) section(id string, lang *kb.Language) Reply {
	r := Reply{Outcome: Choose, Lang: lang.Code, Title: lang.Section[id], Blocks: []Block{paragraph(lang.Words["topics_section"])}}
	var row Row
	for _, e := range b.base.InSection(id) {
		row.Buttons = append(row.Buttons, Button{e.Texts[lang.Code].Title, state(actEntry, e.ID, lang.Code)})
	}
	r.Rows = []Row{row, {Buttons: []Button{{lang.Words["back"], state(actTopics, "", lang.Code)}}}}
	return r
}

func (b *Bot) stale(lang *kb.Language) Reply {
	r := b.topics(lang)
	r.Blocks = []Block{paragraph(lang.Words["stale"])}
	return r
}

// command splits "/name arg"; a leading @botname of Telegram is cut off.
func command(text string) (name, arg string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "/")
	if !ok {
		return "", "", false
	}
	name, arg, _ = strings.Cut(rest, " ")
	name, _, _ = strings.Cut(name, "@")
	for _, r := range name {
		if !unicode.IsLetter(r) && r != '_' {
			return "", "", false // a path, a fraction, a regular expression: a text like any other
		}
	}
	return strings.ToLower(name), strings.TrimSpace(arg), name != ""
}

// command answers a command. All but /ask and /check work without an argument.
func (b *Bot) command(ctx context.Context, name, arg, hint string) (Reply, error) {
	lang := b.language(hint)
	switch name {
	case "ask":
		return b.Ask(ctx, Question{Text: strings.TrimLeft(arg, "/"), Lang: hint})
	case "start", "topics":
		if e := b.base.Entry(arg); e != nil && e.Kind == kb.Answer {
			return b.entry(e, lang), nil
		}
		r := b.topics(lang)
		if name == "start" {
			r.Blocks = append([]Block{paragraph(lang.Words["help"])}, r.Blocks...)
		}
		return r, nil
	case "deadline":
		return b.entryOr(name, lang), nil
	case "privacy":
		return b.entryOr("about-bot", lang), nil
	case "check":
		return b.check(ctx, arg, lang)
	case "help":
		return b.help(lang), nil
	}
	r := b.help(lang)
	r.Blocks = append([]Block{paragraph(lang.Words["unknown_command"])}, r.Blocks...)
	return r, nil
}

func (b *Bot) entryOr(id string, lang *kb.Language) Reply {
	if e := b.base.Entry(id); e != nil {
		return b.entry(e, lang)
	}
	return b.topics(lang)
}

func (b *Bot) help(lang *kb.Language) Reply {
	return Reply{
		Outcome: Choose, Lang: lang.Code,
		Blocks: []Block{paragraph(lang.Words["help"]), paragraph(lang.Words["help_commands"])},
		Rows:   []Row{{Buttons: []Button{b.topicsButton(lang)}}},
	}
}

// check gives the verdict on a claim.
func (b *Bot) check(ctx context.Context, text string, lang *kb.Language) (Reply, error) {
	id, err := b.finder.FindClaim(ctx, text, lang.Code)
	if err != nil {
		return b.sorry(lang.Code), fmt.Errorf("find claim: %w", err)
	}
	c := b.claim(id)
	if c == nil {
		return Reply{
			Outcome: None, Lang: lang.Code, Blocks: []Block{paragraph(lang.Words["claim_none"])},
			Links: b.links([]string{"meta-genai-info"}, lang), Rows: []Row{{Buttons: []Button{b.topicsButton(lang)}}},
		}, nil
	}
	e := b.base.Entry(c.Entry)
	full := b.entry(e, lang)
	r := Reply{Outcome: Answer, Lang: lang.Code, Entry: c.Entry, Links: full.Links, Checked: full.Checked}
	b.addClaim(&r, c, lang)
	r.Rows = []Row{{Label: lang.Words["related"], Buttons: b.entryButtons(append([]string{c.Entry}, e.Related...), lang)}}
	return r, nil
}

// Suggestion is an answer that fits what a person is typing.
type Suggestion struct {
	ID    string
	Title string
	Short string // the short answer
	Link  Link   // the most useful link
}

// Suggest gives at most n answers for what a person has typed so far; the
// central ones when that is nothing.
func (b *Bot) Suggest(ctx context.Context, typed, hint string, n int) ([]Suggestion, error) {
	lang := b.language(hint)
	typed, _ = cutText(typed)
	found, err := b.finder.Suggest(ctx, typed, lang.Code, n)
	if err != nil {
		return nil, fmt.Errorf("suggest: %w", err)
	}
	var out []Suggestion
	for _, id := range found {
		e := b.base.Entry(id)
		if e == nil {
			continue
		}
		s := Suggestion{ID: id, Title: e.Texts[lang.Code].Title, Short: e.Body(lang.Code, b.now()).Short()}
		if links := b.links(e.Links, lang); len(links) > 0 {
			s.Link = links[0]
		}
		out = append(out, s)
	}
	return out, nil
}
