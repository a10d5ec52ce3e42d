package bot

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// letter lets a person choose grounds, and makes the letter. Both are for the
// asker alone, since grounds may tell of health or beliefs. After the path
// stand the chosen grounds, two hexadecimal digits of which each bit is one,
// and "ok" when the letter is wanted.
func (b *Bot) letter(t trip) (Reply, bool) {
	chosen, ok := b.grounds(t.rest)
	switch {
	case !ok:
		return Reply{}, false
	case len(t.rest) == 2:
		return b.letterMade(t, chosen), true
	}
	return b.chooseGrounds(t, chosen), true
}

// grounds reads the grounds that are chosen, and whether there can be such a
// choice.
func (b *Bot) grounds(rest []string) (uint8, bool) {
	if len(rest) == 0 {
		return 0, true
	}
	n, err := strconv.ParseUint(rest[0], 16, 8)
	chosen := uint8(n)
	f := b.base.Flows
	if err != nil || rest[0] != hex(chosen) || bits.Len8(chosen) > len(f.Grounds) || bits.OnesCount8(chosen) > f.AtMost {
		return 0, false
	}
	return chosen, len(rest) == 1 || len(rest) == 2 && rest[1] == "ok" && chosen != 0
}

func hex(chosen uint8) string { return fmt.Sprintf("%02x", chosen) }

// chooseGrounds shows the grounds to choose, or to take back. When there are
// enough, only those can be taken back.
func (b *Bot) chooseGrounds(t trip, chosen uint8) Reply {
	f := b.base.Flows
	r := Reply{Outcome: Choose, Lang: t.lang.Code, Title: t.lang.Say(t.door.Title), Private: true}
	r.Blocks = fillBlocks(t.says(t.step.Ask), "{n}", strconv.Itoa(f.AtMost))
	full := bits.OnesCount8(chosen) == f.AtMost
	var row Row
	for i, g := range f.Grounds {
		bit := uint8(1) << i
		mark := "☐ "
		if chosen&bit != 0 {
			mark = "☑ "
		} else if full {
			continue
		}
		row.Buttons = append(row.Buttons, t.button(mark+t.lang.Say("ground."+g), t.path+"/"+hex(chosen^bit)))
	}
	r.Rows = append(r.Rows, row)
	if chosen != 0 {
		r.Rows = append(r.Rows, Row{Buttons: []Button{t.button(t.lang.Say("letter-make"), t.path+"/"+hex(chosen)+"/ok")}})
	}
	r.Rows = append(r.Rows, b.ways(t, parent(t.path)))
	return r
}

// letterMade is the letter, to copy and as a file.
func (b *Bot) letterMade(t trip, chosen uint8) Reply {
	words := t.lang.Letter
	var grounds []string
	for i, g := range b.base.Flows.Grounds {
		if chosen&(1<<i) != 0 {
			grounds = append(grounds, "- "+words["ground."+g])
		}
	}
	text := fill(words["letter"], "{service}", words["service."+last(t.path)], "{grounds}", strings.Join(grounds, "\n"))
	text = strings.TrimSpace(text)
	r := b.end(t)
	r.Private = true
	r.Blocks = append([]Block{r.Blocks[0], {Kind: Verbatim, Items: []Item{{{Text: text}}}}}, r.Blocks[1:]...)
	r.Files = []File{{Name: words["file"] + ".txt", Type: "text/plain; charset=utf-8", Data: []byte(text + "\n")}}
	r.Rows[len(r.Rows)-1] = b.ways(t, t.path+"/"+hex(chosen))
	return r
}
