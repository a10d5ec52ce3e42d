package bot

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"optoutbot/kb"
)

// command splits "/name arg"; a leading @botname of Telegram is cut off.
func command(text string) (name, arg string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "/")
	if !ok {
		return "", "", false
	}
	name = rest
	if i := strings.IndexFunc(rest, unicode.IsSpace); i >= 0 {
		name, arg = rest[:i], rest[i:]
	}
	name, _, _ = strings.Cut(name, "@")
	for _, r := range name {
		if !unicode.IsLetter(r) && r != '_' {
			return "", "", false // a path, a fraction, a regular expression: a text like any other
		}
	}
	return strings.ToLower(name), strings.TrimSpace(arg), name != ""
}

// command answers a command. All but /ask and /check work without an argument.
func (b *Bot) command(ctx context.Context, name, arg string, q Question) (Reply, error) {
	lang := b.language(q.Lang)
	switch name {
	case "ask":
		return b.find(ctx, strings.TrimLeft(arg, "/"), q.Lang)
	case "start", "topics":
		if e := b.base.Entry(arg); e != nil && e.Kind == kb.Answer {
			return b.entry(e, lang), nil
		}
		if door := b.base.Flows.Door(arg); door != nil {
			return b.flow(arg, lang), nil
		}
		r := b.topics(lang)
		if name == "start" {
			r.Blocks = append([]Block{paragraph(lang.Words["help"])}, r.Blocks...)
		}
		return r, nil
	case "deadline":
		return b.entryOr(name, lang), nil
	case "privacy":
		return b.privacy(lang), nil
	case "language":
		return b.languages(ctx, arg, lang, q.Place)
	case "forget":
		return b.forget(ctx, lang, q.Place)
	case "check":
		return b.check(ctx, arg, lang)
	case "help":
		return b.help(lang), nil
	}
	if door := b.base.Flows.Door(name); door != nil && door.Command {
		return b.begin(ctx, door, arg, q, lang)
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
		Blocks: []Block{
			paragraph(lang.Words["help"]), paragraph(lang.Words["help_commands"]),
			paragraph(fill(lang.Words["help_version"], "{version}", b.base.Hash[:min(8, len(b.base.Hash))])),
		},
		Rows: []Row{{Buttons: []Button{b.topicsButton(lang)}}},
	}
}

// languages offers the languages, or speaks the one that is named.
func (b *Bot) languages(ctx context.Context, arg string, lang *kb.Language, at Place) (Reply, error) {
	r := Reply{Outcome: Choose, Lang: lang.Code, Blocks: []Block{paragraph(lang.Words["language"])}}
	var row Row
	for _, l := range b.base.Languages {
		if strings.EqualFold(arg, l.Code) || strings.EqualFold(arg, l.Name) {
			return b.speak(ctx, l, at)
		}
		row.Buttons = append(row.Buttons, Button{l.Name, state(actLanguage, "", l.Code)})
	}
	r.Rows = []Row{row}
	return r, nil
}

// speak speaks a language, and from now on at the place.
func (b *Bot) speak(ctx context.Context, lang *kb.Language, at Place) (Reply, error) {
	return b.help(lang), b.Choose(ctx, at, func(c *Choices) { c.Lang = lang.Code })
}

// privacy says what is kept as the program runs at present, then what the
// knowledge base says about the bot.
func (b *Bot) privacy(lang *kb.Language) Reply {
	r := b.entryOr("about-bot", lang)
	r.Blocks = append(b.running(lang), r.Blocks...)
	return r
}

// running says what is kept as the program runs at present.
func (b *Bot) running(lang *kb.Language) []Block {
	if len(b.keeps) == 0 {
		return []Block{paragraph(lang.Words["privacy_nothing"])}
	}
	head, list := "privacy_keeps", Block{Kind: Bullets}
	for _, k := range b.keeps {
		if k == KeptUnanswered {
			head = "privacy_keeps_words"
		}
		text := fill(lang.Words["privacy_"+string(k)], "{days}", strconv.Itoa(b.keptDays))
		list.Items = append(list.Items, Item{{Text: text}})
	}
	return []Block{paragraph(lang.Words[head]), list}
}

