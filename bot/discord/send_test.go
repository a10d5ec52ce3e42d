package discord

import (
	"strings"
	"testing"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// What may go wrong with a call, and how often something is said all the same.
func TestCallFaults(t *testing.T) {
	for name, kind := range map[string]dctest.Kind{
		"429": dctest.TooMany, "429 of all": dctest.TooManyAll, "429 as a page": dctest.TooManyHTML, "500": dctest.Internal,
		"502": dctest.BadGateway, "cut before": dctest.CutBefore, "cut after": dctest.CutAfter, "broken body": dctest.BrokenBody,
		"part of a body": dctest.PartBody,
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, bottest.New(t))
			r.Order(dctest.Fault{Kind: kind, Route: dctest.Callback, Value: 0.3})
			r.Order(dctest.Fault{Kind: kind, Route: dctest.Send, Value: 0.3})
			r.answers(t)
			r.Post(r.Note("1", dm(1), "", "messenger"))
			r.calls(t, dctest.Send, 1)
			r.Post(r.Note("1", dm(1), "", "deadline")) // after it nothing of the first is on its way
			r.calls(t, dctest.Send, 2)
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			said := r.Calls(dctest.Said)
			if len(said) != 3 {
				t.Errorf("%d messages were said, want 3", len(said))
			}
			if c := r.a.Counts(); c.Answers != 3 || c.Failed != 0 {
				t.Errorf("got %+v", c)
			}
		})
	}
}

// long is a reply of three messages.
func long() bot.Reply {
	var r bot.Reply
	for range 3 {
		r.Blocks = append(r.Blocks, sentence(strings.Repeat("word ", 700)).Blocks...)
	}
	return r
}

// A further message has no nonce: it is sent once when its fate is unknown, and
// again when it was surely not posted, or came before the answer did.
func TestFurtherMessages(t *testing.T) {
	for name, c := range map[string]struct {
		kind  dctest.Kind
		times int
		more  int
	}{
		"500": {dctest.Internal, 1, 0}, "cut after": {dctest.CutAfter, 1, 1}, "429": {dctest.TooMany, 1, 2},
		"overtook the answer": {dctest.UnknownWebhook, maxEarly - 2, 2}, "the interaction has ended": {dctest.UnknownWebhook, -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			ways(t, func(t *testing.T, r *rig) {
				r.a.bot = fixed{bottest.New(t), long()}
				r.Order(dctest.Fault{Kind: c.kind, Route: dctest.FollowUp, Times: c.times, Value: 0.1})
				r.ask(t, dctest.Slash("1", "ask", "question", "x"))
				if err := r.stop(); err != nil {
					t.Error(err)
				}
				got := r.Calls(dctest.FollowUp)
				if len(got) != c.more {
					t.Errorf("%d further messages, want %d; log: %s", len(got), c.more, r.logs)
				}
				for _, m := range got {
					if !m.Ephemeral() {
						t.Error("a further message is for all")
					}
				}
			})
		})
	}
}

// Where only the person has installed the bot, Discord takes five further
// messages.
func TestOutside(t *testing.T) {
	r := long()
	for range 3 {
		r.Blocks = append(r.Blocks, r.Blocks...)
	}
	g := start(t, fixed{bottest.New(t), r})
	d := dctest.Slash("1", "ask", "question", "x")
	d["authorizing_integration_owners"] = map[string]any{"1": "1"}
	g.ask(t, d)
	if n := len(g.calls(t, dctest.FollowUp, maxOutside)); n != maxOutside {
		t.Errorf("got %d", n)
	}
}

// A server that wants silence for longer than an interaction lives is not waited
// for.
func TestTooLateToWait(t *testing.T) {
	r := start(t, bottest.New(t))
	r.Order(dctest.Fault{Kind: dctest.TooMany, Route: dctest.Callback, Value: 60})
	r.Interact(dctest.Slash("1", "deadline"))
	r.Post(r.Note("1", dm(1), "", "messenger"))
	r.calls(t, dctest.Send, 1)
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if c := r.a.Counts(); c.Failed != 1 || c.Answers != 1 {
		t.Errorf("got %+v", c)
	}
	for _, d := range r.naps.taken() {
		if d > 3*time.Second {
			t.Errorf("it paused for %v", d)
		}
	}
}

