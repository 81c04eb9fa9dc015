package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// retiring is a tenant with a data model, a metric, and a dashboard.
func retiring(name, environmentLines, workspaceLines string) string {
	return fmt.Sprintf(`
resource "cortex_workspace" "test" {
  name        = %q
  description = "A tenant"
%s
}

resource "cortex_environment" "test" {
  workspace_id = cortex_workspace.test.id
%s
}

resource "cortex_data_model" "test" {
  environment_id = cortex_environment.test.id
  name           = "Sales"
}

resource "cortex_metric" "test" {
  data_model_id = cortex_data_model.test.id
  name          = "Revenue"
}

resource "cortex_dashboard" "test" {
  environment_id = cortex_environment.test.id
  name           = "Sales"
  type           = "executive"
  views = {
    v = { title = "V", sections = { s = { widgets = {
      w = { title = "W", metric_id = cortex_metric.test.id, visualization = { type = "table", data_mapping = { columns = [{ field = "a", label = "A" }] } } }
    } } } }
  }
}
`, name, workspaceLines, environmentLines)
}

// Where Cortex's database lets an environment go, it is deleted, with the option or without. Where it does not, the option empties and renames it, and the same
// configuration can be applied again.
func TestRetireUndeletable(t *testing.T) {
	t.Parallel()
	for _, database := range []cortextest.Database{cortextest.SQLite, cortextest.PostgreSQL} {
		t.Run(string(database), func(t *testing.T) {
			t.Parallel()
			c := cortextest.Start(t, cortextest.WithDatabase(database))
			name := c.Name("acme")
			e := newEngine(t, c)
			e.write(retiring(name, retire, retire))
			for range 2 {
				e.run(apply...)
				e.wantNoChanges()
				w := workspaceNamed(t, c, name)
				environment := environmentNamed(t, c, w.ID, "Development")
				c.Reset()
				warnings := e.warnings(destroy...)
				if got := e.resources(); len(got) > 0 {
					t.Errorf("the state holds %q", got)
				}
				if c.Database() == cortextest.SQLite {
					wantWrites(t, c, "DELETE /dashboards/{id}", "DELETE /metrics/{id}", "DELETE /data/models/{id}", "DELETE /environments/{id}", "DELETE /workspaces/{id}")
					if len(warnings) > 0 {
						t.Errorf("there are the warnings %q", warnings)
					}
					continue
				}
				wantWrites(t, c, "DELETE /dashboards/{id}", "DELETE /metrics/{id}", "DELETE /data/models/{id}", "DELETE /environments/{id}", "PUT /environments/{id}", "DELETE /environments/{id}", "PUT /workspaces/{id}")
				if diff := cmp.Diff([]string{
					fmt.Sprintf("Environment \"Development\" (%s) was retired, for it cannot be deleted", environment.ID),
					fmt.Sprintf("Workspace %q (%s) was retired, for it cannot be deleted", name, w.ID),
				}, summaries(warnings)); diff != "" {
					t.Errorf("the warnings (-want +got):\n%s", diff)
				}
				retired, _ := c.Environment(environment.ID)
				if retired.Name != "retired "+environment.ID || !strings.Contains(*retired.Description, "by Terraform") {
					t.Errorf("the environment is %+v", retired)
				}
				of, _ := c.Workspace(w.ID)
				if of.Name != "retired "+w.ID || !strings.Contains(*of.Description, "by Terraform") {
					t.Errorf("the workspace is %+v", of)
				}
				// Nothing shows it that is not asked to.
				read := newEngine(t, c)
				read.write(fmt.Sprintf(`
data "cortex_workspaces" "all" {}

data "cortex_workspaces" "retired" {
  include_retired = true
}

data "cortex_environments" "of" {
  workspace_id = %q
}

data "cortex_environments" "retired" {
  workspace_id    = %[1]q
  include_retired = true
}

output "found" {
  value = [
    length([for w in data.cortex_workspaces.all.workspaces : w if w.id == %[1]q]),
    length([for w in data.cortex_workspaces.retired.workspaces : w if w.id == %[1]q]),
    length(data.cortex_environments.of.environments),
    length(data.cortex_environments.retired.environments),
  ]
}
`, w.ID))
				read.run(apply...)
				if got := strings.Join(strings.Fields(read.run("output", "-json", "found")), ""); got != "[0,1,0,1]" {
					t.Errorf("the data sources find %s", got)
				}
				// Not even by its name.
				read.write(fmt.Sprintf("data \"cortex_workspace\" \"test\" {\n  name = %q\n}\n", of.Name))
				if got := read.problems(plan...); len(got) != 1 || !strings.HasPrefix(got[0].Summary, "Cannot find workspace") {
					t.Errorf("the errors are %q", got)
				}
			}
		})
	}
}

