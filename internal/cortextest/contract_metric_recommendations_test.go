package cortextest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// firstRecommended begins the answer.
const firstRecommended = `{"metrics":[{"id":"<id>","environment_id":"<env>","data_model_id":"<model>","name":"NAME","alias":null,"description":"Total number of records in the Customers table","title":"NAME",` +
	`"query":null,"table_name":"customers","data_source_id":"<source>","limit":null,"grouped":false,"ordered":true,"measures":[{"name":"Count","description":"Count of Customers","type":"count",` +
	`"formatting":null,"alias":null,"query":"id","table":"customers","primary_key":null,"conditional":false,"conditions":null,"source_type":null,"source_meta":null}],"dimensions":null,"joins":null,` +
	`"aggregations":null,"filters":null,"order":null,"parameters":null,"version":1,"public":true,"refresh":null,"cache":null,"meta":null,"is_valid":false,"validation_errors":null,"compiled_query":null,` +
	`"data_model_name":"m","created_at":"<time>Z","updated_at":"<time>Z"},{`

func contractRecommendations(t *testing.T, s *suite) {
	if !s.metricsWork {
		return
	}
	env := s.newEnvironment("recommendations")
	model := map[string]any{"name": "m"}
	known := ids{"env": env, "model": s.CreateDataModel(env, model).ID, "elsewhere": s.CreateDataModel(s.newEnvironment("recommendations elsewhere"), model).ID}
	sources := s.shopSources(t, env)
	ask := func(source, options string) (status int, shown string) {
		known["source"] = source
		status, answer := s.Do("POST", "/metrics/recommendations", s.fill(known, `{"environment_id":"<env>","data_source_id":"<source>","data_model_id":"<model>"`+options+`}`))
		return status, s.show(known, string(answer))
	}
	for kind, source := range sources {
		if kind == "sqlite" && !s.reflectsFiles {
			if status, answer := ask(source, ""); status != 500 || answer != "Failed to generate metric recommendations: 'list' object has no attribute 'get'" {
				t.Errorf("a file: %d %s", status, answer)
			}
			continue
		}
		name := "Count of Customers"
		if s.choosesMetrics {
			const options = `,"select":{"include":{"orders":["amount","order_date"]}},"metric_types":["count","nope"],"time_windows":[7,"-1"],"grains":["day","FORTNIGHT"]`
			status, answer := ask(source, options)
			s.compareRecommendations(t, kind, options, status, answer)
			name = "Count Customers"
		}
		status, answer := ask(source, "")
		s.compareRecommendations(t, kind, "", status, answer)
		if want := strings.ReplaceAll(firstRecommended, "NAME", name); !strings.HasPrefix(answer, want) {
			t.Errorf("%s: the first metric is\n%s\nwant\n%s", kind, answer[:min(len(answer), len(want))], want)
		}
	}

	const unreachable = "(sqlite3.OperationalError) unable to open database file\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"
	for _, c := range []struct {
		kind, config string
		status       int
		answer       string
	}{
		{"sqlite", `{"file_path":"/no/dir/x.db"}`, 500, "Failed to generate metric recommendations: " + unreachable},
		{"postgresql", `{}`, 404, ""}, // what pydantic finds Cortex takes for something that is missing
		{"oracle", `{}`, 404, "Unsupported database type: DataSourceTypes.ORACLE"},
	} {
		if status, answer := ask(filepath.Base(s.source(t, env, c.kind, c.config)), ""); status != c.status || c.answer != "" && answer != c.answer {
			t.Errorf("%s: %d %s\nwant %d %s", c.config, status, answer, c.status, c.answer)
		}
	}
	known["source"] = sources["postgresql"]
	post := func(name, body string, status int, answer string) check {
		return check{name: name, method: "POST", path: "/metrics/recommendations", body: body, status: status, answer: answer}
	}
	s.run(t, known,
		post("no source", `{"environment_id":"<env>","data_source_id":"<none>","data_model_id":"<model>"}`, 500, "Failed to generate metric recommendations: Data source with ID <none> does not exist"),
		post("no model", `{"environment_id":"<env>","data_source_id":"<source>","data_model_id":"<none>"}`, 404, "Data model <none> not found"),
		post("no environment", `{"environment_id":"<none>","data_source_id":"<source>","data_model_id":"<model>"}`, 404, "Data source <source> does not belong to environment <none>"),
		post("model elsewhere", `{"environment_id":"<env>","data_source_id":"<source>","data_model_id":"<elsewhere>"}`, 404, "Data model <elsewhere> does not belong to environment <env>"),
		post("nothing", `{"data_source_id":null}`, 400, `[{'type': 'missing', 'loc': ('body', 'environment_id'), 'msg': 'Field required', 'input': {'data_source_id': None}}, `+
			`{'type': 'uuid_type', 'loc': ('body', 'data_source_id'), 'msg': 'UUID input should be a string, bytes or UUID object', 'input': None}, `+
			`{'type': 'missing', 'loc': ('body', 'data_model_id'), 'msg': 'Field required', 'input': {'data_source_id': None}}]`),
	)
	if s.choosesMetrics {
		s.contractRecommendedChoice(t, ask, sources)
	}
}

