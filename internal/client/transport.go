package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// Variables, so that tests need not wait.
var (
	// The wait before a repetition doubles from minBackoff to maxBackoff.
	minBackoff = 400 * time.Millisecond
	maxBackoff = 10 * time.Second
	// maxAnswer bounds the answer that is read into memory, where some thirty lists may come at one time: one of ten thousand
	// workspaces is about 2 MiB.
	maxAnswer = 32 << 20
)

// maxRetryAfter bounds what a server may make us wait before one repetition.
const maxRetryAfter = 60 * time.Second

// ErrTooLarge is the cause of an error about an answer that is not read to its end.
var ErrTooLarge = fmt.Errorf("the answer is larger than %d MiB", maxAnswer>>20)

// Exchange is one request and its answer, for logs. Secrets are removed.
type Exchange struct {
	Method, URL           string
	Status                int // 0 when there was no answer
	Took                  time.Duration
	RequestBody, Response string
	Err                   error
}

// do sends one request and decodes its answer into out (nil when none is wanted). What it returns besides nil and a
// cancelled context is an *Error.
func (c *Client) do(ctx context.Context, method, path string, in, out any) error {
	return c.try(ctx, c.maxRetries, method, path, in, out)
}

// try is do with so many repetitions at most. All requests go through it.
func (c *Client) try(ctx context.Context, retries int, method, path string, in, out any) error {
	if c.failing != nil {
		return c.failing
	}
	if method != http.MethodGet && !isRun(path) {
		c.reads.wrote.Store(true)
	}
	defer c.names.request()()
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
	}
	target, query, _ := strings.Cut(path, "?")
	u := c.base.JoinPath(target)
	u.RawQuery = query
	shownURL := func() string { return c.secrets.without(u.String()) }
	if err := c.outage.down(); err != nil {
		return &Error{Method: method, URL: shownURL(), Class: Unreachable, Cause: err, outage: &c.outage}
	}
	req, err := retryablehttp.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return err
	}
	req.Header = c.header.Clone()
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}

	retry := &retryablehttp.Client{
		HTTPClient:   c.http,
		RetryMax:     retries,
		RetryWaitMin: minBackoff,
		RetryWaitMax: maxBackoff,
		Backoff:      backoff,
		CheckRetry:   retryIdempotent,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	if method == http.MethodPost {
		retry.CheckRetry = retryUnsent
	}
	resp, err := retry.Do(req)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
		}
		if ctx.Err() != nil && (method == http.MethodGet || !errors.As(err, new(*unfinished))) {
			return context.Cause(ctx) // cancelled: a read, or a write that was not sent
		}
		var repeats *url.Error // its text holds method and URL once more
		if errors.As(err, &repeats) {
			err = repeats.Err
		}
		err = c.secrets.cleaned(err)
		if retries >= c.maxRetries {
			c.outage.ended(err)
		}
		return &Error{Method: method, URL: shownURL(), Class: Unreachable, Cause: err, outage: &c.outage}
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body) // from memory: attempt has read it
	if err != nil {
		return err
	}
	contentType := resp.Header.Get("Content-Type")
	text := func() string {
		if c.secrets.shows(path, body, resp.StatusCode, contentType, answer) {
			return excerpt(c.secrets, contentType, answer)
		}
		return withheld
	}
	if resp.StatusCode/100 != 2 {
		e := &Error{Method: method, URL: shownURL(), Status: resp.StatusCode, outage: &c.outage, Text: text()}
		e.Class, e.Missing, e.Table = classify(resp.StatusCode, contentType, answer)
		if used := dependencies(resp.StatusCode, contentType, answer); used != nil {
			e.Text = excerpt(c.secrets, "text/plain", []byte(used.Message))
			for _, metric := range used.Dependencies.Metrics {
				e.Users = append(e.Users, Ref{ID: metric.ID, Name: metric.Name})
			}
		}
		if resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "" {
			e.retryAfter = backoff(0, 0, 0, resp)
		}
		if location := resp.Header.Get("Location"); location != "" {
			e.Text = strings.TrimSpace(e.Text + " (redirect to " + Printable(c.secrets.without(location)) + ")")
		}
		return e
	}
	if err := decode(contentType, answer, out); err != nil {
		return &Error{Method: method, URL: shownURL(), Status: resp.StatusCode, Class: NotCortex, Cause: c.secrets.cleaned(err), outage: &c.outage,
			Text: text()}
	}
	return nil
}

// decode reads a successful answer. Anything but one JSON value of the wanted shape is an error: a login page with
// status 200 must not read as an empty list, nor as a deletion: where nothing is wanted, nothing may come.
func decode(contentType string, body []byte, out any) error {
	if len(body) > maxAnswer {
		return ErrTooLarge
	}
	if strings.HasPrefix(contentType, "text/html") {
		return errors.New("the answer is an HTML page")
	}
	if out == nil {
		if len(bytes.TrimSpace(body)) > 0 {
			return errors.New("the answer has content, where Cortex sends none")
		}
		return nil
	}
	if bytes.Equal(bytes.TrimSpace(body), []byte("null")) {
		return errors.New("the answer is null")
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the answer is not the JSON that Cortex sends: %w", err)
	}
	return nil
}