func summaries(problems []problem) (all []string) {
	for _, p := range problems {
		all = append(all, p.Summary)
	}
	return all
}

// startKeeping starts a Cortex whose database does not let environments go: one in memory, where the real one has another database.
func startKeeping(t *testing.T) *cortextest.Cortex {
	t.Helper()
	c := cortextest.Start(t, cortextest.WithDatabase(cortextest.PostgreSQL))
	if c.Database() != cortextest.PostgreSQL {
		c = cortextest.StartFake(t, cortextest.FakeOptions{Database: cortextest.PostgreSQL})
	}
	return c
}

// Without the option the error says that it is there; with it nothing is retired that has a content of others.
func TestUndeletableWithoutRetiring(t *testing.T) {
	t.Parallel()
	c := startKeeping(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(retiring(name, "", ""))
	e.run(apply...)
	w := workspaceNamed(t, c, name)
	environment := environmentNamed(t, c, w.ID, "Development")
	got := e.problems(destroy...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot delete environment \"Development\" (%s)", environment.ID) || !strings.Contains(got[0].Detail, "retire_undeletable") {
		t.Errorf("the errors are %q", got)
	}
	if now, ok := c.Environment(environment.ID); !ok || now.Name != "Development" {
		t.Errorf("the environment is %+v", now)
	}

	e.write(retiring(name, retire, retire))
	e.run(apply...)
	consumer := c.CreateConsumer(environment.ID, map[string]any{"email": "ann@example.com", "first_name": "", "last_name": ""}).ID
	got = e.problems(destroy...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot delete environment \"Development\" (%s): it is not empty", environment.ID) || !strings.Contains(got[0].Detail, consumer) {
		t.Errorf("the errors are %q", got)
	}
	c.DeleteConsumer(consumer)
	// An environment that nobody manages keeps a workspace, retired or not, unless it goes with it by force.
	other := c.CreateEnvironment(w.ID, "other", nil).ID
	got = e.problems(destroy...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot delete workspace %q (%s): it is not empty", name, w.ID) || !strings.Contains(got[0].Detail, other) {
		t.Errorf("the errors are %q", got)
	}
	c.DeleteEnvironment(other)
	e.run(destroy...)
	if now, _ := c.Workspace(w.ID); now.Name != "retired "+w.ID {
		t.Errorf("the workspace is %+v", now)
	}
}

// A forced deletion of a workspace retires what it meets, at every level.
func TestRetireByForce(t *testing.T) {
	t.Parallel()
	c := startKeeping(t)
	name := c.Name("acme")
	e := newEngine(t, c)
	e.write(fmt.Sprintf("resource \"cortex_workspace\" \"test\" {\n  name = %q\n  force_destroy = true\n  retire_undeletable = true\n}\n", name))
	e.run(apply...)
	w := workspaceNamed(t, c, name)
	environment := c.CreateEnvironment(w.ID, "Production", nil).ID
	empty := c.CreateEnvironment(w.ID, "Staging", nil).ID
	c.CreateMetric(c.CreateDataModel(environment, map[string]any{"name": "Sales"}).ID, map[string]any{"name": "Revenue", "environment_id": environment})
	e.run(destroy...)
	if n := len(c.Metrics(environment)); n > 0 {
		t.Errorf("%d metrics are left", n)
	}
	if _, ok := c.Environment(empty); ok {
		t.Error("the environment that can be deleted was not")
	}
	if now, _ := c.Environment(environment); now.Name != "retired "+environment {
		t.Errorf("the environment is %+v", now)
	}
	if now, _ := c.Workspace(w.ID); now.Name != "retired "+w.ID {
		t.Errorf("the workspace is %+v", now)
	}
}
