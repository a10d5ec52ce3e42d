package kb_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"optoutbot/kb"
)

// today is the day on which the tests judge dates.
var today = day(2026, 11, 22)

func day(year int, month time.Month, d int) time.Time {
	return time.Date(year, month, d, 12, 0, 0, 0, time.UTC)
}

// The files of a small knowledge base without faults: an answer, a decline and
// all that they need. Tests change them.
var smallFiles = map[string]string{
	"sections.yaml": "sections:\n  - object\n  - outside\ncentral:\n  - opt-out\n",
	"languages.yaml": `- code: en
  name: English
  stem: english
`,
	"hosts.yaml": `allow: [facebook.com, dataprotection.ie]
never:
  - at: "https://www.facebook.com/help/contact/666"
    why: it is a copy
  - at: "*.evil.example"
    why: it is not Meta's
`,
	"links.yaml": `- id: form
  url: https://www.facebook.com/help/contact/1
  publisher: Meta
  kind: form
  regions: EU
  confidence: high
  seen: 2026-06-30
- id: policy
  url: https://www.facebook.com/privacy/policy
  publisher: Meta
  kind: official-info
  regions: EU
  confidence: low
  seen: 2026-06-30
- id: dpc
  url: https://www.dataprotection.ie/en/contact
  publisher: DPC
  kind: authority
  regions: IE
  confidence: high
  seen: 2026-06-30
`,
	"sources.yaml": `- id: meta
  publisher: Meta
  title: the privacy policy
  date: 2026-07
  kind: official
  link: policy
- id: paper
  publisher: A paper
  kind: press
  evidence: https://paper.example/1
`,
	"authorities.yaml": `- code: IE
  name: Data Protection Commission
  website: dpc
  complaint: dpc
  languages: [en]
`,
	"claims.yaml": `- id: C-1
  verdict: right
  entry: opt-out
  sources: [meta]
`,
	"texts/bot/en.yaml":       "none: \"I have no answer.\"\nchecked: \"Checked on {date}.\"\n",
	"texts/sections/en.yaml":  "object: How to object\noutside: Other questions\n",
	"texts/links/en.yaml":     "form: {label: The form}\npolicy: {label: The policy, note: It is long.}\ndpc: {label: The regulator}\n",
	"texts/claims/en.yaml":    "C-1:\n  claim: People can object.\n  said: [there is a form]\n  answer: \"Yes.\"\n",
	"texts/countries/en.yaml": "IE: [Ireland, Irish]\n",
	"entries/opt-out/entry.yaml": `section: object
services: [facebook, instagram]
regions: [EU]
links: [form, policy]
sources: [meta]
checked: 2026-11-01
review_by: 2027-02-01
`,
	"entries/opt-out/en.md": `---
title: How do I object?
---
Use [the form](form). It is **quick**.

- Log in first.
- Keep the *e-mail*.

Then wait.
`,
	"entries/opt-out/en.txt": "how do i object to meta training its ai on my old posts\nopt out please\nwhere is the form\n",
	"entries/no-chat/entry.yaml": `kind: decline
section: outside
checked: 2026-11-01
review_by: 2027-02-01
`,
	"entries/no-chat/en.md":  "---\ntitle: Small talk\n---\nThis bot only answers questions about Meta's AI.\n",
	"entries/no-chat/en.txt": "hello there\ntell me a joke\n",
	"golden/en.jsonl":        "{\"q\": \"can i say no\", \"ids\": [\"opt-out\"], \"kind\": \"plain\"}\n{\"q\": \"best pizza dough\", \"ids\": []}\n",
	"golden/en.dev.jsonl":    "{\"q\": \"i refuse\", \"ids\": [\"opt-out\"]}\n",
}

// small gives the small knowledge base as files.
func small() fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range smallFiles {
		put(fsys, name, text)
	}
	return fsys
}

func put(fsys fstest.MapFS, name, text string) { fsys[name] = &fstest.MapFile{Data: []byte(text)} }

