package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// plural is the attribute with all objects in the data source of them.
func (s subject) plural() string { return strings.TrimPrefix(s.kind(), "cortex_") + "s" }

// shown are the attributes that data sources show.
func (s subject) shown() []string {
	if s.isMember() {
		return []string{"id", "environment_id", "group_id", "consumer_id"}
	}
	names := []string{"id", "environment_id", "created_at", "updated_at"}
	for name := range s.full {
		names = append(names, name)
	}
	return slices.AppendSeq(names, maps.Keys(s.shows))
}

// What the data sources show of an object is what the resource has of it.
func TestObjectDataSources(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			var body strings.Builder
			body.WriteString(s.block(p, s.full))
			data := func(name string, a attributes) {
				fmt.Fprintf(&body, "data %q %q {\n%s}\n", s.kind(), name, a.hcl())
			}
			by := []string{"by_id"}
			if s.isMember() {
				data("by_id", attributes{"group_id": expression(s.address() + ".group_id"), "consumer_id": expression(s.address() + ".consumer_id")})
			} else {
				data("by_id", s.by(p, expression(s.address()+".id")))
				data("by_key", attributes{"environment_id": p.environment.ID, s.key: expression(s.address() + "." + s.key)})
				by = append(by, "by_key")
			}
			fmt.Fprintf(&body, "data \"%ss\" \"test\" {\n  environment_id = %q\n  depends_on = [%s]\n}\n", s.kind(), p.environment.ID, s.address())
			fmt.Fprintf(&body, "output \"one\" {\n  value = [for o in data.%ss.test.%s : o if o.id == %s.id]\n}\n", s.kind(), s.plural(), s.address())

			var checks []statecheck.StateCheck
			listed := map[string]knownvalue.Check{}
			for _, name := range s.shown() {
				for _, by := range by {
					checks = append(checks, statecheck.CompareValuePairs("data."+s.kind()+"."+by, path(name), s.address(), path(name), compare.ValuesSame()))
				}
				listed[name] = knownvalue.NotNull()
				if there, may := s.shows[name]; may && !there {
					listed[name] = knownvalue.Null()
				}
			}
			checks = append(checks, statecheck.ExpectKnownOutputValue("one", knownvalue.ListExact([]knownvalue.Check{knownvalue.ObjectExact(listed)})))
			acceptance(t, step{config: config(p.Cortex, body.String()), state: checks})
		})
	}
}

// What an object does not have is null in its data source, as after an import.
func TestObjectDataSourceOfLittle(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			id := s.made(p, s.full)
			change := s.without(attributes{})
			var checks []statecheck.StateCheck
			for name := range s.full {
				if _, required := s.minimal[name]; required {
					continue
				}
				if name != s.json {
					change[name] = ""
				} else if !s.nullable() {
					checks = append(checks, hasText("data."+s.address(), name, "{}"))
					continue
				}
				checks = append(checks, has("data."+s.address(), name, knownvalue.Null()))
			}
			s.changed(p, id, change)
			acceptance(t, step{
				config: config(p.Cortex, fmt.Sprintf("data %q \"test\" {\n%s}\n", s.kind(), s.by(p, id).hcl())),
				state:  checks,
			})
		})
	}
}

// A data source finds a consumer by each spelling of its address.
func TestConsumerDataSourceSpellings(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	var body strings.Builder
	var checks []statecheck.StateCheck
	for i, all := range spellings {
		id := theConsumers.made(p, theConsumers.minimal.with("email", all[0]))
		for j, email := range all {
			name := fmt.Sprintf("c%d_%d", i, j)
			fmt.Fprintf(&body, "data \"cortex_consumer\" %q {\n  environment_id = %q\n  email = %q\n}\n", name, p.environment.ID, email)
			checks = append(checks, hasText("data.cortex_consumer."+name, "id", id))
		}
	}
	acceptance(t, step{config: config(p.Cortex, body.String()), state: checks})
}

// Lists are sorted by name, then by id, whatever order Cortex has, and are empty lists when there is nothing.
func TestObjectDataSourceLists(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{Database: cortextest.PostgreSQL}))
			data := "data." + s.kind() + "s.test"
			body := config(p.Cortex, fmt.Sprintf("data \"%ss\" \"test\" {\n  environment_id = %q\n}\n", s.kind(), p.environment.ID))
			var want []knownvalue.Check
			id := func(id string) {
				want = append(want, knownvalue.ObjectPartial(map[string]knownvalue.Check{"id": knownvalue.StringExact(id)}))
			}
			acceptance(t,
				step{config: body, state: []statecheck.StateCheck{has(data, s.plural(), knownvalue.ListExact(nil))}},
				step{
					prepare: func() {
						ids := make([]string, 12)
						for i := range ids {
							n := (5 * i) % len(ids)
							switch {
							case s.isMember():
								group := p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": fmt.Sprintf("g%02d", n)}).ID
								p.AddMember(group, p.consumer())
								ids[n] = group + "/" + p.consumer()
							case s.key == "email":
								ids[n] = s.made(p, s.minimal.with("email", fmt.Sprintf("c%02d@example.com", n)))
							default:
								ids[n] = s.made(p, s.minimal.with(s.key, fmt.Sprintf("n%02d", n)))
							}
						}
						for _, one := range ids {
							id(one)
						}
					},
					config: body,
					state: []statecheck.StateCheck{statecheckFunc(func() statecheck.StateCheck {
						return has(data, s.plural(), knownvalue.ListExact(want))
					})},
				},
			)
		})
	}
}

