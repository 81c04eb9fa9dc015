package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// After every step acceptance plans again, and fails when the plan is not empty.
func TestWorkspaceLifecycle(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name, renamed := c.Name("acme"), c.Name("Acme Ltd / ü 名")
	sameID := statecheck.CompareValue(compare.ValuesSame())
	sameBirth := statecheck.CompareValue(compare.ValuesSame())
	same := func(more ...statecheck.StateCheck) []statecheck.StateCheck {
		return append(more, sameID.AddStateValue(theWorkspace, tfjsonpath.New("id")), sameBirth.AddStateValue(theWorkspace, tfjsonpath.New("created_at")))
	}
	onlyWrites := func(want ...string) func() {
		return func() { t.Helper(); wantWrites(t, c, want...) }
	}
	acceptance(t,
		step{
			config: config(c, workspaceBlock(name)),
			plan: inPlan(action(theWorkspace, plancheck.ResourceActionCreate),
				unknown(theWorkspace, "id"), unknown(theWorkspace, "created_at"), unknown(theWorkspace, "updated_at"),
				planned(theWorkspace, "description", knownvalue.Null()), planned(theWorkspace, "deletion_protection", knownvalue.Bool(false))),
			state: same(
				has(theWorkspace, "id", knownvalue.StringRegexp(uuidPattern)), hasText(theWorkspace, "name", name), hasNoDescription(theWorkspace),
				has(theWorkspace, "created_at", knownvalue.StringRegexp(stampPattern)), has(theWorkspace, "updated_at", knownvalue.StringRegexp(stampPattern)),
				hasFalse(theWorkspace, "deletion_protection"), hasFalse(theWorkspace, "force_destroy")),
			applied: onlyWrites("POST /workspaces"),
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspaceBlock(name, `description = "Anvils"`)),
			plan: inPlan(action(theWorkspace, plancheck.ResourceActionUpdate), unknown(theWorkspace, "updated_at"),
				planned(theWorkspace, "id", knownvalue.StringRegexp(uuidPattern)), planned(theWorkspace, "created_at", knownvalue.StringRegexp(stampPattern))),
			state: same(hasText(theWorkspace, "description", "Anvils")),
			applied: func() {
				wantWrites(t, c, "PUT /workspaces/{id}")
				if body := string(c.Writes()[0].Body); strings.TrimSpace(body) != `{"description":"Anvils"}` {
					t.Errorf("the update sent %s, want the description alone", body)
				}
			},
		},
		step{
			config: config(c, workspaceBlock(name, `description = "Anvils\nand \"rockets\" – 火"`)),
			plan:   inPlan(action(theWorkspace, plancheck.ResourceActionUpdate)),
			state:  same(hasText(theWorkspace, "description", "Anvils\nand \"rockets\" – 火")),
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspaceBlock(renamed, `description = "Anvils"`)),
			plan:    inPlan(action(theWorkspace, plancheck.ResourceActionUpdate)),
			state:   same(hasText(theWorkspace, "name", renamed)),
			applied: onlyWrites("PUT /workspaces/{id}"),
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspaceBlock(renamed, `description = "Anvils"`, "deletion_protection = true", "force_destroy = true")),
			plan: inPlan(action(theWorkspace, plancheck.ResourceActionUpdate),
				planned(theWorkspace, "updated_at", knownvalue.StringRegexp(stampPattern))),
			state:   same(hasTrue(theWorkspace, "deletion_protection"), hasTrue(theWorkspace, "force_destroy")),
			applied: onlyWrites(),
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspaceBlock(renamed, "deletion_protection = false")),
			state:   same(hasNoDescription(theWorkspace), hasFalse(theWorkspace, "deletion_protection"), hasFalse(theWorkspace, "force_destroy")),
			applied: func() {
				wantWrites(t, c, "PUT /workspaces/{id}")
				if w := workspaceNamed(t, c, renamed); w.Description == nil || *w.Description != "" {
					t.Errorf("the description in Cortex is %v, want an empty one", w.Description)
				}
				c.Reset()
			},
		},
		step{
			config:  config(c, workspaceBlock(renamed)),
			plan:    inPlan(plancheck.ExpectEmptyPlan()),
			applied: onlyWrites(),
		},
		step{
			config:  config(c, workspaceBlock(renamed)),
			destroy: true,
			applied: onlyWrites("DELETE /workspaces/{id}"),
		},
	)
	for _, w := range c.Workspaces() {
		if w.Name == name || w.Name == renamed {
			t.Errorf("workspace %q is left behind", w.Name)
		}
	}
}

