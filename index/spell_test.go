package index

import (
	"slices"
	"testing"
)

func TestOneEdit(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"facebok", "facebook", true}, {"facebookk", "facebook", true}, {"facebock", "facebook", true}, {"faecbook", "facebook", true},
		{"facebook", "facebook", false}, {"fcebok", "facebook", false}, {"acebook", "facebook", false}, {"μυνημα", "μηνυμα", false},
		{"μηνμα", "μηνυμα", true}, {"", "a", false}, {"ab", "ba", false},
	}
	for _, tt := range tests {
		if got := oneEdit(tt.a, tt.b); got != tt.want {
			t.Errorf("oneEdit(%q, %q): got %v, want %v", tt.a, tt.b, got, tt.want)
		}
		if tt.a != "" && oneEdit(tt.b, tt.a) != tt.want {
			t.Errorf("oneEdit(%q, %q) differs the other way round", tt.b, tt.a)
		}
	}
}

func TestCorrect(t *testing.T) {
	e := toyEngine(t, toy())
	tests := []struct {
		name     string
		in, want []string
	}{
		{"known words stay", []string{"the", "train", "to", "paris"}, []string{"the", "train", "to", "paris"}},
		{"a letter missing, swapped, added, wrong", []string{"umbrela", "trian", "weatherr", "hamstar"}, []string{"umbrella", "train", "weatherr", "hamster"}},
		{"too short", []string{"ct", "dg"}, []string{"ct", "dg"}},
		{"nothing near", []string{"zebra", "quartz"}, []string{"zebra", "quartz"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := slices.Clone(tt.in)
			if got := e.correct(in); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if !slices.Equal(in, tt.in) {
				t.Errorf("the question itself was changed to %q", in)
			}
		})
	}
}

// TestNearFindsWhatComparingFinds compares the table with a look at every word.
func TestNearFindsWhatComparingFinds(t *testing.T) {
	e := toyEngine(t, toy())
	var known []string
	for n := range len(e.speller.start) - 1 {
		known = append(known, string(e.speller.text[e.speller.start[n]:e.speller.start[n+1]]))
	}
	for _, w := range known {
		for i := 1; i < len(w); i++ {
			for _, typed := range []string{w[:i] + w[i+1:], w[:i] + "q" + w[i:], w[:i] + "q" + w[i+1:]} {
				slow := slices.ContainsFunc(known, func(k string) bool { return oneEdit(typed, k) })
				if fast := e.speller.near(typed, e.ranker.vocab); (fast != "") != slow || slow && !oneEdit(typed, fast) {
					t.Fatalf("%q: got %q, comparing every word says %v", typed, fast, slow)
				}
			}
		}
	}
}
