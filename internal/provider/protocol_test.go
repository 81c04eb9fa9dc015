package provider

import (
	"testing"

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
	p := &protocol{t: t, server: server, types: map[string]tftypes.Object{}, lists: map[string]tftypes.Object{}}
	for name, schema := range got.ResourceSchemas {
		p.types[name] = schema.ValueType().(tftypes.Object)
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
		all[name] = tftypes.NewValue(kind, values[name])
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
	p := newProtocol(t, c)
	for kind, values := range map[string]map[string]any{
		"cortex_workspace":   {"id": workspace.ID, "name": "acme", "created_at": workspace.CreatedAt, "updated_at": workspace.UpdatedAt},
		"cortex_environment": {"id": environment.ID, "workspace_id": workspace.ID, "name": "Production", "description": *environment.Description},
	} {
		values["deletion_protection"], values["force_destroy"] = false, false
		state := p.encode(nullsBut(p.types[kind], values))

		read, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: state})
		p.check(err, read.Diagnostics)
		if p.isNull(kind, read.NewState) || read.NewIdentity == nil {
			t.Errorf("%s: the object or its identity is lost", kind)
		}

		values["description"] = "changed"
		plan := p.encode(nullsBut(p.types[kind], values))
		applied, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{TypeName: kind, PriorState: state, PlannedState: plan, Config: plan})
		p.check(err, applied.Diagnostics)
		if applied.NewIdentity == nil {
			t.Errorf("%s: the update gave no identity", kind)
		}
	}

	c.DeleteEnvironment(environment.ID)
	c.DeleteWorkspace(workspace.ID)
	for kind, id := range map[string]string{"cortex_workspace": workspace.ID, "cortex_environment": environment.ID} {
		state := p.encode(nullsBut(p.types[kind], map[string]any{"id": id, "name": "acme"}))
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
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
	by := func(id string) *tfprotov6.ImportResourceStateResponse {
		t.Helper()
		identity := p.encode(nullsBut(kind, map[string]any{"id": id}))
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

// Somebody else's change in the same moment is an error of its own, and the state shows what Cortex has.
func TestUpdateInterfered(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	p := newProtocol(t, c)
	values := map[string]any{"id": workspace.ID, "name": "acme", "created_at": workspace.CreatedAt, "deletion_protection": false, "force_destroy": false}
	state := p.encode(nullsBut(p.types["cortex_workspace"], values))
	values["description"] = "changed"
	plan := p.encode(nullsBut(p.types["cortex_workspace"], values))
	c.UpdateWorkspace(workspace.ID, map[string]any{"name": "elsewhere"})
	applied, err := p.server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: "cortex_workspace", PriorState: state, PlannedState: plan, Config: plan,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(applied.Diagnostics) != 1 || applied.Diagnostics[0].Summary != `Cannot confirm the change of workspace "acme" (`+workspace.ID+`)` {
		t.Errorf("the errors are %v", applied.Diagnostics)
	}
	got, err := applied.NewState.Unmarshal(p.types["cortex_workspace"])
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	var name string
	if err := got.As(&attributes); err != nil || attributes["name"].As(&name) != nil || name != "elsewhere" {
		t.Errorf("the state is %s (%v), want what Cortex answered", got, err)
	}
}
