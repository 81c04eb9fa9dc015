package cortextest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// dataSourceKind is data sources, for what they have in common with consumers and groups.
var dataSourceKind = consumerKind{
	name: "Data source", path: "/data/sources", list: "/environments/%s/data/sources",
	texts: []string{"name", "alias", "description"}, optional: []string{"description"},
	body:  func(n int) fields { return sourceBody(n, "sqlite", fmt.Sprintf(`{"k":%d}`, n)) },
	taken: "Data source with name 'd1' already exists in environment ",
}

func sourceBody(n int, kind, config string) fields {
	return fields{}.with("name", fmt.Sprintf(`"d%d"`, n)).with("alias", `"a"`).with("source_catalog", `"DATABASE"`).with("source_type", `"`+kind+`"`).with("config", config)
}

func contractDataSourceTexts(t *testing.T, s *suite) {
	s.contractTexts(t, dataSourceKind, s.newEnvironment("texts of data sources"))
}

// contractDataSourceCreates is about everything in a create that is no text.
func contractDataSourceCreates(t *testing.T, s *suite) {
	k, env := dataSourceKind, s.newEnvironment("data sources")
	s.ask(t, "GET", fmt.Sprintf(k.list, none), nil, s.missing, "Environment with ID "+none+" does not exist in the database")
	s.ask(t, "POST", k.path, k.body(1).in(none), s.missing, "Environment with ID "+none+" does not exist in the database")
	for _, field := range []string{"name", "alias", "source_catalog", "source_type", "config"} {
		s.ask(t, "POST", k.path, k.body(1).with(field, "").in(env), 400, missing(field))
	}
	s.ask(t, "POST", k.path, k.body(1), 400, missing("environment_id"))
	enum := func(field, choices, shown string) string {
		return fmt.Sprintf(`[{'type': 'enum', 'loc': ('body', '%s'), 'msg': "Input should be %s", 'input': %s, 'ctx': {'expected': "%[2]s"}}]`, field, choices, shown)
	}
	for value, shown := range map[string]string{"null": "None", `"database"`: "'database'", `"POSTGRESQL"`: "'POSTGRESQL'", "1": "1"} {
		s.ask(t, "POST", k.path, k.body(1).with("source_catalog", value).in(env), 400, enum("source_catalog", "'DATABASE', 'API' or 'FILE'", shown))
		s.ask(t, "POST", k.path, k.body(1).with("source_type", value).in(env), 400, enum("source_type", oneOfText(s.sourceTypes), shown))
	}
	for value, shown := range map[string]string{"null": "None", "[]": "[]", `"{}"`: "'{}'", "1": "1"} {
		s.ask(t, "POST", k.path, k.body(1).with("config", value).in(env), 400, wrongType("config", "dict_type", "Input should be a valid dictionary", shown))
	}
	// The input is shown, with what is secret in it.
	s.ask(t, "POST", k.path, sourceBody(1, "mysql", `{"password":"it's secret"}`).with("alias", "").in(env), 400,
		`[{'type': 'missing', 'loc': ('body', 'alias'), 'msg': 'Field required', 'input': {'config': {'password': "it's secret"}, 'environment_id': '`+env+
			`', 'name': 'd1', 'source_catalog': 'DATABASE', 'source_type': 'mysql'}}]`)

	for i, kind := range s.sourceTypes {
		for j, catalog := range []string{"DATABASE", "API", "FILE"} { // any with any, and whatever is in config
			s.make(t, k, env, sourceBody(100+10*i+j, kind, `{"foo":{},"port":"x"}`).with("source_catalog", `"`+catalog+`"`))
		}
	}
	first, path := s.make(t, k, env, k.body(1).with("id", `"`+none+`"`).with("created_at", `"2000-01-01T00:00:00"`).with("foo", "{}"))
	if first.text("id") == none || first.text("created_at") < "2001" || first["foo"] != nil || first.text("created_at") == first.text("updated_at") {
		t.Errorf("a create sets what is the server's: %s", first)
	}
	s.ask(t, "POST", k.path, k.body(1).in(env), 409, k.taken+env)
	s.make(t, k, env, k.body(1).with("name", `"D1"`))
	s.make(t, k, s.newEnvironment("other data sources"), k.body(1))
	s.ask(t, "GET", k.path+"/"+strings.ToUpper(first.text("id")), nil, 200, "")
	s.ask(t, "GET", k.path+"/"+none, nil, 404, "Data source with ID "+none+" does not exist")
	if !s.longNames {
		for length, refusal := range map[int]string{4000: "index row size 4016 exceeds btree version 4 maximum 2704 for index \"ix_data_sources_name\"", 12000: "index row requires 12016 bytes, maximum size is 8191"} {
			name, _ := json.Marshal(noise(length))
			s.ask(t, "POST", k.path, k.body(2).with("name", string(name)).in(env), 500, "(psycopg.errors.ProgramLimitExceeded) "+refusal+"\n…")
		}
	}
	if s.deletions {
		s.ask(t, "DELETE", path, nil, 204, "")
		s.make(t, k, env, k.body(1)) // what is gone can be made again
	}
}

