package client

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A plan reads every object of its state, each by its own Get. This file answers them from as few requests as possible: when a run
// turns out to read many, from one list of workspaces, one list of environments for each workspace, and one list of each further kind
// for each environment.
//
// What is read this way is never less true than one by one:
//
//   - A list is asked for after the run began, and kept only until the process writes for the first time: from then on
//     every read is a request of its own. No generation is counted, because an engine plans and applies in different
//     processes: where there is much to read, nothing is written.
//   - Absence in a list proves nothing: the object is asked for directly, and so is every object when a list fails.
//
// And it is never dearer, whatever is on the server and whatever fails there: a list that may turn out useless is paid
// for in advance, by requests that lists have saved before. See allowance.
const (
	// manyAtOnce is how many reads of one level have to wait at one time before a list is asked for. It is as many as engines
	// have under way at most, and so all that they show of a run of any size; with fewer the run is small. A list holds what
	// others have on the server as well: one of 5,000 workspaces costs as much as 200 single reads next to the server, and as 10
	// to 50 of them 100 ms away.
	manyAtOnce = 10
	// manyInAll is how many single reads make a run large whose engine runs fewer at one time.
	manyInAll = 24
	// gatherPause ends the wait for more reads, which small runs pay for nothing: engines start theirs within milliseconds of
	// each other. Where the machine is too busy for that, the wait is longer, up to gatherLimit.
	gatherPause = 20 * time.Millisecond
	gatherLimit = 150 * time.Millisecond
	// allowance is how many requests more than one by one a run may send in the end. Each list costs one, each read that a
	// list answers brings one back, and nothing is spent that is not there. What is asked for ahead leaves one of them: it may find no
	// reader, and the lists that reads wait for still have to be asked for.
	allowance = 3
)

// Reading is how a client reads. All but FromLists is for internal/bench.
type Reading int

const (
	// FromLists reads as this file says.
	FromLists Reading = iota
	// OneByOne never reads from lists, to compare with.
	OneByOne
	// Patient waits long for more reads, so that requests can be counted however busy the machine is.
	Patient
)

// reads decides, for all kinds of one client, whether reads are answered from lists.
type reads struct {
	off   bool // one by one, always
	pause time.Duration
	limit time.Duration // of a gathering; see gatherPause and gatherLimit
	wrote atomic.Bool   // no list is kept or shared any more

	mu        sync.Mutex
	spent     int            // lists asked for, less reads that they answered
	seen      map[string]int // reads by level, until there are many
	many      map[string]bool
	begun     map[place]int // reads inside it
	gathering map[string]*gathering
	inside    []string              // kinds inside others that are being read, so that asking ahead for them pays
	ahead     map[string]*aheadKind // by kind; see ahead.go
	guesses   []queued              // what to ask for before anybody reads of its kind
	flying    int                   // lists asked for ahead that are not answered yet
}

// place is what one list covers: a kind of object, and the id of what contains it, "" for workspaces. Its level is the kind of that: reads of
// all kinds in environments come at one time.
type place struct{ noun, level, scope string }

// gathering is the reads of one level that wait for a decision: a list, or each its own request.
type gathering struct {
	ends    time.Time     // at the latest
	last    time.Time     // the last read came, or the timer was set again
	pause   time.Duration // without another read, it is over
	timer   *time.Timer
	waiting int
	decided chan struct{}
}

// snapshot is one list, asked for once however many reads wait for it.
type snapshot[T any] struct {
	done    chan struct{}
	byID    map[string]T // in lower case
	list    []T
	err     error
	ahead   bool         // nobody has read from it yet
	waiting atomic.Int32 // reads that it will answer
}

// Get returns one object; scope is the id of the object that contains it, "" for workspaces or when it is not known. A
// missing object is an error for which IsGone is true.
func (o *Objects[T]) Get(ctx context.Context, scope, id string) (T, error) {
	r := &o.client.reads
	r.guess(o.besides, scope, 0)
	var got T
	s, listed := o.listed(ctx, scope), false
	if s != nil {
		if got, listed = s.byID[strings.ToLower(id)]; listed {
			r.saved()
		}
	}
	if s == nil || listed { // or else it may be gone
		o.readInside(ctx, id)
		r.guess(o.likely, id, maxUnread)
	}
	if listed {
		return got, nil
	}
	if ctx.Err() != nil {
		return got, context.Cause(ctx)
	}
	return o.GetNow(ctx, scope, id)
}

// List returns the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id.
// It may be a list that this run has read already; see Fresh and ListNow.
func (o *Objects[T]) List(ctx context.Context, scope string) ([]T, error) {
	r := &o.client.reads
	if r.off || r.wrote.Load() {
		return o.ListNow(ctx, scope)
	}
	s, found := o.snapshot(ctx, scope, o.client.maxRetries, false, func() bool { return true })
	switch {
	case !s.wait(ctx):
		return nil, context.Cause(ctx)
	case r.wrote.Load(), found && s.err != nil:
		return o.ListNow(ctx, scope)
	case found:
		r.saved()
	}
	return slices.Clone(s.list), s.err
}

// listed returns the list that a read goes to; nil when the read is to be a request of its own.
func (o *Objects[T]) listed(ctx context.Context, scope string) *snapshot[T] {
	r := &o.client.reads
	if r.off || r.wrote.Load() || o.nested() && scope == "" {
		return nil
	}
	if o.nested() {
		r.readsInside(o.noun)
	}
	s, _ := o.snapshot(ctx, scope, 0, true, func() bool { return false })
	if s == nil && r.choose(ctx, o.in(scope)) {
		// Not repeated when it fails: the reads are, one by one.
		s, _ = o.snapshot(ctx, scope, 0, true, r.spend)
	}
	if s == nil || !s.waitFor(ctx) || s.err != nil || r.wrote.Load() {
		return nil
	}
	return s
}

