package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Every file of the guide is written and every command run, for tenants that are there before.
func TestGuideExistingTenants(t *testing.T) {
	c := cortextest.Start(t)
	var workspaces, environments []string
	for _, tenant := range []struct {
		name        string
		description *string
	}{{"Acme", ptr("Everything of " + c.Name("Acme") + " Ltd")}, {"Globex", nil}} {
		w := c.CreateWorkspace(c.Name(tenant.name), tenant.description)
		workspaces = append(workspaces, w.ID)
		for _, name := range []string{"Development", "Production"} {
			environments = append(environments, c.CreateEnvironment(w.ID, name, ptr(defaultDescription)).ID)
		}
	}
	inside := environments[len(environments)-1]
	consumer := c.CreateConsumer(inside, map[string]any{"first_name": "Ann", "last_name": "", "email": "ann@example.com", "properties": map[string]any{"level": 3}})
	group := c.CreateConsumerGroup(inside, map[string]any{"name": "Analysts"})
	c.AddMember(group.ID, consumer.ID)
	before := c.Contents()
	binary := buildProvider(t)
	e := newInstalled(t, binary, "CORTEX_API_URL="+c.URL())
	e.command(binary)
	const forEach = "import with for_each"
	knows := knowsForEach(e)
	c.Reset()
	outputs := map[string]string{}
	for _, f := range guide(t, c, "existing-tenants") {
		if f.section == forEach && !knows {
			continue
		}
		if f.language != "shell" {
			e.file(f.file, f.text)
			continue
		}
		out := e.follow(f)
		if outputs[f.section] == "" && f.section == "Export" { // the export itself
			e.wantExported(c)
		}
		outputs[f.section] += out
	}
	imported := func(n int) []string {
		return []string{fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", n), fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", n), "No changes."}
	}
	said := map[string][]string{
		"Export": append([]string{"Exported 2 workspaces, 4 environments, 1 consumer, 1 consumer group, 1 consumer group member to tenants.",
			`"9 to import, 0 to add, 0 to change, 0 to destroy"`}, imported(9)...),
		"Undo": {"Removed module.", ".cortex_environment.", "Successfully removed 9 resource instance(s)."},
	}
	if knows {
		said[forEach] = imported(6)
	}
	for section, words := range said {
		wantWords(t, section, outputs[section], words...)
		delete(outputs, section)
	}
	for section := range outputs {
		t.Errorf("section %q has commands that this test does not know", section)
	}
	wantWrites(t, c)
	if diff := cmp.Diff(before, c.Contents()); diff != "" {
		t.Errorf("what the guide changes (-before +after):\n%s", diff)
	}
	c.DeleteConsumerGroup(group.ID)
	c.DeleteConsumer(consumer.ID)
	for _, id := range environments {
		c.DeleteEnvironment(id)
	}
	for _, id := range workspaces {
		c.DeleteWorkspace(id)
	}
}

// wantExported wants what the guide says of the export: the lists that it asks for, references, and properties as people write them.
func (e *engine) wantExported(c *cortextest.Cortex) {
	e.t.Helper()
	lists := map[string]int{}
	for _, r := range c.Requests() {
		lists[r.Method+" "+idPattern.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{id}")]++
	}
	want := map[string]int{"GET /workspaces": 1, "GET /environments": 2, "GET /environments/{id}/consumers": 4, "GET /environments/{id}/consumers/groups": 4,
		"GET /environments/{id}/data/sources": 4, "GET /data/models": 4, "GET /metrics": 4, "GET /environments/{id}/dashboards": 4}
	if diff := cmp.Diff(want, lists); diff != "" {
		e.t.Errorf("the requests of the export (-want +got):\n%s", diff)
	}
	var all strings.Builder
	var files []string
	for _, pattern := range []string{"*.tf", "*/*.tf"} {
		names, err := filepath.Glob(filepath.Join(e.Dir, "tenants", pattern))
		if err != nil {
			e.t.Fatal(err)
		}
		files = append(files, names...)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			e.t.Fatal(err)
		}
		all.Write(text)
	}
	if len(files) != 3+2*2+3 { // of the root, of both workspaces, and of three kinds
		e.t.Errorf("the export wrote %q", files)
	}
	for _, line := range []string{`environment_id += cortex_environment\.\w+\.id`, `group_id += cortex_consumer_group\.\w+\.id`,
		`consumer_id += cortex_consumer\.\w+\.id`, `properties += jsonencode\(`} {
		if !regexp.MustCompile(line).MatchString(all.String()) {
			e.t.Errorf("the export has no %s:\n%s", line, &all)
		}
	}
}

// knowsForEach tells whether the engine knows for_each in import blocks, which the oldest one that the provider supports does not.
func knowsForEach(e *engine) bool {
	e.t.Helper()
	return e.version().GreaterThanOrEqual(version.Must(version.NewVersion("1.7.0")))
}

// The imports of the guide at scale: 100 objects cost what a plan of them costs, and what is missing is made besides.
func TestGuideExistingTenantsRequests(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: there is nothing else to read
	const tenants = 34
	var lines strings.Builder
	for i := range tenants {
		name := fmt.Sprintf("Tenant %d", i)
		fmt.Fprintf(&lines, "  t%d = { name = %q }\n", i, name)
		w := c.CreateWorkspace(name, nil)
		c.CreateEnvironment(w.ID, "Production", ptr(defaultDescription))
		if i > 0 { // one is missing
			c.CreateEnvironment(w.ID, "Development", ptr(defaultDescription))
		}
	}
	e := newEngine(t, c, patient+"=1")
	if !knowsForEach(e) {
		t.Skip("the engine does not know for_each in import blocks")
	}
	for _, name := range []string{"main.tf", "imports.tf"} {
		text, err := os.ReadFile(filepath.Join(examples, "guides", "existing-tenants", "for-each", name))
		if err != nil {
			t.Fatal(err)
		}
		e.file(name, string(text))
	}
	e.file("terraform.tfvars", "tenants = {\n"+lines.String()+"}\n")
	c.Reset()
	out := e.run("plan", "-out=plan", "-no-color")
	wantWords(t, "the plan", out, "101 to import, 1 to add, 0 to change, 0 to destroy")
	// The lists of the data sources, and those that answer for the objects.
	if got, want := len(c.Requests()), 2*(1+tenants); got != want {
		t.Errorf("the plan sent %d requests, want %d", got, want)
	}
	wantWrites(t, c)
	c.Reset()
	wantWords(t, "the apply", e.run("apply", "-no-color", "plan"), "101 imported, 1 added, 0 changed, 0 destroyed")
	wantWrites(t, c, "POST /environments")
	c.Reset()
	e.wantNoChanges()
	wantWrites(t, c)
}
