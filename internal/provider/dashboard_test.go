package provider_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// board is a dashboard of the shop, with these views and lines.
func (s *shop) board(views string, lines ...string) string {
	return fmt.Sprintf("resource \"cortex_dashboard\" \"test\" {\n  environment_id = %q\n  name = \"Board\"\n  type = \"executive\"\n  views = %s\n%s\n}\n", s.environment.ID, views, strings.Join(lines, "\n"))
}

// A dashboard that says everything is made by one request, and shows what is changed in a plan and nothing else.
func TestDashboard(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	config := s.revenue(revenueMeasure, statusDimension) + s.board(maximalViews)
	e.write(config)
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex, "POST /metrics", "POST /dashboards")
	e.wantNoChanges()

	for name, test := range map[string]struct {
		old, new string
		shows    []string
	}{
		"a title": {`"Gauge"`, `"Gauge 2"`, []string{`~ "overview" = {`, `~ "top" = {`, `~ "w2" = {`, `~ title`, `"Gauge" -> "Gauge 2"`}},
		"another widget": {"widgets = {\n          table", "widgets = {\n          new = { title = \"New\", metric_id = cortex_metric.test.id, visualization = { type = \"heatmap\" } }\n          table",
			[]string{`~ "charts" = {`, `~ "all" = {`, `~ widgets = {`, `+ "new" = {`}},
		"the order": {"position = 7", "position = -7", []string{`~ "bar" = {`, `~ position`, "7 -> -7"}},
	} {
		e.write(strings.Replace(config, test.old, test.new, 1))
		shown := e.run(plan...)
		wantWords(t, name, shown, test.shows...)
		_, shown, _ = strings.Cut(shown, "will be updated in-place")
		if changes := regexp.MustCompile(`(?m)^ +[-+~] .*[^{]$`).FindAllString(shown, -1); name != "another widget" && len(changes) != 2 { // updated_at is one
			t.Errorf("%s shows as %q", name, changes)
		}
		s.Reset()
		e.run(apply...)
		wantWrites(t, s.Cortex, "PUT /dashboards/{id}")
		e.wantNoChanges()
		e.write(config)
		e.run(apply...)
		e.wantNoChanges()
	}
	e.run(destroy...)
}

// An update that Cortex merges with what was there is followed by one that replaces it, and no other is.
func TestDashboardReplaced(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.CreateMetric(s.model, map[string]any{"name": "m"}).ID
	e := newEngine(t, s.Cortex)
	widget := func(lines string) string { return fmt.Sprintf("{ title = \"W\", metric_id = %q, %s }", id, lines) }
	const bar = `visualization = { type = "bar_chart", data_mapping = { x_axis = { field = "a" }, y_axes = [{ field = "b" }] }, chart_config = { line_width = 3 } }`
	base := s.board(fmt.Sprintf(`{ v = { title = "V", sections = { one = { widgets = { a = %s, b = %s } }, two = { title = "Two", widgets = { c = %[1]s } } } }, w = { title = "W", sections = { s = {} } } }`,
		widget(bar), widget(`description = "e", visualization = { type = "table" }`)), `tags = ["x", "y"]`, `description = "d"`, `default_view = "w"`)
	replace := func(pairs ...string) string {
		config := base
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(config, pairs[i]) {
				t.Fatalf("there is no %s in %s", pairs[i], config)
			}
			config = strings.Replace(config, pairs[i], pairs[i+1], 1)
		}
		return config
	}
	for name, test := range map[string]struct {
		config string
		puts   int
	}{
		"a description":       {replace(`description = "d"`, ``), 1},
		"no tags":             {replace(`tags = ["x", "y"]`, ``), 1},
		"the first view":      {replace(`default_view = "w"`, ``), 1},
		"another widget":      {replace(`b = {`, `z = `+widget(bar)+`, b = {`), 1},
		"another order":       {replace(`a = { title`, `a = { position = 5, title`), 1},
		"a widget less":       {replace(`a = `+widget(bar)+`, b`, `b`), 3},
		"a widget elsewhere":  {replace(`a = `+widget(bar)+`, b`, `b`, `c = {`, `a = `+widget(bar)+`, c = {`), 3},
		"a section less":      {replace(`, two = { title = "Two", widgets = { c = `+widget(bar)+` } }`, ``), 3},
		"a view less":         {replace(`, w = { title = "W", sections = { s = {} } }`, ``, `default_view = "w"`, ``), 1},
		"a view's other name": {replace(`v = {`, `u = {`), 1},
		"no x axis":           {replace(`x_axis = { field = "a" }, `, ``), 3},
		"no y axes":           {replace(`, y_axes = [{ field = "b" }]`, ``), 3},
		"no chart_config":     {replace(`, chart_config = { line_width = 3 }`, ``), 3},
		"one y axis more":     {replace(`[{ field = "b" }]`, `[{ field = "b" }, { field = "c" }]`), 1},
		"a title less":        {replace(`title = "Two", `, ``), 1},
	} {
		e.write(base)
		e.run(apply...)
		s.Reset()
		e.write(test.config)
		e.run(apply...)
		if got := len(s.Writes()); got != test.puts {
			t.Errorf("%s: %d writes, want %d", name, got, test.puts)
		}
		e.wantNoChanges()
	}
	e.run(destroy...)
}

