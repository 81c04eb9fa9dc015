package provider

import (
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

func dashboardSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"id":             idAttribute("dashboard"),
		"environment_id": containerAttribute("dashboard", "environment"),
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: nameDescription("dashboard", " of the environment"),
			Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
		},
		"type":        requiredChoice("Kind of dashboard, which is for figures at a glance, for what goes on, for analyses or for a project", "executive", "operational", "analytical", "tactical"),
		"description": optionalTextAttribute("Description; null when there is none."),
		"tags":        textList("Tags, in their order.", false),
		"default_view": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Alias of the view that is shown first. Defaults to the first one of `views` in their order.",
		},
		"created_at": createdAtAttribute(),
		"updated_at": updatedAtAttribute(),
	}
	maps.Copy(attributes, dashboardParts())
	return schema.Schema{
		MarkdownDescription: "A dashboard of an environment: views with sections with widgets, each of which shows a metric. Its parts have the names of Cortex's API; what is " +
			"left out has Cortex's default, and shows in no plan. Views, sections and widgets are maps by alias, so that a plan shows the part that changes, and not those after it. " +
			"An import numbers them by `10`, `20`, `30`, where their order is not that of their aliases.\n\n" +
			"Of a widget, Cortex itself reads `metric_id`, and in its `visualization` the `type`, the fields of the `data_mapping` and the `selection_mode`: they decide on the rows, series or " +
			"value that it gives. All else it keeps for the user interface, which decides what to make of it.\n\n" +
			"Cortex merges an update of a view with what was in it before. This resource makes the dashboard what the configuration says: by one request where that is enough, or " +
			"else by two more, between which its views have other aliases. The guide [Dashboards as code](../guides/dashboards.md) shows all of that.",
		Attributes: attributes,
	}
}

// dashboardParts are the attributes that are mapped by their schema alone: see nested_json.go.
func dashboardParts() map[string]schema.Attribute {
	views := partsByAlias("Views", "", map[string]schema.Attribute{
		"position":    partPosition("view"),
		"title":       requiredText("Title of the view."),
		"description": partText("Description of the view."),
		"context_id": partText("For whom the metrics of the view run: `C_` and the UUID of a consumer, `CG_` and that of a consumer group, or `CCG_`, both, and `_` between them. " +
			"Their `properties` are parameters of the metrics."),
		"layout": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Hints for the user interface, which alone reads them.",
			Attributes: map[string]schema.Attribute{
				"layout_type":     partText("Kind of layout, in the words of the user interface, such as `grid`."),
				"frontend_config": jsonAttribute("Whatever the user interface wants to keep, a JSON object.", "a JSON object", validJSONObject),
			},
		},
		"sections": required(partsByAlias("Sections", "", map[string]schema.Attribute{
			"position":    partPosition("section"),
			"title":       partText("Title of the section."),
			"description": partText("Description of the section."),
			"widgets":     partsByAlias("Widgets", "An alias is there once in a view, whatever the section.", widgetParts()),
		})),
	})
	return typed(map[string]schema.Attribute{"views": required(views)})
}

func widgetParts() map[string]schema.Attribute {
	size := func(description string) schema.Int64Attribute { return partInt(description, 1) }
	return map[string]schema.Attribute{
		"position":    partPosition("widget"),
		"metric_id":   schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the metric that it shows, as the `id` of a `cortex_metric` of the environment has it."},
		"title":       requiredText("Title of the widget."),
		"description": partText("Description of the widget."),
		"grid_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How much room it has, in columns and rows of the user interface's grid. Defaults to one of each.",
			Attributes: map[string]schema.Attribute{
				"columns":     size("How many columns wide it is. Defaults to `1`."),
				"rows":        size("How many rows high it is. Defaults to `1`."),
				"min_columns": size("How many columns wide it is at least, where the user interface can shrink it."),
				"min_rows":    size("How many rows high it is at least, where the user interface can shrink it."),
			},
		},
		"visualization": schema.SingleNestedAttribute{
			Required:            true,
			MarkdownDescription: "How it shows the metric.",
			Attributes:          visualizationParts(),
		},
		"metric_overrides": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What is other than in the view and the metric. Releases up to 0.0.1a7 keep it, and run the metric without it: make another metric instead.",
			Attributes: map[string]schema.Attribute{
				"context_id": partText("For whom the metric runs, as the `context_id` of a view says it."),
				"filters":    jsonAttribute("Further filters, a JSON object.", "a JSON object", validJSONObject),
				"parameters": jsonAttribute("Values of the metric's parameters by their names, a JSON object.", "a JSON object", validJSONObject),
				"limit":      partInt("How many rows there are at most, in place of the metric's `limit`.", 0),
			},
		},
	}
}

