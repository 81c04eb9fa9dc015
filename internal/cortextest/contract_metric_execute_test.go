package cortextest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

// durationPattern is what no two answers have in common.
var durationPattern = regexp.MustCompile(`"duration":[0-9.e-]+`)

// contractExecution makes and runs the metrics of testdata, on a file and on a server. Below the name of each, which begins with #, are its fields, and
// for each request, which begins with >, the answer of a real Cortex: of the release and kind of database, of the kind, or of all (*).
func contractExecution(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	env := s.newEnvironment("results of metrics")
	model, sources := s.CreateDataModel(env, map[string]any{"name": "m"}).ID, s.shopSources(t, env)
	data, err := os.ReadFile(filepath.Join("testdata", "executions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimPrefix(string(data), "# "), "\n\n# ") {
		requests := strings.Split(strings.TrimSpace(block), "\n> ")
		name, metric, _ := strings.Cut(requests[0], "\n")
		for kind, source := range sources {
			id := s.metric(t, env, model, source, metric)
			for _, request := range requests[1:] {
				body, answers, _ := strings.Cut(request, "\n")
				status, answer := s.Do("POST", "/metrics/"+id+"/execute", body)
				shown := durationPattern.ReplaceAllString(strings.ReplaceAll(string(answer), id, "<id>"), `"duration":0`)
				if want := s.expected(kind, answers); status != 200 || shown != want {
					t.Errorf("%s on %s, %s:\n%d %s\nwant\n%s", name, kind, body, status, shown, want)
				}
			}
		}
	}
	s.contractUnreachable(t, env, model)
	s.contractExecutionRequests(t, env, model, sources["sqlite"])
}

// expected finds the answer for this release and a kind of database.
func (s *suite) expected(kind, answers string) string {
	for _, whose := range []string{s.Release() + "-" + kind, kind, "*"} {
		if _, answer, ok := strings.Cut("\n"+answers, "\n"+whose+" "); ok {
			answer, _, _ = strings.Cut(answer, "\n")
			return answer
		}
	}
	return "nothing"
}

// metric makes a metric with fields, some of which a create does not take.
func (s *suite) metric(t *testing.T, env, model, source, metric string) (id string) {
	t.Helper()
	body := fields{}.with("name", `"m"`).with("data_model_id", `"`+model+`"`).with("data_source_id", `"`+source+`"`)
	if err := json.Unmarshal([]byte(metric), &body); err != nil {
		t.Fatalf("%v in %s", err, metric)
	}
	id = s.ask(t, "POST", "/metrics", body, 201, "").text("id")
	if body["order"] != nil || body["grouped"] != nil || body["ordered"] != nil {
		s.ask(t, "PUT", "/metrics/"+id, body.in(env), 200, "")
	}
	return id
}

// contractUnreachable is about databases that are not there.
func (s *suite) contractUnreachable(t *testing.T, env, model string) {
	const count, sql = `{"table_name":"t","measures":[{"name":"n","description":null,"type":"count","query":"id"}]}`, `SELECT COUNT(t.\"id\") AS \"n\" \nFROM\n  t \nORDER BY \"n\" DESC`
	file := filepath.Join(t.TempDir(), "no database")
	if err := os.WriteFile(file, []byte("This is no database, but it is long enough to be one."), 0o600); err != nil {
		t.Fatal(err)
	}
	gone := s.PostgreSQLDatabase(s.Name("gone"), "p", s.Name("gone")).Config()
	refused := fmt.Sprintf("(psycopg.OperationalError) connection failed: connection to server at \"127.0.0.1\", port %v failed: FATAL:  database \"nope\" does not exist%s", gone["port"], atError)
	gone["database"] = "nope"
	for _, c := range []struct{ kind, config, problem string }{
		{"sqlite", `{"file_path":"/no/dir/x.db"}`, "(sqlite3.OperationalError) unable to open database file" + atError},
		{"sqlite", fmt.Sprintf(`{"file_path":%q}`, filepath.Join(t.TempDir(), "new.db")), "(sqlite3.OperationalError) no such table: t"},
		{"sqlite", fmt.Sprintf(`{"file_path":%q}`, file), "(sqlite3.DatabaseError) file is not a database"},
		{"postgresql", config(gone, "dialect", "postgresql"), refused},
		// A schema and a ping fill in what is missing here.
		{"postgresql", `{"host":"h","port":1,"username":"u","password":"p","database":"d"}`, "1 validation error for CommonProtocolSQLCredentials\ndialect\n  Field required …"},
		{"oracle", `{}`, "Unsupported dialect: DataSourceTypes.ORACLE"},
	} {
		query := sql
		if c.kind == "oracle" {
			if query = ""; !s.choosesMetrics {
				query, c.problem = sql, "Unsupported database type: DataSourceTypes.ORACLE"
			}
		}
		id := s.metric(t, env, model, filepath.Base(s.source(t, env, c.kind, c.config)), count)
		_, answer := s.Do("POST", "/metrics/"+id+"/execute", `{}`)
		shown := durationPattern.ReplaceAllString(string(answer), `"duration":0`)
		want := fmt.Sprintf(`{"success":false,"metadata":{"metric_id":"%s","duration":0,"query":"%s","parameters":{}},"data":null,"errors":[%s]}`, id, query, dumpJSON(c.problem))
		if head, _, open := strings.Cut(want, "…"); shown != want && !(open && strings.HasPrefix(shown, head)) {
			t.Errorf("%s %s:\n%s\nwant\n%s", c.kind, c.config, shown, want)
		}
		status, answer := s.Do("POST", "/metrics/"+id+"/execute", `{"preview":true}`)
		if reaches := c.kind == "oracle" && s.choosesMetrics; status != 200 || strings.Contains(string(answer), `"success":true`) == reaches {
			t.Errorf("preview of %s %s: %d %s", c.kind, c.config, status, answer)
		}
	}
}

// contractExecutionRequests is about requests that are refused.
func (s *suite) contractExecutionRequests(t *testing.T, env, model, source string) {
	known := ids{"m": s.metric(t, env, model, source, `{"table_name":"orders"}`)}
	refused := func(body, field, kind, msg, input string) check {
		return check{name: body, method: "POST", path: "/metrics/<m>/execute", body: body, status: 400,
			answer: fmt.Sprintf("[{'type': '%s', 'loc': ('body', %s), 'msg': '%s', 'input': %s}]", kind, field, msg, input)}
	}
	s.run(t, known,
		check{name: "no metric", method: "POST", path: "/metrics/<none>/execute", body: `{}`, status: 404, answer: "Metric with ID <none> not found"},
		check{name: "no id", method: "POST", path: "/metrics/abc/execute", body: `{"limit":1.5}`, status: 400,
			answer: "[{'type': 'uuid_parsing', 'loc': ('path', 'metric_id'), 'msg': 'Input should be a valid UUID, invalid length: found 3', 'input': 'abc', 'ctx': {'error': 'invalid length: found 3'}}, " +
				"{'type': 'int_from_float', 'loc': ('body', 'limit'), 'msg': 'Input should be a valid integer, got a number with a fractional part', 'input': 1.5}]"},
		check{name: "no body", method: "POST", path: "/metrics/<m>/execute", status: 400, answer: "[{'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}]"},
		refused(`{"limit":"x"}`, "'limit'", "int_parsing", "Input should be a valid integer, unable to parse string as an integer", "'x'"),
		refused(`{"parameters":[]}`, "'parameters'", "dict_type", "Input should be a valid dictionary", "[]"),
		refused(`{"filters":1}`, "'filters'", "dict_type", "Input should be a valid dictionary", "1"),
		refused(`{"grouped":"x"}`, "'grouped'", "bool_parsing", "Input should be a valid boolean, unable to interpret input", "'x'"),
		refused(`{"context_id":1}`, "'context_id'", "string_type", "Input should be a valid string", "1"),
		refused(`{"modifiers":{}}`, "'modifiers'", "list_type", "Input should be a valid list", "{}"),
		refused(`{"cache":1}`, "'cache'", "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", "1"),
		refused(`{"cache":{"enabled":"x"}}`, "'cache', 'enabled'", "bool_parsing", "Input should be a valid boolean, unable to interpret input", "'x'"),
	)
}

// TestFakeBeyond runs metrics that only a real Cortex can: nothing that the fake answers looks like a result.
func TestFakeBeyond(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	s := &suite{Cortex: c, traits: traitsOf(c.Release(), c.Database())}
	env := s.newEnvironment("beyond")
	model, sources := s.CreateDataModel(env, map[string]any{"name": "m"}).ID, s.shopSources(t, env)
	const count = `"measures":[{"name":"n","description":null,"type":"count","query":"id"}]`
	filter := func(column, rest string) string {
		return `{"table_name":"orders",` + count + `,"filters":[{"name":"f","query":"` + column + `",` + rest + `}]}`
	}
	for _, k := range []struct{ kind, metric, request, what string }{
		{"sqlite", `{"query":"SELECT 1"}`, `{}`, "SQL of a metric's own"},
		{"sqlite", `{"table_name":"orders"}`, `{"context_id":"C_x"}`, "a metric with a context, modifiers or a cache"},
		{"sqlite", `{"table_name":"orders"}`, `{"cache":{}}`, "a metric with a context, modifiers or a cache"},
		{"sqlite", `{"table_name":"orders"}`, `{"modifiers":[{}]}`, "a metric with a context, modifiers or a cache"},
		{"sqlite", `{"table_name":"user"}`, `{}`, `the name "user" where it is not quoted`},
		{"sqlite", `{"table_name":"orders o"}`, `{}`, `the name "orders o" where it is not quoted`},
		{"sqlite", `{"table_name":"orders","aggregations":[{"name":"a","type":"sum","source_columns":["n"],"target_column":"x"}]}`, `{"preview":true}`, "aggregations"},
		{"sqlite", `{"table_name":"orders","measures":[{"name":"n","description":null,"type":"sum","query":"status"}]}`, `{}`, "sum of text"},
		{"sqlite", `{"table_name":"orders","measures":[{"name":"n","description":null,"type":"sum","query":"n"},{"name":"x","description":null,"type":"number","query":"n"}]}`, `{}`, "a column that a group has several values of"},
		{"sqlite", `{"table_name":"orders","measures":[{"name":"n","description":null,"type":"sum","conditional":true,"conditions":{"when_clauses":[],"else_return":1}}]}`, `{}`, "conditions"},
		{"sqlite", `{"table_name":"orders","dimensions":[{"name":"d","query":"status","combine":[{"query":"n"}]}]}`, `{}`, "a dimension that combines columns"},
		{"sqlite", `{"table_name":"orders","dimensions":[{"name":"d","query":"status","formatting":[{"name":"f","type":"cast","target_type":"string"}]}]}`, `{}`, "formatting"},
		{"sqlite", `{"table_name":"orders","dimensions":[{"name":"id","query":"status"}]}`, `{}`, "a dimension with the name of another column"},
		{"sqlite", `{"table_name":"orders","dimensions":[{"name":"d","query":"status"},{"name":"d","query":"n"}]}`, `{}`, `a result with the column "d"`},
		{"sqlite", `{"table_name":"orders","order":[{"name":"o","semantic_type":"position","position":1}]}`, `{}`, "an order by position 1"},
		{"sqlite", filter("status", `"operator":"equals","value":"it's"`), `{}`, "a text with a quotation mark or a backslash in it"},
		{"sqlite", filter("status", `"operator":"like","value":"a\\_"`), `{}`, "a text with a quotation mark or a backslash in it"},
		{"sqlite", `{"table_name":"orders","joins":[{"name":"j","join_type":"full","left_table":"orders","right_table":"customers",` +
			`"conditions":[{"left_table":"orders","left_column":"id","right_table":"customers","right_column":"id","operator":"<"}]}]}`, `{}`, "a full join by <"},
		{"sqlite", filter("status", `"operator":"equals","value":"a :b"`), `{}`, "SQL with a word after a colon"},
		{"sqlite", filter("status", `"operator":"equals","value":{}`), `{}`, "a filter by such a value"},
		{"sqlite", filter("status", `"operator":"equals","value":1,"filter_type":"having"`), `{}`, "HAVING"},
		{"sqlite", filter("status", `"custom_expression":"1=1"`), `{}`, "an expression of a filter's own"},
		{"sqlite", filter("n", `"operator":"like","value":"1"`), `{}`, "a filter of SMALLINT LIKE by ['1']"},
		{"postgresql", filter("paid", `"operator":"equals","value":1`), `{}`, "a filter of BOOLEAN = by [1]"},
		{"postgresql", filter("status", `"operator":"equals","value":1`), `{}`, "a filter of VARCHAR(20) = by [1]"},
		{"postgresql", filter("status", `"operator":"equals","value":true`), `{}`, "a filter of VARCHAR(20) = by [True]"},
		{"postgresql", filter("n", `"operator":"equals","value":"x"`), `{}`, "a filter of SMALLINT = by ['x']"},
		{"postgresql", filter("n", `"operator":"equals","value":true`), `{}`, "a filter of SMALLINT = by [True]"},
		{"postgresql", filter("order_date", `"operator":"equals","value":"x"`), `{}`, "a filter of DATE = by ['x']"},
		{"postgresql", filter("at", `"operator":"equals","value":5`), `{}`, "a filter of TIMESTAMP = by [5]"},
	} {
		id := s.metric(t, env, model, sources[k.kind], k.metric)
		status, answer := s.Do("POST", "/metrics/"+id+"/execute", k.request)
		if want := "The fake cannot run " + k.what; status != 501 || string(answer) != want {
			t.Errorf("%s: %d %s, want 501 %s", k.metric, status, answer, want)
		}
	}
}
