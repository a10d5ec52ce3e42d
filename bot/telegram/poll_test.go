package telegram

import (
	"strings"
	"testing"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// A batch with updates that cannot be read: they are set aside and counted, the
// others are answered, and all are acknowledged.
func TestPoisonedUpdates(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	for _, raw := range []string{
		`{"update_id":%d,"message":{"message_id":"x"}}`,
		`{"update_id":%d,"message":[]}`,
		`{"update_id":"%d","message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1e400}}`,
		`{"update_id":%d,"message":{"text":tru}}`,
		`{"update_id":%d,"message":{"message_id":0,"ephemeral_message_id":"x"}}`,
		`{"update_id":%d,"callback_query":{"id":"1","from":{"id":1},"message":{"ephemeral_message_id":[]}}}`,
		`{"update_id":%d,"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
	} {
		r.DeliverRaw(raw)
	}
	r.Deliver(tgtest.Private(2, 1, "deadline"))
	r.run(t)
	r.calls(t, "sendMessage", 2)
	r.confirmed(t)
	if c := r.a.Counts(); c.Poisoned != 8 || c.Answers != 2 {
		t.Errorf("got %+v, want 8 poisoned and 2 answers", c)
	}
	if err := r.stop(); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

// Updates that ask nothing are acknowledged without a word.
func TestQuietUpdates(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	for _, raw := range []string{
		`{"update_id":%d}`,
		`{"update_id":%d,"message":null}`,
		`{"update_id":%d,"message":{}}`,
		`{"update_id":%d,"message":{"message_id":1,"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"text":"messenger"}}`,
		`{"update_id":%d,"a_kind_of_tomorrow":{"x":1}}`,
		`{"update_id":%d,"edited_message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"text":"messenger"}}`,
		`{"update_id":%d,"channel_post":{"message_id":1,"chat":{"id":-1,"type":"channel"},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":-1,"type":"channel"},"from":{"id":1},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"pinned_message":{"message_id":1}}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":-1,"type":"group"},"from":{"id":1},"new_chat_title":"x"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"forward_from":{"id":9,"is_bot":true},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"forward_origin":{"type":"user","sender_user":{"id":9,"is_bot":true}},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"via_bot":{"id":123456,"is_bot":true},"text":"messenger"}}`,
		`{"update_id":%d,"message":{"message_id":0,"ephemeral_message_id":null,"chat":null}}`,
		`{"update_id":%d,"message":{"message_id":0,"ephemeral_message_id":7,"chat":{"id":-1,"type":"group"},"from":{"id":1},"text":"talk"}}`,
		`{"update_id":%d,"guest_message":{}}`,
		`{"update_id":%d,"callback_query":{}}`,
		`{"update_id":%d,"inline_query":{}}`,
	} {
		r.DeliverRaw(raw)
	}
	r.run(t)
	r.confirmed(t)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if got := r.Calls("sendMessage"); len(got) > 0 {
		t.Errorf("got %d messages, want none: %v", len(got), got)
	}
	if c := r.a.Counts(); c.Poisoned+c.Panics+c.Failed != 0 {
		t.Errorf("got %+v, want nothing set aside", c)
	}
}

func TestRepeatedUpdates(t *testing.T) {
	r := start(t, nil)
	first := r.Deliver(tgtest.Private(1, 1, "messenger"))
	r.calls(t, "sendMessage", 1)
	r.confirmed(t)
	r.Repeat(first, tgtest.Private(1, 1, "messenger"))
	r.Deliver(tgtest.Private(1, 2, "deadline"))
	r.calls(t, "sendMessage", 2)
	r.confirmed(t)
	if got := len(r.Calls("sendMessage")); got != 2 {
		t.Errorf("got %d messages, want 2", got)
	}
	if c := r.a.Counts(); c.Repeated == 0 {
		t.Errorf("got %+v, want a repeated update", c)
	}
}

// The offset does not move past an update that is in hand, and the bot asks for
// more all the same: another chat is answered meanwhile.
func TestOffsetWaits(t *testing.T) {
	b := bottest.Scripted{Bot: bottest.New(t), Gate: make(chan struct{})}
	r := newRig(t, b, nil).run(t)
	slow := r.Deliver(tgtest.Private(1, 1, bottest.Wait))
	r.calls(t, "getUpdates", 2) // the first brought it
	r.Deliver(tgtest.Private(2, 1, "messenger"))
	r.calls(t, "sendMessage", 1)
	r.Deliver(tgtest.Private(3, 1, "messenger"))
	r.calls(t, "sendMessage", 2)
	for _, c := range r.Calls("getUpdates") {
		if c.Int("offset") > slow {
			t.Errorf("got offset %d while %d is in hand", c.Int("offset"), slow)
		}
	}
	b.Gate <- struct{}{}
	r.calls(t, "sendMessage", 3)
	r.confirmed(t)
}

// Faults of receiving: the bot waits longer from one to the next, and goes on.
func TestPollFaults(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	for _, kind := range []tgtest.Kind{
		tgtest.Internal, tgtest.BadGateway, tgtest.Page, tgtest.CutBefore, tgtest.CutAfter, tgtest.TooManyHTML,
	} {
		r.Order(tgtest.Fault{Kind: kind, Method: "getUpdates"})
	}
	r.Order(tgtest.Fault{Kind: tgtest.TooMany, Method: "getUpdates", Value: 42})
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	r.run(t)
	r.calls(t, "sendMessage", 1)
	r.confirmed(t)
	naps := r.naps.taken()
	if len(naps) != 7 {
		t.Fatalf("got %d pauses, want 7: %v", len(naps), naps)
	}
	for i, d := range naps[:5] {
		if least := firstDelay << i / 2; d < least || d > 2*least {
			t.Errorf("pause %d: got %v, want %v to %v", i, d, least, 2*least)
		}
	}
	if naps[6].Seconds() != 42 {
		t.Errorf("got %v after retry_after 42", naps[6])
	}
	if c := r.a.Counts(); c.Troubles != 7 {
		t.Errorf("got %d troubles, want 7", c.Troubles)
	}
}

// A server that does not hold polls open is not asked thousands of times a
// second.
func TestPollHastyServer(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.a.now = newClock().now // no time passes
	r.Order(tgtest.Fault{Kind: tgtest.Hasty, Method: "getUpdates", Times: 5})
	r.run(t)
	r.calls(t, "getUpdates", 1)
	if naps := r.naps.taken(); len(naps) != 5 || naps[0] != hastyPause {
		t.Errorf("got pauses %v, want 5 of %v", naps, hastyPause)
	}
}

// A cut in the answer of getUpdates loses no update.
func TestPollCutBody(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.Order(tgtest.Fault{Kind: tgtest.CutBody, Method: "getUpdates"})
	for i := range int64(10) {
		r.Deliver(tgtest.Private(i+1, 1, "messenger"))
	}
	r.run(t)
	r.calls(t, "sendMessage", 10)
	r.confirmed(t)
}

// What the operator must mend ends the adapter with what to do.
func TestFatal(t *testing.T) {
	for _, c := range []struct {
		name, method string
		kind         tgtest.Kind
		want         string
	}{
		{"wrong token at the start", "getMe", tgtest.Unauthorized, "@BotFather"},
		{"wrong token later", "getUpdates", tgtest.Unauthorized, "@BotFather"},
		{"wrong token when sending", "sendMessage", tgtest.Unauthorized, "@BotFather"},
		{"another program", "getUpdates", tgtest.Conflict, "another program"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, bottest.New(t), nil)
			r.Order(tgtest.Fault{Kind: c.kind, Method: c.method})
			r.Deliver(tgtest.Private(1, 1, "messenger"))
			err := r.a.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), tgtest.Token) {
				t.Errorf("got %v, want an error that says %q", err, c.want)
			}
			if r.Waiting() != 1 {
				t.Errorf("%d updates wait, want the one that was not answered", r.Waiting())
			}
		})
	}
}

