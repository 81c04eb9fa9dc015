package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// metricWith is a metric in a data model, with these further lines.
func metricWith(lines string) string {
	return fmt.Sprintf("resource \"cortex_metric\" \"test\" {\n  data_model_id = %q\n  name = \"Revenue\"\n  table_name = \"orders\"\n%s\n}\n", "7a1d3c52-9f0e-4b6a-8c1d-2e3f4a5b6c7d", lines)
}

// What Cortex would take and then not run, or quietly leave out, is refused before any request, at the line to change.
func TestMetricRules(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	e := newEngine(t, c)
	const measure, dimension = `measures = [{ name = "m", type = "sum", query = "amount" }]`, `dimensions = [{ name = "d", query = "status" }]`
	filter := func(rest string) string { return "filters = [{ name = \"f\", query = \"amount\"\n" + rest + "\n}]" }
	order := func(rest string) string {
		return measure + "\n" + dimension + "\norder = [{ name = \"o\"\n" + rest + "\n}]"
	}
	for name, test := range map[string]struct {
		lines, summary, detail string
	}{
		"two measures of one name": {
			"measures = [\n{ name = \"m\", type = \"sum\" },\n{ name = \"m\", type = \"avg\" },\n]",
			`Invalid measures[1].name`, `There is another one of the name "m". Cortex would take both, and use one of them.`,
		},
		"two filters of one name": {
			"filters = [\n{ name = \"f\", query = \"a\", operator = \"is_null\" },\n{ name = \"f\", query = \"b\", operator = \"is_null\" },\n]",
			`Invalid filters[1].name`, `There is another one of the name "f". Cortex would take both, and use one of them.`,
		},
		"a measure of an unknown type": {
			"measures = [{\nname = \"m\"\ntype = \"median\"\n}]",
			`Invalid measures[0].type`, `"median" is none of string, number, count, count_distinct, sum, avg, min, max, percent, boolean, date, timestamp, duration.`,
		},
		"a join without conditions": {
			"joins = [{ name = \"j\", join_type = \"left\", left_table = \"orders\", right_table = \"customers\" }]",
			`Missing joins[0].conditions`, "Nothing says which rows belong together. Add conditions, or make it a cross join, which joins each row to each.",
		},
		"a filter without an operator": {
			filter(""), `Missing filters[0].operator`, "Without an operator, or a custom_expression, Cortex leaves the filter out.",
		},
		"between without its lower bound": {
			filter("operator = \"between\"\nmax_value = \"10\""), `Missing filters[0].min_value`,
			"The operator between needs min_value and max_value. Without both, Cortex leaves the filter out.",
		},
		"not_between without its upper bound": {
			filter("operator = \"not_between\"\nmin_value = \"10\""), `Missing filters[0].max_value`,
			"The operator not_between needs min_value and max_value. Without both, Cortex leaves the filter out.",
		},
		"in without values":         {filter("operator = \"in\""), `Missing filters[0].values`, "The operator in needs values."},
		"less_than without a value": {filter("operator = \"less_than\""), `Missing filters[0].value`, "The operator less_than needs a value."},
		"values that are no list":   {filter("operator = \"in\"\nvalues = \"1\""), `Invalid filters[0].values`, "It is no JSON list; jsonencode([…]) makes one."},
		"a value that is no JSON":   {filter("operator = \"equals\"\nvalue = \"completed\""), `Invalid filters[0].value`, ""},
		"an order by no measure":    {order("semantic_type = \"measure\""), `Missing order[0].semantic_name`, "An order by a measure needs its name."},
		"an order by a measure not there": {
			order("semantic_type = \"measure\"\nsemantic_name = \"x\""), `Invalid order[0].semantic_name`,
			`The metric has no measure "x", so that Cortex would not sort at all. There is m.`,
		},
		"an order by a dimension not there": {
			order("semantic_type = \"dimension\"\nsemantic_name = \"m\""), `Invalid order[0].semantic_name`,
			`The metric has no dimension "m", so that Cortex would not sort at all. There is d.`,
		},
		"an order by no position": {order("semantic_type = \"position\""), `Missing order[0].position`, "An order by position needs one, from 1 on."},
		"an order by no column":   {order("semantic_type = \"column\""), `Missing order[0].query`, "An order by a column needs query, which names it."},
		"an order by nothing":     {order(""), `Missing order[0].query`, "Nothing says what to sort by: set semantic_type, or query."},
		"position 0": {
			order("semantic_type = \"position\"\nposition = 0"), `Invalid Attribute Value`, "",
		},
		"a percentile of nothing": {
			"aggregations = [{ name = \"a\", type = \"percentile\", source_columns = [\"amount\"], target_column = \"p\" }]",
			`Missing aggregations[0].percentile_value`, "A percentile needs percentile_value, from 0 to 1.",
		},
		"a custom aggregation of nothing": {
			"aggregations = [{ name = \"a\", type = \"custom\", source_columns = [\"amount\"], target_column = \"p\" }]",
			`Missing aggregations[0].custom_expression`, "An aggregation of type custom needs custom_expression.",
		},
		"conditional without conditions": {
			"measures = [{ name = \"m\", type = \"sum\", conditional = true }]", `Missing measures[0].conditions`, "It is conditional, and there are no conditions.",
		},
		"conditions that are not used": {
			"measures = [{ name = \"m\", type = \"sum\"\nconditions = jsonencode({ when_clauses = [{ field = { column = \"a\" }, operator = \"=\", compare_values = 1, then_return = 1 }], else_return = 0 })\n}]",
			`Invalid measures[0].conditions`, "Cortex uses conditions only with conditional = true.",
		},
		"a refresh without its interval": {
			"refresh = { type = \"every\" }", `Missing refresh.every`, "A refresh of type every needs every.",
		},
		"bounds the wrong way round": {
			"parameters = { p = { type = \"integer\", min_value = 2, max_value = 1 } }", `Invalid parameters["p"].min_value`, "The smallest value, 2, is larger than the largest, 1.",
		},
		"an empty list": {"measures = []", `Invalid Attribute Value`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.write(metricWith(test.lines))
			got := e.problems("validate")
			if len(got) != 1 || got[0].Summary != test.summary || test.detail != "" && got[0].Detail != test.detail {
				t.Errorf("the errors are %q", got)
			}
		})
	}
	e.t = t
	// What is not known yet may be right, and what is said in another way is.
	e.write("resource \"terraform_data\" \"x\" {\n  input = \"m\"\n}\n" + metricWith(strings.Join([]string{
		measure, dimension,
		`order = [{ name = "o", semantic_type = "measure", semantic_name = terraform_data.x.output }, { name = "p", query = "amount" }, { name = "q", semantic_type = "position", position = 1 }]`,
		`filters = [{ name = "f", query = "a", operator = "between", value = jsonencode([1, 2]) }, { name = "g", query = "a", operator = "equals" },
			{ name = "h", query = "a", operator = terraform_data.x.output }, { name = "i", query = "a", custom_expression = "a > 1" }]`,
		`joins = [{ name = "j", join_type = "cross", left_table = "a", right_table = "b" }]`,
	}, "\n")))
	e.run("validate")
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}
