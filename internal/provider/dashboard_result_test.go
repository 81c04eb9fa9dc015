package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// boardResult is a configuration that runs a dashboard and shows what it gave.
func boardResult(dashboard, lines string) string {
	return fmt.Sprintf("data \"cortex_dashboard_result\" \"test\" {\n  dashboard_id = %s\n%s\n}\n\noutput \"test\" {\n  value = data.cortex_dashboard_result.test.views\n}\n", dashboard, lines)
}

type shownWidget struct {
	Title, Type string
	Value       any
	Columns     []string
	Rows        []map[string]any
	Series      []struct {
		Name string
		Data []map[string]any
	}
}

// shown returns what the data source of boardResult gave, by view and widget.
func (e *engine) shown() (views map[string]map[string]shownWidget) {
	e.t.Helper()
	if err := json.Unmarshal([]byte(e.run("output", "-json", "test")), &views); err != nil {
		e.t.Fatal(err)
	}
	return views
}

// aliasesOf are the aliases of widgets, each with that of its view.
func aliasesOf(views map[string]map[string]shownWidget) (all []string) {
	for view, widgets := range views {
		for widget := range widgets {
			all = append(all, view+"/"+widget)
		}
	}
	slices.Sort(all)
	return all
}

// aWidgetOf is a widget of the metric of the test.
func aWidgetOf(visualization string) string {
	return fmt.Sprintf("{ title = \"W\", metric_id = cortex_metric.test.id, visualization = { %s } }", visualization)
}

const byStatus = `data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "revenue", label = "Revenue" }, { field = "orders" }] }`

// runnableViews are views of the shop with what Cortex can show.
func runnableViews() string {
	return fmt.Sprintf(`{
  overview = { title = "Overview", sections = {
    figures = { widgets = {
      revenue = %s
      gauge   = %s
      names   = %s
      typo    = %s
    } }
    charts = { widgets = {
      bar  = %s
      line = %s
      pie  = %s
      box  = %s
    } }
  } }
  details = { title = "Details", sections = { s = { widgets = {
    table   = %s
    revenue = %s
  } } } }
  "ä ö%%" = { title = "Odd", sections = { s = { widgets = { "5%% of? #ü;+" = %s } } } }
  empty = { title = "Empty", sections = { s = {} } }
}`,
		aWidgetOf(`type = "single_value", data_mapping = { x_axis = { field = "revenue" } }`),
		aWidgetOf(`type = "gauge", data_mapping = { x_axis = { field = "orders" } }, gauge_config = { max_value = 10, selection_mode = "last" }`),
		aWidgetOf(`type = "single_value", data_mapping = { x_axis = { field = "status" } }, single_value_config = { selection_mode = "concat" }`),
		aWidgetOf(`type = "single_value", data_mapping = { x_axis = { field = "state" } }`),
		aWidgetOf(`type = "bar_chart", `+byStatus),
		aWidgetOf(`type = "line_chart", data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "revenue" }], series_field = { field = "status" } }`),
		aWidgetOf(`type = "pie_chart", data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "orders" }] }`),
		aWidgetOf(`type = "box_plot", data_mapping = { x_axis = { field = "status" }, y_axes = [{ field = "orders" }] }`),
		aWidgetOf(`type = "table", data_mapping = { columns = [{ field = "status", label = "Status" }, { field = "revenue", label = "Revenue" }] }`),
		aWidgetOf(`type = "single_value", data_mapping = { x_axis = { field = "revenue" } }, single_value_config = { selection_mode = "aggregate" }`),
		aWidgetOf(`type = "single_value", data_mapping = { x_axis = { field = "revenue" } }`))
}

