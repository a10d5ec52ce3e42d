package kb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is a string with the line where it stands.
type place struct {
	text string
	line int
}

func (p *place) UnmarshalYAML(n *yaml.Node) error {
	p.line = n.Line
	return n.Decode(&p.text)
}

// readYAML reads a file of YAML into out. It is false when there is nothing to use.
func (l *loader) readYAML(name string, out any) bool {
	data, ok := l.read(name, true)
	return ok && l.decode(name, data, 1, out)
}

// decode reads YAML strictly: a key that out does not have is a fault. Lines
// are counted from first. It is false when nothing could be read; with faults
// in single values the others are used, so that theirs are found too.
func (l *loader) decode(name string, data []byte, first int, out any) bool {
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	err := d.Decode(out)
	var te *yaml.TypeError
	switch {
	case err == nil:
	case err == io.EOF:
		return l.unread(name, first, "the file is empty")
	case errors.As(err, &te):
		usable := true
		for _, m := range te.Errors {
			line, m := yamlFault(m)
			l.fault(name, line+first-1, "%s", m)
			// A key too many hides nothing; a value of another kind is not read,
			// nor anything of a group in which a key stands twice.
			l.broken[name] = l.broken[name] || !strings.HasPrefix(m, "there is no key ")
			usable = usable && !strings.HasPrefix(m, "key ")
		}
		if !usable {
			return false
		}
	default:
		line, m := yamlFault(err.Error())
		line = min(line, bytes.Count(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))+1)
		return l.unread(name, line+first-1, "%s", m)
	}
	var more yaml.Node
	if err := d.Decode(&more); err == nil {
		l.unread(name, more.Line+first-1, "a line of --- ends the file; nothing after it is read")
	} else if err != io.EOF {
		line, m := yamlFault(err.Error())
		l.unread(name, line+first-1, "%s", m)
	}
	return true
}

var (
	// parserFault is a fault of which the package counts the lines from 0.
	parserFault  = regexp.MustCompile(`^did not find expected (?:<|node content|'-'|key|',')`)
	yamlLine     = regexp.MustCompile(`(?s)^(?:yaml: )?line (\d+): (.*)$`)
	unknownField = regexp.MustCompile(`(?s)^field (.+) not found in type`)
	doubleKey    = regexp.MustCompile(`(?s)^(?:mapping key "(.+)" already defined|field (.+) already set)`)
	wrongKind    = regexp.MustCompile("(?s)^cannot unmarshal !!(\\w+)(?: `(.*)`)? into (.*)$")
)

// yamlFault takes an error of the YAML package apart into its line and a
// message that says nothing of Go.
func yamlFault(m string) (line int, message string) {
	if f := yamlLine.FindStringSubmatch(m); f != nil {
		_, _ = fmt.Sscan(f[1], &line) // the pattern has digits only
		m = f[2]
	}
	m = strings.TrimPrefix(m, "yaml: ")
	if parserFault.MatchString(m) {
		line++
	}
	line = max(line, 1)
	if f := unknownField.FindStringSubmatch(m); f != nil {
		return line, fmt.Sprintf("there is no key %q here", f[1])
	}
	if f := doubleKey.FindStringSubmatch(m); f != nil {
		return line, fmt.Sprintf("key %q stands twice", f[1]+f[2])
	}
	if f := wrongKind.FindStringSubmatch(m); f != nil {
		return line, fmt.Sprintf("%s stands here instead of %s", yamlKind(f[1], f[2]), goKind(f[3]))
	}
	return line, m
}

func yamlKind(tag, value string) string {
	switch {
	case tag == "seq":
		return "a list"
	case tag == "map":
		return "a group of keys"
	case value == "":
		return "another value"
	default:
		return fmt.Sprintf("%q", value)
	}
}

func goKind(name string) string {
	switch {
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case name == "string":
		return "a text"
	default:
		return "a group of keys"
	}
}
