package provider

import (
	"maps"
	"math"

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
		"type":        requiredChoice("Whom it is for", "executive", "operational", "analytical", "tactical"),
		"description": optionalTextAttribute("Description; null when there is none."),
		"tags":        textList("Tags, in their order.", false),
		"default_view": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Alias of the view that is shown first. Defaults to the first one of `views`.",
		},
		"created_at": createdAtAttribute(),
		"updated_at": updatedAtAttribute(),
	}
	maps.Copy(attributes, dashboardParts())
	return schema.Schema{
		MarkdownDescription: "A dashboard of an environment: views with sections with widgets, each of which shows a metric. Its parts have the names of Cortex's API; what is " +
			"left out has Cortex's default, and shows in no plan. Positions are those in the configuration.\n\n" +
			"Cortex merges an update of a view with what was in it before. This resource makes the dashboard what the configuration says: by one request where that is enough, or " +
			"else by two more, between which its views have other aliases.",
		Attributes: attributes,
	}
}

// dashboardParts are the attributes that are mapped by their schema alone: see nested_json.go.
func dashboardParts() map[string]schema.Attribute {
	views := partsByAlias("Views", map[string]schema.Attribute{
		"position":    partPosition("view"),
		"title":       requiredText("Title."),
		"description": partText("Description."),
		"context_id":  partText("Context that the metrics of the view run in."),
		"layout": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What the user interface wants to know of the layout.",
			Attributes: map[string]schema.Attribute{
				"layout_type":     partText("Kind of layout."),
				"frontend_config": jsonAttribute("Whatever the user interface keeps, a JSON object.", "a JSON object", validJSONObject),
			},
		},
		"sections": required(partsByAlias("Sections", map[string]schema.Attribute{
			"position":    partPosition("section"),
			"title":       partText("Title."),
			"description": partText("Description."),
			"widgets":     partsByAlias("Widgets", widgetParts()),
		})),
	})
	return typed(map[string]schema.Attribute{"views": required(views)})
}

func widgetParts() map[string]schema.Attribute {
	size := func(description string) schema.Int64Attribute { return partInt(description, 1) }
	return map[string]schema.Attribute{
		"position":    partPosition("widget"),
		"metric_id":   schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the metric that it shows, as the `id` of a `cortex_metric` has it."},
		"title":       requiredText("Title."),
		"description": partText("Description."),
		"grid_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "How much room it has. Defaults to one column and one row.",
			Attributes: map[string]schema.Attribute{
				"columns":     size("Columns that it is wide. Defaults to `1`."),
				"rows":        size("Rows that it is high. Defaults to `1`."),
				"min_columns": size("Columns that it has at least."),
				"min_rows":    size("Rows that it has at least."),
			},
		},
		"visualization": schema.SingleNestedAttribute{
			Required:            true,
			MarkdownDescription: "How it shows the metric.",
			Attributes:          visualizationParts(),
		},
		"metric_overrides": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What is other than in the metric. Released Cortexes keep it, and run the metric without it.",
			Attributes: map[string]schema.Attribute{
				"context_id": partText("Context that the metric runs in."),
				"filters":    jsonAttribute("Filters, a JSON object.", "a JSON object", validJSONObject),
				"parameters": jsonAttribute("Values of the metric's parameters, a JSON object.", "a JSON object", validJSONObject),
				"limit":      partInt("How many rows there are at most.", 0),
			},
		},
	}
}

