package cortextest

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func metricBody(model string) fields {
	return fields{}.with("name", `"k"`).with("data_model_id", fmt.Sprintf("%q", model))
}

// newModel makes an environment with a data model.
func (s *suite) newModel(t *testing.T, name string) (env, model string) {
	t.Helper()
	env = s.newEnvironment(name)
	return env, s.CreateDataModel(env, map[string]any{"name": "dm"}).ID
}

// shownMetric is a metric of which nothing is said but its name.
const shownMetric = `{"id":"<k>","environment_id":"<env>","data_model_id":"<dm>","name":"k","alias":null,"description":null,"title":null,"query":null,"table_name":null,` +
	`"data_source_id":null,"limit":null,"grouped":true,"ordered":true,"measures":null,"dimensions":null,"joins":null,"aggregations":null,"filters":null,"order":null,` +
	`"parameters":null,"version":1,"public":true,"refresh":null,"cache":null,"meta":null,"is_valid":false,"validation_errors":[],"compiled_query":null,"data_model_name":"dm",` +
	`"created_at":"<time>","updated_at":"<time>"}`

// contractMetrics creates metrics, and lists and deletes them.
func contractMetrics(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "metrics")
	s.run(t, ids{"env": env, "dm": model},
		check{name: "minimal", method: "POST", path: k.path, body: `{"data_model_id":"<dm>","name":"k","id":"<none>","version":7,"foo":[],"is_valid":true}`, status: 201, save: "k", answer: shownMetric},
		check{name: "get", method: "GET", path: k.path + "/<k>?environment_id=<env>", status: 200, answer: shownMetric},
		check{name: "list", method: "GET", path: k.path + "?environment_id=<env>", status: 200, answer: `{"metrics":[` + shownMetric + `],"total_count":1,"page":1,"page_size":20}`},
		check{name: "in another environment", method: "GET", path: k.path + "/<k>?environment_id=<none>", status: 404, answer: "Metric with ID <k> not found in environment <none>"},
		check{name: "delete in another environment", method: "DELETE", path: k.path + "/<k>?environment_id=<none>", status: 404, answer: "Metric with ID <k> not found in environment <none>"},
		check{name: "no environment", method: "DELETE", path: k.path + "/<k>", status: 400, answer: `[{'type': 'missing', 'loc': ('query', 'environment_id'), 'msg': 'Field required', 'input': None}]`},
		check{name: "no model", method: "POST", path: k.path, body: `{"data_model_id":"<none>","name":"k"}`, status: 404, answer: "Data model with ID <none> not found"},
		check{name: "public null", method: "POST", path: k.path, body: `{"data_model_id":"<dm>","name":"k","public":null}`, status: 400, answer: "Failed to create metric: 1 validation error for SemanticMetric\n" +
			"public\n  Input should be a valid boolean [type=bool_type, input_value=None, input_type=NoneType]\n    For further information visit https://errors.pydantic.dev/2.14/v/bool_type"},
		check{name: "delete", method: "DELETE", path: k.path + "/<k>?environment_id=<env>", status: 204},
		check{name: "delete again", method: "DELETE", path: k.path + "/<k>?environment_id=<env>", status: 404, answer: "Metric with ID <k> not found in environment <env>"},
	)
	s.contractPages(t, k, func(env string, n int) fields {
		if n == 0 {
			model = s.CreateDataModel(env, map[string]any{"name": "dm"}).ID
		}
		return metricBody(model).with("name", fmt.Sprintf(`"m%d"`, n))
	})

	env, model = s.newModel(t, "lists of metrics")
	other := s.CreateDataModel(env, map[string]any{"name": "other"}).ID
	_, a := s.made(t, k, metricBody(model).with("public", "false"))
	_, b := s.made(t, k, metricBody(other))
	for query, want := range map[string]string{"": b + " " + a, "&data_model_id=" + model: a, "&data_model_id=" + strings.ToUpper(other): b, "&data_model_id=" + none: "", "&public_only=true": b, "&public_only=false": a,
		"&valid_only=true": "", "&valid_only=false": b + " " + a, "&public_only=1&data_model_id=" + model: ""} {
		var got []string
		for _, m := range s.page(t, k, "environment_id="+env+query) {
			got = append(got, m.text("id"))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("the list with %q shows %q, want %q", query, got, want)
		}
	}
	s.ask(t, "GET", k.path+"?valid_only=&public_only=2&data_model_id=x", nil, 400, "[{'type': 'missing', 'loc': ('query', 'environment_id'), 'msg': 'Field required', 'input': None}, {'type': 'uuid_parsing', 'loc': ('query', 'data_model_id'), "+
		"'msg': 'Input should be a valid UUID, invalid character: found `x` at 0', 'input': 'x', 'ctx': {'error': 'invalid character: found `x` at 0'}}, {'type': 'bool_parsing', 'loc': ('query', 'public_only'), "+
		"'msg': 'Input should be a valid boolean, unable to interpret input', 'input': '2'}, {'type': 'bool_parsing', 'loc': ('query', 'valid_only'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': ''}]")
}

