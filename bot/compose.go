package bot

import (
	"strconv"
	"strings"
	"time"

	"optoutbot/kb"
)

// answer gives the first of the decision's answers.
func (b *Bot) answer(d Decision, lang *kb.Language) Reply {
	r := b.entry(b.base.Entry(d.Answers[0].ID), lang)
	if c := b.claim(d.Claim); c != nil && c.Entry == r.Entry {
		b.addClaim(&r, c, lang)
		r.Again = state(actEntry, r.Entry+"."+c.ID, "")
	}
	return r
}

// entry shows an answer in full.
func (b *Bot) entry(e *kb.Entry, lang *kb.Language) Reply {
	r := Reply{Outcome: Answer, Lang: lang.Code, Entry: e.ID, Title: e.Texts[lang.Code].Title, Again: state(actEntry, e.ID, "")}
	r.Blocks = append(r.Blocks, e.Body(lang.Code, b.now())...)
	r.Links = b.links(e.Links, lang)
	r.Sources, r.SourcesLabel = b.sources(e.Sources, lang), lang.Words["sources"]
	b.dated(&r, e.Checked, e.ReviewBy, lang)
	if way, ok := b.wayButton(e.ID, lang); ok {
		r.Rows = append(r.Rows, Row{Buttons: []Button{way}})
	}
	if related := b.entryButtons(e.Related, lang); len(related) > 0 {
		r.Rows = append(r.Rows, Row{Label: lang.Words["related"], Buttons: related})
	}
	r.Rows = append(r.Rows, Row{Buttons: []Button{
		{lang.Words["helpful"], state(actHelpful, e.ID, lang.Code)},
		{lang.Words["not_helpful"], state(actNotHelpful, e.ID, lang.Code)},
	}})
	return r
}

// dated says when a text was checked, and that it was due to be once more.
func (b *Bot) dated(r *Reply, checked, due kb.Date, lang *kb.Language) {
	r.Checked = fill(lang.Words["checked"], "{date}", date(checked.Time, lang))
	if due.Before(b.now().Truncate(24 * time.Hour)) {
		r.note(fill(lang.Words["review_due"], "{date}", date(due.Time, lang)))
	}
}

// choose offers the decision's answers.
func (b *Bot) choose(d Decision, lang *kb.Language) Reply {
	r := Reply{Outcome: Choose, Lang: lang.Code}
	r.Blocks = []Block{paragraph(lang.Words["choose"])}
	r.Rows = []Row{{Buttons: b.entryButtons(ids(d.Answers), lang)}}
	return r
}

// none says that there is no answer and what helps all the same: the sentence
// of the decline entry, the nearest topics, the official page and the data
// protection authority.
func (b *Bot) none(d Decision, text string, lang *kb.Language) Reply {
	r := Reply{Outcome: None, Lang: lang.Code}
	near := ids(d.Answers)
	links := []string{"meta-genai-info"}
	label := lang.Words["none_help"]
	if e := b.base.Entry(d.Declined); e != nil {
		r.Blocks = append(r.Blocks, e.Body(lang.Code, b.now())...)
		r.Entry = e.ID
		near, label = e.Related, lang.Words["none_topics"]
		links = append(append([]string(nil), e.Links...), links...)
	} else {
		r.Blocks = append(r.Blocks, paragraph(lang.Words["none"]))
	}
	if a := b.authorityIn(text, lang); a != nil {
		links = append(links, firstOf(a.Complaint, a.Website))
	} else {
		links = append(links, "edpb-authorities")
	}
	if d.Declined == "" {
		r.Blocks = append(r.Blocks, paragraph(lang.Words["none_official"]))
	}
	r.Links = b.links(links, lang)
	r.Rows = append(r.Rows, Row{Label: label, Buttons: append(b.entryButtons(near, lang), b.topicsButton(lang))})
	return r
}

// empty asks for a question in words.
func (b *Bot) empty(lang *kb.Language) Reply {
	return Reply{
		Outcome: None, Lang: lang.Code,
		Blocks: []Block{paragraph(lang.Words["empty"])},
		Rows:   []Row{{Buttons: []Button{b.topicsButton(lang)}}},
	}
}