func visualizationParts() map[string]schema.Attribute {
	dataType := func(otherwise string) schema.StringAttribute {
		return choice("What its values are; `"+otherwise+"` without it", "numerical", "temporal", "categorical")
	}
	column := func(description, otherwise string) map[string]schema.Attribute {
		return map[string]schema.Attribute{
			"field":     requiredText(description),
			"data_type": dataType(otherwise),
			"label":     partText("Label."),
			"required":  partBool("Whether the widget cannot do without it. Defaults to `false`."),
		}
	}
	const ofResult = "Column of the metric's result: the name of a measure or dimension."
	one := func(description string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{Optional: true, MarkdownDescription: description, Attributes: column(ofResult, "categorical")}
	}
	selection := map[string]schema.Attribute{
		"selection_mode": choice("Which of several rows counts; `first` without it", "first", "last", "nth", "aggregate", "concat", "min", "max", "mean", "median", "mode"),
		"selection_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What else there is to say of that.",
			Attributes: map[string]schema.Attribute{
				"n":            partInt("Number of the row, for `nth`.", math.MinInt32),
				"aggregate_by": choice("How rows are put together, for `aggregate`", "sum", "mean", "median", "min", "max"),
				"delimiter":    partText("What is put between the values, for `concat`."),
			},
		},
	}
	return map[string]schema.Attribute{
		"type": requiredChoice("Kind of visualization", "single_value", "gauge", "bar_chart", "line_chart", "area_chart", "pie_chart", "donut_chart", "scatter_plot", "box_plot",
			"heatmap", "table"),
		"data_mapping": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Which columns of the metric's result are shown where. Cortex drops a `value_field` and a `category_field`: `single_value` and `gauge` show the " +
				"`x_axis`, and of a `pie_chart` or `donut_chart` it is the category.",
			Attributes: map[string]schema.Attribute{
				"x_axis":       one("Column of the x axis, or the value of a `single_value` or `gauge`."),
				"y_axes":       partList("Columns of the y axis.", column(ofResult, "numerical")),
				"series_field": one("Column by whose values there are several series."),
				"columns": partList("Columns of a `table`.", map[string]schema.Attribute{
					"field":      requiredText(ofResult),
					"label":      requiredText("Heading."),
					"width":      partInt("Width, in pixels.", 0),
					"sortable":   partBool("Whether people can sort by it. Defaults to `true`."),
					"filterable": partBool("Whether people can filter by it. Defaults to `true`."),
					"alignment":  partText("Alignment: `left`, `center` or `right`."),
				}),
			},
		},
		"chart_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of charts.",
			Attributes: map[string]schema.Attribute{
				"show_points":        partBool("Whether points are drawn. Defaults to `true`."),
				"line_width":         partInt("Width of lines. Defaults to `2`.", 0),
				"bar_width":          schema.Float64Attribute{Optional: true, MarkdownDescription: "Width of bars."},
				"stack_bars":         partBool("Whether bars are stacked. Defaults to `false`."),
				"smooth_lines":       partBool("Whether lines are smooth. Defaults to `false`."),
				"area_stacking_type": choice("How areas are stacked", "normal", "gradient"),
			},
		},
		"single_value_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of a `single_value`.",
			Attributes: merged(selection, map[string]schema.Attribute{
				"number_format":    choice("How the number is written; `decimal` without it", "integer", "decimal", "percentage", "currency", "abbreviated", "scientific"),
				"prefix":           partText("What is put before the value."),
				"suffix":           partText("What is put after the value."),
				"show_comparison":  partBool("Whether it is compared. Defaults to `true`."),
				"show_trend":       partBool("Whether the trend is shown. Defaults to `true`."),
				"trend_period":     partText("What it is compared with. Defaults to `previous_period`."),
				"show_sparkline":   partBool("Whether there is a small line. Defaults to `false`."),
				"show_title":       partBool("Whether the title is shown. Defaults to `true`."),
				"show_description": partBool("Whether the description is shown. Defaults to `false`."),
				"compact_mode":     partBool("Whether it is small. Defaults to `false`."),
			}),
		},
		"gauge_config": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "What there is to say of a `gauge`.",
			Attributes: merged(selection, map[string]schema.Attribute{
				"min_value":    schema.Float64Attribute{Optional: true, MarkdownDescription: "Where it begins. Defaults to `0`."},
				"max_value":    schema.Float64Attribute{Optional: true, MarkdownDescription: "Where it ends. Defaults to `100`."},
				"target_value": schema.Float64Attribute{Optional: true, MarkdownDescription: "What is aimed at."},
				"color_ranges": jsonAttribute("Colours of ranges, a JSON list of objects.", "a JSON list of objects", validJSONObjects),
				"show_value":   partBool("Whether the value is shown. Defaults to `true`."),
				"show_target":  partBool("Whether the target is shown. Defaults to `true`."),
				"gauge_type":   partText("Shape. Defaults to `arc`."),
				"thickness":    partInt("How thick it is. Defaults to `10`.", 0),
			}),
		},
		"show_legend":      partBool("Whether there is a legend. Defaults to `true`."),
		"show_grid":        partBool("Whether there is a grid. Defaults to `true`."),
		"show_axes_labels": partBool("Whether axes have labels. Defaults to `true`."),
		"color_scheme":     choice("Colours", "default", "blue", "green", "red", "purple", "orange", "categorical", "sequential", "diverging"),
		"custom_colors":    textList("Colours of its own, such as `#1f77b4`.", false),
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
func partsByAlias(what string, attributes map[string]schema.Attribute) schema.MapNestedAttribute {
	return schema.MapNestedAttribute{
		Optional:            true,
		MarkdownDescription: what + " by their aliases, in the order of their positions.",
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
