package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// sortedBy is the order of lists, whose key is that of their kind.
func sortedBy(key string) string {
	switch key {
	case "email":
		return "by e-mail address, then by id"
	case "":
		return "by the name of the group, then by the e-mail address of the consumer, then by id"
	}
	return "by name, then by id"
}

// includeRetired asks for all objects of a kind that retires them.
const includeRetired = "include_retired"

// kindObjectsDataSource is the data source of all objects of a kind.
type kindObjectsDataSource[T client.Object, M model[T, M]] struct {
	kind   kind[T, M]
	client *client.Client
}

func (k kind[T, M]) objectsDataSource() datasource.DataSource {
	return &kindObjectsDataSource[T, M]{kind: k}
}

func (d *kindObjectsDataSource[T, M]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.kind.typeName() + "s"
}

func (d *kindObjectsDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	k := d.kind
	attributes := map[string]schema.Attribute{
		k.plural(): schema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The " + k.noun + "s, sorted " + sortedBy(k.key) + ". " + k.keyHint,
			NestedObject:        schema.NestedAttributeObject{Attributes: k.dataAttributes()},
		},
	}
	if k.in != nil {
		holder := k.in.info()
		within := schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "UUID of the " + holder.noun + ", in lower case and with hyphens.",
		}
		if holder.in == nil { // few enough to be asked for everywhere
			within.Required, within.Optional = false, true
			within.MarkdownDescription += " Without it the " + k.noun + "s of all " + holder.noun + "s are listed, which takes one request for each " + holder.noun + "."
		}
		attributes[k.container()] = within
	}
	if k.retires {
		attributes[includeRetired] = schema.BoolAttribute{
			Optional:            true,
			MarkdownDescription: "Whether those are listed, too, that were retired because they cannot be deleted (`retire_undeletable`). Defaults to `false`.",
		}
	}
	resp.Schema = schema.Schema{MarkdownDescription: k.all, Attributes: attributes}
}

func (d *kindObjectsDataSource[T, M]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *kindObjectsDataSource[T, M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	k := d.kind
	var scope types.String
	if k.in != nil {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(k.container()), &scope)...)
		resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, k.container())...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	what := "list the " + k.noun + "s"
	switch {
	case k.in != nil && scope.IsNull():
		what += " of all " + k.in.info().noun + "s"
	case k.in != nil:
		what += " of " + k.in.info().noun + " " + scope.ValueString()
	}
	var retired types.Bool
	if k.retires {
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(includeRetired), &retired)...)
	}
	all, err := d.list(ctx, scope, retired.ValueBool())
	if err != nil {
		resp.Diagnostics.Append(cannot(what, err))
		return
	}
	resp.Diagnostics.Append(k.setData(ctx, &resp.State, func(values []tftypes.Value) tftypes.Value {
		object := req.Config.Schema.Type().TerraformType(ctx).(tftypes.Object) //nolint:forcetypeassert // schemas are objects
		shape := map[string]tftypes.Value{k.plural(): tftypes.NewValue(object.AttributeTypes[k.plural()], values)}
		if k.in != nil {
			shape[k.container()] = tftypes.NewValue(tftypes.String, scope.ValueStringPointer())
		}
		if k.retires {
			shape[includeRetired] = tftypes.NewValue(tftypes.Bool, retired.ValueBoolPointer())
		}
		return tftypes.NewValue(object, shape)
	}, all...)...)
}

// list lists the objects of one container, or of all.
func (d *kindObjectsDataSource[T, M]) list(ctx context.Context, scope types.String, retired bool) ([]T, error) {
	if d.kind.in == nil || !scope.IsNull() {
		all, err := d.kind.objects(d.client).Fresh(ctx, scope.ValueString())
		if err == nil && len(all) == 0 && d.kind.unlisted { // Cortex lists nothing, too, in an environment that is not there
			_, err = d.client.Environments.GetNow(ctx, "", scope.ValueString())
		}
		return present(all, retired), err
	}
	var all []T
	for found, err := range d.kind.everywhere(ctx, d.client, retired) {
		if err != nil {
			return nil, err
		}
		all = append(all, found.object)
	}
	client.SortByName(all)
	return all, nil
}
