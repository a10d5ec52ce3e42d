package index

import (
	"cmp"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Limits of training. Each question is a negative example only for the entries
// that it could be taken for, and each entry sees a sample of the rest.
const (
	hardNegatives = 20  // entries a question is a negative example for
	easyNegatives = 300 // other questions that an entry sees, weighted up
	commonEntries = 400 // features of more entries do not look for neighbours
	svmC          = 1
	negligible    = 0.02 // smaller weights are left out
	svmEpochs     = 10   // passes over the examples
	trialEpochs   = 5    // the same when only the blend is to be fitted
)

// train learns a ranker from examples of entries numbered 0 to entries-1, in at
// most so many passes.
func train(lex *lexicon, examples []example, entries, epochs int, step func()) *ranker {
	feats := make([][]uint64, len(examples))
	inParallel(len(examples), func(i int) {
		feats[i] = lex.extract(examples[i].words, nil)
		slices.Sort(feats[i])
	})
	df := map[uint64]int32{}
	for i := range examples {
		for j, f := range feats[i] {
			if j == 0 || f != feats[i][j-1] {
				df[f]++
			}
		}
	}
	r := &ranker{vocab: newVocabulary(df, len(examples)), entries: entries}
	rows := make([]vector, len(examples))
	byEntry := make([][]int32, entries)
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	var all arena
	for i := range rows {
		s.vec = r.vocab.weigh(feats[i], s, s.vec)
		feats[i] = nil // it is the largest thing in memory
		rows[i] = all.keep(s.vec)
		byEntry[examples[i].entry] = append(byEntry[examples[i].entry], int32(i))
	}
	centres := r.buildCentres(rows, byEntry)
	negatives := r.findNegatives(rows, examples, centres)
	weights := r.learnWeights(rows, byEntry, negatives, epochs, step)
	r.merge(weights, centres)
	r.keepQuestions(rows, byEntry)
	return r
}

// inParallel calls each for 0 to n-1 on all cores.
func inParallel(n int, each func(i int)) {
	const chunk = 64
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for from := int(next.Add(chunk)) - chunk; from < n; from = int(next.Add(chunk)) - chunk {
				for i := from; i < min(from+chunk, n); i++ {
					each(i)
				}
			}
		})
	}
	wg.Wait()
}

// arena keeps vectors close together: training walks through all of them again
// and again.
type arena struct{ free vector }

func (a *arena) keep(v vector) vector {
	n := len(v.id)
	if len(a.free.id) < n {
		a.free = vector{make([]uint32, max(n, 1<<16)), make([]float32, max(n, 1<<16))}
	}
	out := vector{a.free.id[:n:n], a.free.val[:n:n]}
	a.free = vector{a.free.id[n:], a.free.val[n:]}
	copy(out.id, v.id)
	copy(out.val, v.val)
	return out
}

// posting is one entry's value for a feature.
type posting struct {
	entry uint32
	val   float32
}

// buildCentres gives by feature the entries' mean questions, of length 1.
func (r *ranker) buildCentres(rows []vector, byEntry [][]int32) [][]posting {
	centres := make([][]posting, len(r.vocab.idf))
	sum := make([]float32, len(r.vocab.idf))
	var touched []uint32
	for e, docs := range byEntry {
		touched = touched[:0]
		for _, d := range docs {
			for j, id := range rows[d].id {
				if sum[id] == 0 {
					touched = append(touched, id)
				}
				sum[id] += rows[d].val[j]
			}
		}
		norm := 0.0
		for _, id := range touched {
			if id != biasID {
				norm += float64(sum[id]) * float64(sum[id])
			}
		}
		for _, id := range touched {
			if id != biasID && norm > 0 {
				centres[id] = append(centres[id], posting{uint32(e), sum[id] / float32(math.Sqrt(norm))})
			}
			sum[id] = 0
		}
	}
	return centres
}

// findNegatives gives for each entry the questions of other entries that are
// most like it, judged by whole words: letter runs would find the same
// neighbours at four times the cost.
func (r *ranker) findNegatives(rows []vector, examples []example, centres [][]posting) [][]int32 {
	taken := make([][]uint32, len(rows)) // by question: the entries it could be taken for
	pool := sync.Pool{New: func() any { return &neighbours{score: make([]float32, r.entries)} }}
	inParallel(len(rows), func(i int) {
		n := pool.Get().(*neighbours)
		taken[i] = n.of(r, rows[i], examples[i].entry, centres)
		pool.Put(n)
	})
	negatives := make([][]int32, r.entries)
	for i, entries := range taken {
		for _, e := range entries {
			negatives[e] = append(negatives[e], int32(i))
		}
	}
	return negatives
}

// neighbours is the memory for finding the entries that are like a question.
type neighbours struct {
	score   []float32 // by entry; all zero between calls
	touched []uint32
}

// of gives the entries but own that are most like the question v.
func (n *neighbours) of(r *ranker, v vector, own int, centres [][]posting) []uint32 {
	n.touched = n.touched[:0]
	for j, id := range v.id {
		if len(centres[id]) > commonEntries || r.vocab.kind[id] == kindGram {
			continue
		}
		for _, p := range centres[id] {
			if n.score[p.entry] == 0 {
				n.touched = append(n.touched, p.entry)
			}
			n.score[p.entry] += p.val * v.val[j]
		}
	}
	n.score[own] = 0
	var out []uint32
	for _, e := range topEntries(n.touched, n.score, hardNegatives) {
		if int(e) != own {
			out = append(out, e)
		}
	}
	for _, e := range n.touched {
		n.score[e] = 0
	}
	return out
}

