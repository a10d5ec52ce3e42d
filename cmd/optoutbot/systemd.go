package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// supervised tells systemd how the program does, if systemd started it: that it
// is ready, that it is alive, and that it stops (sd_notify(3)). Elsewhere it
// does nothing.
type supervised struct {
	checks []check
	log    *slog.Logger
}

// readyEvery is how often readiness is looked at until it is there.
const readyEvery = 100 * time.Millisecond

// Run tells until ctx ends.
func (s *supervised) Run(ctx context.Context) error {
	interval, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("WATCHDOG_USEC: %w", err)
	}
	alive := make(<-chan time.Time)
	if interval > 0 {
		t := time.NewTicker(interval / 3)
		defer t.Stop()
		alive = t.C
	}
	look := time.NewTicker(readyEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			s.tell(daemon.SdNotifyStopping)
			return nil
		case <-alive:
			s.tell(daemon.SdNotifyWatchdog)
		case <-look.C:
			if s.ready(ctx) {
				s.tell(daemon.SdNotifyReady)
				look.Stop()
			}
		}
	}
}

func (s *supervised) ready(ctx context.Context) bool {
	for _, c := range s.checks {
		if c.err(ctx) != nil {
			return false
		}
	}
	return true
}

func (s *supervised) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		s.log.Warn("systemd cannot be told", "err", err)
	}
}