// contractDataSourceUpdates is about what an update ignores, and when it is one.
func contractDataSourceUpdates(t *testing.T, s *suite) {
	k, env := dataSourceKind, s.newEnvironment("updates of data sources")
	var paths []string
	var before fields
	for n := range 3 {
		made, path := s.make(t, k, env, k.body(n+1).with("description", `"o"`).with("config", `{"k":1,"password":"p"}`))
		paths, before = append(paths, path), made
	}
	path := paths[2]
	ignored := fields{}.with("environment_id", `"x"`).with("source_type", `1`).with("source_catalog", `"FILE"`).with("id", "1").with("created_at", "1").with("foo", "[]")
	for _, change := range []fields{{}, ignored, fields{}.with("name", "null").with("alias", "null").with("description", "null").with("config", "null"),
		k.body(3).with("config", `{"password":"p","k":1}`), k.body(3).with("config", `{"k":true,"password":"p"}`).in(s.newEnvironment("a move of a data source"))} {
		if after := s.put(t, k, env, path, change); after.String() != before.String() {
			t.Errorf("after a PUT of %s without a change\n got %s\nwant %s", change, after, before)
		}
	}
	after := s.put(t, k, env, path, ignored.with("config", `{"k":2}`))
	if string(after["config"]) != `{"k":2}` || after.text("updated_at") <= before.text("updated_at") || after.text("created_at") != before.text("created_at") || after.text("source_catalog") != "DATABASE" {
		t.Errorf("a PUT of a config makes %s of %s", after, before)
	}
	if after = s.put(t, k, env, path, fields{}.with("description", `""`)); string(after["config"]) != `{"k":2}` || string(after["description"]) != `""` {
		t.Errorf("a PUT of a description makes %s", after)
	}
	if after = s.put(t, k, env, path, fields{}.with("config", `{}`)); string(after["config"]) != `{}` {
		t.Errorf("a PUT of an empty config makes %s", after)
	}

	// Only creates look for twins.
	s.put(t, k, env, paths[1], fields{}.with("name", `"d1"`))
	s.ask(t, "POST", k.path, k.body(1).in(env), 409, k.taken+env)
	s.make(t, k, env, k.body(2))

	s.ask(t, "PUT", k.path+"/"+none, k.body(1), 404, "Data source with ID "+none+" does not exist")
	s.ask(t, "PUT", k.path+"/abc", k.body(1), 400, "[{'type': 'uuid_parsing', 'loc': ('path', 'data_source_id'), 'msg': 'Input should be a valid UUID, …")
	s.ask(t, "PUT", path, nil, 400, "[{'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}]")
	s.ask(t, "PUT", k.path+"/"+none, fields{}.with("alias", "1").with("config", `"secret"`), 400,
		`[{'type': 'string_type', 'loc': ('body', 'alias'), 'msg': 'Input should be a valid string', 'input': 1}, {'type': 'dict_type', 'loc': ('body', 'config'), 'msg': 'Input should be a valid dictionary', 'input': 'secret'}]`)
}

// contractDataSourceHelpers is about what tests do with data sources.
func contractDataSourceHelpers(t *testing.T, s *suite) {
	env := s.newEnvironment("helpers of data sources")
	made := s.CreateDataSource(env, map[string]any{"name": "d", "alias": "a", "source_catalog": "DATABASE", "source_type": "sqlite", "config": map[string]any{"in_memory": true}})
	if problem := s.PingDataSource(made.ID); problem != "" {
		t.Errorf("ping says %s", problem)
	}
	changed := s.UpdateDataSource(made.ID, map[string]any{"description": "", "config": map[string]any{"file_path": "/no/dir/x.db", "n": json.Number("1.50")}})
	if changed.Config["n"] != json.Number("1.5") || changed.Description == nil || changed.UpdatedAt == made.UpdatedAt || changed.Alias != "a" || changed.EnvironmentID != env {
		t.Errorf("the update shows %+v", changed)
	}
	if problem := s.PingDataSource(made.ID); !strings.HasPrefix(problem, "(sqlite3.OperationalError) unable to open database file\n") {
		t.Errorf("ping says %s", problem)
	}
	read, ok := s.DataSource(made.ID)
	if listed := s.DataSources(env); !ok || !reflect.DeepEqual(read, changed) || len(listed) != 1 || !reflect.DeepEqual(listed[0], changed) {
		t.Errorf("%+v and %+v are read after %+v", read, listed, changed)
	}
	if _, ok := s.DataSource(none); ok {
		t.Error("there is a data source that is not there")
	}
}

// objects are JSON of any content, as JSON keeps it, and as JSONB does if that differs.
var objects = []struct{ sent, text, binary string }{
	{`{}`, `{}`, ""},
	{`{"k":null,"":1}`, `{"k":null,"":1}`, `{"":1,"k":null}`},
	{`{"zz":1,"a":{"y":[],"x":{}},"é":[true,"s",""],"b":{"c":{"dd":1,"e":2}}}`, `{"zz":1,"a":{"y":[],"x":{}},"é":[true,"s",""],"b":{"c":{"dd":1,"e":2}}}`,
		`{"a":{"x":{},"y":[]},"b":{"c":{"e":2,"dd":1}},"zz":1,"é":[true,"s",""]}`},
	{`{ "k" : {"b":1, "a":2, "b":3} }`, `{"k":{"b":3,"a":2}}`, `{"k":{"a":2,"b":3}}`},
	{`{"k":[1,1.0,1.50,1e3,1E+2,1e-7,1e15,1e16,1.5e17,1e22,-1e22,-0.0,-0,0.1,1e-320]}`, `{"k":[1,1.0,1.5,1000.0,100.0,1e-07,1000000000000000.0,1e+16,1.5e+17,1e+22,-1e+22,-0.0,0,0.1,1e-320]}`,
		`{"k":[1,1.0,1.5,1000.0,100.0,1e-07,1000000000000000.0,10000000000000000,150000000000000000,10000000000000000000000,-10000000000000000000000,0.0,0,0.1,1e-320]}`},
	{`{"k":[9007199254740993,18446744073709551615,123456789012345678901234567890,3.14159265358979323846]}`,
		`{"k":[9007199254740993,18446744073709551615,123456789012345678901234567890,3.141592653589793]}`, ""},
	{`{"k":"b<>&\u2028é\u0065\u0301\ud83d\ude00"}`, "{\"k\":\"b<>&\u2028ée\u0301😀\"}", ""},
}

