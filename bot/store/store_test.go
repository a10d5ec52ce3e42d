package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"optoutbot/bot"
)

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// each runs a test on SQLite and, where there is a server, on PostgreSQL, each
// time with an empty store.
func each(t *testing.T, test func(t *testing.T, cfg Config, c *clock)) {
	t.Helper()
	key := []byte(strings.Repeat("k", keySize))
	for name, where := range map[string]func(testing.TB) string{
		"SQLite":     func(t testing.TB) string { return t.TempDir() },
		"PostgreSQL": postgres,
	} {
		t.Run(name, func(t *testing.T) {
			c := &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
			test(t, Config{Where: where(t), Key: key, Now: c.time}, c)
		})
	}
}

// postgres gives the address of an empty schema. OPTOUTBOT_POSTGRES is that of
// a server; .ci/run starts one and insists.
func postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("OPTOUTBOT_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("OPTOUTBOT_POSTGRES is not set: .ci/run starts a PostgreSQL")
		}
		t.Skip("OPTOUTBOT_POSTGRES is not set to the address of a PostgreSQL")
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("t%d", time.Now().UnixNano())
	if _, err := db.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		_ = db.Close()
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // a test that closes it itself has looked at the error
	return s
}

var (
	here  = bot.Place{Platform: "telegram", ID: "-100123456"}
	there = bot.Place{Platform: "discord", ID: "g-100123456"}
)

func TestChoices(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, _ *clock) {
		s := open(t, cfg)
		want := bot.Choices{Lang: "pl", Public: true}
		must(t, s.Remember(t.Context(), here, bot.Choices{Lang: "de"}))
		must(t, s.Remember(t.Context(), here, want))
		if got, err := s.Recall(t.Context(), here); got != want || err != nil {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Recall(t.Context(), there); got != (bot.Choices{}) || err != nil {
			t.Errorf("elsewhere: got %+v, %v, want nothing", got, err)
		}
		must(t, s.Close())
		s = open(t, cfg)
		if got, _ := s.Recall(t.Context(), here); got != want {
			t.Errorf("after a restart: got %+v, want %+v", got, want)
		}
		must(t, s.Forget(t.Context(), here))
		must(t, s.Forget(t.Context(), there))
		if got, _ := s.Recall(t.Context(), here); got != (bot.Choices{}) {
			t.Errorf("after it was forgotten: got %+v", got)
		}
	})
}

// What is kept holds no id, and another key finds nothing.
func TestPlacesAreUnreadable(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, _ *clock) {
		s := open(t, cfg)
		must(t, s.Remember(t.Context(), here, bot.Choices{Lang: "de"}))
		var place string
		must(t, s.db.QueryRow("SELECT place FROM choices").Scan(&place))
		if strings.Contains(place, "123456") || len(place) != keySize {
			t.Errorf("the place is kept as %q", place)
		}
		cfg.Key = []byte(strings.Repeat("x", keySize))
		if got, _ := open(t, cfg).Recall(t.Context(), here); got != (bot.Choices{}) {
			t.Errorf("with another key: got %+v", got)
		}
	})
}

func TestCounts(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		e := bot.Event{Platform: "telegram", Lang: "en", Entry: "messenger", What: bot.Answered}
		other := e
		other.What = bot.Helped
		a, b := open(t, cfg), open(t, cfg) // two replicas
		var wg sync.WaitGroup
		for _, s := range []*Store{a, b} {
			for range 4 {
				wg.Go(func() {
					for range 250 {
						s.Count(e)
					}
				})
			}
		}
		wg.Wait()
		must(t, a.Flush(t.Context()))
		must(t, b.Flush(t.Context()))
		must(t, b.Flush(t.Context()))
		c.add(24 * time.Hour)
		a.Count(other)
		must(t, a.Close())
		got, err := b.Stats(t.Context(), c.time().AddDate(0, 0, -7))
		want := []Row{{"2026-11-22", e, 2000}, {"2026-11-23", other, 1}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v\nwant %v", got, err, want)
		}
		if got, _ := b.Stats(t.Context(), c.time()); len(got) != 1 {
			t.Errorf("from the second day on: got %v", got)
		}
	})
}

