package client

import (
	"encoding/json"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// awkward are secrets as people have them.
var awkward = []string{`hunter2`, `p@ss/w:rd %41"é`, `back\slash`, `{"json": "ünï'codé"}`, "tab\there", "line\nbreak", `<b>&amp;</b>`, `it's`, `日本語🔑`}

// A secret is known in every way in which a text may repeat it.
func TestSpellings(t *testing.T) {
	for _, text := range awkward {
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		inside := func(quoted string) string { return quoted[1 : len(quoted)-1] }
		s := newSecrets([]string{text})
		for how, spelled := range map[string]string{
			"as it is": text, "JSON": inside(string(encoded)), "Python's JSON": inside(strconv.QuoteToASCII(text)), "Go": inside(strconv.Quote(text)),
			"a query": url.QueryEscape(text), "a path": url.PathEscape(text), "HTML": html.EscapeString(text),
		} {
			if how == "Python's JSON" && strings.ContainsAny(text, "🔑") {
				spelled = ascii(inside(string(encoded))) // Go has one number for what JSON writes as two
			}
			if got := s.without("before " + spelled + " after"); got != "before "+mark+" after" {
				t.Errorf("%q as %s: %q", text, how, got)
			}
		}
	}
}

func TestWhatIsLearned(t *testing.T) {
	s := newSecrets(nil)
	s.learn([]byte(`[{"name": "Sales", "config": {"host": "db.example.com", "port": 5432, "username": "ann", "password": "p%40ss-word", "options": {"keys": ["first-key", "ab"]}}}]`), "config")
	for text, want := range map[string]string{
		"p%40ss-word and p@ss-word": mark + " and " + mark, // as Cortex has it, and as the database does
		"first-key":                 mark,
		"ab":                        "ab", // would tear texts apart
		"db.example.com":            "db.example.com",
		"Sales of ann":              "Sales of ann",
	} {
		if got := s.without(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	for name, body := range map[string]string{"no JSON": "config=x", "no field": `{"password": "elsewhere"}`, "no object": `{"config": null}`, "nothing": ""} {
		s := newSecrets(nil)
		s.learn([]byte(body), "config")
		if len(s.known) > 0 {
			t.Errorf("%s: %v", name, s.known)
		}
	}
}

func TestLogsHideWhatIsConfidential(t *testing.T) {
	s := newSecrets([]string{"the-key"})
	for _, test := range []struct{ body, field, want string }{
		{`[{"name":"Sales","config":{"password":"x"}},{"name":"the-key","config":null}]`, "config", `[{"config":"(redacted)","name":"Sales"},{"config":"(redacted)","name":"(redacted)"}]`},
		{`{"detail":[{"config":{"password":"x"}}]}`, "config", `{"detail":[{"config":"(redacted)"}]}`},
		{`{"name": "Sales"}`, "", `{"name": "Sales"}`},
		{`(psycopg.errors.X) no [SQL: INSERT 'x']`, "config", `(psycopg.errors.X) no `},
		{``, "config", ``},
	} {
		if got := s.hidden([]byte(test.body), test.field); got != test.want {
			t.Errorf("%s became %s", test.body, got)
		}
	}
}

// What nobody has told a client, it cannot find in an answer: such answers are not shown at all.
func TestAnswersThatMayHoldUnknownSecrets(t *testing.T) {
	const id = "5f1c2b6e-0000-4000-8000-000000000001"
	const item, list = "/data/sources/" + id, "/environments/5f1c2b6e-0000-4000-8000-000000000002/data/sources"
	learned := newSecrets(nil)
	learned.learn([]byte(`{"id": "5F1C2B6E-0000-4000-8000-000000000001", "config": {"password": "pass-word"}}`), "config")
	for _, test := range []struct {
		what    string
		secrets *secrets
		path    string
		sent    string
		status  int
		answer  string
		want    bool
	}{
		{"an unknown source", newSecrets(nil), item, "", 400, "pass-word", false},
		{"an unknown source, broken", newSecrets(nil), item, "", 500, "pass-word", false},
		{"an unknown source, cut", newSecrets(nil), item, "", 200, `{"config": {"password": "pass-word`, false},
		{"its schema", newSecrets(nil), item + "/schema", "", 500, "Failed to retrieve schema for data source: pass-word", false},
		{"unknown sources", newSecrets(nil), list, "", 500, "pass-word", false},
		{"what was sent", newSecrets(nil), item, `{"config": {}}`, 500, "pass-word", true},
		{"what was shown before", learned, item, "", 500, "pass-word", true},
		{"a part of it", learned, item + "/schema", "", 500, "Failed to retrieve schema for data source: pass-word", true},
		{"another one", learned, strings.Replace(item, "1", "3", 1), "", 500, "pass-word", false},
		{"what was sent, cut", newSecrets(nil), item, `{"config": {}}`, 200, `{"config": {"password": "pass-w`, false},
		{"what was shown before, cut", learned, item, "", 200, `{"config": {"password": "pass-w`, false},
		{"an object", newSecrets(nil), item, "", 200, `{"config": {"password": "pass-word"}}`, true},
		{"a known sentence", newSecrets(nil), item, "", 404, "Data source with ID " + id + " not found", true},
		{"a gateway", newSecrets(nil), item, "", 502, "Bad gateway", true},
		{"rows", learned, "/metrics/" + id + "/execute", "{}", 200, `{"data": []}`, false},
		{"a run that broke", learned, "/metrics/" + id + "/execute", "{}", 500, "pass-word", false},
		{"a run of nothing", learned, "/metrics/" + id + "/execute", "{}", 404, "Metric with ID " + id + " not found", true},
		{"another kind", newSecrets(nil), "/workspaces", "", 500, "boom", true},
	} {
		if got := test.secrets.shows(test.path, []byte(test.sent), test.status, "text/plain", []byte(test.answer)); got != test.want {
			t.Errorf("%s: %t", test.what, got)
		}
	}
}

// pydantic's errors repeat what was sent, or a part of what the database has.
func TestWithoutInputs(t *testing.T) {
	for text, want := range map[string]string{
		`[{'type': 'int', 'loc': ('port',), 'input': {'password': 'a, "b"} \'c'}, 'ctx': {}}]`: `[{'type': 'int', 'loc': ('port',), 'input': …, 'ctx': {}}]`,
		`[{'input': 'x'}, {'input': "y"}]`: `[{'input': …}, {'input': …}]`,
		`{'input': 'never ends`:            `{'input': …`,
		"1 validation error\nconfig\n  bad [type=dict_type, input_value={'password': ', input_type=x'}, input_type=dict]\n  next": "1 validation error\nconfig\n  bad [type=dict_type, input_value=…, input_type=dict]\n  next",
		"input_value='cut": "input_value=…",
		"nothing of that":  "nothing of that",
	} {
		if got := withoutInputs(text); got != want {
			t.Errorf("%s\nbecame %s\nwant   %s", text, got, want)
		}
	}
}

// FuzzWithoutInputs has Cortex repeat a request with any text in it. Nothing of the text is left, and all that is around it.
func FuzzWithoutInputs(f *testing.F) {
	for _, text := range append(awkward, "'}, 'input': ", `\'`) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		repeated := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(text) + "'" // as Python does
		got := withoutInputs("[{'type': 'x', 'input': {'password': " + repeated + ", 'more': [1]}, 'ctx': {}}]")
		if want := "[{'type': 'x', 'input': …, 'ctx': {}}]"; got != want {
			t.Errorf("%q: %s", text, got)
		}
	})
}
