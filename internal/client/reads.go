package client

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A plan reads every object of its state, each by its own Get. This file answers them from as few requests as possible:
// when a run turns out to read many, from one list of workspaces and one list of environments for each workspace.
//
// What is read this way is never less true than one by one:
//
//   - A list is asked for after the run began, and kept only until the process writes for the first time: from then on
//     every read is a request of its own.
//   - Absence in a list proves nothing: the object is asked for directly, and so is every object when a list fails.
//
// And never dearer: see the budget in askAhead.
const (
	// manyAtOnce is how many reads of one kind have to wait at one time before a list is asked for. Engines have ten
	// reads under way at most, so with fewer a run is small, and a list of all that others have on the server may cost
	// more than the reads: a list of 1,000 workspaces takes Cortex as long as some 40 single reads.
	manyAtOnce = 8
	// manyInAll is how many single reads make a run large whose engine runs fewer at one time.
	manyInAll = 24
	// gatherPause ends the wait for more reads: engines start theirs within a millisecond or two of each other.
	gatherPause = 10 * time.Millisecond
	// gatherLimit bounds that wait, which small runs pay for nothing.
	gatherLimit = 40 * time.Millisecond
	// maxAhead is how many lists are asked for before their first read: with ten reads at one time, the round trips to a
	// server 100 ms away are what a large plan waits for.
	maxAhead = 16
)

// reads decides, for all kinds of one client, whether reads are answered from lists.
type reads struct {
	off   bool        // one by one, always: a switch for tests and benchmarks
	wrote atomic.Bool // no list is kept or shared any more

	mu        sync.Mutex
	listing   bool // the run is large
	seen      int  // reads so far: what one by one would have sent
	sent      int  // requests so far
	gathering *gathering
	ahead     int      // lists asked for ahead that nobody has read from yet
	nested    bool     // objects inside others are being read, so that asking ahead pays
	queue     []func() // what may be asked for ahead
}

// gathering is the reads that wait for the decision.
type gathering struct {
	began   time.Time
	timer   *time.Timer
	waiting map[string]int // by kind and place
	decided chan struct{}
	lists   map[string]bool // the decision, by kind and place
}

// snapshot is one list, asked for once however many reads wait for it.
type snapshot[T any] struct {
	done  chan struct{}
	byID  map[string]T // in lower case
	list  []T
	err   error
	ahead bool // nobody has read from it yet
}

// Get returns one object; scope is the id of the object that contains it, "" for workspaces or when it is not known. A
// missing object is an error for which IsGone is true.
func (o *Objects[T, P]) Get(ctx context.Context, scope, id string) (T, error) {
	r := &o.client.reads
	if r.fromList(ctx, o.Noun, scope, o.container != "") {
		if s := o.share(ctx, scope, false); s != nil && s.err == nil {
			if got, ok := s.byID[strings.ToLower(id)]; ok {
				if o.askInside != nil {
					r.later(func() { o.askInside(context.WithoutCancel(ctx), id) })
				}
				return got, nil
			}
		}
		if ctx.Err() != nil {
			var none T
			return none, context.Cause(ctx)
		}
	}
	r.count(0, 1)
	return o.exchange(ctx, http.MethodGet, id, nil)
}

