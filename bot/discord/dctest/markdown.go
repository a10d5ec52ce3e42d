package dctest

import (
	"regexp"
	"strings"
)

// What Discord's clients make something of, where no backslash stands before.
var (
	linkForm    = regexp.MustCompile(`^\[((?:\\.|[^\]\\])*)\]\(<?https?://[^)\s]+\)`)
	addressForm = regexp.MustCompile(`^https?://[^\s<]+`)
	mentionForm = regexp.MustCompile(`^<(/[a-z]+):\d+>`) // seen as its name, and can be pressed
	tagForm     = regexp.MustCompile(`^<(?:@[!&]?\d+|#\d+|a?:\w+:\d+|/[^:>]+:\d+|t:\d+(?::\w)?|id:\w+|https?://[^>\s]+)>`)
	lineForm    = regexp.MustCompile(`^(?:#{1,3} |>>> |> |-# )`)
	fenceForm   = regexp.MustCompile("(?s)^```(?:\\w*\n)?(.*?)```")
)

// Plain gives a text in Discord's markdown as people see it. What would be made
// a mention, an address or a spoiler is shown in double angle brackets, so that
// a test that looks for the bare text fails.
func Plain(s string) string {
	var b strings.Builder
	start := true // of a line
	for s != "" {
		if start {
			if m := lineForm.FindString(s); m != "" {
				s = s[len(m):]
			}
		}
		used, out := token(s)
		start = strings.HasSuffix(s[:used], "\n")
		b.WriteString(out)
		s = s[used:]
	}
	return b.String()
}

// token reads one piece of markdown: how long it is, and what is seen of it.
func token(s string) (int, string) {
	if len(s) > 1 && s[0] == '\\' && strings.IndexByte("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", s[1]) >= 0 {
		return 2, s[1:2]
	}
	if m := fenceForm.FindStringSubmatch(s); m != nil {
		return len(m[0]), m[1]
	}
	if m := linkForm.FindStringSubmatch(s); m != nil {
		return len(m[0]), Plain(m[1])
	}
	if m := mentionForm.FindStringSubmatch(s); m != nil {
		return len(m[0]), m[1]
	}
	for _, form := range []*regexp.Regexp{addressForm, tagForm} {
		if m := form.FindString(s); m != "" {
			return len(m), "«" + m + "»"
		}
	}
	for _, word := range []string{"@everyone", "@here", "||", "discord.gg/"} {
		if strings.HasPrefix(s, word) {
			return len(word), "«" + word + "»"
		}
	}
	for _, mark := range []string{"**", "__", "~~", "*", "_", "`"} {
		if strings.HasPrefix(s, mark) && strings.Contains(s[len(mark):], mark) || strings.HasPrefix(s, mark) && mark != "`" {
			return len(mark), ""
		}
	}
	return 1, s[:1]
}
