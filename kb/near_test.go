package kb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// The shortcut by rare words finds the near doubles that comparing every pair
// finds.
func TestWarnNearFindsAll(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	found := 0
	for range 300 {
		all := randomQuestions(rnd)
		l := &loader{}
		l.warnNear(English, all)
		var got, want []int
		for _, f := range l.faults {
			got = append(got, f.Line)
		}
		for i, a := range all {
			if slices.ContainsFunc(all[:i], func(b asked) bool { return isNear(a, b) }) {
				want = append(want, a.line)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got near doubles at %v, want %v of\n%v", got, want, all)
		}
		found += len(want)
	}
	if found < 300 {
		t.Errorf("got %d near doubles in all, want enough to tell", found)
	}
}

func isNear(a, b asked) bool {
	return a.entry != b.entry && min(len(a.set), len(b.set)) >= nearWords && share(a.set, b.set) >= nearShare
}

// randomQuestions gives 40 questions of two entries, half of them made from
// others by a word more, less or changed here and there.
func randomQuestions(rnd *rand.Rand) []asked {
	entries := []*Entry{{ID: "a"}, {ID: "b"}}
	var all []asked
	for i := range 40 {
		var ws []string
		if i%2 == 0 {
			for range 3 + rnd.IntN(25) {
				ws = append(ws, fmt.Sprintf("w%d", rnd.IntN(60)))
			}
		} else {
			ws = slices.Clone(all[rnd.IntN(len(all))].set)
			for range 1 + rnd.IntN(3) {
				at := rnd.IntN(len(ws))
				ws = slices.Replace(ws, at, at+rnd.IntN(2), fmt.Sprintf("w%d", rnd.IntN(60)))
			}
		}
		q := strings.Join(ws, " ")
		all = append(all, asked{entry: entries[rnd.IntN(2)], text: q, line: i + 1, set: setOf(plainWords(q))})
	}
	return all
}

func TestShare(t *testing.T) {
	for _, tt := range []struct {
		name, a, b string
		want       float64
	}{
		{"the same", "a b c", "c b a", 1},
		{"twice the same word", "a b b", "a b", 1},
		{"nothing", "a b", "c d", 0},
		{"half", "a b c", "b c d", 0.5},
		{"capitals and apostrophes", "Don't ask", "dont ASK", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := share(setOf(plainWords(tt.a)), setOf(plainWords(tt.b))); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestUTF16Len(t *testing.T) {
	for _, tt := range []struct {
		text string
		want int
	}{{"", 0}, {"abc", 3}, {"ü–", 2}, {"😀", 2}, {"👨‍👩‍👧", 8}} {
		if got := utf16Len(tt.text); got != tt.want {
			t.Errorf("%q: got %d, want %d", tt.text, got, tt.want)
		}
	}
}

func TestDate(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 11, 22, hour, 0, 0, 0, time.UTC) }
	d := Date{at(0)}
	for _, hour := range []int{0, 23} {
		if d.before(at(hour)) || d.after(at(hour)) {
			t.Errorf("got %s before or after its own day at %d o'clock, want neither", d, hour)
		}
	}
	if !d.before(at(24)) || !d.after(at(-1)) {
		t.Errorf("got %s not before the next day or not after the last, want both", d)
	}
	if got := (Date{}).String(); got != "" {
		t.Errorf("got %q for no day, want nothing", got)
	}
}
