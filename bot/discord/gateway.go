package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// identifyPause lies between two identifies of one bot: Discord, Sharding.
const identifyPause = 5 * time.Second

// connect runs the shards until ctx ends or one of them cannot go on.
func (a *Adapter) connect(ctx context.Context) error {
	g, err := a.gateway(ctx)
	if err != nil {
		return err
	}
	if n := g.Limit.Remaining; g.Limit.Total > 0 && n <= 0 {
		d := time.Duration(g.Limit.Reset) * time.Millisecond
		a.log.Warn("discord allows no new session for now", "again_in", d)
		if err := a.sleep(ctx, min(d, 24*time.Hour)); err != nil {
			return err
		}
	}
	first, count := a.cfg.Shard, a.cfg.Shards
	last := first
	if count == 0 {
		first, count = 0, max(1, g.Shards)
		last = count - 1
	}
	a.log.Info("discord connects", "shards", count, "first", first, "last", last)
	var shards sync.WaitGroup
	for i := first; i <= last; i++ {
		if i > first && (i-first)%max(1, g.Limit.AtOnce) == 0 {
			if err := a.sleep(ctx, identifyPause); err != nil {
				break
			}
		}
		shards.Go(func() { a.fail(a.run(ctx, i, count, g.URL)) })
	}
	shards.Wait()
	return ctx.Err()
}

// gateway asks where the gateway is, and goes on asking while the server cannot
// say.
func (a *Adapter) gateway(ctx context.Context) (where, error) {
	for n := 0; ; n++ {
		var g where
		q := request{method: http.MethodGet, path: "/gateway/bot", name: "the gateway's address", out: &g}
		err := a.do(ctx, q, try{key: "gateway", twice: true})
		if refused(err, http.StatusNotFound, 0) {
			q.path = "/gateway"
			err = a.do(ctx, q, try{key: "gateway", twice: true})
		}
		if err == nil && g.URL != "" {
			return g, nil
		}
		if ctx.Err() != nil || errors.Is(err, errFatal) {
			return g, errors.Join(ctx.Err(), err)
		}
		a.counts.troubles.Add(1)
		a.log.Warn("discord does not say where its gateway is", "err", err)
		if err := a.sleep(ctx, backoff(n+3)); err != nil {
			return g, err
		}
	}
}

type where struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"`
	Limit  struct {
		Total     int   `json:"total"`
		Remaining int   `json:"remaining"`
		Reset     int64 `json:"reset_after"`
		AtOnce    int   `json:"max_concurrency"`
	} `json:"session_start_limit"`
}

// run keeps a shard connected: at once after a connection that held, then later
// and later.
func (a *Adapter) run(ctx context.Context, shard, count int, url string) error {
	l := &link{
		token: a.cfg.Token, shard: [2]int{shard, count}, hello: a.hello,
		event: func(kind string, d json.RawMessage) { a.event(ctx, kind, d) },
		bad: func(err error) {
			a.counts.poisoned.Add(1)
			a.log.Error("discord event set aside", "err", err)
		},
	}
	had := false // a session before this one
	for n := 0; ; n++ {
		up := false
		err := l.run(ctx, url, func(fresh bool, r ready) {
			n, up = -1, true
			a.receiving.Add(1)
			a.up(ctx, l, fresh, had, r)
			had = true
		})
		if up {
			a.receiving.Add(-1)
		}
		if ctx.Err() != nil {
			return nil
		}
		a.counts.troubles.Add(1)
		end := (*ended)(nil)
		if errors.As(err, &end) {
			if stop := stopped(end.code); stop != nil {
				return stop
			}
		}
		d := time.Duration(0)
		switch {
		case end != nil && end.fresh:
			d = time.Second + backoff(5) // Discord wants one to five seconds before a new session
		case n >= 0:
			d = backoff(n + 2)
		}
		a.log.Warn("discord connection ended", "shard", shard, "err", a.api.redact(err.Error()), "again_in", d)
		if err := a.sleep(ctx, d); err != nil {
			return nil
		}
	}
}

// up notes that a session is there. After one that was lost it looks back for
// what was said meanwhile.
func (a *Adapter) up(ctx context.Context, l *link, fresh, had bool, r ready) {
	if !fresh {
		a.counts.resumes.Add(1)
		a.log.Info("discord session resumed", "shard", l.shard[0])
		return
	}
	a.counts.sessions.Add(1)
	a.me.Store(&account{user: r.User.ID, app: r.App.ID})
	a.log.Info("discord session begun", "shard", l.shard[0], "of", l.shard[1])
	if had {
		a.slow.take(ctx, "", func() { a.lookBack(ctx, l.shard) })
	}
	if l.shard[0] == 0 || a.cfg.Shards > 0 {
		a.slow.take(ctx, "", func() { a.presentOnce(ctx) })
	}
}

// stopped makes a close code after which there is no going on an error with
// what to do, or nil.
func stopped(code int) error {
	what := ""
	switch code {
	case closeToken:
		what = "Discord does not know the token; copy it anew from the developer portal, under Bot, into DISCORD_TOKEN"
	case closeShard:
		what = "Discord does not take this shard; SHARD_ID must be less than SHARD_COUNT, and all processes need the same SHARD_COUNT"
	case closeSharding:
		what = "the bot is in too many servers for so few shards; raise SHARD_COUNT, or leave it out so that the number is asked for at the start"
	case closeVersion:
		what = "Discord no longer speaks this version of its gateway; a newer version of the program is needed"
	case closeIntents, closeDisallowed:
		what = "Discord does not allow the events that the bot asks for, though none of them needs permission; see in the developer portal whether the bot was restricted"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s (close code %d)", errFatal, what, code)
}

// event takes an event of the gateway in hand. It must not wait for long: the
// gateway waits meanwhile.
func (a *Adapter) event(ctx context.Context, kind string, d json.RawMessage) {
	switch kind {
	case "INTERACTION_CREATE":
		if a.cfg.Endpoint != nil {
			return // Discord sends them by one way only
		}
		a.takeInteraction(ctx, d)
	case "MESSAGE_CREATE":
		var m message
		if err := json.Unmarshal(d, &m); err != nil || m.ID == "" || m.Channel == "" {
			a.counts.poisoned.Add(1)
			a.log.Error("discord event set aside", "err", "a message has another form than expected")
			return
		}
		a.takeMessage(ctx, &m)
	}
}

// apologies for panics.
func (a *Adapter) panicked(x any, stack []byte) {
	a.counts.panics.Add(1)
	a.log.Error("discord event set aside", "panic", fmt.Sprintf("%T", x), "stack", string(stack))
}

// errorOf logs what went wrong inside the bot; its reply says so to the person.
func (a *Adapter) errorOf(what string, err error) {
	if err != nil {
		a.log.Error("discord "+what, "err", err)
	}
}
