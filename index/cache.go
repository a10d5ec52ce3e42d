package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"optoutbot/kb"
)

// Names in a language's folder: bleve's files, the ranker's, and a manifest that
// is written last.
const (
	manifestFile = "manifest.json"
	rankerFile   = "ranker.bin"
	bleveFolder  = "bleve"
	lockFile     = ".lock" // in the cache folder: held by the process that builds
	format       = 15      // raise it whenever the same content would give another index
)

// manifest says what a language's index was made from and what its files are.
type manifest struct {
	Format  int               `json:"format"`
	Content string            `json:"content"` // kb.Language.Hash
	Files   map[string]uint32 `json:"files"`   // CRC-32C by path; the ranker's file has its own
}

func writeManifest(folder, hash string) error {
	m := manifest{Format: format, Content: hash}
	var err error
	if m.Files, err = fileSums(folder); err != nil {
		return err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, manifestFile), data, 0o644)
}

// fileSums gives the checksums of all files but the rankers', which carry their own.
func fileSums(folder string) (map[string]uint32, error) {
	sums := map[string]uint32{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == rankerFile || d.Name() == manifestFile {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(folder, path)
		sums[filepath.ToSlash(rel)] = crc32.Checksum(data, castagnoli)
		return err
	})
	return sums, err
}

// Open opens an index that Build has made from this content. It fails when the
// folder holds none, another content's, or a damaged one.
func Open(base *kb.Base, folder string) (*Index, error) {
	ix := newIndex(base)
	if errs := ix.open(func(lang *kb.Language) string { return filepath.Join(folder, lang.Code) }); len(errs) > 0 {
		return nil, errors.Join(errors.Join(slices.Collect(maps.Values(errs))...), ix.Close())
	}
	return ix.ready(), nil
}

