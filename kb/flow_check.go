package kb

import (
	"regexp"
	"slices"
	"strings"
)

// Limits of the guided ways.
const (
	maxFlowLabel = 64 // a button on a telephone shows about 38
	// A button's data has 64 bytes: "1f:", the path, what the program adds when
	// it makes a step ("/DE-BY2"), ":" and a language.
	maxPath = 64 - len("1f:") - len("/DE-BY2") - len(":xxx")
)

var (
	validChoice = regexp.MustCompile(`^[a-z0-9]{1,8}$`)
	validFile   = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	knownMakers = []string{"letter", "remind", "authority"}
)

// flowCheck finds what is wrong with the guided ways.
type flowCheck struct {
	*loader
	flows   *Flows
	used    map[string]int // keys of words, with the line where they are used
	labels  map[string]bool
	reached map[*Step]bool
	long    bool // a path that is too long was found
}

func (l *loader) checkFlows(in flowFile) {
	c := &flowCheck{loader: l, flows: l.base.Flows, used: map[string]int{}, labels: map[string]bool{}, reached: map[*Step]bool{}}
	l.checkDates(flowName, in.Checked.line, in.ReviewBy.line, c.flows.Checked, c.flows.ReviewBy)
	for _, p := range in.Uses {
		c.use(p.text, p.line)
	}
	for _, s := range c.flows.order {
		c.step(s)
	}
	for _, d := range c.flows.Doors {
		c.use(d.Title, d.line)
		c.label(d.Label, d.line)
		c.walk(d.ID, d.Start, nil)
	}
	for _, s := range c.flows.order {
		if !c.reached[s] {
			l.fault(flowName, s.file.ID.line, "step %s is reached from nowhere", s.ID)
		}
	}
	c.entries(in.Entries)
	c.letter(in)
	for _, lang := range l.base.Languages {
		c.texts(lang)
	}
}

func (c *flowCheck) use(key string, line int) {
	if _, ok := c.used[key]; !ok {
		c.used[key] = line
	}
}

func (c *flowCheck) label(key string, line int) {
	c.use(key, line)
	c.labels[key] = true
}

// step checks a step by itself.
func (c *flowCheck) step(s *Step) {
	in, line := s.file, s.file.ID.line
	switch end := len(s.Choices) == 0; {
	case s.By != "" && !slices.Contains(knownMakers, s.By):
		c.fault(flowName, in.By.line, "step %s: nothing is called %q that makes a step", s.ID, s.By)
	case s.By != "" && !end:
		c.fault(flowName, line, "step %s is made by the program and has choices", s.ID)
	case s.By == "" && end && (len(s.Says) == 0 || s.Ask != ""):
		c.fault(flowName, line, "step %s leads nowhere: it has no choices, so it must say something and ask nothing", s.ID)
	case !end && len(s.Says) > 0:
		c.fault(flowName, line, "step %s has choices, so what it says stands in its question", s.ID)
	}
	if len(s.Choices) == 0 && (s.Form == "" || len(s.Sources) == 0) {
		c.fault(flowName, line, "step %s: an end needs a form (or page) and a source", s.ID)
	}
	if s.Ask != "" {
		c.use(s.Ask, line)
	}
	if s.Title != "" {
		c.use(s.Title, line)
	}
	for _, p := range append(slices.Clone(in.Says), in.Uses...) {
		c.use(p.text, p.line)
	}
	for i, ch := range s.Choices {
		at := in.Choices[i].key.line
		if !validChoice.MatchString(ch.ID) {
			c.fault(flowName, at, "step %s: choice %q has 1 to 8 of a–z and 0–9", s.ID, ch.ID)
		}
		c.label(ch.Label, at)
	}
	c.refers(s)
}

