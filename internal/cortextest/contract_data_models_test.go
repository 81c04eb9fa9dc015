package cortextest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// A pagedKind is data models or metrics: requests say the environment, lists come in pages, and refusals begin with what failed.
type pagedKind struct {
	noun, path, key string
	badCreate       string // how a create begins what its database refused
	badUpdate       string
}

var (
	dataModelKind = pagedKind{"Data model", "/data/models", "models", "Failed to create data model: ", "Failed to update data model: "}
	metricKind    = pagedKind{"Metric", "/metrics", "metrics", "Failed to create metric: ", "Failed to update metric: Failed to update metric: "}
)

// nowhere is an environment that does not exist. It is not none, which SQLite keeps as a number, as it does with each id that is all digits.
const nowhere = "00000000-0000-4000-8000-00000000000a"

// of is the path of one object.
func (k pagedKind) of(env, id string) string { return k.path + "/" + id + "?environment_id=" + env }

func (k pagedKind) missing(env, id string) string {
	return fmt.Sprintf("%s with ID %s not found in environment %s", k.noun, id, env)
}

// page reads a page of a list.
func (s *suite) page(t *testing.T, k pagedKind, query string) (all []fields) {
	t.Helper()
	answer := s.ask(t, "GET", k.path+"?"+query, nil, 200, "")
	if err := json.Unmarshal(answer[k.key], &all); err != nil || string(answer["total_count"]) != strconv.Itoa(len(all)) {
		t.Errorf("%s?%s: %v, total_count %s of %d", k.path, query, err, answer["total_count"], len(all))
	}
	return all
}

// made creates an object, and changed changes one. GET must show what they answer, and so must the list, at its top.
func (s *suite) made(t *testing.T, k pagedKind, body fields) (answer fields, id string) {
	t.Helper()
	answer = s.ask(t, "POST", k.path, body, 201, "")
	s.atTop(t, k, answer)
	return answer, answer.text("id")
}

func (s *suite) changed(t *testing.T, k pagedKind, env, id string, change fields) (answer fields) {
	t.Helper()
	answer = s.ask(t, "PUT", k.path+"/"+id, change.in(env), 200, "")
	s.atTop(t, k, answer)
	return answer
}

func (s *suite) atTop(t *testing.T, k pagedKind, answer fields) {
	t.Helper()
	env := answer.text("environment_id")
	if got := s.ask(t, "GET", k.of(env, answer.text("id")), nil, 200, ""); got.String() != answer.String() {
		t.Errorf("GET shows\n%.2000s\nafter\n%.2000s", got, answer)
	}
	if all := s.page(t, k, "page_size=1&environment_id="+env); len(all) != 1 || all[0].String() != answer.String() {
		t.Errorf("the list begins with\n%.2000s\nafter\n%.2000s", all, answer)
	}
}

// withoutMetrics is all that the head of Cortex's repository does with data models and metrics.
func (s *suite) withoutMetrics(t *testing.T) {
	t.Helper()
	env := s.newEnvironment("no models")
	s.ask(t, "GET", "/data/models?environment_id="+env, nil, 200, "") // there is none to count metrics of
	s.ask(t, "POST", "/data/models", fields{}.with("name", `"m"`).in(env), 500, s.noColumn()+"…")
	s.ask(t, "GET", "/data/models?environment_id="+env, nil, 500, s.noColumn()+"…")
	s.ask(t, "GET", "/data/models/"+none+"?environment_id="+env, nil, 500, dataModelKind.missing(env, none))
	for _, path := range []string{"/metrics?environment_id=" + env, "/metrics/" + none + "?environment_id=" + env} {
		s.ask(t, "GET", path, nil, 500, s.noColumn()+"…")
	}
	s.ask(t, "PUT", "/metrics/"+none, fields{}.in(env), 500, s.noColumn()+"…")
	s.ask(t, "POST", "/metrics", fields{}.with("name", `"m"`).with("data_model_id", `"`+none+`"`), 500, "Internal Server Error")
	s.ask(t, "POST", "/metrics", fields{}.with("data_model_id", `"`+none+`"`), 400, missing("name"))
}

