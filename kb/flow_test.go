package kb_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The files that most mutations change.
const (
	flowsFile  = "flows.yaml"
	flowTexts  = "texts/flows/en.yaml"
	letterFile = "texts/letter/en.yaml"
)

// flowFiles are two ways for the small knowledge base: a question with two
// ends, and a letter.
var flowFiles = map[string]string{
	flowsFile: `checked: 2026-11-01
review_by: 2027-02-01
doors:
  - {id: object, title: object.title, label: go, start: where, command: true}
  - {id: letter, title: object.title, label: go, start: letter}
uses: [again]
entries:
  opt-out: object/eu
steps:
  - {id: where, choices: {eu: use-form, us: nothing}}
  - id: use-form
    says: [use-form, later]
    form: form
    sources: [meta]
    next: [letter]
  - id: nothing
    says: [nothing]
    form: dpc
    entries: [opt-out]
    sources: [paper]
  - {id: letter, ask: where, labels: where, choices: {eu: write}}
  - {id: write, by: letter, ask: where, form: form, sources: [meta], uses: [make]}
letter:
  grounds: [one, two]
  at_most: 1
`,
	flowTexts: `object.title: Object
go: Object now
again: Start again
where: Where do you live?
where.eu: In the EU
where.us: In the US
use-form.title: Use the form
use-form: Use [the form](form) within 30 days.
later: |
  Then wait:

  - for an e-mail
  - for 1 month
nothing.title: No form
nothing: There is none.
make: Make it
ground.one: A reason
ground.two: Another
`,
	letterFile: `file: letter
service.eu: Facebook
ground.one: "I have a reason."
ground.two: "[Your own reason]"
letter: |
  [Your name]

  I object to {service} under Article 21.

  {grounds}
`,
}

