package provider_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// attachedLists are where the lists of what is attached to an environment are.
var attachedLists = map[string]string{
	"dashboard": "/environments/%s/dashboards", "metric": "/metrics", "data source": "/environments/%s/data/sources",
	"consumer group": "/environments/%s/consumers/groups", "consumer": "/environments/%s/consumers", "data model": "/data/models",
}

// listFault is a fault of one list of what is attached to an environment.
func listFault(environmentID, kind string, fault cortextest.Fault) cortextest.Fault {
	path := "/api/v1" + strings.ReplaceAll(attachedLists[kind], "%s", environmentID)
	fault.Times = -1
	fault.Match = func(r *http.Request) bool {
		of := r.URL.Query().Get("environment_id")
		return r.Method == http.MethodGet && r.URL.Path == path && (of == "" || of == environmentID)
	}
	return fault
}

// refusal is how Cortex's database refuses a statement for good: the head of Cortex's repository does so for metrics.
var refusal = cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: "(psycopg.errors.UndefinedColumn) column derivations does not exist"}

// forced makes an environment with force_destroy and something of each kind in it. The configuration is then without the environment.
func forced(t *testing.T, env ...string) (e *engine, c *cortextest.Cortex, environment cortextest.Environment, attached map[string]string) {
	t.Helper()
	c = cortextest.Start(t)
	name := c.Name("acme")
	e = newEngine(t, c, env...)
	e.write(workspaceBlock(name) + environmentBlock("force_destroy = true"))
	e.run(apply...)
	environment = environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	attached = map[string]string{}
	for _, kind := range []string{"dashboard", "data source", "consumer group", "consumer"} {
		attached[kind] = c.Attach(environment.ID, kind, "a "+kind)
	}
	e.write(workspaceBlock(name))
	c.Reset()
	return e, c, environment, attached
}

func environmentLabel(e cortextest.Environment) string {
	return fmt.Sprintf("environment %q (%s)", e.Name, e.ID)
}

// What could not be listed because of something that may pass is not left behind, force_destroy or not.
func TestForceNeedsContent(t *testing.T) {
	t.Parallel()
	text := func(status int, body string) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: status, Body: body}
	}
	e, c, environment, attached := forced(t, "CORTEX_MAX_RETRIES=0", "CORTEX_TIMEOUT=1")
	for name, fault := range map[string]cortextest.Fault{
		"503":                text(503, "later"),
		"401":                text(401, "token expired"),
		"proxy's 404":        text(404, "404 page not found"),
		"HTML":               {Kind: cortextest.Answer, Status: 200, Body: "<html>Log in</html>", ContentType: "text/html"},
		"500":                text(500, "Internal Server Error"),
		"another 500":        text(500, "no such column: metrics.derivations"),
		"database away":      text(500, "(psycopg.OperationalError) connection failed: down"),
		"aborted":            text(500, "(psycopg.errors.InFailedSqlTransaction) current transaction is aborted"),
		"another is missing": text(404, "Environment with ID 11111111-1111-4111-8111-111111111111 does not exist in the database"),
		"reset":              {Kind: cortextest.Reset},
		"cut off":            {Kind: cortextest.Truncate},
		"hang":               {Kind: cortextest.Hang},
	} {
		for kind := range attachedLists {
			if name != "503" && kind != "dashboard" {
				continue // of each kind one fault will do
			}
			t.Run(name+" for "+kind, func(t *testing.T) {
				e.t = t
				c.Reset()
				c.Fail(listFault(environment.ID, kind, fault))
				if kind != "metric" {
					c.Fail(listFault(environment.ID, "metric", refusal)) // which is no reason to forget the other
				}
				got := e.problems(apply...)
				if len(got) != 1 || got[0].Summary != "Cannot check whether "+environmentLabel(environment)+" is empty" ||
					!strings.Contains(got[0].Detail, "\n\nNothing was deleted.") || strings.Contains(got[0].Detail, "UndefinedColumn") {
					t.Errorf("the errors are %q", got)
				}
				wantWrites(t, c)
			})
		}
	}
	e.t = t
	c.Reset()
	e.run(apply...)
	if status, _ := c.Do("GET", "/data/sources/"+attached["data source"], nil); status == 200 {
		t.Error("the data source is left behind")
	}
	e.run(destroy...)
}

