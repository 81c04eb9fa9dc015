package serve

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// TestSettledPlans lets the framework plan each change of each attribute of an object of each kind, and none, and compares.
func TestSettledPlans(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	environment := c.CreateEnvironment(workspace.ID, "Production", nil).ID
	consumer := c.CreateConsumer(environment, map[string]any{"email": "ann@example.com", "first_name": "Ann", "last_name": ""}).ID
	group := c.CreateConsumerGroup(environment, map[string]any{"name": "Analysts", "properties": map[string]any{"a": 1}}).ID
	c.AddMember(group, consumer)
	source := c.CreateDataSource(environment, map[string]any{"name": "Sales", "alias": "sales", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": "/var/lib/sales.db", "dialect": "sqlite"}}).ID
	model := c.CreateDataModel(environment, map[string]any{"name": "Sales"}).ID
	metric := c.CreateMetric(model, map[string]any{"name": "Revenue", "data_source_id": source, "table_name": "orders",
		"measures": []any{map[string]any{"name": "orders", "description": "", "type": "count", "query": "id"}}}).ID
	dashboard := c.CreateDashboard(environment, cortextest.SampleDashboards(metric)[0]).ID
	imports := map[string]string{
		"cortex_workspace": workspace.ID, "cortex_environment": environment, "cortex_consumer": consumer, "cortex_consumer_group": group,
		"cortex_consumer_group_member": group + "/" + consumer, "cortex_data_source": source, "cortex_data_model": environment + "/" + model, "cortex_metric": environment + "/" + metric,
		"cortex_dashboard": dashboard,
	}

	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]tftypes.Value{}
	for _, attribute := range schemas.Provider.Block.Attributes {
		settings[attribute.Name] = tftypes.NewValue(attribute.Type, nil)
	}
	settings["endpoint"] = tftypes.NewValue(tftypes.String, c.URL())
	if _, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: encoded(t, tftypes.NewValue(schemas.Provider.ValueType(), settings))}); err != nil {
		t.Fatal(err)
	}

	for kind, schema := range schemas.ResourceSchemas {
		t.Run(kind, func(t *testing.T) {
			state, private, identity := read(t, server, kind, imports[kind])
			is := map[string]tftypes.Value{}
			if prior, err := state.Unmarshal(schema.ValueType()); err != nil || prior.As(&is) != nil {
				t.Fatal(err)
			}
			// plan compares both plans of a configuration, and tells whether the object was settled. An engine proposes what the configuration says,
			// and what the state has for attributes that the provider may choose.
			plan := func(config map[string]tftypes.Value) bool {
				t.Helper()
				proposed := map[string]tftypes.Value{}
				for _, a := range schema.Block.Attributes {
					proposed[a.Name] = config[a.Name]
					if a.WriteOnly || config[a.Name].IsNull() && a.Computed {
						proposed[a.Name] = is[a.Name]
					}
				}
				settled := false
				for _, identity := range []*tfprotov6.ResourceIdentityData{identity, nil} {
					req := &tfprotov6.PlanResourceChangeRequest{
						TypeName: kind, PriorState: state, PriorPrivate: private, PriorIdentity: identity,
						Config: encoded(t, tftypes.NewValue(schema.ValueType(), config)), ProposedNewState: encoded(t, tftypes.NewValue(schema.ValueType(), proposed)),
					}
					got := planSettled(req)
					if settled = got != nil; !settled {
						continue
					}
					want, err := server.PlanResourceChange(t.Context(), req)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("not as the framework plans (-framework +got):\n%s", diff)
					}
				}
				return settled
			}

			unchanged := func() map[string]tftypes.Value {
				config := map[string]tftypes.Value{}
				for _, a := range schema.Block.Attributes {
					config[a.Name] = is[a.Name]
					if a.WriteOnly || a.Computed && !a.Optional {
						config[a.Name] = tftypes.NewValue(a.ValueType(), nil)
					}
				}
				return config
			}
			if want := kind != "cortex_data_source" && kind != "cortex_dashboard"; plan(unchanged()) != want {
				t.Errorf("settled without a change: %t", !want)
			}
			for _, a := range schema.Block.Attributes {
				if a.Computed && !a.Optional {
					continue
				}
				for _, value := range []any{nil, tftypes.UnknownValue, other(is[a.Name])} {
					if config := unchanged(); value != any(unlike) {
						config[a.Name] = tftypes.NewValue(a.ValueType(), value)
						if plan(config) && value != nil {
							t.Errorf("%s = %v changes nothing", a.Name, value)
						}
					}
				}
				// A state with another value than the default, of which the configuration says nothing.
				if a.Computed && other(is[a.Name]) != any(unlike) {
					before, stateBefore := is[a.Name], state
					is[a.Name] = tftypes.NewValue(a.ValueType(), other(before))
					state = encoded(t, tftypes.NewValue(schema.ValueType(), is))
					config := unchanged()
					config[a.Name] = tftypes.NewValue(a.ValueType(), nil)
					plan(config)
					is[a.Name], state = before, stateBefore
				}
			}
		})
	}
}

// unlike is no value.
var unlike = struct{}{}

// other returns another value than a text, number or boolean.
func other(value tftypes.Value) any {
	switch {
	case value.Type().Is(tftypes.String):
		return "b2a7c7a6-3f0c-4a3f-9d0e-5f7a3c1e9b11"
	case value.Type().Is(tftypes.Number):
		return big.NewFloat(7)
	case value.Type().Is(tftypes.Bool):
		var is bool
		_ = value.As(&is) // null is false
		return !is
	}
	return unlike
}

// read imports an object and reads it, as engines do.
func read(t *testing.T, server tfprotov6.ProviderServer, kind, id string) (*tfprotov6.DynamicValue, []byte, *tfprotov6.ResourceIdentityData) {
	t.Helper()
	imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil || len(imported.ImportedResources) != 1 {
		t.Fatal(err, imported)
	}
	one := imported.ImportedResources[0]
	got, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: kind, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private})
	if err != nil || len(got.Diagnostics) > 0 {
		t.Fatal(err, got)
	}
	return got.NewState, got.Private, got.NewIdentity
}

func encoded(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	v, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &v
}
