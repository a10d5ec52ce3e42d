package bot_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/kb"
)

var update = flag.Bool("update", false, "write what is compared under testdata anew")

// golden compares a text with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test ./bot -update writes it anew); got\n%s", file, got)
	}
}

// way is the data of a button on a guided way.
func way(path, lang string) string { return "1f:" + path + ":" + lang }

// pathOf is the path in a button's data, and whether it is on a guided way.
func pathOf(data string) (string, bool) {
	rest, ok := strings.CutPrefix(data, "1f:")
	path, _, _ := strings.Cut(rest, ":")
	return path, ok
}

// door is where a path begins.
func door(path string) string {
	id, _, _ := strings.Cut(path, "/")
	return id
}

// TestEveryWay lists every way through the choices, with the end that it comes
// to and the form or page that it leads to: the table in testdata/ways.txt.
func TestEveryWay(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	var lines []string
	var follow func(path string)
	follow = func(path string) {
		_, step, rest := base.Flows.Walk(path)
		if step == nil || len(rest) > 0 {
			t.Fatalf("%s leads to nothing", path)
		}
		r := mustPress(t, b, way(path, "en"), "")
		checkReply(t, base, r)
		for _, c := range step.Choices {
			follow(path + "/" + c.ID)
		}
		if len(step.Choices) > 0 {
			return
		}
		if step.By == "" && (r.Outcome != bot.Answer || r.Title == "" || len(r.Sources) == 0 || r.Checked == "") {
			t.Errorf("%s ends without a title, a source or a day", path)
		}
		lines = append(lines, fmt.Sprintf("%s: %s, %s", path, step.ID, step.Form))
		if form := base.Links[step.Form]; form == nil || form.Confidence == "low" {
			t.Errorf("%s ends with the form %q", path, step.Form)
		} else if step.By == "" && (len(r.Links) == 0 || r.Links[0].ID != step.Form || form.Kind == "form" && r.Links[0].Note == "") {
			t.Errorf("%s does not show the form %s first, with what to know before", path, step.Form)
		}
	}
	for _, d := range base.Flows.Doors {
		follow(d.ID)
	}
	golden(t, "ways.txt", strings.Join(lines, "\n")+"\n")
}

// Where there is no objection the way says so, and offers no form for one.
func TestWaysAreTrue(t *testing.T) {
	b := newBot(t, canned{})
	forms := []string{"object-facebook", "object-instagram", "object-no-account"}
	for path, says := range map[string]string{
		"object/us":                   "there is no right to object",
		"object/else":                 "It differs by country",
		"object/eu/other/not":         "No objection of yours covers what others post",
		"object/eu/ai/wa":             "no objection form against AI training is known",
		"object/eu/kid/self":          "does not train its AI on public posts of people under 18",
		"object-none/us":              "there is no right to object",
		"object/eu/fb/sent/none/late": "an answer was due within one month",
	} {
		r := mustPress(t, b, way(path, "en"), "")
		if !strings.Contains(kb.Body(r.Blocks).Text(), says) {
			t.Errorf("%s does not say %q:\n%s", path, says, kb.Body(r.Blocks).Text())
		}
		if strings.HasSuffix(path, "late") {
			continue
		}
		for _, l := range r.Links {
			if slices.Contains(forms, l.ID) {
				t.Errorf("%s offers the form %s", path, l.ID)
			}
		}
	}
	for path, notes := range map[string][]string{
		"object/uk/fb/new":  {"In the UK.", "ICO"},
		"object/eu/fb/new":  {"Article 21(1)", "one month", "cannot be undone", "Keep the e-mail"},
		"object/uk/none":    {"could not confirm that this form is for the UK"},
		"object/eu/two/new": {"Log in to Instagram in that browser"},
	} {
		r := mustPress(t, b, way(path, "en"), "")
		for _, says := range notes {
			if !strings.Contains(kb.Body(r.Blocks).Text(), says) {
				t.Errorf("%s does not say %q", path, says)
			}
		}
	}
}

