package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// tenantKeys and environmentKeys are the keys of the resources in tenants.
var (
	tenantKeys      = []string{"a", "b", "c"}
	environmentKeys = []string{"dev", "prod", "test"}
)

// tenants is the configuration of three workspaces with three environments each. The attributes are HCL in the resources' blocks.
func tenants(workspace, environment string) string {
	return fmt.Sprintf(`
resource "cortex_workspace" "tenant" {
  for_each = toset(["a", "b", "c"])

%s
}

resource "cortex_environment" "tenant" {
  for_each = {
    for pair in setproduct(["a", "b", "c"], ["dev", "prod", "test"]) : "${pair[0]}/${pair[1]}" => { tenant = pair[0], name = pair[1] }
  }

  workspace_id = cortex_workspace.tenant[each.value.tenant].id
%s
}
`, workspace, environment)
}

// The main job from nothing to nothing, as a team has it with a configuration of some size.
func TestTenants(t *testing.T) {
	c := cortextest.Start(t)
	foreign := c.CreateWorkspace(c.Name("foreign"), nil)
	c.CreateEnvironment(foreign.ID, "dev", nil)
	before := c.Contents()
	e := newEngine(t, c)
	prefix := c.Name("tenant")

	// settle applies a configuration, which must do just this by just these writes, and wants an empty plan without a write.
	settle := func(body, done string, writes map[string]int) {
		t.Helper()
		e.write(body)
		c.Reset()
		if out := e.run("apply", "-auto-approve", "-no-color"); !strings.Contains(out, "Apply complete! Resources: "+done) {
			t.Errorf("apply does not say %q:\n%s", done, out)
		}
		if diff := cmp.Diff(writes, writeCounts(c)); diff != "" {
			t.Errorf("the writes of apply (-want +got):\n%s", diff)
		}
		c.Reset()
		e.wantNoChanges()
		wantWrites(t, c)
	}

	body := tenants(fmt.Sprintf(`  name = "%s ${each.key}"`, prefix), "  name = each.value.name")
	settle(body, "12 added, 0 changed, 0 destroyed.", map[string]int{"POST /workspaces": 3, "POST /environments": 9})

	// Every attribute that can be edited, to another value and then back to none.
	edited := tenants(fmt.Sprintf(`
  name                = "%s ${upper(each.key)}"
  description         = "Everything of ${each.key}"
  deletion_protection = true
  force_destroy       = true`, prefix), `
  name                = upper(each.value.name)
  description         = "${each.value.name} of ${each.value.tenant}"
  deletion_protection = true
  force_destroy       = true`)
	settle(edited, "0 added, 12 changed, 0 destroyed.", map[string]int{"PUT /workspaces/{id}": 3, "PUT /environments/{id}": 9})
	w := workspaceNamed(t, c, prefix+" A")
	if w.Description == nil || *w.Description != "Everything of a" {
		t.Errorf("the edited workspace is %+v", w)
	}
	if got := environmentNamed(t, c, w.ID, "PROD"); got.Description == nil || *got.Description != "prod of a" {
		t.Errorf("the edited environment is %+v", got)
	}
	settle(body, "0 added, 12 changed, 0 destroyed.", map[string]int{"PUT /workspaces/{id}": 3, "PUT /environments/{id}": 9})
	if got := environmentNamed(t, c, workspaceNamed(t, c, prefix+" a").ID, "prod"); got.Description == nil || *got.Description != defaultDescription {
		t.Errorf("the environment without a description is %+v", got)
	}

	// Deletions behind Terraform's back: one environment, and a whole workspace.
	c.DeleteEnvironment(environmentNamed(t, c, workspaceNamed(t, c, prefix+" a").ID, "prod").ID)
	gone := workspaceNamed(t, c, prefix+" c")
	for _, environment := range c.Environments(gone.ID) {
		c.DeleteEnvironment(environment.ID)
	}
	c.DeleteWorkspace(gone.ID)
	if r := e.try("plan", "-detailed-exitcode"); r.Code != 2 {
		t.Errorf("the plan does not see what is gone: %s", r)
	}
	settle(body, "5 added, 0 changed, 0 destroyed.", map[string]int{"POST /workspaces": 1, "POST /environments": 4})

	// All of it into an empty state, in each way that the engine has.
	ways := map[string]func(name, id string) string{
		"id":   func(_, id string) string { return fmt.Sprintf("  id = %q\n", id) },
		"name": func(name, _ string) string { return fmt.Sprintf("  id = %q\n", name) },
	}
	if e.knowsIdentities() {
		ways["identity"] = func(_, id string) string { return fmt.Sprintf("  identity = { id = %q }\n", id) }
	}
	for way, source := range ways {
		var blocks strings.Builder
		add := func(address, name, id string) {
			fmt.Fprintf(&blocks, "import {\n  to = %s\n%s}\n", address, source(name, id))
		}
		for _, tenant := range tenantKeys {
			w := workspaceNamed(t, c, prefix+" "+tenant)
			add(fmt.Sprintf("cortex_workspace.tenant[%q]", tenant), w.Name, w.ID)
			for _, key := range environmentKeys {
				environment := environmentNamed(t, c, w.ID, key)
				add(fmt.Sprintf("cortex_environment.tenant[%q]", tenant+"/"+key), w.Name+"/"+key, environment.ID)
			}
		}
		if err := os.Remove(filepath.Join(e.Dir, "terraform.tfstate")); err != nil {
			t.Fatal(err)
		}
		t.Log("import by " + way)
		settle(body+blocks.String(), "12 imported, 0 added, 0 changed, 0 destroyed.", map[string]int{})
	}

	c.Reset()
	e.run(destroy...)
	if diff := cmp.Diff(map[string]int{"DELETE /workspaces/{id}": 3, "DELETE /environments/{id}": 9}, writeCounts(c)); diff != "" {
		t.Errorf("the writes of destroy (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, c.Contents()); diff != "" {
		t.Errorf("the server's contents before and after (-before +after):\n%s", diff)
	}
	if got := e.resources(); len(got) > 0 {
		t.Errorf("the state holds %q", got)
	}
	for _, environment := range c.Environments(foreign.ID) {
		c.DeleteEnvironment(environment.ID)
	}
	c.DeleteWorkspace(foreign.ID)
}

// writeCounts counts the writes since the last Reset by method and path.
func writeCounts(c *cortextest.Cortex) map[string]int {
	counts := map[string]int{}
	for _, r := range c.Writes() {
		counts[r.Method+" "+idPattern.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{id}")]++
	}
	return counts
}
