package provider

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// protocol speaks to the provider as an engine does, for what no engine on these machines can be made to do.
type protocol struct {
	t      *testing.T
	server tfprotov6.ProviderServer
	types  map[string]tftypes.Object // of resources
	ids    map[string]tftypes.Object // of their identities
	lists  map[string]tftypes.Object // of the configuration of list resources
}

func newProtocol(t *testing.T, c *cortextest.Cortex) *protocol {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	p := &protocol{t: t, server: server, types: map[string]tftypes.Object{}, ids: map[string]tftypes.Object{}, lists: map[string]tftypes.Object{}}
	for name, schema := range got.ResourceSchemas {
		p.types[name] = schema.ValueType().(tftypes.Object)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	p.check(err, identities.Diagnostics)
	for name, schema := range identities.IdentitySchemas {
		of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
		for _, attribute := range schema.IdentityAttributes {
			of.AttributeTypes[attribute.Name] = attribute.Type
		}
		p.ids[name] = of
	}
	for name, schema := range got.ListResourceSchemas {
		p.lists[name] = schema.ValueType().(tftypes.Object)
	}
	config := nullsBut(got.Provider.ValueType().(tftypes.Object), map[string]any{"endpoint": c.URL(), "max_retries": 0})
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.5.0", Config: p.encode(config)})
	p.check(err, configured.Diagnostics)
	return p
}

func nullsBut(object tftypes.Object, values map[string]any) tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, kind := range object.AttributeTypes {
		value, whole := values[name].(tftypes.Value)
		if !whole {
			value = tftypes.NewValue(kind, values[name])
		}
		all[name] = value
	}
	return tftypes.NewValue(object, all)
}

func (p *protocol) encode(v tftypes.Value) *tfprotov6.DynamicValue {
	p.t.Helper()
	encoded, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		p.t.Fatal(err)
	}
	return &encoded
}

func (p *protocol) check(err error, diagnostics []*tfprotov6.Diagnostic) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, d := range diagnostics {
		p.t.Errorf("%s: %s", d.Summary, d.Detail)
	}
}

// isNull tells whether an encoded object is null.
func (p *protocol) isNull(kind string, v *tfprotov6.DynamicValue) bool {
	p.t.Helper()
	decoded, err := v.Unmarshal(p.types[kind])
	if err != nil {
		p.t.Fatal(err)
	}
	return decoded.IsNull()
}

