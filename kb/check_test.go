package kb_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"optoutbot/kb"
)

const notAllowed = " is not allowed; use paragraphs, **bold**, *italic*, lists and [text](link-id)"

// The files that most mutations change.
const (
	entry     = "entries/opt-out/entry.yaml"
	text      = "entries/opt-out/en.md"
	questions = "entries/opt-out/en.txt"
	decline   = "entries/no-chat/entry.yaml"
)

// mutation is a change to the small base, and the faults that it brings.
type mutation struct {
	name, file, from, to string
	want                 []string
}

func runMutations(t *testing.T, base func() fstest.MapFS, tests []mutation) {
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := base()
			change(t, fsys, tt.file, tt.from, tt.to)
			wantFaults(t, fsys, tt.want...)
		})
	}
}

func TestCheckEntry(t *testing.T) {
	runMutations(t, small, []mutation{
		{"unknown key", entry, "sources: [meta]", "sources: [meta]\nsauces: []", []string{entry + `:6: there is no key "sauces" here`}},
		{"unknown kind", decline, "kind: decline", "kind: question", []string{decline + `:1: kind is answer or decline, not "question"`}},
		{"unknown section", entry, "section: object", "section: nowhere", []string{entry + `:1: there is no section "nowhere" in sections.yaml`}},
		{"no section", entry, "section: object\n", "", []string{entry + `:1: there is no section "" in sections.yaml`}},
		{"unknown link", entry, "[form, policy]", "[form, nothing]", []string{entry + `:4: there is no link "nothing" in links.yaml`}},
		{"doubled link", entry, "[form, policy]", "\n  - form\n  - policy\n  - form", []string{entry + `:7: links: "form" stands twice`}},
		{"unknown source", entry, "[meta]", "[meta, nothing]", []string{entry + `:5: there is no source "nothing" in sources.yaml`}},
		{"doubled source", entry, "[meta]", "[meta, meta]", []string{entry + `:5: sources: "meta" stands twice`}},
		{"unknown related", entry, "sources: [meta]", "sources: [meta]\nrelated: [nothing]", []string{entry + `:6: related: there is no other answer "nothing"`}},
		{"related to itself", entry, "sources: [meta]", "sources: [meta]\nrelated: [opt-out]", []string{entry + `:6: related: there is no other answer "opt-out"`}},
		{"related to a decline", entry, "sources: [meta]", "sources: [meta]\nrelated: [no-chat]", []string{entry + `:6: related: there is no other answer "no-chat"`}},
		{"doubled related", decline, "section: outside", "section: outside\nrelated: [opt-out, opt-out]", []string{decline + `:3: related: "opt-out" stands twice`}},
		{"unknown service", entry, "[facebook, instagram]", "[facebook, myspace]", []string{entry + `:2: there is no service "myspace"`}},
		{"doubled service", entry, "[facebook, instagram]", "[facebook, facebook]", []string{entry + `:2: services: "facebook" stands twice`}},
		{"no service", entry, "services: [facebook, instagram]\n", "", []string{entry + ":1: an answer names the services and regions for which it holds"}},
		{"unknown region", entry, "[EU]", "[EU, eu]", []string{entry + `:3: there is no region "eu"`}},
		{"doubled region", entry, "[EU]", "[EU, EU]", []string{entry + `:3: regions: "EU" stands twice`}},
		{"no region", entry, "regions: [EU]\n", "", []string{entry + ":1: an answer names the services and regions for which it holds"}},
		{"no source", entry, "sources: [meta]\n", "", []string{entry + ":1: an answer needs a source"}},
		{"no link", entry, "links: [form, policy]\n", "", []string{
			text + `:4: link "form" is not among the links of the entry`,
			entry + ":1: an answer needs a link",
		}},
		{"link of low confidence first", entry, "[form, policy]", "[policy, form]", []string{entry + `:4: link "policy" has low confidence and must not stand first`}},
		{"too many related", entry, "sources: [meta]", "sources: [meta]\nrelated: [a, b, c, d, e, f]", []string{
			entry + ":1: related has 6 entries; at most 5 are shown",
			entry + `:6: related: there is no other answer "a"`,
			entry + `:6: related: there is no other answer "b"`,
			entry + `:6: related: there is no other answer "c"`,
			entry + `:6: related: there is no other answer "d"`,
			entry + `:6: related: there is no other answer "e"`,
			entry + `:6: related: there is no other answer "f"`,
		}},
		{"no checked", entry, "checked: 2026-11-01\n", "", []string{entry + ":1: checked is missing: the day on which the text was compared with its sources"}},
		{"no review_by", entry, "review_by: 2027-02-01\n", "", []string{entry + ":1: review_by is missing: the day by which the text should be checked again"}},
		{"a decline without checked", decline, "checked: 2026-11-01\n", "", []string{decline + ":1: checked is missing: the day on which the text was compared with its sources"}},
		{"checked today", entry, "2026-11-01", "2026-11-22", nil},
		{"checked in the future", entry, "2026-11-01", "2026-11-23", []string{entry + ":6: checked lies in the future"}},
		{"review today", entry, "2027-02-01", "2026-11-22", nil},
		{"review past", entry, "2027-02-01", "2026-11-21", []string{entry + ":7: warning: the review was due on 2026-11-21"}},
		{"review on the day of the check", entry, "2027-02-01", "2026-11-01", []string{entry + ":7: review_by is not after checked"}},
		{"checked on no day", entry, "2026-11-01", "2026-11-31", []string{entry + `:6: checked: "2026-11-31" is not a day; write it as 2026-11-22`}},
		{"checked with no day", entry, "2026-11-01", `""`, []string{entry + `:6: checked: "" is not a day; write it as 2026-11-22`}},
		{"review in words", entry, "2027-02-01", "soon", []string{entry + `:7: review_by: "soon" is not a day; write it as 2026-11-22`}},
	})
}

