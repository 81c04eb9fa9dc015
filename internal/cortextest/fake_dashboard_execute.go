package cortextest

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"time"
)

// failedDashboard is what running a dashboard or a view of it ends with.
func (c *call) failedDashboard(id, problem string) answer {
	return c.known(400, "Failed to execute dashboard %s: %s", id, problem)
}

// executeView runs a view. That never succeeds: Cortex has no room for the alias of a view in its result, and makes no data types for that of a widget.
func executeView(c *call) answer {
	id, start := c.pathID("dashboard_id"), time.Now()
	if a, no := c.refused(); no {
		return a
	}
	problem, made := c.runView(id, c.params["view_alias"], start)
	if made != nil {
		return text(500, "%s", missingAlias("DashboardViewExecutionResponse", made))
	}
	return c.failedDashboard(id, problem)
}

func executeDashboard(c *call) answer {
	id, start := c.pathID("dashboard_id"), time.Now()
	alias, _ := c.queryValue("view_alias")
	if a, no := c.refused(); no {
		return a
	}
	if row := c.tables[dashboards].find(id); row != nil && alias == "" {
		alias = row.values["default_view"].(string)
	}
	problem, made := c.runView(id, alias, start)
	switch {
	case made != nil:
		whole := newDict("dashboard_id", pyUUID(id), "view_id", made.values["view_id"], "view_execution", made, "total_execution_time_ms", milliseconds(start))
		return text(500, "%s", missingAlias("DashboardExecutionResponse", whole, "view_execution"))
	case strings.HasPrefix(problem, "Dashboard "): // that it is not there is told once
		return c.failedDashboard(id, problem)
	}
	return c.failedDashboard(id, fmt.Sprintf("Failed to execute dashboard %s: %s", id, problem))
}

// runView says what is wrong with running a view, or returns the result that Cortex then cannot show: that of an empty view whose alias is an id.
func (c *call) runView(id, alias string, start time.Time) (problem string, made *pyDict) {
	row := c.tables[dashboards].find(id)
	if row == nil {
		return fmt.Sprintf(noDashboard, id), nil
	}
	view := withAlias(row.values["views"].([]any), alias)
	if view == nil {
		return fmt.Sprintf(noView, alias), nil
	}
	for _, section := range dicts(view, "sections") {
		if hasItems(section.values["widgets"]) {
			v := &validation{model: "StandardChartData"}
			v.problem("missing", pyTuple{"metadata", "data_types"}, "Field required", newDict())
			return v.failure(), nil
		}
	}
	v := &validation{model: "DashboardViewExecutionResult", values: newDict("view_id", alias)}
	viewID := v.field("view_id", anID, required)
	if problem = v.failure(); problem != "" {
		return problem, nil
	}
	return "", newDict("view_id", viewID, "widgets", []any{}, "total_execution_time_ms", milliseconds(start), "errors", []any{})
}

// missingAlias is what the class of an answer has against a result, and against a part of it.
func missingAlias(model string, result *pyDict, parts ...string) string {
	v := &validation{model: model}
	v.problem("missing", pyTuple{"view_alias"}, "Field required", result)
	for _, part := range parts {
		v.problem("missing", pyTuple{part, "view_alias"}, "Field required", result.values[part])
	}
	return v.failure()
}

// executeWidget runs the metric of one widget. The widget's overrides have no part in it.
func executeWidget(c *call) answer {
	id, alias := c.pathID("dashboard_id"), c.params["widget_alias"]
	if a, no := c.refused(); no {
		return a
	}
	row, missing := c.dashboard(id)
	if row == nil {
		return missing
	}
	view := withAlias(row.values["views"].([]any), c.params["view_alias"])
	if view == nil {
		return c.known(404, noView, c.params["view_alias"])
	}
	var widget *pyDict
	for _, section := range dicts(view, "sections") {
		if widget = withAlias(section.values["widgets"].([]any), alias); widget != nil {
			break
		}
	}
	switch {
	case widget == nil:
		return c.known(400, "Failed to execute widget %s: Widget not found", alias)
	case c.release == Head:
		return beyond("metrics of " + Head)
	case view.values["context_id"] != nil:
		return beyond("a metric with a context, modifiers or a cache")
	}
	metric, _ := widget.values["metric"].(*pyDict)
	if metric == nil {
		known := c.tables[metrics].find(string(widget.values["metric_id"].(pyUUID)))
		if known == nil {
			return text(500, "Metric with ID %s not found", widget.values["metric_id"])
		}
		if metric = c.shownMetric(known); metric == nil {
			return beyond("a metric that JSON cannot show")
		}
	}
	if model := string(metric.values["data_model_id"].(pyUUID)); c.tables[dataModels].find(model) == nil {
		return text(500, "Data model with ID %s not found", model)
	}
	problem := "Metric validation failed"
	var rows []any
	if len(invalid(metric, newDict())) == 0 {
		var q *query
		if q, rows, problem = c.runMetric(metric, map[string]any{}); q.beyond != "" {
			return beyond(q.beyond)
		}
	}
	data, failed := errorChart(problem), any(problem)
	if problem == "" {
		d := &drawing{}
		if data, failed = d.chart(widget, rows), nil; d.beyond != "" {
			return beyond(d.beyond)
		}
	}
	return jsonAnswer(200, newDict("widget_alias", alias, "data", data, "execution_time_ms", pyNumber("0.0"), "error", failed))
}

