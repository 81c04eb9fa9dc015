package provider

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// The guide's table of what an import block may say has every kind, and each of its forms imports the object.
func TestGuideImportForms(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	w := c.CreateWorkspace("Acme", nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	consumer := c.CreateConsumer(e.ID, map[string]any{"first_name": "Ann", "last_name": "Lee", "email": "ann@example.com"})
	group := c.CreateConsumerGroup(e.ID, map[string]any{"name": "Analysts"})
	c.AddMember(group.ID, consumer.ID)
	source := c.CreateDataSource(e.ID, map[string]any{"name": "Sales", "alias": "sales", "source_catalog": "DATABASE", "source_type": "sqlite", "config": map[string]any{"file_path": "/sales.db"}})
	model := c.CreateDataModel(e.ID, map[string]any{"name": "Sales"})
	metric := c.CreateMetric(model.ID, map[string]any{"name": "Revenue"})
	board := c.CreateDashboard(e.ID, map[string]any{"name": "Sales", "type": "executive"})
	own := map[string]struct{ id, name string }{
		"cortex_workspace":             {w.ID, w.Name},
		"cortex_environment":           {e.ID, e.Name},
		"cortex_consumer":              {consumer.ID, ""},
		"cortex_consumer_group":        {group.ID, group.Name},
		"cortex_consumer_group_member": {group.ID + "/" + consumer.ID, ""},
		"cortex_data_source":           {source.ID, source.Name},
		"cortex_data_model":            {model.ID, model.Name},
		"cortex_metric":                {metric.ID, metric.Name},
		"cortex_dashboard":             {board.ID, board.Name},
	}
	data, err := os.ReadFile("../../templates/guides/existing-tenants.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(cortex_\\w+)` \\|(.*)\\|$").FindAllStringSubmatch(string(data), -1) {
		rows[row[1]] = strings.Split(row[2], "|")
	}
	p := newProtocol(t, c)
	c.Reset()
	for _, k := range registry() {
		kind := k.info().typeName()
		cells := rows[kind]
		if len(cells) != 4 {
			t.Errorf("the guide has no row for %s, or not of four cells: %q", kind, cells)
			continue
		}
		var identity []string
		for _, name := range regexp.MustCompile("`(.*?)`").FindAllStringSubmatch(cells[3], -1) {
			identity = append(identity, name[1])
		}
		if !slices.Equal(identity, k.info().identity) {
			t.Errorf("the guide says that the identity of %s is %q", kind, identity)
		}
		values := strings.NewReplacer("<id>", own[kind].id, "<name>", own[kind].name, "<workspace_id>", w.ID, "<workspace>", w.Name,
			"<environment_id>", e.ID, "<environment>", e.Name, "<group_id>", group.ID, "<group>", group.Name,
			"<consumer_id>", consumer.ID, "<email>", "ann@Example.COM") // spelled otherwise than Cortex does
		for _, cell := range cells[:3] {
			form := strings.Trim(cell, " `")
			if form == "" && (k.info().in == nil || k.info().scoped) {
				continue // there is no place, or the id says too little
			}
			if id := p.imported(kind, values.Replace(form)); id != own[kind].id {
				t.Errorf("%s imports %q in place of %s", form, id, own[kind].id)
			}
		}
	}
	if writes := c.Writes(); len(writes) > 0 {
		t.Errorf("the imports wrote: %v", writes)
	}
}

// imported imports an object and returns its id.
func (p *protocol) imported(kind, text string) string {
	p.t.Helper()
	resp, err := p.server.ImportResourceState(p.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: text})
	p.check(err, resp.Diagnostics)
	if len(resp.ImportedResources) != 1 {
		p.t.Fatalf("%s: %d resources were imported by %q", kind, len(resp.ImportedResources), text)
	}
	imported := resp.ImportedResources[0]
	read, err := p.server.ReadResource(p.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: kind, CurrentState: imported.State, CurrentIdentity: imported.Identity, Private: imported.Private,
	})
	p.check(err, read.Diagnostics)
	return p.attributes(kind, read.NewState, false)["id"]
}
