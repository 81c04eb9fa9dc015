package client

import (
	"cmp"
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
	ref, renamed := have.Ref(), have.Ref()
	renamed.Name = want.Ref().Name
	if renamed != ref {
		release, err := o.client.locks.acquire(ctx, o.nameKey(renamed))
		if err != nil {
			return updated, err
		}
		defer release()
		over := o.client.names.depart(o.noun, ref.ID, renamed.Name)
		defer func() { over(err == nil) }()
		if err := o.free(ctx, renamed, true); err != nil {
			return updated, err
		}
	}
	if err := ready(ctx, o.client, want, have); err != nil {
		return updated, err
	}
	return o.put(ctx, ref, want, o.changes(have, want))
}

// free returns nil once no other object has the name that ref is to get, by a rename or a create.
func (o *Objects[T]) free(ctx context.Context, ref Ref, rename bool) error {
	for {
		mark := o.client.names.mark()
		list, err := o.Fresh(ctx, ref.Scope)
		if err != nil {
			return err
		}
		holders := slices.DeleteFunc(namesakes(list, ref), func(h Ref) bool { return strings.EqualFold(h.ID, ref.ID) })
		if len(holders) == 0 {
			return nil
		}
		if !o.client.names.await(ctx, o.noun, ref.ID, ref.Name, holders, mark) {
			return &NameTakenError{Noun: o.noun, Key: o.keyName(), Scope: ref.Scope, Name: ref.Name, Holder: holders, Rename: rename}
		}
	}
}

// put sends one update and returns what it made of the object. An answer that shows something else than was sent is an error.
func (o *Objects[T]) put(ctx context.Context, ref Ref, want T, changes map[string]any) (T, error) {
	var none T
	body, err := o.body(ctx, ref, changes)
	if err != nil {
		return none, err
	}
	updated, err := o.exchange(ctx, http.MethodPut, ref, body)
	ctx = context.WithoutCancel(ctx) // Ctrl-C ends no update between two of its steps
	if value, said := changes[o.merges]; err == nil && said && !alike(o.merges, fields(updated)[o.merges], value) {
		updated, err = o.putWhole(ctx, ref, body)
	}
	if err != nil {
		return none, err
	}
	if aside := putAside(body, changes, fields(updated)); aside != nil {
		if _, err = o.exchange(ctx, http.MethodPut, ref, aside); err == nil {
			updated, err = o.exchange(ctx, http.MethodPut, ref, body)
		}
		if err != nil {
			return none, err
		}
	}
	updated = revealed(updated, want)
	shown := fields(updated)
	for name, value := range changes {
		if !alike(name, shown[name], value) {
			err := o.client.unusable(http.MethodPut, o.at(o.item, ref.Scope, ref.ID),
				errors.New("the answer shows other values than were sent: somebody else changed the object at the same moment"))
			err.Class = Interfered
			return none, err
		}
	}
	return updated, nil
}

// body returns the body of the PUT that makes these changes.
func (o *Objects[T]) body(ctx context.Context, ref Ref, changes map[string]any) (map[string]any, error) {
	body := changes
	if o.replaces {
		var has json.RawMessage
		path := o.at(o.item, ref.Scope, ref.ID)
		if err := o.client.do(ctx, http.MethodGet, path, nil, &has); err != nil {
			return nil, err
		}
		var object T
		err := json.Unmarshal(has, &object)
		if err == nil {
			err = o.check(object, ref.ID, ref.Scope)
		}
		value, decodeErr := decodeJSON(has)
		if err = cmp.Or(err, decodeErr); err != nil {
			return nil, o.client.unusable(http.MethodGet, path, err)
		}
		said, _ := value.(map[string]any)
		for _, name := range fixedFields {
			delete(said, name)
		}
		body, _ = upon("", said, changes).(map[string]any)
	}
	if o.located {
		body = maps.Clone(body)
		body[o.container+"_id"] = ref.Scope
	}
	return body, nil
}

// putAside returns a body that has to be sent before body, because Cortex lost a part of that: it keeps an old value that Python
// takes for equal to the new one (1 and true), unless something else differs in the same field. nil when nothing was lost.
func putAside(body, changes, shown map[string]any) map[string]any {
	lost := false
	aside := maps.Clone(body)
	for name, want := range changes {
		if !alike(name, shown[name], want) && alike(name, withoutBooleans(shown[name]), withoutBooleans(want)) {
			lost = true
			aside[name] = otherwise(name, body[name])
		}
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
		if _, kept := after[name]; !kept && !alike(name, before[name], nil) {
			body[name] = ""
		}
	}
	for name, value := range after {
		if !alike(name, before[name], value) {
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

// fixedFields are those that no update says: Cortex sets them, or they are what an object is in for ever.
var fixedFields = []string{"id", "workspace_id", "environment_id", "created_at", "updated_at", "groups", "source_catalog", "source_type",
	"is_active", "data_model_id", "version"}

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
