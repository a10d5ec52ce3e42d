package index

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// toy is a small corpus of three subjects.
func toy() corpus {
	texts := [][]string{
		{"my dog is sick", "the cat needs a vet", "is my cat ill", "what do dogs eat", "my hamster sneezes"},
		{"will it rain today", "is it sunny outside", "how cold is it", "storm warning for tonight", "do i need an umbrella"},
		{"book a train to Paris", "when does the bus leave", "a ticket for the tram", "is the train late", "which platform for Berlin"},
	}
	c := corpus{answers: []bool{true, true, true}}
	for e, list := range texts {
		for _, t := range list {
			c.examples = append(c.examples, example{words(t), e})
		}
	}
	return c
}

func toyEngine(t testing.TB, c corpus) *engine {
	t.Helper()
	lex := newLexicon("english")
	e, err := learn(context.Background(), lex, c, func() {})
	if err != nil {
		t.Fatal(err)
	}
	if e.docs, err = memoryTexts(documents(lex, c)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.close() })
	return e
}

func TestSearchFindsTheSubject(t *testing.T) {
	e := toyEngine(t, toy())
	tests := []struct {
		text string
		want int
	}{
		{"my cat is sick", 0}, {"the dogs are ill", 0}, {"is it cold today", 1}, {"rainy outside?", 1},
		{"trains to Berlin", 2}, {"the trian to paris", 2},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			found, err := e.search(context.Background(), words(tt.text), new(scratch))
			if err != nil || len(found) == 0 || found[0].entry != tt.want {
				t.Errorf("got %v, %v; want entry %d first", found, err, tt.want)
			}
		})
	}
}

func TestConfidencesAreChances(t *testing.T) {
	e := toyEngine(t, toy())
	for _, text := range []string{"my cat", "train", "the weather in Paris and the cat", "zebra quartz", "it"} {
		found, err := e.search(context.Background(), words(text), new(scratch))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, f := range found {
			if f.confidence < 0 || f.confidence > 1 || math.IsNaN(f.confidence) {
				t.Errorf("%s: confidence %v", text, f.confidence)
			}
			sum += f.confidence
		}
		if sum > 1+1e-9 {
			t.Errorf("%s: confidences add up to %v", text, sum)
		}
	}
}

// TestPostingsBothWays: a long posting list is searched, a short one walked;
// both must give the same sums.
func TestPostingsBothWays(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const entries = 500
	r := &ranker{entries: entries, start: []uint32{0, 0}}
	for e := range uint32(entries) {
		if rng.IntN(3) > 0 {
			r.low, r.high = append(r.low, uint8(e)), append(r.high, uint8(e>>8))
			r.weight = append(r.weight, weightLevels.code(rng.Float32()))
			r.centre = append(r.centre, likeLevels.code(rng.Float32()))
		}
	}
	r.start[1] = uint32(len(r.low))
	few := []scored{{entry: 3}, {entry: 77}, {entry: 499}, {entry: 250}}
	var many []scored
	for e := range entries {
		many = append(many, scored{entry: e})
	}
	sums := func(candidates []scored) [][2]float32 {
		s := new(scratch)
		s.growEntries(entries)
		for _, c := range candidates {
			s.seen[c.entry] = true
		}
		r.addPostings(0, 2, candidates, s)
		return s.sum
	}
	searched, walked := sums(few), sums(many)
	for _, c := range few {
		if searched[c.entry] != walked[c.entry] {
			t.Errorf("entry %d: searched %v, walked %v", c.entry, searched[c.entry], walked[c.entry])
		}
	}
}

