package provider_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"
)

// Random dashboards: configurations, the texts that say them, and what Cortex has to show for them. Nothing here is the provider's, so that it can prove
// the provider wrong.

type (
	// says is an object of a configuration: what it says, by attribute. Values are texts, booleans, int64s, float64s, lists, other objects, partsOf and
	// jsonValues.
	says map[string]any
	// partsOf are the parts of a dashboard, by alias.
	partsOf map[string]says
	// jsonValue is an attribute with JSON: what it means, and the expression that says it.
	jsonValue struct{ json, hcl string }
)

// shape is what an object can say.
type shape map[string]leaf

// leaf is an attribute: how a value of it is made, or the shape of the object, of the items or of the parts that it has.
type leaf struct {
	required bool
	value    func(g *generator) any
	object   shape
	items    shape
	parts    shape
}

// inside is the shape of what the attribute has, or of each of them.
func (l leaf) inside() shape {
	for _, of := range []shape{l.object, l.items, l.parts} {
		if of != nil {
			return of
		}
	}
	return nil
}

// generator makes random dashboards.
type generator struct {
	*rand.Rand
	metrics []string
	said    float64 // the share of what may be said that is said
}

// pick picks one of several.
func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

var awkwardTexts = []string{"", "x", "Sales", "quo\"te", "${var.x}", "%{ if true }", "a\nb\tc\\d", "\u00e9", "e\u0301", "日本 🎉", "null", " blank ", "\u2028", "<b>&amp;</b>", "$", "0", "true",
	strings.Repeat("long ", 60)}

// Few aliases, so that edits come back to those that were there.
var awkwardAliases = []string{"a", "b", "c", "default", "__replacing_0", "A", "Ä ö", "\u00e9", "quo\"te", "${x}", "a/b", " ", "%{ if }", "0", "null", "🎉", "#?&"}

func aText(g *generator) any     { return pick(g, awkwardTexts...) }
func aFullText(g *generator) any { return pick(g, awkwardTexts[1:]...) }
func aBool(g *generator) any     { return g.IntN(2) == 0 }
func aPosition(g *generator) any {
	return pick(g, int64(g.IntN(5)), int64(g.IntN(5)), 10*int64(g.IntN(9)), -1, math.MinInt32, math.MaxInt32)
}

func aFloat(g *generator) any {
	return pick(g, 0, 1, -1.5, 0.1, 100, 1e21, 1e-7, 12345678.9, 3.141592653589793, float64(g.IntN(1000)))
}

func someTexts(g *generator) any {
	var all []any
	for range 1 + g.IntN(3) {
		all = append(all, aText(g))
	}
	return all
}

func aNumber(least int64) func(g *generator) any {
	return func(g *generator) any {
		return pick(g, least, math.MaxInt32, max(least, 1), max(least, 2), max(least, int64(g.IntN(100))))
	}
}

func aChoice(of ...string) func(g *generator) any {
	return func(g *generator) any { return pick(g, of...) }
}

// anyJSON makes JSON of any kind. What Python takes for the same is near at hand: 1, 1.0 and true.
func anyJSON(g *generator, depth int) any {
	switch n := g.IntN(9); {
	case n < 2 && depth > 0:
		return jsonObject(g, depth-1)
	case n == 2 && depth > 0:
		list := []any{}
		for range g.IntN(4) {
			list = append(list, anyJSON(g, depth-1))
		}
		return list
	case n == 3:
		return nil
	case n < 6:
		return pick[any](g, true, false, json.Number("1"), json.Number("0"), json.Number("1.0"))
	case n == 6:
		return json.Number(pick(g, "-7", "1e3", "0.1", "1e-7", "1e22", "9007199254740993", "123456789012345678901234567890", "3.14159265358979323846", "1.50"))
	}
	return aText(g)
}

func jsonObject(g *generator, depth int) map[string]any {
	object := map[string]any{}
	for range g.IntN(4) {
		object[pick(g, "a", "b", "alias", "name", "created_at", "position", "", "${x}", "filters", "parameters")] = anyJSON(g, depth)
	}
	return object
}