// lostUpdates are updates of JSON, and whether they are lost because Python calls old and new equal.
var lostUpdates = []struct {
	old, new string
	lost     bool
}{
	{`{"k":1}`, `{"k":true}`, true},
	{`{"k":true}`, `{"k":1}`, true},
	{`{"k":false}`, `{"k":0}`, true},
	{`{"k":1}`, `{"k":1.0}`, true},
	{`{"k":[1,{"x":0}]}`, `{"k":[true,{"x":false}]}`, true},
	{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true},
	{`{"k":10000000000000000000000}`, `{"k":1e22}`, true},
	{`{"k":9007199254740993}`, `{"k":9007199254740992.0}`, false},
	{`{"k":1}`, `{"k":"1"}`, false},
	{`{"k":null}`, `{}`, false},
	{`{"k":""}`, `{"k":null}`, false},
}

// contractDataSourceConfig is about what becomes of JSON in config.
func contractDataSourceConfig(t *testing.T, s *suite) {
	k, env := dataSourceKind, s.newEnvironment("configs of data sources")
	n := 0
	next := func() fields { n++; return k.body(n) }
	_, path := s.make(t, k, env, next())
	for _, c := range objects {
		want := c.text
		if s.jsonb && c.binary != "" {
			want = c.binary
		}
		if made, _ := s.make(t, k, env, next().with("config", c.sent)); string(made["config"]) != want {
			t.Errorf("config %s is created as %s, want %s", c.sent, made["config"], want)
		}
		s.put(t, k, env, path, fields{}.with("config", `{"replaced":true}`))
		if changed := s.put(t, k, env, path, fields{}.with("config", c.sent)); string(changed["config"]) != want {
			t.Errorf("a PUT of config %s makes it %s, want %s", c.sent, changed["config"], want)
		}
	}
	for _, c := range lostUpdates {
		s.put(t, k, env, path, fields{}.with("config", `{"other":1}`))
		before := s.put(t, k, env, path, fields{}.with("config", c.old))
		after := s.put(t, k, env, path, fields{}.with("config", c.new))
		if lost := after.String() == before.String(); lost != c.lost {
			t.Errorf("a PUT of %s makes %s of %s", c.new, after, before)
		}
	}
	// A change beside it is made alone, and two steps lose nothing.
	s.put(t, k, env, path, fields{}.with("config", `{"k":1}`))
	if after := s.put(t, k, env, path, fields{}.with("config", `{"k":true}`).with("alias", `"changed"`)); string(after["config"]) != `{"k":1}` || after.text("alias") != "changed" {
		t.Errorf("after a PUT of true for 1 and an alias: %s", after)
	}
	s.put(t, k, env, path, fields{}.with("config", `{"k":true,"_":0}`))
	if after := s.put(t, k, env, path, fields{}.with("config", `{"k":true}`)); string(after["config"]) != `{"k":true}` {
		t.Errorf("after two PUTs: %s", after)
	}
}

// contractDataSourceRefusals is about configs that JSON of Python may be, and that a database refuses or nothing can show.
func contractDataSourceRefusals(t *testing.T, s *suite) {
	k, env := dataSourceKind, s.newEnvironment("refused data sources")
	_, path := s.make(t, k, env, k.body(1))
	if s.jsonb {
		long := strings.Repeat("long", 20)
		for i, c := range []struct{ config, refusal string }{
			{`{"a":1,"k":[1e400]}`, "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"Infinity\" is invalid.\nCONTEXT:  JSON data, line 1: {\"a\": 1, \"k\": [Infinity...\n"},
			{`{"k":-1e400}`, "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"-Infinity\" is invalid.\nCONTEXT:  JSON data, line 1: {\"k\": -Infinity...\n"},
			{`{"k":NaN}`, "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"NaN\" is invalid.\nCONTEXT:  JSON data, line 1: {\"k\": NaN...\n"},
			{`{"password":"se\u0000cret"}`, "UntranslatableCharacter) unsupported Unicode escape sequence\nDETAIL:  \\u0000 cannot be converted to text.\nCONTEXT:  JSON data, line 1: {\"password\": \"se\\u0000...\n"},
			{`{"é` + long + `":"\u0000"}`, "UntranslatableCharacter) unsupported Unicode escape sequence\nDETAIL:  \\u0000 cannot be converted to text.\nCONTEXT:  JSON data, line 1: ..." + long[len(long)-39:] + "\": \"\\u0000...\n"},
			{`{"k":"😀\ud800"}`, "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Unicode low surrogate must follow a high surrogate.\nCONTEXT:  JSON data, line 1: {\"k\": \"\\ud83d\\ude00\\ud800\"...\n"},
			{`{"\udfff":0}`, "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Unicode low surrogate must follow a high surrogate.\nCONTEXT:  JSON data, line 1: {\"\\udfff...\n"},
		} {
			s.ask(t, "POST", k.path, k.body(i+2).with("config", c.config).in(env), 500, "(psycopg.errors."+c.refusal+"unnamed portal parameter $8 = '...'\n[SQL: INSERT INTO data_sources (id, environment_id, …")
			s.ask(t, "PUT", path, fields{}.with("alias", `"b"`).with("config", c.config), 500, "(psycopg.errors."+c.refusal+"unnamed portal parameter $2 = '...'\n[SQL: UPDATE data_sources SET alias=%(alias)s::VARCHAR, config=%(config)s::JSONB, …")
		}
		// What was sent with it is shown.
		status, answer := s.Do("PUT", path, `{"alias":"\u0000","config":{"z":1,"password":"it's secret"}}`)
		if want := `[parameters: {'alias': '\x00', 'config': Jsonb({'z': 1, 'password': "it's secret"}), 'updated_at': `; status != 500 || !strings.Contains(string(answer), want) {
			t.Errorf("%d %s\nshows no %s", status, answer, want)
		}
		if got := s.ask(t, "GET", path, nil, 200, ""); string(got["config"]) != `{"k":1}` || got.text("alias") != "a" {
			t.Errorf("refused updates make %s", got)
		}
		return
	}
	for i, number := range []string{"1e400", "-1e400", "NaN"} {
		if made, _ := s.make(t, k, env, k.body(i+2).with("config", `{"a":1,"k":[`+number+`]}`)); string(made["config"]) != `{"a":1,"k":[null]}` {
			t.Errorf("%s is shown as %s", number, made["config"])
		}
	}
	if made, _ := s.make(t, k, env, k.body(8).with("config", `{"k\u0000":"\u0000"}`)); string(made["config"]) != `{"k\u0000":"\u0000"}` {
		t.Errorf("NUL is shown as %s", made["config"])
	}
	for _, config := range []string{`{"k":"\ud800"}`, `{"k":{"\udfff":0}}`} {
		s.ask(t, "PUT", path, fields{}.with("config", config), 500, "Internal Server Error")
		s.ask(t, "GET", path, nil, 500, "Internal Server Error")
		s.ask(t, "GET", fmt.Sprintf(k.list, env), nil, 500, "Internal Server Error")
		s.ask(t, "POST", k.path, k.body(1).in(env), 409, k.taken+env)
	}
	s.put(t, k, env, path, fields{}.with("config", `{}`))
	poisoned := k.body(9).with("config", `{"k":"\udfff"}`).in(env)
	s.ask(t, "POST", k.path, poisoned, 500, "Internal Server Error")
	s.ask(t, "POST", k.path, poisoned, 409, strings.Replace(k.taken, "1", "9", 1)+env) // it is there
}