// contractMetricUpdates is about what an update replaces, keeps and ignores.
func contractMetricUpdates(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "updates of metrics")
	made, id := s.made(t, k, metricBody(model))
	var full fields
	data, err := os.ReadFile(filepath.Join("testdata", "maximal-metric.json"))
	if err := json.Unmarshal(data, &full); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}

	// A create drops four fields, and an update sets all.
	created, _ := s.made(t, k, full.with("data_model_id", fmt.Sprintf("%q", model)).with("extends", fmt.Sprintf("%q", id)))
	dropped := map[string]string{"grouped": "true", "ordered": "true", "order": "null"}
	changed := s.changed(t, k, env, id, full.with("data_model_id", `"`+none+`"`).with("version", "77"))
	for field, sent := range full {
		if want, drops := dropped[field]; drops && string(created[field]) != want {
			t.Errorf("%s is created as %s, want %s", field, created[field], want)
		} else if !drops && !holds(t, created[field], sent) {
			t.Errorf("%s %s is created as %s", field, sent, created[field])
		}
		if !holds(t, changed[field], sent) {
			t.Errorf("a PUT of %s %s makes it %s", field, sent, changed[field])
		}
	}
	if string(changed["version"]) != "2" || changed.text("data_model_id") != model || changed.text("updated_at") <= made.text("updated_at") || changed.text("created_at") != made.text("created_at") {
		t.Errorf("a PUT makes %s of %s", changed, made)
	}
	// What was read can be sent, and makes a new version of the same.
	same := s.changed(t, k, env, id, changed)
	if string(same["version"]) != "3" || same.with("version", "2").with("updated_at", string(changed["updated_at"])).String() != changed.String() {
		t.Errorf("a PUT of all that was read makes %s of %s", same, changed)
	}
	// What is left out becomes null, three booleans excepted. The name may not.
	bare := s.changed(t, k, env, id, fields{}.with("name", `"n"`))
	for field := range full {
		want := map[string]string{"name": `"n"`, "grouped": "false", "ordered": "false", "public": "false"}[field]
		if want == "" {
			want = "null"
		}
		if string(bare[field]) != want {
			t.Errorf("a PUT without %s makes it %s, want %s", field, bare[field], want)
		}
	}
	for _, field := range []string{"grouped", "ordered", "public"} {
		if after := s.changed(t, k, env, id, fields{}.with("name", `"n"`).with(field, "null")); string(after[field]) != "false" {
			t.Errorf("a PUT of %s null makes it %s", field, after[field])
		}
		if after := s.changed(t, k, env, id, fields{}.with("name", `"n"`).with(field, `"yes"`)); string(after[field]) != "true" {
			t.Errorf("a PUT of %s makes it %s", field, after[field])
		}
	}
	noName := "(sqlite3.IntegrityError) NOT NULL constraint failed: metrics.name\n[SQL: UPDATE metrics SET name=?, …"
	if s.foreignKeys {
		noName = "(psycopg.errors.NotNullViolation) null value in column \"name\" of relation \"metrics\" violates not-null constraint\nDETAIL:  Failing row contains (…"
	}
	for _, body := range []fields{{}, fields{}.with("name", "null")} {
		s.ask(t, "PUT", k.path+"/"+id, body.in(env), 500, k.badUpdate+noName)
	}
	s.ask(t, "PUT", k.path+"/"+id, fields{}, 400, missing("environment_id"))
	other := s.newEnvironment("other metrics")
	s.ask(t, "PUT", k.path+"/"+id, fields{}.in(other), 404, k.missing(other, id))
	s.ask(t, "PUT", k.path+"/"+none, fields{}.in(env), 404, k.missing(env, none))

	for _, field := range []string{"name", "alias", "table_name"} {
		s.contractTextsOf(t, k, env, field, metricBody(model))
	}
	for _, field := range []string{"title", "description", "query"} {
		if after := s.changed(t, k, env, id, metricBody(model).with(field, `""`)); string(after[field]) != `""` {
			t.Errorf("a PUT of an empty %s makes %s", field, after)
		}
	}
	s.contractObjects(t, k, env, "meta", metricBody(model))
}

// holds tells whether a value that is shown has all that was sent. A number may have got another spelling.
func holds(t *testing.T, shown, sent json.RawMessage) bool {
	t.Helper()
	var a, b any
	if err := json.Unmarshal(shown, &a); err != nil {
		t.Errorf("%v in %s", err, shown)
	}
	if err := json.Unmarshal(sent, &b); err != nil {
		t.Errorf("%v in %s", err, sent)
	}
	return holdsValue(a, b)
}

func holdsValue(shown, sent any) bool {
	switch sent := sent.(type) {
	case map[string]any:
		shown, ok := shown.(map[string]any)
		for k, v := range sent {
			w, there := shown[k]
			ok = ok && there && holdsValue(w, v)
		}
		return ok
	case []any:
		shown, ok := shown.([]any)
		return ok && slices.EqualFunc(shown, sent, holdsValue)
	}
	return shown == sent
}

const (
	noSource     = `"source_type":null,"source_meta":null`
	shownMeasure = `{"name":"m","description":null,"type":"sum","formatting":null,"alias":null,"query":null,"table":null,"primary_key":null,"conditional":false,"conditions":null,` + noSource + `}`
	shownFormat  = `{"name":"f","type":"raw","description":null,"mode":"in_query","source_columns":null,"delimiter":null,"operation":null,"operands":null,"target_type":null,"format_type":"datetime","format_string":null}`
	shownMeta    = `{"max_length":null,"precision":null,"scale":null,"nullable":null,"default_value":null,"allowed_values":null,"is_auto_increment":null,"array_dimensions":null,"element_type":null,"has_timezone":null,"extra_properties":null}`
	shownFilter  = `{"name":"f","description":null,"query":"q","table":null,"operator":null,"value":null,"value_type":"string","filter_type":"where","is_active":true,` +
		`"custom_expression":null,"values":null,"min_value":null,"max_value":null,"formatting":null,"conditional":false,"conditions":null,` + noSource + `}`
	shownWhen     = `{"field":{"column":"c","table":null,"transforms":null},"operator":"=","compare_values":null,"then_return":null,"combine_with":null,"additional_conditions":null}`
	shownParam    = `{"name":"p","type":"float","description":null,"default_value":null,"required":false,"allowed_values":null,"validation_regex":null,"min_value":null,"max_value":null}`
	shownOrder    = `{"name":"o","description":null,"semantic_type":null,"semantic_name":null,"position":null,"query":null,"table":null,"order_type":"asc","nulls":null}`
	shownAggregat = `{"name":"a","description":null,"type":"sum","source_columns":[],"target_column":"t","custom_expression":null,"window":null,"percentile_value":null,"where_condition":null,"group_by_columns":null}`
)

