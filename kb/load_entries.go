package kb

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

var validID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// entryFile is the form of entry.yaml.
type entryFile struct {
	Kind     place       `yaml:"kind"`
	Section  place       `yaml:"section"`
	Services []place     `yaml:"services"`
	Regions  []place     `yaml:"regions"`
	Links    []place     `yaml:"links"`
	Sources  []place     `yaml:"sources"`
	Related  []place     `yaml:"related"`
	Checked  place       `yaml:"checked"`
	ReviewBy place       `yaml:"review_by"`
	Variants []variantIn `yaml:"variants"`
}

type variantIn struct {
	Name  place `yaml:"name"`
	From  place `yaml:"from"`
	Until place `yaml:"until"`
}

func (l *loader) loadEntries() {
	dirs, err := fs.ReadDir(l.fsys, "entries")
	if err != nil {
		l.fault("entries", 0, "%v", err)
		return
	}
	for _, d := range dirs {
		if !d.IsDir() {
			l.fault(path.Join("entries", d.Name()), 0, "only folders stand here, one an entry")
			continue
		}
		if !validID.MatchString(d.Name()) {
			l.fault(path.Join("entries", d.Name()), 0, "the name of an entry has 1 to 32 of a–z, 0–9 and -, and begins with a letter or digit")
			continue
		}
		l.loadEntry(d.Name())
	}
	order := map[string]int{}
	for i, s := range l.base.Sections {
		order[s] = i
	}
	slices.SortStableFunc(l.base.Entries, func(a, b *Entry) int {
		if a.Kind != b.Kind {
			return strings.Compare(string(a.Kind), string(b.Kind))
		}
		return order[a.Section] - order[b.Section]
	})
}

func (l *loader) loadEntry(id string) {
	dir := path.Join("entries", id)
	name := entryFileOf(id)
	var in entryFile
	if !l.readYAML(name, &in) {
		return
	}
	e := &Entry{ID: id, Kind: Kind(in.Kind.text), Section: in.Section.text, Texts: map[string]*Text{}, at: lines{}}
	if e.Kind == "" {
		e.Kind = Answer
	}
	take := func(what string, from []place) (out []string) {
		for _, p := range from {
			if slices.Contains(out, p.text) {
				l.fault(name, p.line, "%s: %q stands twice", what, p.text)
			}
			out = append(out, p.text)
			e.at[what+" "+p.text] = p.line
		}
		return out
	}
	e.Services = take("services", in.Services)
	e.Regions = take("regions", in.Regions)
	e.Links = take("links", in.Links)
	e.Sources = take("sources", in.Sources)
	e.Related = take("related", in.Related)
	e.at["kind"], e.at["section"] = in.Kind.line, in.Section.line
	e.at["checked"], e.at["review_by"] = in.Checked.line, in.ReviewBy.line
	e.Checked = l.date(name, "checked", in.Checked)
	e.ReviewBy = l.date(name, "review_by", in.ReviewBy)
	for _, v := range in.Variants {
		w := Variant{Name: v.Name.text, From: l.date(name, "from", v.From), Until: l.date(name, "until", v.Until)}
		if w.From.IsZero() != (v.From.line == 0) || w.Until.IsZero() != (v.Until.line == 0) {
			e.at["variants with a day that is none"] = v.Name.line
		}
		e.Variants = append(e.Variants, w)
		e.at["variant "+v.Name.text] = v.Name.line
	}
	l.loadTexts(e, dir)
	l.base.byID[id] = e
	l.base.Entries = append(l.base.Entries, e)
}

func entryFileOf(id string) string { return path.Join("entries", id, "entry.yaml") }

func questionFile(id, lang string) string { return path.Join("entries", id, lang+".txt") }

func (l *loader) date(file, key string, p place) Date {
	if p.line == 0 {
		return Date{}
	}
	t, err := time.Parse(dateForm, p.text)
	if err != nil {
		l.fault(file, p.line, "%s: %q is not a day; write it as 2026-11-22", key, p.text)
		return Date{}
	}
	return Date{t}
}

