package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

const me = "@" + tgtest.Username

// What the bot answers in a group, and what not. Each case is followed by a
// question that is answered; when that answer is out, the case is over.
func TestGroup(t *testing.T) {
	mention := func(text string) map[string]any {
		at := strings.Index(text, me)
		return tgtest.Mention(tgtest.Group(-100, 1, 5, text), at, at+len(me))
	}
	stranger := tgtest.User(77)
	for _, c := range []struct {
		name   string
		update map[string]any
		want   string // the entry that is shown; "" for no answer
	}{
		{"talk", tgtest.Group(-100, 1, 5, "messenger"), ""},
		{"command", tgtest.Group(-100, 1, 5, "/ask messenger"), "messenger"},
		{"command to it", tgtest.Group(-100, 1, 5, "/ask"+me+" messenger"), "messenger"},
		{"command to it in other letters", tgtest.Group(-100, 1, 5, "/ASK"+strings.ToLower(me)+"\nmessenger"), "messenger"},
		{"command to another bot", tgtest.Group(-100, 1, 5, "/ask@OtherBot messenger"), ""},
		{"command that it does not know", tgtest.Group(-100, 1, 5, "/ban messenger"), ""},
		{"mention", mention(me + " messenger"), "messenger"},
		{"mention after emoji", mention("\U0001F9D1\U0001F9D1 messenger " + me), "messenger"},
		{"mention of another", tgtest.Mention(tgtest.Group(-100, 1, 5, "@someone messenger"), 0, 8), ""},
		{"its name without a mention", tgtest.Group(-100, 1, 5, me+" messenger"), ""},
		{"mention below a question", tgtest.Reply(mention(me), stranger, "messenger"), "messenger"},
		{"reply to it", tgtest.Reply(tgtest.Group(-100, 1, 5, "messenger"), tgtest.Bot(), "…"), "messenger"},
		{"reply to another", tgtest.Reply(tgtest.Group(-100, 1, 5, "messenger"), stranger, "…"), ""},
		{"command below a question", tgtest.Reply(tgtest.Group(-100, 1, 5, "/ask"), stranger, "messenger"), "messenger"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			r.Deliver(c.update)
			r.Deliver(tgtest.Group(-100, 2, 6, "/ask dpc"))
			b, entries := bottest.New(t), []string{c.want, "dpc"}
			if c.want == "" {
				entries = entries[1:]
			}
			got := r.calls(t, "sendMessage", len(entries))
			if len(got) != len(entries) {
				t.Fatalf("got %d messages, want %d", len(got), len(entries))
			}
			for i, e := range entries {
				want, _ := b.Show(e, "en")
				if title(got[i]) != want.Title {
					t.Errorf("got %q, want %q", title(got[i]), want.Title)
				}
			}
			if c.want != "" && got[0].ReplyTo() != 5 {
				t.Errorf("the answer is under message %d, want 5", got[0].ReplyTo())
			}
		})
	}
}

// Who speaks in the name of the group, or of a channel, is a person; a post
// that Telegram forwards from the linked channel is not.
func TestGroupSenders(t *testing.T) {
	r := start(t, nil)
	post := tgtest.Group(-100, 777000, 5, "/ask messenger")
	tgtest.Message(post)["is_automatic_forward"] = true
	tgtest.Message(post)["sender_chat"] = map[string]any{"id": -200, "type": "channel"}
	r.Deliver(post)
	admin := tgtest.Group(-100, 1087968824, 6, "/ask devices")
	tgtest.Message(admin)["from"].(map[string]any)["is_bot"] = true
	tgtest.Message(admin)["sender_chat"] = map[string]any{"id": -100, "type": "supergroup"}
	r.Deliver(admin)
	if got := r.calls(t, "sendMessage", 1); got[0].ReplyTo() != 6 {
		t.Errorf("got an answer to message %d, want to the admin's, 6", got[0].ReplyTo())
	}
}

func TestForumTopics(t *testing.T) {
	for _, c := range []struct {
		name   string
		thread int
		topic  bool
		want   int64
	}{
		{"a topic", 42, true, 42},
		{"the general topic", 1, true, 0},
		{"a thread of replies", 42, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, nil)
			u := tgtest.Group(-100, 1, 5, "/ask messenger")
			tgtest.Message(u)["message_thread_id"] = c.thread
			tgtest.Message(u)["is_topic_message"] = c.topic
			r.Deliver(u)
			if got := r.calls(t, "sendMessage", 1)[0].Int("message_thread_id"); got != c.want {
				t.Errorf("got thread %d, want %d", got, c.want)
			}
		})
	}
}