func (b *Bot) sorry(lang string) Reply {
	l := b.language(lang)
	return Reply{Outcome: None, Lang: l.Code, Blocks: []Block{paragraph(l.Words["sorry"])}, Links: b.links([]string{"meta-genai-info"}, l)}
}

func (b *Bot) claim(id string) *kb.Claim {
	for _, c := range b.base.Claims {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// addClaim puts a claim with its verdict before the answer.
func (b *Bot) addClaim(r *Reply, c *kb.Claim, lang *kb.Language) {
	t := c.Texts[lang.Code]
	says := fill(lang.Words["claim_says"], "{claim}", strings.TrimSuffix(t.Claim, "."))
	verdict := Item{{Text: lang.Words["verdict_"+c.Verdict], Bold: true}, {Text: " " + t.Answer}}
	r.Blocks = append([]Block{paragraph(says), {Kind: Paragraph, Items: []Item{verdict}}}, r.Blocks...)
	r.Claim, r.SourcesLabel = c.ID, lang.Words["sources"]
	for _, s := range b.sources(c.Sources, lang) {
		if !hasSource(r.Sources, s) {
			r.Sources = append(r.Sources, s)
		}
	}
}

func hasSource(list []Source, s Source) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func (b *Bot) links(wanted []string, lang *kb.Language) []Link {
	var out []Link
	for _, id := range wanted {
		l := b.base.Links[id]
		if l == nil {
			continue
		}
		t := l.Texts[lang.Code]
		out = append(out, Link{ID: id, URL: l.URL, Label: t.Label, Host: l.Host(), Note: t.Note})
	}
	return out
}

func (b *Bot) sources(wanted []string, lang *kb.Language) []Source {
	var out []Source
	for _, id := range wanted {
		s := b.base.Sources[id]
		if s == nil {
			continue
		}
		x := Source{Name: s.Name(lang.Code)}
		if d := partDate(s.Date, lang); d != "" && !strings.Contains(x.Name, d) {
			x.Name += ", " + d
		}
		if l := b.base.Links[s.Link]; l != nil {
			x.URL = l.URL
		}
		out = append(out, x)
	}
	return out
}

func (b *Bot) entryButtons(entries []string, lang *kb.Language) []Button {
	var out []Button
	for _, id := range entries {
		if e := b.base.Entry(id); e != nil && e.Kind == kb.Answer {
			out = append(out, Button{e.Texts[lang.Code].Title, state(actEntry, id, lang.Code)})
		}
	}
	return out
}

func (b *Bot) topicsButton(lang *kb.Language) Button {
	return Button{lang.Words["topics"], state(actTopics, "", lang.Code)}
}

// authorityIn finds the authority of a country or Land that a text names.
func (b *Bot) authorityIn(text string, lang *kb.Language) *kb.Authority {
	return b.authorityBy(inWords(text), func(a *kb.Authority) []string { return lang.Countries[a.Code] })
}

func ids(matches []Match) []string {
	out := make([]string, len(matches))
	for i, m := range matches {
		out[i] = m.ID
	}
	return out
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// fill puts values into the words: a place and its value, and so on.
func fill(words string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		words = strings.ReplaceAll(words, pairs[i], pairs[i+1])
	}
	return words
}

// date writes a day as the language does, which may have a form of its own for
// the first of a month.
func date(d time.Time, lang *kb.Language) string {
	day := strconv.Itoa(d.Day())
	if first := lang.Words["day_1"]; first != "" && d.Day() == 1 {
		day = first
	}
	return fill(lang.Words["date"], "{day}", day, "{month}", month(int(d.Month()), lang), "{year}", strconv.Itoa(d.Year()))
}

// partDate writes YYYY, YYYY-MM or YYYY-MM-DD as the language does.
func partDate(s string, lang *kb.Language) string {
	if d, err := time.Parse("2006-01-02", s); err == nil {
		return date(d, lang)
	}
	if d, err := time.Parse("2006-01", s); err == nil {
		return fill(lang.Words["month_year"], "{month}", month(int(d.Month()), lang), "{year}", strconv.Itoa(d.Year()))
	}
	return s
}

func month(m int, lang *kb.Language) string { return lang.Words["month_"+strconv.Itoa(m)] }