// json makes an attribute of JSON: as an expression, or as a text with a spelling of its own.
func (g *generator) json(value any) any {
	text := jsonOf(value)
	if g.IntN(2) == 0 {
		return jsonValue{text, "jsonencode(" + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text) + ")"}
	}
	spelled := strings.NewReplacer(":1,", ": 1.0 ,", ":", " :  ", "\u00e9", `e\u0301`).Replace(text)
	if json.Unmarshal([]byte(spelled), new(any)) != nil || canonical(spelled) != canonical(text) { // it was in a text
		spelled = " " + text
	}
	return jsonValue{spelled, hclText(spelled)}
}

func someJSON(g *generator) any { return g.json(jsonObject(g, 2)) }

func someColors(g *generator) any {
	list := []any{}
	for range g.IntN(3) {
		list = append(list, jsonObject(g, 1))
	}
	return g.json(list)
}

var (
	columnShape    = shape{"field": {value: aText, required: true}, "data_type": {value: aChoice("numerical", "temporal", "categorical")}, "label": {value: aText}, "required": {value: aBool}}
	selectionShape = shape{"n": {value: aNumber(math.MinInt32)}, "aggregate_by": {value: aChoice("sum", "mean", "median", "min", "max")}, "delimiter": {value: aText}}
	selecting      = leaf{value: aChoice("first", "last", "nth", "aggregate", "concat", "min", "max", "mean", "median", "mode")}
	schemes        = aChoice("default", "blue", "green", "red", "purple", "orange", "categorical", "sequential", "diverging")
	shows          = aChoice("single_value", "gauge", "bar_chart", "line_chart", "area_chart", "pie_chart", "donut_chart", "scatter_plot", "box_plot", "heatmap", "table")

	mappingShape = shape{
		"x_axis": {object: columnShape}, "y_axes": {items: columnShape}, "series_field": {object: columnShape},
		"columns": {items: shape{"field": {value: aFullText, required: true}, "label": {value: aFullText, required: true}, "width": {value: aNumber(0)}, "sortable": {value: aBool},
			"filterable": {value: aBool}, "alignment": {value: aText}}},
	}
	visualizationShape = shape{
		"type":         {value: shows, required: true},
		"data_mapping": {object: mappingShape},
		"chart_config": {object: shape{"show_points": {value: aBool}, "line_width": {value: aNumber(0)}, "bar_width": {value: aFloat}, "stack_bars": {value: aBool}, "smooth_lines": {value: aBool},
			"area_stacking_type": {value: aChoice("normal", "gradient")}}},
		"single_value_config": {object: shape{"number_format": {value: aChoice("integer", "decimal", "percentage", "currency", "abbreviated", "scientific")}, "prefix": {value: aText}, "suffix": {value: aText},
			"show_comparison": {value: aBool}, "show_trend": {value: aBool}, "trend_period": {value: aText}, "show_sparkline": {value: aBool}, "show_title": {value: aBool},
			"show_description": {value: aBool}, "compact_mode": {value: aBool}, "selection_mode": selecting, "selection_config": {object: selectionShape}}},
		"gauge_config": {object: shape{"min_value": {value: aFloat}, "max_value": {value: aFloat}, "target_value": {value: aFloat}, "color_ranges": {value: someColors}, "show_value": {value: aBool},
			"show_target": {value: aBool}, "gauge_type": {value: aText}, "thickness": {value: aNumber(0)}, "selection_mode": selecting, "selection_config": {object: selectionShape}}},
		"show_legend": {value: aBool}, "show_grid": {value: aBool}, "show_axes_labels": {value: aBool},
		"color_scheme": {value: schemes}, "custom_colors": {value: someTexts},
	}
	widgetShape = shape{
		"position": {value: aPosition}, "title": {value: aText, required: true}, "description": {value: aText},
		"metric_id":        {value: func(g *generator) any { return pick(g, g.metrics...) }, required: true},
		"grid_config":      {object: shape{"columns": {value: aNumber(1)}, "rows": {value: aNumber(1)}, "min_columns": {value: aNumber(1)}, "min_rows": {value: aNumber(1)}}},
		"visualization":    {object: visualizationShape, required: true},
		"metric_overrides": {object: shape{"context_id": {value: aText}, "filters": {value: someJSON}, "parameters": {value: someJSON}, "limit": {value: aNumber(0)}}},
	}
	sectionShape = shape{"position": {value: aPosition}, "title": {value: aText}, "description": {value: aText}, "widgets": {parts: widgetShape}}
	viewShape    = shape{
		"position": {value: aPosition}, "title": {value: aText, required: true}, "description": {value: aText}, "context_id": {value: aText},
		"layout":   {object: shape{"layout_type": {value: aText}, "frontend_config": {value: someJSON}}},
		"sections": {parts: sectionShape, required: true},
	}
	boardShape = shape{"description": {value: aText}, "tags": {value: someTexts}, "views": {parts: viewShape, required: true},
		"type": {value: aChoice("executive", "operational", "analytical", "tactical"), required: true}}
)

