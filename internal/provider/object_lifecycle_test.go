package provider_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
)

// onlyUnknown checks that a plan knows every attribute of a resource but these.
func onlyUnknown(address string, want ...string) plancheck.PlanCheck {
	return planCheck(func(req plancheck.CheckPlanRequest) error {
		for _, change := range req.Plan.ResourceChanges {
			if change.Address != address {
				continue
			}
			after, _ := change.Change.AfterUnknown.(map[string]any)
			var got []string
			for _, name := range slices.Sorted(maps.Keys(after)) {
				if after[name] == true {
					got = append(got, name)
				}
			}
			if !slices.Equal(got, want) {
				return fmt.Errorf("known after apply are %q of %s, want %q", got, address, want)
			}
			return nil
		}
		return fmt.Errorf("%s is not in the plan", address)
	})
}

type planCheck func(plancheck.CheckPlanRequest) error

func (f planCheck) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = f(req)
}

// inState checks the attributes of a resource: those that s knows and want lacks are null.
func (s subject) inState(want attributes) (checks []statecheck.StateCheck) {
	want = s.unsaid().merged(want)
	for name := range s.full {
		var check knownvalue.Check = knownvalue.Null()
		switch value := want[name].(type) {
		case nil:
		case string:
			check = knownvalue.StringExact(value)
		default:
			check = knownvalue.StringFunc(func(text string) error {
				if got := jsonOf(decoded(text)); got != jsonOf(value) {
					return fmt.Errorf("it is %s", got)
				}
				return nil
			})
		}
		checks = append(checks, has(s.address(), name, check))
	}
	return checks
}

// After every step acceptance plans again, and fails when the plan is not empty.
func TestObjectLifecycle(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			address, id := s.address(), path("id")
			made, updated := s.computed()
			sameID, newID := statecheck.CompareValue(compare.ValuesSame()), statecheck.CompareValue(compare.ValuesDiffer())
			sameBirth := statecheck.CompareValue(compare.ValuesSame())
			now := s.minimal

			steps := []step{{ // the least that it takes
				config: config(p.Cortex, s.block(p, now)),
				plan: inPlan(action(address, plancheck.ResourceActionCreate), onlyUnknown(address, made...),
					planned(address, "environment_id", knownvalue.StringExact(p.environment.ID))),
				state: append(s.inState(now), hasText(address, "environment_id", p.environment.ID),
					has(address, "id", knownvalue.StringRegexp(uuidPattern)), has(address, "created_at", knownvalue.StringRegexp(stampPattern)),
					has(address, "updated_at", knownvalue.StringRegexp(stampPattern)), sameID.AddStateValue(address, id), newID.AddStateValue(address, id),
					sameBirth.AddStateValue(address, path("created_at"))),
				applied: func() {
					wantWrites(t, p.Cortex, s.post())
					wantBody(t, p.Writes()[0], s.create(p, s.minimal))
					s.wantFields(p, s.only(p), s.minimal)
				},
			}}
			// change adds a step that changes some attributes, for which one PUT is sent, or none if these are nil.
			change := func(to, changed attributes) {
				now = to
				body := changed
				if body != nil {
					body = s.update(p, to, changed)
				}
				next := step{
					prepare: p.Reset,
					config:  config(p.Cortex, s.block(p, to)),
					plan:    inPlan(action(address, plancheck.ResourceActionUpdate), onlyUnknown(address, updated...)),
					state: append(s.inState(to), sameID.AddStateValue(address, id),
						sameBirth.AddStateValue(address, path("created_at"))),
					applied: func() {
						if body == nil {
							wantWrites(t, p.Cortex)
						} else if wantWrites(t, p.Cortex, s.put()); !t.Failed() {
							s.wantUpdate(t, p.Writes()[0], body)
						}
						s.wantFields(p, s.only(p), to)
					},
				}
				if body == nil {
					next.plan = inPlan(action(address, plancheck.ResourceActionUpdate), onlyUnknown(address))
				}
				steps = append(steps, next)
			}
			for _, name := range slices.Sorted(maps.Keys(s.full)) { // each by itself
				change(now.with(name, s.other[name]), attributes{name: s.other[name]})
			}
			change(s.full, s.full) // all at once
			// What may be left out, cleared and set again. No text and an empty one are the same to Cortex, no object and {} are not.
			set, cleared, empty := attributes{}, s.without(attributes{}), attributes{}
			if s.json != "" {
				empty[s.json] = attributes{}
			}
			for name := range s.full {
				if _, required := s.minimal[name]; required {
					continue
				}
				if set[name] = s.full[name]; name != s.json {
					cleared[name], empty[name] = "", ""
				}
			}
			least := s.full
			for name := range set {
				least = least.with(name, nil)
			}
			change(least, cleared)
			if s.nullable() {
				change(least.merged(empty), attributes{s.json: attributes{}})
			}
			change(s.full, set)
			change(s.full.merged(empty), empty)
			if s.nullable() {
				change(least.merged(empty).with(s.json, nil), attributes{s.json: nil})
			}
			change(least, nil)
			change(least.merged(empty).with(s.json, nil), nil)
			another := p.CreateEnvironment(p.workspace.ID, "another", nil)
			steps = append(steps,
				step{ // another environment is another object
					prepare: p.Reset,
					config:  config(p.Cortex, s.block(p, s.full.merged(s.in(p, another.ID)))),
					plan: inPlan(action(address, plancheck.ResourceActionDestroyBeforeCreate),
						onlyUnknown(address, made...)),
					state: append(s.inState(s.full), newID.AddStateValue(address, id), hasText(address, "environment_id", another.ID)),
					applied: func() {
						wantWrites(t, p.Cortex, s.remove(), s.post())
						wantBody(t, p.Writes()[1], s.create(p, s.full).merged(s.in(p, another.ID)))
						if left := s.all(p); len(left) > 0 {
							t.Errorf("%q are left behind", left)
						}
						p.Reset()
					},
				},
				step{
					config:  config(p.Cortex, s.block(p, s.full.merged(s.in(p, another.ID)))),
					destroy: true,
					applied: func() { wantWrites(t, p.Cortex, s.remove()) },
				})
			acceptance(t, steps...)
		})
	}
}

// A value that only the apply knows changes nothing of this: what is sent is what is different then.
func TestObjectOfUnknownValues(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			source := func(text string) string {
				return fmt.Sprintf("resource \"terraform_data\" \"source\" {\n  triggers_replace = %q\n  input = \"Anvils\"\n}\n", text)
			}
			block, want := s.minimal.with("description", expression("terraform_data.source.output")), s.minimal.with("description", "Anvils")
			if s.json != "" {
				block = s.minimal.with(s.json, expression(`jsonencode({ a = [terraform_data.source.output] })`))
				want = s.minimal.with(s.json, attributes{"a": []any{"Anvils"}})
			}
			e := newEngine(t, p.Cortex)
			e.write(source("one") + s.block(p, block))
			e.run(apply...)
			s.wantFields(p, s.only(p), want)
			p.Reset()
			e.write(source("two") + s.block(p, block)) // unknown until it is applied, and then the same
			e.run(apply...)
			wantWrites(t, p.Cortex)
			e.wantNoChanges()
			e.run(destroy...)
		})
	}
}
