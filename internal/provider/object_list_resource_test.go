package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// attached is what the queries of objects in environments are asked of: consumers and groups in two environments of two workspaces, and
// nothing in the others.
func attached(t *testing.T) (c *cortextest.Cortex, production, staging string) {
	c, _, _, environments := tenancy(t)
	production, staging = environments[3].ID, environments[0].ID // of Acme and of Globex
	for _, environment := range []string{staging, production} {
		var consumers, groups []string
		for _, name := range []string{"zoe", "ann", "bob"} {
			consumers = append(consumers, c.CreateConsumer(environment, map[string]any{"email": name + "@Example.com", "first_name": name, "last_name": ""}).ID)
		}
		for _, name := range []string{"writers", "an/alysts", "nobody"} {
			groups = append(groups, c.CreateConsumerGroup(environment, map[string]any{"name": name, "description": "", "properties": map[string]any{"a": 1}}).ID)
		}
		c.AddMember(groups[0], consumers[0])
		c.AddMember(groups[1], consumers[0])
		c.AddMember(groups[1], consumers[1])
	}
	c.Reset()
	return c, production, staging
}

func TestListResourcesInEnvironments(t *testing.T) {
	c, production, staging := attached(t)
	empty := c.CreateEnvironment(c.CreateWorkspace("Empty", nil).ID, "e", nil).ID
	p := newProtocol(t, c)
	in := func(prefix string, names ...string) (all []string) {
		for _, name := range names {
			all = append(all, prefix+name)
		}
		return all
	}
	both := func(names ...string) []string {
		return append(in("Acme/Production/", names...), in("Globex/Staging/", names...)...)
	}
	consumers, groups := []string{"ann@example.com", "bob@example.com", "zoe@example.com"}, []string{"an/alysts", "nobody", "writers"}
	members := []string{"an/alysts/ann@example.com", "an/alysts/zoe@example.com", "writers/zoe@example.com"}
	for _, test := range []struct {
		kind   string
		config map[string]any
		limit  int64
		names  []string
	}{
		{"cortex_consumer", nil, 100, both(consumers...)},
		{"cortex_consumer", nil, 0, both(consumers...)},
		{"cortex_consumer", nil, 4, both(consumers...)[:4]},
		{"cortex_consumer", map[string]any{"environment_id": production}, 100, consumers},
		{"cortex_consumer", map[string]any{"environment_id": production}, 2, consumers[:2]},
		{"cortex_consumer", map[string]any{"environment_id": empty}, 100, nil},
		{"cortex_consumer", map[string]any{"name_regex": "^(ann|zoe)@"}, 100, both("ann@example.com", "zoe@example.com")},
		{"cortex_consumer", map[string]any{"name_regex": "^zoe@"}, 1, both("zoe@example.com")[:1]}, // the limit counts what matches
		{"cortex_consumer", map[string]any{"name_regex": "^z", "environment_id": staging}, 100, []string{"zoe@example.com"}},
		{"cortex_consumer_group", nil, 100, both(groups...)},
		{"cortex_consumer_group", map[string]any{"name_regex": "(?i)^W"}, 100, both("writers")},
		{"cortex_consumer_group", map[string]any{"environment_id": staging}, 100, groups},
		{"cortex_consumer_group", map[string]any{"environment_id": staging, "name_regex": "/"}, 100, groups[:1]},
		{"cortex_consumer_group_member", nil, 100, both(members...)},
		{"cortex_consumer_group_member", nil, 2, both(members...)[:2]},
		{"cortex_consumer_group_member", map[string]any{"environment_id": production}, 100, members},
		{"cortex_consumer_group_member", map[string]any{"name_regex": "^an/alysts/.*zoe"}, 100, both(members[1])},
		{"cortex_consumer_group_member", map[string]any{"environment_id": empty}, 100, nil},
	} {
		t.Run(fmt.Sprint(test.kind, test.config, test.limit), func(t *testing.T) {
			names, ids := p.found(test.kind, test.config, test.limit)
			if !slices.Equal(names, test.names) {
				t.Errorf("found %q, want %q", names, test.names)
			}
			if unique := slices.Compact(slices.Sorted(slices.Values(ids))); len(unique) != len(names) {
				t.Errorf("%d objects have the ids %q", len(names), ids)
			}
		})
	}
	if n := len(c.Writes()); n > 0 {
		t.Errorf("%d writes", n)
	}
}

