package tgtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf16"
)

// Limits of the Bot API that its specification file has in prose only.
const (
	maxText    = 4096 // UTF-16 units
	maxToast   = 200
	maxData    = 64 // bytes
	maxCopy    = 256
	maxResults = 50
	maxKeys    = 100
)

var (
	commandForm = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	startForm   = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

// check finds what is wrong with a request.
func (s *Server) check(method string, p map[string]any) error {
	if s.spec != nil {
		if err := s.spec.check(method, p); err != nil {
			return err
		}
	}
	switch method {
	case "sendMessage", "editMessageText", "editEphemeralMessageText":
		return errors.Join(checkText(p["text"], p["parse_mode"]), checkThread(p), checkKeys(p["reply_markup"]))
	case "sendDocument":
		return errors.Join(checkFile(p["document"]), checkThread(p))
	case "answerGuestQuery":
		return checkResults(map[string]any{"results": []any{p["result"]}})
	case "answerCallbackQuery":
		return atMost("text", p["text"], maxToast)
	case "answerInlineQuery":
		return checkResults(p)
	case "setMyCommands":
		return checkCommands(p["commands"])
	case "setMyName":
		return atMost("name", p["name"], 64)
	case "setMyDescription":
		return atMost("description", p["description"], 512)
	case "setMyShortDescription":
		return atMost("short_description", p["short_description"], 120)
	case "setWebhook":
		return atMost("secret_token", p["secret_token"], 256)
	}
	return nil
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func atMost(name string, v any, most int) error {
	if text, _ := v.(string); units(text) > most {
		return fmt.Errorf("%s has %d characters, more than %d", name, units(text), most)
	}
	return nil
}

func checkText(v, mode any) error {
	text, _ := v.(string)
	if mode == "HTML" {
		var err error
		if text, err = ParseHTML(text); err != nil {
			return fmt.Errorf("can't parse entities: %w", err)
		}
	}
	if !hasVisible(text) {
		return errors.New("message text is empty")
	}
	return atMost("text", text, maxText)
}

// checkThread refuses the general topic, whose number must not be named.
func checkThread(p map[string]any) error {
	if (Call{Params: p}).Int("message_thread_id") == 1 {
		return errors.New("message thread not found")
	}
	return nil
}

// maxFile is what this bot's files have at most; Telegram takes 50 MB.
const maxFile = 64 << 10

func checkFile(v any) error {
	f, ok := v.(File)
	if !ok || len(f.Data) == 0 || len(f.Data) > maxFile || f.Type == "" {
		return fmt.Errorf("a file %q of type %q with %d bytes", f.Name, f.Type, len(f.Data))
	}
	return nil
}

func checkKeys(v any) error {
	markup, _ := v.(map[string]any)
	rows, _ := markup["inline_keyboard"].([]any)
	n := 0
	for _, row := range rows {
		buttons, _ := row.([]any)
		if len(buttons) == 0 {
			return errors.New("a row of buttons is empty")
		}
		for _, b := range buttons {
			n++
			if err := checkButton(b); err != nil {
				return err
			}
		}
	}
	if v != nil && n == 0 || n > maxKeys {
		return fmt.Errorf("the keyboard has %d buttons", n)
	}
	return nil
}

func checkButton(v any) error {
	b, _ := v.(map[string]any)
	if text, _ := b["text"].(string); !hasVisible(text) {
		return errors.New("a button has no label")
	}
	if data, ok := b["callback_data"].(string); ok && (data == "" || len(data) > maxData) {
		return fmt.Errorf("callback_data has %d bytes", len(data))
	}
	if c, ok := b["copy_text"].(map[string]any); ok {
		if err := atMost("copy_text", c["text"], maxCopy); err != nil {
			return err
		}
		if c["text"] == "" {
			return errors.New("copy_text is empty")
		}
	}
	actions := 0
	for field := range b {
		if field != "text" && field != "style" && field != "icon_custom_emoji_id" {
			actions++
		}
	}
	if actions != 1 {
		return fmt.Errorf("a button has %d actions, not one", actions)
	}
	return nil
}

func checkResults(p map[string]any) error {
	results, ok := p["results"].([]any)
	if !ok || len(results) > maxResults {
		return fmt.Errorf("%d results, or null", len(results))
	}
	seen := map[string]bool{}
	for _, v := range results {
		r, _ := v.(map[string]any)
		id, _ := r["id"].(string)
		if id == "" || len(id) > 64 || seen[id] {
			return fmt.Errorf("result id %q is empty, long or used twice", id)
		}
		seen[id] = true
		c, _ := r["input_message_content"].(map[string]any)
		if err := errors.Join(checkText(c["message_text"], c["parse_mode"]), checkKeys(r["reply_markup"])); err != nil {
			return fmt.Errorf("result %s: %w", id, err)
		}
	}
	if b, ok := p["button"].(map[string]any); ok {
		if start, _ := b["start_parameter"].(string); !startForm.MatchString(start) {
			return fmt.Errorf("start_parameter %q", start)
		}
	}
	return nil
}

func checkCommands(v any) error {
	all, _ := v.([]any)
	if len(all) > 100 {
		return fmt.Errorf("%d commands", len(all))
	}
	for _, x := range all {
		c, _ := x.(map[string]any)
		name, _ := c["command"].(string)
		help, _ := c["description"].(string)
		if !commandForm.MatchString(name) || help == "" || units(help) > 256 {
			data, _ := json.Marshal(c) // it was decoded from JSON
			return fmt.Errorf("command %s", data)
		}
	}
	return nil
}
