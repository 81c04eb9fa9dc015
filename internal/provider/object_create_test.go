package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// importBlock is the one that an error shows, with its label filled in.
func importBlock(t testing.TB, detail string) string {
	t.Helper()
	at := strings.Index(detail, "import {\n")
	if at < 0 || strings.Count(detail, "import {\n") != 1 {
		t.Fatalf("there is not one import block in:\n%s", detail)
	}
	return strings.Replace(detail[at:], ".example", ".test", 1) + "\n"
}

// takenOnCreate is the error for what is there already.
func (s subject) takenOnCreate(p *place, id string) problem {
	block := fmt.Sprintf("import {\n  to = %s.example\n  id = %q\n}", s.kind(), s.importID(p, id))
	if s.isMember() {
		return problem{
			Summary: "Cannot create " + s.label(id) + ": it exists already",
			Detail: "Cortex has this consumer group member already.\n" +
				"  - If another block of this configuration gives it up in this same run, apply again.\n" +
				"  - If only the label of a block changed, a moved block says so; nothing is to be created then.\n" +
				"  - If two blocks have it, remove one of them.\n\nOtherwise bring it under management:\n\n" + block,
		}
	}
	return problem{
		Summary: fmt.Sprintf("Cannot create %s in environment %s: the %s is taken", s.label(""), p.environment.ID, s.keyName),
		Detail:  takenDetail(s.noun, s.keyName, s.minimal[s.key].(string)) + block,
	}
}

// takenDetail is what the error for a taken name says before the import block.
func takenDetail(noun, key, name string) string {
	plural := map[string]string{"name": "names", "e-mail address": "e-mail addresses"}[key]
	return fmt.Sprintf("Cortex has another %s with the %s %q.\n"+
		"  - If another block of this configuration gives it up in this same run, apply again.\n"+
		"  - If only the label of a block changed, a moved block says so; nothing is to be created then.\n"+
		"  - If this is a replacement with create_before_destroy: that cannot work, since %[4]s are unique. Take it out.\n"+
		"  - If two blocks have the same %[2]s, change one of them.\n\n"+
		"Otherwise choose another %[2]s, or bring the existing one under management:\n\n", noun, key, name, plural)
}

// What is there already is shown with the import block that brings it under management.
func TestObjectTaken(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			s.eachRelease(t, func(t *testing.T, p *place) {
				id := s.made(p, s.minimal)
				e := newEngine(t, p.Cortex)
				e.write(s.block(p, s.minimal))
				want := s.takenOnCreate(p, id)
				e.wantProblems(apply, want)
				if got := e.resources(); len(got) > 0 {
					t.Errorf("the state holds %q", got)
				}
				s.only(p)
				p.Reset()
				e.write(s.block(p, s.minimal) + importBlock(t, want.Detail))
				e.run(apply...)
				wantWrites(t, p.Cortex)
				e.wantNoChanges()
				e.run(destroy...)
			})
		})
	}
}

// Cortex would accept a change to what another object has: it is not sent.
func TestObjectTakenOnUpdate(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		t.Run(s.noun, func(t *testing.T) {
			s.eachRelease(t, func(t *testing.T, p *place) {
				id, name := s.made(p, s.other), s.other[s.key].(string)
				e := newEngine(t, p.Cortex)
				e.write(s.block(p, s.minimal))
				e.run(apply...)
				var mine string
				for _, one := range s.all(p) {
					if one != id {
						mine = one
					}
				}
				p.Reset()
				e.write(s.block(p, s.minimal.with(s.key, name)))
				plural := map[string]string{"name": "names", "e-mail address": "e-mail addresses"}[s.keyName]
				e.wantProblems(apply, problem{
					Summary: fmt.Sprintf("Cannot update %s: the %s is taken", s.label(mine), s.keyName),
					Detail: fmt.Sprintf("The %s %q belongs to:\n  - %s %q (%s)\n\nCortex would accept the rename and have two of one %[1]s, so nothing was sent. If that one gets "+
						"another %[1]s in this same run (a chain of renames), apply again: its new %[1]s is then in place. To swap two %[6]s, give one of them a third "+
						"%[1]s first and apply that.", s.keyName, name, s.noun, name, id, plural),
				})
				wantWrites(t, p.Cortex)
				e.write(s.block(p, s.minimal))
				e.wantNoChanges()
				e.run(destroy...)
				if _, ok := p.object("GET", s.at(p, id), 200, nil)["id"]; !ok {
					t.Errorf("the other %s is gone", s.noun)
				}
			})
		})
	}
}

// Of two blocks for one object one makes it, and the other one is told where it is.
func TestObjectTwice(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(s.block(p, s.minimal) + strings.Replace(s.block(p, s.minimal), `"test"`, `"twin"`, 1))
			got := e.problems(apply...)
			if diff := cmp.Diff([]problem{s.takenOnCreate(p, s.only(p))}, got); diff != "" {
				t.Errorf("the errors (-want +got):\n%s", diff)
			}
			if got := e.resources(); len(got) != 1 {
				t.Errorf("the state holds %q, want one %s", got, s.noun)
			}
			e.run(destroy...)
		})
	}
}

