package index_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"optoutbot/index"
	"optoutbot/kb"
)

// asked are questions in four languages for two of the entries.
var asked = map[string]map[string][]string{
	"de": {
		"messenger": {"liest Meta meine Nachrichten im Messenger?", "werden private Chats für die KI benutzt", "sind meine Nachrichten sicher", "messenger nachrichten ki"},
		"deadline":  {"bis wann kann ich widersprechen?", "wann läuft die Frist für den Widerspruch ab", "gibt es eine Frist", "frist widerspruch"},
	},
	"fr": {
		"messenger": {"est-ce que Meta lit mes messages privés ?", "mes conversations Messenger servent-elles à l'IA", "mes messages sont-ils protégés", "messages privés ia"},
		"deadline":  {"jusqu'à quand puis-je m'opposer ?", "quelle est la date limite pour l'opposition", "y a-t-il un délai", "date limite opposition"},
	},
	"pl": {
		"messenger": {"czy Meta czyta moje wiadomości?", "czy prywatne rozmowy na Messengerze trafiają do AI", "czy moje wiadomości są bezpieczne", "wiadomości messenger ai"},
		"deadline":  {"do kiedy mogę złożyć sprzeciw?", "kiedy mija termin na sprzeciw", "czy jest jakiś termin", "termin sprzeciwu"},
	},
	"el": {
		"messenger": {"διαβάζει η Meta τα μηνύματά μου;", "χρησιμοποιούνται οι συνομιλίες στο Messenger για την τεχνητή νοημοσύνη", "diavazei i meta ta minimata mou", "μηνύματα messenger"},
		"deadline":  {"μέχρι πότε μπορώ να υποβάλω αντίρρηση;", "πότε λήγει η προθεσμία", "mexri pote mporo na kano antirrisi", "προθεσμία αντίρρησης"},
	},
}

var rows = []*kb.Language{
	{Code: "de", Script: "Latin", Stem: "german", Spell: map[string]string{"ue": "u", "ae": "a", "oe": "o"}},
	{Code: "fr", Script: "Latin", Stem: "french", Elides: true},
	{Code: "pl", Script: "Latin", Stem: "first-5"},
	{Code: "el", Script: "Greek", Stem: "first-5", Elides: true, Spell: map[string]string{
		"ου": "u", "αι": "e", "ει": "i", "οι": "i", "η": "i", "ι": "i", "υ": "i", "ω": "o", "ο": "o", "α": "a", "ε": "e", "μ": "m", "ν": "n", "τ": "t",
		"ρ": "r", "σ": "s", "π": "p", "δ": "d", "ζ": "z", "β": "v", "χ": "h", "x": "h", "w": "o", "ou": "u", "b": "v",
	}},
}

// many is the small base in five languages.
func many(t testing.TB) *index.Index {
	t.Helper()
	base := small(t)
	for _, row := range rows {
		lang := *row
		lang.Hash = "small" + lang.Code
		base.Languages = append(base.Languages, &lang)
		for _, e := range base.Entries {
			e.Texts[lang.Code] = e.Texts["en"]
			if questions := asked[lang.Code][e.ID]; questions != nil {
				e.Texts[lang.Code] = &kb.Text{Lang: lang.Code, Title: questions[0], Questions: questions[1:]}
			}
		}
		for _, c := range base.Claims {
			c.Texts[lang.Code] = c.Texts["en"]
		}
	}
	ix, err := index.Cached(context.Background(), base, t.TempDir(), nil, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ix.Close() })
	return ix
}

