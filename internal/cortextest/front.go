package cortextest

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Request is one request that reached a Front, and what became of it.
type Request struct {
	Method string
	Path   string // decoded
	Query  string
	Body   []byte
	Header http.Header
	// Status and Answer are what the client was sent; Status is 0 when it got no answer, or has none yet.
	Status int
	Answer []byte
	// Fault names what the front did to this request, "" if nothing.
	Fault string
	// Acted is the status with which Cortex itself answered, 0 when the request did not reach it.
	Acted int
}

// A FaultKind is one way in which an exchange goes wrong.
type FaultKind string

// Kinds of faults.
const (
	Answer   FaultKind = "answer"   // answer with Status, ContentType and Body
	Reset    FaultKind = "reset"    // reset the connection, without an answer
	Drop     FaultKind = "drop"     // close the connection, without an answer
	Hang     FaultKind = "hang"     // never answer, until the client gives up or the front closes
	Slow     FaultKind = "slow"     // send the answer's body in small pieces, Delay between them
	Truncate FaultKind = "truncate" // close the connection in the middle of the answer's body
	Latency  FaultKind = "latency"  // answer as Cortex does, Delay later
	Late     FaultKind = "late"     // let Cortex act and answer Delay later, even when the client is gone by then
)

// A Fault is what a Front does to requests instead of, or around, handing them to Cortex.
type Fault struct {
	// Match picks the requests; nil picks all. It may read the body, but must not call the front.
	Match func(*http.Request) bool
	// Times is how many requests the fault hits; 0 is one, a negative number all.
	Times int
	Kind  FaultKind
	// AfterServer lets Cortex act on the request first, for Answer, Reset, Drop, Hang and Latency.
	AfterServer bool
	Delay       time.Duration

	// Status, RetryAfter, Body and ContentType ("text/plain; charset=utf-8" when empty) are for Answer.
	Status      int
	RetryAfter  time.Duration // in whole seconds
	Body        string
	ContentType string
	// Sent, when set, is called when that answer goes to a client that has not given up.
	Sent func()
	// Retell makes the body of what Cortex answered, for Answer with AfterServer.
	Retell func(answer []byte) string
}

// Matching returns a Match for a method and a prefix of the path below /api/v1; "" matches any.
func Matching(method, pathPrefix string) func(*http.Request) bool {
	return func(r *http.Request) bool { return matches(r.Method, r.URL.Path, method, pathPrefix) }
}

func matches(method, path, wantMethod, prefix string) bool {
	if strings.HasPrefix(prefix, "/") && !strings.HasPrefix(prefix, apiPrefix) {
		prefix = apiPrefix + prefix
	}
	return (wantMethod == "" || method == wantMethod) && strings.HasPrefix(path, prefix)
}

const apiPrefix = "/api/v1"

// A Front stands before a Cortex, logs every request and injects faults.
type Front struct {
	// Intercept, when set before the first request, is asked for each request that no queued fault hits; nil lets it pass.
	// It may read the body, but must not call the front.
	Intercept func(*http.Request) *Fault

	backend http.Handler
	done    chan struct{}
	close   func()

	mu       sync.Mutex
	log      []*Request
	faults   []*Fault
	underWay int
	quiet    *sync.Cond // underWay is 0
}

// NewFront returns a front of backend.
func NewFront(backend http.Handler) *Front {
	f := &Front{backend: backend, done: make(chan struct{})}
	f.quiet = sync.NewCond(&f.mu)
	f.close = sync.OnceFunc(func() { close(f.done) })
	return f
}

// Close ends what hangs.
func (f *Front) Close() { f.close() }

// Quiet waits until no request is under way, those of clients that are gone among them.
func (f *Front) Quiet() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.underWay > 0 {
		f.quiet.Wait()
	}
}

// Requests returns what was logged since the last Reset, in the order of arrival.
func (f *Front) Requests() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	log := make([]Request, len(f.log))
	for i, r := range f.log {
		log[i] = *r
	}
	return log
}

// Reset forgets the logged requests and the faults.
func (f *Front) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log, f.faults = nil, nil
}

// Count counts logged requests by method and by prefix of the path below /api/v1; "" matches any.
func (f *Front) Count(method, pathPrefix string) int {
	n := 0
	for _, r := range f.Requests() {
		if matches(r.Method, r.Path, method, pathPrefix) {
			n++
		}
	}
	return n
}

// Writes returns the logged requests that ask for a change.
func (f *Front) Writes() []Request {
	return slices.DeleteFunc(f.Requests(), func(r Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead })
}

// Fail queues faults. A request is hit by the first one that matches and has hits left.
func (f *Front) Fail(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range faults {
		if fault.Times == 0 {
			fault.Times = 1
		}
		f.faults = append(f.faults, &fault)
	}
}

// Pending tells how many hits of queued faults have not happened.
func (f *Front) Pending() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, fault := range f.faults {
		n += max(fault.Times, 0)
	}
	return n
}