// dashboard makes a dashboard of this name.
func (g *generator) dashboard(name string) says {
	d := g.object(boardShape)
	d["name"] = name
	if g.Float64() < g.said {
		d["default_view"] = pick(g, slices.Sorted(maps.Keys(d["views"].(partsOf)))...)
	}
	return tidy(d)
}

func (g *generator) object(of shape) says {
	o := says{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if of[name].required || g.Float64() < g.said {
			o[name] = g.make(of[name])
		}
	}
	return o
}

func (g *generator) make(l leaf) any {
	switch {
	case l.object != nil:
		return g.object(l.object)
	case l.items != nil:
		var items []any
		for range 1 + g.IntN(3) {
			items = append(items, g.object(l.items))
		}
		return items
	case l.parts != nil:
		parts := partsOf{}
		for range 1 + g.IntN(3) {
			parts[pick(g, awkwardAliases...)] = g.object(l.parts)
		}
		return parts
	}
	return l.value(g)
}

// tidy takes out of a dashboard what the provider refuses: a second widget of one alias in a view, a default view that is none, and an empty map.
func tidy(d says) says {
	views := d["views"].(partsOf)
	for _, v := range views {
		seen := map[string]bool{}
		sections := v["sections"].(partsOf)
		for _, name := range slices.Sorted(maps.Keys(sections)) {
			widgets, _ := sections[name]["widgets"].(partsOf)
			for alias := range widgets {
				if seen[alias] {
					delete(widgets, alias)
				}
			}
			for alias := range widgets {
				seen[alias] = true
			}
			if len(widgets) == 0 {
				delete(sections[name], "widgets")
			}
		}
	}
	if first, _ := d["default_view"].(string); views[first] == nil {
		delete(d, "default_view")
	}
	return d
}

// copyOf is a value of which nothing is shared.
func copyOf[T any](value T) T {
	var of func(value any) any
	of = func(value any) any {
		switch value := value.(type) {
		case says:
			o := says{}
			for name, v := range value {
				o[name] = of(v)
			}
			return o
		case partsOf:
			p := partsOf{}
			for alias, o := range value {
				p[alias] = of(o).(says)
			}
			return p
		case []any:
			list := make([]any, len(value))
			for i, v := range value {
				list[i] = of(v)
			}
			return list
		}
		return value
	}
	return of(value).(T)
}

// hclText is a text in HCL.
func hclText(text string) string { return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes()) }

