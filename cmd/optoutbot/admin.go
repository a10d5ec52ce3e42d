package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// check is something that must be in order for the program to be ready.
type check struct {
	name string
	err  func(context.Context) error // nil when it is in order
}

// admin serves /healthz, /readyz and /metrics to the operator: on the loopback
// interface, unless told otherwise. Nothing there can change anything.
type admin struct {
	listener net.Listener
	checks   []check
	metrics  http.Handler
}

// Run serves until ctx ends.
func (a *admin) Run(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintln(w, "ok") // who asks has gone away
	})
	mux.HandleFunc("GET /readyz", a.ready)
	mux.Handle("GET /metrics", a.metrics)
	s := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(a.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("admin address: %w", err)
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.Shutdown(limited); err != nil {
		_ = s.Close() // the end is near in any case
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ready says what is in order and what is not, a line each.
func (a *admin) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	status, lines := http.StatusOK, []string{}
	for _, c := range a.checks {
		line := c.name + ": ok"
		if err := c.err(ctx); err != nil {
			line, status = c.name+": "+err.Error(), http.StatusServiceUnavailable
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	w.WriteHeader(status)
	for _, l := range lines {
		_, _ = fmt.Fprintln(w, l) // who asks has gone away
	}
}