// A state from before identities, or from an engine that has none: refreshing and updating it must work, also when the object
// is gone.
func TestStateWithoutIdentity(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	environment := c.CreateEnvironment(workspace.ID, "Production", nil)
	consumer := c.CreateConsumer(environment.ID, map[string]any{"email": "ann@example.com", "first_name": "Ann", "last_name": ""})
	group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "analysts"})
	c.AddMember(group.ID, consumer.ID)
	member := group.ID + "/" + consumer.ID
	source := c.CreateDataSource(environment.ID, map[string]any{"name": "Sales", "alias": "sales", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": "/var/lib/sales.db", "dialect": "sqlite"}})
	model := c.CreateDataModel(environment.ID, map[string]any{"name": "Sales"})
	metric := c.CreateMetric(model.ID, map[string]any{"name": "Revenue"})
	dashboard := c.CreateDashboard(environment.ID, map[string]any{"name": "Board", "type": "executive"})
	p := newProtocol(t, c)
	views := p.types["cortex_dashboard"].AttributeTypes["views"].(tftypes.Map)
	view := views.ElementType.(tftypes.Object)
	sections := view.AttributeTypes["sections"].(tftypes.Map)
	section := nullsBut(sections.ElementType.(tftypes.Object), nil)
	sales := nullsBut(view, map[string]any{"title": "Sales", "sections": tftypes.NewValue(sections, map[string]tftypes.Value{"all": section})})
	unprotected := map[string]any{"deletion_protection": false, "force_destroy": false}
	states := map[string]map[string]any{
		"cortex_workspace":             {"id": workspace.ID, "name": "acme", "created_at": workspace.CreatedAt, "updated_at": workspace.UpdatedAt},
		"cortex_environment":           {"id": environment.ID, "workspace_id": workspace.ID, "name": "Production", "description": *environment.Description},
		"cortex_consumer":              {"id": consumer.ID, "environment_id": environment.ID, "email": "ann@EXAMPLE.com", "first_name": "Ann", "last_name": ""},
		"cortex_consumer_group":        {"id": group.ID, "environment_id": environment.ID, "name": "analysts"},
		"cortex_consumer_group_member": {"id": member, "environment_id": environment.ID, "group_id": group.ID, "consumer_id": consumer.ID},
		"cortex_data_source": {"id": source.ID, "environment_id": environment.ID, "name": "Sales", "alias": "sales", "source_type": "sqlite", "source_catalog": "DATABASE",
			"sqlite": tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"file_path": tftypes.String}}, map[string]tftypes.Value{
				"file_path": tftypes.NewValue(tftypes.String, "/var/lib/sales.db")})},
		"cortex_data_model": {"id": model.ID, "environment_id": environment.ID, "name": "Sales", "config": "{}"},
		"cortex_metric":     {"id": metric.ID, "environment_id": environment.ID, "data_model_id": model.ID, "name": "Revenue", "grouped": true, "ordered": true, "public": true},
		"cortex_dashboard": {"id": dashboard.ID, "environment_id": environment.ID, "name": "Board", "type": "executive",
			"views": tftypes.NewValue(views, map[string]tftypes.Value{"sales": sales})},
	}
	maps.Copy(states["cortex_workspace"], unprotected)
	maps.Copy(states["cortex_environment"], unprotected)
	identities := map[string]map[string]string{
		"cortex_workspace": {"id": workspace.ID}, "cortex_environment": {"id": environment.ID},
		"cortex_consumer":              {"environment_id": environment.ID, "id": consumer.ID},
		"cortex_consumer_group":        {"environment_id": environment.ID, "id": group.ID},
		"cortex_data_source":           {"environment_id": environment.ID, "id": source.ID},
		"cortex_data_model":            {"environment_id": environment.ID, "id": model.ID},
		"cortex_metric":                {"environment_id": environment.ID, "id": metric.ID},
		"cortex_dashboard":             {"environment_id": environment.ID, "id": dashboard.ID},
		"cortex_consumer_group_member": {"group_id": group.ID, "consumer_id": consumer.ID},
	}
	if len(states) != len(registry()) {
		t.Errorf("%d of %d kinds are tested", len(states), len(registry()))
	}
	for kind, values := range states {
		state := p.encode(nullsBut(p.types[kind], values))
		read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: state})
		p.check(err, read.Diagnostics)
		if p.isNull(kind, read.NewState) || read.NewIdentity == nil {
			t.Fatalf("%s: the object or its identity is lost", kind)
		}
		if diff := cmp.Diff(identities[kind], p.attributes(kind, read.NewIdentity.IdentityData, true)); diff != "" {
			t.Errorf("%s: the identity (-want +got):\n%s", kind, diff)
		}

		changed := maps.Clone(values)
		for _, name := range []string{"description", "organization"} {
			if _, has := p.types[kind].AttributeTypes[name]; has {
				changed[name] = "changed"
			}
		}
		plan := p.encode(nullsBut(p.types[kind], changed))
		applied, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: kind, PriorState: state, PlannedState: plan, Config: plan})
		p.check(err, applied.Diagnostics)
		if applied.NewIdentity == nil {
			t.Errorf("%s: the update gave no identity", kind)
		}
	}

	c.DeleteConsumer(consumer.ID)
	c.DeleteConsumerGroup(group.ID)
	c.DeleteDashboard(dashboard.ID)
	c.DeleteMetric(environment.ID, metric.ID)
	c.DeleteDataModel(environment.ID, model.ID)
	c.DeleteDataSource(source.ID)
	c.DeleteEnvironment(environment.ID)
	c.DeleteWorkspace(workspace.ID)
	for kind, values := range states {
		state := p.encode(nullsBut(p.types[kind], values))
		read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: state})
		p.check(err, read.Diagnostics)
		if !p.isNull(kind, read.NewState) {
			t.Errorf("%s: the object is gone, but its state stays", kind)
		}
	}
}

// An import by identity takes the id as it is, and nothing but an id.
func TestImportIdentity(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	p := newProtocol(t, c)
	by := func(id string) *tfprotov6.ImportResourceStateResponse {
		t.Helper()
		identity := p.encode(nullsBut(p.ids["cortex_workspace"], map[string]any{"id": id}))
		resp, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: "cortex_workspace", Identity: &tfprotov6.ResourceIdentityData{IdentityData: identity},
		})
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	resp := by(workspace.ID)
	p.check(nil, resp.Diagnostics)
	if len(resp.ImportedResources) != 1 {
		t.Fatalf("%d resources were imported", len(resp.ImportedResources))
	}
	imported := resp.ImportedResources[0]
	read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: "cortex_workspace", CurrentState: imported.State, CurrentIdentity: imported.Identity, Private: imported.Private,
	})
	p.check(err, read.Diagnostics)
	if p.isNull("cortex_workspace", read.NewState) {
		t.Error("the imported workspace is not read")
	}

	resp = by("acme")
	if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != "Cannot import workspace by its identity" ||
		resp.Diagnostics[0].Detail != `"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.` {
		t.Errorf("the errors are %v", resp.Diagnostics)
	}
}

