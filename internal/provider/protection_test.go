package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What a refusal names as the way out of a protection leads out of it.

// wantRefusal runs a command and fails the test unless its only error refuses this, at this attribute, and names the way out.
func (e *engine) wantRefusal(args []string, what, at, wayOut string) {
	e.t.Helper()
	got := e.problems(args...)
	if len(got) != 1 || got[0].Summary != "Cannot "+what+": it is protected from deletion" || got[0].At != at || !strings.Contains(got[0].Detail, wayOut) {
		e.t.Fatalf("errors of %s: %q, want one about %q at %q with %q", strings.Join(args, " "), got, what, at, wayOut)
	}
}

const protectedAttribute = "deletion_protection = true"

// A replacement that was asked for past the object's attributes: by taint, and by -replace.
func TestProtectedReplacementAskedFor(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name, protectedAttribute))
	e.run(apply...)
	id := workspaceNamed(t, c, name).ID
	what := fmt.Sprintf("delete workspace %q (%s)", name, id)

	e.run("taint", theWorkspace)
	e.wantRefusal(apply, what, "", "a tainted object: terraform untaint with its address")
	e.write(workspaceBlock(name, "deletion_protection = false"))
	e.wantRefusal(apply, what, "", "terraform untaint") // what another refusal names is of no use here
	e.run("untaint", theWorkspace)
	e.write(workspaceBlock(name, protectedAttribute))
	e.wantNoChanges()

	replace := []string{"apply", "-auto-approve", "-replace=" + theWorkspace}
	e.wantRefusal(replace, what, "", "the option -replace: leave it out")
	e.wantNoChanges()
	e.write(workspaceBlock(name))
	e.run(apply...)
	e.run(replace...)
	if now := workspaceNamed(t, c, name); now.ID == id {
		t.Error("the workspace was not replaced")
	}
	e.run(destroy...)
}

func TestProtectedReplaceTriggeredBy(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	body := func(trigger, lifecycle string, attributes ...string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"trigger\" {\n  input = %q\n}\n", trigger) + workspaceBlock(name, append(attributes, lifecycle)...)
	}
	const triggered = "lifecycle {\n    replace_triggered_by = [terraform_data.trigger.id]\n  }"
	e.write(body("a", triggered, protectedAttribute))
	e.run(apply...)
	id := workspaceNamed(t, c, name).ID

	replace := []string{"apply", "-auto-approve", "-replace=terraform_data.trigger"}
	e.wantRefusal(replace, fmt.Sprintf("delete workspace %q (%s)", name, id), "", "replace_triggered_by: take it out of the block")
	e.write(body("a", "", protectedAttribute))
	e.run(replace...)
	e.wantNoChanges()
	// Replaced nevertheless.
	e.write(body("a", "", "deletion_protection = false"))
	e.run(apply...)
	e.write(body("a", triggered))
	e.run(replace...)
	if now := workspaceNamed(t, c, name); now.ID == id {
		t.Error("the workspace was not replaced")
	}
	e.run(destroy...)
}

// An object that create_before_destroy has put aside is in the way of every plan, and no configuration reaches it.
func TestProtectedDeposed(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name, renamed := c.Name("acme"), c.Name("globex")
	e := newEngine(t, c)
	const lifecycle = "lifecycle {\n    create_before_destroy = true\n  }"
	e.write(workspaceBlock(name, protectedAttribute, lifecycle))
	e.run(apply...)
	old := workspaceNamed(t, c, name)
	e.write(workspaceBlock(renamed, protectedAttribute, lifecycle))
	what := fmt.Sprintf("destroy workspace %q (%s)", name, old.ID)
	const wayOut = "If it is a deposed object, the old one of a replacement with create_before_destroy (terraform show says so), no configuration reaches it: run " +
		"terraform state rm with the address of the resource, which makes Terraform forget the new object too, and import that one."
	e.wantRefusal([]string{"apply", "-auto-approve", "-replace=" + theWorkspace}, what, "", wayOut)
	fresh := workspaceNamed(t, c, renamed)
	if shown := e.run("show", "-no-color"); !strings.Contains(shown, "(deposed object ") {
		t.Errorf("terraform show says nothing of a deposed object:\n%s", shown)
	}
	for _, protection := range []string{"true", "false"} {
		e.write(workspaceBlock(renamed, "deletion_protection = "+protection, lifecycle))
		e.wantRefusal(plan, what, "", wayOut)
	}

	e.write(workspaceBlock(renamed, protectedAttribute, lifecycle))
	e.run("state", "rm", theWorkspace)
	e.run("import", theWorkspace, fresh.ID)
	e.run(apply...)
	e.wantNoChanges()
	for _, w := range []cortextest.Workspace{old, fresh} {
		if _, ok := c.Workspace(w.ID); !ok {
			t.Errorf("workspace %q is gone", w.Name)
		}
	}
	e.write(workspaceBlock(renamed))
	e.run(apply...)
	e.run(destroy...)
	c.DeleteWorkspace(old.ID)
}