func processed(pairs ...any) *pyDict {
	d := newDict("series", nil, "categories", nil, "table", nil, "value", nil, "totals", nil, "averages", nil)
	for i := 0; i < len(pairs); i += 2 {
		d.set(pairs[i].(string), pairs[i+1])
	}
	return d
}

// errorChart is data with nothing in it but what went wrong.
func errorChart(problem string) *pyDict {
	return newDict("raw", newDict("columns", []any{}, "data", []any{}), "processed", processed(), "metadata",
		newDict("title", "Error", "description", problem, "x_axis_title", "", "y_axes_title", "", "data_types", newDict(), "formatting", newDict(), "ranges", newDict()))
}

// A drawing makes of the rows of a metric what a visualization shows, or says what is wrong.
type drawing struct {
	columns []string
	rows    []*pyDict
	mapping *pyDict
	config  *pyDict // of a single value or a gauge; nil when there is none
	kind    string
	beyond  string // what of it the fake does not do
}

// chart is what a widget shows. What is wrong with its mapping is told in the data, and is no error of the answer.
func (d *drawing) chart(widget *pyDict, rows []any) *pyDict {
	visualization := widget.values["visualization"].(*pyDict)
	d.mapping, d.kind = visualization.values["data_mapping"].(*pyDict), str(visualization, "type")
	d.config, _ = visualization.values[map[string]string{"single_value": "single_value_config", "gauge": "gauge_config"}[d.kind]].(*pyDict)
	columns, data := []any{}, []any{}
	for i, row := range rows {
		row := row.(*pyDict)
		d.rows = append(d.rows, row)
		values := []any{}
		for _, k := range row.keys {
			if values = append(values, row.values[k]); i == 0 {
				columns, d.columns = append(columns, k), append(d.columns, k)
			}
		}
		data = append(data, values)
	}
	shown := processed()
	switch {
	case len(rows) > 0 && len(columns) > 0:
		var problem string
		if shown, problem = d.draw(); problem != "" {
			return errorChart("Data transformation failed: " + problem)
		}
	case d.kind == "single_value" || d.kind == "gauge":
		shown.set("value", 0)
	}
	// Stored types of data are not used: Cortex takes the name of the enum for another type.
	types, xTitle, yTitle := newDict("x_axis", "categorical"), "X Axis", ""
	if x, ok := d.mapping.values["x_axis"].(*pyDict); ok && str(x, "label") != "" {
		xTitle = str(x, "label")
	}
	if y := dicts(d.mapping, "y_axes"); len(y) > 0 {
		types.set("y_axes", "numerical")
		yTitle = str(y[0], "label")
	}
	return newDict("raw", newDict("columns", columns, "data", data), "processed", shown, "metadata",
		newDict("title", widget.values["title"], "description", widget.values["description"], "x_axis_title", xTitle, "y_axes_title", yTitle,
			"data_types", types, "formatting", newDict(), "ranges", newDict()))
}

// badMapping is the text of Cortex's exception about a field of a mapping.
func badMapping(field, problem string) string {
	return fmt.Sprintf("Mapping validation error for field '%s': %s", field, problem)
}

