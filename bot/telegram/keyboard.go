package telegram

import (
	"strconv"
	"strings"

	"optoutbot/bot"
)

// Limits of keyboards. Of the first two Telegram's clients are the measure, the
// third is the Bot API's.
const (
	maxLabel   = 64  // UTF-16 units of a button's label
	shortLabel = 14  // up to this length buttons stand side by side
	maxButtons = 100 // of a message
	perRow     = 3
	maxCopy    = 256 // characters that a button copies: Telegram Bot API, CopyTextButton
)

// keyboard sets a reply's links and buttons below its text: what copies a text
// first, then links, each with the host it leads to, then what may be pressed.
func keyboard(r bot.Reply, copy string) *markup {
	k := &markup{}
	k.add(copies(r, copy))
	for _, l := range r.Links {
		if url := web(l.URL); url != "" {
			k.add([]button{{Text: label(l.Label + " (" + l.Host + ")"), URL: url}})
		}
	}
	for _, row := range r.Rows {
		var line []button
		for _, b := range row.Buttons {
			if b.Data == "" || len(b.Data) > bot.MaxData || clean(b.Label) == "" {
				continue
			}
			next := button{Text: label(b.Label), Data: b.Data}
			if len(line) > 0 && (len(line) == perRow || units(next.Text) > shortLabel || units(line[0].Text) > shortLabel) {
				k.add(line)
				line = nil
			}
			line = append(line, next)
		}
		k.add(line)
	}
	if len(k.Rows) == 0 {
		return nil
	}
	return k
}

// copies are buttons that copy the reply's texts to copy. What is too long for
// one is copied by a tap on the text itself.
func copies(r bot.Reply, name string) []button {
	var out []button
	for _, b := range r.Blocks {
		text := ""
		if b.Kind == bot.Verbatim {
			text = verbatim(b)
		}
		if strings.TrimSpace(text) != "" && units(text) <= maxCopy && clean(name) != "" && len(out) < perRow {
			out = append(out, button{Text: label(name), Copy: &copyText{text}})
		}
	}
	if len(out) > 1 {
		for i := range out {
			out[i].Text = label(name + " " + strconv.Itoa(i+1))
		}
	}
	return out
}

func label(s string) string { return clip(clean(s), maxLabel) }

// add adds a row if there is room for it.
func (k *markup) add(row []button) {
	n := len(row)
	for _, r := range k.Rows {
		n += len(r)
	}
	if len(row) > 0 && n <= maxButtons {
		k.Rows = append(k.Rows, row)
	}
}