// A protected environment whose workspace is gone: the id of the new one is unknown in each plan, so that each plan replaces it.
func TestProtectedOrphan(t *testing.T) {
	t.Parallel()
	for name, forget := range map[string]func(e *engine, name string){
		"literal id": nil,
		"state rm":   func(e *engine, _ string) { e.run("state", "rm", theEnvironment) },
		"removed block": func(e *engine, name string) {
			if !knowsForEach(e) { // these are of one age
				e.t.Skip("the engine has no removed blocks")
			}
			block := "removed {\n  from = cortex_environment.test\n  lifecycle {\n    destroy = false\n  }\n}\n"
			e.write(workspaceBlock(name) + block)
			e.run(apply...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := cortextest.Start(t, cortextest.WithDatabase(cortextest.SQLite))
			if c.Database() != cortextest.SQLite {
				t.Skip("PostgreSQL does not let a workspace go while it has environments")
			}
			name := c.Name("acme")
			e := newEngine(t, c)
			e.write(workspaceBlock(name) + environmentBlock(protectedAttribute))
			e.run(apply...)
			gone := workspaceNamed(t, c, name)
			orphan := environmentNamed(t, c, gone.ID, "Development")
			c.DeleteWorkspace(gone.ID)

			what := fmt.Sprintf("replace environment \"Development\" (%s)", orphan.ID)
			wayOut := fmt.Sprintf("If not, as when what it names is gone, write it all the same, with deletion_protection = false, and apply that; then put the reference " +
				"back, and the next apply replaces the environment. Or let Terraform forget the environment, which leaves it in Cortex: a removed block, or terraform state rm.")
			e.wantRefusal(plan, what, "workspace_id", wayOut)
			e.write(workspaceBlock(name) + environmentBlock("deletion_protection = false"))
			e.wantRefusal(plan, what, "workspace_id", wayOut)

			if forget == nil {
				e.write(workspaceBlock(name) + fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  deletion_protection = false\n}\n", gone.ID))
				e.run(apply...)
			} else {
				forget(e, name)
			}
			e.write(workspaceBlock(name) + environmentBlock(protectedAttribute))
			e.run(apply...)
			e.wantNoChanges()
			environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
			if _, ok := c.Environment(orphan.ID); ok != (forget != nil) {
				t.Errorf("that the orphan is there is %v", ok)
			}
			if forget != nil {
				c.DeleteEnvironment(orphan.ID)
			}
			e.write(workspaceBlock(name) + environmentBlock())
			e.run(apply...)
			e.run(destroy...)
		})
	}
}

// A protected environment that is to move to another workspace.
func TestProtectedMove(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name, other := c.Name("acme"), c.Name("globex")
	e := newEngine(t, c)
	body := func(of, protection string) string {
		return workspaceBlock(name) + fmt.Sprintf("resource \"cortex_workspace\" \"other\" {\n  name = %q\n}\n", other) +
			fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = cortex_workspace.%s.id\n  deletion_protection = %s\n}\n", of, protection)
	}
	e.write(body("test", "true"))
	e.run(apply...)
	from, to := workspaceNamed(t, c, name).ID, workspaceNamed(t, c, other).ID
	old := environmentNamed(t, c, from, "Development")
	for _, protection := range []string{"true", "false"} {
		e.write(body("other", protection))
		e.wantRefusal(plan, fmt.Sprintf("replace environment \"Development\" (%s)", old.ID), "workspace_id", fmt.Sprintf("Its workspace_id changes from %s to %s, and an "+
			"environment cannot move: it would be deleted, and another one created. To keep it, put back workspace_id = %q. To replace it nevertheless, do so too, set "+
			"deletion_protection = false, apply that, and then change workspace_id.", from, to, from))
	}
	e.write(body("test", "false"))
	e.run(apply...)
	e.write(body("other", "true"))
	e.run(apply...)
	environmentNamed(t, c, to, "Development")
	e.write(body("other", "false"))
	e.run(apply...)
	e.run(destroy...)
}

