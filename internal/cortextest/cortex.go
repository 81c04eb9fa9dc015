package cortextest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Cortex is a server for tests or the demo: the fake, or a real one, behind a Front of its own.
type Cortex struct {
	*Front

	release  string
	database Database
	real     *Real // nil on the fake
	fake     *Fake // nil on a real one
	server   *http.Server
	url      string
	suffix   string
	fail     func(format string, args ...any)
	cleanup  []func() error
}

// An Option changes which Cortex Start and Run give.
type Option func(*settings)

type settings struct {
	real     bool
	release  string
	database Database
	workers  int
	ctx      context.Context // bounds the start of a real one
}

// WithDatabase picks the database of a Cortex in memory, and is ignored by a real one.
func WithDatabase(d Database) Option {
	return func(s *settings) {
		if !s.real {
			s.database = d
		}
	}
}

// WithRelease picks the release of a Cortex in memory, and is ignored by a real one.
func WithRelease(release string) Option {
	return func(s *settings) {
		if !s.real {
			s.release = release
		}
	}
}

// WithWorkers gives a Cortex in memory as many workers, and is ignored by a real one.
func WithWorkers(n int) Option {
	return func(s *settings) {
		if !s.real {
			s.workers = n
		}
	}
}

// WithContext bounds the start of a real Cortex by Run.
func WithContext(ctx context.Context) Option { return func(s *settings) { s.ctx = ctx } }

// fromEnvironment reads CORTEX (real, or else the fake), CORTEX_VERSION, CORTEX_DB and CORTEX_WORKERS.
func fromEnvironment(options []Option) (settings, error) {
	s := settings{ctx: context.Background(), real: os.Getenv("CORTEX") == "real", release: os.Getenv("CORTEX_VERSION"), database: Database(os.Getenv("CORTEX_DB"))}
	if w := os.Getenv("CORTEX_WORKERS"); w != "" {
		var err error
		if s.workers, err = strconv.Atoi(w); err != nil {
			return s, fmt.Errorf("CORTEX_WORKERS is not a number: %w", err)
		}
	}
	if s.release == "" {
		s.release = Latest
	}
	if s.database == "" {
		s.database = SQLite
	}
	for _, o := range options {
		o(&s)
	}
	if s.database != SQLite && s.database != PostgreSQL {
		return s, fmt.Errorf("CORTEX_DB must be %s or %s, not %q", SQLite, PostgreSQL, s.database)
	}
	return s, nil
}

// shared is the one real server of this test process.
var shared struct {
	once sync.Once
	real *Real
	err  error
}

func sharedReal(s settings) (*Real, error) {
	shared.once.Do(func() {
		shared.real, shared.err = StartReal(context.Background(), RealOptions{Version: s.release, Database: s.database, Workers: s.workers})
	})
	return shared.real, shared.err
}