// explore presses every button on guided ways that can be reached, in every
// language, and gives what each shows.
func explore(t testing.TB, b *bot.Bot, base *kb.Base) map[string]bot.Reply {
	t.Helper()
	shown := map[string]bot.Reply{}
	var open []string
	for _, l := range base.Languages {
		for _, d := range base.Flows.Doors {
			open = append(open, way(d.ID, l.Code))
		}
		for _, path := range base.Flows.Entries {
			open = append(open, way(path, l.Code))
		}
	}
	for len(open) > 0 {
		data := open[len(open)-1]
		open = open[:len(open)-1]
		if _, ok := shown[data]; ok {
			continue
		}
		r := mustPress(t, b, data, "")
		shown[data] = r
		for _, x := range buttons(r) {
			if _, ok := pathOf(x.Data); ok {
				open = append(open, x.Data)
			}
		}
	}
	return shown
}

func buttons(r bot.Reply) []bot.Button {
	var out []bot.Button
	for _, row := range r.Rows {
		out = append(out, row.Buttons...)
	}
	return out
}

// From every state that can be reached every button leads on, and back leads
// step by step to where the way began.
func TestEveryState(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	shown := explore(t, b, base)
	for data, r := range shown {
		lang := base.Language(data[strings.LastIndexByte(data, ':')+1:])
		if len(data) > bot.MaxData {
			t.Errorf("%q has %d bytes", data, len(data))
		}
		checkReply(t, base, r)
		if first := r.Blocks[0].Items[0].Text(); first == lang.Say("stale") || first == lang.Words["stale"] {
			t.Errorf("%q is a button of the bot's own, and it says %q", data, first)
		}
		for _, f := range r.Files {
			if len(f.Data) == 0 || len(f.Data) > bot.MaxFile || filepath.Base(f.Name) != f.Name || f.Type == "" {
				t.Errorf("%q gives the file %q of %d bytes", data, f.Name, len(f.Data))
			}
		}
		seen := map[string]bool{}
		for _, x := range buttons(r) {
			if seen[x.Data] {
				t.Errorf("%q shows two buttons with the data %q", data, x.Data)
			}
			seen[x.Data] = true
			if n := len([]rune(x.Label)); n > 64 {
				t.Errorf("%q: the label %q has %d characters", data, x.Label, n)
			}
		}
		if steps := stepsBack(t, shown, data, lang); steps > strings.Count(data, "/")+4 { // pages come before
			t.Errorf("%q needs %d steps back", data, steps)
		}
	}
	if got, want := len(shown), 600; got < want {
		t.Errorf("only %d states can be reached, want at least %d", got, want)
	}
	t.Logf("%d states", len(shown))
}

// stepsBack counts the presses of back from a state to the door of its way.
func stepsBack(t *testing.T, shown map[string]bot.Reply, data string, lang *kb.Language) int {
	path, _ := pathOf(data)
	for n := 0; n < 20; n++ {
		at, _ := pathOf(data)
		if at == door(path) {
			return n
		}
		back := ""
		for _, x := range buttons(shown[data]) {
			if x.Label == lang.Words["back"] {
				back = x.Data
			}
		}
		if p, ok := pathOf(back); !ok || door(p) != door(path) {
			t.Errorf("back from %q is %q", data, back)
			return n
		}
		data = back
	}
	t.Errorf("back from %q never comes to its beginning", path)
	return 0
}

