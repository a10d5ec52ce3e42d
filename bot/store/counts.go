package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"optoutbot/bot"
)

const dayForm = "2006-01-02"

// maxPending is how many different counts wait for the database at most; there
// are about a hundred entries, thirty languages and six things to count. What
// comes on top while the database is away is lost, and counted as lost.
const maxPending = 50_000

// counted is what is counted on a day.
type counted struct {
	day string
	bot.Event
}

// pending holds counts that are not in the database yet.
type pending struct {
	mu   sync.Mutex
	n    map[counted]int64
	lost int64
}

// Count counts an event. It only adds to a number in memory; [Store.Flush]
// writes.
func (s *Store) Count(e bot.Event) {
	s.pending.add(counted{s.now().UTC().Format(dayForm), e}, 1)
}

func (p *pending) add(c counted, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.n == nil {
		p.n = map[counted]int64{}
	}
	if _, known := p.n[c]; !known && len(p.n) >= maxPending {
		p.lost += n
		return
	}
	p.n[c] += n
}

func (p *pending) take() map[counted]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.n
	p.n = nil
	return n
}

// Lost is how many counts were lost because the database was away for too long.
func (s *Store) Lost() int64 {
	s.pending.mu.Lock()
	defer s.pending.mu.Unlock()
	return s.pending.lost
}

// Flush writes the counts. What cannot be written is kept for the next time.
func (s *Store) Flush(ctx context.Context) error {
	n := s.pending.take()
	if len(n) == 0 {
		return nil
	}
	if err := s.write(ctx, n); err != nil {
		for c, k := range n {
			s.pending.add(c, k)
		}
		return fmt.Errorf("write counts: %w", err)
	}
	return nil
}

// flushLimit is how long writing counts may take: no question waits for it.
const flushLimit = 5 * time.Second

func (s *Store) write(ctx context.Context, n map[counted]int64) error {
	ctx, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	add, err := tx.PrepareContext(ctx, `INSERT INTO counts (day, platform, lang, entry, what, n) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (day, platform, lang, entry, what) DO UPDATE SET n = counts.n + excluded.n`)
	if err != nil {
		return err
	}
	defer func() { _ = add.Close() }() // ends with the transaction
	for _, c := range sorted(n) {
		if _, err := add.ExecContext(ctx, c.day, c.Platform, c.Lang, c.Entry, string(c.What), n[c]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// sorted gives the counts in one order, so that replicas which write at once
// do not wait for each other in a ring.
func sorted(n map[counted]int64) []counted {
	out := slices.Collect(maps.Keys(n))
	slices.SortFunc(out, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Lang, b.Lang),
			cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.What, b.What))
	})
	return out
}

// Row is a line of the counts.
type Row struct {
	Day string // YYYY-MM-DD, in UTC
	bot.Event
	N int64
}

// Stats gives the counts from a day on, sorted by day.
func (s *Store) Stats(ctx context.Context, from time.Time) ([]Row, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT day, platform, lang, entry, what, n FROM counts WHERE day >= $1
		ORDER BY day, platform, lang, entry, what`, from.UTC().Format(dayForm))
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	defer func() { _ = rows.Close() }() // read to the end
	var out []Row
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.Day, &r.Platform, &r.Lang, &r.Entry, &r.What, &r.N); err != nil {
			return nil, fmt.Errorf("read counts: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}
