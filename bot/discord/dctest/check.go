package dctest

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Limits of Discord that its specification file has in prose only.
const (
	maxContent  = 2000
	maxTitle    = 256
	maxDescribe = 4096
	maxFields   = 25
	maxName     = 256
	maxValue    = 1024
	maxFooter   = 2048
	maxEmbeds   = 10
	maxEmbed    = 6000 // of all embeds of a message
	maxRows     = 5
	maxChoices  = 25
	maxNonce    = 25
	maxCommand  = 8000
)

var (
	commandForm = regexp.MustCompile(`^[-_'\p{L}\p{N}\p{Devanagari}\p{Thai}]{1,32}$`)
	agentForm   = regexp.MustCompile(`^DiscordBot \(\S+, \S+\)`)
)

// check finds what is wrong with a request.
func (s *Server) check(r *http.Request, c *Call, raw []byte) error {
	if !agentForm.MatchString(r.UserAgent()) {
		return fmt.Errorf("user agent %q", r.UserAgent())
	}
	needs := c.Route != Callback && !strings.Contains(c.Route, "/webhooks/")
	if needs && c.auth != "Bot "+Token || !needs && c.auth != "" {
		return errors.New("the token is wrong, missing, or not needed")
	}
	if s.spec != nil {
		if err := s.spec.check(r.Method, r.URL.Path, r.URL.RawQuery, raw); err != nil {
			return err
		}
	}
	if strings.Contains(string(raw), ":null") {
		return errors.New("something is null")
	}
	switch c.Route {
	case Callback:
		return CheckAnswer(c.Body)
	case Send, FollowUp:
		return errors.Join(CheckMessage(c.Body), checkNonce(c))
	case Put:
		return checkCommands(c.List)
	}
	return nil
}

func checkNonce(c *Call) error {
	n := text(c.Body["nonce"])
	if c.Route == Send && (n == "" || len(n) > maxNonce || c.Body["enforce_nonce"] != true) {
		return fmt.Errorf("nonce %q, enforced %v", n, c.Body["enforce_nonce"])
	}
	return nil
}