// contractMetricDefaults is about what Cortex adds to the parts of a metric.
func contractMetricDefaults(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "parts of metrics")
	_, id := s.made(t, k, metricBody(model))
	measureWith := func(field, sent string) string {
		return `[{"name":"m","description":null,"type":"sum","` + field + `":` + sent + `}]`
	}
	shownWith := func(field, shown string) string {
		return "[" + strings.Replace(shownMeasure, `"`+field+`":null`, `"`+field+`":`+shown, 1) + "]"
	}
	dimension := func(combine string) string {
		return `[{"name":"d","description":null,"query":"q","table":null,"formatting":null,"combine":` + combine + `,"conditional":false,"conditions":null,` + noSource + `}]`
	}
	for _, c := range []struct{ field, sent, shown string }{
		{"measures", `[]`, `[]`},
		{"dimensions", `[]`, `[]`},
		{"joins", `[]`, `[]`},
		{"aggregations", `[]`, `[]`},
		{"filters", `[]`, `[]`},
		{"order", `[]`, `[]`},
		{"parameters", `{}`, `{}`},
		{"meta", `{}`, `{}`},
		{"measures", `[{"name":"m","description":null,"type":"sum","foo":1}]`, `[` + shownMeasure + `]`},
		{"measures", `[{"type":"sum","description":"","name":"m"},{"name":"m","description":null,"type":"sum"}]`, `[` + strings.Replace(shownMeasure, `"description":null`, `"description":""`, 1) + `,` + shownMeasure + `]`},
		{"measures", measureWith("formatting", `[{"name":"f","type":"raw"}]`), shownWith("formatting", "["+shownFormat+"]")},
		{"measures", measureWith("formatting", `[{"name":"f","type":"raw","mode":null,"format_type":null}]`),
			shownWith("formatting", "["+strings.NewReplacer(`"in_query"`, "null", `"datetime"`, "null").Replace(shownFormat)+"]")},
		{"measures", measureWith("formatting", `[]`), shownWith("formatting", "[]")},
		{"measures", measureWith("source_meta", `{}`), shownWith("source_meta", shownMeta)},
		{"measures", measureWith("source_type", `"text"`), shownWith("source_type", `"text"`)},
		{"measures", measureWith("conditions", `{"when_clauses":[{"field":{"column":"c"},"operator":"=","then_return":null}],"else_return":null}`), shownWith("conditions", `{"when_clauses":[`+shownWhen+`],"else_return":null}`)},
		{"measures", measureWith("conditions", `{"when_clauses":[],"else_return":{"column":"c"}}`), shownWith("conditions", `{"when_clauses":[],"else_return":{"column":"c"}}`)},
		{"measures", measureWith("conditions", `{"when_clauses":[{"field":{"column":"c"},"operator":"=","then_return":null,"additional_conditions":[{"field":{"column":"c"},"operator":"=","then_return":null}]}],"else_return":[1,{"x":true}]}`),
			shownWith("conditions", `{"when_clauses":[`+strings.Replace(shownWhen, `"additional_conditions":null`, `"additional_conditions":[`+shownWhen+`]`, 1)+`],"else_return":[1,{"x":true}]}`)},
		{"dimensions", `[{"name":"d","query":"q"}]`, dimension("null")},
		{"dimensions", `[{"name":"d","query":"q","combine":[{"query":"c"},{"query":"d","delimiter":null},{"query":"e","delimiter":""}]}]`,
			dimension(`[{"query":"c","table":null,"delimiter":" "},{"query":"d","table":null,"delimiter":null},{"query":"e","table":null,"delimiter":""}]`)},
		{"joins", `[{"name":"j","join_type":"cross","left_table":"l","right_table":"r","conditions":[{"left_table":"l","left_column":"a","right_table":"r","right_column":"b"}]}]`,
			`[{"name":"j","description":null,"join_type":"cross","left_table":"l","right_table":"r","conditions":[{"left_table":"l","left_column":"a","right_table":"r","right_column":"b","operator":"="}],"alias":null}]`},
		{"aggregations", `[{"name":"a","type":"sum","source_columns":[],"target_column":"t"}]`, `[` + shownAggregat + `]`},
		{"aggregations", `[{"name":"a","type":"sum","source_columns":[],"target_column":"t","window":{},"group_by_columns":[]}]`, `[` + strings.NewReplacer(`"window":null`,
			`"window":{"partition_by":null,"order_by":null,"frame_start":null,"frame_end":null}`, `"group_by_columns":null`, `"group_by_columns":[]`).Replace(shownAggregat) + `]`},
		{"filters", `[{"name":"f","query":"q"}]`, `[` + shownFilter + `]`},
		{"filters", `[{"name":"f","query":"q","values":[],"value":{"a":[]}}]`, `[` + strings.NewReplacer(`"values":null`, `"values":[]`, `"value":null`, `"value":{"a":[]}`).Replace(shownFilter) + `]`},
		{"order", `[{"name":"o"}]`, `[` + shownOrder + `]`},
		{"parameters", `{"other":{"name":"p","type":"float"}}`, `{"other":` + shownParam + `}`},
		{"refresh", `{"type":"sql"}`, `{"type":"sql","every":null,"sql":null,"max":null}`},
		{"cache", `{}`, `{"enabled":true,"ttl":null}`},
		{"cache", `{"enabled":"no","ttl":"60"}`, `{"enabled":false,"ttl":60}`},
		{"limit", `0`, `0`},
		{"limit", `"-1"`, `-1`},
		{"limit", `true`, `1`},
		{"limit", `5.0`, `5`},
		{"limit", `2147483647`, `2147483647`},
		{"order", `[{"name":"o","position":" 1_0.0 "}]`, `[` + strings.Replace(shownOrder, `"position":null`, `"position":10`, 1) + `]`},
	} {
		if changed := s.changed(t, k, env, id, metricBody(model).with(c.field, c.sent)); string(changed[c.field]) != c.shown {
			t.Errorf("a PUT of %s %s makes it\n%s\nwant\n%s", c.field, c.sent, changed[c.field], c.shown)
		}
		if c.field == "order" {
			c.shown = "null"
		}
		if made, _ := s.made(t, k, metricBody(model).with(c.field, c.sent)); string(made[c.field]) != c.shown {
			t.Errorf("%s %s is created as\n%s\nwant\n%s", c.field, c.sent, made[c.field], c.shown)
		}
	}
	// Python's floats, of which PostgreSQL keeps no negative zero.
	zero := "-0.0"
	if s.jsonb {
		zero = "0.0"
	}
	for sent, shown := range map[string]string{`1`: "1.0", `1.50`: "1.5", `1e3`: "1000.0", `1e22`: "1e+22", `1e-7`: "1e-07", `-0.0`: zero, `9007199254740993`: "9007199254740992.0", `123456789012345678901234567890`: "1.2345678901234568e+29",
		`3.14159265358979323846`: "3.141592653589793", `true`: "1.0", `"1"`: "1.0", `" +.5e1 "`: "5.0", `"-1_0._5e1_0"`: "-105000000000.0"} {
		parameters := func(value string) string {
			return fmt.Sprintf(`{"p":{"name":"p","type":"float","max_value":%s}}`, value)
		}
		want := `{"p":` + strings.Replace(shownParam, `"max_value":null`, `"max_value":`+shown, 1) + `}`
		if made, _ := s.made(t, k, metricBody(model).with("parameters", parameters(sent))); string(made["parameters"]) != want {
			t.Errorf("max_value %s is created as %s", sent, made["parameters"])
		}
		if changed := s.changed(t, k, env, id, metricBody(model).with("parameters", parameters(sent))); string(changed["parameters"]) != want {
			t.Errorf("a PUT of max_value %s makes %s", sent, changed["parameters"])
		}
	}
	limits := map[string]string{"9223372036854775808": "Python int too large to convert to SQLite INTEGER"}
	if s.foreignKeys {
		const refusal = "(psycopg.errors.NumericValueOutOfRange) integer out of range\n[SQL: …"
		limits = map[string]string{"2147483648": refusal, "-2147483649": refusal, "9223372036854775808": refusal}
	} else {
		s.made(t, k, metricBody(model).with("limit", "9223372036854775807"))
	}
	for limit, refusal := range limits {
		s.ask(t, "POST", k.path, metricBody(model).with("limit", limit), 400, k.badCreate+refusal)
		s.ask(t, "PUT", k.path+"/"+id, metricBody(model).with("limit", limit).in(env), 500, k.badUpdate+refusal)
	}
	s.contractMetricValues(t, env, model)
}

