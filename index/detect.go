package index

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"optoutbot/kb"
)

// A language's profile says how often each run of letters stands in its texts:
// runs of 1 to runMax letters of a word with its borders, and whole words, each
// hashed into one of profileSize buckets. A bucket holds -log p in sixteenths.
// The language of a text is the one under which its runs are likeliest (naive
// Bayes); everything is learned from the knowledge base's own texts, as they are
// written and without their accents.
const (
	profileSize = 1 << 16
	runMax      = 4
	detectRunes = 300 // of a text that are read
	sixteenth   = 16  // steps of a nat
	sameTexts   = 4e5 // runs to which the texts of every language are scaled, so that more texts are no advantage
	smoothing   = 0.3 // runs that every bucket is taken to have beside those seen
	wordMost    = 20 * sixteenth
)

// profilesOf learns the profile of a language from all that the knowledge base
// has in it. What people write in Latin letters in a language that has others
// gets a profile of its own, to which the rest is added in the spelling that the
// index reads it in.
func profilesOf(base *kb.Base, lang *kb.Language, lex *lexicon) []uint8 {
	texts := textsOf(base, lang.Code)
	script := unicode.Scripts[lang.Script]
	if script == nil || script == unicode.Latin {
		return newProfile(texts)
	}
	var own, latin []string
	for _, t := range texts {
		if strings.ContainsFunc(t, func(r rune) bool { return unicode.Is(script, r) }) {
			own = append(own, t)
			latin = append(latin, strings.Join(lex.words(t), " "))
			continue
		}
		for range asTyped {
			latin = append(latin, t)
		}
	}
	return append(newProfile(own), newProfile(latin)...)
}

// asTyped is how much more what people typed in Latin letters counts than what
// was put into them.
const asTyped = 3

// textsOf gives the texts of a language. Where another stands in, its answers
// count too, as the background that a language with few texts lacks; its
// questions do not.
func textsOf(base *kb.Base, lang string) []string {
	var out []string
	for _, e := range base.Entries {
		t := e.Texts[lang]
		if t.Lang == lang {
			out = append(out, t.Questions...)
		}
		out = append(out, t.Title)
		for line := range strings.Lines(bodyText(e, lang)) {
			out = append(out, line)
		}
	}
	for _, c := range base.Claims {
		t, en := c.Texts[lang], c.Texts[kb.English]
		if lang == kb.English || t.Claim != en.Claim {
			out = append(append(out, t.Claim, t.Answer), t.Said...)
		}
	}
	return out
}

// newProfile counts the runs of a language's texts.
func newProfile(texts []string) []uint8 {
	counts := make([]float64, profileSize)
	total := 0.0
	add := func(text string) {
		eachRun(text, func(bucket uint32) {
			counts[bucket]++
			total++
		}, func() {})
	}
	for _, text := range texts {
		text = strings.ToLower(text)
		add(text)
		if bare := WithoutAccents(text); bare != text {
			add(bare)
		}
	}
	profile := make([]uint8, profileSize)
	scale := sameTexts / max(total, 1)
	for b, c := range counts {
		p := (c*scale + smoothing) / (sameTexts + smoothing*profileSize)
		profile[b] = uint8(min(255, math.Round(-math.Log(p)*sixteenth)))
	}
	return profile
}

// WithoutAccents gives a text as people type it who leave accents out.
func WithoutAccents(text string) string {
	if isPlain(text) {
		return text
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(text) {
		switch s, ok := letterFolds[r]; {
		case unicode.Is(unicode.Mn, r):
		case ok && r != 'ς':
			b.WriteString(s)
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// eachRun gives the buckets of a text's runs. The text is in small letters.
func eachRun(text string, each func(bucket uint32), end func()) {
	var word [maxWordRunes + 2]rune
	n, letters, read := 0, 0, 0
	flush := func() {
		if letters > 0 {
			runsOf(append(word[:n], border), each)
			end()
		}
		n, letters = 0, 0
	}
	for _, r := range text {
		if read++; read > detectRunes {
			break
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if n == 0 {
				word[0], n = border, 1
			}
			if n <= maxWordRunes {
				word[n] = r
				n++
			}
			if unicode.IsLetter(r) {
				letters++
			}
		case n > 0:
			flush()
		}
	}
	if n > 0 {
		flush()
	}
}

// runsOf gives the buckets of a word's runs, and of the whole word.
func runsOf(word []rune, each func(bucket uint32)) {
	for i := range word {
		h := uint64(fnvOffset)
		for j := i; j < len(word) && j-i < runMax; j++ {
			h = (h ^ uint64(word[j])) * fnvPrime
			if j > i || word[j] != border {
				each(bucketOf(h))
			}
		}
	}
	h := uint64(fnvOffset)
	for _, r := range word {
		h = (h ^ uint64(r)) * fnvPrime
	}
	each(bucketOf(h))
}

func bucketOf(h uint64) uint32 { return uint32((h * 0x9E3779B97F4A7C15) >> 48) }

// detector tells languages apart. A language that is also typed in Latin letters
// has two profiles.
type detector struct {
	langs int
	of    []int   // by profile: the number of its language
	table []uint8 // by bucket, then by profile
}

// newDetector puts the profiles of the languages side by side; a language's
// stand one after the other.
func newDetector(profiles [][]uint8) *detector {
	d := &detector{langs: len(profiles)}
	var all [][]uint8
	for l, list := range profiles {
		for p := range slices.Chunk(list, profileSize) {
			all, d.of = append(all, p), append(d.of, l)
		}
	}
	d.table = make([]uint8, 0, profileSize*len(all))
	for b := range profileSize {
		for _, p := range all {
			d.table = append(d.table, p[b])
		}
	}
	return d
}

// odds gives for each language how much less likely the text is in it than in
// the likeliest, in nats. No word says more than wordMost against a language:
// people mix in English ones.
func (d *detector) odds(text string) []float64 {
	sum, word, best := make([]int32, d.langs), make([]int32, len(d.of)), make([]int32, d.langs)
	eachRun(strings.ToLower(text), func(bucket uint32) {
		row := d.table[int(bucket)*len(d.of) : (int(bucket)+1)*len(d.of)]
		for p, v := range row {
			word[p] -= int32(v)
		}
	}, func() {
		for l := range best {
			best[l] = math.MinInt32
		}
		for p, v := range word {
			best[d.of[p]] = max(best[d.of[p]], v)
			word[p] = 0
		}
		most := slices.Max(best)
		for l, v := range best {
			sum[l] += max(v-most, -wordMost)
		}
	})
	out, most := make([]float64, d.langs), slices.Max(sum)
	for l, s := range sum {
		out[l] = float64(s-most) / sixteenth
	}
	return out
}
