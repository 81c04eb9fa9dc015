package provider_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

func TestMetricSmoke(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	file := filepath.Join(t.TempDir(), "sales.db")
	p.SQLiteDatabase(file, cortextest.Table{Name: "orders", Columns: []cortextest.Column{{Name: "id", Type: "INTEGER"}, {Name: "amount", Type: "NUMERIC(12, 2)"}, {Name: "status", Type: "VARCHAR(20)"}}})
	e := newEngine(t, p.Cortex)
	body := func(more string) string {
		return fmt.Sprintf(`
resource "cortex_data_source" "test" {
  environment_id = %q
  name           = "Sales"
  alias          = "sales"
  sqlite         = { file_path = %q }
}

resource "cortex_data_model" "test" {
  environment_id = %[1]q
  name           = "Sales"
}

resource "cortex_metric" "test" {
  data_model_id  = cortex_data_model.test.id
  data_source_id = cortex_data_source.test.id
  name           = "Revenue"
  table_name     = "orders"
  measures = [{
    name  = "revenue"
    type  = "sum"
    query = "amount"
  }]
  dimensions = [{
    name  = "status"
    query = "status"
  }]
  filters = [{
    name     = "completed"
    query    = "status"
    operator = "equals"
    value    = jsonencode("completed")
  }]
  order = [{
    name          = "revenue"
    semantic_type = "measure"
    semantic_name = "revenue"
    order_type    = "desc"
  }]
  parameters = {
    since = { type = "date", default_value = jsonencode("2024-01-01") }
  }
  cache = { ttl = 60 }
%[3]s}
`, p.environment.ID, file, more)
	}
	e.write(body(""))
	e.run(apply...)
	t.Log(p.Writes())
	e.wantNoChanges()
	e.write(body("  grouped = false\n  meta = jsonencode({a = 1})\n"))
	t.Log(e.run("plan", "-no-color"))
	e.run(apply...)
	e.wantNoChanges()
	e.write(body("  grouped = false\n  meta = jsonencode({a = true})\n"))
	e.run(apply...)
	e.wantNoChanges()
	for _, r := range p.Writes() {
		t.Log(r.Method, r.Path, r.Status, string(r.Body))
	}
	e.run(destroy...)
}
