package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestCreateIsSettledByLooking(t *testing.T) {
	made := jsonAnswer(201, workspace(wsA, "acme"))
	empty, there := list(), list(workspace(wsB, "other"), workspace(wsA, "acme"))
	taken := text(409, "Workspace with name 'acme' already exists")
	other := list(`{"id":"` + wsA + `","name":"acme","description":"another","created_at":"x","updated_at":"y"}`)

	type outcome int
	const (
		ours outcome = iota
		nameTaken
		unsettled // without a candidate
		candidate // unsettled, with one
		plain     // the answer's own error
	)
	for name, test := range map[string]struct {
		steps []http.HandlerFunc
		want  outcome
	}{
		"answered":                          {[]http.HandlerFunc{empty, made}, ours},
		"429, then made":                    {[]http.HandlerFunc{empty, text(429, ""), made}, ours},
		"name taken":                        {[]http.HandlerFunc{list(workspace(wsB, "acme")), taken, list(workspace(wsB, "acme"))}, nameTaken},
		"name taken, head":                  {[]http.HandlerFunc{empty, text(500, "Workspace with name 'acme' already exists"), there}, nameTaken},
		"answer lost, made":                 {[]http.HandlerFunc{empty, reset, there}, ours},
		"answer lost, not made":             {[]http.HandlerFunc{empty, reset, empty, empty, made}, ours},
		"answer lost, made late":            {[]http.HandlerFunc{empty, reset, empty, there}, ours},
		"answer lost, made very late":       {[]http.HandlerFunc{empty, reset, empty, empty, taken, there}, ours},
		"answer lost, taken by another":     {[]http.HandlerFunc{empty, reset, other}, candidate},
		"answer lost, two of the name":      {[]http.HandlerFunc{empty, reset, list(workspace(wsA, "acme"), workspace(wsB, "acme"))}, candidate},
		"answer lost, only one from before": {[]http.HandlerFunc{list(workspace(wsB, "acme")), reset, list(workspace(wsB, "acme")), list(workspace(wsB, "acme")), taken, list(workspace(wsB, "acme")), list(workspace(wsB, "acme"))}, nameTaken},
		"answer lost, look fails":           {[]http.HandlerFunc{empty, reset, text(400, "")}, unsettled},
		"502, made":                         {[]http.HandlerFunc{empty, text(502, ""), there}, ours},
		"503, not made":                     {[]http.HandlerFunc{empty, text(503, ""), empty, empty, made}, ours},
		"503 for ever":                      {[]http.HandlerFunc{empty, text(503, ""), empty, empty, text(503, ""), empty, empty, text(503, ""), empty, empty, text(503, ""), empty}, unsettled},
		"504, made late":                    {[]http.HandlerFunc{empty, text(504, ""), empty, there}, ours},
		"504, not made: not sent again":     {[]http.HandlerFunc{empty, text(504, ""), empty, empty, empty, empty}, unsettled},
		"HTML with 200, made":               {[]http.HandlerFunc{empty, answer(200, "text/html", "<html>"), there}, ours},
		"half the JSON, made":               {[]http.HandlerFunc{empty, jsonAnswer(201, `{"id":"`), there}, ours},
		"answer about another object, made": {[]http.HandlerFunc{empty, jsonAnswer(201, workspace(wsB, "other")), there}, ours},
		"page of a proxy, not made":         {[]http.HandlerFunc{empty, answer(404, "text/html", "<html>"), empty}, plain},
		"refused by the database":           {[]http.HandlerFunc{empty, text(500, "(psycopg.errors.DataError) NUL"), empty}, plain},
		"unknown 500, not made, then made":  {[]http.HandlerFunc{empty, text(500, "Internal Server Error"), empty, empty, made}, ours},
		"unknown 500 though made":           {[]http.HandlerFunc{empty, text(500, "Internal Server Error"), there}, ours},
		"validation":                        {[]http.HandlerFunc{empty, text(400, "[]")}, plain},
		"denied":                            {[]http.HandlerFunc{empty, text(403, "")}, plain},
		"answer lost, then refused, made":   {[]http.HandlerFunc{empty, reset, empty, empty, text(403, ""), there}, ours},
		"answer lost, then refused":         {[]http.HandlerFunc{empty, reset, empty, empty, text(403, ""), empty}, plain},
		"refused in words of a gateway":     {[]http.HandlerFunc{empty, jsonAnswer(422, "{}"), empty}, plain},
		"list ahead fails: nothing is sent": {[]http.HandlerFunc{text(400, "")}, plain},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScript(t, test.steps...)
			c := s.client(t)
			c.timeout = time.Second // of the pauses, not of the requests
			got, err := c.Workspaces.Create(context.Background(), Workspace{Name: "acme"})
			s.done()
			var u *UnsettledError
			var n *NameTakenError
			switch {
			case test.want == ours && (err != nil || got.ID != wsA),
				test.want == nameTaken && (!errors.As(err, &n) || len(n.Holder) != 1),
				test.want == unsettled && (!errors.As(err, &u) || len(u.Candidates) != 0),
				test.want == candidate && (!errors.As(err, &u) || len(u.Candidates) == 0),
				test.want == plain && (err == nil || errors.As(err, &u) || errors.As(err, &n)):
				t.Errorf("got %v, %v after %s", got, err, s.methods())
			}
		})
	}
}

