package provider_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// eachRelease runs a test on the Cortex of the suite and, in memory, on head too, which answers with other statuses.
func eachRelease(t *testing.T, test func(t *testing.T, p *place)) {
	for _, release := range []string{cortextest.Latest, cortextest.Head} {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			if release == cortextest.Head {
				test(t, placeIn(t, cortextest.StartFake(t, cortextest.FakeOptions{Release: release})))
				return
			}
			test(t, newPlace(t))
		})
	}
}

// eachRelease is the same for tests that delete objects, but for what the head of Cortex's repository fails at, since it asks the table of metrics for a column that
// no migration adds: it deletes no data sources, and has no data models and metrics.
func (s subject) eachRelease(t *testing.T, test func(t *testing.T, p *place)) {
	t.Helper()
	if s.noun == "data source" || s.scoped {
		test(t, newPlace(t))
		return
	}
	eachRelease(t, test)
}

// What is gone is planned anew.
func TestObjectGone(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			s.eachRelease(t, func(t *testing.T, p *place) {
				e := newEngine(t, p.Cortex)
				e.write(s.block(p, s.minimal))
				e.run(apply...)
				s.removed(p, s.only(p))
				e.run("apply", "-refresh-only", "-auto-approve")
				if got := e.resources(); len(got) != 0 {
					t.Errorf("the state holds %q", got)
				}
				e.run(apply...)
				s.removed(p, s.only(p))
				p.Reset()
				e.run(apply...)
				path := s.post()
				if s.isMember() {
					path = "POST /consumers/groups/{id}/members"
				}
				wantWrites(t, p.Cortex, path)
				s.only(p)
				e.wantNoChanges()
				e.run(destroy...)
				if left := s.all(p); len(left) > 0 {
					t.Errorf("%q are left behind", left)
				}
			})
		})
	}
}

// What is gone when Terraform wants to delete it is deleted. Where Cortex's answer could mean another thing, one look tells.
func TestObjectGoneBeforeDelete(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			s.eachRelease(t, func(t *testing.T, p *place) {
				e := newEngine(t, p.Cortex)
				e.write(s.block(p, s.minimal))
				e.run(apply...)
				id := s.only(p)
				s.removed(p, id)
				p.Reset()
				e.run("destroy", "-auto-approve", "-refresh=false")
				if got := e.resources(); len(got) != 0 {
					t.Errorf("the state holds %q", got)
				}
				want := 2 // "500: Failed to delete consumer", and a look; a look for a data model's metrics, and its own sentence
				switch {
				case s.noun == "data source" && p.Release() == cortextest.Oldest:
					want = 3 // a look for metrics that use it, and the same
				case (p.Release() == cortextest.Head || s.isMember() || s.isMetric() || s.noun == "dashboard") && s.noun != "data source":
					want = 1 // its own sentence; or no error at all
				}
				if got := p.Requests(); len(got) != want || len(p.Writes()) != 1 {
					t.Errorf("%d requests with %d writes, want %d with one: %v", len(got), len(p.Writes()), want, paths(got))
				}
			})
		})
	}
}

// paths are those of requests, for messages.
func paths(requests []cortextest.Request) (all []string) {
	for _, r := range requests {
		all = append(all, fmt.Sprint(r.Method, " ", r.Path, " ", r.Status))
	}
	return all
}

