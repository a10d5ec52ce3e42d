package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// forOne starts an adapter for a bot that can be asked for things to keep, on a
// server as change makes it.
func forOne(t *testing.T, change func(*tgtest.Server)) *rig {
	t.Helper()
	r := newRig(t, bottest.Scripted{Bot: bottest.New(t)}, nil)
	if change != nil {
		change(r.Server)
	}
	return r.run(t)
}

// only checks that a message is for one person, or for all, and what it answers.
func only(t *testing.T, c tgtest.Call, person int64, press string, secret int64) {
	t.Helper()
	gotPress, gotSecret := c.Answers()
	if c.OnlyFor() != person || gotPress != press || gotSecret != secret {
		t.Errorf("%s: got a message for %d, answering press %q and message %d; want %d, %q, %d",
			c.Method, c.OnlyFor(), gotPress, gotSecret, person, press, secret)
	}
}

const pressID = "4382bfdwdsb323b2d9" // of tgtest.Press

// A command that nobody else sees is answered so that nobody else sees it; each
// part of a long answer names it.
func TestSecretCommand(t *testing.T) {
	r := forOne(t, nil)
	r.Deliver(tgtest.Secret(tgtest.Group(-100, 1, 5, "/ask messenger"), 31))
	got := r.calls(t, "sendMessage", 1)[0]
	only(t, got, 1, "", 31)
	if !strings.Contains(got.Visible(), "private messages") || got.ReplyTo() != 0 {
		t.Errorf("got %.60q under %d", got.Visible(), got.ReplyTo())
	}
	r.Deliver(tgtest.Secret(tgtest.Reply(tgtest.Group(-100, 2, 6, bottest.Long), tgtest.Bot(), "…"), 32))
	r.confirmed(t)
	all := r.Calls("sendMessage")
	if len(all) < 4 {
		t.Fatalf("got %d messages, want several", len(all))
	}
	for _, c := range all[1:] {
		only(t, c, 2, "", 32)
	}
}

// Where it cannot be, the answer comes for all, once, and the next question of
// the kind is tried again: the server showed that it knows of them.
func TestSecretCommandRefused(t *testing.T) {
	r := forOne(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.ForAll, Method: "sendMessage"})
	r.Deliver(tgtest.Secret(tgtest.Group(-100, 1, 5, "/ask messenger"), 31))
	only(t, r.calls(t, "sendMessage", 1)[0], 0, "", 0)
	r.Deliver(tgtest.Secret(tgtest.Group(-100, 1, 5, "/ask devices"), 32))
	only(t, r.calls(t, "sendMessage", 2)[1], 1, "", 32)
	r.confirmed(t)
	if c := r.a.Counts(); c.Answers != 2 || c.Opened != 1 || c.Failed != 0 {
		t.Errorf("got %+v, want two answers, one of them for all", c)
	}
}

// A press in a group is answered for who pressed: below an answer by a message,
// on a menu in its place, on a menu of their own by changing that.
func TestPressInGroup(t *testing.T) {
	r := forOne(t, nil)
	r.Deliver(tgtest.Press(1, -100, 9, "1e:messenger:en", answer()))
	got := r.calls(t, "sendMessage", 1)[0]
	only(t, got, 1, pressID, 0)
	if got.ReplyTo() != 9 || got.Replaces() {
		t.Errorf("got a message under %d, replacing %v; want 9, false", got.ReplyTo(), got.Replaces())
	}
	r.Deliver(tgtest.Press(1, -100, 9, "1t::en", menu()))
	got = r.calls(t, "sendMessage", 2)[1]
	if only(t, got, 1, pressID, 0); !got.Replaces() {
		t.Error("the menu does not change for who pressed")
	}
	r.Deliver(tgtest.Secret(tgtest.Press(1, -100, 9, "1s:data:en", menu()), 77))
	got = r.calls(t, "editEphemeralMessageText", 1)[0]
	if got.OnlyFor() != 1 || got.Int("ephemeral_message_id") != 77 || !strings.Contains(got.Visible(), "Choose a topic") {
		t.Errorf("got %v", got.Params)
	}
	r.calls(t, "answerCallbackQuery", 3) // each press is answered
	r.confirmed(t)
	if n := len(r.Calls("editMessageText")); n != 0 {
		t.Errorf("%d messages changed for all", n)
	}
}