func TestWorkspaceDrift(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	id := func() string { t.Helper(); return workspaceNamed(t, c, name).ID }
	repaired := []statecheck.StateCheck{hasText(theWorkspace, "name", name), hasText(theWorkspace, "description", "Anvils")}
	body := config(c, workspaceBlock(name, `description = "Anvils"`))
	changed := ""
	acceptance(t,
		step{config: body, applied: func() { changed = id() }},
		step{ // renamed and described anew by somebody else
			prepare: func() {
				c.UpdateWorkspace(changed, map[string]any{"name": c.Name("elsewhere"), "description": "other"})
			},
			config: body,
			plan:   inPlan(action(theWorkspace, plancheck.ResourceActionUpdate)),
			state:  repaired,
		},
		step{ // emptied by somebody else
			prepare: func() { c.UpdateWorkspace(changed, map[string]any{"description": ""}) },
			config:  body,
			plan:    inPlan(action(theWorkspace, plancheck.ResourceActionUpdate)),
			state:   repaired,
		},
		step{ // touched, without a change that matters
			prepare: func() { c.UpdateWorkspace(changed, map[string]any{}) },
			config:  body,
			plan:    inPlan(plancheck.ExpectEmptyPlan()),
		},
		step{ // deleted by somebody else
			prepare: func() { c.DeleteWorkspace(changed) },
			config:  body,
			plan:    inPlan(action(theWorkspace, plancheck.ResourceActionCreate)),
			state:   repaired,
			applied: func() {
				if id() == changed {
					t.Error("the deleted workspace is still there")
				}
			},
		},
		step{ // deleted by somebody else, when Terraform wants it deleted too
			prepare: func() { c.DeleteWorkspace(id()) },
			config:  body,
			destroy: true,
		},
	)
}

// A description that is empty and one that is null are the same to Cortex, which is sent nothing to make one of the other. The state has what
// the configuration says.
func TestWorkspaceEmptyDescription(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	described := func(description string, want knownvalue.Check, writes ...string) step {
		return step{
			prepare: c.Reset,
			config:  config(c, workspaceBlock(name, description)),
			state:   []statecheck.StateCheck{has(theWorkspace, "description", want)},
			applied: func() {
				wantWrites(t, c, writes...)
				if w := workspaceNamed(t, c, name); want == nothing && w.Description != nil && *w.Description != "" {
					t.Errorf("the description in Cortex is %q", *w.Description)
				}
			},
		}
	}
	acceptance(t,
		described(`description = ""`, nothing, "POST /workspaces"),
		described("", knownvalue.Null()),
		described(`description = ""`, nothing),
		described(`description = "Anvils"`, knownvalue.StringExact("Anvils"), "PUT /workspaces/{id}"),
		described(`description = ""`, nothing, "PUT /workspaces/{id}"),
		step{ // described by somebody else
			prepare: func() {
				c.UpdateWorkspace(workspaceNamed(t, c, name).ID, map[string]any{"description": "other"})
			},
			config: config(c, workspaceBlock(name, `description = ""`)),
			plan:   inPlan(action(theWorkspace, plancheck.ResourceActionUpdate)),
			state:  []statecheck.StateCheck{has(theWorkspace, "description", nothing)},
		},
		described("description = null", knownvalue.Null()),
		step{
			prepare: func() {
				c.UpdateWorkspace(workspaceNamed(t, c, name).ID, map[string]any{"description": ""})
			},
			config: config(c, workspaceBlock(name)),
			plan:   inPlan(plancheck.ExpectEmptyPlan()),
			state:  []statecheck.StateCheck{hasNoDescription(theWorkspace)},
		},
	)
}

