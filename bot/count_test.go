package bot

import (
	"slices"
	"testing"
)

type tally struct{ got []Event }

func (c *tally) Count(e Event) { c.got = append(c.got, e) }

func TestCounts(t *testing.T) {
	b, _ := testBot(t)
	var c tally
	b.Counts(&c)
	at := Place{Platform: "telegram", ID: "7"}
	for _, text := range []string{"/ask nothing that is there", "/deadline"} {
		if _, err := b.Ask(t.Context(), Question{Text: text, Place: at}); err != nil {
			t.Fatal(err)
		}
	}
	for _, data := range []string{"1e:messenger:en", "1h:messenger:en", "1n:messenger:en", "1t::en", "1h:was-removed:en", "junk"} {
		if _, err := b.Press(t.Context(), Press{Data: data, Place: at}); err != nil {
			t.Fatal(err)
		}
	}
	want := []Event{
		{"telegram", "en", "", Unanswered},
		{"telegram", "en", "deadline", Answered},
		{"telegram", "en", "messenger", Opened},
		{"telegram", "en", "messenger", Helped},
		{"telegram", "en", "messenger", NotHelped},
	}
	if !slices.Equal(c.got, want) {
		t.Errorf("got\n%v\nwant\n%v", c.got, want)
	}
}
