package kb

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Flows are the guided ways: what is asked, where each choice leads, and how
// each way ends. They hold no words but keys of words, see [Language.Flow].
type Flows struct {
	Doors    []*Door
	Entries  map[string]string // by an answer's id: the path of the way that is offered under it
	Grounds  []string          // of the letter
	AtMost   int               // so many grounds a letter has
	Checked  Date
	ReviewBy Date

	steps map[string]*Step
	order []*Step
}

// Door is where a way begins.
type Door struct {
	ID      string
	Title   string // key of the heading of its questions
	Label   string // key of the words of a button that leads here
	Command bool   // people may type it after a slash
	Start   *Step

	line int
}

// Step is a question with choices, or an end, or is made by the program.
type Step struct {
	ID      string
	By      string // letter, remind or authority: what makes the step
	Ask     string // key of the question, or empty
	Choices []Choice
	Title   string   // key of the heading of an end
	Says    []string // keys of what an end says
	Form    string   // id of the one form or page that an end leads to
	Links   []string // ids of other links
	Entries []string // ids of answers to read on
	Sources []string // ids of sources
	Next    []string // ids of doors

	file stepFile
}

// Choice is an answer to a step's question.
type Choice struct {
	ID    string // its part of the path
	Label string // key of its words
	To    *Step
}

// Door returns the door with the id, or nil.
func (f *Flows) Door(id string) *Door {
	i := slices.IndexFunc(f.Doors, func(d *Door) bool { return d.ID == id })
	if i < 0 {
		return nil
	}
	return f.Doors[i]
}

// Walk follows a path, "door/choice/choice". It gives the door, or nil; the
// step that the path comes to, or nil; and what is left of the path when the
// program makes that step.
func (f *Flows) Walk(path string) (*Door, *Step, []string) {
	parts := strings.Split(path, "/")
	door := f.Door(parts[0])
	if door == nil {
		return nil, nil, nil
	}
	at, rest := door.Start, parts[1:]
	for at != nil && at.By == "" && len(rest) > 0 {
		at, rest = at.choose(rest[0]), rest[1:]
	}
	return door, at, rest
}

func (s *Step) choose(id string) *Step {
	for _, c := range s.Choices {
		if c.ID == id {
			return c.To
		}
	}
	return nil
}

// flowFile is the form of flows.yaml.
type flowFile struct {
	Checked  place      `yaml:"checked"`
	ReviewBy place      `yaml:"review_by"`
	Doors    []doorFile `yaml:"doors"`
	Uses     []place    `yaml:"uses"`
	Entries  pairs      `yaml:"entries"`
	Steps    []stepFile `yaml:"steps"`
	Letter   struct {
		Grounds []place `yaml:"grounds"`
		AtMost  int     `yaml:"at_most"`
	} `yaml:"letter"`
}

type doorFile struct {
	ID      place `yaml:"id"`
	Title   place `yaml:"title"`
	Label   place `yaml:"label"`
	Start   place `yaml:"start"`
	Command bool  `yaml:"command"`
}

type stepFile struct {
	ID      place   `yaml:"id"`
	By      place   `yaml:"by"`
	Ask     place   `yaml:"ask"`
	Labels  place   `yaml:"labels"`
	Choices pairs   `yaml:"choices"`
	Title   place   `yaml:"title"`
	Says    []place `yaml:"says"`
	Uses    []place `yaml:"uses"`
	Form    place   `yaml:"form"`
	Links   []place `yaml:"links"`
	Entries []place `yaml:"entries"`
	Sources []place `yaml:"sources"`
	Next    []place `yaml:"next"`
}

// pairs are the keys and values of a group, in their order.
type pairs []pair

type pair struct{ key, value place }

func (p *pairs) UnmarshalYAML(n *yaml.Node) error {
	var group map[string]string // finds what is no group of texts, and keys that stand twice
	if err := n.Decode(&group); err != nil {
		return err
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		*p = append(*p, pair{place{k.Value, k.Line}, place{v.Value, v.Line}})
	}
	return nil
}

const flowName = "flows.yaml"

