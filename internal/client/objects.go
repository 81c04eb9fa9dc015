package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Ref names one object: its id, the id of the object that contains it ("" for workspaces), and its name.
type Ref struct{ ID, Scope, Name string }

// Object is what every kind of Cortex object has.
type Object[T any] interface {
	// Ref returns who the object is.
	Ref() Ref
	// Fulfils tells whether the object is what a create of want asked for.
	Fulfils(want T) bool
	// complete tells whether an answer held everything that Cortex always sends.
	complete() bool
}

// Patch is what every update has.
type Patch[T any] interface {
	// NewName returns the name that the update sets, nil when it keeps it.
	NewName() *string
	// FulfilledBy tells whether the object has what the update sets.
	FulfilledBy(T) bool
}

// Objects is all of Cortex's objects of one kind. A further kind is one more value of it.
type Objects[T Object[T], P Patch[T]] struct {
	client *Client
	// Noun is the kind as Cortex's messages and ours say it: "workspace".
	Noun string
	// path is the collection below /api/v1.
	path string
	// scopeParam is the query parameter that a list wants; "" when the kind has no container.
	scopeParam string
	// container is the noun of the kind that holds this one; "" when there is none.
	container string

	before before

	// See reads.go.
	askInside func(ctx context.Context, id string) // asks ahead for what this object contains; nil when nothing is
	mu        sync.Mutex
	snapshots map[string]*snapshot[T] // by scope
}

// ListNow asks for the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id.
func (o *Objects[T, P]) ListNow(ctx context.Context, scope string) ([]T, error) {
	return o.list(ctx, scope, o.client.maxRetries)
}

func (o *Objects[T, P]) list(ctx context.Context, scope string, retries int) ([]T, error) {
	var list []T
	path := o.path
	if o.scopeParam != "" {
		path += "?" + url.Values{o.scopeParam: {scope}}.Encode()
	}
	if err := o.client.try(ctx, retries, http.MethodGet, path, nil, &list); err != nil {
		return nil, err
	}
	for _, item := range list {
		if err := o.check(item, "", scope); err != nil {
			return nil, o.client.unusable(http.MethodGet, path, err)
		}
	}
	slices.SortFunc(list, func(a, b T) int {
		return cmp.Or(cmp.Compare(a.Ref().Name, b.Ref().Name), cmp.Compare(a.Ref().ID, b.Ref().ID))
	})
	return list, nil
}

// Update changes current by patch and returns the result. A rename onto a name that another object of the scope has is
// refused with *NameTakenError before anything is sent: Cortex would accept it and leave two of one name.
func (o *Objects[T, P]) Update(ctx context.Context, current T, patch P) (T, error) {
	var none T
	ref := current.Ref()
	if name := patch.NewName(); name != nil && *name != ref.Name {
		release, err := o.client.locks.acquire(ctx, o.nameKey(ref.Scope, *name))
		if err != nil {
			return none, err
		}
		defer release()
		list, err := o.ListNow(ctx, ref.Scope)
		if err != nil {
			return none, err
		}
		holders := named(list, *name)
		holders = slices.DeleteFunc(holders, func(h Ref) bool { return strings.EqualFold(h.ID, ref.ID) })
		if len(holders) > 0 {
			return none, &NameTakenError{Noun: o.Noun, Scope: ref.Scope, Name: *name, Holder: holders, Rename: true}
		}
	}
	updated, err := o.exchange(ctx, http.MethodPut, ref.ID, patch)
	if err != nil {
		return none, err
	}
	if !patch.FulfilledBy(updated) {
		return none, o.client.unusable(http.MethodPut, o.item(ref.ID),
			errors.New("the answer shows other values than were sent: somebody else changed the object at the same moment"))
	}
	return updated, nil
}

// Delete removes the object; one that is gone already is no error. It does not look at what the object contains.
func (o *Objects[T, P]) Delete(ctx context.Context, id string) error {
	err := o.client.do(ctx, http.MethodDelete, o.item(id), nil, nil)
	if IsGone(err, o.Noun, id) {
		return nil
	}
	return err
}

// exchange sends a request about one object and returns the object that Cortex answers.
func (o *Objects[T, P]) exchange(ctx context.Context, method, id string, in any) (T, error) {
	var got, none T
	if err := o.client.do(ctx, method, o.item(id), in, &got); err != nil {
		return none, err
	}
	if err := o.check(got, id, ""); err != nil {
		return none, o.client.unusable(method, o.item(id), err)
	}
	return got, nil
}

// check refuses an answer that is not a whole object of this kind, or another one than id or scope ("" is any) asks for.
func (o *Objects[T, P]) check(got T, id, scope string) error {
	ref := got.Ref()
	switch {
	case uuid.Validate(ref.ID) != nil || !got.complete():
		return fmt.Errorf("the answer is not a whole %s", o.Noun)
	case id != "" && !strings.EqualFold(ref.ID, id):
		return fmt.Errorf("the answer is another %s, %s", o.Noun, ref.ID)
	case scope != "" && !strings.EqualFold(ref.Scope, scope):
		return fmt.Errorf("the answer has %s %s of another place, %s", o.Noun, ref.ID, ref.Scope)
	}
	return nil
}

func (o *Objects[T, P]) item(id string) string { return o.path + "/" + url.PathEscape(id) }

func (o *Objects[T, P]) nameKey(scope, name string) string {
	return o.Noun + "\x00" + scope + "\x00" + name
}

// unusable is the error for a success whose content cannot be used.
func (c *Client) unusable(method, path string, cause error) *Error {
	return &Error{Method: method, URL: c.redact.Replace(c.base.String() + path), Status: http.StatusOK, Class: NotCortex, Cause: cause}
}

func named[T Object[T]](list []T, name string) []Ref {
	var refs []Ref
	for _, item := range list {
		if item.Ref().Name == name {
			refs = append(refs, item.Ref())
		}
	}
	return refs
}
