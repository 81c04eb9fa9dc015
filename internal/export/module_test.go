package export

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// How the environment of a module is said, and what is said where there is not exactly one.
func TestEnvironmentOption(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	w, slashed := c.CreateWorkspace("Acme", nil), c.CreateWorkspace("Acme/EU", nil)
	e, nested := c.CreateEnvironment(w.ID, "Production", nil), c.CreateEnvironment(slashed.ID, "Production", nil)
	c.CreateEnvironment(w.ID, "x", nil)
	twin := c.CreateEnvironment(w.ID, "EU/Production", nil)
	for _, id := range []string{e.ID, nested.ID, twin.ID} {
		c.CreateDataModel(id, map[string]any{"name": "of " + id})
	}
	for _, test := range []struct{ text, says string }{
		{"Acme/Production", e.ID},
		{w.ID + "/Production", e.ID},
		{w.ID + "/" + e.ID, e.ID},
		{strings.ToUpper(e.ID), e.ID},
		{slashed.ID + "/Production", nested.ID},
		{"Acme/" + twin.ID, twin.ID},
		{"Acme/EU/Production", "there are several; choose one by its id:\n  - environment \"EU/Production\" (" + twin.ID + ")\n  - environment \"Production\" (" + nested.ID + ")\n"},
		{"Acme/production", "there is no such environment; there are:\n  - environment \"EU/Production\" (" + twin.ID + ")\n  - environment \"Production\" (" + e.ID},
		{"acme/Production", "no workspace with an environment in it has what stands before a slash as its id or name; there are:\n  - workspace \"Acme\" (" + w.ID},
		{"Production", "write WORKSPACE/ENVIRONMENT, where each is a name or an id"},
		{w.ID, "no environment has this id"},
	} {
		code, stdout, stderr := command(t, c, "-out", "-", "-environment", test.text, "-as-module")
		switch isID := len(test.says) == len(e.ID); {
		case isID && (code != 0 || stderr != "" || !strings.Contains(stdout, `"of `+test.says) || strings.Count(stdout, "resource") != 1):
			t.Errorf("%q: exit code %d, %s\n%s", test.text, code, stderr, stdout)
		case !isID && (code != 1 || stdout != "" || !strings.HasPrefix(stderr, fmt.Sprintf("Error: Cannot find environment %q: ", test.text)) || !strings.Contains(strings.ToLower(stderr), strings.ToLower(test.says))):
			t.Errorf("%q: exit code %d, %s, want %q", test.text, code, stderr, test.says)
		}
	}
	for _, test := range []struct{ args, says string }{
		{"-environment Acme/Production", "-environment is for -as-module: add that"},
		{"-as-module", "-as-module wants to know the environment"},
		{"-as-module -environment Acme/Production -workspace Acme", "-workspace is not for -as-module"},
	} {
		if code, _, stderr := command(t, c, append(strings.Fields(test.args), "-out", "x")...); code != 2 || !strings.HasPrefix(stderr, test.says) {
			t.Errorf("%s: exit code %d, %q", test.args, code, stderr)
		}
	}
}

// A module is all of an environment or nothing. What is of other environments is asked for by variables.
func TestModule(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	w := c.CreateWorkspace("Acme", nil)
	e, elsewhere := c.CreateEnvironment(w.ID, "Production", nil).ID, c.CreateEnvironment(w.ID, "Staging", nil).ID
	folder := filepath.Join(t.TempDir(), "module")
	export := func(code int, says string) {
		t.Helper()
		if got, _, stderr := command(t, c, "-out", folder, "-environment", "Acme/Production", "-as-module", "-force"); got != code || stderr != says {
			t.Fatalf("exit code %d, and it says\n%s\nwant\n%s", got, stderr, says)
		}
	}
	use := func(more string) string {
		return fmt.Sprintf("It makes an equal copy in the environment that a configuration tells it:\n\nmodule \"production\" {\n%s}\n\n", strings.NewReplacer("FOLDER", folder).Replace(more))
	}
	export(0, "Exported nothing to "+folder+".\n"+use("  source         = \"FOLDER\"\n  environment_id = cortex_environment.production.id\n"))

	var metrics []string
	for _, name := range []string{"Revenue", "Orders"} {
		metrics = append(metrics, c.CreateMetric(c.CreateDataModel(elsewhere, map[string]any{"name": name}).ID, map[string]any{"name": name}).ID)
	}
	widget := func(alias, metric string) map[string]any {
		return map[string]any{"alias": alias, "section_alias": "s", "position": 0, "grid_config": map[string]any{}, "title": alias, "metric_id": metric,
			"visualization": map[string]any{"type": "table", "data_mapping": map[string]any{}}}
	}
	board := c.CreateDashboard(e, map[string]any{"name": "Sales", "type": "executive", "views": []any{map[string]any{"alias": "v", "title": "V", "sections": []any{map[string]any{
		"alias": "s", "position": 0, "widgets": []any{widget("a", metrics[0]), widget("b", metrics[1]), widget("c", metrics[0])}}}}}})
	c.CreateDataSource(e, map[string]any{"name": "Lake", "alias": "a", "source_catalog": "DATABASE", "source_type": "snowflake", "config": map[string]any{"account": "acme"}})
	var noted string
	for i, metric := range metrics {
		noted += fmt.Sprintf("No reference: dashboard \"Sales\" (%s) has the id of metric %s, which is not in the environment: the variable sales_metric_id%s is for it\n", board.ID, metric, []string{"", "_2"}[i])
	}
	export(0, noted+"Exported 1 data source, 1 dashboard to "+folder+".\n"+use(`  source            = "FOLDER"
  environment_id    = cortex_environment.production.id
  lake_config       = var.lake_config
  sales_metric_id   = var.sales_metric_id
  sales_metric_id_2 = var.sales_metric_id_2
`))
	files := configuration(t, folder)
	wantNoIDs(t, files)
	if got := files["dashboards.tf"]; strings.Count(got, "= var.sales_metric_id\n") != 2 || strings.Count(got, "= var.sales_metric_id_2\n") != 1 {
		t.Errorf("the dashboard is\n%s", got)
	}
	if got := files["variables.tf"]; !strings.Contains(got, `variable "sales_metric_id_2" {
  description = "The id of a metric that cortex_dashboard.sales refers to, and that is not in the environment which this module was made of."`) {
		t.Errorf("the variables are\n%s", got)
	}

	unfit := c.CreateDataSource(e, map[string]any{"name": "Unfit", "alias": "a", "source_catalog": "DATABASE", "source_type": "postgresql", "config": map[string]any{"host": "db"}})
	before := configuration(t, folder)
	code, _, stderr := command(t, c, "-out", folder, "-environment", e, "-as-module", "-force")
	if code != 1 || !strings.HasPrefix(stderr, `Not exported: data source "Unfit" (`+unfit.ID+`): Missing postgresql.database`) ||
		!strings.HasSuffix(stderr, "Error: nothing was written, because a copy by the module would lack what is named above: make it fit, or delete it\n") {
		t.Errorf("exit code %d, and it says\n%s", code, stderr)
	}
	if after := configuration(t, folder); len(after) != len(before) {
		t.Error("something was written all the same")
	}
}