// asHCL is a value in HCL.
func asHCL(value any) string {
	var b strings.Builder
	switch value := value.(type) {
	case says:
		b.WriteString("{\n")
		for _, name := range slices.Sorted(maps.Keys(value)) {
			fmt.Fprintf(&b, "%s = %s\n", name, asHCL(value[name]))
		}
		return b.String() + "}"
	case partsOf:
		b.WriteString("{\n")
		for _, alias := range slices.Sorted(maps.Keys(value)) {
			fmt.Fprintf(&b, "%s = %s\n", hclText(alias), asHCL(value[alias]))
		}
		return b.String() + "}"
	case []any:
		b.WriteString("[")
		for _, item := range value {
			b.WriteString(asHCL(item) + ", ")
		}
		return b.String() + "]"
	case jsonValue:
		return value.hcl
	case string:
		return hclText(value)
	case float64:
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	return fmt.Sprint(value)
}

// shownBlank is what Cortex shows of an object that says nothing, as it was recorded.
var shownBlank = map[string]string{
	"views":            `{"description": null, "context_id": null, "layout": null}`,
	"layout":           `{"layout_type": null, "frontend_config": null}`,
	"sections":         `{"title": null, "description": null, "widgets": []}`,
	"widgets":          `{"description": null, "metric": null, "metric_overrides": null, "grid_config": {"columns": 1, "rows": 1, "min_columns": null, "min_rows": null}}`,
	"grid_config":      `{"columns": 1, "rows": 1, "min_columns": null, "min_rows": null}`,
	"metric_overrides": `{"context_id": null, "filters": null, "parameters": null, "limit": null}`,
	"visualization": `{"data_mapping": {"x_axis": null, "y_axes": null, "value_field": null, "category_field": null, "series_field": null, "columns": null}, "chart_config": null,
		"single_value_config": null, "gauge_config": null, "show_legend": true, "show_grid": true, "show_axes_labels": true, "color_scheme": null, "custom_colors": null}`,
	"data_mapping": `{"x_axis": null, "y_axes": null, "value_field": null, "category_field": null, "series_field": null, "columns": null}`,
	"x_axis":       `{"data_type": "categorical", "label": null, "required": false}`,
	"series_field": `{"data_type": "categorical", "label": null, "required": false}`,
	"y_axes":       `{"data_type": "numerical", "label": null, "required": false}`,
	"columns":      `{"width": null, "sortable": true, "filterable": true, "alignment": null}`,
	"chart_config": `{"show_points": true, "line_width": 2, "bar_width": null, "stack_bars": false, "smooth_lines": false, "area_stacking_type": null}`,
	"single_value_config": `{"number_format": "decimal", "prefix": null, "suffix": null, "show_comparison": true, "show_trend": true, "trend_period": "previous_period", "show_sparkline": false,
		"show_title": true, "show_description": false, "compact_mode": false, "selection_mode": "first", "selection_config": null}`,
	"gauge_config": `{"min_value": 0.0, "max_value": 100.0, "target_value": null, "color_ranges": null, "show_value": true, "show_target": true, "gauge_type": "arc", "thickness": 10,
		"selection_mode": "first", "selection_config": null}`,
	"selection_config": `{"n": null, "aggregate_by": null, "delimiter": null}`,
}

// inCortex is a value as Cortex has it; in is the attribute that it is in.
func inCortex(in string, value any) any {
	switch value := value.(type) {
	case says:
		o := attributes{}
		if text, ok := shownBlank[in]; ok {
			o = decoded(text).(map[string]any)
		}
		for name, v := range value {
			o[name] = inCortex(name, v)
		}
		return map[string]any(o)
	case partsOf:
		list := []any{}
		for i, alias := range aliasesInOrder(value) {
			o := inCortex(in, value[alias]).(map[string]any)
			if o["alias"], o["position"] = norm.NFC.String(alias), i; in == "views" {
				delete(o, "position")
			}
			for _, w := range objectsIn(o["widgets"]) {
				w["section_alias"] = o["alias"]
			}
			list = append(list, o)
		}
		return list
	case []any:
		list := []any{}
		for _, item := range value {
			list = append(list, inCortex(in, item))
		}
		return list
	case jsonValue:
		return json.RawMessage(value.json)
	case string:
		return norm.NFC.String(value)
	}
	return value
}

// aliasesInOrder are the aliases of parts in the order in which they are shown.
func aliasesInOrder(parts partsOf) []string {
	position := func(alias string) int64 { p, _ := parts[alias]["position"].(int64); return p }
	return slices.SortedFunc(maps.Keys(parts), func(a, b string) int {
		return cmp.Or(cmp.Compare(position(a), position(b)), cmp.Compare(norm.NFC.String(a), norm.NFC.String(b)))
	})
}

func objectsIn(list any) (objects []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		objects = append(objects, item.(map[string]any))
	}
	return objects
}

// shown is a whole dashboard as Cortex has to show it.
func (d says) shown() attributes {
	all := attributes{"description": nil, "tags": nil}.merged(inCortex("", d).(map[string]any))
	if all["default_view"] == nil {
		all["default_view"] = objectsIn(all["views"])[0]["alias"]
	}
	return all
}

// canonical is JSON as it is compared: the order of keys does not count, texts are in normal form C, integers are exact, and all other numbers those of 64 bits.
func canonical(text string) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		panic(err)
	}
	var of func(value any) any
	of = func(value any) any {
		switch value := value.(type) {
		case map[string]any:
			for name, v := range value {
				value[name] = of(v)
			}
		case []any:
			for i, v := range value {
				value[i] = of(v)
			}
		case string:
			return norm.NFC.String(value)
		case json.Number:
			f, err := value.Float64()
			if strings.ContainsAny(value.String(), ".eE") && err == nil {
				if whole, accuracy := big.NewFloat(f).Int(nil); accuracy == big.Exact {
					return json.Number(whole.String())
				}
				return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
			}
		}
		return value
	}
	return jsonOf(of(value))
}