func TestClaim(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		a, b := open(t, cfg), open(t, cfg)
		want := func(s *Store, id string, want Claim) {
			t.Helper()
			if got, err := s.Claim(t.Context(), "telegram", id); got != want || err != nil {
				t.Errorf("claim %s: got %v, %v, want %v", id, got, err, want)
			}
		}
		want(a, "1", Taken)
		want(a, "1", Taken) // it has it already
		want(b, "1", Busy)
		must(t, a.Done(t.Context(), "telegram", "1"))
		want(a, "1", Handled)
		want(b, "1", Handled)
		must(t, b.Release(t.Context(), "telegram", "1"))
		want(b, "1", Handled) // what was handled stays so

		want(a, "2", Taken)
		must(t, b.Release(t.Context(), "telegram", "2"))
		want(b, "2", Busy) // only who has it can release it
		must(t, a.Release(t.Context(), "telegram", "2"))
		want(b, "2", Taken)

		want(a, "3", Taken) // and a dies
		c.add(lease + time.Second)
		want(b, "3", Taken)
		want(a, "3", Busy)

		if got, _ := a.Claim(t.Context(), "discord", "1"); got != Taken {
			t.Errorf("the same number on another platform: got %v", got)
		}
		c.add(handledFor + time.Second)
		must(t, a.Expire(t.Context(), 0))
		want(b, "1", Taken)
	})
}

// Of many replicas that claim an update at once, one gets it.
func TestClaimAtOnce(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		got := make(chan Claim, 16)
		var wg sync.WaitGroup
		for range 8 {
			s := open(t, cfg)
			wg.Go(func() {
				for { // SQLite lets one write at a time; who waited too long tries again
					claim, err := s.Claim(t.Context(), "telegram", "17")
					if err == nil {
						got <- claim
						return
					}
					c.add(restAfter)
				}
			})
		}
		wg.Wait()
		close(got)
		n := map[Claim]int{}
		for claim := range got {
			n[claim]++
		}
		if n[Taken] != 1 || n[Busy] != 7 {
			t.Errorf("got %v, want one that took it and seven that found it taken", n)
		}
	})
}

func TestReplicas(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		a, b := open(t, cfg), open(t, cfg)
		beat := func(s *Store, want int) {
			t.Helper()
			if got, err := s.Beat(t.Context()); got != want || err != nil {
				t.Errorf("got %d, %v, want %d", got, err, want)
			}
		}
		beat(a, 1)
		beat(b, 2)
		beat(a, 2)
		c.add(4 * BeatEvery) // b is silent
		beat(a, 1)
		beat(b, 2)
		must(t, b.Leave(t.Context()))
		beat(a, 1)
	})
}

// One replica at a time runs alone. One whose session breaks goes on and takes
// the lock anew; one that finds it taken ends.
func TestAlone(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, _ *clock) {
		a, b := open(t, cfg), open(t, cfg)
		if !a.many { // SQLite is for one process
			must(t, a.Alone(t.Context(), "x", func(context.Context) error { return nil }))
			return
		}
		inside, ended := make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- a.Alone(t.Context(), "x", func(ctx context.Context) error {
				close(inside)
				<-ctx.Done()
				return ctx.Err()
			})
		}()
		<-inside
		must(t, b.Alone(t.Context(), "y", func(context.Context) error { return nil })) // another lock is free
		if conn, err := b.tryLock(t.Context(), "x"); conn != nil || err != nil {
			t.Fatalf("got %v, %v, want that the lock is taken", conn, err)
		}
		holder := func() (pid int) {
			row := b.db.QueryRow("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint << 32 | objid::bigint = $1", lockKey("x"))
			_ = row.Scan(&pid) // 0 when there is none
			return pid
		}
		breakIt := func() int {
			pid := holder()
			_, err := b.db.Exec("SELECT pg_terminate_backend($1)", pid)
			must(t, err)
			return pid
		}
		old := breakIt()
		for pid := holder(); pid == 0 || pid == old; pid = holder() {
			select {
			case err := <-ended:
				t.Fatalf("it ended with its session: %v", err)
			default:
			}
		}
		// Another session waits for the lock, and has it as soon as it is free.
		other, err := b.db.Conn(t.Context())
		must(t, err)
		waits := make(chan error, 1)
		go func() {
			_, err := other.ExecContext(t.Context(), "SELECT pg_advisory_lock($1)", lockKey("x"))
			waits <- err
		}()
		for n := 0; n == 0; {
			must(t, b.db.QueryRow("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").Scan(&n))
		}
		breakIt()
		must(t, <-waits)
		if err := <-ended; !errors.Is(err, ErrLockLost) {
			t.Errorf("got %v, want %v", err, ErrLockLost)
		}
		must(t, other.Close())
	})
}

