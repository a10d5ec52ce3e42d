package tgtest

import (
	"encoding/json"
	"time"
)

// Call is a request that the bot made.
type Call struct {
	Method string
	Params map[string]any
	At     time.Time
	Before string // what stood before /bot in the path
	Cut    bool   // the connection is cut, and the bot does not learn that it was done
}

// Text returns a parameter as text.
func (c Call) Text(name string) string {
	s, _ := c.Params[name].(string)
	return s
}

// Int returns a parameter as a number, 0 when there is none. Like Telegram it
// takes a number in quotation marks.
func (c Call) Int(name string) int64 {
	n, ok := c.Params[name].(json.Number)
	if !ok {
		n = json.Number(c.Text(name))
	}
	v, _ := n.Int64() // 0 when it is none
	return v
}

// ReplyTo returns the number of the message that a message is put under, or 0.
func (c Call) ReplyTo() int64 {
	p, _ := c.Params["reply_parameters"].(map[string]any)
	return Call{Params: p}.Int("message_id")
}

// OnlyFor returns the one person who sees a message, or 0 for all.
func (c Call) OnlyFor() int64 {
	p, _ := c.Params["ephemeral_message_parameters"].(map[string]any)
	if p == nil {
		return c.Int("receiver_user_id")
	}
	return Call{Params: p}.Int("receiver_user_id")
}

// Answers returns what a message for one person answers: a press, and the
// number of a message of that kind.
func (c Call) Answers() (press string, secret int64) {
	p, _ := c.Params["ephemeral_message_parameters"].(map[string]any)
	r, _ := c.Params["reply_parameters"].(map[string]any)
	return Call{Params: p}.Text("callback_query_id"), Call{Params: r}.Int("ephemeral_message_id")
}

// Replaces reports whether a message is shown in the place of the one whose
// button was pressed.
func (c Call) Replaces() bool {
	p, _ := c.Params["ephemeral_message_parameters"].(map[string]any)
	return p["replace_callback_query_message"] == true
}

// Visible returns the text of a message as people see it.
func (c Call) Visible() string {
	if c.Text("parse_mode") != "HTML" {
		return c.Text("text")
	}
	text, err := ParseHTML(c.Text("text"))
	if err != nil {
		return "(" + err.Error() + ")" // such a message is refused and not recorded
	}
	return text
}

// Button is a button below a message.
type Button struct {
	Text, Data, URL string
	Copy            string
}

// Buttons returns the buttons below a message.
func (c Call) Buttons() []Button {
	markup, _ := c.Params["reply_markup"].(map[string]any)
	rows, _ := markup["inline_keyboard"].([]any)
	var out []Button
	for _, row := range rows {
		list, _ := row.([]any)
		for _, b := range list {
			p, _ := b.(map[string]any)
			c := Call{Params: p}
			copies, _ := p["copy_text"].(map[string]any)
			out = append(out, Button{c.Text("text"), c.Text("callback_data"), c.Text("url"), Call{Params: copies}.Text("text")})
		}
	}
	return out
}