func TestCheckVariants(t *testing.T) {
	base := func() fstest.MapFS {
		fsys := small()
		addVariants(fsys)
		return fsys
	}
	wantFaults(t, base())
	// before (line 9, until 10), on (line 11, from 12, until 13), after (line 14, from 15)
	runMutations(t, base, []mutation{
		{"gap", entry, "until: 2026-11-30", "until: 2026-11-29", []string{entry + ":11: there is a gap between 2026-11-29 and 2026-12-01"}},
		{"overlap", entry, "until: 2026-12-01", "until: 2026-12-02", []string{entry + `:14: variant "after" overlaps the one before, which holds until 2026-12-02`}},
		{"no until", entry, "    until: 2026-11-30\n", "", []string{entry + `:9: variant "before" has no until, but another one follows`}},
		{"no from", entry, "    from: 2026-12-02\n", "", []string{entry + `:14: variant "after" has no from`}},
		{"ends before it begins", entry, "until: 2026-12-01", "until: 2026-11-30", []string{
			entry + `:11: variant "on" ends before it begins`,
			entry + ":14: there is a gap between 2026-11-30 and 2026-12-02",
		}},
		{"the first has a beginning", entry, "  - name: before\n", "  - name: before\n    from: 2026-01-01\n", []string{entry + `:9: variant "before": the first one has no from, so that there is an answer for every day`}},
		{"the last has an end", entry, "from: 2026-12-02\n", "from: 2026-12-02\n    until: 2027-01-01\n", []string{entry + `:14: variant "after": the last one has no until, so that there is an answer for every day`}},
		{"a day that is none", entry, "until: 2026-11-30", "until: 2026-11-99", []string{entry + `:10: until: "2026-11-99" is not a day; write it as 2026-11-22`}},
		{"a name twice", entry, "name: after", "name: on", []string{
			"entries/opt-out/en.after.md:1: the file belongs to no language or variant of the entry",
			entry + `:14: variant "on" stands twice`,
		}},
		{"a name that is none", entry, "name: after", "name: After", []string{
			"entries/opt-out/en.After.md:1: the file is missing",
			"entries/opt-out/en.after.md:1: the file belongs to no language or variant of the entry",
			entry + `:14: variant "After": a name has a–z, 0–9 and -`,
		}},
		{"another title", "entries/opt-out/en.on.md", "How do I object?", "How?", []string{"entries/opt-out/en.on.md:2: the title differs from that of another variant"}},
		{"no title in the first", "entries/opt-out/en.before.md", "title: How do I object?", "title:", []string{
			"entries/opt-out/en.after.md:2: the title differs from that of another variant",
			"entries/opt-out/en.before.md:2: the title is missing",
			"entries/opt-out/en.on.md:2: the title differs from that of another variant",
		}},
		{"a fault in a later text", "entries/opt-out/en.after.md", "the day", "[the day](dpc)", []string{`entries/opt-out/en.after.md:4: link "dpc" is not among the links of the entry`}},
	})
	t.Run("without a file", func(t *testing.T) {
		fsys := base()
		delete(fsys, "entries/opt-out/en.on.md")
		wantFaults(t, fsys, "entries/opt-out/en.on.md:1: the file is missing")
	})
}