func (d *drawing) draw() (shown *pyDict, problem string) {
	switch d.kind {
	case "heatmap":
		return nil, "Unsupported visualization type: VisualizationType.HEATMAP"
	case "single_value":
		return d.singleValue()
	case "gauge":
		return d.gauge()
	}
	if problem := d.unmapped("x_axis", "y_axes", "series_field", "columns"); problem != "" {
		return nil, problem
	}
	switch {
	case d.kind == "table":
		return d.table()
	case d.kind == "box_plot" && d.mapping.values["x_axis"] == nil:
		return nil, badMapping("x_axis", "Box plot visualization requires an x_axis for category grouping")
	case d.kind == "box_plot" && d.mapping.values["y_axes"] == nil:
		return nil, badMapping("y_axes", "Box plot visualization requires at least one y-axis for the data distribution")
	case d.kind == "box_plot":
		return d.boxPlot()
	case d.mapping.values["x_axis"] == nil:
		return nil, badMapping("x_axis", "Chart visualization requires an x_axis mapping")
	case d.mapping.values["y_axes"] == nil:
		return nil, badMapping("y_axes", "Chart visualization requires at least one y-axis mapping")
	}
	return d.series()
}

// unmapped looks for a field that is no column of the result.
func (d *drawing) unmapped(keys ...string) string {
	for _, key := range keys {
		for _, f := range mappings(d.mapping, key) {
			if name := str(f, "field"); !slices.Contains(d.columns, name) {
				columns := make([]any, len(d.columns))
				for i, c := range d.columns {
					columns[i] = c
				}
				return badMapping(name, fmt.Sprintf("Field '%s' not found in metric result columns: %s", name, repr(columns)))
			}
		}
	}
	return ""
}

func (d *drawing) table() (*pyDict, string) {
	columns, rows := []any{}, []any{}
	fields := dicts(d.mapping, "columns")
	if len(fields) == 0 {
		return nil, badMapping("columns", "Table visualization requires at least one column mapping")
	}
	for _, c := range fields {
		columns = append(columns, newDict("name", c.values["field"], "type", "string", "format", nil))
	}
	for _, row := range d.rows {
		shown := newDict()
		for _, c := range fields {
			shown.set(str(c, "field"), row.values[str(c, "field")])
		}
		rows = append(rows, shown)
	}
	return processed("table", newDict("columns", columns, "rows", rows, "total_rows", len(rows))), ""
}

func (d *drawing) singleValue() (*pyDict, string) {
	x, ok := d.mapping.values["x_axis"].(*pyDict)
	if !ok {
		return nil, "'NoneType' object has no attribute 'field'"
	}
	mode := d.mode()
	value := d.selected(mode, str(x, "field"), "sum", 1, ",")
	if s, isText := value.(string); isText && mode != "concat" {
		if value = toFloat(s); value == nil {
			return nil, badMapping("x_axis", fmt.Sprintf("Single value requires numeric data. Column '%s' contains non-numeric value: %s", str(x, "field"), s))
		}
	}
	return processed("value", unionNumber(value)), ""
}

func (d *drawing) mode() string {
	if d.config == nil {
		return "first"
	}
	return str(d.config, "selection_mode")
}

func (d *drawing) gauge() (*pyDict, string) {
	x, ok := d.mapping.values["x_axis"].(*pyDict)
	if !ok {
		return nil, badMapping("x_axis", "Gauge visualization requires an x_axis mapping")
	}
	if problem := d.unmapped("x_axis"); problem != "" {
		return nil, problem
	}
	mode := d.mode()
	if d.config != nil {
		least, most := d.config.values["min_value"], d.config.values["max_value"]
		if pyValue(least).Cmp(pyValue(most)) >= 0 {
			return nil, badMapping("gauge_config", fmt.Sprintf("Min value (%s) must be less than max value (%s)", least, most))
		}
		if target := d.config.values["target_value"]; target != nil && (pyValue(target).Cmp(pyValue(least)) < 0 || pyValue(target).Cmp(pyValue(most)) > 0) {
			return nil, badMapping("gauge_config", fmt.Sprintf("Target value (%s) must be between min (%s) and max (%s)", target, least, most))
		}
		// The config is asked as if it were a dict.
		if d.config.values["selection_config"] != nil && slices.Contains([]string{"nth", "concat", "aggregate"}, mode) {
			return nil, "'ValueSelectionConfig' object has no attribute 'get'"
		}
	}
	value := d.selected(mode, str(x, "field"), "sum", 1, ",")
	if s, isText := value.(string); isText {
		if value = toFloat(s); mode == "concat" {
			value = nil
		} else if value == nil {
			return nil, badMapping("x_axis", fmt.Sprintf("Gauge requires numeric data. Column '%s' contains non-numeric value: %s", str(x, "field"), s))
		}
	}
	return processed("value", unionNumber(value)), ""
}