// An import by a text leaves the identity to the read after it, which may find another object than the text seemed to mean: an engine refuses an
// identity that changes.
func TestImportTextThenIdentity(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil).ID
	const name = "01234567-89ab-4def-8123-456789abcdef"
	environment := c.CreateEnvironment(workspace, name, nil).ID
	group := c.CreateConsumerGroup(environment, map[string]any{"name": name}).ID
	p := newProtocol(t, c)
	for _, test := range []struct{ kind, text, id string }{
		{"cortex_workspace", "acme", workspace},
		{"cortex_environment", workspace + "/" + environment, environment},
		{"cortex_environment", workspace + "/" + name, environment},
		{"cortex_consumer_group", environment + "/" + name, group},
	} {
		resp, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: test.kind, ID: test.text})
		p.check(err, resp.Diagnostics)
		imported := resp.ImportedResources[0]
		if identity, err := imported.Identity.IdentityData.Unmarshal(p.ids[test.kind]); err != nil || !identity.IsNull() {
			t.Errorf("%s: the import says the identity %s, %v", test.text, identity, err)
		}
		read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: test.kind, CurrentState: imported.State, CurrentIdentity: imported.Identity, Private: imported.Private,
		})
		p.check(err, read.Diagnostics)
		if got := p.attributes(test.kind, read.NewIdentity.IdentityData, true)["id"]; got != test.id {
			t.Errorf("%s: the identity is %s, want %s", test.text, got, test.id)
		}
		if got := p.attributes(test.kind, read.NewState, false)["id"]; got != test.id {
			t.Errorf("%s: the id is %s, want %s", test.text, got, test.id)
		}
	}
}

// An import by an identity of two ids checks both, and an object that is in another environment is not imported.
func TestImportIdentityOfTwoIDs(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	environment, other := c.CreateEnvironment(workspace.ID, "Production", nil).ID, c.CreateEnvironment(workspace.ID, "other", nil).ID
	consumer := c.CreateConsumer(environment, map[string]any{"email": "ann@example.com", "first_name": "Ann", "last_name": ""}).ID
	group := c.CreateConsumerGroup(environment, map[string]any{"name": "analysts"}).ID
	c.AddMember(group, consumer)
	p := newProtocol(t, c)
	for _, test := range []struct {
		kind, noun string
		identity   map[string]any
		wrong      string // the id that is wrong or missing
		summary    string // of the error of the import, or else of the read after it; "" when there is none
	}{
		{"cortex_consumer", "consumer", map[string]any{"environment_id": environment, "id": consumer}, "", ""},
		{"cortex_consumer_group", "consumer group", map[string]any{"environment_id": environment, "id": group}, "", ""},
		{"cortex_consumer_group_member", "consumer group member", map[string]any{"group_id": group, "consumer_id": consumer}, "", ""},
		{"cortex_consumer", "consumer", map[string]any{"environment_id": "Production", "id": consumer}, "environment_id", "Cannot import consumer by its identity"},
		{"cortex_consumer", "consumer", map[string]any{"environment_id": environment, "id": "ann@example.com"}, "id", "Cannot import consumer by its identity"},
		{"cortex_consumer_group_member", "consumer group member", map[string]any{"group_id": group}, "consumer_id", "Cannot import consumer group member by its identity"},
		{"cortex_consumer", "consumer", map[string]any{"environment_id": environment, "id": nil}, "id", "Cannot import consumer by its identity"},
		{"cortex_consumer", "consumer", map[string]any{"environment_id": other, "id": consumer}, "",
			`Cannot read consumer "ann@example.com" (` + consumer + `): it is in another environment`},
		{"cortex_consumer_group", "consumer group", map[string]any{"environment_id": other, "id": group}, "",
			`Cannot read consumer group "analysts" (` + group + `): it is in another environment`},
	} {
		resp, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: test.kind, Identity: &tfprotov6.ResourceIdentityData{IdentityData: p.encode(nullsBut(p.ids[test.kind], test.identity))},
		})
		if err != nil {
			t.Fatal(err)
		}
		if test.wrong != "" {
			at := tftypes.NewAttributePath().WithAttributeName(test.wrong)
			if len(resp.Diagnostics) != 1 || resp.Diagnostics[0].Summary != test.summary || !resp.Diagnostics[0].Attribute.Equal(at) {
				t.Errorf("%s by %v: the errors are %v", test.kind, test.identity, resp.Diagnostics)
			}
			if detail := resp.Diagnostics[0].Detail; test.identity[test.wrong] == nil && !strings.HasPrefix(detail, "The attribute "+test.wrong+" has no value; it has to be the UUID of a ") {
				t.Errorf("%s by %v: the error says %q", test.kind, test.identity, detail)
			}
			continue
		}
		p.check(nil, resp.Diagnostics)
		imported := resp.ImportedResources[0]
		c.Reset()
		read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: test.kind, CurrentState: imported.State, CurrentIdentity: imported.Identity, Private: imported.Private,
		})
		switch {
		case err != nil:
			t.Fatal(err)
		case test.summary != "" && (len(read.Diagnostics) != 1 || read.Diagnostics[0].Summary != test.summary):
			t.Errorf("%s by %v: the errors are %v, want %q", test.kind, test.identity, read.Diagnostics, test.summary)
		case test.summary == "":
			p.check(nil, read.Diagnostics)
			if p.isNull(test.kind, read.NewState) {
				t.Errorf("the imported %s is not read", test.noun)
			}
			for name, id := range p.attributes(test.kind, read.NewIdentity.IdentityData, true) {
				if id != test.identity[name] {
					t.Errorf("%s has the identity %s = %q", test.kind, name, id)
				}
			}
		}
		if n := len(c.Requests()); n > 1 {
			t.Errorf("%s by %v: %d requests", test.kind, test.identity, n)
		}
	}
}

