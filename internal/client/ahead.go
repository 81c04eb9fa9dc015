package client

import (
	"context"
	"slices"
	"strings"
)

// Lists that reads.go is likely to need are asked for here before their first read, so that a distant server keeps nobody waiting.

const (
	// maxFlying is how many lists asked for ahead may be without an answer: with ten reads at one time, the round trips to a server 100 ms away are what
	// a large plan waits for. A worker of Cortex answers one request after the other, a list in about 4 ms, so that these wait for each other about as long as
	// for the network; many more would, and where lists are slow, for longer than a request may take.
	maxFlying = 40
	// maxUnread is how many lists of one kind may be asked for ahead of their readers, besides as many as have found one. An engine reads in an order of
	// its own, and where few environments have objects of a kind, most lists of that kind would be for nobody.
	maxUnread = 8
	// maxGuesses is how many lists of a kind a small run asks for before anybody reads of that kind: most workspaces have no more environments.
	maxGuesses = 3
)

// queued is a list that may be asked for ahead. ask asks for it, unless somebody has.
type queued struct {
	place
	ask func() (asked bool)
}

// aheadKind is what of one kind was asked for ahead.
type aheadKind struct {
	queue   []queued // what may still be
	unread  int      // lists that nobody has read from yet
	read    int      // lists that somebody has read from
	guessed int      // guesses made
}

// ahead is a kind that lists can be asked for before anybody reads from them.
type ahead interface {
	in(scope string) place
	askAhead(ctx context.Context, scope string) (asked bool)
}

// readInside queues the lists of what is in an object.
func (o *Objects[T]) readInside(ctx context.Context, id string) {
	for _, inside := range o.inside {
		o.client.reads.later(inside.in(id), func() bool { return inside.askAhead(context.WithoutCancel(ctx), strings.ToLower(id)) })
	}
}

// in and askAhead implement ahead.
func (o *Objects[T]) in(scope string) place {
	return place{o.noun, o.container, strings.ToLower(scope)}
}

func (o *Objects[T]) askAhead(ctx context.Context, scope string) (asked bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, found := o.snapshots[scope]; found {
		return false
	}
	s := o.begin(ctx, scope, 0, true)
	s.ahead = true
	go func() {
		<-s.done
		o.client.reads.landed()
	}()
	return true
}

// readsInside notes that objects of a kind inside another one are being read.
func (r *reads) readsInside(noun string) {
	r.mu.Lock()
	first := !slices.Contains(r.inside, noun)
	if first {
		r.inside = append(r.inside, noun)
	}
	r.mu.Unlock()
	if first {
		r.startAhead()
	}
}

// of is what of one kind was asked for ahead. r.mu is held.
func (r *reads) of(noun string) *aheadKind {
	k := r.ahead[noun]
	if k == nil {
		if r.ahead == nil {
			r.ahead = map[string]*aheadKind{}
		}
		k = &aheadKind{}
		r.ahead[noun] = k
	}
	return k
}

// later queues what may be asked for ahead as soon as anybody reads of its kind.
func (r *reads) later(p place, ask func() bool) {
	if r.off || r.wrote.Load() {
		return
	}
	r.mu.Lock()
	k := r.of(p.noun)
	k.queue = append(k.queue, queued{p, ask})
	r.mu.Unlock()
	r.startAhead()
}

// guess asks for a few lists of what is in one scope before anybody reads of these kinds: so the run waits for one round trip less. A large one, which shows
// soon enough what is read, asks for as many as it is told here. Only what is queued is asked for, which is in objects that this run reads.
func (r *reads) guess(kinds []ahead, scope string, large int) {
	r.mu.Lock()
	limit := maxGuesses
	if len(r.many) > 0 {
		limit = large
	}
	for _, kind := range kinds {
		p := kind.in(scope)
		k := r.of(p.noun)
		if k.guessed >= limit {
			continue
		}
		if i := slices.IndexFunc(k.queue, func(q queued) bool { return q.place == p }); i >= 0 {
			r.guesses = append(r.guesses, k.queue[i])
			k.queue = slices.Delete(k.queue, i, i+1)
			k.guessed++
		}
	}
	r.mu.Unlock()
	r.startAhead()
}

// used notes that a list that was asked for ahead found its first reader.
func (r *reads) used(noun string) {
	r.mu.Lock()
	k := r.of(noun)
	k.unread--
	k.read++
	r.mu.Unlock()
	r.startAhead()
}

// landed notes that a list that was asked for ahead was answered.
func (r *reads) landed() {
	r.mu.Lock()
	r.flying--
	r.mu.Unlock()
	r.startAhead()
}

// startAhead asks ahead as far as it is allowed.
func (r *reads) startAhead() {
	for {
		r.mu.Lock()
		list, found := r.nextAhead()
		if !found {
			r.mu.Unlock()
			return
		}
		// Where the first read went out by itself, for want of allowance, there may be no other; if there is, it asks for the list.
		if r.begun[list.place] > 0 {
			r.mu.Unlock()
			continue
		}
		r.asks(list, 1)
		r.mu.Unlock()
		if !list.ask() { // somebody was faster, and has paid
			r.mu.Lock()
			r.asks(list, -1)
			r.mu.Unlock()
		}
	}
}

// asks counts a list that is asked for ahead, or takes it back. r.mu is held.
func (r *reads) asks(list queued, n int) {
	r.of(list.noun).unread += n
	r.flying += n
	r.spent += n
}

// nextAhead takes from its queue what is to be asked for ahead next, if anything is, and may be. r.mu is held.
func (r *reads) nextAhead() (next queued, found bool) {
	if r.flying >= maxFlying || r.spent >= allowance-1 || r.wrote.Load() {
		return next, false
	}
	for _, noun := range r.inside {
		if k := r.of(noun); len(k.queue) > 0 && k.unread < maxUnread+k.read {
			next, k.queue = k.queue[0], k.queue[1:]
			return next, true
		}
	}
	if len(r.guesses) == 0 {
		return next, false
	}
	next, r.guesses = r.guesses[0], r.guesses[1:]
	return next, true
}
