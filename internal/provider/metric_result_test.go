package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// result is a configuration that runs a metric and shows what it gave.
func result(metric, lines string) string {
	return fmt.Sprintf("data \"cortex_metric_result\" \"test\" {\n  metric_id = %s\n%s\n}\n\noutput \"test\" {\n  value = data.cortex_metric_result.test\n}\n", metric, lines)
}

// ran returns what the data source of result gave.
func (e *engine) ran() (got struct {
	Rows       []map[string]any
	Columns    []string
	Query      string
	DurationMS float64 `json:"duration_ms"`
}) {
	e.t.Helper()
	if err := json.Unmarshal([]byte(e.run("output", "-json", "test")), &got); err != nil {
		e.t.Fatal(err)
	}
	return got
}

// The rows are those that the database gives for the same in SQL, from SQLite and from PostgreSQL, which the data source of the metric leads to.
func TestMetricResult(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	d := s.PostgreSQLDatabase(s.Name("reader"), "p@ss/w:rd", s.Name("shop"), cortextest.SampleTables()...)
	config := d.Config()
	config["dialect"] = "postgresql"
	server := s.CreateDataSource(s.environment.ID, map[string]any{"name": "Server", "alias": "server", "source_catalog": "DATABASE", "source_type": "postgresql", "config": config}).ID
	e := newEngine(t, s.Cortex)
	for name, source := range map[string]string{"SQLite": s.source, "PostgreSQL": server} {
		body := strings.Replace(s.revenue(revenueMeasure, statusDimension, revenueOrder), s.source, source, 1)
		e.write(body + result("cortex_metric.test.id", ""))
		e.run(apply...)
		got := e.ran()
		// SELECT SUM(amount) AS revenue, COUNT(id) AS orders, status FROM orders GROUP BY status ORDER BY revenue DESC
		want := []map[string]any{{"revenue": 150.0, "orders": 3.0, "status": "completed"}, {"revenue": 70.0, "orders": 1.0, "status": "cancelled"}}
		if diff := cmp.Diff(want, got.Rows); diff != "" {
			t.Errorf("the rows of %s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff([]string{"revenue", "orders", "status"}, got.Columns); diff != "" {
			t.Errorf("the columns of %s (-want +got):\n%s", name, diff)
		}
		if !strings.Contains(strings.ToUpper(got.Query), "SELECT") || got.DurationMS < 0 {
			t.Errorf("of %s: %+v", name, got)
		}
		e.write(body + result("cortex_metric.test.id", "  limit = 1"))
		e.run(apply...)
		if got := e.ran(); len(got.Rows) != 1 {
			t.Errorf("with a limit there are the rows %v", got.Rows)
		}
		// A parameter is put where the metric has its name.
		where := `filters = [{ name = "f", query = "status", operator = "equals", value = jsonencode("$CORTEX_status") }]` + "\n  parameters = { status = { type = \"string\" } }"
		e.write(strings.Replace(body, "\n}\n", "\n  "+where+"\n}\n", 1) + result("cortex_metric.test.id", `  parameters = jsonencode({ status = "cancelled" })`))
		e.run(apply...)
		if got := e.ran(); len(got.Rows) != 1 || got.Rows[0]["status"] != "cancelled" {
			t.Errorf("with a parameter, %s gives the rows %v", name, got.Rows)
		}
		// No rows are an empty list, without columns.
		e.write(strings.Replace(body, "\n}\n", "\n  "+where+"\n}\n", 1) + result("cortex_metric.test.id", `  parameters = jsonencode({ status = "lost" })`))
		e.run(apply...)
		if got := e.ran(); len(got.Rows) != 0 || got.Rows == nil || got.Columns == nil {
			t.Errorf("without rows, %s gives %+v", name, got)
		}
		e.run(destroy...)
	}
}

// A run that fails is an error with the words of Cortex and of the database, and without any secret.
func TestMetricResultErrors(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	const missing = "11111111-1111-4111-8111-111111111111"
	metric := func(change map[string]any) string {
		fields := map[string]any{"name": fmt.Sprint("m", len(s.Metrics(s.environment.ID))), "table_name": "orders", "data_source_id": s.source,
			"measures": []any{map[string]any{"name": "n", "description": nil, "type": "count", "query": "id"}}}
		for name, value := range change {
			fields[name] = value
		}
		return s.CreateMetric(s.model, fields).ID
	}
	const password = `s3cr%t/pä"ss`
	config := s.PostgreSQLDatabase(s.Name("reader"), password, s.Name("other"), cortextest.SampleTables()...).Config()
	config["dialect"], config["password"] = "postgresql", "wr%25ng"+fmt.Sprint(config["password"])
	wrong := s.CreateDataSource(s.environment.ID, map[string]any{"name": "Wrong", "alias": "wrong", "source_catalog": "DATABASE", "source_type": "postgresql", "config": config}).ID
	for name, test := range map[string]struct {
		id     string
		detail []string
	}{
		"a table that is not there": {metric(map[string]any{"table_name": "bills"}), []string{"Cortex answered: ", "no such table: bills", "The query was:\n", "bills"}},
		"a wrong password":          {metric(map[string]any{"data_source_id": wrong}), []string{"Cortex answered: "}},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.write(result(fmt.Sprintf("%q", test.id), ""))
			got := e.problems(plan...)
			if len(got) != 1 || got[0].Summary != "Cannot run metric "+test.id {
				t.Fatalf("the errors are %q", got)
			}
			wantWords(t, "the error", got[0].Detail, test.detail...)
			for _, secret := range []string{password, "s3cr", "wr%25ng", "wr%ng"} {
				wantIn(t, "the error", got[0].Detail, secret, false)
			}
		})
	}
	e.t = t
	e.write(result(fmt.Sprintf("%q", missing), ""))
	if got := e.problems(plan...); len(got) != 1 || got[0].Summary != "Cannot run metric "+missing {
		t.Errorf("the errors are %q", got)
	}
	e.write(result(`"acme"`, ""))
	e.wantProblems(plan, problem{"Invalid metric_id", `"acme" is not a UUID, whose form is 01234567-89ab-cdef-0123-456789abcdef.`, "metric_id"})
}
