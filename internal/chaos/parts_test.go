package chaos

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// anyMetric is the metric of widgets, which is nowhere: Cortex does not look for it. A block says the one that it refers to instead.
const anyMetric = "88888888-8888-4888-8888-888888888888"

// boards are the views of dashboards. From one to the next, there is something that an update would leave: a widget that is gone or elsewhere, a section
// that is gone, a mapping or a chart's config that is said no more. All of them have the views that a default view may be. The last one is made by hand: its
// positions are those that an import makes up.
var boards = func() []string {
	widget := func(title, visualization, more string) string {
		return fmt.Sprintf(`{"title": %q, "metric_id": %q, "visualization": {%s}%s}`, title, anyMetric, visualization, more)
	}
	const (
		x, y  = `"x_axis": {"field": "a"}`, `"y_axes": [{"field": "b"}]`
		rest  = `, "main": {"title": "Main", "sections": {"s": {"title": "S"}}}, "other": {"title": "Other", "sections": {"s": {}}}}`
		table = `"type": "table", "data_mapping": {"columns": [{"field": "a", "label": "A"}]}`
		bars  = `"type": "bar_chart", "data_mapping": {` + x + `, ` + y + `}, "chart_config": {"bar_width": 0.5}`
		less  = `"type": "bar_chart", "data_mapping": {` + y + `}`
	)
	return []string{
		`{"a view": {"title": "A", "sections": {"one": {"widgets": {"bars": ` + widget("Bars", bars, "") + `, "rows": ` + widget("Rows", table, "") + `}}, "two": {"title": "Two"}}}` + rest,
		`{"a view": {"title": "A", "sections": {"one": {"widgets": {"bars": ` + widget("Bars", less, "") + `}}}}` + rest,
		`{"a view": {"title": "A", "layout": {"frontend_config": "{\"a\": 1}"}, "sections": {"one": {}, "two": {"position": -1, "title": "Two", "widgets": {"bars": ` +
			widget("Bars", bars, `, "metric_overrides": {"limit": 5}`) + `}}}}` + rest,
		`{"a view": {"title": "é ${x}", "layout": {"frontend_config": "{\"a\": true}"}, "sections": {"two": {"title": "Two", "widgets": {"rows": ` + widget("Rows", table, "") +
			`, "bars": ` + widget("Bars", less, `, "position": 1`) + `}}}}` + rest,
		`{"main": {"position": 10, "title": "Main", "sections": {"z": {"position": 10, "widgets": {"é ${x} \"q\"": ` + widget("🎈", table, `, "description": "${not} %{a}"`) +
			`}}, "s": {"position": 20, "title": "Theirs"}}}, "a view": {"position": 20, "title": "A", "sections": {"one": {}}}, "other": {"position": 30, "title": "Other", "sections": {"s": {}}}}`,
	}
}()

// partsOf returns the parts of a dashboard as a list in their order, which has no positions then. Blocks and states have them by their aliases.
func partsOf(value any) []any {
	var all []map[string]any
	if list, ok := value.([]any); ok {
		for _, item := range list {
			part, _ := item.(map[string]any)
			all = append(all, maps.Clone(part))
		}
	}
	byAlias, _ := value.(map[string]any)
	for _, alias := range slices.Sorted(maps.Keys(byAlias)) {
		part, _ := byAlias[alias].(map[string]any)
		part = maps.Clone(part)
		part["alias"] = alias
		all = append(all, part)
	}
	at := func(part map[string]any) float64 { n, _ := part["position"].(float64); return n }
	slices.SortStableFunc(all, func(a, b map[string]any) int { return cmp.Compare(at(a), at(b)) })
	list := []any{}
	for _, part := range all {
		delete(part, "position")
		for _, inside := range []string{"sections", "widgets"} {
			if part[inside] != nil {
				part[inside] = partsOf(part[inside])
			}
		}
		if layout, ok := part["layout"].(map[string]any); ok {
			if text, ok := layout["frontend_config"].(string); ok {
				var config any
				_ = json.Unmarshal([]byte(text), &config) // see above, and a state has what was read from Cortex
				part["layout"] = map[string]any{"frontend_config": config}
			}
		}
		list = append(list, part)
	}
	return list
}

// sentParts are the views as a request says them.
func sentParts(text string) []any {
	var value any
	_ = json.Unmarshal([]byte(text), &value) // it is one of the above
	views := partsOf(value)
	for _, view := range objectsIn(views) {
		for i, section := range objectsIn(view["sections"]) {
			section["position"] = i
			if section["widgets"] == nil {
				section["widgets"] = []any{}
			}
			for i, widget := range objectsIn(section["widgets"]) {
				widget["position"], widget["section_alias"], widget["grid_config"] = i, section["alias"], map[string]any{"columns": 1, "rows": 1}
			}
		}
	}
	return views
}

func objectsIn(value any) (objects []map[string]any) {
	list, _ := value.([]any)
	for _, item := range list {
		object, _ := item.(map[string]any)
		objects = append(objects, object)
	}
	return objects
}

// keysIn notes the keys of all objects in a value.
func keysIn(value any, keys map[string]bool) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			keysIn(item, keys)
		}
	case map[string]any:
		for key, item := range value {
			keys[key] = true
			keysIn(item, keys)
		}
	}
}

// only returns a value without the keys that are not among these, and without those that have nothing.
func only(value any, keys map[string]bool) any {
	switch value := value.(type) {
	case []any:
		list := []any{}
		for _, item := range value {
			list = append(list, only(item, keys))
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for key, item := range value {
			if item = only(item, keys); keys[key] && item != nil && item != "" && !slices.Contains([]string{"[]", "{}"}, canonical(item)) {
				object[key] = item
			}
		}
		return object
	}
	return value
}

// withMetric returns views whose widgets have a metric, as a request, or a block, says its id.
func withMetric(views, id string) string { return strings.ReplaceAll(views, quote(anyMetric), id) }