func TestUnanswered(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		s := open(t, cfg)
		for range 3 {
			must(t, s.KeepUnanswered(t.Context(), "en", "is the moon public"))
		}
		c.add(24 * time.Hour)
		must(t, s.KeepUnanswered(t.Context(), "en", "is the moon public"))
		must(t, s.KeepUnanswered(t.Context(), "de", "ist der mond"))
		want := []Gap{{"en", "is the moon public", 4}, {"de", "ist der mond", 1}}
		if got, err := s.Gaps(t.Context()); err != nil || !slices.Equal(got, want) {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		must(t, s.Expire(t.Context(), 24*time.Hour))
		if got, _ := s.Gaps(t.Context()); len(got) != 2 || got[0].N != 1 && got[1].N != 1 {
			t.Errorf("after a day: got %v", got)
		}
		must(t, s.Expire(t.Context(), 0))
		if got, _ := s.Gaps(t.Context()); len(got) != 0 {
			t.Errorf("kept for no time: got %v", got)
		}
	})
}

func TestNewerStoreIsRefused(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, _ *clock) {
		s := open(t, cfg)
		_, err := s.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, $1)", true)
		must(t, err)
		must(t, s.Close())
		if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrNewer) {
			t.Errorf("got %v, want %v", err, ErrNewer)
		}
	})
}

// A database that goes costs one slow call, and is used again when it is back.
func TestDatabaseGoesAndComes(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, c *clock) {
		s := open(t, cfg)
		e := bot.Event{What: bot.Answered}
		_, err := s.db.Exec("ALTER TABLE counts RENAME TO counts_away")
		must(t, err)
		_, err = s.db.Exec("ALTER TABLE choices RENAME TO choices_away")
		must(t, err)
		s.Count(e)
		if err := s.Flush(t.Context()); err == nil {
			t.Error("counts were written into no table")
		}
		if _, err := s.Recall(t.Context(), here); err == nil || errors.Is(err, ErrResting) {
			t.Errorf("first call: got %v, want the database's error", err)
		}
		if _, err := s.Recall(t.Context(), here); !errors.Is(err, ErrResting) {
			t.Errorf("second call: got %v, want %v", err, ErrResting)
		}
		_, err = s.db.Exec("ALTER TABLE counts_away RENAME TO counts")
		must(t, err)
		_, err = s.db.Exec("ALTER TABLE choices_away RENAME TO choices")
		must(t, err)
		c.add(restAfter)
		if _, err := s.Recall(t.Context(), here); err != nil {
			t.Errorf("when it is back: got %v", err)
		}
		must(t, s.Flush(t.Context()))
		if rows, _ := s.Stats(t.Context(), c.time()); len(rows) != 1 || rows[0].N != 1 {
			t.Errorf("counted while it was away: got %v, want one", rows)
		}
	})
}

func TestCountsAreBounded(t *testing.T) {
	s := open(t, Config{Where: t.TempDir()})
	for i := range maxPending + 10 {
		s.Count(bot.Event{Entry: fmt.Sprint(i)})
	}
	s.Count(bot.Event{Entry: "0"}) // known: still counted
	if got := s.Lost(); got != 10 {
		t.Errorf("lost %d counts, want 10", got)
	}
}

func TestRunEnds(t *testing.T) {
	s := open(t, Config{Where: t.TempDir()})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx, 0) }()
	cancel()
	must(t, <-done)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
