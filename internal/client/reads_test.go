package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"
)

// tenants is a Cortex that only counts: workspace i has envs[i] environments, and foreign ones stand beside them.
type tenants struct {
	*httptest.Server
	envs    []int
	gone    map[string]bool // ids that are not there any more
	mu      sync.Mutex
	count   map[string]int // by method and kind of path
	inner   func(w http.ResponseWriter, r *http.Request) bool
	latency time.Duration
}

func newTenants(t interface{ Cleanup(func()) }, envs ...int) *tenants {
	s := &tenants{envs: envs, count: map[string]int{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func wsID(i int) string     { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }
func envID(i, j int) string { return fmt.Sprintf("00000000-0000-4000-9%03d-%012d", j, i) }

func (s *tenants) serve(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/api/v1")
	kind := r.Method + " " + path
	var i, j int
	one := strings.Count(path, "/") == 2
	if one {
		kind = r.Method + " one " + strings.Split(path, "/")[1]
	}
	s.mu.Lock()
	s.count[kind]++
	s.mu.Unlock()
	time.Sleep(s.latency)
	switch {
	case s.inner != nil && s.inner(w, r):
	case kind == "GET /workspaces":
		var items []string
		for i := range s.envs {
			if !s.gone[wsID(i)] {
				items = append(items, workspace(wsID(i), fmt.Sprint("w", i)))
			}
		}
		list(items...)(w, r)
	case kind == "GET /environments":
		_, _ = fmt.Sscanf(r.URL.Query().Get("workspace_id"), "00000000-0000-4000-8000-%012d", &i)
		if s.gone[wsID(i)] {
			text(404, "Workspace with ID "+wsID(i)+" does not exist in the database")(w, r)
			return
		}
		var items []string
		for j := range s.envs[i] {
			if !s.gone[envID(i, j)] {
				items = append(items, environment(envID(i, j), wsID(i), fmt.Sprint("e", j)))
			}
		}
		list(items...)(w, r)
	case strings.HasSuffix(kind, " one workspaces"):
		_, _ = fmt.Sscanf(path, "/workspaces/00000000-0000-4000-8000-%012d", &i)
		if i >= len(s.envs) || s.gone[wsID(i)] {
			text(404, "Workspace with ID "+wsID(i)+" not found")(w, r)
			return
		}
		jsonAnswer(200, workspace(wsID(i), fmt.Sprint("w", i)))(w, r)
	case strings.HasSuffix(kind, " one environments"):
		_, _ = fmt.Sscanf(path, "/environments/00000000-0000-4000-9%03d-%012d", &j, &i)
		if j >= s.envs[i] || s.gone[envID(i, j)] {
			text(404, "Environment with ID "+envID(i, j)+" does not exist in the database")(w, r)
			return
		}
		jsonAnswer(200, environment(envID(i, j), wsID(i), fmt.Sprint("e", j)))(w, r)
	default:
		http.Error(w, "unexpected "+kind, http.StatusTeapot)
	}
}

func (s *tenants) client() *Client { return s.reading(FromLists) }

// patient is client for tests whose counts a busy machine would change.
func (s *tenants) patient() *Client { return s.reading(Patient) }

func (s *tenants) reading(how Reading) *Client {
	c, err := New(Config{Endpoint: s.URL, Reading: how})
	if err != nil {
		panic(err)
	}
	return c
}

// counts is what was asked for so far. Lists that a plan asked for ahead may still be on their way.
func (s *tenants) counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.count)
}

func (s *tenants) requests() int {
	n := 0
	for _, k := range s.counts() {
		n += k
	}
	return n
}

// plan reads the first n workspaces and their environments as an engine does: so many at one time, each environment after
// its workspace.
func (s *tenants) plan(c *Client, n, parallelism int) error {
	slots := make(chan struct{}, parallelism)
	var group errgroup.Group
	for i := range n {
		group.Go(func() error {
			slots <- struct{}{}
			w, err := c.Workspaces.Get(context.Background(), "", wsID(i))
			<-slots
			if err != nil || w.Name != fmt.Sprint("w", i) {
				return fmt.Errorf("workspace %d: %v, %w", i, w, err)
			}
			for j := range s.envs[i] {
				group.Go(func() error {
					slots <- struct{}{}
					defer func() { <-slots }()
					e, err := c.Environments.Get(context.Background(), wsID(i), envID(i, j))
					if err != nil || e.ID != envID(i, j) {
						return fmt.Errorf("environment %d of %d: %v, %w", j, i, e, err)
					}
					return nil
				})
			}
			return nil
		})
	}
	return group.Wait()
}

func times(n, k int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = k
	}
	return all
}

