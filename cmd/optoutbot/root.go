package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"optoutbot/bot"
	"optoutbot/index"
	"optoutbot/kb"
)

// app is what all commands share.
type app struct {
	streams
	getenv func(string) string

	kbDir string // --kb: a knowledge base instead of the embedded one
	cache string // --cache: where indexes are kept
	lang  string // --lang: the language to speak
}

func newRoot(s streams, getenv func(string) string) *cobra.Command {
	a := &app{streams: s, getenv: getenv}
	root := &cobra.Command{
		Use:   "optoutbot",
		Short: "Answers questions about Meta's AI training and about objecting to it",
		Long: `optoutbot answers questions about Meta training its AI on what people post on
Facebook and Instagram, and about objecting to it. It says only what stands in
its checked and sourced texts.`,
		Example: `  optoutbot ask "does meta read my messenger chats?"
  optoutbot chat
  optoutbot topics`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.PersistentFlags().StringVar(&a.kbDir, "kb", "", "folder of a knowledge base to use instead of the built-in one")
	root.PersistentFlags().StringVar(&a.cache, "cache", "", "folder for indexes (default: optoutbot in the user's cache folder)")
	root.PersistentFlags().StringVar(&a.lang, "lang", "", "language of the answers, for example en")
	root.AddCommand(newAsk(a), newChat(a), newTopics(a), newShow(a), newKB(a), newEval(a), newIndex(a), newServe(a), newConfig(a), newDoctor(a), newStats(a), newGaps(a), newVersion(a))
	return root
}

// content is the file system of the knowledge base in use.
func (a *app) content() fs.FS {
	if a.kbDir != "" {
		return os.DirFS(a.kbDir)
	}
	return kb.Content()
}

// loadBase loads the knowledge base. Faults are written out, all of them.
func (a *app) loadBase() (*kb.Base, error) {
	var base *kb.Base
	var faults kb.Faults
	if a.kbDir == "" {
		base, faults = kb.Embedded(time.Now())
	} else {
		base, faults = kb.LoadToServe(a.content(), time.Now())
	}
	if base != nil {
		if n := len(faults.Errors()); n > 0 {
			fmt.Fprintf(a.err, "note: the translations are not finished: %d faults, see optoutbot kb check; another language stands in\n", n)
		}
		return base, nil
	}
	for _, f := range faults.Errors() {
		fmt.Fprintln(a.err, f)
	}
	return nil, fmt.Errorf("the knowledge base has %d faults; mend them, or run it without --kb", len(faults.Errors()))
}

// cacheDir is where indexes are kept.
func (a *app) cacheDir() string {
	if a.cache != "" {
		return a.cache
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "optoutbot")
}

// open gives the bot with its base and index. The caller closes the index.
func (a *app) open(ctx context.Context) (*bot.Bot, *kb.Base, *index.Index, error) {
	base, ix, err := a.openIndex(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	return bot.New(base, finder{ix}, time.Now), base, ix, nil
}

// openIndex gives the knowledge base with its index, which the caller closes.
func (a *app) openIndex(ctx context.Context) (*kb.Base, *index.Index, error) {
	base, err := a.loadBase()
	if err != nil {
		return nil, nil, err
	}
	ix, err := a.openIndexOf(ctx, base)
	return base, ix, err
}

// openIndexOf gives a knowledge base's index, which the caller closes.
func (a *app) openIndexOf(ctx context.Context, base *kb.Base) (*index.Index, error) {
	if a.lang != "" && base.Language(a.lang) == nil {
		return nil, fmt.Errorf("there is no language %q here; there are: %s", a.lang, languageCodes(base))
	}
	note := func(err error) { fmt.Fprintln(a.err, "note: the saved index is built anew:", err) }
	bar := a.progress("Building the index (only the first time)")
	return index.Cached(ctx, base, a.cacheDir(), bar, note)
}

// progress shows a bar on a terminal, and a line elsewhere.
func (a *app) progress(what string) index.Progress {
	if !isTerminal(a.err) {
		said := false
		return func(int, int) {
			if !said {
				fmt.Fprintln(a.err, what+" …")
				said = true
			}
		}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
		if bar == nil {
			bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(what),
				progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(24), progressbar.OptionShowCount())
		}
		_ = bar.Set(done) // a bar that cannot be drawn is no reason to stop
	}
}

func languageCodes(base *kb.Base) string {
	s := ""
	for i, l := range base.Languages {
		if i > 0 {
			s += ", "
		}
		s += l.Code
	}
	return s
}
