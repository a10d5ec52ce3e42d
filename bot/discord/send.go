package discord

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are how much the bot may do. Zero is no limit.
type Limits struct {
	PerSecond      int // calls of the API in all; answers to interactions do not count
	Answers        int // answers to messages in a channel within a minute, before the bot asks for patience
	PrivateAnswers int // the same in a private chat
}

// DefaultLimits are the limits for Discord's own server, which allows 50 calls
// a second.
func DefaultLimits() Limits { return Limits{PerSecond: 45, Answers: 10, PrivateAnswers: 30} }

// Times of calls, and of the waiting between them.
const (
	callTime   = 15 * time.Second
	firstDelay = 100 * time.Millisecond
	lastDelay  = 30 * time.Second
	maxTries   = 12 // of a call that fails for no fault of its own: about two minutes
	maxEarly   = 8  // of one that Discord may not expect yet: about ten seconds
	maxHolds   = 20 // answers 429 to one call
)

// Discord shuts out an address for ten thousand refusals within ten minutes
// (rate limits, invalid requests); the bot stops at this number.
const maxRefused = 8000

// errRefused says that the bot holds still so as not to be shut out.
var errRefused = errors.New("too many calls were refused; no more for a while")

// gate keeps calls back: those above the limit, and those that the server wants
// to have later.
type gate struct {
	now     func() time.Time
	all     *rate.Limiter
	refusal *rate.Limiter // has a token for each refusal that is still allowed

	mu    sync.Mutex
	until time.Time          // nothing goes out before
	keys  *recent[time.Time] // nor this, by name of the call
}

func newGate(perSecond int, now func() time.Time) *gate {
	g := &gate{now: now, keys: newRecent[time.Time](1024), all: rate.NewLimiter(rate.Inf, 0)}
	if perSecond > 0 {
		g.all = rate.NewLimiter(rate.Limit(perSecond), perSecond)
	}
	g.refusal = rate.NewLimiter(rate.Every(10*time.Minute/maxRefused), maxRefused)
	return g
}

// share leaves a part of the calls in all to other replicas.
func (g *gate) share(perSecond, replicas int) {
	if perSecond <= 0 {
		return
	}
	n := max(1, perSecond/max(1, replicas))
	g.all.SetLimitAt(g.now(), rate.Limit(n))
	g.all.SetBurstAt(g.now(), n)
}

// delay says how long a call has to wait: counted ones take their place in the
// queue.
func (g *gate) delay(key string, counted bool) time.Duration {
	now := g.now()
	g.mu.Lock()
	until := g.until
	g.mu.Unlock()
	if !counted {
		until = time.Time{} // what silences the bot does not count answers to interactions
	}
	if own := g.keys.get(key); own.After(until) {
		until = own
	}
	d := until.Sub(now)
	if counted {
		d = max(d, g.all.ReserveN(now, 1).DelayFrom(now))
	}
	return d
}

// hold keeps calls back for a while: those of the key, or all.
func (g *gate) hold(key string, all bool, d time.Duration) {
	until := g.now().Add(d)
	if !all {
		g.keys.change(key, func(time.Time, bool) time.Time { return until })
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = until
}

// try says how a call is made.
type try struct {
	key   string // calls of one key are silenced together
	twice bool   // it can be made again when its fate is unknown: the server knows it again
	early bool   // what it is about may not be known yet: made again when it is not found
}

// do makes a call: as fast as the limits allow, again when the server wants to
// wait, and when it fails, if that cannot say something twice, until ctx ends.
func (a *Adapter) do(ctx context.Context, q request, t try) error {
	tries, holds := 0, 0
	for {
		if d := a.gate.delay(t.key, !q.open); d > 0 {
			if err := a.wait(ctx, d); err != nil {
				return err
			}
		}
		if a.gate.refusal.TokensAt(a.now()) < 1 {
			return errRefused
		}
		one, cancel := context.WithTimeout(ctx, callTime)
		err := a.api.call(one, q)
		cancel()
		api := (*apiError)(nil)
		if errors.As(err, &api) && (api.Status == 401 || api.Status == 403 || api.Status == 429) {
			a.gate.refusal.AllowN(a.now(), 1)
		}
		switch {
		case err == nil || ctx.Err() != nil:
			return err
		case refused(err, http.StatusUnauthorized, 0) && !q.open:
			stop := fatal(err)
			a.fatal(stop)
			return stop
		case api != nil && api.Retry > 0:
			if holds++; holds > maxHolds {
				return err
			}
			a.gate.hold(t.key, api.All && !q.open, api.Retry)
		case temporary(err) && t.twice, t.early && refused(err, http.StatusNotFound, unknownWebhook):
			if tries++; tries >= maxTries || t.early && tries >= maxEarly {
				return fmt.Errorf("%d times: %w", tries, err)
			}
			if err := a.wait(ctx, backoff(tries-1)); err != nil {
				return err
			}
		default:
			return err
		}
		a.counts.retries.Add(1)
	}
}

// wait pauses, or says at once that ctx will not last that long.
func (a *Adapter) wait(ctx context.Context, d time.Duration) error {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return context.DeadlineExceeded
	}
	return a.sleep(ctx, d)
}

// backoff doubles the delay with each error, and takes a random part of it
// away, so that many bots do not come back at the same moment.
func backoff(n int) time.Duration {
	d := min(firstDelay<<min(n, 20), lastDelay)
	return d/2 + rand.N(d/2)
}

// errFatal marks errors after which there is no going on.
var errFatal = errors.New("discord")

// fatal makes a refusal of the token an error that ends the adapter.
func fatal(err error) error {
	return fmt.Errorf("%w: the server does not know the token (%w); copy it anew from the developer portal, under Bot, into DISCORD_TOKEN, and see that DISCORD_API is right", errFatal, err)
}
