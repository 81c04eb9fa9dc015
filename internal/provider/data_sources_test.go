package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

func TestDataSources(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	body := workspaceBlock(name, `description = "Anvils"`) + environmentBlock(`name = "Production"`) + `
resource "cortex_environment" "second" {
  workspace_id = cortex_workspace.test.id
}

data "cortex_workspace" "by_id" {
  id = cortex_workspace.test.id
}

data "cortex_workspace" "by_name" {
  name = cortex_workspace.test.name
}

data "cortex_environment" "by_id" {
  id = cortex_environment.test.id
}

data "cortex_environment" "by_name" {
  workspace_id = cortex_workspace.test.id
  name         = cortex_environment.test.name
}

data "cortex_environments" "test" {
  workspace_id = cortex_workspace.test.id
  depends_on   = [cortex_environment.test, cortex_environment.second]
}

data "cortex_workspaces" "all" {
  depends_on = [cortex_workspace.test]
}

data "cortex_environments" "all" {
  depends_on = [cortex_environment.test, cortex_environment.second]
}

locals {
  workspaces = { for w in data.cortex_workspaces.all.workspaces : w.id => w }
  everywhere = { for e in data.cortex_environments.all.environments : e.id => e }
}

output "workspace" {
  value = local.workspaces[cortex_workspace.test.id].description
}

output "environment" {
  value = local.everywhere[cortex_environment.test.id].name
}

output "names" {
  value = keys({ for e in data.cortex_environments.test.environments : e.name => e.id })
}

output "sorted" {
  value = data.cortex_environments.test.environments[*].name
}
`
	var checks []statecheck.StateCheck
	for _, by := range []string{"by_id", "by_name"} {
		for _, attribute := range []string{"id", "name", "description", "created_at", "updated_at"} {
			checks = append(checks, statecheck.CompareValuePairs("data.cortex_workspace."+by, path(attribute), theWorkspace, path(attribute), compare.ValuesSame()))
		}
		for _, attribute := range []string{"id", "workspace_id", "name", "description", "created_at", "updated_at"} {
			checks = append(checks, statecheck.CompareValuePairs("data.cortex_environment."+by, path(attribute), theEnvironment, path(attribute), compare.ValuesSame()))
		}
	}
	names := knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("Development"), knownvalue.StringExact("Production")})
	checks = append(checks,
		statecheck.ExpectKnownOutputValue("workspace", knownvalue.StringExact("Anvils")),
		statecheck.ExpectKnownOutputValue("environment", knownvalue.StringExact("Production")),
		statecheck.ExpectKnownOutputValue("names", names), statecheck.ExpectKnownOutputValue("sorted", names),
	)
	acceptance(t, step{config: config(c, body), state: checks})
}

func TestDataSourceWorkspaceWithoutDescription(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	name := c.Name("acme")
	c.CreateWorkspace(name, ptr(""))
	acceptance(t, step{
		config: config(c, fmt.Sprintf("data \"cortex_workspace\" \"test\" {\n  name = %q\n}\n", name)),
		state:  []statecheck.StateCheck{hasNoDescription("data.cortex_workspace.test")},
	})
}

// Lists are sorted by name, then by id, whatever order Cortex has, and are empty lists when there is nothing.
func TestDataSourceLists(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{Database: cortextest.PostgreSQL})
	body := "data \"cortex_workspaces\" \"test\" {}\ndata \"cortex_environments\" \"test\" {}\n"
	list := func(names ...string) knownvalue.Check {
		var all []knownvalue.Check
		for _, name := range names {
			all = append(all, knownvalue.ObjectPartial(map[string]knownvalue.Check{"name": knownvalue.StringExact(name), "id": knownvalue.StringRegexp(uuidPattern)}))
		}
		return knownvalue.ListExact(all)
	}
	acceptance(t,
		step{
			config: config(c, body),
			state: []statecheck.StateCheck{
				has("data.cortex_workspaces.test", "workspaces", list("Default")), has("data.cortex_environments.test", "environments", list("Test")),
			},
		},
		step{
			prepare: func() {
				for i := range 20 {
					w := c.CreateWorkspace(fmt.Sprintf("w%02d", 19-i), nil)
					c.CreateEnvironment(w.ID, fmt.Sprintf("e%02d", i%10), nil)
				}
			},
			config: config(c, body),
			state:  []statecheck.StateCheck{has("data.cortex_workspaces.test", "workspaces", knownvalue.ListSizeExact(21))},
		},
		step{
			config: config(c, body),
			state:  []statecheck.StateCheck{has("data.cortex_environments.test", "environments", list(strings.Fields("Test e00 e00 e01 e01 e02 e02 e03 e03 e04 e04 e05 e05 e06 e06 e07 e07 e08 e08 e09 e09")...))},
		},
	)
}

