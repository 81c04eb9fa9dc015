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

const defaultDescription = "Default environment for the workspace environment"

func TestEnvironmentLifecycle(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	workspace := workspaceBlock(c.Name("acme")) + fmt.Sprintf("resource \"cortex_workspace\" \"other\" {\n  name = %q\n}\n", c.Name("globex"))
	sameID := statecheck.CompareValue(compare.ValuesSame())
	newID := statecheck.CompareValue(compare.ValuesDiffer())
	id := tfjsonpath.New("id")
	update, updated := inPlan(action(theEnvironment, plancheck.ResourceActionUpdate)), func() { t.Helper(); wantWrites(t, c, "PUT /environments/{id}") }
	acceptance(t,
		step{ // all defaults
			config: config(c, workspace+environmentBlock()),
			plan: inPlan(action(theEnvironment, plancheck.ResourceActionCreate), unknown(theEnvironment, "id"),
				planned(theEnvironment, "name", knownvalue.StringExact("Development")),
				planned(theEnvironment, "description", knownvalue.StringExact(defaultDescription))),
			state: []statecheck.StateCheck{
				has(theEnvironment, "id", knownvalue.StringRegexp(uuidPattern)),
				hasText(theEnvironment, "name", "Development"), hasText(theEnvironment, "description", defaultDescription),
				has(theEnvironment, "created_at", knownvalue.StringRegexp(stampPattern)), has(theEnvironment, "updated_at", knownvalue.StringRegexp(stampPattern)),
				hasFalse(theEnvironment, "deletion_protection"), hasFalse(theEnvironment, "force_destroy"),
				statecheck.CompareValuePairs(theEnvironment, tfjsonpath.New("workspace_id"), theWorkspace, id, compare.ValuesSame()),
				sameID.AddStateValue(theEnvironment, id),
			},
		},
		step{ // rename
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock(`name = "Production"`)),
			plan: inPlan(action(theEnvironment, plancheck.ResourceActionUpdate), unknown(theEnvironment, "updated_at"),
				planned(theEnvironment, "id", knownvalue.StringRegexp(uuidPattern)), planned(theEnvironment, "created_at", knownvalue.StringRegexp(stampPattern))),
			state: []statecheck.StateCheck{hasText(theEnvironment, "name", "Production"), sameID.AddStateValue(theEnvironment, id)},
			applied: func() {
				updated()
				if body := strings.TrimSpace(string(c.Writes()[0].Body)); body != `{"description":"Default environment for the workspace environment","name":"Production"}` {
					t.Errorf("the update sent %s, want all that is configured", body)
				}
			},
		},
		step{ // an empty description is a value
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock(`name = "Production"`, `description = ""`)),
			plan:    update,
			state:   []statecheck.StateCheck{hasText(theEnvironment, "description", ""), sameID.AddStateValue(theEnvironment, id)},
			applied: updated,
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock(`name = "Production"`, `description = "What customers see"`)),
			plan:    update,
			state:   []statecheck.StateCheck{hasText(theEnvironment, "description", "What customers see"), sameID.AddStateValue(theEnvironment, id)},
			applied: updated,
		},
		step{ // without one the default comes back, for the name too
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock()),
			plan:    update,
			state: []statecheck.StateCheck{
				hasText(theEnvironment, "name", "Development"), hasText(theEnvironment, "description", defaultDescription), sameID.AddStateValue(theEnvironment, id),
			},
			applied: updated,
		},
		step{ // these two are nothing to Cortex
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock("deletion_protection = true", "force_destroy = true")),
			plan: inPlan(action(theEnvironment, plancheck.ResourceActionUpdate),
				planned(theEnvironment, "updated_at", knownvalue.StringRegexp(stampPattern))),
			state: []statecheck.StateCheck{
				hasTrue(theEnvironment, "deletion_protection"), hasTrue(theEnvironment, "force_destroy"), sameID.AddStateValue(theEnvironment, id), newID.AddStateValue(theEnvironment, id),
			},
			applied: func() { wantWrites(t, c) },
		},
		step{
			prepare: c.Reset,
			config:  config(c, workspace+environmentBlock()),
			applied: func() { wantWrites(t, c) },
		},
		step{ // another workspace is another environment
			prepare: c.Reset,
			config:  config(c, workspace+"resource \"cortex_environment\" \"test\" {\n  workspace_id = cortex_workspace.other.id\n}\n"),
			plan: inPlan(action(theEnvironment, plancheck.ResourceActionDestroyBeforeCreate), unknown(theEnvironment, "id"),
				unknown(theEnvironment, "created_at"), unknown(theEnvironment, "updated_at")),
			state: []statecheck.StateCheck{
				newID.AddStateValue(theEnvironment, id),
				statecheck.CompareValuePairs(theEnvironment, tfjsonpath.New("workspace_id"), "cortex_workspace.other", id, compare.ValuesSame()),
			},
			applied: func() { wantWrites(t, c, "DELETE /environments/{id}", "POST /environments") },
		},
	)
}