// A widget whose metric was deleted elsewhere is a warning in the plan, at the widget; one that this run has seen costs no request.
func TestDashboardWithoutMetric(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	other := s.CreateMetric(s.model, map[string]any{"name": "other"}).ID
	elsewhere := s.CreateMetric(s.dataModel(s.CreateEnvironment(s.workspace.ID, s.Name("Elsewhere"), nil).ID), map[string]any{"name": "elsewhere"}).ID
	e := newEngine(t, s.Cortex)
	widget := func(metric string) string {
		return fmt.Sprintf(`{ title = "W", metric_id = %s, visualization = { type = "table", data_mapping = { columns = [{ field = "a", label = "A" }] } } }`, metric)
	}
	board := func(second string) string {
		return s.revenue(revenueMeasure) + s.board(`{ v = { title = "V", sections = { one = { widgets = { a = `+widget("cortex_metric.test.id")+`, b = `+widget(second)+` } } } } }`)
	}
	quoted := func(id string) string { return fmt.Sprintf("%q", id) }
	e.write(board(quoted(other)))
	if got := e.warnings(apply...); len(got) > 0 {
		t.Fatalf("an apply of metrics that are there says %q", got)
	}
	s.Reset()
	e.wantNoChanges()
	if got := s.Count("GET", "/metrics"); got != 2 {
		t.Errorf("a plan asks for metrics by %d requests, want 2", got)
	}
	s.DeleteMetric(s.environment.ID, other)
	for name, test := range map[string]struct {
		config, detail string
	}{
		"deleted":   {board(quoted(other)), other},
		"elsewhere": {board(quoted(elsewhere)), elsewhere},
	} {
		e.write(test.config)
		got := e.warnings(plan...)
		if len(got) != 1 {
			t.Fatalf("%s: the plan says %q", name, got)
		}
		wantWords(t, name, got[0].Summary+": "+got[0].Detail, `widget "b" in view "v"`, "not in the environment", test.detail)
	}
	e.write(board(`"revenue"`))
	got := e.problems(plan...)
	if len(got) != 1 {
		t.Fatalf("what is no id: the plan says %q", got)
	}
	wantWords(t, "what is no id", got[0].Summary+": "+got[0].Detail, `widgets["b"].metric_id`, `"revenue" is not a UUID`)
}

// An empty default view is none of the views.
func TestDashboardEmptyDefaultView(t *testing.T) {
	t.Parallel()
	e := newEngine(t, nil)
	e.write("resource \"cortex_dashboard\" \"test\" {\n  environment_id = \"00000000-0000-4000-8000-000000000000\"\n  name = \"Board\"\n  type = \"executive\"\n  views = { v = { title = \"V\", sections = { s = {} } } }\n  default_view = \"\"\n}\n")
	e.wantProblems([]string{"validate"}, problem{Summary: "Invalid default_view", Detail: `There is no view with the alias "". Name one of the views, or leave default_view out.`, At: "default_view"})
}