// Where the bot must not embed anything it says the same in plain words.
func TestNoEmbeds(t *testing.T) {
	r := start(t, bottest.New(t))
	r.Order(dctest.Fault{Kind: dctest.Forbidden, Route: dctest.Send})
	r.Post(dctest.Mention(r.Note("1", dctest.Channel, dctest.Guild, "messenger")))
	c := r.calls(t, dctest.Send, 1)[0]
	if c.Body["content"] == nil || !strings.HasPrefix(c.Visible(), titleOf(t, "messenger")) || c.ReplyTo() == "" {
		t.Errorf("got %v", c.Body)
	}
}

// A channel gets so many answers a minute, then a word, then nothing.
func TestPatience(t *testing.T) {
	r := newRig(t, bottest.New(t), dctest.Options{}, func(_ *rig, c *Config) { c.Limits.Answers = 2 }).run(t)
	r.connected(t)
	for range 5 {
		r.Post(dctest.Mention(r.Note("1", dctest.Channel, dctest.Guild, "messenger")))
	}
	r.Post(r.Note("1", dm(1), "", "deadline")) // another channel is not concerned
	got := r.calls(t, dctest.Send, 4)
	busy := 0
	for _, c := range got {
		if strings.Contains(c.Visible(), "Many questions at once") {
			busy++
		}
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if n := len(r.Calls(dctest.Send)); n != 4 || busy != 1 || r.a.Counts().Quiet != 3 {
		t.Errorf("got %d messages, %d asking for patience, %+v", n, busy, r.a.Counts())
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t, bottest.New(t), dctest.Options{}, nil)
	r.a.gate.refusal.AllowN(r.a.now(), maxRefused)
	r.a.work = t.Context()
	if err := r.a.send("1", newPost(), nil); err != errRefused {
		t.Errorf("after %d refusals: got %v", maxRefused, err)
	}
}

// The bot answers those who speak to it, and nobody else.
func TestForBot(t *testing.T) {
	r := start(t, bottest.New(t))
	note := func(words string) map[string]any { return r.Note("1", dctest.Channel, dctest.Guild, words) }
	toBot := note("messenger")
	toBot["type"], toBot["referenced_message"] = 19, map[string]any{"id": "5", "author": dctest.Bot(), "content": "x"}
	quoting := dctest.Mention(note(""))
	quoting["type"], quoting["referenced_message"] = 19, map[string]any{"id": "6", "author": dctest.User("2"), "content": "devices"}
	bare := note("<@!" + dctest.BotID + "> likeness") // some servers leave the list of mentions empty
	for _, m := range []map[string]any{toBot, quoting, bare} {
		r.Post(m)
	}
	other := dctest.Mention(note("deadline"))
	other["webhook_id"] = "7"
	pin := dctest.Mention(note("deadline"))
	pin["type"] = 6
	everyone := note("@everyone deadline")
	everyone["mention_everyone"] = true
	authorless := note("deadline")
	delete(authorless, "author")
	toOther := note("deadline")
	toOther["type"], toOther["referenced_message"] = 19, map[string]any{"id": "5", "author": dctest.User("2"), "content": "x"}
	for _, m := range []map[string]any{other, pin, everyone, authorless, toOther} {
		r.Post(m)
	}
	r.Post(dctest.Mention(note("dpc")))
	got := r.calls(t, dctest.Send, 4)
	for i, e := range []string{"messenger", "devices", "likeness", "dpc"} {
		if !strings.HasPrefix(got[i].Visible(), titleOf(t, e)) || got[i].ReplyTo() == "" {
			t.Errorf("got %.60q, want %s", got[i].Visible(), e)
		}
	}
}
