package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Attribute is an attribute as a block of configuration sets it.
type Attribute struct {
	Name string
	// Value is unknown where it is a secret, which no configuration says. In an object, attributes without a value are left out.
	Value tftypes.Value
}

// IsJSON tells whether attributes of a name are JSON texts, which jsonencode writes more readably.
func IsJSON(name string) bool { return slices.Contains(jsonAttributes, name) }

// Text returns a value that is a text; ok is false for any other, and for one that is null or unknown.
func Text(value tftypes.Value) (text string, ok bool) {
	if ok = value.Type().Is(tftypes.String) && !value.IsNull() && value.IsKnown(); ok {
		_ = value.As(&text) // texts are
	}
	return text, ok
}

// Kind is a kind of objects, for who writes configuration of them.
type Kind struct {
	Noun      string // "consumer group"
	Type      string // of its resource: "cortex_consumer_group"
	Container string // noun of the kind that contains it; "" at the top
	// References are attributes, nested ones too, that hold the id of an object of another kind, with that kind's noun.
	References map[string]string
	// Differs are attributes, nested ones too, that usually differ between two environments that are equal otherwise.
	Differs []string
	// Describe returns an object of the kind as configuration.
	Describe func(client.Object) Object
	// List returns the objects in one scope; gone is true where what contains them does not exist any more.
	List func(ctx context.Context, c *client.Client, scope string) (objects []Object, gone bool, err error)
	// Unsaid returns what attributes are of which a configuration says nothing, where that is not null. It is nil where a plan may have something to
	// say of an object that is what the configuration wants already: where secrets are compared, or other objects looked for.
	Unsaid func() map[string]tftypes.Value
	// Find returns the one object that a text means: its id, or the names of what it is in and its own with slashes between.
	Find func(ctx context.Context, c *client.Client, text string) (client.Ref, error)
}

// Object is an object of Cortex as configuration.
type Object struct {
	Ref        client.Ref
	Attributes []Attribute
	Whole      []Attribute // Attributes, and with them what of the kind's Differs equals a default
	Refused    error       // why no configuration can describe it
}

// Kinds returns all kinds of objects, each after the kind that contains it and those that it refers to.
func Kinds() []*Kind {
	var all []*Kind
	for _, k := range registry() {
		all = append(all, k.exported())
	}
	return all
}

func (k kind[T, M]) exported() *Kind {
	e := &Kind{Noun: k.noun, Type: k.typeName(), References: k.references, Differs: k.differs}
	if k.in != nil {
		e.Container = k.in.info().noun
	}
	if _, secret := any(*new(M)).(confidant[T, M]); !secret && k.look == nil {
		e.Unsaid = func() map[string]tftypes.Value { return unsaid(k.schema().Attributes) }
	}
	e.Describe = func(object client.Object) Object {
		described := Object{Ref: object.Ref()}
		described.Attributes, described.Refused = k.configuration(object.(T), nil) //nolint:forcetypeassert // what the kind describes
		if described.Whole = described.Attributes; len(k.differs) > 0 {
			described.Whole, _ = k.configuration(object.(T), k.differs) //nolint:forcetypeassert // as before
		}
		return described
	}
	e.Find = func(ctx context.Context, c *client.Client, text string) (client.Ref, error) {
		found, err := k.find(ctx, c, text)
		return found.Ref(), err
	}
	e.List = func(ctx context.Context, c *client.Client, scope string) (objects []Object, gone bool, err error) {
		all, err := k.objects(c).List(ctx, scope)
		if k.in != nil && client.IsGone(err, k.in.info().noun, scope) {
			return nil, true, nil
		}
		for _, object := range present(all, false) {
			objects = append(objects, e.Describe(object))
		}
		return objects, false, err
	}
	return e
}

