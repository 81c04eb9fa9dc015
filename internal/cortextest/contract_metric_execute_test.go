package cortextest

import (
	"fmt"
	"path/filepath"
	"testing"
)

// shopTables are in the order in which a server shows them.
var shopTables = []Table{
	{Name: "customers", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "name", Type: "VARCHAR(50)", NotNull: true}, {Name: "region", Type: "VARCHAR(20)"}, {Name: "email", Type: "TEXT"}},
		Rows: [][]any{{1, "Ada", "EMEA", "a@x"}, {2, "Bob", "AMER", "b@x"}, {3, "Cyd", "EMEA", nil}, {4, "Dan", nil, "d@x"}}},
	{Name: "orders", Columns: []Column{{Name: "id", Type: "BIGINT", Key: true}, {Name: "customer_id", Type: "INTEGER"}, {Name: "amount", Type: "NUMERIC(12,2)"}, {Name: "status", Type: "VARCHAR(20)"},
		{Name: "order_date", Type: "DATE"}, {Name: "paid", Type: "BOOLEAN"}, {Name: "at", Type: "TIMESTAMP"}, {Name: "n", Type: "SMALLINT"}},
		Rows: [][]any{{1, 1, "100.50", "completed", "2024-01-05", true, "2024-01-05 10:00:00", 3}, {2, 2, "40.00", "completed", "2024-01-06", false, "2024-01-06 10:00:00.123456", 4},
			{3, 3, "9.50", "completed", "2024-02-01", true, nil, nil}, {4, 1, "70.00", "cancelled", nil, nil, "2024-02-03 00:00:00", 5}, {5, nil, nil, nil, "2024-03-01", false, nil, 1}}},
	{Name: "visits", Columns: []Column{{Name: "Is_New", Type: "CHAR(1)"}, {Name: "is_known", Type: "SMALLINT"}, {Name: "bot_flag", Type: "TEXT"}, {Name: "runtime", Type: "TIMESTAMP"},
		{Name: "started_ts", Type: "TIMESTAMP"}, {Name: "page_type", Type: "DATE"}, {Name: "shop_ID", Type: "VARCHAR(9)"}, {Name: "year_usd", Type: "NUMERIC(4,1)"}, {Name: "a__b c", Type: "TEXT"}}},
}

// dataModel makes a data model.
func (s *suite) dataModel(t *testing.T, env string) (id string) {
	t.Helper()
	return s.ask(t, "POST", "/data/models", fields{}.with("name", `"m"`).in(env), 201, "").text("id")
}

// shopSources makes a data source of each kind that has the shopTables.
func (s *suite) shopSources(t *testing.T, env string) map[string]string {
	t.Helper()
	file, name := filepath.Join(t.TempDir(), "sales.db"), s.Name("sales")
	s.SQLiteDatabase(file, shopTables...)
	server := s.PostgreSQLDatabase(name, "p", name, shopTables...).Config()
	return map[string]string{
		"sqlite":     filepath.Base(s.source(t, env, "sqlite", fmt.Sprintf(`{"file_path":%q}`, file))),
		"postgresql": filepath.Base(s.source(t, env, "postgresql", config(server, "dialect", "postgresql"))),
	}
}

func contractExecution(t *testing.T, s *suite) {}
