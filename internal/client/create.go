package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Cortex has no idempotency keys and, with several workers, no sure uniqueness of names. A create whose answer is lost
// may have happened, so it is never simply sent again:
//
//   - Before the first create in a place (all workspaces; one workspace's environments) its list is read once. What is on
//     that list is not ours.
//   - A POST without a usable answer is settled by looking: an object that is not on that list, was not answered to
//     another create of this run, and is what was asked for, is ours. None: the POST is repeated. Anything else: an
//     error that names the candidates.
//   - A POST that ran into its deadline may still run later. It is looked for, but not repeated.
//   - Creates and renames of one name go one after the other; see names.go for a name that another object of the run gives up.
//   - Where Cortex itself would make a second object of one name, the list is looked at before each POST.
//
// What a POST drops of an object is sent by an update right after it.

// settleTimeout bounds the look after a lost answer, beyond what its requests and pauses may take. It is independent of
// the caller, whose context may have ended.
const settleTimeout = time.Minute

// patience is how long a look waits between its tries for a POST that may still be running: almost as long again as the
// POST itself had.
func (c *Client) patience() []time.Duration {
	return []time.Duration{c.timeout / 8, c.timeout / 4, c.timeout / 2}
}

// Create makes want (its ID and times are ignored) and returns what Cortex made. Besides *Error it returns *NameTakenError and
// *UnsettledError; and *UnfinishedError with the object, where that was made and its update failed.
func (o *Objects[T]) Create(ctx context.Context, want T) (T, error) {
	made, err := o.post(ctx, want, posted(want))
	if err != nil || !o.Changes(made, want) {
		return made, err
	}
	got, err := o.Update(ctx, made, want)
	if err != nil {
		return made, &UnfinishedError{Noun: o.noun, Ref: made.Ref(), Cause: err}
	}
	return got, nil
}

// posted returns what a POST makes of an object.
func posted[T Object](want T) T {
	if want, ok := any(want).(interface{ posted() T }); ok {
		return want.posted()
	}
	return want
}

// ready returns why an object cannot be made of what has is; has may be nothing.
func ready[T Object](ctx context.Context, c *Client, want, has T) error {
	if want, ok := any(want).(interface {
		ready(ctx context.Context, c *Client, has T) error
	}); ok {
		return want.ready(ctx, c, has)
	}
	return nil
}

// post sends the POST of a create. stored is what that makes of want.
func (o *Objects[T]) post(ctx context.Context, want, stored T) (T, error) {
	var none T
	ref := want.Ref()
	release, err := o.client.locks.acquire(ctx, o.nameKey(ref))
	if err != nil {
		return none, err
	}
	defer release()
	if err := o.noteBefore(ctx, ref.Scope); err != nil {
		return none, err
	}
	if err := ready(ctx, o.client, want, none); err != nil {
		return none, err
	}
	if o.unguarded {
		if err := o.free(ctx, ref, false); err != nil {
			return none, err
		}
	}

	var lost error // the reason why an earlier POST of this create got no usable answer
	for n := 0; ; n++ {
		var got T
		mark := o.client.names.mark()
		err := o.client.do(ctx, http.MethodPost, o.create, want, &got)
		if err == nil {
			got = revealed(got, want)
			if err = o.check(got, "", ref.Scope); err == nil && o.Changes(got, stored) {
				err = errors.New("the answer is about another object")
			}
			if err == nil {
				o.noteMade(got.Ref())
				o.noteSeen(got)
				return got, nil
			}
			err = o.client.unusable(http.MethodPost, o.create, err)
		}

		if verdict(err) == doubtful {
			lost = err
			waitAsAsked(ctx, err)
		}
		// A refusal is looked into as well when an earlier POST was lost: it may be what took the name.
		if lost != nil {
			got, found, unsettled := o.settle(ctx, stored, lost)
			if unsettled != nil {
				return none, unsettled
			}
			if found {
				return got, nil
			}
		}
		switch {
		case ClassOf(err) == NameTaken:
			if taken := o.nameTaken(ctx, ref, err); !o.givenUp(ctx, taken, mark, n) {
				return none, taken
			}
			continue
		case verdict(err) == refused, ends(err):
			return none, err
		case n >= o.client.maxRetries || mayStillRun(err):
			return none, o.unsettled(ref, lost, nil, nil)
		}
		if err := pause(ctx, backoff(minBackoff, maxBackoff, n, nil)); err != nil {
			return none, o.unsettled(ref, lost, nil, nil)
		}
		// Once more, right before the repetition: with several workers the lost POST may have been slower than the look.
		if got, found, unsettled := o.settle(ctx, stored, lost); unsettled != nil {
			return none, unsettled
		} else if found {
			return got, nil
		}
	}
}

// waitAsAsked waits as long as the answer to a POST asks for before the next request: the look is one, too. After Ctrl-C it does not wait.
func waitAsAsked(ctx context.Context, err error) {
	var e *Error
	if errors.As(err, &e) && e.retryAfter > 0 {
		_ = pause(ctx, e.retryAfter)
	}
}

const (
	refused  = iota // the create provably made nothing
	doubtful        // it may have
)

// verdict tells what the error of a POST says about whether the object was made.
func verdict(err error) int {
	var e *Error
	if !errors.As(err, &e) {
		return refused // not sent: cancelled before, or the client cannot send at all
	}
	switch e.Class {
	case NameTaken, NotFound, InUse, Invalid, Denied:
		return refused
	case Unavailable:
		if e.Status == http.StatusTooManyRequests {
			return refused
		}
	case Unreachable:
		if unsent(e.Cause) {
			return refused
		}
	case NotCortex:
		if e.Status/100 == 3 {
			return refused
		}
	}
	return doubtful
}