func model(n int) fields { return fields{}.with("name", fmt.Sprintf(`"m%d"`, n)) }

// contractDataModels creates data models, and lists them.
func contractDataModels(t *testing.T, s *suite) {
	if !s.metricsWork {
		s.withoutMetrics(t)
		return
	}
	k, env := dataModelKind, s.newEnvironment("data models")
	s.run(t, ids{"env": env},
		check{name: "minimal", method: "POST", path: k.path, body: `{"environment_id":"<env>","name":"m"}`, status: 201, save: "m",
			answer: `{"id":"<m>","environment_id":"<env>","name":"m","alias":null,"description":null,"version":1,"is_active":true,"parent_version_id":null,"config":{},` +
				`"is_valid":false,"validation_errors":[],"metrics_count":0,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "maximal", method: "POST", path: k.path, body: `{"config":{"k":1},"description":"d","alias":"a","name":"m","environment_id":"<env>","is_active":false,"version":7,"id":"<none>","foo":[]}`,
			status: 201, save: "n", answer: `{"id":"<n>","environment_id":"<env>","name":"m","alias":"a","description":"d","version":1,"is_active":true,"parent_version_id":null,"config":{"k":1},` +
				`"is_valid":false,"validation_errors":[],"metrics_count":0,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "name of another environment's", method: "GET", path: k.path + "/<m>?environment_id=<none>", status: 404, answer: "Data model with ID <m> not found in environment <none>"},
		check{name: "no environment", method: "GET", path: k.path + "/<m>", status: 400, answer: `[{'type': 'missing', 'loc': ('query', 'environment_id'), 'msg': 'Field required', 'input': None}]`},
		check{name: "no id", method: "GET", path: k.path + "/x?environment_id=y", status: 400, answer: "[{'type': 'uuid_parsing', 'loc': ('path', 'model_id'), 'msg': 'Input should be a valid UUID, …"},
	)
	s.ask(t, "POST", k.path, model(1), 400, missing("environment_id"))
	s.ask(t, "POST", k.path, fields{}.in(env), 400, missing("name"))
	for value, shown := range map[string]string{"[]": "[]", `"{}"`: "'{}'", "1": "1"} {
		s.ask(t, "POST", k.path, model(1).with("config", value).in(env), 400, wrongType("config", "dict_type", "Input should be a valid dictionary", shown))
	}
	made, id := s.made(t, k, model(1).with("config", "null").in(env))
	if string(made["config"]) != "{}" || made.text("created_at") == made.text("updated_at") {
		t.Errorf("a create of config null makes %s", made)
	}
	s.ask(t, "GET", k.of(strings.ToUpper(env), strings.ToUpper(id)), nil, 200, "")
	if s.foreignKeys {
		s.ask(t, "POST", k.path, model(1).in(none), 400, k.badCreate+k.badCreate+"(psycopg.errors.ForeignKeyViolation) insert or update on table \"data_models\" violates foreign key constraint "+
			"\"data_models_environment_id_fkey\"\nDETAIL:  Key (environment_id)=("+none+") is not present in table \"environments\".\n[SQL: INSERT INTO data_models (…")
	} else {
		s.made(t, k, model(1).in(nowhere))
	}
	s.contractPages(t, k, func(env string, n int) fields { return model(n).in(env) })

	env = s.newEnvironment("inactive data models")
	_, off := s.made(t, k, model(1).in(env))
	_, on := s.made(t, k, model(2).in(env))
	s.ask(t, "DELETE", k.of(env, off), nil, 204, "")
	for query, want := range map[string]string{"": off + " " + on, "&is_active=true": on, "&is_active=0": off, "&is_active=true&is_active=no": off} {
		var got []string
		for _, m := range s.page(t, k, "environment_id="+env+query) {
			got = append(got, m.text("id"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the list with %q shows %q, want %q", query, got, want)
		}
	}
	s.ask(t, "GET", k.path+"?is_active=&page=0&page_size=101&environment_id="+env, nil, 400, `[{'type': 'greater_than_equal', 'loc': ('query', 'page'), 'msg': 'Input should be greater than or equal to 1', 'input': '0', 'ctx': {'ge': 1}}, `+
		`{'type': 'less_than_equal', 'loc': ('query', 'page_size'), 'msg': 'Input should be less than or equal to 100', 'input': '101', 'ctx': {'le': 100}}, `+
		`{'type': 'bool_parsing', 'loc': ('query', 'is_active'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': ''}]`)
}

// contractPages is about the pages of a list: the one that was written last comes first, and total_count counts a page.
func (s *suite) contractPages(t *testing.T, k pagedKind, body func(env string, n int) fields) {
	t.Helper()
	env := s.newEnvironment("pages of " + k.key)
	if all := s.page(t, k, "environment_id="+env); len(all) != 0 {
		t.Errorf("a new environment has %s", all)
	}
	if all := s.page(t, k, "environment_id=00000000-0000-4000-8000-00000000000b"); len(all) != 0 {
		t.Errorf("no environment has %s", all)
	}
	var made []string
	for n := range 23 {
		_, id := s.made(t, k, body(env, n))
		made = append([]string{id}, made...)
	}
	s.changed(t, k, env, made[20], model(100))
	made = append([]string{made[20]}, append(made[:20:20], made[21:]...)...)
	for _, c := range []struct {
		query    string
		from, to int
	}{
		{"", 0, 20}, {"&page=2", 20, 23}, {"&page=3", 23, 23}, {"&page_size=5&page=2", 5, 10}, {"&page_size=23", 0, 23}, {"&page_size=23&page=2", 23, 23},
		{"&page_size=100", 0, 23}, {"&page=%201.0&page_size=1_0", 0, 10}, {"&page=1000000000", 23, 23},
	} {
		var got []string
		for _, o := range s.page(t, k, "environment_id="+env+c.query) {
			got = append(got, o.text("id"))
		}
		if strings.Join(got, " ") != strings.Join(made[c.from:c.to], " ") {
			t.Errorf("%s with %q shows %d, want those from %d to %d", k.path, c.query, len(got), c.from, c.to)
		}
	}
	tooBig := "(psycopg.errors.NumericValueOutOfRange) bigint out of range\n…"
	if !s.foreignKeys {
		tooBig = "Python int too large to convert to SQLite INTEGER"
	}
	s.ask(t, "GET", k.path+"?page=100000000000000000000&environment_id="+env, nil, 500, "Failed to list "+strings.ToLower(k.noun)+"s: "+tooBig)
	s.ask(t, "GET", k.path+"?page_size=0&page=x&environment_id="+env, nil, 400, `[{'type': 'int_parsing', 'loc': ('query', 'page'), 'msg': 'Input should be a valid integer, unable to parse string as an integer', 'input': 'x'}, `+
		`{'type': 'greater_than_equal', 'loc': ('query', 'page_size'), 'msg': 'Input should be greater than or equal to 1', 'input': '0', 'ctx': {'ge': 1}}]`)
}

// contractTextsOf sends texts that a database may refuse.
func (s *suite) contractTextsOf(t *testing.T, k pagedKind, env, field string, body fields) {
	t.Helper()
	_, id := s.made(t, k, body)
	for value, shown := range map[string]string{`1`: "1", `true`: "True", `["x"]`: "['x']", `{"a":null}`: "{'a': None}"} {
		s.ask(t, "POST", k.path, body.with(field, value), 400, noText(field, shown))
		s.ask(t, "PUT", k.path+"/"+id, body.with(field, value).in(env), 400, noText(field, shown))
	}
	for _, value := range []string{`""`, `" x "`, `"é"`, `"e` + "\u0301" + `"`, `"a\nb\r\n\t"`, `"😀 it's \"<&>\\"`, `"` + strings.Repeat("z", 10000) + `"`} {
		if made, _ := s.made(t, k, body.with(field, value)); string(made[field]) != value {
			t.Errorf("%s %.100s is created as %.100s", field, value, made[field])
		}
		if changed := s.changed(t, k, env, id, body.with(field, value)); string(changed[field]) != value {
			t.Errorf("a PUT of %s %.100s makes it %.100s", field, value, changed[field])
		}
	}
	refused := func(value, refusal string) {
		t.Helper()
		s.ask(t, "POST", k.path, body.with(field, value), 400, k.badCreate+refusal)
		s.ask(t, "PUT", k.path+"/"+id, body.with(field, value).in(env), 500, k.badUpdate+refusal)
	}
	if s.nul {
		s.made(t, k, body.with(field, `"a\u0000b"`))
	} else {
		refused(`"a\u0000b"`, "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: …")
	}
	refused(`"a\ud800"`, `'utf-8' codec can't encode character '\ud800' in position 1: surrogates not allowed`)
	if !s.longNames && (field == "name" || field == "alias") {
		table := strings.ReplaceAll(strings.ToLower(k.noun), " ", "_") + "s"
		for length, refusal := range map[int]string{4000: fmt.Sprintf("index row size 4016 exceeds btree version 4 maximum 2704 for index \"ix_%s_%s\"", table, field), 12000: "index row requires 12016 bytes, maximum size is 8191"} {
			long, _ := json.Marshal(noise(length))
			refused(string(long), "(psycopg.errors.ProgramLimitExceeded) "+refusal+"\n…")
		}
	}
}

// contractDataModelUpdates is about what an update keeps, clears, ignores and loses.
func contractDataModelUpdates(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k, env := dataModelKind, s.newEnvironment("updates of data models")
	full := model(1).with("alias", `"a"`).with("description", `"d"`).with("config", `{"k":1,"o":2}`)
	made, id := s.made(t, k, full.in(env))
	ignored := fields{}.with("id", `1`).with("version", `7`).with("is_valid", `true`).with("metrics_count", `"x"`).with("created_at", "1").with("foo", "[]")
	before := made
	for _, change := range []fields{{}, ignored, full, fields{}.with("name", "null").with("alias", "null").with("description", "null").with("config", "null").with("is_active", "null")} {
		after := s.changed(t, k, env, id, change)
		if after.text("updated_at") <= before.text("updated_at") || after.with("updated_at", string(made["updated_at"])).String() != made.String() {
			t.Errorf("a PUT of %s without a change makes %s of %s", change, after, before)
		}
		before = after
	}
	for _, field := range []string{"name", "alias", "description"} {
		s.contractTextsOf(t, k, env, field, model(2).in(env))
		if after := s.changed(t, k, env, id, fields{}.with(field, `""`)); string(after[field]) != `""` {
			t.Errorf("a PUT of an empty %s makes %s", field, after)
		}
		if after := s.changed(t, k, env, id, fields{}.with(field, "null")); string(after[field]) != `""` {
			t.Errorf("a PUT of no %s makes %s", field, after)
		}
	}
	for value, active := range map[string]string{"false": "false", `"yes"`: "true", "0": "false", "1.0": "true"} {
		if after := s.changed(t, k, env, id, fields{}.with("is_active", value)); string(after["is_active"]) != active {
			t.Errorf("a PUT of is_active %s makes %s", value, after)
		}
	}
	s.ask(t, "PUT", k.path+"/"+id, fields{}.with("is_active", `"maybe"`).in(env), 400, wrongType("is_active", "bool_parsing", "Input should be a valid boolean, unable to interpret input", "'maybe'"))
	other := s.newEnvironment("other data models")
	s.ask(t, "PUT", k.path+"/"+id, fields{}.in(other), 404, k.missing(other, id))
	s.ask(t, "PUT", k.path+"/"+none, fields{}.in(env), 404, k.missing(env, none))
	s.ask(t, "PUT", k.path+"/"+id+"?environment_id="+env, fields{}, 400, missing("environment_id"))
	s.ask(t, "PUT", k.path+"/x", fields{}.with("config", "1").in("x"), 400, "[{'type': 'uuid_parsing', 'loc': ('path', 'model_id'), 'msg': 'Input should be a valid UUID, invalid character: found `x` at 0', 'input': 'x', "+
		"'ctx': {'error': 'invalid character: found `x` at 0'}}, {'type': 'uuid_parsing', 'loc': ('body', 'environment_id'), 'msg': 'Input should be a valid UUID, invalid character: found `x` at 0', 'input': 'x', "+
		"'ctx': {'error': 'invalid character: found `x` at 0'}}, {'type': 'dict_type', 'loc': ('body', 'config'), 'msg': 'Input should be a valid dictionary', 'input': 1}]")
	s.contractObjects(t, k, env, "config", model(3).in(env))
}

// contractObjects is about a field of any JSON.
func (s *suite) contractObjects(t *testing.T, k pagedKind, env, field string, body fields) {
	t.Helper()
	_, id := s.made(t, k, body)
	for _, c := range objects {
		want := c.text
		if s.jsonb && c.binary != "" {
			want = c.binary
		}
		if made, _ := s.made(t, k, body.with(field, c.sent)); string(made[field]) != want {
			t.Errorf("%s %s is created as %s, want %s", field, c.sent, made[field], want)
		}
		if changed := s.changed(t, k, env, id, body.with(field, c.sent)); string(changed[field]) != want {
			t.Errorf("a PUT of %s %s makes it %s, want %s", field, c.sent, changed[field], want)
		}
	}
	for _, c := range lostUpdates {
		s.changed(t, k, env, id, body.with(field, `{"other":1}`))
		before := s.changed(t, k, env, id, body.with(field, c.old))
		after := s.changed(t, k, env, id, body.with(field, c.new))
		if lost := string(after[field]) == string(before[field]); lost != c.lost {
			t.Errorf("a PUT of %s %s makes %s of %s", field, c.new, after[field], before[field])
		}
	}
	s.changed(t, k, env, id, body.with(field, `{"k":1}`))
	s.changed(t, k, env, id, body.with(field, `{"k":true,"_":0}`))
	if after := s.changed(t, k, env, id, body.with(field, `{"k":true}`)); string(after[field]) != `{"k":true}` {
		t.Errorf("after two PUTs %s is %s", field, after[field])
	}
	if s.jsonb {
		for value, refusal := range map[string]string{
			`{"k":1e400}`:   "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"Infinity\" is invalid.\nCONTEXT:  JSON data, line 1: {\"k\": Infinity...\n",
			`{"k":"\u0000"`: "UntranslatableCharacter) unsupported Unicode escape sequence\nDETAIL:  \\u0000 cannot be converted to text.\nCONTEXT:  JSON data, line 1: {\"k\": \"\\u0000...\n",
			`{"k":"\ud800"`: "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Unicode low surrogate must follow a high surrogate.\nCONTEXT:  JSON data, line 1: {\"k\": \"\\ud800\"...\n",
			`{"\udfff":0}`:  "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Unicode low surrogate must follow a high surrogate.\nCONTEXT:  JSON data, line 1: {\"\\udfff...\n",
		} {
			value = strings.TrimSuffix(value, "}") + "}"
			s.ask(t, "POST", k.path, body.with(field, value), 400, k.badCreate+"(psycopg.errors."+refusal+"unnamed portal parameter $…")
			s.ask(t, "PUT", k.path+"/"+id, body.with(field, value).in(env), 500, k.badUpdate+"(psycopg.errors."+refusal+"unnamed portal parameter $…")
		}
		return
	}
	for value, want := range map[string]string{`{"k":[1e400,-1e400,NaN]}`: `{"k":[null,null,null]}`, `{"k\u0000":"\u0000"}`: `{"k\u0000":"\u0000"}`, `{"\ud800":1}`: `{"���":1}`} {
		if made, _ := s.made(t, k, body.with(field, value)); string(made[field]) != want {
			t.Errorf("%s %s is created as %s", field, value, made[field])
		}
	}
}

// contractDataModelDeletion deletes data models, which stay.
func contractDataModelDeletion(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k, env := dataModelKind, s.newEnvironment("deletion of data models")
	made, id := s.made(t, k, model(1).in(env))
	_, metric := s.made(t, metricKind, metricBody(id))
	s.ask(t, "DELETE", k.of(none, id), nil, 404, k.missing(none, id))
	s.ask(t, "DELETE", k.of(env, none), nil, 404, k.missing(env, none))
	s.ask(t, "DELETE", k.path+"/"+id, nil, 400, `[{'type': 'missing', 'loc': ('query', 'environment_id'), 'msg': 'Field required', 'input': None}]`)
	for range 2 {
		s.ask(t, "DELETE", k.of(env, id), nil, 204, "")
		got := s.ask(t, "GET", k.of(env, id), nil, 200, "")
		if string(got["is_active"]) != "false" || string(got["metrics_count"]) != "1" || got.text("updated_at") <= made.text("updated_at") {
			t.Errorf("deletion makes %s of %s", got, made)
		}
		s.atTop(t, k, got)
	}
	if got := s.changed(t, k, env, id, fields{}.with("alias", `"a"`)); string(got["is_active"]) != "false" || got.text("alias") != "a" {
		t.Errorf("a PUT of a deleted data model makes %s", got)
	}
	// Its metrics stay, and it can get more.
	s.ask(t, "GET", metricKind.of(env, metric), nil, 200, "")
	s.made(t, metricKind, metricBody(id))
	if got := s.changed(t, k, env, id, fields{}.with("is_active", "true").with("name", `"revived"`)); string(got["is_active"]) != "true" || string(got["metrics_count"]) != "2" {
		t.Errorf("a PUT of is_active makes %s", got)
	}
	if got := s.ask(t, "GET", metricKind.of(env, metric), nil, 200, ""); got.text("data_model_name") != "revived" {
		t.Errorf("the metric shows %s", got)
	}
	for _, m := range s.page(t, metricKind, "environment_id="+env) {
		s.ask(t, "DELETE", metricKind.of(env, m.text("id")), nil, 204, "")
	}
	s.ask(t, "DELETE", k.of(env, id), nil, 204, "")
	if s.foreignKeys {
		s.ask(t, "DELETE", "/environments/"+env, nil, 500, "(psycopg.errors.ForeignKeyViolation) update or delete on table \"environments\" violates foreign key constraint \"data_models_environment_id_fkey\" …")
		return
	}
	s.ask(t, "DELETE", "/environments/"+env, nil, 204, "")
	s.ask(t, "GET", k.of(env, id), nil, 200, "")
	s.made(t, metricKind, metricBody(id))
}

// contractModelHelpers is about what tests do with data models and metrics.
func contractModelHelpers(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	env := s.newEnvironment("helpers of data models")
	made := s.CreateDataModel(env, map[string]any{"name": "m", "config": map[string]any{"n": json.Number("1.50")}})
	changed := s.UpdateDataModel(env, made.ID, map[string]any{"alias": "a"})
	if changed.Name != "m" || *changed.Alias != "a" || changed.Config["n"] != json.Number("1.5") || !changed.IsActive || changed.EnvironmentID != env {
		t.Errorf("the update shows %+v", changed)
	}
	metric := s.CreateMetric(made.ID, map[string]any{"name": "k", "limit": 5})
	replaced := s.UpdateMetric(env, metric.ID, map[string]any{"name": "l"})
	if metric.All["limit"] != json.Number("5") || replaced.All["limit"] != nil || replaced.Version != 2 || replaced.DataModelID != made.ID {
		t.Errorf("the update makes %+v of %+v", replaced, metric)
	}
	read, ok := s.Metric(env, metric.ID)
	if all := s.Metrics(env); !ok || len(all) != 1 || !reflect.DeepEqual(read, replaced) || !reflect.DeepEqual(all[0], replaced) {
		t.Errorf("%+v and %+v are read after %+v", read, all, replaced)
	}
	s.DeleteMetric(env, metric.ID)
	if _, ok := s.Metric(env, metric.ID); ok {
		t.Error("there is a metric that is not there")
	}
	s.DeleteDataModel(env, made.ID)
	model, ok := s.DataModel(env, made.ID)
	if all := s.DataModels(env); !ok || model.IsActive || model.MetricsCount != 0 || len(all) != 1 || !reflect.DeepEqual(all[0], model) {
		t.Errorf("%+v and %+v are read after %+v", model, all, changed)
	}
	if _, ok := s.DataModel(env, none); ok {
		t.Error("there is a data model that is not there")
	}
}