// snapshot returns the run's list of a scope, and whether it was there already. One that was not is asked for now if may
// allows it, or else nil.
func (o *Objects[T]) snapshot(ctx context.Context, scope string, retries int, sparing bool, may func() bool) (s *snapshot[T], found bool) {
	scope = strings.ToLower(scope)
	o.mu.Lock()
	s, found = o.snapshots[scope]
	switch {
	case found && s.ahead:
		s.ahead = false
		defer o.client.reads.used(o.noun)
	case !found && may():
		s = o.begin(ctx, scope, retries, sparing)
	}
	o.mu.Unlock()
	return s, found
}

// begin asks for a list on behalf of all who wait: one who is cancelled leaves alone. A sparing one has no more pages than pay. o.mu is held.
func (o *Objects[T]) begin(ctx context.Context, scope string, retries int, sparing bool) *snapshot[T] {
	s := &snapshot[T]{done: make(chan struct{})}
	if o.snapshots == nil {
		o.snapshots = map[string]*snapshot[T]{}
	}
	o.snapshots[scope] = s
	var more func() bool
	if sparing {
		more = func() bool { return o.client.reads.spendFor(&s.waiting) }
	}
	ctx = context.WithoutCancel(ctx)
	go func() {
		defer close(s.done)
		s.list, s.err = o.ask(ctx, scope, retries, more)
		if s.err != nil && !IsGone(s.err, o.container, scope) {
			// The next who wants it asks again, as long as there is something left to spend.
			o.mu.Lock()
			delete(o.snapshots, scope)
			o.mu.Unlock()
			return
		}
		s.byID = make(map[string]T, len(s.list))
		for _, item := range s.list {
			s.byID[strings.ToLower(item.Ref().ID)] = item
		}
	}()
	return s
}

// waitFor is wait for a read that the list may answer.
func (s *snapshot[T]) waitFor(ctx context.Context) bool {
	s.waiting.Add(1)
	return s.wait(ctx)
}

// wait waits until the list is there; false means that ctx ended first.
func (s *snapshot[T]) wait(ctx context.Context) bool {
	select {
	case <-s.done:
		return true
	case <-ctx.Done():
		return false
	}
}

// choose decides whether a read goes to the list of its place.
func (r *reads) choose(ctx context.Context, p place) bool {
	r.mu.Lock()
	if r.seen == nil {
		r.seen, r.many, r.begun, r.gathering = map[string]int{}, map[string]bool{}, map[place]int{}, map[string]*gathering{}
	}
	if r.seen[p.level]++; r.seen[p.level] > manyInAll {
		r.many[p.level] = true
		if g := r.gathering[p.level]; g != nil {
			r.end(p.level, g)
		}
	}
	// What one object holds comes from a list from the second read on, or when there is much to read anyway.
	r.begun[p]++
	list := func() bool { return r.many[p.level] || p.scope != "" && (r.begun[p] > 1 || len(r.many) > 0) }
	// Environments do not wait for more of their kind: a workspace has few of them.
	if now := list(); now || p.level == workspaces.noun {
		r.mu.Unlock()
		return now
	}
	g := r.gather(p.level)
	r.mu.Unlock()
	select {
	case <-g.decided:
		r.mu.Lock()
		defer r.mu.Unlock()
		return list()
	case <-ctx.Done():
		return false
	}
}

// gather adds a read to those of its level that wait until it is clear how many they are. r.mu is held.
func (r *reads) gather(level string) *gathering {
	g, now := r.gathering[level], time.Now()
	if g == nil {
		g = &gathering{ends: now.Add(r.limit), last: now, pause: r.pause, decided: make(chan struct{})}
		g.timer = time.AfterFunc(g.pause, func() { r.gathered(level, g) })
		r.gathering[level] = g
	}
	if g.waiting++; g.waiting < manyAtOnce {
		g.more(max(g.pause, 2*now.Sub(g.last)))
		return g
	}
	r.many[level] = true
	r.end(level, g)
	return g
}

// more waits for another read.
func (g *gathering) more(pause time.Duration) {
	g.last, g.pause = time.Now(), pause
	g.timer.Reset(min(pause, time.Until(g.ends)))
}

// gathered is called when no read came within the pause.
func (r *reads) gathered(level string, g *gathering) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch late := time.Since(g.last) - g.pause; {
	case r.gathering[level] != g: // it ended at this moment
	case late > g.pause/4 && time.Now().Before(g.ends):
		g.more(2 * g.pause) // the machine is so busy that the timer itself came late
	default:
		r.end(level, g)
	}
}

// end lets the reads go. r.mu is held.
func (r *reads) end(level string, g *gathering) {
	g.timer.Stop()
	delete(r.gathering, level)
	close(g.decided)
}

// spend takes one list from the allowance, if there is one left.
func (r *reads) spend() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent >= allowance {
		return false
	}
	r.spent++
	return true
}

// spendFor takes one more page of a list from the allowance, to which the reads that wait for it will give back.
func (r *reads) spendFor(waiting *atomic.Int32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent-int(waiting.Load()) >= allowance {
		return false
	}
	r.spent++
	return true
}

// saved notes that a list spared a request.
func (r *reads) saved() {
	r.mu.Lock()
	r.spent--
	r.mu.Unlock()
}
