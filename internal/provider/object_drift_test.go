package provider_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

func TestObjectDrift(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			_, updated := s.computed()
			var id string
			body := config(p.Cortex, s.block(p, s.full))
			steps := []step{{config: body, applied: func() { id = s.only(p) }}}
			// repair adds a step in which somebody else changes some attributes and the next apply changes them back.
			repair := func(change attributes) {
				if _, said := change[s.json]; !said && s.json != "" {
					change = change.with(s.json, s.full[s.json]) // a PUT without may clear it
				}
				steps = append(steps, step{
					prepare: func() { s.changed(p, id, change); p.Reset() },
					config:  body,
					plan:    inPlan(action(s.address(), plancheck.ResourceActionUpdate), onlyUnknown(s.address(), updated...)),
					state:   s.inState(s.full),
					applied: func() {
						if wantWrites(t, p.Cortex, s.put()); !t.Failed() {
							back := attributes{}
							if change[s.key] != nil {
								back[s.key] = s.full[s.key]
							}
							s.wantUpdate(t, p.Writes()[0], s.update(p, s.full, back))
						}
						s.wantFields(p, id, s.full)
					},
				})
			}
			cleared := s.without(attributes{})
			for _, name := range slices.Sorted(maps.Keys(s.full)) {
				repair(attributes{name: s.other[name]})
				if _, required := s.minimal[name]; !required && name != s.json {
					cleared[name] = ""
				}
			}
			repair(s.other)
			repair(cleared)
			steps = append(steps,
				step{ // touched, without a change that matters
					prepare: func() { s.changed(p, id, s.other); s.changed(p, id, s.full); p.Reset() },
					config:  body,
					plan:    inPlan(plancheck.ExpectEmptyPlan()),
					applied: func() { wantWrites(t, p.Cortex) },
				})
			acceptance(t, steps...)
		})
	}
}

// What somebody else sets that the configuration does not is a drift too, and cleared; a text that is empty is none.
func TestObjectDriftOfNothing(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			var id string
			body := config(p.Cortex, s.block(p, s.minimal))
			set, cleared, empty := attributes{}, attributes{}, attributes{}
			for name, value := range s.full {
				if _, required := s.minimal[name]; required {
					continue
				}
				set[name], cleared[name], empty[name] = value, "", ""
			}
			cleared, empty = s.without(cleared), s.without(empty)
			steps := []step{
				{config: body, applied: func() { id = s.only(p) }},
				{
					prepare: func() { s.changed(p, id, set); p.Reset() },
					config:  body,
					plan:    inPlan(action(s.address(), plancheck.ResourceActionUpdate)),
					state:   s.inState(s.minimal),
					applied: func() {
						if wantWrites(t, p.Cortex, s.put()); !t.Failed() {
							s.wantUpdate(t, p.Writes()[0], s.update(p, s.minimal, cleared))
						}
						s.wantFields(p, id, s.minimal)
					},
				},
				{
					prepare: func() { s.changed(p, id, empty); p.Reset() },
					config:  body,
					plan:    inPlan(plancheck.ExpectEmptyPlan()),
					state:   s.inState(s.minimal),
					applied: func() { wantWrites(t, p.Cortex) },
				},
			}
			if s.nullable() {
				steps = append(steps, step{ // an empty object is something
					prepare: func() { s.changed(p, id, attributes{s.json: attributes{}}); p.Reset() },
					config:  body,
					plan:    inPlan(action(s.address(), plancheck.ResourceActionUpdate)),
					applied: func() { wantWrites(t, p.Cortex, s.put()) },
				})
			}
			acceptance(t, steps...)
		})
	}
}

// Without a refresh the state is old: an update that is sent for something else brings everything to what the configuration says, and
// blames nobody.
func TestObjectDriftUnread(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			for name, have := range map[string]attributes{"all that can be set": s.full, "only what has to be set": s.minimal} {
				for _, changed := range []string{s.key, map[string]string{"email": "first_name", "name": "description"}[s.key]} {
					e.write(s.block(p, have))
					e.run(apply...)
					drift := s.other.with(changed, nil)
					if changed == s.key {
						drift = drift.with(s.json, have[s.json]) // one run in which nothing but texts drifts
					}
					s.changed(p, s.only(p), drift)
					want := have.with(changed, s.other[changed])
					e.write(s.block(p, want))
					e.run("apply", "-auto-approve", "-refresh=false")
					s.wantFields(p, s.only(p), want)
					e.wantNoChanges()
					if t.Failed() {
						t.Fatalf("%s, of which %s changes", name, changed)
					}
				}
			}
			e.run(destroy...)
		})
	}
}
