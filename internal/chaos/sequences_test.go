package chaos

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// TestSequences runs random sequences of steps through the real engine under faults, and checks after each step what the
// provider promises. rapid shrinks a sequence that fails.
func TestSequences(t *testing.T) {
	t.Parallel()
	for n := range uint64(max(*sequences, 0)) {
		seed := *firstSeed + n
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if timeIsUp() {
				return
			}
			cortex, injector := newCortex(t, seed)
			s := subject{cortex, injector, providerBinary, nil, stepTimeout}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("repeat it with: make chaos SEQUENCES=1 KILLS=0 SEED=%d", seed)
				}
			})
			check(t, seed, func(rt *rapid.T) {
				if found := sequence(rapidDraw{rt}, s); found != "" {
					t.Log(found)
					rt.Fatal(found)
				}
			})
		})
	}
}

// seeding is held while rapid takes its seed from its flag, which all checks share.
var seeding sync.Mutex

// check is rapid.Check with a seed of its own.
func check(t *testing.T, seed uint64, property func(*rapid.T)) {
	t.Helper()
	seeding.Lock()
	seeded := sync.OnceFunc(seeding.Unlock)
	defer seeded()
	if err := flag.Set("rapid.seed", fmt.Sprint(seed)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		seeded()
		property(rt)
	})
}

// draw is what a sequence takes its decisions from.
type draw interface {
	pick(label string, n int) int // below n
}

// rapidDraw lets rapid decide.
type rapidDraw struct{ *rapid.T }

func (d rapidDraw) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, label) }

// sequence runs one sequence and returns what it found wrong.
func sequence(d draw, s subject) (found string) {
	w, end := newWorld(s)
	defer end()
	defer tally.add(ranSequences, 1)
	defer w.rescue(&found)
	w.start()
	for range 1 + d.pick("steps", 6) {
		tally.add(ranSteps, 1)
		steps[d.pick("step", len(steps))].do(w, d)
	}
	w.finish(d)
	return ""
}

// rescue is deferred by what runs in a world: it makes of a problem what was found.
func (w *world) rescue(found *string) {
	switch p := recover().(type) {
	case nil:
	case problem:
		*found = string(p)
	default:
		panic(p) // rapid's own, or a mistake of the test
	}
}

// subject is what is tested: a provider, and a Cortex with an injector in front.
type subject struct {
	cortex   *cortextest.Cortex
	injector *injector
	binary   string
	env      []string      // "NAME=value"s of the provider
	patience time.Duration // how long a command may take
}

// newWorld makes a folder and a world in it; end removes both and what is left on a shared server.
func newWorld(s subject) (w *world, end func()) {
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		panic(err)
	}
	engine, err := enginetest.New(dir, s.binary, s.env...)
	if err != nil {
		panic(err)
	}
	engine.Log = filepath.Join(dir, logFile)
	stop := engine.Keep() // a command that is killed has a provider of its own: see runAndKill
	w = &world{subject: s, engine: engine, foreign: map[string]object{}, known: map[string]object{}, prefix: filepath.Base(dir) + "-"}
	w.injector.prefix, w.injector.impatient = w.prefix, nil
	return w, func() {
		w.injector.stop()
		defer func() { _ = stop() }() // its end says nothing of what it did
		for _, f := range w.cleanup {
			f()
		}
		// A provider that outlives its engine may wait for the answer to a write, and without a deadline for ever.
		w.cortex.Front.Close()
		w.cortex.Quiet()
		for _, k := range slices.Backward(named) {
			for _, o := range w.server() {
				if o.kind == k {
					w.cortex.Do(http.MethodDelete, o.path(), nil)
				}
			}
		}
		_ = os.RemoveAll(dir)
		if err := tally.save(*tallyFile); err != nil { // now, so that a run which is cut off still counts
			panic(err)
		}
	}
}

// start begins every sequence: two tenants under management, and a foreign one.
func (w *world) start() {
	for range 2 {
		w.addTenant()
	}
	env := w.makeByHand(environment, w.makeByHand(workspace).id).id
	w.makeByHand(member, w.makeByHand(consumerGroup, env).id, w.makeByHand(consumer, env).id)
	w.makeByHand(dashboard, env)
	if !w.lacks(metric) {
		w.makeByHand(metric, w.makeByHand(dataModel, env).id, w.makeByHand(dataSource, env).id)
	}
	w.noteForeign()
	w.imports("")
	w.calm()
	if r := w.attempt("apply", "-auto-approve"); r.Code != 0 {
		w.failf("the first apply failed without a fault: %s", r)
	}
}

// finish ends every sequence: everything of the configuration goes, everything else stays.
func (w *world) finish(d draw) {
	gentle := w.underFaults(d)
	r := w.attempt("destroy", "-auto-approve")
	w.calm()
	if gentle && r.Code != 0 {
		tally.add(unhealed, 1)
		w.failf("destroy does not get over faults that pass: %s", r)
	}
	if r.Code != 0 {
		if r = w.attempt("destroy", "-auto-approve"); r.Code != 0 {
			w.failf("the destroy failed without a fault: %s", r)
		}
	}
	left := w.server()
	w.foreignStays(left)
	for id, o := range left {
		if w.foreign[id] != o {
			tally.add(changed, 1)
			w.failf("after destroy the server still has %v", o)
		}
	}
}
