package chaos

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// requestTimeout is the provider's deadline under test: short, so that a hang costs a second.
const requestTimeout = time.Second

// fault is one way in which the injector spoils an exchange.
type fault struct {
	name   string
	weight int
	// passing tells that a provider must get over it: the same request goes well later.
	passing bool
	make    func(r *http.Request, i *injector) cortextest.Fault
}

func plain(f cortextest.Fault) func(*http.Request, *injector) cortextest.Fault {
	return func(*http.Request, *injector) cortextest.Fault { return f }
}

func status(code int, body string, acted bool) func(*http.Request, *injector) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: code, Body: body, AfterServer: acted})
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
	{"429 with Retry-After", 3, true, plain(cortextest.Fault{Kind: cortextest.Answer, Status: 429, RetryAfter: time.Second})},
	{"502 before", 3, true, status(502, "bad gateway", false)},
	{"502 after Cortex acted", 4, true, status(502, "bad gateway", true)},
	{"503 before", 3, true, status(503, "maintenance", false)},
	{"503 after Cortex acted", 3, true, status(503, "maintenance", true)},
	{"504 before", 1, false, status(504, "timeout", false)},
	{"504 after Cortex acted", 2, true, status(504, "timeout", true)},
	{"hang before", 1, false, plain(cortextest.Fault{Kind: cortextest.Hang})},
	{"hang after Cortex acted", 2, true, plain(cortextest.Fault{Kind: cortextest.Hang, AfterServer: true})},
	{"slow body", 3, true, plain(cortextest.Fault{Kind: cortextest.Slow, Delay: 5 * time.Millisecond})},
	{"body slower than the deadline", 1, true, plain(cortextest.Fault{Kind: cortextest.Slow, Delay: requestTimeout})},
	{"half the JSON", 1, false, jsonFault(`{"id":"`, false)},
	{"half the JSON after Cortex acted", 1, false, jsonFault(`{"id":"`, true)},
	{"HTML with 200", 1, false, htmlFault(200, false)},
	{"HTML with 200 after Cortex acted", 1, false, htmlFault(200, true)},
	{"HTML with 404", 1, false, htmlFault(404, false)},
	{"500 of an unknown kind", 3, true, status(500, "Internal Server Error", false)},
	{"500 of an unknown kind after Cortex acted", 2, true, status(500, "Internal Server Error", true)},
	{"500 with SQL", 1, false, status(500, sqlRefused, false)},
	{"database away for a while", 2, true, func(r *http.Request, i *injector) cortextest.Fault {
		i.away.Store(3)
		return cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: sqlDown}
	}},
	{"answer about another object", 1, false, another},
}

func jsonFault(body string, acted bool) func(*http.Request, *injector) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "application/json", Body: body, AfterServer: acted})
}

func htmlFault(code int, acted bool) func(*http.Request, *injector) cortextest.Fault {
	return plain(cortextest.Fault{Kind: cortextest.Answer, Status: code, ContentType: "text/html", Body: page, AfterServer: acted})
}

// another answers with an object that nobody asked for.
func another(r *http.Request, _ *injector) cortextest.Fault {
	object := `{"id":"99999999-9999-4999-8999-999999999999","workspace_id":"99999999-9999-4999-8999-999999999998","name":"somebody else's",` +
		`"description":"x","created_at":"2026-01-02T03:04:05","updated_at":"2026-01-02T03:04:05"}`
	f := cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "application/json", Body: object}
	if r.Method == http.MethodGet && r.URL.RawQuery != "" {
		f.Body = "[" + object + "]"
	}
	if r.Method == http.MethodDelete { // a sentence about another object
		f.Status, f.ContentType = 404, ""
		f.Body = "Environment with ID 99999999-9999-4999-8999-999999999999 does not exist in the database"
	}
	return f
}

// injector decides which requests meet which fault. The decision depends on nothing but the seed, the step and the
// request (its kind, the name of its object, how often it came), so that one number repeats it, in whatever order
// requests arrive.
type injector struct {
	cortex *cortextest.Cortex

	mu     sync.Mutex
	on     bool
	seed   uint64
	rate   float64
	gentle bool // passing faults only, and never more than two in a row for one request
	seen   map[string]int
	limit  map[string]time.Time // until when a request was told to wait

	away atomic.Int32 // how many more requests find the database away

	impatient []string // requests that came again before their Retry-After
}

// start begins to inject.
func (i *injector) start(seed uint64, rate float64, gentle bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.on, i.seed, i.rate, i.gentle, i.seen, i.limit = true, seed, rate, gentle, map[string]int{}, map[string]time.Time{}
}

func (i *injector) stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.on = false
	i.away.Store(0)
}

// intercept is the front's hook.
func (i *injector) intercept(r *http.Request) *cortextest.Fault {
	i.mu.Lock()
	defer i.mu.Unlock()
	tally.requests.Add(1)
	if !i.on {
		return nil
	}
	key := i.identify(r)
	if until, ok := i.limit[key]; ok && time.Now().Before(until) {
		i.impatient = append(i.impatient, key)
	}
	delete(i.limit, key)
	i.seen[key]++
	if i.away.Load() > 0 {
		i.away.Add(-1)
		tally.fault("database away for a while")
		return &cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: sqlDown}
	}
	if i.gentle && i.seen[key]%3 == 0 {
		return nil
	}
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, key, i.seen[key])
	random := rand.New(rand.NewPCG(i.seed, hash.Sum64()))
	if random.Float64() >= i.rate {
		return nil
	}
	var total int
	for _, f := range faults {
		if f.passing || !i.gentle {
			total += f.weight
		}
	}
	pick := random.IntN(total)
	for _, f := range faults {
		if i.gentle && !f.passing {
			continue
		}
		if pick -= f.weight; pick < 0 {
			made := f.make(r, i)
			if i.gentle {
				i.away.Store(0)
			}
			if made.RetryAfter > 0 {
				i.limit[key] = time.Now().Add(made.RetryAfter * 9 / 10)
			}
			tally.fault(f.name)
			return &made
		}
	}
	return nil
}

// identify names a request in a way that is the same in every run: ids differ from run to run, names do not.
func (i *injector) identify(r *http.Request) string {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	name := func(path string) string {
		_, answer := i.cortex.Do(http.MethodGet, path, nil)
		var object struct{ Name string }
		_ = json.Unmarshal(answer, &object)
		return object.Name
	}
	switch parts := strings.Split(strings.TrimPrefix(path, "/"), "/"); {
	case r.Method == http.MethodPost:
		body, _ := io.ReadAll(r.Body)
		var object struct{ Name string }
		_ = json.Unmarshal(body, &object)
		return fmt.Sprint(r.Method, path, object.Name)
	case len(parts) >= 2:
		return fmt.Sprint(r.Method, parts[0], name("/"+parts[0]+"/"+parts[1]), parts[2:])
	case r.URL.RawQuery != "":
		query := r.URL.Query()
		of := name("/workspaces/" + query.Get("workspace_id"))
		if id := query.Get("environment_id"); id != "" {
			of = name("/environments/" + id)
		}
		return fmt.Sprint(r.Method, path, of)
	}
	return r.Method + path
}