// configuration returns what the resource block of an object that exists has to say, so that a plan changes nothing, in the order of its
// model; what has no value or the default is left out, but for the defaults of attributes in whole. An error says why no configuration can describe
// the object.
func (k kind[T, M]) configuration(object T, whole []string) ([]Attribute, error) {
	ctx := context.Background()
	described := k.schema()
	state, diags := k.imported(ctx, described, object)

	diags.Append(k.checkReferences(ctx, state.Raw)...)
	if k.validate != nil {
		var none M
		diags.Append(k.validate(none.with(object))...)
	}

	var found []Attribute
	for _, field := range reflect.VisibleFields(reflect.TypeFor[M]()) {
		name := field.Tag.Get("tfsdk")
		attribute, ok := described.Attributes[name]
		if !ok {
			continue
		}
		var value attr.Value
		diags.Append(state.GetAttribute(ctx, path.Root(name), &value)...)
		if diags.HasError() {
			break
		}
		raw, isSet, d := said(ctx, path.Root(name), attribute, value, whole)
		if diags.Append(d...); isSet {
			found = append(found, Attribute{Name: name, Value: raw})
		}
	}
	return found, asError(diags)
}

// said returns what a configuration says of an attribute for it to have a value, if it has to say anything.
func said(ctx context.Context, at path.Path, attribute schema.Attribute, value attr.Value, whole []string) (raw tftypes.Value, isSet bool, diags diag.Diagnostics) {
	last, _ := at.Steps().LastStep()
	name, _ := last.(path.PathStepAttributeName)
	switch {
	case !attribute.IsRequired() && !attribute.IsOptional(), value.IsNull() && !attribute.IsRequired(),
		value.Equal(defaultValue(ctx, attribute)) && !slices.Contains(whole, string(name)):
		return raw, false, nil
	case value.IsNull():
		diags.AddAttributeError(at, "Missing "+at.String(), "Cortex has no value for it, and a configuration has to say one.")
		return raw, false, diags
	case attribute.IsSensitive():
		return tftypes.NewValue(attribute.GetType().TerraformType(ctx), tftypes.UnknownValue), true, nil
	}
	diags.Append(validate(ctx, at, attribute, value)...)
	if nested, ok := attribute.(schema.NestedAttribute); ok {
		raw, inside := saidInside(ctx, at, nested, value, whole)
		diags.Append(inside...)
		return raw, true, diags
	}
	raw, err := value.ToTerraformValue(ctx)
	if err != nil {
		diags.AddAttributeError(at, "Cannot describe "+at.String(), sentence(err))
	}
	return raw, true, diags
}

// saidInside is said for objects, and for lists and maps of them. As some attributes of each are left out, they are a tuple and an object. What is wrong with them
// is said in the order of their names.
func saidInside(ctx context.Context, at path.Path, attribute schema.NestedAttribute, value attr.Value, whole []string) (raw tftypes.Value, diags diag.Diagnostics) {
	values, is := map[string]tftypes.Value{}, map[string]tftypes.Type{}
	switch value := value.(type) {
	case types.List:
		var items []tftypes.Value
		var types []tftypes.Type
		for i, item := range value.Elements() {
			inside, d := saidInside(ctx, at.AtListIndex(i), attribute, item, whole)
			diags.Append(d...)
			items, types = append(items, inside), append(types, inside.Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: types}, items), diags
	case types.Map:
		items := value.Elements()
		for _, name := range slices.Sorted(maps.Keys(items)) {
			inside, d := saidInside(ctx, at.AtMapKey(name), attribute, items[name], whole)
			diags.Append(d...)
			values[name], is[name] = inside, inside.Type()
		}
	case types.Object:
		attributes, has := attribute.GetNestedObject().GetAttributes(), value.Attributes()
		for _, name := range slices.Sorted(maps.Keys(attributes)) {
			inside, isSet, d := said(ctx, at.AtName(name), attributes[name].(schema.Attribute), has[name], whole) //nolint:forcetypeassert // of a resource's schema
			if diags.Append(d...); isSet {
				values[name], is[name] = inside, inside.Type()
			}
		}
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: is}, values), diags
}

// unsaid returns the defaults of attributes. Nested attributes have none: see filledIn.
func unsaid(attributes map[string]schema.Attribute) map[string]tftypes.Value {
	all := map[string]tftypes.Value{}
	for name, attribute := range attributes {
		if value := defaultValue(context.Background(), attribute); value != nil {
			raw, err := value.ToTerraformValue(context.Background())
			if err != nil {
				panic(fmt.Sprint("a default does not fit its schema: ", err)) // see schema_test.go
			}
			all[name] = raw
		}
	}
	return all
}

