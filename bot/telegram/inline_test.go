package telegram

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

func results(c tgtest.Call) []map[string]any {
	list, _ := c.Params["results"].([]any)
	var out []map[string]any
	for _, x := range list {
		r, _ := x.(map[string]any)
		out = append(out, r)
	}
	return out
}

func TestInline(t *testing.T) {
	base := bottest.Base(t)
	for _, c := range []struct {
		name, typed string
		first       string
		n           int
	}{
		{"begun word", "messe", "messenger", 1},
		{"nothing typed", "", base.Central[0], len(base.Central)},
		{"nothing found", strings.Repeat("\u202e\U0001F9D1", 128), "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			r.Deliver(tgtest.Inline(1, c.typed))
			got := r.calls(t, "answerInlineQuery", 1)[0]
			all := results(got)
			if len(all) != c.n {
				t.Fatalf("got %d results, want %d", len(all), c.n)
			}
			if got.Int("cache_time") != cacheTime || got.Params["is_personal"] != (len(base.Languages) > 1) {
				t.Errorf("got cache_time %d, is_personal %v", got.Int("cache_time"), got.Params["is_personal"])
			}
			if c.n == 0 {
				return
			}
			content, _ := all[0]["input_message_content"].(map[string]any)
			data, err := json.Marshal(all[0])
			if err != nil {
				t.Fatal(err)
			}
			short, _ := bottest.New(t).Show(c.first, "en")
			text, err := tgtest.ParseHTML(content["message_text"].(string))
			if all[0]["id"] != c.first || err != nil || !strings.HasSuffix(text, short.Short()) {
				t.Errorf("got %s, want %s with its short answer", data, c.first)
			}
			if !strings.Contains(string(data), "https://t.me/"+tgtest.Username+"?start="+c.first) || !strings.Contains(string(data), short.Links[0].Host) {
				t.Errorf("got %s, want the deep link and the official link", data)
			}
		})
	}
}

// With several languages the server must not show one person's results to
// another.
func TestInlinePersonal(t *testing.T) {
	r := newRig(t, twoLanguages{bottest.New(t)}, nil).run(t)
	r.Deliver(tgtest.Inline(1, "messenger"))
	if got := r.calls(t, "answerInlineQuery", 1)[0].Params["is_personal"]; got != true {
		t.Errorf("got is_personal %v, want true", got)
	}
}

type twoLanguages struct{ bottest.Answerer }

func (b twoLanguages) Profiles() []bot.Profile {
	all := b.Answerer.Profiles()
	other := all[0]
	other.Lang = "de"
	return append(all, other)
}

func TestInlineTooLate(t *testing.T) {
	r := start(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Parse, Method: "answerInlineQuery"})
	r.Deliver(tgtest.Inline(1, "messenger"))
	r.confirmed(t)
	if c := r.a.Counts(); c.Failed != 0 {
		t.Errorf("got %d failed, want none: the person has typed on", c.Failed)
	}
}

// presented counts what the profile is set in: every language, and none.
func presented(r *rig) int { return len(r.a.profiles) + 1 }

// checkHelp is what the command to check a claim says in every language, and in
// none.
func checkHelp(r *rig) map[string]string {
	help := map[string]string{}
	for _, p := range slices.Backward(r.a.profiles) { // none is the first
		for _, c := range p.Commands {
			if c.Name == "check" {
				help[p.Lang], help[""] = c.Description, c.Description
			}
		}
	}
	return help
}

// The profile is set once, and again only when it differs.
func TestProfile(t *testing.T) {
	r := newRig(t, bottest.New(t), nil).run(t)
	n := presented(r)
	r.calls(t, "setMyShortDescription", n) // the last of a language
	// Default, private, groups and those who run them, each in each of them.
	for method, want := range map[string]int{
		"setMyCommands": 4 * n, "setMyName": n, "setMyDescription": n, "setMyShortDescription": n,
	} {
		if got := len(r.Calls(method)); got != want {
			t.Errorf("%s: got %d calls, want %d", method, got, want)
		}
	}
	checks := checkHelp(r)
	for _, c := range r.Calls("setMyCommands") {
		scope, _ := c.Params["scope"].(map[string]any)
		all, _ := c.Params["commands"].([]any)
		data, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		group := scope["type"] == "all_group_chats" || scope["type"] == "all_chat_administrators"
		for part, want := range map[string]bool{
			`"ask"`: true, `"start"`: !group, `"language"`: scope["type"] != "all_group_chats", `"is_ephemeral":true`: group,
			`"check","description":"` + checks[c.Text("language_code")] + `"}`: true, // for all who have read it
		} {
			if strings.Contains(string(data), part) != want {
				t.Errorf("scope %v has commands %s; with %s: want %v", scope["type"], data, part, want)
			}
		}
	}
	before := len(r.Calls("setMyCommands")) + len(r.Calls("setMyName"))
	restart(t, r)
	if got := len(r.Calls("setMyCommands")) + len(r.Calls("setMyName")); got != before {
		t.Errorf("got %d calls after the second start, want the %d of the first", got, before)
	}
}

// restart ends an adapter and runs another one on its server until that has
// looked at its profile.
func restart(t *testing.T, r *rig) {
	t.Helper()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	looked := len(r.Calls("getMyShortDescription"))
	next, err := New(bottest.New(t), r.a.log, Config{Token: tgtest.Token, URL: r.URL})
	if err != nil {
		t.Fatal(err)
	}
	again := &rig{Server: r.Server, a: next, logs: r.logs}
	again.run(t)
	r.calls(t, "getMyShortDescription", looked+presented(r))
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
}

// A server that does not know of secret commands is not told of all of them
// again at each start.
func TestProfileOnOldServer(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.Old = true
	r.run(t)
	r.calls(t, "setMyShortDescription", presented(r))
	before := len(r.Calls("setMyCommands"))
	restart(t, r)
	if got := len(r.Calls("setMyCommands")) - before; got != 1 {
		t.Errorf("got %d scopes set at the second start, want the one that shows what the server knows", got)
	}
}
