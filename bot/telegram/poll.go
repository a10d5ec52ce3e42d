package telegram

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

const (
	batch        = 100         // the most that getUpdates gives
	tick         = time.Second // how often the server is asked for more while updates are in hand
	confirmTime  = 2 * time.Second
	confirmTries = 3 // more than the first
	// hastyPause is the pause after a server that should have held a poll open
	// gave nothing at once; without it that would be thousands of polls a second.
	hastyPause = 250 * time.Millisecond
)

// poll receives updates by long polling until ctx ends, and then waits for
// those in hand. The offset is the first update that is still in hand, so that
// the server gives that one again if this process ends.
func (a *Adapter) poll(ctx context.Context) error {
	p := &poller{a: a}
	err := p.run(ctx)
	a.pool.close()
	if !errors.Is(err, errOther) && !errors.Is(context.Cause(ctx), errOther) {
		p.confirm()
	}
	return err
}

// poller is the state of polling.
type poller struct {
	a       *Adapter
	next    int64    // the update after the last that came
	pending []*entry // that came and were not yet handled when last looked at, by number
	hasty   bool     // the last poll was to be held open and was answered at once
}

func (p *poller) run(ctx context.Context) error {
	for n := 0; ; {
		updates, err := p.fetch(ctx)
		if err != nil {
			if err := p.a.trouble(ctx, err, n); err != nil {
				return err
			}
			n++
			continue
		}
		n = 0
		if len(updates) == 0 && p.hasty {
			if err := p.a.sleep(ctx, hastyPause); err != nil {
				return err
			}
		}
		fresh := p.hand(ctx, updates)
		if err := p.rest(ctx, fresh, len(updates)); err != nil {
			return err
		}
	}
}

// offset is the first update that is not handled.
func (p *poller) offset() int64 {
	n := 0
	for n < len(p.pending) && p.a.ledger.handled(p.pending[n].id) {
		n++
	}
	p.pending = p.pending[n:]
	if len(p.pending) > 0 {
		return p.pending[0].id
	}
	return p.next
}

func (p *poller) fetch(ctx context.Context) ([]json.RawMessage, error) {
	q := getUpdates{Offset: p.offset(), Limit: batch, Allowed: p.a.kinds()}
	if len(p.pending) == 0 {
		q.Timeout = int(p.a.cfg.Poll / time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(q.Timeout)*time.Second+callTime)
	defer cancel()
	begin := p.a.now()
	updates, err := p.a.api.getUpdates(ctx, q)
	p.hasty = q.Timeout > 0 && p.a.now().Sub(begin) < hastyPause
	return updates, err
}

// hand hands updates to the pool and reports whether there was a new one.
func (p *poller) hand(ctx context.Context, updates []json.RawMessage) (fresh bool) {
	for _, raw := range updates {
		e, isNew := p.a.take(ctx, raw)
		if e == nil {
			continue
		}
		fresh = fresh || isNew
		p.next = max(p.next, e.id+1)
		i, found := slices.BinarySearchFunc(p.pending, e.id, func(e *entry, id int64) int { return cmp.Compare(e.id, id) })
		if !found {
			p.pending = slices.Insert(p.pending, i, e)
		}
	}
	return fresh
}

// rest waits until it is time to ask for more. After many updates that is when
// few of them are in hand, so that the next are there before these are done;
// after few when none is, since asking earlier brings the same again. After a
// tick it is time in any case: one update that waits for a slow chat does not
// keep the others waiting.
func (p *poller) rest(ctx context.Context, fresh bool, got int) error {
	enough, more := got/4, got == batch
	late := time.NewTimer(tick)
	defer late.Stop()
	for n := p.a.ledger.inHand(); n > enough || n > 0 && !fresh; n = p.a.ledger.inHand() {
		select {
		case <-p.a.ledger.moved:
			fresh = fresh || more // there may be room now
		case <-late.C:
			return ctx.Err()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// confirm tells the server what was handled, without waiting for more. It tries
// also when the server has just refused the token: if that was a mistake, the
// next start does not get what was answered.
func (p *poller) confirm() {
	if p.next == 0 {
		return // nothing came
	}
	ctx, cancel := context.WithTimeout(context.Background(), confirmTime)
	defer cancel()
	q := getUpdates{Offset: p.offset(), Limit: 1, Allowed: p.a.kinds()}
	_, err := p.a.api.getUpdates(ctx, q)
	for n := 0; n < confirmTries && temporary(err) && p.a.sleep(ctx, backoff(n)) == nil; n++ {
		_, err = p.a.api.getUpdates(ctx, q)
	}
	if err != nil {
		p.a.log.Warn("telegram updates not acknowledged; the next start gets them again", "err", err)
	}
}
