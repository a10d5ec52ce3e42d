package index

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"optoutbot/kb"
)

// Names in an index's folder: per language one folder with bleve's files and
// the ranker's, and a manifest that is written last.
const (
	manifestFile = "manifest.json"
	rankerFile   = "ranker.bin"
	bleveFolder  = "bleve"
	format       = 8 // raise it whenever the same content would give another index
)

// manifest says what an index was made from and what its files are.
type manifest struct {
	Format  int               `json:"format"`
	Content string            `json:"content"` // kb.Base.Hash
	Files   map[string]uint32 `json:"files"`   // CRC-32C by path; the ranker's file has its own
}

// Progress is told how much of a build is done, from several goroutines; it may
// be nil.
type Progress func(done, total int)

// Build builds the index of a content into folder, which must not exist or be
// empty. A build that fails leaves nothing that Open would take.
func Build(ctx context.Context, base *kb.Base, folder string, progress Progress) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	var done atomic.Int64
	total := len(base.Languages) * (buildSteps + len(base.Entries))
	step := func() { progress(int(done.Add(1)), total) }
	progress(0, total)
	for _, lang := range base.Languages {
		if err := buildLanguage(ctx, base, lang, filepath.Join(folder, lang.Code), step); err != nil {
			return fmt.Errorf("build index, language %s: %w", lang.Code, err)
		}
	}
	progress(total, total)
	return writeManifest(folder, base.Hash)
}

// buildSteps are the steps of a language's build beside one for each entry:
// the blend, the ranker's file and bleve's part.
const buildSteps = 3

// buildLanguage writes a language's part, bleve's beside the rest.
func buildLanguage(ctx context.Context, base *kb.Base, lang *kb.Language, dir string, step func()) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lex, c := lexiconOf(lang), corpusOf(base, lang.Code)
	written := make(chan error, 1)
	go func() {
		defer step()
		written <- writeIndex(filepath.Join(dir, bleveFolder), documents(lex, c))
	}()
	e, err := learn(ctx, lex, c, step)
	if err != nil {
		return errors.Join(err, <-written)
	}
	texts, of := wordings(base, lang.Code)
	s := saved{ranker: e.ranker, blend: &e.blend, claims: newClaims(lex, e.ranker.vocab, texts, of), speller: e.speller}
	err = writeRanker(filepath.Join(dir, rankerFile), s)
	step()
	return errors.Join(err, <-written)
}

func writeManifest(folder, hash string) error {
	m := manifest{Format: format, Content: hash}
	var err error
	if m.Files, err = fileSums(folder); err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	data, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, manifestFile), data, 0o644); err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	return nil
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
	if err := verify(base, folder); err != nil {
		return nil, err
	}
	ix := &Index{base: base}
	for _, lang := range base.Languages {
		l, err := openLanguage(base, folder, lang)
		if err != nil {
			return nil, errors.Join(err, ix.Close())
		}
		ix.langs = append(ix.langs, l)
	}
	return ix, nil
}

func verify(base *kb.Base, folder string) error {
	data, err := os.ReadFile(filepath.Join(folder, manifestFile))
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("open index %s: %w", folder, errDamaged)
	}
	if m.Format != format || m.Content != base.Hash {
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

// Cached opens the content's index in the cache folder, and builds it there
// first when it is missing or damaged; why says which in the latter case.
// Several processes may do so at once: each builds in a folder of its own, and
// the first to finish gives it its name. Without a folder that can be written
// the index is built in a temporary one.
func Cached(ctx context.Context, base *kb.Base, cache string, progress Progress, why func(error)) (*Index, error) {
	folder := filepath.Join(cache, fmt.Sprintf("index-%d-%.16s", format, base.Hash))
	ix, err := Open(base, folder)
	if err == nil {
		return ix, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		why(err)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		why(err)
		cache = os.TempDir()
		folder = ""
	}
	fresh, err := os.MkdirTemp(cache, ".building-*")
	if err != nil {
		return nil, fmt.Errorf("build index: %w", err)
	}
	if err := Build(ctx, base, fresh, progress); err != nil {
		return nil, errors.Join(err, os.RemoveAll(fresh))
	}
	if folder == "" {
		return openTemporary(base, fresh)
	}
	sweep(cache, filepath.Base(folder))
	return settle(base, fresh, folder)
}

// settle gives a fresh index its name, unless another process was first.
func settle(base *kb.Base, fresh, folder string) (*Index, error) {
	if err := os.Rename(fresh, folder); err == nil {
		return Open(base, folder)
	}
	if ix, err := Open(base, folder); err == nil {
		return ix, os.RemoveAll(fresh)
	}
	// What stands there is damaged: put it aside, and remove it.
	aside := fresh + ".old"
	if err := os.Rename(folder, aside); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("replace the damaged index %s: %w", folder, err)
	}
	_ = os.RemoveAll(aside) // what is left of it harms nobody
	if err := os.Rename(fresh, folder); err != nil {
		if ix, err := Open(base, folder); err == nil {
			return ix, os.RemoveAll(fresh)
		}
		return nil, fmt.Errorf("build index: %w", err)
	}
	return Open(base, folder)
}

// openTemporary opens an index whose files vanish with their last user, where
// the system allows to remove open files.
func openTemporary(base *kb.Base, folder string) (*Index, error) {
	ix, err := Open(base, folder)
	_ = os.RemoveAll(folder) // some systems refuse; the temporary folder is cleaned anyway
	return ix, err
}

// staleAfter is how long an index of another content is kept after its build.
const staleAfter = 7 * 24 * time.Hour

// sweep removes what earlier contents and broken-off builds have left in a
// cache folder. Errors are left alone: another process may be doing the same.
func sweep(cache, keep string) {
	entries, err := os.ReadDir(cache)
	if err != nil {
		return
	}
	for _, e := range entries {
		ours := strings.HasPrefix(e.Name(), "index-") || strings.HasPrefix(e.Name(), ".building-")
		if info, err := e.Info(); err == nil && ours && e.Name() != keep && time.Since(info.ModTime()) > staleAfter {
			_ = os.RemoveAll(filepath.Join(cache, e.Name()))
		}
	}
}
