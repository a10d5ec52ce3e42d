package dctest

import (
	"strings"
	"time"
)

// Routes.
const (
	Callback   = "POST /interactions/{id}/{token}/callback"
	FollowUp   = "POST /webhooks/{app}/{token}"
	Send       = "POST /channels/{id}/messages"
	History    = "GET /channels/{id}/messages"
	Put        = "PUT /applications/{app}/commands"
	Get        = "GET /applications/{app}/commands"
	App        = "GET /applications/@me"
	PatchApp   = "PATCH /applications/@me"
	GatewayBot = "GET /gateway/bot"
	Answered   = "answer by HTTP" // the answer to an interaction that was delivered by HTTP
	Said       = "anything said"  // everything that people get to see
)

// Types of answers to interactions.
const (
	Message  = 4
	Update   = 7
	Choices  = 8
	ephemera = 1 << 6
)

// Call is a request that the bot made and that succeeded.
type Call struct {
	Route       string
	IDs         []string // in the path
	Body        map[string]any
	List        []any    // the body, where it is a list
	Files       []string // names of attached files
	At          time.Time
	Before      string        // what stood before /api in the path
	Interaction string        // the id of the interaction that it answers
	Took        time.Duration // from the delivery of the interaction
	Cut         bool          // the connection is cut, and the bot does not learn that it was done
	Again       bool          // a message with the nonce of an earlier one: nothing was posted
	auth        string
}

// said reports whether people see something new.
func (c Call) said() bool {
	switch c.Route {
	case Send, FollowUp:
		return !c.Again
	case Callback, Answered:
		return c.Type() == Message || c.Type() == Update
	}
	return false
}

// Type is the type of an answer to an interaction.
func (c Call) Type() int { return int(number(c.Body["type"])) }

// Message is what is said.
func (c Call) Message() map[string]any {
	if c.Route == Callback || c.Route == Answered {
		return object(c.Body["data"])
	}
	return c.Body
}

// Ephemeral reports whether only one person sees it.
func (c Call) Ephemeral() bool { return int(number(c.Message()["flags"]))&ephemera != 0 }

// ReplyTo returns the id of the message that a message answers, or "".
func (c Call) ReplyTo() string { return text(object(c.Body["message_reference"])["message_id"]) }

// Visible returns the text of a message as people see it.
func (c Call) Visible() string {
	m := c.Message()
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(Plain(text(m["content"])))
	for _, v := range list(m["embeds"]) {
		e := object(v)
		add(Plain(text(e["title"])))
		add(Plain(text(e["description"])))
		for _, f := range list(e["fields"]) {
			add(Plain(text(object(f)["name"])) + ": " + Plain(text(object(f)["value"])))
		}
		add(text(object(e["footer"])["text"]))
	}
	return strings.Join(parts, "\n")
}

// Button is something to press or to choose below a message.
type Button struct {
	Label, Data, URL string
	Menu             string // the custom_id of the select menu that it stands in, or ""
}

// Buttons returns what can be pressed or chosen.
func (c Call) Buttons() []Button {
	var out []Button
	for _, row := range list(c.Message()["components"]) {
		for _, v := range list(object(row)["components"]) {
			b := object(v)
			id := text(b["custom_id"])
			if options := list(b["options"]); len(options) > 0 {
				for _, o := range options {
					out = append(out, Button{Label: text(object(o)["label"]), Data: text(object(o)["value"]), Menu: id})
				}
				continue
			}
			out = append(out, Button{Label: text(b["label"]), Data: id, URL: text(b["url"])})
		}
	}
	return out
}

// Suggestions returns the choices of an autocompletion: name, value.
func (c Call) Suggestions() [][2]string {
	var out [][2]string
	for _, v := range list(c.Message()["choices"]) {
		out = append(out, [2]string{text(object(v)["name"]), text(object(v)["value"])})
	}
	return out
}

func object(v any) map[string]any { m, _ := v.(map[string]any); return m }
func list(v any) []any            { l, _ := v.([]any); return l }
func text(v any) string           { s, _ := v.(string); return s }
func number(v any) float64        { n, _ := v.(float64); return n }