// With include_resource every result has what an import would bring into the state.
func TestListResourcesInEnvironmentsIncluded(t *testing.T) {
	c, production, _ := attached(t)
	p := newProtocol(t, c)
	want := map[string]map[string]string{}
	for _, consumer := range c.Consumers(production) {
		want[consumer.ID] = map[string]string{"id": consumer.ID, "environment_id": production, "email": consumer.Email, "first_name": consumer.FirstName, "last_name": "",
			"organization": "null", "properties": "null", "created_at": consumer.CreatedAt, "updated_at": consumer.UpdatedAt}
		for _, group := range consumer.Groups {
			id := group.ID + "/" + consumer.ID
			want[id] = map[string]string{"id": id, "environment_id": production, "group_id": group.ID, "consumer_id": consumer.ID}
		}
	}
	for _, group := range c.ConsumerGroups(production) {
		want[group.ID] = map[string]string{"id": group.ID, "environment_id": production, "name": group.Name, "alias": "null", "description": "null",
			"properties": `{"a":1}`, "created_at": group.CreatedAt, "updated_at": group.UpdatedAt}
	}
	for _, kind := range []string{"cortex_consumer", "cortex_consumer_group", "cortex_consumer_group_member"} {
		for result := range p.query(t.Context(), kind, map[string]any{"environment_id": production}, 100, true) {
			p.check(nil, result.Diagnostics)
			id := p.identified(kind, result)
			if diff := cmp.Diff(want[id], p.attributes(kind, result.Resource, false)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", result.DisplayName, diff)
			}
			delete(want, id)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

// An error is a result, whatever came before it; an environment that is deleted meanwhile is none.
func TestListResourcesInEnvironmentsErrors(t *testing.T) {
	c, production, staging := attached(t)
	const missing = "00000000-0000-4000-8000-000000000000"
	listOf := func(environment string) func(*http.Request) bool {
		return func(r *http.Request) bool { return strings.Contains(r.URL.Path, environment) }
	}
	gateway := func(match func(*http.Request) bool) *cortextest.Fault {
		return &cortextest.Fault{Kind: cortextest.Answer, Status: 403, Body: "no entry", Match: match}
	}
	vanished := &cortextest.Fault{Kind: cortextest.Answer, Status: 404, Body: "Environment with ID " + staging + " does not exist in the database", Match: listOf(staging)}
	for kind, count := range map[string]int{"consumer": 3, "consumer group": 3, "consumer group member": 3} {
		for _, test := range []struct {
			name    string
			config  map[string]any
			fault   *cortextest.Fault
			before  int
			summary string
			detail  string
		}{
			{"workspaces", nil, gateway(nil), 0, "Cannot list the workspaces", "403"},
			{"environments", nil, gateway(cortextest.Matching("GET", "/environments")), 0, "Cannot list the environments of workspace ", "403"},
			{"one of all", nil, gateway(listOf(staging)), count, fmt.Sprintf("Cannot list the %ss of environment \"Staging\" (%s)", kind, staging), "403"},
			{"one", map[string]any{"environment_id": production}, gateway(listOf(production)), 0, fmt.Sprintf("Cannot list the %ss of environment %s", kind, production), "Check api_key"},
			{"missing", map[string]any{"environment_id": missing}, nil, 0, fmt.Sprintf("Cannot list the %ss of environment %s", kind, missing), "Cortex does not have the environment"},
			{"vanished", nil, vanished, count, "", ""},
		} {
			t.Run(kind+" "+test.name, func(t *testing.T) {
				c.Reset()
				if test.fault != nil {
					c.Fail(*test.fault)
				}
				p := newProtocol(t, c) // a new one: it has read nothing yet
				before := 0
				var diagnostics []*tfprotov6.Diagnostic
				for result := range p.query(t.Context(), "cortex_"+strings.ReplaceAll(kind, " ", "_"), test.config, 100, false) {
					if diagnostics = append(diagnostics, result.Diagnostics...); len(result.Diagnostics) == 0 {
						before++
					}
				}
				if before != test.before {
					t.Errorf("found %d, want %d", before, test.before)
				}
				if test.summary == "" {
					p.check(nil, diagnostics)
					return
				}
				if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError || !strings.HasPrefix(diagnostics[0].Summary, test.summary) ||
					!strings.Contains(diagnostics[0].Detail, test.detail) {
					t.Errorf("the errors are %v, want %q with %q", diagnostics, test.summary, test.detail)
				}
			})
		}
	}
}