// What the database refuses to list for good is in the way of an environment, but with force_destroy not for ever. What can be listed goes
// with it.
func TestForceWithoutRefusedList(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"dashboard", "metric", "data model"} {
		t.Run(kind, func(t *testing.T) {
			e, c, environment, _ := forced(t)
			c.Fail(listFault(environment.ID, kind, refusal))
			const what = "It is not known whether all that was in "
			got := e.warnings(apply...)
			if len(got) != 1 || got[0].Summary != what+environmentLabel(environment)+" is deleted" ||
				!strings.HasPrefix(got[0].Detail, "force_destroy is set, so the environment was deleted, although Cortex's database refuses to list all that was attached to it. "+
					"What could not be listed may have stayed behind there.\n\nGET ") {
				t.Errorf("the warnings are %q", got)
			}
			want := []string{"DELETE /dashboards/{id}", "DELETE /data/sources/{id}", "DELETE /consumers/groups/{id}", "DELETE /consumers/{id}", "DELETE /environments/{id}"}
			if kind == "dashboard" {
				want = want[1:]
			}
			wantWrites(t, c, want...)
			e.run(destroy...)
		})
	}

	// Without force_destroy, and when the deletion itself fails, nothing is said to be deleted.
	e, c, environment, _ := forced(t)
	c.Fail(listFault(environment.ID, "metric", refusal),
		cortextest.Fault{Times: -1, Match: cortextest.Matching("DELETE", "/environments"), Kind: cortextest.Answer, Status: 500, Body: "Failed"})
	e.Setenv("CORTEX_MAX_RETRIES=0")
	r := e.try(append(apply, "-no-color")...)
	if r.Code == 0 || strings.Contains(r.Stdout+r.Stderr, "It is not known") {
		t.Error(r)
	}
	c.Reset()
	e.write(workspaceBlock(workspaceOf(t, c, environment).Name) + environmentBlock())
	e.run(apply...)
	c.Fail(listFault(environment.ID, "metric", refusal))
	url := c.URL() + "/api/v1/metrics?environment_id=" + environment.ID + "&page=1&page_size=100"
	e.wantProblems([]string{"destroy", "-auto-approve", "-target=" + theEnvironment}, problem{
		Summary: "Cannot check whether " + environmentLabel(environment) + " is empty",
		Detail: "GET " + url + ": status 500: (psycopg.errors.UndefinedColumn) column derivations does not exist.\n\nThe database refuses the request's values.\n\n" +
			"Nothing was deleted. No other try changes this answer. With force_destroy = true, applied before deleting, what can be listed is deleted with it, and the rest may " +
			"stay behind in Cortex's database.",
	})
	c.Reset()
	e.run(destroy...)
}

func workspaceOf(t *testing.T, c *cortextest.Cortex, e cortextest.Environment) cortextest.Workspace {
	t.Helper()
	w, ok := c.Workspace(e.WorkspaceID)
	if !ok {
		t.Fatal("the workspace is gone")
	}
	return w
}

// The environments of a workspace are never left behind.
func TestForceNeedsEnvironments(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c, "CORTEX_MAX_RETRIES=0")
	e.write(workspaceBlock(name, "force_destroy = true"))
	e.run(apply...)
	w := workspaceNamed(t, c, name)
	c.CreateEnvironment(w.ID, "Production", nil)
	for name, fault := range map[string]cortextest.Fault{"passing": {Kind: cortextest.Answer, Status: 503, Body: "later"}, "refused": refusal} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			c.Reset()
			fault.Times, fault.Match = -1, cortextest.Matching("GET", "/environments")
			c.Fail(fault)
			got := e.problems(destroy...)
			if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot check whether workspace %q (%s) is empty", w.Name, w.ID) ||
				!strings.Contains(got[0].Detail, "\n\nNothing was deleted.") || strings.Contains(got[0].Detail, "applied before") {
				t.Errorf("the errors are %q", got)
			}
			wantWrites(t, c)
		})
	}
	e.t = t
	c.Reset()
	e.run(destroy...)
}

