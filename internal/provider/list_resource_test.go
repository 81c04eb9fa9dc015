package provider

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// query asks for what `terraform query` asks for. config may leave attributes out.
func (p *protocol) query(ctx context.Context, kind string, config map[string]any, limit int64, include bool) iter.Seq[tfprotov6.ListResourceResult] {
	p.t.Helper()
	stream, err := p.server.(tfprotov6.ListResourceServer).ListResource(ctx, &tfprotov6.ListResourceRequest{
		TypeName: kind, Config: p.encode(nullsBut(p.lists[kind], config)), Limit: limit, IncludeResource: include,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return stream.Results
}

// found runs a query that must succeed and returns the display names and ids.
func (p *protocol) found(kind string, config map[string]any, limit int64) (names, ids []string) {
	p.t.Helper()
	for result := range p.query(p.t.Context(), kind, config, limit, false) {
		p.check(nil, result.Diagnostics)
		names, ids = append(names, result.DisplayName), append(ids, p.identified(kind, result))
	}
	return names, ids
}

// identified is the id of a result; a membership's identity has two.
func (p *protocol) identified(kind string, result tfprotov6.ListResourceResult) string {
	p.t.Helper()
	identity := p.attributes(kind, result.Identity.IdentityData, true)
	if id, ok := identity["id"]; ok {
		return id
	}
	return identity["group_id"] + "/" + identity["consumer_id"]
}

// attributes decodes an object, or an identity, into its texts.
func (p *protocol) attributes(kind string, v *tfprotov6.DynamicValue, identity bool) map[string]string {
	p.t.Helper()
	of := p.types[kind]
	if identity {
		of = p.ids[kind]
	}
	decoded, err := v.Unmarshal(of)
	if err != nil {
		p.t.Fatal(err)
	}
	var values map[string]tftypes.Value
	if err := decoded.As(&values); err != nil {
		p.t.Fatal(err)
	}
	texts := map[string]string{}
	for name, value := range values {
		var text string
		switch {
		case value.IsNull():
			text = "null"
		case !value.Type().Is(tftypes.String):
			text = value.String()
		default:
			if err := value.As(&text); err != nil {
				p.t.Fatal(err)
			}
		}
		texts[name] = text
	}
	return texts
}

// tenancy is what the queries are asked of: Default/Test is there from the beginning.
func tenancy(t *testing.T) (c *cortextest.Cortex, acme, globex cortextest.Workspace, environments []cortextest.Environment) {
	c = cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: a query without a filter finds everything
	globex = c.CreateWorkspace("Globex", nil)
	acme = c.CreateWorkspace("Acme", ptr("Anvils"))
	for _, w := range []cortextest.Workspace{globex, acme} {
		for _, name := range []string{"Staging", "Production"} {
			environments = append(environments, c.CreateEnvironment(w.ID, name, ptr("")))
		}
	}
	return c, acme, globex, environments
}

func ptr[T any](v T) *T { return &v }

func TestListResources(t *testing.T) {
	c, acme, globex, e := tenancy(t)
	nfd := c.CreateWorkspace("Zoe\u0308", nil)
	p := newProtocol(t, c)
	for _, test := range []struct {
		kind   string
		config map[string]any
		limit  int64
		names  []string
		ids    []string
	}{
		{"cortex_workspace", nil, 100, []string{"Acme", "Default", "Globex", "Zoe\u0308"}, nil},
		{"cortex_workspace", nil, 0, []string{"Acme", "Default", "Globex", "Zoe\u0308"}, nil},
		{"cortex_workspace", nil, 2, []string{"Acme", "Default"}, nil},
		{"cortex_workspace", map[string]any{"name_regex": "e$|^G"}, 100, []string{"Acme", "Globex"}, []string{acme.ID, globex.ID}},
		{"cortex_workspace", map[string]any{"name_regex": "^G"}, 1, []string{"Globex"}, []string{globex.ID}}, // the limit counts what matches
		{"cortex_workspace", map[string]any{"name_regex": "^Zo.$"}, 100, []string{"Zoe\u0308"}, []string{nfd.ID}},
		{"cortex_workspace", map[string]any{"name_regex": "nobody"}, 100, nil, nil},
		{"cortex_environment", nil, 100, []string{"Acme/Production", "Acme/Staging", "Default/Test", "Globex/Production", "Globex/Staging"}, nil},
		{"cortex_environment", nil, 3, []string{"Acme/Production", "Acme/Staging", "Default/Test"}, nil},
		{"cortex_environment", map[string]any{"name_regex": "^(?i)prod"}, 100, []string{"Acme/Production", "Globex/Production"}, []string{e[3].ID, e[1].ID}},
		{"cortex_environment", map[string]any{"workspace_id": globex.ID}, 100, []string{"Production", "Staging"}, []string{e[1].ID, e[0].ID}},
		{"cortex_environment", map[string]any{"workspace_id": globex.ID, "name_regex": "ing"}, 100, []string{"Staging"}, []string{e[0].ID}},
		{"cortex_environment", map[string]any{"workspace_id": nfd.ID}, 100, nil, nil},
	} {
		t.Run(fmt.Sprint(test.kind, test.config, test.limit), func(t *testing.T) {
			names, ids := p.found(test.kind, test.config, test.limit)
			if !slices.Equal(names, test.names) || test.ids != nil && !slices.Equal(ids, test.ids) {
				t.Errorf("found %q %v, want %q %v", names, ids, test.names, test.ids)
			}
		})
	}
	if n := len(c.Writes()); n > 0 {
		t.Errorf("%d writes", n)
	}
}

// With include_resource every result has what an import would bring into the state, so that Terraform can write configuration from it.
func TestListResourcesIncluded(t *testing.T) {
	c, acme, globex, environments := tenancy(t)
	p := newProtocol(t, c)
	unprotected := map[string]string{}
	for _, name := range []string{"deletion_protection", "force_destroy", "retire_undeletable"} {
		unprotected[name] = tftypes.NewValue(tftypes.Bool, false).String()
	}
	want := map[string]map[string]string{
		acme.ID:   {"id": acme.ID, "name": "Acme", "description": "Anvils", "created_at": acme.CreatedAt, "updated_at": acme.UpdatedAt},
		globex.ID: {"id": globex.ID, "name": "Globex", "description": "null", "created_at": globex.CreatedAt, "updated_at": globex.UpdatedAt},
	}
	for _, e := range environments {
		want[e.ID] = map[string]string{"id": e.ID, "workspace_id": e.WorkspaceID, "name": e.Name, "description": "", "created_at": e.CreatedAt, "updated_at": e.UpdatedAt}
	}
	for _, kind := range []string{"cortex_workspace", "cortex_environment"} {
		for result := range p.query(t.Context(), kind, map[string]any{"name_regex": "^[^DT]"}, 100, true) {
			p.check(nil, result.Diagnostics)
			id := p.attributes(kind, result.Identity.IdentityData, true)["id"]
			got := p.attributes(kind, result.Resource, false)
			maps.Copy(want[id], unprotected)
			if diff := cmp.Diff(want[id], got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", result.DisplayName, diff)
			}
			delete(want, id)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
}

// Terminals show the names of what a query finds.
func TestListResourcesArePrintable(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	const name, shown = "\x1b[2Ja\nb\u202e", `\x1b[2Ja\nb\u202e`
	w := c.CreateWorkspace(name, nil)
	e := c.CreateEnvironment(w.ID, name, nil).ID
	group := c.CreateConsumerGroup(e, map[string]any{"name": name}).ID
	c.AddMember(group, c.CreateConsumer(e, map[string]any{"email": "ann@example.com", "first_name": name, "last_name": name}).ID)
	c.CreateDataSource(e, map[string]any{"name": name, "alias": name, "source_catalog": "DATABASE", "source_type": "sqlite", "config": map[string]any{"file_path": "x"}})
	c.CreateMetric(c.CreateDataModel(e, map[string]any{"name": name}).ID, map[string]any{"name": name})
	c.CreateDashboard(e, map[string]any{"name": name, "type": "executive"})
	p := newProtocol(t, c)
	inside := shown + "/" + shown + "/"
	for kind, want := range map[string]string{
		"cortex_workspace": shown, "cortex_environment": shown + "/" + shown, "cortex_consumer": inside + "ann@example.com",
		"cortex_consumer_group": inside + shown, "cortex_consumer_group_member": inside + shown + "/ann@example.com",
		"cortex_data_source": inside + shown, "cortex_data_model": inside + shown, "cortex_metric": inside + shown, "cortex_dashboard": inside + shown,
	} {
		names, _ := p.found(kind, map[string]any{"name_regex": "^\x1b.2Ja\nb|@"}, 100)
		if !slices.Equal(names, []string{want}) {
			t.Errorf("%s: the names are %q, want %q", kind, names, want)
		}
	}
	if len(p.types) != 9 {
		t.Errorf("there are %d kinds", len(p.types))
	}
}

// An error is a result, whatever came before it: no list is short without a word.
func TestListResourcesErrors(t *testing.T) {
	c, _, globex, _ := tenancy(t)
	const missing = "00000000-0000-4000-8000-000000000000"
	gateway := func(match func(*http.Request) bool) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: 403, Body: "no entry", Match: match}
	}
	ofGlobex := func(r *http.Request) bool { return r.URL.Query().Get("workspace_id") == globex.ID }
	for _, test := range []struct {
		name, kind string
		config     map[string]any
		fault      *cortextest.Fault
		before     []string
		summary    string
		detail     string
	}{
		{"workspaces", "cortex_workspace", nil, ptr(gateway(nil)), nil, "Cannot list the workspaces", "403"},
		{"all", "cortex_environment", nil, ptr(gateway(nil)), nil, "Cannot list the workspaces", "403"},
		{"one of all", "cortex_environment", nil, ptr(gateway(ofGlobex)), []string{"Acme/Production", "Acme/Staging", "Default/Test"},
			fmt.Sprintf("Cannot list the environments of workspace \"Globex\" (%s)", globex.ID), "403"},
		{"one", "cortex_environment", map[string]any{"workspace_id": globex.ID}, ptr(gateway(nil)), nil,
			"Cannot list the environments of workspace " + globex.ID, "Check api_key"},
		{"missing", "cortex_environment", map[string]any{"workspace_id": missing}, nil, nil,
			"Cannot list the environments of workspace " + missing, "Cortex does not have the workspace"},
		{"HTML", "cortex_workspace", nil, &cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "text/html", Body: "<p>Log in</p>"}, nil,
			"Cannot list the workspaces", "This is not an answer of Cortex."},
		{"expression", "cortex_workspace", map[string]any{"name_regex": "["}, nil, nil, "Invalid name_regex", "missing closing ]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Reset()
			if test.fault != nil {
				c.Fail(*test.fault)
			}
			p := newProtocol(t, c) // a new one: it has read nothing yet
			var before []string
			var diagnostics []*tfprotov6.Diagnostic
			for result := range p.query(t.Context(), test.kind, test.config, 100, false) {
				if diagnostics = append(diagnostics, result.Diagnostics...); len(result.Diagnostics) == 0 {
					before = append(before, result.DisplayName)
				}
			}
			if !slices.Equal(before, test.before) {
				t.Errorf("found %q before the error, want %q", before, test.before)
			}
			if len(diagnostics) != 1 || diagnostics[0].Severity != tfprotov6.DiagnosticSeverityError || diagnostics[0].Summary != test.summary ||
				!strings.Contains(diagnostics[0].Detail, test.detail) {
				t.Errorf("the errors are %v, want %q with %q", diagnostics, test.summary, test.detail)
			}
		})
	}
}

