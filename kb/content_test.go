package kb_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"optoutbot/kb"
)

// topics are the answers that the bot is meant to have.
var topics = strings.Fields(`
	data-used data-photos-videos data-profile data-groups-pages data-reviews data-private-posts data-old-posts
	data-deleted data-minors messenger whatsapp threads ai-chats third-party-data business-accounts opt-out-how
	opt-out-facebook opt-out-instagram opt-out-both opt-out-no-account opt-out-third-party opt-out-reason
	opt-out-confirmation opt-out-rejected opt-out-form-missing opt-out-undo opt-out-effect opt-out-child
	opt-out-copy-paste exceptions deadline deadline-missed notification phishing timeline-2024 legal-basis
	edpb-opinion dpc noyb court-rulings rights data-sharing data-security region-eu region-uk region-us region-other
	why no-action meta-ai-off ads about-bot opt-out-again go-private ai-in-chats camera-roll sensitive-data
	creators-copyright likeness compensation which-ai ads-chats devices dma-dsa ai-search meta-ai-app-feed`)

func TestContent(t *testing.T) {
	base := mustLoad(t, kb.Content())
	t.Run("entries", func(t *testing.T) { testEntries(t, base) })
	t.Run("texts", func(t *testing.T) { testTexts(t, base) })
	t.Run("claims", func(t *testing.T) { testClaims(t, base) })
	t.Run("golden", func(t *testing.T) { testGolden(t, base) })
	t.Run("embedded", func(t *testing.T) {
		embedded, faults := kb.Embedded(today)
		if len(faults) > 0 {
			t.Fatalf("got faults, want none:\n%v", faults)
		}
		if got, want := embedded.Hash, base.Hash; got != want {
			t.Errorf("got hash %s, want %s, that of Load", got, want)
		}
		if got, want := len(embedded.Entries), len(base.Entries); got != want {
			t.Errorf("got %d entries, want %d as by Load", got, want)
		}
	})
}

func testEntries(t *testing.T, base *kb.Base) {
	var answers []string
	declines := 0
	for _, e := range base.Entries {
		if e.Kind == kb.Answer {
			answers = append(answers, e.ID)
		} else {
			declines++
		}
		for lang, text := range e.Texts {
			if text.Lang != lang {
				t.Errorf("%s is not translated to %s", e.ID, lang)
			}
			if got, want := len(text.Questions), leastQuestions[lang == kb.English]; got < want {
				t.Errorf("%s %s: got %d questions, want at least %d", e.ID, lang, got, want)
			}
		}
	}
	want := slices.Clone(topics)
	slices.Sort(want)
	slices.Sort(answers)
	if !slices.Equal(answers, want) {
		t.Errorf("got answers %v, want %v", answers, want)
	}
	if got, want := len(answers), 66; got != want {
		t.Errorf("got %d answers, want %d", got, want)
	}
	if got, want := declines, 16; got < want {
		t.Errorf("got %d declines, want at least %d", got, want)
	}
}

// leastQuestions are how many questions an entry has at least: in English, and
// in the languages that are made from it; likewise the golden questions of an
// answer, and those that find nothing.
var (
	leastQuestions = map[bool]int{true: 100, false: 60}
	leastGolden    = map[bool]int{true: 6, false: 4}
	leastNothing   = map[bool]int{true: 200, false: 60}
)

// notSaid is what no text may say: addresses stand in links only, and where the
// curators read things is nobody's business.
var notSaid = regexp.MustCompile(`(?i)http|TODO|\bseeds?\b|VERIFIED HERE`)

func testTexts(t *testing.T, base *kb.Base) {
	check := func(where, text string) {
		t.Helper()
		if got := notSaid.FindString(text); got != "" {
			t.Errorf("%s: got %q in the text, want it not said", where, got)
		}
	}
	for _, e := range base.Entries {
		for lang, text := range e.Texts {
			check(e.ID+" "+lang, text.Title)
			for _, body := range text.Bodies() {
				check(e.ID+" "+lang, body.Text())
			}
		}
	}
	for _, c := range base.Claims {
		for lang, text := range c.Texts {
			check(c.ID+" "+lang, text.Claim+"\n"+text.Answer)
		}
	}
	for id, link := range base.Links {
		for lang, text := range link.Texts {
			check(id+" "+lang, text.Label+"\n"+text.Note)
		}
	}
	for _, l := range base.Languages {
		for key, words := range l.Words {
			check(key+" "+l.Code, words)
		}
	}
}

// testClaims wants every claim of the four articles.
func testClaims(t *testing.T, base *kb.Base) {
	has := map[string]bool{}
	for _, c := range base.Claims {
		has[c.ID] = true
	}
	for article, n := range []int{15, 14, 10, 10} {
		for i := 1; i <= n; i++ {
			if id := fmt.Sprintf("S%d-%d", article, i); !has[id] {
				t.Errorf("got no claim %s, want one", id)
			}
		}
	}
}

func testGolden(t *testing.T, base *kb.Base) {
	for lang, golden := range base.Golden {
		count := map[string]int{}
		for _, g := range golden {
			if len(g.IDs) == 0 {
				count[""]++
			} else {
				count[g.IDs[0]]++
			}
		}
		for _, id := range topics {
			if got, want := count[id], leastGolden[lang == kb.English]; got < want {
				t.Errorf("%s %s: got %d golden questions, want at least %d", lang, id, got, want)
			}
		}
		if got, want := count[""], leastNothing[lang == kb.English]; got < want {
			t.Errorf("%s: got %d questions that find nothing, want at least %d", lang, got, want)
		}
	}
}
