package bot_test

import (
	"slices"
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/kb"
)

// Every authority that takes complaints about companies can be reached, with
// its name in its own language, its website and its complaint page.
func TestEveryAuthority(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	shown := explore(t, b, base)
	for _, a := range base.Authorities {
		r, ok := shown[way("authority/"+a.Code, "en")]
		if ok == a.Public {
			t.Errorf("%s can be reached: %v", a.Code, ok)
		}
		if a.Public {
			continue
		}
		var links []string
		for _, l := range r.Links {
			links = append(links, l.ID)
		}
		want := []string{a.Website}
		if a.Complaint != "" {
			want = []string{a.Complaint, a.Website}
		}
		text := kb.Body(r.Blocks).Text()
		if !slices.Equal(links[:len(want)], want) || !strings.Contains(text, a.Local) || len(r.Sources) == 0 {
			t.Errorf("%s: got links %v and\n%s", a.Code, links, text)
		}
		if strings.ContainsAny(text, "{}") || a.Complaint == "" != strings.Contains(text, "no address of its complaint form") {
			t.Errorf("%s: got\n%s", a.Code, text)
		}
	}
}

func TestAuthorityByTyping(t *testing.T) {
	b := newBot(t, canned{})
	for text, title := range map[string]string{
		"austria":                 "Austria",
		"AUSTRIA!":                "Austria",
		"in the Czech Republic":   "Czechia",
		"at":                      "Austria",
		"uk":                      "United Kingdom",
		"Österreich":              "Austria",
		"Deutschland":             "Germany",
		"Polska":                  "Poland",
		"Ελλάδα":                  "Greece",
		"Suomi":                   "Finland",
		"Saxony-Anhalt":           "Saxony-Anhalt",
		"Lower Saxony":            "Lower Saxony",
		"Saxony":                  "Saxony",
		"I live in Berlin":        "Berlin",
		"Bavaria":                 "Bavaria",
		"Bavaria (public bodies)": "Bavaria",
		"Atlantis":                "Your data protection authority",
		"!?":                      "Your data protection authority",
		"@everyone <b>":           "Your data protection authority",
	} {
		r, err := b.Ask(t.Context(), bot.Question{Text: "/authority " + text})
		if err != nil {
			t.Fatal(err)
		}
		if r.Title != title {
			t.Errorf("/authority %s: got %q, want %q", text, r.Title, title)
		}
		if unknown := strings.Contains(r.Short(), "no data protection authority by that name"); unknown != strings.HasPrefix(title, "Your") {
			t.Errorf("/authority %s: says that it knows none: %v", text, unknown)
		}
	}
}

// The countries stand in the order of the alphabet, a page at a time, and what
// is known of a country's law is said of that country alone.
func TestCountries(t *testing.T) {
	b := newBot(t, canned{})
	var names []string
	for at := way("authority", "en"); at != ""; {
		r := mustPress(t, b, at, "")
		at = ""
		for _, x := range r.Rows[0].Buttons {
			names = append(names, x.Label)
		}
		for _, x := range buttons(r)[len(r.Rows[0].Buttons):] {
			if x.Label == "More countries" {
				at = x.Data
			}
		}
	}
	if len(names) != 32 || !slices.IsSorted(names) {
		t.Errorf("got %d countries %v, want 32 in order", len(names), names)
	}
	for code, says := range map[string]string{"GB": "then go to the ICO", "CH": "Swiss law is another", "IE": "Article 77(1) GDPR", "DE": "the authority of your Land"} {
		for _, other := range []string{"GB", "CH", "IE", "DE"} {
			text := kb.Body(mustPress(t, b, way("authority/"+other, "en"), "").Blocks).Text()
			if has := strings.Contains(text, says); has != (code == other || code == "IE" && other == "DE") {
				t.Errorf("%s says %q: %v", other, says, has)
			}
		}
	}
}