// Each widget is shown as people see it, of SQLite and of PostgreSQL, by one request besides that for the dashboard.
func TestDashboardResult(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	d := s.PostgreSQLDatabase(s.Name("reader"), "p@ss/w:rd", s.Name("shop"), cortextest.SampleTables()...)
	config := d.Config()
	config["dialect"] = "postgresql"
	server := s.CreateDataSource(s.environment.ID, map[string]any{"name": "Server", "alias": "server", "source_catalog": "DATABASE", "source_type": "postgresql", "config": config}).ID
	e := newEngine(t, s.Cortex)
	type point = map[string]any
	for name, source := range map[string]string{"SQLite": s.source, "PostgreSQL": server} {
		base := strings.Replace(s.revenue(revenueMeasure, statusDimension, revenueOrder), s.source, source, 1) + s.board(runnableViews())
		e.write(base)
		e.run(apply...)
		e.write(base + boardResult("cortex_dashboard.test.id", ""))
		s.Reset()
		e.run(plan...)
		if reads, runs := len(s.Requests()), s.Count(http.MethodPost, "/dashboards"); runs != 11 || reads-runs != 3 { // metric and dashboard of the state, and the dashboard anew
			t.Errorf("of %s there are %d runs and %d reads: %v", name, runs, reads-runs, s.Requests())
		}
		e.run(apply...)
		views := e.shown()
		all := []map[string]any{{"revenue": 150.0, "orders": 3.0, "status": "completed"}, {"revenue": 70.0, "orders": 1.0, "status": "cancelled"}}
		if got := slices.Sorted(maps.Keys(views)); !slices.Equal(got, []string{"details", "empty", "overview", "ä ö%"}) || len(views["empty"]) != 0 {
			t.Errorf("%s gives the views %q", name, got)
		}
		for alias, want := range map[string]any{"overview/revenue": 150.0, "overview/gauge": 1.0, "overview/names": "completed,cancelled", "overview/typo": nil, "details/revenue": 220.0,
			"ä ö%/5% of? #ü;+": 150.0} {
			view, widget, _ := strings.Cut(alias, "/")
			got := views[view][widget]
			if diff := cmp.Diff(shownWidget{Title: "W", Type: got.Type, Value: want, Columns: []string{"revenue", "orders", "status"}, Rows: all, Series: got.Series[:0]}, got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", alias, name, diff)
			}
		}
		for alias, want := range map[string]map[string][]point{
			"bar":  {"Revenue": {{"x": "completed", "y": 150.0}, {"x": "cancelled", "y": 70.0}}, "orders": {{"x": "completed", "y": 3.0}, {"x": "cancelled", "y": 1.0}}},
			"line": {"completed": {{"x": "completed", "y": 150.0}}, "cancelled": {{"x": "cancelled", "y": 70.0}}},
			"pie":  {"orders": {{"x": "completed", "y": 3.0}, {"x": "cancelled", "y": 1.0}}},
			"box": {"orders": {{"x": "cancelled", "min": 0.9, "q1": 0.95, "median": 1.0, "q3": 1.05, "max": 1.1, "outliers": nil},
				{"x": "completed", "min": 2.7, "q1": 2.85, "median": 3.0, "q3": 3.15, "max": 3.3, "outliers": nil}}},
		} {
			widget, got := views["overview"][alias], map[string][]point{}
			for _, series := range widget.Series {
				got[series.Name] = series.Data
			}
			if diff := cmp.Diff(want, got); diff != "" || widget.Value != nil || !cmp.Equal(all, widget.Rows) {
				t.Errorf("%s of %s: %+v (-want +got):\n%s", alias, name, widget, diff)
			}
		}
		table := views["details"]["table"]
		if diff := cmp.Diff([]map[string]any{{"status": "completed", "revenue": 150.0}, {"status": "cancelled", "revenue": 70.0}}, table.Rows); diff != "" || !slices.Equal(table.Columns, []string{"status", "revenue"}) {
			t.Errorf("the table of %s: %+v (-want +got):\n%s", name, table, diff)
		}
		for lines, want := range map[string][]string{
			`  widget = "revenue"`:                         {"details/revenue", "overview/revenue"},
			"  view = \"details\"\n  widget = \"revenue\"": {"details/revenue"},
			`  view = "details"`:                           {"details/revenue", "details/table"},
			`  view = "empty"`:                             nil,
		} {
			e.write(base + boardResult("cortex_dashboard.test.id", lines))
			s.Reset()
			e.run("apply", "-auto-approve", "-refresh=false")
			if runs := s.Count(http.MethodPost, "/dashboards"); runs != len(want) {
				t.Errorf("%s: %d runs", lines, runs)
			}
			if got := aliasesOf(e.shown()); !slices.Equal(got, want) {
				t.Errorf("%s gives %q, want %q", lines, got, want)
			}
		}
		e.run(destroy...)
	}
}

