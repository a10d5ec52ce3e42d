package bot

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"optoutbot/kb"
)

// A button's data is "1" (the version of this form), an action, and its
// arguments after colons: "1e:messenger:en".
const (
	version       = '1'
	actEntry      = 'e' // show an entry; with a claim's verdict after a dot: "notification.S0-8"
	actClaim      = 'c' // show the verdict on a claim
	actSection    = 's' // show a section's topics; a page after a dot: "data.2"
	actTopics     = 't' // show the sections
	actLanguage   = 'l' // speak the language that the data ends with
	actHelpful    = 'h' // the entry helped
	actNotHelpful = 'n' // it did not
)

// counted are the presses that are counted, and as what.
var counted = map[byte]What{actEntry: Opened, actHelpful: Helped, actNotHelpful: NotHelped}

func state(act byte, arg, lang string) string {
	return string([]byte{version, act, ':'}) + arg + ":" + lang
}

// Press answers a press of a button. Data that the bot never made, or made in
// an earlier version, gives a friendly way back.
//
// It never fails: what goes wrong is returned beside the reply, for the log.
func (b *Bot) Press(ctx context.Context, p Press) (Reply, error) {
	data := p.Data
	if len(data) < 3 || len(data) > MaxData || data[0] != version || data[2] != ':' {
		chosen, err := b.Choices(ctx, p.Place)
		lang := b.language(firstOf(chosen.Lang, p.Lang))
		if door := b.doorOf(data); door != nil {
			return b.again(door, lang), err
		}
		return b.stale(lang), err
	}
	arg, code, _ := strings.Cut(data[3:], ":")
	lang := b.language(firstOf(code, p.Lang))
	if data[1] == actLanguage {
		return b.speak(ctx, lang, p.Place)
	}
	r := b.press(data[1], arg, lang)
	if what, ok := counted[data[1]]; ok && r.Entry != "" {
		b.count(p.Place, what, r)
	}
	return r, nil
}

func (b *Bot) press(act byte, arg string, lang *kb.Language) Reply {
	id, claim := arg, ""
	if act == actEntry {
		id, claim, _ = strings.Cut(arg, ".")
	}
	e := b.base.Entry(id)
	if e != nil && e.Kind != kb.Answer {
		e = nil
	}
	section, page := splitPage(arg)
	switch {
	case act == actTopics:
		return b.topics(lang)
	case act == actFlow:
		return b.flow(arg, lang)
	case act == actSection && slices.Contains(b.base.Sections, section):
		return b.section(section, page, lang)
	case act == actEntry && e != nil:
		return b.answer(Decision{Answers: []Match{{ID: id}}, Claim: claim}, lang)
	case act == actClaim && b.claim(arg) != nil:
		return b.verdict(b.claim(arg), lang)
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

// perPage is how many topics of a section are shown at once: as many buttons as
// a telephone shows without scrolling.
const perPage = 8

// section shows a page of a section's topics, the first being 1. A page that
// there no longer is gives the last.
func (b *Bot) section(id string, page int, lang *kb.Language) Reply {
	r := Reply{Outcome: Choose, Lang: lang.Code, Title: lang.Section[id], Blocks: []Block{paragraph(lang.Words["topics_section"])}}
	entries := b.base.InSection(id)
	pages := max(1, (len(entries)+perPage-1)/perPage)
	page = min(max(page, 1), pages)
	var row Row
	for _, e := range entries[(page-1)*perPage : min(page*perPage, len(entries))] {
		row.Buttons = append(row.Buttons, Button{e.Texts[lang.Code].Title, state(actEntry, e.ID, lang.Code)})
	}
	var turn Row
	if page > 1 {
		turn.Buttons = append(turn.Buttons, Button{lang.Words["page_before"], state(actSection, id+"."+strconv.Itoa(page-1), lang.Code)})
	}
	if page < pages {
		turn.Buttons = append(turn.Buttons, Button{lang.Words["page_next"], state(actSection, id+"."+strconv.Itoa(page+1), lang.Code)})
	}
	turn.Buttons = append(turn.Buttons, Button{lang.Words["back"], state(actTopics, "", lang.Code)})
	r.Rows = []Row{row, turn}
	return r
}

// splitPage splits "section.page"; without a page it is the first.
func splitPage(arg string) (section string, page int) {
	section, number, _ := strings.Cut(arg, ".")
	page, err := strconv.Atoi(number)
	if err != nil {
		page = 1
	}
	return section, page
}

func (b *Bot) stale(lang *kb.Language) Reply {
	r := b.topics(lang)
	r.Blocks = []Block{paragraph(lang.Words["stale"])}
	return r
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
