package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// Metrics of all shapes come under management without a change. What is exported of them makes equal ones in another place, which give the rows that
// SQL gives, from SQLite and from PostgreSQL, take a change of each, are repaired, and go, and can be made again.
func TestMetrics(t *testing.T) {
	c := cortextest.Start(t)
	file := filepath.Join(t.TempDir(), "shop.db")
	c.SQLiteDatabase(file, cortextest.SampleTables()...)
	w := c.CreateWorkspace(c.Name("Tenant"), nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	source := c.CreateDataSource(e.ID, map[string]any{"name": "Shop", "alias": "shop", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": file, "dialect": "sqlite"}})
	models := []string{c.CreateDataModel(e.ID, map[string]any{"name": "Sales"}).ID, c.CreateDataModel(e.ID, map[string]any{"name": "Other", "config": map[string]any{"k": 1}}).ID}
	samples := cortextest.SampleMetrics()
	for i, fields := range samples {
		if rowsOf(t, fields) != nil || i%2 > 0 {
			fields["data_source_id"] = source.ID
		}
		made := c.CreateMetric(models[i%2], fields)
		c.UpdateMetric(e.ID, made.ID, fields)
	}

	out := filepath.Join(t.TempDir(), "out")
	if code, _, stderr := command(t, c, "-out", out, "-workspace", w.Name); code != 0 || strings.Contains(stderr, "Not exported") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	engine := newRoot(t, out, c.URL())
	there := len(samples) + 5
	c.Reset()
	wantApplied(t, engine, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", there))
	if n := len(c.Writes()); n > 0 {
		t.Errorf("%d writes", n)
	}

	// The same in another workspace, which can be retired.
	other := c.Name("Copy")
	copied := newEngine(t, t.TempDir(), c.URL())
	texts := configuration(t, out)
	write := func() {
		t.Helper()
		for name, text := range texts {
			if err := copied.Write(name, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	rewrite := func(pattern, replacement string) {
		t.Helper()
		found := false
		for name, text := range texts {
			texts[name] = regexp.MustCompile(pattern).ReplaceAllString(text, replacement)
			found = found || texts[name] != text
		}
		if !found {
			t.Fatalf("nothing matches %s", pattern)
		}
		write()
	}
	rewrite(`(?m)^import \{\n(?:.*\n)*?\}\n`, "")
	rewrite(regexp.QuoteMeta(quoted(w.Name)), quoted(other))
	if r := copied.Run(t.Context(), "get"); r.Code != 0 {
		t.Fatal(r)
	}
	rewrite(`(?m)^(resource "cortex_(?:workspace|environment)" .*\{)$`, "$1\n  retire_undeletable = true")
	wantApplied(t, copied, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there))
	theCopy := func() string {
		all := c.Workspaces()
		return c.Environments(all[slices.IndexFunc(all, func(w cortextest.Workspace) bool { return w.Name == other })].ID)[0].ID
	}
	wantSame := func() {
		t.Helper()
		if diff := cmp.Diff(shownMetrics(c, e.ID), shownMetrics(c, theCopy())); diff != "" {
			t.Errorf("the copies are others (-want +got):\n%s", diff)
		}
	}
	wantSame()
	wantRows(t, c, theCopy())

	// Something in each, and where they get their rows.
	server := c.PostgreSQLDatabase(c.Name("reader"), "p@ss/w:rd", c.Name("shop"), cortextest.SampleTables()...)
	shop := regexp.MustCompile(`data_source_id += cortex_data_source\.(\w+)\.id`)
	var label, folder string
	for name, text := range texts {
		if found := shop.FindStringSubmatch(text); found != nil {
			label, folder = found[1], filepath.Dir(name)
		}
	}
	before := maps.Clone(texts)
	if err := copied.Write(filepath.Join(folder, "server.tf"), strings.NewReplacer("ENVIRONMENT", label[:strings.LastIndex(label, "__")], "HOST", server.Host, "PORT", fmt.Sprint(server.Port),
		"DATABASE", server.Database, "USER", server.Username).Replace(`
resource "cortex_data_source" "server" {
  environment_id = cortex_environment.ENVIRONMENT.id
  name           = "Server"
  alias          = "server"
  postgresql     = { host = "HOST", port = PORT, database = "DATABASE", username = "USER", password = "p@ss/w:rd" }
}
`)); err != nil {
		t.Fatal(err)
	}
	rewrite(shop.String(), "data_source_id = cortex_data_source.server.id")
	rewrite(`(?m)^  title .*\n`, "")
	rewrite(`(?m)^(resource "cortex_metric" .*\{)$`, "$1\n  title = \"Changed\"")
	wantApplied(t, copied, fmt.Sprintf("1 added, %d changed, 0 destroyed", len(samples)))
	wantRows(t, c, theCopy())
	texts = before
	write()
	wantApplied(t, copied, fmt.Sprintf("0 added, %d changed, 0 destroyed", len(samples)))

	// Drift in a leaf.
	c.Reset()
	environment := theCopy()
	for _, m := range c.Metrics(environment) {
		if m.Name == "Count Per Region" {
			listIn(m.All, "measures")[0]["query"] = "name"
			c.UpdateMetric(environment, m.ID, m.All)
		}
	}
	wantApplied(t, copied, "0 added, 1 changed, 0 destroyed")
	wantSame()

	for range 2 {
		if r := copied.Run(t.Context(), "destroy", "-auto-approve", "-no-color"); r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprintf("%d destroyed", there+1)) {
			t.Fatal(r)
		}
		wantApplied(t, copied, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there+1))
	}
	wantSame()
}

// wantApplied wants an apply to say this, and the plan to be empty after it.
func wantApplied(t *testing.T, engine *enginetest.Engine, says string) {
	t.Helper()
	if r := engine.Run(t.Context(), "apply", "-auto-approve", "-no-color"); r.Code != 0 || !strings.Contains(r.Stdout, says) {
		t.Fatal(r)
	}
	if r := engine.Run(t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 0 {
		t.Errorf("the plan is not empty: %s", r)
	}
}

// wantRows wants the metrics whose rows are known to give them.
func wantRows(t *testing.T, c *cortextest.Cortex, environment string) {
	t.Helper()
	known := 0
	for _, m := range c.Metrics(environment) {
		want := rowsOf(t, m.All)
		if want == nil {
			continue
		}
		known++
		got := [][]any{}
		for _, row := range c.RunMetric(m.ID) {
			var values []any
			for _, field := range []string{"measures", "dimensions"} {
				for _, column := range listIn(m.All, field) {
					values = append(values, row[column["name"].(string)])
				}
			}
			got = append(got, values)
		}
		for _, rows := range [][][]any{want, got} {
			slices.SortFunc(rows, func(a, b []any) int { return strings.Compare(fmt.Sprint(a...), fmt.Sprint(b...)) })
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the rows of %s (-want +got):\n%s", m.Name, diff)
		}
	}
	if known != 35 {
		t.Errorf("of %d metrics the rows are known", known)
	}
}

// rowsOf returns the rows that a metric has to give; nil if they are not known.
func rowsOf(t *testing.T, metric map[string]any) (rows [][]any) {
	t.Helper()
	of := map[string]string{"count": "COUNT(%s)", "sum": "SUM(%s)", "avg": "AVG(%s)", "min": "MIN(%s)", "max": "MAX(%s)", "count_distinct": "COUNT(DISTINCT %s)"}
	var columns, groups []string
	for _, m := range listIn(metric, "measures") {
		columns = append(columns, fmt.Sprintf(of[m["type"].(string)], m["query"]))
	}
	for _, d := range listIn(metric, "dimensions") {
		groups = append(groups, d["query"].(string))
	}
	sql := fmt.Sprintf("SELECT %s FROM %s", strings.Join(append(columns, groups...), ", "), metric["table_name"])
	for _, f := range listIn(metric, "filters") {
		sql += fmt.Sprintf(" WHERE %s BETWEEN '%s' AND '%s'", f["query"], f["min_value"], f["max_value"])
	}
	if len(groups) > 0 {
		sql += " GROUP BY " + strings.Join(groups, ", ")
	}
	text, ok := rowsOfSQL[sql]
	if !ok {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

func listIn(metric map[string]any, field string) (all []map[string]any) {
	list, _ := metric[field].([]any)
	for _, element := range list {
		all = append(all, element.(map[string]any))
	}
	return all
}

// What sqlite3 gives for SampleTables, in no order.
var rowsOfSQL = map[string]string{
	`SELECT COUNT(id) FROM customers`:                                                              `[[3]]`,
	`SELECT SUM(id) FROM customers`:                                                                `[[6]]`,
	`SELECT AVG(id) FROM customers`:                                                                `[[2.0]]`,
	`SELECT MIN(id) FROM customers`:                                                                `[[1]]`,
	`SELECT MAX(id) FROM customers`:                                                                `[[3]]`,
	`SELECT COUNT(id), email FROM customers GROUP BY email`:                                        `[[1, "ada@example.com"], [1, "bob@example.com"], [1, "cyd@example.com"]]`,
	`SELECT COUNT(id), region FROM customers GROUP BY region`:                                      `[[1, "AMER"], [2, "EMEA"]]`,
	`SELECT COUNT(customer_id) FROM orders`:                                                        `[[4]]`,
	`SELECT SUM(customer_id) FROM orders`:                                                          `[[7]]`,
	`SELECT AVG(customer_id) FROM orders`:                                                          `[[1.75]]`,
	`SELECT MIN(customer_id) FROM orders`:                                                          `[[1]]`,
	`SELECT MAX(customer_id) FROM orders`:                                                          `[[3]]`,
	`SELECT COUNT(DISTINCT customer_id) FROM orders`:                                               `[[3]]`,
	`SELECT COUNT(customer_id) FROM orders WHERE order_date BETWEEN '2026-10-25' AND '2026-11-24'`: `[[0]]`,
	`SELECT SUM(id) FROM orders WHERE order_date BETWEEN '2026-10-25' AND '2026-11-24'`:            `[[null]]`,
	`SELECT SUM(customer_id) FROM orders WHERE order_date BETWEEN '2026-10-25' AND '2026-11-24'`:   `[[null]]`,
	`SELECT SUM(amount) FROM orders WHERE order_date BETWEEN '2026-10-25' AND '2026-11-24'`:        `[[null]]`,
	`SELECT SUM(id), order_date FROM orders GROUP BY order_date`:                                   `[[1, "2024-01-15"], [2, "2024-02-20"], [3, "2024-02-21"], [4, "2024-05-01"]]`,
	`SELECT SUM(customer_id), order_date FROM orders GROUP BY order_date`:                          `[[1, "2024-01-15"], [1, "2024-05-01"], [2, "2024-02-20"], [3, "2024-02-21"]]`,
	`SELECT SUM(amount), order_date FROM orders GROUP BY order_date`:                               `[[100.5, "2024-01-15"], [40, "2024-02-20"], [70, "2024-05-01"], [9.5, "2024-02-21"]]`,
	`SELECT COUNT(customer_id), order_date FROM orders GROUP BY order_date`:                        `[[1, "2024-01-15"], [1, "2024-02-20"], [1, "2024-02-21"], [1, "2024-05-01"]]`,
	`SELECT COUNT(customer_id), customer_id FROM orders GROUP BY customer_id`:                      `[[1, 2], [1, 3], [2, 1]]`,
	`SELECT COUNT(customer_id), status FROM orders GROUP BY status`:                                `[[1, "cancelled"], [3, "completed"]]`,
}

// shownMetrics returns the metrics of an environment by their names, without what is each one's own.
func shownMetrics(c *cortextest.Cortex, environment string) map[string]any {
	all := map[string]any{}
	for _, m := range c.Metrics(environment) {
		fields := maps.Clone(m.All)
		for _, name := range []string{"id", "environment_id", "data_model_id", "data_source_id", "created_at", "updated_at", "version"} {
			delete(fields, name)
		}
		if c.Release() == cortextest.Oldest { // it finds out nothing of a file's columns, and keeps what it found out of PostgreSQL's
			for _, part := range []string{"measures", "dimensions", "filters"} {
				for _, column := range listIn(fields, part) {
					delete(column, "source_type")
					delete(column, "source_meta")
				}
			}
		}
		all[m.Name] = fields
	}
	return all
}
