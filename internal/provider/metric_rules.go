package provider

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Cortex takes metrics that it then cannot run, or of which it quietly leaves out a part: a filter without a bound, an order by a measure that is
// not there. What a configuration shows of such mistakes is refused here, at the attribute to change. Values that are not known yet may be right.

// part is a value in a configuration, and where it is.
type part struct {
	at    path.Path
	value attr.Value
}

// get returns an attribute of an object.
func (p part) get(name string) part {
	object, _ := p.value.(types.Object)
	return part{p.at.AtName(name), object.Attributes()[name]}
}

// items returns the items of a list or a map, if they are known.
func (p part) items() (all []part) {
	switch value := p.value.(type) {
	case types.List:
		for i, item := range value.Elements() {
			all = append(all, part{p.at.AtListIndex(i), item})
		}
	case types.Map:
		items := value.Elements()
		for _, name := range slices.Sorted(maps.Keys(items)) {
			all = append(all, part{p.at.AtMapKey(name), items[name]})
		}
	}
	return all
}

// key is that of an item of a map.
func (p part) key() string {
	last, _ := p.at.Steps().LastStep()
	key, _ := last.(path.PathStepElementKeyString)
	return string(key)
}

func (p part) unknown() bool { return p.value != nil && p.value.IsUnknown() }

// missing tells whether nothing is said, and nothing will be.
func (p part) missing() bool { return p.value == nil || p.value.IsNull() }

// text returns a text that is said and known, or else "".
func (p part) text() string {
	text, _ := p.value.(types.String)
	return text.ValueString()
}

// number returns a number that is said and known, or else what it is otherwise. NaN, which nothing compares with, stands for one that is not known yet.
func (p part) number(otherwise float64) float64 {
	switch number, _ := p.value.(types.Float64); {
	case p.unknown():
		return math.NaN()
	case p.missing():
		return otherwise
	default:
		return number.ValueFloat64()
	}
}

// rules collects what is wrong with a metric.
type rules struct{ diag.Diagnostics }

func (r *rules) refuse(p part, format string, args ...any) {
	r.AddAttributeError(p.at, "Invalid "+p.at.String(), fmt.Sprintf(format, args...))
}

// needs refuses an object without an attribute that another one asks for.
func (r *rules) needs(object part, name, why string) {
	if p := object.get(name); p.missing() {
		r.AddAttributeError(p.at, "Missing "+p.at.String(), why)
	}
}

// validate returns what is wrong with a metric's configuration.
func (m metricModel) validate() diag.Diagnostics {
	r := &rules{}
	at := func(name string, value attr.Value) part { return part{path.Root(name), value} }
	measures, dimensions := at("measures", m.Measures), at("dimensions", m.Dimensions)
	for _, list := range []part{measures, dimensions, at("joins", m.Joins), at("filters", m.Filters), at("aggregations", m.Aggregations), at("order", m.Order)} {
		r.unique(list)
		for _, item := range list.items() {
			r.conditional(item)
			r.unique(item.get("formatting"))
		}
	}
	for _, join := range at("joins", m.Joins).items() {
		if kind := join.get("join_type"); !kind.unknown() && kind.text() != "cross" {
			r.needs(join, "conditions", "Nothing says which rows belong together. Add conditions, or make it a cross join, which joins each row to each.")
		}
	}
	for _, filter := range at("filters", m.Filters).items() {
		r.filter(filter)
	}
	for _, aggregation := range at("aggregations", m.Aggregations).items() {
		switch aggregation.get("type").text() {
		case "percentile":
			r.needs(aggregation, "percentile_value", "A percentile needs percentile_value, from 0 to 1.")
		case "custom":
			r.needs(aggregation, "custom_expression", "An aggregation of type custom needs custom_expression.")
		}
	}
	for _, order := range at("order", m.Order).items() {
		r.order(order, map[string]part{"measure": measures, "dimension": dimensions})
	}
	for _, parameter := range at("parameters", m.Parameters).items() {
		r.parameter(parameter)
	}
	if refresh := at("refresh", m.Refresh); refresh.get("type").text() != "" {
		kind := refresh.get("type").text()
		r.needs(refresh, kind, fmt.Sprintf("A refresh of type %s needs %[1]s.", kind))
	}
	return r.Diagnostics
}

