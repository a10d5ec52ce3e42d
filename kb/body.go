package kb

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Body is an entry's text, parsed: paragraphs and lists. The first block is
// the short answer, a plain paragraph.
type Body []Block

// BlockKind says how a block is set.
type BlockKind int

// The kinds of blocks.
const (
	Paragraph BlockKind = iota
	Bullets
	Numbers
)

// Block is a paragraph, which has one item, or a list.
type Block struct {
	Kind  BlockKind
	Items []Item

	line int
}

// Item is a run of text.
type Item []Span

// Span is text set in one way. Link is the id of a link, or empty.
type Span struct {
	Text   string
	Bold   bool
	Italic bool
	Link   string
}

// Text returns the item without its setting.
func (it Item) Text() string {
	var b strings.Builder
	for _, s := range it {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Text returns the body without its setting, a line for each item.
func (b Body) Text() string {
	var lines []string
	for _, bl := range b {
		for _, it := range bl.Items {
			lines = append(lines, it.Text())
		}
	}
	return strings.Join(lines, "\n")
}

// Short returns the short answer.
func (b Body) Short() string {
	if len(b) == 0 {
		return ""
	}
	return b[0].Items[0].Text()
}

// parseBody reads the Markdown of an entry. It knows paragraphs, bold, italic,
// lists that are not nested, and links whose target is a link's id; everything
// else is a fault, with the line counted from first.
func parseBody(src []byte, first int) (Body, []lineFault) {
	p := &bodyParser{src: src, first: first}
	doc := goldmark.DefaultParser().Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n)
	}
	return p.body, p.faults
}

type lineFault struct {
	line int
	text string
}

type bodyParser struct {
	src    []byte
	first  int // the line of src's first line in its file
	body   Body
	faults []lineFault
}

func (p *bodyParser) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Paragraph:
		p.body = append(p.body, Block{Paragraph, []Item{p.inline(n)}, p.line(n)})
	case *ast.List:
		b := Block{Kind: Bullets, line: p.line(n)}
		if n.IsOrdered() {
			b.Kind = Numbers
			if n.Start != 1 {
				p.fault(n, "a numbered list starts at 1")
			}
		}
		for li := n.FirstChild(); li != nil; li = li.NextSibling() {
			text := li.FirstChild()
			if text == nil {
				p.fault(n, "an item of a list is empty")
				continue
			}
			if text.NextSibling() != nil {
				p.fault(li, "an item of a list holds more than one paragraph or a list of its own")
			}
			b.Items = append(b.Items, p.inline(text))
		}
		p.body = append(p.body, b)
	default:
		p.fault(n, fmt.Sprintf("%s is not allowed; use paragraphs, **bold**, *italic*, lists and [text](link-id)", markup(n)))
	}
}

func (p *bodyParser) inline(n ast.Node) Item {
	var it Item
	p.spans(n, Span{}, &it)
	return join(it)
}

func (p *bodyParser) spans(n ast.Node, style Span, out *Item) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		s := style
		switch c := c.(type) {
		case *ast.Text:
			s.Text = unescape(string(c.Segment.Value(p.src)))
			if c.SoftLineBreak() || c.HardLineBreak() {
				s.Text += " "
			}
			*out = append(*out, s)
		case *ast.String:
			s.Text = string(c.Value)
			*out = append(*out, s)
		case *ast.Emphasis:
			if c.Level >= 2 {
				s.Bold = true
			} else {
				s.Italic = true
			}
			p.spans(c, s, out)
		case *ast.Link:
			s.Link = string(c.Destination)
			if s.Link == "" || strings.ContainsAny(s.Link, ":/.") || len(c.Title) > 0 {
				p.fault(n, fmt.Sprintf("link to %q: give the id of a link in links.yaml, [text](link-id)", c.Destination))
			}
			p.spans(c, s, out)
		default:
			p.fault(n, fmt.Sprintf("%s is not allowed here", markup(c)))
		}
	}
}

func (p *bodyParser) fault(n ast.Node, text string) {
	p.faults = append(p.faults, lineFault{p.line(n), text})
}

// line finds the line of a node: its own, or its first child's that has one.
func (p *bodyParser) line(n ast.Node) int {
	for ; n != nil; n = n.FirstChild() {
		if n.Type() != ast.TypeInline && n.Lines().Len() > 0 {
			at := n.Lines().At(0).Start
			return p.first + strings.Count(string(p.src[:at]), "\n")
		}
	}
	return p.first
}

func markup(n ast.Node) string {
	switch n.Kind() {
	case ast.KindHeading:
		return "a heading"
	case ast.KindFencedCodeBlock, ast.KindCodeBlock, ast.KindCodeSpan:
		return "code"
	case ast.KindHTMLBlock, ast.KindRawHTML:
		return "HTML"
	case ast.KindImage:
		return "an image"
	case ast.KindAutoLink:
		return "a bare address"
	case ast.KindBlockquote:
		return "a quotation"
	case ast.KindThematicBreak:
		return "a line across"
	default:
		return n.Kind().String()
	}
}

// join puts neighbouring spans of one setting together.
func join(it Item) Item {
	var out Item
	for _, s := range it {
		if s.Text == "" {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Bold == s.Bold && out[n-1].Italic == s.Italic && out[n-1].Link == s.Link {
			out[n-1].Text += s.Text
			continue
		}
		out = append(out, s)
	}
	return out
}

// unescape takes the backslashes of Markdown away.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte("\\`*_{}[]()#+-.!<>|&~\"'", s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
