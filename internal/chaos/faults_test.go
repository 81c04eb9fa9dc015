package chaos

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httputil"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// requestTimeout is the provider's deadline under faults: short, so that a hang costs little, and still more than a Cortex on
// a busy machine needs.
var requestTimeout = func() time.Duration {
	if os.Getenv("CORTEX") == "real" {
		return 12 * time.Second
	}
	return 3 * time.Second
}()

// healthyTimeout is its deadline without them: nothing hangs then.
const healthyTimeout = 2 * time.Minute

// fault is one way in which the injector spoils an exchange.
type fault struct {
	name   string
	weight int
	// passing tells that a provider must get over it: the same request goes well later.
	passing bool
	// make returns no kind for a request that cannot meet it.
	make func(r *http.Request) cortextest.Fault
}

// fits tells whether a request can meet the fault.
func (f fault) fits(r *http.Request, gentle bool) bool {
	return (f.passing || !gentle) && f.make(r).Kind != ""
}

func plain(f cortextest.Fault) func(*http.Request) cortextest.Fault {
	return func(*http.Request) cortextest.Fault { return f }
}

func status(code int, body string, acted bool) func(*http.Request) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: code, Body: body, AfterServer: acted})
}

// wait is a status with Retry-After.
func wait(code int, acted bool) func(*http.Request) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: code, RetryAfter: time.Second, AfterServer: acted})
}

// late lets a create run after its deadline. What else is late would only make the oracle's picture old.
func late(after time.Duration) func(*http.Request) cortextest.Fault {
	return func(r *http.Request) cortextest.Fault {
		if r.Method != http.MethodPost {
			return cortextest.Fault{Kind: cortextest.Reset}
		}
		return cortextest.Fault{Kind: cortextest.Late, Delay: requestTimeout + after}
	}
}

const (
	sqlDown    = "(psycopg.OperationalError) connection failed: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused"
	sqlRefused = "(psycopg.errors.UndefinedColumn) column \"x\" does not exist\nLINE 1: …\n[SQL: SELECT 1]"
	page       = "<html><body>Sign in</body></html>"
)

// faults is every kind of fault. The weights make most of them such that a run goes on.
var faults = []fault{
	{"answer lost after Cortex acted", 6, true, plain(cortextest.Fault{Kind: cortextest.Reset, AfterServer: true})},
	{"connection reset before", 6, true, plain(cortextest.Fault{Kind: cortextest.Reset})},
	{"connection closed before", 3, true, plain(cortextest.Fault{Kind: cortextest.Drop})},
	{"connection closed in the body", 4, true, plain(cortextest.Fault{Kind: cortextest.Truncate})},
	{"429 with Retry-After", 3, true, wait(429, false)},
	{"503 with Retry-After", 2, true, wait(503, false)},
	{"503 with Retry-After after Cortex acted", 2, true, wait(503, true)},
	{"502 before, with the request", 3, true, repeated(502, "bad gateway: ", "", false)},
	{"502 after Cortex acted, with the request", 4, true, repeated(502, "bad gateway: ", "", true)},
	{"503 before", 3, true, status(503, "maintenance", false)},
	{"503 after Cortex acted", 3, true, status(503, "maintenance", true)},
	{"504 before", 1, false, status(504, "timeout", false)},
	{"504 after Cortex acted", 2, true, status(504, "timeout", true)},
	{"hang before", 1, false, plain(cortextest.Fault{Kind: cortextest.Hang})},
	{"hang after Cortex acted", 2, true, plain(cortextest.Fault{Kind: cortextest.Hang, AfterServer: true})},
	{"create acted on soon after its deadline; else a reset", 1, true, late(requestTimeout / 8)},
	{"create acted on long after its deadline; else a reset", 1, false, late(requestTimeout)},
	{"nothing found to delete", 12, true, notDeleted},
	{"slow body", 3, true, plain(cortextest.Fault{Kind: cortextest.Slow, Delay: 5 * time.Millisecond})},
	{"body slower than the deadline", 1, true, plain(cortextest.Fault{Kind: cortextest.Slow, Delay: requestTimeout})},
	{"half the JSON", 1, false, jsonFault(`{"id":"`, false)},
	{"half the JSON after Cortex acted", 1, false, halved},
	{"HTML with 200", 1, false, htmlFault(200, false)},
	{"HTML with 200 after Cortex acted", 1, false, htmlFault(200, true)},
	{"HTML with 404", 1, false, htmlFault(404, false)},
	{"500 of an unknown kind", 3, true, status(500, "Internal Server Error", false)},
	{"500 of an unknown kind after Cortex acted, with its answer", 2, true, retold},
	{"500 with SQL", 1, false, repeated(500, sqlRefused+" [parameters: ('", "',)]", false)},
	{"answer about another object", 1, false, another},
}