func TestCheckText(t *testing.T) {
	long := strings.Repeat("😀", 151) // two units each
	runMutations(t, small, []mutation{
		{"link not in the list", text, "(form)", "(nothing)", []string{text + `:4: there is no link "nothing" in links.yaml`}},
		{"link not the entry's", text, "e-mail*.", "e-mail*, says [the DPC](dpc).", []string{text + `:7: link "dpc" is not among the links of the entry`}},
		{"title at the limit", text, "How do I object?", strings.Repeat("x", 256), nil},
		{"title over the limit", text, "How do I object?", strings.Repeat("x", 257), []string{text + ":2: the title has 257 characters; at most 256 are shown"}},
		{"short answer at the limit", text, "Use [the form](form). It is **quick**.", strings.Repeat("x", 300), nil},
		{"short answer over the limit", text, "Use [the form](form). It is **quick**.", long, []string{text + ":4: the short answer (first paragraph) has 302 characters; at most 300 are shown"}},
		{"whole at the limit", text, "Then wait.", strings.Repeat("x", 3500-len("How do I object?Use the form. It is quick.\nLog in first.\nKeep the e-mail.\n")), nil},
		{"whole over the limit", text, "Then wait.", strings.Repeat("x", 3501-len("How do I object?Use the form. It is quick.\nLog in first.\nKeep the e-mail.\n")), []string{text + ":1: the text has 3501 characters; at most 3500 are shown"}},
		{"list first", text, "Use [the form](form).", "- Use [the form](form).", []string{text + ":4: the text begins with the short answer, a paragraph"}},
		{"invisible character", text, "Then wait.", "Then\u202e wait.", []string{text + ":9: the text has the invisible character U+202E"}},
		{"address", text, "Then wait.", "Then HTTPS://evil.example", []string{text + `:9: "Then HTTPS://evil.example": write an address as a link, [text](link-id)`}},
		{"address without scheme", text, "Log in first.", "Log in at www.evil.example first.", []string{text + `:6: "Log in at www.evil.example first.": write an address as a link, [text](link-id)`}},
		{"heading", text, "Then wait.", "## Then wait", []string{text + ":9: a heading" + notAllowed}},
	})
}

