package kb

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Limits of what the platforms show (Discord: title 256; the short answer is
// all that an inline result shows; the whole leaves room for sources within
// Telegram's 4,096 and Discord's 4,096 characters of a description). Counted in
// UTF-16 units, as the platforms do.
const (
	maxTitle   = 256
	maxShort   = 300
	maxWhole   = 3500
	maxLabel   = 80 // a Discord button
	maxRelated = 5
)

// Services and regions that an entry may name.
var (
	knownServices = []string{"facebook", "instagram", "messenger", "whatsapp", "threads", "meta-ai", "devices"}
	knownRegions  = []string{"EU", "EEA", "CH", "UK", "US", "all"}
	knownVerdicts = []string{"right", "partly", "disputed", "outdated", "wrong", "unknown"}
)

// check finds what is wrong between files.
func (l *loader) check() {
	for _, e := range l.base.Entries {
		l.checkEntry(e)
		l.checkVariants(e)
	}
	var langs sync.WaitGroup // they are most of the content, and apart from each other
	for _, lang := range l.base.Languages {
		langs.Go(func() { l.checkLanguage(lang.Code) })
		if l.care == calmly {
			langs.Wait()
		}
	}
	langs.Wait()
	l.checkClaims()
	l.checkLanguages()
	if l.care > trusted {
		l.checkTexts()
	}
	l.checkLinks()
	for _, p := range l.central {
		if slices.Contains(l.base.Central, p.text) {
			l.fault("sections.yaml", p.line, "central: %q stands twice", p.text)
		}
		if !l.isAnswer(p.text) {
			l.fault("sections.yaml", p.line, "central: there is no answer %q", p.text)
		}
		l.base.Central = append(l.base.Central, p.text)
	}
}

// checkLanguage checks the texts and the questions of the entries in a language.
func (l *loader) checkLanguage(lang string) {
	for _, e := range l.base.Entries {
		if t := e.Texts[lang]; t.Lang == lang { // else another stands in
			l.checkText(e, t)
		}
	}
	if l.care > trusted {
		l.checkQuestions(lang)
	}
}

func (l *loader) checkEntry(e *Entry) {
	file := entryFileOf(e.ID)
	if e.Kind != Answer && e.Kind != Decline {
		l.fault(file, e.at["kind"], "kind is answer or decline, not %q", e.Kind)
	}
	if l.lacks("sections.yaml", slices.Contains(l.base.Sections, e.Section)) {
		l.fault(file, e.at["section"], "there is no section %q in sections.yaml", e.Section)
	}
	l.each(file, e, "links", e.Links, l.isLink, "there is no link %q in links.yaml")
	l.each(file, e, "sources", e.Sources, l.isSource, "there is no source %q in sources.yaml")
	l.each(file, e, "related", e.Related, func(id string) bool { return id != e.ID && l.isAnswer(id) }, "related: there is no other answer %q")
	l.each(file, e, "services", e.Services, func(s string) bool { return slices.Contains(knownServices, s) }, "there is no service %q")
	l.each(file, e, "regions", e.Regions, func(s string) bool { return slices.Contains(knownRegions, s) }, "there is no region %q")
	if len(e.Related) > maxRelated {
		l.fault(file, 0, "related has %d entries; at most %d are shown", len(e.Related), maxRelated)
	}
	if e.Kind == Answer {
		l.checkAnswer(file, e)
	}
	l.checkDates(file, e.at["checked"], e.at["review_by"], e.Checked, e.ReviewBy)
}

// checkDates checks the day of the last check, which stands on a line, and that
// of the next; line 0 is none.
func (l *loader) checkDates(file string, checkedAt, reviewAt int, checked, reviewBy Date) {
	switch {
	case checkedAt == 0:
		l.fault(file, 0, "checked is missing: the day on which the text was compared with its sources")
	case checked.after(l.today):
		l.fault(file, checkedAt, "checked lies in the future")
	}
	switch {
	case reviewAt == 0:
		l.fault(file, 0, "review_by is missing: the day by which the text should be checked again")
	case reviewBy.IsZero(): // its fault is known
	case !reviewBy.After(checked.Time):
		l.fault(file, reviewAt, "review_by is not after checked")
	case reviewBy.before(l.today):
		l.warn(file, reviewAt, "the review was due on %s", reviewBy)
	}
}

// checkAnswer checks what only answers must have.
func (l *loader) checkAnswer(file string, e *Entry) {
	if len(e.Sources) == 0 {
		l.fault(file, e.at["sources"], "an answer needs a source")
	}
	if len(e.Links) == 0 {
		l.fault(file, e.at["links"], "an answer needs a link")
	} else if first := l.base.Links[e.Links[0]]; first != nil && first.Confidence == "low" {
		l.fault(file, e.at["links "+e.Links[0]], "link %q has low confidence and must not stand first", first.ID)
	}
	if len(e.Services) == 0 || len(e.Regions) == 0 {
		l.fault(file, 0, "an answer names the services and regions for which it holds")
	}
}

func (l *loader) each(file string, e *Entry, key string, values []string, ok func(string) bool, message string) {
	for _, v := range values {
		if !ok(v) {
			l.fault(file, e.at[key+" "+v], message, v)
		}
	}
}

// checkVariants checks the names of an entry's variants, and that for every day
// there is exactly one text.
func (l *loader) checkVariants(e *Entry) {
	file := entryFileOf(e.ID)
	for i, v := range e.Variants {
		line := e.at["variant "+v.Name]
		if !validID.MatchString(v.Name) {
			l.fault(file, line, "variant %q: a name has a–z, 0–9 and -", v.Name)
		}
		if slices.ContainsFunc(e.Variants[:i], func(w Variant) bool { return w.Name == v.Name }) {
			l.fault(file, line, "variant %q stands twice", v.Name)
		}
	}
	if e.at["variants with a day that is none"] == 0 {
		l.checkDays(file, e)
	}
}

// checkDays checks that the days of the variants follow each other.
func (l *loader) checkDays(file string, e *Entry) {
	for i, v := range e.Variants {
		line := e.at["variant "+v.Name]
		last := i == len(e.Variants)-1
		switch {
		case i == 0 && !v.From.IsZero():
			l.fault(file, line, "variant %q: the first one has no from, so that there is an answer for every day", v.Name)
		case last && !v.Until.IsZero():
			l.fault(file, line, "variant %q: the last one has no until, so that there is an answer for every day", v.Name)
		case !last && v.Until.IsZero():
			l.fault(file, line, "variant %q has no until, but another one follows", v.Name)
		case i > 0 && v.From.IsZero():
			l.fault(file, line, "variant %q has no from", v.Name)
		case !v.From.IsZero() && !v.Until.IsZero() && v.Until.before(v.From.Time):
			l.fault(file, line, "variant %q ends before it begins", v.Name)
		}
		if i == 0 || v.From.IsZero() {
			continue
		}
		switch before := e.Variants[i-1].Until; {
		case before.IsZero():
		case !before.before(v.From.Time):
			l.fault(file, line, "variant %q overlaps the one before, which holds until %s", v.Name, before)
		case before.AddDate(0, 0, 1).Before(v.From.Time):
			l.fault(file, line, "there is a gap between %s and %s", before, v.From)
		}
	}
}

func (l *loader) checkText(e *Entry, t *Text) {
	if l.lacks(t.file, t.Title != "") {
		l.fault(t.file, 2, "the title is missing")
	}
	if n := utf16Len(t.Title); n > maxTitle {
		l.fault(t.file, 2, "the title has %d characters; at most %d are shown", n, maxTitle)
	}
	l.checkLetters(t.file, 2, t.Title)
	for _, p := range t.parts {
		l.checkBody(e, t, p)
	}
	file := questionFile(e.ID, t.Lang)
	switch {
	case !l.lacks(file, len(t.Questions) > 0):
	case t.Lang != English:
		l.gap(file, 0, "there are no questions: without them the entry is not found")
	default:
		l.fault(file, 0, "there are no questions: without them the entry is not found")
	}
	for i, q := range t.Questions {
		if l.care > trusted {
			l.checkLetters(file, t.lines[i], q)
		}
	}
	if en := e.Texts[English]; t.Lang != English && en != nil {
		for name, p := range t.parts {
			if now := en.parts[name]; now.hash != "" { // else its absence is a fault of its own
				l.checkTranslation(t, en, p, now)
			}
		}
	}
}

func (l *loader) checkBody(e *Entry, t *Text, p part) {
	body := p.body
	if len(body) == 0 {
		return
	}
	if body[0].Kind != Paragraph {
		l.fault(p.file, body[0].line, "the text begins with the short answer, a paragraph")
	}
	if n := utf16Len(body.Short()); n > maxShort {
		l.fault(p.file, body[0].line, "the short answer (first paragraph) has %d characters; at most %d are shown", n, maxShort)
	}
	if n := utf16Len(t.Title) + utf16Len(body.Text()); n > maxWhole {
		l.fault(p.file, 0, "the text has %d characters; at most %d are shown", n, maxWhole)
	}
	for _, b := range body {
		for i, it := range b.Items {
			l.checkSpans(e.Links, "the entry", p.file, b.lines[i], it)
		}
	}
}

// checkSpans checks a run of text that belongs to something with these links.
func (l *loader) checkSpans(links []string, whose, file string, line int, it Item) {
	for _, s := range it {
		switch {
		case s.Link == "":
		case !l.isLink(s.Link):
			l.fault(file, line, "there is no link %q in links.yaml", s.Link)
		case !slices.Contains(links, s.Link):
			l.fault(file, line, "link %q is not among the links of %s", s.Link, whose)
		}
		l.checkLetters(file, line, s.Text)
		if looksLikeAddress(s.Text) {
			l.fault(file, line, "%q: write an address as a link, [text](link-id)", s.Text)
		}
	}
}

func (l *loader) checkClaims() {
	for _, c := range l.base.Claims {
		const file = "claims.yaml"
		if !slices.Contains(knownVerdicts, c.Verdict) {
			l.fault(file, c.line, "claim %s: there is no verdict %q", c.ID, c.Verdict)
		}
		if !l.isAnswer(c.Entry) {
			l.fault(file, c.line, "claim %s: there is no answer %q", c.ID, c.Entry)
		}
		if len(c.Sources) == 0 {
			l.fault(file, c.line, "claim %s has no source", c.ID)
		}
		for _, s := range c.Sources {
			if !l.isSource(s) {
				l.fault(file, c.line, "claim %s: there is no source %q", c.ID, s)
			}
		}
		for _, lang := range l.base.Languages {
			t, file := c.Texts[lang.Code], textFile("claims", lang.Code)
			if lang.Code == English && l.lacks(file, t.Claim != "" && t.Answer != "") {
				l.fault(file, l.at(file, c.ID), "claim %s needs a claim and an answer", c.ID)
			}
			if n := utf16Len(t.Answer); n > maxShort {
				l.fault(file, l.at(file, c.ID), "claim %s: the answer has %d characters; at most %d are shown", c.ID, n, maxShort)
			}
		}
	}
}

func (l *loader) checkLanguages() {
	for _, lang := range l.base.Languages {
		file := textFile("sections", lang.Code)
		for _, s := range l.base.Sections {
			if lang.Code == English && l.lacks(file, lang.Section[s] != "") {
				l.fault(file, 0, "section %q has no title", s)
			}
		}
		for s := range lang.Section {
			if l.lacks("sections.yaml", slices.Contains(l.base.Sections, s)) {
				l.fault(file, l.at(file, s), "there is no section %q in sections.yaml", s)
			}
		}
		file = textFile("countries", lang.Code)
		for code := range lang.Countries {
			if l.lacks("authorities.yaml", l.base.AuthorityOf(code) != nil) {
				l.fault(file, l.at(file, code), "there is no authority %q in authorities.yaml", code)
			}
		}
		l.checkLimits(lang)
	}
}

// wordLimits are the most characters that platforms show of some words
// (Discord: description of a command 100, button 80; Telegram: name 64,
// description 512, short description 120).
var wordLimits = map[string]int{
	"name": 64, "about": 512, "about_short": 120, "topics": maxLabel, "back": maxLabel, "helpful": maxLabel, "not_helpful": maxLabel,
	"page_before": maxLabel, "page_next": maxLabel, "more": maxLabel,
}

const maxCommand = 100

func (l *loader) checkLimits(lang *Language) {
	file := textFile("bot", lang.Code)
	for key, words := range lang.Words {
		limit := wordLimits[key]
		if strings.HasPrefix(key, "command_") {
			limit = maxCommand
		}
		if n := utf16Len(words); limit > 0 && n > limit {
			l.fault(file, l.at(file, key), "%q has %d characters; at most %d are shown", key, n, limit)
		}
	}
	file = textFile("sections", lang.Code)
	for s, title := range lang.Section {
		if n := utf16Len(title); n > maxLabel {
			l.fault(file, l.at(file, s), "section %q: the title has %d characters; a button shows %d", s, n, maxLabel)
		}
	}
}

func (l *loader) checkLinks() {
	for id, link := range l.base.Links {
		for lang, t := range link.Texts {
			if n := utf16Len(t.Label) + utf16Len(link.Host()) + len(" ()"); n > maxLabel {
				file := textFile("links", lang)
				l.fault(file, l.at(file, id), "link %q: label and domain have %d characters; a button shows %d", id, n, maxLabel)
			}
		}
	}
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// looksLikeAddress reports whether a text holds something that a chat program
// would make a link of.
func looksLikeAddress(s string) bool {
	for i := range s {
		if hasPrefixFold(s[i:], "http://") || hasPrefixFold(s[i:], "https://") || hasPrefixFold(s[i:], "www.") {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) || !utf8.ValidString(s[:1]) {
		return false
	}
	for i := 0; i < len(prefix); i++ {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}
