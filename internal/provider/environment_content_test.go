package provider_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// retire lets what cannot be deleted go.
const retire = "retire_undeletable = true"

// An environment that holds a dashboard, a consumer or a group is not deleted, and with force_destroy all of it goes in order: dashboards, groups, consumers, the
// environment. What the configuration manages itself goes before its environment by itself.
func TestEnvironmentWithConsumers(t *testing.T) {
	t.Parallel()
	for _, database := range []cortextest.Database{cortextest.SQLite, cortextest.PostgreSQL} {
		t.Run(string(database), func(t *testing.T) {
			c := cortextest.Start(t, cortextest.WithDatabase(database))
			name := c.Name("acme")
			e := newEngine(t, c)
			managed := ""
			for _, s := range editable {
				managed += s.blockIn("cortex_environment.test.id", s.minimal)
			}
			managed += "resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = cortex_consumer_group.test.id\n  consumer_id = cortex_consumer.test.id\n}\n"
			e.write(workspaceBlock(name, retire) + environmentBlock(retire) + managed)
			e.run(apply...)
			environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development")
			label := fmt.Sprintf("environment \"Development\" (%s)", environment.ID)
			consumer := c.CreateConsumer(environment.ID, map[string]any{"email": "foreign@example.com", "first_name": "", "last_name": ""}).ID
			group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "foreign"}).ID
			dashboard := c.Attach(environment.ID, "dashboard", "foreign")
			c.AddMember(group, consumer)
			c.AddMember(c.ConsumerGroups(environment.ID)[0].ID, consumer)

			// All of the configuration goes, and then the environment does not.
			c.Reset()
			e.write(workspaceBlock(name, retire))
			e.wantProblems(apply, problem{
				Summary: "Cannot delete " + label + ": it is not empty",
				Detail: fmt.Sprintf("It contains:\n  - dashboard \"foreign\" (%s)\n  - consumer group \"foreign\" (%s)\n  - consumer \"foreign@example.com\" (%s)\n\nDelete these first, or set force_destroy = true and apply "+
					"that before deleting, to have them deleted with it. What this configuration manages itself should refer to this resource, so that Terraform "+
					"deletes it first.", dashboard, group, consumer),
			})
			if diff := cmp.Diff(map[string]int{"DELETE /consumers/groups/{id}/members/{id}": 1, "DELETE /consumers/groups/{id}": 1, "DELETE /consumers/{id}": 1, "DELETE /data/sources/{id}": 1,
				"DELETE /data/models/{id}": 1, "DELETE /metrics/{id}": 1, "DELETE /dashboards/{id}": 1}, writeCounts(c)); diff != "" {
				t.Errorf("the writes (-want +got):\n%s", diff)
			}
			ofConsumers := slices.DeleteFunc(c.Writes(), func(r cortextest.Request) bool { return !strings.Contains(r.Path, "/consumers/") })
			if first := ofConsumers[0].Path; !strings.Contains(first, "/members/") {
				t.Errorf("the first deletion of these was %s, want the membership", first)
			}
			if got := e.resources(); !slices.Equal(got, []string{theEnvironment, theWorkspace}) {
				t.Errorf("the state holds %q", got)
			}

			e.write(workspaceBlock(name, retire) + environmentBlock("force_destroy = true", retire))
			e.run(apply...)
			c.Reset()
			e.write(workspaceBlock(name, retire))
			e.run(apply...)
			writes := []string{"DELETE /dashboards/{id}", "DELETE /consumers/groups/{id}", "DELETE /consumers/{id}", "DELETE /environments/{id}"}
			if c.Database() == cortextest.PostgreSQL {
				writes = append(writes, "PUT /environments/{id}") // it had a data model
			}
			wantWrites(t, c, writes...)
			if _, ok := c.Consumer(consumer); ok {
				t.Error("the consumer is left behind")
			}
			if _, ok := c.Dashboard(dashboard); ok {
				t.Error("the dashboard is left behind")
			}
			e.run(destroy...)
		})
	}
}

// The objects of an environment that is replaced are replaced with it, each before and after it in order.
func TestEnvironmentReplacedWithConsumers(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	body := func(of string) string {
		text := workspaceBlock(c.Name("acme"), retire) + fmt.Sprintf("resource \"cortex_workspace\" \"other\" {\n  name = %q\n  %s\n}\n", c.Name("globex"), retire) +
			fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = cortex_workspace.%s.id\n  %s\n}\n", of, retire)
		for _, s := range editable {
			text += s.blockIn("cortex_environment.test.id", s.full)
		}
		return text + "resource \"cortex_consumer_group_member\" \"test\" {\n  group_id = cortex_consumer_group.test.id\n  consumer_id = cortex_consumer.test.id\n}\n"
	}
	e.write(body("test"))
	e.run(apply...)
	c.Reset()
	e.write(body("other"))
	all := len(editable) + 2 // the environment, and the membership
	if out := e.run("apply", "-auto-approve", "-no-color"); !strings.Contains(out, fmt.Sprintf("Apply complete! Resources: %d added, 0 changed, %[1]d destroyed.", all)) {
		t.Errorf("apply said:\n%s", out)
	}
	want := 2 * all
	if c.Database() == cortextest.PostgreSQL {
		want++ // the environment is retired
	}
	if n := len(c.Writes()); n != want {
		t.Errorf("%d writes, want %d: %q", n, want, paths(c.Writes()))
	}
	e.wantNoChanges()
	e.run(destroy...)
}

