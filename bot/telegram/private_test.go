package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// An answer in a private chat: title, text, official links with their hosts,
// sources, the day of checking, topics and feedback; and no quotation.
func TestPrivateAnswer(t *testing.T) {
	r := start(t, nil)
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	got := r.calls(t, "sendMessage", 1)[0]
	want, _ := bottest.New(t).Show("messenger", "en")
	for _, part := range []string{want.Title, want.Short(), want.Checked, want.SourcesLabel, want.Sources[0].Name} {
		if !strings.Contains(got.Visible(), part) {
			t.Errorf("%q is missing in %q", part, got.Visible())
		}
	}
	var urls, data []string
	for _, b := range got.Buttons() {
		if b.URL != "" {
			urls = append(urls, b.URL)
			if !strings.Contains(b.Text, ".") {
				t.Errorf("button %q does not show where it leads", b.Text)
			}
		} else {
			data = append(data, b.Data)
		}
	}
	if len(urls) != len(want.Links) || len(data) < 3 {
		t.Errorf("got %d links and %d other buttons, want %d and at least 3", len(urls), len(data), len(want.Links))
	}
	if got.ReplyTo() != 0 {
		t.Error("the question is quoted in a private chat")
	}
	if p, _ := got.Params["link_preview_options"].(map[string]any); p["is_disabled"] != true {
		t.Error("links have a preview")
	}
}

func TestPrivateMessages(t *testing.T) {
	photo := tgtest.Private(1, 1, "")
	tgtest.Message(photo)["photo"] = []any{map[string]any{"file_id": "1", "file_unique_id": "1", "width": 1, "height": 1}}
	caption := tgtest.Private(1, 1, "")
	tgtest.Message(caption)["photo"] = tgtest.Message(photo)["photo"]
	tgtest.Message(caption)["caption"] = "messenger"
	entities := tgtest.Private(1, 1, strings.Repeat("weather ", 500))
	var all []any
	for i := range 10_000 {
		all = append(all, map[string]any{"type": "mention", "offset": i - 9, "length": 1 << 30})
	}
	tgtest.Message(entities)["entities"] = all
	for _, c := range []struct {
		name   string
		update map[string]any
		want   string // something in the reply
	}{
		{"start", tgtest.Private(1, 1, "/start"), "Ask me in your own words"},
		{"deep link", tgtest.Private(1, 1, "/start messenger"), "private messages"},
		{"deep link to nothing", tgtest.Private(1, 1, "/start no-such-entry"), "Ask me in your own words"},
		{"topics", tgtest.Private(1, 1, "/topics"), "What would you like to know"},
		{"deadline", tgtest.Private(1, 1, "/deadline"), ""},
		{"language", tgtest.Private(1, 1, "/language"), "Which language"},
		{"privacy", tgtest.Private(1, 1, "/privacy"), "I keep nothing"},
		{"help", tgtest.Private(1, 1, "/help"), "/check"},
		{"ask without a question", tgtest.Private(1, 1, "/ask"), "type your question"},
		{"check without a claim", tgtest.Private(1, 1, "/check"), "no checked answer to that claim"},
		{"unknown command", tgtest.Private(1, 1, "/nonsense"), "do not know that command"},
		{"nothing known", tgtest.Private(1, 1, "the weather"), "no checked answer"},
		{"two that fit", tgtest.Private(1, 1, "messenger or devices"), "not sure which"},
		{"a photo", photo, "type your question"},
		{"a photo with a question", caption, "private messages"},
		{"a bell", tgtest.Private(1, 1, "\a"), "type your question"},
		{"a bell and a question", tgtest.Private(1, 1, "\amessenger"), "private messages"},
		{"4,096 emoji", tgtest.Private(1, 1, strings.Repeat("\U0001F600", 4096)), "type your question"},
		{"an enormous text", tgtest.Private(1, 1, strings.Repeat("weather ", 100_000)), "no checked answer"},
		{"entities without end", entities, "no checked answer"},
		{"markup", tgtest.Private(1, 1, "<b>&lt;</b> [x](tg://user?id=1) @all"), "no checked answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			r.Deliver(c.update)
			if got := r.calls(t, "sendMessage", 1)[0].Visible(); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want something with %q", got, c.want)
			}
		})
	}
}

// The server fails in each way; the answer comes once all the same.
func TestSendFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		kinds []tgtest.Kind
		sent  int
	}{
		{"server errors", []tgtest.Kind{tgtest.Internal, tgtest.BadGateway, tgtest.Page, tgtest.CutBefore}, 1},
		{"silence", []tgtest.Kind{tgtest.TooMany, tgtest.TooManyHTML, tgtest.TooMany}, 1},
		{"broken success", []tgtest.Kind{tgtest.CutBody}, 1},
		{"slow success", []tgtest.Kind{tgtest.Slow}, 1},
		{"fate unknown", []tgtest.Kind{tgtest.CutAfter}, 2}, // rather twice than never
		{"markup refused", []tgtest.Kind{tgtest.Parse}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			k := newClock()
			r.a.gate.now, r.a.gate.wait = k.now, k.sleep
			for _, kind := range c.kinds {
				r.Order(tgtest.Fault{Kind: kind, Method: "sendMessage", Value: 3})
			}
			r.Deliver(tgtest.Private(1, 1, "messenger"))
			r.calls(t, "sendMessage", c.sent)
			r.confirmed(t)
			if got := len(r.Calls("sendMessage")); got != c.sent {
				t.Errorf("got %d messages, want %d", got, c.sent)
			}
			if c := r.a.Counts(); c.Answers != 1 || c.Failed != 0 {
				t.Errorf("got %+v, want one answer", c)
			}
		})
	}
}

// What can never be sent is set aside and counted; the next is answered.
func TestSendGivesUp(t *testing.T) {
	for _, f := range []tgtest.Fault{
		{Kind: tgtest.Blocked, Method: "sendMessage"},
		{Kind: tgtest.Internal, Method: "sendMessage", Times: maxTries},
		{Kind: tgtest.TooMany, Method: "sendMessage", Times: maxSilence + 1, Value: 1},
	} {
		r := newRig(t, bottest.New(t), nil)
		k := newClock()
		r.a.gate.now, r.a.gate.wait = k.now, k.sleep
		r.run(t)
		r.Order(f)
		r.Deliver(tgtest.Private(1, 1, "messenger"))
		r.confirmed(t)
		r.Deliver(tgtest.Private(1, 2, "deadline"))
		r.calls(t, "sendMessage", 1)
		r.confirmed(t)
		if c := r.a.Counts(); c.Failed != 1 || c.Answers != 1 {
			t.Errorf("kind %d: got %+v, want one failed and one answer", f.Kind, c)
		}
	}
}
