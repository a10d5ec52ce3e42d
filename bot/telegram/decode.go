package telegram

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	tele "gopkg.in/telebot.v3"
)

// maxDepth is how deep an update may be nested; real ones stay below 20.
const maxDepth = 64

// splitUpdates takes the updates out of the body of getUpdates. One that
// cannot be read does not hide the others: it comes out as it is, and the
// decoding of that one fails.
func splitUpdates(body []byte) ([]json.RawMessage, error) {
	var env struct {
		Result []json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(body, &env); err == nil {
		return env.Result, nil
	}
	if out := salvage(body); len(out) > 0 {
		return out, nil
	}
	return nil, &netError{method: "getUpdates", text: notJSON}
}

// salvage cuts a body that is no valid JSON into the elements of its result, by
// their brackets. The last may be cut short: an endless one must be found too,
// or it would be delivered for ever.
func salvage(body []byte) []json.RawMessage {
	at := bytes.Index(body, []byte(`"result"`))
	if at < 0 {
		return nil
	}
	from := bytes.IndexByte(body[at:], '[')
	if from < 0 {
		return nil
	}
	body = body[at+from+1:]
	var out []json.RawMessage
	start, depth, quoted := -1, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth == 0 {
				start = i
			}
			depth++
		case c == '}' || c == ']':
			if depth--; depth < 0 {
				return out
			}
			if depth == 0 {
				out = append(out, json.RawMessage(body[start:i+1]))
				start = -1
			}
		}
	}
	if start >= 0 {
		out = append(out, json.RawMessage(body[start:]))
	}
	return out
}

// updateID finds the number of an update, also of one that cannot be decoded.
// It does not look into strings, so that no text can pose as a number.
func updateID(raw []byte) (int64, bool) {
	const key = `"update_id"`
	at := bytes.Index(raw, []byte(key))
	if at < 0 {
		return 0, false
	}
	rest := bytes.TrimLeft(raw[at+len(key):], " \t\r\n:\"")
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	id, err := strconv.ParseInt(string(rest[:end]), 10, 64)
	return id, err == nil
}

// incoming is an update with what telebot's type has no place for.
type incoming struct {
	tele.Update
	secret int       // the number of its message if only its receiver sees it
	guest  *guestAsk // asked where the bot is no member
}

// guestAsk is a message that calls the bot into a chat in which it is not.
type guestAsk struct {
	tele.Message
	Query string `json:"guest_query_id"`
}

// decode decodes an update. Its errors name the field and no value.
func decode(raw []byte) (incoming, error) {
	var u incoming
	if tooDeep(raw) {
		return u, fmt.Errorf("it is nested deeper than %d", maxDepth)
	}
	if err := unmarshal(raw, &u.Update); err != nil {
		return u, err
	}
	// Few updates have more than telebot knows; a second look at the others
	// would cost as much as the first.
	if !bytes.Contains(raw, []byte(`"ephemeral_message_id"`)) && !bytes.Contains(raw, []byte(`"guest_message"`)) {
		return u, nil
	}
	type secret struct {
		ID int `json:"ephemeral_message_id"`
	}
	var more struct {
		Message secret `json:"message"`
		Press   struct {
			Message secret `json:"message"`
		} `json:"callback_query"`
		Guest *guestAsk `json:"guest_message"`
	}
	if err := unmarshal(raw, &more); err != nil {
		return u, err
	}
	u.secret, u.guest = max(more.Message.ID, more.Press.Message.ID), more.Guest
	return u, nil
}

func unmarshal(raw []byte, out any) error {
	err := json.Unmarshal(raw, out)
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return fmt.Errorf("field %s has the wrong type", wrong.Field)
	}
	if err != nil {
		return errors.New("it is no valid JSON")
	}
	return nil
}

// tooDeep reports whether brackets outside strings are nested too deep.
func tooDeep(raw []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// lane is the chat that an update belongs to, within which order is kept; for
// an inline query and a guest's question the person.
func lane(u incoming) int64 {
	switch {
	case u.Message != nil && u.Message.Chat != nil:
		return u.Message.Chat.ID
	case u.Callback != nil && u.Callback.Message != nil && u.Callback.Message.Chat != nil:
		return u.Callback.Message.Chat.ID
	case u.Callback != nil && u.Callback.Sender != nil:
		return u.Callback.Sender.ID
	case u.Query != nil && u.Query.Sender != nil:
		return u.Query.Sender.ID
	case u.guest != nil && u.guest.Sender != nil:
		return u.guest.Sender.ID
	}
	return int64(u.ID) // it is nobody's
}
