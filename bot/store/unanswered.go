package store

import (
	"context"
	"fmt"
	"time"
)

// maxUnanswered is how many different questions are kept at most.
const maxUnanswered = 20_000

// KeepUnanswered keeps the words of a question that found nothing. The caller
// has taken out of it what may point to a person.
func (s *Store) KeepUnanswered(ctx context.Context, lang, words string) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO unanswered (day, lang, text, n)
			SELECT $1, $2, $3, 1 WHERE (SELECT COUNT(*) FROM unanswered) < $4
			ON CONFLICT (day, lang, text) DO UPDATE SET n = unanswered.n + 1`,
			s.now().UTC().Format(dayForm), lang, words, maxUnanswered)
		return err
	})
}

// Gap is a question that found nothing, by its words.
type Gap struct {
	Lang  string
	Words string
	N     int64
}

// Gaps gives the questions that found nothing, the most frequent first.
func (s *Store) Gaps(ctx context.Context) ([]Gap, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT lang, text, SUM(n) FROM unanswered GROUP BY lang, text ORDER BY SUM(n) DESC, text")
	if err != nil {
		return nil, fmt.Errorf("read unanswered questions: %w", err)
	}
	defer func() { _ = rows.Close() }() // read to the end
	var out []Gap
	for rows.Next() {
		var g Gap
		if err := rows.Scan(&g.Lang, &g.Words, &g.N); err != nil {
			return nil, fmt.Errorf("read unanswered questions: %w", err)
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// Expire deletes numbers of updates that are a day old, and unanswered
// questions that were asked longer ago than keep; all of them when keep is 0.
func (s *Store) Expire(ctx context.Context, keep time.Duration) error {
	now := s.now().UTC()
	if _, err := s.db.ExecContext(ctx, "DELETE FROM handled WHERE at < $1", now.Add(-handledFor).UnixMilli()); err != nil {
		return fmt.Errorf("expire numbers of updates: %w", err)
	}
	first := now.Add(-keep).AddDate(0, 0, 1).Format(dayForm) // what was asked early on a day is not kept longer than promised
	if _, err := s.db.ExecContext(ctx, "DELETE FROM unanswered WHERE day < $1", first); err != nil {
		return fmt.Errorf("expire unanswered questions: %w", err)
	}
	return nil
}
