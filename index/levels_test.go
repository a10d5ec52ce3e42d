package index

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestLevels: what is between the least and the largest level is at most half a
// step off, 0 stays 0, and signs stay.
func TestLevels(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name        string
		levels      *levels
		least, most float64
		signed      bool
		off         float64
	}{
		{"weights", weightLevels, negligible, 6, true, 0.024},
		{"likenesses", likeLevels, 1.0 / (1 << 12), 1, false, 0.017},
	} {
		t.Run(tt.name, func(t *testing.T) {
			back := func(f float32) float32 { return tt.levels[tt.levels.code(f)] }
			if got := back(0); got != 0 {
				t.Errorf("0 became %v", got)
			}
			for _, f := range []float64{tt.most, 2 * tt.most, math.Inf(1)} {
				if got := float64(back(float32(f))); math.Abs(got-tt.most) > 1e-6 {
					t.Errorf("%v became %v, not %v", f, got, tt.most)
				}
			}
			for range 10_000 {
				f := float32(tt.least * math.Pow(tt.most/tt.least, rng.Float64()))
				if tt.signed && rng.IntN(2) == 0 {
					f = -f
				}
				if got := back(f); math.Abs(float64(got/f-1)) > tt.off {
					t.Fatalf("%v became %v", f, got)
				}
			}
		})
	}
}
