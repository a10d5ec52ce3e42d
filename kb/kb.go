// Package kb holds the knowledge base: the curated entries with their
// questions, links, sources, authorities and claims, and the words that the
// bot says. It loads them from files, checks them, and knows nothing of search
// or of chat platforms.
//
// Everything that the bot can say stands in these files. A folder under
// entries holds one topic; facts that do not depend on the language stand in
// its entry.yaml, and each language adds a text (en.md) and the questions by
// which people ask for it (en.txt). See the files in content for examples.
package kb

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Base is a loaded knowledge base. It is not changed after loading and may be
// read from many goroutines.
type Base struct {
	Entries     []*Entry // answers in the order of their sections, then declines
	Sections    []string // section ids, in menu order
	Central     []string // ids of the answers that most people look for
	Links       map[string]*Link
	Sources     map[string]*Source
	Authorities []*Authority
	Claims      []*Claim
	Languages   []*Language
	Flows       *Flows
	Golden      map[string][]Golden // by language: the questions that are reported on
	Dev         map[string][]Golden // by language: the questions that settings are chosen on
	Hash        string              // SHA-256 of all files, in hexadecimal

	byID  map[string]*Entry
	hosts hosts
	names []string // what may be the same in every language, the longest first
}

// Entry returns the entry with the id, or nil.
func (b *Base) Entry(id string) *Entry { return b.byID[id] }

// Language returns the language with the code, or nil.
func (b *Base) Language(code string) *Language {
	for _, l := range b.Languages {
		if l.Code == code {
			return l
		}
	}
	return nil
}

// Kind says what an entry is for.
type Kind string

// The kinds of entries.
const (
	Answer  Kind = "answer"  // the bot answers such questions
	Decline Kind = "decline" // the bot does not, and says where to ask instead
)

// Entry is one topic: what the bot says about it and how people ask for it.
type Entry struct {
	ID       string
	Kind     Kind
	Section  string
	Services []string // facebook, instagram, …
	Regions  []string // where the answer holds: EU, EEA, CH, UK, US, all
	Links    []string // ids of links, the most useful first
	Sources  []string // ids of sources, the best evidence first
	Related  []string // ids of entries
	Checked  Date     // the day on which people last compared it with its sources
	ReviewBy Date     // the day by which they want to do so again
	Variants []Variant
	Texts    map[string]*Text // by language

	at lines
}

// Variant is a text that holds for a span of days. An entry without variants
// has one text that always holds.
type Variant struct {
	Name  string // part of the file name: en.NAME.md
	From  Date   // first day; zero for the first variant
	Until Date   // last day; zero for the last variant
}

// Text is an entry in one language.
type Text struct {
	Lang      string
	Title     string
	Questions []string // how people ask it
	Hash      string   // of the file's bytes (the first variant's), to see that a translation is older than its English
	Of        string   // the hash of the English text that a translation was made from

	parts map[string]part // by the variant's name; "" where there are no variants
	file  string          // of the first part
	lines []int           // of the questions
}

// part is a file of a text: all of it, or a variant.
type part struct {
	body Body
	file string
	hash string
	of   place
}

// Body returns the text that holds on the day.
func (e *Entry) Body(lang string, day time.Time) Body {
	t := e.Texts[lang]
	if t == nil {
		return nil
	}
	for _, v := range e.Variants {
		if !v.From.after(day) && (v.Until.IsZero() || !v.Until.before(day)) {
			return t.parts[v.Name].body
		}
	}
	return t.parts[""].body
}

// Bodies returns the texts of all variants.
func (t *Text) Bodies() []Body {
	names := make([]string, 0, len(t.parts))
	for name := range t.parts {
		names = append(names, name)
	}
	slices.Sort(names)
	out := make([]Body, len(names))
	for i, name := range names {
		out[i] = t.parts[name].body
	}
	return out
}

// Link is an address that the bot may show.
type Link struct {
	ID         string
	URL        string
	Publisher  string
	Kind       string // form, official-info, regulator, eu-body, court, ngo, consumer, authority
	Regions    string // where it works, in words
	Confidence string // high, medium, low: how sure it is that this is the right page
	Seen       string // when it was last seen, in words
	Texts      map[string]LinkText
}

// LinkText is what a person reads of a link.
type LinkText struct {
	Label string `yaml:"label"` // what opens
	Note  string `yaml:"note"`  // what to know before, if anything
}

// Host is the host name of the link, without "www.".
func (l *Link) Host() string { return hostOf(l.URL) }

// Source is where a statement comes from.
type Source struct {
	ID        string `yaml:"-"`
	Publisher string `yaml:"publisher"` // its name; empty where it has words to translate: see Name
	Title     string `yaml:"title"`     // what it is about
	Date      string `yaml:"date"`      // YYYY, YYYY-MM or YYYY-MM-DD; empty when unknown
	Kind      string `yaml:"kind"`      // official, regulator, court, …
	Link      string `yaml:"link"`      // id of the link to the publisher's own page, if it may be shown
	Evidence  string `yaml:"evidence"`  // where the curators read it; never shown

	names map[string]string // by language, where the publisher's name has words to translate
}

// Name gives the publisher as a person who speaks the language should read it.
func (s *Source) Name(lang string) string { return cmp.Or(s.names[lang], s.Publisher) }

// Authority is the data protection authority of a country or Land.
type Authority struct {
	Code      string   `yaml:"-"` // ISO 3166, with the Land after a hyphen
	Name      string   `yaml:"name"`
	Local     string   `yaml:"local"`     // its name in the language of the country
	Website   string   `yaml:"website"`   // id of a link
	Complaint string   `yaml:"complaint"` // id of a link, or empty
	Languages []string `yaml:"languages"`
	Sources   []string `yaml:"sources"` // of what is said of this authority alone
	Public    bool     `yaml:"public"`  // for public bodies only, not for companies
}

// Claim is a statement that goes round, with what is known of it.
type Claim struct {
	ID      string
	Verdict string // right, partly, disputed, outdated, wrong, unknown
	Entry   string // the entry that answers it
	Sources []string
	Texts   map[string]ClaimText

	line int
}

// ClaimText is a claim in one language.
type ClaimText struct {
	Claim  string   `yaml:"claim"`
	Said   []string `yaml:"said"` // other ways in which people put it
	Answer string   `yaml:"answer"`
}

// Golden is a question for measuring, with the entries that would serve the
// person who asks it, the best first; none when the bot should stay quiet.
type Golden struct {
	Question string   `json:"q"`
	IDs      []string `json:"ids"`
	Kind     string   `json:"kind"`

	line int
}

// Date is a day; the zero Date is no day.
type Date struct{ time.Time }

const dateForm = "2006-01-02"

// String gives the day as YYYY-MM-DD.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(dateForm)
}

func (d Date) after(day time.Time) bool  { return d.String() > day.Format(dateForm) }
func (d Date) before(day time.Time) bool { return d.String() < day.Format(dateForm) }

// lines are the line numbers of an entry.yaml's values, for faults.
type lines map[string]int

// InSection returns the answers of a section, in their order.
func (b *Base) InSection(section string) []*Entry {
	var out []*Entry
	for _, e := range b.Entries {
		if e.Kind == Answer && e.Section == section {
			out = append(out, e)
		}
	}
	return out
}

// AuthorityOf returns the authority for a country or Land code, or nil.
func (b *Base) AuthorityOf(code string) *Authority {
	i := slices.IndexFunc(b.Authorities, func(a *Authority) bool {
		return strings.EqualFold(a.Code, code)
	})
	if i < 0 {
		return nil
	}
	return b.Authorities[i]
}