func TestLargePlanIsReadFromLists(t *testing.T) {
	s := newTenants(t, times(200, 4)...)
	c := s.patient()
	defer c.CloseIdleConnections()
	if err := s.plan(c, 200, 10); err != nil {
		t.Fatal(err)
	}
	if s.counts()["GET /workspaces"] != 1 || s.counts()["GET /environments"] != 200 || s.requests() != 201 {
		t.Errorf("requests: %v", s.counts())
	}
}

// TestSmallPlansDoNotListAllWorkspaces stands before a server with many workspaces of others.
func TestSmallPlansDoNotListAllWorkspaces(t *testing.T) {
	for name, envs := range map[string][]int{
		"some of each":         {1, 0, 1, 0, 1},
		"two by four":          {4, 4},
		"nine workspaces":      times(9, 0),
		"one with much inside": {60},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTenants(t, append(slices.Clone(envs), times(5000, 0)...)...)
			c := s.client()
			defer c.CloseIdleConnections()
			if err := s.plan(c, len(envs), 10); err != nil {
				t.Fatal(err)
			}
			// And once more the workspaces, now that much was read.
			if _, err := c.Workspaces.Get(context.Background(), "", wsID(0)); err != nil {
				t.Fatal(err)
			}
			if s.counts()["GET one workspaces"] != len(envs)+1 || s.counts()["GET /workspaces"] != 0 {
				t.Errorf("requests: %v", s.counts())
			}
		})
	}
}

func TestSecondReadInAWorkspaceAsksForItsList(t *testing.T) {
	s := newTenants(t, 1, 2, 50)
	c := s.client()
	defer c.CloseIdleConnections()
	if err := s.plan(c, 3, 8); err != nil {
		t.Fatal(err)
	}
	// Up to two are asked for together with their workspaces.
	if one, lists := s.counts()["GET one environments"], s.counts()["GET /environments"]; one > 2 || lists < 2 || one+lists > 5 {
		t.Errorf("requests: %v", s.counts())
	}
}

