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
	handled := true
	defer func() {
		if x := recover(); x != nil {
			a.counts.panics.Add(1)
			a.log.Error("telegram update set aside", "update", e.id, "panic", fmt.Sprintf("%T", x), "stack", string(debug.Stack()))
			a.sorry(u)
		}
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
