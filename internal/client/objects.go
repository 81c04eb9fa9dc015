package client

import (
	"cmp"
	"context"
	"slices"
)

// Ref names one object: its id, the id of the object that contains it ("" for workspaces), and its name.
type Ref struct{ ID, Scope, Name string }

// Object is what every kind of Cortex object has.
type Object[T any] interface {
	// Ref returns who the object is.
	Ref() Ref
	// Fulfils tells whether the object is what a create of want asked for.
	Fulfils(want T) bool
}

// Patch is what every update has.
type Patch interface {
	// NewName returns the name that the update sets, nil when it keeps it.
	NewName() *string
}

// Objects is all of Cortex's objects of one kind. A further kind is one more value of it.
type Objects[T Object[T], P Patch] struct {
	client *Client
	// Noun is the kind as Cortex's messages and ours say it: "workspace".
	Noun string
	// path is the collection below /api/v1.
	path string
	// scopeParam is the query parameter that a list wants; "" when the kind has no container.
	scopeParam string
}

// Get returns one object. A missing one is an error for which IsGone is true.
func (o *Objects[T, P]) Get(ctx context.Context, id string) (T, error) { panic("todo") }

// List returns the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id.
func (o *Objects[T, P]) List(ctx context.Context, scope string) ([]T, error) { panic("todo") }

// Create makes want (its ID and times are ignored) and returns what Cortex made. It never leaves an object unnoticed
// behind: see create.go. Besides *Error it returns *NameTakenError and *UnsettledError.
func (o *Objects[T, P]) Create(ctx context.Context, want T) (T, error) { panic("todo") }

// Update changes current by patch and returns the result. A rename onto a name that another object of the scope has is
// refused with *NameTakenError before anything is sent.
func (o *Objects[T, P]) Update(ctx context.Context, current T, patch P) (T, error) { panic("todo") }

// Delete removes the object; one that is gone already is no error. It does not look at what the object contains.
func (o *Objects[T, P]) Delete(ctx context.Context, id string) error { panic("todo") }

func sortByName[T Object[T]](list []T) {
	slices.SortFunc(list, func(a, b T) int {
		return cmp.Or(cmp.Compare(a.Ref().Name, b.Ref().Name), cmp.Compare(a.Ref().ID, b.Ref().ID))
	})
}