// refers checks what a step names: links, answers, sources and doors.
func (c *flowCheck) refers(s *Step) {
	links := slices.Clone(s.file.Links)
	if s.Form != "" {
		links = append(links, s.file.Form)
	}
	for _, p := range links {
		c.link(s, p)
	}
	for _, p := range s.file.Entries {
		if !c.isAnswer(p.text) {
			c.fault(flowName, p.line, "step %s: there is no answer %q", s.ID, p.text)
		}
	}
	for _, p := range s.file.Sources {
		if !c.isSource(p.text) {
			c.fault(flowName, p.line, "step %s: there is no source %q in sources.yaml", s.ID, p.text)
		}
	}
	for _, p := range s.file.Next {
		if c.flows.Door(p.text) == nil {
			c.fault(flowName, p.line, "step %s: there is no door %q", s.ID, p.text)
		}
	}
}

// link wants a link that is sure enough, and with a form what to know before.
func (c *flowCheck) link(s *Step, p place) {
	link := c.base.Links[p.text]
	switch {
	case link == nil && c.isLink(p.text): // its fault is known
	case link == nil:
		c.fault(flowName, p.line, "step %s: there is no link %q in links.yaml", s.ID, p.text)
	case link.Confidence == "low":
		c.fault(flowName, p.line, "step %s: link %q has low confidence", s.ID, p.text)
	case link.Kind == "form":
		file := textFile("links", English) // what a translation lacks of it is known
		if c.lacks(file, link.Texts[English].Note != "") {
			c.fault(file, c.at(file, p.text), "link %q is a form of flows.yaml and needs a note: what to know before", p.text)
		}
	}
}

// walk follows every path from a door.
func (c *flowCheck) walk(path string, s *Step, before []*Step) {
	switch {
	case s == nil: // its fault is known
		return
	case slices.Contains(before, s):
		c.fault(flowName, s.file.ID.line, "step %s leads back to itself", s.ID)
		return
	case len(path) > maxPath && !c.long:
		c.long = true
		c.fault(flowName, s.file.ID.line, "the way %s has %d bytes; a button holds %d", path, len(path), maxPath)
	}
	c.reached[s] = true
	for _, ch := range s.Choices {
		c.walk(path+"/"+ch.ID, ch.To, append(slices.Clone(before), s))
	}
}

// entries checks what is offered under answers.
func (c *flowCheck) entries(in pairs) {
	for _, p := range in {
		if !c.isAnswer(p.key.text) {
			c.fault(flowName, p.key.line, "entries: there is no answer %q", p.key.text)
		}
		if _, s, rest := c.flows.Walk(p.value.text); s == nil || len(rest) > 0 {
			c.fault(flowName, p.value.line, "entries: the way %q leads to no step", p.value.text)
		}
	}
}

// letter checks the grounds of the letter.
func (c *flowCheck) letter(in flowFile) {
	if !c.makes("letter") {
		return
	}
	for _, g := range in.Letter.Grounds {
		c.label("ground."+g.text, g.line)
	}
	// The grounds stand as two hexadecimal digits in a button.
	if n := len(c.flows.Grounds); n == 0 || n > 8 || c.flows.AtMost < 1 || c.flows.AtMost > n {
		c.fault(flowName, 0, "letter: 1 to 8 grounds, of which at_most says how many may be chosen")
	}
}

// letterKeys are the keys that a letter needs.
func (f *Flows) letterKeys() []string {
	var keys []string
	for _, s := range f.order {
		for _, ch := range s.Choices {
			if ch.To != nil && ch.To.By == "letter" && len(keys) < len(s.Choices) {
				keys = append(keys, "service."+ch.ID)
			}
		}
	}
	if keys == nil {
		return nil
	}
	for _, g := range f.Grounds {
		keys = append(keys, "ground."+g)
	}
	return append(keys, "file", "letter")
}

// texts checks the words of a language.
func (c *flowCheck) texts(lang *Language) {
	file := textFile("flows", lang.Code)
	for key, line := range c.used {
		if _, ok := lang.Flow[key]; ok || c.broken[file] {
			continue
		}
		if lang.Code == English {
			c.fault(flowName, line, "there is no text %q in %s", key, file)
		} else {
			c.fault(file, 0, "%q is missing", key)
		}
	}
	for key, body := range lang.Flow {
		if _, ok := c.used[key]; !ok {
			c.fault(file, c.at(file, key), "%q is used by no step", key)
		}
		if strings.HasSuffix(key, ".file") && !validFile.MatchString(body.Text()) {
			c.fault(file, c.at(file, key), "%q names a file: 1 to 40 of a–z, 0–9 and -", key)
		}
	}
	c.labelTexts(lang, file)
	for _, s := range c.flows.order {
		c.stepTexts(s, lang, file)
	}
	c.letterTexts(lang)
	if file := textFile("countries", lang.Code); c.makes("authority") {
		for _, a := range c.base.Authorities {
			if c.lacks(file, len(lang.Countries[a.Code]) > 0) {
				c.fault(file, 0, "the country or Land %q has no name", a.Code)
			}
		}
	}
}