func TestTakenNameWhoseHolderCannotBeRead(t *testing.T) {
	s := newScript(t, list(), text(409, "Workspace with name 'acme' already exists"), text(400, "no"))
	_, err := s.client(t).Workspaces.Create(context.Background(), Workspace{Name: "acme"})
	var taken *NameTakenError
	if !errors.As(err, &taken) || taken.Look == nil || taken.Holder != nil {
		t.Errorf("got %v", err)
	}
	s.done()
}

func TestUnsentCreateIsRepeated(t *testing.T) {
	// Nothing listens until the third try.
	s := newScript(t, list(), jsonAnswer(201, workspace(wsA, "acme")))
	c := s.client(t)
	refusals := 2
	transport := c.http.Transport.(*attempt)
	next := transport.next
	transport.next = roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.Method == http.MethodPost && refusals > 0 {
			refusals--
			return (&http.Transport{}).RoundTrip(unroutable(r))
		}
		return next.RoundTrip(r)
	})
	if _, err := c.Workspaces.Create(context.Background(), Workspace{Name: "acme"}); err != nil {
		t.Fatal(err)
	}
	s.done()
	if refusals != 0 {
		t.Error("the refusals were not met")
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// unroutable sends the request to a port that nobody listens on.
func unroutable(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.URL.Host = "127.0.0.1:1"
	return r
}

func TestLostCreateIsSettledAfterCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	s := newScript(t, list(), func(w http.ResponseWriter, r *http.Request) { cancel(); reset(w, r) }, list(workspace(wsA, "acme")))
	if w, err := s.client(t).Workspaces.Create(ctx, Workspace{Name: "acme"}); err != nil || w.ID != wsA {
		t.Errorf("got %v, %v", w, err)
	}
	s.done()
}

func TestCreatesOfOneNameGoInTurn(t *testing.T) {
	// As a Cortex with several workers: it would make both when both are under way at one time.
	var mu sync.Mutex
	underWay, made := 0, 0
	post := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		underWay++
		if underWay > 1 {
			t.Error("two creates of one name at one time")
		}
		first := made == 0
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		underWay--
		if !first {
			text(409, "Workspace with name 'acme' already exists")(w, r)
			return
		}
		made++
		jsonAnswer(201, workspace(wsA, "acme"))(w, r)
	}
	s := newScript(t, list(), post, post, list(workspace(wsA, "acme")))
	c := s.client(t)
	results := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := c.Workspaces.Create(context.Background(), Workspace{Name: "acme"})
			results <- err
		}()
	}
	first, second := <-results, <-results
	var taken *NameTakenError
	if (first == nil) == (second == nil) || !errors.As(errors.Join(first, second), &taken) {
		t.Errorf("got %v and %v", first, second)
	}
	s.done()
}

