package store

import (
	"context"
	"time"
)

// handledFor is how long the number of a handled update is kept: Telegram keeps
// what was not acknowledged for 24 hours (Bot API, getUpdates).
const handledFor = 24 * time.Hour

// Handled reports whether an update was handled, by this process or another.
func (s *Store) Handled(ctx context.Context, platform, id string) (bool, error) {
	var n int
	err := s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		return s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM handled WHERE platform = $1 AND id = $2", platform, id).Scan(&n)
	})
	return n > 0, err
}

// Handle says that an update was handled, and reports whether it is the first
// to say so.
func (s *Store) Handle(ctx context.Context, platform, id string) (bool, error) {
	var n int64
	err := s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		r, err := s.db.ExecContext(ctx, "INSERT INTO handled (platform, id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", platform, id, s.now().Unix())
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	return n > 0, err
}

// Release takes back that an update was handled, so that its next delivery is.
func (s *Store) Release(ctx context.Context, platform, id string) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, "DELETE FROM handled WHERE platform = $1 AND id = $2", platform, id)
		return err
	})
}
