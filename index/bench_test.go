package index

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"

	"optoutbot/kb"
)

// The benchmarks run the engine beside bleve alone on the same content and the
// same questions; compare their ratio, since machines differ:
//
//	go test ./index -run - -bench . -cpu 1

func benchBase(b *testing.B) *kb.Base {
	b.Helper()
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		b.Fatal(faults)
	}
	return base
}

// BenchmarkBuild builds the index of the shipped content.
func BenchmarkBuild(b *testing.B) {
	base := benchBase(b)
	for i := 0; b.Loop(); i++ {
		if err := Build(context.Background(), base, filepath.Join(b.TempDir(), fmt.Sprint(i)), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen opens it.
func BenchmarkOpen(b *testing.B) {
	base := benchBase(b)
	dir := filepath.Join(b.TempDir(), "ix")
	if err := Build(context.Background(), base, dir, nil); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ix, err := Open(base, dir)
		if err != nil {
			b.Fatal(err)
		}
		if err := ix.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFind asks the shipped content's golden questions: normalise, search,
// rank, confidence and claim; then the same with bleve alone.
func BenchmarkFind(b *testing.B) {
	base := benchBase(b)
	var questions []string
	for _, g := range base.Golden["en"] {
		questions = append(questions, g.Question)
	}
	dir := filepath.Join(b.TempDir(), "ix")
	if err := Build(context.Background(), base, dir, nil); err != nil {
		b.Fatal(err)
	}
	ix, err := Open(base, dir)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = ix.Close() }() // nothing was written
	b.Run("ours", func(b *testing.B) {
		measure(b, questions, func(q string) error {
			_, err := ix.Find(context.Background(), q, "en")
			return err
		})
	})
	b.Run("bleve", func(b *testing.B) { benchBleve(b, ix.langs[0].engine.docs.bleve, questions) })
}

// BenchmarkLarge asks made-up content: paraphrases of made-up words, 100 an
// entry; 15,000 of them and a million.
func BenchmarkLarge(b *testing.B) {
	for _, entries := range []int{150, 10_000} {
		b.Run(fmt.Sprint(entries*100), func(b *testing.B) {
			c, questions := madeUp(entries, 100)
			lex := newLexicon("")
			start := time.Now()
			e := &engine{lex: lex, answers: c.answers, blend: defaultBlend}
			e.ranker = train(lex, c.examples, entries, svmEpochs, func() {})
			b.Logf("trained in %.1f s", time.Since(start).Seconds())
			var err error
			if e.docs, err = memoryTexts(documents(lex, c)); err != nil {
				b.Fatal(err)
			}
			defer func() { _ = e.close() }() // nothing was written
			s := new(scratch)
			b.Run("ours", func(b *testing.B) {
				measure(b, questions, func(q string) error {
					_, err := e.search(context.Background(), words(q), s)
					return err
				})
			})
			b.Run("bleve", func(b *testing.B) { benchBleve(b, e.docs.bleve, questions) })
		})
	}
}

func benchBleve(b *testing.B, docs bleve.Index, questions []string) {
	measure(b, questions, func(q string) error {
		m := bleve.NewMatchQuery(strings.Join(words(q), " "))
		m.SetField(fieldWords)
		_, err := docs.SearchInContext(context.Background(), bleve.NewSearchRequestOptions(m, 1, 0, false))
		return err
	})
}

// measure asks the questions in turn and reports the median and the 99th
// percentile beside the mean.
func measure(b *testing.B, questions []string, ask func(string) error) {
	var took []float64
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		if err := ask(questions[i%len(questions)]); err != nil {
			b.Fatal(err)
		}
		took = append(took, float64(time.Since(start).Nanoseconds())/1000)
	}
	slices.Sort(took)
	b.ReportMetric(took[len(took)/2], "p50-µs")
	b.ReportMetric(took[len(took)*99/100], "p99-µs")
}

// madeUp gives entries with n questions each: words of Zipf frequency, of which
// each entry has a dozen of its own.
func madeUp(entries, n int) (corpus, []string) {
	rng := rand.New(rand.NewPCG(7, 7))
	common := rand.NewZipf(rng, 1.2, 4, 5999)
	word := func(i uint64) string {
		w := ""
		for i += 26; i > 0; i /= 26 {
			w += string(rune('a'+i%26)) + string("aeiou"[i%5])
		}
		return w
	}
	var c corpus
	var questions []string
	for e := range entries {
		c.answers = append(c.answers, true)
		for q := range n + 1 {
			var text []string
			for range 4 + rng.IntN(7) {
				if rng.IntN(3) == 0 {
					text = append(text, word(6000+uint64(e*5+rng.IntN(12))))
				} else {
					text = append(text, word(common.Uint64()))
				}
			}
			if q == n {
				if e < 1000 {
					questions = append(questions, strings.Join(text, " "))
				}
				continue
			}
			c.examples = append(c.examples, example{text, e})
		}
	}
	return c, questions
}
