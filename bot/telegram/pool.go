package telegram

import (
	"context"
	"sync"
)

// pool runs tasks at the same time, those of one lane one after the other in
// the order in which they came. No more tasks are in hand than it has slots.
type pool struct {
	slots chan struct{}
	wg    sync.WaitGroup

	mu     sync.Mutex
	closed bool
	lanes  map[int64][]func() // waiting; a lane that is in the map has a goroutine
}

func newPool(slots int) *pool {
	return &pool{slots: make(chan struct{}, slots), lanes: map[int64][]func(){}}
}

// submit hands over a task; it waits for a slot until ctx ends.
func (p *pool) submit(ctx context.Context, lane int64, task func()) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		<-p.slots
		return context.Canceled
	}
	waiting, running := p.lanes[lane]
	p.lanes[lane] = append(waiting, task)
	if !running {
		p.wg.Go(func() { p.run(lane) })
	}
	return nil
}

// run does a lane's tasks until there are none.
func (p *pool) run(lane int64) {
	for {
		p.mu.Lock()
		waiting := p.lanes[lane]
		if len(waiting) == 0 {
			delete(p.lanes, lane)
			p.mu.Unlock()
			return
		}
		task := waiting[0]
		p.lanes[lane] = waiting[1:]
		p.mu.Unlock()
		task()
		<-p.slots
	}
}

// inHand is how many tasks are in hand.
func (p *pool) inHand() int { return len(p.slots) }

// close takes no more tasks and waits until none is in hand.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.wg.Wait()
}
