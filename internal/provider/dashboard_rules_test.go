package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What Cortex cannot tell apart is refused, and what it cannot show is a warning, both without a request.
func TestDashboardRules(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	e := newEngine(t, c)
	board := func(lines string) string {
		return fmt.Sprintf("resource \"cortex_dashboard\" \"test\" {\n  environment_id = %q\n  name = \"Board\"\n  type = \"executive\"\n%s\n}\n", "7a1d3c52-9f0e-4b6a-8c1d-2e3f4a5b6c7d", lines)
	}
	widget := func(visualization string) string {
		return fmt.Sprintf(`{ title = "W", metric_id = "7a1d3c52-9f0e-4b6a-8c1d-2e3f4a5b6c7e", visualization = { %s } }`, visualization)
	}
	shows := func(visualization string) string {
		return board("views = {\n v = { title = \"V\", sections = { s = { widgets = { w = " + widget(visualization) + " } } } }\n}")
	}
	const axes = `data_mapping = { x_axis = { field = "a" }, y_axes = [{ field = "b" }] }`
	table := widget(`type = "table", data_mapping = { columns = [{ field = "a", label = "A" }] }`)
	for name, test := range map[string]struct{ config, severity, summary string }{
		"an alias twice in a view": {
			board("views = { v = { title = \"V\", sections = { s = { widgets = { w = " + table + " } }, t = { widgets = { w = " + table + " } } } } }"),
			"error", `Invalid views["v"].sections["t"].widgets["w"]`,
		},
		"an alias in two views": {
			board("views = { v = { title = \"V\", sections = { s = { widgets = { w = " + table + " } } } }, u = { title = \"U\", sections = { s = { widgets = { w = " + table + " } } } } }"), "", "",
		},
		"an unknown default view":               {board("default_view = \"u\"\nviews = { v = { title = \"V\", sections = { s = {} } } }"), "error", "Invalid default_view"},
		"no such kind":                          {shows(`type = "treemap"`), "error", `Invalid views["v"].sections["s"].widgets["w"].visualization.type`},
		"a single value of nothing":             {shows(`type = "single_value"`), "warning", "A single_value without x_axis"},
		"a field that Cortex drops":             {shows(`type = "single_value", data_mapping = { value_field = { field = "a" } }`), "warning", "A single_value without x_axis"},
		"a table without columns":               {shows(`type = "table", data_mapping = { x_axis = { field = "a" } }`), "warning", "A table without columns"},
		"a chart without y_axes":                {shows(`type = "bar_chart", data_mapping = { x_axis = { field = "a" } }`), "warning", "A bar_chart without y_axes"},
		"a heatmap":                             {shows(`type = "heatmap", ` + axes), "warning", "A heatmap"},
		"a chart":                               {shows(`type = "pie_chart", ` + axes), "", ""},
		"a gauge without room":                  {shows(`type = "gauge", ` + axes + `, gauge_config = { min_value = 100 }`), "warning", "A gauge that begins at 100 and ends at 100"},
		"a gauge with a target outside":         {shows(`type = "gauge", ` + axes + `, gauge_config = { target_value = 100.5 }`), "warning", "A gauge from 0 to 100 with the target 100.5"},
		"a gauge that selects":                  {shows(`type = "gauge", ` + axes + `, gauge_config = { selection_mode = "nth", selection_config = { n = 2 } }`), "warning", "A gauge of mode nth with a selection_config"},
		"a gauge with a target that is its end": {shows(`type = "gauge", ` + axes + `, gauge_config = { min_value = -5, target_value = 100 }`), "", ""},
		"a gauge whose beginning nobody knows":  {"resource \"terraform_data\" \"x\" {\n  input = 200\n}\n" + shows(`type = "gauge", `+axes+`, gauge_config = { min_value = terraform_data.x.output }`), "", ""},
		"a mapping that nobody knows":           {"resource \"terraform_data\" \"x\" {\n  input = { x_axis = { field = \"a\" } }\n}\n" + shows(`type = "gauge", data_mapping = terraform_data.x.output`), "", ""},
		"a default view that nobody knows":      {"resource \"terraform_data\" \"x\" {\n  input = \"u\"\n}\n" + board("default_view = terraform_data.x.output\nviews = { v = { title = \"V\", sections = { s = {} } } }"), "", ""},
		"no view":                               {board("views = {}"), "error", "Invalid Attribute Value"},
		"an empty alias":                        {board("views = { \"\" = { title = \"V\", sections = { s = {} } } }"), "error", `Invalid views[""]`},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.write(test.config)
			r := e.try("validate", "-json")
			var got []problem
			for _, severity := range []string{"error", "warning"} {
				for _, p := range diagnosed(r, severity) {
					if strings.Contains(p.Summary, "development overrides") {
						continue
					}
					if got = append(got, p); severity != test.severity || !strings.HasPrefix(p.Summary, test.summary) {
						t.Errorf("%s: %q", severity, p)
					}
				}
			}
			if want := map[bool]int{true: 1}[test.severity != ""]; len(got) != want {
				t.Errorf("there are %d problems, want %d", len(got), want)
			}
		})
	}
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}
