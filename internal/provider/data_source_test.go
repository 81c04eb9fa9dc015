package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// strange is a password with everything in it that URLs, JSON, Python, SQL and shells take for something else.
const strange = `p@ss/w:rd %41"é'\{"k":"v"}?#`

// passwordForms are the attributes that say a password.
func passwordForms(e *engine) []string {
	e.t.Helper()
	forms := []string{"password"}
	if writeOnly, err := e.KnowsWriteOnly(e.t.Context()); err != nil {
		e.t.Fatal(err)
	} else if writeOnly {
		forms = append(forms, "password_wo")
	}
	return forms
}

// sourceBlock is the resource cortex_data_source.test in p, a PostgreSQL database whose secret is said by more.
func sourceBlock(p *place, more ...string) string {
	return fmt.Sprintf(`
resource "cortex_data_source" "test" {
  environment_id = %q
  name           = "Sales"
  alias          = "sales"
  postgresql = {
    host     = "db.example.com"
    database = "sales/2026?"
    username = "ann@x:y"
    %s
  }
}
`, p.environment.ID, strings.Join(more, "\n    "))
}

// said is an attribute with a text as HCL has it.
func said(attribute, text string) string {
	return fmt.Sprintf("%s = %s", attribute, strings.NewReplacer("${", "$${", "%{", "%%{").Replace(jsonOf(text)))
}

// config is what Cortex has of the one data source in p.
func (p *place) config() map[string]any {
	p.t.Helper()
	all := p.DataSources(p.environment.ID)
	if len(all) != 1 {
		p.t.Fatalf("there are %d data sources, want one", len(all))
	}
	return p.object("GET", "/data/sources/"+all[0].ID, 200, nil)["config"].(map[string]any)
}

// reconfigure changes what Cortex has of the one data source in p, behind Terraform's back.
func (p *place) reconfigure(change map[string]any) {
	p.t.Helper()
	config := p.config()
	for field, value := range change {
		if config[field] = value; value == nil {
			delete(config, field)
		}
	}
	p.object("PUT", "/data/sources/"+p.DataSources(p.environment.ID)[0].ID, 200, attributes{"config": config})
	p.Reset()
}

// strangeQuoted is the strange password as Cortex has to have it.
const strangeQuoted = "p%40ss%2Fw%3Ard%20%2541%22%C3%A9'%5C%7B%22k%22%3A%22v%22%7D%3F%23"

// A password is made, changed, changed behind Terraform's back and repaired, in either form. Fields that others added stay.
func TestDataSourcePasswords(t *testing.T) {
	t.Parallel()
	for _, form := range passwordForms(newEngine(t, nil)) {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(sourceBlock(p, said(form, strange)))
			e.run(apply...)
			want := map[string]any{"dialect": "postgresql", "host": "db.example.com", "port": 5432.0, "database": "sales%2F2026%3F", "username": "ann%40x%3Ay", "password": strangeQuoted}
			if diff := cmp.Diff(want, p.config()); diff != "" {
				t.Errorf("what Cortex has (-want +got):\n%s", diff)
			}
			e.wantNoChanges()
			if kept := strings.Contains(e.state(), `p@ss`); kept != (form == "password") {
				t.Errorf("that the password is in the state is %v", kept)
			}

			p.reconfigure(map[string]any{"password": "other", "ssl_mode": "require", "port": "5432"})
			if r := e.try("plan", "-detailed-exitcode"); r.Code != 2 {
				t.Errorf("the plan does not see the change: %s", r)
			} else if warned := strings.Contains(r.Stdout+r.Stderr, "is not what the configuration says"); warned != (form == "password_wo") {
				t.Errorf("that the plan warns is %v: %s", warned, r)
			}
			p.Reset()
			e.run(apply...)
			wantWrites(t, p.Cortex, "PUT /data/sources/{id}")
			want["ssl_mode"], want["port"] = "require", "5432" // which means the same
			if diff := cmp.Diff(want, p.config()); diff != "" {
				t.Errorf("what Cortex has after the repair (-want +got):\n%s", diff)
			}
			e.wantNoChanges()

			p.Reset()
			e.write(sourceBlock(p, said(form, "rotated")))
			e.run("plan", "-out=saved")
			e.run("apply", "saved")
			wantWrites(t, p.Cortex, "PUT /data/sources/{id}")
			if want["password"] = "rotated"; !cmp.Equal(want, p.config()) {
				t.Errorf("what Cortex has after the rotation (-want +got):\n%s", cmp.Diff(want, p.config()))
			}
			e.wantNoChanges()

			// What would not reach the database is mended, though it looks the same.
			p.reconfigure(map[string]any{"password": "rotated", "username": "ann@x:y", "dialect": nil})
			e.run(apply...)
			if !cmp.Equal(want, p.config()) {
				t.Errorf("what Cortex has after what could not connect (-want +got):\n%s", cmp.Diff(want, p.config()))
			}
			e.wantNoChanges()
			p.Reset()
			e.run(plan...)
			if n := len(p.Requests()); n != 1 {
				t.Errorf("a plan of one data source sends %d requests", n)
			}
			e.run(destroy...)
		})
	}
}

