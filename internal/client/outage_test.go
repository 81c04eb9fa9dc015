package client

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// After many requests in a row without an answer no more are sent, until one that was under way is answered.
func TestOutage(t *testing.T) {
	var steps []http.HandlerFunc
	for range manyUnanswered - 1 {
		steps = append(steps, reset)
	}
	steps = append(steps, jsonAnswer(200, workspace(wsA, "acme")))
	for range manyUnanswered {
		steps = append(steps, reset)
	}
	s := newScript(t, steps...)
	c := s.client(t, func(cfg *Config) { cfg.MaxRetries = 0 })
	get := func() error {
		_, err := c.Workspaces.GetNow(context.Background(), "", wsA)
		return err
	}
	for range manyUnanswered - 1 {
		if err := get(); ClassOf(err) != Unreachable || wasNotSent(err) {
			t.Fatalf("got %v", err)
		}
	}
	if err := get(); err != nil { // one answer, and the count begins anew
		t.Fatal(err)
	}
	c.CloseIdleConnections() // or else net/http takes a reset for a connection that had been idle too long
	for range manyUnanswered {
		if err := get(); ClassOf(err) != Unreachable || wasNotSent(err) {
			t.Fatalf("got %v", err)
		}
	}
	s.done()
	for range 3 {
		err := get()
		if ClassOf(err) != Unreachable || !strings.Contains(err.Error(), "not sent, since the 10 requests before it got no answer; the last one: ") {
			t.Errorf("got %v", err)
		}
	}
	// What is not sent makes nothing, so that there is nothing to settle.
	_, err := c.Workspaces.Create(context.Background(), Workspace{Name: "acme"})
	if err == nil || errors.As(err, new(*UnsettledError)) {
		t.Errorf("a create: %v", err)
	}
}

// Advice about the server is given once for each class of errors.
func TestAdviceOnce(t *testing.T) {
	c := newScript(t).client(t)
	var given atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for _, class := range []Class{Denied, NotCortex, Unavailable, Unreachable} {
				if (&Error{Class: class, outage: &c.outage}).NeedsAdvice() {
					given.Add(1)
				}
			}
		})
	}
	all.Wait()
	if given.Load() != 4 {
		t.Errorf("given %d times for 4 classes", given.Load())
	}
	for range 2 {
		if !(&Error{Class: InUse, outage: &c.outage}).NeedsAdvice() {
			t.Error("no advice about an object")
		}
	}
}
