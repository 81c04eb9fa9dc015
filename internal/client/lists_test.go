package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
)

// crowd counts the requests that are under way at one time.
type crowd struct {
	size     int // as many as there may be
	mu       sync.Mutex
	now, max int
	full     chan struct{} // closed once there are as many
}

// join holds a request until size are there at one time, the first time, so that the test does not depend on how fast they come.
func (c *crowd) join(*http.Request) (leave func()) {
	c.mu.Lock()
	c.now++
	c.max = max(c.max, c.now)
	if c.now == c.size {
		select {
		case <-c.full:
		default:
			close(c.full)
		}
	}
	c.mu.Unlock()
	<-c.full
	return func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}
}

func TestFreshEach(t *testing.T) {
	envs := make([]int, 3*MaxLists)
	var scopes []string
	for i := range envs {
		envs[i] = i % 4
		scopes = append(scopes, wsID(i))
	}
	s := newTenants(t, envs...)
	c := &crowd{size: MaxLists, full: make(chan struct{})}
	const gone = 5
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		defer c.join(r)()
		if r.URL.Query().Get("workspace_id") == wsID(gone) {
			text(404, "Workspace with ID "+wsID(gone)+" does not exist in the database")(w, r)
			return true
		}
		return false
	}
	n := 0
	envs[gone] = 0
	for in, err := range s.client().Environments.FreshEach(t.Context(), scopes) {
		if err != nil || in.Scope != wsID(n) || in.Gone != (n == gone) || len(in.Objects) != envs[n] || envs[n] > 0 && in.Objects[0].WorkspaceID != wsID(n) {
			t.Errorf("scope %d has %v, %v", n, in, err)
		}
		n++
	}
	if n != len(scopes) || s.counts()["GET /environments"] != n {
		t.Errorf("%d of %d lists with the requests %v", n, len(scopes), s.counts())
	}
	if c.max != MaxLists {
		t.Errorf("%d lists at one time, want %d", c.max, MaxLists)
	}
}

// Whoever stops early, or is cancelled, waits for nothing, and nothing more is asked for.
func TestFreshEachStops(t *testing.T) {
	s := newTenants(t, make([]int, 3*MaxLists)...)
	var scopes []string
	for i := range s.envs {
		scopes = append(scopes, wsID(i))
	}
	release := make(chan struct{})
	s.inner = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Query().Get("workspace_id") != wsID(0) {
			<-release
		}
		return false
	}
	client := s.client()
	for range client.Environments.FreshEach(t.Context(), scopes) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range client.Environments.FreshEach(ctx, scopes) {
		if n++; n == 1 {
			cancel()
			continue
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		break
	}
	close(release)
	if got := s.counts()["GET /environments"]; got > MaxLists+1 {
		t.Errorf("%d requests for two of %d lists", got, len(scopes))
	}
}
