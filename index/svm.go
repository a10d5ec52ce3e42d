package index

import (
	"math"
	"math/rand/v2"
)

// svm learns one weight vector with the dual coordinate descent for the
// L2-loss linear support vector machine of Hsieh, Chang, Lin, Keerthi and
// Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM"
// (ICML 2008), algorithm 1 with the shrinking of section 3.3.
type svm struct {
	epochs  int
	problem []instance
	w       []float32 // by feature; the caller clears it after use
	alpha   []float32
	order   []int32
}

// instance is a text with its side and how much it counts.
type instance struct {
	row    *vector
	y      float32 // +1 or -1
	weight float32
	diag   float32 // 1/(2C) for this instance
	qd     float32 // its length squared, plus diag
}

// settled is the largest projected gradient at which learning stops.
const settled = 0.05

func (s *svm) learn(rng *rand.Rand) {
	n := len(s.problem)
	s.alpha = append(s.alpha[:0], make([]float32, n)...)
	s.order = s.order[:0]
	for i := range s.problem {
		p := &s.problem[i]
		p.diag = 0.5 / (svmC * p.weight)
		p.qd = p.diag
		for _, v := range p.row.val {
			p.qd += v * v
		}
		s.order = append(s.order, int32(i))
	}
	upper := float32(math.Inf(1))
	for active, epoch := n, 0; epoch < s.epochs; epoch++ {
		rng.Shuffle(active, func(i, j int) { s.order[i], s.order[j] = s.order[j], s.order[i] })
		worst := float32(0)
		for k := 0; k < active; k++ {
			i := s.order[k]
			gradient, shrink := s.step(int(i), upper)
			if shrink {
				active--
				s.order[k], s.order[active] = s.order[active], s.order[k]
				k--
				continue
			}
			worst = max(worst, gradient)
		}
		if worst < settled {
			return
		}
		upper = worst
	}
}

// step improves one instance and gives its projected gradient's size; shrink
// says that it is safely on its side and need not be looked at again.
func (s *svm) step(i int, upper float32) (gradient float32, shrink bool) {
	p := &s.problem[i]
	w, ids := s.w, p.row.id
	vals := p.row.val[:len(ids)]
	dot := float32(0)
	for j, id := range ids {
		dot += w[id] * vals[j]
	}
	old := s.alpha[i]
	g := p.y*dot - 1 + p.diag*old
	if old == 0 && g > 0 {
		return 0, g > upper
	}
	now := max(old-g/p.qd, 0)
	if d := (now - old) * p.y; d != 0 {
		s.alpha[i] = now
		for j, id := range ids {
			w[id] += d * vals[j]
		}
	}
	return max(g, -g), false
}
