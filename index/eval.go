package index

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/blevesearch/bleve/v2"

	"optoutbot/kb"
)

// Labelled is a text with the entry that it belongs to.
type Labelled struct {
	Text  string `json:"text"`
	Label string `json:"label"`
	Lang  string `json:"lang,omitempty"`
}

// OutOfScope labels a text that should find nothing; it stands only in tests.
const OutOfScope = "oos"

// Prediction is what an engine makes of a text. Predicted is its best entry
// even where it would rather say nothing; Confidence is the chance that some
// entry answers the text.
type Prediction struct {
	Text       string  `json:"text"`
	Label      string  `json:"label"`
	Predicted  string  `json:"predicted"`
	Confidence float64 `json:"confidence"`
}

// Scores are figures of an engine on a test. Out-of-scope recall at 95 is the
// share of out-of-scope texts below the confidence that keeps 95 % of the
// others; shares are in percent. AUROC and recalls are absent without
// out-of-scope texts.
type Scores struct {
	Accuracy      float64  `json:"accuracy"`
	AUROC         *float64 `json:"auroc,omitempty"`
	OOSRecallAt95 *float64 `json:"oos_recall_at_95,omitempty"`
	OOSRecallAt90 *float64 `json:"oos_recall_at_90,omitempty"`
	BuildMS       float64  `json:"build_ms"`
	P50US         float64  `json:"p50_us"`
	P99US         float64  `json:"p99_us"`
}

// predictor is an engine under test.
type predictor interface {
	// predict gives the number of the best entry, or -1, and how sure that is.
	predict(ctx context.Context, text string) (int, float64, error)
	close() error
}

// trial is the labelled texts of one language with their labels numbered.
type trial struct {
	lang   string
	labels []string
	corpus corpus
}

// TryRanker builds the engine from train, tries it on test, and gives its
// scores with its predictions in the order of test.
func TryRanker(ctx context.Context, train, test []Labelled) (Scores, []Prediction, error) {
	return try(ctx, train, test, func(ctx context.Context, t *trial) (predictor, error) {
		lex := newLexicon(stemmerOf(t.lang))
		e, err := learn(ctx, lex, t.corpus, func() {})
		if err != nil {
			return nil, err
		}
		e.docs, err = memoryTexts(documents(lex, t.corpus))
		return enginePredictor{e, new(scratch)}, err
	})
}

// TryBleve does the same with bleve alone: a document per entry, bleve's
// default scoring, the words as they are or stemmed.
func TryBleve(ctx context.Context, train, test []Labelled, stemmed bool) (Scores, error) {
	s, _, err := try(ctx, train, test, func(_ context.Context, t *trial) (predictor, error) {
		lex := &lexicon{}
		if stemmed {
			lex = newLexicon(stemmerOf(t.lang))
		}
		docs, err := newMemoryIndex(documents(lex, t.corpus))
		return &blevePredictor{docs, lex}, err
	})
	return s, err
}

// stemmerOf is the stemmer for a language of test texts; English when none is
// named.
func stemmerOf(lang string) string {
	if lang == "" {
		lang = kb.English
	}
	return kb.StemFor(lang)
}

func try(ctx context.Context, train, test []Labelled, build func(context.Context, *trial) (predictor, error)) (Scores, []Prediction, error) {
	trials, err := newTrials(train)
	if err != nil {
		return Scores{}, nil, err
	}
	var s Scores
	engines := map[string]predictor{}
	for lang, t := range trials {
		start := time.Now()
		if engines[lang], err = build(ctx, t); err != nil {
			return s, nil, err
		}
		s.BuildMS += float64(time.Since(start).Microseconds()) / 1000
	}
	out := make([]Prediction, 0, len(test))
	took := make([]float64, 0, len(test))
	for _, x := range test {
		t, p := trials[x.Lang], engines[x.Lang]
		if t == nil {
			return s, nil, fmt.Errorf("no training text is in language %q", x.Lang)
		}
		start := time.Now()
		n, confidence, err := p.predict(ctx, x.Text)
		if err != nil {
			return s, nil, err
		}
		took = append(took, float64(time.Since(start).Nanoseconds())/1000)
		one := Prediction{Text: x.Text, Label: x.Label, Confidence: confidence}
		if n >= 0 {
			one.Predicted = t.labels[n]
		}
		out = append(out, one)
	}
	for _, p := range engines {
		if err := p.close(); err != nil {
			return s, nil, err
		}
	}
	s.measure(out, took)
	return s, out, nil
}

