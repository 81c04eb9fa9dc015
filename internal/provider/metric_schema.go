package provider

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

func metricSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"id": idAttribute("metric"),
		"environment_id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "UUID of the environment, which is that of the data model. It is found out where it is not said. Changing it deletes the metric and creates another.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
		},
		"data_model_id": containerAttribute("metric", "data model"),
		"name": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: nameDescription("metric", " of the data model"),
			Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
		},
		"data_source_id": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "UUID of the data source that the rows come from, as the `id` of a `cortex_data_source` has it. Without one, the metric cannot be run. " +
				"Cortex connects to it at each change of the metric, and waits as long as it takes.",
		},
		"alias":       optionalTextAttribute("Alias; null when there is none."),
		"title":       optionalTextAttribute("Title that people read; null when there is none."),
		"description": optionalTextAttribute("Description; null when there is none."),
		"query":       optionalTextAttribute("SQL that is run in the place of a query made of the parts; null when there is none."),
		"table_name":  optionalTextAttribute("Table that the query starts from, and that columns without a table are in; null when there is none."),
		"limit": schema.Int64Attribute{
			Optional:            true,
			MarkdownDescription: "How many rows the metric has at most, unless who runs it says so; null is all of them.",
			Validators:          []validator.Int64{int64validator.Between(0, math.MaxInt32)},
		},
		"grouped":    onByDefault("Whether measures are calculated for each group of equal dimensions."),
		"ordered":    onByDefault("Whether rows are sorted, by `order` or, without that, as Cortex sees fit."),
		"public":     onByDefault("Whether the metric is for everybody who uses Cortex's API."),
		"meta":       jsonAttribute("Further properties of the metric, a JSON object.", "a JSON object", validJSONObject),
		"version":    schema.Int64Attribute{Computed: true, MarkdownDescription: "How many times the metric was written; it rises with every change."},
		"created_at": createdAtAttribute(),
		"updated_at": updatedAtAttribute(),
	}
	maps.Copy(attributes, metricParts())
	return schema.Schema{
		MarkdownDescription: "A metric: a query of measures by dimensions on a data source, which belongs to a data model. Its parts have the names of Cortex's API; " +
			"what is left out has Cortex's default, and shows in no plan.\n\n" +
			"Cortex refuses few mistakes in a metric: most show when it is run. This resource refuses those that can be told from the configuration, in the plan. " +
			"`cortex_metric_result` runs it.",
		Attributes: attributes,
	}
}