// loadTexts reads the entry's texts in all languages and finds files that
// belong to none.
func (l *loader) loadTexts(e *Entry, dir string) {
	used := map[string]bool{"entry.yaml": true}
	for _, lang := range l.base.Languages {
		t := &Text{Lang: lang.Code, parts: map[string]part{}}
		for _, v := range e.variantNames() {
			file := bodyFile(lang.Code, v)
			used[file] = true
			t.file = cmp.Or(t.file, path.Join(dir, file))
			l.loadBody(t, path.Join(dir, file), v)
		}
		used[lang.Code+".txt"] = true
		t.Questions, t.lines = l.loadQuestions(questionFile(e.ID, lang.Code), lang.Code)
		if other := e.Texts[lang.Fallback]; lang.Code != English && other != nil && len(t.parts) < len(e.variantNames()) {
			t = other
			l.leans[lang.Code] = true
		}
		e.Texts[lang.Code] = t
	}
	files, err := fs.ReadDir(l.fsys, dir)
	if err != nil {
		l.fault(dir, 0, "%v", err)
	}
	for _, f := range files {
		if l.lacks("languages.yaml", used[f.Name()]) {
			l.fault(path.Join(dir, f.Name()), 0, "the file belongs to no language or variant of the entry")
		}
	}
}

// replaceBad puts another language in the place of translations with faults, so
// that no wrong link or figure is shown, and no language stops the others.
func (l *loader) replaceBad() {
	for _, lang := range l.base.Languages {
		for _, e := range l.base.Entries {
			t, other := e.Texts[lang.Code], e.Texts[lang.Fallback]
			if t == nil || other == nil || t.Lang == English || !t.hasBad(l.bad) {
				continue
			}
			replaced := *other
			replaced.Questions, replaced.lines = t.Questions, t.lines
			e.Texts[lang.Code] = &replaced
			l.leans[lang.Code] = true
		}
	}
}

func (t *Text) hasBad(bad map[string]bool) bool {
	for _, p := range t.parts {
		if bad[p.file] {
			return true
		}
	}
	return false
}

// variantNames are the names of the variants; one empty name where there are none.
func (e *Entry) variantNames() []string {
	if len(e.Variants) == 0 {
		return []string{""}
	}
	var out []string
	for _, v := range e.Variants {
		out = append(out, v.Name)
	}
	return out
}

func bodyFile(lang, variant string) string {
	if variant == "" {
		return lang + ".md"
	}
	return lang + "." + variant + ".md"
}

// frontMatter is what stands above the text, between two lines of "---".
type frontMatter struct {
	Title place `yaml:"title"`
	Of    place `yaml:"of"`
}

func (l *loader) loadBody(t *Text, name, variant string) {
	must := t.Lang == English
	if !must && !l.exists(name) {
		l.gap(name, 0, "the file is missing")
		return
	}
	data, ok := l.read(name, must)
	if !ok {
		return
	}
	if len(bytes.TrimSpace(data)) == 0 {
		if must {
			l.unread(name, 1, "the file is empty")
		} else {
			l.gap(name, 0, "the file is empty")
		}
		return
	}
	rest, ok1 := bytes.CutPrefix(data, []byte("---\n"))
	head, body, ok2 := bytes.Cut(rest, []byte("\n---\n"))
	if !ok1 || !ok2 {
		l.unread(name, 1, "the file begins with a line ---, then title: …, then a line ---, then the text")
		return
	}
	var fm frontMatter
	if !l.decode(name, head, 2, &fm) {
		return
	}
	p := part{file: name, hash: hashText(data), of: fm.Of}
	title := strings.TrimSpace(fm.Title.text)
	if name == t.file {
		t.Title, t.Of, t.Hash = title, p.of.text, p.hash
	} else if t.Title != title && !l.broken[t.file] {
		l.fault(name, fm.Title.line+1, "the title differs from that of another variant")
	}
	first := 1 + bytes.Count(head, []byte("\n")) + 3
	parsed, faults := parseBody(body, first)
	for _, f := range faults {
		l.fault(name, f.line, "%s", f.text)
	}
	if len(parsed) == 0 && len(faults) == 0 {
		l.fault(name, first, "the text is empty")
	}
	p.body = parsed
	t.parts[variant] = p
}

// loadQuestions reads a question a line, with the lines' numbers; empty lines
// and lines that begin with # are left out.
func (l *loader) loadQuestions(name, lang string) (out []string, lines []int) {
	if lang != English && !l.exists(name) {
		l.gap(name, 0, "the file is missing")
		l.broken[name] = true // it is not judged
		return nil, nil
	}
	data, _ := l.read(name, true)
	seen := map[string]bool{}
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if len(line) > maxQuestion {
			l.fault(name, i+1, "the question has more than %d bytes", maxQuestion)
		}
		if seen[line] {
			l.fault(name, i+1, "the question %q stands twice", line)
		}
		seen[line] = true
		out = append(out, line)
		lines = append(lines, i+1)
	}
	return out, lines
}

const maxQuestion = 500