// With force_destroy, what refers to others goes before these, and all of it before its environment and its workspace. Cortex's database would let an environment go
// that has a dashboard in it.
func TestForcedDeletionInOrder(t *testing.T) {
	t.Parallel()
	for _, database := range []cortextest.Database{cortextest.SQLite, cortextest.PostgreSQL} {
		for _, of := range []string{"environment", "workspace"} {
			t.Run(of+" on "+string(database), func(t *testing.T) {
				c := cortextest.Start(t, cortextest.WithDatabase(database))
				name := c.Name("acme")
				e := newEngine(t, c)
				force := map[string]string{of: "force_destroy = true"}
				e.write(workspaceBlock(name, retire, force["workspace"]) + environmentBlock(retire, force["environment"]))
				e.run(apply...)
				environment := environmentNamed(t, c, workspaceNamed(t, c, name).ID, "Development").ID
				source := c.Attach(environment, "data source", "Sales")
				metric := c.CreateMetric(c.Attach(environment, "data model", "Sales"), map[string]any{"name": "Revenue", "table_name": "orders", "data_source_id": source}).ID
				widget := cortextest.JSONObject{"alias": "w", "section_alias": "s", "position": 0, "grid_config": map[string]any{"columns": 1, "rows": 1}, "title": "W", "metric_id": metric,
					"visualization": map[string]any{"type": "table", "data_mapping": map[string]any{}}}
				c.CreateDashboard(environment, map[string]any{"name": "Sales", "type": "executive", "views": []any{map[string]any{"alias": "v", "title": "V",
					"sections": []any{map[string]any{"alias": "s", "position": 0, "widgets": []any{widget}}}}}})
				c.AddMember(c.Attach(environment, "consumer group", "Analysts"), c.Attach(environment, "consumer", "ann"))
				writes := []string{"DELETE /dashboards/{id}", "DELETE /metrics/{id}", "DELETE /data/sources/{id}", "DELETE /consumers/groups/{id}", "DELETE /consumers/{id}", "DELETE /data/models/{id}",
					"DELETE /environments/{id}"}
				if c.Database() == cortextest.PostgreSQL {
					writes = append(writes, "PUT /environments/{id}")
				}
				c.Reset()
				if of == "environment" {
					e.write(workspaceBlock(name, retire))
					e.run(apply...)
					wantWrites(t, c, writes...)
					e.run(destroy...)
				} else {
					e.write(workspaceBlock(name, retire, force["workspace"]))
					e.run("state", "rm", theEnvironment)
					e.run(destroy...)
					if c.Database() == cortextest.PostgreSQL {
						writes = append(writes, "PUT /workspaces/{id}")
					} else {
						writes = append(writes, "DELETE /workspaces/{id}")
					}
					wantWrites(t, c, writes...)
				}
				if left := c.Dashboards(environment); len(left) > 0 {
					t.Errorf("there are the dashboards %v left", left)
				}
			})
		}
	}
}

// A forced deletion misses nothing that is on several pages, also when something changes between them.
func TestForcedDeletionOfPages(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	e := newEngine(t, c)
	e.write(workspaceBlock("acme") + environmentBlock("force_destroy = true"))
	e.run(apply...)
	environment := environmentNamed(t, c, workspaceNamed(t, c, "acme").ID, "Development").ID
	var models []string // Cortex lists the last one first
	for i := range 103 {
		models = append(models, c.Attach(environment, "data model", fmt.Sprintf("orders %d", i)))
	}
	gone := false
	c.Intercept = func(r *http.Request) *cortextest.Fault {
		if !gone && strings.HasSuffix(r.URL.Path, "/data/models") && r.URL.Query().Get("page") == "2" {
			gone = true // one of the first page, so that the second begins with the next but one
			if status, answer := c.Do("DELETE", "/data/models/"+models[50]+"?environment_id="+environment, nil); status != 204 && status != 200 {
				t.Errorf("status %d: %s", status, answer)
			}
		}
		return nil
	}
	c.Reset()
	e.write(workspaceBlock("acme"))
	e.run(apply...)
	deleted := map[string]bool{models[50]: gone}
	for _, r := range c.Writes() {
		deleted[strings.TrimPrefix(r.Path, "/api/v1/data/models/")] = true
	}
	for i, id := range models {
		if !deleted[id] {
			t.Errorf("model %d was missed", i)
		}
	}
}

// Names of as many bytes as are let through have a place in PostgreSQL's indexes, whatever they are made of.
func TestLongestNames(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t, cortextest.WithDatabase(cortextest.PostgreSQL))
	var name strings.Builder
	for random := rand.New(rand.NewPCG(1, 2)); name.Len()+3 <= 2600; { // nothing that PostgreSQL could compress
		name.WriteRune(rune(0x4E00 + random.IntN(0x5000)))
	}
	e := newEngine(t, c)
	e.write(workspaceBlock(name.String()) + environmentBlock(fmt.Sprintf("name = %q", name.String())) +
		fmt.Sprintf("resource \"cortex_consumer_group\" \"test\" {\n  environment_id = cortex_environment.test.id\n  name = %q\n}\n", name.String()))
	e.run(apply...)
	e.wantNoChanges()
	e.run(destroy...)
}
