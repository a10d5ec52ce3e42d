package discord

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// Limits of what can be pressed: Discord, Components.
const (
	maxRows        = 5
	perRow         = 5
	perMenu        = 25
	maxLabel       = 80
	maxChoice      = 100
	maxID          = 100
	maxPlaceholder = 150
	maxAddress     = 512
	asButtons      = 3 // up to so many stand as buttons, more in a menu
)

// pickPrefix begins the id of a select menu; what is chosen carries its state.
const pickPrefix = "pick:"

// keyboard sets a reply's links and buttons below its text: links first, each
// with the host that it leads to, then what can be pressed or chosen, then
// further buttons.
func keyboard(r bot.Reply, more []bot.Button) []row {
	k := &keys{rows: []row{}, seen: map[string]bool{}}
	var links []component
	for _, l := range r.Links {
		if to := web(l.URL); to != "" && units(to) <= maxAddress {
			links = append(links, component{Type: discordgo.ButtonComponent, Style: discordgo.LinkButton, Label: linkLabel(l), URL: to})
		}
	}
	k.add(links[:min(len(links), perRow)])
	for _, w := range r.Rows {
		if w.Label != "" || len(w.Buttons) > asButtons {
			k.menus(w)
		} else {
			k.add(k.buttons(w.Buttons))
		}
	}
	k.addTo(k.buttons(more))
	if len(links) > perRow {
		k.add(links[perRow:min(len(links), 2*perRow)])
	}
	return k.rows
}

// linkLabel names a link and, whatever its length, its host.
func linkLabel(l bot.Link) string {
	host := " (" + clip(clean(l.Host), maxLabel-10) + ")"
	return clip(clean(l.Label), maxLabel-units(host)) + host
}

// keys are the rows so far.
type keys struct {
	rows  []row
	seen  map[string]bool
	picks int
}

// add adds a row if there is room for it.
func (k *keys) add(parts []component) {
	if len(parts) > 0 && len(k.rows) < maxRows {
		k.rows = append(k.rows, row{discordgo.ActionsRowComponent, parts})
	}
}

// addTo adds buttons to the last row if it has buttons that are pressed and
// room, else as a row.
func (k *keys) addTo(parts []component) {
	if n := len(k.rows) - 1; n >= 0 && len(parts) > 0 {
		last := k.rows[n].Parts
		if last[0].Type == discordgo.ButtonComponent && last[0].URL == "" && len(last)+len(parts) <= perRow {
			k.rows[n].Parts = append(last, parts...)
			return
		}
	}
	k.add(parts)
}

// buttons leaves out what has no label, or an id that is too long or there
// already.
func (k *keys) buttons(all []bot.Button) []component {
	var out []component
	for _, b := range all {
		label := clip(strings.TrimSpace(clean(b.Label)), maxLabel)
		if label == "" || !usable(b.Data) || k.seen[b.Data] || len(out) == perRow {
			continue
		}
		k.seen[b.Data] = true
		out = append(out, component{Type: discordgo.ButtonComponent, Style: discordgo.SecondaryButton, Label: label, ID: b.Data})
	}
	return out
}

// usable reports whether Discord takes data as an id or a choice's value.
func usable(data string) bool { return data != "" && units(data) <= maxID && utf8.ValidString(data) }

// menus sets a row of buttons as select menus, as many as it needs.
func (k *keys) menus(w bot.Row) {
	var all []choice
	seen := map[string]bool{}
	for _, b := range w.Buttons {
		label := clip(strings.TrimSpace(clean(b.Label)), maxChoice)
		if label == "" || !usable(b.Data) || seen[b.Data] {
			continue
		}
		seen[b.Data] = true
		all = append(all, choice{Label: label, Value: b.Data})
	}
	for len(all) > 0 {
		n := min(len(all), perMenu)
		k.add([]component{{
			Type: discordgo.SelectMenuComponent, ID: pickPrefix + strconv.Itoa(k.picks), Options: all[:n],
			Placeholder: clip(clean(w.Label), maxPlaceholder),
		}})
		k.picks++
		all = all[n:]
	}
}
