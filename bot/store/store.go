// Package store keeps what the bot may keep: how often things happened, what
// chats and servers chose, the running numbers of handled updates for a day,
// and, if the operator asked for it, words of questions that found nothing. It
// keeps nothing about a person: a place is known by an HMAC of its id only.
//
// It is SQLite in a folder for one process, and PostgreSQL for many; the same
// statements run on both.
package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open store. It may be used from many goroutines.
type Store struct {
	db      *sql.DB
	key     []byte
	name    string // of this replica, new at each start
	many    bool   // PostgreSQL: other replicas may use it too
	now     func() time.Time
	log     *slog.Logger
	guard   guard
	pending pending
}

// Config says where a store is.
type Config struct {
	Where string           // a folder for SQLite, or a postgres:// address
	Key   []byte           // for the HMAC of places; empty: one that is kept in the folder
	Now   func() time.Time // nil: time.Now
	Log   *slog.Logger     // nil: none
}

// IsPostgres reports whether an address is that of a PostgreSQL server.
func IsPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// ErrNewer is returned by [Open] for a store that a newer version has written.
var ErrNewer = errors.New("the store was written by a newer version of optoutbot; run that version, or restore the backup from before it")

// ErrUnreachable is returned by [Open] when the PostgreSQL server cannot be
// reached at present.
var ErrUnreachable = errors.New("reach the PostgreSQL store")

// Open opens the store, makes it if there is none, and brings it up to date.
// Its errors do not hold the password of an address.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{key: cfg.Key, now: cfg.Now, log: cfg.Log, name: rand.Text(), many: IsPostgres(cfg.Where)}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	open := s.openSQLite
	dialect := goose.DialectSQLite3
	if s.many {
		open, dialect = s.openPostgres, goose.DialectPostgres
	}
	if err := open(ctx, cfg.Where); err != nil {
		return nil, err
	}
	if err := s.migrate(ctx, dialect); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// keySize is the length of the HMAC's key: that of the hash, RFC 2104, section 3.
const keySize = sha256.Size

func (s *Store) openSQLite(_ context.Context, folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if len(s.key) == 0 {
		key, err := keptKey(filepath.Join(folder, "places.key"))
		if err != nil {
			return err
		}
		s.key = key
	}
	// WAL lets readers go on beside the one writer; a writer that has to wait
	// does so for a quarter of a second, like every call (see guard).
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(NORMAL)", "busy_timeout(250)"}, "_txlock": {"immediate"}}
	name := filepath.Join(folder, "optoutbot.db")
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.db, err = sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: filepath.ToSlash(name), RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.db.SetMaxOpenConns(4)
	return nil
}

func (s *Store) openPostgres(ctx context.Context, address string) error {
	if len(s.key) < keySize {
		return fmt.Errorf("a PostgreSQL store needs a key of at least %d bytes that all replicas share", keySize)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return errors.New("the address of the PostgreSQL store cannot be read; it is postgres://USER:PASSWORD@HOST:PORT/DATABASE")
	}
	db.SetMaxOpenConns(16)
	db.SetConnMaxIdleTime(time.Minute)
	s.db = db
	if err := db.PingContext(ctx); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrUnreachable, withoutAddress(err, address)), db.Close())
	}
	return nil
}

// withoutAddress is an error without the password of an address.
func withoutAddress(err error, address string) error {
	u, parseErr := url.Parse(address)
	if parseErr != nil || u.User == nil {
		return err
	}
	text := strings.ReplaceAll(err.Error(), address, u.Redacted())
	if password, ok := u.User.Password(); ok && password != "" {
		text = strings.ReplaceAll(text, password, "***")
	}
	return errors.New(text)
}

// migrate brings the store up to date. Two processes may find the same old
// store: PostgreSQL has a lock for that; on SQLite the second one fails, for
// its transaction meets what the first one has made, and has nothing to do when
// it looks again.
func (s *Store) migrate(ctx context.Context, dialect goose.Dialect) error {
	for again := 4; ; again-- {
		err := s.migrateOnce(ctx, dialect)
		if err == nil || s.many || again == 0 || errors.Is(err, ErrNewer) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(callLimit):
		}
	}
}

func (s *Store) migrateOnce(ctx context.Context, dialect goose.Dialect) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("migrate the store: %w", err)
	}
	var options []goose.ProviderOption
	if s.many {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60)) // 60 tries, 1 second apart
		if err != nil {
			return fmt.Errorf("migrate the store: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, s.db, files, options...)
	if err != nil {
		return fmt.Errorf("migrate the store: %w", err)
	}
	have, want, err := p.GetVersions(ctx) // without the lock: most starts change nothing
	if err != nil {
		return fmt.Errorf("migrate the store: %w", err)
	}
	if have > want {
		return ErrNewer
	}
	if have == want {
		return nil
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the store: %w", err)
	}
	return nil
}

// Close writes what was counted, and closes the store.
func (s *Store) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), flushLimit)
	defer cancel()
	return errors.Join(s.Flush(ctx), s.db.Close())
}

// Ping reports whether the store can be reached.
func (s *Store) Ping(ctx context.Context) error {
	return s.guard.do(ctx, s.now(), func(ctx context.Context) error { return s.db.PingContext(ctx) })
}

// placeKey is what a place is known by: half of an HMAC-SHA-256, which is
// enough to tell places apart and says nothing without the key.
func (s *Store) placeKey(platform, id string) string {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(platform + "\x00" + id)) // a hash never fails
	return hex.EncodeToString(h.Sum(nil)[:sha256.Size/2])
}
