package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// kindDataSource is the data source of one object of a kind.
type kindDataSource[T client.Object, M model[T, M]] struct {
	kind   kind[T, M]
	client *client.Client
}

func (k kind[T, M]) dataSource() datasource.DataSource { return &kindDataSource[T, M]{kind: k} }

func (d *kindDataSource[T, M]) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = d.kind.typeName()
}

// Schema asks for an id, or for what finds the object in its container.
func (d *kindDataSource[T, M]) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	k, attributes := d.kind, d.kind.dataAttributes()
	either := "Either this or `" + k.key + "` is required."
	if container := k.container(); container != "" && k.key != "" {
		of := "UUID of the " + k.in.info().noun + " to look in, in lower case and with hyphens."
		if k.scoped {
			attributes[container] = schema.StringAttribute{Required: true, MarkdownDescription: of}
		} else {
			either = "Either this or both `" + container + "` and `" + k.key + "` are required."
			attributes[container] = schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: of + " Required with `" + k.key + "`."}
		}
	}
	if k.key != "" {
		id := []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot(k.key))}
		key := k.schema().Attributes[k.key].(resourceschema.StringAttribute).Validators //nolint:forcetypeassert // keys are texts
		description := "Name to look for, exactly as Cortex has it. Either this or `id` is required."
		if container := k.container(); container != "" && !k.scoped {
			id = append(id, stringvalidator.ConflictsWith(path.MatchRoot(container)))
			key = append(key, stringvalidator.AlsoRequires(path.MatchRoot(container)))
		}
		if k.in != nil {
			description = keyDescription(k.key, k.in.info().noun)
		}
		attributes["id"] = schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "UUID to look for, in lower case and with hyphens. " + either,
			Validators:          id,
		}
		attributes[k.key] = schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description, Validators: key}
	}
	for _, part := range k.parts {
		attributes[part] = schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "UUID of the " + k.references[part] + ", in lower case and with hyphens.",
		}
	}
	resp.Schema = schema.Schema{MarkdownDescription: k.one, Attributes: attributes}
}

// keyDescription says how a key is looked for in a container.
func keyDescription(key, container string) string {
	if key == "email" {
		return "E-mail address to look for in the " + container + ". How its domain is spelled does not matter. Required without `id`."
	}
	return "Name to look for in the " + container + ", exactly as Cortex has it. Required without `id`."
}

func (d *kindDataSource[T, M]) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *kindDataSource[T, M]) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	text := func(attribute string) string {
		var value types.String
		if attribute != "" {
			resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(attribute), &value)...)
		}
		return value.ValueString()
	}
	var ref client.Ref
	if parts := d.kind.parts; len(parts) > 0 {
		var ids []string
		for _, part := range parts {
			ids = append(ids, text(part))
		}
		ref.ID = strings.Join(ids, "/")
	} else {
		ref = client.Ref{ID: text("id"), Scope: text(d.kind.container()), Name: text(d.kind.key)}
	}
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, d.ids()...)...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.find(ctx, ref)
	if err != nil {
		resp.Diagnostics.Append(cannot("find "+d.kind.label(ref)+d.kind.inside(ref.Scope), err))
		return
	}
	resp.Diagnostics.Append(d.kind.setData(ctx, &resp.State, func(values []tftypes.Value) tftypes.Value { return values[0] }, found)...)
}

// ids are the attributes that say an id.
func (d *kindDataSource[T, M]) ids() []string {
	switch {
	case len(d.kind.parts) > 0:
		return d.kind.parts
	case d.kind.in != nil:
		return []string{"id", d.kind.container()}
	}
	return []string{"id"}
}

// find looks for an object by its id, or else by its name in its container. Nothing that it sees is older than this read: a data source is read
// in an apply too, after what it depends on.
func (d *kindDataSource[T, M]) find(ctx context.Context, ref client.Ref) (T, error) {
	if ref.ID != "" {
		return d.kind.objects(d.client).GetNow(ctx, ref.Scope, ref.ID)
	}
	all, err := d.kind.objects(d.client).Fresh(ctx, ref.Scope)
	if err != nil {
		var none T
		return none, err
	}
	return exactlyOne(withName(all, ref.Name), present(all, false), d.kind.noun)
}

// stateOnly are the attributes of resources that Cortex knows nothing of.
var stateOnly = []string{"deletion_protection", "force_destroy", "retire_undeletable"}

// dataAttributes is what data sources show of an object: what the resource knows of it, less what is in the state only.
func (k kind[T, M]) dataAttributes() map[string]schema.Attribute {
	all := shownAttributes(k.schema().Attributes)
	for _, name := range stateOnly {
		delete(all, name)
	}
	return all
}

