package provider

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"golang.org/x/text/unicode/norm"
)

// The parts of a dashboard are lists in Cortex, and maps by alias in a configuration, so that a plan shows the one that is added, and not all that
// come after it as well. Their order is that of their positions, and of their aliases where these are equal. What Cortex has for positions does not matter,
// as long as the order is the same.

const (
	alias    = "alias"
	position = "position"
)

// positionStep is the distance between the positions that are made up, so that something can come between.
const positionStep = 10

// isPlaced tells whether the field is such a list.
func (f field) isPlaced() bool {
	return slices.ContainsFunc(f.inside(), func(inside field) bool { return inside.name == position })
}

// positionsOf returns the positions of a map's items; 0 where none is said.
func positionsOf(of types.Map) map[string]int64 {
	positions := map[string]int64{}
	for key, item := range of.Elements() {
		object, _ := item.(types.Object)
		said, _ := object.Attributes()[position].(types.Int64)
		positions[key] = said.ValueInt64()
	}
	return positions
}

// inPlaces returns keys by their positions.
func inPlaces(positions map[string]int64) []string {
	return slices.SortedFunc(maps.Keys(positions), func(a, b string) int {
		return cmp.Or(cmp.Compare(positions[a], positions[b]), cmp.Compare(a, b))
	})
}

// placed returns objects as a list.
func placed(objects map[string]any, positions map[string]int64) []any {
	list := []any{}
	for i, key := range inPlaces(positions) {
		object, _ := objects[key].(map[string]any)
		object[alias], object[position] = key, i
		list = append(list, object)
	}
	return list
}

// unplaced is the reverse of placed, with the positions that the items had before, as far as these make the same order. A second item of one alias gets
// a key that no alias has. Terraform has all keys in normal form C.
func unplaced(list []any, before types.Map) map[string]any {
	var order []string
	objects := map[string]any{}
	for _, item := range list {
		object, _ := item.(map[string]any)
		text, _ := object[alias].(string)
		key := free(objects, norm.NFC.String(text))
		object = maps.Clone(object)
		objects[key], order = object, append(order, key)
	}
	positions := map[string]int64{}
	had := positionsOf(before)
	kept := slices.DeleteFunc(slices.Clone(order), func(key string) bool { _, ok := had[key]; return !ok })
	var values []int64
	for _, key := range kept {
		values = append(values, had[key])
	}
	slices.Sort(values)
	for i, key := range kept {
		positions[key] = values[i]
	}
	if !slices.Equal(inPlaces(positions), kept) || len(kept) == 0 && !slices.IsSorted(order) {
		for i, key := range order {
			positions[key] = int64(i+1) * positionStep
		}
	}
	for key, object := range objects {
		object, _ := object.(map[string]any)
		delete(object, position)
		if at, ok := positions[key]; ok && !(at == 0 && isNullPosition(before.Elements()[key])) {
			object[position] = json.Number(jsonOf(at))
		}
	}
	return objects
}

// isNullPosition tells whether an item says no position.
func isNullPosition(item attr.Value) bool {
	object, _ := item.(types.Object)
	said, ok := object.Attributes()[position].(types.Int64)
	return !ok || said.IsNull()
}