// contractRecommendedChoice is about what can be chosen.
func (s *suite) contractRecommendedChoice(t *testing.T, ask func(source, options string) (int, string), sources map[string]string) {
	for options, want := range map[string]string{
		`,"select":{"include":{"customers":[]},"exclude":{"customers":["id","nope"],"nope":[]}}`: "Count Customers, Count Per Name, Count Per Region, Count Per Email",
		`,"select":{"include":{},"exclude":{"visits":[],"orders":[]}},"metric_types":["max"]`:    "Max",
		`,"select":{"include":{"Orders":[]}}`:                                                    "",
		`,"select":{"include":{"orders":["nope"]}}`:                                              "",
		`,"select":{"include":{"orders":["n"]}},"metric_types":["avg"]`:                          "Avg N",
	} {
		for kind, source := range sources {
			status, answer := ask(source, options)
			var got struct {
				Metrics []struct{ Name string }
				Total   int `json:"total_count"`
			}
			if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 {
				t.Fatalf("%s %s: %d %s", kind, options, status, answer)
			}
			names := []string{}
			for _, m := range got.Metrics {
				names = append(names, m.Name)
			}
			if strings.Join(names, ", ") != want || got.Total != len(names) {
				t.Errorf("%s %s: %d, %s\nwant %s", kind, options, got.Total, strings.Join(names, ", "), want)
			}
		}
	}
	for options, want := range map[string]string{
		`,"select":null`:                `[{'type': 'model_attributes_type', 'loc': ('body', 'select'), 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': None}]`,
		`,"select":{"include":["a"]}`:   `[{'type': 'dict_type', 'loc': ('body', 'select', 'include'), 'msg': 'Input should be a valid dictionary', 'input': ['a']}]`,
		`,"select":{"exclude":{"a":1}}`: `[{'type': 'list_type', 'loc': ('body', 'select', 'exclude', 'a'), 'msg': 'Input should be a valid list', 'input': 1}]`,
		`,"metric_types":"count"`:       `[{'type': 'list_type', 'loc': ('body', 'metric_types'), 'msg': 'Input should be a valid list', 'input': 'count'}]`,
		`,"time_windows":[1.5]`:         `[{'type': 'int_from_float', 'loc': ('body', 'time_windows', 0), 'msg': 'Input should be a valid integer, got a number with a fractional part', 'input': 1.5}]`,
		`,"grains":[1]`:                 `[{'type': 'string_type', 'loc': ('body', 'grains', 0), 'msg': 'Input should be a valid string', 'input': 1}]`,
		`,"time_windows":[-10000000]`:   "Failed to generate metric recommendations: date value out of range",
		`,"time_windows":[30,10000000]`: "Failed to generate metric recommendations: date value out of range",
	} {
		if status, answer := ask(sources["sqlite"], options); answer != want || status != 400 && status != 500 {
			t.Errorf("%s: %d %s\nwant %s", options, status, answer, want)
		}
	}
}

var (
	// sameForAll is what most recommended metrics and their parts have.
	sameForAll = regexp.MustCompile(`"(?:[a-z_]+":null|(?:[a-z_]+_)?id":"<\w+>"|(?:cre|upd)ated_at":"<time>Z"|ordered":true|version":1|public":true|is_valid":false|` +
		`data_model_name":"m"|conditional":false|is_active":true),?`)
	windowPattern = regexp.MustCompile(`"min_value":"([0-9-]+)","max_value":"([0-9-]+)"`)
)

// compareRecommendations compares a whole list with the one that a real Cortex recommended, in testdata: below the options a line for each metric,
// without what most have, and one for what the answer says besides.
func (s *suite) compareRecommendations(t *testing.T, kind, options string, status int, answer string) {
	t.Helper()
	var got struct {
		Metrics  []json.RawMessage
		Metadata json.RawMessage
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 {
		t.Fatalf("%s: %d %s", kind, status, answer)
	}
	lines := []string{}
	for _, line := range append(got.Metrics, got.Metadata) {
		shown := windowPattern.ReplaceAllStringFunc(string(line), func(window string) string {
			m := windowPattern.FindStringSubmatch(window)
			from, _ := time.Parse(time.DateOnly, m[1])
			to, _ := time.Parse(time.DateOnly, m[2])
			if age := time.Since(to); age < 0 || age > 25*time.Hour {
				t.Errorf("%s: the last days end on %s", kind, m[2])
			}
			return fmt.Sprintf(`"days":%d`, int(to.Sub(from).Hours()/24))
		})
		lines = append(lines, strings.ReplaceAll(sameForAll.ReplaceAllString(shown, ""), ",}", "}"))
	}
	file := filepath.Join("testdata", "recommendations-"+s.Release()+".txt")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "= "+options+"\n")
	want := strings.Split(strings.TrimSpace(strings.Split(rest, "\n= ")[0]), "\n")
	for i := range max(len(lines), len(want)) {
		if i >= len(lines) || i >= len(want) || lines[i] != want[i] {
			t.Fatalf("%s %s: line %d of %s is another in\n%s", kind, options, i+1, file, strings.Join(lines, "\n"))
		}
	}
}
