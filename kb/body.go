package kb

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
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
	Verbatim // a text to copy as it stands, line breaks too; has one item with one span
)

// Block is a paragraph, which has one item, or a list.
type Block struct {
	Kind  BlockKind
	Items []Item

	line  int
	lines []int // of the items
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
	if len(b) == 0 || len(b[0].Items) == 0 {
		return ""
	}
	return b[0].Items[0].Text()
}

// maxBody bounds the Markdown of a text, in bytes. Far less can be shown.
const maxBody = 16 << 10

// parseBody reads the Markdown of an entry. It knows paragraphs, bold, italic,
// lists that are not nested, and links whose target is a link's id; everything
// else is a fault, with the line counted from first.
func parseBody(src []byte, first int) (Body, []lineFault) {
	if len(src) > maxBody {
		return nil, []lineFault{{first, fmt.Sprintf("the text has %d bytes; at most %d are read", len(src), maxBody)}}
	}
	p := &bodyParser{src: src, first: first}
	doc := markdown.Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		p.block(n)
	}
	return p.body, p.faults
}

// markdown knows tables too, so that they are found.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough)).Parser()

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
		line := p.line(n)
		p.body = append(p.body, Block{Paragraph, []Item{p.inline(n)}, line, []int{line}})
	case *ast.List:
		p.list(n)
	default:
		p.refuse(n)
	}
}

func (p *bodyParser) list(n *ast.List) {
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
			p.fault(li, "an item of a list is empty")
			continue
		}
		if k := text.Kind(); k != ast.KindTextBlock && k != ast.KindParagraph {
			p.refuse(text)
			continue
		}
		if text.NextSibling() != nil {
			p.fault(text.NextSibling(), "an item of a list holds more than one paragraph or a list of its own")
		}
		b.Items = append(b.Items, p.inline(text))
		b.lines = append(b.lines, p.line(text))
	}
	if len(b.Items) > 0 {
		p.body = append(p.body, b)
	}
}

func (p *bodyParser) refuse(n ast.Node) {
	p.fault(n, markup(n)+" is not allowed; use paragraphs, **bold**, *italic*, lists and [text](link-id)")
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
			raw := string(c.Segment.Value(p.src))
			p.stray(c, raw)
			s.Text = unescape(raw)
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
				p.fault(c, fmt.Sprintf("link to %q: give the id of a link in links.yaml, [text](link-id)", c.Destination))
			}
			if !c.HasChildren() {
				p.fault(c, fmt.Sprintf("link to %q has no text", c.Destination))
			}
			p.spans(c, s, out)
		default:
			p.refuse(c)
		}
	}
}

// stray finds signs that were meant to set the text, but stand in it.
func (p *bodyParser) stray(n ast.Node, raw string) {
	switch {
	case strings.Contains(raw, "]("):
		p.fault(n, "a link that is none: write [text](link-id)")
	case strings.Contains(raw, "**"):
		p.fault(n, "** without its other end")
	}
}

func (p *bodyParser) fault(n ast.Node, text string) {
	p.faults = append(p.faults, lineFault{p.line(n), text})
}

// line finds the line of a node: its own, or that of a node around it.
func (p *bodyParser) line(n ast.Node) int {
	for ; n != nil; n = n.Parent() {
		if at := n.Pos(); n.Kind() != ast.KindDocument && at >= 0 && at <= len(p.src) {
			return p.first + bytes.Count(p.src[:at], []byte("\n"))
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
	case ast.KindList:
		return "a list in a list"
	case ast.KindLinkReferenceDefinition:
		return "a link's definition"
	case east.KindTable:
		return "a table"
	case east.KindStrikethrough:
		return "struck out text"
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

// entity is a character by its name or number in HTML.
var entity = regexp.MustCompile(`^&(?:[A-Za-z][A-Za-z0-9]*|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});`)

const maxEntity = 34 // the longest name has 31 letters

// unescape takes the backslashes of Markdown away, and gives the characters
// that HTML's names and numbers stand for.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && util.IsPunct(s[i+1]):
			i++
		case s[i] == '&':
			if name := entity.FindString(s[i:min(len(s), i+maxEntity)]); name != "" {
				b.Write(util.ResolveNumericReferences(util.ResolveEntityNames([]byte(name))))
				i += len(name) - 1
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
