package main

import (
	"context"
	"os"
	"path/filepath"
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
// tests of this package.
func cacheForTests(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "optoutbot-test-cache")
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

func TestScripts(t *testing.T) {
	cache := cacheForTests(t)
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
			return nil
		},
	})
}