// What refers to an object of another workspace is told its id by the root.
func TestReferencesAcrossWorkspaces(t *testing.T) {
	c := cortextest.Start(t)
	newEngine(t, t.TempDir(), c.URL()) // skips without an engine
	var environments, metrics []string
	for _, name := range []string{"Acme", "Globex"} {
		e := c.CreateEnvironment(c.CreateWorkspace(c.Name(name), nil).ID, "Production", nil).ID
		metrics = append(metrics, c.CreateMetric(c.CreateDataModel(e, map[string]any{"name": "Sales"}).ID, map[string]any{"name": "Revenue"}).ID)
		environments = append(environments, e)
	}
	for i, e := range environments {
		c.CreateDashboard(e, cortextest.SampleDashboards(metrics[1-i], metrics[i])[0])
	}
	folder := filepath.Join(t.TempDir(), "out")
	files := exported(t, c, folder, "Exported 2 workspaces, 2 environments, 2 data models, 2 metrics, 2 dashboards", "-workspace", c.Name("Acme"), "-workspace", c.Name("Globex"))
	imports := files["imports.tf"]
	delete(files, "imports.tf")
	for name, text := range files {
		for _, id := range metrics {
			if strings.Contains(text, id) {
				t.Errorf("%s has the id of a metric:\n%s", name, text)
			}
		}
	}
	if strings.Count(fmt.Sprint(files), "output \"") != 2 || imports == "" {
		t.Errorf("the files are %q", files)
	}
	c.Reset()
	wantApplied(t, newRoot(t, folder, c.URL()), "10 imported, 0 added, 0 changed, 0 destroyed")
	if n := len(c.Writes()); n > 0 {
		t.Errorf("%d writes", n)
	}
}

// Files in folders in the folder: all or nothing, none overwritten without force, and old ones are named.
func TestSaveFolders(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a")
	if err := save(folder, filesOf("x.tf", "1", "acme/y.tf", "1", "acme/old.tf", "1"), false); err != nil {
		t.Fatal(err)
	}
	next := filesOf("acme/y.tf", "2", "globex/z.tf", "2", "w.tf", "2")
	if err := save(folder, next, false); err == nil || !strings.Contains(err.Error(), filepath.Join(folder, "acme", "y.tf")+"\n") || entries(t, folder) != "acme x.tf" {
		t.Errorf("%v, and there is %q", err, entries(t, folder))
	}
	// One file cannot be put in its place.
	staged := filepath.Join(t.TempDir(), "staged")
	if err := save(staged, next, false); err != nil {
		t.Fatal(err)
	}
	if err := replace(folder, staged, append(next, file{name: "globex/missing.tf"})); err == nil {
		t.Fatal("no error")
	}
	if got := configuration(t, folder); entries(t, folder) != "acme x.tf" || got["acme/y.tf"] != "1" {
		t.Errorf("there is %q", got)
	}
	if err := save(folder, next, true); err != nil {
		t.Fatal(err)
	}
	if got := configuration(t, folder); entries(t, folder) != "acme globex w.tf x.tf" || got["acme/y.tf"] != "2" || got["globex/z.tf"] != "2" {
		t.Errorf("with -force there is %q", got)
	}
	if got := strings.Join(otherConfiguration(folder, next), " "); got != "x.tf acme/old.tf" {
		t.Errorf("the other files are %q", got)
	}
	if err := os.WriteFile(filepath.Join(folder, "initech"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := save(folder, filesOf("initech/z.tf", ""), true); err == nil || !strings.HasSuffix(err.Error(), "initech is not a folder") {
		t.Errorf("the error is %v", err)
	}
}