// contractDataSourceDeletion deletes data sources that metrics use, what is gone, and an environment under one.
func contractDataSourceDeletion(t *testing.T, s *suite) {
	k, env := dataSourceKind, s.newEnvironment("deletion of data sources")
	made, path := s.make(t, k, env, k.body(1))
	if !s.deletions { // nor can metrics be made
		s.ask(t, "DELETE", path, nil, 500, s.noColumn()+"…")
		s.ask(t, "DELETE", k.path+"/"+none, nil, 404, "Data source with ID "+none+" does not exist")
		return
	}
	id := made.text("id")
	gone := func() {
		t.Helper()
		status, refusal := 404, "Data source with ID "+id+" does not exist"
		s.ask(t, "GET", path, nil, status, refusal)
		s.ask(t, "PUT", path, fields{}, status, refusal)
		s.ask(t, "POST", path+"/ping", nil, status, refusal)
		s.ask(t, "GET", path+"/schema", nil, status, refusal)
		if !s.dependencies {
			status, refusal = 500, "500: Failed to delete data source"
		}
		s.ask(t, "DELETE", path, nil, status, refusal)
	}
	metric := create[struct{ ID string }](s.Cortex, "/metrics", map[string]any{"data_model_id": s.Attach(env, "data model", "m"), "name": `k"`, "alias": nil, "table_name": "t", "data_source_id": id})
	there := func(want int) {
		t.Helper()
		if status, answer := s.Do("GET", "/metrics/"+metric.ID+"?environment_id="+env, nil); status != want {
			t.Errorf("the metric: %d %s, want %d", status, answer, want)
		}
	}
	switch {
	case s.dependencies:
		refusal := fmt.Sprintf(`{"detail":{"error":"DataSourceHasDependencies","message":"Cannot delete data source %s: 1 metric(s) depend on it","data_source_id":"%[1]s",`+
			`"dependencies":{"metrics":[{"id":"%s","name":"k\"","alias":null,"version_count":1}]}}}`, id, metric.ID)
		for _, query := range []string{"", "?cascade=false", "?cascade=0"} {
			s.ask(t, "DELETE", path+query, nil, 409, refusal)
		}
		s.ask(t, "DELETE", path+"?cascade=x", nil, 400, "[{'type': 'bool_parsing', 'loc': ('query', 'cascade'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': 'x'}]")
		there(200)
		s.ask(t, "DELETE", path+"?cascade=true", nil, 204, "")
		there(404)
	case s.foreignKeys:
		s.ask(t, "DELETE", path+"?cascade=true", nil, 500, "(psycopg.errors.ForeignKeyViolation) update or delete on table \"data_sources\" violates foreign key constraint \"fk_metrics_data_source_id\" on table \"metrics\"\nDETAIL:  Key (id)=("+
			id+") is still referenced from table \"metrics\".\n[SQL: DELETE FROM data_sources WHERE data_sources.id = %(id_1)s::UUID]\n[parameters: {'id_1': UUID('"+id+"')}]\n(Background on this error at: https://sqlalche.me/e/21/gkpj)")
		s.do("DELETE", "/metrics/"+metric.ID+"?environment_id="+env, nil, 204, nil)
		s.ask(t, "DELETE", path+"?cascade=x", nil, 204, "")
	default:
		s.ask(t, "DELETE", path, nil, 204, "")
		there(200)
	}
	gone()

	// A file under one key goes with the data source, and so does its folder when nothing is left in it. One under another key stays.
	for key, removed := range map[string]bool{"sqlite_path": s.sheets, "file_path": false} {
		dir := t.TempDir()
		file := filepath.Join(dir, "of the file", "x.db")
		if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.WriteFile(filepath.Join(dir, "another"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		s.SQLiteDatabase(file)
		source := s.CreateDataSource(env, map[string]any{"name": key, "alias": "a", "source_catalog": "FILE", "source_type": "sqlite", "config": map[string]any{key: file}})
		s.DeleteDataSource(source.ID)
		for _, path := range []string{file, filepath.Dir(file)} {
			if _, err := os.Stat(path); os.IsNotExist(err) != removed {
				t.Errorf("%s after the data source with its %s: %v", path, key, err)
			}
		}
	}

	env = s.newEnvironment("deletion under a data source")
	_, path = s.make(t, k, env, k.body(1))
	if s.foreignKeys {
		s.ask(t, "DELETE", "/environments/"+env, nil, 500, "(psycopg.errors.ForeignKeyViolation) update or delete on table \"environments\" violates foreign key constraint \"data_sources_environment_id_fkey\" …")
		return
	}
	s.ask(t, "DELETE", "/environments/"+env, nil, 204, "")
	s.ask(t, "GET", fmt.Sprintf(k.list, env), nil, s.missing, "Environment with ID "+env+" does not exist in the database")
	s.ask(t, "GET", path+"/schema", nil, 500, "Failed to retrieve schema for data source: Environment with ID "+env+" does not exist in the database")
	s.ask(t, "PUT", path, fields{}.with("alias", `"b"`), 200, "")
	s.ask(t, "DELETE", path, nil, 204, "")
}

// source makes a data source with a config that is sent as it is.
func (s *suite) source(t *testing.T, env, kind, config string) (path string) {
	t.Helper()
	s.sourceNumber++
	made := s.ask(t, "POST", "/data/sources", sourceBody(s.sourceNumber, kind, config).in(env), 201, "")
	return "/data/sources/" + made.text("id")
}

// config is one with another value of a key; nil takes the key away.
func config(d map[string]any, key string, value any) string {
	d = maps.Clone(d)
	if d[key] = value; value == nil {
		delete(d, key)
	}
	text, _ := json.Marshal(d)
	return string(text)
}

// ping returns what keeps Cortex from the database. All the rest of the answer follows from the data source.
func (s *suite) ping(t *testing.T, path string) (problem string) {
	t.Helper()
	source := s.ask(t, "GET", path, nil, 200, "")
	_, text := s.Do("POST", path+"/ping", nil)
	answer := s.ask(t, "POST", path+"/ping", nil, 200, "")
	quoted := func(s string) string { return string(dumpJSON(s)) }
	want := fmt.Sprintf(`{"status":"success","message":%s,"data_source_id":"%s","data_source_name":%s,"source_type":"%s"}`,
		quoted("Successfully connected to data source "+source.text("name")), source.text("id"), quoted(source.text("name")), source.text("source_type"))
	if problem = answer.text("error"); answer["error"] != nil {
		want = fmt.Sprintf(`{"status":"failed","message":%s,"data_source_id":"%s","error":%s}`, quoted("Failed to connect to data source: "+problem), source.text("id"), quoted(problem))
	}
	if string(text) != want {
		t.Errorf("ping answers\n%s\nwant\n%s", text, want)
	}
	if after := s.ask(t, "GET", path, nil, 200, ""); after.String() != source.String() {
		t.Errorf("ping makes %s of %s", after, source)
	}
	return problem
}

// sourceSchema returns the schema of a database, or what keeps Cortex from it.
func (s *suite) sourceSchema(t *testing.T, path string) (schema, problem string) {
	t.Helper()
	source := s.ask(t, "GET", path, nil, 200, "")
	status, text := s.Do("GET", path+"/schema", nil)
	if status == 500 {
		problem, cut := strings.CutPrefix(string(text), "Failed to retrieve schema for data source: ")
		if !cut {
			t.Errorf("schema answers %s", text)
		}
		return "", problem
	}
	head := fmt.Sprintf(`{"data_source_id":"%s","data_source_name":"%s","source_type":"%s","schema":`, source.text("id"), source.text("name"), source.text("source_type"))
	schema, cut := strings.CutPrefix(string(text), head)
	if status != 200 || !cut {
		t.Errorf("schema answers %d\n%s\nwant\n%s…", status, text, head)
	}
	return strings.TrimSuffix(schema, "}"), ""
}

var sampleTables = []Table{
	{Name: "t \"2", Columns: []Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "n m", Type: "VARCHAR(5)", NotNull: true}, {Name: "c", Type: "CHAR(3)"},
		{Name: "amount", Type: "NUMERIC(12,2)"}}},
	{Name: "a", Columns: []Column{{Name: "b", Type: "BIGINT"}, {Name: "s", Type: "SMALLINT"}, {Name: "t", Type: "TEXT"}, {Name: "d", Type: "DATE"},
		{Name: "ts", Type: "TIMESTAMP"}, {Name: "y", Type: "BOOLEAN", NotNull: true}}},
}