// withFlows gives the small knowledge base with its guided ways.
func withFlows() fstest.MapFS {
	fsys := small()
	for name, text := range flowFiles {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	// Forms of guided ways need a note.
	fsys["texts/links/en.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(smallFiles["texts/links/en.yaml"], "{label: The form}", "{label: The form, note: Log in first.}", 1))}
	return fsys
}

func TestCheckFlows(t *testing.T) {
	wantFaults(t, withFlows())
	runMutations(t, withFlows, []mutation{
		{"unknown key", flowsFile, "    next: [letter]", "    then: [letter]", []string{flowsFile + `:15: there is no key "then" here`}},
		{"no checked", flowsFile, "checked: 2026-11-01\n", "", []string{flowsFile + ":1: checked is missing: the day on which the text was compared with its sources"}},
		{"checked in the future", flowsFile, "2026-11-01", "2026-12-01", []string{flowsFile + ":1: checked lies in the future"}},
		{"review past", flowsFile, "2027-02-01", "2026-11-02", []string{flowsFile + ":2: warning: the review was due on 2026-11-02"}},
		{"a choice that leads nowhere", flowsFile, "us: nothing}", "us: heaven}", []string{
			flowsFile + `:10: step where: "us" leads to "heaven", which is no step`,
			flowsFile + ":16: step nothing is reached from nowhere",
		}},
		{"a step twice", flowsFile, "  - id: nothing", "  - {id: where, choices: {eu: use-form}}\n  - id: nothing", []string{flowsFile + `:16: step "where" stands twice`}},
		{"a name that is none", flowsFile, "  - id: nothing", "  - id: No thing", []string{
			flowsFile + `:10: step where: "us" leads to "nothing", which is no step`,
			flowsFile + `:16: step "No thing": a name has 1 to 32 of a–z, 0–9 and -`,
			flowTexts + `:14: "nothing.title" is used by no step`,
			flowTexts + `:15: "nothing" is used by no step`,
		}},
		{"a choice that is too long", flowsFile, "us: nothing}", "america99: nothing}", []string{
			flowsFile + `:10: step where: choice "america99" has 1 to 8 of a–z and 0–9`,
			flowsFile + `:10: there is no text "where.america99" in ` + flowTexts,
			flowTexts + `:6: "where.us" is used by no step`,
		}},
		{"an end that says nothing", flowsFile, "    says: [nothing]\n", "", []string{
			flowsFile + ":16: step nothing leads nowhere: it has no choices, so it must say something and ask nothing",
			flowTexts + `:14: "nothing.title" is used by no step`,
			flowTexts + `:15: "nothing" is used by no step`,
		}},
		{"an end without a form", flowsFile, "    form: dpc\n", "", []string{flowsFile + ":16: step nothing: an end needs a form (or page) and a source"}},
		{"an end without a source", flowsFile, "    sources: [paper]\n", "", []string{flowsFile + ":16: step nothing: an end needs a form (or page) and a source"}},
		{"a question that says something", flowsFile, "{id: where, choices", "{id: where, title: go, says: [where], choices", []string{flowsFile + ":10: step where has choices, so what it says stands in its question"}},
		{"a way round", flowsFile, "us: nothing}", "us: where}", []string{
			flowsFile + ":10: step where leads back to itself",
			flowsFile + ":16: step nothing is reached from nowhere",
		}},
		{"a step that nothing leads to", flowsFile, "letter:\n  grounds", "  - {id: spare, ask: where, labels: where, choices: {eu: nothing}}\nletter:\n  grounds", []string{flowsFile + ":23: step spare is reached from nowhere"}},
		{"an unknown maker", flowsFile, "by: letter", "by: magic", []string{
			flowsFile + `:22: step write: nothing is called "magic" that makes a step`,
			flowTexts + `:17: "ground.one" is used by no step`,
			flowTexts + `:18: "ground.two" is used by no step`,
			letterFile + `:1: "file" is not a part of the letter`,
			letterFile + `:2: "service.eu" is not a part of the letter`,
			letterFile + `:3: "ground.one" is not a part of the letter`,
			letterFile + `:4: "ground.two" is not a part of the letter`,
			letterFile + `:5: "letter" is not a part of the letter`,
		}},
		{"a maker with choices", flowsFile, "by: letter, ask: where", "by: letter, ask: where, labels: where, choices: {eu: nothing}", []string{flowsFile + ":22: step write is made by the program and has choices"}},
		{"an unknown link", flowsFile, "form: dpc", "form: heaven", []string{flowsFile + `:18: step nothing: there is no link "heaven" in links.yaml`}},
		{"a link of low confidence", flowsFile, "form: dpc", "form: policy", []string{flowsFile + `:18: step nothing: link "policy" has low confidence`}},
		{"a form without a note", "texts/links/en.yaml", ", note: Log in first.", "", []string{`texts/links/en.yaml:1: link "form" is a form of flows.yaml and needs a note: what to know before`}},
		{"an unknown source", flowsFile, "[paper]", "[papyrus]", []string{flowsFile + `:20: step nothing: there is no source "papyrus" in sources.yaml`}},
		{"an unknown answer", flowsFile, "entries: [opt-out]", "entries: [no-chat]", []string{flowsFile + `:19: step nothing: there is no answer "no-chat"`}},
		{"an unknown door", flowsFile, "next: [letter]", "next: [window]", []string{flowsFile + `:15: step use-form: there is no door "window"`}},
		{"a door to nothing", flowsFile, "start: letter}", "start: heaven}", []string{
			flowsFile + `:5: door letter leads to "heaven", which is no step`,
			flowsFile + ":21: step letter is reached from nowhere",
			flowsFile + ":22: step write is reached from nowhere",
		}},
		{"a door twice", flowsFile, "uses: [again]", "  - {id: object, title: go, label: go, start: where}\nuses: [again]", []string{flowsFile + `:6: door "object" stands twice`}},
		{"a door with a name that is none", flowsFile, "{id: letter, title", "{id: Letter, title", []string{
			flowsFile + `:5: door "Letter": a name has 1 to 32 of a–z, 0–9 and -`,
			flowsFile + `:15: step use-form: there is no door "letter"`,
			flowsFile + ":21: step letter is reached from nowhere",
			flowsFile + ":22: step write is reached from nowhere",
		}},
		{"a way under an unknown answer", flowsFile, "  opt-out: object/eu", "  no-chat: object/eu", []string{flowsFile + `:8: entries: there is no answer "no-chat"`}},
		{"a way that leads to no step", flowsFile, "object/eu\n", "object/ue\n", []string{flowsFile + `:8: entries: the way "object/ue" leads to no step`}},
		{"more grounds at once than there are", flowsFile, "at_most: 1", "at_most: 3", []string{flowsFile + ":1: letter: 1 to 8 grounds, of which at_most says how many may be chosen"}},
	})
}

func TestCheckFlowPaths(t *testing.T) {
	fsys := withFlows()
	// Nine bytes to the first of these steps, and nine more with each choice.
	steps := ""
	for _, s := range []string{"aa", "bb", "cc", "dd", "ee"} {
		next := map[string]string{"aa": "bb", "bb": "cc", "cc": "dd", "dd": "ee", "ee": "nothing"}[s]
		steps += "  - {id: " + s + ", ask: where, labels: long, choices: {abcdefgh: " + next + "}}\n"
	}
	change(t, fsys, flowsFile, "us: nothing}}\n", "us: aa}}\n"+steps)
	change(t, fsys, flowTexts, "make:", "long.abcdefgh: Go on\nmake:")
	wantFaults(t, fsys, flowsFile+":21: the way object/us/abcdefgh/abcdefgh/abcdefgh/abcdefgh/abcdefgh has 54 bytes; a button holds 50")
}

func TestCheckFlowTexts(t *testing.T) {
	runMutations(t, withFlows, []mutation{
		{"a text that is missing", flowTexts, "again: Start again\n", "", []string{flowsFile + `:6: there is no text "again" in ` + flowTexts}},
		{"a label that is missing", flowTexts, "where.us: In the US\n", "", []string{flowsFile + `:10: there is no text "where.us" in ` + flowTexts}},
		{"an empty text", flowTexts, "nothing: There is none.", "nothing: \"\"", []string{flowTexts + `:15: "nothing" is empty`}},
		{"a text too many", flowTexts, "make: Make it", "make: Make it\nmore: More", []string{flowTexts + `:17: "more" is used by no step`}},
		{"a label at the limit", flowTexts, "In the US", strings.Repeat("x", 64), nil},
		{"a label over the limit", flowTexts, "In the US", strings.Repeat("x", 65), []string{flowTexts + `:6: the label "where.us" has 65 characters; a button shows 64`}},
		{"a label that is set", flowTexts, "In the US", "In **the US**", []string{flowTexts + `:6: the label "where.us" is one plain line`}},
		{"a label of two lines", flowTexts, "where.us: In the US", "where.us: |\n  In the\n\n  US", []string{flowTexts + `:6: the label "where.us" is one plain line`}},
		{"a beginning at the limit", flowTexts, "There is none.", strings.Repeat("x", 300), nil},
		{"a beginning over the limit", flowTexts, "There is none.", strings.Repeat("x", 301), []string{flowTexts + `:15: "nothing" begins with 301 characters; at most 300 are shown`}},
		{"an end that is too long", flowTexts, "for an e-mail", strings.Repeat("x", 3500), []string{flowTexts + ":1: step use-form says 3563 characters; at most 3500 are shown"}},
		{"a link that the step does not have", flowTexts, "(form)", "(dpc)", []string{flowTexts + `:8: link "dpc" is not among the links of step use-form`}},
		{"a link in a list", flowTexts, "for an e-mail", "for [an e-mail](heaven)", []string{flowTexts + `:12: there is no link "heaven" in links.yaml`}},
		{"an address", flowTexts, "for an e-mail", "for https://evil.example", []string{flowTexts + `:12: "for https://evil.example": write an address as a link, [text](link-id)`}},
		{"an invisible character", flowTexts, "for an e-mail", "for an\u200b e-mail", []string{flowTexts + ":12: the text has the invisible character U+200B"}},
		{"a heading", flowTexts, "Then wait:", "# Then wait:", []string{flowTexts + ":10: a heading" + notAllowed}},
		{"a letter without grounds", letterFile, "  {grounds}\n", "", []string{letterFile + ":5: the letter has {service} to fill in, not {grounds} {service}"}},
		{"a ground without a sentence", letterFile, "ground.one: \"I have a reason.\"\n", "", []string{letterFile + `:1: "ground.one" is missing`}},
		{"a sentence without a ground", letterFile, "file: letter", "file: letter\nground.six: Six", []string{letterFile + `:2: "ground.six" is not a part of the letter`}},
		{"a file that has another name", letterFile, "file: letter", "file: ../letter", []string{letterFile + `:1: "file" names a file: 1 to 40 of a–z, 0–9 and -`}},
		{"a letter that is too long", letterFile, "I have a reason.", strings.Repeat("x", 3500), []string{letterFile + ":5: with its longest grounds the letter has 3564 characters; at most 3500 are shown"}},
		{"an address in the letter", letterFile, "I have a reason.", "See www.evil.example", []string{letterFile + `:3: "See www.evil.example": write an address as a link, [text](link-id)`}},
	})
}

// A translation has the same keys, links, numbers and places to fill in.
func TestCheckFlowTranslation(t *testing.T) {
	const texts, letter = "texts/flows/de.yaml", "texts/letter/de.yaml"
	base := func() fstest.MapFS {
		fsys, same := withFlows(), map[string]bool{}
		addGerman(fsys)
		for to, from := range map[string]string{texts: flowTexts, letter: letterFile, "texts/links/de.yaml": "texts/links/en.yaml"} {
			put(fsys, to, "# of: "+hashOf(fsys[from].Data)+"\n"+string(fsys[from].Data))
			for _, word := range regexp.MustCompile(`\pL+`).FindAllString(string(fsys[from].Data), -1) {
				same[word] = true // or the words would be left in English
			}
		}
		put(fsys, "names.yaml", "- "+strings.Join(slices.Sorted(maps.Keys(same)), "\n- ")+"\n")
		return fsys
	}
	wantFaults(t, base())
	runMutations(t, base, []mutation{
		{"a key that is missing", texts, "again: Start again\n", "", []string{texts + `:1: "again" is missing`}},
		{"another number", texts, "30 days", "90 Tagen", []string{
			texts + `:9: "use-form": the number 30 of the English text is missing`,
			texts + `:9: "use-form": the number 90 does not stand in the English text`,
		}},
		{"a number in words", texts, "1 month", "einen Monat", []string{texts + `:10: "later": the number 1 of the English text is missing`}},
		{"no link", texts, "[the form](form)", "das Formular", []string{texts + `:9: "use-form" has 0 places in square brackets, in English 1`, texts + `:9: "use-form" has the links nothing, in English ](form)`}},
		{"something to fill in", texts, "There is none.", "Es gibt {keins}.", []string{texts + `:16: "nothing" has {keins} to fill in, in English nothing`}},
		{"a ground that is missing", letter, "ground.one: \"I have a reason.\"\n", "", []string{letter + `:1: "ground.one" is missing`}},
		{"another article", letter, "Article 21", "Artikel 12", []string{
			letter + `:6: "letter": the number 12 does not stand in the English text`,
			letter + `:6: "letter": the number 21 of the English text is missing`,
		}},
		{"a place that the person does not find", letter, "[Your own reason]", "Ihr Grund", []string{letter + `:5: "ground.two" has 0 places in square brackets, in English 1`}},
		{"a form without a note", "texts/links/de.yaml", ", note: Log in first.", "", []string{`texts/links/de.yaml:1: "form.note" is missing`}},
	})
	t.Run("no file", func(t *testing.T) {
		fsys := base()
		delete(fsys, texts)
		wantFaults(t, fsys, texts+":1: the file is missing")
	})
}
