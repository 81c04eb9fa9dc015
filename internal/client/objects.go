package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// Ref names one object: its id, the id of the object that contains it ("" for workspaces), and its name (a consumer's is its e-mail
// address). Among is the id of the object among whose no other has the name, where that is not all of Scope: a metric's data model.
type Ref struct{ ID, Scope, Among, Name string }

// namesake tells whether two objects of one kind and scope cannot be at one time.
func (r Ref) namesake(other Ref) bool {
	return r.Name == other.Name && strings.EqualFold(r.Among, other.Among)
}

// Object is what every kind of Cortex object has.
type Object interface {
	// Ref returns who the object is.
	Ref() Ref
	// complete tells whether an answer held everything that Cortex always sends.
	complete() bool
}

// Objects is all of Cortex's objects of one kind. A further kind is one more value of it.
type Objects[T Object] struct {
	kind
	client *Client

	before before

	inside    []ahead // what an object of this kind contains
	likely    []ahead // of that, what hardly any is without
	besides   []ahead // what is hardly missing where one of this kind is, and is read after it
	mu        sync.Mutex
	snapshots map[string]*snapshot[T] // by scope; see reads.go
	waves     map[string]*waves[T]    // by scope; see fresh.go
	seen      sync.Map                // what answers showed last, by id in lower case; see Seen
}

// ListNow asks for the objects in one scope (the id of the containing object, "" for workspaces), sorted by name, then id.
func (o *Objects[T]) ListNow(ctx context.Context, scope string) ([]T, error) {
	return o.ask(ctx, scope, o.client.maxRetries, nil)
}

// ask is ListNow with so many repetitions of each request at most, and with as many pages as more allows: see readList.
func (o *Objects[T]) ask(ctx context.Context, scope string, retries int, more func() bool) ([]T, error) {
	all, err := readList(ctx, o.client, o.kind, scope, retries, func(item T) string { return item.Ref().ID }, more)
	if err != nil {
		return nil, err
	}
	for _, item := range all {
		if err := o.check(item, "", scope); err != nil {
			return nil, o.client.unusable(http.MethodGet, o.at(o.list, scope, ""), err)
		}
	}
	all = slices.DeleteFunc(all, isDeleted)
	o.noteSeen(all...)
	SortByName(all)
	return all, nil
}

// SortByName sorts objects by name, then id.
func SortByName[T Object](all []T) {
	slices.SortFunc(all, func(a, b T) int {
		return cmp.Or(cmp.Compare(a.Ref().Name, b.Ref().Name), cmp.Compare(a.Ref().ID, b.Ref().ID))
	})
}

// Collection is the path, below the API's, that Cortex has the objects at: "/consumers/groups".
func (o *Objects[T]) Collection() string { return o.create }

// Delete removes the object; one that is gone already is no error. It does not look at what the object contains.
func (o *Objects[T]) Delete(ctx context.Context, ref Ref) error {
	o.seen.Delete(strings.ToLower(ref.ID))
	return o.client.remove(ctx, o.kind, ref)
}

// exchange sends a request about one object and returns the object that Cortex answers.
func (o *Objects[T]) exchange(ctx context.Context, method string, ref Ref, in any) (T, error) {
	var got, none T
	path := o.at(o.item, ref.Scope, ref.ID)
	if err := o.client.do(ctx, method, path, in, &got); err != nil {
		return none, err
	}
	if err := o.check(got, ref.ID, ""); err != nil {
		return none, o.client.unusable(method, path, err)
	}
	if is := got.Ref(); ref.Scope != "" && !strings.EqualFold(is.Scope, ref.Scope) {
		return none, &ElsewhereError{Noun: o.noun, Container: o.container, Ref: is, Said: ref.Scope}
	}
	if isDeleted(got) {
		return none, &Error{Method: method, URL: o.client.shown(path), Status: http.StatusOK, Class: NotFound, Missing: Missing{o.noun, ref.ID},
			Cause: fmt.Errorf("the %s was deleted; Cortex only keeps its row", o.noun), outage: &o.client.outage}
	}
	o.noteSeen(got)
	return got, nil
}

// isDeleted tells whether an answer shows what is no more: Cortex keeps some kinds' rows for ever.
func isDeleted[T Object](got T) bool {
	object, ok := any(got).(interface{ deleted() bool })
	return ok && object.deleted()
}

