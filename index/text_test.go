package index

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"plain", "Does Meta read my chats?", []string{"does", "meta", "read", "my", "chats"}},
		{"apostrophes", "don't can’t won`t", []string{"dont", "cant", "wont"}},
		{"accents", "Ça marche, Müller? Łódź straße", []string{"ca", "marche", "muller", "lodz", "strasse"}},
		{"Greek final sigma", "Μεσσένγκερ λόγος", []string{"μεσσενγκερ", "λογοσ"}},
		{"zero width and overrides", "mess\u200beng\u00ader \u202eevil\u202c", []string{"messenger", "evil"}},
		{"full width", "ｆａｃｅｂｏｏｋ", []string{"facebook"}},
		{"letters again and again", "sooooo gooood", []string{"soo", "good"}},
		{"stacked accents", "a" + strings.Repeat("\u0301", 500) + "b", []string{"ab"}},
		{"emoji only", "🔥🔥🔥", nil},
		{"empty", "   ", nil},
		{"not UTF-8", "ok\xff\xfeok", []string{"okok"}},
		{"code", "SELECT * FROM users;", []string{"select", "from", "users"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := words(tt.text); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{"hello world", "\xff", strings.Repeat("x", 100_000), strings.Repeat("é ", 10_000), "ﷺ\u0300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := words(text)
		if len(got) > maxWords {
			t.Fatalf("got %d words", len(got))
		}
		for _, w := range got {
			if w == "" || utf8.RuneCountInString(w) > maxWordRunes || !utf8.ValidString(w) {
				t.Fatalf("word %q of %q", w, text)
			}
			if strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				t.Fatalf("word %q has something besides letters and digits", w)
			}
		}
		if again := words(strings.Join(got, " ")); len(again) != len(got) {
			t.Fatalf("words of words differ: %q, %q", got, again)
		}
	})
}
