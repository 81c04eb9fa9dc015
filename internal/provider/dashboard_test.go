package provider_test

import (
	"fmt"
	"strings"
	"testing"
)

// board is a dashboard of the shop, with these views.
func (s *shop) board(views string, lines ...string) string {
	return fmt.Sprintf("resource \"cortex_dashboard\" \"test\" {\n  environment_id = %q\n  name = \"Board\"\n  type = \"executive\"\n  views = %s\n}\n", s.environment.ID, views)
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	e.write(s.revenue(revenueMeasure, statusDimension) + s.board(maximalViews))
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex, "POST /metrics", "POST /dashboards")
	e.wantNoChanges()
	config := s.revenue(revenueMeasure, statusDimension) + s.board(maximalViews)
	e.write(strings.Replace(config, `"Gauge"`, `"Gauge 2"`, 1))
	t.Log(e.run(plan...))
	e.run(apply...)
	e.wantNoChanges()
	e.write(strings.Replace(config, `        widgets = {
          table = {`, `        widgets = {
          new = {
            title = "New"
            metric_id = cortex_metric.test.id
            visualization = { type = "heatmap" }
          }
          table = {`, 1))
	t.Log(e.run(plan...))
	e.run(apply...)
	e.wantNoChanges()
	s.Reset()
	e.write(config)
	e.run(apply...)
	e.wantNoChanges()
	wantWrites(t, s.Cortex, "PUT /dashboards/{id}", "PUT /dashboards/{id}", "PUT /dashboards/{id}")
	e.run(destroy...)
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
