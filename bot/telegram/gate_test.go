package telegram

import (
	"context"
	"testing"
	"time"
)

// clock is a time that passes when somebody sleeps.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	c.t = c.t.Add(d)
	return ctx.Err()
}

func newClock() *clock { return &clock{time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)} }

// most is the largest number of times within any span.
func most(times []time.Time, span time.Duration) int {
	best := 0
	for i := range times {
		n := 0
		for _, t := range times[i:] {
			if t.Sub(times[i]) < span {
				n++
			}
		}
		best = max(best, n)
	}
	return best
}

func TestGateKeepsLimits(t *testing.T) {
	for _, c := range []struct {
		name  string
		chats int64
		group bool
		n     int
		span  time.Duration
		limit int
	}{
		{"all", 1000, false, 300, time.Second, 30},
		{"a chat", 1, false, 20, time.Second, 1},
		{"a group", 1, true, 60, time.Minute, 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newClock()
			g := newGate(DefaultLimits(), k.now, k.sleep)
			var sent []time.Time
			for i := range c.n {
				if err := g.pass(t.Context(), int64(i)%c.chats, c.group); err != nil {
					t.Fatal(err)
				}
				sent = append(sent, k.t)
			}
			if got := most(sent, c.span); got > c.limit {
				t.Errorf("got %d within %v, want at most %d", got, c.span, c.limit)
			}
			if whole := k.t.Sub(sent[0]); whole > 2*time.Duration(c.n/c.limit+1)*c.span {
				t.Errorf("%d took %v, much longer than the limit needs", c.n, whole)
			}
		})
	}
}

func TestGateWithoutLimits(t *testing.T) {
	k := newClock()
	g := newGate(Limits{}, k.now, k.sleep)
	for range 1000 {
		if err := g.pass(t.Context(), 1, true); err != nil {
			t.Fatal(err)
		}
	}
	if k.t != newClock().t {
		t.Errorf("waited %v, want not at all", k.t.Sub(newClock().t))
	}
}

// A chat that the server silences waits; the others do not, until it has
// silenced several.
func TestGateHold(t *testing.T) {
	k := newClock()
	g := newGate(Limits{}, k.now, k.sleep)
	begin := k.t
	pass := func(chat int64) time.Duration {
		k.t = begin
		if err := g.pass(t.Context(), chat, false); err != nil {
			t.Fatal(err)
		}
		return k.t.Sub(begin)
	}
	g.hold(1, time.Minute)
	if got := pass(1); got != time.Minute {
		t.Errorf("the silenced chat waited %v, want a minute", got)
	}
	if got := pass(2); got != 0 {
		t.Errorf("another chat waited %v, want not at all", got)
	}
	k.t = begin
	g.hold(2, time.Minute)
	g.hold(3, 2*time.Minute)
	if got := pass(9); got != 2*time.Minute {
		t.Errorf("with three silenced chats another waited %v, want two minutes", got)
	}
}

func TestGateEnds(t *testing.T) {
	k := newClock()
	g := newGate(DefaultLimits(), k.now, k.sleep)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.pass(ctx, 1, false); err == nil {
		t.Error("a message passed after the end")
	}
}

// A million chats need the memory of those of the last minute.
func TestGateForgets(t *testing.T) {
	k := newClock()
	g := newGate(DefaultLimits(), k.now, k.sleep)
	p := &patience{limits: DefaultLimits(), now: k.now}
	largest := 0
	for i := range int64(100_000) {
		if err := g.pass(t.Context(), i, true); err != nil {
			t.Fatal(err)
		}
		p.ask(i, true)
		largest = max(largest, len(g.chats.all), len(p.chats.all))
	}
	// A minute has 30 × 60 messages; the map doubles before it is swept.
	if largest > 2*2*1800 {
		t.Errorf("got %d chats in memory", largest)
	}
}

func TestPatience(t *testing.T) {
	k := newClock()
	p := &patience{limits: Limits{Answers: 3, PrivateAnswers: 5}, now: k.now}
	got := map[verdict]int{}
	for range 10 {
		got[p.ask(-1, true)]++
	}
	if got[answerIt] != 3 || got[askForPatience] != 1 || got[stayQuiet] != 6 {
		t.Errorf("ten at once: got %v, want 3 answers, 1 request for patience, 6 quiet", got)
	}
	k.t = k.t.Add(time.Minute)
	if v := p.ask(-1, true); v != answerIt {
		t.Errorf("a minute later: got %v, want an answer", v)
	}
	if v := p.ask(1, false); v != answerIt {
		t.Errorf("another chat: got %v, want an answer", v)
	}
}