var nothing = knownvalue.StringExact("")

// Texts that turn out to be empty in the apply, of every kind.
func TestTextsThatBecomeEmpty(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	e.write(fmt.Sprintf(`
resource "terraform_data" "empty" {
  input = ""
}

resource "cortex_workspace" "test" {
  name        = %q
  description = terraform_data.empty.output
}

resource "cortex_environment" "test" {
  workspace_id = cortex_workspace.test.id
  description  = terraform_data.empty.output
}

resource "cortex_consumer" "test" {
  environment_id = cortex_environment.test.id
  email          = "ann@example.com"
  first_name     = "Ann"
  last_name      = terraform_data.empty.output
  organization   = terraform_data.empty.output
}

resource "cortex_consumer_group" "test" {
  environment_id = cortex_environment.test.id
  name           = "analysts"
  alias          = terraform_data.empty.output
  description    = terraform_data.empty.output
}
`, c.Name("acme")))
	e.run(apply...)
	e.wantNoChanges()
	e.run(destroy...)
}

// A workspace with an empty description is imported with either in the configuration, and with what an engine writes of it: nothing is sent,
// and plans are empty afterwards.
func TestWorkspaceEmptyDescriptionImported(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("acme"), ptr(""))
	block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", theWorkspace, w.ID)
	for _, description := range []string{"", "description = null", `description = ""`} {
		e := newEngine(t, c)
		e.write(workspaceBlock(w.Name, description) + block)
		e.run(apply...)
		e.wantNoChanges()
	}
	e := newEngine(t, c)
	e.write(block)
	e.run("plan", "-generate-config-out=generated.tf")
	if out := e.run("apply", "-auto-approve", "-no-color"); !strings.Contains(out, "Resources: 1 imported, 0 added, 0 changed, 0 destroyed.") {
		t.Errorf("apply of what the engine wrote says:\n%s", out)
	}
	e.wantNoChanges()
	wantWrites(t, c)
	e.run(destroy...)
}

func TestWorkspaceNameTaken(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name, other := c.Name("acme"), c.Name("globex")
	holder := c.CreateWorkspace(name, nil)
	e := newEngine(t, c)

	e.write(workspaceBlock(name))
	e.wantProblems(apply, problem{
		Summary: fmt.Sprintf("Cannot create workspace %q: the name is taken", name),
		Detail:  takenDetail("workspace", "name", name) + fmt.Sprintf("import {\n  to = cortex_workspace.example\n  id = %q\n}", holder.ID),
	})
	if got := e.resources(); len(got) > 0 {
		t.Errorf("the state holds %q", got)
	}

	e.write(workspaceBlock(other))
	e.run(apply...)
	mine := workspaceNamed(t, c, other)
	c.Reset()
	e.write(workspaceBlock(name))
	e.wantProblems(apply, problem{
		Summary: fmt.Sprintf("Cannot update workspace %q (%s): the name is taken", other, mine.ID),
		Detail: fmt.Sprintf("The name %q belongs to:\n  - workspace %q (%s)\n\nCortex would accept the rename and have two of one name, so nothing was sent. "+
			"If that one gets another name in this same run (a chain of renames), apply again: its new name is then in place. To swap two names, give one of "+
			"them a third name first and apply that.", name, name, holder.ID),
	})
	wantWrites(t, c)
	e.write(workspaceBlock(other))
	if out := e.run("plan", "-detailed-exitcode"); !strings.Contains(out, "No changes") {
		t.Errorf("after a refused rename the plan is not empty:\n%s", out)
	}
	e.run(destroy...)
}