// contractMetricValues is about parts that can be any JSON.
func (s *suite) contractMetricValues(t *testing.T, env, model string) {
	t.Helper()
	k := metricKind
	_, id := s.made(t, k, metricBody(model))
	for field, with := range map[string]func(string) string{
		"filters": func(v string) string { return `[{"name":"f","query":"q","value":` + v + `}]` },
		"parameters": func(v string) string {
			return `{"p":{"name":"p","type":"list","allowed_values":[` + v + `]}}`
		},
		"measures": func(v string) string {
			return `[{"name":"m","description":null,"type":"sum","conditions":{"when_clauses":[],"else_return":` + v + `}}]`
		},
		"dimensions": func(v string) string {
			return `[{"name":"d","query":"q","conditions":{"when_clauses":[{"field":{"column":"c","transforms":[` + v + `]},"operator":"=","then_return":0}],"else_return":0}}]`
		},
	} {
		for _, c := range objects {
			want := c.text
			if s.jsonb && c.binary != "" {
				want = c.binary
			}
			if changed := s.changed(t, k, env, id, metricBody(model).with(field, with(c.sent))); !strings.Contains(string(changed[field]), ":"+want) && !strings.Contains(string(changed[field]), ":["+want+"]") {
				t.Errorf("a PUT of %s in %s makes it %s", c.sent, field, changed[field])
			}
		}
		for _, c := range lostUpdates {
			s.changed(t, k, env, id, metricBody(model).with(field, with("0.5")))
			before := s.changed(t, k, env, id, metricBody(model).with(field, with(c.old)))
			after := s.changed(t, k, env, id, metricBody(model).with(field, with(c.new)))
			if lost := string(after[field]) == string(before[field]); lost != c.lost || string(after["version"]) == string(before["version"]) {
				t.Errorf("a PUT of %s in %s makes %s of %s", c.new, field, after, before)
			}
		}
		// What JSON does not have becomes null, except where an update meets JSONB.
		made, _ := s.made(t, k, metricBody(model).with(field, with(`[1e400,{"k":-1e400}]`)))
		if !strings.Contains(string(made[field]), `[null,{"k":null}]`) {
			t.Errorf("infinities in %s are created as %s", field, made[field])
		}
		infinite := metricBody(model).with(field, with(`[1e400]`)).in(env)
		if s.jsonb {
			s.ask(t, "PUT", k.path+"/"+id, infinite, 500, k.badUpdate+"(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"Infinity\" is invalid.\nCONTEXT:  JSON data, line 1: …")
		} else {
			s.ask(t, "PUT", k.path+"/"+id, infinite, 200, "")
		}
	}
}

// contractPoisonedMetrics is about metrics that nothing can show.
func contractPoisonedMetrics(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	for field, value := range map[string]string{
		"measures":     `[{"name":"m\ud800","description":null,"type":"sum"}]`,
		"filters":      `[{"name":"f","query":"q","value":{"k":["\udfff"]}}]`,
		"meta":         `{"k":"\ud800"}`,
		"parameters":   `{"p":{"name":"p","type":"float","min_value":1e400}}`,
		"aggregations": `[{"name":"a","type":"sum","source_columns":[],"target_column":"t","percentile_value":"-Infinity"}]`,
	} {
		env, model := s.newModel(t, "poisoned metrics, "+field)
		_, id := s.made(t, k, metricBody(model))
		poisoned := metricBody(model).with(field, value)
		if s.jsonb {
			const refusal = "(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  …"
			s.ask(t, "POST", k.path, poisoned, 400, k.badCreate+refusal)
			s.ask(t, "PUT", k.path+"/"+id, poisoned.in(env), 500, k.badUpdate+refusal)
			continue
		}
		s.ask(t, "PUT", k.path+"/"+id, poisoned.in(env), 500, "Internal Server Error")
		s.ask(t, "GET", k.of(env, id), nil, 500, "Internal Server Error")
		s.ask(t, "GET", k.path+"?environment_id="+env, nil, 500, "Internal Server Error")
		s.changed(t, k, env, id, metricBody(model))
		s.ask(t, "POST", k.path, poisoned, 500, "Internal Server Error") // it is there
		s.ask(t, "GET", k.path+"?environment_id="+env, nil, 500, "Internal Server Error")
	}
	if s.jsonb {
		return
	}
	env, model := s.newModel(t, "keys that poison metrics")
	_, id := s.made(t, k, metricBody(model))
	key := metricBody(model).with("filters", `[{"name":"f","query":"q","value":{"\ud800":1}}]`)
	if status, _ := s.Do("POST", k.path, key.json()); status != 400 {
		t.Errorf("a key that cannot be encoded is created: %d", status)
	}
	s.ask(t, "PUT", k.path+"/"+id, key.in(env), 500, "Internal Server Error")
	s.ask(t, "GET", k.path+"?environment_id="+env, nil, 500, "Internal Server Error")
}

