package kb_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"optoutbot/kb"
)

func TestLoadFiles(t *testing.T) {
	const dir = "entries/opt-out/"
	for _, tt := range []struct {
		name string
		file string
		text string
		want []string
	}{
		{"file of an entry that belongs to nothing", dir + "fr.md", "x", []string{dir + "fr.md:1: the file belongs to no language or variant of the entry"}},
		{"file among the entries", "entries/readme.txt", "x", []string{"entries/readme.txt:1: only folders stand here, one an entry"}},
		{"text of a language that is not there", "texts/bot/fr.yaml", "none: x", []string{"texts/bot/fr.yaml:1: the file belongs to nothing"}},
		{"golden questions of a language that is not there", "golden/fr.jsonl", "", []string{"golden/fr.jsonl:1: the file belongs to nothing"}},
		{"name of an entry", "entries/Opt_Out/entry.yaml", "x", []string{"entries/Opt_Out:1: the name of an entry has 1 to 32 of a–z, 0–9 and -, and begins with a letter or digit"}},
		{"not UTF-8", dir + "en.txt", "one\ntwo\nthr\xff\n", []string{dir + "en.txt:3: the file is not UTF-8; save it as UTF-8"}},
		{"not UTF-8 in the lists", "links.yaml", "\n- id: \xe9\n", []string{"links.yaml:2: the file is not UTF-8; save it as UTF-8"}},
		{"a file too long", dir + "en.txt", strings.Repeat("x", 4<<20+1), []string{dir + "en.txt:1: the file has 4194305 bytes; at most 4194304 are read"}},
		{"a text too long", dir + "en.md", "---\ntitle: x\n---\n" + strings.Repeat("x", 1<<14+1), []string{dir + "en.md:4: the text has 16385 bytes; at most 16384 are read"}},
		{"an empty text", dir + "en.md", "", []string{dir + "en.md:1: the file is empty"}},
		{"an empty entry", dir + "entry.yaml", "", []string{dir + "entry.yaml:1: the file is empty"}},
		{"an empty list", "links.yaml", "", []string{"links.yaml:1: the file is empty"}},
		{"nothing but a comment", "claims.yaml", "# later\n", []string{
			"claims.yaml:1: the file is empty",
		}},
		{"no questions", dir + "en.txt", "# none yet\n\n", []string{dir + "en.txt:1: there are no questions: without them the entry is not found"}},
		{"an empty file of questions", dir + "en.txt", "", []string{dir + "en.txt:1: there are no questions: without them the entry is not found"}},
		{"a question twice", dir + "en.txt", "one\n  one \n", []string{dir + "en.txt:2: the question \"one\" stands twice"}},
		{"a question too long", dir + "en.txt", strings.Repeat("x", 501), []string{dir + "en.txt:1: the question has more than 500 bytes"}},
		{"no front matter", dir + "en.md", "Hello.\n", []string{dir + "en.md:1: the file begins with a line ---, then title: …, then a line ---, then the text"}},
		{"front matter without end", dir + "en.md", "---\ntitle: x\n", []string{dir + "en.md:1: the file begins with a line ---, then title: …, then a line ---, then the text"}},
		{"no title", dir + "en.md", "---\ntitle:\n---\nText.\n", []string{dir + "en.md:2: the title is missing"}},
		{"unknown key in front matter", dir + "en.md", "---\ntitle: x\n\nTitle: y\n---\nText.\n", []string{dir + "en.md:4: there is no key \"Title\" here"}},
		{"broken front matter", dir + "en.md", "---\ntitle: \"x\n---\nText.\n", []string{dir + "en.md:2: found unexpected end of stream"}},
		{"no text", dir + "en.md", "---\ntitle: x\n---\n\n", []string{dir + "en.md:4: the text is empty"}},
		{"broken YAML", "claims.yaml", "- id: C-1\n  verdict: right\n entry: x\n", []string{"claims.yaml:3: did not find expected '-' indicator"}},
		{"YAML with a tab", dir + "entry.yaml", "section: object\n\tlinks: []\n", []string{dir + "entry.yaml:2: found a tab character that violates indentation"}},
		{"a second document", "languages.yaml", smallFiles["languages.yaml"] + "---\n- code: de\n", []string{"languages.yaml:4: a line of --- ends the file; nothing after it is read"}},
		{"a text for a list", dir + "entry.yaml", strings.Replace(smallFiles[dir+"entry.yaml"], "[EU]", "EU", 1), []string{
			dir + "entry.yaml:1: an answer names the services and regions for which it holds",
			dir + "entry.yaml:3: \"EU\" stands here instead of a list",
		}},
		{"a list for a text", dir + "entry.yaml", "kind: [answer]\n" + smallFiles[dir+"entry.yaml"], []string{dir + "entry.yaml:1: a list stands here instead of a text"}},
		{"a key twice", dir + "entry.yaml", smallFiles[dir+"entry.yaml"] + "regions: [UK]\n", []string{dir + "entry.yaml:8: key \"regions\" stands twice"}},
		{"golden question that is no JSON", "golden/en.jsonl", "\n{q: 1}\n", []string{"golden/en.jsonl:2: not a golden question: invalid character 'q' looking for beginning of object key string"}},
		{"golden question with an unknown key", "golden/en.jsonl", `{"q": "x", "id": "opt-out"}`, []string{`golden/en.jsonl:1: not a golden question: json: unknown field "id"`}},
		{"two golden questions on a line", "golden/en.jsonl", `{"q": "x"} {"q": "y"}`, []string{"golden/en.jsonl:1: more than a golden question stands on the line"}},
		{"golden question without text", "golden/en.jsonl", `{"q": " "}`, []string{"golden/en.jsonl:1: the question is empty"}},
		{"golden question of an unknown answer", "golden/en.dev.jsonl", "{\"q\": \"x\"}\n{\"q\": \"y\", \"ids\": [\"nothing\"]}", []string{"golden/en.dev.jsonl:2: there is no answer \"nothing\""}},
		{"golden question of a decline", "golden/en.jsonl", `{"q": "x", "ids": ["no-chat"]}`, []string{"golden/en.jsonl:1: there is no answer \"no-chat\""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := small()
			put(fsys, tt.file, tt.text)
			wantFaults(t, fsys, tt.want...)
		})
	}
}

