package index

import "math"

// blend joins the signals of candidates into one score, and the signs of a
// question into confidences. Both are fitted when the index is built, on
// questions that were left out of training.
type blend struct {
	signal [signals]float64 // score = sum of signal × value
	scope  [signs]float64   // log-odds that an answer fits the question at all
	right  [signs]float64   // log-odds that the best answer is the right one, if one fits
}

// The signs of a question, about the best answer among its candidates.
const (
	signBias    = iota
	signWeight  // its learned score
	signCentre  // its likeness to the centre
	signNearest // its likeness to the nearest question
	signChance  // its share of the softmax over the answers
	signDecline // share of the declines in the softmax over all candidates
	signUnknown // share of unknown words
	signText    // bleve's score, logarithm
	signs
)

// apply scores and sorts the candidates and gives each its confidence: the
// chance that it is the right one. The confidences add up to at most 1.
func (b *blend) apply(c []scored, answers []bool, unknown float64) {
	for i := range c {
		sum := 0.0
		for k, w := range b.signal {
			sum += w * float64(c[i].signals[k])
		}
		c[i].score = float32(sum)
	}
	sortByScore(c)
	first, x := signsOf(c, answers, unknown)
	if first < 0 {
		return
	}
	scope, right := sigmoid(dot(&b.scope, &x)), sigmoid(dot(&b.right, &x))
	all := 0.0
	for i := range c {
		c[i].confidence = math.Exp(float64(c[i].score - c[0].score))
		all += c[i].confidence
	}
	declines := math.Max(x[signDecline], 1e-9)
	others := math.Max((1-x[signDecline])*(1-x[signChance]), 1e-9)
	for i := range c {
		share := c[i].confidence / all
		switch {
		case i == first:
			c[i].confidence = scope * right
		case answers[c[i].entry]:
			c[i].confidence = scope * (1 - right) * min(share/others, 1)
		default:
			c[i].confidence = (1 - scope) * min(share/declines, 1)
		}
	}
}

// signsOf describes how sure the best answer is, and gives its place among the
// candidates, which are sorted; -1 when none is an answer.
func signsOf(c []scored, answers []bool, unknown float64) (int, [signs]float64) {
	first, all, fit := -1, 0.0, 0.0
	for i := range c {
		p := math.Exp(float64(c[i].score - c[0].score))
		all += p
		if answers[c[i].entry] {
			if first < 0 {
				first = i
			}
			fit += p
		}
	}
	if first < 0 {
		return -1, [signs]float64{}
	}
	a := &c[first]
	return first, [signs]float64{
		signBias:    1,
		signWeight:  float64(a.signals[sigWeight]),
		signCentre:  float64(a.signals[sigCentre]),
		signNearest: float64(a.signals[sigNearest]),
		signChance:  math.Exp(float64(a.score-c[0].score)) / fit,
		signDecline: 1 - fit/all,
		signUnknown: unknown,
		signText:    math.Log1p(float64(a.text)),
	}
}

func dot(w, x *[signs]float64) float64 {
	sum := 0.0
	for k := range w {
		sum += w[k] * x[k]
	}
	return sum
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