// contractRecommendedMetrics creates what Cortex itself recommends for a small database.
func contractRecommendedMetrics(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "recommended metrics")
	file, err := os.Open(filepath.Join("testdata", "recommended-metrics.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []fields
	if err := json.NewDecoder(unzipped).Decode(&all); err != nil || len(all) != 35 {
		t.Fatalf("%d metrics: %v", len(all), err)
	}
	closed := s.CreateDataSource(env, map[string]any{"name": "closed", "alias": "a", "source_catalog": "DATABASE", "source_type": "sqlite", "config": map[string]any{"file_path": "/no/dir.db"}}).ID
	for _, body := range all {
		for _, source := range []string{"null", `"` + closed + `"`} {
			body := body.with("data_source_id", source)
			made, id := s.made(t, k, body.with("data_model_id", fmt.Sprintf("%q", model)))
			changed := s.changed(t, k, env, id, body)
			for field, sent := range body {
				if shown := string(made[field]); shown != string(sent) && field != "grouped" {
					t.Errorf("%s: %s %s is created as %s", body["name"], field, sent, shown)
				}
				if shown := string(changed[field]); shown != string(sent) {
					t.Errorf("%s: a PUT of %s %s makes it %s", body["name"], field, sent, shown)
				}
			}
		}
	}
}

// contractMetricSources is about the columns that measures, dimensions and filters are about.
func contractMetricSources(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "sources of metrics")
	name, dir := s.Name("metrics"), t.TempDir()
	d := s.PostgreSQLDatabase(name, "p", name, sampleTables...)
	s.SQLiteDatabase(filepath.Join(dir, "x.db"), sampleTables...)
	sourceOf := func(name, kind string, config map[string]any) string {
		return s.CreateDataSource(env, map[string]any{"name": name, "alias": "a", "source_catalog": "DATABASE", "source_type": kind, "config": config}).ID
	}
	postgresql, file := sourceOf("p", "postgresql", d.Config()), sourceOf("s", "sqlite", map[string]any{"file_path": filepath.Join(dir, "x.db")})
	closed := sourceOf("c", "sqlite", map[string]any{"file_path": "/no/dir.db"})
	elsewhere := s.CreateDataSource(s.newEnvironment("source of a metric"), map[string]any{"name": "p", "alias": "a", "source_catalog": "DATABASE", "source_type": "postgresql", "config": d.Config()}).ID

	type column struct{ table, query, kind, meta string }
	parts := func(more string, columns ...column) fields {
		var measures, others []string
		for _, c := range columns {
			about := fmt.Sprintf(`"name":"x","description":null,"table":%s,"query":%q%s}`, c.table, c.query, more)
			measures, others = append(measures, `{"type":"sum",`+about), append(others, "{"+about)
		}
		list := "[" + strings.Join(others, ",") + "]"
		return metricBody(model).with("measures", "["+strings.Join(measures, ",")+"]").with("dimensions", list).with("filters", list)
	}
	is := func(m fields, columns ...column) {
		t.Helper()
		for _, field := range []string{"measures", "dimensions", "filters"} {
			var list []struct {
				Query string          `json:"query"`
				Type  *string         `json:"source_type"`
				Meta  json.RawMessage `json:"source_meta"`
			}
			if err := json.Unmarshal(m[field], &list); err != nil || len(list) != len(columns) {
				t.Fatalf("%v in %s", err, m[field])
			}
			for i, c := range columns {
				got := "null"
				if list[i].Type != nil {
					got = *list[i].Type
				}
				if got != c.kind || string(list[i].Meta) != c.meta {
					t.Errorf("in %s %q of %s has the source %s %s, want %s %s", field, c.query, c.table, got, list[i].Meta, c.kind, c.meta)
				}
			}
		}
	}
	metaOf := func(length, precision, scale, nullable string) string {
		return strings.NewReplacer(`"max_length":null`, `"max_length":`+length, `"precision":null`, `"precision":`+precision, `"scale":null`, `"scale":`+scale, `"nullable":null`, `"nullable":`+nullable).Replace(shownMeta)
	}
	sent := `,"source_type":"xml","source_meta":{"max_length":3}`
	amount := column{"null", "amount", "decimal", metaOf("null", "12", "2", "true")}
	unknown, kept := column{"null", "amount", "null", "null"}, column{"null", "amount", "xml", metaOf("3", "null", "null", "null")}
	sources := map[string]string{postgresql: "false", elsewhere: "false"}
	if s.reflectsFiles {
		sources[file] = "true" // whether a primary key may be null
	}
	for source, nullable := range sources {
		with := func(f fields) fields { return f.with("data_source_id", `"`+source+`"`) }
		columns := []column{
			amount,
			{`"t \"2"`, "amount", "decimal", metaOf("null", "12", "2", "true")},
			{`""`, "id", "integer", metaOf("null", "null", "null", nullable)},
			{"null", "n m", "varchar", metaOf("5", "null", "null", "false")},
			{"null", "c", "char", metaOf("3", "null", "null", "true")},
			{`"a"`, "b", "bigint", metaOf("null", "null", "null", "true")},
			{`"a"`, "s", "smallint", metaOf("null", "null", "null", "true")},
			{`"a"`, "t", "text", metaOf("null", "null", "null", "true")},
			{`"a"`, "d", "date", metaOf("null", "null", "null", "true")},
			{`"a"`, "ts", "timestamp", metaOf("null", "null", "null", "true")},
			{`"a"`, "y", "boolean", metaOf("null", "null", "null", "false")},
			{`"a"`, "amount", "null", "null"},
			{`"none"`, "b", "null", "null"},
			{"null", "AMOUNT", "null", "null"},
			{"null", "amount * 2", "null", "null"},
			{"null", "", "null", "null"},
		}
		for _, more := range []string{"", sent} { // what was sent is replaced, also by nothing
			made, id := s.made(t, k, with(parts(more, columns...)))
			is(made, columns...)
			is(s.changed(t, k, env, id, with(parts(more, columns...))), columns...)
		}
		// An update that takes the source away asks it once more, and makes null of empty lists.
		_, id := s.made(t, k, with(parts("", amount)))
		is(s.changed(t, k, env, id, parts(sent, amount)), amount)
		is(s.changed(t, k, env, id, parts(sent, kept)), kept)
		empty := map[string]string{"measures": "[]", "dimensions": "[]", "joins": "[]", "aggregations": "[]", "filters": "[]", "order": "[]"}
		bare := metricBody(model)
		for field, value := range empty {
			bare = bare.with(field, value)
		}
		made, _ := s.made(t, k, with(bare))
		changed := s.changed(t, k, env, id, with(bare))
		again := s.changed(t, k, env, id, with(fields{}.with("name", `"k"`).with("measures", "[]")))
		without := s.changed(t, k, env, id, fields{}.with("name", `"k"`)) // now there is none
		last := s.changed(t, k, env, id, bare)
		for field := range empty {
			inferred := field == "measures" || field == "dimensions" || field == "filters"
			want := []string{"[]", "[]", "null", "null", "[]"}
			if want[0] = "[]"; field == "order" {
				want[0] = "null"
			}
			if inferred {
				want[1] = "null"
			}
			if got := []string{string(made[field]), string(changed[field]), string(again[field]), string(without[field]), string(last[field])}; !slices.Equal(got, want) {
				t.Errorf("empty %s are %s, want %s", field, got, want)
			}
		}
	}
	unread := []string{"null", `"` + closed + `"`}
	if !s.reflectsFiles {
		unread = append(unread, `"`+file+`"`)
	}
	for _, source := range unread {
		made, id := s.made(t, k, parts("", unknown).with("data_source_id", source))
		is(made, unknown)
		is(s.changed(t, k, env, id, parts(sent, kept).with("data_source_id", source)), kept)
		made, _ = s.made(t, k, parts(sent, kept).with("data_source_id", source))
		is(made, kept)
	}

	lost := parts("", unknown).with("data_source_id", `"`+nowhere+`"`)
	_, id := s.made(t, k, metricBody(model))
	extending := metricBody(model).with("extends", `"`+nowhere+`"`).in(env)
	if s.foreignKeys {
		refusal := func(column, constraint, table string) string {
			return fmt.Sprintf("(psycopg.errors.ForeignKeyViolation) insert or update on table \"metrics\" violates foreign key constraint %q\nDETAIL:  Key (%s)=(%s) is not present in table %q.\n[SQL: …", constraint, column, nowhere, table)
		}
		s.ask(t, "POST", k.path, lost, 400, k.badCreate+k.badCreate+refusal("data_source_id", "fk_metrics_data_source_id", "data_sources"))
		s.ask(t, "PUT", k.path+"/"+id, lost.in(env), 500, k.badUpdate+refusal("data_source_id", "fk_metrics_data_source_id", "data_sources"))
		s.ask(t, "PUT", k.path+"/"+id, extending, 500, k.badUpdate+refusal("extends", "fk_metrics_extends", "metrics"))
	} else {
		s.made(t, k, lost)
		s.changed(t, k, env, id, lost)
		s.changed(t, k, env, id, extending)
	}
}

