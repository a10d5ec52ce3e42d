package kb

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
)

// Whatever marks a language puts between the groups of a number, it is the same
// number.
func TestNumbersAreReadInEveryForm(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 500 {
		n := rng.IntN(1_000_000_000)
		want := strconv.Itoa(n)
		for _, mark := range []string{"", ".", ",", " ", "'", "’", "\u00a0", "\u202f"} {
			text := fmt.Sprintf("etwa %s Leute", grouped(want, mark))
			if got := numbersIn(text); len(got) != 1 || !got[want] {
				t.Fatalf("%q: got %v, want %s", text, got, want)
			}
		}
	}
	for text, want := range map[string]string{"4,5 %": "4.5", "4.5 %": "4.5", "1er octobre": "1", "27.": "27", "(2025)": "2025"} {
		if got := numbersIn(text); len(got) != 1 || !got[want] {
			t.Errorf("%q: got %v, want %s", text, got, want)
		}
	}
	if got := numbersIn("27 2025, 3"); len(got) != 3 {
		t.Errorf("got %v, want three numbers", got)
	}
}

func grouped(digits, mark string) string {
	out := ""
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out += mark
		}
		out += string(d)
	}
	return out
}

func FuzzTranslationChecks(f *testing.F) {
	f.Add("27 May 2025", "27. Mai 2025")
	f.Add("1 500 000,5", "Ã¼Ã¼ Fаcebook")
	f.Add("\xff {x}", "")
	f.Fuzz(func(t *testing.T, a, b string) {
		l := &loader{base: &Base{names: []string{"Meta", "AI"}}, bad: map[string]bool{}}
		if got := l.differences("de", a, a); got != nil {
			t.Errorf("%q differs from itself: %v", a, got)
		}
		if len(l.differences("de", a, b)) == 0 != (len(l.differences("de", b, a)) == 0) {
			t.Errorf("%q and %q differ one way only", a, b)
		}
		if a != b && l.isLeft(a, b) && l.isLeft(b, a) != l.isLeft(a, b) {
			t.Errorf("%q and %q: left one way only", a, b)
		}
		l.checkLetters("x", 1, a, b)
	})
}