func TestCheckLists(t *testing.T) {
	const links, sources, authorities, claims = "links.yaml", "sources.yaml", "authorities.yaml", "claims.yaml"
	runMutations(t, small, []mutation{
		{"host not on the list", links, "https://www.dataprotection.ie/en/contact", "https://dataprotection.example/", []string{links + `:15: link "dpc": host dataprotection.example is not allowed in hosts.yaml`}},
		{"link that is never shown", links, "contact/1\n", "contact/666\n", []string{links + `:1: link "form": https://www.facebook.com/help/contact/666 must never be shown: it is a copy`}},
		{"no web address", links, "https://www.facebook.com/help/contact/1\n", "javascript:alert(1)\n", []string{links + `:1: link "form": "javascript:alert(1)" is not a plain web address`}},
		{"unknown key of a link", links, "confidence: low", "confidence: low\n  colour: red", []string{links + `:14: there is no key "colour" here`}},
		{"unknown confidence", links, "confidence: low", "confidence: maybe", []string{links + `:8: link "policy": confidence is high, medium or low, not "maybe"`}},
		{"link without an address", links, "  url: https://www.facebook.com/privacy/policy\n", "", []string{links + `:8: link "policy" needs id, url, publisher, kind and seen`}},
		{"doubled link", links, "- id: dpc", "- id: form", []string{
			authorities + `:1: authority "IE": there is no link "dpc"`,
			links + `:15: link "form" stands twice`,
			"texts/links/en.yaml:3: there is no link \"dpc\"",
		}},
		{"link without a label", "texts/links/en.yaml", "dpc: {label: The regulator}\n", "", []string{`texts/links/en.yaml:1: link "dpc" has no label`}},
		{"label over the limit", "texts/links/en.yaml", "The regulator", strings.Repeat("x", 61), []string{`texts/links/en.yaml:3: link "dpc": label and domain have 81 characters; a button shows 80`}},
		{"doubled source", sources, "- id: paper", "- id: meta", []string{sources + `:7: source "meta" stands twice`}},
		{"source with an unknown link", sources, "link: policy", "link: nothing", []string{sources + `:1: source "meta": there is no link "nothing"`}},
		{"source without evidence", sources, "  evidence: https://paper.example/1\n", "", []string{sources + `:7: source "paper" needs a link or the evidence where it was read`}},
		{"source without kind", sources, "  kind: press\n", "", []string{sources + `:7: source "paper" needs id, publisher and kind`}},
		{"authority with an unknown link", authorities, "website: dpc", "website: nothing", []string{authorities + `:1: authority "IE": there is no link "nothing"`}},
		{"doubled authority", authorities, "  languages: [en]\n", "  languages: [en]\n- {code: ie, name: x, website: dpc}\n", []string{authorities + `:6: authority "ie" stands twice`}},
		{"authority without name", authorities, "  name: Data Protection Commission\n", "", []string{authorities + `:1: authority "IE" needs code, name and website`}},
		{"country without authority", "texts/countries/en.yaml", "IE:", "UK: [Britain]\nIE:", []string{`texts/countries/en.yaml:1: there is no authority "UK" in authorities.yaml`}},
		{"claim with an unknown verdict", claims, "right", "maybe", []string{claims + `:1: claim C-1: there is no verdict "maybe"`}},
		{"claim with an unknown entry", claims, "entry: opt-out", "entry: nothing", []string{claims + `:1: claim C-1: there is no answer "nothing"`}},
		{"claim of a decline", claims, "entry: opt-out", "entry: no-chat", []string{claims + `:1: claim C-1: there is no answer "no-chat"`}},
		{"claim with an unknown source", claims, "[meta]", "[meta, nothing]", []string{claims + `:1: claim C-1: there is no source "nothing"`}},
		{"claim without source", claims, "  sources: [meta]\n", "", []string{claims + ":1: claim C-1 has no source"}},
		{"doubled claim", claims, "  sources: [meta]\n", "  sources: [meta]\n- {id: C-1, verdict: right, entry: opt-out, sources: [meta]}\n", []string{claims + `:5: claim "C-1" stands twice`}},
		{"claim without text", "texts/claims/en.yaml", "  answer: \"Yes.\"\n", "", []string{"texts/claims/en.yaml:1: claim C-1 needs a claim and an answer"}},
		{"text without claim", "texts/claims/en.yaml", "C-1:", "C-2: {claim: x, answer: x}\nC-1:", []string{`texts/claims/en.yaml:1: there is no claim "C-2"`}},
		{"answer to a claim over the limit", "texts/claims/en.yaml", "Yes.", strings.Repeat("x", 301), []string{"texts/claims/en.yaml:1: claim C-1: the answer has 301 characters; at most 300 are shown"}},
		{"doubled section", "sections.yaml", "  - outside\n", "  - outside\n  - object\n", []string{`sections.yaml:4: section "object" stands twice`}},
		{"section without title", "sections.yaml", "  - outside\n", "  - outside\n  - more\n", []string{`texts/sections/en.yaml:1: section "more" has no title`}},
		{"title without section", "texts/sections/en.yaml", "outside:", "more: More\noutside:", []string{`texts/sections/en.yaml:2: there is no section "more" in sections.yaml`}},
		{"unknown central answer", "sections.yaml", "  - opt-out\n", "  - opt-out\n  - nothing\n", []string{`sections.yaml:6: central: there is no answer "nothing"`}},
		{"central decline", "sections.yaml", "  - opt-out\n", "  - no-chat\n", []string{`sections.yaml:5: central: there is no answer "no-chat"`}},
		{"doubled central answer", "sections.yaml", "  - opt-out\n", "  - opt-out\n  - opt-out\n", []string{`sections.yaml:6: central: "opt-out" stands twice`}},
		{"empty words", "texts/bot/en.yaml", "I have no answer.", "", []string{`texts/bot/en.yaml:1: "none" is empty`}},
	})
}