// wouldLeave tells whether Cortex, which has these views, would keep something of them that an update with other ones does not say.
func wouldLeave(has, sent any) bool {
	find := func(list any, alias any) map[string]any {
		all := objectsIn(list)
		if i := slices.IndexFunc(all, func(o map[string]any) bool { return o["alias"] == alias }); i >= 0 {
			return all[i]
		}
		return nil
	}
	for _, v := range objectsIn(sent) {
		old := find(has, v["alias"])
		for _, s := range objectsIn(old["sections"]) {
			if find(v["sections"], s["alias"]) == nil {
				return true
			}
		}
		for _, s := range objectsIn(v["sections"]) {
			old := find(old["sections"], s["alias"])
			for _, w := range objectsIn(old["widgets"]) {
				if find(s["widgets"], w["alias"]) == nil {
					return true
				}
			}
			for _, w := range objectsIn(s["widgets"]) {
				before, _ := find(old["widgets"], w["alias"])["visualization"].(map[string]any)
				now := w["visualization"].(map[string]any)
				had, _ := before["data_mapping"].(map[string]any)
				for name, value := range now["data_mapping"].(map[string]any) {
					if value == nil && had[name] != nil {
						return true
					}
				}
				if now["chart_config"] == nil && before["chart_config"] != nil {
					return true
				}
			}
		}
	}
	return false
}

// edit changes a dashboard and says what it changed; "" where there is nothing of the kind to change.
type edit func(g *generator, d says) string

var edits = []edit{editLeaf, editLeaf, editLeaf, editAlias, editPlace, editOrder, editMappings, editParts, editParts, editFirst, editTwins, editAll}

// edit makes a random edit of a copy of a dashboard.
func (g *generator) edit(d says) (edited says, what string) {
	for what == "" {
		edited = copyOf(d)
		what = pick(g, edits...)(g, edited)
	}
	return tidy(edited), what
}

// spot is an object of a dashboard, with where it is.
type spot struct {
	at string
	of shape
	is says
}

// spots are all objects of a dashboard that is so far known at.
func spots(at string, of shape, is says) []spot {
	all := []spot{{at, of, is}}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		switch value := is[name].(type) {
		case says:
			all = append(all, spots(at+"."+name, of[name].inside(), value)...)
		case partsOf:
			for _, alias := range slices.Sorted(maps.Keys(value)) {
				all = append(all, spots(fmt.Sprintf("%s.%s[%q]", at, name, alias), of[name].inside(), value[alias])...)
			}
		case []any:
			for i, item := range value {
				if o, ok := item.(says); ok {
					all = append(all, spots(fmt.Sprintf("%s.%s[%d]", at, name, i), of[name].inside(), o)...)
				}
			}
		}
	}
	return all
}

// group is the parts that an object has.
type group struct {
	at    string
	of    shape
	owner says
	name  string
}

func (p group) parts() partsOf { all, _ := p.owner[p.name].(partsOf); return all }

func (p group) put(alias string, part says) {
	if p.parts() == nil {
		p.owner[p.name] = partsOf{}
	}
	p.parts()[alias] = part
}

// take takes a part out, and tells whether that can be: of views and sections, there has to be one.
func (p group) take(alias string) bool {
	if len(p.parts()) == 1 && p.name != "widgets" {
		return false
	}
	delete(p.parts(), alias)
	return true
}

func (p group) any(g *generator) string { return pick(g, slices.Sorted(maps.Keys(p.parts()))...) }

