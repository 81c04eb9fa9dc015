package export

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Metrics of all shapes come under management without a change, and what is exported of them makes equal ones in another place, of which the plan is
// empty too.
func TestMetrics(t *testing.T) {
	c := cortextest.Start(t)
	data := filepath.Join(t.TempDir(), "shop.db")
	c.SQLiteDatabase(data, cortextest.SampleTables()...)
	w := c.CreateWorkspace(c.Name("Tenant"), nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	source := c.CreateDataSource(e.ID, map[string]any{"name": "Shop", "alias": "shop", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": data, "dialect": "sqlite"}})
	models := []string{c.CreateDataModel(e.ID, map[string]any{"name": "Sales"}).ID, c.CreateDataModel(e.ID, map[string]any{"name": "Other", "config": map[string]any{"k": 1}}).ID}
	for i, fields := range cortextest.SampleMetrics() {
		if i%3 > 0 {
			fields["data_source_id"] = source.ID
		}
		made := c.CreateMetric(models[i%2], fields)
		c.UpdateMetric(e.ID, made.ID, fields)
	}

	folder := filepath.Join(t.TempDir(), "out")
	if code, _, stderr := command(t, c, "-out", folder, "-workspace", w.Name); code != 0 || strings.Contains(stderr, "Not exported") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	engine := newEngine(t, folder, c.URL())
	there := len(cortextest.SampleMetrics()) + 5
	c.Reset()
	if r := engine.Run(t.Context(), "apply", "-auto-approve", "-no-color"); r.Code != 0 ||
		!strings.Contains(r.Stdout, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", there)) {
		t.Fatal(r)
	}
	if n := len(c.Writes()); n > 0 {
		t.Errorf("%d writes", n)
	}

	// The same in another workspace.
	other := c.Name("Copy")
	copied := newEngine(t, t.TempDir(), c.URL())
	for name, text := range configuration(t, folder) {
		text = regexp.MustCompile(`(?m)^import \{\n(?:.*\n)*?\}\n`).ReplaceAllString(text, "")
		if err := copied.Write(name, strings.ReplaceAll(text, quoted(w.Name), quoted(other))); err != nil {
			t.Fatal(err)
		}
	}
	if r := copied.Run(t.Context(), "apply", "-auto-approve", "-no-color"); r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there)) {
		t.Fatal(r)
	}
	if r := copied.Run(t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 0 {
		t.Errorf("the plan is not empty: %s", r)
	}
	var theCopy string
	for _, workspace := range c.Workspaces() {
		if workspace.Name == other {
			theCopy = c.Environments(workspace.ID)[0].ID
		}
	}
	if diff := cmp.Diff(shownMetrics(c, e.ID), shownMetrics(c, theCopy)); diff != "" {
		t.Errorf("the copies are others (-want +got):\n%s", diff)
	}
}

// shownMetrics returns the metrics of an environment by their names, without what is each one's own.
func shownMetrics(c *cortextest.Cortex, environment string) map[string]any {
	all := map[string]any{}
	for _, m := range c.Metrics(environment) {
		fields := maps.Clone(m.All)
		for _, name := range []string{"id", "environment_id", "data_model_id", "data_source_id", "created_at", "updated_at", "version"} {
			delete(fields, name)
		}
		all[m.Name] = fields
	}
	return all
}