// Without rows there are lists without an element, so that a condition can ask for the length of each.
func TestDashboardResultWithoutRows(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	e.write(s.revenue(revenueMeasure, statusDimension, `filters = [{ name = "f", query = "status", operator = "equals", value = jsonencode("lost") }]`) + s.board(runnableViews()) +
		boardResult("cortex_dashboard.test.id", "") +
		"\noutput \"rows\" {\n  value = sum(flatten([for view in data.cortex_dashboard_result.test.views : [for w in view : length(w.rows) + length(w.series) + length(w.columns)]]))\n}\n")
	e.run(apply...)
	if got := e.run("output", "-json", "rows"); strings.TrimSpace(got) != "0" {
		t.Errorf("there are %s rows and series", got)
	}
	if got := e.shown()["overview"]["revenue"].Value; got != 0.0 {
		t.Errorf("the value is %v", got)
	}
	e.run(destroy...)
}

// Each widget that cannot be shown is an error of its own, which says what Cortex says.
func TestDashboardResultErrors(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	const missing = "11111111-1111-4111-8111-111111111111"
	const password = `s3cr%t/pä"ss`
	config := s.PostgreSQLDatabase(s.Name("reader"), password, s.Name("other"), cortextest.SampleTables()...).Config()
	config["dialect"], config["password"] = "postgresql", "wr%25ng"+fmt.Sprint(config["password"])
	wrong := s.CreateDataSource(s.environment.ID, map[string]any{"name": "Wrong", "alias": "wrong", "source_catalog": "DATABASE", "source_type": "postgresql", "config": config}).ID
	metric := func(change map[string]any) map[string]any {
		fields := map[string]any{"name": fmt.Sprint("m", len(s.Metrics(s.environment.ID))), "table_name": "orders", "data_source_id": s.source,
			"measures": []any{map[string]any{"name": "n", "description": nil, "type": "count", "query": "id"}}}
		maps.Copy(fields, change)
		return fields
	}
	count := s.CreateMetric(s.model, metric(nil)).ID
	locked := s.CreateMetric(s.model, metric(map[string]any{"data_source_id": wrong})).ID
	bills := s.CreateMetric(s.model, metric(map[string]any{"table_name": "bills"})).ID
	widget := func(alias, metric, kind string, mapping map[string]any) map[string]any {
		return map[string]any{"alias": alias, "section_alias": "s", "position": 0, "grid_config": map[string]any{}, "title": "Error", "description": "It has an odd title", "metric_id": metric,
			"visualization": map[string]any{"type": kind, "data_mapping": mapping}}
	}
	field := func(name string) map[string]any { return map[string]any{"x_axis": map[string]any{"field": name}} }
	own := widget("own", "", "table", map[string]any{})
	own["metric_id"], own["metric"] = nil, metric(map[string]any{"data_model_id": s.model, "data_source_id": wrong})
	board := s.CreateDashboard(s.environment.ID, map[string]any{"name": "Board", "type": "tactical", "views": []any{
		map[string]any{"alias": "v", "title": "V", "sections": []any{map[string]any{"alias": "s", "position": 0, "widgets": []any{
			widget("fine", count, "single_value", field("n")),
			widget("unmapped", count, "single_value", map[string]any{}),
			widget("heat", count, "heatmap", field("n")),
			widget("typo", count, "gauge", field("m")),
			widget("gone", missing, "table", map[string]any{}),
			widget("bills", bills, "single_value", field("n")),
			widget("locked", locked, "single_value", field("n")),
			own,
			widget("a/b", count, "single_value", field("n")),
		}}}},
		map[string]any{"alias": "other", "title": "O", "sections": []any{map[string]any{"alias": "s", "position": 0, "widgets": []any{widget("heat", count, "single_value", field("n"))}}}},
	}})
	e.write(boardResult(fmt.Sprintf("%q", board.ID), ""))
	s.Reset()
	found := map[string]string{}
	for _, p := range e.problems(plan...) {
		found[p.Summary] = p.Detail
		for _, secret := range []string{password, "s3cr", "wr%25ng", "wr%ng"} {
			wantIn(t, "the error", p.Detail, secret, false)
		}
	}
	if runs := s.Count(http.MethodPost, "/dashboards"); runs != 9 {
		t.Errorf("there are %d runs", runs)
	}
	const ran = "The metric has been run"
	want := map[string][]string{
		"unmapped": {"Cortex answered: Data transformation failed: 'NoneType' object has no attribute 'field'.", ran},
		"heat":     {"Cortex answered: Data transformation failed: Unsupported visualization type", ran},
		"typo":     {"Cortex answered: Data transformation failed: Mapping validation error for field 'm': Field 'm' not found in metric result columns: ['n'].", ran},
		"gone":     {"status 500: Metric with ID " + missing + " not found", "Cortex does not have the metric " + missing},
		"bills":    {"no such table: bills", "metric " + bills + "; cortex_metric_result runs that alone"},
		"locked":   {"Cortex answered: ", "metric " + locked},
		"own":      {"Cortex answered: ", "The metric of the widget is its own."},
		"a/b":      {`The alias "a/b" cannot be a part of the URL`},
	}
	for alias, words := range want {
		summary := fmt.Sprintf("Cannot run widget %q of view \"v\" of dashboard \"Board\" (%s)", alias, board.ID)
		wantWords(t, summary, found[summary], words...)
		delete(found, summary)
	}
	if len(found) > 0 {
		t.Errorf("further errors are %q", found)
	}

	of := fmt.Sprintf("dashboard \"Board\" (%s)", board.ID)
	there := "\"fine\" of view \"v\"\n  - \"unmapped\" of view \"v\"\n  - \"heat\" of view \"v\"\n  - \"typo\" of view \"v\"\n  - \"gone\" of view \"v\"\n  - \"bills\" of view \"v\"\n" +
		"  - \"locked\" of view \"v\"\n  - \"own\" of view \"v\"\n  - \"a/b\" of view \"v\"\n"
	s.Reset()
	for lines, want := range map[string]problem{
		`view = "w"`:                      {"Cannot find view \"w\" in " + of, "There is no such view; there are:\n  - \"v\"\n  - \"other\"\n", "view"},
		"view = \"w\"\nwidget = \"heat\"": {"Cannot find view \"w\" in " + of, "There is no such view; there are:\n  - \"v\"\n  - \"other\"\n", "view"},
		"view = \"v\"\nwidget = \"x\"":    {"Cannot find widget \"x\" in view \"v\" of " + of, "There is no such widget; there are:\n  - " + there, "widget"},
		`widget = "x"`:                    {"Cannot find widget \"x\" in " + of, "There is no such widget; there are:\n  - " + there + "  - \"heat\" of view \"other\"\n", "widget"},
		`view = ""`:                       {"Invalid view", "An alias must not be empty.", "view"},
	} {
		e.write(boardResult(fmt.Sprintf("%q", board.ID), lines))
		e.wantProblems(plan, want)
	}
	wantWrites(t, s.Cortex)
	e.write(boardResult(fmt.Sprintf("%q", missing), ""))
	if got := e.problems(plan...); len(got) != 1 || got[0].Summary != "Cannot run dashboard "+missing {
		t.Errorf("the errors are %q", got)
	}
	e.write(boardResult(`"board"`, ""))
	e.wantProblems(plan, problem{"Invalid dashboard_id", `"board" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`, "dashboard_id"})

	// What is named as errors are is no error, and one view of the dashboard can be shown.
	e.write(boardResult(fmt.Sprintf("%q", board.ID), `view = "other"`))
	e.run(apply...)
	if got := e.shown()["other"]["heat"]; got.Title != "Error" || fmt.Sprint(got.Value) != "4" {
		t.Errorf("it shows %+v", got)
	}
}

