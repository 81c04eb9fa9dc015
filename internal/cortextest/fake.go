package cortextest

import (
	"crypto/rand"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Releases that the fake can be.
const (
	// Latest is the latest published release.
	Latest = DefaultVersion
	// Oldest is the oldest release whose behaviour the fake knows.
	Oldest = "0.0.1a4"
	// Head is the head of Cortex's repository: it answers most 404 and 409 with status 500.
	Head = "head"
)

// FakeOptions says which Cortex a Fake is.
type FakeOptions struct {
	Release  string   // Latest, Oldest or Head; "" is Latest
	Database Database // "" is SQLite
	// Workers over 1 make a create look for its name and insert its row in two steps, as several processes do: two creates of
	// one name that meet are both made, and a list of consumers fails for one that is deleted meanwhile.
	Workers int
}

// A Fake is a Cortex in memory that answers as the real one does, oddities included. The contract suite in this package
// runs on both, and the recordings of the real one are replayed on it. It is safe for concurrent use, and serves one request
// at a time, as one uvicorn process does.
type Fake struct {
	release  string
	database Database
	workers  int
	routes   []route

	mu     sync.Mutex
	now    func() time.Time
	last   time.Time
	tables map[string]*table
	// members are the links from consumer groups to consumers.
	members []member
	// databases and files are what data sources lead to.
	databases []served
	files     map[string][]Table
	silent    sync.Map // servers of databases that say nothing, each with its silence
}

// NewFake returns a Cortex whose database was empty at its start, so that onboarding has run.
func NewFake(o FakeOptions) *Fake {
	if o.Release == "" {
		o.Release = Latest
	}
	if o.Database == "" {
		o.Database = SQLite
	}
	if !slices.Contains([]string{Latest, Oldest, Head}, o.Release) {
		panic(fmt.Sprintf("cortextest: no fake of release %q", o.Release))
	}
	f := &Fake{release: o.Release, database: o.Database, workers: o.Workers, now: time.Now, tables: map[string]*table{}, files: map[string][]Table{}}
	for _, name := range []string{workspaces, environments, dataSources, consumers, consumerGroups, dataModels, metrics, dashboards} {
		f.tables[name] = &table{}
	}
	f.routes = slices.Concat(f.healthRoutes(), f.workspaceRoutes(), f.environmentRoutes(), f.moduleRoutes())
	f.onboard()
	return f
}

// SetClock replaces the fake's clock. Without it no two timestamps are equal.
func (f *Fake) SetClock(now func() time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now, f.last = now, time.Time{}
}

// tick is the time of the next thing that happens, in whole microseconds.
func (f *Fake) tick() time.Time {
	t := f.now().UTC().Truncate(time.Microsecond)
	if !f.last.IsZero() && !t.After(f.last) {
		t = f.last.Add(time.Microsecond)
	}
	f.last = t
	return t
}

// stamp gives created_at and updated_at of a new row: never the same.
func (f *Fake) stamp(row *pyDict) *pyDict {
	row.set("created_at", f.tick())
	row.set("updated_at", f.tick())
	return row
}

// Names of tables, as the database's error texts give them.
const (
	workspaces     = "workspaces"
	environments   = "environments"
	dataSources    = "data_sources"
	consumers      = "consumers"
	consumerGroups = "consumer_groups"
	dataModels     = "data_models"
	metrics        = "metrics"
	dashboards     = "dashboards"
)

// A table holds its rows in the order in which an unordered SELECT gives them. A row's keys are those of Cortex's answer.
type table struct{ rows []*pyDict }

func (t *table) index(id string) int {
	return slices.IndexFunc(t.rows, func(r *pyDict) bool { return r.values["id"] == pyUUID(id) })
}

func (t *table) find(id string) *pyDict {
	if i := t.index(id); i >= 0 {
		return t.rows[i]
	}
	return nil
}

// where returns the rows that have this value.
func (t *table) where(key string, value any) []*pyDict {
	var found []*pyDict
	for _, r := range t.rows {
		if r.values[key] == value {
			found = append(found, r)
		}
	}
	return found
}

func (t *table) remove(id string) {
	if i := t.index(id); i >= 0 {
		t.rows = slices.Delete(t.rows, i, i+1)
	}
}

// insert adds a row, with a new id if it has none.
func (f *Fake) insert(table string, row *pyDict) *pyDict {
	if row.values["id"] == nil {
		row.set("id", newUUID())
	}
	f.tables[table].rows = append(f.tables[table].rows, row)
	return row
}

// newest is the id of the row that was inserted or updated last.
func (f *Fake) newest(table string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	rows := f.tables[table].rows
	return string(rows[len(rows)-1].values["id"].(pyUUID))
}

// touch ends an update of a row: updated_at changes even if nothing else did, and PostgreSQL writes the row anew, so that
// it comes last in a list.
func (f *Fake) touch(table string, row *pyDict) {
	row.set("updated_at", f.tick())
	if f.database == PostgreSQL {
		t := f.tables[table]
		i := slices.Index(t.rows, row)
		t.rows = append(slices.Delete(t.rows, i, i+1), row)
	}
}

// workerGap is how long a request of a fake with several workers lets others in: long enough that two which an engine starts together meet.
const workerGap = 20 * time.Millisecond

// letOthersIn is where a create has found its name free and has not inserted its row yet, or a list has its rows and not what else it shows of them.
func (f *Fake) letOthersIn() {
	if f.workers > 1 {
		f.mu.Unlock()
		time.Sleep(workerGap)
		f.mu.Lock()
	}
}

func newUUID() pyUUID {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return pyUUID(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

// An answer is what a handler decides; the rest of the response is the same for all.
type answer struct {
	status      int
	contentType string
	body        []byte
	location    string
	unhandled   bool // an exception that nothing in Cortex caught: the middleware's headers are missing
}

func text(status int, format string, args ...any) answer {
	body := format
	if len(args) > 0 {
		body = fmt.Sprintf(format, args...)
	}
	return answer{status: status, contentType: "text/plain; charset=utf-8", body: []byte(body)}
}

func jsonAnswer(status int, v any) answer {
	body := dumpJSON(v)
	if !utf8.Valid(body) {
		return unhandled() // JSON columns take lone surrogates, and then nothing can show the row
	}
	return answer{status: status, contentType: "application/json", body: body}
}

// rowsAnswer is a list, [] when empty.
func rowsAnswer(rows []*pyDict) answer { return jsonAnswer(200, anys(rows)) }

func anys(rows []*pyDict) []any {
	list := make([]any, len(rows))
	for i, r := range rows {
		list[i] = r
	}
	return list
}

// told is an answer to what a service of Cortex failed at, with its words and, ahead of them, those of the handler, which decides the status. The head of
// Cortex's repository has no handlers that do so.
func (f *Fake) told(a answer, status int, handler, service string) answer {
	if f.release == Head {
		status, handler = 500, ""
	}
	a.status, a.body = status, append([]byte(handler+service), a.body...)
	return a
}

func noContent() answer { return answer{status: 204, contentType: "application/json"} }

func unhandled() answer {
	a := text(500, "Internal Server Error")
	a.unhandled = true
	return a
}

// known is the answer to a known error: the head of Cortex's repository lost the status of most of them.
func (f *Fake) known(status int, format string, args ...any) answer {
	if f.release == Head {
		status = 500
	}
	return text(status, format, args...)
}

// A route is a method and a path whose {names} match one segment each.
type route struct {
	method, path string
	handle       func(*call) answer
}

func (r route) match(path string) (map[string]string, bool) {
	want, have := strings.Split(r.path, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	params := map[string]string{}
	for i, w := range want {
		if strings.HasPrefix(w, "{") && have[i] != "" {
			params[strings.Trim(w, "{}")] = have[i]
		} else if w != have[i] {
			return nil, false
		}
	}
	return params, true
}

// find returns the first route for the path and method, and whether any route has the path.
func (f *Fake) find(method, path string) (handle func(*call) answer, params map[string]string, known bool) {
	for _, r := range f.routes {
		if p, ok := r.match(path); ok {
			if known = true; r.method == method {
				return r.handle, p, true
			}
		}
	}
	return nil, nil, known
}

// ServeHTTP implements http.Handler.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	f.mu.Lock()
	a := f.answer(r, body)
	f.mu.Unlock()

	h := w.Header()
	h.Set("Server", "uvicorn")
	if !a.unhandled {
		h.Set("X-Process-Time", fmt.Sprint(time.Since(start).Seconds()))
		h.Set("Cache-Control", "no-store")
	}
	if h["Content-Type"] = nil; a.contentType != "" { // nil keeps net/http from guessing one
		h.Set("Content-Type", a.contentType)
	}
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.status != 204 {
		h.Set("Content-Length", fmt.Sprint(len(a.body)))
	}
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead {
		w.Write(a.body) //nolint:errcheck // the client went away
	}
}

func (f *Fake) answer(r *http.Request, body []byte) answer {
	path := r.URL.Path
	handle, params, known := f.find(r.Method, path)
	switch {
	case handle != nil:
	case known:
		return text(405, "Method Not Allowed")
	default:
		other := path + "/"
		if strings.HasSuffix(path, "/") {
			other = strings.TrimRight(path, "/")
		}
		if _, _, known := f.find(r.Method, other); known && path != "/" {
			return f.redirect(r, other)
		}
		return text(404, "Not Found")
	}
	c := &call{Fake: f, params: params, contentType: r.Header.Get("Content-Type"), raw: body}
	c.query, _ = url.ParseQuery(r.URL.RawQuery)
	return handle(c)
}

func (f *Fake) redirect(r *http.Request, path string) answer {
	scheme := "http"
	if r.Header.Get("X-Forwarded-Proto") == "https" || r.TLS != nil {
		scheme = "https"
	}
	u := url.URL{Scheme: scheme, Host: r.Host, Path: path, RawQuery: r.URL.RawQuery}
	return answer{status: 307, location: u.String()}
}

// A call is one request to a handler. Its readers note what is wrong with the request; a handler asks refused before it acts.
type call struct {
	*Fake
	params      map[string]string
	query       url.Values
	contentType string
	raw         []byte

	reading
	broken *answer // the body could not be read at all
}

// refused returns the 400 for what the readers noted.
func (c *call) refused() (answer, bool) {
	switch {
	case c.broken != nil:
		return *c.broken, true
	case len(c.problems) > 0:
		return text(400, "%s", repr(c.problems)), true
	}
	return answer{}, false
}

func (c *call) uuid(loc pyTuple, input any) string {
	id, _ := anID(&c.reading, loc, input).(pyUUID)
	return string(id)
}

// pathID reads an id of the path.
func (c *call) pathID(name string) string { return c.uuid(pyTuple{"path", name}, c.params[name]) }

// queryValue reads one query parameter; of several the last one counts.
func (c *call) queryValue(name string) (string, bool) {
	values := c.query[name]
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// queryID reads an id that the query must hold.
func (c *call) queryID(name string) string {
	loc := pyTuple{"query", name}
	v, ok := c.queryValue(name)
	if !ok {
		c.problem("missing", loc, "Field required", nil)
		return ""
	}
	return c.uuid(loc, v)
}

// object reads the body, which must be a JSON object. It returns nil when it is not.
func (c *call) object() *pyDict {
	loc := pyTuple{"body"}
	if len(c.raw) == 0 {
		c.problem("missing", loc, "Field required", nil)
		return nil
	}
	var body any = pyBytes(c.raw)
	if isJSON(c.contentType) {
		v, err := parsePython(c.raw)
		switch err := err.(type) {
		case nil:
			body = v
		case *syntaxError:
			a := text(400, "%s", repr([]any{newDict("type", "json_invalid", "loc", pyTuple{"body", err.pos},
				"msg", "JSON decode error", "input", newDict(), "ctx", newDict("error", err.msg))}))
			c.broken = &a
			return nil
		default:
			a := text(400, "There was an error parsing the body")
			c.broken = &a
			return nil
		}
	}
	switch body := body.(type) {
	case nil:
		c.problem("missing", loc, "Field required", nil)
	case *pyDict:
		return body
	default:
		c.problem("model_attributes_type", loc, "Input should be a valid dictionary or object to extract fields from", body)
	}
	return nil
}

// isJSON tells whether Cortex reads a body of this content type as JSON: no content type counts as JSON.
func isJSON(contentType string) bool {
	if contentType == "" {
		return true
	}
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && strings.HasPrefix(kind, "application/") && (kind == "application/json" || strings.HasSuffix(kind, "+json"))
}

// field reads a field of the body: nil when it is absent or null.
func (c *call) field(body *pyDict, key string, read reader, p presence) any {
	if body == nil {
		return nil
	}
	return field{key, read, p, nil}.of(&c.reading, pyTuple{"body"}, body)
}

// body reads the whole body as an object of a class.
func (c *call) body(of class) map[string]any {
	body := c.object()
	if body == nil {
		return nil
	}
	return of.read(&c.reading, pyTuple{"body"}, body).(*pyDict).values
}

func (c *call) str(body *pyDict, key string, p presence) any { return c.field(body, key, aString, p) }

// id reads an id that the body must hold, canonical in the result.
func (c *call) id(body *pyDict, key string) string {
	id, _ := c.field(body, key, anID, required).(pyUUID)
	return string(id)
}

// mapping reads an object of any content.
func (c *call) mapping(body *pyDict, key string, p presence) any { return c.field(body, key, aDict, p) }

func (f *Fake) healthRoutes() []route {
	is, should := "c594bd42779a", "c594bd42779a"
	switch {
	case f.release == Oldest && f.database == SQLite:
		is, should = "450bd09cd019", "8bd9e9780557" // the last migration fails on SQLite
	case f.release == Oldest:
		is, should = "8bd9e9780557", "8bd9e9780557"
	case f.database == PostgreSQL:
		is, should = "af2631e7b647", "af2631e7b647"
	}
	status := newDict("status", "running")
	full := status.clone()
	full.set("migration_status", newDict("current_revision", is, "head_revision", should,
		"is_up_to_date", is == should, "migrations_applied", is == should, "auto_migration_enabled", true))
	return []route{
		{"GET", "/", func(*call) answer { return jsonAnswer(200, status) }},
		{"GET", "/health", func(*call) answer { return jsonAnswer(200, full) }},
	}
}

// onboard does what Cortex does at each start on a database without a workspace.
func (f *Fake) onboard() {
	ws := f.insert(workspaces, f.stamp(newDict("id", nil, "name", "Default",
		"description", "Default workspace created during onboarding")))
	env := f.insert(environments, f.stamp(newDict("id", nil, "workspace_id", ws.values["id"], "name", "Test",
		"description", "Test environment created during onboarding")))
	f.onboardModules(env.values["id"].(pyUUID))
}