// contractSilentDatabase lets a create wait for a database for longer than the client does.
func contractSilentDatabase(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	env, model := s.newModel(t, "silent database")
	d, asked, release := s.SilentDatabase()
	defer release()
	source := s.CreateDataSource(env, map[string]any{"name": "silent", "alias": "a", "source_catalog": "DATABASE", "source_type": "postgresql", "config": d.Config()}).ID
	body := metricBody(model).with("data_source_id", `"`+source+`"`)
	s.made(t, metricKind, body) // without measures, dimensions and filters nobody asks
	late := body.with("name", `"late"`).with("measures", `[{"name":"m","description":null,"type":"sum","query":"x"}]`).json().(string)
	ctx, giveUp := context.WithTimeout(t.Context(), time.Minute)
	defer giveUp()
	create, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL()+apiPrefix+metricKind.path, strings.NewReader(late))
	if err != nil {
		t.Fatal(err)
	}
	create.Header.Set("Content-Type", "application/json")
	go func() {
		select {
		case <-asked:
			time.Sleep(500 * time.Millisecond) // an answer that does not wait for the database would be here
			giveUp()
		case <-ctx.Done():
		}
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(create)
	if err == nil {
		answer.Body.Close()
		t.Fatalf("a create with a silent database answers %s", answer.Status)
	}
	select {
	case <-asked:
	default:
		t.Fatalf("a create asks no database: %v", err)
	}
	release()
	for range 300 {
		if all := s.Metrics(env); len(all) == 2 && all[0].Name == "late" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the metric that the client gave up is not there: %+v", s.Metrics(env))
}

// A metricPart is a class of objects in a metric or a dashboard.
type metricPart struct {
	field, value string // where it is, %s being the object
	loc          string // where problems have it
	object       fields // the least
	fields       string // each as name:type, with ! when it is required, ? when it then may be null, and = when it may be absent alone
}

func object(pairs string) fields { return fieldsOf("{" + pairs + "}") }

func fieldsOf(text string) (o fields) {
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	return o
}

const (
	aMeasure  = `"name":"m","description":null,"type":"sum"`
	aWhen     = `"field":{"column":"c"},"operator":"=","then_return":null`
	aClause   = `"when_clauses":[%s],"else_return":null`
	formats   = "name:text! type:raw|combine|calculate|format|cast! description:text mode:in_query|post_query source_columns:texts delimiter:text operation:text operands:texts target_type:text format_type:datetime|number|currency|percentage|custom format_string:text"
	clauses   = "field:object! operator:=|!=|>|<|>=|<=|IN|NOT_IN|LIKE|BETWEEN|IS_NULL|IS_NOT_NULL! then_return:any? combine_with:AND|OR additional_conditions:list"
	sourceSet = "integer|bigint|smallint|tinyint|decimal|numeric|float|double|real|money|varchar|char|text|longtext|mediumtext|tinytext|clob|nvarchar|nchar|ntext|date|time|datetime|timestamp|timestamptz|timestamp_with_time_zone|" +
		"timestamp_without_time_zone|interval|year|boolean|bit|binary|varbinary|blob|longblob|mediumblob|tinyblob|bytea|json|jsonb|xml|array|uuid|uniqueidentifier|geometry|geography|point|polygon|enum|set|auto_increment|serial|identity|unknown"
)

var metricParts = []metricPart{
	{"measures", "[%s]", "'measures', 0", object(aMeasure), "name:text! description:text? type:string|number|count|count_distinct|sum|avg|min|max|percent|boolean|date|timestamp|duration! formatting:list alias:text query:text table:text " +
		"primary_key:text conditional:bool= conditions:object source_type:" + sourceSet + " source_meta:object"},
	{"measures", "[{" + aMeasure + `,"formatting":[%s]}]`, "'measures', 0, 'formatting', 0", object(`"name":"f","type":"raw"`), formats},
	{"measures", "[{" + aMeasure + `,"source_meta":%s}]`, "'measures', 0, 'source_meta'", fields{}, "max_length:int precision:int scale:int nullable:bool default_value:text allowed_values:list is_auto_increment:bool array_dimensions:int " +
		"element_type:text has_timezone:bool extra_properties:dict"},
	{"measures", "[{" + aMeasure + `,"conditions":%s}]`, "'measures', 0, 'conditions'", object(fmt.Sprintf(aClause, "")), "when_clauses:list! else_return:any?"},
	{"measures", "[{" + aMeasure + `,"conditions":{` + aClause + "}}]", "'measures', 0, 'conditions', 'when_clauses', 0", object(aWhen), clauses},
	{"measures", "[{" + aMeasure + `,"conditions":{` + fmt.Sprintf(aClause, "{"+aWhen+`,"additional_conditions":[%s]}`) + "}}]", "'measures', 0, 'conditions', 'when_clauses', 0, 'additional_conditions', 0", object(aWhen), clauses},
	{"measures", "[{" + aMeasure + `,"conditions":{` + fmt.Sprintf(aClause, `{"operator":"=","then_return":1,"field":%s}`) + "}}]", "'measures', 0, 'conditions', 'when_clauses', 0, 'field'", object(`"column":"c"`),
		"column:text! table:text transforms:list"},
	{"dimensions", "[%s]", "'dimensions', 0", object(`"name":"d","query":"q"`), "name:text! description:text query:text! table:text formatting:list combine:list conditional:bool= conditions:object source_type:" + sourceSet + " source_meta:object"},
	{"dimensions", `[{"name":"d","query":"q","combine":[%s]}]`, "'dimensions', 0, 'combine', 0", object(`"query":"q"`), "query:text! table:text delimiter:text"},
	{"dimensions", `[{"name":"d","query":"q","formatting":[%s]}]`, "'dimensions', 0, 'formatting', 0", object(`"name":"f","type":"raw"`), formats},
	{"joins", "[%s]", "'joins', 0", object(`"name":"j","join_type":"left","left_table":"l","right_table":"r","conditions":[]`),
		"name:text! description:text join_type:inner|left|right|full|cross! left_table:text! right_table:text! conditions:list! alias:text"},
	{"joins", `[{"name":"j","join_type":"left","left_table":"l","right_table":"r","conditions":[%s]}]`, "'joins', 0, 'conditions', 0", object(`"left_table":"l","left_column":"a","right_table":"r","right_column":"b"`),
		"left_table:text! left_column:text! right_table:text! right_column:text! operator:text="},
	{"aggregations", "[%s]", "'aggregations', 0", object(`"name":"a","type":"sum","source_columns":[],"target_column":"t"`), "name:text! description:text type:count|sum|avg|min|max|stddev|variance|percentile|median|row_number|rank|dense_rank|lag|lead|custom! " +
		"source_columns:texts! target_column:text! custom_expression:text window:object percentile_value:float where_condition:text group_by_columns:texts"},
	{"aggregations", `[{"name":"a","type":"sum","source_columns":[],"target_column":"t","window":%s}]`, "'aggregations', 0, 'window'", fields{}, "partition_by:texts order_by:texts frame_start:text frame_end:text"},
	{"filters", "[%s]", "'filters', 0", object(`"name":"f","query":"q"`), "name:text! description:text query:text! table:text operator:equals|not_equals|greater_than|greater_than_equals|less_than|less_than_equals|in|not_in|like|not_like|is_null|is_not_null|" +
		"between|not_between value_type:string|number|boolean|date|timestamp|array|null= filter_type:where|having= is_active:bool= custom_expression:text values:list formatting:list conditional:bool= conditions:object source_type:" + sourceSet + " source_meta:object"},
	{"filters", `[{"name":"f","query":"q","formatting":[%s]}]`, "'filters', 0, 'formatting', 0", object(`"name":"f","type":"raw"`), formats},
	{"order", "[%s]", "'order', 0", object(`"name":"o"`), "name:text! description:text semantic_type:measure|dimension|column|position semantic_name:text position:int query:text table:text order_type:asc|desc= nulls:first|last"},
	{"parameters", `{"a key":%s}`, "'parameters', 'a key'", object(`"name":"p","type":"list"`), "name:text! type:string|integer|float|boolean|date|datetime|list! description:text required:bool= allowed_values:list validation_regex:text min_value:float max_value:float"},
	{"refresh", "%s", "'refresh'", object(`"type":"every"`), "type:every|sql|max! every:text sql:text max:text"},
	{"cache", "%s", "'cache'", fields{}, "enabled:bool= ttl:int"},
	{"", "", "", fields{}, "alias:text description:text title:text query:text table_name:text data_source_id:uuid limit:int grouped:bool ordered:bool measures:list dimensions:list joins:list aggregations:list filters:list order:list parameters:dict " +
		"extends:uuid public:bool refresh:object cache:object meta:dict"},
}

// wrongValues are one that a type does not take, with what Cortex says about it, and what it says about null.
var wrongValues = map[string]struct{ value, kind, msg, shown, null, nullMsg string }{
	"text":   {"1", "string_type", "Input should be a valid string", "1", "string_type", "Input should be a valid string"},
	"texts":  {`{"0":"a"}`, "list_type", "Input should be a valid list", "{'0': 'a'}", "list_type", "Input should be a valid list"},
	"list":   {`"[]"`, "list_type", "Input should be a valid list", "'[]'", "list_type", "Input should be a valid list"},
	"object": {"[]", "model_attributes_type", "Input should be a valid dictionary or object to extract fields from", "[]", "model_attributes_type", "Input should be a valid dictionary or object to extract fields from"},
	"dict":   {"[]", "dict_type", "Input should be a valid dictionary", "[]", "", ""},
	"bool":   {`"x"`, "bool_parsing", "Input should be a valid boolean, unable to interpret input", "'x'", "bool_type", "Input should be a valid boolean"},
	"int":    {"1.5", "int_from_float", "Input should be a valid integer, got a number with a fractional part", "1.5", "int_type", "Input should be a valid integer"},
	"float":  {`"x"`, "float_parsing", "Input should be a valid number, unable to parse string as a number", "'x'", "float_type", "Input should be a valid number"},
}

// contractMetricFields sends each field of each part wrongly, as null and not at all.
func contractMetricFields(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	k := metricKind
	env, model := s.newModel(t, "fields of metrics")
	_, id := s.made(t, k, metricBody(model))
	in := func(p metricPart, objects ...string) fields {
		body := metricBody(model).in(env)
		if p.field == "" {
			maps.Copy(body, fieldsOf(objects[0]))
			return body
		}
		return body.with(p.field, fmt.Sprintf(p.value, strings.Join(objects, ",")))
	}
	s.contractParts(t, metricParts, in, func(body fields) { s.ask(t, "POST", k.path, body, 201, "") }, func(body fields, refusal string) { s.ask(t, "POST", k.path, body, 400, refusal) },
		func(body fields) { s.ask(t, "PUT", k.path+"/"+id, body, 200, "") })
	// All problems are told, in the order of the fields, and what is in a field comes before the next one.
	s.ask(t, "POST", k.path, metricBody(model).with("name", "").with("measures", `[{"name":1,"type":"sum","description":null,"formatting":[{"type":"raw"}],"conditional":"?"},null]`).with("cache", `{"ttl":"\ud800"}`), 400,
		"[{'type': 'missing', 'loc': ('body', 'name'), 'msg': 'Field required', 'input': {'cache': {'ttl': '\\ud800'}, 'data_model_id': '"+model+"', 'measures': [{'name': 1, 'type': 'sum', 'description': None, 'formatting': [{'type': 'raw'}], "+
			"'conditional': '?'}, None]}}, {'type': 'string_type', 'loc': ('body', 'measures', 0, 'name'), 'msg': 'Input should be a valid string', 'input': 1}, "+
			"{'type': 'missing', 'loc': ('body', 'measures', 0, 'formatting', 0, 'name'), 'msg': 'Field required', 'input': {'type': 'raw'}}, "+
			"{'type': 'bool_parsing', 'loc': ('body', 'measures', 0, 'conditional'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': '?'}, "+
			"{'type': 'model_attributes_type', 'loc': ('body', 'measures', 1), 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': None}, "+
			"{'type': 'string_unicode', 'loc': ('body', 'cache', 'ttl'), 'msg': 'Input should be a valid string, unable to parse raw data as a unicode string', 'input': '\\ud800'}]")
	for value, problem := range map[string]string{
		"1e400":   "'finite_number', 'loc': ('body', 'limit'), 'msg': 'Input should be a finite number', 'input': inf",
		"1e300":   "'int_parsing_size', 'loc': ('body', 'limit'), 'msg': 'Unable to parse input string as an integer, exceeded maximum size', 'input': 1e+300",
		`"5."`:    "'int_parsing', 'loc': ('body', 'limit'), 'msg': 'Input should be a valid integer, unable to parse string as an integer', 'input': '5.'",
		`[1]`:     "'int_type', 'loc': ('body', 'limit'), 'msg': 'Input should be a valid integer', 'input': [1]",
		`{"a":1}`: "'int_type', 'loc': ('body', 'limit'), 'msg': 'Input should be a valid integer', 'input': {'a': 1}",
	} {
		s.ask(t, "POST", k.path, metricBody(model).with("limit", value), 400, "[{'type': "+problem+"}]")
		s.ask(t, "PUT", k.path+"/"+id, metricBody(model).with("limit", value).in(env), 400, "[{'type': "+problem+"}]")
	}
	for value, problem := range map[string]string{
		"2":     "'bool_parsing', 'loc': ('body', 'public'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': 2",
		"0.5":   "'bool_type', 'loc': ('body', 'public'), 'msg': 'Input should be a valid boolean', 'input': 0.5",
		`" no"`: "'bool_parsing', 'loc': ('body', 'public'), 'msg': 'Input should be a valid boolean, unable to interpret input', 'input': ' no'",
		"[]":    "'bool_type', 'loc': ('body', 'public'), 'msg': 'Input should be a valid boolean', 'input': []",
	} {
		s.ask(t, "POST", k.path, metricBody(model).with("public", value), 400, "[{'type': "+problem+"}]")
	}
}

// contractParts sends each field of each part wrongly, as null and not at all. in is a body with objects of a part in it, which is then sent to be
// created, refused or changed.
func (s *suite) contractParts(t *testing.T, parts []metricPart, in func(p metricPart, objects ...string) fields, create func(fields), refuse func(body fields, refusal string), change func(fields)) {
	t.Helper()
	for _, p := range parts {
		refused := func(o fields, refusal string) {
			t.Helper()
			refuse(in(p, o.json().(string)), refusal)
		}
		null := maps.Clone(p.object)
		for _, f := range strings.Fields(p.fields) {
			name, kind, _ := strings.Cut(f, ":")
			loc := strings.TrimPrefix(p.loc+", '"+name+"'", ", ")
			bare := strings.TrimRight(kind, "!?=")
			required, nullable := strings.ContainsAny(kind, "!?"), !strings.ContainsAny(kind, "!=")
			problem := func(kind, msg, shown, more string) string {
				return fmt.Sprintf("[{'type': '%s', 'loc': ('body', %s), 'msg': %s, 'input': %s%s}]", kind, loc, msg, shown, more)
			}
			if required {
				refused(p.object.with(name, ""), fmt.Sprintf("[{'type': 'missing', 'loc': ('body', %s), 'msg': 'Field required', 'input': {…", loc))
			}
			none := ""
			switch wrong, simple := wrongValues[bare]; {
			case bare == "any":
			case bare == "uuid":
				msg := "invalid character: found `x` at 0"
				refused(p.object.with(name, `"x"`), problem("uuid_parsing", "'Input should be a valid UUID, "+msg+"'", "'x'", ", 'ctx': {'error': '"+msg+"'}"))
			case simple:
				refused(p.object.with(name, wrong.value), problem(wrong.kind, "'"+wrong.msg+"'", wrong.shown, ""))
				none = problem(wrong.null, "'"+wrong.nullMsg+"'", "None", "")
				if bare == "texts" {
					loc += ", 1"
					refused(p.object.with(name, `["a",1]`), problem("string_type", "'Input should be a valid string'", "1", ""))
				}
			default:
				choices := strings.Split(bare, "|")
				var each []string
				for i, choice := range choices {
					if strings.ToUpper(choice) == choice {
						choices[i] = strings.ReplaceAll(choice, "_", " ")
					}
					each = append(each, p.object.with(name, fmt.Sprintf("%q", choices[i])).json().(string))
				}
				if p.value == "[%s]" { // all of them at once
					create(in(p, each...))
					each = nil
				}
				for _, object := range each {
					create(in(p, object))
				}
				expected := oneOfText(choices)
				enum := func(shown string) string {
					return problem("enum", `"Input should be `+expected+`"`, shown, `, 'ctx': {'expected': "`+expected+`"}`)
				}
				refused(p.object.with(name, `"x"`), enum("'x'"))
				refused(p.object.with(name, fmt.Sprintf("%q", strings.ToUpper(choices[0])+" ")), enum("'"+strings.ToUpper(choices[0])+" '"))
				none = enum("None")
			}
			switch {
			case nullable:
				null[name] = json.RawMessage("null")
			default:
				refused(p.object.with(name, "null"), none)
			}
		}
		change(in(p, null.json().(string)))
	}
}

// TestFakeSilence looks at what else a Cortex answers while it waits for a database.
func TestFakeSilence(t *testing.T) {
	for workers, answers := range map[int]bool{1: false, 4: true} {
		c := StartFake(t, FakeOptions{Workers: workers})
		env := c.CreateEnvironment(c.CreateWorkspace("w", nil).ID, "e", nil).ID
		d := c.PostgreSQLDatabase("u", "p", "d", Table{Name: "t", Columns: []Column{{Name: "x", Type: "TEXT"}}})
		source := c.CreateDataSource(env, map[string]any{"name": "d", "alias": "a", "source_catalog": "DATABASE", "source_type": "postgresql", "config": d.Config()}).ID
		model := c.CreateDataModel(env, map[string]any{"name": "m"}).ID
		asked, release := c.Fake().Silence(d.Host, d.Port)
		done, other := make(chan Metric), make(chan struct{})
		go func() {
			done <- c.CreateMetric(model, map[string]any{"name": "k", "data_source_id": source, "measures": []any{map[string]any{"name": "m", "description": nil, "type": "sum", "query": "x"}}})
		}()
		<-asked
		go func() {
			c.Workspaces()
			close(other)
		}()
		if answers {
			<-other
		}
		select {
		case <-done:
			t.Error("a create does not wait for the database")
		case <-other:
			if !answers {
				t.Error("with one worker, another request is answered")
			}
		case <-time.After(100 * time.Millisecond):
		}
		release()
		if made := <-done; made.All["measures"].([]any)[0].(map[string]any)["source_type"] != "text" {
			t.Errorf("when the database answers, %+v is created", made)
		}
		<-other
	}
}