// When a run gets no answer, no more are sent than are under way, since each may hold up one more worker of Cortex.
func TestDashboardResultSilent(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex, "CORTEX_TIMEOUT=1", "CORTEX_MAX_RETRIES=0")
	board := s.revenue(revenueMeasure, statusDimension) + s.board(runnableViews())
	e.write(board)
	e.run(apply...)
	e.write(board + boardResult("cortex_dashboard.test.id", ""))
	s.Reset()
	s.Fail(cortextest.Fault{Match: cortextest.Matching("POST", "/dashboards"), Kind: cortextest.Hang, Times: -1, Delay: 5 * time.Second})
	got := e.problems("plan", "-input=false")
	if runs := s.Count(http.MethodPost, "/dashboards"); runs != 4 || len(got) != 5 {
		t.Fatalf("there are %d runs and the errors %q", runs, got)
	}
	var without, left int
	for _, p := range got {
		if strings.HasPrefix(p.Summary, "Cannot run widget ") {
			wantWords(t, "the error", p.Detail, "no whole answer within 1s")
			without++
		}
		if strings.HasPrefix(p.Summary, "Cannot run all widgets of dashboard \"Board\" (") {
			left += strings.Count(p.Detail, "\n  - \"")
		}
	}
	if without != 4 || left != 7 {
		t.Errorf("%d without an answer and %d not run: %q", without, left, got)
	}
	s.Reset()
	e.write(board) // a destroy would run the widgets once more, which may take a busy machine longer than that second
	e.run(destroy...)
}