// Data that the bot never made begins the way again, kindly.
func TestForeignWays(t *testing.T) {
	base, b := content(t), newBot(t, canned{})
	words := base.Languages[0]
	for data, begins := range map[string]string{
		"1f:object/eu/nothing:en":                "object",
		"1f:object/eu/fb/new/more:en":            "object",
		"1f:object/e":                            "object",
		"1f:object/":                             "object",
		"1f:status/ok/ok:en":                     "status",
		"0f:status/old/form:en":                  "status",
		"2f:remind":                              "remind",
		"1f:remind/now/x:en":                     "remind",
		"1f:remind/tomorrow:en":                  "remind",
		"1f:letter/fb/7f:en":                     "letter", // seven grounds
		"1f:letter/fb/1f:en":                     "letter", // five at once
		"1f:letter/fb/0G:en":                     "letter",
		"1f:letter/fb/1:en":                      "letter",
		"1f:letter/fb/00/ok:en":                  "letter",
		"1f:letter/fb/01/ok/ok:en":               "letter",
		"1f:authority/XX:en":                     "authority",
		"1f:authority/at:en":                     "authority",
		"1f:authority/DE-BY2:en":                 "authority",
		"1f:authority/p0:en":                     "authority",
		"1f:authority/p99:en":                    "authority",
		"1f:authority/p-1:en":                    "authority",
		"1f:authority/AT/DE:en":                  "authority",
		"1f:authority/p9999999999999999999:en":   "authority",
		"1f:object/" + strings.Repeat("eu/", 60): "object",
	} {
		r := mustPress(t, b, data, "en")
		want := mustPress(t, b, way(begins, "en"), "")
		if got := r.Blocks[0].Items[0].Text(); got != words.Say("stale") || r.Title != want.Title {
			t.Errorf("%q: got %q under %q, want %q again under %q", data, got, r.Title, words.Say("stale"), want.Title)
		}
		if !slices.Equal(buttons(r), buttons(want)) {
			t.Errorf("%q: got other buttons than at the beginning of %s", data, begins)
		}
	}
	for _, data := range []string{"1f:", "1f::en", "1f:nothing/eu:en", "1f:/:en", "1f:Object:en"} {
		if r := mustPress(t, b, data, "en"); r.Blocks[0].Items[0].Text() != words.Words["stale"] {
			t.Errorf("%q: got %q", data, r.Blocks[0].Items[0].Text())
		}
	}
}

// What fits an answer is a button under it, which enters the way where it fits.
func TestWaysUnderAnswers(t *testing.T) {
	base, b := content(t), newBot(t, canned{found: bot.Found{Lang: "en", Matches: matches("opt-out-instagram", 0.9)}})
	for id, path := range base.Flows.Entries {
		r, _ := b.Show(id, "en")
		first := r.Rows[0].Buttons[0]
		if first.Data != way(path, "en") || first.Label == "" {
			t.Errorf("%s: the first button is %+v, want the way %s", id, first, path)
		}
	}
	r, err := b.Ask(t.Context(), bot.Question{Text: "how do I object on instagram"})
	if err != nil || r.Entry != "opt-out-instagram" {
		t.Fatalf("got the entry %q, error %v", r.Entry, err)
	}
	at := buttons(r)[0].Data
	for _, press := range []string{"eu", "new"} { // two taps to the form: the rest was said
		path, _ := pathOf(at)
		at = way(path+"/"+press, "en")
	}
	if r := mustPress(t, b, at, ""); len(r.Links) == 0 || r.Links[0].ID != "object-instagram" {
		t.Errorf("two taps later: got %q with links %v", r.Title, r.Links)
	}
}

func TestWaysByTyping(t *testing.T) {
	b := newBot(t, canned{found: bot.Found{Lang: "en", Matches: matches("opt-out-instagram", 0.9)}})
	for text, path := range map[string]string{
		"/object":           "object",
		"/status":           "status",
		"/letter":           "letter",
		"/remind":           "remind",
		"/authority":        "authority",
		"/object instagram": "object-ig",
		"/status instagram": "status", // the answer's way is another
		"/start letter":     "letter",
	} {
		r, err := b.Ask(t.Context(), bot.Question{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		if want := mustPress(t, b, way(path, "en"), ""); r.Title != want.Title || !slices.Equal(buttons(r), buttons(want)) {
			t.Errorf("%s: got %q %v, want the beginning of %s", text, r.Title, buttons(r), path)
		}
	}
}

// The labels of buttons are short enough to be read on a telephone.
func TestLabelsFit(t *testing.T) {
	base := content(t)
	keys := map[string]bool{}
	for _, d := range base.Flows.Doors {
		keys[d.Label] = true
	}
	for data := range explore(t, newBot(t, canned{}), base) {
		path, _ := pathOf(data)
		_, step, _ := base.Flows.Walk(path)
		for _, c := range step.Choices {
			keys[c.Label] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if n := len([]rune(base.Languages[0].Say(key))); n == 0 || n > 38 {
			t.Errorf("the label %s has %d characters, want 1 to 38", key, n)
		}
	}
}