func TestFindSpeaksTheQuestionsLanguage(t *testing.T) {
	ix := many(t)
	for _, tt := range []struct{ name, text, hint, lang, entry string }{
		{"German", "liest meta nachrichten im messenger", "", "de", "messenger"},
		{"German, the program is English", "werden private Nachrichten für die KI benutzt?", "en", "de", ""},
		{"German typed without umlauts", "werden private nachrichten fuer die ki benutzt", "en", "de", ""},
		{"French with its accents", "est-ce que l'IA lit mes messages privés ?", "", "fr", "messenger"},
		{"French without", "mes messages prives sont-ils proteges", "en-US", "fr", "messenger"},
		{"Polish", "czy meta czyta wiadomości", "de", "pl", "messenger"},
		{"Polish without accents", "czy meta czyta moje wiadomosci", "en", "pl", "messenger"},
		{"Greek", "διαβάζει η meta τα μηνύματα", "en", "el", "messenger"},
		{"Greek without accents", "διαβαζει η meta τα μηνυματα μου", "", "el", "messenger"},
		{"Greek in Latin letters", "diavazei i meta ta minimata", "en", "el", "messenger"},
		{"Greek in capitals", "ΔΙΑΒΑΖΕΙ Η META ΤΑ ΜΗΝΥΜΑΤΑ", "", "el", "messenger"},
		{"English words among German ones", "liest Meta meine Messenger chats und private Nachrichten? opt-out", "", "de", "messenger"},
		{"English", "does meta read my messenger chats", "pl", "en", "messenger"},
		{"nothing that tells, the hint decides", "☺ 2025", "pl-PL", "pl", ""},
		{"a hint that is none", "does meta read my messenger chats", "../../etc", "en", "messenger"},
		{"look-alike letters", "liest Mеtа meine Nаchrichten im Mеssеnger", "", "de", "messenger"},
		{"a script that is not there", "читает ли мета мои сообщения", "pl", "pl", ""},
		{"nothing", "", "fr", "fr", ""},
		{"no letters", "?? 12 !!", "el", "el", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, err := ix.Find(context.Background(), tt.text, tt.hint)
			if err != nil {
				t.Fatal(err)
			}
			if r.Lang != tt.lang {
				t.Errorf("got language %s, want %s", r.Lang, tt.lang)
			}
			if tt.entry != "" && (len(r.Matches) == 0 || r.Matches[0].ID != tt.entry) {
				t.Errorf("got %+v, want %s first", r.Matches, tt.entry)
			}
		})
	}
	if r, _ := ix.Find(context.Background(), "читает ли мета мои сообщения", ""); !r.Foreign {
		t.Error("a script that no language has was not seen as foreign")
	}
}

// TestLanguagesOfTheContent asks every language of the shipped content how it
// takes its own answers, which are longer than any question: nearly all must be
// taken for what they are, with and without accents.
func TestLanguagesOfTheContent(t *testing.T) {
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		t.Fatal(faults)
	}
	base.Languages = slices.DeleteFunc(base.Languages, func(l *kb.Language) bool { // not finished: English stands in
		return slices.ContainsFunc(base.Entries, func(e *kb.Entry) bool { return e.Texts[l.Code].Lang != l.Code })
	})
	if len(base.Languages) == 1 {
		return // there is nothing to tell apart
	}
	for _, e := range base.Entries { // few questions, so that it is built in a moment
		for code, text := range e.Texts {
			few := *text
			few.Questions = few.Questions[:min(20, len(few.Questions))]
			e.Texts[code] = &few
		}
	}
	for _, l := range base.Languages {
		l.Hash = "few"
	}
	dir := filepath.Join(t.TempDir(), "ix")
	if err := index.Build(context.Background(), base, dir, nil); err != nil {
		t.Fatal(err)
	}
	ix, err := index.Open(base, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ix.Close() }()
	for _, l := range base.Languages {
		all, right := 0, 0
		for _, e := range base.Entries {
			if e.Texts[l.Code].Lang != l.Code {
				continue
			}
			short := e.Body(l.Code, time.Now()).Short()
			for _, text := range []string{short, index.WithoutAccents(short)} {
				if all++; ix.Guess(text, "") == l.Code {
					right++
				}
			}
		}
		if float64(right) < 0.97*float64(all) {
			t.Errorf("%s: got %d of %d answers taken for what they are, want 97 %%", l.Code, right, all)
		}
	}
}

func FuzzGuess(f *testing.F) {
	ix := many(f)
	for _, s := range []string{"liest Meta", "", "\xff\xfe", "ΑΒΓ abc абв", strings.Repeat("ä", 5000), "a\u0301\u0301\u0301", "Ⅷ ９ ﬁ", "\u202eabc", "'’ʼ"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, text, hint string) {
		got := ix.Guess(text, hint)
		if !strings.Contains("en de fr pl el", got) || len(got) != 2 {
			t.Errorf("%q: got language %q", text, got)
		}
		if again := ix.Guess(text, hint); again != got {
			t.Errorf("%q: got %q, then %q", text, got, again)
		}
		if bare := index.WithoutAccents(text); utf8.ValidString(text) && !utf8.ValidString(bare) {
			t.Errorf("%q without accents is not UTF-8", text)
		}
	})
}