// unfinished is a request that was sent and got no whole answer.
type unfinished struct{ error }

func (u *unfinished) Unwrap() error { return u.error }

// attempt is the transport of one try: a deadline that covers the body, the whole body read, the trace written.
type attempt struct {
	next    http.RoundTripper
	timeout time.Duration
	secrets *secrets
	trace   func(context.Context, Exchange)
	outage  *outage
}

// CloseIdleConnections is what http.Client hands its own call to.
func (a *attempt) CloseIdleConnections() {
	if next, ok := a.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper.
func (a *attempt) RoundTrip(req *http.Request) (*http.Response, error) {
	caller := req.Context()
	if err := caller.Err(); err != nil {
		return nil, err
	}
	ctx := caller
	if req.Method != http.MethodGet {
		// Once sent, a write is worth its answer: after Ctrl-C the object that it makes still has to reach the state.
		ctx = context.WithoutCancel(caller)
	}
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()

	var sent []byte
	confidential := confidentialField(req.URL.Path)
	if (a.trace != nil || confidential != "") && req.GetBody != nil {
		if body, err := req.GetBody(); err == nil {
			sent, _ = io.ReadAll(body)
		}
	}
	a.secrets.learn(sent, confidential)
	start := time.Now()
	resp, err := a.next.RoundTrip(req.WithContext(ctx))
	var answer []byte
	if err == nil {
		a.outage.ended(nil)
		answer, err = io.ReadAll(io.LimitReader(resp.Body, int64(maxAnswer)+1)) // by one more, decode knows
		_ = resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(answer))
		a.secrets.learn(answer, confidential)
	}
	if err != nil && caller.Err() == nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		err = fmt.Errorf("no whole answer within %s: %w", a.timeout, context.DeadlineExceeded)
	}
	if a.trace != nil {
		e := Exchange{Method: req.Method, URL: a.secrets.without(req.URL.String()), Took: time.Since(start), Err: a.secrets.cleaned(err),
			RequestBody: a.secrets.hidden(sent, confidential)}
		if resp != nil {
			e.Status, e.Response = resp.StatusCode, withheld
			if err == nil && a.secrets.shows(req.URL.Path, sent, resp.StatusCode, resp.Header.Get("Content-Type"), answer) {
				e.Response = a.secrets.hidden(answer, confidential)
			}
		}
		a.trace(caller, e)
	}
	if err != nil {
		if unsent(err) {
			return nil, err
		}
		return nil, &unfinished{err}
	}
	return resp, nil
}

// unsent tells whether the error proves that Cortex never saw the request: no connection was made, TLS refused it, or it was given up
// beforehand.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, new(*net.DNSError)) || TLSProblemOf(err) != NoTLSProblem || wasNotSent(err)
}

// retryIdempotent is the retry policy of GET, PUT and DELETE: whatever may be better next time.
func retryIdempotent(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, err // keeps the answer, if there is one
	}
	if err != nil {
		return TLSProblemOf(err) == NoTLSProblem, err
	}
	switch resp.StatusCode {
	case 429, 502, 503, 504:
		return true, nil
	case 500:
		// Cortex sends many final answers as 500; only one that is not known may be passing.
		body, _ := io.ReadAll(resp.Body)
		resp.Body = io.NopCloser(bytes.NewReader(body))
		class, missing, _ := classify(500, resp.Header.Get("Content-Type"), body)
		return class == Unexpected || class == Unavailable || vanished(resp.Request, class, missing), nil
	}
	return false, nil
}

// vanished tells whether a read failed because another object than it names was deleted while Cortex gathered the answer: a list of
// consumers asks for the groups of each, so that a worker process answers 500 for one that another worker deletes at that moment.
func vanished(req *http.Request, class Class, missing Missing) bool {
	return req.Method == http.MethodGet && (class == NotDeleted || class == NotFound && !strings.Contains(strings.ToLower(req.URL.RequestURI()), strings.ToLower(missing.ID)))
}

// retryUnsent is the retry policy of POST: only what provably did not run. The rest is for Create to settle.
func retryUnsent(ctx context.Context, resp *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, err
	}
	if err != nil {
		return unsent(err) && TLSProblemOf(err) == NoTLSProblem, err
	}
	return resp.StatusCode == 429, nil
}

// backoff is exponential with jitter; a server's Retry-After comes first, within maxRetryAfter.
func backoff(lo, hi time.Duration, n int, resp *http.Response) time.Duration {
	wait := retryablehttp.DefaultBackoff(lo, hi, n, resp)
	if resp != nil && resp.Header.Get("Retry-After") != "" && (resp.StatusCode == 429 || resp.StatusCode == 503) {
		return min(wait, maxRetryAfter)
	}
	return wait/2 + rand.N(wait/2+1)
}

// pause sleeps, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
