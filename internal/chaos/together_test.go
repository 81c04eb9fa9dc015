package chaos

import (
	"testing"

	"golang.org/x/sync/errgroup"
)

// TestTogether runs applies of two configurations at one time, each with 50 operations at one time.
func TestTogether(t *testing.T) {
	t.Parallel()
	cortex, injector := newCortex(t, *firstSeed)
	var worlds []*world
	for range 2 {
		w, end := newWorld(subject{cortex, injector, providerBinary, nil, stepTimeout})
		defer end()
		for range 2 {
			ws := w.add(workspace)
			w.addEnvironment(ws, 3)
			w.addEnvironment(ws, 3)
		}
		w.imports("")
		worlds = append(worlds, w)
	}
	// together runs a command in both worlds at one time, and then looks at each alone.
	together := func(rough bool, command string) {
		t.Helper()
		found := make([]string, len(worlds))
		var group errgroup.Group
		for i, w := range worlds {
			group.Go(func() error {
				defer w.rescue(&found[i])
				if w.calm(); rough {
					w.rough(true)
					injector.start(*firstSeed, 0.5, true)
				}
				if r := w.attempt(command, "-auto-approve", "-parallelism=50"); r.Code != 0 {
					w.failf("%s beside another one fails: %s", command, r)
				}
				return nil
			})
		}
		_ = group.Wait()
		for i, w := range worlds {
			func() {
				defer w.rescue(&found[i])
				if w.calm(); found[i] == "" && command == "apply" {
					w.settled()
				}
			}()
			if found[i] != "" {
				t.Fatal(found[i])
			}
		}
	}

	together(false, "apply")
	for _, w := range worlds {
		w.editAll()
	}
	together(true, "apply")
	together(true, "destroy")
	for _, w := range worlds {
		if left := w.server(); len(left) > 0 {
			t.Errorf("after both were destroyed there is still %v", left)
		}
	}
}
