package telegram

import "sync"

// remembered is how many handled updates are remembered. The server repeats
// one only as long as it has not been acknowledged, and no more than a few
// hundred are on the way at once.
const remembered = 8192

// ledger knows which updates are in hand and which were handled, so that each
// is answered once.
type ledger struct {
	mu    sync.Mutex
	open  map[int64]*entry
	done  map[int64]bool
	order []int64 // of done, a ring
	next  int     // where the ring goes on
	log   *journal
	moved chan struct{} // gets something when an update is no longer in hand
}

// entry is an update in hand.
type entry struct {
	id   int64
	done chan struct{} // closed when it is no longer in hand
	ok   bool          // it was handled; valid once done is closed
}

// newLedger goes on from what the journal has. The journal may be nil.
func newLedger(log *journal, handled []int64) *ledger {
	l := &ledger{open: map[int64]*entry{}, done: map[int64]bool{}, log: log, moved: make(chan struct{}, 1)}
	for _, id := range handled {
		l.remember(id)
	}
	return l
}

// begin takes an update in hand and reports whether it is new; if not, the
// entry is that of the first delivery.
func (l *ledger) begin(id int64) (*entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.open[id]; e != nil {
		return e, false
	}
	e := &entry{id: id, done: make(chan struct{})}
	if l.done[id] {
		e.ok = true
		close(e.done)
		return e, false
	}
	l.open[id] = e
	return e, true
}

// finish says that an update is no longer in hand: handled, or left for the
// next delivery. It returns the journal's error; the update counts as handled
// all the same.
func (l *ledger) finish(e *entry, ok bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if ok {
		l.remember(e.id)
		if l.log != nil {
			err = l.log.add(e.id, l.recent)
		}
	}
	delete(l.open, e.id)
	e.ok = ok
	close(e.done)
	select {
	case l.moved <- struct{}{}:
	default: // it has something already
	}
	return err
}

// handled reports whether an update was handled.
func (l *ledger) handled(id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done[id]
}

// inHand counts the updates in hand.
func (l *ledger) inHand() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

func (l *ledger) remember(id int64) {
	if l.done[id] {
		return
	}
	l.done[id] = true
	if len(l.order) < remembered {
		l.order = append(l.order, id)
		return
	}
	delete(l.done, l.order[l.next])
	l.order[l.next] = id
	l.next = (l.next + 1) % remembered
}

// recent gives what is remembered, oldest first.
func (l *ledger) recent() []int64 {
	return append(append([]int64(nil), l.order[l.next:]...), l.order[:l.next]...)
}