// charts are the visualizations with axes.
var charts = []string{"bar_chart", "line_chart", "area_chart", "pie_chart", "donut_chart", "scatter_plot", "box_plot"}

func visualizationParts() map[string]schema.Attribute {
	dataType := func(otherwise string) schema.StringAttribute {
		return choice("What its values are, for the user interface; `"+otherwise+"` without it", "numerical", "temporal", "categorical")
	}
	column := func(description, otherwise string) map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"field":     requiredText(description),
			"data_type": dataType(otherwise),
			"label":     partText("What people read in place of the column's name."),
			"required":  partBool("Whether the widget needs the column, for the user interface: to Cortex each is needed. Defaults to `false`."),
		}
	}
	const ofResult = "Column of the metric's result: the name of a measure, dimension or aggregation."
	one := func(description string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: column(ofResult, "categorical")}
	}
	selection := map[string]schema.Attribute{
		"selection_mode": choice("Which value of several rows is shown, or what is made of them; `first` without it", "first", "last", "nth", "aggregate", "concat", "min", "max", "mean", "median", "mode"),
		"selection_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What else there is to say of the `selection_mode`. Releases up to 0.0.1a7 do not read it: they take the first row for `nth`, the sum for `aggregate`, and a comma for `concat`.",
			Attributes: map[string]schema.Attribute{
				"n":            partInt("Number of the row, for `nth`; the first one is `1`.", math.MinInt32),
				"aggregate_by": choice("What is made of the values, for `aggregate`", "sum", "mean", "median", "min", "max"),
				"delimiter":    partText("What is put between the values, for `concat`."),
			},
		},
	}
	return map[string]schema.Attribute{
		"type": requiredChoice("Kind of visualization", slices.Concat([]string{"single_value", "gauge"}, charts, []string{"heatmap", "table"})...),
		"data_mapping": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Which columns of the metric's result are shown where: `columns` of a `table`, `x_axis` of a `single_value` or `gauge`, `x_axis` and `y_axes` of all others. " +
				"Cortex has no place for a `value_field` and a `category_field`.",
			Attributes: map[string]schema.Attribute{
				"x_axis":       one("Column of the x axis; the category of a `pie_chart`, `donut_chart` or `box_plot`; the value of a `single_value` or `gauge`. No row may be without one in a chart."),
				"y_axes":       partList("Columns of the y axis, each of which is a series; the numbers of a `pie_chart` or `donut_chart`. A `box_plot` shows the first one.", column(ofResult, "numerical")),
				"series_field": one("Column for each of whose values there is a series, of the first of the `y_axes` alone."),
				"columns": partList("Columns of a `table`, in their order.", map[string]schema.Attribute{
					"field":      requiredText(ofResult),
					"label":      requiredText("Heading of the column."),
					"width":      partInt("Width, in pixels.", 0),
					"sortable":   partBool("Whether people can sort by it. Defaults to `true`."),
					"filterable": partBool("Whether people can filter by it. Defaults to `true`."),
					"alignment":  partText("Alignment: `left`, `center` or `right`."),
				}),
			},
		},
		"chart_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of charts with lines, bars, areas or points, for the user interface.",
			Attributes: map[string]schema.Attribute{
				"show_points":        partBool("Whether points are drawn. Defaults to `true`."),
				"line_width":         partInt("Width of lines, in the units of the user interface. Defaults to `2`.", 0),
				"bar_width":          schema.Float64Attribute{Optional: true, MarkdownDescription: "Width of bars, in the units of the user interface."},
				"stack_bars":         partBool("Whether bars are stacked. Defaults to `false`."),
				"smooth_lines":       partBool("Whether lines are smooth. Defaults to `false`."),
				"area_stacking_type": choice("How areas are stacked", "normal", "gradient"),
			},
		},
		"single_value_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of a `single_value`. But for the `selection_mode`, it is for the user interface.",
			Attributes: merged(selection, map[string]schema.Attribute{
				"number_format":    choice("How the number is written; `decimal` without it", "integer", "decimal", "percentage", "currency", "abbreviated", "scientific"),
				"prefix":           partText("What is put before the value."),
				"suffix":           partText("What is put after the value."),
				"show_comparison":  partBool("Whether the value is compared with another one. Defaults to `true`."),
				"show_trend":       partBool("Whether it is shown how the value goes up or down. Defaults to `true`."),
				"trend_period":     partText("What the trend is since, in the words of the user interface. Defaults to `previous_period`."),
				"show_sparkline":   partBool("Whether there is a small line chart beside the value. Defaults to `false`."),
				"show_title":       partBool("Whether the widget's title is shown. Defaults to `true`."),
				"show_description": partBool("Whether the widget's description is shown. Defaults to `false`."),
				"compact_mode":     partBool("Whether it is shown with less room around. Defaults to `false`."),
			}),
		},
		"gauge_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of a `gauge`. Cortex itself reads `min_value`, `max_value`, `target_value` and `selection_mode`.",
			Attributes: merged(selection, map[string]schema.Attribute{
				"min_value":    schema.Float64Attribute{Optional: true, MarkdownDescription: "Value at which it begins, less than `max_value`. Defaults to `0`."},
				"max_value":    schema.Float64Attribute{Optional: true, MarkdownDescription: "Value at which it ends. Defaults to `100`."},
				"target_value": schema.Float64Attribute{Optional: true, MarkdownDescription: "Value that is aimed at, from `min_value` to `max_value`."},
				"color_ranges": jsonAttribute("Colours of ranges, a JSON list of objects such as `{ min = 0, max = 50, color = \"red\" }`.", "a JSON list of objects", validJSONObjects),
				"show_value":   partBool("Whether the value is shown. Defaults to `true`."),
				"show_target":  partBool("Whether the target is shown. Defaults to `true`."),
				"gauge_type":   partText("Shape, such as `arc` or `linear`. Defaults to `arc`."),
				"thickness":    partInt("How thick it is, in the units of the user interface. Defaults to `10`.", 0),
			}),
		},
		"show_legend":      partBool("Whether there is a legend. Defaults to `true`."),
		"show_grid":        partBool("Whether there is a grid. Defaults to `true`."),
		"show_axes_labels": partBool("Whether axes have labels. Defaults to `true`."),
		"color_scheme":     choice("Colours; those of the user interface without it", "default", "blue", "green", "red", "purple", "orange", "categorical", "sequential", "diverging"),
		"custom_colors":    textList("Colours in place of a `color_scheme`, in their order, such as `#1f77b4`.", false),
	}
}

func merged(parts ...map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, part := range parts {
		maps.Copy(all, part)
	}
	return all
}

// partsByAlias are parts that their alias tells apart: see nested_places.go.
func partsByAlias(what, more string, attributes map[string]schema.Attribute) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: strings.TrimSuffix(what+" by their aliases, in the order of their positions. "+more, " "),
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
		Validators: []validator.Map{mapvalidator.SizeAtLeast(1),
			mapvalidator.KeysAre(check("an alias that is not empty, without NUL", validAlias))},
	}
}

func required(parts schema.MapNestedAttribute) schema.MapNestedAttribute {
	parts.Optional, parts.Required = false, true
	return parts
}

func partPosition(noun string) schema.Int64Attribute {
	return partInt("Where the "+noun+" comes: after those of smaller positions, and among those of the same one by alias. Defaults to `0`. Positions need not follow each other: "+
		"`10`, `20`, `30` leave room.", math.MinInt32)
}

func partInt(description string, least int64) schema.Int64Attribute {
	return schema.Int64Attribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.Int64{int64validator.Between(least, math.MaxInt32)},
	}
}