// defaultValue returns the default of an attribute, nil when it has none.
func defaultValue(ctx context.Context, attribute schema.Attribute) attr.Value {
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		if attribute.Default != nil {
			var resp defaults.StringResponse
			attribute.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			return resp.PlanValue
		}
	case schema.BoolAttribute:
		if attribute.Default != nil {
			var resp defaults.BoolResponse
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			return resp.PlanValue
		}
	case schema.Int64Attribute:
		if attribute.Default != nil {
			var resp defaults.Int64Response
			attribute.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
			return resp.PlanValue
		}
	}
	return nil
}

// validate checks a value as a plan would.
func validate(ctx context.Context, at path.Path, attribute schema.Attribute, value attr.Value) diag.Diagnostics {
	switch attribute := attribute.(type) {
	case schema.StringAttribute:
		if value, ok := value.(types.String); ok {
			var resp validator.StringResponse
			for _, v := range attribute.Validators {
				v.ValidateString(ctx, validator.StringRequest{Path: at, PathExpression: at.Expression(), ConfigValue: value}, &resp)
			}
			return resp.Diagnostics
		}
	case schema.Int64Attribute:
		if value, ok := value.(types.Int64); ok {
			var resp validator.Int64Response
			for _, v := range attribute.Validators {
				v.ValidateInt64(ctx, validator.Int64Request{Path: at, PathExpression: at.Expression(), ConfigValue: value}, &resp)
			}
			return resp.Diagnostics
		}
	case schema.MapNestedAttribute:
		if value, ok := value.(types.Map); ok {
			var resp validator.MapResponse
			for _, v := range attribute.Validators {
				v.ValidateMap(ctx, validator.MapRequest{Path: at, PathExpression: at.Expression(), ConfigValue: value}, &resp)
			}
			return resp.Diagnostics
		}
	}
	return nil
}

// NewClient returns the client that a provider block with these attributes gets; environment variables stand in for the rest.
func NewClient(ctx context.Context, version string, block []Attribute) (*client.Client, error) {
	p := &cortexProvider{version: version}
	var described provider.SchemaResponse
	p.Schema(ctx, provider.SchemaRequest{}, &described)
	values := map[string]tftypes.Value{}
	for name, a := range described.Schema.Attributes {
		values[name] = tftypes.NewValue(a.GetType().TerraformType(ctx), nil)
	}
	for _, a := range block {
		values[a.Name] = a.Value
	}
	config := tfsdk.Config{Raw: tftypes.NewValue(described.Schema.Type().TerraformType(ctx), values), Schema: described.Schema}

	diags, err := validateProvider(ctx, p, config.Raw)
	if err != nil {
		return nil, err
	}
	if diags.HasError() {
		return nil, asError(diags)
	}
	c := p.client(ctx, provider.ConfigureRequest{Config: config}, &diags)
	return c, asError(diags)
}

// validateProvider checks a provider block as the engine has it checked.
func validateProvider(ctx context.Context, p provider.Provider, block tftypes.Value) (diags diag.Diagnostics, err error) {
	config, err := tfprotov6.NewDynamicValue(block.Type(), block)
	if err != nil {
		return nil, err
	}
	resp, err := providerserver.NewProtocol6(p)().ValidateProviderConfig(ctx, &tfprotov6.ValidateProviderConfigRequest{Config: &config})
	if err != nil {
		return nil, err
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			diags.AddError(d.Summary, d.Detail)
		}
	}
	return diags, nil
}

// Explain returns an error of the client as the provider shows it. what is the operation, such as "list the workspaces".
func Explain(what string, err error) error { return asError(diag.Diagnostics{cannot(what, err)}) }

// asError returns the errors among diagnostics as one error.
func asError(diags diag.Diagnostics) error {
	var problems []error
	for _, d := range diags.Errors() {
		problems = append(problems, errors.New(d.Summary()+": "+strings.TrimSpace(d.Detail())))
	}
	return errors.Join(problems...)
}
