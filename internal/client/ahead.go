package client

import (
	"context"
	"slices"
	"strings"
)

// Lists that reads.go is likely to need are asked for here before their first read, so that a distant server keeps nobody waiting.

// queued is a list that may be asked for ahead.
type queued struct {
	place
	ask func()
}

// ahead is a kind that lists can be asked for before anybody reads from them.
type ahead interface {
	in(scope string) place
	askAhead(ctx context.Context, scope string)
}

// readInside queues the lists of what is in an object.
func (o *Objects[T]) readInside(ctx context.Context, id string) {
	for _, inside := range o.inside {
		o.client.reads.later(inside.in(id), func() { inside.askAhead(context.WithoutCancel(ctx), strings.ToLower(id)) })
	}
}

// in and askAhead implement ahead.
func (o *Objects[T]) in(scope string) place {
	return place{o.noun, o.container, strings.ToLower(scope)}
}

func (o *Objects[T]) askAhead(ctx context.Context, scope string) {
	o.mu.Lock()
	_, found := o.snapshots[scope]
	if !found {
		o.begin(ctx, scope, 0, true).ahead = true
	}
	o.mu.Unlock()
	if found { // somebody was faster, and has paid
		o.client.reads.saved()
		o.client.reads.used()
	}
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

// later queues what may be asked for ahead as soon as anybody reads of its kind.
func (r *reads) later(p place, ask func()) {
	if r.off || r.wrote.Load() {
		return
	}
	r.mu.Lock()
	if r.queue == nil {
		r.queue, r.guessed = map[string][]queued{}, map[string]int{}
	}
	r.queue[p.noun] = append(r.queue[p.noun], queued{p, ask})
	r.mu.Unlock()
	r.startAhead()
}

// guess has a small run ask, for what is in one scope, before anybody reads of these kinds: so the run waits for one round trip less. In a large one it
// shows soon enough what is read. Only what is queued is asked for, which is in objects that this run reads.
func (r *reads) guess(kinds []ahead, scope string) {
	r.mu.Lock()
	for _, kind := range kinds {
		p := kind.in(scope)
		if len(r.many) > 0 || r.guessed[p.noun] == maxGuesses {
			continue
		}
		if i := slices.IndexFunc(r.queue[p.noun], func(q queued) bool { return q.place == p }); i >= 0 {
			r.guesses = append(r.guesses, r.queue[p.noun][i])
			r.queue[p.noun] = slices.Delete(r.queue[p.noun], i, i+1)
			r.guessed[p.noun]++
		}
	}
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
		r.ahead++
		r.spent++
		r.mu.Unlock()
		list.ask()
	}
}

// nextAhead takes from its queue what is to be asked for ahead next, if anything is, and may be. r.mu is held.
func (r *reads) nextAhead() (next queued, found bool) {
	if r.ahead >= maxAhead || r.spent >= allowance-1 || r.wrote.Load() {
		return next, false
	}
	for _, noun := range r.inside {
		if queue := r.queue[noun]; len(queue) > 0 {
			r.queue[noun] = queue[1:]
			return queue[0], true
		}
	}
	if len(r.guesses) == 0 || len(r.many) > 0 {
		return next, false
	}
	next, r.guesses = r.guesses[0], r.guesses[1:]
	return next, true
}