// A create whose answer is lost is settled by a look: what it made is taken, what it did not make is made.
func TestObjectLostCreate(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex)
			e.write(s.block(p, s.full))
			posts := strings.Split(s.path, "{id}")[0]
			for _, test := range []struct {
				name  string
				fault cortextest.Fault
				posts int
			}{
				{"dropped", cortextest.Fault{Kind: cortextest.Drop, AfterServer: true}, 1},
				{"cut off", cortextest.Fault{Kind: cortextest.Truncate}, 1},
				{"gateway", cortextest.Fault{Kind: cortextest.Answer, AfterServer: true, Status: 502, Body: "<html>Bad gateway</html>", ContentType: "text/html"}, 1},
				{"500", cortextest.Fault{Kind: cortextest.Answer, AfterServer: true, Status: 500, Body: "Internal Server Error"}, 1},
				{"no answer of Cortex", cortextest.Fault{Kind: cortextest.Answer, AfterServer: true, Status: 200, Body: "{}", ContentType: "application/json"}, 1},
				{"lost on the way", cortextest.Fault{Kind: cortextest.Reset}, 2},
				{"not available", cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "later"}, 2},
			} {
				p.Reset()
				test.fault.Match = cortextest.Matching("POST", posts)
				p.Fail(test.fault)
				e.run(apply...)
				id := s.only(p)
				if !s.isMember() {
					s.wantFields(p, id, s.full)
				}
				if n := p.Count("POST", ""); n != test.posts || len(p.Writes()) != n || p.Pending() > 0 {
					t.Errorf("%s: %q are %d POSTs, want %d", test.name, paths(p.Requests()), n, test.posts)
				}
				if !strings.Contains(e.state(), fmt.Sprintf("\"id\": %q", id)) {
					t.Errorf("%s: the state has not the id %s:\n%s", test.name, id, e.state())
				}
				p.Reset()
				e.wantNoChanges()
				e.run(destroy...)
			}
		})
	}
}

// Where the look fails too, the error says so, and the next apply shows what was made.
func TestObjectUnsettledCreate(t *testing.T) {
	t.Parallel()
	for _, s := range subjects {
		t.Run(s.noun, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			e := newEngine(t, p.Cortex, "CORTEX_MAX_RETRIES=0")
			e.write(s.block(p, s.minimal))
			var posted atomic.Bool
			p.Fail(cortextest.Fault{Kind: cortextest.Drop, AfterServer: true, Match: func(r *http.Request) bool {
				hit := r.Method == http.MethodPost
				if hit {
					posted.Store(true)
				}
				return hit
			}}, cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "later", Times: -1, Match: func(*http.Request) bool { return posted.Load() }})
			got := e.problems(apply...)
			id := s.only(p)
			summary := "Cannot create " + s.label("") + " in environment " + p.environment.ID
			if s.isMember() {
				summary = "Cannot create " + s.label(id)
			}
			if len(got) != 1 || got[0].Summary != summary+": it is unknown what became of the request" ||
				!strings.Contains(got[0].Detail, "\n\nIt could not be found out whether Cortex made the "+s.noun+": GET ") ||
				!strings.HasSuffix(got[0].Detail, "\n\nRun apply again: if the object was made after all, the error will then say so and show how to import it.") {
				t.Errorf("the errors are %q", got)
			}
			p.Reset()
			want := s.takenOnCreate(p, id)
			e.wantProblems(apply, want)
			e.write(s.block(p, s.minimal) + importBlock(t, want.Detail))
			p.Reset()
			e.run(apply...)
			wantWrites(t, p.Cortex)
			e.run(destroy...)
		})
	}
}

// Where there is no environment, nothing is made, and the error names what is missing.
func TestObjectInMissingEnvironment(t *testing.T) {
	t.Parallel()
	for _, s := range editable {
		if s.isMetric() {
			continue // it is in the environment of its data model: see metric_test.go
		}
		t.Run(s.noun, func(t *testing.T) {
			s.eachRelease(t, func(t *testing.T, p *place) {
				const missing = "00000000-0000-4000-8000-000000000000"
				e := newEngine(t, p.Cortex)
				e.write(s.block(p, s.minimal.with("environment_id", missing)))
				got := e.problems(apply...)
				if len(got) != 1 || got[0].Summary != "Cannot create "+s.label("")+" in environment "+missing ||
					!strings.HasSuffix(got[0].Detail, "\n\nCortex does not have the environment "+missing+" that the request is about. Plan again; if another part of the "+
						"configuration names this id, correct it there.") {
					t.Errorf("the errors are %q", got)
				}
			})
		})
	}
}