// From one form to the other nothing is sent.
func TestDataSourceChangesForm(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	if len(passwordForms(e)) < 2 {
		t.Skip("the engine has no write-only attributes")
	}
	e.write(sourceBlock(p, said("password", strange)))
	e.run(apply...)
	p.Reset()
	for _, step := range []string{said("password_wo", strange), said("password_wo", strange) + "\n" + said("password_wo_version", "2"), said("password", strange)} {
		e.write(sourceBlock(p, step))
		e.run(apply...)
		e.wantNoChanges()
		if kept := strings.Contains(e.state(), "p@ss"); kept != strings.HasPrefix(step, "password =") {
			t.Errorf("with %s, that the password is in the state is %v", step, kept)
		}
	}
	wantWrites(t, p.Cortex)
}

// Each way of an import gives an empty plan once the password is said, in either form, and a wrong one is set.
func TestDataSourceImport(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	id := p.object("POST", "/data/sources", 201, attributes{
		"environment_id": p.environment.ID, "name": "Sales", "alias": "sales", "source_type": "postgresql", "source_catalog": "DATABASE",
		"config": attributes{"host": "db.example.com", "port": 5432, "database": "sales%2F2026%3F", "username": "ann%40x%3Ay", "password": strangeQuoted, "dialect": "postgresql"},
	})["id"].(string)
	p.Reset()
	for _, form := range passwordForms(newEngine(t, nil)) {
		for _, text := range []string{id, p.environment.ID + "/" + id, p.workspace.Name + "/" + p.environment.Name + "/Sales"} {
			e := newEngine(t, p.Cortex)
			imported := fmt.Sprintf("import {\n  to = cortex_data_source.test\n  id = %q\n}\n", text)
			e.write(sourceBlock(p) + imported)
			e.wantProblems(plan, problem{
				Summary: "Missing postgresql.password",
				Detail:  "The password is not said. Set password, or password_wo, which no plan and no state keeps (Terraform and OpenTofu 1.11 or newer).",
			})
			e.write(sourceBlock(p, said(form, strange)) + imported)
			wantWords(t, "the plan", e.run("plan", "-no-color"), "1 to import, 0 to add, 0 to change, 0 to destroy")
			e.run(apply...)
			e.wantNoChanges()
			wantWrites(t, p.Cortex)
			if strings.Contains(e.state(), "p@ss") {
				t.Error("the import puts the password into the state")
			}
			e.write(sourceBlock(p, said(form, "wrong")))
			if r := e.try("plan", "-detailed-exitcode"); r.Code != 2 {
				t.Errorf("the plan takes a wrong password: %s", r)
			}
		}
	}
}

