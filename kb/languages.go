package kb

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// English is the language that the others are made from.
const English = "en"

// Language is a language that the bot speaks.
type Language struct {
	Code     string            // ISO 639-1, as Telegram names it too
	Name     string            // in the language itself
	Script   string            // that it is written in: Latin, Greek, Cyrillic, …
	Stem     string            // how words are cut to their stems: see Stems
	Spell    map[string]string // what people type for which letters: ue for ü, written u
	Elides   bool              // an apostrophe ends a word: l'IA
	Locale   string            // Discord's name of it; empty where Discord does not have it
	Fallback string            // the language that stands in for what is not translated

	Words     map[string]string
	Section   map[string]string   // titles of sections
	Countries map[string][]string // names of countries, by the code of their authority; the first is shown
	Flow      map[string]Body     // words of the guided ways
	Letter    map[string]string   // the letter and its parts
	Hash      string              // SHA-256 of the files that the language's index is made from

	line int
}

// Stems are the ways in which words can be cut to their stems: Snowball's
// stemmers, the first letters of a word, or none.
var Stems = []string{
	"danish", "dutch", "english", "finnish", "french", "german", "hungarian", "italian", "norwegian", "portuguese", "romanian",
	"russian", "spanish", "swedish", "turkish", "first-4", "first-5", "none",
}

// locales are the languages that Discord knows beside English (Discord API,
// Reference, Locales).
var locales = strings.Fields(`id da de en-GB en-US es-ES es-419 fr hr it lt hu nl no pl pt-BR ro fi sv-SE vi tr cs el bg ru uk hi
	th zh-CN ja zh-TW ko`)

// Speaks gives the language that a person's program names: its code, the name
// that a platform has for it, or either with a country; nil when there is none.
func (b *Base) Speaks(name string) *Language {
	name = strings.ReplaceAll(name, "_", "-")
	short, _, _ := strings.Cut(name, "-")
	for _, want := range []string{name, short} {
		for _, l := range b.Languages {
			locale, _, _ := strings.Cut(l.Locale, "-")
			if want != "" && (strings.EqualFold(want, l.Code) || strings.EqualFold(want, l.Locale) || strings.EqualFold(want, locale)) {
				return l
			}
		}
	}
	return nil
}

// languageRow is the form of a language in languages.yaml.
type languageRow struct {
	Code     place             `yaml:"code"`
	Name     string            `yaml:"name"`
	Script   place             `yaml:"script"`
	Stem     place             `yaml:"stem"`
	Spell    map[string]string `yaml:"spell"`
	Elides   bool              `yaml:"elides"`
	Discord  place             `yaml:"discord"`
	Fallback place             `yaml:"fallback"`
}

const languageFile = "languages.yaml"

func (l *loader) loadLanguages() {
	var rows []languageRow
	if !l.readYAML(languageFile, &rows) {
		return
	}
	for i, r := range rows {
		switch {
		case r.Code.text == "" || r.Name == "":
			l.unread(languageFile, r.Code.line, "language %d needs a code and a name", i+1)
			continue
		case l.base.Language(r.Code.text) != nil:
			l.fault(languageFile, r.Code.line, "language %q stands twice", r.Code.text)
			continue
		case i == 0 && r.Code.text != English:
			l.fault(languageFile, r.Code.line, "the first language is %s, from which the others are made", English)
		}
		lang := l.newLanguage(r)
		l.base.Languages = append(l.base.Languages, lang)
		l.loadText("bot", lang.Code, &lang.Words)
		l.loadText("sections", lang.Code, &lang.Section)
		if l.exists(textFile("countries", lang.Code)) || l.exists(textFile("countries", English)) {
			l.loadText("countries", lang.Code, &lang.Countries)
		}
	}
}

// newLanguage takes a row over and finds what is wrong with it.
func (l *loader) newLanguage(r languageRow) *Language {
	lang := &Language{
		Code: r.Code.text, Name: r.Name, Script: r.Script.text, Stem: r.Stem.text, Spell: r.Spell, Elides: r.Elides,
		Locale: r.Discord.text, Fallback: r.Fallback.text, line: r.Code.line,
	}
	known := func(where place, ok bool, format string, args ...any) {
		if where.line > 0 && !ok {
			l.fault(languageFile, where.line, format, args...)
		}
	}
	tag, err := language.ParseBase(lang.Code)
	known(r.Code, err == nil && len(lang.Code) == 2 && tag.String() == lang.Code, "%q is no code of a language in ISO 639-1: two small letters", lang.Code)
	known(r.Script, unicode.Scripts[lang.Script] != nil, "there is no script %q; write for example Latin, Greek or Cyrillic", lang.Script)
	known(r.Stem, slices.Contains(Stems, lang.Stem), "stem is one of %s, not %q", strings.Join(Stems, ", "), lang.Stem)
	known(r.Discord, slices.Contains(locales, lang.Locale), "Discord has no language %q; leave discord out if it lacks yours", lang.Locale)
	known(r.Fallback, l.base.Language(lang.Fallback) != nil, "fallback %q is no language that stands before this one", lang.Fallback)
	if unicode.Scripts[lang.Script] == nil {
		lang.Script = "Latin"
	}
	if l.base.Language(lang.Fallback) == nil {
		lang.Fallback = English
	}
	return lang
}
