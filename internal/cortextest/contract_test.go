package cortextest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

// traits is all in which releases and databases differ, as far as this suite asks. Nothing else in it may depend on them.
type traits struct {
	missing        int    // status of a workspace, environment or module that is not there
	noWorkspace    string // the end of the sentence about it
	taken          int    // status of a name that is taken, but for environments (500)
	foreignKeys    bool   // the database refuses to delete what is referred to
	nul            bool   // the database stores NUL
	longNames      bool   // the database stores any name
	putMovesLast   bool   // an update changes the order of lists
	metricsWork    bool   // data models and metrics can be read
	membersWork    bool   // a membership can be asked for
	deleteUnknown  string // what follows the id when a consumer to delete is not there; "" is another sentence
	removedNobody  string // the message about a consumer that was no member of the group
	elsewhere      int    // status of a member from another environment
	groupsByID     bool   // a consumer's groups are in the order of their ids
	noNumber       bool   // the database stores NaN and Infinity, which are shown as null
	schema         string // revision of the database's schema: what it is, and if that is not the newest, what it should be
	jsonb          bool   // the config of a data source is in a column of JSONB
	deletions      bool   // data sources can be deleted
	dependencies   bool   // a data source that metrics use is told from one that is gone
	sheets         bool   // there are spreadsheets, and data sources have what came with them
	reflectsFiles  bool   // the schema of a file is like that of a server
	sourceTypes    []string
	choosesMetrics bool // what is recommended can be chosen
}

func traitsOf(release string, database Database) traits {
	t := traits{missing: 404, noWorkspace: "not found", taken: 409, nul: true, longNames: true, metricsWork: true, membersWork: true,
		jsonb: database == PostgreSQL, deletions: true, dependencies: true, sheets: true, reflectsFiles: true, choosesMetrics: true,
		sourceTypes:   []string{"postgresql", "mysql", "sqlite", "duckdb", "oracle", "bigquery", "snowflake", "redshift", "mongodb", "dynamodb", "couchbase", "spreadsheet"},
		removedNobody: "Consumer was not a member of the group", elsewhere: 400, groupsByID: true, noNumber: true, schema: "c594bd42779a"}
	if database == PostgreSQL {
		t.foreignKeys, t.nul, t.longNames, t.putMovesLast, t.schema = true, false, false, true, "af2631e7b647"
		t.groupsByID, t.noNumber = false, false
	}
	switch release {
	case Oldest:
		t.schema = "8bd9e9780557"
		t.dependencies, t.sheets, t.reflectsFiles, t.choosesMetrics, t.sourceTypes = false, false, false, false, t.sourceTypes[:11]
		if database == SQLite {
			t.schema = "450bd09cd019 8bd9e9780557" // its last migration fails there, and Cortex goes on without
		}
	case Head:
		t.missing, t.taken, t.noWorkspace, t.metricsWork, t.membersWork, t.deleteUnknown = 500, 500, "does not exist in the database", false, false, "not found"
		t.removedNobody, t.elsewhere, t.deletions = "Consumer removed from group", 500, false
	}
	return t
}

// TestContract holds the fake, as every release on every database, to what the real Cortex does; with CORTEX=real it asks the
// real one.
func TestContract(t *testing.T) {
	if os.Getenv("CORTEX") == "real" {
		contract(t, Start(t))
		return
	}
	for _, release := range []string{Latest, Oldest, Head} {
		for _, database := range []Database{SQLite, PostgreSQL} {
			t.Run(release+"-"+string(database), func(t *testing.T) {
				t.Parallel()
				contract(t, StartFake(t, FakeOptions{Release: release, Database: database}))
			})
		}
	}
}

func contract(t *testing.T, c *Cortex) {
	s := &suite{Cortex: c, traits: traitsOf(c.Release(), c.Database()), client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, part := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"onboarding", contractOnboarding}, // first: the real server may be new
		{"http", contractHTTP},
		{"workspaces", contractWorkspaces},
		{"environments", contractEnvironments},
		{"bodies", contractBodies},
		{"ids", contractIDs},
		{"times", contractTimes},
		{"lists", contractLists},
		{"deletion", contractDeletion},
		{"modules", contractModules},
		{"texts of consumers and groups", contractConsumerTexts},
		{"creates of consumers and groups", contractConsumerCreates},
		{"updates of consumers and groups", contractConsumerUpdates},
		{"properties", contractProperties},
		{"equal properties", contractEqualProperties},
		{"properties that poison", contractPoison},
		{"addresses", contractAddresses},
		{"members", contractMembers},
		{"order of members", contractMemberOrder},
		{"deletion of consumers and groups", contractConsumerDeletion},
		{"texts of data sources", contractDataSourceTexts},
		{"creates of data sources", contractDataSourceCreates},
		{"updates of data sources", contractDataSourceUpdates},
		{"helpers of data sources", contractDataSourceHelpers},
		{"configs of data sources", contractDataSourceConfig},
		{"data sources that are refused", contractDataSourceRefusals},
		{"deletion of data sources", contractDataSourceDeletion},
		{"PostgreSQL of data sources", contractPostgreSQL},
		{"SQLite of data sources", contractSQLiteFiles},
		{"data models", contractDataModels},
		{"updates of data models", contractDataModelUpdates},
		{"deletion of data models", contractDataModelDeletion},
		{"helpers of data models and metrics", contractModelHelpers},
		{"metrics", contractMetrics},
		{"updates of metrics", contractMetricUpdates},
		{"defaults of metrics", contractMetricDefaults},
		{"fields of metrics", contractMetricFields},
		{"metrics that poison", contractPoisonedMetrics},
		{"recommended metrics", contractRecommendedMetrics},
		{"sources of metrics", contractMetricSources},
		{"results of metrics", contractExecution},
		{"recommendations of metrics", contractRecommendations},
		{"a silent database", contractSilentDatabase},
		{"dashboards", contractDashboards},
		{"updates of dashboards", contractDashboardUpdates},
		{"maximal dashboards", contractMaximalDashboard},
		{"parts of dashboards", contractDashboardParts},
		{"fields of dashboards", contractDashboardFields},
		{"embedded metrics", contractEmbeddedMetrics},
		{"merges of dashboards", contractDashboardMerges},
		{"helpers of dashboards", contractDashboardHelpers},
		{"runs of dashboards", contractDashboardRuns},
		{"results of widgets", contractWidgets},
		{"parallel", contractParallel},
	} {
		t.Run(part.name, func(t *testing.T) { part.run(t, s) })
	}
}

type suite struct {
	*Cortex
	traits
	client       *http.Client
	sourceNumber int // of the last data source that was made by source
}

// A check is one request and what must come back. In all of its texts <name> stands for the id that an earlier check saved under that
// name, <id> for any other id, <time> for a time, <none> for an id that does not exist, and ~ for what makes names unique. A final … leaves the
// rest of the answer open.
type check struct {
	name, method, path, body string
	status                   int
	answer                   string
	save                     string // keep the id of the answer under this name
	header                   http.Header
}

const none = "00000000-0000-4000-8000-000000000000"

type ids map[string]string