func TestCheckTranslation(t *testing.T) {
	base := func() fstest.MapFS {
		fsys := small()
		addGerman(fsys)
		return fsys
	}
	wantFaults(t, base())
	const german = "entries/opt-out/de.md"
	was := smallFiles[text]
	now := strings.Replace(was, "Then wait.", "Then wait a month.", 1)
	runMutations(t, base, []mutation{
		{"English has changed", text, "Then wait.", "Then wait a month.", []string{
			german + ":3: the English text has changed since (now " + hashOf([]byte(now)) + ")",
		}},
		{"made from nothing", german, "of: " + hashOf([]byte(was)) + "\n", "", []string{german + ":2: of is missing: the hash of the English text, " + hashOf([]byte(was))}},
		{"missing words", "texts/bot/de.yaml", "none: \"Keine Antwort.\"\n", "", []string{`texts/bot/de.yaml:1: "none" is missing`}},
		{"words that English lacks", "texts/bot/de.yaml", "checked:", "more: Mehr\nchecked:", []string{`texts/bot/de.yaml:3: there is no "more" in English`}},
		{"other places to fill in", "texts/bot/de.yaml", "{date}", "{datum}", []string{`texts/bot/de.yaml:3: "checked" has {datum} to fill in, in English {date}`}},
		{"section without title", "texts/sections/de.yaml", "object: Widersprechen\n", "", []string{`texts/sections/de.yaml:1: "object" is missing`}},
		{"link without label", "texts/links/de.yaml", "dpc: {label: Die Aufsicht}\n", "", []string{`texts/links/de.yaml:1: "dpc.label" is missing`}},
		{"claim without text", "texts/claims/de.yaml", "answer: Ja.", "answer: \"\"", []string{`texts/claims/de.yaml:2: "C-1.answer" is empty`}},
		{"doubled language", "languages.yaml", "- code: de", "- {code: de, name: x}\n- code: de", []string{`languages.yaml:5: language "de" stands twice`}},
		{"language without a name", "languages.yaml", "  name: Deutsch\n", "", []string{"languages.yaml:4: language 2 needs a code and a name"}},
		{"English not first", "languages.yaml", "- code: en", "- {code: de, name: x}\n- code: en", []string{
			"languages.yaml:1: the first language is en, from which the others are made",
			`languages.yaml:5: language "de" stands twice`,
		}},
	})
	t.Run("a later variant has changed", func(t *testing.T) {
		fsys := small()
		addVariants(fsys)
		addGerman(fsys)
		wantFaults(t, fsys)
		const after = "entries/opt-out/en.after.md"
		change(t, fsys, after, "the day", "that day")
		wantFaults(t, fsys, "entries/opt-out/de.after.md:3: the English text has changed since (now "+hashOf(fsys[after].Data)+")")
	})
}