// What somebody else changed since the plan is brought to what is configured as well. If it goes on changing, that is an error of its own,
// and the state shows what Cortex has.
func TestUpdateInterfered(t *testing.T) {
	for name, theirs := range map[string][]map[string]any{
		"once":              {{"alias": "theirs"}},
		"all the time":      {{"alias": "theirs"}, {"description": "theirs"}},
		"another had it":    {{"name": "elsewhere"}},
		"the first in turn": {{"description": "theirs", "alias": "theirs"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := cortextest.StartFake(t, cortextest.FakeOptions{})
			workspace := c.CreateWorkspace("acme", nil)
			environment := c.CreateEnvironment(workspace.ID, "Development", nil)
			group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "analysts", "properties": map[string]any{"a": 1}})
			p := newProtocol(t, c)
			values := map[string]any{"id": group.ID, "environment_id": environment.ID, "name": "analysts", "properties": `{"a":1}`, "created_at": group.CreatedAt}
			state := p.encode(nullsBut(p.types["cortex_consumer_group"], values))
			values["properties"] = `{"a":2}`
			plan := p.encode(nullsBut(p.types["cortex_consumer_group"], values))
			puts, theirTurn := 0, false
			c.Intercept = func(r *http.Request) *cortextest.Fault {
				if r.Method == http.MethodPut && !theirTurn && puts < len(theirs) {
					change := theirs[puts]
					puts++
					theirTurn = true
					change["properties"] = map[string]any{"a": 1} // a PUT without would clear them
					c.UpdateConsumerGroup(group.ID, change)
					theirTurn = false
				}
				return nil
			}
			applied, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: "cortex_consumer_group", PriorState: state, PlannedState: plan, Config: plan,
			})
			if err != nil {
				t.Fatal(err)
			}
			summary := `Cannot confirm the change of consumer group "analysts" (` + group.ID + `)`
			if name == "all the time" { // the second update meets another change
				if len(applied.Diagnostics) != 1 || applied.Diagnostics[0].Summary != summary {
					t.Errorf("the errors are %v", applied.Diagnostics)
				}
			} else if len(applied.Diagnostics) > 0 {
				t.Errorf("the errors are %v", applied.Diagnostics)
			}
			got, err := applied.NewState.Unmarshal(p.types["cortex_consumer_group"])
			if err != nil {
				t.Fatal(err)
			}
			var attributes map[string]tftypes.Value
			if err := got.As(&attributes); err != nil {
				t.Fatal(err)
			}
			now, _ := c.ConsumerGroup(group.ID)
			for attribute, is := range map[string]string{"name": now.Name, "alias": value(now.Alias), "description": value(now.Description)} {
				var shown string
				if attributes[attribute].IsKnown() && !attributes[attribute].IsNull() {
					_ = attributes[attribute].As(&shown)
				}
				if shown != is {
					t.Errorf("the state has %s = %q, Cortex %q", attribute, shown, is)
				}
			}
			if now.Name != "analysts" {
				t.Errorf("the group is %+v", now)
			}
		})
	}
}

// value is a text, "" where there is none.
func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
