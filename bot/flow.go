package bot

import (
	"slices"
	"strings"

	"optoutbot/kb"
)

// actFlow goes on a guided way: "1f:object/eu/fb:en". The path is the door and
// the choices that were made, so that the way back is part of it.
const actFlow = 'f'

// trip is a person on a guided way.
type trip struct {
	lang *kb.Language
	door *kb.Door
	step *kb.Step
	path string   // to the step
	rest []string // what the maker of the step added to the path
}

// flow shows where a path leads. One that leads nowhere begins its way again.
func (b *Bot) flow(path string, lang *kb.Language) Reply {
	door, step, rest := b.base.Flows.Walk(path)
	if door == nil {
		return b.stale(lang)
	}
	if step != nil {
		at := strings.TrimSuffix(path, strings.Join(append([]string{""}, rest...), "/"))
		if r, ok := b.step(trip{lang, door, step, at, rest}); ok {
			return r
		}
	}
	return b.again(door, lang)
}

// again begins a way again and says why.
func (b *Bot) again(door *kb.Door, lang *kb.Language) Reply {
	r, _ := b.step(trip{lang: lang, door: door, step: door.Start, path: door.ID}) // the first step of a way is always there
	r.Blocks = append([]Block{paragraph(lang.Say("stale"))}, r.Blocks...)
	return r
}

// doorOf finds the way that a button was on whose data cannot be used, or nil.
func (b *Bot) doorOf(data string) *kb.Door {
	if len(data) < 3 || data[1] != actFlow || data[2] != ':' {
		return nil
	}
	id := data[3:]
	if i := strings.IndexAny(id, "/:"); i >= 0 {
		id = id[:i]
	}
	return b.base.Flows.Door(id)
}

func (b *Bot) step(t trip) (Reply, bool) {
	switch t.step.By {
	case "letter":
		return b.letter(t)
	case "remind":
		return b.remind(t)
	case "authority":
		return b.authority(t)
	}
	if len(t.step.Choices) == 0 {
		return b.end(t), true
	}
	return b.question(t), true
}

// question asks, with the choices of the step.
func (b *Bot) question(t trip) Reply {
	r := Reply{Outcome: Choose, Lang: t.lang.Code, Title: t.lang.Say(t.door.Title), Blocks: t.says(t.step.Ask)}
	r.Links = b.links(t.step.Links, t.lang)
	var row Row
	for _, c := range t.step.Choices {
		row.Buttons = append(row.Buttons, t.button(t.lang.Say(c.Label), t.path+"/"+c.ID))
	}
	if len(row.Buttons) > 0 {
		r.Rows = append(r.Rows, row)
	}
	r.Rows = append(r.Rows, b.ways(t, parent(t.path)))
	return r
}

// end says what the end of a way says: the steps, the form, what comes next.
func (b *Bot) end(t trip) Reply {
	s, words := t.step, t.lang.Words
	r := Reply{Outcome: Answer, Lang: t.lang.Code, Title: t.lang.Say(s.Title), Blocks: t.says(s.Says...)}
	r.Links = b.links(append([]string{s.Form}, s.Links...), t.lang)
	r.Sources, r.SourcesLabel = b.sources(s.Sources, t.lang), words["sources"]
	b.dated(&r, b.base.Flows.Checked, b.base.Flows.ReviewBy, t.lang)
	if next := b.doors(s.Next, t.lang); len(next) > 0 {
		r.Rows = append(r.Rows, Row{Label: t.lang.Say("next"), Buttons: next})
	}
	if entries := b.entryButtons(s.Entries, t.lang); len(entries) > 0 {
		r.Rows = append(r.Rows, Row{Label: words["related"], Buttons: entries})
	}
	r.Rows = append(r.Rows, b.ways(t, parent(t.path)))
	return r
}

// ways is the row that leads back and out. Back is the path of the step
// before, or empty. Where the way may begin again anyway, nothing says so twice.
func (b *Bot) ways(t trip, back string) Row {
	var row Row
	if back != "" {
		row.Buttons = append(row.Buttons, t.button(t.lang.Words["back"], back))
	}
	if back != "" && back != t.door.ID && !slices.Contains(t.step.Next, t.door.ID) {
		row.Buttons = append(row.Buttons, t.button(t.lang.Say("restart"), t.door.ID))
	}
	row.Buttons = append(row.Buttons, Button{t.lang.Say("topics"), state(actTopics, "", t.lang.Code)})
	return row
}

// doors are buttons that begin ways.
func (b *Bot) doors(ids []string, lang *kb.Language) []Button {
	var out []Button
	for _, id := range ids {
		if d := b.base.Flows.Door(id); d != nil {
			out = append(out, Button{lang.Say(d.Label), state(actFlow, id, lang.Code)})
		}
	}
	return out
}

// wayButton is the button under an answer that enters a way where it fits.
func (b *Bot) wayButton(entry string, lang *kb.Language) (Button, bool) {
	path := b.base.Flows.Entries[entry]
	door, _, _ := b.base.Flows.Walk(path)
	if door == nil {
		return Button{}, false
	}
	return Button{lang.Say(door.Label), state(actFlow, path, lang.Code)}, true
}

func (t trip) button(label, path string) Button {
	return Button{label, state(actFlow, path, t.lang.Code)}
}

// says are the words under the keys.
func (t trip) says(keys ...string) []Block {
	var out []Block
	for _, k := range keys {
		out = append(out, t.lang.Flow[k]...)
	}
	return out
}

// parent is the path of the step before, or empty.
func parent(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return ""
	}
	return path[:i]
}

// last is the last choice of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// fillBlocks puts values into words; the words themselves are left as they are.
func fillBlocks(blocks []Block, pairs ...string) []Block {
	out := make([]Block, len(blocks))
	for i, b := range blocks {
		items := make([]Item, len(b.Items))
		for j, it := range b.Items {
			items[j] = make(Item, len(it))
			for k, s := range it {
				s.Text = fill(s.Text, pairs...)
				items[j][k] = s
			}
		}
		b.Items = items
		out[i] = b
	}
	return out
}
