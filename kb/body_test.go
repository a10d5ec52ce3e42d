package kb

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

const onlySubset = " is not allowed; use paragraphs, **bold**, *italic*, lists and [text](link-id)"

func TestParseBody(t *testing.T) {
	plain := func(s string) Item { return Item{{Text: s}} }
	for _, tt := range []struct {
		name, src string
		want      Body
	}{
		{"nothing", "", nil},
		{"paragraph over lines", "One\ntwo.\n", Body{{Kind: Paragraph, Items: []Item{plain("One two.")}}}},
		{"two paragraphs", "One.\n\nTwo.", Body{{Kind: Paragraph, Items: []Item{plain("One.")}}, {Kind: Paragraph, Items: []Item{plain("Two.")}}}},
		{"setting", "A **b** *c* ***d*** e", Body{{Kind: Paragraph, Items: []Item{{
			{Text: "A "}, {Text: "b", Bold: true}, {Text: " "}, {Text: "c", Italic: true}, {Text: " "}, {Text: "d", Bold: true, Italic: true}, {Text: " e"},
		}}}}},
		{"link", "See [the **form**](form).", Body{{Kind: Paragraph, Items: []Item{{
			{Text: "See "}, {Text: "the ", Link: "form"}, {Text: "form", Bold: true, Link: "form"}, {Text: "."},
		}}}}},
		{"bullets", "- a\n- *b*\n", Body{{Kind: Bullets, Items: []Item{plain("a"), {{Text: "b", Italic: true}}}}}},
		{"loose bullets", "- a\n\n- b\n", Body{{Kind: Bullets, Items: []Item{plain("a"), plain("b")}}}},
		{"bullets over lines", "- a\n  b\n", Body{{Kind: Bullets, Items: []Item{plain("a b")}}}},
		{"numbers", "1. a\n2. b\n", Body{{Kind: Numbers, Items: []Item{plain("a"), plain("b")}}}},
		{"backslashes", `\*a\* \$5 c:\d \\ 5 \% \/`, Body{{Kind: Paragraph, Items: []Item{plain(`*a* $5 c:\d \ 5 % /`)}}}},
		{"names of characters", `AT&amp;T &lt;b&gt; &#8364;5 \&amp; &nope; &copyx; R&D; &`, Body{{Kind: Paragraph, Items: []Item{plain(`AT&T <b> €5 &amp; &nope; &copyx; R&D; &`)}}}},
		{"signs that set nothing", "2 * 3 * 4, a_b_c, 5 < 6", Body{{Kind: Paragraph, Items: []Item{plain("2 * 3 * 4, a_b_c, 5 < 6")}}}},
		{"a bar in a sentence", "a | b\nc | d", Body{{Kind: Paragraph, Items: []Item{plain("a | b c | d")}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, faults := parseBody([]byte(tt.src), 1)
			if len(faults) > 0 {
				t.Fatalf("got faults %v, want none", faults)
			}
			for i := range got {
				got[i].line, got[i].lines = 0, nil
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestParseBodyFaults(t *testing.T) {
	const id = ": give the id of a link in links.yaml, [text](link-id)"
	for _, tt := range []struct {
		name, src string
		want      []string // the text begins on line 4
	}{
		{"heading", "a\n\n# b\n", []string{"6: a heading" + onlySubset}},
		{"empty heading", "a\n\n#\n", []string{"6: a heading" + onlySubset}},
		{"underlined heading", "a\n\nb\n===\n", []string{"6: a heading" + onlySubset}},
		{"fenced code", "a\n\n```\nb\n```\n", []string{"6: code" + onlySubset}},
		{"empty code", "a\n\n```\n```\n", []string{"6: code" + onlySubset}},
		{"indented code", "a\n\n    b\n", []string{"6: code" + onlySubset}},
		{"code in a line", "a\nb `c`\n", []string{"5: code" + onlySubset}},
		{"HTML", "a\n\n<div>b</div>\n", []string{"6: HTML" + onlySubset}},
		{"HTML in a line", "a <b>c</b>\n", []string{"4: HTML" + onlySubset, "4: HTML" + onlySubset}},
		{"comment", "a <!-- b -->\n", []string{"4: HTML" + onlySubset}},
		{"table", "a\n\n| b | c |\n|---|---|\n| d | e |\n", []string{"6: a table" + onlySubset}},
		{"table without bars at the ends", "b | c\n--- | ---\nd | e\n", []string{"4: a table" + onlySubset}},
		{"struck out", "a ~~b~~\n", []string{"4: struck out text" + onlySubset}},
		{"image", "a ![b](form)\n", []string{"4: an image" + onlySubset}},
		{"bare address", "a\n<https://evil.example>\n", []string{"5: a bare address" + onlySubset}},
		{"address of mail", "a <b@evil.example>\n", []string{"4: a bare address" + onlySubset}},
		{"quotation", "a\n\n> b\n", []string{"6: a quotation" + onlySubset}},
		{"line across", "a\n\n---\n\nb", []string{"6: a line across" + onlySubset}},
		{"nested list", "- a\n  - b\n", []string{"5: an item of a list holds more than one paragraph or a list of its own"}},
		{"list in a list at once", "- - a\n", []string{"4: a list in a list" + onlySubset}},
		{"two paragraphs in an item", "- a\n\n  b\n", []string{"6: an item of a list holds more than one paragraph or a list of its own"}},
		{"heading in a list", "- a\n- # b\n", []string{"5: a heading" + onlySubset}},
		{"code in a list", "- ```\n  a\n  ```\n", []string{"4: code" + onlySubset}},
		{"HTML in a list", "- a\n- <div>\n", []string{"5: HTML" + onlySubset}},
		{"empty item", "- a\n-\n- b\n", []string{"5: an item of a list is empty"}},
		{"list from 3", "a\n\n3. b\n", []string{"6: a numbered list starts at 1"}},
		{"link to an address", "a\n[b](https://evil.example)\n", []string{`5: link to "https://evil.example"` + id}},
		{"link to a path", "[b](/c)\n", []string{`4: link to "/c"` + id}},
		{"link to nothing", "[b]()\n", []string{`4: link to ""` + id}},
		{"link with a title", "[b](form \"c\")\n", []string{`4: link to "form"` + id}},
		{"link without text", "a [](form)\n", []string{`4: link to "form" has no text`}},
		{"link of two parts that is none", "a [b](link id)\n", []string{`4: a link that is none: write [text](link-id)`}},
		{"link by a definition", "[b][c]\n\n[c]: https://evil.example\n", []string{"6: a link's definition" + onlySubset, `4: link to "https://evil.example"` + id}},
		{"bold without end", "a **b\n", []string{"4: ** without its other end"}},
		{"too long", strings.Repeat("a", maxBody+1), []string{"4: the text has 16385 bytes; at most 16384 are read"}},
		{"all at once", "# a\n\n`b`\n\n- - c\n", []string{"4: a heading" + onlySubset, "6: code" + onlySubset, "8: a list in a list" + onlySubset}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := parseBody([]byte(tt.src), 4)
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%d: %s", f.line, f.text))
			}
			if !sameStrings(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
		})
	}
}

// sameStrings compares without regard to the order.
func sameStrings(a, b []string) bool {
	count := map[string]int{}
	for _, s := range a {
		count[s]++
	}
	for _, s := range b {
		count[s]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}

func FuzzBody(f *testing.F) {
	for _, s := range []string{
		"", "One **two** *three*\nfour.\n\n- a\n- [b](form)\n\n1. c\n2. d\n",
		"- # a\n-\n- - b\n- ```\n", "> a\n\n---\n\n# b\n\n<div>\n", "| a | b |\n|---|---|\n| c | d |\n",
		"[a](b \"c\") ![d](e) <https://f> `g` ~~h~~", "[a][b]\n\n[b]: c\n", `\* \& &amp; &#0; &#x202e; &ngE;`, "a\x00b\xffc\u202e",
		strings.Repeat("*a ", 50) + strings.Repeat("[", 50) + strings.Repeat("> ", 50), "\t- a\n\t\tb\r\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		body, faults := parseBody(src, 7)
		last := 7 + strings.Count(string(src), "\n")
		for _, fault := range faults {
			if fault.line < 7 || fault.line > last {
				t.Errorf("got line %d, want 7 to %d: %s", fault.line, last, fault.text)
			}
		}
		if len(faults) > 2*len(src)+1 {
			t.Errorf("got %d faults for %d bytes, want no more than two a byte", len(faults), len(src))
		}
		for _, b := range body {
			if len(b.Items) == 0 || len(b.Items) != len(b.lines) {
				t.Errorf("got %d items on %d lines, want some and as many", len(b.Items), len(b.lines))
			}
			for _, it := range b.Items {
				for _, s := range it {
					if s.Text == "" {
						t.Error("got an empty span, want none")
					}
					if utf8.Valid(src) && !utf8.ValidString(s.Text+s.Link) {
						t.Errorf("got span %+q, want valid UTF-8", s.Text+s.Link)
					}
				}
			}
		}
		if got := len(body.Text()); got > 3*len(src) {
			t.Errorf("got %d bytes of text from %d, want no more than three times as much", got, len(src))
		}
		_ = body.Short()
	})
}
