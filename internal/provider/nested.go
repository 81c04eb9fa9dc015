package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// nested returns the model in a nested attribute; nil when that is null or not known yet.
func nested[S any](from types.Object) *S {
	if from.IsNull() || from.IsUnknown() {
		return nil
	}
	into := new(S)
	if diags := from.As(context.Background(), into, basetypes.ObjectAsOptions{}); diags.HasError() {
		panic(fmt.Sprint("a model does not fit its schema: ", diags)) // see schema_test.go
	}
	return into
}

// nestedValue returns a model as the value of a nested attribute.
func nestedValue(attributes map[string]schema.Attribute, model any) types.Object {
	value, diags := types.ObjectValueFrom(context.Background(), typesOf(attributes), model)
	if diags.HasError() {
		panic(fmt.Sprint("a model does not fit its schema: ", diags))
	}
	return value
}

// nestedNull is a nested attribute that is not set.
func nestedNull(attributes map[string]schema.Attribute) types.Object {
	return types.ObjectNull(typesOf(attributes))
}

func typesOf(attributes map[string]schema.Attribute) map[string]attr.Type {
	all := map[string]attr.Type{}
	for name, attribute := range attributes {
		all[name] = attribute.GetType()
	}
	return all
}

// typed returns attributes whose nested ones say their types. The framework asks for the type of an attribute at each value of a configuration, a plan and
// a state, and would put it together from all that is inside each time.
func typed(attributes map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	object := func(nested schema.NestedAttributeObject) schema.NestedAttributeObject {
		nested.Attributes = typed(nested.Attributes)
		nested.CustomType = nested.Type()
		return nested
	}
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.SingleNestedAttribute:
			a.Attributes = typed(a.Attributes)
			a.CustomType, _ = a.GetType().(basetypes.ObjectTypable)
			attribute = a
		case schema.ListNestedAttribute:
			a.NestedObject = object(a.NestedObject)
			a.CustomType, _ = a.GetType().(basetypes.ListTypable)
			attribute = a
		case schema.MapNestedAttribute:
			a.NestedObject = object(a.NestedObject)
			a.CustomType, _ = a.GetType().(basetypes.MapTypable)
			attribute = a
		}
		all[name] = attribute
	}
	return all
}
