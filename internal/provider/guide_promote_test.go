package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What was made by hand in Staging is promoted to Production, twice, and then everything is made anew in an empty Cortex.
func TestGuidePromote(t *testing.T) {
	c, recovery := cortextest.Start(t), cortextest.StartOther(t)
	w := c.CreateWorkspace(c.Name("Acme"), nil)
	staging := c.CreateEnvironment(w.ID, "Staging", nil)
	file := shopFile(t, c)
	const production = "/srv/cortex/production.db"
	productions := filepath.Join(filepath.Dir(file), filepath.Base(production))
	for _, name := range []string{file, productions} {
		c.SQLiteDatabase(name, cortextest.SampleTables()...)
		recovery.SQLiteDatabase(name, cortextest.SampleTables()...)
	}
	shop := c.CreateDataSource(staging.ID, map[string]any{"name": "Shop", "alias": "shop", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": file, "dialect": "sqlite"}})
	c.CreateDataSource(staging.ID, map[string]any{"name": "Warehouse", "alias": "warehouse", "source_catalog": "DATABASE", "source_type": "postgresql",
		"config": map[string]any{"host": "db.staging.example.com", "port": 5432, "database": "warehouse", "username": "cortex", "password": "hush", "dialect": "postgresql"}})
	orders := map[string]any{"name": "Orders", "data_source_id": shop.ID, "table_name": "orders", "measures": []any{map[string]any{"name": "orders", "description": "", "type": "count", "query": "id"}}}
	metric := c.CreateMetric(c.CreateDataModel(staging.ID, map[string]any{"name": "Sales"}).ID, orders)
	c.CreateDashboard(staging.ID, map[string]any{"name": "Sales", "type": "executive", "views": []any{map[string]any{"alias": "overview", "title": "Overview",
		"sections": []any{map[string]any{"alias": "sales", "position": 0, "widgets": []any{map[string]any{"alias": "orders", "section_alias": "sales", "position": 0, "grid_config": map[string]any{},
			"title": "Orders", "metric_id": metric.ID, "visualization": map[string]any{"type": "single_value", "data_mapping": map[string]any{"x_axis": map[string]any{"field": "orders"}}}}}}}}}})

	binary := buildProvider(t)
	folder := strings.NewReplacer("Acme", "acme", "-", "_").Replace(w.Name)
	e := newInstalled(t, binary, "CORTEX_API_URL="+c.URL(), "TF_VAR_warehouse_password=hush",
		"TF_VAR_"+folder+"__staging__warehouse_password=hush", "TF_VAR_"+folder+"__production__warehouse_password=hush")
	e.command(binary)
	outputs := map[string]string{}
	var want, shown string
	for _, f := range guide(t, c, "promote-an-environment") {
		text := strings.NewReplacer(production, productions, "https://recovery.example.com", recovery.URL()).Replace(f.text)
		switch {
		case f.language == "text": // of the plan
			wantWords(t, f.section, outputs[f.section], strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
			continue
		case f.language == "terraform":
			e.file(f.file, text)
			continue
		case f.section == "The next release" && outputs[f.section] == "":
			orders["measures"].([]any)[0].(map[string]any)["query"] = "customer_id"
			c.UpdateMetric(staging.ID, metric.ID, orders)
		}
		f.text = text
		outputs[f.section] += e.follow(f)
		if f.section == "What differs" {
			environment := environmentNamed(t, c, w.ID, "Production")
			places := map[string][]any{}
			for _, source := range c.DataSources(environment.ID) {
				places[source.Name] = []any{source.Config["host"], source.Config["file_path"]}
			}
			if diff := cmp.Diff(map[string][]any{"Shop": {nil, productions}, "Warehouse": {"db.production.example.com", nil}}, places); diff != "" {
				t.Errorf("the databases of Production (-want +got):\n%s", diff)
			}
			want = widgetsShown(c, w.Name)
		}
	}
	for section, words := range map[string][]string{
		"The module":            {"Exported 2 data sources, 1 data model, 1 metric, 1 dashboard to release.", "module \"staging\" {", "./release", "var.warehouse_password", "warehouse_host"},
		"What differs":          {"6 to add, 0 to change, 0 to destroy", "6 added"},
		"The next release":      {"0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
		"When a Cortex is lost": {"Exported 1 workspace, 2 environments, 4 data sources, 2 data models, 2 metrics, 2 dashboards to backup.", "13 to add", "13 added"},
	} {
		wantWords(t, section, outputs[section], words...)
	}
	if shown = widgetsShown(recovery, w.Name); shown != want || !strings.Contains(want, "4") {
		t.Errorf("the dashboards show %s, and after the recovery %s", want, shown)
	}
	e.run(destroy...)
	if err := os.RemoveAll(filepath.Join(e.Dir, "backup")); err != nil {
		t.Fatal(err)
	}
}

// widgetsShown is what the widget of the dashboard in each environment of a workspace shows, sorted.
func widgetsShown(c *cortextest.Cortex, workspace string) string {
	var all []string
	for _, w := range c.Workspaces() {
		if w.Name != workspace {
			continue
		}
		for _, e := range c.Environments(w.ID) {
			for _, d := range c.Dashboards(e.ID) {
				shown := c.RunWidget(d.ID, "overview", "orders")
				delete(shown, "metadata")
				all = append(all, fmt.Sprintln(e.Name+":", shown))
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}