// Of two blocks with one name one makes the workspace and the other one is told where it is.
func TestWorkspaceTwoBlocksOneName(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name) + fmt.Sprintf("resource \"cortex_workspace\" \"twin\" {\n  name = %q\n}\n", name))
	got := e.problems(apply...)
	made := workspaceNamed(t, c, name)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot create workspace %q: the name is taken", name) || !strings.Contains(got[0].Detail, made.ID) {
		t.Errorf("the errors are %q", got)
	}
	if got := e.resources(); len(got) != 1 {
		t.Errorf("the state holds %q, want one workspace", got)
	}
	e.write("")
	e.run(apply...)
	if _, ok := c.Workspace(made.ID); ok {
		t.Error("the workspace is left behind")
	}
}

func TestWorkspaceDeletionProtection(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name, "deletion_protection = true"))
	e.run(apply...)
	id := workspaceNamed(t, c, name).ID
	c.Reset()

	// What each refusal names as the way out: see protection_test.go.
	refused := func(args []string, verb string) {
		t.Helper()
		e.wantRefusal(args, fmt.Sprintf("%s workspace %q (%s)", verb, name, id), "", "The last applied configuration has deletion_protection = true. ")
	}
	refused([]string{"plan", "-destroy"}, "destroy")
	refused(destroy, "destroy")
	refused([]string{"apply", "-auto-approve", "-replace=" + theWorkspace}, "delete")
	e.write("")
	refused(plan, "destroy")
	e.write(workspaceBlock(name))
	e.run("taint", theWorkspace)
	refused(apply, "delete")
	e.run("untaint", theWorkspace)
	wantWrites(t, c)
	if _, ok := c.Workspace(id); !ok {
		t.Fatal("the protected workspace is gone")
	}

	e.run(apply...) // deletion_protection is false now
	e.run(destroy...)
	wantWrites(t, c, "DELETE /workspaces/{id}")
}

func TestWorkspaceWithContent(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name))
	e.run(apply...)
	id := workspaceNamed(t, c, name).ID
	first := c.CreateEnvironment(id, "Production", nil)
	second := c.CreateEnvironment(id, "Test", nil)
	c.Reset()

	e.wantProblems(destroy, problem{
		Summary: fmt.Sprintf("Cannot delete workspace %q (%s): it is not empty", name, id),
		Detail: fmt.Sprintf("It contains:\n  - environment \"Production\" (%s)\n  - environment \"Test\" (%s)\n\nDelete these first, or set force_destroy = true and apply "+
			"that before deleting, to have them deleted with it. What this configuration manages itself should refer to this resource, so that Terraform "+
			"deletes it first.\n\nAt every start, Cortex may add an environment \"Test\", a \"Default Data Model\" and a \"Default Dashboard\" by itself, also to "+
			"workspaces and environments that others made. What is listed may be that.", first.ID, second.ID),
	})
	wantWrites(t, c)
	if got := e.resources(); len(got) != 1 {
		t.Errorf("the state holds %q, want the workspace", got)
	}

	source := c.Attach(first.ID, "data source", "sales")
	e.write(workspaceBlock(name, "force_destroy = true"))
	e.run(apply...)
	wantWrites(t, c)
	e.run(destroy...)
	wantWrites(t, c, "DELETE /data/sources/{id}", "DELETE /environments/{id}", "DELETE /environments/{id}", "DELETE /workspaces/{id}")
	if last := c.Writes()[0].Path; !strings.HasSuffix(last, source) {
		t.Errorf("the first deletion was %s, want the data source", last)
	}
}

// N creates are N POSTs and no other write, in any order.
func TestWorkspaceRequestCounts(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("tenant")
	body := fmt.Sprintf(`
resource "cortex_workspace" "test" {
  count = 12
  name  = "%s-${count.index}"
}

resource "cortex_environment" "test" {
  count        = 12
  workspace_id = cortex_workspace.test[count.index].id
}
`, name)
	acceptance(t,
		step{
			config: config(c, body),
			applied: func() {
				if posts, writes := c.Count("POST", ""), len(c.Writes()); posts != 24 || writes != 24 {
					t.Errorf("%d POSTs among %d writes, want 24 of 24", posts, writes)
				}
				c.Reset()
			},
		},
		step{
			config:  config(c, body),
			plan:    inPlan(plancheck.ExpectEmptyPlan()),
			applied: func() { wantWrites(t, c) },
		},
	)
}
