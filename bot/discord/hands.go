package discord

import (
	"context"
	"sync"
)

// hands do tasks, no more at once than there are hands. Tasks of one lane come
// one after the other in their order; those of the lane "" are free.
type hands struct {
	free chan struct{}
	wg   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	tail   map[string]chan struct{} // by lane: closed when its last task is done
}

func newHands(n int) *hands {
	return &hands{free: make(chan struct{}, n), tail: map[string]chan struct{}{}}
}

// take gives a task to a free hand, and waits for one until ctx ends. It reports
// whether the task was taken.
func (h *hands) take(ctx context.Context, lane string, task func()) bool {
	select {
	case h.free <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		<-h.free
		return false
	}
	before, done := h.tail[lane], make(chan struct{})
	if lane != "" {
		h.tail[lane] = done
	}
	h.wg.Go(func() {
		if before != nil {
			<-before
		}
		defer h.put(lane, done)
		task()
	})
	return true
}

// inHand is how many tasks are in hand.
func (h *hands) inHand() int { return len(h.free) }

// put frees a hand, whatever became of its task.
func (h *hands) put(lane string, done chan struct{}) {
	h.mu.Lock()
	if h.tail[lane] == done {
		delete(h.tail, lane)
	}
	h.mu.Unlock()
	close(done)
	<-h.free
}

// rest takes no more tasks and waits until none is in hand.
func (h *hands) rest() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.wg.Wait()
}
