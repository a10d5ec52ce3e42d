package bot

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// shelf is a memory in memory.
type shelf struct {
	at  map[Place]Choices
	err error
}

func (s shelf) Recall(_ context.Context, p Place) (Choices, error) { return s.at[p], s.err }
func (s shelf) Remember(_ context.Context, p Place, c Choices) error {
	s.at[p] = c
	return s.err
}
func (s shelf) Forget(_ context.Context, p Place) error {
	delete(s.at, p)
	return s.err
}

func TestChoicesAreKeptByPlace(t *testing.T) {
	b, _ := testBot(t)
	b.Remembers(shelf{at: map[Place]Choices{}})
	here, there := Place{"telegram", "1"}, Place{"discord", "1"}
	if _, err := b.Ask(t.Context(), Question{Text: "/language en", Lang: "xx", Place: here}); err != nil {
		t.Fatal(err)
	}
	if err := b.Choose(t.Context(), here, func(c *Choices) { c.Public = true }); err != nil {
		t.Fatal(err)
	}
	if c, _ := b.Choices(t.Context(), here); c != (Choices{Lang: "en", Public: true}) {
		t.Errorf("got %+v at the place", c)
	}
	if c, _ := b.Choices(t.Context(), there); c != (Choices{}) {
		t.Errorf("got %+v at another place of the same number", c)
	}
	if err := b.Choose(t.Context(), Place{}, func(c *Choices) { c.Public = true }); err != nil {
		t.Fatal(err)
	}
	if c, _ := b.Choices(t.Context(), Place{}); c != (Choices{}) {
		t.Errorf("got %+v nowhere", c)
	}
}

// A memory that is out of order is told of, and the question is answered.
func TestBrokenMemory(t *testing.T) {
	b, _ := testBot(t)
	b.Remembers(shelf{at: map[Place]Choices{}, err: errors.New("disk on fire")})
	at := Place{"telegram", "1"}
	for _, text := range []string{"/deadline", "a question"} {
		r, err := b.Ask(t.Context(), Question{Text: text, Place: at})
		if err == nil || len(r.Blocks) == 0 || strings.Contains(r.Short(), "went wrong") {
			t.Errorf("%s: got %q, error %v; want an answer and an error", text, r.Short(), err)
		}
	}
	r, err := b.Press(t.Context(), Press{Data: state(actLanguage, "", "en"), Place: at})
	if err == nil || len(r.Blocks) == 0 {
		t.Errorf("a press: got %q, error %v", r.Short(), err)
	}
}

func TestChooses(t *testing.T) {
	for text, want := range map[string]bool{
		"/language en": true, " /LANGUAGE@bot en": true, "/language": false, "language en": false, "/ask /language en": false, "": false,
	} {
		if got := (Question{Text: text}).Chooses(); got != want {
			t.Errorf("question %q: got %v, want %v", text, got, want)
		}
	}
	for data, want := range map[string]bool{"1l::en": true, "1e:messenger:en": false, "0l::en": false, "1l": false, "": false} {
		if got := (Press{Data: data}).Chooses(); got != want {
			t.Errorf("press %q: got %v, want %v", data, got, want)
		}
	}
}
