package index

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync/atomic"
)

// maxSamples is how many left-out questions are enough to fit a dozen weights.
const maxSamples = 2000

// fitBlend trains on what was kept and fits the blend on what was left out.
func fitBlend(ctx context.Context, lex *lexicon, kept corpus, left []example) (blend, error) {
	trial := &engine{lex: lex, answers: kept.answers, ranker: train(lex, kept.examples, len(kept.answers), trialEpochs, func() {})}
	var err error
	if trial.docs, err = memoryTexts(documents(lex, kept)); err != nil {
		return blend{}, err
	}
	samples, err := trial.samples(ctx, kept, left)
	if err != nil {
		return blend{}, errors.Join(err, trial.close())
	}
	b := blend{signal: fitSignals(samples, defaultBlend.signal)}
	b.fitSigns(samples, kept.answers)
	return b, trial.close()
}

// samples searches for the questions that were left out.
func (e *engine) samples(ctx context.Context, kept corpus, left []example) ([]sample, error) {
	known := make([]bool, len(kept.answers))
	for _, x := range kept.examples {
		known[x.entry] = true
	}
	picked := make([]sample, min(len(left), maxSamples))
	var failed atomic.Pointer[error]
	inParallel(len(picked), func(i int) {
		x := left[i*len(left)/len(picked)]
		s := scratches.Get().(*scratch)
		defer scratches.Put(s)
		c, err := e.search(ctx, x.words, s)
		if err != nil {
			failed.Store(&err)
			return
		}
		picked[i] = sample{candidates: slices.Clone(c), right: x.entry, unknown: unknownShare(e.ranker.vocab, s.feats)}
		if !known[x.entry] {
			picked[i].right = -1
		}
	})
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	return slices.DeleteFunc(picked, func(s sample) bool { return len(s.candidates) == 0 }), nil
}

// fitSigns fits the two logistic regressions that give the confidences.
func (b *blend) fitSigns(samples []sample, answers []bool) {
	var scopeX, rightX [][signs]float64
	var scopeY, rightY []bool
	for _, one := range samples {
		b.apply(one.candidates, answers, one.unknown)
		first, x := signsOf(one.candidates, answers, one.unknown)
		if first < 0 {
			continue
		}
		fits := one.right >= 0 && answers[one.right]
		scopeX, scopeY = append(scopeX, x), append(scopeY, fits)
		if fits {
			rightX, rightY = append(rightX, x), append(rightY, one.candidates[first].entry == one.right)
		}
	}
	b.right = fitLogistic(rightX, rightY)
	if slices.Contains(answers, false) {
		b.scope = fitLogistic(scopeX, scopeY)
	} else {
		b.scope = fitMonotone(scopeX, scopeY)
	}
}

// sample is a left-out question: its candidates' signals and which is right.
type sample struct {
	candidates []scored
	right      int // the right entry, or -1 when it was left out of training
	unknown    float64
}

// fitSignals finds the signal weights under which the right candidate is most
// likely, in the softmax over the candidates: gradient ascent on the mean log
// likelihood (McFadden's conditional logit) with a pull towards start.
func fitSignals(samples []sample, start [signals]float64) [signals]float64 {
	w := start
	const rate, rounds, pull = 4.0, 80, 0.0005
	var square [signals]float64
	for round := 0; round < rounds; round++ {
		var grad [signals]float64
		n := 0
		for _, s := range samples {
			at := -1
			for i := range s.candidates {
				if s.candidates[i].entry == s.right {
					at = i
				}
			}
			if at < 0 {
				continue
			}
			n++
			most := math.Inf(-1)
			var buf [candidateCount]float64
			scores := buf[:0]
			for i := range s.candidates {
				sum := 0.0
				for k := range w {
					sum += w[k] * float64(s.candidates[i].signals[k])
				}
				scores = append(scores, sum)
				most = max(most, sum)
			}
			total := 0.0
			for i := range scores {
				scores[i] = math.Exp(scores[i] - most)
				total += scores[i]
			}
			for k := range w {
				mean := 0.0
				for i := range scores {
					mean += scores[i] / total * float64(s.candidates[i].signals[k])
				}
				grad[k] += float64(s.candidates[at].signals[k]) - mean
			}
		}
		if n == 0 {
			return start
		}
		for k := range w {
			g := grad[k]/float64(n) - pull*(w[k]-start[k])
			square[k] += g * g
			w[k] += rate * g / (math.Sqrt(square[k]) + 1e-8) / 4
		}
	}
	return w
}

// direction says which way each sign may point. The questions that are left out
// for fitting are of the knowledge base's own subject, so that some signs, above
// all unknown words, look harmless there that are not in life.
var direction = [signs]float64{
	signWeight: +1, signCentre: +1, signNearest: +1, signChance: +1, signText: +1, signDecline: -1, signUnknown: -1,
}

// fitMonotone fits a logistic regression whose weights point in their
// directions: a sign that would point the other way is left out, the worst first.
func fitMonotone(x [][signs]float64, y []bool) [signs]float64 {
	x = slices.Clone(x)
	for {
		w := fitLogistic(x, y)
		worst := 0
		for k := range w {
			if w[k]*direction[k] < min(0, w[worst]*direction[worst]) {
				worst = k
			}
		}
		if w[worst]*direction[worst] >= 0 {
			return w
		}
		for i := range x {
			x[i][worst] = 0
		}
	}
}

// fitLogistic finds the weights of a logistic regression with a small ridge,
// by Newton's method.
func fitLogistic(x [][signs]float64, y []bool) [signs]float64 {
	var w [signs]float64
	for round := 0; round < 25; round++ {
		var grad [signs]float64
		var hess [signs][signs]float64
		for i := range x {
			p := 0.0
			for k := range w {
				p += w[k] * x[i][k]
			}
			p = sigmoid(p)
			t := 0.0
			if y[i] {
				t = 1
			}
			for k := range w {
				grad[k] += (t - p) * x[i][k]
				for l := range w {
					hess[k][l] += p * (1 - p) * x[i][k] * x[i][l]
				}
			}
		}
		const ridge = 0.5
		for k := range w {
			grad[k] -= ridge * w[k]
			hess[k][k] += ridge
		}
		step, ok := solve(hess, grad)
		if !ok {
			break
		}
		for k := range w {
			w[k] += step[k]
		}
	}
	return w
}

// solve solves a·x = b by elimination with pivoting.
func solve(a [signs][signs]float64, b [signs]float64) ([signs]float64, bool) {
	for c := range b {
		p := c
		for r := c + 1; r < signs; r++ {
			if math.Abs(a[r][c]) > math.Abs(a[p][c]) {
				p = r
			}
		}
		if math.Abs(a[p][c]) < 1e-12 {
			return b, false
		}
		a[c], a[p] = a[p], a[c]
		b[c], b[p] = b[p], b[c]
		for r := range b {
			if r == c {
				continue
			}
			f := a[r][c] / a[c][c]
			for k := c; k < signs; k++ {
				a[r][k] -= f * a[c][k]
			}
			b[r] -= f * b[c]
		}
	}
	for c := range b {
		b[c] /= a[c][c]
	}
	return b, true
}
