package export

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// fillEnvironment puts some of everything into an environment, with a database in a file.
func fillEnvironment(c *cortextest.Cortex, environment, file string) {
	for i, name := range []string{"Ann", "Zoë"} {
		group := c.CreateConsumerGroup(environment, map[string]any{"name": "Group " + name, "alias": name, "properties": map[string]any{"level": i}})
		consumer := c.CreateConsumer(environment, map[string]any{"email": fmt.Sprintf("person%d@example.com", i), "first_name": name, "last_name": "", "organization": "Acme"})
		c.AddMember(group.ID, consumer.ID)
	}
	source := func(name, kind string, config map[string]any) string {
		config["dialect"] = kind
		return c.CreateDataSource(environment, map[string]any{"name": name, "alias": "a", "source_catalog": "DATABASE", "source_type": kind, "config": config}).ID
	}
	sources := []string{
		source("Shop", "sqlite", map[string]any{"file_path": file}),
		source("Warehouse", "postgresql", map[string]any{"host": "db.example.com", "port": 5432, "database": "w", "username": "ann", "password": "hush"}),
		source("Stock", "mysql", map[string]any{"host": "db.example.com", "port": 3307, "database": "s", "username": "bob", "password": "hush"}),
	}
	models := []string{c.CreateDataModel(environment, map[string]any{"name": "2024 Sales"}).ID, c.CreateDataModel(environment, map[string]any{"name": "Other", "config": map[string]any{"k": 1}}).ID}
	var metrics []string
	for i, fields := range cortextest.SampleMetrics() {
		if i%20 > 0 && fields["name"] != "Everything" {
			continue
		}
		fields["data_source_id"] = sources[i%len(sources)]
		made := c.CreateMetric(models[i%2], fields)
		c.UpdateMetric(environment, made.ID, fields)
		metrics = append(metrics, made.ID)
	}
	for _, fields := range cortextest.SampleDashboards(metrics[:2]...) {
		c.CreateDashboard(environment, fields)
	}
}

// passwords are the variables of the passwords in an environment, after a prefix.
func passwords(prefix string) string {
	return fmt.Sprintf("%[1]sstock_password = \"hush\"\n%[1]swarehouse_password = \"hush\"\n", prefix)
}

// exported runs the export against c, which must say this, and returns what is in the folder.
func exported(t *testing.T, c *cortextest.Cortex, folder, says string, args ...string) map[string]string {
	t.Helper()
	code, _, stderr := command(t, c, append(args, "-out", folder)...)
	if code != 0 || !strings.Contains(stderr, says) {
		t.Fatalf("export %q: exit code %d, want %q: %s", args, code, says, stderr)
	}
	return configuration(t, folder)
}