func TestObjectDataSourceErrors(t *testing.T) {
	t.Parallel()
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{})) // alone: the messages list what there is
	const missing = "00000000-0000-4000-8000-000000000000"
	notThere := func(path, sentence, noun string) string {
		return fmt.Sprintf("GET %s/api/v1%s: status 404: %s.\n\nCortex does not have the %s %s that the request is about. Plan again; if another part of the "+
			"configuration names this id, correct it there.", p.URL(), path, sentence, noun, missing)
	}
	e := newEngine(t, p.Cortex)
	for _, s := range editable {
		e.write(fmt.Sprintf("data %q \"test\" {\n  environment_id = %q\n  %s = %q\n}\n", s.kind(), p.environment.ID, s.key, s.minimal[s.key]))
		want := fmt.Sprintf("Cannot find %s in environment %s", s.label(""), p.environment.ID)
		e.wantProblems(plan, problem{Summary: want, Detail: "There is no " + s.noun + " at all."})
		id := s.made(p, s.other)
		e.wantProblems(plan, problem{Summary: want, Detail: fmt.Sprintf("There is no such %s; there are:\n  - %s %q (%s)\n", s.noun, s.noun, s.other[s.key], id)})

		e.write(fmt.Sprintf("data %q \"test\" {\n%s}\n", s.kind(), s.by(p, missing).hcl()))
		if s.scoped {
			e.wantProblems(plan, problem{
				Summary: "Cannot find " + s.noun + " " + missing + " in environment " + p.environment.ID,
				Detail:  notThere(s.at(p, missing), s.missing(p, missing), s.noun),
			})
			continue
		}
		e.wantProblems(plan, problem{
			Summary: "Cannot find " + s.noun + " " + missing,
			Detail:  notThere(s.path+"/"+missing, s.missing(p, missing), s.noun),
		})
	}
	for _, s := range subjects {
		path := "/environments/" + missing
		if !s.unlisted {
			path += map[string]string{"consumer": "/consumers", "consumer group": "/consumers/groups", "consumer group member": "/consumers",
				"data source": "/data/sources"}[s.noun]
		}
		e.write(fmt.Sprintf("data \"%ss\" \"test\" {\n  environment_id = %q\n}\n", s.kind(), missing))
		e.wantProblems(plan, problem{
			Summary: "Cannot list the " + s.noun + "s of environment " + missing,
			Detail:  notThere(path, "Environment with ID "+missing+" does not exist in the database", "environment"),
		})
	}

	var twins []string
	for _, name := range []string{"one", "two"} {
		twins = append(twins, p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": name}).ID)
	}
	p.UpdateConsumerGroup(twins[1], map[string]any{"name": "one"})
	if twins[0] > twins[1] {
		twins[0], twins[1] = twins[1], twins[0]
	}
	e.write(fmt.Sprintf("data \"cortex_consumer_group\" \"test\" {\n  environment_id = %q\n  name = \"one\"\n}\n", p.environment.ID))
	e.wantProblems(plan, problem{
		Summary: "Cannot find consumer group \"one\" in environment " + p.environment.ID,
		Detail:  fmt.Sprintf("There are several; choose one by its id:\n  - consumer group \"one\" (%s)\n  - consumer group \"one\" (%s)\n", twins[0], twins[1]),
	})

	// A consumer that is not in the group, and one that is not there.
	for consumer, want := range map[string]string{
		p.consumer(): fmt.Sprintf("GET %s/api/v1/consumers/%s: status 200: the consumer is not in the group.", p.URL(), p.consumer()),
		missing:      fmt.Sprintf("GET %s/api/v1/consumers/%s: status 404: Consumer with ID %[2]s does not exist.", p.URL(), missing),
	} {
		e.write(fmt.Sprintf("data \"cortex_consumer_group_member\" \"test\" {\n  group_id = %q\n  consumer_id = %q\n}\n", p.group(), consumer))
		e.wantProblems(plan, problem{
			Summary: "Cannot find consumer group member " + p.group() + "/" + consumer,
			Detail: want + fmt.Sprintf("\n\nCortex does not have the consumer group member %s/%s that the request is about. Plan again; if another part of the configuration names this "+
				"id, correct it there.", p.group(), consumer),
		})
	}
	wantWrites(t, p.Cortex)
}
