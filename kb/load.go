package kb

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Fault is something wrong with the knowledge base.
type Fault struct {
	File    string
	Line    int // 1 is the first, and also stands for the whole file
	Message string
	Warning bool // it may be used all the same
	Gap     bool // it lies in a translation; where that cannot be used another language stands in
}

func (f Fault) String() string {
	if f.Warning {
		return fmt.Sprintf("%s:%d: warning: %s", f.File, f.Line, f.Message)
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Message)
}

// Faults is a list of faults; as an error it is all of them, a line each.
type Faults []Fault

func (fs Faults) Error() string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.String()
	}
	return strings.Join(out, "\n")
}

// Errors returns the faults that are not warnings.
func (fs Faults) Errors() Faults {
	var out Faults
	for _, f := range fs {
		if !f.Warning {
			out = append(out, f)
		}
	}
	return out
}

// maxFile bounds a file of the knowledge base: 4 MiB.
const maxFile = 4 << 20

// Load reads and checks a knowledge base. It returns every fault that it
// finds, in the order of the files. When one of them is neither a warning nor a
// gap the base must not be used, and Base is nil; for what is missing or wrong in
// a translation its fall-back language stands in. Today is the day on which dates are judged.
func Load(fsys fs.FS, today time.Time) (*Base, Faults) {
	return load(fsys, today, all)
}

// LoadToServe is Load without the search for nearly the same questions, which
// takes long and only warns whoever writes them.
func LoadToServe(fsys fs.FS, today time.Time) (*Base, Faults) {
	return load(fsys, today, faultsOnly)
}

// LoadBeside is LoadToServe for a program that answers meanwhile: it leaves the
// other cores alone, and takes up to twice as long.
func LoadBeside(fsys fs.FS, today time.Time) (*Base, Faults) {
	return load(fsys, today, calmly)
}

// Embedded loads the knowledge base that is part of the program. Its questions
// are not compared with each other again, which takes most of the time: the
// tests did so.
func Embedded(today time.Time) (*Base, Faults) {
	return load(Content(), today, trusted)
}

// care is how closely a content is looked at.
type care int

const (
	trusted    care = iota // the questions need not be compared with each other
	calmly                 // what must not be served is looked for, on one core
	faultsOnly             // the same, on all cores
	all                    // and what could be better
)

func load(fsys fs.FS, today time.Time, care care) (*Base, Faults) {
	l := &loader{care: care, fsys: fsys, sums: map[string]hash.Hash{}, today: today, keyLine: map[string]int{}, broken: map[string]bool{}, bad: map[string]bool{}, asked: map[string]bool{}, raw: map[string][]byte{}, texts: map[string]words{}, leans: map[string]bool{}, base: &Base{
		Links: map[string]*Link{}, Sources: map[string]*Source{}, Golden: map[string][]Golden{}, Dev: map[string][]Golden{}, byID: map[string]*Entry{},
	}}
	l.load()
	l.check()
	l.replaceBad()
	slices.SortStableFunc(l.faults, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), strings.Compare(a.Message, b.Message))
	})
	l.faults = slices.Compact(l.faults)
	if slices.ContainsFunc(l.faults, func(f Fault) bool { return !f.Warning && !f.Gap }) {
		return nil, l.faults
	}
	l.hash()
	return l.base, l.faults
}

// hash gives the base a hash of all files, and each language one of those that
// its index is made from: a change to one language leaves the others' alone.
func (l *loader) hash() {
	all := sha256.New()
	for _, of := range slices.Sorted(maps.Keys(l.sums)) {
		fmt.Fprintf(all, "%s\x00%x\x00", of, l.sums[of].Sum(nil))
	}
	l.base.Hash = hex.EncodeToString(all.Sum(nil))
	for _, lang := range l.base.Languages {
		one := sha256.New()
		of := []string{common, lang.Code}
		if l.leans[lang.Code] {
			of = append(of, l.fallbacks(lang.Code)...)
		}
		for _, of := range of {
			if sum := l.sums[of]; sum != nil {
				fmt.Fprintf(one, "%s\x00%x\x00", of, sum.Sum(nil))
			}
		}
		fmt.Fprintf(one, "%s %v %v", lang.Stem, lang.Spell, lang.Elides)
		lang.Hash = hex.EncodeToString(one.Sum(nil))
	}
}

// Parts of the base that are hashed apart, beside the languages.
const (
	common = ""  // what all indexes are made from
	rest   = "." // what none is
)

// sumOf gives the sum that a file belongs to.
func (l *loader) sumOf(name string) hash.Hash {
	of := rest
	dir, file := path.Split(name)
	switch {
	case file == "entry.yaml", name == "sections.yaml", name == "claims.yaml":
		of = common
	case strings.HasPrefix(dir, "entries/"), dir == "texts/claims/":
		of, _, _ = strings.Cut(file, ".")
	}
	if l.sums[of] == nil {
		l.sums[of] = sha256.New()
	}
	return l.sums[of]
}

type loader struct {
	fsys    fs.FS
	base    *Base
	mu      sync.Mutex // of faults and bad
	faults  Faults
	today   time.Time
	keyLine map[string]int  // lines of keys in files of texts
	broken  map[string]bool // files of which not everything could be read
	bad     map[string]bool // files with faults
	asked   map[string]bool // files that were looked for
	central []place
	care    care
	sums    map[string]hash.Hash // by the part of the base
	raw     map[string][]byte    // files of texts, as they were read
	texts   map[string]words     // the same, taken apart
	leans   map[string]bool      // languages for which another stands in
}

