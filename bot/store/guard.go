package store

import (
	"context"
	"errors"
	"sync"
	"time"
)

// callLimit is how long a call of the database may take. A question waits for
// no more than this: a store that is out of order must not slow the bot down.
const callLimit = 250 * time.Millisecond

// restAfter is how long a store that failed is left alone.
const restAfter = 2 * time.Second

// ErrResting is returned while the store is left alone after it failed.
var ErrResting = errors.New("the store failed a moment ago and is left alone for now")

// guard fences the database: calls end in time, and after one that failed the
// next ones fail at once, so that of many questions only one waits.
type guard struct {
	mu    sync.Mutex
	until time.Time // of the rest
}

func (g *guard) do(ctx context.Context, now time.Time, call func(context.Context) error) error {
	g.mu.Lock()
	resting := now.Before(g.until)
	g.mu.Unlock()
	if resting {
		return ErrResting
	}
	limited, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	err := call(limited)
	if err != nil && ctx.Err() == nil { // not because the caller went away
		g.mu.Lock()
		g.until = now.Add(restAfter)
		g.mu.Unlock()
	}
	return err
}
