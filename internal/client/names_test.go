package client

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestAwait has the clock of synctest, so that every wait is exact.
func TestAwait(t *testing.T) {
	ref := func(id int) Ref { return Ref{ID: fmt.Sprint(id)} }
	// chain renames the objects first to last in one run: each wants the name of the next one. Object i begins after begins[i]; the last one
	// needs two seconds for a deletion, if it gives up its name at all. It returns what became of each and when.
	type outcome struct {
		got bool
		at  int // in quietPauses, as the beginnings are
	}
	chain := func(t *testing.T, leaves bool, begins ...int) []outcome {
		var n names
		start := time.Now()
		outcomes := make([]outcome, len(begins))
		var running sync.WaitGroup
		last := len(begins) - 1
		for i, begin := range begins {
			running.Go(func() {
				time.Sleep(time.Duration(begin) * quietPause)
				if i == last {
					over := n.depart("thing", ref(i).ID, "")
					done := n.request()
					time.Sleep(2 * quietPause)
					done()
					over(leaves)
					outcomes[i] = outcome{leaves, int(time.Since(start).Round(quietPause) / quietPause)}
					return
				}
				over := n.depart("thing", ref(i).ID, fmt.Sprint("name ", i+1))
				got := n.await(t.Context(), "thing", ref(i).ID, fmt.Sprint("name ", i+1), []Ref{ref(i + 1)}, n.mark())
				over(got)
				outcomes[i] = outcome{got, int(time.Since(start).Round(quietPause) / quietPause)}
			})
		}
		running.Wait()
		return outcomes
	}
	for name, test := range map[string]struct {
		leaves bool
		begins []int
		want   []outcome
	}{
		"all at one time":          {true, []int{0, 0, 0, 0}, []outcome{{true, 2}, {true, 2}, {true, 2}, {true, 2}}},
		"the last begins first":    {true, []int{1, 1, 1, 0}, []outcome{{true, 2}, {true, 2}, {true, 2}, {true, 2}}},
		"the last cannot leave":    {false, []int{0, 0, 0}, []outcome{{false, 2}, {false, 2}, {false, 2}}},
		"the last begins too late": {true, []int{0, 0, 9}, []outcome{{false, 1}, {false, 2}, {true, 11}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for i, got := range chain(t, test.leaves, test.begins...) {
					if want := test.want[i]; got != want {
						t.Errorf("%d: got its name: %v after %d pauses; want %v after %d", i, got.got, got.at, want.got, want.at)
					}
				}
			})
		})
	}

	// A hundred names that somebody else has cost little more than the first few.
	synctest.Test(t, func(t *testing.T) {
		var n names
		start := time.Now()
		var running sync.WaitGroup
		for i := range 100 {
			running.Go(func() {
				if n.await(t.Context(), "thing", "", "taken", []Ref{ref(i)}, n.mark()) {
					t.Error("it is free")
				}
			})
		}
		running.Wait()
		if took := time.Since(start); took < quietPause || took > 6*quietPause {
			t.Errorf("100 waits in vain took %s", took)
		}
	})

	// Each of two wants the other's name: no wait can help.
	synctest.Test(t, func(t *testing.T) {
		var n names
		start := time.Now()
		var running sync.WaitGroup
		for i := range 2 {
			running.Go(func() {
				over := n.depart("thing", ref(i).ID, fmt.Sprint("name ", 1-i))
				got := n.await(t.Context(), "thing", ref(i).ID, fmt.Sprint("name ", 1-i), []Ref{ref(1 - i)}, n.mark())
				over(got)
				if got || time.Since(start) > 0 {
					t.Errorf("a swap: %v after %s", got, time.Since(start))
				}
			})
		}
		running.Wait()
	})

	synctest.Test(t, func(t *testing.T) {
		var n names
		wait := func(what string, holder Ref, name string, mark int, want bool, after time.Duration) {
			t.Helper()
			start := time.Now()
			if got := n.await(t.Context(), "thing", "", name, []Ref{holder}, mark); got != want || time.Since(start).Round(quietPause/10) != after {
				t.Errorf("%s: %v after %s, want %v after %s", what, got, time.Since(start), want, after)
			}
		}
		time.Sleep(time.Hour)
		n.depart("thing", "1", "new")(true)
		wait("it was renamed after it was seen", ref(1), "old", 0, true, 0)
		wait("it was renamed before it was seen", ref(1), "old", n.mark(), false, quietPause)
		n.depart("thing", "1", "new")
		wait("it is getting this very name", ref(1), "new", n.mark(), false, quietPause/2)

		busy := n.request() // the run is at work, and the holder is no part of it
		wait("it is somebody else's", ref(3), "old", n.mark(), false, unseenLimit/4)
		busy()

		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(quietPause/2, cancel)
		n.depart("thing", "2", "")
		if start := time.Now(); n.await(ctx, "thing", "", "old", []Ref{ref(2)}, n.mark()) || time.Since(start) != quietPause/2 {
			t.Errorf("cancelled after %s", time.Since(start))
		}
	})
}
