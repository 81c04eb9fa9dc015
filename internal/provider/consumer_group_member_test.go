package provider_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

const theMember = "cortex_consumer_group_member.test"

// members is a configuration of two consumers, two groups, and the membership of one of each.
func members(p *place, group, consumer string) string {
	var b strings.Builder
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, "resource \"cortex_consumer\" %q {\n  environment_id = %q\n  email = \"%s@example.com\"\n  first_name = \"\"\n  last_name = \"\"\n}\n", name, p.environment.ID, name)
		fmt.Fprintf(&b, "resource \"cortex_consumer_group\" %q {\n  environment_id = %q\n  name = %q\n}\n", name, p.environment.ID, name)
	}
	if group != "" {
		fmt.Fprintf(&b, "resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = cortex_consumer_group.%s.id\n  consumer_id = cortex_consumer.%s.id\n}\n", group, consumer)
	}
	return b.String()
}

// memberNames are all memberships in p, such as "a/b@example.com".
func memberNames(p *place) (names []string) {
	for _, c := range p.Consumers(p.environment.ID) {
		for _, g := range c.Groups {
			names = append(names, g.Name+"/"+c.Email)
		}
	}
	slices.Sort(names)
	return names
}

func wantMembers(p *place, want ...string) {
	p.t.Helper()
	if got := memberNames(p); !slices.Equal(got, want) {
		p.t.Errorf("the memberships are %q, want %q", got, want)
	}
}

func TestMemberLifecycle(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	post, remove := "POST /consumers/groups/{id}/members", "DELETE /consumers/groups/{id}/members/{id}"
	id := statecheck.CompareValue(compare.ValuesDiffer())
	replaced := func(group, consumer string) step {
		return step{
			prepare: p.Reset,
			config:  config(p.Cortex, members(p, group, consumer)),
			plan: inPlan(action(theMember, plancheck.ResourceActionDestroyBeforeCreate), onlyUnknown(theMember, "environment_id", "id"),
				action("cortex_consumer.a", plancheck.ResourceActionNoop), action("cortex_consumer_group.a", plancheck.ResourceActionNoop)),
			state: []statecheck.StateCheck{
				id.AddStateValue(theMember, path("id")), hasText(theMember, "environment_id", p.environment.ID),
				statecheck.CompareValuePairs(theMember, path("group_id"), "cortex_consumer_group."+group, path("id"), compare.ValuesSame()),
				statecheck.CompareValuePairs(theMember, path("consumer_id"), "cortex_consumer."+consumer, path("id"), compare.ValuesSame()),
			},
			applied: func() {
				wantWrites(t, p.Cortex, remove, post)
				wantMembers(p, group+"/"+consumer+"@example.com")
			},
		}
	}
	acceptance(t,
		step{
			config: config(p.Cortex, members(p, "a", "a")),
			plan: inPlan(action(theMember, plancheck.ResourceActionCreate),
				onlyUnknown(theMember, "consumer_id", "environment_id", "group_id", "id")),
			state: []statecheck.StateCheck{
				has(theMember, "id", knownvalue.StringFunc(func(text string) error {
					group, consumer, _ := strings.Cut(text, "/")
					if !uuidPattern.MatchString(group) || !uuidPattern.MatchString(consumer) {
						return fmt.Errorf("%q is not two ids", text)
					}
					return nil
				})),
				hasText(theMember, "environment_id", p.environment.ID), id.AddStateValue(theMember, path("id")),
			},
			applied: func() {
				wantMembers(p, "a/a@example.com")
				if n := p.Count("POST", ""); n != 5 || len(p.Writes()) != 5 {
					t.Errorf("5 objects are made by %q", paths(p.Writes()))
				}
				last := p.Writes()[4]
				wantBody(t, last, attributes{"consumer_id": theMembers.only(p)[37:]})
			},
		},
		replaced("b", "a"), replaced("b", "b"), replaced("a", "a"),
		step{ // what it joins changes, and it does not
			prepare: p.Reset,
			config: config(p.Cortex, strings.ReplaceAll(strings.ReplaceAll(members(p, "a", "a"), "\"a@example.com\"", "\"z@example.com\""),
				"name = \"a\"", "name = \"z\"")),
			plan:    inPlan(action(theMember, plancheck.ResourceActionNoop), action("cortex_consumer.a", plancheck.ResourceActionUpdate)),
			applied: func() { wantMembers(p, "z/z@example.com") },
		},
		step{
			prepare: p.Reset,
			config:  config(p.Cortex, members(p, "", "")),
			applied: func() { wantMembers(p) },
		},
	)
}

