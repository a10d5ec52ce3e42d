// Command optoutbot answers questions about Meta training its AI on what people
// post on Facebook and Instagram, and about objecting to it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a container has no time zones

	_ "golang.org/x/crypto/x509roots/fallback" // nor certificates; those of the system go first
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() { // a second signal ends the program at once
		<-ctx.Done()
		stop()
	}()
	err := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, os.Getenv)
	stopped := ctx.Err() != nil
	stop()
	switch {
	case err == nil:
		return
	case stopped && errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "optoutbot: stopped before it was done")
	case !errors.Is(err, errSaid):
		fmt.Fprintln(os.Stderr, "optoutbot:", err)
	}
	os.Exit(1)
}

// errSaid ends the program with status 1 after everything has been said.
var errSaid = errors.New("faults were found")

// streams are where the program reads and writes.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// run is the whole program, so that tests can run it.
func run(ctx context.Context, args []string, s streams, getenv func(string) string) error {
	cmd := newRoot(s, getenv)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(ctx)
}