func reflectedColumn(name, kind, numbers, nullable string) string {
	return fmt.Sprintf(`{"name":"%s","type":"%s",%s,"nullable":%s,"default_value":null}`, name, kind, numbers, nullable)
}

const noNumbers = `"max_length":null,"precision":null,"scale":null`

// reflectedTables are the sampleTables as a schema shows them.
func reflectedTables(keyNullable string) (t, a string) {
	t = `{"name":"t \"2","columns":[` + strings.Join([]string{
		reflectedColumn("id", "INTEGER", noNumbers, keyNullable),
		reflectedColumn("n m", "VARCHAR", `"max_length":5,"precision":null,"scale":null`, "false"),
		reflectedColumn("c", "CHAR", `"max_length":3,"precision":null,"scale":null`, "true"),
		reflectedColumn("amount", "NUMERIC", `"max_length":null,"precision":12,"scale":2`, "true"),
	}, ",") + `],"primary_keys":["id"],"foreign_keys":[]}`
	a = `{"name":"a","columns":[` + strings.Join([]string{
		reflectedColumn("b", "BIGINT", noNumbers, "true"), reflectedColumn("s", "SMALLINT", noNumbers, "true"), reflectedColumn("t", "TEXT", noNumbers, "true"),
		reflectedColumn("d", "DATE", noNumbers, "true"), reflectedColumn("ts", "TIMESTAMP", noNumbers, "true"), reflectedColumn("y", "BOOLEAN", noNumbers, "false"),
	}, ",") + `],"primary_keys":[],"foreign_keys":[]}`
	return t, a
}

