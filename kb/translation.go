package kb

import (
	"slices"
	"strings"
)

// checkTranslation compares a text of an entry with the English one that it was
// made from: is it as new, is it translated, does it have the same links,
// figures and dates.
func (l *loader) checkTranslation(t, en *Text, p, now part) {
	switch {
	case p.of.text == "":
		l.gap(p.file, 2, "of is missing: the hash of the English text, %s", now.hash)
	case p.of.text != now.hash:
		l.gap(p.file, p.of.line+1, "the English text has changed since (now %s)", now.hash)
	}
	if l.care == trusted {
		return
	}
	if l.isLeft(t.Title, en.Title) {
		l.gap(p.file, 2, "the title is left in English")
	}
	english := map[string]bool{}
	for _, item := range items(now.body) {
		english[item.text] = true
	}
	for _, item := range items(p.body) {
		if english[item.text] && l.isLeft(item.text, item.text) {
			l.gap(p.file, item.line, "%q is left in English", clip(item.text))
		}
	}
	got, want := p.body.linkIDs(), now.body.linkIDs()
	for _, id := range want {
		if !slices.Contains(got, id) {
			l.fault(p.file, 0, "the link %q of the English text is missing", id)
		}
	}
	for _, id := range got {
		if !slices.Contains(want, id) {
			l.fault(p.file, 0, "the link %q does not stand in the English text", id)
		}
	}
	for _, m := range l.differences(t.Lang, t.Title+"\n"+p.body.Text(), en.Title+"\n"+now.body.Text()) {
		l.fault(p.file, 0, "%s", m)
	}
}

func items(b Body) (out []place) {
	for _, bl := range b {
		for i, it := range bl.Items {
			out = append(out, place{it.Text(), bl.lines[i]})
		}
	}
	return out
}

// linkIDs are the ids of a text's links, sorted.
func (b Body) linkIDs() []string {
	var out []string
	for _, bl := range b {
		for _, it := range bl.Items {
			for _, s := range it {
				if s.Link != "" {
					out = append(out, s.Link)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// clip shortens a text for a message.
func clip(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most])) + "…"
	}
	return s
}
