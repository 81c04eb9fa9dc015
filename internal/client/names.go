package client

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

// Within one run, a name that one object has may be another's a moment later: a list of names that lost its first element renames all
// the others, and a block that got another label deletes one object and creates the next. Engines take such steps side by side and in
// any order. So who finds a name taken waits while those who have it are giving it up in this run, and then looks again.
//
// The wait occupies one of the few places in which an engine works, and what is waited for may need that place. So it ends
//
//   - at once, if a holder could not give its name up, or waits for this very object in turn: a swap, a circle;
//   - after quietPause in which nothing happened at all, for those whom nobody waits for: one at a time, so that each time a step that
//     had no place can begin;
//   - after unseenLimit, if a holder has not begun to give its name up: it may be no object of this run.
//
// Where a hundred names are somebody else's, nobody waits a hundred times: each wait in vain halves both, down to a thirty-second, until one
// is rewarded. Any other wait is for a step that is at work, and ends with it. (Variables, so that tests need not wait.)
var (
	quietPause  = time.Second
	unseenLimit = 10 * time.Second
)

// names knows which objects of a run give up their names, and who waits for that.
type names struct {
	mu         sync.Mutex
	departures map[string]*departure // by the object's key
	over       int                   // departures that are
	inVain     int                   // waits in a row that ended without the name
	waits      []*wait
	requests   int           // under way
	last       time.Time     // something happened
	changed    chan struct{} // closed when a departure begins or ends
}

// departure is an object that gives up its name, for another one or for good.
type departure struct {
	to   string // "" is a deletion
	over int    // its number among those that are over; 0 while it is not
	left bool   // the name was given up
}

// wait is somebody who waits for a name.
type wait struct {
	own     string // key of the object that wants it; "" for one that is still to be made
	name    string
	holders []string // keys of those who have it
	mark    int      // departures that were over before they were seen to have it
	since   time.Time
}

// objectKey is an object of any kind, for departures and waits.
func objectKey(noun, id string) string { return noun + "\x00" + strings.ToLower(id) }

// Leave notes that an object begins to give up its name by being deleted; the function that it returns notes whether it did.
func (o *Objects[T]) Leave(ref Ref) (over func(left bool)) {
	return o.client.names.depart(o.noun, ref.ID, "")
}

// depart notes that an object begins to give up its name for another one, or for good when that is "". What it returns notes the end.
func (n *names) depart(noun, id, to string) (over func(left bool)) {
	d := &departure{to: to}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.departures == nil {
		n.departures = map[string]*departure{}
	}
	n.departures[objectKey(noun, id)] = d
	n.happened()
	return func(left bool) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.over++
		d.over, d.left = n.over, left
		n.happened()
	}
}

// happened wakes those who wait. n.mu is held.
func (n *names) happened() {
	n.last = time.Now()
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}

// request notes that a request is under way, until the function that it returns is called.
func (n *names) request() (over func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.requests++
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.requests--
		n.last = time.Now()
	}
}

// mark is what await has to know of the moment before its caller looked who has a name.
func (n *names) mark() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.over
}

// await waits for all holders of a name to give it up. True means that they did since mark; false, that the name is taken. own is the id of
// the object that wants it, "" for one that is still to be made.
func (n *names) await(ctx context.Context, noun, own, name string, holders []Ref, mark int) bool {
	w := &wait{name: name, mark: mark, since: time.Now()}
	if own != "" {
		w.own = objectKey(noun, own)
	}
	for _, h := range holders {
		w.holders = append(w.holders, objectKey(noun, h.ID))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.waits = append(n.waits, w)
	defer func() { n.waits = slices.DeleteFunc(n.waits, func(other *wait) bool { return other == w }) }()
	for {
		free, held := n.verdict(w)
		if free {
			n.inVain = 0
		}
		if free || held {
			return free
		}
		if n.changed == nil {
			n.changed = make(chan struct{})
		}
		changed, pause := n.changed, time.NewTimer(max(n.patience(quietPause)-time.Since(n.last), quietPause/64))
		n.mu.Unlock()
		select {
		case <-changed:
		case <-pause.C:
		case <-ctx.Done():
		}
		pause.Stop()
		n.mu.Lock()
		if ctx.Err() != nil {
			return false
		}
	}
}

// verdict tells whether a wait is over: the name is free, or it is held. n.mu is held.
func (n *names) verdict(w *wait) (free, held bool) {
	free = true
	begun := true
	for _, key := range w.holders {
		switch d := n.departures[key]; {
		case d != nil && d.over > 0 && !d.left:
			return false, true
		case d != nil && d.left && d.over > w.mark:
			// it has gone since it was seen
		default:
			free = false
			begun = begun && n.isLeaving(key, w.name)
		}
	}
	if free {
		return true, false
	}
	circle, working := n.follow(w, w.own, map[string]bool{})
	quiet := !working && n.requests == 0 && time.Since(n.last) >= n.patience(quietPause)
	switch {
	case circle:
		return false, true
	case !begun && time.Since(w.since) >= n.patience(unseenLimit), quiet && !n.isAwaited(w.own):
		n.inVain++
		n.last = time.Now() // the others may hope for the place that this one leaves
		return false, true
	}
	return false, false
}

// patience is how long a wait may be, after so many in vain. n.mu is held.
func (n *names) patience(limit time.Duration) time.Duration {
	return limit >> min(n.inVain, 5)
}

// isLeaving tells whether an object is giving up a name at this moment. n.mu is held.
func (n *names) isLeaving(key, name string) bool {
	d := n.departures[key]
	return d != nil && d.over == 0 && d.to != name
}

// isAwaited tells whether somebody waits for an object to give up its name. n.mu is held.
func (n *names) isAwaited(key string) bool {
	return key != "" && slices.ContainsFunc(n.waits, func(w *wait) bool { return slices.Contains(w.holders, key) })
}

// follow tells of the steps that a wait is for, and of those that they wait for in turn, whether they lead back to own, and whether one of
// them is at work. n.mu is held.
func (n *names) follow(w *wait, own string, seen map[string]bool) (circle, working bool) {
	for _, key := range w.holders {
		if key == own {
			circle = true
		}
		if seen[key] || !n.isLeaving(key, w.name) {
			continue
		}
		seen[key] = true
		next := slices.IndexFunc(n.waits, func(other *wait) bool { return other.own == key })
		if next < 0 {
			working = true
			continue
		}
		c, at := n.follow(n.waits[next], own, seen)
		circle, working = circle || c, working || at
	}
	return circle, working
}