// change replaces a text that stands once in a file.
func change(t testing.TB, fsys fstest.MapFS, name, from, to string) {
	t.Helper()
	f := fsys[name]
	if f == nil || strings.Count(string(f.Data), from) != 1 {
		t.Fatalf("%s does not have %q once", name, from)
	}
	put(fsys, name, strings.Replace(string(f.Data), from, to, 1))
}

// mustLoad loads a base that has no faults.
func mustLoad(t testing.TB, fsys fs.FS) *kb.Base {
	t.Helper()
	base, faults := kb.Load(fsys, today)
	if len(faults) > 0 {
		t.Fatalf("got faults, want none:\n%v", faults)
	}
	return base
}

// wantFaults compares the faults of a base, in their order.
func wantFaults(t testing.TB, fsys fstest.MapFS, want ...string) {
	t.Helper()
	base, faults := kb.Load(fsys, today)
	var got []string
	for _, f := range faults {
		got = append(got, f.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got faults\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
	hard := slices.ContainsFunc(faults, func(f kb.Fault) bool { return !f.Warning && !f.Gap })
	if got, want := base == nil, hard; got != want {
		t.Errorf("got a nil base %v, want %v", got, want)
	}
	for name, load := range map[string]func(fs.FS, time.Time) (*kb.Base, kb.Faults){"LoadToServe": kb.LoadToServe, "LoadBeside": kb.LoadBeside} {
		if _, got := load(fsys, today); !slices.Equal(got.Errors(), faults.Errors()) {
			t.Errorf("%s finds\n%v\nwant\n%v", name, got.Errors(), faults.Errors())
		}
	}
}

// addVariants gives the answer three dated texts: before, on, and after
// 1 December 2026.
func addVariants(fsys fstest.MapFS) {
	put(fsys, "entries/opt-out/entry.yaml", smallFiles["entries/opt-out/entry.yaml"]+`variants:
  - name: before
    until: 2026-11-30
  - name: on
    from: 2026-12-01
    until: 2026-12-01
  - name: after
    from: 2026-12-02
`)
	for _, name := range []string{"before", "on", "after"} {
		put(fsys, "entries/opt-out/en."+name+".md", "---\ntitle: How do I object?\n---\nIt is "+name+" the day.\n")
	}
	delete(fsys, "entries/opt-out/en.md")
}

// addGerman adds a second language, made from the present English.
func addGerman(fsys fstest.MapFS) {
	put(fsys, "languages.yaml", smallFiles["languages.yaml"]+"- code: de\n  name: Deutsch\n  stem: german\n")
	for name, f := range maps.Clone(fsys) {
		dir, file := path.Split(name)
		german := dir + strings.Replace(file, "en.", "de.", 1)
		switch {
		case !strings.HasPrefix(name, "entries/"):
		case strings.HasSuffix(file, ".md"):
			body := "Ein Text.\n"
			if strings.Contains(string(f.Data), "](form)") {
				body = "Nimm [das Formular](form).\n"
			}
			put(fsys, german, "---\ntitle: Titel\nof: "+hashOf(f.Data)+"\n---\n"+body)
		case strings.HasSuffix(file, ".txt"):
			put(fsys, german, "frage zu "+dir+"\n")
		}
	}
	of := func(kind string) string { return "# of: " + hashOf(fsys["texts/"+kind+"/en.yaml"].Data) + "\n" }
	put(fsys, "texts/bot/de.yaml", of("bot")+"none: \"Keine Antwort.\"\nchecked: \"Geprüft am {date}.\"\n")
	put(fsys, "texts/sections/de.yaml", of("sections")+"object: Widersprechen\noutside: Anderes\n")
	put(fsys, "texts/links/de.yaml", of("links")+"form: {label: Das Formular}\npolicy: {label: Die Erklärung, note: Sie ist lang.}\ndpc: {label: Die Aufsicht}\n")
	put(fsys, "texts/claims/de.yaml", of("claims")+"C-1: {claim: Man kann widersprechen., said: [es gibt ein Formular], answer: Ja.}\n")
	put(fsys, "texts/countries/de.yaml", of("countries")+"IE: [Irland]\n")
}

// hashOf is the hash of an English text, as a translation's front matter has it.
func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

func TestSmall(t *testing.T) {
	base := mustLoad(t, small())
	if got, want := len(base.Entries), 2; got != want {
		t.Fatalf("got %d entries, want %d", got, want)
	}
	if got, want := base.Entries[0].ID, "opt-out"; got != want {
		t.Errorf("got first entry %q, want %q", got, want)
	}
	e := base.Entry("opt-out")
	text := e.Texts[kb.English]
	if got, want := text.Title, "How do I object?"; got != want {
		t.Errorf("got title %q, want %q", got, want)
	}
	if got, want := e.Body(kb.English, today).Text(), "Use the form. It is quick.\nLog in first.\nKeep the e-mail.\nThen wait."; got != want {
		t.Errorf("got text %q, want %q", got, want)
	}
	if got, want := e.Body(kb.English, today).Short(), "Use the form. It is quick."; got != want {
		t.Errorf("got short answer %q, want %q", got, want)
	}
	if got, want := len(text.Questions), 3; got != want {
		t.Errorf("got %d questions, want %d", got, want)
	}
	if got, want := e.Checked.String(), "2026-11-01"; got != want {
		t.Errorf("got checked %s, want %s", got, want)
	}
	if got, want := base.Links["form"].Host(), "facebook.com"; got != want {
		t.Errorf("got host %q, want %q", got, want)
	}
	if got := base.AuthorityOf("ie"); got == nil || got.Complaint != "dpc" {
		t.Errorf("got authority %+v, want the one of IE", got)
	}
	if got := base.Entry("nothing"); got != nil {
		t.Errorf("got entry %v, want nil", got)
	}
	if got := base.Language("de"); got != nil {
		t.Errorf("got language %v, want nil", got)
	}
	if got, want := len(base.InSection("object")), 1; got != want {
		t.Errorf("got %d answers in the section, want %d", got, want)
	}
	if got, want := len(base.Golden[kb.English]), 2; got != want {
		t.Errorf("got %d golden questions, want %d", got, want)
	}
	if got, want := len(base.Dev[kb.English]), 1; got != want {
		t.Errorf("got %d golden questions for settings, want %d", got, want)
	}
}

func TestBodyByDay(t *testing.T) {
	fsys := small()
	addVariants(fsys)
	e := mustLoad(t, fsys).Entry("opt-out")
	ahead := time.FixedZone("ahead", 2*60*60)
	for _, tt := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"long before", day(2000, 1, 1), "before"},
		{"first moment of the last day", time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC), "before"},
		{"last moment of the last day", time.Date(2026, 11, 30, 23, 59, 59, 999999999, time.UTC), "before"},
		{"first moment of the next", time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), "on"},
		{"last moment of a single day", time.Date(2026, 12, 1, 23, 59, 59, 999999999, time.UTC), "on"},
		{"first moment of the last one", time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC), "after"},
		{"long after", day(2100, 1, 1), "after"},
		{"the day is that of the clock's zone", time.Date(2026, 12, 1, 0, 30, 0, 0, ahead), "on"},
		{"the last day in a zone ahead", time.Date(2026, 11, 30, 23, 30, 0, 0, ahead), "before"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, want := e.Body(kb.English, tt.at).Text(), "It is "+tt.want+" the day."; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	if got := e.Body("de", today); got != nil {
		t.Errorf("got %v in a language that is not there, want nil", got)
	}
	if got, want := len(e.Texts[kb.English].Bodies()), 3; got != want {
		t.Errorf("got %d texts, want %d", got, want)
	}
}

func ExampleLoad() {
	base, faults := kb.Load(kb.Content(), time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	if base == nil {
		fmt.Println(faults) // a line each: file:line: message
		return
	}
	e := base.Entry("opt-out-facebook")
	fmt.Println(e.Kind, e.Section, base.Links[e.Links[0]].Host())
	// Output: answer object facebook.com
}
