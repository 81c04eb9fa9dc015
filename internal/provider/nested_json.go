package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Nested attributes have the names of Cortex's fields, so that their schema is all that has to be known to map them to JSON and back.
//
// What Cortex fills in where nothing is said is in no plan: nested attributes have no defaults, and read as null where Cortex has the value that
// null stands for, unless the model has it itself.

// filledIn is what Cortex has in a field for which nothing is said, by the attribute that the field is in and its own name. All others are null.
var filledIn = map[[2]string]any{
	{"measures", "conditional"}: false, {"dimensions", "conditional"}: false, {"filters", "conditional"}: false,
	{"combine", "delimiter"}: " ", {"conditions", "operator"}: "=",
	{"filters", "value_type"}: "string", {"filters", "filter_type"}: "where", {"filters", "is_active"}: true,
	{"order", "order_type"}: "asc",
	{"formatting", "mode"}:  "in_query", {"formatting", "format_type"}: "datetime",
	{"parameters", "required"}: false,
	{"cache", "enabled"}:       true,
	{"parameters", "name"}:     itsKey{},
	{"joins", "conditions"}:    []any{},

	{"sections", "widgets"}:           []any{},
	{"widgets", "grid_config"}:        itsParts{},
	{"visualization", "data_mapping"}: itsParts{},
	{"grid_config", "columns"}:        1, {"grid_config", "rows"}: 1,
	{"x_axis", "data_type"}: "categorical", {"series_field", "data_type"}: "categorical", {"y_axes", "data_type"}: "numerical",
	{"x_axis", "required"}: false, {"series_field", "required"}: false, {"y_axes", "required"}: false,
	{"columns", "sortable"}: true, {"columns", "filterable"}: true,
	{"visualization", "show_legend"}: true, {"visualization", "show_grid"}: true, {"visualization", "show_axes_labels"}: true,
	{"chart_config", "show_points"}: true, {"chart_config", "line_width"}: 2, {"chart_config", "stack_bars"}: false, {"chart_config", "smooth_lines"}: false,
	{"single_value_config", "number_format"}: "decimal", {"single_value_config", "trend_period"}: "previous_period",
	{"single_value_config", "show_comparison"}: true, {"single_value_config", "show_trend"}: true, {"single_value_config", "show_sparkline"}: false,
	{"single_value_config", "show_title"}: true, {"single_value_config", "show_description"}: false, {"single_value_config", "compact_mode"}: false,
	{"single_value_config", "selection_mode"}: "first", {"gauge_config", "selection_mode"}: "first",
	{"gauge_config", "min_value"}: 0, {"gauge_config", "max_value"}: 100, {"gauge_config", "show_value"}: true, {"gauge_config", "show_target"}: true,
	{"gauge_config", "gauge_type"}: "arc", {"gauge_config", "thickness"}: 10,
}

// itsKey stands for the key that an object has in its map.
type itsKey struct{}

// itsParts stands for an object that has what Cortex fills in, and nothing else.
type itsParts struct{}

// field is one field of Cortex, described by the attribute of its name.
type field struct {
	in, name  string
	attribute schema.Attribute
	key       string // of the object in its map
}

// fieldsOf returns the fields that have these attributes, by their names.
func fieldsOf(parts map[string]schema.Attribute) map[string]field {
	fields := map[string]field{}
	for name, attribute := range parts {
		fields[name] = field{name: name, attribute: attribute}
	}
	return fields
}

func (f field) filledIn() any {
	value := filledIn[[2]string{f.in, f.name}]
	switch value.(type) {
	case itsKey:
		return f.key
	case itsParts:
		object := map[string]any{}
		for _, inside := range f.inside() {
			object[inside.name] = inside.filledIn()
		}
		return object
	}
	return value
}

// isFilledIn tells whether Cortex has in the field what it fills in, where that is a number.
func (f field) isFilledIn(number json.Number) bool {
	is, err := number.Float64()
	filled, ok := f.filledIn().(int)
	return ok && err == nil && is == float64(filled)
}

// isJSON tells whether the field holds any JSON value, whose text the attribute has.
func (f field) isJSON() bool { return IsJSON(f.name) }

// inside returns the fields of the object, or of each object, that the field holds.
func (f field) inside() []field {
	nested, ok := f.attribute.(schema.NestedAttribute)
	if !ok {
		return nil
	}
	var all []field
	for name, attribute := range nested.GetNestedObject().GetAttributes() {
		all = append(all, field{f.name, name, attribute.(schema.Attribute), f.key}) //nolint:forcetypeassert // of a resource's schema
	}
	return all
}

