package cortextest

import "slices"

// The classes that a dashboard is made of. Their names are Cortex's own, without the "Request" at their end; what is shown has the same fields.

var createdDashboard = class{
	{"environment_id", anID, required, nil},
	{"alias", aString, optional, nil},
	{"name", aString, required, nil},
	{"description", aString, optional, nil},
	{"type", dashboardType, required, nil},
	{"views", aListOf(sentView), optional, nil},
	{"default_view_index", anInteger, defaulted, pyNumber("0")},
	{"tags", aListOf(aString), optional, nil},
}

// updatedDashboard has no environment: a dashboard stays where it is.
var updatedDashboard = class{
	{"alias", aString, optional, nil},
	{"name", aString, optional, nil},
	{"description", aString, optional, nil},
	{"type", dashboardType, optional, nil},
	{"tags", aListOf(aString), optional, nil},
	{"default_view", aString, optional, nil},
	{"views", aListOf(sentView), optional, nil},
}

var dashboardType = oneOf("executive", "operational", "analytical", "tactical")

// sentView is a view as a request has it, and shownView one as an answer has it.
var (
	sentView  = dashboardView(dashboardWidget(createdMetric).checked(oneMetric)).checked(oneSection)
	shownView = slices.Concat(dashboardView(dashboardWidget(embeddedMetric).read), class{{"created_at", asItIs, required, nil}, {"updated_at", asItIs, required, nil}}).read
)

func dashboardView(widget reader) class {
	section := class{
		{"alias", aString, required, nil},
		{"title", aString, optional, nil},
		{"description", aString, optional, nil},
		{"position", anInteger, required, nil},
		{"widgets", aListOf(widget), required, nil},
	}
	return class{
		{"alias", aString, required, nil},
		{"title", aString, required, nil},
		{"description", aString, optional, nil},
		{"sections", aListOf(section.read), optional, nil},
		{"context_id", aString, optional, nil},
		{"layout", dashboardLayout.read, optional, nil},
	}
}

// oneSection gives a view without sections one.
func oneSection(_ *reading, _ pyTuple, _ any, view *pyDict) {
	if !hasItems(view.values["sections"]) {
		view.set("sections", []any{newDict("alias", "default", "title", "Default", "description", nil, "position", pyNumber("0"), "widgets", []any{})})
	}
}

func dashboardWidget(metric class) class {
	return class{
		{"alias", aString, required, nil},
		{"section_alias", aString, required, nil},
		{"metric_id", anID, optional, nil},
		{"metric", metric.read, optional, nil},
		{"position", anInteger, required, nil},
		{"grid_config", widgetGridConfig.read, required, nil},
		{"title", aString, required, nil},
		{"description", aString, optional, nil},
		{"visualization", visualizationConfig.read, required, nil},
		{"metric_overrides", metricExecutionOverrides.read, optional, nil},
	}
}

// oneMetric refuses a widget with two metrics or none.
func oneMetric(r *reading, loc pyTuple, sent any, widget *pyDict) {
	problem := ""
	switch known, own := widget.values["metric_id"] != nil, widget.values["metric"] != nil; {
	case known && own:
		problem = "Cannot provide both metric_id and metric; provide exactly one"
	case !known && !own:
		problem = "Must provide either metric_id or metric"
	default:
		return
	}
	r.problem("value_error", loc, "Value error, "+problem, sent, "error", pyError(problem))
}

var dashboardLayout = class{
	{"layout_type", aString, optional, nil},
	{"frontend_config", aDictOf(anything), optional, nil},
}

var widgetGridConfig = class{
	{"columns", anInteger, defaulted, pyNumber("1")},
	{"rows", anInteger, defaulted, pyNumber("1")},
	{"min_columns", anInteger, optional, nil},
	{"min_rows", anInteger, optional, nil},
}

var metricExecutionOverrides = class{
	{"context_id", aString, optional, nil},
	{"filters", aDictOf(anything), optional, nil},
	{"parameters", aDictOf(anything), optional, nil},
	{"limit", anInteger, optional, nil},
}

