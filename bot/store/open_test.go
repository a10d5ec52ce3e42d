package store

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"optoutbot/bot"
)

func TestOpenFaults(t *testing.T) {
	key := []byte(strings.Repeat("k", keySize))
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	broken := t.TempDir()
	must(t, os.WriteFile(filepath.Join(broken, "places.key"), []byte("no key"), 0o600))
	torn := t.TempDir()
	must(t, os.WriteFile(filepath.Join(torn, "optoutbot.db"), []byte(strings.Repeat("not a database ", 1000)), 0o600))
	for _, c := range []struct {
		name string
		cfg  Config
		want string
	}{
		{"a file for a folder", Config{Where: file}, "make the data folder"},
		{"a broken key", Config{Where: broken}, "restore it from a backup"},
		{"a broken database", Config{Where: torn}, "not a database"},
		{"PostgreSQL without a key", Config{Where: "postgres://localhost/x"}, "that all replicas share"},
		{"an address that is none", Config{Where: "postgres://u:hunter2@%zz/x", Key: key}, "PostgreSQL store"},
		{"no server", Config{Where: "postgres://u:hunter2@127.0.0.1:1/x", Key: key}, "reach the PostgreSQL store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Open(t.Context(), c.cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the password stands in %q", err)
			}
		})
	}
}

// Two processes that start at once on a new folder use the same key.
func TestKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			key, err := keptKey(filepath.Join(dir, "places.key"))
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(key)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || len(k) != keySize {
			t.Error("the keys differ")
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFilesAreForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, Config{Where: dir})
	must(t, s.Remember(t.Context(), bot.Place{Platform: "telegram", ID: "1"}, bot.Choices{Lang: "de"}))
	files, err := os.ReadDir(dir)
	must(t, err)
	for _, f := range files {
		info, err := f.Info()
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", f.Name(), info.Mode())
		}
	}
	if len(files) < 2 {
		t.Errorf("got %d files", len(files))
	}
}

// Replicas that start together find the same empty store; each of them runs.
func TestOpenTogether(t *testing.T) {
	each(t, func(t *testing.T, cfg Config, _ *clock) {
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				s, err := Open(t.Context(), cfg)
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}