// makes reports whether the program makes a step of this kind.
func (c *flowCheck) makes(by string) bool {
	return slices.ContainsFunc(c.flows.order, func(s *Step) bool { return s.By == by })
}

func (c *flowCheck) labelTexts(lang *Language, file string) {
	for key := range c.labels {
		body := lang.Flow[key]
		if n := utf16Len(body.Text()); n > maxFlowLabel {
			c.fault(file, c.at(file, key), "the label %q has %d characters; a button shows %d", key, n, maxFlowLabel)
		}
		if len(body) > 0 && (len(body) > 1 || body[0].Kind != Paragraph || len(body[0].Items[0]) > 1) {
			c.fault(file, c.at(file, key), "the label %q is one plain line", key)
		}
	}
}

// stepTexts checks the lengths and links of what a step shows at once.
func (c *flowCheck) stepTexts(s *Step, lang *Language, file string) {
	shown := [][]string{append([]string{s.Title}, s.Says...)}
	if s.Ask != "" {
		shown = append(shown, []string{"", s.Ask})
	}
	links := append([]string{s.Form}, s.Links...)
	for _, keys := range shown {
		whole := utf16Len(lang.Flow[keys[0]].Text())
		for i, key := range keys[1:] {
			body := lang.Flow[key]
			whole += utf16Len(body.Text())
			if n := utf16Len(body.Short()); i == 0 && n > maxShort {
				c.fault(file, c.at(file, key), "%q begins with %d characters; at most %d are shown", key, n, maxShort)
			}
			for _, b := range body {
				for j, it := range b.Items {
					c.checkSpans(links, "step "+s.ID, file, b.lines[j], it)
				}
			}
		}
		if whole > maxWhole {
			c.fault(file, 0, "step %s says %d characters; at most %d are shown", s.ID, whole, maxWhole)
		}
	}
}

// letterTexts checks the letter of a language.
func (c *flowCheck) letterTexts(lang *Language) {
	file, keys := textFile("letter", lang.Code), c.flows.letterKeys()
	longest := []int{}
	for _, key := range keys {
		text := lang.Letter[key]
		if strings.TrimSpace(text) == "" {
			if !c.broken[file] {
				c.fault(file, c.at(file, key), "%q is missing", key)
			}
			continue
		}
		if strings.HasPrefix(key, "ground.") {
			longest = append(longest, utf16Len(text))
		}
		c.checkSpans(nil, "the letter", file, c.at(file, key), Item{{Text: strings.ReplaceAll(text, "\n", " ")}})
	}
	for key := range lang.Letter {
		if !slices.Contains(keys, key) {
			c.fault(file, c.at(file, key), "%q is not a part of the letter", key)
		}
	}
	if name := lang.Letter["file"]; name != "" && !validFile.MatchString(name) {
		c.fault(file, c.at(file, "file"), "\"file\" names a file: 1 to 40 of a–z, 0–9 and -")
	}
	if got, want := gaps(lang.Letter["letter"]), "{grounds} {service}"; lang.Letter["letter"] != "" && got != want {
		c.fault(file, c.at(file, "letter"), "the letter has %s to fill in, not %s", got, want)
	}
	slices.Sort(longest)
	n := utf16Len(lang.Letter["letter"])
	for _, m := range longest[max(0, len(longest)-c.flows.AtMost):] {
		n += m
	}
	if n > maxWhole {
		c.fault(file, c.at(file, "letter"), "with its longest grounds the letter has %d characters; at most %d are shown", n, maxWhole)
	}
}