var theMembers = subjectOf("consumer group member")

// Each way in which somebody else ends a membership is seen, and repaired with no more than it takes. Others' memberships stay.
func TestMemberDrift(t *testing.T) {
	t.Parallel()
	const post = "POST /consumers/groups/{id}/members"
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	e.write(members(p, "a", "a"))
	e.run(apply...)
	groupOf := func(name string) string {
		for _, g := range p.ConsumerGroups(p.environment.ID) {
			if g.Name == name {
				return g.ID
			}
		}
		return ""
	}
	consumerOf := func(name string) string {
		for _, c := range p.Consumers(p.environment.ID) {
			if c.Email == name+"@example.com" {
				return c.ID
			}
		}
		return ""
	}
	p.AddMember(groupOf("a"), consumerOf("b"))
	for _, test := range []struct {
		name   string
		change func()
		plan   string
		writes map[string]int
		left   []string
	}{
		{"another member", func() { p.AddMember(groupOf("b"), consumerOf("a")) }, "", map[string]int{},
			[]string{"a/a@example.com", "a/b@example.com", "b/a@example.com"}},
		{"taken out", func() { p.RemoveMember(groupOf("a"), consumerOf("a")) }, "Plan: 1 to add, 0 to change, 0 to destroy.", map[string]int{post: 1},
			[]string{"a/a@example.com", "a/b@example.com", "b/a@example.com"}},
		{"the group", func() { p.DeleteConsumerGroup(groupOf("a")) }, "Plan: 2 to add, 0 to change, 0 to destroy.",
			map[string]int{post: 1, "POST /consumers/groups": 1}, []string{"a/a@example.com", "b/a@example.com"}},
		{"the consumer", func() { p.DeleteConsumer(consumerOf("a")) }, "Plan: 2 to add, 0 to change, 0 to destroy.",
			map[string]int{post: 1, "POST /consumers": 1}, []string{"a/a@example.com"}},
		{"both", func() { p.DeleteConsumer(consumerOf("a")); p.DeleteConsumerGroup(groupOf("a")) }, "Plan: 3 to add, 0 to change, 0 to destroy.",
			map[string]int{post: 1, "POST /consumers": 1, "POST /consumers/groups": 1}, []string{"a/a@example.com"}},
		{"names", func() {
			p.UpdateConsumer(consumerOf("a"), map[string]any{"email": "c@example.com"})
			p.UpdateConsumerGroup(groupOf("a"), map[string]any{"name": "c"})
		}, "Plan: 0 to add, 2 to change, 0 to destroy.", map[string]int{"PUT /consumers/{id}": 1, "PUT /consumers/groups/{id}": 1}, []string{"a/a@example.com"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e.t, p.t = t, t
			test.change()
			p.Reset()
			out := e.run("apply", "-auto-approve", "-no-color")
			if !strings.Contains(out, test.plan) || test.plan == "" && !strings.Contains(out, "No changes.") {
				t.Errorf("the plan is not %q:\n%s", test.plan, out)
			}
			if diff := cmp.Diff(test.writes, writeCounts(p.Cortex)); diff != "" {
				t.Errorf("the writes (-want +got):\n%s", diff)
			}
			wantMembers(p, test.left...)
			e.wantNoChanges()
		})
	}
	e.t, p.t = t, t
	p.AddMember(groupOf("b"), consumerOf("b"))
	e.write(members(p, "", ""))
	e.run(apply...)
	wantMembers(p, "b/b@example.com")

	// A group that goes with members of others, and a consumer that is in others' groups.
	p.Reset()
	e.run(destroy...)
	if diff := cmp.Diff(map[string]int{"DELETE /consumers/{id}": 2, "DELETE /consumers/groups/{id}": 2}, writeCounts(p.Cortex)); diff != "" {
		t.Errorf("the writes (-want +got):\n%s", diff)
	}
}

// Group or consumer are gone when Terraform wants to delete the membership: then it is gone too.
func TestMemberGoneWithGroupOrConsumer(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"group", "consumer"} {
		t.Run(what, func(t *testing.T) {
			eachRelease(t, func(t *testing.T, p *place) {
				e := newEngine(t, p.Cortex)
				e.write(theMembers.block(p, nil))
				e.run(apply...)
				if what == "group" {
					p.DeleteConsumerGroup(p.group())
				} else {
					p.DeleteConsumer(p.consumer())
				}
				p.Reset()
				e.run("destroy", "-auto-approve", "-refresh=false")
				if got := p.Requests(); len(got) != 1 {
					t.Errorf("%d requests, want one: %q", len(got), paths(got))
				}
				if got := e.resources(); len(got) != 0 {
					t.Errorf("the state holds %q", got)
				}
			})
		})
	}
}

