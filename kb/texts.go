package kb

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// words is a file of texts/: what the bot says of one kind in one language. The
// checks here hold for every kind that is loaded, whatever its form.
type words struct {
	leaves map[string]leaf // by their place, such as "S0-1.claim"
	top    map[string]int  // the lines of the keys at the top
	hash   string          // of the file
	of     place           // the hash of the English file that it was made from
}

// leaf is a text, or a list of texts that people wrote in their own way.
type leaf struct {
	text string
	list []string
	line int
}

func (l leaf) empty() bool { return strings.TrimSpace(l.text+strings.Join(l.list, "")) == "" }

func textFile(kind, lang string) string { return path.Join("texts", kind, lang+".yaml") }

// loadText reads a file of texts. What a translation lacks is taken from its
// fall-back language.
func (l *loader) loadText(kind, lang string, out any) {
	name := textFile(kind, lang)
	if lang == English || l.exists(name) {
		l.readText(name, out)
		if lang == English || !l.broken[name] && !l.lacksText(kind, lang) {
			return
		}
	} else {
		l.asked[name] = true
		l.gap(name, 0, "the file is missing")
	}
	for _, from := range slices.Backward(l.fallbacks(lang)) { // the nearest last, over the others
		if from := textFile(kind, from); l.exists(from) {
			l.decodeOver(from, out)
		}
	}
	if l.exists(name) && !l.broken[name] {
		l.decodeOver(name, out)
	}
}

// fallbacks are the languages that stand in for one, the nearest first; English
// is the last.
func (l *loader) fallbacks(lang string) []string {
	var out []string
	for lang != English {
		next := l.base.Language(lang)
		if next == nil {
			break
		}
		lang = next.Fallback
		out = append(out, lang)
	}
	return out
}

func (l *loader) readText(name string, out any) {
	data, ok := l.read(name, true)
	if !ok || !l.decode(name, data, 1, out) {
		return
	}
	l.texts[name] = parseTexts(data)
	for key, line := range l.texts[name].top {
		l.keyLine[name+" "+key] = line
	}
}

// decodeOver reads a file that is known to be readable into out once more.
func (l *loader) decodeOver(name string, out any) {
	if data, ok := l.raw[name]; ok {
		_ = yaml.Unmarshal(data, out) // its faults are known
	}
}

// lacksText reports whether a file has not all that the English one has.
func (l *loader) lacksText(kind, lang string) bool {
	have := l.texts[textFile(kind, lang)].leaves
	for key := range l.texts[textFile(kind, English)].leaves {
		if got, ok := have[key]; !ok || got.empty() {
			return true
		}
	}
	return false
}

func parseTexts(data []byte) words {
	t := words{leaves: map[string]leaf{}, top: map[string]int{}, hash: hashText(data), of: ofComment(data)}
	var n yaml.Node
	if yaml.Unmarshal(data, &n) == nil && len(n.Content) == 1 {
		root := n.Content[0]
		flatten(root, "", root.Line, t.leaves)
		for i := 0; root.Kind == yaml.MappingNode && i < len(root.Content); i += 2 {
			t.top[root.Content[i].Value] = root.Content[i].Line
		}
	}
	return t
}

// flatten lists the texts below a node by their place.
func flatten(n *yaml.Node, at string, line int, out map[string]leaf) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			flatten(n.Content[i+1], strings.TrimPrefix(at+"."+key.Value, "."), key.Line, out)
		}
	case yaml.SequenceNode:
		one := leaf{line: line}
		for i, c := range n.Content {
			if c.Kind != yaml.ScalarNode {
				flatten(c, fmt.Sprintf("%s.%d", at, i+1), c.Line, out)
				continue
			}
			one.list = append(one.list, c.Value)
		}
		if len(one.list) > 0 || len(n.Content) == 0 {
			out[at] = one
		}
	case yaml.ScalarNode:
		out[at] = leaf{text: n.Value, line: line}
	}
}

// ofMark stands before the hash of the English file in a file of texts.
const ofMark = "# of: "

// ofComment finds the hash of the English file among the comments at the top.
func ofComment(data []byte) place {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan() && strings.HasPrefix(lines.Text(), "#"); n++ {
		if of, ok := strings.CutPrefix(lines.Text(), ofMark); ok {
			return place{strings.TrimSpace(of), n}
		}
	}
	return place{}
}

// ownCheck are the kinds of which a check of their own says what English lacks.
var ownCheck = []string{"sections", "links", "claims"}