// open opens the languages that are not open yet, side by side, and gives the
// errors of those that cannot be, by their number.
func (ix *Index) open(dir func(*kb.Language) string) map[int]error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	failed := map[int]error{}
	for i, lang := range ix.base.Languages {
		if ix.langs[i] != nil {
			continue
		}
		wg.Go(func() {
			l, err := openLanguage(ix.base, lang, dir(lang))
			if ix.langs[i] = l; err != nil {
				mu.Lock()
				failed[i] = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failed
}

// verify checks that a folder holds a language's index, made from this content.
func verify(lang *kb.Language, folder string) error {
	data, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("open index %s: %w", folder, errDamaged)
	}
	if m.Format != format || m.Content != lang.Hash {
		return fmt.Errorf("open index %s: it was made from another content or by another version", folder)
	}
	sums, err := fileSums(folder)
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	if len(sums) != len(m.Files) {
		return fmt.Errorf("open index %s: %w", folder, errDamaged)
	}
	for name, sum := range m.Files {
		if got, ok := sums[name]; !ok || got != sum {
			return fmt.Errorf("open index %s: %s: %w", folder, name, errDamaged)
		}
	}
	return nil
}

// Cached opens the content's index in the cache folder, where each language has
// a folder of its own, and builds there first what is missing or damaged; why
// says which in the latter case. Several processes may do so at once: one builds
// and the others wait for it. Without a folder that can be written the index is
// built in a temporary one.
func Cached(ctx context.Context, base *kb.Base, cache string, progress Progress, why func(error)) (*Index, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	dir := func(lang *kb.Language) string { return cacheFolder(lang, cache) }
	ix := newIndex(base)
	missing := ix.open(dir)
	if len(missing) == 0 {
		return ix.ready(), nil
	}
	for _, i := range slices.Sorted(maps.Keys(missing)) {
		if !errors.Is(missing[i], fs.ErrNotExist) {
			why(missing[i])
		}
	}
	settle := settle
	if err := writable(cache); err != nil {
		why(err)
		cache, settle = os.TempDir(), leave
	} else {
		defer buildAlone(ctx, cache, func() { progress(0, stepsOf(base, len(missing))) })()
		missing = ix.open(dir) // another process may have built it
	}
	if err := ix.build(ctx, cache, slices.Sorted(maps.Keys(missing)), progress, func(fresh string, lang *kb.Language) (*language, error) {
		return settle(base, lang, fresh, dir(lang))
	}); err != nil {
		return nil, errors.Join(err, ix.Close())
	}
	keep := map[string]bool{}
	for _, lang := range base.Languages {
		keep[filepath.Base(dir(lang))] = true
	}
	sweep(cache, keep)
	return ix.ready(), nil
}

// buildAlone waits until no other process builds in a cache folder, and gives a
// function that lets the next one. It is there to save work alone: what cannot
// be locked is built all the same, and so is what another one does not finish in
// time. Each build has a folder of its own, and the first to finish gives each
// language its name.
func buildAlone(ctx context.Context, cache string, waits func()) (done func()) {
	lock := flock.New(filepath.Join(cache, lockFile))
	got, err := lock.TryLock()
	if !got && err == nil {
		waits()
		limited, cancel := context.WithTimeout(ctx, waitForBuild)
		defer cancel()
		_, _ = lock.TryLockContext(limited, 50*time.Millisecond)
	}
	return func() { _ = lock.Close() } // it is free when the process ends, at the latest
}

// waitForBuild is how long a build by another process is waited for: some ten
// times as long as one takes.
const waitForBuild = 3 * time.Minute

// writable makes a folder if it is not there, and tries whether something can be
// put into it.
func writable(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	probe, err := os.MkdirTemp(folder, ".building-*")
	if err != nil {
		return err
	}
	return os.Remove(probe)
}

// Fresh reports whether the cache folder holds the content's index, undamaged.
func Fresh(base *kb.Base, cache string) bool {
	return !slices.ContainsFunc(base.Languages, func(lang *kb.Language) bool { return verify(lang, cacheFolder(lang, cache)) != nil })
}

func cacheFolder(lang *kb.Language, cache string) string {
	return filepath.Join(cache, fmt.Sprintf("index-%d-%s-%.16s", format, lang.Code, lang.Hash))
}

// build builds the languages with the numbers in a new folder under cache, and
// lets settle put each in its place and open it.
func (ix *Index) build(ctx context.Context, cache string, numbers []int, progress Progress, settle func(string, *kb.Language) (*language, error)) error {
	if len(numbers) == 0 {
		return nil
	}
	fresh, err := os.MkdirTemp(cache, ".building-*")
	if err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	var parts []part
	for _, i := range numbers {
		lang := ix.base.Languages[i]
		parts = append(parts, part{lang, filepath.Join(fresh, lang.Code)})
	}
	err = buildParts(ctx, ix.base, parts, progress)
	for n, i := range numbers {
		if err == nil {
			ix.langs[i], err = settle(parts[n].dir, parts[n].lang)
		}
	}
	// Files that are open in it vanish with their last user, where the system
	// allows to remove them; elsewhere the folder is swept later.
	_ = os.RemoveAll(fresh)
	return err
}

// leave opens a language where it was built.
func leave(base *kb.Base, lang *kb.Language, fresh, _ string) (*language, error) {
	return openLanguage(base, lang, fresh)
}

// settle gives a language's fresh folder its name, unless another process was
// first, and opens it.
func settle(base *kb.Base, lang *kb.Language, fresh, folder string) (*language, error) {
	if err := os.Rename(fresh, folder); err == nil {
		return openLanguage(base, lang, folder)
	}
	if l, err := openLanguage(base, lang, folder); err == nil {
		return l, nil
	}
	// What stands there is damaged: put it aside; it is removed with the rest.
	if err := os.Rename(folder, fresh+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replace the damaged index %s: %w", folder, err)
	}
	if err := os.Rename(fresh, folder); err != nil {
		if l, err := openLanguage(base, lang, folder); err == nil {
			return l, nil
		}
		return nil, fmt.Errorf("build index: %w", err)
	}
	return openLanguage(base, lang, folder)
}

// staleAfter is how long an index of another content is kept after its build.
const staleAfter = 7 * 24 * time.Hour

// sweep removes what earlier contents and broken-off builds have left in a
// cache folder. Errors are left alone: another process may be doing the same.
func sweep(cache string, keep map[string]bool) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), "index-") || strings.HasPrefix(e.Name(), ".building-")
		if info, err := e.Info(); err == nil && ours && !keep[e.Name()] && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}
