package bot

import (
	"context"
	"slices"
	"strings"
	"testing"
)

type kept struct{ got []string }

func (k *kept) KeepUnanswered(_ context.Context, lang, words string) error {
	k.got = append(k.got, lang+": "+words)
	return nil
}

// Of a question that found nothing, nothing is kept that may point to a person.
func TestUnansweredIsStripped(t *testing.T) {
	b, _ := testBot(t)
	var k kept
	b.Misses(&k)
	for _, text := range []string{
		"Does Meta show my posts to Zbigniew Brzeczyszczykiewicz?",
		"write to me: anna.schmidt@example.org or call 0171 2345678, my posts please",
		"my account is @annaschmidt99 and https://facebook.com/annaschmidt99 are my posts",
		"Xyzzyplugh",
		"my " + strings.Repeat("posts ", 100),
		"/ask is my qwertzuiop public",
	} {
		if _, err := b.Ask(t.Context(), Question{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"en: does meta show my posts to ·",
		"en: write to me · or call · my posts please",
		"en: my account is · and · are my posts",
		"en: my " + strings.TrimSuffix(strings.Repeat("posts ", 33), " "),
		"en: is my · public",
	}
	if !slices.Equal(k.got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(k.got, "\n"), strings.Join(want, "\n"))
	}
}

// Nothing is kept of what was answered, declined or is in another language.
func TestOnlyUnansweredIsKept(t *testing.T) {
	b, _ := testBot(t)
	var k kept
	b.Misses(&k)
	for _, text := range []string{"/deadline", "/topics", "/check something odd"} {
		if _, err := b.Ask(t.Context(), Question{Text: text}); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.got) > 0 {
		t.Errorf("kept %q", k.got)
	}
}
