package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// loseStore stops the database for a while.
func (s *site) loseStore() {
	s.mu.Lock()
	s.gone = time.Now()
	s.mu.Unlock()
	s.postgres("stop")
	back := time.NewTimer(storeAway)
	<-back.C
	s.postgres("start")
	s.mu.Lock()
	s.back = time.Now()
	s.mu.Unlock()
}

// storeWasAway reports whether the store was away when one of two answers was
// given, or had just come back: it is left alone for a moment after a failure.
func (s *site) storeWasAway(a, b time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	in := func(at time.Time) bool {
		return !s.gone.IsZero() && at.After(s.gone) && (s.back.IsZero() || at.Before(s.back.Add(5*time.Second)))
	}
	return in(a) || in(b)
}

// change adds a question to the content in the folder that all replicas watch,
// and gives the line that says which content the first served before.
func (s *site) change(question string) (before string) {
	before = s.served(s.replicas[0])
	f, err := os.OpenFile(filepath.Join(s.content, "entries", "why", "en.txt"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintln(f, question)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		s.t.Error(err)
	}
	return before
}

// awaitContent waits until all replicas serve the same content, another one than
// before.
func (s *site) awaitContent(before string) {
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for begin := time.Now(); time.Since(begin) < 3*hang; <-again.C {
		first := s.served(s.replicas[0])
		if first != before && first != "" && first == s.served(s.replicas[1]) {
			return
		}
	}
	s.t.Error("the changed content was not taken")
}

// kill kills a replica and starts it again.
func (s *site) kill(i int) {
	r := s.replicas[i]
	r.mu.Lock()
	defer r.mu.Unlock()
	s.measure(r)
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.t.Error(err)
	}
	_ = r.cmd.Wait() // killed
	s.mu.Lock()
	s.dead[r.life()] = true
	s.mu.Unlock()
	r.lives++
	s.start(r)
	s.awaitReady(r)
}