// Another type of database is another data source.
func TestDataSourceTypes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	block := func(database string) string {
		return fmt.Sprintf("resource \"cortex_data_source\" \"test\" {\n  environment_id = %q\n  name = \"Sales\"\n  alias = \"sales\"\n  %s\n}\n", p.environment.ID, database)
	}
	for i, step := range []struct {
		database            string
		sourceType, catalog string
		config              map[string]any
	}{
		{`mysql = { host = "::1", database = "sales", username = "ann", password = "x y" }`, "mysql", "DATABASE",
			map[string]any{"dialect": "mysql", "host": "[::1]", "port": 3306.0, "database": "sales", "username": "ann", "password": "x%20y"}},
		{`sqlite = { file_path = "/data/50%?.db" }`, "sqlite", "DATABASE", map[string]any{"dialect": "sqlite", "file_path": "/data/50%25%3F.db"}},
		{`custom = { source_type = "bigquery", config = jsonencode({ project_id = "p", key = { a = [1, "s3cret"] } }) }`, "bigquery", "DATABASE",
			map[string]any{"project_id": "p", "key": map[string]any{"a": []any{1.0, "s3cret"}}}},
		{`custom = { source_type = "bigquery", config = jsonencode({ project_id = "p", key = { a = [true, "s3cret"] } }) }`, "bigquery", "DATABASE",
			map[string]any{"project_id": "p", "key": map[string]any{"a": []any{true, "s3cret"}}}},
		{`custom = { source_type = "duckdb", source_catalog = "FILE", config = jsonencode({}) }`, "duckdb", "FILE", map[string]any{}},
	} {
		p.Reset()
		e.write(block(step.database))
		e.run(apply...)
		e.wantNoChanges()
		if diff := cmp.Diff(step.config, p.config()); diff != "" {
			t.Errorf("the config of %s (-want +got):\n%s", step.database, diff)
		}
		switch i {
		case 0:
			wantWrites(t, p.Cortex, "POST /data/sources")
		case 3: // 1 and true are the same to Cortex, which keeps the old one unless something else differs as well
			wantWrites(t, p.Cortex, "PUT /data/sources/{id}", "PUT /data/sources/{id}", "PUT /data/sources/{id}")
		default:
			wantWrites(t, p.Cortex, "DELETE /data/sources/{id}", "POST /data/sources")
		}
		got := p.object("GET", "/data/sources/"+p.DataSources(p.environment.ID)[0].ID, 200, nil)
		if got["source_type"] != step.sourceType || got["source_catalog"] != step.catalog {
			t.Errorf("it is a %s of the catalog %s", got["source_type"], got["source_catalog"])
		}
	}
	e.run(destroy...)
}

// What Cortex cannot use is refused before it is sent.
func TestDataSourceValidation(t *testing.T) {
	t.Parallel()
	p := placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e := newEngine(t, p.Cortex)
	p.Reset()
	block := func(database string) string {
		return fmt.Sprintf("resource \"cortex_data_source\" \"test\" {\n  environment_id = %q\n  name = \"Sales\"\n  alias = \"sales\"\n  %s\n}\n", p.environment.ID, database)
	}
	server := `postgresql = { host = "db", database = "sales", username = "ann", `
	for _, test := range []struct{ database, want string }{
		{"", "Nothing says what the data source is. Set exactly one of postgresql, mysql, sqlite and custom."},
		{`sqlite = { file_path = "/x" }` + "\n" + `mysql = { host = "db", database = "sales", username = "ann", password = "x" }`,
			"The data source is mysql and sqlite at one time. Set exactly one of postgresql, mysql, sqlite and custom."},
		{server + `}`, "The password is not said. Set password, or password_wo"},
		{server + `password = "" }`, "The text must not be empty."},
		{server + `password = "x", port = 0 }`, "must be between 1 and 65535"},
		{strings.Replace(server, `"db"`, `"db:5433"`, 1) + `password = "x" }`, ""},
		{strings.Replace(server, `"db"`, `"postgres://db/sales"`, 1) + `password = "x" }`, "is not the name or address of a host; port, user and database have attributes of their own"},
		{`custom = { source_type = "mysql", config = "{}" }`, "A source of type mysql has an attribute of its own: mysql = { … }."},
		{`custom = { source_type = "spreadsheet", config = "{}" }`, "Cortex makes spreadsheets of files that are uploaded"},
		{`custom = { source_type = "duckdb", config = "[]" }`, "jsonencode({…}) makes one"},
	} {
		e.write(block(test.database))
		if test.want == "" {
			continue
		}
		found := ""
		for _, problem := range e.problems(plan...) {
			found += strings.Join(strings.Fields(problem.Detail), " ") + "\n"
		}
		if !strings.Contains(found, test.want) {
			t.Errorf("of %s it is said %q, want %q", test.database, found, test.want)
		}
	}
	if n := len(p.Requests()); n > 0 {
		t.Errorf("there were %d requests", n)
	}
}

var anyPassword = regexp.MustCompile(`"password":"[^"]*"`)