// ends tells whether a create that made nothing is over: another POST would get the same answer.
func ends(err error) bool {
	switch ClassOf(err) {
	case Rejected:
		return true
	case NotCortex:
		return statusOf(err)/100 != 2
	case Unexpected:
		return statusOf(err)/100 == 4
	}
	return false
}

// mayStillRun tells whether Cortex may still be working on the request.
func mayStillRun(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Timeout()
}

// settle looks for what a POST without a usable answer may have made. Not found without an error means: it is not there.
func (o *Objects[T]) settle(ctx context.Context, want T, lost error) (T, bool, error) {
	var none T
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout+o.client.timeout)
	defer cancel()
	ref := want.Ref()
	for try := 0; ; try++ {
		list, err := o.ListNow(ctx, ref.Scope)
		if IsGone(err, o.container, ref.Scope) {
			return none, false, err // what would hold the object is gone, and the object with it
		}
		if err != nil {
			return none, false, o.unsettled(ref, lost, err, nil)
		}
		var news []T
		for _, item := range list {
			if item.Ref().namesake(ref) && !o.before.has(item.Ref()) {
				news = append(news, item)
			}
		}
		switch {
		case len(news) == 1 && !o.Changes(revealed(news[0], want), want):
			o.noteMade(news[0].Ref())
			return revealed(news[0], want), true, nil
		case len(news) > 0:
			return none, false, o.unsettled(ref, lost, nil, namesakes(news, ref))
		}
		pauses := o.client.patience()
		if !mayStillRun(lost) || try >= len(pauses) {
			return none, false, nil
		}
		if err := pause(ctx, pauses[try]); err != nil {
			return none, false, o.unsettled(ref, lost, err, nil)
		}
	}
}

func (o *Objects[T]) unsettled(ref Ref, lost, look error, candidates []Ref) error {
	return &UnsettledError{Noun: o.noun, Scope: ref.Scope, Name: ref.Name, Cause: lost, Look: look, Candidates: candidates}
}

// nameTaken says who has the name, if a list shows it.
func (o *Objects[T]) nameTaken(ctx context.Context, ref Ref, cause error) *NameTakenError {
	list, err := o.ListNow(ctx, ref.Scope)
	return &NameTakenError{Noun: o.noun, Key: o.keyName(), Scope: ref.Scope, Name: ref.Name, Cause: cause, Holder: namesakes(list, ref), Look: err}
}

// givenUp tells whether a create whose n-th POST was refused may be sent once more, because the name was given up since mark.
func (o *Objects[T]) givenUp(ctx context.Context, taken *NameTakenError, mark, n int) bool {
	switch {
	case taken.Look != nil:
		return false
	case len(taken.Holder) == 0: // it was, between the refusal and the look
		return n <= o.client.maxRetries && pause(ctx, backoff(minBackoff, maxBackoff, n, nil)) == nil
	}
	return o.client.names.await(ctx, o.noun, "", taken.Name, taken.Holder, mark)
}

// noteBefore makes sure that what was in the scope before the run's first create there is known.
func (o *Objects[T]) noteBefore(ctx context.Context, scope string) error {
	release, err := o.client.locks.acquire(ctx, o.noun+"\x00"+scope)
	if err != nil {
		return err
	}
	defer release()
	if o.before.knows(scope) {
		return nil
	}
	var list []T
	if _, empty := o.client.madeHere(scope); !empty { // what this run made began empty
		if list, err = o.ListNow(ctx, scope); err != nil {
			return err
		}
	}
	for _, item := range list {
		o.before.note(item.Ref())
	}
	o.before.noteScope(scope)
	return nil
}

func (o *Objects[T]) noteMade(ref Ref) {
	o.before.note(ref)
	o.client.made.Store(strings.ToLower(ref.ID), ref.Scope)
}

// madeHere tells whether this run made the object with this id, and in which scope.
func (c *Client) madeHere(id string) (scope string, ok bool) {
	value, ok := c.made.Load(strings.ToLower(id))
	scope, _ = value.(string)
	return scope, ok
}

// before is what a run knows of the objects of one kind, so that none of them can be what a later lost POST made: those
// that were there before its first create, and those that it made and got an answer for.
type before struct {
	mu     sync.Mutex
	scopes map[string]bool // whose list has been noted
	ids    map[string]bool
}

func (b *before) knows(scope string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.scopes[scope]
}

func (b *before) noteScope(scope string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.scopes == nil {
		b.scopes = map[string]bool{}
	}
	b.scopes[scope] = true
}

func (b *before) note(ref Ref) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ids == nil {
		b.ids = map[string]bool{}
	}
	b.ids[strings.ToLower(ref.ID)] = true
}

func (b *before) has(ref Ref) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ids[strings.ToLower(ref.ID)]
}

// keyedLock is a mutex for each key, whose wait ends with the context. Keys are few and stay for the run.
type keyedLock struct {
	mu    sync.Mutex
	locks map[string]chan struct{}
}

func (k *keyedLock) acquire(ctx context.Context, key string) (release func(), err error) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[string]chan struct{}{}
	}
	lock, ok := k.locks[key]
	if !ok {
		lock = make(chan struct{}, 1)
		k.locks[key] = lock
	}
	k.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