var visualizationConfig = class{
	{"type", oneOf("single_value", "gauge", "bar_chart", "line_chart", "area_chart", "pie_chart", "donut_chart", "scatter_plot", "box_plot", "heatmap", "table"), required, nil},
	{"data_mapping", dataMapping.read, required, nil},
	{"chart_config", chartConfig.read, optional, nil},
	{"single_value_config", singleValueConfig.read, optional, nil},
	{"gauge_config", gaugeConfig.read, optional, nil},
	{"show_legend", aBoolean, defaulted, true},
	{"show_grid", aBoolean, defaulted, true},
	{"show_axes_labels", aBoolean, defaulted, true},
	{"color_scheme", oneOf("default", "blue", "green", "red", "purple", "orange", "categorical", "sequential", "diverging"), optional, nil},
	{"custom_colors", aListOf(aString), optional, nil},
}

var dataMapping = class{
	{"x_axis", fieldMapping.read, optional, nil},
	{"y_axes", aListOf(fieldMapping.read), optional, nil},
	{"value_field", fieldMapping.read, optional, nil},
	{"category_field", fieldMapping.read, optional, nil},
	{"series_field", fieldMapping.read, optional, nil},
	{"columns", aListOf(columnMapping.read), optional, nil},
}

var fieldMapping = class{
	{"field", aString, required, nil},
	{"data_type", aString, optional, nil},
	{"label", aString, optional, nil},
	{"required", aBoolean, optional, false},
}

var columnMapping = class{
	{"field", aString, required, nil},
	{"label", aString, required, nil},
	{"width", anInteger, optional, nil},
	{"sortable", aBoolean, defaulted, true},
	{"filterable", aBoolean, defaulted, true},
	{"alignment", aString, optional, nil},
}

var chartConfig = class{
	{"show_points", aBoolean, optional, true},
	{"line_width", anInteger, optional, pyNumber("2")},
	{"bar_width", aFloat, optional, nil},
	{"stack_bars", aBoolean, defaulted, false},
	{"smooth_lines", aBoolean, defaulted, false},
	{"area_stacking_type", aString, optional, nil},
}

var singleValueConfig = class{
	{"number_format", oneOf("integer", "decimal", "percentage", "currency", "abbreviated", "scientific"), optional, "decimal"},
	{"prefix", aString, optional, nil},
	{"suffix", aString, optional, nil},
	{"show_comparison", aBoolean, defaulted, true},
	{"show_trend", aBoolean, defaulted, true},
	{"trend_period", aString, optional, "previous_period"},
	{"show_sparkline", aBoolean, defaulted, false},
	{"show_title", aBoolean, defaulted, true},
	{"show_description", aBoolean, defaulted, false},
	{"compact_mode", aBoolean, defaulted, false},
	{"selection_mode", selectionMode, optional, "first"},
	{"selection_config", valueSelectionConfig.read, optional, nil},
}

var gaugeConfig = class{
	{"min_value", aFloat, defaulted, pyNumber("0.0")},
	{"max_value", aFloat, defaulted, pyNumber("100.0")},
	{"target_value", aFloat, optional, nil},
	{"color_ranges", aListOf(aDictOf(anything)), optional, nil},
	{"show_value", aBoolean, defaulted, true},
	{"show_target", aBoolean, defaulted, true},
	{"gauge_type", aString, defaulted, "arc"},
	{"thickness", anInteger, defaulted, pyNumber("10")},
	{"selection_mode", selectionMode, optional, "first"},
	{"selection_config", valueSelectionConfig.read, optional, nil},
}

var selectionMode = oneOf("first", "last", "nth", "aggregate", "concat", "min", "max", "mean", "median", "mode")

var valueSelectionConfig = class{
	{"n", anInteger, optional, nil},
	{"aggregate_by", aString, optional, nil},
	{"delimiter", aString, optional, nil},
}

// embeddedMetric is a widget's own metric as an answer has it.
var embeddedMetric = func() class {
	c := class{{"id", asItIs, required, nil}, {"environment_id", asItIs, required, nil}, {"data_model_id", asItIs, required, nil}}
	for _, f := range semanticMetric {
		if f.name == "extends" {
			f = field{"version", asItIs, required, nil}
		}
		c = append(c, f)
	}
	for _, name := range []string{"is_valid", "validation_errors", "compiled_query", "data_model_name", "created_at", "updated_at"} {
		c = append(c, field{name, asItIs, required, nil})
	}
	return c
}()