// toFloat reads a text as Python's float does, nil if it is no number.
func toFloat(s string) any { return aFloat(&reading{}, nil, s) }

// unionNumber is a value that can be an integer, a float or a text.
func unionNumber(v any) any {
	if b, ok := v.(bool); ok {
		return map[bool]pyNumber{true: "1", false: "0"}[b]
	}
	return v
}

// selected is the one value of many.
func (d *drawing) selected(mode, field, how string, n int, delimiter string) any {
	all, numbers := []any{}, []any{}
	for _, row := range d.rows {
		v := row.values[field]
		if all = append(all, v); pyValue(v) != nil {
			numbers = append(numbers, v)
		}
	}
	switch mode {
	case "first":
		return all[0]
	case "last":
		return all[len(all)-1]
	case "nth":
		return all[max(0, min(len(all)-1, n-1))]
	case "concat":
		var texts []string
		for _, v := range all {
			if v != nil {
				texts = append(texts, pyStr(v))
			}
		}
		return strings.Join(texts, delimiter)
	case "aggregate":
		mode = how
	}
	if len(numbers) == 0 {
		return nil
	}
	return pyReduce(mode, numbers)
}

// pyReduce makes one number of several, as Python does.
func pyReduce(how string, numbers []any) any {
	sorted := slices.Clone(numbers)
	slices.SortStableFunc(sorted, func(a, b any) int { return pyValue(a).Cmp(pyValue(b)) })
	sum, float := new(big.Rat), false
	for _, n := range numbers {
		sum.Add(sum, pyValue(n))
		if p, ok := n.(pyNumber); ok && !isInteger(p) {
			float = true
		}
	}
	average := func(r *big.Rat, n int) any {
		f, _ := new(big.Rat).Quo(r, big.NewRat(int64(n), 1)).Float64()
		return pyNumber(pyFloat(f))
	}
	middle := len(sorted) / 2
	switch {
	case how == "min":
		return sorted[0]
	case how == "max":
		last := sorted[len(sorted)-1]
		return sorted[slices.IndexFunc(sorted, func(v any) bool { return pyEqual(v, last) })]
	case how == "mean":
		return average(sum, len(numbers))
	case how == "median" && len(sorted)%2 == 1:
		return sorted[middle]
	case how == "median":
		return average(new(big.Rat).Add(pyValue(sorted[middle-1]), pyValue(sorted[middle])), 2)
	case how == "mode":
		best, most := any(nil), 0
		for _, v := range numbers {
			count := 0
			for _, w := range numbers {
				if pyEqual(v, w) {
					count++
				}
			}
			if count > most {
				best, most = v, count
			}
		}
		return best
	case float:
		return average(sum, 1)
	}
	return pyNumber(sum.RatString())
}

// pyStr is Python's str.
func pyStr(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return repr(v)
}

// seriesName is what a series is called.
func seriesName(mapping *pyDict) any {
	if label := str(mapping, "label"); label != "" {
		return label
	}
	return mapping.values["field"]
}

func (d *drawing) series() (*pyDict, string) {
	x, ys := str(d.mapping.values["x_axis"].(*pyDict), "field"), dicts(d.mapping, "y_axes")
	var list []any
	add := func(name any, y string, rows []*pyDict) {
		points := []any{}
		for _, row := range rows {
			v := row.values[y]
			if s, isText := v.(string); isText {
				v = toFloat(s)
			}
			if v != nil {
				points = append(points, newDict("x", row.values[x], "y", v))
			}
		}
		list = append(list, newDict("name", name, "data", points))
	}
	if by, ok := d.mapping.values["series_field"].(*pyDict); ok {
		var keys []any
		for _, row := range d.rows {
			if key := row.values[str(by, "field")]; !slices.ContainsFunc(keys, func(k any) bool { return pyEqual(k, key) }) {
				keys = append(keys, key)
			}
		}
		for _, key := range keys {
			add(pyStr(key), str(ys[0], "field"), slices.DeleteFunc(slices.Clone(d.rows), func(row *pyDict) bool { return !pyEqual(row.values[str(by, "field")], key) }))
		}
	} else {
		for _, y := range ys {
			add(seriesName(y), str(y, "field"), d.rows)
		}
	}
	if problem := badPoints(list); problem != "" {
		return nil, problem
	}
	for _, s := range list {
		s := s.(*pyDict)
		for _, p := range s.values["data"].([]any) {
			p := p.(*pyDict)
			p.set("x", unionNumber(p.values["x"]))
			p.set("y", unionNumber(p.values["y"]))
			for _, k := range []string{"label", "category", "metadata"} {
				p.set(k, nil)
			}
		}
		for _, k := range []string{"type", "color", "metadata"} {
			s.set(k, nil)
		}
	}
	return processed("series", list), ""
}