// A deletion that stops half-way says what is gone.
func TestForceStopsHalfWay(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c, "CORTEX_MAX_RETRIES=0")
	e.write(workspaceBlock(name, "force_destroy = true"))
	e.run(apply...)
	w := workspaceNamed(t, c, name)
	first, second := c.CreateEnvironment(w.ID, "Production", nil), c.CreateEnvironment(w.ID, "Test", nil)
	group, consumer := c.Attach(first.ID, "consumer group", "analysts"), c.Attach(first.ID, "consumer", "ann")
	dashboard, source := c.Attach(second.ID, "dashboard", "sales"), c.Attach(second.ID, "data source", "billing")
	workspaceLabel := fmt.Sprintf("workspace %q (%s)", name, w.ID)
	deleted := "\n\nDeleted before this:\n" + fmt.Sprintf("  - consumer group \"analysts\" (%s)\n  - consumer \"ann@example.com\" (%s)\n  - %s\n", group, consumer, environmentLabel(first))
	down := func(path string) {
		c.Reset()
		c.Fail(cortextest.Fault{Times: -1, Match: cortextest.Matching("DELETE", path), Kind: cortextest.Answer, Status: 503, Body: "later"})
	}
	answer := func(path string) string {
		return "DELETE " + c.URL() + "/api/v1" + path + ": status 503: later.\n\nCortex, its database or a proxy in front of it is not available at the moment. Try again later."
	}

	// At the first object there is nothing to say.
	down("/consumers/groups")
	e.wantProblems(destroy, problem{Summary: fmt.Sprintf("Cannot delete consumer group \"analysts\" (%s) of %s", group, environmentLabel(first)), Detail: answer("/consumers/groups/" + group)})
	// In the second environment there is.
	down("/data/sources")
	deleted += fmt.Sprintf("  - dashboard \"sales\" (%s)\n", dashboard)
	e.wantProblems(destroy, problem{Summary: fmt.Sprintf("Cannot delete data source \"billing\" (%s) of %s", source, environmentLabel(second)), Detail: answer("/data/sources/"+source) + deleted})
	// Another try says what itself has deleted.
	down("/workspaces")
	deleted = "\n\nDeleted before this:\n" + fmt.Sprintf("  - data source \"billing\" (%s)\n  - %s\n", source, environmentLabel(second))
	e.wantProblems(destroy, problem{Summary: "Cannot delete " + workspaceLabel, Detail: answer("/workspaces/"+w.ID) + deleted})
	// A list that fails when something is gone already.
	c.Reset()
	third, fourth := c.CreateEnvironment(w.ID, "A", nil), c.CreateEnvironment(w.ID, "B", nil)
	c.Fail(listFault(fourth.ID, "metric", cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "later"}))
	got := e.problems(destroy...)
	if len(got) != 1 || got[0].Summary != "Cannot check whether "+environmentLabel(fourth)+" is empty" ||
		!strings.HasSuffix(got[0].Detail, "\n\nDeleted before this:\n  - "+environmentLabel(third)+"\n") || strings.Contains(got[0].Detail, "Nothing was deleted") {
		t.Errorf("the errors are %q", got)
	}
	c.Reset()
	e.run(destroy...)
}

// An environment that is gone is gone, whatever else its lists say.
func TestForceOfGone(t *testing.T) {
	t.Parallel()
	e, c, environment, attached := forced(t, "CORTEX_MAX_RETRIES=0")
	c.DeleteConsumerGroup(attached["consumer group"])
	c.DeleteConsumer(attached["consumer"])
	for kind, path := range map[string]string{"dashboard": "/dashboards/", "data source": "/data/sources/"} {
		c.Do("DELETE", path+attached[kind], nil)
	}
	c.DeleteEnvironment(environment.ID)
	c.Fail(listFault(environment.ID, "dashboard", cortextest.Fault{Kind: cortextest.Answer, Status: 503, Body: "later"}), listFault(environment.ID, "metric", refusal))
	if got := e.warnings("apply", "-auto-approve", "-refresh=false"); len(got) > 0 {
		t.Errorf("there are the warnings %q", got)
	}
	wantWrites(t, c)
	e.run(destroy...)
}

