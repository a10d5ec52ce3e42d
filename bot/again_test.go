package bot_test

import (
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/kb"
)

// What is shown once more is what was shown, in the language of the press.
func TestAgain(t *testing.T) {
	b := newBot(t, canned{found: bot.Found{Lang: "en", Claim: "S0-8", Matches: matches("messenger", 0.9)}, claim: "V-1"})
	for _, text := range []string{"/deadline", "I read that Messenger is used", "/check I do not consent to Meta"} {
		first, err := b.Ask(t.Context(), bot.Question{Text: text})
		if err != nil || first.Again == "" || !strings.HasSuffix(first.Again, ":") || len(first.Again) > bot.MaxData-8 {
			t.Fatalf("%s: got %q, error %v; want data without a language", text, first.Again, err)
		}
		second := mustPress(t, b, first.Again, "en")
		if second.Again != first.Again || second.Claim != first.Claim || kb.Body(second.Blocks).Text() != kb.Body(first.Blocks).Text() {
			t.Errorf("%s: got another reply:\n%s", text, kb.Body(second.Blocks).Text())
		}
	}
	if r, _ := b.Ask(t.Context(), bot.Question{Text: "/topics"}); r.Again != "" {
		t.Errorf("a menu can be shown again by %q", r.Again)
	}
}
