package provider_test

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	fwpath "github.com/hashicorp/terraform-plugin-framework/path"
	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/zclconf/go-cty/cty"
)

// Dashboards might have lists where they have maps. What plans would look like then is shown by a provider of such a schema, which does nothing.

// withLists, in the environment of an engine, has the provider be that one.
const withLists = "CORTEX_TEST_LISTS"

type listProvider struct{ fw.Provider }

func (listProvider) Configure(context.Context, fw.ConfigureRequest, *fw.ConfigureResponse) {}

func (p listProvider) Resources(ctx context.Context) (all []func() resource.Resource) {
	for _, newResource := range p.Provider.Resources(ctx) {
		all = append(all, func() resource.Resource { return &listResource{newResource()} })
	}
	return all
}

type listResource struct{ resource.Resource }

func (r *listResource) Schema(ctx context.Context, req resource.SchemaRequest, resp *resource.SchemaResponse) {
	r.Resource.Schema(ctx, req, resp)
	resp.Schema.Attributes = listed(resp.Schema.Attributes)
}

func (*listResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	for _, name := range []string{"id", "created_at", "updated_at"} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, fwpath.Root(name), name)...)
	}
}

func (*listResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, fwpath.Root("updated_at"), "updated_at")...)
}

func (*listResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// listed are attributes with lists for maps by alias.
func listed(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	for name, attribute := range attributes {
		parts, isMap := attribute.(schema.MapNestedAttribute)
		if !isMap || parts.NestedObject.Attributes["position"] == nil {
			continue
		}
		inside := listed(parts.NestedObject.Attributes)
		delete(inside, "position")
		inside["alias"] = schema.StringAttribute{Required: true}
		attributes[name] = schema.ListNestedAttribute{Required: parts.Required, Optional: parts.Optional, NestedObject: schema.NestedAttributeObject{Attributes: inside}}
	}
	return attributes
}

// asLists is the configuration of a dashboard with lists for maps, and with one id for whatever it refers to.
func asLists(t *testing.T, text string) string {
	t.Helper()
	text = regexp.MustCompile(`cortex_\w+\.\w+\.id`).ReplaceAllString(text, `"00000000-0000-4000-8000-000000000000"`)
	file, diags := hclsyntax.ParseConfig([]byte(text), "dashboard.tf", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	from := file.Body.(*hclsyntax.Body).Blocks[0]
	to := hclwrite.NewEmptyFile()
	body := to.Body().AppendNewBlock(from.Type, from.Labels).Body()
	for name, attribute := range from.Body.Attributes {
		value, diags := attribute.Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if name == "views" {
			value = asList(value)
		}
		body.SetAttributeValue(name, value)
	}
	return string(to.Bytes())
}

// asList is a map by alias as a list.
func asList(parts cty.Value) cty.Value {
	list := []cty.Value{}
	positions := map[string]int64{} // by alias
	for alias, part := range parts.AsValueMap() {
		fields := part.AsValueMap()
		if position, ok := fields["position"]; ok {
			positions[alias], _ = position.AsBigFloat().Int64()
			delete(fields, "position")
		}
		for _, name := range []string{"sections", "widgets"} {
			if inside, ok := fields[name]; ok {
				fields[name] = asList(inside)
			}
		}
		fields["alias"] = cty.StringVal(alias)
		list = append(list, cty.ObjectVal(fields))
	}
	slices.SortFunc(list, func(a, b cty.Value) int {
		x, y := a.GetAttr("alias").AsString(), b.GetAttr("alias").AsString()
		return cmp.Or(cmp.Compare(positions[x], positions[y]), cmp.Compare(x, y))
	})
	return cty.TupleVal(list)
}
