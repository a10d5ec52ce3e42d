package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mitchellh/go-wordwrap"
	"golang.org/x/term"

	"optoutbot/bot"
)

// printer shows replies on a terminal or in a file. Bold, dim and colours only
// on a terminal, and never when NO_COLOR is set (no-color.org).
type printer struct {
	w     io.Writer
	color bool
	width uint
	press bool // buttons can be pressed, so all are shown with numbers
}

const (
	plainWidth = 80
	maxWidth   = 100
)

func newPrinter(w io.Writer, getenv func(string) string) *printer {
	p := &printer{w: w, width: plainWidth}
	if f, ok := w.(*os.File); ok && isTerminal(w) {
		p.color = getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 20 {
			p.width = uint(min(width, maxWidth))
		}
	}
	return p
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

const (
	styleBold = "1"
	styleDim  = "2"
	styleLink = "4;36"
	styleHead = "1;36"
)

func (p *printer) style(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// reply prints a reply and numbers its buttons; it returns their data.
func (p *printer) reply(r bot.Reply) []string {
	if r.Title != "" {
		p.wrap(p.style(styleHead, r.Title), "", "")
		fmt.Fprintln(p.w)
	}
	for _, b := range r.Blocks {
		p.block(b)
		fmt.Fprintln(p.w)
	}
	p.files(r.Files)
	for _, l := range r.Links {
		fmt.Fprintf(p.w, "→ %s (%s)\n  %s\n", p.style(styleBold, l.Label), l.Host, p.style(styleLink, l.URL))
		if l.Note != "" {
			p.wrap(p.style(styleDim, l.Note), "  ", "  ")
		}
	}
	if len(r.Links) > 0 {
		fmt.Fprintln(p.w)
	}
	if len(r.Sources) > 0 {
		names := make([]string, len(r.Sources))
		for i, s := range r.Sources {
			names[i] = s.Name
		}
		p.wrap(p.style(styleDim, r.SourcesLabel+": "+strings.Join(names, " · ")+"."), "", "")
	}
	if r.Checked != "" {
		p.wrap(p.style(styleDim, r.Checked), "", "")
	}
	return p.rows(r.Rows)
}

// rows prints the buttons as numbers.
func (p *printer) rows(rows []bot.Row) []string {
	var data []string
	for _, row := range rows {
		if len(row.Buttons) == 0 || !p.press && row.Label == "" {
			continue
		}
		fmt.Fprintln(p.w)
		if row.Label != "" {
			p.wrap(row.Label, "", "")
		}
		for _, b := range row.Buttons {
			data = append(data, b.Data)
			if p.press {
				p.wrap(fmt.Sprintf("%s %s", p.style(styleBold, fmt.Sprintf("[%d]", len(data))), b.Label), "  ", "      ")
				continue
			}
			p.wrap(b.Label, "  • ", "    ")
		}
	}
	return data
}

// files names the files of a reply, and how to keep them.
func (p *printer) files(files []bot.File) {
	for _, f := range files {
		fmt.Fprintf(p.w, "▤ %s (%d bytes)\n", p.style(styleBold, f.Name), len(f.Data))
	}
	if len(files) > 0 && p.press {
		p.wrap(p.style(styleDim, "Type save to keep it in this folder."), "  ", "  ")
	}
	if len(files) > 0 {
		fmt.Fprintln(p.w)
	}
}

// verbatim prints a text to copy as it stands: its own lines, nothing before
// them.
func (p *printer) verbatim(b bot.Block) {
	rule := p.style(styleDim, strings.Repeat("─", int(min(p.width, plainWidth))))
	fmt.Fprintln(p.w, rule)
	for _, it := range b.Items {
		fmt.Fprintln(p.w, it.Text())
	}
	fmt.Fprintln(p.w, rule)
}

func (p *printer) block(b bot.Block) {
	if b.Kind == bot.Verbatim {
		p.verbatim(b)
		return
	}
	for i, it := range b.Items {
		first, rest := "", ""
		switch b.Kind {
		case bot.Bullets:
			first, rest = "• ", "  "
		case bot.Numbers:
			first, rest = fmt.Sprintf("%d. ", i+1), "   "
		}
		p.wrap(p.item(it), first, rest)
	}
}

func (p *printer) item(it bot.Item) string {
	var b strings.Builder
	for _, s := range it {
		switch {
		case s.Bold:
			b.WriteString(p.style(styleBold, s.Text))
		case s.Link != "":
			b.WriteString(p.style(styleLink, s.Text))
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

// wrap prints text within the width, with what stands before its first line
// and before the others.
func (p *printer) wrap(text, first, rest string) {
	lines := strings.Split(wordwrap.WrapString(text, p.width-uint(len([]rune(rest)))), "\n")
	for i, line := range lines {
		if i == 0 {
			fmt.Fprintln(p.w, first+line)
			continue
		}
		fmt.Fprintln(p.w, rest+line)
	}
}
