package bot_test

import (
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/kb"
)

// verbatim gives the text of a reply that is to be copied.
func verbatim(t testing.TB, r bot.Reply) string {
	t.Helper()
	text := ""
	for _, b := range r.Blocks {
		if b.Kind == bot.Verbatim {
			if text != "" {
				t.Error("more than one text to copy")
			}
			text = b.Items[0].Text()
		}
	}
	return text
}

func TestLetters(t *testing.T) {
	b := newBot(t, canned{})
	for _, c := range []struct{ service, grounds string }{{"fb", "01"}, {"ig", "0a"}, {"two", "35"}} {
		r := mustPress(t, b, way("letter/"+c.service+"/"+c.grounds+"/ok", "en"), "")
		text := verbatim(t, r)
		golden(t, "letter-"+c.service+"-"+c.grounds+".txt", text+"\n")
		if len(r.Files) != 1 || string(r.Files[0].Data) != text+"\n" || r.Files[0].Name != "objection.txt" {
			t.Errorf("%s: the file is not the letter: %v", c.service, r.Files)
		}
	}
}

// Every letter, in every language: nothing is left to fill in by the program,
// what the person fills in is there, and it is said once that this is no legal
// advice, and where to send it.
func TestEveryLetter(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	for _, l := range base.Languages {
		advice := l.Say("letter-advice")
		for _, service := range []string{"fb", "ig", "two"} {
			for chosen := range 1 << len(base.Flows.Grounds) {
				n := bits.OnesCount(uint(chosen))
				if n == 0 || n > base.Flows.AtMost {
					continue
				}
				path := fmt.Sprintf("letter/%s/%02x/ok", service, chosen)
				r := mustPress(t, b, way(path, l.Code), "")
				text, all := verbatim(t, r), kb.Body(r.Blocks).Text()
				grounds := 0
				for i, g := range base.Flows.Grounds {
					has := strings.Contains(text, "- "+l.Letter["ground."+g])
					if has != (chosen&(1<<i) != 0) {
						t.Errorf("%s %s: the ground %s is there: %v", l.Code, path, g, has)
					}
					if has {
						grounds++
					}
				}
				switch {
				case grounds != n, strings.ContainsAny(text, "{}"), !strings.Contains(text, "["), !strings.Contains(text, l.Letter["service."+service]):
					t.Errorf("%s %s: not a whole letter:\n%s", l.Code, path, text)
				case strings.Count(all, advice) != 1:
					t.Errorf("%s %s: says %d times %q, want once", l.Code, path, strings.Count(all, advice), advice)
				case !r.Private:
					t.Errorf("%s %s: is for all to see", l.Code, path)
				case r.Links[0].ID != "meta-privacy-requests":
					t.Errorf("%s %s: is sent to %s", l.Code, path, r.Links[0].ID)
				}
			}
		}
	}
}

func TestGroundsAreToggled(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	r := mustPress(t, b, way("letter/fb", "en"), "")
	if got, want := len(r.Rows[0].Buttons), len(base.Flows.Grounds); got != want {
		t.Fatalf("got %d grounds, want %d", got, want)
	}
	for n := range base.Flows.AtMost { // each tap chooses the next
		r = mustPress(t, b, r.Rows[0].Buttons[n].Data, "")
		if got := strings.Count(fmt.Sprint(r.Rows[0].Buttons), "☑"); got != n+1 {
			t.Errorf("after %d taps %d grounds are chosen", n+1, got)
		}
	}
	if got := len(r.Rows[0].Buttons); got != base.Flows.AtMost {
		t.Errorf("with all grounds chosen that a letter has, %d are shown", got)
	}
	r = mustPress(t, b, r.Rows[0].Buttons[0].Data, "")
	if got := strings.Count(fmt.Sprint(r.Rows[0].Buttons), "☑"); got != base.Flows.AtMost-1 {
		t.Errorf("a tap on a chosen ground leaves %d", got)
	}
}
