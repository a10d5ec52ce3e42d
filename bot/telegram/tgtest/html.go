package tgtest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

var (
	tagForm    = regexp.MustCompile(`^<(/?)([a-z-]+)((?: [a-z-]+="[^"<>]*")*)>`)
	entityForm = regexp.MustCompile(`^&(lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);`)
	hrefForm   = regexp.MustCompile(`^ href="(https?|tg)://[^"]+"$`)
)

// tags are those of Telegram's HTML that have no attributes.
const tags = " b strong i em u ins s strike del code pre blockquote tg-spoiler "

// ParseHTML reads Telegram's HTML as strictly as Telegram does and returns the
// text that people see.
func ParseHTML(s string) (string, error) {
	var out strings.Builder
	var open []string
	for len(s) > 0 {
		switch s[0] {
		case '<':
			m := tagForm.FindStringSubmatch(s)
			if m == nil {
				return "", errors.New("a < that begins no tag")
			}
			if err := tag(&open, m[1] == "/", m[2], m[3]); err != nil {
				return "", err
			}
			s = s[len(m[0]):]
		case '&':
			m := entityForm.FindStringSubmatch(s)
			if m == nil {
				return "", errors.New("a & that begins no entity")
			}
			out.WriteString(entity(m[1]))
			s = s[len(m[0]):]
		default:
			n := strings.IndexAny(s, "<&")
			if n < 0 {
				n = len(s)
			}
			if strings.Contains(s[:n], ">") {
				return "", errors.New("a > that ends no tag")
			}
			out.WriteString(s[:n])
			s = s[n:]
		}
	}
	if len(open) > 0 {
		return "", fmt.Errorf("<%s> is not closed", open[len(open)-1])
	}
	return out.String(), nil
}

// entity is the character that an entity stands for; a numbered one is a
// character, whichever.
func entity(name string) string {
	switch name {
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "amp":
		return "&"
	case "quot":
		return `"`
	}
	return "?"
}

func tag(open *[]string, closing bool, name, attributes string) error {
	last := len(*open) - 1
	switch {
	case closing && (last < 0 || (*open)[last] != name):
		return fmt.Errorf("</%s> closes nothing", name)
	case closing:
		*open = (*open)[:last]
		return nil
	case name == "a" && !hrefForm.MatchString(attributes):
		return fmt.Errorf("<a%s>", attributes)
	case name != "a" && (attributes != "" || !strings.Contains(tags, " "+name+" ")):
		return fmt.Errorf("unsupported start tag %q", name+attributes)
	}
	*open = append(*open, name)
	return nil
}

// hasVisible reports whether a text has anything to see.
func hasVisible(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsControl(r) })
}