func newTrials(train []Labelled) (map[string]*trial, error) {
	trials := map[string]*trial{}
	numbers := map[[2]string]int{}
	for i, x := range train {
		if x.Label == "" || x.Label == OutOfScope {
			return nil, fmt.Errorf("training text %d has the label %q", i+1, x.Label)
		}
		t := trials[x.Lang]
		if t == nil {
			t = &trial{lang: x.Lang}
			trials[x.Lang] = t
		}
		n, ok := numbers[[2]string{x.Lang, x.Label}]
		if !ok {
			n = len(t.labels)
			numbers[[2]string{x.Lang, x.Label}] = n
			t.labels = append(t.labels, x.Label)
			t.corpus.answers = append(t.corpus.answers, true)
		}
		t.corpus.examples = append(t.corpus.examples, example{words(x.Text), n})
	}
	if len(trials) == 0 {
		return nil, fmt.Errorf("there are no training texts")
	}
	return trials, nil
}

type enginePredictor struct {
	*engine
	s *scratch
}

func (p enginePredictor) predict(ctx context.Context, text string) (int, float64, error) {
	c, err := p.search(ctx, words(text), p.s)
	if err != nil || len(c) == 0 {
		return -1, 0, err
	}
	sum := 0.0 // a question that two entries could answer is in scope all the same
	for i := range c {
		sum += c[i].confidence
	}
	return c[0].entry, sum, nil
}

type blevePredictor struct {
	docs bleve.Index
	lex  *lexicon
}

func (p *blevePredictor) predict(ctx context.Context, text string) (int, float64, error) {
	q := bleve.NewMatchQuery(p.lex.terms(words(text)))
	q.SetField(fieldAsked)
	res, err := p.docs.SearchInContext(ctx, bleve.NewSearchRequestOptions(q, 1, 0, false))
	if err != nil || len(res.Hits) == 0 {
		return -1, 0, err
	}
	var n int
	_, err = fmt.Sscan(res.Hits[0].ID, &n)
	return n, res.Hits[0].Score, err
}

func (p *blevePredictor) close() error { return p.docs.Close() }

func (s *Scores) measure(all []Prediction, took []float64) {
	var in, out []float64
	right := 0
	for _, p := range all {
		if p.Label == OutOfScope {
			out = append(out, p.Confidence)
			continue
		}
		in = append(in, p.Confidence)
		if p.Predicted == p.Label {
			right++
		}
	}
	if len(in) > 0 {
		s.Accuracy = percent(float64(right) / float64(len(in)))
	}
	if len(in) > 0 && len(out) > 0 {
		a, r95, r90 := percent(auroc(in, out)), percent(recallAt(in, out, 0.95)), percent(recallAt(in, out, 0.90))
		s.AUROC, s.OOSRecallAt95, s.OOSRecallAt90 = &a, &r95, &r90
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		s.P50US, s.P99US = took[n/2], took[n*99/100]
	}
}

func percent(x float64) float64 { return math.Round(x*10000) / 100 }

// auroc is the chance that a text in scope has a higher confidence than one out
// of scope, ties counted half (Mann–Whitney).
func auroc(in, out []float64) float64 {
	sorted := slices.Clone(out)
	slices.Sort(sorted)
	sum := 0.0
	for _, x := range in {
		below := sort.SearchFloat64s(sorted, x)
		upto := below + sort.Search(len(sorted)-below, func(i int) bool { return sorted[below+i] > x })
		sum += float64(below) + float64(upto-below)/2
	}
	return sum / float64(len(in)) / float64(len(out))
}

// recallAt is the share of out-of-scope texts below the confidence that keeps
// the given share of the others.
func recallAt(in, out []float64, keep float64) float64 {
	sorted := slices.Clone(in)
	slices.Sort(sorted)
	limit := sorted[int(math.Floor(float64(len(sorted))*(1-keep)))]
	below := 0
	for _, x := range out {
		if x < limit {
			below++
		}
	}
	return float64(below) / float64(len(out))
}