// forget deletes what was chosen at a place.
func (b *Bot) forget(ctx context.Context, lang *kb.Language, at Place) (Reply, error) {
	r := Reply{Outcome: Choose, Lang: lang.Code, Blocks: []Block{paragraph(lang.Words["forgotten"])}}
	if b.memory == nil || at == (Place{}) {
		return r, nil
	}
	if err := b.memory.Forget(ctx, at); err != nil {
		r.Blocks = []Block{paragraph(lang.Words["forget_failed"])}
		return r, fmt.Errorf("forget choices: %w", err)
	}
	return r, nil
}

// begin begins a guided way, with what stands after its command: a country
// for /authority, and words as in "/object instagram".
func (b *Bot) begin(ctx context.Context, door *kb.Door, arg string, q Question, lang *kb.Language) (Reply, error) {
	switch {
	case arg == "":
		return b.flow(door.ID, lang), nil
	case door.Start.By == "authority":
		return b.authorityFor(arg, door, lang), nil
	}
	found, err := b.finder.Find(ctx, arg, q.Lang)
	if err != nil {
		return b.flow(door.ID, lang), fmt.Errorf("find: %w", err)
	}
	path := door.ID
	if d := b.Decide(found); d.Outcome == Answer {
		fits := b.base.Flows.Entries[d.Answers[0].ID]
		if of, _, _ := b.base.Flows.Walk(fits); of != nil && (of == door || strings.HasPrefix(of.ID, door.ID+"-")) {
			path = fits
		}
	}
	return b.flow(path, lang), nil
}

// check gives the verdict on a claim: the nearest one, unless the text is
// surely about something else.
func (b *Bot) check(ctx context.Context, text string, lang *kb.Language) (Reply, error) {
	id, err := b.finder.FindClaim(ctx, text, lang.Code)
	if err != nil {
		return b.sorry(lang.Code), fmt.Errorf("find claim: %w", err)
	}
	var d Decision
	var failed error
	if hasWords(text) {
		found, err := b.finder.Find(ctx, text, lang.Code)
		if err != nil { // the claim is good without it
			failed = fmt.Errorf("find: %w", err)
		}
		d = b.Decide(found)
	}
	c := b.claim(firstOf(d.Claim, id))
	if c == nil || d.Outcome == Answer && d.Answers[0].ID != c.Entry {
		return b.noClaim(d, lang), failed
	}
	return b.verdict(c, lang), failed
}

// verdict gives the verdict on a claim, with the way to the answer behind it.
func (b *Bot) verdict(c *kb.Claim, lang *kb.Language) Reply {
	e := b.base.Entry(c.Entry)
	full := b.entry(e, lang)
	r := Reply{Outcome: Answer, Lang: lang.Code, Entry: c.Entry, Links: full.Links, Checked: full.Checked, Again: state(actClaim, c.ID, "")}
	b.addClaim(&r, c, lang)
	if way, ok := b.wayButton(e.ID, lang); ok {
		r.Rows = append(r.Rows, Row{Buttons: []Button{way}})
	}
	r.Rows = append(r.Rows, Row{Label: lang.Words["related"], Buttons: b.entryButtons(append([]string{c.Entry}, e.Related...), lang)})
	return r
}

// noClaim says that nothing is known of a claim, and which topics come nearest.
func (b *Bot) noClaim(d Decision, lang *kb.Language) Reply {
	r := Reply{
		Outcome: None, Lang: lang.Code, Blocks: []Block{paragraph(lang.Words["claim_none"])},
		Links: b.links([]string{"meta-genai-info"}, lang),
	}
	var near []Button
	if d.Outcome == Answer || d.Outcome == Choose {
		near = b.entryButtons(ids(d.Answers), lang)
	}
	row := Row{Buttons: append(near, b.topicsButton(lang))}
	if len(near) > 0 {
		row.Label = lang.Words["none_topics"]
	}
	r.Rows = []Row{row}
	return r
}
