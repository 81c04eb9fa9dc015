package provider_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Only Cortex's own word about this very object takes it out of the state.
func TestReadErrorsKeepState(t *testing.T) {
	t.Parallel()
	const other = "11111111-1111-4111-8111-111111111111"
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c, "CORTEX_MAX_RETRIES=0")
	e.write(workspaceBlock(name) + environmentBlock())
	e.run(apply...)
	workspace := workspaceNamed(t, c, name)
	environment := environmentNamed(t, c, workspace.ID, "Development")
	state := e.state()

	denied := "Something in front of Cortex refuses the credentials (Cortex itself asks for none). Check api_key, or CORTEX_API_KEY, and headers of the provider."
	notCortex := "This is not an answer of Cortex. Check that endpoint of the provider, or CORTEX_API_URL, is the base URL of Cortex's API, and what a proxy on the way does."
	forget := notCortex + "\n\nIf the object is gone all the same, as when a gateway replaces Cortex's own 404 by this one, let Terraform forget it: terraform state rm with its " +
		"address, or a removed block."
	unavailable := "Cortex, its database or a proxy in front of it is not available at the moment. Try again later."
	unreachable := "Check that endpoint of the provider, or CORTEX_API_URL, is right and that the server runs and can be reached from here."
	unexpected := "Cortex's own log may say more."
	text := func(status int, body string) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: status, Body: body}
	}
	html := func(status int, body string) cortextest.Fault {
		return cortextest.Fault{Kind: cortextest.Answer, Status: status, Body: body, ContentType: "text/html"}
	}
	for _, test := range []struct {
		name   string
		fault  cortextest.Fault
		answer string // after "GET <url>: "
		step   string
	}{
		{"proxy's 404", text(404, "404 page not found"), "status 404: 404 page not found", forget},
		{"unknown route", text(404, "Not Found"), "status 404: Not Found", forget},
		{"HTML 404", html(404, "<html>nginx</html>"), "status 404: an HTML page", forget},
		{"HTML 200", html(200, "<html>Log in</html>"), "status 200, but the answer is an HTML page", notCortex},
		{"another kind", text(404, "Dashboard with ID {id} not found"), "", ""},
		{"another workspace", text(404, "Workspace with ID "+other+" not found"), "", ""},
		{"another environment", text(500, "Environment with ID "+other+" does not exist in the database"), "", ""},
		{"500", text(500, "Internal Server Error"), "status 500: Internal Server Error", unexpected},
		{"database away", text(500, "(psycopg.OperationalError) connection failed: down"), "status 500: (psycopg.OperationalError) connection failed: down", unavailable},
		{"401", text(401, "token expired"), "status 401: token expired", denied},
		{"403", text(403, "no"), "status 403: no", denied},
		{"503", text(503, "later"), "status 503: later", unavailable},
		{"reset", cortextest.Fault{Kind: cortextest.Reset}, "no answer: ", unreachable},
		{"cut off", cortextest.Fault{Kind: cortextest.Truncate}, "no answer: ", unreachable},
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Reset()
			// One object fails, the other one is read as always: exactly one diagnostic.
			fault := test.fault
			fault.Body = strings.ReplaceAll(fault.Body, "{id}", workspace.ID)
			fault.Times, fault.Match = -1, cortextest.Matching("GET", "/workspaces/")
			c.Fail(fault)
			got := e.problems(plan...)
			if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot read workspace %q (%s)", name, workspace.ID) {
				t.Errorf("the errors are %q", got)
			}
			want := "GET " + c.URL() + "/api/v1/workspaces/" + workspace.ID + ": " + test.answer
			if !strings.HasPrefix(got[0].Detail, want) || !strings.HasSuffix(got[0].Detail, test.step) {
				t.Errorf("the detail is %q, want it to begin with %q and end with %q", got[0].Detail, want, test.step)
			}

			c.Reset()
			fault.Match = cortextest.Matching("GET", "/environments") // one, and the list that a small plan asks for ahead
			c.Fail(fault)
			got = e.problems("apply", "-refresh-only", "-auto-approve")
			if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot read environment \"Development\" (%s)", environment.ID) {
				t.Errorf("the errors are %q", got)
			}
			if now := e.state(); !sameState(t, state, now) {
				t.Errorf("the state has changed to:\n%s", now)
			}
			wantWrites(t, c)
		})
	}
	c.Reset()
	e.run(destroy...)
}

// What is gone is planned anew, on releases that say so by 404 and on head, which says it by 500.
func TestReadGone(t *testing.T) {
	t.Parallel()
	for _, release := range []string{cortextest.Latest, cortextest.Head} {
		t.Run(release, func(t *testing.T) {
			c := cortextest.Start(t, cortextest.WithRelease(release))
			name := c.Name("acme")
			e := newEngine(t, c)
			e.write(workspaceBlock(name) + environmentBlock("force_destroy = true")) // head cannot list metrics
			e.run(apply...)
			workspace := workspaceNamed(t, c, name)
			environment := environmentNamed(t, c, workspace.ID, "Development")
			c.DeleteEnvironment(environment.ID)
			e.run("apply", "-refresh-only", "-auto-approve")
			if got := e.resources(); len(got) != 1 || got[0] != theWorkspace {
				t.Errorf("the state holds %q, want the workspace alone", got)
			}
			c.DeleteWorkspace(workspace.ID)
			e.run(destroy...)
			if got := e.resources(); len(got) != 0 {
				t.Errorf("the state holds %q", got)
			}
			e.run(apply...)
			e.run(destroy...)
		})
	}
}

// sameState compares what two states hold.
func sameState(t testing.TB, a, b string) bool {
	t.Helper()
	var resources [2]struct{ Resources json.RawMessage }
	for i, text := range []string{a, b} {
		if err := json.Unmarshal([]byte(text), &resources[i]); err != nil {
			t.Fatal(err)
		}
	}
	return string(resources[0].Resources) == string(resources[1].Resources)
}
