package index

import (
	"cmp"
	"slices"
	"unicode"

	"optoutbot/kb"
)

// What decides between languages, in nats, as [detector.odds] gives them. Chosen
// on questions of entries that the profiles had not seen, 4,000 in five
// languages: with them the language of 99 % was right, and for nine in ten of the
// others both languages were asked.
const (
	hintTips  = 8  // what the language of a person's program is worth
	closeCall = 12 // languages that are closer than this are both asked
)

// guess gives the languages that a text may be in, the likeliest first: one, or
// two when it is a close call. The hint is the language of the person's program.
func (ix *Index) guess(text, hint string) []*language {
	home := ix.number(hint)
	if len(ix.langs) == 1 {
		return ix.langs
	}
	odds := ix.detect.odds(text)
	if slices.Max(odds) == slices.Min(odds) { // nothing in it tells languages apart
		return ix.langs[home : home+1]
	}
	if ix.base.Speaks(hint) != nil {
		odds[home] += hintTips
	}
	order := make([]int, len(odds))
	for l := range order {
		order[l] = l
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(odds[b], odds[a]) })
	likely := []*language{ix.langs[order[0]]}
	if odds[order[0]]-odds[order[1]] < closeCall {
		likely = append(likely, ix.langs[order[1]])
	}
	return likely
}

// Guess gives the code of the language that a text is most likely in. The hint,
// which may be empty, is the language of the person's program.
func (ix *Index) Guess(text, hint string) string { return ix.guess(text, hint)[0].code }

// number is the number of the language that a hint names, or of English.
func (ix *Index) number(hint string) int {
	lang := ix.base.Speaks(hint)
	return max(0, slices.IndexFunc(ix.langs, func(l *language) bool { return lang != nil && l.code == lang.Code }))
}

// inNoScript reports whether most letters of a text belong to scripts in which
// no language of the base is written.
func inNoScript(base *kb.Base, text string) bool {
	letters, strange := 0, 0
	for _, r := range cutRunes(text, detectRunes) {
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		if r >= 0x80 && !unicode.Is(unicode.Latin, r) && !slices.ContainsFunc(base.Languages, func(l *kb.Language) bool {
			script := unicode.Scripts[l.Script]
			return script != nil && unicode.Is(script, r)
		}) {
			strange++
		}
	}
	return 2*strange > letters
}
