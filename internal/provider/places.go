package provider

import (
	"context"
	"iter"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// everywhere yields all objects of a kind, in all places, sorted by the names of what they are in, then by their own, then by id. It
// asks for the list of one place after the other, so that who stops early asks for no more than that. What is retired is left out unless it is
// asked for.
func (k kind[T, M]) everywhere(ctx context.Context, c *client.Client, retired bool) iter.Seq2[located[T], error] {
	return func(yield func(located[T], error) bool) {
		fail := func(what string, err error) { yield(located[T]{}, &placeError{what, err}) }
		if k.in == nil {
			all, err := k.objects(c).Fresh(ctx, "")
			if err != nil {
				fail("list the "+k.noun+"s", err)
				return
			}
			for _, object := range present(all, retired) {
				if !yield(located[T]{object.Ref().Name, object}, nil) {
					return
				}
			}
			return
		}
		var places []located[client.Ref]
		var scopes []string
		for place, err := range k.in.refs(ctx, c, retired) {
			if err != nil {
				yield(located[T]{}, err)
				return
			}
			places, scopes = append(places, place), append(scopes, place.object.ID)
		}
		at := 0
		for found, err := range k.objects(c).FreshEach(ctx, scopes) {
			place := places[at]
			at++
			if err != nil {
				fail("list the "+k.noun+"s of "+k.in.info().label(place.object), err)
				return
			}
			for _, object := range present(found.Objects, retired) { // none where the container was deleted since it was listed
				if !yield(located[T]{place.path + "/" + object.Ref().Name, object}, nil) {
					return
				}
			}
		}
	}
}

func (k kind[T, M]) refs(ctx context.Context, c *client.Client, retired bool) iter.Seq2[located[client.Ref], error] {
	return func(yield func(located[client.Ref], error) bool) {
		for found, err := range k.everywhere(ctx, c, retired) {
			var ref client.Ref
			if err == nil {
				ref = found.object.Ref()
			}
			if !yield(located[client.Ref]{found.path, ref}, err) {
				return
			}
		}
	}
}

// placeError is an error of the client with the list that it comes from.
type placeError struct {
	what string
	err  error
}

func (e *placeError) Error() string { return e.err.Error() }

func (e *placeError) Unwrap() error { return e.err }
