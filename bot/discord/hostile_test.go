package discord

import (
	"encoding/json"
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// Whatever an interaction is like, it is answered at once, and nothing of it is
// said back.
func TestBadInteractions(t *testing.T) {
	change := func(d map[string]any, f func(d, data map[string]any)) map[string]any {
		f(d, d["data"].(map[string]any))
		return d
	}
	slash := func() map[string]any { return dctest.Slash("1", "ask", "question", "messenger") }
	for name, c := range map[string]struct {
		d    map[string]any
		says string
	}{
		"no member":                {change(slash(), func(d, _ map[string]any) { delete(d, "member") }), "private messages"},
		"no user":                  {change(slash(), func(d, _ map[string]any) { d["member"] = map[string]any{"permissions": "x"} }), "private messages"},
		"member of the wrong type": {change(slash(), func(d, _ map[string]any) { d["member"] = 7 }), "went wrong"},
		"no context":               {change(slash(), func(d, _ map[string]any) { delete(d, "context") }), "private messages"},
		"no data":                  {change(slash(), func(d, _ map[string]any) { delete(d, "data") }), "type your question"},
		"option of the wrong type": {change(slash(), func(_, data map[string]any) {
			data["options"] = []any{map[string]any{"name": "question", "type": 4, "value": map[string]any{"x": 1}}}
		}), "type your question"},
		"options of the wrong type":  {change(slash(), func(_, data map[string]any) { data["options"] = "x" }), "went wrong"},
		"an option that is not ours": {dctest.Slash("1", "ask", "novel", "messenger"), "type your question"},
		"a command that is gone":     {dctest.Slash("1", "gone", "x", "y"), "do not know that command"},
		"a command of commands":      {dctest.Slash("1", "ask", "question", "/check /privacy"), ""},
		"a long question":            {dctest.Slash("1", "ask", "question", strings.Repeat("häßlich ", 750)), "read only its beginning"},
		"everything at once":         {dctest.Slash("1", "ask", "question", "@everyone discord.gg/x \u202e<@1> **b** https://evil.example"), "no checked answer"},
		"an id never made":           {dctest.Press("1", "1z:what:xx", nil), "earlier version"},
		"an id of another bot":       {dctest.Press("1", "vote_up_42", nil), "earlier version"},
		"a show of nothing":          {dctest.Press("1", "show:", nil), "earlier version"},
		"a show of a setting":        {dctest.Press("1", "show:setup:public", nil), "earlier version"},
		"a menu without a choice":    {dctest.Press("1", "pick:0", nil), "earlier version"},
		"values of the wrong type":   {change(dctest.Press("1", "x", nil), func(_, data map[string]any) { data["values"] = 7 }), "went wrong"},
		"an unknown component":       {change(dctest.Press("1", "x", nil), func(_, data map[string]any) { data["component_type"] = 99 }), "earlier version"},
		"an unknown type":            {change(slash(), func(d, _ map[string]any) { d["type"] = 77 }), "earlier version"},
		"a form":                     {change(slash(), func(d, _ map[string]any) { d["type"] = dctest.Modal }), "earlier version"},
		"a message that is not there": {change(dctest.OnMessage("1", "Check this", map[string]any{"id": "5"}), func(_, data map[string]any) {
			delete(data, "resolved")
		}), "no checked answer"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, way := range []string{"gateway", "http"} {
				var r *rig
				if way == "gateway" {
					r = start(t, remembering(t))
				} else {
					r = newRig(t, remembering(t), dctest.Options{}, byHTTP(t)).run(t)
				}
				got := r.ask(t, copyOf(t, c.d))
				if text := got.Visible(); !strings.Contains(text, c.says) || strings.Contains(text, "evil") || strings.Contains(text, "everyone") {
					t.Errorf("by %s: got %s", way, text)
				}
			}
		})
	}
}

func copyOf(t testing.TB, d map[string]any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// A panic in the bot is an apology to the person, and the next is answered.
func TestPanic(t *testing.T) {
	ways(t, func(t *testing.T, r *rig) {
		r.a.bot = panicking{bottest.Scripted{Bot: bottest.New(t)}}
		for _, d := range []map[string]any{dctest.Slash("1", "ask", "question", "x"), dctest.Typing("1", "ask", "question", "x")} {
			c := r.ask(t, d)
			if c.Type() == dctest.Message && !strings.Contains(c.Visible(), "went wrong") {
				t.Errorf("got %s", c.Visible())
			}
		}
		r.ask(t, dctest.Press("1", "1t::en", nil))
	})
}