// An environment whose block refers to its workspace goes before it, and so before the workspace's protection is found: it wants one of its own.
func TestProtectedWorkspaceReplacedWithEnvironments(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	replace := []string{"apply", "-auto-approve", "-replace=" + theWorkspace}
	e.write(workspaceBlock(name, protectedAttribute) + environmentBlock(protectedAttribute))
	e.run(apply...)
	c.Reset()
	environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	e.wantRefusal(replace, fmt.Sprintf("replace environment \"Development\" (%s)", environment.ID), "workspace_id", "not known before the apply")
	wantWrites(t, c)
	e.write(workspaceBlock(name, protectedAttribute) + environmentBlock())
	e.run(apply...)
	e.problems(replace...)
	wantWrites(t, c, "DELETE /environments/{id}")
	e.write(workspaceBlock(name))
	e.run(apply...)
	e.run(destroy...)
}

// The force_destroy of a workspace sees the protection of an environment whose block refers to it, and no other.
func TestProtectedInForcedWorkspace(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	workspace := workspaceBlock(name, "force_destroy = true")
	e.write(workspace + environmentBlock(protectedAttribute))
	e.run(apply...)
	environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	c.Reset()
	e.wantRefusal([]string{"destroy", "-auto-approve", "-target=" + theWorkspace}, "destroy "+environmentLabel(environment), "", "deletion_protection")
	wantWrites(t, c)

	literal := fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  %s\n}\n", environment.WorkspaceID, protectedAttribute)
	e.write(workspace + literal)
	e.run(apply...)
	e.write(literal)
	e.run(apply...)
	wantWrites(t, c, "DELETE /environments/{id}", "DELETE /workspaces/{id}")
	if got := e.warnings(plan...); len(got) != 1 || got[0].Summary != "An environment is gone although it is protected from deletion" {
		t.Errorf("the warnings are %q", got)
	}
}

// What is protected and not there any more is planned anew, with a warning: it may be another Cortex.
func TestProtectedGone(t *testing.T) {
	t.Parallel()
	right, wrong := cortextest.Start(t), cortextest.StartFake(t, cortextest.FakeOptions{})
	name := right.Name("acme")
	e := newEngine(t, right)
	e.write(workspaceBlock(name, protectedAttribute) + environmentBlock(protectedAttribute))
	e.run(apply...)
	if got := e.warnings(plan...); len(got) > 0 {
		t.Errorf("there are the warnings %q", got)
	}
	w := workspaceNamed(t, right, name)
	environment := environmentNamed(t, right, w.ID, "Development")

	e.Setenv("CORTEX_API_URL=" + wrong.URL())
	const ask = "Is this the right Cortex? If not, correct endpoint of the provider, or CORTEX_API_URL, and do not apply: everything would be created here anew. If it is the " +
		"right one, somebody deleted the object past Terraform, or a backup without it was restored; an apply creates another one, which is empty and has a new id."
	if diff := cmp.Diff([]problem{
		{Summary: "A workspace is gone although it is protected from deletion", Detail: fmt.Sprintf("GET %s/api/v1/workspaces/%s: status 404: Workspace with ID %[2]s not found."+
			"\n\nThat was the workspace %[3]q (%[2]s). %[4]s", wrong.URL(), w.ID, name, ask)},
		{Summary: "An environment is gone although it is protected from deletion", Detail: fmt.Sprintf("GET %s/api/v1/environments/%s: status 404: Environment with ID %[2]s does not "+
			"exist in the database.\n\nThat was the environment \"Development\" (%[2]s). %[3]s", wrong.URL(), environment.ID, ask)},
	}, e.warnings(plan...)); diff != "" {
		t.Errorf("the warnings (-want +got):\n%s", diff)
	}

	e.Setenv("CORTEX_API_URL=" + right.URL())
	e.write(workspaceBlock(name) + environmentBlock())
	e.run(apply...)
	e.Setenv("CORTEX_API_URL=" + wrong.URL())
	if got := e.warnings(plan...); len(got) > 0 {
		t.Errorf("without protection there are the warnings %q", got)
	}
	e.Setenv("CORTEX_API_URL=" + right.URL())
	e.run(destroy...)
}