// What Cortex refuses to delete for good, as its head does with data sources, is not left behind either. The way out leads on.
func TestForceMeetsRefusal(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{Release: cortextest.Head})
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name) + environmentBlock("force_destroy = true"))
	e.run(apply...)
	environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	dashboard, source := c.Attach(environment.ID, "dashboard", "sales"), c.Attach(environment.ID, "data source", "billing")
	got := e.problems(destroy...)
	want := " If the answer stays like that, let Terraform forget the resource: a removed block, or terraform state rm.\n\n" +
		fmt.Sprintf("Deleted before this:\n  - dashboard \"sales\" (%s)\n", dashboard)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot delete data source \"billing\" (%s) of %s", source, environmentLabel(environment)) ||
		!strings.HasSuffix(got[0].Detail, want) {
		t.Errorf("the errors are %q", got)
	}
	e.run("state", "rm", theEnvironment)
	e.write(workspaceBlock(name))
	e.wantNoChanges()
}

// All of it is said, however much that is.
func TestForceStopsAfterMany(t *testing.T) {
	t.Parallel()
	e, c, environment, _ := forced(t, "CORTEX_MAX_RETRIES=0")
	for n := range 40 {
		c.Attach(environment.ID, "consumer", fmt.Sprint("no ", n))
	}
	c.Fail(cortextest.Fault{Times: -1, Match: cortextest.Matching("DELETE", "/environments"), Kind: cortextest.Answer, Status: 503, Body: "later"})
	if got := e.problems(apply...); len(got) != 1 || strings.Count(got[0].Detail, "  - consumer \"") != 41 {
		t.Errorf("the errors are %q, want one with 41 consumers", got)
	}
	c.Reset()
	e.run(apply...)
	e.run(destroy...)
}

// After Ctrl-C, what is said of deletions is what happened.
func TestForceInterrupted(t *testing.T) {
	t.Parallel()
	interrupted := func(e *engine, c *cortextest.Cortex, reached func(cortextest.Request) bool) string {
		e.t.Helper()
		var out bytes.Buffer
		cmd := e.Command(e.t.Context(), append(apply, "-no-color")...)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			e.t.Fatal(err)
		}
		for !anyOf(c.Requests(), reached) {
			time.Sleep(5 * time.Millisecond)
			if e.t.Context().Err() != nil {
				e.t.Fatal("the request did not come")
			}
		}
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			e.t.Fatal(err)
		}
		if cmd.Wait() == nil {
			e.t.Errorf("it succeeded:\n%s", out.String())
		}
		return out.String()
	}

	t.Run("listing", func(t *testing.T) {
		e, c, environment, _ := forced(t)
		c.Fail(listFault(environment.ID, "metric", cortextest.Fault{Kind: cortextest.Hang}))
		out := interrupted(e, c, func(r cortextest.Request) bool { return r.Fault == string(cortextest.Hang) })
		for _, want := range []string{"Cannot check whether " + environmentLabel(environment) + " is empty", "The run was interrupted: context canceled.", "Nothing was deleted."} {
			if !quoted(want).MatchString(strings.ReplaceAll(out, "│ ", "")) {
				t.Errorf("there is no %q in:\n%s", want, out)
			}
		}
		if strings.Contains(out, "force_destroy is set") {
			t.Errorf("there is a warning in:\n%s", out)
		}
		wantWrites(t, c)
		c.Reset()
		e.run(apply...)
		e.run(destroy...)
	})
	t.Run("deleting", func(t *testing.T) {
		e, c, environment, attached := forced(t)
		c.Fail(cortextest.Fault{Match: cortextest.Matching("DELETE", "/dashboards"), Kind: cortextest.Latency, AfterServer: true, Delay: time.Second})
		out := interrupted(e, c, func(r cortextest.Request) bool { return r.Method == "DELETE" })
		want := fmt.Sprintf("Cannot delete data source \"a data source\" (%s) of %s The run was interrupted: context canceled. Deleted before this: - dashboard \"a dashboard\" (%s)",
			attached["data source"], environmentLabel(environment), attached["dashboard"])
		if !quoted(want).MatchString(strings.ReplaceAll(out, "│ ", "")) {
			t.Errorf("there is no %q in:\n%s", want, out)
		}
		wantWrites(t, c, "DELETE /dashboards/{id}")
		c.Reset()
		e.run(apply...)
		e.run(destroy...)
	})
}

func anyOf(requests []cortextest.Request, is func(cortextest.Request) bool) bool {
	for _, r := range requests {
		if is(r) {
			return true
		}
	}
	return false
}