// Lists that were asked for in vain are no reason to read one by one.
func TestListsAheadThatNobodyReads(t *testing.T) {
	s := newTenants(t, 0, 0, 50)
	c := s.client()
	defer c.CloseIdleConnections()
	for i := range 2 {
		if _, err := c.Workspaces.Get(t.Context(), "", wsID(i)); err != nil {
			t.Fatal(err)
		}
	}
	settled(t, s)
	if lists := s.counts()["GET /environments"]; lists != 2 {
		t.Errorf("%d lists are asked for ahead", lists)
	}
	var group errgroup.Group
	for i := range 50 {
		group.Go(func() error {
			_, err := c.Environments.Get(t.Context(), wsID(2), envID(2, i))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if one, lists := s.counts()["GET one environments"], s.counts()["GET /environments"]; one > 1 || lists != 3 {
		t.Errorf("requests: %v", s.counts())
	}
}

// TestEnvironmentsAreReadWithTheirWorkspace has a server that answers nothing about a workspace until its environments are asked for.
func TestEnvironmentsAreReadWithTheirWorkspace(t *testing.T) {
	s := newTenants(t, 3)
	listed := make(chan struct{})
	s.inner = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/environments" {
			close(listed)
		}
		<-listed
		return false
	}
	c := s.client()
	defer c.CloseIdleConnections()
	if err := s.plan(c, 1, 10); err != nil {
		t.Fatal(err)
	}
	if s.counts()["GET one workspaces"] != 1 || s.counts()["GET /environments"] != 1 || s.requests() != 2 {
		t.Errorf("requests: %v", s.counts())
	}
}

// A list that no read could pay for is not asked for ahead afterwards: the reads it was for have gone out by themselves.
func TestNoListAheadOfReadsThatHaveBegun(t *testing.T) {
	s := newTenants(t, times(4, 1)...)
	c := s.client()
	defer c.CloseIdleConnections()
	ctx := context.Background()
	if _, err := c.Workspaces.List(ctx, ""); err != nil {
		t.Fatal(err)
	}
	get := func(i int) {
		t.Helper()
		if _, err := c.Workspaces.Get(ctx, "", wsID(i)); err != nil {
			t.Fatal(err)
		}
	}
	c.reads.spent = 100
	for i := range 3 {
		get(i)
	}
	if _, err := c.Environments.Get(ctx, wsID(0), envID(0, 0)); err != nil {
		t.Fatal(err)
	}
	c.reads.spent = -100
	get(3)
	c.Environments.mu.Lock()
	defer c.Environments.mu.Unlock()
	for i := range 4 {
		if _, asked := c.Environments.snapshots[wsID(i)]; asked != (i > 0) {
			t.Errorf("the environments of workspace %d were asked for ahead: %t", i, asked)
		}
	}
}

// TestNeverMoreThanThreeRequestsMore reads any part of any server in any order, with some of the objects gone and some of the lists
// failing.
func TestNeverMoreThanThreeRequestsMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newTenants(t, rapid.SliceOfN(rapid.IntRange(0, 4), 1, 60).Draw(t, "environments")...)
		percent := func(name string) int { return rapid.SampledFrom([]int{0, 0, 10, 100}).Draw(t, name) }
		gone, foreign, failing := percent("gone"), percent("foreign"), percent("failing lists")
		draw := rapid.IntRange(0, 99)
		type read struct{ scope, id string }
		var all []read
		s.gone = map[string]bool{}
		for i, k := range s.envs {
			objects := []read{{"", wsID(i)}}
			for j := range k {
				objects = append(objects, read{wsID(i), envID(i, j)})
			}
			for _, o := range objects {
				s.gone[o.id] = draw.Draw(t, "gone") < gone
				if draw.Draw(t, "foreign") >= foreign {
					all = append(all, o)
				}
			}
		}
		fails := rapid.SliceOfN(rapid.Bool(), 8, 8).Draw(t, "which lists fail")
		var lists atomic.Int32
		s.inner = func(w http.ResponseWriter, r *http.Request) bool {
			if p := r.URL.Path; p != "/api/v1/workspaces" && p != "/api/v1/environments" {
				return false
			}
			if failing < 100 && (failing == 0 || !fails[int(lists.Add(1))%len(fails)]) {
				return false
			}
			text(500, "no list today")(w, r)
			return true
		}
		if rapid.Bool().Draw(t, "in any order") {
			all = rapid.Permutation(all).Draw(t, "order")
		}

		c, err := New(Config{Endpoint: s.URL, MaxRetries: 3})
		if err != nil {
			t.Fatal(err)
		}
		defer c.CloseIdleConnections()
		var group errgroup.Group
		group.SetLimit(rapid.IntRange(1, 50).Draw(t, "reads at one time"))
		for _, o := range all {
			group.Go(func() error {
				var got, noun string
				var err error
				if o.scope == "" {
					var w Workspace
					w, err = c.Workspaces.Get(context.Background(), "", o.id)
					got, noun = w.ID, "workspace"
				} else {
					var e Environment
					e, err = c.Environments.Get(context.Background(), o.scope, o.id)
					got, noun = e.ID, "environment"
				}
				if there := !s.gone[o.id]; there && (err != nil || got != o.id) || !there && !IsGone(err, noun, o.id) {
					return fmt.Errorf("%s %s, there: %t: %q, %w", noun, o.id, there, got, err)
				}
				return nil
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		settled(t, s)
		if s.requests() > len(all)+allowance {
			t.Fatalf("%d reads, %d requests: %v", len(all), s.requests(), s.counts())
		}
	})
}

// settled waits until no request comes any more: one that was asked for ahead may still be under way.
func settled(t interface{ Fatal(...any) }, s *tenants) {
	for range 100 {
		before := s.requests()
		time.Sleep(3 * time.Millisecond)
		if s.requests() == before {
			return
		}
	}
	t.Fatal("the requests do not end")
}

func TestListsOfDataSourcesAreShared(t *testing.T) {
	s := newTenants(t, times(20, 1)...)
	c := s.client()
	defer c.CloseIdleConnections()
	if list, err := c.Workspaces.List(context.Background(), ""); err != nil || len(list) != 20 {
		t.Fatal(list, err)
	}
	if err := s.plan(c, 20, 10); err != nil {
		t.Fatal(err)
	}
	// Whether an environment's list is asked for ahead before its only read comes is up to their order.
	if s.counts()["GET /workspaces"] != 1 || s.counts()["GET one workspaces"] != 0 || s.requests() > 21+allowance {
		t.Errorf("requests: %v", s.counts())
	}
}

func TestReadAfterAWriteSeesIt(t *testing.T) {
	s := newTenants(t, times(20, 1)...)
	c := s.patient()
	defer c.CloseIdleConnections()
	if err := s.plan(c, 20, 10); err != nil {
		t.Fatal(err)
	}
	renamed := "renamed"
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, wsID(3)) {
			jsonAnswer(200, workspace(wsID(3), renamed))(w, r)
			return true
		}
		return false
	}
	if _, err := c.Workspaces.Update(context.Background(), Workspace{ID: wsID(3), Name: "w3"}, Workspace{ID: wsID(3), Name: renamed}); err != nil {
		t.Fatal(err)
	}
	if w, err := c.Workspaces.Get(context.Background(), "", wsID(3)); err != nil || w.Name != renamed {
		t.Errorf("got %v, %v", w, err)
	}
	before := s.counts()["GET /environments"]
	if _, err := c.Environments.List(context.Background(), wsID(3)); err != nil || s.counts()["GET /environments"] != before+1 {
		t.Errorf("a list from before the write was used: %v, %v", s.counts(), err)
	}
}

