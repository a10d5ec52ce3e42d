package store

import (
	"context"
	"time"
)

const (
	flushEvery  = 5 * time.Second
	expireEvery = time.Hour
)

// Run writes counts and deletes what is too old until ctx ends. Unanswered
// questions are kept for keep, or not at all when it is 0.
func (s *Store) Run(ctx context.Context, keep time.Duration) error {
	flush, expire := time.NewTicker(flushEvery), time.NewTicker(expireEvery)
	defer flush.Stop()
	defer expire.Stop()
	s.try("expire", s.Expire(ctx, keep))
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-flush.C:
			s.try("flush", s.Flush(ctx))
		case <-expire.C:
			s.try("expire", s.Expire(ctx, keep))
		}
	}
}

func (s *Store) try(what string, err error) {
	if err != nil {
		s.log.Warn("store", "at", what, "err", err)
	}
}
