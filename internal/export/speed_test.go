package export

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// fillMix puts a mix of tenants into Cortex: in each environment of three in each workspace a data source, a data model, six metrics, four consumers, a
// group with a member, and a dashboard. It returns how many objects these are.
func fillMix(c *cortextest.Cortex, workspaces int) (n int) {
	for i := range workspaces {
		w := c.CreateWorkspace(fmt.Sprintf("Tenant %d", i), nil)
		n++
		for _, name := range []string{"Development", "Staging", "Production"} {
			e := c.CreateEnvironment(w.ID, name, nil).ID
			source := c.CreateDataSource(e, map[string]any{"name": "Sales", "alias": "sales", "source_catalog": "DATABASE", "source_type": "sqlite",
				"config": map[string]any{"file_path": "/srv/sales.db", "dialect": "sqlite"}}).ID
			model := c.CreateDataModel(e, map[string]any{"name": "Sales"}).ID
			var metrics []string
			for m := range 6 {
				metrics = append(metrics, c.CreateMetric(model, map[string]any{"name": fmt.Sprint("Metric ", m), "data_source_id": source, "table_name": "orders",
					"measures": []any{map[string]any{"name": "orders", "description": "", "type": "count", "query": "id"}}}).ID)
			}
			group := c.CreateConsumerGroup(e, map[string]any{"name": "Analysts"}).ID
			for p := range 4 {
				consumer := c.CreateConsumer(e, map[string]any{"email": fmt.Sprintf("person%d@example.com", p), "first_name": "Ann", "last_name": ""}).ID
				if p == 0 {
					c.AddMember(group, consumer)
				}
			}
			c.CreateDashboard(e, cortextest.SampleDashboards(metrics...)[0])
			n += 1 + 1 + 1 + 6 + 1 + 4 + 1 + 1
		}
	}
	return n
}

// The export of a thousand objects of all kinds sends one list for each kind in each place, and no more.
func TestExportOfMix(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	n := fillMix(c, 20)
	c.Reset()
	began := time.Now()
	if code, _, stderr := command(t, c, "-out", filepath.Join(t.TempDir(), "out"), "-workspace", "Tenant *"); code != 0 {
		t.Fatal(stderr)
	}
	requests := len(c.Requests())
	t.Logf("%d objects with %d requests in %s", n, requests, time.Since(began).Round(time.Millisecond))
	if want := 1 + 20 + 20*3*6; requests != want || n != 980 {
		t.Errorf("%d requests for %d objects, want %d", requests, n, want)
	}
}