// metricParts are the attributes that are mapped by their schema alone: see nested_json.go.
func metricParts() map[string]schema.Attribute {
	conditional := func(of string) schema.BoolAttribute {
		return partBool("Whether `conditions` choose the " + of + ", row by row. Defaults to `false`.")
	}
	chosen := jsonAttribute("What to choose by which condition, as a JSON object with `when_clauses` and `else_return`; needs `conditional`.",
		"conditions", validConditions)
	chosen.PlanModifiers = []planmodifier.String{useStateIfSame(sameConditions)}
	columnTable := partText("Table of the column; without it, that is the metric's `table_name`.")
	return typed(map[string]schema.Attribute{
		"measures": partList("What is calculated.", map[string]schema.Attribute{
			"name":        partName("measure"),
			"description": partText("Description."),
			"type": requiredChoice("How it is calculated", "string", "number", "count", "count_distinct", "sum", "avg", "min", "max", "percent", "boolean", "date",
				"timestamp", "duration"),
			"query":       partText("Column, or expression in SQL, that it is calculated from."),
			"table":       columnTable,
			"alias":       partText("Alias."),
			"primary_key": partText("Primary key of the table."),
			"conditional": conditional("value"),
			"conditions":  chosen,
			"formatting":  formattingPart(),
		}),
		"dimensions": partList("What the measures are grouped by.", map[string]schema.Attribute{
			"name":        partName("dimension"),
			"description": partText("Description."),
			"query":       requiredText("Column, or expression in SQL, that it is."),
			"table":       columnTable,
			"conditional": conditional("value"),
			"conditions":  chosen,
			"formatting":  formattingPart(),
			"combine": partList("Further columns, whose values are joined to it.", map[string]schema.Attribute{
				"query":     requiredText("Column, or expression in SQL."),
				"table":     columnTable,
				"delimiter": partText("What is put before the value. Defaults to a blank."),
			}),
		}),
		"joins": partList("Further tables, and how they are joined.", map[string]schema.Attribute{
			"name":        partName("join"),
			"description": partText("Description."),
			"join_type":   requiredChoice("Kind of join", "inner", "left", "right", "full", "cross"),
			"left_table":  requiredText("Table that is there."),
			"right_table": requiredText("Table that is joined to it."),
			"alias":       partText("Alias of the right table."),
			"conditions": partList("What rows that belong together have in common; required but for a cross join.", map[string]schema.Attribute{
				"left_table":   requiredText("Table of the left column."),
				"left_column":  requiredText("Column of the left table."),
				"right_table":  requiredText("Table of the right column."),
				"right_column": requiredText("Column of the right table."),
				"operator":     partText("How the columns are compared. Defaults to `=`."),
			}),
		}),
		"filters": partList("Which rows count.", map[string]schema.Attribute{
			"name":        partName("filter"),
			"description": partText("Description."),
			"query":       requiredText("Column, or expression in SQL, that is compared."),
			"table":       columnTable,
			"operator": choice("How it is compared; required without `custom_expression`", "equals", "not_equals", "greater_than", "greater_than_equals", "less_than",
				"less_than_equals", "in", "not_in", "like", "not_like", "is_null", "is_not_null", "between", "not_between"),
			"value":             jsonAttribute("What it is compared with, as JSON.", "JSON", client.CheckJSON),
			"values":            jsonAttribute("What it is compared with by `in` and `not_in`, a JSON list.", "a JSON list", validJSONList),
			"min_value":         jsonAttribute("Lower bound of `between` and `not_between`, as JSON.", "JSON", client.CheckJSON),
			"max_value":         jsonAttribute("Upper bound of `between` and `not_between`, as JSON.", "JSON", client.CheckJSON),
			"value_type":        choice("Type of the values", "string", "number", "boolean", "date", "timestamp", "array", "null"),
			"filter_type":       choice("Whether rows are left out before or after they are grouped", "where", "having"),
			"is_active":         partBool("Whether the filter is used. Defaults to `true`."),
			"custom_expression": partText("Condition in SQL, in the place of column, operator and values."),
			"conditional":       conditional("column"),
			"conditions":        chosen,
			"formatting":        formattingPart(),
		}),
		"aggregations": partList("What is calculated of the result's columns.", map[string]schema.Attribute{
			"name":        partName("aggregation"),
			"description": partText("Description."),
			"type": requiredChoice("How it is calculated", "count", "sum", "avg", "min", "max", "stddev", "variance", "percentile", "median", "row_number", "rank",
				"dense_rank", "lag", "lead", "custom"),
			"source_columns":    textList("Columns that it is calculated from.", true),
			"target_column":     requiredText("Column that it becomes."),
			"custom_expression": partText("Expression in SQL; required by `custom`."),
			"percentile_value": schema.Float64Attribute{
				Optional:            true,
				MarkdownDescription: "Which percentile, from `0` to `1`; required by `percentile`.",
				Validators:          []validator.Float64{float64validator.Between(0, 1)},
			},
			"where_condition":  partText("Condition in SQL for the rows that count."),
			"group_by_columns": textList("Columns to group by.", false),
			"window": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "Window that the aggregation looks at.",
				Attributes: map[string]schema.Attribute{
					"partition_by": textList("Columns whose equal values make a partition.", false),
					"order_by":     textList("Columns to sort by.", false),
					"frame_start":  partText("Beginning of the frame, such as `UNBOUNDED PRECEDING`."),
					"frame_end":    partText("End of the frame, such as `CURRENT ROW`."),
				},
			},
		}),
		"order": partList("How rows are sorted, by the first of these before the next.", map[string]schema.Attribute{
			"name":          partName("order"),
			"description":   partText("Description."),
			"semantic_type": choice("What rows are sorted by", "measure", "dimension", "column", "position"),
			"semantic_name": partText("Name of the measure or dimension."),
			"position": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Position of the column in the result, from 1 on.",
				Validators:          []validator.Int64{int64validator.Between(1, math.MaxInt32)},
			},
			"query":      partText("Column, or expression in SQL."),
			"table":      columnTable,
			"order_type": choice("Direction", "asc", "desc"),
			"nulls":      choice("Where rows without a value come", "first", "last"),
		}),
		"parameters": schema.MapNestedAttribute{
			Optional: true,
			MarkdownDescription: "Values that who runs the metric gives, by their names. Texts of the metric have them as `$CORTEX_` and the name; changed and removed in " +
				"place.",
			Validators: []validator.Map{mapvalidator.SizeAtLeast(1)},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"name":             partText("Name. Defaults to the key."),
				"type":             requiredChoice("Type of the value", "string", "integer", "float", "boolean", "date", "datetime", "list"),
				"description":      partText("Description."),
				"required":         partBool("Whether the metric cannot be run without it. Defaults to `false`."),
				"default_value":    jsonAttribute("Value where none is given, as JSON.", "JSON", client.CheckJSON),
				"allowed_values":   jsonAttribute("The only values that it may have, a JSON list.", "a JSON list", validJSONList),
				"validation_regex": partText("Regular expression that a text has to fit."),
				"min_value":        schema.Float64Attribute{Optional: true, MarkdownDescription: "Smallest number."},
				"max_value":        schema.Float64Attribute{Optional: true, MarkdownDescription: "Largest number."},
			}},
		},
		"refresh": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "When results that were calculated ahead are calculated again.",
			Attributes: map[string]schema.Attribute{
				"type":  requiredChoice("By what it is told", "every", "sql", "max"),
				"every": partText("Interval, such as `1 hour`; required by `every`."),
				"sql":   partText("Query whose result tells; required by `sql`."),
				"max":   partText("Column whose largest value tells; required by `max`."),
			},
		},
		"cache": schema.SingleNestedAttribute{
			Optional:            true,
			MarkdownDescription: "Whether and how long results are kept.",
			Attributes: map[string]schema.Attribute{
				"enabled": partBool("Whether they are kept. Defaults to `true`."),
				"ttl": schema.Int64Attribute{
					Optional:            true,
					MarkdownDescription: "How long, in seconds; null is Cortex's own default.",
					Validators:          []validator.Int64{int64validator.Between(0, math.MaxInt32)},
				},
			},
		},
	})
}

