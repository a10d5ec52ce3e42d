package main

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"optoutbot/bot/store"
	"optoutbot/bot/telegram"
)

// single is an adapter that only one replica may run at a time: one that polls,
// or that is a shard of a gateway. The others wait, and one of them goes on when
// it dies.
type single struct {
	lock   string
	keeper *keeper
	log    *slog.Logger
	build  func() (adapter, error) // a new one each time, since an adapter runs once

	now  atomic.Pointer[adapter]
	mu   sync.Mutex
	past []slog.Attr // the counts of adapters before the present one
}

// Run waits for the lock, runs the adapter, and begins anew when the lock was
// lost to another replica.
func (s *single) Run(ctx context.Context) error {
	for {
		err := s.keeper.alone(ctx, s.lock, s.once)
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, store.ErrLockLost) {
			return err
		}
		s.log.Warn("another replica has taken over; this one waits", "lock", s.lock)
	}
}

func (s *single) once(ctx context.Context) error {
	one, err := s.build()
	if err != nil {
		return err
	}
	s.now.Store(&one)
	err = one.Run(ctx)
	s.now.Store(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = sum(s.past, one.LogCounts().LogValue().Group())
	return err
}

// Ready reports whether the adapter is; a replica that waits for its turn is.
func (s *single) Ready() error {
	if one := s.now.Load(); one != nil {
		return (*one).Ready()
	}
	return nil
}

// LogCounts gives the counts of all adapters so far.
func (s *single) LogCounts() slog.LogValuer {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.past
	if one := s.now.Load(); one != nil {
		all = sum(all, (*one).LogCounts().LogValue().Group())
	}
	return group(all)
}

// InHand is that of the adapter.
func (s *single) InHand() int {
	if one := s.now.Load(); one != nil {
		return (*one).InHand()
	}
	return 0
}

// Share does nothing: no other replica sends what this adapter does.
func (s *single) Share(int) {}

type group []slog.Attr

// LogValue is [slog.LogValuer]'s.
func (g group) LogValue() slog.Value { return slog.GroupValue(g...) }

// sum adds counts by their names.
func sum(a, b []slog.Attr) []slog.Attr {
	n := map[string]int64{}
	for _, x := range a {
		n[x.Key] = x.Value.Int64()
	}
	out := make([]slog.Attr, 0, len(b))
	for _, x := range b {
		out = append(out, slog.Int64(x.Key, x.Value.Int64()+n[x.Key]))
	}
	if len(b) == 0 {
		return a
	}
	return out
}

// alone waits until the store can be reached, and then for the lock.
func (k *keeper) alone(ctx context.Context, lock string, do func(context.Context) error) error {
	t := time.NewTicker(reopenEvery / 3)
	defer t.Stop()
	for k.store.Load() == nil {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
		}
	}
	return k.store.Load().Alone(ctx, lock, do)
}

// beat says that this replica runs, and hands on how many do when the number
// changes, until ctx ends.
func (k *keeper) beat(ctx context.Context, share func(replicas int)) error {
	t := time.NewTicker(store.BeatEvery)
	defer t.Stop()
	last := 1
	for {
		if s := k.store.Load(); s != nil {
			// While the store is away the last number holds.
			if n, err := s.Beat(ctx); err == nil && n != last {
				last = n
				share(n)
				k.log.Info("replicas", "running", n)
			}
		}
		select {
		case <-ctx.Done():
			if s := k.store.Load(); s != nil {
				_ = s.Leave(context.WithoutCancel(ctx)) // it is counted out soon anyway
			}
			return nil
		case <-t.C:
		}
	}
}

// sharedUpdates tells the replicas of a bot on Telegram which updates are handled.
type sharedUpdates struct{ keeper *keeper }

func (s sharedUpdates) id(update int64) string { return strconv.FormatInt(update, 10) }

// Claim is [telegram.Shared]'s.
func (s sharedUpdates) Claim(ctx context.Context, update int64) (taken, handled bool, err error) {
	err = s.keeper.with(func(st *store.Store) error {
		c, err := st.Claim(ctx, "telegram", s.id(update))
		taken, handled = c == store.Taken, c == store.Handled
		return err
	})
	return taken, handled, err
}

// Done is [telegram.Shared]'s.
func (s sharedUpdates) Done(ctx context.Context, update int64) error {
	return s.keeper.with(func(st *store.Store) error { return st.Done(ctx, "telegram", s.id(update)) })
}

// Release is [telegram.Shared]'s.
func (s sharedUpdates) Release(ctx context.Context, update int64) error {
	return s.keeper.with(func(st *store.Store) error { return st.Release(ctx, "telegram", s.id(update)) })
}

var _ telegram.Shared = sharedUpdates{}