// With a Cortex that shows no secrets, only another version sends one.
func TestDataSourceOfDiscreetCortex(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	to, err := url.Parse(p.URL())
	if err != nil {
		t.Fatal(err)
	}
	discreet := httputil.NewSingleHostReverseProxy(to)
	discreet.ModifyResponse = func(r *http.Response) error {
		answer, err := io.ReadAll(r.Body)
		answer = anyPassword.ReplaceAll(answer, []byte(`"password":"********"`))
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
		r.Header.Set("Content-Length", strconv.Itoa(len(answer)))
		return err
	}
	server := httptest.NewServer(discreet)
	t.Cleanup(server.Close)
	e := newEngine(t, nil, "CORTEX_API_URL="+server.URL)
	if len(passwordForms(e)) < 2 {
		t.Skip("the engine has no write-only attributes")
	}
	e.write(sourceBlock(p, said("password_wo", "one")))
	e.run(apply...)
	for _, step := range []struct {
		more   []string
		writes []string
	}{
		{[]string{said("password_wo", "one")}, nil},
		{[]string{said("password_wo", "two")}, nil},
		{[]string{said("password_wo", "two"), said("password_wo_version", "2")}, []string{"PUT /data/sources/{id}"}},
		{[]string{said("password_wo", "two"), said("password_wo_version", "2"), "port = 5433"}, []string{"PUT /data/sources/{id}"}},
	} {
		p.Reset()
		e.write(sourceBlock(p, step.more...))
		e.run(apply...)
		wantWrites(t, p.Cortex, step.writes...)
		for _, w := range p.Writes() {
			if !strings.Contains(string(w.Body), `"password":"two"`) {
				t.Errorf("the password is not in %s", w.Body)
			}
		}
		e.wantNoChanges()
	}
	e.run(destroy...)
}

