package index

import (
	"context"
	"sync"
)

// Live is an index that can be exchanged for another while it is in use: a
// search runs to its end on the one that it began with, and the next one takes
// the new. The zero Live is not ready; use [NewLive].
type Live struct {
	mu sync.RWMutex // held for reading by searches, for writing by Swap
	ix *Index
}

// NewLive returns a Live that searches ix, which it closes when it is done with it.
func NewLive(ix *Index) *Live { return &Live{ix: ix} }

// Swap puts another index in the place of the present one, and closes that
// after the searches that run on it have ended. Searches wait for less than
// one of them takes.
func (l *Live) Swap(next *Index) error {
	l.mu.Lock()
	old := l.ix
	l.ix = next
	l.mu.Unlock()
	return old.Close()
}

// Close closes the present index.
func (l *Live) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ix.Close()
}

// Find is [Index.Find].
func (l *Live) Find(ctx context.Context, text, hint string) (Result, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.ix.Find(ctx, text, hint)
}

// Suggest is [Index.Suggest].
func (l *Live) Suggest(ctx context.Context, typed, lang string, n int) ([]string, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.ix.Suggest(ctx, typed, lang, n)
}

// FindClaim is [Index.FindClaim].
func (l *Live) FindClaim(ctx context.Context, text, lang string) (string, error) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.ix.FindClaim(ctx, text, lang)
}