func TestVocabularyFindsAllAndNothingElse(t *testing.T) {
	df := map[uint64]int32{}
	for i := range 1000 {
		df[feature(uint64(i/2)*2654435761, kind(i%int(kindBias)))] = int32(i%7 + 1) // hashes come in two kinds
	}
	v := newVocabulary(df, 100)
	ids := map[uint32]bool{}
	for f := range df {
		id, ok := v.lookup(f)
		if !ok || ids[id] || v.kind[id] != kindOf(f) {
			t.Fatalf("feature %x: id %d, found %v, kind %d", f, id, ok, v.kind[id])
		}
		ids[id] = true
	}
	if _, ok := v.lookup(feature(12345, kindWord)); ok {
		t.Error("a feature was found that was never seen")
	}
}

func TestLearningIsRepeatable(t *testing.T) {
	lex, c := newLexicon("english"), toy()
	a, b := train(lex, c.examples, 3, svmEpochs, func() {}), train(lex, c.examples, 3, svmEpochs, func() {})
	if !slices.Equal(a.weight, b.weight) || !slices.Equal(a.low, b.low) || !slices.Equal(a.vocab.low, b.vocab.low) {
		t.Error("the same content gave two rankers")
	}
}

func TestSVMSeparates(t *testing.T) {
	rows := []vector{
		{id: []uint32{0, 1}, val: []float32{1, 1}}, {id: []uint32{1, 2}, val: []float32{1, 0.5}},
		{id: []uint32{3, 4}, val: []float32{1, 1}}, {id: []uint32{0, 4}, val: []float32{0.2, 1}},
	}
	s := svm{epochs: 100, w: make([]float32, 5)}
	for i := range rows {
		y := float32(1)
		if i >= 2 {
			y = -1
		}
		s.problem = append(s.problem, instance{row: &rows[i], y: y, weight: 1})
	}
	s.learn(rand.New(rand.NewPCG(1, 1)))
	for i, p := range s.problem {
		dot := float32(0)
		for j, id := range p.row.id {
			dot += s.w[id] * p.row.val[j]
		}
		if dot*p.y <= 0 {
			t.Errorf("row %d is on the wrong side: %v", i, dot)
		}
	}
}

func TestLogisticRecoversTheOdds(t *testing.T) {
	// Of 100 with the sign 80 are right, of 100 without it 20.
	var x [][signs]float64
	var y []bool
	for i := range 200 {
		row := [signs]float64{signBias: 1}
		if i < 100 {
			row[signWeight] = 1
		}
		x = append(x, row)
		y = append(y, i < 80 || i >= 180)
	}
	w := fitLogistic(x, y)
	with, without := sigmoid(w[signBias]+w[signWeight]), sigmoid(w[signBias])
	if math.Abs(with-0.8) > 0.02 || math.Abs(without-0.2) > 0.02 {
		t.Errorf("got %.3f and %.3f, want 0.8 and 0.2", with, without)
	}
}

func TestMonotoneDropsWhatPointsTheWrongWay(t *testing.T) {
	var x [][signs]float64
	var y []bool
	for i := range 100 {
		right := i%2 == 0
		row := [signs]float64{signBias: 1}
		if right {
			row[signUnknown], row[signText] = 1, 1 // unknown words where it is right: nonsense
		}
		x, y = append(x, row), append(y, right)
	}
	w := fitMonotone(x, y)
	if w[signUnknown] > 0 || w[signText] <= 0 {
		t.Errorf("got unknown %.2f, text %.2f", w[signUnknown], w[signText])
	}
}

func TestMetrics(t *testing.T) {
	in, out := []float64{0.9, 0.8, 0.8, 0.3}, []float64{0.8, 0.2, 0.1}
	wins := 0.0
	for _, a := range in {
		for _, b := range out {
			switch {
			case a > b:
				wins++
			case a == b:
				wins += 0.5
			}
		}
	}
	if got, want := auroc(in, out), wins/12; math.Abs(got-want) > 1e-12 {
		t.Errorf("auroc: got %v, want %v", got, want)
	}
	if got := recallAt(in, out, 0.95); got != 2.0/3 {
		t.Errorf("recall at 95: got %v, want 2/3", got)
	}
}