// wantNoIDs wants no id of Cortex in a module.
func wantNoIDs(t *testing.T, files map[string]string) {
	t.Helper()
	for name, text := range files {
		if found := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}`).FindString(text); found != "" || strings.Contains(text, "import {") || strings.Contains(text, "provider \"") {
			t.Errorf("%s is no file of a module without ids (%s):\n%s", name, found, text)
		}
	}
}

// applied writes files into a new folder, gets the modules and applies.
func applied(t *testing.T, c *cortextest.Cortex, files map[string]string, says string) *enginetest.Engine {
	t.Helper()
	engine := newEngine(t, t.TempDir(), c.URL())
	for name, text := range files {
		if err := engine.Write(name, text); err != nil {
			t.Fatal(err)
		}
	}
	if r := engine.Run(t.Context(), "get"); r.Code != 0 {
		t.Fatal(r)
	}
	wantApplied(t, engine, says)
	return engine
}

// inFolder is files in a folder.
func inFolder(folder string, files map[string]string) map[string]string {
	moved := map[string]string{}
	for name, text := range files {
		moved[filepath.Join(folder, name)] = text
	}
	return moved
}

// A tenant is promoted from one environment to another, copied to an empty second Cortex environment by environment and as a whole, and everywhere it is
// equal: exports of the copies have the same bytes.
func TestCopies(t *testing.T) {
	c, second := cortextest.Start(t), cortextest.StartOther(t)
	file := filepath.Join(t.TempDir(), "shop.db")
	w := c.CreateWorkspace(c.Name("Tenant"), ptr("All of it"))
	production, staging := c.CreateEnvironment(w.ID, "Production", ptr("")), c.CreateEnvironment(w.ID, "Staging", nil)
	fillEnvironment(c, production.ID, file)
	newEngine(t, t.TempDir(), c.URL()) // skips without an engine

	c.Reset()
	module := exported(t, c, filepath.Join(t.TempDir(), "module"), `
It makes an equal copy in the environment that a configuration tells it:

module "production" {
  source             = "`, "-environment", w.Name+"/Production", "-as-module")
	if n := len(c.Requests()); n != 1+1+6 {
		t.Errorf("the export of an environment sent %d requests", n)
	}
	wantNoIDs(t, module)
	if got := slices.Sorted(maps.Keys(module)); !slices.Equal(got, []string{"consumer_group_members.tf", "consumer_groups.tf", "consumers.tf", "dashboards.tf", "data_models.tf",
		"data_sources.tf", "metrics.tf", "variables.tf", "versions.tf"}) {
		t.Errorf("the files are %q", got)
	}
	for _, variable := range []string{"environment_id", "shop_file_path", "stock_host", "stock_port", "warehouse_database", "warehouse_host", "warehouse_port", "warehouse_username", "warehouse_password"} {
		if !strings.Contains(module["variables.tf"], fmt.Sprintf("variable %q {", variable)) {
			t.Errorf("there is no variable %s:\n%s", variable, module["variables.tf"])
		}
	}
	there := strings.Count(fmt.Sprint(module), "resource \"")

	// Promotion, and back to where it came from: nothing says what differs, so nothing does.
	root := inFolder("tenant", module)
	root["main.tf"] = fmt.Sprintf("%smodule \"staging\" {\n  source = \"./tenant\"\n  environment_id = %q\n  %s}\n", required, staging.ID, passwords(""))
	promoted := applied(t, c, root, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there))
	if diff := cmp.Diff(module, exported(t, c, t.TempDir(), "Exported 2 consumers", "-environment", w.ID+"/Staging", "-as-module")); diff != "" {
		t.Errorf("the copy is another (-first +copy):\n%s", diff)
	}
	if diff := cmp.Diff(shownMetrics(c, production.ID), shownMetrics(c, staging.ID)) + cmp.Diff(shownDashboards(c, production.ID), shownDashboards(c, staging.ID)); diff != "" {
		t.Errorf("the copies are others (-want +got):\n%s", diff)
	}
	// Another host is one line.
	if err := promoted.Write("main.tf", strings.Replace(root["main.tf"], "  environment_id", "  warehouse_host = \"other.example.com\"\n  warehouse_port = 5433\n  environment_id", 1)); err != nil {
		t.Fatal(err)
	}
	wantApplied(t, promoted, "0 added, 1 changed, 0 destroyed")
	other := exported(t, c, t.TempDir(), "", "-environment", staging.ID, "-as-module")
	if got := other["variables.tf"]; strings.Count(got, `default     = "other.example.com"`) != 1 || strings.Count(got, "default     = 5433") != 1 {
		t.Errorf("the variables are\n%s", got)
	}
	delete(other, "variables.tf")
	for name, text := range other {
		if text != module[name] {
			t.Errorf("%s is another for another host:\n%s", name, text)
		}
	}
	if err := promoted.Write("main.tf", root["main.tf"]); err != nil {
		t.Fatal(err)
	}
	wantApplied(t, promoted, "0 added, 1 changed, 0 destroyed")

	// One environment in the second Cortex.
	root = inFolder("tenant", module)
	root["main.tf"] = fmt.Sprintf(`%sresource "cortex_workspace" "one" {
  name = "One"
}
resource "cortex_environment" "one" {
  workspace_id = cortex_workspace.one.id
  name         = "a/b"
}
module "one" {
  source         = "./tenant"
  environment_id = cortex_environment.one.id
  %s}
`, required, passwords(""))
	applied(t, second, root, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there+2))
	if diff := cmp.Diff(module, exported(t, second, t.TempDir(), "Exported 2 consumers", "-environment", "One/a/b", "-as-module")); diff != "" {
		t.Errorf("the copy in the second Cortex is another (-first +copy):\n%s", diff)
	}

	// All of it.
	first := t.TempDir()
	tenant := exported(t, c, first, "Exported 1 workspace, 2 environments", "-workspace", w.ID)
	copied := maps.Clone(tenant)
	delete(copied, "imports.tf")
	var folder string
	for name := range tenant {
		if strings.HasSuffix(name, "/workspace.tf") {
			folder = filepath.Dir(name)
		}
	}
	copied["terraform.tfvars"] = passwords(folder+"__production__") + passwords(folder+"__staging__")
	applied(t, second, copied, fmt.Sprintf("%d added, 0 changed, 0 destroyed", 2*there+3))
	again := exported(t, second, t.TempDir(), "Exported 1 workspace, 2 environments", "-workspace", w.Name)
	delete(tenant, "imports.tf")
	delete(again, "imports.tf")
	if diff := cmp.Diff(tenant, again); diff != "" {
		t.Errorf("the copy of the whole tenant is another (-first +copy):\n%s", diff)
	}
	// What was exported is imported, and that changes nothing.
	if err := os.WriteFile(filepath.Join(first, "terraform.tfvars"), []byte(copied["terraform.tfvars"]), 0o600); err != nil {
		t.Fatal(err)
	}
	imports := newRoot(t, first, c.URL())
	changes := 0
	if _, v, err := imports.Version(t.Context()); err != nil {
		t.Fatal(err)
	} else if v.LessThan(version.Must(version.NewVersion("1.7.0"))) {
		changes = 4 // that the passwords are sensitive, as in TestSecrets
	}
	if r := imports.Run(t.Context(), "plan", "-no-color"); !strings.Contains(r.Stdout, fmt.Sprintf("%d to import, 0 to add, %d to change, 0 to destroy", 2*there+3, changes)) {
		t.Error(r)
	}
}