// A secret is in no log, error, plan, data source and, when it is write-only, no state.
func TestDataSourceSecrets(t *testing.T) {
	t.Parallel()
	const token = `t0p "s3cret" \ ü`
	p := newPlace(t)
	e := newEngineIn(t, t.TempDir(), p.Cortex, "CORTEX_MAX_RETRIES=0")
	forms := passwordForms(e)
	form, config := "password", "config"
	if len(forms) > 1 {
		form, config = "password_wo", "config_wo"
	}
	e.Setenv("TF_LOG=TRACE", "TF_LOG_PATH="+filepath.Join(t.TempDir(), "log"))
	log := filepath.Join(t.TempDir(), "log")
	e.Setenv("TF_LOG_PATH=" + log)
	body := sourceBlock(p, form+" = var.password") + fmt.Sprintf(`
variable "password" {
  sensitive = true
}

variable "token" {
  sensitive = true
}

resource "cortex_data_source" "custom" {
  environment_id = %q
  name           = "Lake"
  alias          = "lake"
  custom = {
    source_type = "snowflake"
    %s = jsonencode({ account = "acme", token = var.token, nested = [var.token] })
  }
}

data "cortex_data_source" "test" {
  id = cortex_data_source.test.id
}

data "cortex_data_sources" "all" {
  environment_id = cortex_data_source.custom.environment_id
  depends_on     = [cortex_data_source.test]
}
`, p.environment.ID, config)
	e.write(body)
	if err := e.Write("terraform.tfvars.json", fmt.Sprintf(`{"password": %s, "token": %s}`, jsonOf(strange), jsonOf(token))); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	note := func(args ...string) {
		out.WriteString(e.try(args...).String())
	}
	note("plan", "-out=saved")
	note("apply", "saved")
	note("plan")
	if got := len(p.DataSources(p.environment.ID)); got != 2 {
		t.Fatalf("there are %d data sources: %s", got, &out)
	}
	// Cortex repeats requests in its errors, databases do, drivers do, and they cut what they repeat.
	python := strings.ReplaceAll(strings.ReplaceAll(strange, `\`, `\\`), "'", `\'`)
	echoes := map[string]string{
		"validation": `[{'type': 'missing', 'loc': ('body', 'name'), 'msg': 'Field required', 'input': {'config': {'password': '` + python + `'}}}]`,
		"sql": `(sqlite3.IntegrityError) NOT NULL constraint failed: data_sources.name` + "\n[SQL: INSERT INTO data_sources (config) VALUES (?)]\n[parameters: ('" +
			jsonOf(attributes{"password": strangeQuoted}) + "',)]",
		"pydantic": "1 validation error for C\nusername\n  Field required [type=missing, input_value={'host': 'db', 'password': '" + python[:9] + "...}, input_type=dict]",
		"plain":    strange + " " + strangeQuoted,
	}
	for _, text := range echoes {
		for _, status := range []int{400, 500} {
			for _, reads := range []string{"/api/v1/data/sources/", "/api/v1/"} { // with the second, no list shows the passwords first
				match := func(r *http.Request) bool {
					return r.Method == "GET" && strings.HasPrefix(r.URL.Path, reads) && strings.Contains(r.URL.Path, "/data/sources")
				}
				p.Fail(cortextest.Fault{Match: match, Times: -1, Kind: cortextest.Answer, Status: status, Body: text})
				note("plan")
				p.Reset()
			}
			p.Fail(cortextest.Fault{Match: cortextest.Matching("PUT", "/data/sources"), Times: -1, Kind: cortextest.Answer, Status: status, Body: text})
			e.write(strings.Replace(body, `"sales"`, `"other"`, 1))
			note(apply...)
			e.write(body)
			p.Reset()
		}
	}
	shown := e.run("show", "-json", "saved")
	state := e.state()
	note(destroy...)
	written, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	_, planned, _ := strings.Cut(shown, `"planned_values"`)
	planned, _, _ = strings.Cut(planned, `"configuration":{`) // which has the variables' own values
	secret := map[string]string{"log": withoutVariables(string(written)), "output": out.String()}
	if len(forms) > 1 {
		secret["plan"], secret["state"] = planned, state
	}
	for where, text := range secret {
		for _, part := range []string{"p@ss", "p%40ss", "s3cret", `%2541`} {
			if at := strings.Index(text, part); at >= 0 {
				t.Errorf("%s is in the %s: …%q…", part, where, text[max(0, at-300):min(len(text), at+100)])
			}
		}
	}
	for _, proof := range []string{"bodies of a request to Cortex", "/data/sources"} {
		if !strings.Contains(string(written), proof) {
			t.Errorf("the log lacks %q", proof)
		}
	}
}

// withoutVariables is a log without lines of the engine itself.
func withoutVariables(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if strings.Contains(line, "provider") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// salesTables are those of the databases that these tests connect to.
var salesTables = []cortextest.Table{
	{Name: "orders", Columns: []cortextest.Column{{Name: "id", Type: "INTEGER", Key: true, NotNull: true}, {Name: "amount", Type: "NUMERIC(10,2)"}, {Name: "sold_to", Type: "VARCHAR(80)"}}},
	{Name: "articles", Columns: []cortextest.Column{{Name: "id", Type: "INTEGER", Key: true, NotNull: true}}},
}

// Whatever characters user, password and database have, Cortex connects to what is written, in the plan after the apply as well.
func TestDataSourceConnects(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex)
	server := p.PostgreSQLDatabase(p.Name(`u@s:e/r%41"é`), strange, p.Name(`d?b/n%41"é`), salesTables...)
	file := filepath.Join(t.TempDir(), "sales 50% é?.db")
	p.SQLiteDatabase(file, salesTables...)
	missing := filepath.Join(t.TempDir(), "missing.db")
	database := func(label, text string) string {
		return fmt.Sprintf(`
resource "cortex_data_source" %[1]q {
  environment_id = %[2]q
  name           = %[1]q
  alias          = "sales"
  %[3]s
}

data "cortex_data_source_status" %[1]q {
  data_source_id = cortex_data_source.%[1]s.id
}

output %[1]q {
  value = data.cortex_data_source_status.%[1]s
}
`, label, p.environment.ID, text)
	}
	tables := func(label string) string {
		return fmt.Sprintf(`
data "cortex_data_source_schema" %[1]q {
  data_source_id = cortex_data_source.%[1]s.id
}

output "%[1]s_tables" {
  value = { for t in data.cortex_data_source_schema.%[1]s.tables : t.name => [for c in t.columns : c.name] }
}

output "%[1]s_keys" {
  value = data.cortex_data_source_schema.%[1]s.tables[1].primary_keys
}
`, label)
	}
	postgresql := func(form, secret string) string {
		return fmt.Sprintf("postgresql = {\n    host = %q\n    port = %d\n    %s\n    %s\n    %s\n  }", server.Host, server.Port, said("database", server.Database),
			said("username", server.Username), said(form, secret))
	}
	forms := passwordForms(e)
	for _, form := range forms {
		e.write(database("server", postgresql(form, strange)) + tables("server") + database("file", "sqlite = {\n    "+said("file_path", file)+"\n  }") + tables("file") +
			database("wrong", postgresql(form, "wrong")) + database("missing", "sqlite = { "+said("file_path", missing)+" }"))
		e.run(apply...)
		e.wantNoChanges()
		var got map[string]struct{ Value any }
		if err := json.Unmarshal([]byte(e.run("output", "-json")), &got); err != nil {
			t.Fatal(err)
		}
		for _, label := range []string{"server", "file"} {
			if status := got[label].Value.(map[string]any); status["ok"] != true || status["error"] != "" {
				t.Errorf("%s: %v", label, status)
			}
			want := map[string]any{"articles": []any{"id"}, "orders": []any{"id", "amount", "sold_to"}}
			if diff := cmp.Diff(want, got[label+"_tables"].Value); diff != "" {
				t.Errorf("the tables of %s (-want +got):\n%s", label, diff)
			}
			if diff := cmp.Diff([]any{"id"}, got[label+"_keys"].Value); diff != "" {
				t.Errorf("the keys of %s (-want +got):\n%s", label, diff)
			}
		}
		if status := got["wrong"].Value.(map[string]any); status["ok"] != false || !strings.Contains(fmt.Sprint(status["error"]), "password authentication failed") {
			t.Errorf("with a wrong password: %v", status)
		}
		if status := got["missing"].Value.(map[string]any); status["ok"] != true {
			t.Errorf("a file that is missing: %v", status)
		}
		if _, err := os.Stat(missing); err != nil {
			t.Errorf("Cortex makes a file that is missing no more: %v", err)
		}
	}

	// What cannot be reached has no tables, and says so at once.
	e.write(database("wrong", postgresql(forms[len(forms)-1], "wrong")) + tables("wrong"))
	p.Reset()
	found := e.problems(plan...)
	if len(found) != 1 || !strings.HasPrefix(found[0].Summary, "Cannot read the tables of data source ") || !strings.Contains(found[0].Detail, "Cortex cannot use the database") {
		t.Errorf("the errors are %v", found)
	}
	if n := p.Count("GET", "/data/sources/"); n > 5 {
		t.Errorf("it was asked %d times", n)
	}
	// A password that tears the URL apart is in no error, not in part.
	id := p.object("POST", "/data/sources", 201, attributes{"environment_id": p.environment.ID, "name": "torn", "alias": "torn", "source_type": "postgresql", "source_catalog": "DATABASE",
		"config": attributes{"host": "127.0.0.1", "port": 1, "username": "ann", "password": "top@s3cret:1", "database": "x", "dialect": "postgresql"}})["id"].(string)
	e.write(fmt.Sprintf("data \"cortex_data_source_status\" \"torn\" {\n  data_source_id = %q\n}\noutput \"torn\" {\n  value = data.cortex_data_source_status.torn\n}\n"+
		"data \"cortex_data_source_schema\" \"torn\" {\n  data_source_id = %[1]q\n}\n", id))
	if r := e.try("plan"); strings.Contains(r.String(), "s3cret") || !strings.Contains(r.String(), "%40") {
		t.Errorf("the errors are %s", r)
	}
	e.write("")
	e.run(apply...)
}

// A data source that metrics use stays, whatever the release would do.
func TestDataSourceInUse(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.stays = p.Database() == cortextest.PostgreSQL // Cortex keeps data models, and PostgreSQL what holds them
	e := newEngine(t, p.Cortex)
	e.write(sourceBlock(p, said("password", "x")))
	e.run(apply...)
	source := p.DataSources(p.environment.ID)[0].ID
	model := p.Attach(p.environment.ID, "data model", "Orders")
	metric := p.object("POST", "/metrics", 201, attributes{"environment_id": p.environment.ID, "data_model_id": model, "name": "Revenue", "table_name": "orders", "data_source_id": source})["id"]
	p.Reset()
	for range 2 {
		e.wantProblems(destroy, problem{
			Summary: fmt.Sprintf("Cannot delete data source \"Sales\" (%s): metrics use it", source),
			Detail: fmt.Sprintf("These metrics get their rows from it:\n  - metric \"Revenue\" (%s)\n\nDelete them first, or give them another data source. A metric of this configuration that "+
				"refers to it (data_source_id = cortex_data_source.….id) goes before it by itself.", metric),
		})
	}
	wantWrites(t, p.Cortex)
	p.object("DELETE", fmt.Sprintf("/metrics/%s?environment_id=%s", metric, p.environment.ID), 204, nil)
	e.run(destroy...)
	if left := p.DataSources(p.environment.ID); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	p.Do("DELETE", "/data/models/"+model+"?environment_id="+p.environment.ID, nil)
}