func TestListBegunBeforeAWriteIsNotUsed(t *testing.T) {
	s := newTenants(t, times(10, 0)...)
	c := s.client()
	defer c.CloseIdleConnections()
	begun, goOn := make(chan struct{}), make(chan struct{})
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet && r.URL.Path == "/api/v1/workspaces" {
			close(begun)
			<-goOn
		}
		if r.Method == http.MethodDelete {
			w.WriteHeader(204)
			return true
		}
		return false
	}
	var group errgroup.Group
	group.Go(func() error { return s.plan(c, 10, 10) })
	<-begun
	if err := c.Environments.Delete(context.Background(), Ref{ID: envID(0, 0)}); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if s.counts()["GET one workspaces"] != 10 {
		t.Errorf("requests: %v", s.counts())
	}
}

func TestAbsenceFromAListIsAskedFor(t *testing.T) {
	s := newTenants(t, times(20, 1)...)
	c := s.patient()
	defer c.CloseIdleConnections()
	hidden := wsID(7)
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/api/v1/workspaces" {
			return false
		}
		var items []string
		for i := range s.envs {
			if wsID(i) != hidden {
				items = append(items, workspace(wsID(i), fmt.Sprint("w", i)))
			}
		}
		list(items...)(w, r)
		return true
	}
	if err := s.plan(c, 20, 10); err != nil {
		t.Errorf("an object that is there was taken for gone: %v", err)
	}
	if s.counts()["GET one workspaces"] != 1 {
		t.Errorf("requests: %v", s.counts())
	}
	if _, err := c.Workspaces.Get(context.Background(), "", wsID(999)); !IsGone(err, "workspace", wsID(999)) {
		t.Errorf("got %v", err)
	}
}