// A membership of what is not there, or not in one environment, is refused with Cortex's reason.
func TestMemberRefused(t *testing.T) {
	eachRelease(t, func(t *testing.T, p *place) {
		const missing = "00000000-0000-4000-8000-000000000000"
		another := p.CreateEnvironment(p.workspace.ID, "another", nil)
		stranger := p.CreateConsumer(another.ID, map[string]any{"email": "s@example.com", "first_name": "", "last_name": ""}).ID
		e := newEngine(t, p.Cortex)
		for _, test := range []struct{ group, consumer, detail string }{
			{missing, p.consumer(), "Cortex does not have the consumer group " + missing + " that the request is about."},
			{p.group(), missing, "Cortex does not have the consumer " + missing + " that the request is about."},
			{p.group(), stranger, "Consumer and group must be in the same environment"},
		} {
			e.write(fmt.Sprintf("resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = %q\n  consumer_id = %q\n}\n", test.group, test.consumer))
			p.Reset()
			got := e.problems(apply...)
			if len(got) != 1 || got[0].Summary != "Cannot create consumer group member "+test.group+"/"+test.consumer || !strings.Contains(got[0].Detail, test.detail) {
				t.Errorf("the errors are %q, want one with %q", got, test.detail)
			}
			if n := p.Count("POST", ""); n > 1 {
				t.Errorf("%d POSTs", n)
			}
			if got := e.resources(); len(got) != 0 {
				t.Errorf("the state holds %q", got)
			}
		}
		wantMembers(p)
	})
}

// Two that put the same consumer into the same group at one time: Cortex answers one of them with an error of its database, although
// the consumer is in the group then.
func TestMemberRace(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	e.write(theMembers.block(p, nil))
	p.Fail(cortextest.Fault{
		Kind: cortextest.Answer, AfterServer: true, Status: 500, Match: cortextest.Matching("POST", ""),
		Body: "(psycopg.errors.UniqueViolation) duplicate key value violates unique constraint \"consumer_group_members_pkey\"\nDETAIL:  Key exists.\n[SQL: INSERT]",
	})
	e.run(apply...)
	wantWrites(t, p.Cortex, "POST /consumers/groups/{id}/members")
	e.wantNoChanges()
	e.run(destroy...)
	wantMembers(p)
}

// Of the objects of one configuration, each is made by one POST, and read in a plan without one request for each.
func TestMemberRequestCounts(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	body := fmt.Sprintf(`
resource "cortex_consumer" "test" {
  count          = 12
  environment_id = %q
  email          = "c${count.index}@example.com"
  first_name     = "C"
  last_name      = ""
}

resource "cortex_consumer_group" "test" {
  count          = 3
  environment_id = %[1]q
  name           = "g${count.index}"
}

resource "cortex_consumer_group_member" "test" {
  count       = 36
  group_id    = cortex_consumer_group.test[count.index %% 3].id
  consumer_id = cortex_consumer.test[floor(count.index / 3)].id
}
`, p.environment.ID)
	e := newEngine(t, p.Cortex)
	e.write(body)
	e.run(apply...)
	if diff := cmp.Diff(map[string]int{"POST /consumers": 12, "POST /consumers/groups": 3, "POST /consumers/groups/{id}/members": 36}, writeCounts(p.Cortex)); diff != "" {
		t.Errorf("the writes (-want +got):\n%s", diff)
	}
	if got := p.Count(http.MethodGet, ""); got > 2 {
		t.Errorf("%d reads in the apply, want one list of consumers and one of groups: %q", got, paths(p.Requests()))
	}
	p.Reset()
	e.wantNoChanges()
	if got := len(p.Requests()); got > 51 {
		t.Errorf("%d requests in the plan of 51 objects", got)
	}
	wantWrites(t, p.Cortex)
	p.Reset()
	e.run("destroy", "-auto-approve", "-refresh=false")
	if diff := cmp.Diff(map[string]int{"DELETE /consumers/{id}": 12, "DELETE /consumers/groups/{id}": 3, "DELETE /consumers/groups/{id}/members/{id}": 36}, writeCounts(p.Cortex)); diff != "" {
		t.Errorf("the writes (-want +got):\n%s", diff)
	}
}
