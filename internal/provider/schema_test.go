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

// schemas returns the schemas of the provider as an engine gets them, with a model for each.
func schemas(t *testing.T) (schemas map[string]*tfprotov6.Schema, models map[string]any) {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil || len(got.Diagnostics) > 0 {
		t.Fatal(err, got.Diagnostics)
	}
	schemas = map[string]*tfprotov6.Schema{"provider": got.Provider}
	for name, schema := range got.ResourceSchemas {
		schemas["resource "+name] = schema
	}
	for name, schema := range got.DataSourceSchemas {
		schemas["data source "+name] = schema
	}
	for name, schema := range got.ListResourceSchemas {
		schemas["list resource "+name] = schema
	}
	return schemas, map[string]any{
		"provider":                         &providerModel{},
		"resource cortex_workspace":        &workspaceResourceModel{},
		"resource cortex_environment":      &environmentResourceModel{},
		"data source cortex_workspace":     &workspaceModel{},
		"data source cortex_workspaces":    &workspacesModel{},
		"data source cortex_environment":   &environmentModel{},
		"data source cortex_environments":  &environmentsModel{},
		"list resource cortex_workspace":   &workspaceListModel{},
		"list resource cortex_environment": &environmentListModel{},
	}
}

// Every schema has a model with the same attributes of the same types, and every model has a schema.
func TestSchemasFitModels(t *testing.T) {
	ctx := t.Context()
	p := New("test")()
	var providerSchema provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &providerSchema)
	fit := map[string]func(any) diag.Diagnostics{"provider": func(model any) diag.Diagnostics {
		return tfsdk.Config{Schema: providerSchema.Schema, Raw: nulls(providerSchema.Schema.Type().TerraformType(ctx))}.Get(ctx, model)
	}}
	for _, newResource := range p.Resources(ctx) {
		var meta resource.MetadataResponse
		var schema resource.SchemaResponse
		newResource().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "cortex"}, &meta)
		newResource().Schema(ctx, resource.SchemaRequest{}, &schema)
		if d := schema.Schema.ValidateImplementation(ctx); d.HasError() {
			t.Errorf("%s: %v", meta.TypeName, d)
		}
		fit["resource "+meta.TypeName] = func(model any) diag.Diagnostics {
			return tfsdk.State{Schema: schema.Schema, Raw: nulls(schema.Schema.Type().TerraformType(ctx))}.Get(ctx, model)
		}
	}
	for _, newDataSource := range p.DataSources(ctx) {
		var meta datasource.MetadataResponse
		var schema datasource.SchemaResponse
		newDataSource().Metadata(ctx, datasource.MetadataRequest{ProviderTypeName: "cortex"}, &meta)
		newDataSource().Schema(ctx, datasource.SchemaRequest{}, &schema)
		if d := schema.Schema.ValidateImplementation(ctx); d.HasError() {
			t.Errorf("%s: %v", meta.TypeName, d)
		}
		fit["data source "+meta.TypeName] = func(model any) diag.Diagnostics {
			return tfsdk.State{Schema: schema.Schema, Raw: nulls(schema.Schema.Type().TerraformType(ctx))}.Get(ctx, model)
		}
	}
	for _, newList := range p.(provider.ProviderWithListResources).ListResources(ctx) {
		var meta resource.MetadataResponse
		var schema list.ListResourceSchemaResponse
		newList().Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "cortex"}, &meta)
		newList().ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &schema)
		if d := schema.Schema.ValidateImplementation(ctx); d.HasError() {
			t.Errorf("%s: %v", meta.TypeName, d)
		}
		fit["list resource "+meta.TypeName] = func(model any) diag.Diagnostics {
			return tfsdk.Config{Schema: schema.Schema, Raw: nulls(schema.Schema.Type().TerraformType(ctx))}.Get(ctx, model)
		}
	}
	_, models := schemas(t)
	for name, model := range models {
		if fit[name] == nil {
			t.Errorf("%s: a model without a schema", name)
		} else if d := fit[name](model); d.HasError() {
			t.Errorf("%s: %v", name, d)
		}
		delete(fit, name)
	}
	for name := range fit {
		t.Errorf("%s: a schema without a model", name)
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
	all, _ := schemas(t)
	for _, kind := range []string{"workspace", "environment"} {
		want := slices.DeleteFunc(names(all["resource cortex_"+kind].Block.Attributes), func(name string) bool {
			return slices.Contains([]string{"deletion_protection", "force_destroy"}, name)
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
	all, _ := schemas(t)
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
	all, _ := schemas(t)
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
	all, _ := schemas(t)
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
	all, _ := schemas(t)
	for _, a := range all["provider"].Block.Attributes {
		for _, name := range variables[a.Name] {
			if !strings.Contains(a.Description, "`"+name+"`") {
				t.Errorf("the description of %s lacks %s", a.Name, name)
			}
		}
	}
}
