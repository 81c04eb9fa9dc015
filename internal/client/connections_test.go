package client

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// counting is a server that knows how many connections were opened to it, and how many of them are closed. It answers once so many requests are there.
type counting struct {
	*httptest.Server
	mu             sync.Mutex
	changed        *sync.Cond
	opened, closed int
	there, wanted  int // requests
}

func newCounting(t *testing.T, start func(*httptest.Server)) *counting {
	t.Helper()
	s := &counting{wanted: 1}
	s.changed = sync.NewCond(&s.mu)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.until(func() { s.there++ }, func() bool { return s.there >= s.wanted })
		jsonAnswer(200, workspace(wsA, "acme"))(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		s.until(func() {
			switch state {
			case http.StateNew:
				s.opened++
			case http.StateClosed:
				s.closed++
			}
		}, func() bool { return true })
	}
	start(s.Server)
	t.Cleanup(s.Close)
	return s
}

// until changes something, and waits for a condition.
func (s *counting) until(change func(), holds func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	s.changed.Broadcast()
	for !holds() {
		s.changed.Wait()
	}
}

func (s *counting) connections() (opened int) {
	s.until(func() { opened = s.opened }, func() bool { return true })
	return opened
}

func (s *counting) wait(holds func() bool) { s.until(func() {}, holds) }

func (s *counting) read(t *testing.T, c *Client, times int) {
	t.Helper()
	s.until(func() { s.there, s.wanted = 0, times }, func() bool { return true })
	var group errgroup.Group
	for range times {
		group.Go(func() error { _, err := c.Workspaces.GetNow(t.Context(), "", wsA); return err })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
}

func TestSpareConnectionsAreUsed(t *testing.T) {
	s := newCounting(t, (*httptest.Server).Start)
	c, err := New(Config{Endpoint: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	s.read(t, c, 1)
	s.wait(func() bool { return s.opened == 1+spareConns })
	s.read(t, c, 1+spareConns)
	if opened := s.connections(); opened > 1+spareConns+1 { // Go may begin to open one just as the first is free again
		t.Errorf("%d connections were opened", opened)
	}
}

func TestSpareConnectionsEnd(t *testing.T) {
	s := newCounting(t, (*httptest.Server).Start)
	for _, end := range []func(*Client){
		func(*Client) { time.Sleep(2 * idleTimeout) },
		(*Client).CloseIdleConnections,
	} {
		c, err := New(Config{Endpoint: s.URL})
		if err != nil {
			t.Fatal(err)
		}
		s.until(func() { s.opened, s.closed = 0, 0 }, func() bool { return true })
		s.read(t, c, 1)
		s.wait(func() bool { return s.opened == 1+spareConns })
		end(c)
		s.wait(func() bool { return s.closed == s.opened })
	}
}

func TestNoSpareConnectionsWithTLS(t *testing.T) {
	s := newCounting(t, (*httptest.Server).StartTLS)
	c, err := New(Config{Endpoint: s.URL, Insecure: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	s.read(t, c, 1)
	if opened := s.connections(); opened != 1 {
		t.Errorf("%d connections were opened", opened)
	}
}
