package store

import (
	"context"
	"database/sql"
	"errors"

	"optoutbot/bot"
)

// Recall gives what was chosen at a place, the zero Choices when nothing was.
func (s *Store) Recall(ctx context.Context, p bot.Place) (bot.Choices, error) {
	var c bot.Choices
	err := s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		var public int
		row := s.db.QueryRowContext(ctx, "SELECT lang, public FROM choices WHERE place = $1", s.placeKey(p.Platform, p.ID))
		err := row.Scan(&c.Lang, &public)
		c.Public = public != 0
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return c, err
}

// Remember keeps what was chosen at a place.
func (s *Store) Remember(ctx context.Context, p bot.Place, c bot.Choices) error {
	if c == (bot.Choices{}) {
		return s.Forget(ctx, p)
	}
	public := 0
	if c.Public {
		public = 1
	}
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO choices (place, lang, public) VALUES ($1, $2, $3)
			ON CONFLICT (place) DO UPDATE SET lang = excluded.lang, public = excluded.public`,
			s.placeKey(p.Platform, p.ID), c.Lang, public)
		return err
	})
}

// Forget deletes what was chosen at a place.
func (s *Store) Forget(ctx context.Context, p bot.Place) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, "DELETE FROM choices WHERE place = $1", s.placeKey(p.Platform, p.ID))
		return err
	})
}