// begin logs a request and picks its fault.
func (f *Front) begin(r *http.Request, body []byte) (*Request, Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.underWay++
	entry := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Body: body, Header: r.Header.Clone()}
	f.log = append(f.log, entry)
	for _, fault := range f.faults {
		if r.Body = io.NopCloser(bytes.NewReader(body)); fault.Times != 0 && (fault.Match == nil || fault.Match(r)) {
			fault.Times--
			return entry, *fault
		}
	}
	if f.Intercept != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if fault := f.Intercept(r); fault != nil {
			return entry, *fault
		}
	}
	return entry, Fault{}
}

// note writes down what happened to a request.
func (f *Front) note(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// ServeHTTP implements http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client went away
	}
	entry, fault := f.begin(r, body)
	defer f.note(func() {
		if f.underWay--; f.underWay == 0 {
			f.quiet.Broadcast()
		}
	})

	ctx := r.Context()
	if fault.Kind == Late {
		ctx = context.WithoutCancel(ctx)
	}
	var a *recorder
	act := func() {
		r := r.Clone(ctx)
		r.Body = io.NopCloser(bytes.NewReader(body))
		a = record(f.backend, r)
		f.note(func() { entry.Acted = a.status })
	}
	if fault.Kind != "" {
		name := string(fault.Kind)
		if fault.AfterServer {
			name += " after Cortex acted"
			act()
		}
		f.note(func() { entry.Fault = name })
	}
	switch fault.Kind {
	case Answer:
		if fault.Retell != nil {
			fault.Body = fault.Retell(a.body.Bytes())
		}
		a = faultAnswer(fault)
	case Reset, Drop:
		hijack(w, fault.Kind == Reset)
		return
	case Hang:
		f.wait(ctx, -1)
		panic(http.ErrAbortHandler)
	case Latency, Late:
		if !f.wait(ctx, fault.Delay) {
			panic(http.ErrAbortHandler)
		}
	}
	if a == nil {
		act()
	}
	if a.status == 0 { // Cortex closed the connection without an answer
		panic(http.ErrAbortHandler)
	}
	f.note(func() { entry.Status, entry.Answer = a.status, a.body.Bytes() })
	switch fault.Kind {
	case Slow:
		f.dribble(r.Context(), w, a, fault.Delay)
	case Truncate:
		a.head(w)
		w.Write(a.body.Bytes()[:a.body.Len()/2]) //nolint:errcheck // it is cut anyway
		http.NewResponseController(w).Flush()    //nolint:errcheck
		panic(http.ErrAbortHandler)
	default:
		if fault.Sent != nil && r.Context().Err() == nil {
			fault.Sent()
		}
		a.head(w)
		w.Write(a.body.Bytes()) //nolint:errcheck // the client went away
	}
}

// wait waits, for ever when d is negative, and tells whether the time passed before the client or the front was gone.
func (f *Front) wait(ctx context.Context, d time.Duration) bool {
	var passed <-chan time.Time
	if d >= 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		passed = timer.C
	}
	select {
	case <-passed:
		return true
	case <-ctx.Done():
	case <-f.done:
	}
	return false
}

// dribble sends the body in about 20 pieces.
func (f *Front) dribble(ctx context.Context, w http.ResponseWriter, a *recorder, delay time.Duration) {
	a.head(w)
	for piece := range slices.Chunk(a.body.Bytes(), a.body.Len()/20+1) {
		if !f.wait(ctx, delay) {
			panic(http.ErrAbortHandler)
		}
		w.Write(piece)                        //nolint:errcheck // the next wait sees it
		http.NewResponseController(w).Flush() //nolint:errcheck
	}
}

func faultAnswer(fault Fault) *recorder {
	a := &recorder{header: http.Header{}, status: fault.Status}
	a.header.Set("Content-Type", fault.ContentType)
	if fault.ContentType == "" {
		a.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	if fault.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(fault.RetryAfter/time.Second)))
	}
	a.body.WriteString(fault.Body)
	return a
}

// hijack ends the connection without an answer.
func hijack(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok && reset {
		tcp.SetLinger(0) //nolint:errcheck
	}
	conn.Close() //nolint:errcheck
}

// A recorder keeps an answer. Its status is 0 when the handler aborted.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// record lets a handler answer.
func record(h http.Handler, r *http.Request) (a *recorder) {
	a = &recorder{header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			if p != http.ErrAbortHandler {
				panic(p)
			}
			a.status = 0
		}
	}()
	h.ServeHTTP(a, r)
	return a
}

func (a *recorder) Header() http.Header { return a.header }

func (a *recorder) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *recorder) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// head sends all but the body.
func (a *recorder) head(w http.ResponseWriter) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if _, ok := a.header["Content-Type"]; !ok {
		w.Header()["Content-Type"] = nil // net/http would guess one
	}
	if a.status != http.StatusNoContent && a.header.Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	}
	w.WriteHeader(a.status)
}