// repeated is a status with a text that repeats the whole request between two others, and so its secrets.
func repeated(code int, before, after string, acted bool) func(*http.Request) cortextest.Fault {
	return func(r *http.Request) cortextest.Fault {
		request, _ := httputil.DumpRequest(r, true) // from memory
		return status(code, before+string(request)+after, acted)(r)
	}
}

// retold has the answer of Cortex in an error, and so the secrets that Cortex shows. Its ids are left out: an error that has one of them by chance
// does not tell of the object.
func retold(r *http.Request) cortextest.Fault {
	f := status(500, "", true)(r)
	f.Retell = func(answer []byte) string {
		return "1 validation error: " + anyID.ReplaceAllString(string(answer), "(id)")
	}
	return f
}

func jsonFault(body string, acted bool) func(*http.Request) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "application/json", Body: body, AfterServer: acted})
}

// halved has the first part of Cortex's answer, up to the middle of a secret if it has one.
func halved(r *http.Request) cortextest.Fault {
	f := jsonFault("", true)(r)
	f.Retell = func(answer []byte) string {
		if len(answer) == 0 { // to a deletion
			return `{"id":"`
		}
		end := len(answer) / 2
		if at := bytes.Index(answer, []byte(secretMark)); at >= 0 {
			end = at + len(secretMark) + 1
		}
		return anyID.ReplaceAllString(string(answer[:end]), "(id)")
	}
	return f
}

func htmlFault(code int, acted bool) func(*http.Request) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: code, ContentType: "text/html", Body: page, AfterServer: acted})
}

// notDeleted says of a consumer or a group what Cortex says of one that is gone already.
func notDeleted(r *http.Request) cortextest.Fault {
	for _, k := range []*kind{consumer, consumerGroup} {
		if r.Method == http.MethodDelete && path.Dir(r.URL.Path) == "/api/v1"+k.path {
			return cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: "500: Failed to delete " + k.noun}
		}
	}
	return cortextest.Fault{}
}

// another answers with an object that nobody asked for: one alone, or in a list the one of another place.
func another(r *http.Request) cortextest.Fault {
	object := `{"id":"99999999-9999-4999-8999-999999999999","workspace_id":"99999999-9999-4999-8999-999999999998",` +
		`"environment_id":"99999999-9999-4999-8999-999999999998","data_model_id":"99999999-9999-4999-8999-999999999997","name":"somebody else's",` +
		`"email":"somebody@example.com","first_name":"x","last_name":"x","description":"x","groups":[],"config":{},"is_active":true,"version":1,"type":"tactical","views":[],"created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05"}`
	f := cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "application/json", Body: object}
	if r.Method == http.MethodGet && (r.URL.Query().Has("workspace_id") || strings.Contains(r.URL.Path, "/environments/") && !aboutOne(r)) {
		f.Body = "[" + object + "]"
	}
	for _, k := range named {
		list, _, _ := strings.Cut(k.listIn(path.Base(path.Dir(r.URL.Path))), "?")
		if k.inside != "" && r.Method == http.MethodGet && r.URL.Path == "/api/v1"+list {
			f.Body = fmt.Sprintf(`{%q:[%s]}`, k.inside, object)
		}
	}
	if r.Method == http.MethodDelete { // a sentence about another object
		f.Status, f.ContentType = 404, ""
		f.Body = "Environment with ID 99999999-9999-4999-8999-999999999999 does not exist in the database"
	}
	return f
}

// aboutOne tells whether a request is about one object, and not about a list.
func aboutOne(r *http.Request) bool { return anyID.MatchString(path.Base(r.URL.Path)) }

// isOf tells whether a request is about these kinds.
func isOf(r *http.Request, kinds ...*kind) bool {
	return slices.ContainsFunc(kinds, func(k *kind) bool { return strings.Contains(r.URL.Path, k.path) })
}

// databaseAway is how often a request finds the database away in a step in which it went away.
const databaseAway = 2

// mostRepeats is more than the requests of one kind about one object that a provider sends to a Cortex that is down.
const mostRepeats = 30

// injector decides which requests meet which fault. The decision depends on nothing but the seed and the request (its
// kind, the name of its object, how often it came in this step), so that one number repeats it, in whatever order
// requests arrive.
type injector struct {
	cortex *cortextest.Cortex
	prefix string // of names, which differs from run to run

	mu     sync.Mutex
	on     bool
	seed   uint64
	rate   float64
	gentle bool   // passing faults only, and never more than two in a row for one request
	away   string // "" or what finds the database away at first: "all" or "writes"
	down   *fault // what every request meets; nil when Cortex is up
	seen   map[string]int
	limit  map[string]time.Time // until when a request was told to wait
	names  map[string]string    // of objects, by id: the first one that was seen

	impatient []string // requests that came again before their Retry-After, or without end
	endless   func()   // is told of the latter, since it may never end

	countdown int    // of writes until fire, when it is set
	fire      func() // runs once
}