// contractPostgreSQL connects to a database whose names need escaping in a URL.
func contractPostgreSQL(t *testing.T, s *suite) {
	env, name := s.newEnvironment("PostgreSQL"), s.Name(`p@ss/w:rd %41"é`)
	password := `p@ss/w:rd %41"é`
	d := s.PostgreSQLDatabase(name, password, name, sampleTables...)
	good := d.Config()
	refused := func(port int, why string) string {
		return fmt.Sprintf("(psycopg.OperationalError) connection failed: connection to server at \"127.0.0.1\", port %d failed: %s\n(Background on this error at: https://sqlalche.me/e/21/e3q8)", port, why)
	}
	const nobody = "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"

	path := s.source(t, env, "postgresql", config(good, "", nil))
	if problem := s.ping(t, path); problem != "" {
		t.Errorf("no connection with everything encoded: %s", problem)
	}
	if s.metricsWork {
		table, a := reflectedTables("false")
		want := `{"tables":[` + table + "," + a + "]}"
		if schema, problem := s.sourceSchema(t, path); schema != want {
			t.Errorf("the schema is\n%s %s\nwant\n%s", schema, problem, want)
		}
	} else {
		s.ask(t, "GET", path+"/schema", nil, 500, s.noColumn()+"…")
	}

	// Nothing is escaped: raw, each of the three fails. Where one does not, the provider must no longer encode it.
	for key, value := range map[string]string{"username": name, "password": password, "database": name} {
		if problem := s.ping(t, s.source(t, env, "postgresql", config(good, key, value))); problem == "" {
			t.Errorf("%s connects without being encoded", key)
		}
	}
	colon := s.PostgreSQLDatabase(s.Name("other"), "sec@ret:1", s.Name("other")).Config()
	if problem := s.ping(t, s.source(t, env, "postgresql", config(colon, "", nil))); problem != "" {
		t.Errorf("no connection with an encoded colon: %s", problem)
	}
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{"password", "sec@ret:1", fmt.Sprintf("invalid literal for int() with base 10: '1@127.0.0.1:%d'", d.Port)}, // a part of the secret
		{"password", "wrong", refused(d.Port, "FATAL:  password authentication failed for user \""+s.Name("other")+"\"")},
		{"username", "nob%22ody", refused(d.Port, "FATAL:  password authentication failed for user \"nob\"ody\"")},
		{"username", "a:b", refused(d.Port, "FATAL:  password authentication failed for user \"a\"")},
		{"database", "no%22 %zz%41", refused(d.Port, "FATAL:  database \"no\" %zzA\" does not exist")},
		{"port", 1, refused(1, nobody)},
		{"port", true, refused(1, nobody)},
		{"port", fmt.Sprintf(" %d.0 ", d.Port), ""},
		{"port", 99999, "(psycopg.OperationalError) connection is bad: invalid port number: \"99999\"\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"},
		{"host", "::1", fmt.Sprintf("invalid literal for int() with base 10: ':1:%d'", d.Port)},
		{"host", "localhost", ""},
		{"dialect", "postgresql", ""},
		{"dialect", "MySQL", ""},
		{"database", percentEncode(s.Name("other")) + "?application_name=x", ""},
		{"schema", "nope", ""},
		{"ssl_mode", "verify-full", ""},
	} {
		if problem := s.ping(t, s.source(t, env, "postgresql", config(colon, c.key, c.value))); problem != c.want {
			t.Errorf("with the %s %v, ping says %s\nwant %s", c.key, c.value, problem, c.want)
		}
	}
	s.contractCredentials(t, env)
}

// pydanticError is the text of its ValidationError.
func pydanticError(model string, problems ...string) string {
	s := "s"
	if len(problems) == 1 {
		s = ""
	}
	return fmt.Sprintf("%d validation error%s for %s\n%s", len(problems), s, model, strings.Join(problems, "\n"))
}

// pydanticProblem is one of them; field is "" for the whole model.
func pydanticProblem(field, kind, msg, value, valueType string) string {
	if field != "" {
		field += "\n"
	}
	return fmt.Sprintf("%s  %s [type=%s, input_value=%s, input_type=%s]\n    For further information visit https://errors.pydantic.dev/2.14/v/%[3]s", field, msg, kind, value, valueType)
}

