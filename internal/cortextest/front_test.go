package cortextest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// post creates a workspace through the front and returns what the client sees.
func post(t *testing.T, c *Cortex, timeout time.Duration, name string) (resp *http.Response, body string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "POST", c.URL()+"/api/v1/workspaces?a=b", strings.NewReader(`{"name":"`+name+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Test", "yes")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, err = client.Do(r); err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp, string(data), err
}

func TestFrontLog(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	if _, body, err := post(t, c, time.Minute, "a"); err != nil || !strings.Contains(body, `"name":"a"`) {
		t.Fatalf("%v %s", err, body)
	}
	if resp, err := http.Get(c.URL() + "/api/v1/workspaces"); err != nil || resp.StatusCode != 200 {
		t.Fatal(err, resp)
	}
	c.Workspaces() // is not logged
	log := c.Requests()
	if len(log) != 2 || c.Count("", "") != 2 || c.Count("GET", "/workspaces") != 1 || c.Count("GET", "/environments") != 0 || c.Count("", apiPrefix+"/workspaces") != 2 {
		t.Fatalf("the log is %+v", log)
	}
	w := c.Writes()
	if len(w) != 1 || w[0].Method != "POST" || w[0].Path != "/api/v1/workspaces" || w[0].Query != "a=b" || string(w[0].Body) != `{"name":"a"}` || w[0].Header.Get("X-Test") != "yes" ||
		w[0].Status != 201 || w[0].Acted != 201 || !strings.Contains(string(w[0].Answer), `"name":"a"`) || w[0].Fault != "" {
		t.Errorf("the write is logged as %+v", w)
	}
	if c.Reset(); len(c.Requests()) != 0 {
		t.Error("the log was not forgotten")
	}
}

func TestFrontFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault  Fault
		status int    // what the client sees; 0 is none
		body   string // its beginning
		err    error
		slow   time.Duration // at least
		acted  bool
	}{
		"answer":       {fault: Fault{Kind: Answer, Status: 503, Body: "away", ContentType: "text/html", RetryAfter: 2 * time.Second}, status: 503, body: "away"},
		"answer after": {fault: Fault{Kind: Answer, Status: 504, AfterServer: true}, status: 504, acted: true},
		"retold": {fault: Fault{Kind: Answer, Status: 500, AfterServer: true, Retell: func(answer []byte) string { return "made " + string(answer) }},
			status: 500, body: `made {"id":"`, acted: true},
		"reset":       {fault: Fault{Kind: Reset}, err: syscall.ECONNRESET},
		"reset after": {fault: Fault{Kind: Reset, AfterServer: true}, err: syscall.ECONNRESET, acted: true},
		"drop":        {fault: Fault{Kind: Drop}, err: io.EOF},
		"drop after":  {fault: Fault{Kind: Drop, AfterServer: true}, err: io.EOF, acted: true},
		"hang":        {fault: Fault{Kind: Hang}, err: context.DeadlineExceeded},
		"hang after":  {fault: Fault{Kind: Hang, AfterServer: true}, err: context.DeadlineExceeded, acted: true},
		"slow":        {fault: Fault{Kind: Slow, Delay: 5 * time.Millisecond}, status: 201, body: `{"id":"`, slow: 50 * time.Millisecond, acted: true},
		"truncate":    {fault: Fault{Kind: Truncate}, status: 201, body: `{"id":"`, err: io.ErrUnexpectedEOF, acted: true},
		"latency":     {fault: Fault{Kind: Latency, Delay: 50 * time.Millisecond}, status: 201, body: `{"id":"`, slow: 50 * time.Millisecond, acted: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := StartFake(t, FakeOptions{})
			c.Fail(Fault{Kind: Answer, Status: 599, Match: Matching("GET", "/workspaces"), Times: -1}, test.fault)
			timeout := time.Minute
			if test.fault.Kind == Hang {
				timeout = 200 * time.Millisecond
			}
			began := time.Now()
			resp, body, err := post(t, c, timeout, "a")
			if !errors.Is(err, test.err) || (resp != nil) != (test.status != 0) || resp != nil && resp.StatusCode != test.status || !strings.HasPrefix(body, test.body) || time.Since(began) < test.slow {
				t.Errorf("after %v: %v %q, %v; want %d %q…, %v", time.Since(began), resp, body, err, test.status, test.body, test.err)
			}
			if name == "answer" && (resp.Header.Get("Retry-After") != "2" || resp.Header.Get("Content-Type") != "text/html") {
				t.Errorf("the answer's header is %v", resp.Header)
			}
			w := c.Writes()
			if len(w) != 1 || w[0].Status != test.status || (w[0].Acted != 0) != test.acted || !strings.HasPrefix(w[0].Fault, string(test.fault.Kind)) {
				t.Errorf("logged is %+v", w)
			}
			if made := len(c.Workspaces()) == 2; made != test.acted {
				t.Errorf("Cortex acted: %t, want %t", made, test.acted)
			}
			if c.Pending() != 0 {
				t.Errorf("%d faults have not happened", c.Pending())
			}
			if resp, _, err := post(t, c, time.Minute, "b"); err != nil || resp.StatusCode != 201 {
				t.Errorf("the next request: %v %v", resp, err)
			}
		})
	}
}

