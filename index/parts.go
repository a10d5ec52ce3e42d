package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"optoutbot/kb"
)

// Progress is told how much of a build is done, from several goroutines; it may
// be nil.
type Progress func(done, total int)

// part is a language whose index is to be built, and where.
type part struct {
	lang *kb.Language
	dir  string
}

// Build builds the index of a content into folder, which must not exist or be
// empty: a folder for each language. A build that fails leaves nothing that Open
// would take.
func Build(ctx context.Context, base *kb.Base, folder string, progress Progress) error {
	var parts []part
	for _, lang := range base.Languages {
		parts = append(parts, part{lang, filepath.Join(folder, lang.Code)})
	}
	return buildParts(ctx, base, parts, progress)
}

// buildersAtOnce is how many languages are built side by side: each uses all
// cores where it can, and a second fills the gaps.
const buildersAtOnce = 2

func buildParts(ctx context.Context, base *kb.Base, parts []part, progress Progress) error {
	if progress == nil {
		progress = func(int, int) {}
	}
	var done atomic.Int64
	total := stepsOf(base, len(parts))
	step := func() { progress(int(done.Add(1)), total) }
	progress(0, total)
	errs := make([]error, len(parts))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(buildersAtOnce, len(parts)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(parts); i = int(next.Add(1)) - 1 {
				if err := buildLanguage(ctx, base, parts[i], step); err != nil {
					errs[i] = fmt.Errorf("build index, language %s: %w", parts[i].lang.Code, err)
				}
			}
		})
	}
	wg.Wait()
	progress(total, total)
	return errors.Join(errs...)
}

// buildSteps are the steps of a language's build beside one for each entry:
// the blend, the ranker's file and bleve's part.
const buildSteps = 3

func stepsOf(base *kb.Base, languages int) int { return languages * (buildSteps + len(base.Entries)) }

// buildLanguage writes a language's part, bleve's beside the rest.
func buildLanguage(ctx context.Context, base *kb.Base, p part, step func()) error {
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	lex := lexiconOf(p.lang)
	c := corpusOf(base, p.lang.Code, lex)
	written := make(chan error, 1)
	go func() {
		defer step()
		written <- writeIndex(filepath.Join(p.dir, bleveFolder), documents(lex, c))
	}()
	e, err := learn(ctx, lex, c, step)
	if err != nil {
		return errors.Join(err, <-written)
	}
	texts, of := wordings(base, p.lang.Code)
	s := saved{
		ranker: e.ranker, blend: &e.blend, speller: e.speller,
		claims:   newClaims(lex, e.ranker.vocab, texts, of),
		profiles: profilesOf(base, p.lang, lex),
	}
	err = writeRanker(filepath.Join(p.dir, rankerFile), s)
	step()
	if err = errors.Join(err, <-written); err != nil {
		return err
	}
	return writeManifest(p.dir, p.lang.Hash)
}
