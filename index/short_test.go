package index

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestShort(t *testing.T) {
	for _, f := range []float32{0, 1, -1, 0.5, 2, 1 << 20, -0.25} {
		if got := shorten(f).float(); got != f {
			t.Errorf("%v became %v", f, got)
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		f := float32(rng.NormFloat64())
		if got := shorten(f).float(); math.Abs(float64(got-f)) > math.Abs(float64(f))/256 {
			t.Fatalf("%v became %v, more than one part in 256 off", f, got)
		}
	}
}