// Only Cortex's own word about this very object takes it out of the state.
func TestObjectReadErrorsKeepState(t *testing.T) {
	t.Parallel()
	const other = "11111111-1111-4111-8111-111111111111"
	p := newPlace(t)
	e := newEngine(t, p.Cortex, "CORTEX_MAX_RETRIES=0")
	var body string
	for _, s := range subjects {
		body += s.block(p, s.minimal)
	}
	e.write(body)
	e.run(apply...)
	state := e.state()

	text := func(status int, body string) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: status, Body: body}
	}
	whole := func(body string) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: 200, Body: body, ContentType: "application/json"}
	}
	var consumer string
	for _, c := range p.Consumers(p.environment.ID) {
		consumer = jsonOf(attributes{"id": c.ID, "environment_id": c.EnvironmentID, "email": c.Email, "first_name": "", "last_name": "",
			"organization": nil, "properties": nil, "created_at": c.CreatedAt, "updated_at": c.UpdatedAt})
	}
	for name, fault := range map[string]cortextest.Fault{
		"proxy's 404":             text(404, "404 page not found"),
		"HTML 404":                {Kind: cortextest.Answer, Status: 404, Body: "<html>nginx</html>", ContentType: "text/html"},
		"HTML 200":                {Kind: cortextest.Answer, Status: 200, Body: "<html>Log in</html>", ContentType: "text/html"},
		"another consumer":        text(404, "Consumer with ID "+other+" does not exist"),
		"another group":           text(404, "Consumer group with ID "+other+" does not exist"),
		"another environment":     text(404, "Environment with ID "+other+" does not exist in the database"),
		"deletion's sentence":     text(500, "500: Failed to delete consumer"),
		"500":                     text(500, "Internal Server Error"),
		"reset":                   {Kind: cortextest.Reset},
		"cut off":                 {Kind: cortextest.Truncate},
		"nothing":                 whole("{}"),
		"null":                    whole("null"),
		"consumer without groups": whole(consumer),
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			p.Reset()
			fault.Times, fault.Match = -1, cortextest.Matching("GET", "")
			p.Fail(fault)
			got := e.problems("apply", "-refresh-only", "-auto-approve")
			want := map[string]bool{}
			for _, s := range subjects {
				for _, id := range s.all(p) {
					want["Cannot read "+s.label(id)] = true
				}
			}
			if len(got) != len(subjects) {
				t.Errorf("the errors are %q, want %d", got, len(subjects))
			}
			for _, problem := range got {
				if !want[problem.Summary] {
					t.Errorf("there is the error %q: %s", problem.Summary, problem.Detail)
				}
			}
			if now := e.state(); !sameState(t, state, now) {
				t.Errorf("the state has changed to:\n%s", now)
			}
			wantWrites(t, p.Cortex)
		})
	}
	e.t = t
	p.Reset()
	e.wantNoChanges()
	e.run(destroy...)
}

// An object that is gone, of which a gateway says so in its own words, is no error for ever.
func TestObjectGoneByAnothersWords(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	e := newEngine(t, p.Cortex, "CORTEX_MAX_RETRIES=0")
	name := p.Name("acme")
	body := workspaceBlock(name) + environmentBlock()
	for _, s := range subjects {
		body += s.block(p, s.minimal)
	}
	e.write(body)
	e.run(apply...)
	for _, s := range slices.Backward(subjects) {
		s.removed(p, e.id(s.address()))
	}
	w := workspaceNamed(t, p.Cortex, name)
	p.DeleteEnvironment(environmentNamed(t, p.Cortex, w.ID, "Development").ID)
	p.DeleteWorkspace(w.ID)
	all := e.resources()
	p.Fail(cortextest.Fault{Times: -1, Kind: cortextest.Answer, Status: 404, Body: "<html>nothing here</html>", ContentType: "text/html"})
	for _, args := range [][]string{plan, {"destroy", "-auto-approve", "-refresh=false"}} {
		got := e.problems(args...)
		// A destroy goes on with the workspace only when its environment is gone.
		if want := len(subjects) + 1; len(got) < want {
			t.Errorf("%d errors of %s, want at least %d", len(got), args[0], want)
		}
		for _, problem := range got {
			if !strings.Contains(problem.Detail, "let Terraform forget it: terraform state rm with its address, or a removed block.") {
				t.Errorf("the detail of %q names no way out: %s", problem.Summary, problem.Detail)
			}
		}
	}
	e.run(append([]string{"state", "rm"}, all...)...)
	p.Reset()
	e.run(apply...)
	e.run(destroy...)
}

// A deletion that Cortex refuses leaves the object in the state.
func TestObjectNotDeleted(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex, "CORTEX_MAX_RETRIES=0")
			e.write(s.block(p, s.minimal))
			e.run(apply...)
			id := s.only(p)
			for _, fault := range []cortextest.Fault{
				{Kind: cortextest.Answer, Status: 500, Body: "500: Failed to delete " + s.noun}, // although it is there
				{Kind: cortextest.Answer, Status: 500, Body: "Internal Server Error"},
				{Kind: cortextest.Answer, Status: 404, Body: "Not Found"},
				{Kind: cortextest.Answer, Status: 404, Body: "Consumer with ID 11111111-1111-4111-8111-111111111111 does not exist"},
				{Kind: cortextest.Reset},
			} {
				p.Reset()
				fault.Times, fault.Match = -1, cortextest.Matching("DELETE", "")
				p.Fail(fault)
				if got := e.problems(destroy...); len(got) != 1 || got[0].Summary != "Cannot delete "+s.label(id) {
					t.Errorf("after %d %s: the errors are %q", fault.Status, fault.Body, got)
				}
				if got := e.resources(); len(got) != 1 {
					t.Errorf("the state holds %q", got)
				}
			}
			p.Reset()
			e.run(destroy...)
			if left := s.all(p); len(left) > 0 {
				t.Errorf("%q are left behind", left)
			}
		})
	}
}
