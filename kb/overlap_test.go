package kb_test

import (
	"fmt"
	"strings"
	"testing"

	"optoutbot/kb"
)

func TestQuestionsOfTwoEntries(t *testing.T) {
	// Answers come first, so what is reported stands in the decline's file.
	const other = "entries/no-chat/en.txt"
	for _, tt := range []struct {
		name            string
		answer, decline string
		want            string // the fault, in other at line 2
	}{
		{"other questions", "how do i object to this", "what is the weather like", ""},
		{"the same", "how do i object", "how do i object", `"how do i object" stands under opt-out too`},
		{"the same but for capitals and punctuation", "how don't i object", "How DON’T I object?!", `"How DON’T I object?!" stands under opt-out too`},
		{"the same emoji", "👍👍", "👍👍", `"👍👍" stands under opt-out too`},
		{"other emoji", "👍👍", "👍", ""},
		{
			"one word more", "how do i stop meta from using my old photos please", "how do i stop meta from using my old photos now please",
			`warning: "how do i stop meta from using my old photos now please" is nearly "how do i stop meta from using my old photos please" under opt-out`,
		},
		{
			"one word less", "how do i stop meta from using my photos", "how do i stop meta using my photos",
			`warning: "how do i stop meta using my photos" is nearly "how do i stop meta from using my photos" under opt-out`,
		},
		{
			"another order", "my photos can meta use", "can meta use my photos",
			`warning: "can meta use my photos" is nearly "my photos can meta use" under opt-out`,
		},
		{
			"one word more in six", "can meta use all my photos", "can meta now use all my photos",
			`warning: "can meta now use all my photos" is nearly "can meta use all my photos" under opt-out`,
		},
		{"one word more in four", "can meta use photos", "can meta use my photos", ""},
		{"another word that matters", "how do i object on facebook please", "how do i object on linkedin please", ""},
		{
			"two words more in fourteen", "i wrote to meta last week about the form and they never sent any answer",
			"i wrote to meta last week about the form yesterday and they never sent any answer sadly",
			`warning: "i wrote to meta last week about the form yesterday and they never sent any answer sadly" is nearly "i wrote to meta last week about the form and they never sent any answer" under opt-out`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fsys := small()
			put(fsys, "entries/opt-out/en.txt", "unlike anything else here\n"+tt.answer+"\n")
			put(fsys, other, "hello there\n"+tt.decline+"\n")
			var want []string
			if tt.want != "" {
				want = []string{other + ":2: " + tt.want}
			}
			wantFaults(t, fsys, want...)
		})
	}
}

func TestNearDoublesAreCounted(t *testing.T) {
	fsys := small()
	var answer, decline []string
	for i := range 45 {
		answer = append(answer, fmt.Sprintf("photo%d how do i keep this from meta", i))
		decline = append(decline, fmt.Sprintf("photo%d how do i keep this away from meta", i))
	}
	put(fsys, "entries/opt-out/en.txt", strings.Join(answer, "\n"))
	put(fsys, "entries/no-chat/en.txt", strings.Join(decline, "\n"))
	base, faults := kb.Load(fsys, today)
	if base == nil {
		t.Fatalf("got faults, want warnings only:\n%v", faults.Errors())
	}
	if got, want := len(faults), 41; got != want {
		t.Fatalf("got %d warnings, want %d:\n%v", got, want, faults)
	}
	if got, want := faults[0].String(), "entries:1: warning: 5 more questions are nearly the same as one under another entry"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGoldenQuestionsAreNotLearned(t *testing.T) {
	runMutations(t, small, []mutation{
		{"the same", "golden/en.jsonl", "can i say no", "opt out please", []string{
			`golden/en.jsonl:1: "opt out please" stands among the questions of opt-out: a golden question must not be learned`,
		}},
		{"the same but for capitals and punctuation", "golden/en.jsonl", "best pizza dough", "Tell me a joke!", []string{
			`golden/en.jsonl:2: "Tell me a joke!" stands among the questions of no-chat: a golden question must not be learned`,
		}},
		{"for settings", "golden/en.dev.jsonl", "i refuse", "where is the form?", []string{
			`golden/en.dev.jsonl:1: "where is the form?" stands among the questions of opt-out: a golden question must not be learned`,
		}},
		{"other words", "golden/en.jsonl", "can i say no", "opt out", nil},
		{"in both sets", "golden/en.dev.jsonl", "i refuse", "Can I say no?", []string{
			`golden/en.dev.jsonl:1: "Can I say no?" stands in golden/en.jsonl too: settings must not be chosen on what is reported`,
		}},
	})
}