func TestCheckAsReply(t *testing.T) {
	r := start(t, nil)
	claim := bottest.Base(t).Claims[0].Texts["en"].Claim
	r.Deliver(tgtest.Reply(tgtest.Group(-100, 1, 5, "/check"), tgtest.User(77), "I read: "+claim))
	got := r.calls(t, "sendMessage", 1)[0].Visible()
	if !strings.Contains(got, strings.TrimSuffix(claim, ".")) {
		t.Errorf("got %q, want the verdict on %q", got, claim)
	}
}

// In a group only those who run it change its language; others are told so.
// Everybody may see which there are, and in a private chat choose.
func TestGroupLanguage(t *testing.T) {
	const denied = "Only those who run this group"
	asAdmin := tgtest.Group(-100, 1087968824, 5, "/language en")
	tgtest.Message(asAdmin)["from"].(map[string]any)["is_bot"] = true
	tgtest.Message(asAdmin)["sender_chat"] = map[string]any{"id": -100, "type": "supergroup"}
	asChannel := tgtest.Group(-100, 136817688, 5, "/language en")
	tgtest.Message(asChannel)["sender_chat"] = map[string]any{"id": -300, "type": "channel"}
	for _, c := range []struct {
		name   string
		update map[string]any
		denied bool
		asked  int // calls of getChatMember
	}{
		{"a member", tgtest.Group(-100, 1, 5, "/language en"), true, 1},
		{"a member, by mention", tgtest.Mention(tgtest.Group(-100, 1, 5, me+" /language en"), 0, len(me)), true, 1},
		{"who runs it", tgtest.Group(-100, 2, 5, "/language en"), false, 1},
		{"in the group's name", asAdmin, false, 0},
		{"in a channel's name", asChannel, true, 0},
		{"a member looks", tgtest.Group(-100, 1, 5, "/language"), false, 0},
		{"a private chat", tgtest.Private(1, 5, "/language en"), false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, bottest.New(t), nil)
			r.Admins = []int64{2}
			r.run(t)
			r.Deliver(c.update)
			got := r.calls(t, "sendMessage", 1)[0].Visible()
			if strings.HasPrefix(got, denied) != c.denied {
				t.Errorf("got %q", got)
			}
			if n := len(r.Calls("getChatMember")); n != c.asked {
				t.Errorf("asked %d times who it is, want %d", n, c.asked)
			}
		})
	}
	r := newRig(t, bottest.New(t), nil)
	r.Admins = []int64{2}
	r.run(t)
	r.Deliver(tgtest.Press(1, -100, 9, "1l::en", menu()))
	if got := r.calls(t, "answerCallbackQuery", 1)[0].Text("text"); !strings.HasPrefix(got, denied) {
		t.Errorf("got %q", got)
	}
	r.Order(tgtest.Fault{Kind: tgtest.Blocked, Method: "getChatMember"})
	r.Deliver(tgtest.Press(2, -100, 9, "1l::en", menu()))
	r.calls(t, "answerCallbackQuery", 2) // the server does not say who it is
	r.Deliver(tgtest.Press(2, -100, 9, "1l::en", menu()))
	r.calls(t, "sendMessage", 1)
}

// A group gets so many answers, one request for patience, and then silence;
// other chats are answered.
func TestCooldown(t *testing.T) {
	r := start(t, func(c *Config) { c.Limits = Limits{Answers: 3} })
	for i := range int64(8) {
		r.Deliver(tgtest.Group(-100, i, i+1, "/ask messenger"))
	}
	r.Deliver(tgtest.Group(-200, 1, 1, "/ask messenger"))
	r.calls(t, "sendMessage", 5)
	r.confirmed(t)
	got := r.calls(t, "sendMessage", 5)
	busy := 0
	for _, c := range got {
		if strings.HasPrefix(c.Visible(), "Many questions") {
			busy++
		}
	}
	if len(got) != 5 || busy != 1 {
		t.Errorf("got %d messages with %d requests for patience, want 5 with 1", len(got), busy)
	}
	if c := r.a.Counts(); c.Quiet != 5 {
		t.Errorf("got %d quiet, want 5", c.Quiet)
	}
}

// The group became a supergroup between the question and the answer.
func TestMigration(t *testing.T) {
	r := start(t, nil)
	r.Order(tgtest.Fault{Kind: tgtest.Migrated, Method: "sendMessage", Value: -100200300400500})
	u := tgtest.Group(-7, 1, 5, "/ask messenger")
	tgtest.Message(u)["chat"].(map[string]any)["type"] = "group"
	r.Deliver(u)
	got := r.calls(t, "sendMessage", 1)[0]
	if got.Int("chat_id") != -100200300400500 {
		t.Errorf("the answer went to %d", got.Int("chat_id"))
	}
	r.DeliverRaw(`{"update_id":%d,"message":{"message_id":9,"chat":{"id":-7,"type":"group"},"from":{"id":1},"migrate_to_chat_id":-100200300400500}}`)
	r.confirmed(t)
}