func TestFailingListFallsBackToSingleReads(t *testing.T) {
	s := newTenants(t, times(20, 2)...)
	c := s.client()
	defer c.CloseIdleConnections()
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/workspaces" || r.URL.Path == "/api/v1/environments" {
			text(500, "(psycopg.errors.UndefinedColumn) no")(w, r)
			return true
		}
		return false
	}
	if err := s.plan(c, 20, 10); err != nil {
		t.Errorf("got %v", err)
	}
	if s.counts()["GET one workspaces"] != 20 || s.counts()["GET one environments"] != 40 || s.requests() > 60+allowance {
		t.Errorf("requests: %v", s.counts())
	}
}

// TestFailingListIsAskedForAgain reads on after a failure that passes.
func TestFailingListIsAskedForAgain(t *testing.T) {
	s := newTenants(t, times(200, 0)...)
	c, err := New(Config{Endpoint: s.URL, MaxRetries: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	var failed atomic.Bool
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/workspaces" && failed.CompareAndSwap(false, true) {
			text(503, "later")(w, r)
			return true
		}
		return false
	}
	if err := s.plan(c, 200, 10); err != nil {
		t.Fatal(err)
	}
	if s.counts()["GET /workspaces"] != 2 || s.counts()["GET one workspaces"] > 20 {
		t.Errorf("requests: %v", s.counts())
	}
}

func TestListOfADataSourceIsRepeated(t *testing.T) {
	s := newTenants(t, times(3, 0)...)
	c, err := New(Config{Endpoint: s.URL, MaxRetries: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	var answers atomic.Int32
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if answers.Add(1) > 2 {
			return false
		}
		text(503, "later")(w, r)
		return true
	}
	if list, err := c.Workspaces.List(context.Background(), ""); err != nil || len(list) != 3 || s.requests() != 3 {
		t.Errorf("%v, %v, requests: %v", list, err, s.counts())
	}
}

// TestFailedListIsNotShared: what failed for a resource's read proves nothing to a data source.
func TestFailedListIsNotShared(t *testing.T) {
	s := newTenants(t, times(20, 0)...)
	c := s.client()
	defer c.CloseIdleConnections()
	begun, goOn := make(chan struct{}), make(chan struct{})
	var failed atomic.Bool
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/workspaces" && failed.CompareAndSwap(false, true) {
			close(begun)
			<-goOn
			text(500, "(psycopg.errors.UndefinedColumn) no")(w, r)
			return true
		}
		return false
	}
	var group errgroup.Group
	group.Go(func() error { return s.plan(c, 20, 10) })
	<-begun
	group.Go(func() error {
		list, err := c.Workspaces.List(context.Background(), "")
		if err != nil || len(list) != 20 {
			return fmt.Errorf("the data source got %v, %w", list, err)
		}
		return nil
	})
	close(goOn)
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

func TestWaitersAreCancelledAlone(t *testing.T) {
	s := newTenants(t, times(20, 0)...)
	c := s.client()
	defer c.CloseIdleConnections()
	goOn := make(chan struct{})
	s.inner = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/api/v1/workspaces" {
			<-goOn
		}
		return false
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancelled := make(chan error, 1)
	go func() { _, err := c.Workspaces.Get(ctx, "", wsID(0)); cancelled <- err }()
	var group errgroup.Group
	group.Go(func() error { return s.plan(c, 20, 10) })
	for s.requests() == 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-cancelled; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled one got %v", err)
	}
	close(goOn)
	if err := group.Wait(); err != nil {
		t.Errorf("the others got %v", err)
	}
	if s.counts()["GET /workspaces"] != 1 {
		t.Errorf("requests: %v", s.counts())
	}
}