// What was answered before the end is acknowledged, also when the server has
// refused the token; but when another program receives, nothing more is asked.
func TestFatalAcknowledges(t *testing.T) {
	r := newRig(t, bottest.New(t), nil)
	r.Order(tgtest.Fault{Kind: tgtest.Unauthorized, Method: "sendMessage", Only: func(p map[string]any) bool {
		return tgtest.Call{Params: p}.Int("chat_id") == 2
	}})
	r.Order(tgtest.Fault{Kind: tgtest.Internal, Method: "getUpdates", Only: func(p map[string]any) bool {
		return tgtest.Call{Params: p}.Int("limit") == 1 // the acknowledgement, once
	}})
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	r.Deliver(tgtest.Private(2, 1, "messenger"))
	if err := r.a.Run(t.Context()); err == nil {
		t.Error("got no error")
	}
	if n := len(r.Calls("sendMessage")); r.Waiting() != 2-n {
		t.Errorf("%d updates wait after %d answers to 2", r.Waiting(), n)
	}

	r = newRig(t, bottest.New(t), nil)
	r.Order(tgtest.Fault{Kind: tgtest.Conflict, Method: "getUpdates", Only: func(p map[string]any) bool {
		return tgtest.Call{Params: p}.Int("offset") > 0
	}})
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	if err := r.a.Run(t.Context()); err == nil {
		t.Error("got no error")
	}
	if n := len(r.Calls("getUpdates")); n != 1 {
		t.Errorf("got %d polls that took the updates from the other program", n-1)
	}
}

