package client

import (
	"context"
	"iter"
	"sync"
)

// MaxLists is how many lists are read at one time: enough to hide the round trips to a server that is far away, and few enough
// not to keep one that is near from everybody else, since a Cortex process answers one request after the other.
const MaxLists = 16

// Contained is the objects of one kind in one scope.
type Contained[T any] struct {
	Scope   string
	Objects []T  // sorted by name, then id
	Gone    bool // the containing object does not exist any more
}

// FreshEach lists several scopes as Fresh does, MaxLists at one time, and yields each in their order: Cortex has no list across scopes.
// Whoever stops early does not wait for the lists that are still under way.
func (o *Objects[T]) FreshEach(ctx context.Context, scopes []string) iter.Seq2[Contained[T], error] {
	return freshEach(ctx, scopes, o.container, o.Fresh)
}

func freshEach[T any](ctx context.Context, scopes []string, container string, list func(context.Context, string) ([]T, error)) iter.Seq2[Contained[T], error] {
	type answer struct {
		list []T
		err  error
	}
	return func(yield func(Contained[T], error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()

		answers := make([]chan answer, len(scopes))
		start := func(i int) {
			answers[i] = make(chan answer, 1)
			running.Go(func() {
				list, err := list(ctx, scopes[i])
				answers[i] <- answer{list, err}
			})
		}
		for i := range min(MaxLists, len(scopes)) {
			start(i)
		}
		for i, scope := range scopes {
			got := <-answers[i]
			gone := IsGone(got.err, container, scope)
			if gone {
				got.err = nil
			}
			if !yield(Contained[T]{Scope: scope, Objects: got.list, Gone: gone}, got.err) {
				return
			}
			if next := i + MaxLists; next < len(scopes) {
				start(next)
			}
		}
	}
}