// loadFlows reads the guided ways and their words. A base may have none.
func (l *loader) loadFlows() {
	l.base.Flows = &Flows{Entries: map[string]string{}, steps: map[string]*Step{}}
	var in flowFile
	if !l.exists(flowName) || !l.readYAML(flowName, &in) {
		return
	}
	f := l.base.Flows
	f.Checked = l.date(flowName, "checked", in.Checked)
	f.ReviewBy = l.date(flowName, "review_by", in.ReviewBy)
	f.Grounds, f.AtMost = texts(in.Letter.Grounds), in.Letter.AtMost
	for _, s := range in.Steps {
		l.addStep(f, s)
	}
	for _, s := range f.order {
		l.addChoices(f, s)
	}
	for _, d := range in.Doors {
		l.addDoor(f, d)
	}
	for _, p := range in.Entries {
		f.Entries[p.key.text] = p.value.text
	}
	for _, lang := range l.base.Languages {
		l.loadFlowTexts(lang)
	}
	l.checkFlows(in)
}

func (l *loader) addStep(f *Flows, in stepFile) {
	id := in.ID.text
	switch {
	case !validID.MatchString(id):
		l.fault(flowName, in.ID.line, "step %q: a name has 1 to 32 of a–z, 0–9 and -", id)
		return
	case f.steps[id] != nil:
		l.fault(flowName, in.ID.line, "step %q stands twice", id)
		return
	}
	s := &Step{
		ID: id, By: in.By.text, Ask: in.Ask.text, Title: in.Title.text, Says: texts(in.Says), Form: in.Form.text,
		Links: texts(in.Links), Entries: texts(in.Entries), Sources: texts(in.Sources), Next: texts(in.Next), file: in,
	}
	if s.Ask == "" && len(in.Choices) > 0 {
		s.Ask = id
	}
	if s.Title == "" && len(s.Says) > 0 {
		s.Title = id + ".title"
	}
	f.steps[id], f.order = s, append(f.order, s)
}

func (l *loader) addChoices(f *Flows, s *Step) {
	labels := s.Ask
	if s.file.Labels.text != "" {
		labels = s.file.Labels.text
	}
	for _, c := range s.file.Choices {
		to := f.steps[c.value.text]
		if to == nil {
			l.fault(flowName, c.value.line, "step %s: %q leads to %q, which is no step", s.ID, c.key.text, c.value.text)
		}
		s.Choices = append(s.Choices, Choice{ID: c.key.text, Label: labels + "." + c.key.text, To: to})
	}
}

func (l *loader) addDoor(f *Flows, in doorFile) {
	d := &Door{ID: in.ID.text, Title: in.Title.text, Label: in.Label.text, Command: in.Command, Start: f.steps[in.Start.text], line: in.ID.line}
	switch {
	case !validID.MatchString(d.ID):
		l.fault(flowName, in.ID.line, "door %q: a name has 1 to 32 of a–z, 0–9 and -", d.ID)
		return
	case f.Door(d.ID) != nil:
		l.fault(flowName, in.ID.line, "door %q stands twice", d.ID)
		return
	case d.Start == nil:
		l.fault(flowName, in.ID.line, "door %s leads to %q, which is no step", d.ID, in.Start.text)
	}
	f.Doors = append(f.Doors, d)
}

// loadFlowTexts reads the words of the ways and of the letter in a language.
func (l *loader) loadFlowTexts(lang *Language) {
	var words map[string]place
	l.loadText("flows", lang.Code, &words)
	l.loadText("letter", lang.Code, &lang.Letter)
	lang.Flow = map[string]Body{}
	file := textFile("flows", lang.Code)
	for key, p := range words {
		first := p.line
		if strings.Contains(p.text, "\n") {
			first++ // the text begins below its key
		}
		body, faults := parseBody([]byte(p.text), first)
		for _, f := range faults {
			l.fault(file, f.line, "%s", f.text)
		}
		if len(body) == 0 && len(faults) == 0 {
			l.fault(file, p.line, "%q is empty", key)
		}
		lang.Flow[key] = body
	}
}

// Say returns the words of the guided ways under a key, in one line.
func (l *Language) Say(key string) string { return l.Flow[key].Short() }

func texts(places []place) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.text
	}
	return out
}