func TestEnvironmentDrift(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	environment := func() cortextest.Environment {
		t.Helper()
		return environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Production")
	}
	body := config(c, workspaceBlock(name)+environmentBlock(`name = "Production"`))
	repaired := []statecheck.StateCheck{hasText(theEnvironment, "name", "Production"), hasText(theEnvironment, "description", defaultDescription)}
	acceptance(t,
		step{config: body},
		step{
			prepare: func() {
				c.UpdateEnvironment(environment().ID, map[string]any{"name": "elsewhere", "description": "other"})
			},
			config: body,
			plan:   inPlan(action(theEnvironment, plancheck.ResourceActionUpdate)),
			state:  repaired,
		},
		step{
			prepare: func() { c.DeleteEnvironment(environment().ID) },
			config:  body,
			plan:    inPlan(action(theEnvironment, plancheck.ResourceActionCreate), action(theWorkspace, plancheck.ResourceActionNoop)),
			state:   repaired,
		},
		step{ // the workspace with all that is in it
			prepare: func() {
				e := environment()
				c.DeleteEnvironment(e.ID)
				c.DeleteWorkspace(e.WorkspaceID)
			},
			config: body,
			plan:   inPlan(action(theEnvironment, plancheck.ResourceActionCreate), action(theWorkspace, plancheck.ResourceActionCreate)),
			state:  repaired,
		},
	)
}

func TestEnvironmentNameTaken(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	workspace := c.CreateWorkspace(c.Name("acme"), nil)
	elsewhere := c.CreateWorkspace(c.Name("globex"), nil)
	holder := c.CreateEnvironment(workspace.ID, "Production", nil)
	c.CreateEnvironment(elsewhere.ID, "Staging", nil) // in another workspace a name is free
	block := func(name string) string {
		return fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n  name = %q\n}\n", workspace.ID, name)
	}
	e := newEngine(t, c)
	e.write(block("Production"))
	e.wantProblems(apply, problem{
		Summary: fmt.Sprintf("Cannot create environment \"Production\" in workspace %s: the name is taken", workspace.ID),
		Detail:  takenDetail("environment", "name", "Production") + fmt.Sprintf("import {\n  to = cortex_environment.example\n  id = %q\n}", holder.ID),
	})
	e.write(block("Staging"))
	e.run(apply...)
	mine := environmentNamed(t, c, workspace.ID, "Staging")
	c.Reset()
	e.write(block("Production"))
	got := e.problems(apply...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot update environment \"Staging\" (%s): the name is taken", mine.ID) ||
		!strings.Contains(got[0].Detail, fmt.Sprintf("The name \"Production\" belongs to:\n  - environment \"Production\" (%s)\n", holder.ID)) {
		t.Errorf("the errors are %q", got)
	}
	wantWrites(t, c)
	e.run(destroy...)
}

func TestEnvironmentInMissingWorkspace(t *testing.T) {
	t.Parallel()
	for _, release := range []string{cortextest.Latest, cortextest.Head} {
		t.Run(release, func(t *testing.T) {
			c := cortextest.Start(t, cortextest.WithRelease(release))
			const missing = "00000000-0000-4000-8000-000000000000"
			e := newEngine(t, c)
			e.write(fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = %q\n}\n", missing))
			got := e.problems(apply...)
			if len(got) != 1 || got[0].Summary != "Cannot create environment \"Development\" in workspace "+missing ||
				!strings.HasSuffix(got[0].Detail, "\n\nCortex does not have the workspace "+missing+" that the request is about. Plan again; if another part of the "+
					"configuration names this id, correct it there.") {
				t.Errorf("the errors are %q", got)
			}
		})
	}
}

func TestEnvironmentDeletionProtection(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	other := fmt.Sprintf("resource \"cortex_workspace\" \"other\" {\n  name = %q\n}\n", c.Name("globex"))
	e := newEngine(t, c)
	e.write(workspaceBlock(name) + environmentBlock("deletion_protection = true"))
	e.run(apply...)
	environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	c.Reset()

	// What each refusal names as the way out: see protection_test.go.
	refused := func(args []string, verb, at string) {
		t.Helper()
		e.wantRefusal(args, fmt.Sprintf("%s environment \"Development\" (%s)", verb, environment.ID), at, "The last applied configuration has deletion_protection = true. ")
	}
	refused([]string{"plan", "-destroy"}, "destroy", "")
	refused([]string{"apply", "-auto-approve", "-replace=" + theEnvironment}, "delete", "")
	e.write(workspaceBlock(name))
	refused(plan, "destroy", "")
	// To a workspace that is still to be made, whose id is unknown; also while the protection is taken off.
	for _, protection := range []string{"true", "false"} {
		e.write(workspaceBlock(name) + other + fmt.Sprintf(`
resource "cortex_environment" "test" {
  workspace_id        = cortex_workspace.other.id
  deletion_protection = %s
}
`, protection))
		refused(plan, "replace", "workspace_id")
	}
	wantWrites(t, c)
	e.write(workspaceBlock(name) + environmentBlock())
	e.run(apply...)
	wantWrites(t, c)
	e.run(destroy...)
	if _, ok := c.Environment(environment.ID); ok {
		t.Error("the environment is left behind")
	}
}