// Faults in many files are found in one go, in the order of the files, and one
// fault does not bring others with it.
func TestCheckAllAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		edits [][3]string // file, from, to
		want  []string
	}{
		{
			"one in every file",
			[][3]string{
				{"links.yaml", "https://www.dataprotection.ie/en/contact", "https://dataprotection.example/"},
				{entry, "section: object", "section: nowhere\ncolour: red"},
				{entry, "2026-11-01", "2026-12-01"},
				{entry, "2027-02-01", "yesterday"},
				{text, "Then wait.", "# Then wait."},
				{text, "Log in first.", "[Log in](nothing) first."},
				{questions, "opt out please", "hello there"},
				{decline, "2027-02-01", "2026-11-10"},
				{"claims.yaml", "[meta]", "[mela]"},
				{"golden/en.jsonl", "[\"opt-out\"]", "[\"opt-in\"]"},
				{"sources.yaml", "kind: press", "kinds: press"},
				{"texts/bot/en.yaml", "Checked on {date}.", ""},
			},
			[]string{
				`claims.yaml:1: claim C-1: there is no source "mela"`,
				`entries/no-chat/en.txt:1: "hello there" stands under opt-out too`,
				decline + ":4: warning: the review was due on 2026-11-10",
				text + `:6: there is no link "nothing" in links.yaml`,
				text + ":9: a heading" + notAllowed,
				entry + `:1: there is no section "nowhere" in sections.yaml`,
				entry + `:2: there is no key "colour" here`,
				entry + ":7: checked lies in the future",
				entry + `:8: review_by: "yesterday" is not a day; write it as 2026-11-22`,
				`golden/en.jsonl:1: there is no answer "opt-in"`,
				`links.yaml:15: link "dpc": host dataprotection.example is not allowed in hosts.yaml`,
				`sources.yaml:7: source "paper" needs id, publisher and kind`,
				`sources.yaml:9: there is no key "kinds" here`,
				`texts/bot/en.yaml:2: "checked" is empty`,
			},
		},
		{
			"what cannot be read is not judged by others",
			[][3]string{
				{"links.yaml", "- id: form", "- id: [form"},
				{"sources.yaml", "- id: meta", "- id: \"meta"},
				{"sections.yaml", "sections:", "sections: ["},
				{decline, "section: outside", "section: beyond"},
			},
			[]string{
				"links.yaml:2: did not find expected ',' or ']'",
				"sections.yaml:2: did not find expected node content",
				"sources.yaml:10: found unexpected end of stream",
			},
		},
		{
			"an entry that cannot be read is there all the same",
			[][3]string{{entry, "[form, policy]", "[form, policy"}, {decline, "section: outside", "section: beyond"}},
			[]string{
				decline + `:2: there is no section "beyond" in sections.yaml`,
				entry + ":4: did not find expected ',' or ']'",
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := small()
			for _, e := range tt.edits {
				change(t, fsys, e[0], e[1], e[2])
			}
			for range 5 { // maps are walked in another order each time
				wantFaults(t, fsys, tt.want...)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	faults := kb.Faults{
		{File: "a.yaml", Line: 1, Message: "one"},
		{File: "a.yaml", Line: 2, Message: "two", Warning: true},
	}
	if got, want := faults.Error(), "a.yaml:1: one\na.yaml:2: warning: two"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := faults.Errors().Error(), "a.yaml:1: one"; got != want {
		t.Errorf("got errors %q, want %q", got, want)
	}
}