func TestLoadMissing(t *testing.T) {
	for _, name := range []string{
		"sections.yaml", "languages.yaml", "hosts.yaml", "links.yaml", "sources.yaml", "authorities.yaml", "claims.yaml",
		"texts/bot/en.yaml", "texts/sections/en.yaml", "texts/links/en.yaml", "texts/claims/en.yaml",
		"entries/opt-out/entry.yaml", "entries/opt-out/en.md", "entries/opt-out/en.txt",
	} {
		t.Run(name, func(t *testing.T) {
			fsys := small()
			delete(fsys, name)
			wantFaults(t, fsys, name+":1: the file is missing")
		})
	}
	for _, name := range []string{"texts/countries/en.yaml", "golden/en.jsonl", "golden/en.dev.jsonl"} {
		t.Run(name+" is not needed", func(t *testing.T) {
			fsys := small()
			delete(fsys, name)
			wantFaults(t, fsys)
		})
	}
	t.Run("everything", func(t *testing.T) {
		wantFaults(t, fstest.MapFS{}, "entries:1: there is no folder entries here; is this a knowledge base?")
	})
}

// Files are the same to the reader however an editor ends their lines.
func TestLoadEndsOfLines(t *testing.T) {
	was := small()
	addVariants(was)
	want := mustLoad(t, was).Entry("opt-out")
	for _, tt := range []struct{ name, start, end string }{
		{"Windows", "", "\r\n"},
		{"Windows with a byte order mark", "\ufeff", "\r\n"},
		{"byte order mark", "\ufeff", "\n"},
		{"old Macintosh", "", "\r"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for name, f := range was {
				put(fsys, name, tt.start+strings.ReplaceAll(string(f.Data), "\n", tt.end))
			}
			got := mustLoad(t, fsys).Entry("opt-out")
			if got, want := got.Body(kb.English, today).Text(), want.Body(kb.English, today).Text(); got != want {
				t.Errorf("got text %q, want %q", got, want)
			}
			gotText, wantText := got.Texts[kb.English], want.Texts[kb.English]
			if gotText.Hash != wantText.Hash {
				t.Errorf("got hash of the text %s, want %s: translations do not depend on the ends of lines", gotText.Hash, wantText.Hash)
			}
			if got, want := strings.Join(gotText.Questions, "|"), strings.Join(wantText.Questions, "|"); got != want {
				t.Errorf("got questions %q, want %q", got, want)
			}
			change(t, fsys, "entries/opt-out/en.on.md", "the day", "`the` day")
			wantFaults(t, fsys, "entries/opt-out/en.on.md:4: code"+notAllowed)
		})
	}
}

func TestHash(t *testing.T) {
	base := mustLoad(t, small())
	if got, want := mustLoad(t, small()).Hash, base.Hash; got != want {
		t.Errorf("got hash %s the second time, want %s", got, want)
	}
	for name := range smallFiles {
		fsys := small()
		put(fsys, name, smallFiles[name]+"\n")
		if got := mustLoad(t, fsys).Hash; got == base.Hash {
			t.Errorf("got the same hash %s, want another one after a change of %s", got, name)
		}
	}
}

// FuzzEntry loads a base with an entry that anybody may have written.
func FuzzEntry(f *testing.F) {
	yaml, md := smallFiles["entries/opt-out/entry.yaml"], smallFiles["entries/opt-out/en.md"]
	f.Add(yaml, md)
	f.Add("", "")
	f.Add(yaml+"variants: [{name: a, until: 2026-01-01}, {name: a}]\n", md)
	f.Add("kind: decline\nsection: [\n", "---\n---\n")
	f.Add("a: &a [*a]\nlinks: *a\n", "---\ntitle: &x [*x]\n---\n-\n")
	f.Add("checked: \"\"\nreview_by: 9999-99-99\nkind: \xff", "---\r\ntitle: x\r\n---\r\n> a\n")
	f.Fuzz(func(t *testing.T, yaml, md string) {
		fsys := small()
		put(fsys, "entries/opt-out/entry.yaml", yaml)
		put(fsys, "entries/opt-out/en.md", md)
		base, faults := kb.Load(fsys, today)
		if got, want := base == nil, len(faults.Errors()) > 0; got != want {
			t.Fatalf("got a nil base %v, want %v with faults\n%v", got, want, faults)
		}
		for _, fault := range faults {
			if lines := countLines(fsys, fault.File); fault.Line < 1 || fault.Line > lines {
				t.Errorf("got line %d of %s, want 1 to %d: %s", fault.Line, fault.File, lines, fault.Message)
			}
		}
	})
}

// countLines counts the lines of a file as YAML does, which knows more ends of
// lines than one.
func countLines(fsys fstest.MapFS, name string) int {
	n := 1
	if f := fsys[name]; f != nil {
		for _, r := range strings.ReplaceAll(string(f.Data), "\r\n", "\n") {
			if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) {
				n++
			}
		}
	}
	return n
}
