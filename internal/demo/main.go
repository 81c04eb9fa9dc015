// Command demo shows the provider at work, through a real engine: `make demo`. Its Cortex is one in memory, a real one
// with CORTEX=real (and CORTEX_VERSION, CORTEX_DB), or the one that CORTEX_API_URL names; of that one it touches nothing but
// what it makes itself, and it makes there no database and nothing that PostgreSQL keeps for ever: no data model, metric and dashboard. Whatever happens on the way, it leaves nothing behind.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func main() {
	// Until the end, so that a second Ctrl-C does not cut off the cleaning up. SIGPIPE: nobody reads any more.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	s := newScreen(os.Stdout)
	err := run(ctx, s)
	if err != nil {
		s.failed(err)
	}
	stop()
	if err != nil {
		os.Exit(1)
	}
}

// run gives the demo all that it needs, and takes it away again.
func run(ctx context.Context, s *screen) (err error) {
	began := time.Now()
	dir, err := os.MkdirTemp("", "cortex-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s.note("Building the provider …")
	binary, err := enginetest.Build(dir)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	cortex, err := startCortex(ctx, s)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	defer func() { err = errors.Join(err, cortex.close()) }()

	w, err := newWalk(dir, binary, s, cortex)
	if err != nil {
		return err
	}
	if err := w.walk(ctx); err != nil {
		return err
	}
	s.done(fmt.Sprintf("All %d steps went as they should, in %d seconds.", len(w.steps()), int(time.Since(began).Seconds()+0.5)), w.proof)
	return nil
}

var errInterrupted = errors.New("interrupted")

// interruptedOr returns err, or that the user wanted the end.
func interruptedOr(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
