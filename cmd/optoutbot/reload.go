package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"optoutbot/index"
	"optoutbot/kb"
)

// settle is how long the folder must be quiet before it is read: editors and
// git write many files in a row.
const settle = 700 * time.Millisecond

// reloader exchanges the content when its folder changes, or on SIGHUP. A
// content with faults is refused, and the old one stays.
type reloader struct {
	app  *app
	live *live
	log  *slog.Logger
	open func(context.Context, *kb.Base) (content, error) // opens a content with its index, which is built already
}

// Run watches until ctx ends.
func (r *reloader) Run(ctx context.Context) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch %s: %w", r.app.kbDir, err)
	}
	defer func() { _ = w.Close() }() // nothing was written
	if err := watchAll(w, r.app.kbDir); err != nil {
		return fmt.Errorf("watch %s: %w", r.app.kbDir, err)
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	quiet := time.NewTimer(0)
	<-quiet.C
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hup:
			r.reload(ctx)
		case e, ok := <-w.Events:
			if !ok {
				return errors.New("watching the knowledge base ended")
			}
			if e.Has(fsnotify.Create) {
				if err := watchAll(w, e.Name); err != nil && !errors.Is(err, fs.ErrNotExist) {
					r.log.Warn("a new folder is not watched; send SIGHUP after changes in it", "err", err)
				}
			}
			quiet.Reset(settle)
		case err := <-w.Errors:
			r.log.Warn("watching the knowledge base; send SIGHUP after changes", "err", err)
		case <-quiet.C:
			r.reload(ctx)
		}
	}
}

// watchAll watches a folder and those in it; a file is passed over.
func watchAll(w *fsnotify.Watcher, folder string) error {
	return filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return w.Add(name)
	})
}

// reload reads the folder, and exchanges the content if it is another one
// without faults. When the folder changes while the index is built, it is read
// again.
func (r *reloader) reload(ctx context.Context) {
	base, built := r.changed(), ""
	for base != nil && base.Hash != built && !index.Fresh(base, r.app.cacheDir()) {
		if err := r.prepare(ctx); err != nil {
			r.fail(err)
			return
		}
		if built = base.Hash; !index.Fresh(base, r.app.cacheDir()) {
			base = r.changed()
		}
	}
	if base == nil {
		return
	}
	next, err := r.open(ctx, base)
	if err != nil {
		r.fail(err)
		return
	}
	if err := r.live.exchange(next); err != nil {
		r.log.Warn("close the old index", "err", err)
	}
	debug.FreeOSMemory() // the old content's
	r.live.metrics.reloads.WithLabelValues("taken").Inc()
	r.log.Info("the content was exchanged", "content", shortHash(next.base.Hash))
}

// changed gives the folder's content, and nil when it is the one that is served
// or has faults.
func (r *reloader) changed() *kb.Base {
	base, faults := kb.LoadBeside(os.DirFS(r.app.kbDir), time.Now())
	if base == nil {
		r.live.metrics.reloads.WithLabelValues("refused").Inc()
		for _, f := range faults.Errors() {
			r.log.Error("the knowledge base has a fault", "fault", f.String())
		}
		r.log.Error("the changed knowledge base is refused; the old one stays", "faults", len(faults.Errors()))
		return nil
	}
	if base.Hash == r.live.hash() {
		return nil
	}
	return base
}

func (r *reloader) fail(err error) {
	r.live.metrics.reloads.WithLabelValues("failed").Inc()
	r.log.Error("the changed knowledge base could not be taken; the old one stays", "err", err)
}

// prepare builds the index in a process of its own, behind all others: building
// takes every core for seconds, and in this process questions would wait for it.
func (r *reloader) prepare(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	cmd := exec.CommandContext(ctx, program, "index", "build", "--kb", r.app.kbDir, "--cache", r.app.cacheDir())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := startBehind(cmd); err != nil {
		return fmt.Errorf("build the index: %w", err)
	}
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("build the index: %w: %s", err, out.Bytes()[max(0, out.Len()-500):])
	}
	return nil
}
