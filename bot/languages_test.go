package bot_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/kb"
)

// said gathers every text that the bot can say in a language, by where it
// stands.
func said(t *testing.T, base *kb.Base, lang string) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(where string, r bot.Reply) {
		if r.Lang != lang {
			t.Errorf("%s: got a reply in %s, want %s", where, r.Lang, lang)
		}
		gather(base, out, where, r)
	}
	ask := func(where, text string, f canned) bot.Reply {
		f.found.Lang = lang
		r, _ := bot.New(base, f, func() time.Time { return today }).Ask(context.Background(), bot.Question{Text: text, Lang: lang})
		add(where, r)
		return r
	}
	b := bot.New(base, canned{}, func() time.Time { return today })
	for _, p := range b.Profiles() {
		if p.Lang != lang {
			continue
		}
		for where, text := range map[string]string{"name": p.Name, "short": p.Short, "about": p.Description, "busy": p.Busy, "sorry": p.Sorry, "more": p.More} {
			out["profile "+where] = text
		}
		for _, c := range p.Commands {
			out["command "+c.Name] = c.Description
			ask("/"+c.Name, "/"+c.Name, canned{})
		}
	}
	for _, e := range base.Entries {
		r, _ := b.Show(e.ID, lang)
		add("entry "+e.ID, r)
	}
	for _, c := range base.Claims {
		ask("claim "+c.ID, "/check x", canned{claim: c.ID})
	}
	ask("nothing found", "x", canned{})
	ask("empty", "", canned{})
	ask("unknown command", "/nothing", canned{})
	ask("long", strings.Repeat("x ", 5000), canned{})
	ask("foreign", "x", canned{found: bot.Found{Foreign: true}})
	ask("choice", "x", canned{found: bot.Found{Matches: matches("messenger", 0.3, "deadline", 0.3)}})
	ask("error", "x", canned{err: context.Canceled})
	pressAll(t, b, base, lang, add)
	return out
}

// pressAll presses every button of the menus, and some that are not there.
func pressAll(t *testing.T, b *bot.Bot, base *kb.Base, lang string, add func(string, bot.Reply)) {
	press := func(where, data string) {
		r, err := b.Press(context.Background(), bot.Press{Data: data, Lang: lang})
		if err != nil {
			t.Error(err)
		}
		add(where, r)
	}
	for _, s := range base.Sections {
		for page := 1; page <= 3; page++ {
			press("section "+s, "1s:"+s+"."+string(rune('0'+page))+":"+lang)
		}
	}
	for _, act := range []string{"h", "n", "e"} {
		press("vote "+act, "1"+act+":messenger:"+lang)
	}
	press("language", "1l::"+lang)
	press("stale", "nonsense")
}

// gather adds the texts of a reply. Names proper of publishers are left out.
func gather(base *kb.Base, out map[string]string, where string, r bot.Reply) {
	out[where+", title"] = r.Title
	out[where+", sources"] = r.SourcesLabel
	out[where+", checked"] = r.Checked
	for _, b := range r.Blocks {
		for _, it := range b.Items {
			out[where+", text "+it.Text()] = it.Text()
		}
	}
	for _, l := range r.Links {
		out[where+", link "+l.ID] = l.Label
		out[where+", note "+l.ID] = l.Note
	}
	proper := map[string]bool{}
	for _, s := range base.Sources {
		proper[s.Publisher] = true
	}
	for _, s := range r.Sources {
		if name, _, _ := strings.Cut(s.Name, ", "); !proper[name] && !proper[s.Name] {
			out[where+", source "+s.Name] = s.Name
		}
	}
	for _, row := range r.Rows {
		out[where+", row "+row.Label] = row.Label
		for _, b := range row.Buttons {
			if b.Data[1] != 'l' || !strings.HasPrefix(b.Data, "1l:") { // languages are named in themselves
				out[where+", button "+b.Label] = b.Label
			}
		}
	}
}

// TestNothingIsLeftInEnglish walks every reply in every language and looks for
// texts that are said in English too.
func TestNothingIsLeftInEnglish(t *testing.T) {
	base := content(t)
	english := map[string]bool{}
	for _, text := range said(t, base, kb.English) {
		english[text] = base.HasWords(text)
	}
	if len(english) < 1000 {
		t.Fatalf("got %d texts in English, want the whole content", len(english))
	}
	for _, l := range base.Languages[1:] {
		told := map[string]bool{}
		for where, text := range said(t, base, l.Code) {
			if english[text] && !told[text] {
				told[text] = true
				t.Errorf("%s: %s is left in English: %q", l.Code, where, text)
			}
		}
	}
}

// The first of a month has a form of its own in French.
func TestFirstOfAMonth(t *testing.T) {
	wrong, right := regexp.MustCompile(`\b1 (janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b`), 0
	for where, text := range said(t, content(t), "fr") {
		if wrong.MatchString(text) {
			t.Errorf("%s: %q", where, text)
		}
		right += strings.Count(text, "1er ")
	}
	if right == 0 {
		t.Error("no text has the first of a month")
	}
}
