// Package chaos tests the provider under faults: random sequences of steps, and kills, through the real engine and the
// real provider binary, against a Cortex that an oracle reads directly. See `make chaos`.
package chaos

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// How much a run does. -parallel says how many sequences run at one time: most of their time is waiting, for faults,
// backoffs and deadlines.
var (
	sequences = flag.Int("chaos.sequences", 2, "random sequences to run")
	kills     = flag.Int("chaos.kills", 1, "applies to kill")
	firstSeed = flag.Uint64("chaos.seed", 0, "number of the first sequence and kill, the others follow; 0 is a random one")
	minutes   = flag.Float64("chaos.minutes", 0, "begin nothing new after so many minutes; 0 is no limit")
	tallyFile = flag.String("chaos.tally", "", "file of counts to add to")
)

// providerBinary is the provider as users get it.
var providerBinary string

// began is when the run began.
var began = time.Now()

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		if *firstSeed == 0 {
			*firstSeed = rand.Uint64N(1e9) + 1
		}
		// One sequence is one check of rapid, with a seed of its own, so that one number repeats it.
		for name, value := range map[string]string{"rapid.checks": "1", "rapid.nofailfile": "true"} {
			if err := flag.Set(name, value); err != nil {
				panic(err)
			}
		}
		if err := tally.load(*tallyFile); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		dir, err := os.MkdirTemp("", "chaos-provider")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			providerBinary, err = enginetest.Build(dir)
		}
		if err == nil {
			err = fitConnections(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if err := cortextest.StopShared(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		if err := tally.save(*tallyFile); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		fmt.Printf("\nThe first seed is %d.\n\n%s\n", *firstSeed, &tally)
		return code
	}())
}

// timeIsUp tells whether nothing new is to begin.
func timeIsUp() bool {
	return *minutes > 0 && time.Since(began) > time.Duration(*minutes*float64(time.Minute))
}

// newCortex returns a Cortex with an injector in front: the real one if the environment asks for it, or else one in memory
// whose release and database seed picks, with several workers, as Cortex's own image has.
func newCortex(t testing.TB, seed uint64) (*cortextest.Cortex, *injector) {
	t.Helper()
	release := []string{cortextest.Latest, cortextest.Head, cortextest.Latest, cortextest.Oldest}[seed%4]
	database := []cortextest.Database{cortextest.PostgreSQL, cortextest.SQLite}[seed/4%2]
	cortex := cortextest.Start(t, cortextest.WithWorkers(4), cortextest.WithRelease(release), cortextest.WithDatabase(database))
	i := &injector{cortex: cortex, names: map[string]string{}}
	cortex.Intercept = i.intercept
	return cortex, i
}
