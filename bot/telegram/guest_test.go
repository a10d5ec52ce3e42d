package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// asGuest marks the bot's name at the beginning of a guest's message.
func asGuest(user int64, text string) map[string]any {
	u := tgtest.Guest(user, text)
	tgtest.Mention(map[string]any{"message": u["guest_message"]}, 0, len(me))
	return u
}

// result is the message that answers a guest's question.
func result(c tgtest.Call) tgtest.Call {
	out, _ := c.Params["result"].(map[string]any)
	content, _ := out["input_message_content"].(map[string]any)
	return tgtest.Call{Params: map[string]any{
		"text": content["message_text"], "parse_mode": content["parse_mode"], "reply_markup": out["reply_markup"],
	}}
}

// Called into a chat in which it is not, the bot answers once, with links and
// the way to a private chat; nothing else is sent.
func TestGuest(t *testing.T) {
	quote := asGuest(5, me)
	tgtest.Reply(map[string]any{"message": quote["guest_message"]}, tgtest.User(77), "messenger")
	for _, c := range []struct {
		name   string
		update map[string]any
		want   string // something in the text
		rows   bool   // it can be pressed
	}{
		{"a question", asGuest(5, me+" messenger"), "private messages", false},
		{"a command", tgtest.Guest(5, "/ask"+me+" messenger"), "private messages", false},
		{"below a question", quote, "private messages", false},
		{"a choice", asGuest(5, me+" messenger or devices"), "not sure which", true},
		{"nothing known", asGuest(5, me+" the weather"), "no checked answer", true},
		{"its name alone", asGuest(5, me), "type your question", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			r.Deliver(c.update)
			call := r.calls(t, "answerGuestQuery", 1)[0]
			got := result(call)
			if call.Text("guest_query_id") != "guest-1" || !strings.Contains(got.Visible(), c.want) {
				t.Errorf("query %q: got %q, want something with %q", call.Text("guest_query_id"), got.Visible(), c.want)
			}
			pressed, more := false, false
			for _, b := range got.Buttons() {
				pressed = pressed || b.Data != ""
				more = more || b.URL == "https://t.me/"+tgtest.Username+"?start=messenger"
			}
			if pressed != c.rows || more == c.rows {
				t.Errorf("got buttons %+v", got.Buttons())
			}
			r.confirmed(t)
			if n := len(r.Calls("sendMessage")) + len(r.Calls("answerGuestQuery")); n != 1 {
				t.Errorf("got %d messages, want one", n)
			}
		})
	}
}

// Bots are not answered, nor is what has no number to answer; who asks too much
// is asked for patience, once.
func TestGuestLimits(t *testing.T) {
	r := start(t, func(c *Config) { c.Limits = Limits{Answers: 2} })
	bot := asGuest(6, me+" messenger")
	bot["guest_message"].(map[string]any)["from"].(map[string]any)["is_bot"] = true
	r.Deliver(bot)
	unnumbered := asGuest(7, me+" messenger")
	delete(unnumbered["guest_message"].(map[string]any), "guest_query_id")
	r.Deliver(unnumbered)
	r.DeliverRaw(`{"update_id":%d,"guest_message":null}`)
	r.DeliverRaw(`{"update_id":%d,"guest_message":{"guest_query_id":7,"chat":[]}}`)
	for range 5 {
		r.Deliver(asGuest(5, me+" messenger"))
	}
	r.confirmed(t)
	got := r.calls(t, "answerGuestQuery", 3)
	if len(got) != 3 || !strings.HasPrefix(result(got[2]).Visible(), "Many questions") {
		t.Errorf("got %d answers, want two and a request for patience", len(got))
	}
	if c := r.a.Counts(); c.Poisoned != 1 || c.Quiet != 3 || c.Failed != 0 {
		t.Errorf("got %+v", c)
	}
}

// The server refuses the markup once; what it never takes is counted.
func TestGuestFaults(t *testing.T) {
	r := start(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Internal, Method: "answerGuestQuery"})
	r.Order(tgtest.Fault{Kind: tgtest.Parse, Method: "answerGuestQuery"})
	r.Deliver(asGuest(5, me+" messenger"))
	if got := result(r.calls(t, "answerGuestQuery", 1)[0]); got.Text("parse_mode") != "" || !strings.Contains(got.Text("text"), "private messages") {
		t.Errorf("got %q, want it without markup", got.Text("text"))
	}
	r.Order(tgtest.Fault{Kind: tgtest.Blocked, Method: "answerGuestQuery"})
	r.Deliver(asGuest(5, me+" messenger"))
	r.confirmed(t)
	if c := r.a.Counts(); c.Answers != 1 || c.Failed != 1 {
		t.Errorf("got %+v, want one answer and one failed", c)
	}
}

// A panic is answered with an apology.
func TestGuestPanic(t *testing.T) {
	r := forOne(t, nil)
	quote := asGuest(5, me)
	tgtest.Reply(map[string]any{"message": quote["guest_message"]}, tgtest.User(77), bottest.Panic)
	r.Deliver(quote)
	if got := result(r.calls(t, "answerGuestQuery", 1)[0]).Visible(); !strings.Contains(got, "went wrong") {
		t.Errorf("got %q, want an apology", got)
	}
}

// The kind is asked for only where the server has it.
func TestGuestKind(t *testing.T) {
	for _, old := range []bool{true, false} {
		r := newRig(t, bottest.New(t), nil)
		r.Old = old
		r.run(t)
		kinds, _ := r.calls(t, "getUpdates", 1)[0].Params["allowed_updates"].([]any)
		has := false
		for _, k := range kinds {
			has = has || k == "guest_message"
		}
		if has == old {
			t.Errorf("old server %v: got %v", old, kinds)
		}
	}
}