// groups are the groups of parts of a dashboard that have so many at least, and this name, if one is said.
func groups(d says, name string, least int) (all []group) {
	for _, s := range spots("", boardShape, d) {
		for _, attribute := range slices.Sorted(maps.Keys(s.of)) {
			if of := s.of[attribute].parts; of != nil && (name == "" || name == attribute) {
				if p := (group{s.at + "." + attribute, of, s.is, attribute}); len(p.parts()) >= least {
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// editLeaf changes, adds or removes an attribute, which may be an object.
func editLeaf(g *generator, d says) string {
	s := pick(g, spots("", boardShape, d)...)
	name := pick(g, slices.Sorted(maps.Keys(s.of))...)
	if s.of[name].parts != nil {
		return ""
	}
	if _, said := s.is[name]; said && !s.of[name].required && g.IntN(2) == 0 {
		delete(s.is, name)
		return fmt.Sprintf("no %s.%s", s.at, name)
	}
	s.is[name] = g.make(s.of[name])
	return fmt.Sprintf("%s.%s is %s", s.at, name, asHCL(s.is[name]))
}

// editAlias gives a part another alias, or two of them each other's.
func editAlias(g *generator, d says) string {
	all := groups(d, "", 1)
	if len(all) == 0 {
		return ""
	}
	p := pick(g, all...)
	from, to := p.any(g), pick(g, awkwardAliases...)
	if from == to {
		return ""
	}
	parts := p.parts()
	part, other := parts[from], parts[to]
	if delete(parts, from); other != nil {
		parts[from] = other
	}
	parts[to] = part
	if d["default_view"] == from && g.IntN(2) == 0 {
		d["default_view"] = to
	}
	return fmt.Sprintf("%s[%q] is %[1]s[%[3]q]", p.at, from, to)
}

// editPlace moves a widget or a section to another section or view, or copies it.
func editPlace(g *generator, d says) string {
	name := pick(g, "widgets", "sections")
	from := groups(d, name, 1)
	if len(from) == 0 {
		return ""
	}
	p, to := pick(g, from...), pick(g, groups(d, name, 0)...)
	alias := p.any(g)
	if to.at == p.at || to.parts()[alias] != nil {
		return ""
	}
	part := p.parts()[alias]
	if g.IntN(4) > 0 && !p.take(alias) {
		return ""
	}
	to.put(alias, copyOf(part))
	return fmt.Sprintf("%s[%q] is in %s", p.at, alias, to.at)
}

// editOrder puts parts in another order.
func editOrder(g *generator, d says) string {
	all := groups(d, "", 2)
	if len(all) == 0 {
		return ""
	}
	p := pick(g, all...)
	for i, n := range g.Perm(len(p.parts())) {
		p.parts()[aliasesInOrder(p.parts())[i]]["position"] = int64(n)
		if g.IntN(8) == 0 {
			delete(p.parts()[aliasesInOrder(p.parts())[i]], "position")
		}
	}
	return p.at + " have another order"
}

// editMappings takes away what Cortex would keep.
func editMappings(g *generator, d says) string {
	all := groups(d, "widgets", 1)
	if len(all) == 0 {
		return ""
	}
	p := pick(g, all...)
	alias := p.any(g)
	shows := p.parts()[alias]["visualization"].(says)
	mapping, _ := shows["data_mapping"].(says)
	name := pick(g, "chart_config", "data_mapping", "x_axis", "y_axes", "series_field", "columns")
	if shows[name] == nil && mapping[name] == nil {
		return ""
	}
	delete(shows, name)
	delete(mapping, name)
	return fmt.Sprintf("%s[%q] has no %s", p.at, alias, name)
}

// editParts adds or removes parts.
func editParts(g *generator, d says) string {
	p := pick(g, groups(d, "", 0)...)
	if alias := pick(g, awkwardAliases...); len(p.parts()) == 0 || g.IntN(2) == 0 && p.parts()[alias] == nil {
		p.put(alias, g.object(p.of))
		return fmt.Sprintf("%s[%q] is new", p.at, alias)
	}
	if alias := p.any(g); p.take(alias) {
		return fmt.Sprintf("no %s[%q]", p.at, alias)
	}
	return ""
}

// editFirst says which view is the default one.
func editFirst(g *generator, d says) string {
	if first, said := d["default_view"]; said && g.IntN(2) == 0 {
		delete(d, "default_view")
		return fmt.Sprintf("the default view is not %q", first)
	}
	d["default_view"] = pick(g, slices.Sorted(maps.Keys(d["views"].(partsOf)))...)
	return fmt.Sprintf("the default view is %q", d["default_view"])
}

// editTwins makes a part of another one, so that both have the same parts.
func editTwins(g *generator, d says) string {
	p := pick(g, groups(d, pick(g, "views", "sections"), 1)...)
	from, to := p.any(g), pick(g, awkwardAliases...)
	if from == to {
		return ""
	}
	p.put(to, copyOf(p.parts()[from]))
	return fmt.Sprintf("%s[%q] is as %[1]s[%[3]q]", p.at, to, from)
}

// editAll replaces everything but the name.
func editAll(g *generator, d says) string {
	name := d["name"]
	clear(d)
	maps.Copy(d, g.dashboard(name.(string)))
	return "everything is new"
}