func TestDataSourceEmptyLists(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	onboarded := workspaceNamed(t, c, "Default")
	c.DeleteEnvironment(environmentNamed(t, c, onboarded.ID, "Test").ID)
	c.DeleteWorkspace(onboarded.ID)
	empty := knownvalue.ListExact(nil)
	acceptance(t, step{
		config: config(c, "data \"cortex_workspaces\" \"test\" {}\ndata \"cortex_environments\" \"test\" {}\n"),
		state: []statecheck.StateCheck{
			has("data.cortex_workspaces.test", "workspaces", empty), has("data.cortex_environments.test", "environments", empty),
		},
	})
}

func TestDataSourceErrors(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: the messages list what there is
	onboarded := workspaceNamed(t, c, "Default")
	test := environmentNamed(t, c, onboarded.ID, "Test")
	twins := []cortextest.Environment{c.CreateEnvironment(onboarded.ID, "twin", nil), c.CreateEnvironment(onboarded.ID, "other", nil)}
	c.UpdateEnvironment(twins[1].ID, map[string]any{"name": "twin"})
	if twins[0].ID > twins[1].ID {
		twins[0], twins[1] = twins[1], twins[0]
	}
	const missing = "00000000-0000-4000-8000-000000000000"
	notThere := func(path, sentence, noun string) string {
		return fmt.Sprintf("GET %s/api/v1%s: status 404: %s.\n\nCortex does not have the %s %s that the request is about. Plan again; if another part of the "+
			"configuration names this id, correct it there.", c.URL(), path, sentence, noun, missing)
	}
	e := newEngine(t, c)
	for _, tt := range []struct {
		config string
		want   problem
	}{
		{`data "cortex_workspace" "test" { name = "acme" }`, problem{
			Summary: `Cannot find workspace "acme"`, Detail: fmt.Sprintf("There is no such workspace; there are:\n  - workspace \"Default\" (%s)\n", onboarded.ID),
		}},
		{fmt.Sprintf(`data "cortex_workspace" "test" { id = %q }`, missing), problem{
			Summary: "Cannot find workspace " + missing,
			Detail:  notThere("/workspaces/"+missing, "Workspace with ID "+missing+" not found", "workspace"),
		}},
		{fmt.Sprintf("data \"cortex_environment\" \"test\" {\n workspace_id = %q\n name = \"test\"\n}", onboarded.ID), problem{
			Summary: fmt.Sprintf(`Cannot find environment "test" in workspace %s`, onboarded.ID),
			Detail: fmt.Sprintf("There is no such environment; there are:\n  - environment \"Test\" (%s)\n  - environment \"twin\" (%s)\n  - environment \"twin\" (%s)\n",
				test.ID, twins[0].ID, twins[1].ID),
		}},
		{fmt.Sprintf("data \"cortex_environment\" \"test\" {\n workspace_id = %q\n name = \"twin\"\n}", onboarded.ID), problem{
			Summary: fmt.Sprintf(`Cannot find environment "twin" in workspace %s`, onboarded.ID),
			Detail: fmt.Sprintf("There are several; choose one by its id:\n  - environment \"twin\" (%s)\n  - environment \"twin\" (%s)\n",
				twins[0].ID, twins[1].ID),
		}},
		{fmt.Sprintf(`data "cortex_environment" "test" { id = %q }`, missing), problem{
			Summary: "Cannot find environment " + missing,
			Detail:  notThere("/environments/"+missing, "Environment with ID "+missing+" does not exist in the database", "environment"),
		}},
		{fmt.Sprintf(`data "cortex_environments" "test" { workspace_id = %q }`, missing), problem{
			Summary: "Cannot list the environments of workspace " + missing,
			Detail:  notThere("/environments?workspace_id="+missing, "Workspace with ID "+missing+" does not exist in the database", "workspace"),
		}},
	} {
		e.write(tt.config)
		e.wantProblems(plan, tt.want)
	}
}