// A workspace that is deleted after the list of workspaces has no environments to find, which is no error.
func TestListResourceOfVanishedWorkspace(t *testing.T) {
	c, _, globex, _ := tenancy(t)
	c.Fail(cortextest.Fault{
		Kind: cortextest.Answer, Status: 404, Body: "Workspace with ID " + globex.ID + " does not exist in the database",
		Match: func(r *http.Request) bool { return r.URL.Query().Get("workspace_id") == globex.ID },
	})
	names, _ := newProtocol(t, c).found("cortex_environment", nil, 100)
	if want := []string{"Acme/Production", "Acme/Staging", "Default/Test"}; !slices.Equal(names, want) {
		t.Errorf("found %q, want %q", names, want)
	}
}

// An engine that has enough, or is cancelled, stops the list, and no list of further workspaces is asked for.
func TestListResourcesStop(t *testing.T) {
	filled := func() *cortextest.Cortex {
		c := cortextest.StartFake(t, cortextest.FakeOptions{})
		for i := range 60 {
			c.CreateEnvironment(c.CreateWorkspace(fmt.Sprintf("w%02d", i), nil).ID, "e", nil)
		}
		return c
	}
	for _, stop := range []bool{false, true} {
		c := filled()
		limit := int64(1)
		if stop {
			limit = 100
		}
		for range newProtocol(t, c).query(t.Context(), "cortex_environment", nil, limit, false) {
			if stop {
				break
			}
		}
		if n := c.Count("GET", "/environments"); n > 20 {
			t.Errorf("%d of 61 workspaces were listed for one environment", n)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last []*tfprotov6.Diagnostic
	n := 0
	for result := range newProtocol(t, filled()).query(ctx, "cortex_environment", nil, 100, false) {
		cancel()
		last = result.Diagnostics
		n++
	}
	if n > 20 || len(last) != 1 || !strings.Contains(last[0].Detail, "ontext canceled") {
		t.Errorf("%d results, the last with %v", n, last)
	}
}

func TestListResourcesValidate(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	p := newProtocol(t, c)
	for _, test := range []struct {
		kind, attribute, value, detail string
	}{
		{"cortex_workspace", "name_regex", "(", "is not a regular expression"},
		{"cortex_environment", "name_regex", "a**", "is not a regular expression"},
		{"cortex_environment", "workspace_id", "acme", "is not a UUID"},
		{"cortex_workspace", "name_regex", "^acme$", ""},
		{"cortex_environment", "name_regex", "", ""},
	} {
		resp, err := p.server.(tfprotov6.ListResourceServer).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: test.kind, Config: p.encode(nullsBut(p.lists[test.kind], map[string]any{test.attribute: test.value})),
		})
		if err != nil {
			t.Fatal(err)
		}
		if test.detail == "" {
			p.check(nil, resp.Diagnostics)
			continue
		}
		at := tftypes.NewAttributePath().WithAttributeName(test.attribute)
		if len(resp.Diagnostics) != 1 || !resp.Diagnostics[0].Attribute.Equal(at) || resp.Diagnostics[0].Summary != "Invalid "+test.attribute ||
			!strings.Contains(resp.Diagnostics[0].Detail, test.detail) {
			t.Errorf("%s = %q: the errors are %v", test.attribute, test.value, resp.Diagnostics)
		}
	}
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}