// Main runs the tests of a package, stops the real server that Start shared among them, ends what else they share, and exits. Every package
// whose tests call Start needs it as its TestMain.
func Main(m *testing.M, ends ...func() error) {
	code := m.Run()
	for _, end := range append(ends, StopShared) {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// StopShared stops the real server that Start shared, if there is one: for packages with a TestMain of their own.
func StopShared() error {
	if shared.real == nil {
		return nil
	}
	if err := shared.real.Close(); err != nil {
		return fmt.Errorf("cannot stop Cortex: %w", err)
	}
	return nil
}

// Start gives the Cortex that the suite runs against. With CORTEX=real that is one real server for all tests of the
// process, so a test must not count on being alone: see Name. Otherwise it is a new fake. CORTEX_VERSION and CORTEX_DB say which.
func Start(t testing.TB, options ...Option) *Cortex {
	t.Helper()
	s, err := fromEnvironment(options)
	if err != nil {
		t.Fatal(err)
	}
	if !s.real {
		return StartFake(t, FakeOptions{Release: s.release, Database: s.database, Workers: s.workers})
	}
	skipLate(t)
	real, err := sharedReal(s)
	if err != nil {
		t.Fatalf("cannot start Cortex: %v", err)
	}
	return forTest(t, &Cortex{release: s.release, database: s.database, real: real})
}

// StartOther is Start with a server of its own, a real one too, on which nobody else has anything: a second Cortex.
func StartOther(t testing.TB, options ...Option) *Cortex {
	t.Helper()
	s, err := fromEnvironment(options)
	if err != nil {
		t.Fatal(err)
	}
	if !s.real {
		return StartFake(t, FakeOptions{Release: s.release, Database: s.database, Workers: s.workers})
	}
	skipLate(t)
	real, err := StartReal(s.ctx, RealOptions{Version: s.release, Database: s.database, Workers: s.workers})
	if err != nil {
		t.Fatalf("cannot start a second Cortex: %v", err)
	}
	t.Cleanup(func() {
		if err := real.Close(); err != nil {
			t.Errorf("cannot stop the second Cortex: %v", err)
		}
	})
	return forTest(t, &Cortex{release: s.release, database: s.database, real: real})
}

// StartFake gives a new fake, whatever CORTEX says.
func StartFake(t testing.TB, o FakeOptions) *Cortex {
	t.Helper()
	skipLate(t)
	fake := NewFake(o)
	return forTest(t, &Cortex{release: fake.release, database: fake.database, fake: fake})
}

func forTest(t testing.TB, c *Cortex) *Cortex {
	t.Helper()
	if err := c.serve(); err != nil {
		t.Fatal(err)
	}
	c.fail = func(format string, args ...any) { t.Helper(); t.Fatalf(format, args...) }
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// Run gives a Cortex outside of tests, with a real server of its own if CORTEX asks for one. Its methods panic where those of Start fail
// the test. Close it.
func Run(options ...Option) (*Cortex, error) {
	s, err := fromEnvironment(options)
	if err != nil {
		return nil, err
	}
	c := &Cortex{release: s.release, database: s.database, fail: func(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }}
	if s.real {
		if c.real, err = StartReal(s.ctx, RealOptions{Version: s.release, Database: s.database, Workers: s.workers}); err != nil {
			return nil, err
		}
		c.cleanup = append(c.cleanup, c.real.Close)
	} else {
		c.fake = NewFake(FakeOptions{Release: s.release, Database: s.database, Workers: s.workers})
	}
	if err := c.serve(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// serve listens.
func (c *Cortex) serve() error {
	var backend http.Handler = c.fake
	if c.real != nil {
		var err error
		if backend, err = c.proxy(c.real.URL()); err != nil {
			return err
		}
	}
	var suffix [4]byte
	rand.Read(suffix[:])
	c.suffix = hex.EncodeToString(suffix[:])
	c.Front = NewFront(backend)
	// uvicorn closes idle connections after 5 s.
	c.server = &http.Server{Handler: c.Front, IdleTimeout: 5 * time.Second, ReadHeaderTimeout: time.Minute}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	c.url = "http://" + listener.Addr().String()
	go c.server.Serve(listener) //nolint:errcheck // it ends by Close
	return nil
}

// proxy hands requests to a real server as they came.
func (c *Cortex) proxy(target string) (http.Handler, error) {
	u, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{DisableCompression: true, IdleConnTimeout: time.Second, MaxIdleConnsPerHost: 64}
	c.cleanup = append(c.cleanup, func() error { transport.CloseIdleConnections(); return nil })
	return &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = u.Scheme, u.Host, r.In.Host
		},
		// After an exception that nothing caught, uvicorn closes the connection without a word: the next request on it would have no answer.
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode != http.StatusInternalServerError || r.Header.Get("X-Process-Time") != "" {
				return nil
			}
			body, err := io.ReadAll(r.Body) // at its end, the connection counts as idle
			if err != nil {
				return err
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			transport.CloseIdleConnections()
			return nil
		},
		// Where Cortex gives no answer, the client gets none either.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}, nil
}

// Close stops listening, and a real server that Run started.
func (c *Cortex) Close() error {
	var errs []error
	if c.server != nil {
		c.Front.Close()
		errs = append(errs, c.server.Close())
	}
	for _, f := range c.cleanup {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// URL is the base URL, without /api/v1 and without a slash at the end.
func (c *Cortex) URL() string { return c.url }

// Release is the release that answers: Latest, Oldest, Head or another one's number.
func (c *Cortex) Release() string { return c.release }

// Database is the kind of database under it.
func (c *Cortex) Database() Database { return c.database }

// IsReal tells whether a real server answers.
func (c *Cortex) IsReal() bool { return c.real != nil }

// Fake is the fake that answers, nil on a real server.
func (c *Cortex) Fake() *Fake { return c.fake }

// Real is the real server that answers, nil on the fake. Tests share it: do not close it.
func (c *Cortex) Real() *Real { return c.real }

// Name makes a name that no other test and no other run uses, the same for the same base.
func (c *Cortex) Name(base string) string { return base + "-" + c.suffix }

// A Workspace as Cortex shows it.
type Workspace struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

// An Environment as Cortex shows it.
type Environment struct {
	ID          string  `json:"id"`
	WorkspaceID string  `json:"workspace_id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	CreatedAt   string  `json:"created_at"`
	UpdatedAt   string  `json:"updated_at"`
}

// Do sends a request past the front, neither logged nor hit by faults. path is below /api/v1; body may be nil, a []byte or string that is
// sent as it is, or anything that encodes to JSON.
func (c *Cortex) Do(method, path string, body any) (status int, answer []byte) {
	var data []byte
	switch body := body.(type) {
	case nil:
	case []byte:
		data = body
	case string:
		data = []byte(body)
	default:
		var err error
		if data, err = json.Marshal(body); err != nil {
			c.fail("cannot encode the body of %s %s: %v", method, path, err)
		}
	}
	r, err := http.NewRequest(method, c.url+apiPrefix+path, bytes.NewReader(data))
	if err != nil {
		c.fail("%s %s: %v", method, path, err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(nil)), 0
	}
	a := record(c.backend, r)
	return a.status, a.body.Bytes()
}

// do is Do with an expectation.
func (c *Cortex) do(method, path string, body any, want int, into any) {
	status, answer := c.Do(method, path, body)
	if status != want {
		c.fail("%s %s behind Terraform's back: status %d, want %d: %s", method, path, status, want, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			c.fail("%s %s behind Terraform's back: %v in %s", method, path, err, answer)
		}
	}
}

// list, read, create and update are the requests that each kind of object has; read's ok is false when Cortex says that the object is not there.

func list[T any](c *Cortex, path string) (all []T) {
	c.do("GET", path, nil, 200, &all)
	return all
}

func read[T any](c *Cortex, path string) (object T, ok bool) {
	ok = c.get(path, &object)
	return object, ok
}

func create[T any](c *Cortex, path string, body any) (object T) {
	c.do("POST", path, body, 201, &object)
	return object
}

func update[T any](c *Cortex, path string, change map[string]any) (object T) {
	c.do("PUT", path, change, 200, &object)
	return object
}

// Workspaces lists all workspaces, also those of other tests.
func (c *Cortex) Workspaces() []Workspace { return list[Workspace](c, "/workspaces") }

// Workspace finds one workspace; ok is false when Cortex says that it is not there.
func (c *Cortex) Workspace(id string) (w Workspace, ok bool) {
	return read[Workspace](c, "/workspaces/"+id)
}

// CreateWorkspace creates a workspace.
func (c *Cortex) CreateWorkspace(name string, description *string) Workspace {
	return create[Workspace](c, "/workspaces", map[string]any{"name": name, "description": description})
}

// UpdateWorkspace changes the fields that are given.
func (c *Cortex) UpdateWorkspace(id string, change map[string]any) Workspace {
	return update[Workspace](c, "/workspaces/"+id, change)
}

// DeleteWorkspace deletes a workspace.
func (c *Cortex) DeleteWorkspace(id string) { c.do("DELETE", "/workspaces/"+id, nil, 204, nil) }

// Environments lists the environments of a workspace.
func (c *Cortex) Environments(workspaceID string) []Environment {
	return list[Environment](c, "/environments?workspace_id="+workspaceID)
}

// Environment finds one environment; ok is false when Cortex says that it is not there.
func (c *Cortex) Environment(id string) (e Environment, ok bool) {
	return read[Environment](c, "/environments/"+id)
}

// CreateEnvironment creates an environment; without a description Cortex fills in one of its two texts.
func (c *Cortex) CreateEnvironment(workspaceID, name string, description *string) Environment {
	return create[Environment](c, "/environments", map[string]any{"workspace_id": workspaceID, "name": name, "description": description})
}

// UpdateEnvironment changes the fields that are given.
func (c *Cortex) UpdateEnvironment(id string, change map[string]any) Environment {
	return update[Environment](c, "/environments/"+id, change)
}

// DeleteEnvironment deletes an environment.
func (c *Cortex) DeleteEnvironment(id string) { c.do("DELETE", "/environments/"+id, nil, 204, nil) }

// Contents describes all workspaces and their environments, for a comparison of what was with what is.
func (c *Cortex) Contents() (all []string) {
	for _, w := range c.Workspaces() {
		all = append(all, fmt.Sprintf("workspace %s %q updated %s", w.ID, w.Name, w.UpdatedAt))
		for _, e := range c.Environments(w.ID) {
			all = append(all, fmt.Sprintf("environment %s %q updated %s", e.ID, e.Name, e.UpdatedAt))
		}
	}
	slices.Sort(all)
	return all
}

func (c *Cortex) get(path string, into any) bool {
	status, answer := c.Do("GET", path, nil)
	missing := status == 404 || status == 500 && c.release == Head
	switch {
	case missing && bytes.Contains(answer, []byte(" with ID ")):
		return false
	case status != 200:
		c.fail("GET %s behind Terraform's back: status %d: %s", path, status, answer)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		c.fail("GET %s behind Terraform's back: %v in %s", path, err, answer)
	}
	return true
}

// Attach puts an object on an environment and returns its id: a "data source", "consumer", "consumer group", "data model", "metric" (with a
// data model of its own) or "dashboard".
func (c *Cortex) Attach(environmentID, kind, name string) string {
	body := map[string]any{"environment_id": environmentID, "name": name}
	var path string
	switch kind {
	case "data source":
		path, body["alias"], body["source_catalog"], body["source_type"] = "/data/sources", "alias", "DATABASE", "postgresql"
		body["config"] = map[string]any{"host": "db.example.com", "port": 5432, "dialect": "postgresql"}
	case "consumer":
		path, body["first_name"], body["last_name"], body["email"] = "/consumers", name, "Consumer", strings.ReplaceAll(name, " ", "-")+"@example.com"
	case "consumer group":
		path = "/consumers/groups"
	case "data model":
		path = "/data/models"
	case "metric":
		path, body["data_model_id"] = "/metrics", c.Attach(environmentID, "data model", name+" model")
	case "dashboard":
		path, body["type"] = "/dashboards", "executive"
	default:
		c.fail("cannot attach a %q", kind)
	}
	if kind == "data model" && c.fake != nil && c.release == Head {
		c.do("POST", path, body, 500, nil) // but the row stays
		return c.fake.newest(dataModels)
	}
	var created struct {
		ID string `json:"id"`
	}
	c.do("POST", path, body, 201, &created)
	return created.ID
}
