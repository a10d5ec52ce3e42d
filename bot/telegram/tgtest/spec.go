package tgtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// spec is the specification of the Bot API as a file: methods and types with
// their fields.
type spec struct {
	Methods map[string]object `json:"methods"`
	Types   map[string]object `json:"types"`
}

type object struct {
	Fields   []field  `json:"fields"`
	Subtypes []string `json:"subtypes"`
}

type field struct {
	Name     string   `json:"name"`
	Types    []string `json:"types"`
	Required bool     `json:"required"`
}

// findSpec reads the file that TELEGRAM_SPEC names, or
// ../shared/specs/telegram-api.json beside the module; nil when there is none.
func findSpec() *spec {
	name := os.Getenv("TELEGRAM_SPEC")
	if name == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			dir = filepath.Dir(dir)
		}
		name = filepath.Join(dir, "..", "shared", "specs", "telegram-api.json")
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	var s spec
	if err := json.Unmarshal(data, &s); err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	s.renew()
	return &s
}

// renew adds what the bot uses of Bot API 10.2 and 10.3 to a file of 10.1.
func (s *spec) renew() {
	if _, ok := s.Types["EphemeralMessageParameters"]; ok {
		return
	}
	one := func(name, kind string, required bool) field { return field{name, []string{kind}, required} }
	s.Types["EphemeralMessageParameters"] = object{Fields: []field{
		one("receiver_user_id", "Integer", true), one("callback_query_id", "String", false),
		one("replace_callback_query_message", "Boolean", false),
	}}
	for _, method := range []string{"sendMessage", "sendDocument"} {
		m := s.Methods[method]
		m.Fields = append(m.Fields, one("ephemeral_message_parameters", "EphemeralMessageParameters", false))
		s.Methods[method] = m
	}
	s.Methods["editEphemeralMessageText"] = object{Fields: []field{
		one("chat_id", "Integer", true), one("receiver_user_id", "Integer", true), one("ephemeral_message_id", "Integer", true),
		one("text", "String", true), one("parse_mode", "String", false),
		one("link_preview_options", "LinkPreviewOptions", false), one("reply_markup", "InlineKeyboardMarkup", false),
	}}
	command, reply := s.Types["BotCommand"], s.Types["ReplyParameters"]
	command.Fields = append(command.Fields, one("is_ephemeral", "Boolean", false))
	reply.Fields = append(reply.Fields, one("ephemeral_message_id", "Integer", false))
	for i, f := range reply.Fields {
		if f.Name == "message_id" {
			reply.Fields[i].Required = false
		}
	}
	s.Types["BotCommand"], s.Types["ReplyParameters"] = command, reply
}

// check compares a request with the method's fields.
func (s *spec) check(method string, params map[string]any) error {
	m, ok := s.Methods[method]
	if !ok {
		return fmt.Errorf("there is no method %s", method)
	}
	return s.fields(m.Fields, params)
}

func (s *spec) fields(known []field, have map[string]any) error {
	left := len(have)
	for _, f := range known {
		v, ok := have[f.Name]
		if !ok {
			if f.Required {
				return fmt.Errorf("%s is missing", f.Name)
			}
			continue
		}
		left--
		if err := s.oneOf(f.Types, v); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	if left > 0 {
		for name := range have {
			if !named(known, name) {
				return fmt.Errorf("there is no field %s", name)
			}
		}
	}
	return nil
}

func named(known []field, name string) bool {
	for _, f := range known {
		if f.Name == name {
			return true
		}
	}
	return false
}

func (s *spec) oneOf(types []string, v any) error {
	var first error
	for _, t := range types {
		err := s.is(t, v)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// is checks a value against one type.
func (s *spec) is(t string, v any) error {
	ok := false
	switch t {
	case "String":
		_, ok = v.(string)
	case "Integer":
		n, isNumber := v.(json.Number)
		_, err := n.Int64()
		ok = isNumber && err == nil
	case "Float":
		_, ok = v.(json.Number)
	case "Boolean", "True":
		_, ok = v.(bool)
	case "InputFile":
		ok = true
	default:
		return s.object(t, v)
	}
	if !ok {
		return fmt.Errorf("%v is no %s", v, t)
	}
	return nil
}

func (s *spec) object(t string, v any) error {
	if element, ok := strings.CutPrefix(t, "Array of "); ok {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%v is no %s", v, t)
		}
		for _, x := range list {
			if err := s.is(element, x); err != nil {
				return err
			}
		}
		return nil
	}
	o, ok := s.Types[t]
	if !ok {
		return fmt.Errorf("the specification has no type %s", t)
	}
	if len(o.Subtypes) > 0 {
		return s.oneOf(o.Subtypes, v)
	}
	have, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no %s", v, t)
	}
	return s.fields(o.Fields, have)
}