// checkTexts compares every file of texts with the English one of its kind.
func (l *loader) checkTexts() {
	for _, name := range slices.Sorted(maps.Keys(l.texts)) {
		lang := strings.TrimSuffix(path.Base(name), ".yaml")
		t := l.texts[name]
		for key, got := range t.leaves {
			l.checkLetters(name, got.line, got.list...)
			l.checkLines(name, got)
			if lang == English && got.empty() && !slices.Contains(ownCheck, path.Base(path.Dir(name))) {
				l.fault(name, got.line, "%q is empty", key)
			}
		}
		if en := textFile(path.Base(path.Dir(name)), English); lang != English && l.texts[en].leaves != nil {
			l.checkAgainst(name, t, l.texts[en])
		}
	}
}

// checkLines checks the letters of a text; one of several lines begins below its
// key.
func (l *loader) checkLines(name string, got leaf) {
	lines, line := strings.Split(got.text, "\n"), got.line
	if len(lines) > 1 {
		line++
	}
	for i, text := range lines {
		l.checkLetters(name, line+i, text)
	}
}

func (l *loader) checkAgainst(name string, t, en words) {
	switch {
	case t.of.text == "":
		l.gap(name, 0, "the line %q is missing: sign the file when it has been looked at", ofMark+en.hash)
	case t.of.text != en.hash:
		l.gap(name, t.of.line, "the English file has changed since (now %s)", en.hash)
	}
	for key, got := range t.leaves {
		if _, ok := en.leaves[key]; !ok {
			l.fault(name, got.line, "there is no %q in English", key)
		}
	}
	for key, want := range en.leaves {
		got, ok := t.leaves[key]
		switch {
		case want.empty():
		case !ok:
			l.gap(name, 0, "%q is missing", key)
		case got.empty():
			l.gap(name, got.line, "%q is empty", key)
		case len(want.list) > 0 || len(got.list) > 0:
			l.checkLists(name, key, got, want)
		default:
			l.checkLeaf(name, key, got, want)
		}
	}
}

func (l *loader) checkLeaf(name, key string, got, want leaf) {
	if l.isLeft(got.text, want.text) {
		l.gap(name, got.line, "%q is left in English", key)
		return
	}
	if has, english := gaps(got.text), gaps(want.text); has != english {
		l.fault(name, got.line, "%q has %s to fill in, in English %s", key, has, english)
	}
	if has, english := found(linkTo, got.text), found(linkTo, want.text); has != english {
		l.fault(name, got.line, "%q has the links %s, in English %s", key, has, english)
	}
	if has, english := len(blank.FindAllString(got.text, -1)), len(blank.FindAllString(want.text, -1)); has != english {
		l.fault(name, got.line, "%q has %d places in square brackets, in English %d", key, has, english)
	}
	lang := strings.TrimSuffix(path.Base(name), ".yaml")
	for _, m := range l.differences(lang, got.text, want.text) {
		l.fault(name, got.line, "%q: %s", key, m)
	}
}

// fewWords is how many words of a list's item may be the same as in English:
// the name of a country, of a town.
const fewWords = 3

func (l *loader) checkLists(name, key string, got, want leaf) {
	if len(got.list) == 0 || len(want.list) == 0 {
		l.fault(name, got.line, "%q is a text in one language and a list in the other", key)
	}
	for _, item := range got.list {
		if slices.Contains(want.list, item) && len(strings.Fields(item)) > fewWords && l.isLeft(item, item) {
			l.gap(name, got.line, "%q: %q is left in English", key, item)
		}
	}
}

var (
	gap    = regexp.MustCompile(`\{\w*\}`)
	linkTo = regexp.MustCompile(`\]\([a-z0-9-]*\)`)
	blank  = regexp.MustCompile(`\[[^\]]*\]`)
)

// gaps are the places in a text that are filled in, sorted.
func gaps(words string) string { return found(gap, words) }

// found lists what a pattern finds in a text, sorted and each once.
func found(pattern *regexp.Regexp, text string) string {
	all := pattern.FindAllString(text, -1)
	slices.Sort(all)
	return cmp.Or(strings.Join(slices.Compact(all), " "), "nothing")
}

// loadSourceNames reads the names of publishers that have words to translate, by
// language and source.
func (l *loader) loadSourceNames() map[string]map[string]string {
	out := map[string]map[string]string{}
	if !l.exists(textFile("sources", English)) {
		return out
	}
	for _, lang := range l.base.Languages {
		names := map[string]string{}
		l.loadText("sources", lang.Code, &names)
		out[lang.Code] = names
	}
	return out
}

// nameSources gives the sources those names.
func (l *loader) nameSources(names map[string]map[string]string) {
	for lang, byID := range names {
		file := textFile("sources", lang)
		for id, name := range byID {
			if s := l.base.Sources[id]; s != nil {
				s.names[lang] = name
			} else if l.lacks("sources.yaml", false) {
				l.fault(file, l.at(file, id), "there is no source %q", id)
			}
		}
	}
}

// hasLeaf reports whether a file of texts has something at a place.
func (l *loader) hasLeaf(file, key string) bool {
	have, ok := l.texts[file].leaves[key]
	return ok && !have.empty()
}