func TestFatalWebhookActive(t *testing.T) {
	r := newRig(t, bottest.New(t), byWebhook(t)).run(t)
	r.calls(t, "setWebhook", 1)
	a, err := New(bottest.New(t), r.a.log, Config{Token: tgtest.Token, URL: r.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "a webhook is set") {
		t.Errorf("got %v, want that a webhook is set", err)
	}
}

// The end acknowledges what was handled, so that the next start does not get it
// again.
func TestStopConfirms(t *testing.T) {
	r := start(t, nil)
	r.Deliver(tgtest.Private(1, 1, "messenger"))
	r.calls(t, "sendMessage", 1)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if r.Waiting() != 0 {
		t.Errorf("%d updates are not acknowledged", r.Waiting())
	}
}

// With a journal a killed bot answers nothing again that it had answered.
func TestJournalOverRestart(t *testing.T) {
	name := t.TempDir() + "/updates"
	r := newRig(t, bottest.New(t), func(c *Config) { c.Journal = name }).run(t)
	id := r.Deliver(tgtest.Private(1, 1, "messenger"))
	r.calls(t, "sendMessage", 1)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	next, err := New(bottest.New(t), r.a.log, Config{Token: tgtest.Token, URL: r.URL, Journal: name})
	if err != nil {
		t.Fatal(err)
	}
	again := &rig{Server: r.Server, a: next, logs: r.logs}
	again.run(t)
	r.Repeat(id, tgtest.Private(1, 1, "messenger"))
	r.Deliver(tgtest.Private(2, 1, "deadline"))
	r.calls(t, "sendMessage", 2)
	r.confirmed(t)
	if n := len(r.Calls("sendMessage")); n != 2 {
		t.Errorf("got %d messages, want 2", n)
	}
}

func TestConfigFaults(t *testing.T) {
	_, err := New(bottest.New(t), nil, Config{Token: "geheim", URL: "x", Webhook: &Webhook{URL: "y", Secret: "ä"}})
	if err == nil {
		t.Fatal("a wrong configuration gives no error")
	}
	for _, want := range []string{"token", "Bot API server", "webhook", "secret", "listen"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the token is in %v", err)
	}
}
