package store

import (
	"context"
	"database/sql"
	"errors"
	"hash/fnv"
	"time"
)

// BeatEvery is how often a replica says that it runs; one that has not for
// three times as long is counted out.
const BeatEvery = 5 * time.Second

// Beat says that this replica runs, and returns how many do.
func (s *Store) Beat(ctx context.Context) (int, error) {
	now, n := s.now(), 0
	err := s.guard.do(ctx, now, func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, `INSERT INTO replicas (name, at) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at`, s.name, now.UnixMilli())
		if err != nil {
			return err
		}
		old := now.Add(-3 * BeatEvery).UnixMilli()
		if _, err := s.db.ExecContext(ctx, "DELETE FROM replicas WHERE at < $1", old); err != nil {
			return err
		}
		return s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM replicas").Scan(&n)
	})
	return max(n, 1), err
}

// Leave says that this replica ends.
func (s *Store) Leave(ctx context.Context) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error {
		_, err := s.db.ExecContext(ctx, "DELETE FROM replicas WHERE name = $1", s.name)
		return err
	})
}

// vanished has the server end a session whose machine does not answer: keepalives
// when nothing was under way (after 5 + 3 × 2 s), and the limit on what was sent
// and not acknowledged when something was, for then there are no keepalives and
// it would wait a quarter of an hour (PostgreSQL manual, section 20.3.2).
var vanished = []string{
	"SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2", "SET tcp_keepalives_count = 3",
	"SET tcp_user_timeout = 11000",
}

const (
	lockEvery = 2 * time.Second // between two tries to get a lock
	lockCheck = 2 * time.Second // between two looks whether it is still held
)

// Alone runs do while this replica alone holds the named lock, which it waits
// for; the context of do ends when another replica has got the lock. On SQLite,
// which is for one process, there is nothing to wait for.
//
// The lock is PostgreSQL's advisory lock of a session (PostgreSQL manual,
// section 13.3.5): it is free again as soon as the server sees that the session
// has ended: within about 11 seconds of a machine that has vanished (see
// vanished), and at once of a process that has died. While the server itself is
// away nobody can get the lock, so do goes on, and the lock is taken anew when
// the server is back.
func (s *Store) Alone(ctx context.Context, name string, do func(context.Context) error) error {
	if !s.many {
		return do(ctx)
	}
	conn, err := s.lock(ctx, name)
	if err != nil {
		return err
	}
	inside, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	left := make(chan *sql.Conn, 1)
	go func() { left <- s.hold(inside, name, conn, lost) }()
	err = do(inside)
	cause := context.Cause(inside)
	lost(nil)
	if conn := <-left; conn != nil {
		s.unlock(conn, name)
	}
	if errors.Is(cause, ErrLockLost) {
		return ErrLockLost
	}
	return err
}

// ErrLockLost is returned by [Store.Alone] when another replica got the lock
// before do had ended.
var ErrLockLost = errors.New("another replica has the lock")

// lock waits for the lock on a connection of its own.
func (s *Store) lock(ctx context.Context, name string) (*sql.Conn, error) {
	t := time.NewTicker(lockEvery)
	defer t.Stop()
	for {
		conn, err := s.tryLock(ctx, name)
		if conn != nil {
			return conn, nil
		}
		if err != nil {
			s.log.Warn("the store cannot be asked for a lock", "lock", name, "err", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-t.C:
		}
	}
}

// tryLock returns no connection, and no error, when another session has the lock.
func (s *Store) tryLock(ctx context.Context, name string) (*sql.Conn, error) {
	limited, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	conn, err := s.db.Conn(limited)
	if err != nil {
		return nil, err
	}
	got := false
	for _, set := range vanished {
		if err == nil {
			_, err = conn.ExecContext(limited, set)
		}
	}
	if err == nil {
		err = conn.QueryRowContext(limited, "SELECT pg_try_advisory_lock($1)", lockKey(name)).Scan(&got)
	}
	if got {
		return conn, nil
	}
	return nil, errors.Join(err, conn.Close())
}

// hold looks now and then whether the session still stands, and takes the lock
// anew when it does not. It returns the session that has the lock at the end.
func (s *Store) hold(ctx context.Context, name string, conn *sql.Conn, lost context.CancelCauseFunc) *sql.Conn {
	t := time.NewTicker(lockCheck)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return conn
		case <-t.C:
		}
		if conn != nil && s.stands(ctx, conn) {
			continue
		}
		if conn != nil {
			_ = conn.Close() // it is broken
		}
		var err error
		conn, err = s.tryLock(ctx, name)
		if conn == nil && err == nil && ctx.Err() == nil {
			lost(ErrLockLost)
			return nil
		}
	}
}

func (s *Store) stands(ctx context.Context, conn *sql.Conn) bool {
	limited, cancel := context.WithTimeout(ctx, lockCheck)
	defer cancel()
	_, err := conn.ExecContext(limited, "SELECT 1")
	return err == nil || ctx.Err() != nil
}

func (s *Store) unlock(conn *sql.Conn, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), callLimit)
	defer cancel()
	// If it fails the session is at its end, and the lock with it.
	_, _ = conn.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", lockKey(name))
	_ = conn.Close()
}

// lockKey is the number by which PostgreSQL knows a lock.
func lockKey(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("optoutbot " + name)) // a hash never fails
	return int64(h.Sum64())
}
