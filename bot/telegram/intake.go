package telegram

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	tele "gopkg.in/telebot.v3"
)

// kinds are the updates that the adapter asks for; others are passed over.
func (a *Adapter) kinds() []string {
	all := []string{"message", "callback_query", "inline_query"}
	if a.guests {
		all = append(all, "guest_message")
	}
	return all
}

// take hands an update to the pool, unless it was taken before; fresh says
// which. It returns nil for one without a number. It waits for room in the pool
// until ctx ends.
func (a *Adapter) take(ctx context.Context, raw []byte) (e *entry, fresh bool) {
	id, ok := updateID(raw)
	if !ok {
		a.counts.poisoned.Add(1)
		a.log.Error("telegram update set aside", "err", "it has no number")
		return nil, false
	}
	if e, fresh = a.ledger.begin(id); !fresh {
		a.counts.repeated.Add(1)
		return e, false
	}
	a.counts.updates.Add(1)
	u, err := decode(raw)
	if err != nil {
		a.counts.poisoned.Add(1)
		a.log.Error("telegram update set aside", "update", id, "err", err)
		a.finish(e, true)
		return e, true
	}
	u.ID = int(id)
	if a.pool.submit(ctx, lane(u), func() { a.handle(e, u) }) != nil {
		a.finish(e, false)
	}
	return e, true
}

// Shared is what the replicas of one bot know together: which of them handles an
// update. Its methods may be called from many goroutines. One that is out of
// order costs at most that an update is answered twice.
type Shared interface {
	// Claim takes an update in hand. It is not taken when another replica has it
	// in hand, or has handled it: the latter says handled.
	Claim(ctx context.Context, update int64) (taken, handled bool, err error)
	// Done says that an update was handled, Release that it was not.
	Done(ctx context.Context, update int64) error
	Release(ctx context.Context, update int64) error
}

// claim takes an update in this replica's hand and reports whether it is, and
// otherwise whether another has handled it. Without word from the others it is:
// an answer too many is better than none.
func (a *Adapter) claim(id int64) (taken, handled bool) {
	if a.cfg.Shared == nil {
		return true, false
	}
	taken, handled, err := a.cfg.Shared.Claim(a.work, id)
	if err != nil {
		a.counts.unshared.Add(1)
		return true, false
	}
	if !taken {
		a.counts.elsewhere.Add(1)
	}
	return taken, handled
}

// unclaim tells the other replicas what became of an update.
func (a *Adapter) unclaim(id int64, handled bool) {
	if a.cfg.Shared == nil {
		return
	}
	// The handlers' context may be at its end, and the others must know even so.
	tell := a.cfg.Shared.Release
	if handled {
		tell = a.cfg.Shared.Done
	}
	if err := tell(context.WithoutCancel(a.work), id); err != nil {
		a.counts.unshared.Add(1)
	}
}

func (a *Adapter) finish(e *entry, ok bool) {
	if err := a.ledger.finish(e, ok); err != nil {
		a.log.Error("telegram journal", "err", err)
	}
}

// call is what a handler gets beside the update, and what it gives back.
type call struct {
	ctx    context.Context
	secret int // the message's number if only its receiver sees it
	err    error
}

// handle handles an update. It counts as handled unless the adapter stops
// meanwhile: what cannot be answered now cannot be answered the next time.
func (a *Adapter) handle(e *entry, u incoming) {
	if taken, handled := a.claim(e.id); !taken {
		a.finish(e, handled)
		return
	}
	handled := true
	defer func() {
		if x := recover(); x != nil {
			a.counts.panics.Add(1)
			a.log.Error("telegram update set aside", "update", e.id, "panic", fmt.Sprintf("%T", x), "stack", string(debug.Stack()))
			a.sorry(u)
		}
		a.unclaim(e.id, handled)
		a.finish(e, handled)
	}()
	if a.work.Err() != nil {
		handled = false
		return
	}
	err := a.dispatch(u)
	switch {
	case err == nil:
	case a.work.Err() != nil || errors.Is(err, errFatal):
		handled = false
	default:
		a.counts.failed.Add(1)
		a.log.Warn("telegram reply not sent", "update", e.id, "err", err)
	}
}

// dispatch lets telebot find the handler. Its handlers take no context and
// return their error to a callback, so that both go by the update's number.
func (a *Adapter) dispatch(u incoming) error {
	if u.guest != nil {
		return a.onGuest(a.work, u.guest)
	}
	if m := u.Message; m != nil && strings.HasPrefix(m.Text, "\a") {
		m.Text = " " + strings.TrimLeft(m.Text, "\a") // telebot drops a text that begins with a bell
	}
	c := &call{ctx: a.work, secret: u.secret}
	a.calls.Store(u.ID, c)
	defer a.calls.Delete(u.ID)
	a.router.ProcessUpdate(u.Update)
	return c.err
}

// call returns what belongs to the update of a handler.
func (a *Adapter) call(c tele.Context) *call {
	x, ok := a.calls.Load(c.Update().ID)
	if !ok {
		panic("telegram: a handler ran without an update")
	}
	return x.(*call)
}
