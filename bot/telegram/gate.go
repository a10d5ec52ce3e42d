package telegram

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits are how much the bot may send. Zero is no limit. Telegram does not
// publish its own; the defaults are what is customary.
type Limits struct {
	PerSecond      int // messages in all
	ChatPerSecond  int // messages to a chat
	GroupPerMinute int // messages to a group
	Answers        int // answers in a group within a minute, before the bot asks for patience
	PrivateAnswers int // the same in a private chat
}

// DefaultLimits are the limits for Telegram's own server.
func DefaultLimits() Limits {
	return Limits{PerSecond: 30, ChatPerSecond: 1, GroupPerMinute: 20, Answers: 10, PrivateAnswers: 30}
}

// limiter lets n pass within any span: a fifth of them at once, the others one
// by one over the span.
func limiter(n int, span time.Duration) *rate.Limiter {
	if n <= 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	burst := max(1, n/5)
	return rate.NewLimiter(rate.Limit(float64(max(1, n-burst))/span.Seconds()), burst)
}

// manyHeld is how many chats the server silences at once before the bot takes
// it that it means all of them.
const manyHeld = 3

// gate lets messages out no faster than the limits, and none to a chat that
// the server wants to be silent.
type gate struct {
	limits Limits
	now    func() time.Time
	wait   func(context.Context, time.Duration) error

	mu    sync.Mutex
	all   *rate.Limiter
	until time.Time // nothing goes out before
	chats meters[chatGate]
}

// chatGate is a chat's part of the gate.
type chatGate struct {
	rate, minute *rate.Limiter
	until        time.Time
}

func newGate(l Limits, now func() time.Time, wait func(context.Context, time.Duration) error) *gate {
	return &gate{limits: l, now: now, wait: wait, all: limiter(l.PerSecond, time.Second)}
}

// pass waits until a message may go to the chat.
func (g *gate) pass(ctx context.Context, chat int64, group bool) error {
	for {
		if d := g.held(chat); d > 0 {
			if err := g.wait(ctx, d); err != nil {
				return err
			}
			continue
		}
		if d := g.reserve(chat, group); d > 0 {
			if err := g.wait(ctx, d); err != nil {
				return err
			}
			if g.held(chat) > 0 { // silenced meanwhile
				continue
			}
		}
		return ctx.Err()
	}
}

// share leaves a part of the limit for all chats to other replicas. The limits of
// a chat stay: which replica its next question comes to is chance, and where two
// answer at once the server's 429 holds them both.
func (g *gate) share(replicas int) {
	if g.limits.PerSecond <= 0 {
		return
	}
	l := limiter(max(1, g.limits.PerSecond/max(1, replicas)), time.Second)
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.all.SetLimitAt(now, l.Limit())
	g.all.SetBurstAt(now, l.Burst())
}

// reserve takes a place in the queue and says how long to wait for it.
func (g *gate) reserve(chat int64, group bool) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	c := g.chat(chat, now)
	d := max(c.rate.ReserveN(now, 1).DelayFrom(now), g.all.ReserveN(now, 1).DelayFrom(now))
	if group {
		d = max(d, c.minute.ReserveN(now, 1).DelayFrom(now))
	}
	return d
}

// held says how long the server wants silence in the chat.
func (g *gate) held(chat int64) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	until := g.chat(chat, now).until
	if g.until.After(until) {
		until = g.until
	}
	return until.Sub(now)
}

// hold keeps a chat silent. Telegram does not say whether it means the chat or
// the bot; when it has silenced several chats, all wait.
func (g *gate) hold(chat int64, d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	g.chat(chat, now).until = now.Add(d)
	n := 0
	for _, c := range g.chats.all {
		if c.until.After(now) {
			n++
		}
	}
	if n >= manyHeld && now.Add(d).After(g.until) {
		g.until = now.Add(d)
	}
}

func (g *gate) chat(id int64, now time.Time) *chatGate {
	return g.chats.get(id, func() *chatGate {
		return &chatGate{rate: limiter(g.limits.ChatPerSecond, time.Second), minute: limiter(g.limits.GroupPerMinute, time.Minute)}
	}, func(c *chatGate) bool {
		return !c.until.After(now) && idle(c.rate, now) && idle(c.minute, now)
	})
}

// idle reports whether a limiter is as good as new.
func idle(l *rate.Limiter, now time.Time) bool {
	return l.Limit() == rate.Inf || l.TokensAt(now) >= float64(l.Burst())
}

// meters are something for each chat. What is as good as new is forgotten, so
// that a million chats need no more memory than those of the last minute.
type meters[T any] struct {
	all   map[int64]*T
	sweep int // look for what can be forgotten at this size
}

const firstSweep = 1024

func (m *meters[T]) get(id int64, fresh func() *T, idle func(*T) bool) *T {
	if x := m.all[id]; x != nil {
		return x
	}
	if m.all == nil {
		m.all, m.sweep = map[int64]*T{}, firstSweep
	}
	if len(m.all) >= m.sweep {
		for k, x := range m.all {
			if idle(x) {
				delete(m.all, k)
			}
		}
		m.sweep = max(firstSweep, 2*len(m.all))
	}
	x := fresh()
	m.all[id] = x
	return x
}