// Seen returns an object of a remembered kind as an answer of this run showed it last, or asks for it.
func (o *Objects[T]) Seen(ctx context.Context, ref Ref) (T, error) {
	if found, ok := o.remembered(ref.ID); ok {
		return found, nil
	}
	return o.GetNow(ctx, ref.Scope, ref.ID)
}

func (o *Objects[T]) remembered(id string) (T, bool) {
	value, _ := o.seen.Load(strings.ToLower(id))
	found, ok := value.(T)
	return found, ok
}

// Find returns an object in an environment of which nothing but the id is known. Where Cortex answers none without its environment, one that this
// run has not seen is looked for in each.
func (o *Objects[T]) Find(ctx context.Context, id string) (T, error) {
	var none T
	if found, ok := o.remembered(id); ok {
		return found, nil
	}
	all, err := o.client.Workspaces.Fresh(ctx, "")
	if err != nil {
		return none, err
	}
	var workspaces []string
	for _, w := range all {
		workspaces = append(workspaces, w.ID)
	}
	for in, err := range o.client.Environments.FreshEach(ctx, workspaces) {
		if err != nil {
			return none, err
		}
		for _, e := range in.Objects {
			found, err := o.GetNow(ctx, e.ID, id)
			var elsewhere *ElsewhereError
			if errors.As(err, &elsewhere) { // some releases do not look at the environment
				return o.GetNow(ctx, elsewhere.Ref.Scope, id)
			}
			if !IsGone(err, o.noun, id) {
				return found, err
			}
		}
	}
	return none, &Error{Method: http.MethodGet, URL: o.client.shown(o.at(o.item, "", id)), Status: http.StatusNotFound, Class: NotFound,
		Missing: Missing{o.noun, id}, Text: "no environment has it", outage: &o.client.outage}
}

func (o *Objects[T]) noteSeen(all ...T) {
	if !o.remembers {
		return
	}
	for _, object := range all {
		o.seen.Store(strings.ToLower(object.Ref().ID), object)
	}
}

// discreet is an object whose answers may leave values out, or mask them.
type discreet[T any] interface {
	// Revealed returns the object with the values of by that it does not show.
	Revealed(by T) T
}

func revealed[T Object](got, by T) T {
	if got, ok := any(got).(discreet[T]); ok {
		return got.Revealed(by)
	}
	return got
}

// check refuses an answer that is not a whole object of this kind, or another one than id or scope ("" is any) asks for.
func (o *Objects[T]) check(got T, id, scope string) error {
	ref := got.Ref()
	switch {
	case uuid.Validate(ref.ID) != nil || !got.complete():
		return fmt.Errorf("the answer is not a whole %s", o.noun)
	case id != "" && !strings.EqualFold(ref.ID, id):
		return fmt.Errorf("the answer is another %s, %s", o.noun, ref.ID)
	case scope != "" && !strings.EqualFold(ref.Scope, scope):
		return fmt.Errorf("the answer has %s %s of another place, %s", o.noun, ref.ID, ref.Scope)
	}
	return nil
}

func (o *Objects[T]) nameKey(ref Ref) string {
	return o.noun + "\x00" + ref.Scope + "\x00" + ref.Among + "\x00" + ref.Name
}

// unusable is the error for a success whose content cannot be used.
func (c *Client) unusable(method, path string, cause error) *Error {
	return &Error{Method: method, URL: c.shown(path), Status: http.StatusOK, Class: NotCortex, Cause: c.secrets.cleaned(cause), outage: &c.outage}
}

// shown is the URL of a path as messages show it.
func (c *Client) shown(path string) string { return c.secrets.without(c.base.String() + path) }

func namesakes[T Object](list []T, of Ref) []Ref {
	var refs []Ref
	for _, item := range list {
		if item.Ref().namesake(of) {
			refs = append(refs, item.Ref())
		}
	}
	return refs
}

// ElsewhereError says that an object is in another container than was said. Cortex never moves one.
type ElsewhereError struct {
	Noun      string // "environment"
	Container string // "workspace"
	Ref       Ref    // the object, and where it is
	Said      string // id of the container that was said
}

func (e *ElsewhereError) Error() string {
	return fmt.Sprintf("%s %s is in %s %s, not in %s", e.Noun, e.Ref.ID, e.Container, e.Ref.Scope, e.Said)
}