// fault reports a fault. One in a translation concerns that translation alone.
func (l *loader) fault(file string, line int, format string, args ...any) {
	f := Fault{File: file, Line: max(line, 1), Message: fmt.Sprintf(format, args...), Gap: l.isTranslation(file)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bad[file] = true
	l.faults = append(l.faults, f)
}

// isTranslation reports whether a file belongs to a language other than English.
func (l *loader) isTranslation(name string) bool {
	dir, file := path.Split(name)
	lang, _, ok := strings.Cut(file, ".")
	return ok && lang != English && strings.Contains(dir, "/") && l.base.Language(lang) != nil
}

func (l *loader) warn(file string, line int, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, Fault{File: file, Line: max(line, 1), Message: fmt.Sprintf(format, args...), Warning: true})
}

// gap reports that a translation lacks something.
func (l *loader) gap(file string, line int, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, Fault{File: file, Line: max(line, 1), Message: fmt.Sprintf(format, args...), Gap: true})
}

func (l *loader) load() {
	if _, err := fs.Stat(l.fsys, "entries"); err != nil {
		l.fault("entries", 0, "there is no folder entries here; is this a knowledge base?")
		return
	}
	l.loadNames()
	l.loadSections()
	l.loadLanguages()
	l.loadHosts()
	l.loadLinks()
	names := l.loadSourceNames()
	l.loadSources()
	l.nameSources(names)
	l.loadAuthorities()
	l.loadEntries()
	l.loadClaims()
	l.loadFlows()
	l.loadGolden()
	l.checkStray("texts")
	l.checkStray("golden")
}

// checkStray finds files of a folder that nothing asked for, such as texts in a
// language that is not in languages.yaml.
func (l *loader) checkStray(folder string) {
	_ = fs.WalkDir(l.fsys, folder, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && l.lacks("languages.yaml", l.asked[name]) {
			l.fault(name, 0, "the file belongs to nothing")
		}
		return nil
	})
}

// read returns a file, or false with a fault. A file that may be missing is
// empty then.
func (l *loader) read(name string, must bool) ([]byte, bool) {
	l.asked[name] = true
	info, err := fs.Stat(l.fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !must:
		return nil, true
	case errors.Is(err, fs.ErrNotExist):
		return nil, l.unread(name, 0, "the file is missing")
	case err != nil:
		return nil, l.unread(name, 0, "%v", err)
	case info.Size() > maxFile:
		return nil, l.unread(name, 0, "the file has %d bytes; at most %d are read", info.Size(), maxFile)
	}
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		return nil, l.unread(name, 0, "%v", err)
	}
	sum := l.sumOf(name)
	fmt.Fprintf(sum, "%s\x00%d\x00", name, len(data))
	_, _ = sum.Write(data) // a hash never fails
	if !utf8.Valid(data) {
		return nil, l.unread(name, badLine(data), "the file is not UTF-8; save it as UTF-8")
	}
	data = plainEnds(data)
	if strings.HasPrefix(name, "texts/") {
		l.raw[name] = data
	}
	return data, true
}

// unread reports a file that cannot be used, and is false. What other files
// say of its content is not judged then.
func (l *loader) unread(name string, line int, format string, args ...any) bool {
	l.fault(name, line, format, args...)
	l.broken[name] = true
	return false
}

// lacks reports that a file lacks something: not ok, though all of the file
// was read.
func (l *loader) lacks(file string, ok bool) bool { return !ok && !l.broken[file] }

// badLine is the line of the first byte that is not UTF-8.
func badLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			return line
		}
		if r == '\n' {
			line++
		}
		data = data[n:]
	}
	return line
}

func (l *loader) loadSections() {
	const name = "sections.yaml"
	var in struct {
		Sections []place `yaml:"sections"`
		Central  []place `yaml:"central"`
	}
	if !l.readYAML(name, &in) {
		return
	}
	for _, p := range in.Sections {
		if slices.Contains(l.base.Sections, p.text) {
			l.fault(name, p.line, "section %q stands twice", p.text)
		}
		l.base.Sections = append(l.base.Sections, p.text)
	}
	l.central = in.Central
}

func (l *loader) exists(name string) bool {
	_, err := fs.Stat(l.fsys, name)
	return err == nil
}

// isAnswer reports whether the id is that of an answer, or may be: that of an
// entry that could not be read.
func (l *loader) isAnswer(id string) bool {
	if e := l.base.byID[id]; e != nil {
		return e.Kind == Answer
	}
	return l.broken[entryFileOf(id)]
}

// at is the line of a key in a file of texts.
func (l *loader) at(file, key string) int { return l.keyLine[file+" "+key] }

func (l *loader) loadGolden() {
	for _, lang := range l.base.Languages {
		l.base.Golden[lang.Code] = l.golden(goldenFile(lang.Code, ""))
		l.base.Dev[lang.Code] = l.golden(goldenFile(lang.Code, ".dev"))
	}
}

func goldenFile(lang, set string) string { return path.Join("golden", lang+set+".jsonl") }

// golden reads a question a line; the file may be missing.
func (l *loader) golden(name string) []Golden {
	var out []Golden
	data, _ := l.read(name, false)
	for i, line := range bytes.Split(data, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var g Golden
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&g); err != nil {
			l.fault(name, i+1, "not a golden question: %v", err)
			continue
		}
		if _, err := d.Token(); err != io.EOF {
			l.fault(name, i+1, "more than a golden question stands on the line")
		}
		if strings.TrimSpace(g.Question) == "" {
			l.fault(name, i+1, "the question is empty")
		}
		for _, id := range g.IDs {
			if !l.isAnswer(id) {
				l.fault(name, i+1, "there is no answer %q", id)
			}
		}
		g.line = i + 1
		out = append(out, g)
	}
	return out
}