// shownAttributes are attributes as data sources show them. Secrets, and what is about them, are left out.
func shownAttributes(attributes map[string]resourceschema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for name, attribute := range attributes {
		description := shownDescription(attribute)
		switch a := attribute.(type) {
		case resourceschema.StringAttribute:
			if !a.Sensitive && !strings.HasSuffix(name, "_wo_version") {
				all[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
			}
		case resourceschema.Int64Attribute:
			all[name] = schema.Int64Attribute{Computed: true, MarkdownDescription: description}
		case resourceschema.BoolAttribute:
			all[name] = schema.BoolAttribute{Computed: true, MarkdownDescription: description}
		case resourceschema.Float64Attribute:
			all[name] = schema.Float64Attribute{Computed: true, MarkdownDescription: description}
		case resourceschema.ListAttribute:
			all[name] = schema.ListAttribute{Computed: true, MarkdownDescription: description, ElementType: a.ElementType}
		case resourceschema.SingleNestedAttribute:
			all[name] = schema.SingleNestedAttribute{Computed: true, MarkdownDescription: description, Attributes: shownAttributes(a.Attributes)}
		case resourceschema.ListNestedAttribute:
			all[name] = schema.ListNestedAttribute{Computed: true, MarkdownDescription: description, NestedObject: shownObject(a.NestedObject)}
		case resourceschema.MapNestedAttribute:
			all[name] = schema.MapNestedAttribute{Computed: true, MarkdownDescription: description, NestedObject: shownObject(a.NestedObject)}
		}
	}
	return all
}

func shownObject(object resourceschema.NestedAttributeObject) schema.NestedAttributeObject {
	return schema.NestedAttributeObject{Attributes: shownAttributes(object.Attributes)}
}

// shownDescription is what an attribute is, without how to set it: the first sentence.
func shownDescription(a resourceschema.Attribute) string {
	text := a.GetMarkdownDescription()
	if first, _, more := strings.Cut(text, ". "); more && (a.IsRequired() || a.IsOptional()) {
		return first + "."
	}
	return text
}

// setData puts objects into the state of a data source; shape makes the state of their values.
func (k kind[T, M]) setData(ctx context.Context, state *tfsdk.State, shape func([]tftypes.Value) tftypes.Value, found ...T) (diags diag.Diagnostics) {
	described, shown := k.schema(), schema.Schema{Attributes: k.dataAttributes()}.Type().TerraformType(ctx)
	values := []tftypes.Value{} // an empty list, not null
	for _, object := range found {
		imported, d := k.imported(ctx, described, object)
		diags.Append(d...)
		value, err := only(shown, imported.Raw)
		if err != nil {
			diags.AddError("Cannot show "+k.label(object.Ref()), sentence(err))
		}
		values = append(values, value)
	}
	if !diags.HasError() {
		state.Raw = shape(values)
	}
	return diags
}

// only returns a value with those attributes that a type has.
func only(of tftypes.Type, value tftypes.Value) (tftypes.Value, error) {
	if value.IsNull() {
		return tftypes.NewValue(of, nil), nil
	}
	switch of := of.(type) {
	case tftypes.Object:
		var all map[string]tftypes.Value
		if err := value.As(&all); err != nil {
			return value, err
		}
		return onlyThese(of, of.AttributeTypes, all)
	case tftypes.Map:
		var all map[string]tftypes.Value
		if err := value.As(&all); err != nil {
			return value, err
		}
		types := map[string]tftypes.Type{}
		for name := range all {
			types[name] = of.ElementType
		}
		return onlyThese(of, types, all)
	case tftypes.List:
		var all []tftypes.Value
		err := value.As(&all)
		for i, item := range all {
			if err == nil {
				all[i], err = only(of.ElementType, item)
			}
		}
		return tftypes.NewValue(of, all), err
	}
	return value, nil
}

func onlyThese(of tftypes.Type, types map[string]tftypes.Type, all map[string]tftypes.Value) (_ tftypes.Value, err error) {
	values := map[string]tftypes.Value{}
	for name, of := range types {
		if values[name], err = only(of, all[name]); err != nil {
			return tftypes.Value{}, err
		}
	}
	return tftypes.NewValue(of, values), nil
}

// imported returns the state of an object after its import; described is the kind's schema.
func (k kind[T, M]) imported(ctx context.Context, described resourceschema.Schema, object T) (tfsdk.State, diag.Diagnostics) {
	var none M
	state := tfsdk.State{Schema: described, Raw: tftypes.NewValue(described.Type().TerraformType(ctx), nil)}
	diags := state.Set(ctx, none.with(object))
	return state, diags
}