// badPoints is what Cortex's classes have against points without an x. They may be those of a chart or of a box plot, so they are wrong twice.
func badPoints(list []any) string {
	v := &validation{model: "StandardChartData"}
	for i, s := range list {
		points := s.(*pyDict).values["data"].([]any)
		if !slices.ContainsFunc(points, func(p any) bool { return p.(*pyDict).values["x"] == nil }) {
			continue
		}
		at := func(class string, n int, more ...any) pyTuple {
			return append(pyTuple{"processed", "series", i, "data", "list[" + class + "]", n}, more...)
		}
		for n, p := range points {
			if p.(*pyDict).values["x"] == nil {
				v.problem("string_type", at("ChartDataPoint", n, "x", "str"), "Input should be a valid string", nil)
				v.problem("int_type", at("ChartDataPoint", n, "x", "int"), "Input should be a valid integer", nil)
				v.problem("float_type", at("ChartDataPoint", n, "x", "float"), "Input should be a valid number", nil)
			}
		}
		for n, p := range points {
			aString(&v.reading, at("BoxPlotDataPoint", n, "x"), p.(*pyDict).values["x"])
			for _, k := range []string{"min", "q1", "median", "q3", "max"} {
				v.problem("missing", at("BoxPlotDataPoint", n, k), "Field required", p)
			}
		}
	}
	return v.failure()
}

func (d *drawing) boxPlot() (*pyDict, string) {
	x, y := str(d.mapping.values["x_axis"].(*pyDict), "field"), dicts(d.mapping, "y_axes")[0]
	var categories []any
	values := map[string][]float64{}
	for _, row := range d.rows {
		category, value := row.values[x], row.values[str(y, "field")]
		if s, isText := value.(string); isText {
			value = toFloat(s)
		}
		n := pyValue(value)
		if category == nil || n == nil {
			continue
		}
		if i := slices.IndexFunc(categories, func(k any) bool { return pyEqual(k, category) }); i >= 0 {
			category = categories[i]
		} else {
			categories = append(categories, category)
		}
		f, _ := n.Float64()
		values[repr(category)] = append(values[repr(category)], f)
	}
	slices.SortStableFunc(categories, func(a, b any) int {
		x, y := pyValue(a), pyValue(b)
		switch {
		case x != nil && y != nil:
			return x.Cmp(y)
		case x != nil || y != nil:
			d.beyond = "a box plot of numbers and texts"
		}
		return strings.Compare(pyStr(a), pyStr(b))
	})
	points := []any{}
	for _, category := range categories {
		points = append(points, box(pyStr(category), values[repr(category)]))
	}
	return processed("series", []any{newDict("name", seriesName(y), "data", points, "type", nil, "color", nil, "metadata", nil)}), ""
}

// box is where the quarters of values are. Of one value alone Cortex makes a small box.
func box(category string, values []float64) *pyDict {
	slices.Sort(values)
	at := func(p float64) float64 {
		index := p * float64(len(values)-1)
		low := int(index)
		high := min(low+1, len(values)-1)
		if low == high {
			return values[low]
		}
		weight := index - float64(low)
		return float64(values[low]*(1-weight)) + float64(values[high]*weight)
	}
	first, q1, median, q3, last := values[0], at(0.25), at(0.5), at(0.75), values[len(values)-1]
	var outliers any
	if len(values) == 1 {
		width := max(0.1, float64(math.Abs(first)*0.1))
		first, q1, q3, last = first-width, first-width/2, first+width/2, first+width
	} else {
		reach := float64(1.5 * (q3 - q1))
		for _, v := range values {
			if v < q1-reach || v > q3+reach {
				list, _ := outliers.([]any)
				outliers = append(list, pyNumber(pyFloat(v)))
			}
		}
	}
	shown := newDict("x", category)
	for i, k := range []string{"min", "q1", "median", "q3", "max"} {
		shown.set(k, pyNumber(pyFloat([]float64{first, q1, median, q3, last}[i])))
	}
	for _, k := range []string{"outliers", "label", "category", "metadata"} {
		shown.set(k, nil)
	}
	shown.set("outliers", outliers)
	return shown
}
