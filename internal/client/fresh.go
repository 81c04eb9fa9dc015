package client

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// Data sources are read in an apply as well, after whatever their depends_on names: another process of the same run may have written
// since this one read its last list. So they get nothing that is older than their own read.

// wave is one list for all who asked for it before it was begun.
type wave[T any] struct {
	done chan struct{}
	list []T
	err  error
}

// waves are the lists of one scope: when the last one begun is over, and the one that begins then, nil while nobody asked for it.
type waves[T any] struct {
	over <-chan struct{}
	next *wave[T]
}

// Fresh returns the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id, from a list
// that was begun after the call. Calls that wait at one time share it.
func (o *Objects[T]) Fresh(ctx context.Context, scope string) ([]T, error) {
	w := o.join(ctx, strings.ToLower(scope))
	select {
	case <-w.done:
		return slices.Clone(w.list), w.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// join returns the next list of a scope.
func (o *Objects[T]) join(ctx context.Context, scope string) *wave[T] {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.waves == nil {
		o.waves = map[string]*waves[T]{}
	}
	of := o.waves[scope]
	if of == nil {
		of = &waves[T]{}
		o.waves[scope] = of
	}
	if of.next != nil {
		return of.next
	}
	own := &wave[T]{done: make(chan struct{})}
	before := of.over
	of.next = own
	ctx = context.WithoutCancel(ctx) // it is for all who wait
	go func() {
		defer close(own.done)
		if before != nil {
			<-before
		}
		o.mu.Lock()
		of.over, of.next = own.done, nil
		o.mu.Unlock()
		own.list, own.err = o.ListNow(ctx, scope)
	}()
	return own
}

// GetNow asks for one object; scope is the id of the object that contains it, "" for workspaces or when it is not known. A missing
// object is an error for which IsGone is true.
func (o *Objects[T]) GetNow(ctx context.Context, scope, id string) (T, error) {
	return o.exchange(ctx, http.MethodGet, Ref{ID: id, Scope: scope}, nil)
}
