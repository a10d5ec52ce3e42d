package kb_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"optoutbot/kb"
)

// translated is the small base with German, and with months and figures.
func translated() fstest.MapFS {
	fsys := small()
	for i, m := range strings.Fields("January February March April May June July August September October November December") {
		put(fsys, "texts/bot/en.yaml", string(fsys["texts/bot/en.yaml"].Data)+fmt.Sprintf("month_%d: %s\n", i+1, m))
	}
	put(fsys, text, "---\ntitle: How do I object?\n---\nUse [the form](form) of 27 May 2025, says Meta.\n\n1,500 people did so by June 2025.\n")
	put(fsys, "texts/claims/en.yaml", "C-1:\n  claim: People can object.\n  said: [there is a form]\n  answer: \"Yes, since 27 May 2025.\"\n")
	put(fsys, "names.yaml", "- Meta\n- April\n- August\n- September\n- November\n")
	addGerman(fsys)
	for i, m := range strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember") {
		put(fsys, "texts/bot/de.yaml", string(fsys["texts/bot/de.yaml"].Data)+fmt.Sprintf("month_%d: %s\n", i+1, m))
	}
	put(fsys, "entries/opt-out/de.md", "---\ntitle: Wie widerspreche ich?\nof: "+hashOf(fsys[text].Data)+
		"\n---\nNimm [das Formular](form) vom 27. Mai 2025, sagt Meta.\n\nBis Juni 2025 taten das 1.500 Menschen.\n")
	put(fsys, "texts/claims/de.yaml", "# of: "+hashOf(fsys["texts/claims/en.yaml"].Data)+
		"\nC-1:\n  claim: Man kann widersprechen.\n  said: [es gibt ein Formular]\n  answer: Ja, seit 27. Mai 2025.\n")
	return fsys
}

func TestTranslationFaults(t *testing.T) {
	const md, claims, bot = "entries/opt-out/de.md", "texts/claims/de.yaml", "texts/bot/de.yaml"
	at := func(file string, line int, what string) []string {
		return []string{fmt.Sprintf("%s:%d: %s", file, line, what)}
	}
	wantFaults(t, translated())
	runMutations(t, translated, []mutation{
		{"a figure is missing", md, "1.500 Menschen", "viele Menschen", at(md, 1, "the number 1500 of the English text is missing")},
		{"a figure that English lacks", md, "sagt Meta", "sagten 3 Leute", at(md, 1, "the number 3 does not stand in the English text")},
		{"another year", md, "Mai 2025", "Mai 2024", at(md, 1, "the number 2024 does not stand in the English text")},
		{"another month", md, "27. Mai 2025", "27. Juli 2025", []string{
			md + ":1: the date 2025 (month 5) of the English text is missing",
			md + ":1: the date 2025 (month 7) does not stand in the English text",
			md + ":1: the date 27 (month 5) of the English text is missing",
			md + ":1: the date 27 (month 7) does not stand in the English text",
		}},
		{"a month that is changed at its end", md, "27. Mai 2025", "27. Maien 2025", nil},
		{"a figure written with a space", md, "1.500", "1 500", nil},
		{"a link is missing", md, "[das Formular](form)", "das Formular", at(md, 1, `the link "form" of the English text is missing`)},
		{"a link that English lacks", md, "sagt Meta", "[sagt Meta](policy)", at(md, 1, `the link "policy" does not stand in the English text`)},
		{"the title in English", md, "Wie widerspreche ich?", "How do I object?", at(md, 2, "the title is left in English")},
		{"a paragraph in English", md, "Bis Juni 2025 taten das 1.500 Menschen.", "1,500 people did so by June 2025.",
			at(md, 7, `"1,500 people did so by June 2025." is left in English`)},
		{"a letter of another script", md, "Wie wider", "Wiе wider", at(md, 2, `"Wiе" has letters of two scripts that look alike; type it anew`)},
		{"the same in the text", md, "Nimm", "Nіmm", at(md, 5, `"Nіmm" has letters of two scripts that look alike; type it anew`)},
		{"a wrong encoding", md, "Nimm", "FÃ¼r MÃ¼de: nimm", at(md, 5, `"Ã¼" looks as if the file was saved in a wrong encoding; save it as UTF-8`)},
		{"a word of two scripts that are apart", md, "Nimm", "Likeάρω: nimm", nil},
		{"a claim's date", claims, "27. Mai", "28. Mai", []string{
			claims + `:5: "C-1.answer": the number 27 of the English text is missing`,
			claims + `:5: "C-1.answer": the number 28 does not stand in the English text`,
		}},
		{"a claim in English", claims, "Man kann widersprechen.", "People can object.", at(claims, 3, `"C-1.claim" is left in English`)},
		{"an empty text", bot, "none: \"Keine Antwort.\"", "none: \"\"", at(bot, 2, `"none" is empty`)},
		{"an invisible letter", bot, "Keine", "Kei\u200bne", at(bot, 2, "the text has the invisible character U+200B")},
		{"an unsigned file", bot, "# of: ", "# off: ",
			at(bot, 1, `the line "# of: `+hashOf(translated()["texts/bot/en.yaml"].Data)+`" is missing: sign the file when it has been looked at`)},
	})
}

