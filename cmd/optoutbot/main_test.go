package main

import (
	"bytes"
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"optoutbot/index"
	"optoutbot/kb"
)

// TestMain lets the scripts run the program under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"optoutbot": main})
}

// cacheForTests holds the index of the embedded content, built once for all
// tests of this package, or before them by the program if XDG_CACHE_HOME says
// where: with the race detector watching, it takes a minute to build. Call it
// before a test's time begins to count.
func cacheForTests(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("XDG_CACHE_HOME"), os.TempDir()), "optoutbot")
	base, faults := kb.Embedded(time.Now())
	if base == nil {
		t.Fatal(faults)
	}
	ix, err := index.Cached(context.Background(), base, dir, nil, func(err error) { t.Log(err) })
	if err != nil {
		t.Fatal(err)
	}
	if err := ix.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// smallBase writes the shipped knowledge base with few questions an entry, so
// that its index is built in a moment, the race detector watching.
func smallBase(t testing.TB) string {
	t.Helper()
	const questions = 25
	dir, content := t.TempDir(), kb.Content()
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := fs.ReadFile(content, name)
		if err != nil {
			return err
		}
		if lines := bytes.SplitAfterN(data, []byte("\n"), questions+1); strings.HasSuffix(name, ".txt") && len(lines) > questions {
			data = bytes.Join(lines[:questions], nil)
		}
		return os.WriteFile(to, data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestScripts(t *testing.T) {
	cache, small := cacheForTests(t), smallBase(t)
	content, err := filepath.Abs("../../kb/content")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("CACHE", cache)
			env.Setenv("CONTENT", content)
			env.Setenv("SMALL", small)
			return nil
		},
	})
}
