package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestWaitsOfPlans reads whole tenants as an engine does, under the clock of synctest, from a Cortex 100 ms away that takes no time itself. So what
// passes on that clock is what a plan waits for, one thing after the other, however fast the machine is.
func TestWaitsOfPlans(t *testing.T) {
	const trip = 100 * time.Millisecond
	for name, c := range map[string]struct {
		workspaces, environments int // these in each
		mix                      bool
		work                     time.Duration // of a processor, for each object
		objects, requests        int           // not more requests than that
		waits                    time.Duration // at most
	}{
		// One round trip for the workspaces, together with which goes the list of their environments, and the pause in which more reads might come.
		"two workspaces": {2, 4, false, 0, 10, 4, trip + gatherPause},
		// An environment of a workspace whose list cannot be paid for yet is read by itself, and the next one waits for that list.
		"eight workspaces": {8, 4, false, 0, 40, 30, 4*trip + gatherPause},
		"200 workspaces":   {200, 4, false, 0, 1000, 201, 8 * trip},
		// From the workspace to the dashboards there are five levels.
		"an environment":        {1, 1, true, 0, 17, 20, 3*trip + 3*gatherPause},
		"a tenant":              {1, 3, true, 0, 49, 26, 5*trip + 3*gatherPause},
		"20 tenants":            {20, 3, true, 0, 980, 384, 15 * trip},
		"20 tenants, and work":  {20, 3, true, 4 * time.Millisecond, 980, 384, 980*2*time.Millisecond + 7*trip},
		"200 workspaces, ditto": {200, 4, false, 4 * time.Millisecond, 1000, 204, 1000*2*time.Millisecond + 2*trip},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				far := &far{trip: trip, answers: map[string][]byte{}}
				client := far.client(t)
				plan := newPlan(far, client, c.workspaces, c.environments, c.mix)
				if len(plan) != c.objects {
					t.Fatalf("%d objects instead of %d", len(plan), c.objects)
				}
				start := time.Now()
				plan.run(t, c.work)
				waited := time.Since(start)
				synctest.Wait() // until what was asked for last is counted too
				t.Logf("%d objects: %s, %d requests", c.objects, waited, far.requests)
				if waited > c.waits || far.requests > c.requests {
					t.Errorf("%s and %d requests, instead of %s and %d at most", waited, far.requests, c.waits, c.requests)
				}
			})
		})
	}
}

// far is a Cortex at a distance: an http.RoundTripper that knows the answer to each request.
type far struct {
	trip     time.Duration
	answers  map[string][]byte
	mu       sync.Mutex
	requests int
}

func (f *far) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.requests++
	f.mu.Unlock()
	time.Sleep(f.trip)
	answer, found := f.answers[strings.TrimPrefix(req.URL.RequestURI(), "/api/v1")]
	if !found {
		return nil, fmt.Errorf("unexpected request for %s", req.URL)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(answer))), Request: req}, nil
}

func (f *far) client(t *testing.T) *Client {
	t.Helper()
	c, err := New(Config{Endpoint: "http://cortex.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	c.http.Transport.(*attempt).next = f
	return c
}

// have answers requests for so many objects of a kind in one scope, for each by itself and for their list, and returns their ids.
func (f *far) have(k kind, scope string, count int, fields map[string]any) (ids []string) {
	var objects []map[string]any
	for range count {
		id := fmt.Sprintf("00000000-0000-4000-8000-%012d", len(f.answers))
		object := map[string]any{"id": id, "name": id, k.container + "_id": scope, "created_at": "then", "updated_at": "then"}
		for name, value := range fields {
			object[name] = value
		}
		f.answer(k.at(k.item, scope, id), object)
		objects, ids = append(objects, object), append(ids, id)
	}
	path := k.at(k.list, scope, "")
	if k.paged {
		path += fmt.Sprintf("&page=1&page_size=%d", pageSize)
	}
	if k.field != "" {
		f.answer(path, map[string]any{k.field: objects})
	} else {
		f.answer(path, objects)
	}
	return ids
}

func (f *far) answer(path string, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	f.answers[path] = text
}

// planned is an object of a state: it is read after those that it refers to.
type planned struct {
	read func(context.Context) error
	done chan struct{}
	to   []*planned
}

type plan []*planned

// add adds objects, each of which refers to the same others.
func add[T Object](p *plan, objects interface {
	Get(ctx context.Context, scope, id string) (T, error)
}, scope string, ids []string, to ...*planned) (added []*planned) {
	for _, id := range ids {
		added = append(added, &planned{done: make(chan struct{}), to: to, read: func(ctx context.Context) error {
			_, err := objects.Get(ctx, scope, id)
			return err
		}})
	}
	*p = append(*p, added...)
	return added
}

// newPlan makes workspaces with environments and, in a mix, what internal/bench has in each.
func newPlan(f *far, c *Client, workspaceCount, environmentCount int, mix bool) (p plan) {
	all := f.have(workspaces, "", workspaceCount, nil)
	for _, workspaceID := range all {
		workspace := add(&p, c.Workspaces, "", []string{workspaceID})
		for _, id := range f.have(environments, workspaceID, environmentCount, nil) {
			environment := add(&p, c.Environments, workspaceID, []string{id}, workspace...)
			if !mix {
				continue
			}
			config := json.RawMessage("{}")
			source := add(&p, c.DataSources, id,
				f.have(dataSources, id, 1, map[string]any{"source_catalog": "DATABASE", "source_type": "sqlite", "config": config}), environment...)
			modelIDs := f.have(dataModels, id, 1, map[string]any{"config": config, "is_active": true})
			model := add(&p, c.DataModels, id, modelIDs, environment...)
			metric := add(&p, c.Metrics, id, f.have(metrics, id, 6, map[string]any{"data_model_id": modelIDs[0], "version": 1}), source[0], model[0])
			groupIDs := f.have(consumerGroups, id, 1, nil)
			group := add(&p, c.ConsumerGroups, id, groupIDs, environment...)
			consumerIDs := f.have(consumers, id, 4, map[string]any{"email": "ann@example.com", "groups": []map[string]any{{"id": groupIDs[0], "name": "Analysts"}}})
			consumer := add(&p, c.Consumers, id, consumerIDs, environment...)
			add(&p, c.GroupMembers, id, []string{groupIDs[0] + "/" + consumerIDs[0]}, group[0], consumer[0])
			add(&p, c.Dashboards, id, f.have(dashboards, id, 1, map[string]any{"type": "executive", "views": []map[string]any{{"alias": "overview"}}}), metric[0])
		}
	}
	return p
}

// run reads all objects, ten at one time, in any order that has each after those that it refers to. Of work, two are done at one time.
func (p plan) run(t *testing.T, work time.Duration) {
	t.Helper()
	rand.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	reads, processors := make(chan struct{}, 10), make(chan struct{}, 2)
	var all sync.WaitGroup
	for _, o := range p {
		all.Go(func() {
			defer close(o.done)
			for _, other := range o.to {
				<-other.done
			}
			reads <- struct{}{}
			defer func() { <-reads }()
			processors <- struct{}{}
			time.Sleep(work)
			<-processors
			if err := o.read(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