// A refusal is remembered for the chat: no press after it costs another call,
// the menu changes for all, and other chats are not concerned.
func TestPressInGroupRefused(t *testing.T) {
	r := forOne(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.ForAll, Method: "sendMessage", Times: -1, Only: func(p map[string]any) bool {
		return p["ephemeral_message_parameters"] != nil && tgtest.Call{Params: p}.Int("chat_id") == -100
	}})
	for range 3 {
		r.Deliver(tgtest.Press(1, -100, 9, "1t::en", menu()))
	}
	r.calls(t, "editMessageText", 3)
	r.Deliver(tgtest.Press(1, -100, 9, "1e:messenger:en", answer()))
	only(t, r.calls(t, "sendMessage", 1)[0], 0, "", 0)
	r.Deliver(tgtest.Press(1, -200, 9, "1e:messenger:en", answer()))
	only(t, r.calls(t, "sendMessage", 2)[1], 1, pressID, 0)
	r.confirmed(t)
	if c := r.a.Counts(); c.Answers != 5 || c.Opened != 1 {
		t.Errorf("got %+v, want five answers and one refusal", c)
	}
}

// A menu of one's own that is gone is followed by a new message for one.
func TestPressOnSecretGone(t *testing.T) {
	r := forOne(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.ForAll, Method: "editEphemeralMessageText"})
	r.Deliver(tgtest.Secret(tgtest.Press(1, -100, 9, "1t::en", menu()), 77))
	only(t, r.calls(t, "sendMessage", 1)[0], 1, pressID, 0)
}

// What the bot wants only one person to see is for one where the bot runs the
// group, with its file; elsewhere it comes for all, rather than not at all.
func TestPrivateReplyInGroup(t *testing.T) {
	for _, runs := range []bool{true, false} {
		r := forOne(t, func(s *tgtest.Server) { s.Runs = runs })
		for i := range int64(2) {
			r.Deliver(tgtest.Reply(tgtest.Group(-100, 1, 5+i, bottest.Keep), tgtest.Bot(), "…"))
		}
		want := int64(0)
		if runs {
			want = 1
		}
		for _, c := range append(r.calls(t, "sendMessage", 2), r.calls(t, "sendDocument", 2)...) {
			only(t, c, want, "", 0)
		}
		r.confirmed(t)
		if c := r.a.Counts(); c.Opened != 1-want {
			t.Errorf("bot runs the group %v: got %d refusals, want %d", runs, c.Opened, 1-want)
		}
	}
}

// In a private chat nothing is for one: there is nobody else.
func TestPrivateChatHasNoSecrets(t *testing.T) {
	r := forOne(t, nil)
	r.Deliver(tgtest.Private(1, 1, bottest.Keep))
	r.Deliver(tgtest.Press(1, 1, 9, "1t::en", menu()))
	r.calls(t, "editMessageText", 1)
	only(t, r.calls(t, "sendMessage", 1)[0], 0, "", 0)
}

// A text to copy is set as one with a button that copies it, and the file comes
// after it and before the next answer, whole, though the server fails at first.
func TestFile(t *testing.T) {
	r := forOne(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Internal, Method: "sendDocument"})
	r.Order(tgtest.Fault{Kind: tgtest.TooMany, Method: "sendDocument", Value: 1})
	k := newClock()
	r.a.gate.now, r.a.gate.wait = k.now, k.sleep
	r.Deliver(tgtest.Private(1, 1, bottest.Keep))
	r.Deliver(tgtest.Private(1, 2, "messenger"))
	r.confirmed(t)
	var order []string
	for _, c := range r.Calls("") {
		if strings.HasPrefix(c.Method, "send") {
			order = append(order, c.Method)
		}
	}
	if strings.Join(order, " ") != "sendMessage sendDocument sendMessage" {
		t.Errorf("got %v", order)
	}
	text, file := r.Calls("sendMessage")[0], r.Calls("sendDocument")[0]
	if !strings.Contains(text.Visible(), bottest.KeepText) || !strings.Contains(text.Text("text"), "<pre>Dear") {
		t.Errorf("got %q", text.Text("text"))
	}
	if b := text.Buttons(); len(b) == 0 || b[0].Copy != bottest.KeepText {
		t.Errorf("got buttons %+v, want one that copies", b)
	}
	f, _ := file.Params["document"].(tgtest.File)
	if f.Name != "reminder.ics" || f.Type != "text/calendar" || string(f.Data) != bottest.FileText {
		t.Errorf("got file %q of type %q: %q", f.Name, f.Type, f.Data)
	}
	if c := r.a.Counts(); c.Files != 1 || c.Messages != 3 || c.Answers != 2 || c.Retries != 2 {
		t.Errorf("got %+v, want one file, three messages, two answers, two retries", c)
	}
}