// start begins to inject.
func (i *injector) start(seed uint64, rate float64, gentle bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.on, i.seed, i.rate, i.gentle, i.down, i.seen, i.limit = true, seed, rate, gentle, nil, map[string]int{}, map[string]time.Time{}
	i.away = []string{"all", "writes", "", "", "", "", "", ""}[rand.New(rand.NewPCG(seed, 0)).IntN(8)]
}

// startDown lets every request meet one fault.
func (i *injector) startDown(f *fault) {
	i.start(0, 0, false)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = f
}

func (i *injector) stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.on, i.fire = false, nil
}

// fireAt calls fire when the n-th write arrives, and makes every write slow enough to be caught under way.
func (i *injector) fireAt(n int, fire func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.countdown, i.fire = n, fire
}

// intercept is the front's hook.
func (i *injector) intercept(r *http.Request) *cortextest.Fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	tally.add(requests, 1)
	var f *cortextest.Fault
	if i.on {
		f = i.pick(r)
	}
	if r.Method != http.MethodGet && i.fire != nil {
		if i.countdown--; i.countdown == 0 {
			go i.fire()
		}
		if f == nil { // before or after Cortex acts
			f = &cortextest.Fault{Kind: cortextest.Latency, Delay: rand.N(30 * time.Millisecond), AfterServer: rand.N(2) == 0}
		}
	}
	return f
}

func (i *injector) pick(r *http.Request) *cortextest.Fault {
	key := i.identify(r)
	if until, ok := i.limit[key]; ok && time.Now().Before(until) {
		i.impatient = append(i.impatient, key+" before its Retry-After")
	}
	delete(i.limit, key)
	i.seen[key]++
	random := func(use string) *rand.Rand {
		hash := fnv.New64a()
		_, _ = fmt.Fprint(hash, key, i.seen[key], use)
		return rand.New(rand.NewPCG(i.seed, hash.Sum64()))
	}
	switch {
	case i.down != nil:
		if i.seen[key] == mostRepeats {
			i.impatient = append(i.impatient, key+" without end")
			i.endless()
		}
		tally.fault("down: " + i.down.name)
		f := i.down.make(r)
		return &f
	case i.away != "" && i.seen[key] <= databaseAway && (i.away == "all" || r.Method != http.MethodGet):
		tally.fault("database goes away and comes back")
		return &cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: sqlDown}
	case i.gentle && i.seen[key]%3 == 0, random("whether").Float64() >= i.rate:
		return nil
	}
	total := 0
	for _, f := range faults {
		if f.fits(r, i.gentle) {
			total += f.weight
		}
	}
	n := random("which").IntN(total)
	for _, f := range faults {
		if !f.fits(r, i.gentle) {
			continue
		}
		if n -= f.weight; n < 0 {
			made := f.make(r)
			// Only one caller at a time asks this of one object. Lists have several, and so have consumers, which show memberships, and what metrics
			// and dashboards refer to, for which each of them looks.
			if made.RetryAfter > 0 && (r.Method != http.MethodGet || aboutOne(r) && !isOf(r, environment, consumer, dataSource, dataModel)) {
				made.Sent = func() { // may be late: a client that gave up was told nothing
					i.mu.Lock()
					defer i.mu.Unlock()
					i.limit[key] = time.Now().Add(made.RetryAfter * 9 / 10)
				}
			}
			tally.fault(f.name)
			return &made
		}
	}
	return nil
}

// identify names a request in a way that is the same in every run: ids differ from run to run, names do not.
func (i *injector) identify(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var made struct {
		WorkspaceID   string `json:"workspace_id"`
		EnvironmentID string `json:"environment_id"`
		ConsumerID    string `json:"consumer_id"`
		Name, Email   string
	}
	_ = json.Unmarshal(body, &made)
	name := func(id string) string {
		return i.name(cmp.Or(r.URL.Query().Get("environment_id"), made.EnvironmentID), id)
	}
	path := anyID.ReplaceAllStringFunc(strings.TrimPrefix(r.URL.Path, "/api/v1")+"?"+r.URL.RawQuery, name)
	if r.Method != http.MethodPost {
		return r.Method + path
	}
	return fmt.Sprint(r.Method, path, " ", name(made.WorkspaceID+made.EnvironmentID+made.ConsumerID), "/", strings.TrimPrefix(made.Name+made.Email, i.prefix))
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// name is the name of the object with this id, if it is in this environment where Cortex asks for that.
func (i *injector) name(environment, id string) string {
	if _, known := i.names[id]; !known && id != "" {
		for _, k := range named {
			var object struct{ Name, Email string }
			if status, answer := i.cortex.Do(http.MethodGet, k.item(environment, id), nil); status == http.StatusOK && json.Unmarshal(answer, &object) == nil {
				i.names[id] = strings.TrimPrefix(object.Name+object.Email, i.prefix)
			}
		}
	}
	return i.names[id]
}