func TestOneListAheadOfTheFirstCreate(t *testing.T) {
	env := func(n int) http.HandlerFunc {
		return jsonAnswer(201, environment(fmt.Sprintf("76dcbaf7-ed7a-4f5d-8fd8-64e456b61a%02d", n), wsB, fmt.Sprint("e", n)))
	}
	s := newScript(t, list(), jsonAnswer(201, workspace(wsB, "made here")), env(1), env(2))
	c := s.client(t)
	if _, err := c.Workspaces.Create(context.Background(), Workspace{Name: "made here"}); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 2; n++ { // a workspace that this run made has no environments: no list
		if _, err := c.Environments.Create(context.Background(), Environment{WorkspaceID: wsB, Name: fmt.Sprint("e", n), Description: "d"}); err != nil {
			t.Fatal(err)
		}
	}
	s.done()

	s = newScript(t, list(environment(envA, wsB, "there")), env(1), env(2))
	c = s.client(t)
	for n := 1; n <= 2; n++ {
		if _, err := c.Environments.Create(context.Background(), Environment{WorkspaceID: wsB, Name: fmt.Sprint("e", n), Description: "d"}); err != nil {
			t.Fatal(err)
		}
	}
	s.done()
}

func TestCreateInAWorkspaceThatVanished(t *testing.T) {
	gone := text(404, "Workspace with ID "+wsB+" does not exist in the database")
	s := newScript(t, list(), reset, gone)
	_, err := s.client(t).Environments.Create(context.Background(), Environment{WorkspaceID: wsB, Name: "e"})
	if !IsGone(err, "workspace", wsB) {
		t.Errorf("got %v", err)
	}
	s.done()
}

func TestRename(t *testing.T) {
	current := Workspace{ID: wsA, Name: "acme"}
	name := func(s string) Workspace { return Workspace{ID: wsA, Name: s} }

	s := newScript(t, list(workspace(wsA, "acme"), workspace(wsB, "taken")))
	_, err := s.client(t).Workspaces.Update(context.Background(), current, name("taken"))
	var taken *NameTakenError
	if !errors.As(err, &taken) || !taken.Rename || taken.Holder[0].ID != wsB {
		t.Errorf("onto a taken name: %v", err)
	}
	s.done()

	s = newScript(t, list(workspace(wsA, "acme"), workspace(wsB, "taken")), jsonAnswer(200, workspace(wsA, "free")))
	if _, err := s.client(t).Workspaces.Update(context.Background(), current, name("free")); err != nil {
		t.Errorf("onto a free name: %v", err)
	}
	s.done()

	described := current
	described.Description = "was"
	s = newScript(t, jsonAnswer(200, workspace(wsA, "acme")))
	if _, err := s.client(t).Workspaces.Update(context.Background(), described, current); err != nil {
		t.Errorf("no rename: %v", err)
	}
	if s.calls[0].body != `{"description":""}` {
		t.Errorf("sent %s", s.calls[0].body)
	}
	s.done()

	// The state is old (-refresh=false): somebody gave the workspace a description, which nobody configured.
	foreign := jsonAnswer(200, `{"id":"`+wsA+`","name":"free","description":"foreign","created_at":"x","updated_at":"y"}`)
	s = newScript(t, list(), foreign, jsonAnswer(200, workspace(wsA, "free")))
	if _, err := s.client(t).Workspaces.Update(context.Background(), current, name("free")); err != nil || s.calls[2].body != `{"description":""}` {
		t.Errorf("an old state: sent %v, %v", s.calls, err)
	}
	s.done()

	// … or renamed it, and then another one got the name, or none did.
	s = newScript(t, jsonAnswer(200, workspace(wsA, "elsewhere")), list(workspace(wsA, "elsewhere"), workspace(wsB, "acme")))
	if _, err := s.client(t).Workspaces.Update(context.Background(), described, current); !errors.As(err, &taken) {
		t.Errorf("an old name that another one has by now: %v", err)
	}
	s.done()
	s = newScript(t, jsonAnswer(200, workspace(wsA, "elsewhere")), list(workspace(wsA, "elsewhere")), jsonAnswer(200, workspace(wsA, "acme")))
	if got, err := s.client(t).Workspaces.Update(context.Background(), described, current); err != nil || got.Name != "acme" {
		t.Errorf("an old name: %v, %v", got, err)
	}
	s.done()

	s = newScript(t, list(), jsonAnswer(200, workspace(wsA, "of another writer")))
	if _, err := s.client(t).Workspaces.Update(context.Background(), current, name("free")); err == nil {
		t.Error("an answer with another name was taken for ours")
	}
	s.done()
}
