package bot

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"optoutbot/kb"
)

// Codes of countries that the program knows something of.
const (
	germany       = "DE"
	unitedKingdom = "GB"
	switzerland   = "CH"
)

// authority shows the countries, a page at a time, or the authority of one.
// After the path stands the page, "p2", or the code of a country or Land.
func (b *Bot) authority(t trip) (Reply, bool) {
	if len(t.rest) == 0 {
		return b.countries(t, 1), true
	}
	if len(t.rest) > 1 {
		return Reply{}, false
	}
	if number, ok := strings.CutPrefix(t.rest[0], "p"); ok {
		page, err := strconv.Atoi(number)
		if err != nil || page < 1 || (page-1)*perPage >= len(b.list("", t.lang)) {
			return Reply{}, false
		}
		return b.countries(t, page), true
	}
	a := b.base.AuthorityOf(t.rest[0])
	if a == nil || a.Public || a.Code != t.rest[0] {
		return Reply{}, false
	}
	return b.oneAuthority(t, a), true
}

// countries asks for the country.
func (b *Bot) countries(t trip, page int) Reply {
	r := b.question(t)
	list := b.list("", t.lang)
	r.Rows = []Row{b.choices(t, list[(page-1)*perPage:min(page*perPage, len(list))])}
	if page*perPage < len(list) {
		r.Rows = append(r.Rows, Row{Buttons: []Button{t.button(t.lang.Say("authority-more"), b.pagePath(t, page+1))}})
	}
	back := ""
	if page > 1 {
		back = b.pagePath(t, page-1)
	}
	r.Rows = append(r.Rows, b.ways(t, back))
	return r
}

func (b *Bot) pagePath(t trip, page int) string {
	if page == 1 {
		return t.path
	}
	return t.path + "/p" + strconv.Itoa(page)
}

func (b *Bot) choices(t trip, list []*kb.Authority) Row {
	var row Row
	for _, a := range list {
		row.Buttons = append(row.Buttons, t.button(placeName(a, t.lang), t.path+"/"+a.Code))
	}
	return row
}

// list gives the authorities of countries, or of the Länder of a country, that
// take complaints about companies, in the order of the language's alphabet.
func (b *Bot) list(country string, lang *kb.Language) []*kb.Authority {
	var out []*kb.Authority
	for _, a := range b.base.Authorities {
		of, _, land := strings.Cut(a.Code, "-")
		if !a.Public && land == (country != "") && (country == "" || of == country) {
			out = append(out, a)
		}
	}
	order := collate.New(language.Make(lang.Code))
	slices.SortStableFunc(out, func(x, y *kb.Authority) int {
		return order.CompareString(placeName(x, lang), placeName(y, lang))
	})
	return out
}

// placeName is the name of an authority's country or Land.
func placeName(a *kb.Authority, lang *kb.Language) string {
	if names := lang.Countries[a.Code]; len(names) > 0 {
		return names[0]
	}
	return a.Name
}

// oneAuthority shows an authority, and for Germany those of the Länder.
func (b *Bot) oneAuthority(t trip, a *kb.Authority) Reply {
	country, _, land := strings.Cut(a.Code, "-")
	name := a.Local
	if !land && !strings.HasPrefix(a.Local, a.Name) {
		name += " (" + a.Name + ")"
	}
	keys := []string{"authority-name", "authority-languages"}
	links := []string{a.Website}
	if a.Complaint != "" {
		links = []string{a.Complaint, a.Website}
	} else {
		keys = append(keys, "authority-no-page")
	}
	law := map[string]string{unitedKingdom: "authority-law-gb", switzerland: "authority-law-ch"}[country]
	keys = append(keys, firstOf(law, "authority-law"))
	if a.Code == germany {
		keys = append([]string{"authority-de"}, keys...)
	}
	r := b.end(t)
	r.Title = placeName(a, t.lang)
	r.Blocks = fillBlocks(t.says(keys...), "{name}", name, "{languages}", languageNames(a.Languages, t.lang))
	r.Links = b.links(append(links, t.step.Links...), t.lang)
	r.Sources = append(b.sources(a.Sources, t.lang), r.Sources...)
	back := b.pageOf(t, a)
	if land {
		back = t.path + "/" + country
	}
	if lands := b.list(a.Code, t.lang); len(lands) > 0 && !land {
		r.Rows = append([]Row{b.choices(t, lands)}, r.Rows...)
	}
	r.Rows[len(r.Rows)-1] = b.ways(t, back)
	return r
}

// pageOf is the path of the page on which a country stands.
func (b *Bot) pageOf(t trip, a *kb.Authority) string {
	return b.pagePath(t, max(0, slices.Index(b.list("", t.lang), a))/perPage+1)
}

// languageNames names languages in a language.
func languageNames(codes []string, lang *kb.Language) string {
	names := make([]string, len(codes))
	in := display.Languages(language.Make(lang.Code))
	for i, c := range codes {
		names[i] = in.Name(language.Make(c))
	}
	return strings.Join(names, ", ")
}

// authorityFor answers "/authority austria".
func (b *Bot) authorityFor(text string, door *kb.Door, lang *kb.Language) Reply {
	t := trip{lang: lang, door: door, step: door.Start, path: door.ID}
	if a := b.authorityNamed(text, append([]*kb.Language{lang}, b.base.Languages...)); a != nil {
		return b.oneAuthority(t, a)
	}
	r := b.countries(t, 1)
	r.Links = b.links(append([]string{t.step.Form}, t.step.Links...), lang)
	r.Blocks = t.says("authority-unknown")
	return r
}

// authorityNamed finds the authority of the country or Land that a text names:
// by its code, by its names in the languages, the longest first, or by the name
// that it has in its own.
func (b *Bot) authorityNamed(text string, languages []*kb.Language) *kb.Authority {
	if a := b.base.AuthorityOf(strings.TrimSpace(text)); a != nil && !a.Public {
		return a
	}
	words := inWords(text)
	for _, l := range languages {
		if a := b.authorityBy(words, func(a *kb.Authority) []string { return l.Countries[a.Code] }); a != nil {
			return a
		}
	}
	return b.authorityBy(words, ownNames)
}

// authorityBy gives the authority whose longest name stands among the words.
func (b *Bot) authorityBy(words string, names func(*kb.Authority) []string) *kb.Authority {
	var found *kb.Authority
	longest := 0
	for _, a := range b.base.Authorities {
		for _, name := range names(a) {
			if n := inWords(name); !a.Public && hasWords(name) && len(n) > longest && strings.Contains(words, n) {
				found, longest = a, len(n)
			}
		}
	}
	return found
}

// inWords is a text as lower-case words with spaces around each.
func inWords(text string) string { return " " + strings.Join(plainWords(text), " ") + " " }

// ownNames are the names of a country in the languages of its authority.
func ownNames(a *kb.Authority) []string {
	region, err := language.ParseRegion(a.Code)
	if err != nil {
		return nil
	}
	var names []string
	for _, code := range a.Languages {
		if in := display.Regions(language.Make(code)); in != nil {
			names = append(names, in.Name(region))
		}
	}
	return names
}