// encoded returns the JSON value that Cortex has for an attribute's value. One that is not known yet is as if it were not said.
func (f field) encoded(value attr.Value) any {
	if value == nil || value.IsNull() || value.IsUnknown() {
		return f.filledIn()
	}
	switch value := value.(type) {
	case types.String:
		if f.isJSON() {
			return json.RawMessage(value.ValueString())
		}
		return value.ValueString()
	case types.Bool:
		return value.ValueBool()
	case types.Int64:
		return value.ValueInt64()
	case types.Float64:
		return value.ValueFloat64()
	case types.Object:
		object := map[string]any{}
		for _, inside := range f.inside() {
			object[inside.name] = inside.encoded(value.Attributes()[inside.name])
		}
		return object
	case types.Map:
		object := map[string]any{}
		for name, item := range value.Elements() {
			f.key = name
			object[name] = f.encoded(item)
		}
		if f.isPlaced() {
			return placed(object, positionsOf(value))
		}
		return object
	case types.List:
		list := []any{}
		for _, item := range value.Elements() {
			list = append(list, f.encoded(item))
		}
		return list
	}
	panic(fmt.Sprintf("%s.%s is a %T", f.in, f.name, value))
}

// decoded is the reverse of encoded: the value of an attribute that had one before.
func (f field) decoded(had attr.Value, value any) attr.Value {
	return f.decodedAs(f.attribute.GetType(), had, value)
}

func (f field) decodedAs(of attr.Type, had attr.Value, value any) attr.Value {
	if had != nil && (had.IsNull() || had.IsUnknown()) {
		had = nil
	}
	switch of := of.(type) {
	case basetypes.StringType:
		before, _ := had.(types.String)
		if f.isJSON() {
			return f.decodedJSON(before, value)
		}
		is, ok := value.(string)
		unsaid := value == nil || value == f.filledIn()
		switch {
		case had != nil && (before.ValueString() == is || unsaid && f.encoded(had) == value):
			return before
		case unsaid || !ok || is == "" && f.filledIn() == nil && !f.attribute.IsRequired():
			return types.StringNull()
		}
		return text(is)
	case basetypes.BoolType:
		is, ok := value.(bool)
		if !ok || value == f.filledIn() && had == nil {
			return types.BoolNull()
		}
		return types.BoolValue(is)
	case basetypes.Int64Type:
		number, ok := value.(json.Number)
		is, err := number.Int64()
		if !ok || err != nil || had == nil && f.isFilledIn(number) {
			return types.Int64Null()
		}
		return types.Int64Value(is)
	case basetypes.Float64Type:
		number, ok := value.(json.Number)
		is, err := number.Float64()
		if !ok || err != nil || had == nil && f.isFilledIn(number) {
			return types.Float64Null()
		}
		return types.Float64Value(is)
	case basetypes.ObjectType:
		object, ok := value.(map[string]any)
		if !ok {
			return types.ObjectNull(of.AttrTypes)
		}
		before, _ := had.(types.Object)
		attributes, said := map[string]attr.Value{}, false
		for _, inside := range f.inside() {
			attributes[inside.name] = inside.decoded(before.Attributes()[inside.name], object[inside.name])
			said = said || !attributes[inside.name].IsNull()
		}
		if _, implied := filledIn[[2]string{f.in, f.name}].(itsParts); implied && had == nil && !said {
			return types.ObjectNull(of.AttrTypes)
		}
		return types.ObjectValueMust(of.AttrTypes, attributes)
	case basetypes.MapType:
		before, _ := had.(types.Map)
		object, _ := value.(map[string]any)
		if list, ok := value.([]any); ok && f.isPlaced() {
			object = unplaced(list, before)
		}
		if len(object) == 0 {
			return types.MapNull(of.ElemType)
		}
		items := map[string]attr.Value{}
		for name, item := range object {
			f.key = name
			items[name] = f.decodedAs(of.ElemType, before.Elements()[name], item)
		}
		return types.MapValueMust(of.ElemType, items)
	case basetypes.ListType:
		list, _ := value.([]any)
		if len(list) == 0 {
			return types.ListNull(of.ElemType)
		}
		before, _ := had.(types.List)
		items := make([]attr.Value, len(list))
		for i, item := range list {
			items[i] = f.decodedAs(of.ElemType, namesake(before.Elements(), i, item), item)
		}
		return types.ListValueMust(of.ElemType, items)
	}
	panic(fmt.Sprintf("%s.%s is a %T", f.in, f.name, of))
}

// decodedJSON returns the text of any JSON value, in the spelling that the model has.
func (f field) decodedJSON(had types.String, value any) types.String {
	if value == nil {
		return types.StringNull()
	}
	same := client.SameJSON
	if f.name == conditions {
		value, same = plainConditions(value), sameConditions
	}
	return spelled(had, jsonOf(value), same)
}

// namesake returns the item of a list that has the name of an object; the one of the same place, where they have no names.
func namesake(items []attr.Value, i int, object any) attr.Value {
	if fields, _ := object.(map[string]any); fields["name"] != nil {
		at := slices.IndexFunc(items, func(item attr.Value) bool {
			object, _ := item.(types.Object)
			name, ok := object.Attributes()["name"].(types.String)
			return ok && name.ValueString() == fields["name"]
		})
		if at >= 0 {
			return items[at]
		}
		return nil
	}
	if i < len(items) {
		return items[i]
	}
	return nil
}

// jsonTree decodes JSON of Cortex.
func jsonTree(encoded json.RawMessage) (value any) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	_ = decoder.Decode(&value) // it is a part of an answer that was decoded
	return value
}

// jsonOf encodes a JSON value as people write it.
func jsonOf(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(fmt.Sprint("a value of an answer is no JSON: ", err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