var (
	placeholder = regexp.MustCompile(`<(\w[\w-]*)>`)
	idPattern   = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	timePattern = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?`)
)

func (s *suite) fill(known ids, text string) string {
	text = placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if id, ok := known[p[1:len(p)-1]]; ok {
			return id
		}
		return p
	})
	return strings.ReplaceAll(text, "~", "-"+s.suffix)
}

// show replaces what differs from run to run.
func (s *suite) show(known ids, text string) string {
	text = idPattern.ReplaceAllStringFunc(text, func(id string) string {
		for name, k := range known {
			if k == id {
				return "<" + name + ">"
			}
		}
		return "<id>"
	})
	return strings.ReplaceAll(timePattern.ReplaceAllString(text, "<time>"), "-"+s.suffix, "~")
}

// send sends a request as it is. path is a whole path.
func (s *suite) send(t *testing.T, method, path, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, s.URL(), reader)
	if err != nil {
		t.Fatal(err)
	}
	r.URL.Opaque = path // keeps every character as it is
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range header {
		r.Header[k] = v
	}
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(answer)
}

// run makes the checks one after the other and returns the ids that they saved.
func (s *suite) run(t *testing.T, known ids, checks ...check) ids {
	t.Helper()
	if known == nil {
		known = ids{}
	}
	known["none"] = none
	for _, c := range checks {
		path := c.path
		if !strings.HasPrefix(path, "//") {
			path = apiPrefix + path
		} else {
			path = path[1:]
		}
		resp, answer := s.send(t, c.method, s.fill(known, path), s.fill(known, c.body), c.header)
		contentType := "application/json"
		switch {
		case c.status == 307:
			contentType = ""
		case c.status >= 400:
			contentType = "text/plain; charset=utf-8"
		}
		if c.save != "" {
			var created struct{ ID string }
			if err := json.Unmarshal([]byte(answer), &created); err != nil || created.ID == "" {
				t.Fatalf("%s: no id in status %d: %s", c.name, resp.StatusCode, answer)
			}
			known[c.save] = created.ID
		}
		shown, want := s.show(known, answer), c.answer
		if head, open := strings.CutSuffix(want, "…"); open && strings.HasPrefix(shown, head) {
			want = shown
		}
		if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != contentType || shown != want {
			t.Errorf("%s: %s %s %.200s\n got %d %s %.900s\nwant %d %s %.900s", c.name, c.method, path, c.body,
				resp.StatusCode, resp.Header.Get("Content-Type"), shown, c.status, contentType, want)
		}
	}
	return known
}

func contractOnboarding(t *testing.T, s *suite) {
	i := slices.IndexFunc(s.Workspaces(), func(w Workspace) bool { return w.Name == "Default" })
	if i < 0 {
		t.Fatal("there is no workspace Default")
	}
	ws := s.Workspaces()[i]
	if ws.Description == nil || *ws.Description != "Default workspace created during onboarding" {
		t.Errorf("Default is described as %v", ws.Description)
	}
	envs := s.Environments(ws.ID)
	if len(envs) != 1 || envs[0].Name != "Test" || *envs[0].Description != "Test environment created during onboarding" {
		t.Fatalf("Default has the environments %+v", envs)
	}
	model := check{name: "its data model", method: "GET", path: "/data/models?environment_id=<env>", status: 200,
		answer: `{"models":[{"id":"<id>","environment_id":"<env>","name":"Default Data Model","alias":null,"description":"Default data model created during onboarding","version":1,` +
			`"is_active":true,"parent_version_id":null,"config":{},"is_valid":false,"validation_errors":[],"metrics_count":0,"created_at":"<time>","updated_at":"<time>"}],"total_count":1,"page":1,"page_size":20}`}
	if !s.metricsWork {
		model.status, model.answer = 500, "…" // it is there, and cannot be shown
	}
	board := check{name: "its dashboard", method: "GET", path: "/environments/<env>/dashboards", status: 200,
		answer: `{"dashboards":[{"id":"<id>","alias":null,"environment_id":"<env>","name":"Default Dashboard","description":"Default dashboard created during onboarding","type":"operational",` +
			`"views":[{"alias":"overview","title":"Overview","description":"Default overview view","sections":[{"alias":"overview","title":"Overview","description":"Default overview section",` +
			`"position":0,"widgets":[]}],"context_id":null,"layout":null,` + viewTimes + `],"default_view":"overview","tags":["default","onboarding"],"created_by":"<id>","created_at":"<time>",` +
			`"updated_at":"<time>","last_viewed_at":null}],"total":1}`}
	if s.Release() == Oldest {
		board.answer = `{"dashboards":[],"total":0}`
	}
	s.run(t, ids{"env": envs[0].ID}, model, board)
}

func contractHTTP(t *testing.T, s *suite) {
	is, should, behind := strings.Cut(s.schema, " ")
	if !behind {
		should = is
	}
	known := s.run(t, nil,
		check{name: "root", method: "GET", path: "//", status: 200, answer: `{"status":"running"}`},
		check{name: "health", method: "GET", path: "//health", status: 200, answer: fmt.Sprintf(`{"status":"running","migration_status":{"current_revision":"%s",`+
			`"head_revision":"%s","is_up_to_date":%t,"migrations_applied":%[3]t,"auto_migration_enabled":true}}`, is, should, !behind)},
		check{name: "no version", method: "GET", path: "//workspaces", status: 404, answer: "Not Found"},
		check{name: "no such route", method: "GET", path: "/nothing", status: 404, answer: "Not Found"},
		check{name: "other case", method: "GET", path: "/Workspaces", status: 404, answer: "Not Found"},
		check{name: "two slashes", method: "GET", path: "//api/v1//workspaces", status: 404, answer: "Not Found"},
		check{name: "create", method: "POST", path: "/workspaces", body: `{"name":"http~"}`, status: 201, save: "ws",
			answer: `{"id":"<ws>","name":"http~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "trailing slash", method: "GET", path: "/workspaces/<ws>/", status: 307},
		check{name: "trailing slash of a POST", method: "POST", path: "/workspaces/", body: `{"name":"x"}`, status: 307},
		check{name: "PATCH", method: "PATCH", path: "/workspaces/<ws>", body: `{"name":"x"}`, status: 405, answer: "Method Not Allowed"},
		check{name: "PUT of the collection", method: "PUT", path: "/workspaces", body: `{"name":"x"}`, status: 405, answer: "Method Not Allowed"},
		check{name: "POST to one", method: "POST", path: "/environments/<ws>", body: `{"name":"x"}`, status: 405, answer: "Method Not Allowed"},
		check{name: "HEAD", method: "HEAD", path: "/workspaces/<ws>", status: 405},
		check{name: "OPTIONS", method: "OPTIONS", path: "/workspaces", status: 405, answer: "Method Not Allowed"},
		check{name: "parameters that mean nothing", method: "GET", path: "/workspaces/<ws>?limit=0&fields=id", status: 200,
			answer: `{"id":"<ws>","name":"http~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "If-Match", method: "PUT", path: "/workspaces/<ws>", body: `{"description":"if"}`, header: http.Header{"If-Match": {`"x"`}}, status: 200,
			answer: `{"id":"<ws>","name":"http~","description":"if","created_at":"<time>","updated_at":"<time>"}`},
	)
	names := func(method, path, body string) (names []string) {
		resp, _ := s.send(t, method, s.fill(known, path), s.fill(known, body), nil)
		for name := range resp.Header {
			if name != "Connection" {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return names
	}
	full := []string{"Cache-Control", "Content-Length", "Content-Type", "Date", "Server", "X-Process-Time"}
	for _, c := range []struct {
		method, path, body string
		want               []string
	}{
		{"GET", "/api/v1/workspaces/<ws>", "", full},
		{"POST", "/api/v1/workspaces", `{"name":"headers~"}`, full},
		{"GET", "/api/v1/workspaces/<none>", "", full},
		{"GET", "/api/v1/workspaces/", "", []string{"Cache-Control", "Content-Length", "Date", "Location", "Server", "X-Process-Time"}},
		{"DELETE", "/api/v1/workspaces/<ws>", "", []string{"Cache-Control", "Content-Type", "Date", "Server", "X-Process-Time"}},
	} {
		if got := names(c.method, c.path, c.body); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s has the headers %q, want %q", c.method, c.path, got, c.want)
		}
	}
	resp, _ := s.send(t, "GET", "/api/v1/environments/?workspace_id=x%20y", "", nil)
	if got, want := resp.Header.Get("Location"), s.URL()+"/api/v1/environments?workspace_id=x%20y"; got != want {
		t.Errorf("the trailing slash leads to %q, want %q", got, want)
	}
	if got := resp.Header.Get("Server"); got != "uvicorn" {
		t.Errorf("the server is %q", got)
	}
}

func contractWorkspaces(t *testing.T, s *suite) {
	noSuch := "Workspace with ID <none> " + s.noWorkspace
	shape := func(name, description string) string {
		return `{"id":"<ws>","name":"` + name + `","description":` + description + `,"created_at":"<time>","updated_at":"<time>"}`
	}
	s.run(t, nil,
		check{name: "create", method: "POST", path: "/workspaces", body: `{"name":"a~","description":"d"}`, status: 201, save: "ws", answer: shape("a~", `"d"`)},
		check{name: "get", method: "GET", path: "/workspaces/<ws>", status: 200, answer: shape("a~", `"d"`)},
		check{name: "name taken", method: "POST", path: "/workspaces", body: `{"name":"a~","description":"other"}`, status: s.taken, answer: "Workspace with name 'a~' already exists"},
		check{name: "put nothing", method: "PUT", path: "/workspaces/<ws>", body: `{}`, status: 200, answer: shape("a~", `"d"`)},
		check{name: "put unknown fields", method: "PUT", path: "/workspaces/<ws>", body: `{"id":"x","created_at":1,"foo":[]}`, status: 200, answer: shape("a~", `"d"`)},
		check{name: "put null", method: "PUT", path: "/workspaces/<ws>", body: `{"name":null,"description":null}`, status: 200, answer: shape("a~", `"d"`)},
		check{name: "put a name", method: "PUT", path: "/workspaces/<ws>", body: `{"name":"b~"}`, status: 200, answer: shape("b~", `"d"`)},
		check{name: "put an empty description", method: "PUT", path: "/workspaces/<ws>", body: `{"description":""}`, status: 200, answer: shape("b~", `""`)},
		check{name: "null after the empty one", method: "PUT", path: "/workspaces/<ws>", body: `{"description":null}`, status: 200, answer: shape("b~", `""`)},
		check{name: "the old name is free", method: "POST", path: "/workspaces", body: `{"name":"a~","description":null}`, status: 201, save: "ws", answer: shape("a~", "null")},
		check{name: "description empty", method: "POST", path: "/workspaces", body: `{"name":"e~","description":""}`, status: 201, save: "ws", answer: shape("e~", `""`)},
		check{name: "rename onto a taken name", method: "PUT", path: "/workspaces/<ws>", body: `{"name":"a~"}`, status: 200, answer: shape("a~", `""`)},
		check{name: "a third of that name", method: "POST", path: "/workspaces", body: `{"name":"a~"}`, status: s.taken, answer: "Workspace with name 'a~' already exists"},
		check{name: "blanks count", method: "POST", path: "/workspaces", body: `{"name":" a~ "}`, status: 201, save: "ws", answer: shape(" a~ ", "null")},
		check{name: "case counts", method: "POST", path: "/workspaces", body: `{"name":"A~"}`, status: 201, save: "ws", answer: shape("A~", "null")},
		check{name: "normal form C", method: "POST", path: "/workspaces", body: `{"name":"\u00e9~"}`, status: 201, save: "ws", answer: shape("\u00e9~", "null")},
		check{name: "normal form D", method: "POST", path: "/workspaces", body: `{"name":"e\u0301~"}`, status: 201, save: "ws", answer: shape("e\u0301~", "null")},
		check{name: "quotes", method: "POST", path: "/workspaces", body: `{"name":"q'\"\\\/\n\u007f🎉~","description":"<&>\u2028"}`, status: 201, save: "ws",
			answer: shape(`q'\"\\/\n`+"\u007f🎉~", "\"<&>\u2028\"")},
		check{name: "quotes, taken", method: "POST", path: "/workspaces", body: `{"name":"q'\"\\\/\n\u007f🎉~"}`, status: s.taken, answer: "Workspace with name 'q'\"\\/\n\u007f🎉~' already exists"},
		check{name: "fields of the server", method: "POST", path: "/workspaces", body: `{"id":"<none>","name":"own~","created_at":"2000-01-01T00:00:00"}`, status: 201, save: "ws", answer: shape("own~", "null")},
		check{name: "delete", method: "DELETE", path: "/workspaces/<ws>", status: 204},
		check{name: "get what is gone", method: "GET", path: "/workspaces/<ws>", status: s.missing, answer: "Workspace with ID <ws> " + s.noWorkspace},
		check{name: "delete again", method: "DELETE", path: "/workspaces/<ws>", status: s.missing, answer: "Workspace with ID <ws> " + s.noWorkspace},
		check{name: "put what is gone", method: "PUT", path: "/workspaces/<none>", body: `{}`, status: s.missing, answer: noSuch},
		check{name: "a bad body beats a missing object", method: "PUT", path: "/workspaces/<none>", body: `{"name":1}`, status: 400,
			answer: `[{'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': 1}]`},
	)
	long := strings.Repeat("long", 500) // compresses
	s.run(t, nil, check{name: "long, compressible", method: "POST", path: "/workspaces", body: `{"name":"` + long + `~"}`, status: 201, save: "ws", answer: shape(long+"~", "null")})
	for _, c := range []struct {
		length int
		error  string
	}{
		{2000, ""},
		{4000, "(psycopg.errors.ProgramLimitExceeded) index row size 4024 exceeds btree version 4 maximum 2704 for index \"ix_workspaces_name\"\nDETAIL:  Index row references tuple (…"},
		{10000, "(psycopg.errors.ProgramLimitExceeded) index row requires 10024 bytes, maximum size is 8191\n[SQL: INSERT INTO workspaces (id, name, description, created_at, updated_at) VALUES (%(id)s::UUID, …"},
	} {
		name := noise(c.length)
		want := check{name: "long noise", method: "POST", path: "/workspaces", body: `{"name":"` + name + `~"}`, status: 201, save: "ws", answer: shape(name+"~", "null")}
		if !s.longNames && c.error != "" {
			want.status, want.answer, want.save = 500, c.error, ""
		}
		s.run(t, nil, want)
	}
	nul := []check{
		{name: "NUL in a name", method: "POST", path: "/workspaces", body: `{"name":"nul\u0000~"}`, status: 201, save: "ws", answer: shape(`nul\u0000~`, "null")},
		{name: "NUL in a description", method: "POST", path: "/workspaces", body: `{"name":"nul~","description":"\u0000"}`, status: 201, save: "ws", answer: shape("nul~", `"\u0000"`)},
	}
	if !s.nul {
		const refused = "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: "
		nul[0].status, nul[0].save, nul[0].answer = 500, "", refused+"SELECT …"
		nul[1].status, nul[1].save, nul[1].answer = 500, "", refused+"INSERT …"
	}
	s.run(t, nil, nul...)
}

// noise is a name that does not compress, the same each time.
func noise(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-.:;=?@[]^_`{|}"
	b, x := make([]byte, n), uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = letters[int(x>>16)%len(letters)]
	}
	return string(b)
}

func contractEnvironments(t *testing.T, s *suite) {
	const absent, null = "Default environment for the workspace environment", "Default environment for workspace"
	shape := func(name, description string) string {
		return `{"id":"<env>","workspace_id":"<ws>","name":"` + name + `","description":"` + description + `","created_at":"<time>","updated_at":"<time>"}`
	}
	noSuch, noWorkspace := "Environment with ID <none> does not exist in the database", "Workspace with ID <none> does not exist in the database"
	known := ids{"ws": s.CreateWorkspace(s.Name("envs"), nil).ID, "other": s.CreateWorkspace(s.Name("other envs"), nil).ID}
	s.run(t, known,
		check{name: "none yet", method: "GET", path: "/environments?workspace_id=<ws>", status: 200, answer: `[]`},
		check{name: "only a workspace", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>"}`, status: 201, save: "env", answer: shape("Development", absent)},
		check{name: "only a workspace, again", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>"}`, status: 500, answer: "Environment with name 'Development' already exists in workspace <ws>"},
		check{name: "description null", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"n","description":null}`, status: 201, save: "env", answer: shape("n", null)},
		check{name: "description empty", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"e","description":""}`, status: 201, save: "env", answer: shape("e", "")},
		check{name: "description absent", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"","extra":1}`, status: 201, save: "env", answer: shape("", absent)},
		check{name: "name null", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":null}`, status: 400,
			answer: `[{'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': None}]`},
		check{name: "create", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"a","description":"d"}`, status: 201, save: "env", answer: shape("a", "d")},
		check{name: "same name elsewhere", method: "POST", path: "/environments", body: `{"workspace_id":"<other>","name":"a","description":"d"}`, status: 201, save: "elsewhere",
			answer: strings.NewReplacer("<env>", "<elsewhere>", "<ws>", "<other>").Replace(shape("a", "d"))},
		check{name: "name taken", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"a"}`, status: 500, answer: "Environment with name 'a' already exists in workspace <ws>"},
		check{name: "get", method: "GET", path: "/environments/<env>", status: 200, answer: shape("a", "d")},
		check{name: "put nothing", method: "PUT", path: "/environments/<env>", body: `{}`, status: 200, answer: shape("a", "d")},
		check{name: "put null", method: "PUT", path: "/environments/<env>", body: `{"name":null,"description":null}`, status: 200, answer: shape("a", "d")},
		check{name: "move", method: "PUT", path: "/environments/<env>", body: `{"workspace_id":"<other>"}`, status: 200, answer: shape("a", "d")},
		check{name: "move to nowhere", method: "PUT", path: "/environments/<env>", body: `{"workspace_id":"abc","description":""}`, status: 200, answer: shape("a", "")},
		check{name: "rename onto a taken name", method: "PUT", path: "/environments/<env>", body: `{"name":"e"}`, status: 200, answer: shape("e", "")},
		check{name: "no workspace", method: "POST", path: "/environments", body: `{"name":"x"}`, status: 400,
			answer: `[{'type': 'missing', 'loc': ('body', 'workspace_id'), 'msg': 'Field required', 'input': {'name': 'x'}}]`},
		check{name: "everything wrong", method: "POST", path: "/environments", body: `{"workspace_id":1,"name":true,"description":[1.50,{}]}`, status: 400,
			answer: `[{'type': 'uuid_type', 'loc': ('body', 'workspace_id'), 'msg': 'UUID input should be a string, bytes or UUID object', 'input': 1}, ` +
				`{'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': True}, ` +
				`{'type': 'string_type', 'loc': ('body', 'description'), 'msg': 'Input should be a valid string', 'input': [1.5, {}]}]`},
		check{name: "unknown workspace", method: "POST", path: "/environments", body: `{"workspace_id":"<none>"}`, status: s.missing, answer: noWorkspace},
		check{name: "list of an unknown workspace", method: "GET", path: "/environments?workspace_id=<none>", status: s.missing, answer: noWorkspace},
		check{name: "list of no workspace", method: "GET", path: "/environments", status: 400,
			answer: `[{'type': 'missing', 'loc': ('query', 'workspace_id'), 'msg': 'Field required', 'input': None}]`},
		check{name: "list of two workspaces", method: "GET", path: "/environments?workspace_id=<none>&workspace_id=<other>", status: 200,
			answer: "[" + strings.NewReplacer("<env>", "<elsewhere>", "<ws>", "<other>").Replace(shape("a", "d")) + "]"},
		check{name: "get a missing one", method: "GET", path: "/environments/<none>", status: s.missing, answer: noSuch},
		check{name: "put a missing one", method: "PUT", path: "/environments/<none>", body: `{}`, status: s.missing, answer: noSuch},
		check{name: "delete a missing one", method: "DELETE", path: "/environments/<none>", status: s.missing, answer: noSuch},
		check{name: "delete", method: "DELETE", path: "/environments/<env>", status: 204},
		check{name: "delete again", method: "DELETE", path: "/environments/<env>", status: s.missing, answer: "Environment with ID <env> does not exist in the database"},
	)
	nul := check{name: "NUL in a name", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>","name":"\u0000"}`, status: 201, save: "env", answer: shape(`\u0000`, absent)}
	if !s.nul {
		nul.status, nul.save, nul.answer = 500, "", "(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes\n[SQL: SELECT environments.id AS environments_id, …"
	}
	s.run(t, known, nul)
}