// The demo's tenant, exported and applied to an empty second Cortex, has a dashboard that shows the same rows.
func TestCopiedDemo(t *testing.T) {
	c, second := cortextest.Start(t), cortextest.StartOther(t)
	file := filepath.Join(t.TempDir(), "shop.db")
	for _, c := range []*cortextest.Cortex{c, second} {
		c.SQLiteDatabase(file, cortextest.Table{Name: "orders",
			Columns: []cortextest.Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "region", Type: "VARCHAR(20)"}, {Name: "gross", Type: "INTEGER"}},
			Rows:    [][]any{{1, "EMEA", 120}, {2, "AMER", 60}, {3, "EMEA", 240}}})
	}
	demo := map[string]string{"terraform.tfvars": fmt.Sprintf("prefix = %q\ndatabase = %q\n", c.Name("demo"), file)}
	for _, name := range []string{"tenant.tf", "semantics.tf"} {
		text, err := os.ReadFile(filepath.Join("..", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		demo[name] = string(text)
	}
	engine := applied(t, c, demo, " added, 0 changed, 0 destroyed")
	name := c.Name("demo") + " Acme"
	tenant := exported(t, c, t.TempDir(), "Exported 1 workspace, 2 environments", "-workspace", name)
	delete(tenant, "imports.tf")
	applied(t, second, tenant, fmt.Sprintf("%d added, 0 changed, 0 destroyed", strings.Count(fmt.Sprint(tenant), "resource \"")))
	shown := func(c *cortextest.Cortex) (all []string) {
		for _, w := range c.Workspaces() {
			if w.Name != name {
				continue
			}
			for _, e := range c.Environments(w.ID) {
				for _, d := range c.Dashboards(e.ID) {
					for _, widget := range []string{"orders", "revenue"} {
						all = append(all, fmt.Sprint(e.Name, d.Name, widget, c.RunWidget(d.ID, "overview", widget)))
					}
				}
			}
		}
		slices.Sort(all)
		return all
	}
	want := shown(c)
	if len(want) != 4 || !strings.Contains(fmt.Sprint(want), "EMEA") || !strings.Contains(fmt.Sprint(want), "360") {
		t.Errorf("the demo shows %q", want)
	}
	if diff := cmp.Diff(want, shown(second)); diff != "" {
		t.Errorf("the copy shows something else (-want +got):\n%s", diff)
	}
	if r := engine.Run(t.Context(), "destroy", "-auto-approve", "-no-color"); r.Code != 0 {
		t.Error(r)
	}
}