// contractCredentials is about details that lead nowhere, and how much of them is shown.
func (s *suite) contractCredentials(t *testing.T, env string) {
	const model, start = "CommonProtocolSQLCredentials", "{'host': '127.0.0.1', 'po..."
	required := func(field, value string) string {
		return pydanticProblem(field, "missing", "Field required", value, "dict")
	}
	// Where keys are ordered, the password comes last.
	leak, end := "STGRESQL: 'postgresql'>}", "'dialect': 'postgresql'}"
	if s.jsonb {
		leak, end = "', 'password': 'secret'}", "', 'password': 'secret'}"
	}
	const details = `{"host":"127.0.0.1","port":1,"user":"u","database":"sales","password":"secret","dialect":"postgresql"}`
	empty := []string{}
	for _, field := range []string{"host", "port", "username", "password", "database"} {
		empty = append(empty, required(field, "{'dialect': <DataSourceTypes.MYSQL: 'mysql'>}"))
	}
	noSchema := pydanticError(model, pydanticProblem("password", "string_type", "Input should be a valid string", "5", "int"),
		pydanticProblem("schema", "string_type", "Input should be a valid string", "{}", "dict"))
	if !s.sheets { // the oldest release has no field schema
		noSchema = pydanticError(model, pydanticProblem("password", "string_type", "Input should be a valid string", "5", "int"))
	}
	all := func(port string) string {
		return `{"host":"127.0.0.1","port":` + port + `,"username":"u","password":"p","database":"d"}`
	}
	for _, c := range []struct{ kind, config, want string }{
		{"postgresql", details, pydanticError(model, required("username", start+leak))},
		{"mysql", `{}`, pydanticError(model, empty...)},
		{"postgresql", `{"host":"127.0.0.1","port":1,"username":"u","password":5,"database":"d","schema":{}}`, noSchema},
		{"postgresql", all(`"x"`), pydanticError(model, pydanticProblem("port", "int_parsing", "Input should be a valid integer, unable to parse string as an integer", "'x'", "str"))},
		{"postgresql", all(`1.5`), pydanticError(model, pydanticProblem("port", "int_from_float", "Input should be a valid integer, got a number with a fractional part", "1.5", "float"))},
		{"postgresql", all(`null`), pydanticError(model, pydanticProblem("port", "int_type", "Input should be a valid integer", "None", "NoneType"))},
		{"postgresql", all(`["` + strings.Repeat("é", 30) + `"]`), pydanticError(model, pydanticProblem("port", "int_type", "Input should be a valid integer", "['"+strings.Repeat("é", 11)+"..."+strings.Repeat("é", 11)+"']", "list"))},
		{"postgresql", all(`["` + strings.Repeat("x", 46) + `"]`), pydanticError(model, pydanticProblem("port", "int_type", "Input should be a valid integer", "['"+strings.Repeat("x", 46)+"']", "list"))},
		{"postgresql", all(`["` + strings.Repeat("x", 47) + `"]`), pydanticError(model, pydanticProblem("port", "int_type", "Input should be a valid integer", "['"+strings.Repeat("x", 23)+"..."+strings.Repeat("x", 22)+"']", "list"))},
		{"mysql", all("1"), "(pymysql.err.OperationalError) (2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"},
		{"bigquery", `{"project_id":"p"}`, pydanticError("BigQueryCredentials", required("service_account_details", "{'project_id': 'p'}"))},
		{"bigquery", `{"project_id":"p","service_account_details":{}}`, "immutabledict object is immutable"},
		{"duckdb", `{"in_memory":true}`, "connect(): incompatible function arguments. The following argument types are supported:\n    1. (database: object = ':memory:', read_only: bool = False, config: dict = None) -> duckdb.DuckDBPyConnection\n\n" +
			"Invoked with: kwargs: database=':memory:', config=None"},
		{"oracle", `{}`, "Unsupported database type: DataSourceTypes.ORACLE"},
		{"snowflake", `{}`, "Unsupported database type: DataSourceTypes.SNOWFLAKE"},
	} {
		if problem := s.ping(t, s.source(t, env, c.kind, c.config)); problem != c.want {
			t.Errorf("%s %s: ping says\n%s\nwant\n%s", c.kind, c.config, problem, c.want)
		}
	}
	if !s.metricsWork {
		return
	}
	// A schema is asked for with the dialect that is configured.
	dialects := oneOfText(s.sourceTypes)
	for _, c := range []struct{ config, want string }{
		{details, pydanticError(model, required("username", start+end))},
		{strings.Replace(all("1"), "{", `{"dialect":"POSTGRESQL",`, 1), pydanticError(model, pydanticProblem("dialect", "enum", "Input should be "+dialects, "'POSTGRESQL'", "str"))},
		{strings.Replace(all("1"), "{", `{"dialect":null,`, 1), pydanticError(model, pydanticProblem("dialect", "enum", "Input should be "+dialects, "None", "NoneType"))},
	} {
		if _, problem := s.sourceSchema(t, s.source(t, env, "postgresql", c.config)); problem != c.want {
			t.Errorf("%s: schema says\n%s\nwant\n%s", c.config, problem, c.want)
		}
	}
}