func TestEnvironmentWithContent(t *testing.T) {
	t.Parallel()
	for _, database := range []cortextest.Database{cortextest.SQLite, cortextest.PostgreSQL} {
		t.Run(string(database), func(t *testing.T) {
			c := cortextest.Start(t, cortextest.WithDatabase(database))
			name := c.Name("acme")
			e := newEngine(t, c)
			e.write(workspaceBlock(name) + environmentBlock())
			e.run(apply...)
			environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
			label := fmt.Sprintf("environment \"Development\" (%s)", environment.ID)
			source := c.Attach(environment.ID, "data source", "sales")
			dashboard := c.Attach(environment.ID, "dashboard", "Default Dashboard")
			c.Reset()
			e.write(workspaceBlock(name))
			e.wantProblems(apply, problem{
				Summary: "Cannot delete " + label + ": it is not empty",
				Detail: fmt.Sprintf("It contains:\n  - dashboard \"Default Dashboard\" (%s)\n  - data source \"sales\" (%s)\n\nDelete these first, or set force_destroy = true and apply "+
					"that before deleting, to have them deleted with it. What this configuration manages itself should refer to this resource, so that Terraform "+
					"deletes it first.\n\nAt every start, Cortex may add an environment \"Test\", a \"Default Data Model\" and a \"Default Dashboard\" by itself, also to "+
					"workspaces and environments that others made. What is listed may be that.", dashboard, source),
			})
			wantWrites(t, c)

			e.write(workspaceBlock(name) + environmentBlock("force_destroy = true"))
			e.run(apply...)
			consumer := c.Attach(environment.ID, "consumer", "ann")
			c.Attach(environment.ID, "consumer group", "analysts")
			e.write(workspaceBlock(name))
			e.run(apply...)
			wantWrites(t, c, "DELETE /dashboards/{id}", "DELETE /data/sources/{id}", "DELETE /consumers/groups/{id}", "DELETE /consumers/{id}", "DELETE /environments/{id}")
			if _, ok := c.Environment(environment.ID); ok {
				t.Error("the environment is left behind")
			}
			if status, _ := c.Do("GET", "/consumers/"+consumer, nil); status == 200 {
				t.Error("the consumer is left behind")
			}
			e.run(destroy...)
		})
	}
}

// On PostgreSQL an environment that ever had a data model cannot go, since Cortex keeps its row. By then the rest is gone, which the
// error says.
func TestEnvironmentWithDeletedDataModel(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{Database: cortextest.PostgreSQL})
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(workspaceBlock(name) + environmentBlock("force_destroy = true"))
	e.run(apply...)
	environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
	source, model := c.Attach(environment.ID, "data source", "sales"), c.Attach(environment.ID, "data model", "orders")
	e.write(workspaceBlock(name))
	got := e.problems(apply...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot delete environment \"Development\" (%s)", environment.ID) ||
		!strings.HasSuffix(got[0].Detail, "\n\nCortex's database refuses it, because data models refer to the object. Cortex keeps the rows of data models for ever, deleted "+
			"ones too, and has no call that removes them, so that an environment which ever had a data model cannot be deleted on PostgreSQL. (At every start, Cortex "+
			"may add a \"Default Data Model\" to an environment by itself.) Set retire_undeletable = true and apply that before deleting, to have it retired: emptied, renamed, "+
			"and forgotten. Or remove the rows from the database, or let Terraform forget the object as it is: a removed block, or terraform state rm.\n\nDeleted before this:\n  - data source \"sales\" ("+source+")\n  - data model \"orders\" ("+model+")\n") {
		t.Errorf("the errors are %q", got)
	}
	if got := e.resources(); len(got) != 2 {
		t.Errorf("the state holds %q, want workspace and environment", got)
	}
}

// Without a refresh the state is old: an update that is sent for something else brings everything to what the configuration says.
func TestDriftUnread(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	block := func(name, description string) string {
		return fmt.Sprintf("resource \"cortex_workspace\" \"test\" {\n  name = %q\n%s}\n\nresource \"cortex_environment\" \"test\" {\n  workspace_id = cortex_workspace.test.id\n  name = %[1]q\n%[2]s}\n",
			c.Name(name), description)
	}
	for _, description := range []string{"", "  description = \"ours\"\n"} {
		for drifted := range map[string]bool{"name": true, "description": true} {
			e.write(block("one", description))
			e.run(apply...)
			workspace := workspaceNamed(t, c, c.Name("one"))
			environment := environmentNamed(t, c, workspace.ID, c.Name("one"))
			c.UpdateWorkspace(workspace.ID, map[string]any{drifted: "theirs"})
			c.UpdateEnvironment(environment.ID, map[string]any{drifted: "theirs"})
			name, text := "two", description
			if drifted == "name" {
				name, text = "one", "  description = \"another\"\n"
			}
			e.write(block(name, text))
			e.run("apply", "-auto-approve", "-refresh=false")
			if got, _ := c.Workspace(workspace.ID); got.Name != c.Name(name) {
				t.Errorf("the workspace is %+v", got)
			}
			e.wantNoChanges()
		}
	}
	e.run(destroy...)
}