// List returns the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id.
// It may be a list that this run has read already; see ListNow.
func (o *Objects[T, P]) List(ctx context.Context, scope string) ([]T, error) {
	if o.client.reads.off || o.client.reads.wrote.Load() {
		return o.ListNow(ctx, scope)
	}
	s := o.share(ctx, scope, false)
	switch {
	case s != nil:
		return slices.Clone(s.list), s.err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return o.ListNow(ctx, scope)
}

// share returns the run's list of a scope, asked for now if it was not before. It is nil when ctx ended first, or when the
// process has written meanwhile.
func (o *Objects[T, P]) share(ctx context.Context, scope string, ahead bool) *snapshot[T] {
	r := &o.client.reads
	o.mu.Lock()
	s, ok := o.snapshots[scope]
	if ok && ahead {
		o.mu.Unlock()
		r.used() // somebody was faster
		return nil
	}
	if !ok {
		s = &snapshot[T]{done: make(chan struct{}), ahead: ahead}
		if o.snapshots == nil {
			o.snapshots = map[string]*snapshot[T]{}
		}
		o.snapshots[scope] = s
		r.count(0, 1)
		go o.fill(context.WithoutCancel(ctx), s, scope) // for all who wait: one who is cancelled leaves alone
	}
	used := s.ahead && !ahead
	if used {
		s.ahead = false
	}
	o.mu.Unlock()
	if used {
		r.used()
	}
	if ahead {
		return nil
	}
	select {
	case <-s.done:
	case <-ctx.Done():
		return nil
	}
	if r.wrote.Load() {
		return nil
	}
	return s
}

func (o *Objects[T, P]) fill(ctx context.Context, s *snapshot[T], scope string) {
	s.list, s.err = o.ListNow(ctx, scope)
	s.byID = make(map[string]T, len(s.list))
	for _, item := range s.list {
		s.byID[strings.ToLower(item.Ref().ID)] = item
	}
	close(s.done)
}

// askAhead asks for the list of a scope before anybody reads from it.
func (o *Objects[T, P]) askAhead(ctx context.Context, scope string) { o.share(ctx, scope, true) }

// fromList decides whether a read goes to a list. nested tells that the kind lives inside another.
func (r *reads) fromList(ctx context.Context, noun, scope string, nested bool) bool {
	if r.off || r.wrote.Load() || nested && scope == "" {
		r.count(1, 0)
		return false
	}
	r.mu.Lock()
	r.seen++
	r.nested = r.nested || nested
	if r.seen > manyInAll {
		r.listing = true
	}
	if r.listing {
		r.mu.Unlock()
		r.startAhead()
		return true
	}
	key := noun + "\x00" + scope
	g := r.gathering
	if g == nil {
		g = &gathering{began: time.Now(), waiting: map[string]int{}, decided: make(chan struct{}), lists: map[string]bool{}}
		g.timer = time.AfterFunc(gatherPause, func() { r.decide(g) })
		r.gathering = g
	}
	g.waiting[key]++
	if g.waiting[key] >= manyAtOnce {
		r.listing = true
		r.decideLocked(g)
	} else if time.Since(g.began) < gatherLimit {
		g.timer.Reset(gatherPause)
	}
	r.mu.Unlock()
	select {
	case <-g.decided:
		return g.lists[key]
	case <-ctx.Done():
		return false
	}
}

func (r *reads) decide(g *gathering) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.decideLocked(g)
}

func (r *reads) decideLocked(g *gathering) {
	if r.gathering != g {
		return // decided before
	}
	g.timer.Stop()
	r.gathering = nil
	for key, n := range g.waiting {
		_, scope, _ := strings.Cut(key, "\x00")
		// Two environments of one workspace are one list instead of two reads. All workspaces are too many for that.
		g.lists[key] = r.listing || scope != "" && n > 1
	}
	close(g.decided)
}

func (r *reads) count(seen, sent int) {
	r.mu.Lock()
	r.seen += seen
	r.sent += sent
	r.mu.Unlock()
}

// later queues what may be asked for ahead.
func (r *reads) later(ask func()) {
	r.mu.Lock()
	r.queue = append(r.queue, ask)
	r.mu.Unlock()
	r.startAhead()
}

// used notes that a list that was asked for ahead found its first reader.
func (r *reads) used() {
	r.mu.Lock()
	r.ahead--
	r.mu.Unlock()
	r.startAhead()
}

// startAhead asks ahead as far as it is allowed: no more than maxAhead lists that nobody has read from yet, and no more
// requests in all than the reads so far would have been one by one, and one.
func (r *reads) startAhead() {
	for {
		r.mu.Lock()
		if !r.listing || !r.nested || len(r.queue) == 0 || r.ahead >= maxAhead || r.sent > r.seen || r.wrote.Load() {
			r.mu.Unlock()
			return
		}
		ask := r.queue[0]
		r.queue = r.queue[1:]
		r.ahead++
		r.mu.Unlock()
		ask()
	}
}