// contractSQLiteFiles connects to files, those included that are not there.
func contractSQLiteFiles(t *testing.T, s *suite) {
	env, dir := s.newEnvironment("SQLite"), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	s.SQLiteDatabase(at("sales.db"), sampleTables...)
	if err := os.WriteFile(at("no database"), []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		model  = "SQLiteCredentials"
		shut   = "(sqlite3.OperationalError) unable to open database file\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"
		either = "Value error, SQLiteCredentials require either a file_path or in_memory=True"
		enum   = "{'dialect': <DataSourceTypes.SQLITE: 'sqlite'>}"
	)
	noTables, tables := `{"tables":[]}`, ""
	if table, a := reflectedTables("true"); s.reflectsFiles {
		tables = `{"tables":[` + a + "," + table + "]}"
	} else {
		noTables, tables = "[]", inspectedTables
	}
	file := func(name string) string { return fmt.Sprintf(`{"file_path":"%s"}`, at(name)) }
	byOldKey := pydanticError(model, pydanticProblem("", "value_error", either, "{'sqlite_path': '…", "dict"))
	if s.sheets {
		byOldKey = ""
	}
	notText := pydanticError(model, pydanticProblem("file_path", "string_type", "Input should be a valid string", "1", "int"))
	if s.sheets {
		notText = "'int' object has no attribute 'startswith'"
	}
	for _, c := range []struct{ config, problem, schema, makes string }{
		{file("sales.db"), "", tables, ""},
		{file("sales.db?mode=ro"), "", tables, ""},
		{file("sales%2Edb"), "", tables, ""},
		{file("new%20 #é@:.db"), "", noTables, "new  #é@:.db"},
		{file("no/dir.db"), shut, "", ""},
		{file(""), shut, "", ""},
		{file("no database"), "", "", ""},
		{`{"in_memory":true}`, "", noTables, ""},
		{`{"file_path":":memory:"}`, "", noTables, ""},
		{`{"file_path":1}`, notText, "", ""},
		{`{}`, pydanticError(model, pydanticProblem("", "value_error", either, enum, "dict")), "", ""},
		{`{"file_path":"/x","in_memory":true}`, pydanticError(model, pydanticProblem("", "value_error", "Value error, SQLiteCredentials cannot specify both file_path and in_memory",
			"{'file_path': '/x', 'in_m...Types.SQLITE: 'sqlite'>}", "dict")), "", ""},
		{`{"file_path":"/x","pragmas":[]}`, pydanticError(model, pydanticProblem("pragmas", "dict_type", "Input should be a valid dictionary", "[]", "list")), "", ""},
	} {
		path := s.source(t, env, "sqlite", c.config)
		if problem := s.ping(t, path); problem != c.problem {
			t.Errorf("%s: ping says\n%s\nwant\n%s", c.config, problem, c.problem)
		}
		if c.makes != "" {
			if info, err := os.Stat(at(c.makes)); err != nil || info.Size() != 0 {
				t.Errorf("%s: ping makes no empty file %q: %v", c.config, c.makes, err)
			}
		}
		if !s.metricsWork {
			continue
		}
		schema, problem := s.sourceSchema(t, path)
		if schema != c.schema {
			t.Errorf("%s: the schema is\n%s %s\nwant\n%s", c.config, schema, problem, c.schema)
		}
		if strings.Contains(c.config, "no database") && problem != "(sqlite3.DatabaseError) file is not a database\n[SQL: SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name]\n"+
			"(Background on this error at: https://sqlalche.me/e/21/4xp6)" {
			t.Errorf("%s: schema says %s", c.config, problem)
		}
	}
	if s.metricsWork {
		path := s.source(t, env, "sqlite", file("by schema.db"))
		if schema, problem := s.sourceSchema(t, path); schema != noTables {
			t.Errorf("the schema of no file is %s %s", schema, problem)
		}
		if _, err := os.Stat(at("by schema.db")); err != nil {
			t.Errorf("schema makes no file: %v", err)
		}
	}
	problem := s.ping(t, s.source(t, env, "sqlite", fmt.Sprintf(`{"sqlite_path":"%s"}`, at("sales.db"))))
	if head, _, _ := strings.Cut(byOldKey, "…"); problem != byOldKey && (head == "" || !strings.HasPrefix(problem, head)) {
		t.Errorf("sqlite_path: ping says\n%s\nwant\n%s", problem, byOldKey)
	}
	if got := slices.Contains(s.sourceTypes, "spreadsheet"); got {
		path := s.source(t, env, "spreadsheet", file("sales.db"))
		if problem := s.ping(t, path); problem != "" {
			t.Errorf("a spreadsheet with a file: ping says %s", problem)
		}
		s.ask(t, "POST", "/data/sources", sourceBody(1, "spreadsheet", `{"provider_type":"csv"}`).in(env), 500, "file_id is required for CSV provider")
	}
}

// inspectedTables are the sampleTables in a file as the oldest release shows them.
const inspectedTables = `[{"name":"a","columns":[{"name":"b","type":{},"nullable":true,"default":null,"primary_key":0},{"name":"s","type":{},"nullable":true,"default":null,"primary_key":0},` +
	`{"name":"t","type":{"length":null,"collation":null,"collation_schema":null},"nullable":true,"default":null,"primary_key":0},{"name":"d","type":{},"nullable":true,"default":null,"primary_key":0},` +
	`{"name":"ts","type":{"timezone":false},"nullable":true,"default":null,"primary_key":0},` +
	`{"name":"y","type":{"create_constraint":false,"name":null,"_create_events":true},"nullable":false,"default":null,"primary_key":0}]},` +
	`{"name":"t \"2","columns":[{"name":"id","type":{},"nullable":true,"default":null,"primary_key":1},` +
	`{"name":"n m","type":{"length":5,"collation":null,"collation_schema":null},"nullable":false,"default":null,"primary_key":0},` +
	`{"name":"c","type":{"length":3,"collation":null,"collation_schema":null},"nullable":true,"default":null,"primary_key":0},` +
	`{"name":"amount","type":{"precision":12,"scale":2,"decimal_return_scale":null,"asdecimal":true},"nullable":true,"default":null,"primary_key":0}]}]`

// TestFakeMySQL connects to a server that only the fake has.
func TestFakeMySQL(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	env := c.CreateEnvironment(c.CreateWorkspace("w", nil).ID, "e", nil).ID
	d := ServerDatabase{Host: "db.example.com", Port: 3306, Username: "u@x", Password: "p@ss:w/rd", Database: "d"}
	c.Fake().AddDatabase("mysql", d)
	failed := func(why string) string {
		return "(pymysql.err.OperationalError) " + why + "\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"
	}
	for i, with := range []struct {
		key, value, problem string
	}{
		{"dialect", "mysql", ""},
		{"password", "wrong", failed(`(1045, "Access denied for user 'u@x'@'localhost' (using password: YES)")`)},
		{"database", "e", failed(`(1049, "Unknown database 'e'")`)},
		{"host", "nowhere.example.com", failed(`(2003, "Can't connect to MySQL server on 'nowhere.example.com' ([Errno -2] Name or service not known)")`)},
	} {
		config := d.Config()
		config[with.key] = with.value
		source := c.CreateDataSource(env, map[string]any{"name": fmt.Sprint(i), "alias": "a", "source_catalog": "DATABASE", "source_type": "mysql", "config": config})
		if problem := c.PingDataSource(source.ID); problem != with.problem {
			t.Errorf("with the %s %s, ping says %s, want %s", with.key, with.value, problem, with.problem)
		}
	}
}
