package provider

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
)

// schemas returns the schemas of the provider as an engine gets them.
func schemas(t *testing.T) map[string]*tfprotov6.Schema {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(got.Diagnostics) > 0 {
		t.Fatal(err, got.Diagnostics)
	}
	schemas := map[string]*tfprotov6.Schema{"provider": got.Provider}
	for name, schema := range got.ResourceSchemas {
		schemas["resource "+name] = schema
	}
	for name, schema := range got.DataSourceSchemas {
		schemas["data source "+name] = schema
	}
	for name, schema := range got.ListResourceSchemas {
		schemas["list resource "+name] = schema
	}
	return schemas
}

// newModel is a model of the kind.
func (k kind[T, M]) newModel() any { return new(M) }

// Every schema with a model has the same attributes of the same types.
func TestSchemasFitModels(t *testing.T) {
	ctx := t.Context()
	var provided provider.SchemaResponse
	New("test")().Schema(ctx, provider.SchemaRequest{}, &provided)
	if d := (tfsdk.Config{Schema: provided.Schema, Raw: nulls(provided.Schema.Type().TerraformType(ctx))}).Get(ctx, &providerModel{}); d.HasError() {
		t.Errorf("provider: %v", d)
	}
	for _, k := range registry() {
		var described resource.SchemaResponse
		k.resource().Schema(ctx, resource.SchemaRequest{}, &described)
		state := tfsdk.State{Schema: described.Schema, Raw: nulls(described.Schema.Type().TerraformType(ctx))}
		if d := state.Get(ctx, k.(interface{ newModel() any }).newModel()); d.HasError() {
			t.Errorf("%s: %v", k.info().noun, d)
		}
	}
}

// The framework finds nothing wrong with any schema.
func TestSchemasAreValid(t *testing.T) {
	ctx := t.Context()
	for _, k := range registry() {
		var managed resource.SchemaResponse
		var one, all datasource.SchemaResponse
		var listed list.ListResourceSchemaResponse
		k.resource().Schema(ctx, resource.SchemaRequest{}, &managed)
		k.dataSource().Schema(ctx, datasource.SchemaRequest{}, &one)
		k.objectsDataSource().Schema(ctx, datasource.SchemaRequest{}, &all)
		k.listResource().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &listed)
		for name, d := range map[string]diag.Diagnostics{
			"resource": managed.Schema.ValidateImplementation(ctx), "data source": one.Schema.ValidateImplementation(ctx),
			"data source of all": all.Schema.ValidateImplementation(ctx), "list resource": listed.Schema.ValidateImplementation(ctx),
		} {
			if d.HasError() {
				t.Errorf("%s of %s: %v", name, k.info().noun, d)
			}
		}
	}
}

// nulls is an object whose attributes are all null.
func nulls(object tftypes.Type) tftypes.Value {
	values := map[string]tftypes.Value{}
	for name, attribute := range object.(tftypes.Object).AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	return tftypes.NewValue(object, values)
}

// Data sources show of an object what the resource knows, but for what is in the state only.
func TestModelsAgree(t *testing.T) {
	all := schemas(t)
	for _, k := range registry() {
		kind := strings.TrimPrefix(k.info().typeName(), "cortex_")
		want := slices.DeleteFunc(names(all["resource cortex_"+kind].Block.Attributes), func(name string) bool {
			return slices.Contains([]string{"deletion_protection", "force_destroy", "retire_undeletable"}, name)
		})
		if got := names(all["data source cortex_"+kind].Block.Attributes); !reflect.DeepEqual(got, want) {
			t.Errorf("the data source of one %s has %q, want %q", kind, got, want)
		}
		for _, attribute := range all["data source cortex_"+kind+"s"].Block.Attributes {
			if attribute.NestedType == nil {
				continue
			}
			if got := names(attribute.NestedType.Attributes); !reflect.DeepEqual(got, want) {
				t.Errorf("the data source of all %ss has %q, want %q", kind, got, want)
			}
		}
	}
}

// What is managed can be listed: every resource has a list resource.
func TestEveryResourceIsListed(t *testing.T) {
	all := schemas(t)
	for name := range all {
		if kind, ok := strings.CutPrefix(name, "resource "); ok && all["list resource "+kind] == nil {
			t.Errorf("%s cannot be listed", kind)
		}
	}
}

func names(attributes []*tfprotov6.SchemaAttribute) []string {
	var all []string
	for _, a := range attributes {
		all = append(all, a.Name)
	}
	slices.Sort(all)
	return all
}

func TestDescriptions(t *testing.T) {
	all := schemas(t)
	for name, schema := range all {
		if !strings.HasSuffix(schema.Block.Description, ".") || schema.Block.DescriptionKind != tfprotov6.StringKindMarkdown {
			t.Errorf("%s is described by %q", name, schema.Block.Description)
		}
		var check func(path string, attributes []*tfprotov6.SchemaAttribute)
		check = func(path string, attributes []*tfprotov6.SchemaAttribute) {
			for _, a := range attributes {
				if !strings.HasSuffix(a.Description, ".") || a.DescriptionKind != tfprotov6.StringKindMarkdown {
					t.Errorf("%s.%s is described by %q", path, a.Name, a.Description)
				}
				if a.NestedType != nil {
					check(path+"."+a.Name, a.NestedType.Attributes)
				}
			}
		}
		check(name, schema.Block.Attributes)
	}
}

func TestSensitive(t *testing.T) {
	all := schemas(t)
	var sensitive []string
	for _, a := range all["provider"].Block.Attributes {
		if a.Sensitive {
			sensitive = append(sensitive, a.Name)
		}
	}
	slices.Sort(sensitive)
	if want := []string{"api_key", "client_key_pem", "headers"}; !reflect.DeepEqual(sensitive, want) {
		t.Errorf("sensitive are %q, want %q", sensitive, want)
	}
}

// Documentation quotes the environment variables of the table that Configure reads.
func TestVariablesDocumented(t *testing.T) {
	all := schemas(t)
	for _, a := range all["provider"].Block.Attributes {
		for _, name := range variables[a.Name] {
			if !strings.Contains(a.Description, "`"+name+"`") {
				t.Errorf("the description of %s lacks %s", a.Name, name)
			}
		}
	}
}