func contractBodies(t *testing.T, s *suite) {
	known := ids{"ws": s.CreateWorkspace(s.Name("bodies"), nil).ID}
	const missing = `[{'type': 'missing', 'loc': ('body',), 'msg': 'Field required', 'input': None}]`
	invalid := func(pos int, msg string) string {
		return fmt.Sprintf(`[{'type': 'json_invalid', 'loc': ('body', %d), 'msg': 'JSON decode error', 'input': {}, 'ctx': {'error': %s}}]`, pos, quote(msg))
	}
	noObject := func(input string) string {
		return `[{'type': 'model_attributes_type', 'loc': ('body',), 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': ` + input + `}]`
	}
	for _, c := range []struct{ body, answer string }{
		{``, missing},
		{`null`, missing},
		{` `, invalid(1, "Expecting value")},
		{`[]`, noObject("[]")},
		{`"x"`, noObject("'x'")},
		{`-1.50e3`, noObject("-1500.0")},
		{`[1e16, 1e15, 1e-5, -0, 123456789012345678901234567890, true, null, NaN, "it's", "a\"b'c", "\u0000é\u200b🎉\\"]`,
			noObject(`[1e+16, 1000000000000000.0, 1e-05, 0, 123456789012345678901234567890, True, None, nan, "it's", 'a"b\'c', '\x00é\u200b🎉\\']`)},
		{`{`, invalid(1, "Expecting property name enclosed in double quotes")},
		{`{"name": `, invalid(9, "Expecting value")},
		{`{"name"}`, invalid(7, "Expecting ':' delimiter")},
		{`{"name":"x",}`, invalid(12, "Expecting property name enclosed in double quotes")},
		{`{"name":"x" "y"}`, invalid(12, "Expecting ',' delimiter")},
		{`{"name":"x"} y`, invalid(13, "Extra data")},
		{`{"é":"x`, invalid(5, "Unterminated string starting at")},
		{"{\"name\":\"x\ny\"}", invalid(10, "Invalid control character at")},
		{`{"name":"\x"}`, invalid(9, "Invalid \\escape")},
		{`{"name":"\u12"}`, invalid(10, "Invalid \\uXXXX escape")},
		{`[1,2`, invalid(4, "Expecting ',' delimiter")},
		{`[1,]`, invalid(3, "Expecting value")},
		{`{"name":"` + "\xff" + `"}`, "There was an error parsing the body"},
		{`{"description":"x"}`, `[{'type': 'missing', 'loc': ('body', 'name'), 'msg': 'Field required', 'input': {'description': 'x'}}]`},
		{`{"name":{"b":[],"a":{}},"description":1}`, `[{'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': {'b': [], 'a': {}}}, ` +
			`{'type': 'string_type', 'loc': ('body', 'description'), 'msg': 'Input should be a valid string', 'input': 1}]`},
	} {
		s.run(t, known, check{name: "POST " + c.body, method: "POST", path: "/workspaces", body: c.body, status: 400, answer: c.answer})
	}
	s.run(t, known,
		check{name: "no body", method: "PUT", path: "/workspaces/<ws>", status: 400, answer: missing},
		check{name: "null", method: "PUT", path: "/workspaces/<ws>", body: "null", status: 400, answer: missing},
		check{name: "twice the same key", method: "POST", path: "/workspaces", body: `{"name":"k1~","name":"k2~"}`, status: 201, save: "k",
			answer: `{"id":"<k>","name":"k2~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "byte order mark", method: "POST", path: "/workspaces", body: "\ufeff" + `{"name":"bom~"}`, status: 201, save: "k",
			answer: `{"id":"<k>","name":"bom~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "surrogate pair", method: "POST", path: "/workspaces", body: `{"name":"\ud83c\udf89~"}`, status: 201, save: "k",
			answer: `{"id":"<k>","name":"🎉~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
		check{name: "lone surrogate", method: "POST", path: "/workspaces", body: `{"name":"ab\ud800~"}`, status: 500,
			answer: `'utf-8' codec can't encode character '\ud800' in position 2: surrogates not allowed`},
		check{name: "a bad id and a bad body", method: "PUT", path: "/workspaces/abc", body: `{"name":1}`, status: 400,
			answer: `[{'type': 'uuid_parsing', 'loc': ('path', 'workspace_id'), 'msg': 'Input should be a valid UUID, invalid length: found 3', 'input': 'abc', 'ctx': {'error': 'invalid length: found 3'}}, ` +
				`{'type': 'string_type', 'loc': ('body', 'name'), 'msg': 'Input should be a valid string', 'input': 1}]`},
		check{name: "a bad id and no JSON", method: "PUT", path: "/workspaces/abc", body: `{`, status: 400, answer: invalid(1, "Expecting property name enclosed in double quotes")},
	)
	for i, contentType := range []string{"application/json", "APPLICATION/JSON; charset=latin1", "application/vnd.api+json", "", "text/plain", "application/x-www-form-urlencoded", "application/xml"} {
		body := fmt.Sprintf(`{"name":"it's %d~"}`, i)
		c := check{name: "content type " + contentType, method: "POST", path: "/workspaces", body: body, header: http.Header{"Content-Type": {contentType}},
			status: 201, save: "k", answer: fmt.Sprintf(`{"id":"<k>","name":"it's %d~","description":null,"created_at":"<time>","updated_at":"<time>"}`, i)}
		if i > 3 {
			c.status, c.save, c.answer = 400, "", noObject(`b'{"name":"it\'s `+fmt.Sprint(i)+`~"}'`)
		}
		if contentType == "" {
			c.header["Content-Type"] = nil
		}
		s.run(t, known, c)
	}
}

func contractIDs(t *testing.T, s *suite) {
	ws := s.CreateWorkspace(s.Name("ids"), nil)
	known := ids{"ws": ws.ID}
	simple := strings.ReplaceAll(ws.ID, "-", "")
	for i, form := range []string{ws.ID, strings.ToUpper(ws.ID), simple, strings.ToUpper(simple), "%7B" + ws.ID + "%7D", "urn:uuid:" + ws.ID} {
		plain := strings.NewReplacer("%7B", "{", "%7D", "}").Replace(form)
		s.run(t, known,
			check{name: "path " + form, method: "GET", path: "/workspaces/" + form, status: 200,
				answer: `{"id":"<ws>","name":"ids~","description":null,"created_at":"<time>","updated_at":"<time>"}`},
			check{name: "body " + form, method: "POST", path: "/environments", body: fmt.Sprintf(`{"workspace_id":"%s","name":"%d","description":""}`, plain, i), status: 201, save: "env",
				answer: fmt.Sprintf(`{"id":"<env>","workspace_id":"<ws>","name":"%d","description":"","created_at":"<time>","updated_at":"<time>"}`, i)},
			check{name: "query " + form, method: "GET", path: "/environments?workspace_id=" + form, status: 200, answer: "[{…"},
		)
	}
	for path, msg := range map[string]string{
		"abc":                    "invalid length: found 3",
		"null":                   "invalid character: found `n` at 0",
		"é":                      "invalid character: found `é` at 0",
		"%2e%2e":                 "invalid character: found `.` at 0",
		"-1":                     "invalid group count: expected 5, found 2",
		"urn:uuid:zz":            "invalid character: found `z` at 9",
		"%7Babc%7D":              "invalid group count: expected 5, found 1",
		"-----":                  "invalid group count: expected 5, found 6",
		ws.ID + "0":              "invalid group length in group 4: expected 12, found 13",
		ws.ID[:35]:               "invalid group length in group 4: expected 12, found 11",
		ws.ID[1:]:                "invalid group length in group 0: expected 8, found 7",
		"g" + simple[1:]:         "invalid character: found `g` at 0",
		simple + "000":           "invalid length: found 35",
		"%20" + ws.ID:            "invalid character: found ` ` at 0",
		"%00":                    "invalid character: found `\x00` at 0",
		"urn:uuid:" + ws.ID[:35]: "invalid group length in group 4: expected 12, found 20",
	} {
		input := strings.NewReplacer("%7B", "{", "%7D", "}", "%2e", ".", "%20", " ", "%00", "\x00").Replace(path)
		answer := "[{'type': 'uuid_parsing', 'loc': ('path', 'workspace_id'), 'msg': " + quote("Input should be a valid UUID, "+msg) + ", 'input': " + quote(input) + ", 'ctx': {'error': " + quote(msg) + "}}]"
		s.run(t, known, check{name: "path " + path, method: "GET", path: "/workspaces/" + path, status: 400, answer: s.show(known, answer)})
	}
	s.run(t, known, check{name: "a slash", method: "GET", path: "/workspaces/a%2Fb", status: 404, answer: "Not Found"})
}

func contractTimes(t *testing.T, s *suite) {
	ws := s.CreateWorkspace(s.Name("times"), nil)
	if !timePattern.MatchString(ws.CreatedAt) || ws.CreatedAt == ws.UpdatedAt {
		t.Errorf("created at %q, updated at %q", ws.CreatedAt, ws.UpdatedAt)
	}
	seen := map[string]bool{ws.UpdatedAt: true}
	for _, change := range []map[string]any{{}, {"name": ws.Name}, {"description": nil}, {"other": 1}} {
		after := s.UpdateWorkspace(ws.ID, change)
		if seen[after.UpdatedAt] || after.CreatedAt != ws.CreatedAt {
			t.Errorf("after %v: created at %q, updated at %q; first %+v", change, after.CreatedAt, after.UpdatedAt, ws)
		}
		seen[after.UpdatedAt] = true
		if got, ok := s.Workspace(ws.ID); !ok || got != after {
			t.Errorf("after %v: GET shows %+v, PUT %+v", change, got, after)
		}
	}
}

func contractLists(t *testing.T, s *suite) {
	ws := s.CreateWorkspace(s.Name("lists"), nil)
	var made []string
	for i := range 5 {
		made = append(made, s.CreateEnvironment(ws.ID, fmt.Sprint(9-i), nil).ID)
	}
	order := func() (list []string) {
		for _, e := range s.Environments(ws.ID) {
			list = append(list, e.ID)
		}
		return list
	}
	if got := order(); !slices.Equal(got, made) {
		t.Errorf("environments %v are listed as %v", made, got)
	}
	s.UpdateEnvironment(made[0], map[string]any{})
	got, want := order(), made
	switch {
	case s.putMovesLast && s.IsReal():
		// Usually last, but PostgreSQL may reuse the place of any row that is gone.
		slices.Sort(got)
		want = slices.Sorted(slices.Values(made))
	case s.putMovesLast:
		want = append(slices.Clone(made[1:]), made[0])
	}
	if !slices.Equal(got, want) {
		t.Errorf("after a PUT of the first, environments %v are listed as %v, want %v", made, got, want)
	}
	_, whole := s.Do("GET", "/environments?workspace_id="+ws.ID, nil)
	if _, part := s.Do("GET", "/environments?workspace_id="+ws.ID+"&limit=1&offset=1&page=2&name=x&sort=name", nil); string(part) != string(whole) {
		t.Errorf("parameters change the list to %s", part)
	}
	if !slices.ContainsFunc(s.Workspaces(), func(w Workspace) bool { return w == ws }) {
		t.Errorf("%+v is not in the list", ws)
	}
}

func contractDeletion(t *testing.T, s *suite) {
	known := ids{"ws": s.CreateWorkspace(s.Name("deletion"), nil).ID}
	known["env"] = s.CreateEnvironment(known["ws"], "left", nil).ID
	if s.foreignKeys {
		const refused = "(psycopg.errors.ForeignKeyViolation) update or delete on table \"workspaces\" violates foreign key constraint \"environments_workspace_id_fkey\" on table \"environments\"\n" +
			"DETAIL:  Key (id)=(<ws>) is still referenced from table \"environments\".\n[SQL: DELETE FROM workspaces WHERE workspaces.id = %(id_1)s::UUID]\n[parameters: {'id_1': UUID('<ws>')}]\n" +
			"(Background on this error at: https://sqlalche.me/e/21/gkpj)"
		s.run(t, known,
			check{name: "a workspace with environments", method: "DELETE", path: "/workspaces/<ws>", status: 500, answer: refused},
			check{name: "it is still there", method: "GET", path: "/workspaces/<ws>", status: 200, answer: `{"id":"<ws>",…`},
			check{name: "environment first", method: "DELETE", path: "/environments/<env>", status: 204},
			check{name: "then the workspace", method: "DELETE", path: "/workspaces/<ws>", status: 204},
		)
	} else {
		const orphan = `{"id":"<env>","workspace_id":"<ws>","name":"left","description":"`
		s.run(t, known,
			check{name: "a workspace with environments", method: "DELETE", path: "/workspaces/<ws>", status: 204},
			check{name: "its orphan is there", method: "GET", path: "/environments/<env>", status: 200, answer: orphan + "…"},
			check{name: "it can be changed", method: "PUT", path: "/environments/<env>", body: `{"description":"o"}`, status: 200, answer: orphan + "o…"},
			check{name: "it cannot be listed", method: "GET", path: "/environments?workspace_id=<ws>", status: s.missing, answer: "Workspace with ID <ws> does not exist in the database"},
			check{name: "nothing can be added", method: "POST", path: "/environments", body: `{"workspace_id":"<ws>"}`, status: s.missing, answer: "Workspace with ID <ws> does not exist in the database"},
			check{name: "it can be deleted", method: "DELETE", path: "/environments/<env>", status: 204},
		)
	}
	for kind, table := range map[string]string{"data source": dataSources, "consumer": consumers, "consumer group": consumerGroups, "data model": dataModels, "dashboard": ""} {
		ws := s.CreateWorkspace(s.Name("deletion of "+kind), nil).ID
		env := s.CreateEnvironment(ws, "e", nil).ID
		s.attach(t, env, kind)
		if !s.foreignKeys || table == "" {
			s.run(t, ids{"env": env}, check{name: "environment with a " + kind, method: "DELETE", path: "/environments/<env>", status: 204})
			continue
		}
		s.run(t, ids{"env": env}, check{name: "environment with a " + kind, method: "DELETE", path: "/environments/<env>", status: 500,
			answer: "(psycopg.errors.ForeignKeyViolation) update or delete on table \"environments\" violates foreign key constraint \"" + table + "_environment_id_fkey\" on table \"" + table + "\"\n" +
				"DETAIL:  Key (id)=(<env>) is still referenced from table \"" + table + "\".\n[SQL: DELETE FROM environments WHERE environments.id = %(id_1)s::UUID]\n…"})
	}
	// The order in which references are found.
	env := s.CreateEnvironment(s.CreateWorkspace(s.Name("deletion of all"), nil).ID, "e", nil).ID
	for _, kind := range []string{"data model", "consumer group", "data source", "consumer"} {
		s.attach(t, env, kind)
		if status, answer := s.Do("DELETE", "/environments/"+env, nil); s.foreignKeys {
			if want := strings.ReplaceAll(kind, " ", "_") + "s_environment_id_fkey"; status != 500 || !strings.Contains(string(answer), want) {
				t.Errorf("with a %s too, the environment's DELETE is answered with %d %s, want %s", kind, status, answer, want)
			}
		} else if status != 204 {
			t.Errorf("DELETE: %d %s", status, answer)
		} else {
			env = s.CreateEnvironment(s.CreateWorkspace(s.Name("deletion after "+kind), nil).ID, "e", nil).ID
		}
	}
}

// attach creates an object on an environment, even if Cortex then cannot show it.
func (s *suite) attach(t *testing.T, env, kind string) {
	t.Helper()
	if kind == "data model" && !s.metricsWork {
		s.do("POST", "/data/models", map[string]any{"environment_id": env, "name": "m"}, 500, nil)
		return
	}
	s.Attach(env, kind, "x")
}

func contractModules(t *testing.T, s *suite) {
	ws := s.CreateWorkspace(s.Name("modules"), nil).ID
	known := ids{"env": s.CreateEnvironment(ws, "e", nil).ID, "other": s.CreateEnvironment(ws, "o", nil).ID}
	noEnvironment := "Environment with ID <none> does not exist in the database"
	const times = `,"created_at":"<time>","updated_at":"<time>"}`

	const source = `{"id":"<ds>","environment_id":"<env>","name":"s","alias":"s_1","description":null,"source_catalog":"DATABASE","source_type":"sqlite","config":{"a":1,"bb":{}}` + times
	const makeSource = `{"environment_id":"<env>","name":"s","alias":"s_1","source_catalog":"DATABASE","source_type":"sqlite","config":{"a":1,"bb":{}}}`
	s.run(t, known,
		check{name: "no sources", method: "GET", path: "/environments/<env>/data/sources", status: 200, answer: "[]"},
		check{name: "create source", method: "POST", path: "/data/sources", body: makeSource, status: 201, save: "ds", answer: source},
		check{name: "source's name taken", method: "POST", path: "/data/sources", body: makeSource, status: 409, answer: "Data source with name 's' already exists in environment <env>"},
		check{name: "source without fields", method: "POST", path: "/data/sources", body: `{"name":"x","source_catalog":"database"}`, status: 400, answer: "[{'type': 'missing', 'loc': ('body', 'environment_id'), …"},
		check{name: "source nowhere", method: "POST", path: "/data/sources", body: strings.Replace(makeSource, "<env>", "<none>", 1), status: s.missing, answer: noEnvironment},
		check{name: "sources", method: "GET", path: "/environments/<env>/data/sources", status: 200, answer: "[" + source + "]"},
		check{name: "sources nowhere", method: "GET", path: "/environments/<none>/data/sources", status: s.missing, answer: noEnvironment},
		check{name: "source", method: "GET", path: "/data/sources/<ds>", status: 200, answer: source},
		check{name: "no such source", method: "GET", path: "/data/sources/<none>", status: 404, answer: "Data source with ID <none> does not exist"},
	)
	s.contractSourceDeletion(t, known)

	const board = `{"id":"<b>","alias":null,"environment_id":"<env>","name":"b","description":null,"type":"tactical","views":[{"alias":"default","title":"Default","description":null,` +
		`"sections":[{"alias":"default","title":"Default","description":null,"position":0,"widgets":[]}],"context_id":null,"layout":null,"created_at":"<time>Z","updated_at":"<time>Z"}],` +
		`"default_view":"default","tags":null,"created_by":"<id>","created_at":"<time>","updated_at":"<time>","last_viewed_at":null}`
	s.run(t, known,
		check{name: "create dashboard", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"tactical"}`, status: 201, save: "b", answer: board},
		check{name: "dashboard's name taken", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"tactical"}`, status: s.taken, answer: "Dashboard with name 'b' already exists in environment <env>"},
		check{name: "dashboard of no type", method: "POST", path: "/dashboards", body: `{"environment_id":"<env>","name":"b","type":"x"}`, status: 400,
			answer: `[{'type': 'enum', 'loc': ('body', 'type'), 'msg': "Input should be 'executive', 'operational', 'analytical' or 'tactical'", 'input': 'x', 'ctx': {'expected': "'executive', 'operational', 'analytical' or 'tactical'"}}]`},
		check{name: "dashboards", method: "GET", path: "/environments/<env>/dashboards", status: 200, answer: `{"dashboards":[` + board + `],"total":1}`},
		check{name: "dashboards nowhere", method: "GET", path: "/environments/<none>/dashboards", status: 200, answer: `{"dashboards":[],"total":0}`},
		check{name: "dashboard", method: "GET", path: "/dashboards/<b>", status: 200, answer: board},
		check{name: "delete dashboard", method: "DELETE", path: "/dashboards/<b>", status: 204},
		check{name: "delete it again", method: "DELETE", path: "/dashboards/<b>", status: s.missing, answer: "Dashboard with ID <b> does not exist in the database"},
	)

	if !s.metricsWork {
		s.run(t, known,
			check{name: "create model", method: "POST", path: "/data/models", body: `{"environment_id":"<env>","name":"m"}`, status: 500, answer: s.noColumn() + "…"},
			check{name: "models", method: "GET", path: "/data/models?environment_id=<env>", status: 500, answer: s.noColumn() + "…"},
			check{name: "models elsewhere", method: "GET", path: "/data/models?environment_id=<other>", status: 200, answer: `{"models":[],"total_count":0,"page":1,"page_size":20}`},
			check{name: "metrics", method: "GET", path: "/metrics?environment_id=<env>", status: 500, answer: s.noColumn() + "…"},
			check{name: "create metric", method: "POST", path: "/metrics", body: `{"data_model_id":"<none>","name":"m"}`, status: 500, answer: "Internal Server Error"},
			check{name: "delete no model", method: "DELETE", path: "/data/models/<none>?environment_id=<env>", status: 500, answer: "Data model with ID <none> not found in environment <env>"},
		)
		return
	}
	model := func(active string, count int) string {
		return fmt.Sprintf(`{"id":"<m>","environment_id":"<env>","name":"m","alias":null,"description":null,"version":1,"is_active":%s,"parent_version_id":null,"config":{},`+
			`"is_valid":false,"validation_errors":[],"metrics_count":%d`, active, count) + times
	}
	const second = `{"id":"<m2>","environment_id":"<env>","name":"m","alias":null,"description":"2","version":1,"is_active":true,"parent_version_id":null,"config":{"a":1},` +
		`"is_valid":false,"validation_errors":[],"metrics_count":0` + times
	const metric = `{"id":"<k>","environment_id":"<env>","data_model_id":"<m>","name":"k","alias":null,"description":null,"title":null,"query":null,"table_name":"t","data_source_id":null,` +
		`"limit":null,"grouped":true,"ordered":true,"measures":null,"dimensions":null,"joins":null,"aggregations":null,"filters":null,"order":null,"parameters":null,` +
		`"version":1,"public":true,"refresh":null,"cache":null,"meta":null,"is_valid":false,"validation_errors":[],"compiled_query":null,"data_model_name":"m"` + times
	s.run(t, known,
		check{name: "no models", method: "GET", path: "/data/models?environment_id=<none>", status: 200, answer: `{"models":[],"total_count":0,"page":1,"page_size":20}`},
		check{name: "models of nothing", method: "GET", path: "/data/models", status: 400, answer: `[{'type': 'missing', 'loc': ('query', 'environment_id'), 'msg': 'Field required', 'input': None}]`},
		check{name: "page too large", method: "GET", path: "/data/models?environment_id=<env>&page=0&page_size=101", status: 400,
			answer: `[{'type': 'greater_than_equal', 'loc': ('query', 'page'), 'msg': 'Input should be greater than or equal to 1', 'input': '0', 'ctx': {'ge': 1}}, ` +
				`{'type': 'less_than_equal', 'loc': ('query', 'page_size'), 'msg': 'Input should be less than or equal to 100', 'input': '101', 'ctx': {'le': 100}}]`},
		check{name: "create model", method: "POST", path: "/data/models", body: `{"environment_id":"<env>","name":"m"}`, status: 201, save: "m", answer: model("true", 0)},
		check{name: "a second of that name", method: "POST", path: "/data/models", body: `{"environment_id":"<env>","name":"m","description":"2","config":{"a":1}}`, status: 201, save: "m2", answer: second},
		check{name: "last updated first", method: "GET", path: "/data/models?environment_id=<env>", status: 200, answer: `{"models":[` + second + `,` + model("true", 0) + `],"total_count":2,"page":1,"page_size":20}`},
		check{name: "second page", method: "GET", path: "/data/models?environment_id=<env>&page=2&page_size=1", status: 200, answer: `{"models":[` + model("true", 0) + `],"total_count":1,"page":2,"page_size":1}`},
		check{name: "create metric", method: "POST", path: "/metrics", body: `{"data_model_id":"<m>","name":"k","table_name":"t"}`, status: 201, save: "k", answer: metric},
		check{name: "metric of nothing", method: "POST", path: "/metrics", body: `{"data_model_id":"<none>","name":"k"}`, status: 404, answer: "Data model with ID <none> not found"},
		check{name: "metrics", method: "GET", path: "/metrics?environment_id=<env>&page_size=100", status: 200, answer: `{"metrics":[` + metric + `],"total_count":1,"page":1,"page_size":100}`},
		check{name: "metric", method: "GET", path: "/metrics/<k>?environment_id=<env>", status: 200, answer: metric},
		check{name: "metric elsewhere", method: "GET", path: "/metrics/<k>?environment_id=<other>", status: 404, answer: "Metric with ID <k> not found in environment <other>"},
		check{name: "model", method: "GET", path: "/data/models/<m>?environment_id=<env>", status: 200, answer: model("true", 1)},
		check{name: "model elsewhere", method: "GET", path: "/data/models/<m>?environment_id=<other>", status: 404, answer: "Data model with ID <m> not found in environment <other>"},
		check{name: "delete model", method: "DELETE", path: "/data/models/<m>?environment_id=<env>", status: 204},
		check{name: "delete it again", method: "DELETE", path: "/data/models/<m>?environment_id=<env>", status: 204},
		check{name: "it is still there", method: "GET", path: "/data/models/<m>?environment_id=<env>", status: 200, answer: model("false", 1)},
		check{name: "and first in the list", method: "GET", path: "/data/models?environment_id=<env>", status: 200, answer: `{"models":[` + model("false", 1) + `,` + second + `],"total_count":2,"page":1,"page_size":20}`},
		check{name: "unless one asks for active ones", method: "GET", path: "/data/models?environment_id=<env>&is_active=true", status: 200, answer: `{"models":[` + second + `],"total_count":1,"page":1,"page_size":20}`},
		check{name: "its metric, too", method: "GET", path: "/metrics/<k>?environment_id=<env>", status: 200, answer: metric},
		check{name: "delete metric", method: "DELETE", path: "/metrics/<k>?environment_id=<env>", status: 204},
		check{name: "delete it again", method: "DELETE", path: "/metrics/<k>?environment_id=<env>", status: 404, answer: "Metric with ID <k> not found in environment <env>"},
		check{name: "delete no model", method: "DELETE", path: "/data/models/<none>?environment_id=<env>", status: 404, answer: "Data model with ID <none> not found in environment <env>"},
	)
	if status, answer := s.Do("DELETE", "/environments/"+known["env"], nil); s.foreignKeys && (status != 500 || !strings.Contains(string(answer), "data_models_environment_id_fkey")) || !s.foreignKeys && status != 204 {
		t.Errorf("an environment whose models are deleted cannot be deleted: %d %s", status, answer)
	}
}

// contractSourceDeletion deletes the data source <ds>: each release has its own way.
func (s *suite) contractSourceDeletion(t *testing.T, known ids) {
	gone := check{name: "delete no source", method: "DELETE", path: "/data/sources/<none>", status: 404, answer: "Data source with ID <none> does not exist"}
	remove := check{name: "delete source", method: "DELETE", path: "/data/sources/<ds>", status: 204}
	switch s.Release() {
	case Oldest:
		gone.status, gone.answer = 500, "500: Failed to delete data source"
	case Head:
		remove.status, remove.answer = 500, s.noColumn()+"…"
	}
	s.run(t, known, gone, remove)
}

// noColumn is how head answers what needs metrics.
func (s *suite) noColumn() string {
	if s.foreignKeys {
		return "(psycopg.errors.UndefinedColumn) column metrics.derivations does not exist\n"
	}
	return "(sqlite3.OperationalError) no such column: metrics.derivations\n"
}

func contractParallel(t *testing.T, s *suite) {
	name, ws := s.Name("parallel"), s.CreateWorkspace(s.Name("parallel environments"), nil).ID
	env := s.CreateEnvironment(ws, "e", nil).ID
	for path, c := range map[string]struct {
		body  map[string]any
		taken int
	}{
		"/workspaces":       {map[string]any{"name": name}, s.taken},
		"/environments":     {map[string]any{"workspace_id": ws, "name": name}, 500},
		"/consumers":        {map[string]any{"environment_id": env, "first_name": "", "last_name": "", "email": "parallel@example.com"}, s.taken},
		"/consumers/groups": {map[string]any{"environment_id": env, "name": name}, s.taken},
		"/dashboards":       {map[string]any{"environment_id": env, "name": name, "type": "tactical"}, s.taken},
		"/data/sources":     {map[string]any{"environment_id": env, "name": name, "alias": "", "source_catalog": "API", "source_type": "mysql", "config": map[string]any{}}, 409},
	} {
		statuses := s.atOnce(10, "POST", path, c.body)
		if made := statuses[201]; made != 1 && !s.several() || made < 1 || statuses[c.taken] != 10-made {
			t.Errorf("ten creates of one name below %s: %v, want one 201, and %d for the others", path, statuses, c.taken)
		}
	}

	group := s.ConsumerGroups(env)[0].ID
	consumer := s.Consumers(env)[0].ID
	statuses := s.atOnce(10, "POST", "/consumers/groups/"+group+"/members", map[string]any{"consumer_id": consumer})
	if failed := statuses[500]; failed > 0 && !s.several() || statuses[200] < 1 || statuses[200]+failed != 10 {
		t.Errorf("ten times the same member: %v, want 200", statuses)
	}
	if c, _ := s.Consumer(consumer); len(c.Groups) != 1 || c.Groups[0].ID != group {
		t.Errorf("added ten times, a consumer is in the groups %+v", c.Groups)
	}
	contractListWhileDeleting(t, s)
}

// contractListWhileDeleting is what a list of consumers says of one that another process deletes while it gathers their groups.
func contractListWhileDeleting(t *testing.T, s *suite) {
	env := s.CreateEnvironment(s.CreateWorkspace(s.Name("deleting"), nil).ID, "e", nil).ID
	var ids []string
	for i := range 30 {
		ids = append(ids, s.CreateConsumer(env, map[string]any{"email": fmt.Sprintf("c%d@example.com", i), "first_name": "", "last_name": ""}).ID)
	}
	var wait sync.WaitGroup
	for _, some := range slices.Collect(slices.Chunk(ids, 10)) {
		wait.Go(func() {
			for _, id := range some {
				if status, answer := s.Do("DELETE", "/consumers/"+id, nil); status != 204 {
					t.Errorf("DELETE of a consumer while they are listed: %d %s", status, answer)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wait.Wait(); close(done) }()
	vanished := regexp.MustCompile(`^Consumer with ID [0-9a-f-]{36} does not exist$`)
	for listed := false; !listed; {
		select {
		case <-done:
			listed = true
		default:
		}
		status, answer := s.Do("GET", "/environments/"+env+"/consumers", nil)
		if known := status == 200 || s.several() && status == 500 && vanished.Match(answer); !known {
			t.Errorf("a list of consumers that are being deleted: %d %s", status, answer)
		}
	}
	if left := s.Consumers(env); len(left) > 0 {
		t.Errorf("all deleted, but there are %+v", left)
	}
}

// atOnce sends a request n times at the same time and counts the answers by status.
func (s *suite) atOnce(n int, method, path string, body any) map[int]int {
	var mu sync.Mutex
	var wait sync.WaitGroup
	statuses := map[int]int{}
	for range n {
		wait.Go(func() {
			status, _ := s.Do(method, path, body)
			mu.Lock()
			defer mu.Unlock()
			statuses[status]++
		})
	}
	wait.Wait()
	return statuses
}

// several tells whether several processes answer: they look before they insert, and may all insert.
func (s *suite) several() bool {
	if s.IsReal() {
		return os.Getenv("CORTEX_WORKERS") > "1"
	}
	return s.Fake().workers > 1
}

// TestFakeWithWorkersRaces is that part of the contract in which the number of workers matters.
func TestFakeWithWorkersRaces(t *testing.T) {
	for _, database := range []Database{SQLite, PostgreSQL} {
		c := StartFake(t, FakeOptions{Database: database, Workers: 4})
		contractParallel(t, &suite{Cortex: c, traits: traitsOf(c.Release(), database)})
		if twins := c.Consumers(c.Environments(c.Workspaces()[1].ID)[0].ID); len(twins) < 2 {
			t.Errorf("%s: four workers made the consumers %+v", database, twins)
		}
	}
}

// TestFakeWithWorkersLosesListed shows that such a list is what readers of a fake with several workers meet.
func TestFakeWithWorkersLosesListed(t *testing.T) {
	c := StartFake(t, FakeOptions{Workers: 4})
	env := c.CreateEnvironment(c.CreateWorkspace("w", nil).ID, "e", nil).ID
	for status := 200; status != 500; {
		consumer := c.CreateConsumer(env, map[string]any{"email": "a@example.com", "first_name": "", "last_name": ""}).ID
		var wait sync.WaitGroup
		wait.Go(func() { status, _ = c.Do("GET", "/environments/"+env+"/consumers", nil) })
		time.Sleep(workerGap / 2) // on a busy machine the list may be over by then, or not have begun
		c.Do("DELETE", "/consumers/"+consumer, nil)
		wait.Wait()
	}
}

// TestFakeWholeSeconds needs a clock, so that only the fake can be asked.
func TestFakeWholeSeconds(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	c.Fake().SetClock(func() time.Time { return time.Date(2026, 1, 2, 3, 4, 4, 999999000, time.UTC) })
	if ws := c.CreateWorkspace("w", nil); ws.CreatedAt != "2026-01-02T03:04:04.999999" || ws.UpdatedAt != "2026-01-02T03:04:05" {
		t.Errorf("created at %q, updated at %q", ws.CreatedAt, ws.UpdatedAt)
	}
}