// unique refuses a second item of one name.
func (r *rules) unique(list part) {
	seen := map[string]bool{}
	for _, item := range list.items() {
		name := item.get("name")
		if text := name.text(); text != "" && seen[text] {
			r.refuse(name, "There is another one of the name %q. Cortex would take both, and use one of them.", text)
		}
		seen[name.text()] = true
	}
}

// conditional refuses conditions that are not used, and their use without any.
func (r *rules) conditional(item part) {
	switch is, conditions := item.get("conditional"), item.get(conditions); {
	case is.value == nil || is.unknown() || conditions.unknown():
	case is.value.Equal(types.BoolValue(true)):
		r.needs(item, "conditions", "It is conditional, and there are no conditions.")
	case !conditions.missing() && conditions.text() != "":
		r.refuse(conditions, "Cortex uses conditions only with conditional = true.")
	}
}

func (r *rules) filter(filter part) {
	operator := filter.get("operator")
	if expression := filter.get("custom_expression"); !expression.missing() || operator.unknown() {
		return
	}
	value, values := filter.get("value"), filter.get("values")
	switch name := operator.text(); name {
	case "":
		r.needs(filter, "operator", "Without an operator, or a custom_expression, Cortex leaves the filter out.")
	case "is_null", "is_not_null", "equals", "not_equals": // to be equal to nothing is to be null
	case "between", "not_between":
		if bounds, isList := jsonTree(json.RawMessage(value.text())).([]any); value.unknown() || isList && len(bounds) == 2 {
			return
		}
		for _, bound := range []string{"min_value", "max_value"} {
			r.needs(filter, bound, fmt.Sprintf("The operator %s needs min_value and max_value. Without both, Cortex leaves the filter out.", name))
		}
	case "in", "not_in":
		if value.missing() {
			r.needs(filter, "values", fmt.Sprintf("The operator %s needs values.", name))
		} else if !values.missing() {
			return
		}
	default:
		r.needs(filter, "value", fmt.Sprintf("The operator %s needs a value.", name))
	}
}

// order refuses to sort by what is not there: Cortex would not sort at all.
func (r *rules) order(order part, named map[string]part) {
	kind, name := order.get("semantic_type"), order.get("semantic_name")
	switch of := kind.text(); of {
	case "measure", "dimension":
		if r.needs(order, "semantic_name", fmt.Sprintf("An order by a %s needs its name.", of)); name.text() == "" {
			return
		}
		if named[of].unknown() {
			return
		}
		var there []string
		for _, item := range named[of].items() {
			if item.unknown() || item.get("name").unknown() {
				return
			}
			there = append(there, item.get("name").text())
		}
		if !slices.Contains(there, name.text()) {
			r.refuse(name, "The metric has no %s %q, so that Cortex would not sort at all. There %s.", of, name.text(), enumerated(there))
		}
	case "position":
		r.needs(order, "position", "An order by position needs one, from 1 on.")
	case "column":
		r.needs(order, "query", "An order by a column needs query, which names it.")
	case "":
		if !kind.unknown() && name.missing() {
			r.needs(order, "query", "Nothing says what to sort by: set semantic_type, or query.")
		}
	}
}

func (r *rules) parameter(parameter part) {
	low, high := parameter.get("min_value").number(math.NaN()), parameter.get("max_value").number(math.NaN())
	if low > high {
		r.refuse(parameter.get("min_value"), "The smallest value, %v, is larger than the largest, %v.", low, high)
	}
}

// enumerated says what there is.
func enumerated(names []string) string {
	switch len(names) {
	case 0:
		return "is none"
	case 1:
		return "is " + names[0]
	}
	return "are " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