func TestUnfinishedLanguageLeansOnEnglish(t *testing.T) {
	fsys := translated()
	delete(fsys, "entries/opt-out/de.md")
	delete(fsys, "texts/links/de.yaml")
	change(t, fsys, "texts/bot/de.yaml", "none: \"Keine Antwort.\"\n", "")
	base, faults := kb.Load(fsys, today)
	if base == nil {
		t.Fatalf("got no base:\n%v", faults)
	}
	if got, want := faults.Error(), "entries/opt-out/de.md:1: the file is missing\ntexts/bot/de.yaml:1: \"none\" is missing\ntexts/links/de.yaml:1: the file is missing"; got != want {
		t.Errorf("got faults\n%s\nwant\n%s", got, want)
	}
	de := base.Language("de")
	if got, want := de.Words["none"], "I have no answer."; got != want {
		t.Errorf("got %q for a word that is not there, want %q", got, want)
	}
	if got, want := de.Words["checked"], "Geprüft am {date}."; got != want {
		t.Errorf("got %q for a word that is there, want %q", got, want)
	}
	if got, want := base.Entry("opt-out").Texts["de"].Title, "How do I object?"; got != want {
		t.Errorf("got title %q, want %q", got, want)
	}
	if got, want := base.Links["form"].Texts["de"].Label, "The form"; got != want {
		t.Errorf("got label %q, want %q", got, want)
	}
}

// A wrong figure or link in a translation is never shown: English stands in.
func TestFaultyTranslationIsNotShown(t *testing.T) {
	fsys := translated()
	change(t, fsys, "entries/opt-out/de.md", "Mai 2025", "Mai 2024")
	base, _ := kb.Load(fsys, today)
	if base == nil {
		t.Fatal("got no base, want one")
	}
	e := base.Entry("opt-out")
	if got, want := e.Body("de", today).Short(), "Use the form of 27 May 2025, says Meta."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := e.Texts["de"].Questions; len(got) != 1 || !strings.HasPrefix(got[0], "frage") {
		t.Errorf("got questions %q, want the German one", got)
	}
}

func TestLanguageTable(t *testing.T) {
	runMutations(t, translated, []mutation{
		{"a script", "languages.yaml", "  stem: german", "  script: Latein\n  stem: german", []string{`languages.yaml:6: there is no script "Latein"; write for example Latin, Greek or Cyrillic`}},
		{"a place of Discord", "languages.yaml", "  stem: german", "  discord: xx\n  stem: german", []string{`languages.yaml:6: Discord has no language "xx"; leave discord out if it lacks yours`}},
		{"a fall-back", "languages.yaml", "  stem: german", "  fallback: fr\n  stem: german", []string{`languages.yaml:6: fallback "fr" is no language that stands before this one`}},
	})
	base := mustLoad(t, translated())
	for name, want := range map[string]string{"de": "de", "DE": "de", "de-AT": "de", "de_CH": "de", "en-US": "en", "fr": "", "": "", "-": "", "../de": "", "\xff": ""} {
		got := ""
		if l := base.Speaks(name); l != nil {
			got = l.Code
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestLayOutAndSign(t *testing.T) {
	fsys := small()
	write := func(files []kb.File, err error) int {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			put(fsys, f.Name, string(f.Data))
		}
		return len(files)
	}
	if got, want := write(kb.LayOut(fsys, "sv")), 1+2*2+5; got != want {
		t.Errorf("got %d files, want %d: the table, two an entry, five of texts", got, want)
	}
	if got := write(kb.LayOut(fsys, "sv")); got != 0 {
		t.Errorf("got %d files the second time, want none", got)
	}
	base, faults := kb.Load(fsys, today)
	if base == nil {
		t.Fatalf("got no base:\n%v", faults)
	}
	for _, f := range faults {
		if !f.Gap || !strings.Contains(f.Message, "left in English") && !strings.Contains(f.Message, "no questions") {
			t.Errorf("got fault %v, want only what is left in English", f)
		}
	}
	if l := base.Language("sv"); l.Name != "Svenska" || l.Stem != "swedish" || l.Locale != "sv-SE" {
		t.Errorf("got %+v", l)
	}
	put(fsys, "entries/opt-out/sv.md", "---\r\ntitle: Hur?\r\n---\r\nTa [blanketten](form).\r\n")
	if got := write(kb.Sign(fsys, "sv", []string{"opt-out"})); got != 1 {
		t.Errorf("got %d files signed, want 1", got)
	}
	if got, want := string(fsys["entries/opt-out/sv.md"].Data), "---\ntitle: Hur?\nof: "+hashOf(fsys[text].Data)+"\n---\nTa [blanketten](form).\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	change(t, fsys, text, "Then wait.", "Then wait a month.")
	if got := write(kb.Sign(fsys, "sv", nil)); got != 1 {
		t.Errorf("got %d files signed, want 1", got)
	}
	for _, bad := range []string{"en", "xx1", "Sv", "", "deu", "../x"} {
		if _, err := kb.LayOut(fsys, bad); err == nil {
			t.Errorf("%q was laid out", bad)
		}
	}
	if _, err := kb.Sign(fsys, "fi", nil); err == nil {
		t.Error("a language that is not there was signed")
	}
	if _, err := kb.Sign(fsys, "sv", []string{"nothing"}); err == nil {
		t.Error("an entry that is not there was signed")
	}
}
