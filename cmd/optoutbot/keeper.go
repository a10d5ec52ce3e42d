package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"optoutbot/bot"
	"optoutbot/bot/store"
)

// errNoStore says that the store cannot be used at present.
var errNoStore = errors.New("the store is away")

// keeper is the store as the bot uses it. A PostgreSQL that is not there when
// the bot starts is opened when it comes; until then, and whenever it is away,
// questions are answered all the same.
type keeper struct {
	cfg   store.Config
	log   *slog.Logger
	store atomic.Pointer[store.Store]
	lost  atomic.Int64 // counts that no store took
}

// openKeeper opens the store. What cannot get better by waiting is an error: a
// folder that cannot be written to, a store of a newer version.
func openKeeper(ctx context.Context, cfg store.Config, log *slog.Logger) (*keeper, error) {
	k := &keeper{cfg: cfg, log: log}
	s, err := store.Open(ctx, cfg)
	switch {
	case err == nil:
		k.store.Store(s)
	case errors.Is(err, store.ErrUnreachable):
		log.Warn("the store cannot be reached; the bot answers without it and tries again", "err", err)
	default:
		return nil, err
	}
	return k, nil
}

const reopenEvery = 3 * time.Second

// run opens the store if it is not open yet, and keeps it in order until ctx
// ends.
func (k *keeper) run(ctx context.Context, keep time.Duration) error {
	again := time.NewTicker(reopenEvery)
	defer again.Stop()
	for k.store.Load() == nil {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
		}
		s, err := store.Open(ctx, k.cfg)
		switch {
		case err == nil:
			k.log.Info("the store can be reached")
			k.store.Store(s)
		case !errors.Is(err, store.ErrUnreachable):
			return fmt.Errorf("open the store: %w", err)
		}
	}
	return k.store.Load().Run(ctx, keep)
}

func (k *keeper) close() error {
	if s := k.store.Load(); s != nil {
		return s.Close()
	}
	return nil
}

// ready reports whether the store has been there since the start. One that goes
// away later does not make the program unready: it answers on without it, and
// no other replica could do better.
func (k *keeper) ready(context.Context) error {
	if k.store.Load() == nil {
		return errNoStore
	}
	return nil
}

// KeepUnanswered is [bot.Gaps]'s.
func (k *keeper) KeepUnanswered(ctx context.Context, lang, words string) error {
	return k.with(func(s *store.Store) error { return s.KeepUnanswered(ctx, lang, words) })
}

func (k *keeper) with(use func(*store.Store) error) error {
	s := k.store.Load()
	if s == nil {
		return errNoStore
	}
	err := use(s)
	if err == nil || errors.Is(err, store.ErrResting) {
		return orNoStore(err)
	}
	k.log.Warn("the store failed", "err", err) // once a rest, since it is left alone then
	return orNoStore(err)
}

func orNoStore(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errNoStore, err)
}

// Recall is [bot.Memory]'s.
func (k *keeper) Recall(ctx context.Context, p bot.Place) (c bot.Choices, err error) {
	err = k.with(func(s *store.Store) error { c, err = s.Recall(ctx, p); return err })
	return c, err
}

// Remember is [bot.Memory]'s.
func (k *keeper) Remember(ctx context.Context, p bot.Place, c bot.Choices) error {
	return k.with(func(s *store.Store) error { return s.Remember(ctx, p, c) })
}

// Forget is [bot.Memory]'s.
func (k *keeper) Forget(ctx context.Context, p bot.Place) error {
	return k.with(func(s *store.Store) error { return s.Forget(ctx, p) })
}

// Count is [bot.Counter]'s.
func (k *keeper) Count(e bot.Event) {
	if s := k.store.Load(); s != nil {
		s.Count(e)
		return
	}
	k.lost.Add(1)
}

// lostCounts is how many counts were lost.
func (k *keeper) lostCounts() int64 {
	n := k.lost.Load()
	if s := k.store.Load(); s != nil {
		n += s.Lost()
	}
	return n
}

var (
	_ bot.Memory  = (*keeper)(nil)
	_ bot.Counter = (*keeper)(nil)
)