// A replacement that fails half way is an error that says so, and the next apply heals it.
func TestDashboardHalfReplaced(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	id := s.CreateMetric(s.model, map[string]any{"name": "m"}).ID
	e := newEngine(t, s.Cortex, "CORTEX_MAX_RETRIES=0")
	widget := fmt.Sprintf(`{ title = "W", metric_id = %q, visualization = { type = "table" } }`, id)
	e.write(s.board(`{ v = { title = "V", sections = { one = { widgets = { a = ` + widget + `, b = ` + widget + ` } } } } }`))
	e.run(apply...)
	config := s.board(`{ v = { title = "V", sections = { one = { widgets = { b = ` + widget + ` } } } } }`)
	puts := 0
	s.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "down", Times: -1, Match: func(r *http.Request) bool {
		if r.Method == http.MethodPut {
			puts++
		}
		return r.Method == http.MethodPut && puts == 3
	}})
	e.write(config)
	got := e.problems(apply...)
	if len(got) != 1 {
		t.Fatalf("the errors are %q", got)
	}
	wantWords(t, "the error", got[0].Summary+": "+got[0].Detail, "Cannot update dashboard", "status 503", "apply again")
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex, "PUT /dashboards/{id}")
	e.wantNoChanges()
}

const maximalViews = `{
  overview = {
    position = 1
    title = "Overview"
    description = "d"
    context_id = "C_1"
    layout = { layout_type = "grid", frontend_config = jsonencode({ a = [1, true, null] }) }
    sections = {
      top = {
        position = -10
        title = "Top"
        description = "d"
        widgets = {
          w1 = {
            title = "Revenue"
            metric_id = cortex_metric.test.id
            visualization = { type = "single_value", data_mapping = { x_axis = { field = "revenue", data_type = "numerical", label = "R", required = true } },
              single_value_config = { number_format = "currency", prefix = "$", suffix = "!", show_comparison = false, show_trend = false, trend_period = "x", show_sparkline = true, show_title = false, show_description = true,
                compact_mode = true, selection_mode = "nth", selection_config = { n = 2, aggregate_by = "sum", delimiter = "," } } }
          }
          w2 = {
            title = "Gauge"
            description = "d"
            metric_id = cortex_metric.test.id
            grid_config = { columns = 4, rows = 2, min_columns = 1, min_rows = 1 }
            visualization = { type = "gauge", data_mapping = { x_axis = { field = "revenue" } }, gauge_config = { min_value = -1.5, max_value = 1000, target_value = 10, color_ranges = jsonencode([{ from = 0, to = 1, color = "red" }]),
              show_value = false, show_target = false, gauge_type = "linear", thickness = 3, selection_mode = "last", selection_config = {} } }
            metric_overrides = { context_id = "x", filters = jsonencode({ a = 1 }), parameters = jsonencode({ b = [true] }), limit = 5 }
          }
        }
      }
      bottom = {}
    }
  }
  charts = {
    title = "Charts"
    sections = {
      all = {
        widgets = {
          table = {
            title = "Table"
            metric_id = cortex_metric.test.id
            visualization = { type = "table", data_mapping = { columns = [{ field = "status", label = "Status", width = 100, sortable = false, filterable = false, alignment = "left" }, { field = "revenue", label = "Revenue" }] }, chart_config = {} }
          }
          bar = {
            position = 7
            title = "By status"
            metric_id = cortex_metric.test.id
            visualization = { type = "bar_chart", data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "revenue", label = "R" }, { field = "orders", data_type = "numerical" }], series_field = { field = "status" } },
              chart_config = { show_points = false, line_width = 3, bar_width = 0.5, stack_bars = true, smooth_lines = true, area_stacking_type = "gradient" },
              show_legend = false, show_grid = false, show_axes_labels = false, color_scheme = "blue", custom_colors = ["#fff", "red"] }
          }
        }
      }
    }
  }
}`