func formattingPart() schema.ListNestedAttribute {
	return partList("How values are changed on their way into the result.", map[string]schema.Attribute{
		"name":           partName("format"),
		"type":           requiredChoice("What is done", "raw", "combine", "calculate", "format", "cast"),
		"description":    partText("Description."),
		"mode":           choice("Whether the database does it, or Cortex with the result", "in_query", "post_query"),
		"source_columns": textList("Columns to combine.", false),
		"delimiter":      partText("What is put between them."),
		"operation":      partText("Arithmetic operation, such as `add` or `divide`."),
		"operands":       textList("What it calculates with.", false),
		"target_type":    partText("Type to cast to, such as `string` or `integer`."),
		"format_type":    choice("Kind of format", "datetime", "number", "currency", "percentage", "custom"),
		"format_string":  partText("Format, such as `%.2f` or `YYYY-MM-DD`."),
	})
}

func onByDefault(description string) schema.BoolAttribute {
	return schema.BoolAttribute{
		Optional: true, Computed: true,
		Default:             booldefault.StaticBool(true),
		MarkdownDescription: description + " Defaults to `true`.",
	}
}

// jsonAttribute is JSON that Cortex keeps as it is, said as a text.
func jsonAttribute(description, want string, fits func(string) error) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description + " Write it as `jsonencode(…)`; it is compared by what it means.",
		Validators:          []validator.String{check(want, fits)},
		PlanModifiers:       []planmodifier.String{useStateIfSame(client.SameJSON)},
	}
}

// The parts of nested attributes. None has a default, for Cortex has: see nested_json.go.

func partList(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
		Validators:          []validator.List{listvalidator.SizeAtLeast(1)}, // an empty list and none are the same to Cortex
	}
}

func textList(description string, required bool) schema.ListAttribute {
	return schema.ListAttribute{
		ElementType: types.StringType,
		Optional:    !required, Required: required,
		MarkdownDescription: description,
		Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(),
			listvalidator.ValueStringsAre(check("a text without NUL", validText))},
	}
}

func partName(noun string) schema.StringAttribute {
	return requiredText("Name of the " + noun + ", of which there is one of a name.")
}

func partText(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{check("a text without NUL", validText)},
	}
}

func requiredText(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Required:            true,
		MarkdownDescription: description,
		Validators:          []validator.String{check("a text without NUL", validText)},
	}
}

func partBool(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func choice(description string, values ...string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: description + ": `" + strings.Join(values, "`, `") + "`.",
		Validators:          []validator.String{check("one of "+strings.Join(values, ", "), oneOf(values))},
	}
}

func requiredChoice(description string, values ...string) schema.StringAttribute {
	attribute := choice(description, values...)
	attribute.Optional, attribute.Required = false, true
	return attribute
}

func oneOf(values []string) func(string) error {
	return func(text string) error {
		if slices.Contains(values, text) {
			return nil
		}
		return fmt.Errorf("%q is none of %s", text, strings.Join(values, ", "))
	}
}
