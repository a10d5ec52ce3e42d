package index_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"optoutbot/index"
)

// TestSwapUnderLoad exchanges the index again and again while others search:
// no search fails, and none finds nothing.
func TestSwapUnderLoad(t *testing.T) {
	base, dir := small(t), filepath.Join(t.TempDir(), "ix")
	if err := index.Build(context.Background(), base, dir, nil); err != nil {
		t.Fatal(err)
	}
	open := func() *index.Index {
		ix, err := index.Open(base, dir)
		if err != nil {
			t.Fatal(err)
		}
		return ix
	}
	live := index.NewLive(open())
	var done atomic.Bool
	var searches atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for !done.Load() {
				r, err := live.Find(context.Background(), "does meta read my messenger chats?", "en")
				if err != nil || len(r.Matches) == 0 || r.Matches[0].ID != "messenger" {
					t.Errorf("got %+v, %v", r, err)
					return
				}
				searches.Add(1)
			}
		})
	}
	for range 50 {
		before := searches.Load()
		if err := live.Swap(open()); err != nil {
			t.Error(err)
		}
		for searches.Load() == before && !t.Failed() { // at least one search on each
			if _, err := live.Suggest(context.Background(), "mess", "en", 1); err != nil {
				t.Error(err)
			}
		}
	}
	done.Store(true)
	wg.Wait()
	if err := live.Close(); err != nil {
		t.Error(err)
	}
}
