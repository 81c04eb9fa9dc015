package chaos

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// server reads the objects of this world from the server.
func (w *world) server() map[string]object {
	objects := map[string]object{}
	w.list(objects, workspace, "")
	for id, o := range maps.Clone(w.known) {
		var shown map[string]any
		if _, listed := objects[id]; listed {
			continue
		}
		delete(w.known, id)
		if w.get(o.path(), id, &shown) {
			w.take(objects, o.kind, shown)
		}
	}
	return objects
}

// list takes the objects of one kind in one place.
func (w *world) list(objects map[string]object, k *kind, scope string) {
	var answer json.RawMessage
	w.get(k.listIn(scope), "", &answer)
	if k.inside != "" {
		var page map[string]json.RawMessage
		_ = json.Unmarshal(answer, &page) // see below
		answer = page[k.inside]
	}
	var all []map[string]any
	if err := json.Unmarshal(answer, &all); err != nil || k.inside != "" && len(all) >= pageSize {
		w.failf("the list of %ss cannot be read: %d on one page, %v: %s", k.noun, len(all), err, answer)
	}
	for _, shown := range all {
		if o := k.object(shown); k != workspace || strings.HasPrefix(o.name, w.prefix) {
			w.take(objects, k, shown)
		}
	}
}

// pageSize is how many objects a page has at most.
const pageSize = 100

// take adds an object, and what is in it. Data models that were deleted stay in Cortex, and are not active; what was retired is gone, but has to
// be empty.
func (w *world) take(objects map[string]object, k *kind, shown map[string]any) {
	o := k.object(shown)
	switch {
	case k == dataModel && shown["is_active"] == false:
		return
	case !o.isRetired():
		objects[o.id], w.known[o.id] = o, o
	case k == workspace: // in no list of this world, by its name
		w.known[o.id] = o
	}
	for _, inside := range kinds {
		if inside.in == k && inside.list != "" && !w.lacks(inside) {
			w.list(objects, inside, o.id)
		}
	}
	groups, _ := shown["groups"].([]any)
	for _, group := range groups {
		group, _ := group.(map[string]any)
		m := membership(group["id"].(string), o.id, o.scope)
		objects[m.id] = m
	}
}

// membership is one as the state has it: Cortex shows it nowhere by itself.
func membership(group, consumer, environment string) object {
	return member.object(map[string]any{"id": group + "/" + consumer, "group_id": group, "consumer_id": consumer, "environment_id": environment})
}

// get asks for what a path shows; it returns false where Cortex says that the object with this id is not there.
func (w *world) get(path, id string, into any) bool {
	status, answer := w.cortex.Do(http.MethodGet, path, nil)
	if status >= 400 && id != "" && bytes.Contains(answer, []byte(" with ID "+id)) {
		return false
	}
	if err := json.Unmarshal(answer, into); status != http.StatusOK || err != nil {
		w.failf("GET %s: status %d: %s", path, status, answer)
	}
	return true
}

// send asks for a change behind Terraform's back.
func (w *world) send(method, path string, body map[string]any) (shown map[string]any) {
	status, answer := w.cortex.Do(method, path, body)
	if err := json.Unmarshal(answer, &shown); status/100 != 2 || err != nil {
		w.failf("%s %s %v behind Terraform's back: status %d: %s", method, path, body, status, answer)
	}
	return shown
}

// change changes an object behind Terraform's back.
func (w *world) change(o object, change map[string]any) object {
	body := map[string]any{}
	if o.kind.replaces {
		w.get(o.path(), "", &body)
	}
	maps.Copy(body, change)
	if o.kind.located {
		body["environment_id"] = o.scope
	}
	return o.kind.object(w.send(http.MethodPut, o.path(), body))
}

// makeByHand makes an object as somebody else does; refs are the ids of what it refers to, "" for nothing.
func (w *world) makeByHand(k *kind, refs ...string) object {
	body := map[string]any{}
	for i, id := range refs {
		if r := k.refs[i]; id != "" && r.inside == "" {
			body[r.attribute] = id
		}
	}
	if k == member {
		w.send(http.MethodPost, memberships(refs[0]), body)
		return w.server()[refs[0]+"/"+refs[1]]
	}
	body[k.key] = k.call(w.unique("by hand"))
	maps.Copy(body, k.fixed)
	for _, f := range k.fields {
		name, value := f.byHand()
		for i, id := range refs {
			if id != "" && k.refs[i].inside == f.name {
				value = json.RawMessage(withMetric(canonical(value), quote(id)))
			}
		}
		body[name] = value
	}
	o := k.object(w.send(http.MethodPost, k.path, body))
	if k.replaces {
		return w.change(o, body)
	}
	return o
}

// deleteByHand deletes an object as somebody else does. What is in it goes first or, where that can be, stays behind.
func (w *world) deleteByHand(o object, orphans bool) {
	objects := byName(w.server())
	for _, k := range slices.Backward(kinds) {
		for _, inside := range objects {
			if inside.kind == k && (inside.scope == o.id || inside.among == o.id) &&
				(!orphans || w.cortex.Database() == cortextest.PostgreSQL && o.kind != dataModel) {
				w.deleteByHand(inside, orphans)
			}
		}
	}
	w.cortex.Do(http.MethodDelete, o.path(), nil)
}

// byName puts objects in an order that is the same in every run.
func byName(objects map[string]object) []object {
	return slices.SortedFunc(maps.Values(objects), func(a, b object) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
}