func TestFrontHangEndsWithIt(t *testing.T) {
	c, err := Run()
	if err != nil {
		t.Fatal(err)
	}
	c.Fail(Fault{Kind: Hang})
	failed := make(chan error)
	go func() {
		_, _, err := post(t, c, time.Minute, "a")
		failed <- err
	}()
	for c.Count("POST", "") == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the request was answered")
	}
}

func TestFrontIntercept(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	c.Intercept = func(r *http.Request) *Fault {
		body, _ := io.ReadAll(r.Body)
		if strings.Contains(string(body), "bad") {
			return &Fault{Kind: Answer, Status: 502}
		}
		return nil
	}
	for name, want := range map[string]int{"good": 201, "bad": 502} {
		if resp, _, err := post(t, c, time.Minute, name); err != nil || resp.StatusCode != want {
			t.Errorf("%s: %v, %v", name, resp, err)
		}
	}
}

func TestFrontLate(t *testing.T) {
	c := StartFake(t, FakeOptions{})
	c.Fail(Fault{Kind: Late, Delay: 300 * time.Millisecond})
	if _, _, err := post(t, c, 50*time.Millisecond, "late"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("the client sees %v", err)
	}
	c.Quiet()
	if r := c.Requests()[0]; r.Acted != 201 || r.Fault != "late" {
		t.Errorf("Cortex did not act after the client had gone: %+v", r)
	}
}

func TestFrontTellsWhatWasSent(t *testing.T) {
	for name, gone := range map[string]bool{"a client that waits": false, "a client that is gone": true} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := NewFront(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				if gone {
					cancel()
				}
			}))
			sent := 0
			f.Fail(Fault{Kind: Answer, Status: 503, AfterServer: true, Sent: func() { sent++ }})
			f.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil))
			if (sent == 1) == gone {
				t.Errorf("%d answers were sent", sent)
			}
		})
	}
}

// A Cortex that closes the connection without an answer is no mistake of the front's.
func TestFrontOfAServerThatAborts(t *testing.T) {
	abort := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	f := NewFront(abort)
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("the front panics with %v", p)
		}
		if f.Quiet(); len(f.Requests()) != 1 {
			t.Errorf("the log is %+v", f.Requests())
		}
	}()
	f.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
}

func TestFakeWithWorkersMakesTwins(t *testing.T) {
	for _, workers := range []int{1, 4} {
		c := StartFake(t, FakeOptions{Workers: workers})
		var group errgroup.Group
		for range 8 {
			group.Go(func() error { c.Do("POST", "/workspaces", map[string]string{"name": "twin"}); return nil })
		}
		_ = group.Wait()
		twins := 0
		for _, w := range c.Workspaces() {
			if w.Name == "twin" {
				twins++
			}
		}
		if (twins > 1) != (workers > 1) {
			t.Errorf("%d workers made %d of one name", workers, twins)
		}
	}
}
