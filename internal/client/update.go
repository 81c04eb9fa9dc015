package client

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Changes tells whether an update from have to want sends anything: whether they differ in what Cortex keeps.
func (o *Objects[T]) Changes(have, want T) bool { return len(o.changes(have, want)) > 0 }

// Update makes want of have and returns the result. A rename onto a name that another object of the scope has is refused with
// *NameTakenError before anything is sent: Cortex would accept it and leave two of one name.
//
// have may be old: what the answer shows to be other than wanted, though have said that it was not, is a change of its own. A result
// that still differs from want is somebody else's doing at this very moment.
func (o *Objects[T]) Update(ctx context.Context, have, want T) (T, error) {
	updated, err := o.update(ctx, have, want)
	if err == nil && o.Changes(updated, want) {
		updated, err = o.update(ctx, updated, want)
	}
	return updated, err
}

// update is one step of Update.
func (o *Objects[T]) update(ctx context.Context, have, want T) (updated T, err error) {
	ref, name := have.Ref(), want.Ref().Name
	if name != ref.Name {
		release, err := o.client.locks.acquire(ctx, o.nameKey(ref.Scope, name))
		if err != nil {
			return updated, err
		}
		defer release()
		over := o.client.names.depart(o.noun, ref.ID, name)
		defer func() { over(err == nil) }()
		if err := o.free(ctx, ref, name); err != nil {
			return updated, err
		}
	}
	return o.put(ctx, ref, want, o.changes(have, want))
}

// free returns nil once no other object has the name that ref is to get.
func (o *Objects[T]) free(ctx context.Context, ref Ref, name string) error {
	for {
		mark := o.client.names.mark()
		list, err := o.ListNow(ctx, ref.Scope)
		if err != nil {
			return err
		}
		holders := slices.DeleteFunc(named(list, name), func(h Ref) bool { return strings.EqualFold(h.ID, ref.ID) })
		if len(holders) == 0 {
			return nil
		}
		if !o.client.names.await(ctx, o.noun, ref.ID, name, holders, mark) {
			return &NameTakenError{Noun: o.noun, Key: o.keyName(), Scope: ref.Scope, Name: name, Holder: holders, Rename: true}
		}
	}
}

// put sends one update and returns what it made of the object. An answer that shows something else than was sent is an error.
func (o *Objects[T]) put(ctx context.Context, ref Ref, want T, body map[string]any) (T, error) {
	var none T
	updated, err := o.exchange(ctx, http.MethodPut, ref, body)
	if err != nil {
		return none, err
	}
	if aside := putAside(body, fields(updated)); aside != nil {
		if _, err = o.exchange(ctx, http.MethodPut, ref, aside); err == nil {
			updated, err = o.exchange(ctx, http.MethodPut, ref, body)
		}
		if err != nil {
			return none, err
		}
	}
	updated = revealed(updated, want)
	shown := fields(updated)
	for name, value := range body {
		if !alike(shown[name], value) {
			err := o.client.unusable(http.MethodPut, o.at(o.item, ref.Scope, ref.ID),
				errors.New("the answer shows other values than were sent: somebody else changed the object at the same moment"))
			err.Class = Interfered
			return none, err
		}
	}
	return updated, nil
}

// putAside returns a change that has to come before body, because Cortex lost a part of that: it keeps an old value that Python
// takes for equal to the new one (1 and true), unless something else differs in the same field. nil when nothing was lost.
func putAside(body, shown map[string]any) map[string]any {
	lost := false
	aside := maps.Clone(body)
	for name, want := range body {
		object, ok := want.(map[string]any)
		if !ok || same(want, shown[name]) || !equalInPython(want, shown[name]) {
			continue
		}
		lost = true
		key := "_"
		for _, taken := object[key]; taken; _, taken = object[key] {
			key += "_"
		}
		object = maps.Clone(object)
		object[key] = json.Number("0")
		aside[name] = object
	}
	if !lost {
		return nil
	}
	return aside
}

// changes returns the body of the PUT that makes want of have; it is empty when Cortex has nothing to do. A body says everything that
// want has, whether have says that it changed or not: have may be old (-refresh=false). Only a name is not said but to be changed, since
// another object may have it by now. Cortex keeps what a PUT does not say, and a null too, so that a text is cleared by "".
func (o *Objects[T]) changes(have, want T) map[string]any {
	before, after := fields(have), fields(want)
	body := map[string]any{}
	for name := range before {
		if _, kept := after[name]; !kept && !alike(before[name], nil) {
			body[name] = ""
		}
	}
	for name, value := range after {
		if !alike(before[name], value) {
			body[name] = value
		}
	}
	if _, renamed := body[o.key]; len(body) > 0 {
		maps.Copy(body, after)
		if !renamed {
			delete(body, o.key)
		}
	}
	return body
}

// alike compares two values of a field. No text and an empty one are the same.
func alike(a, b any) bool {
	none := func(v any) bool { return v == nil || v == "" }
	return none(a) && none(b) || same(a, b)
}

// fixedFields are those that no update says: Cortex sets them, or they are what an object is in for ever.
var fixedFields = []string{"id", "workspace_id", "environment_id", "created_at", "updated_at", "groups", "source_catalog", "source_type"}

// fields returns what an update may say of an object.
func fields(object any) map[string]any {
	encoded, err := json.Marshal(object)
	if err != nil {
		panic(err) // the kinds are plain data
	}
	value, err := decodeJSON(encoded)
	if err != nil {
		panic(err)
	}
	all, _ := value.(map[string]any)
	for _, name := range fixedFields {
		delete(all, name)
	}
	return all
}
