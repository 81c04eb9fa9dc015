package client

import (
	"encoding/json"
	"maps"
	"slices"
)

// Some values Cortex keeps as they are, whatever is in them. In all others it knows every field, and fills in those that are not said. This file
// compares, joins and changes both, by the names of the fields that they are in.

// opaque are the fields whose values Cortex keeps as they are.
var opaque = map[string]bool{
	"properties": true, "config": true, "meta": true,
	"value": true, "values": true, "min_value": true, "max_value": true, // of a filter
	"default_value": true, "allowed_values": true, // of a parameter
	"compare_values": true, "then_return": true, "else_return": true, "transforms": true, // of conditions
	"frontend_config": true, "color_ranges": true, overrides + ".filters": true, overrides + ".parameters": true, // of dashboards
}

const (
	// parameters is an object whose fields are named by people.
	parameters = "parameters"
	// conditions, an object, hold others of their kind. What is not said of them is null. (Those of a join are a list of plain ones.)
	conditions = "conditions"
	// overrides, an object of a widget, has two values of any kind, whose names mean something else in a metric.
	overrides = "metric_overrides"
)

// alike tells whether a field of Cortex has what is wanted. It may have more: what Cortex finds out about the column of a measure, or what only a
// later release knows. Nothing is the same as an empty text, list or object.
func alike(field string, has, want any) bool { return fits(field, has, want, false) }

func fits(field string, has, want any, whole bool) bool {
	if opaque[field] {
		return same(has, want)
	}
	if isNothing(has) || isNothing(want) {
		return isNothing(has) && isNothing(want)
	}
	switch want := want.(type) {
	case []any:
		has, ok := has.([]any)
		if !ok || len(has) != len(want) {
			return false
		}
		for i, item := range want {
			if !fits("", has[i], item, whole) {
				return false
			}
		}
		return true
	case map[string]any:
		has, ok := has.(map[string]any)
		whole = whole || field == conditions
		for key := range has {
			if _, said := want[key]; !said && (field == parameters || whole && !isNothing(has[key])) {
				return false
			}
		}
		for key, value := range want {
			if !fits(fieldIn(field, key), has[key], value, whole) {
				return false
			}
		}
		return ok
	}
	return same(has, want)
}

// fieldIn is the field that a key of an object stands for: none where people choose the keys.
func fieldIn(field, key string) string {
	switch field {
	case parameters:
		return ""
	case overrides:
		return overrides + "." + key
	}
	return key
}

func isNothing(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	}
	return false
}

// upon returns what a field gets where an update would take away all that it does not say: what is wanted, with what Cortex has beyond that. The
// items of a list are told apart by nameIn.
func upon(field string, has, want any) any {
	if opaque[field] {
		return want
	}
	switch want := want.(type) {
	case []any:
		has, _ := has.([]any)
		items := make([]any, len(want))
		for i, item := range want {
			at := slices.IndexFunc(has, func(other any) bool { return nameIn(item) != nil && nameIn(other) == nameIn(item) })
			if at < 0 {
				at = i
			}
			var had any
			if at < len(has) && nameIn(has[at]) == nameIn(item) {
				had = has[at]
			}
			items[i] = upon("", had, item)
		}
		return items
	case map[string]any:
		has, _ := has.(map[string]any)
		if field == conditions {
			return want
		}
		fields := map[string]any{}
		if field != parameters {
			maps.Copy(fields, has)
			delete(fields, "created_at") // of a view, which every update makes anew
			delete(fields, "updated_at")
		}
		for key, value := range want {
			fields[key] = upon(fieldIn(field, key), has[key], value)
		}
		if !same(fields["query"], has["query"]) || !same(fields["table"], has["table"]) { // it is another column, about which Cortex has found out nothing
			delete(fields, "source_type")
			delete(fields, "source_meta")
		}
		return fields
	}
	return want
}

// nameIn is what tells an item of a list from the others: its name, or the alias where it has none.
func nameIn(item any) any {
	object, _ := item.(map[string]any)
	for _, key := range []string{"name", "alias"} {
		if name, _ := object[key].(string); name != "" {
			return name
		}
	}
	return nil
}

// otherwise returns another value that Cortex takes for a field as well.
func otherwise(field string, value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 {
			return append([]any{otherwise("", value[0])}, value[1:]...)
		}
	case map[string]any:
		other := maps.Clone(value)
		if opaque[field] {
			key := "_"
			for _, taken := value[key]; taken; _, taken = value[key] {
				key += "_"
			}
			other[key] = json.Number("0")
		} else if field == parameters {
			first := slices.Min(slices.Collect(maps.Keys(value)))
			other[first] = otherwise("", value[first])
		} else {
			about, _ := value["description"].(string)
			other["description"] = about + "_"
		}
		return other
	}
	return value
}