// CheckAnswer checks an answer to an interaction.
func CheckAnswer(body map[string]any) error {
	data := object(body["data"])
	switch int(number(body["type"])) {
	case 1, 6:
		return nil
	case Message, Update:
		return CheckMessage(data)
	case Choices:
		choices, ok := data["choices"].([]any)
		if !ok || len(choices) > maxChoices {
			return fmt.Errorf("%d choices, or null", len(choices))
		}
		for _, v := range choices {
			name, value := text(object(v)["name"]), text(object(v)["value"])
			if !within(name, 1, 100) || !within(value, 1, 100) {
				return fmt.Errorf("choice %q, %q", name, value)
			}
		}
		return nil
	}
	return fmt.Errorf("an answer of type %v", body["type"])
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

func within(s string, least, most int) bool { return units(s) >= least && units(s) <= most }

// CheckMessage checks a message: that it pings nobody, has something to say,
// and keeps the limits.
func CheckMessage(m map[string]any) error {
	mentions, ok := m["allowed_mentions"].(map[string]any)
	parse, isList := mentions["parse"].([]any)
	if !ok || !isList || len(parse) > 0 || mentions["replied_user"] == true || mentions["users"] != nil || mentions["roles"] != nil {
		return fmt.Errorf("allowed_mentions %v", m["allowed_mentions"])
	}
	content := text(m["content"])
	if !within(content, 0, maxContent) {
		return fmt.Errorf("content has %d characters", units(content))
	}
	embeds := list(m["embeds"])
	if content == "" && len(embeds) == 0 || len(embeds) > maxEmbeds {
		return fmt.Errorf("no content and %d embeds", len(embeds))
	}
	sum := 0
	for _, v := range embeds {
		n, err := checkEmbed(object(v))
		if err != nil {
			return err
		}
		sum += n
	}
	if sum > maxEmbed {
		return fmt.Errorf("embeds have %d characters", sum)
	}
	return checkRows(list(m["components"]))
}

func checkEmbed(e map[string]any) (int, error) {
	title, describe, footer := text(e["title"]), text(e["description"]), text(object(e["footer"])["text"])
	fields := list(e["fields"])
	if !within(title, 0, maxTitle) || !within(describe, 0, maxDescribe) || !within(footer, 0, maxFooter) || len(fields) > maxFields {
		return 0, fmt.Errorf("embed: title %d, description %d, footer %d, %d fields", units(title), units(describe), units(footer), len(fields))
	}
	n := units(title) + units(describe) + units(footer)
	if n == 0 {
		return 0, errors.New("an embed is empty")
	}
	for _, v := range fields {
		name, value := text(object(v)["name"]), text(object(v)["value"])
		if !within(name, 1, maxName) || !within(value, 1, maxValue) {
			return 0, fmt.Errorf("field: name %d, value %d", units(name), units(value))
		}
		n += units(name) + units(value)
	}
	return n, nil
}

func checkRows(rows []any) error {
	if len(rows) > maxRows {
		return fmt.Errorf("%d rows", len(rows))
	}
	seen := map[string]bool{}
	for _, v := range rows {
		parts := list(object(v)["components"])
		if number(object(v)["type"]) != 1 || len(parts) == 0 || len(parts) > 5 {
			return fmt.Errorf("a row of type %v with %d parts", object(v)["type"], len(parts))
		}
		for _, p := range parts {
			part := object(p)
			var err error
			switch number(part["type"]) {
			case 2:
				err = checkButton(part)
			case 3:
				if err = checkMenu(part); len(parts) > 1 {
					err = errors.New("a menu is not alone in its row")
				}
			default:
				err = fmt.Errorf("a component of type %v", part["type"])
			}
			id := text(part["custom_id"])
			if id != "" && seen[id] {
				err = fmt.Errorf("custom_id %q is used twice", id)
			}
			if seen[id] = true; err != nil {
				return err
			}
		}
	}
	return nil
}

func checkButton(b map[string]any) error {
	label, url, id, style := text(b["label"]), text(b["url"]), text(b["custom_id"]), number(b["style"])
	switch {
	case strings.TrimSpace(label) == "" || !within(label, 1, 80):
		return fmt.Errorf("label %q", label)
	case style == 5 && (!within(url, 1, 512) || id != "" || !strings.HasPrefix(url, "http")):
		return fmt.Errorf("link button with %q and id %q", url, id)
	case style != 5 && (style < 1 || style > 4 || url != "" || !within(id, 1, 100)):
		return fmt.Errorf("button of style %v with id %q and address %q", style, id, url)
	}
	return nil
}

func checkMenu(m map[string]any) error {
	options := list(m["options"])
	if len(options) == 0 || len(options) > maxChoices || !within(text(m["custom_id"]), 1, 100) || !within(text(m["placeholder"]), 0, 150) {
		return fmt.Errorf("menu %q with %d options", text(m["custom_id"]), len(options))
	}
	seen := map[string]bool{}
	for _, v := range options {
		o := object(v)
		label, value, describe := text(o["label"]), text(o["value"]), o["description"]
		if !within(label, 1, 100) || !within(value, 1, 100) || seen[value] || describe != nil && !within(text(describe), 1, 100) {
			return fmt.Errorf("option %q, %q, %q", label, value, describe)
		}
		seen[value] = true
	}
	return nil
}

func checkCommands(all []any) error {
	seen, kinds := map[string]bool{}, map[float64]int{}
	for _, v := range all {
		c := object(v)
		kind := number(c["type"])
		kinds[kind]++
		key := fmt.Sprint(kind, text(c["name"]))
		if seen[key] {
			return fmt.Errorf("command %s is there twice", key)
		}
		if seen[key] = true; list(c["contexts"]) == nil || list(c["integration_types"]) == nil {
			return fmt.Errorf("command %s does not say where it can be used", key)
		}
		if err := checkCommand(c, kind == 1); err != nil {
			return fmt.Errorf("command %s: %w", key, err)
		}
	}
	if kinds[1] > 100 || kinds[2] > 15 || kinds[3] > 15 {
		return fmt.Errorf("too many commands: %v", kinds)
	}
	return nil
}

func checkCommand(c map[string]any, slash bool) error {
	names := map[string]any{"": c["name"]}
	for l, n := range object(c["name_localizations"]) {
		names[l] = n
	}
	for l, n := range names {
		if s := text(n); slash && (!commandForm.MatchString(s) || strings.ToLower(s) != s) || !within(s, 1, 32) {
			return fmt.Errorf("name %q in %q", s, l)
		}
	}
	describe := map[string]any{"": c["description"]}
	for l, d := range object(c["description_localizations"]) {
		describe[l] = d
	}
	sum := units(text(c["name"]))
	for l, d := range describe {
		if s := text(d); slash && !within(s, 1, 100) || !slash && s != "" {
			return fmt.Errorf("description %q in %q", s, l)
		}
		sum = max(sum, units(text(c["name"]))+units(text(d)))
	}
	options, ok := c["options"].([]any)
	if !ok && slash || len(options) > 25 {
		return fmt.Errorf("%d options, or null", len(options))
	}
	optional := false
	for _, v := range options {
		o := object(v)
		if sum += units(text(o["name"])) + units(text(o["description"])); sum > maxCommand {
			return fmt.Errorf("%d characters in all", sum)
		}
		if err := checkOption(o, optional); err != nil {
			return fmt.Errorf("option %q: %w", text(o["name"]), err)
		}
		optional = optional || o["required"] != true
	}
	return nil
}

func checkOption(o map[string]any, optional bool) error {
	name, describe := text(o["name"]), text(o["description"])
	if !commandForm.MatchString(name) || strings.ToLower(name) != name || !within(describe, 1, 100) {
		return fmt.Errorf("name or description %q", describe)
	}
	if o["required"] == true && optional {
		return errors.New("it is required and stands after one that is not")
	}
	if choices := list(o["choices"]); len(choices) > maxChoices || len(choices) > 0 && o["autocomplete"] == true {
		return errors.New("too many choices, or choices and completion")
	}
	return nil
}
