package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// menu and answer are keyboards of the bot's messages.
func menu() any {
	return map[string]any{"inline_keyboard": []any{[]any{map[string]any{"text": "x", "callback_data": "1t::en"}}}}
}

func answer() any {
	return map[string]any{"inline_keyboard": []any{
		[]any{map[string]any{"text": "Form", "url": "https://example.org/"}},
		[]any{map[string]any{"text": "x", "callback_data": "1h:messenger:en"}},
	}}
}

func TestPress(t *testing.T) {
	for _, c := range []struct {
		name, data string
		keys       any
		method     string // what it causes
		want       string // something in the text
		toast      string
	}{
		{"topics in place", "1t::en", menu(), "editMessageText", "What would you like", ""},
		{"a section in place", "1s:data:en", menu(), "editMessageText", "Choose a topic", ""},
		{"an answer in a menu's place", "1e:messenger:en", menu(), "editMessageText", "private messages", ""},
		{"a topic below an answer", "1e:messenger:en", answer(), "sendMessage", "private messages", ""},
		{"helpful", "1h:messenger:en", answer(), "", "", "Thank you"},
		{"not helpful", "1n:messenger:en", answer(), "sendMessage", "Perhaps one of these", ""},
		{"outdated", "0x", menu(), "editMessageText", "earlier version", ""},
		{"never made by the bot", "\fbuy|42", answer(), "sendMessage", "earlier version", ""},
		{"no keyboard", "1t::en", nil, "sendMessage", "What would you like", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			r.Deliver(tgtest.Press(1, 1, 9, c.data, c.keys))
			toast := r.calls(t, "answerCallbackQuery", 1)[0]
			if !strings.HasPrefix(toast.Text("text"), c.toast) || c.toast == "" && toast.Text("text") != "" {
				t.Errorf("got toast %q, want %q", toast.Text("text"), c.toast)
			}
			r.confirmed(t)
			if c.method == "" {
				if n := len(r.Calls("sendMessage")) + len(r.Calls("editMessageText")); n != 0 {
					t.Errorf("got %d messages, want only the toast", n)
				}
				return
			}
			got := r.calls(t, c.method, 1)[0]
			if !strings.Contains(got.Visible(), c.want) {
				t.Errorf("got %q, want something with %q", got.Visible(), c.want)
			}
			if c.method == "editMessageText" && got.Int("message_id") != 9 {
				t.Errorf("got message %d edited, want 9", got.Int("message_id"))
			}
		})
	}
}

// In a group of a server that has no messages for one, a press below an answer
// gives a message under it, in its topic, and one on a menu changes the menu;
// the first press shows what the server does with them.
func TestPressInGroupForAll(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.Old = true
	r.run(t)
	u := tgtest.Press(1, -100, 9, "1e:messenger:en", answer())
	m := u["callback_query"].(map[string]any)["message"].(map[string]any)
	m["message_thread_id"], m["is_topic_message"] = 42, true
	r.Deliver(u)
	got := r.calls(t, "sendMessage", 1)[0]
	if got.ReplyTo() != 9 || got.Int("message_thread_id") != 42 {
		t.Errorf("got a message under %d in topic %d, want 9 and 42", got.ReplyTo(), got.Int("message_thread_id"))
	}
	r.Deliver(tgtest.Press(1, -100, 9, "1t::en", menu()))
	if got := r.calls(t, "editMessageText", 1)[0]; got.Int("message_id") != 9 || got.OnlyFor() != 0 {
		t.Errorf("got message %d changed, want 9", got.Int("message_id"))
	}
	if n := len(r.Calls("sendMessage")); n != 1 {
		t.Errorf("got %d messages, want one", n)
	}
}

// A message that cannot be edited any more is left, and the reply comes below.
func TestPressOnOldMessage(t *testing.T) {
	r := start(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Parse, Method: "editMessageText"})
	r.Deliver(tgtest.Press(1, 1, 9, "1t::en", menu()))
	r.calls(t, "sendMessage", 1)
	u := tgtest.Press(2, 2, 9, "1t::en", menu())
	u["callback_query"].(map[string]any)["message"].(map[string]any)["date"] = 0 // the server does not show it
	r.Deliver(u)
	r.calls(t, "sendMessage", 2)
}

// A press that is too old to be answered still does what it says.
func TestPressTooLate(t *testing.T) {
	r := start(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Parse, Method: "answerCallbackQuery"})
	r.Deliver(tgtest.Press(1, 1, 9, "1e:messenger:en", answer()))
	r.calls(t, "sendMessage", 1)
}

// A press on a message in a chat in which the bot is not changes that message;
// what it cannot name is answered with a word.
func TestPressOnInlineMessage(t *testing.T) {
	r := start(t, nil)
	press := func(inline, data string) map[string]any {
		q := map[string]any{"id": "1", "from": tgtest.User(1), "data": data, "chat_instance": "1"}
		if inline != "" {
			q["inline_message_id"] = inline
		}
		return map[string]any{"callback_query": q}
	}
	r.Deliver(press("x", "1e:messenger:en"))
	got := r.calls(t, "editMessageText", 1)[0]
	if got.Text("inline_message_id") != "x" || !strings.Contains(got.Visible(), "private messages") {
		t.Errorf("got %v", got.Params)
	}
	for _, b := range got.Buttons() {
		if b.URL == "" {
			t.Errorf("an answer for all has the button %+v, which would take it away from them", b)
		}
	}
	r.Deliver(press("", "1e:messenger:en"))
	if got := r.calls(t, "answerCallbackQuery", 2)[1].Text("text"); got == "" {
		t.Error("got no word")
	}
}