// topEntries moves the n entries of highest score to the front of list, in no
// order, and returns them.
func topEntries(list []uint32, score []float32, n int) []uint32 {
	if len(list) <= n {
		return list
	}
	slices.SortFunc(list, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b))
	})
	return list[:n]
}

// learnWeights trains each entry against its negatives and gives the weights
// by feature. Entries are independent, so all cores work.
func (r *ranker) learnWeights(rows []vector, byEntry, negatives [][]int32, epochs int, step func()) [][]posting {
	features := len(r.vocab.idf)
	learned := make([][]posting, len(byEntry)) // by entry; the posting's entry is the feature
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(byEntry)) {
		wg.Go(func() {
			l := learner{vocab: r.vocab, rows: rows, picked: make([]int32, len(rows)), svm: svm{epochs: epochs, w: make([]float32, features)}}
			for e := int(next.Add(1)) - 1; e < len(byEntry); e = int(next.Add(1)) - 1 {
				learned[e] = l.entry(e, byEntry[e], negatives[e])
				step()
			}
		})
	}
	wg.Wait()
	weights := make([][]posting, features)
	for e, list := range learned {
		for _, p := range list {
			weights[p.entry] = append(weights[p.entry], posting{uint32(e), p.val})
		}
	}
	return weights
}

// learner trains entries one after the other.
type learner struct {
	vocab  *vocabulary
	rows   []vector
	picked []int32 // by question: the entry that picked it last, plus 1
	svm    svm
}

// entry gives the weights of an entry by feature: all its questions against
// its negatives and a sample of the rest, which is weighted up to stand for all.
// What was seen in one question only says which entry that is of, and is left out
// elsewhere: most features are such, and would make the index a twentieth larger.
func (l *learner) entry(e int, own, negatives []int32) []posting {
	rng := rand.New(rand.NewPCG(1, uint64(e))) // fixed: the same content gives the same index
	problem := l.svm.problem[:0]
	add := func(list []int32, y, weight float32) {
		for _, i := range list {
			l.picked[i] = int32(e) + 1
			problem = append(problem, instance{row: &l.rows[i], y: y, weight: weight})
		}
	}
	add(own, 1, 1)
	add(negatives, -1, 1)
	rest := len(l.rows) - len(problem)
	sample := min(easyNegatives, rest)
	weight := float32(rest) / float32(max(sample, 1))
	for n := 0; n < sample; {
		i := int32(rng.IntN(len(l.rows)))
		if l.picked[i] != int32(e)+1 {
			add([]int32{i}, -1, weight)
			n++
		}
	}
	l.svm.problem = problem
	l.svm.learn(rng)
	var out []posting
	for id, w := range l.svm.w {
		if w > negligible || w < -negligible && !l.vocab.once(uint32(id)) {
			out = append(out, posting{uint32(id), w})
		}
		l.svm.w[id] = 0
	}
	return out
}

// merge joins weights and centres into the ranker's postings.
func (r *ranker) merge(weights, centres [][]posting) {
	r.start = make([]uint32, len(weights)+1)
	for id := range weights {
		w, c := weights[id], centres[id]
		for len(w) > 0 || len(c) > 0 {
			var e uint32
			switch {
			case len(c) == 0 || len(w) > 0 && w[0].entry <= c[0].entry:
				e = w[0].entry
			default:
				e = c[0].entry
			}
			var wv, cv float32
			if len(w) > 0 && w[0].entry == e {
				wv, w = w[0].val, w[1:]
			}
			if len(c) > 0 && c[0].entry == e {
				cv, c = c[0].val, c[1:]
			}
			r.low = append(r.low, uint8(e))
			if r.entries > 1<<8 {
				r.high = append(r.high, uint8(e>>8))
			}
			r.weight = append(r.weight, weightLevels.code(wv))
			r.centre = append(r.centre, likeLevels.code(cv))
		}
		r.start[id+1] = uint32(len(r.low))
	}
}

// keepQuestions keeps what nearest needs of the questions.
func (r *ranker) keepQuestions(rows []vector, byEntry [][]int32) {
	r.docs = make([]uint32, len(byEntry)+1)
	r.docStart = append(r.docStart, 0)
	for e, docs := range byEntry {
		for _, d := range docs {
			norm := float32(0)
			for j, id := range rows[d].id {
				if nearKind(r.vocab.kind[id]) {
					norm += rows[d].val[j] * rows[d].val[j]
				}
			}
			for j, id := range rows[d].id {
				if nearKind(r.vocab.kind[id]) {
					r.docID = append(r.docID, id)
					r.docVal = append(r.docVal, likeLevels.code(rows[d].val[j]/sqrt(norm)))
				}
			}
			r.docStart = append(r.docStart, uint32(len(r.docID)))
		}
		r.docs[e+1] = uint32(len(r.docStart) - 1)
	}
}

func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
