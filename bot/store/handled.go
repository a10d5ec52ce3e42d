package store

import (
	"context"
	"time"
)

// handledFor is how long the number of a handled update is kept: Telegram keeps
// what was not acknowledged for 24 hours (Bot API, getUpdates).
const handledFor = 24 * time.Hour

// lease is how long a replica has an update in hand before another may take it
// over: longer than handling takes, and short enough that a person whose
// question was in the hands of a replica that died still waits for it.
const lease = 15 * time.Second

// Claim is what became of taking an update in hand.
type Claim int

// The outcomes of [Store.Claim].
const (
	Taken   Claim = iota // it is in this replica's hand
	Busy                 // another replica has it in hand
	Handled              // it was handled
)

// Claim takes an update in hand, unless another replica has it or it was
// handled.
func (s *Store) Claim(ctx context.Context, platform, id string) (Claim, error) {
	var owner string
	now := s.now()
	err := s.guard.do(ctx, now, func(ctx context.Context) error {
		// One statement, so that of two replicas one wins: the row is written
		// when there is none, or when its owner's lease is over.
		_, err := s.db.ExecContext(ctx, `INSERT INTO handled (platform, id, owner, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (platform, id) DO UPDATE SET owner = excluded.owner, at = excluded.at
			WHERE handled.owner <> '' AND handled.at < $5`,
			platform, id, s.name, now.UnixMilli(), now.Add(-lease).UnixMilli())
		if err != nil {
			return err
		}
		return s.db.QueryRowContext(ctx, "SELECT owner FROM handled WHERE platform = $1 AND id = $2", platform, id).Scan(&owner)
	})
	switch {
	case err != nil:
		return Taken, err
	case owner == "":
		return Handled, nil
	case owner != s.name:
		return Busy, nil
	}
	return Taken, nil
}

// Done says that an update was handled, by whomever.
func (s *Store) Done(ctx context.Context, platform, id string) error {
	now := s.now()
	return s.guard.do(ctx, now, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO handled (platform, id, owner, at) VALUES ($1, $2, '', $3)
			ON CONFLICT (platform, id) DO UPDATE SET owner = '', at = excluded.at`, platform, id, now.UnixMilli())
		return err
	})
}

// Release gives an update out of hand, so that its next delivery is handled.
func (s *Store) Release(ctx context.Context, platform, id string) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, "DELETE FROM handled WHERE platform = $1 AND id = $2 AND owner = $3", platform, id, s.name)
		return err
	})
}
