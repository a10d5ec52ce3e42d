package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
)

// systemd is told when the program is ready, that it lives, and that it stops.
func TestSystemdIsTold(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = socket.Close() }() // it was only read
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "90000")
	var ready atomic.Bool
	s := &supervised{log: slog.New(slog.DiscardHandler), checks: []check{{"test", func(context.Context) error {
		if !ready.Load() {
			return errors.New("not yet")
		}
		return nil
	}}}}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	buf := make([]byte, 100)
	read := func() string {
		n, err := socket.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		return string(buf[:n])
	}
	if got := read(); got != "WATCHDOG=1" { // before it is ready
		t.Errorf("got %q, want that it lives", got)
	}
	ready.Store(true)
	for got := read(); got != "READY=1"; got = read() {
		if got != "WATCHDOG=1" {
			t.Errorf("got %q", got)
		}
	}
	cancel()
	for got := read(); got != "STOPPING=1"; got = read() {
		if got != "WATCHDOG=1" {
			t.Errorf("got %q", got)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
