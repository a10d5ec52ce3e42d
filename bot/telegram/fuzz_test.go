package telegram

import (
	"encoding/json"
	"testing"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot/bottest"
	"optoutbot/bot/telegram/tgtest"
)

// FuzzUpdate feeds the adapter's decoding: nothing panics, and salvaging finds
// what the decoder finds.
func FuzzUpdate(f *testing.F) {
	f.Add(`{"update_id":1,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"from":{"id":1},"text":"hi"}}`)
	f.Add(`{"update_id":1,"callback_query":{"id":"1","data":"x"}}`)
	f.Add(`{"update_id":1,"inline_query":{"query":"\ud83e"}}`)
	f.Add(`{"update_id":1,"message":{"entities":[{"type":"mention","offset":-1,"length":99999999}],"text":"@x"}}`)
	f.Add(`{"update_id":1,"guest_message":{"guest_query_id":"1","chat":{"id":-1,"type":"group"},"from":{"id":1},"text":"@x y"}}`)
	f.Add(`{"update_id":1,"message":{"message_id":0,"ephemeral_message_id":7,"chat":{"id":-1,"type":"group"},"text":"/ask x"}}`)
	r := newRig(f, bottest.New(f), nil)
	r.a.router.Me = &tele.User{ID: tgtest.BotID, Username: tgtest.Username}
	f.Fuzz(func(t *testing.T, in string) {
		body := []byte(`{"ok":true,"result":[` + in + `]}`)
		var env struct {
			Result []json.RawMessage `json:"result"`
		}
		objects := 0
		if json.Unmarshal(body, &env) == nil {
			for _, raw := range env.Result {
				if c := raw[0]; c == '{' || c == '[' {
					objects++
				}
			}
		}
		salvaged := salvage(body)
		if len(salvaged) < objects {
			t.Fatalf("salvage found %d updates, the decoder %d", len(salvaged), objects)
		}
		for _, raw := range salvaged {
			_, _ = updateID(raw)
			u, err := decode(raw)
			if err != nil {
				continue
			}
			_ = lane(u)
			if u.guest != nil {
				_ = r.a.guestQuestion(&u.guest.Message)
			}
			if u.Message != nil {
				text, ok := r.a.question(u.Message)
				if ok && u.Message.Chat == nil {
					t.Fatalf("a question %q without a chat", text)
				}
			}
		}
	})
}
