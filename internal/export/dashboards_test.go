package export

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Dashboards of all shapes come under management without a change, and what is exported of them makes equal ones in another place.
func TestDashboards(t *testing.T) {
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("Tenant"), nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	model := c.CreateDataModel(e.ID, map[string]any{"name": "Sales"})
	var metrics []string
	for _, name := range []string{"Revenue", "Orders"} {
		metrics = append(metrics, c.CreateMetric(model.ID, map[string]any{"name": name}).ID)
	}
	samples := cortextest.SampleDashboards(metrics...)
	for _, fields := range samples {
		c.CreateDashboard(e.ID, fields)
	}
	folder := filepath.Join(t.TempDir(), "out")
	if code, _, stderr := command(t, c, "-out", folder, "-workspace", w.Name); code != 0 || !strings.HasPrefix(stderr, "Exported ") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	texts := configuration(t, folder)
	for name, text := range texts {
		if strings.HasSuffix(name, "_dashboards.tf") && len(regexp.MustCompile(`metric_id += cortex_metric\.\w+\.id\n`).FindAllString(text, -1)) != 8 {
			t.Errorf("not all widgets refer to their metrics in\n%s", text)
		}
	}
	there := len(samples) + 5
	into := life{newRoot(t, folder, c.URL()), t, c}
	if writes := into.apply(fmt.Sprintf("Resources: %d imported, 0 added, 0 changed, 0 destroyed.", there)); len(writes) > 0 {
		t.Errorf("the import wrote: %v", writes)
	}

	copied := newEngine(t, t.TempDir(), c.URL())
	for name, text := range texts {
		text = regexp.MustCompile(`(?m)^import \{\n(?:.*\n)*?\}\n`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`(?m)^(resource "cortex_(?:workspace|environment)" .*\{)$`).ReplaceAllString(text, "$1\n  retire_undeletable = true")
		text = strings.ReplaceAll(text, quoted(w.Name), quoted(c.Name("Copy")))
		if err := copied.Write(name, text); err != nil {
			t.Fatal(err)
		}
	}
	if r := copied.Run(t.Context(), "get"); r.Code != 0 {
		t.Fatal(r)
	}
	wantApplied(t, copied, fmt.Sprintf("%d added, 0 changed, 0 destroyed", there))
	all := c.Workspaces()
	other := c.Environments(all[slices.IndexFunc(all, func(w cortextest.Workspace) bool { return w.Name == c.Name("Copy") })].ID)[0]
	if diff := cmp.Diff(shownDashboards(c, e.ID), shownDashboards(c, other.ID)); diff != "" {
		t.Errorf("the copies are others (-want +got):\n%s", diff)
	}
	if r := copied.Run(t.Context(), "destroy", "-auto-approve", "-no-color"); r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprintf("%d destroyed", there)) {
		t.Error(r)
	}
}

// shownDashboards returns the dashboards of an environment by their names, without what is each one's own, and what is the same to Cortex as nothing.
func shownDashboards(c *cortextest.Cortex, environment string) map[string]any {
	metrics := map[string]any{}
	for _, m := range c.Metrics(environment) {
		metrics[m.ID] = m.Name
	}
	var plain func(value any) any
	plain = func(value any) any {
		switch value := value.(type) {
		case string:
			return norm.NFC.String(value)
		case []any:
			var items []any
			slices.SortStableFunc(value, func(a, b any) int { return int(positionIn(a) - positionIn(b)) })
			for _, item := range value {
				items = append(items, plain(item))
			}
			return items
		case cortextest.JSONObject:
			return plain(map[string]any(value))
		case map[string]any:
			fields := map[string]any{}
			for name, field := range value {
				switch said := plain(field); {
				case slices.Contains([]string{"id", "environment_id", "created_by", "created_at", "updated_at", "position", "section_alias"}, name):
				case name == "metric_id":
					fields[name] = metrics[fmt.Sprint(field)]
				case !slices.Contains([]string{"", "<nil>", "[]", "map[]"}, fmt.Sprint(said)):
					fields[norm.NFC.String(name)] = said
				}
			}
			return fields
		}
		return value
	}
	all := map[string]any{}
	for _, d := range c.Dashboards(environment) {
		all[norm.NFC.String(d.Name)] = plain(d.All)
	}
	return all
}

// positionIn is the position of a section or widget; 0 for anything else.
func positionIn(part any) int64 {
	fields, _ := part.(map[string]any)
	number, _ := fields["position"].(json.Number)
	position, _ := number.Int64()
	return position
}

// What no configuration can describe of a dashboard is named, with what to do. A plan of an import shows what would become of it, and the apply makes it so.
func TestUnfitDashboards(t *testing.T) {
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("Tenant"), nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	elsewhere := c.CreateEnvironment(w.ID, "Staging", nil)
	gone := c.CreateMetric(c.CreateDataModel(elsewhere.ID, map[string]any{"name": "Sales"}).ID, map[string]any{"name": "Revenue"}).ID
	c.Do("DELETE", "/metrics/"+gone+"?environment_id="+elsewhere.ID, nil)
	widget := func(alias string, more ...string) string {
		return fmt.Sprintf(`{"alias":%q,"section_alias":"s","position":0,"grid_config":{},"title":"W","visualization":{"type":"bar_chart","data_mapping":{}},%s}`, alias,
			strings.Join(append(more, `"description":"d"`), ","))
	}
	known := `"metric_id":` + quoted(gone)
	own := `"metric":{"name":"m","data_model_id":` + quoted(gone) + `,"public":true}`
	section := func(alias string, widgets ...string) string {
		return fmt.Sprintf(`{"alias":%q,"position":0,"widgets":[%s]}`, alias, strings.Join(widgets, ","))
	}
	view := func(alias string, sections ...string) string {
		return fmt.Sprintf(`{"alias":%q,"title":"V","sections":[%s]}`, alias, strings.Join(sections, ","))
	}
	for _, test := range []struct {
		name, views string
		refused     string // "" where it is not
	}{
		{"twin views", view("v", section("s")) + "," + view("v", section("s")), `Invalid views["v (duplicate)"]: This key stands for another view with the alias "v"`},
		{"twin sections", view("v", section("s"), section("s"), section("s")), `Invalid views["v"].sections["s (duplicate)"]: This key stands for another section with the alias "s"`},
		{"twin widgets", view("v", section("s", widget("w", known), widget("w", known))), `sections["s"].widgets["w (duplicate)"]: This key stands for another widget with the alias "w"`},
		{"twins apart", view("v", section("s", widget("w", known)), section("t", widget("w", known))), `There is another widget with the alias "w" in the view`},
		{"own metric", view("v", section("s", widget("w", own))), `Missing views["v"].sections["s"].widgets["w"].metric_id: The widget shows no metric of a data model.`},
		{"no alias", view("", section("s")), `An alias must not be empty`},
		{"no room", view("v", section("s", strings.Replace(widget("w", known), `"grid_config":{}`, `"grid_config":{"columns":0}`, 1))), `grid_config.columns`},
		{"fit", view("v", section("s", widget("w", known), widget("x", known))), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var views []any
			if err := json.Unmarshal([]byte("["+test.views+"]"), &views); err != nil {
				t.Fatal(err)
			}
			board := c.CreateDashboard(e.ID, map[string]any{"name": "Board", "type": "tactical", "views": views})
			defer c.DeleteDashboard(board.ID)
			folder := filepath.Join(t.TempDir(), "out")
			code, _, stderr := command(t, c, "-out", folder, "-workspace", w.ID)
			said := fmt.Sprintf("dashboard \"Board\" (%s)", board.ID)
			if code != 0 || strings.Contains(stderr, "Not exported: "+said+": ") != (test.refused != "") || !strings.Contains(stderr, test.refused) {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
			if test.refused == "" {
				if strings.Count(stderr, "No reference: "+said+" has the id of metric "+gone+", which is not exported\n") != 1 {
					t.Errorf("the export says %s", stderr)
				}
				return
			}
			engine := newEngine(t, t.TempDir(), c.URL())
			if err := engine.Write("main.tf", fmt.Sprintf(required+`resource "cortex_dashboard" "board" {
  environment_id = %q
  name           = "Board"
  type           = "tactical"
  views = { v = { title = "V", sections = { s = { widgets = { w = {
    title = "W", description = "d", metric_id = %q, visualization = { type = "bar_chart", data_mapping = {} }
  } } } } } }
}
import {
  to = cortex_dashboard.board
  id = %q
}
`, e.ID, gone, board.ID)); err != nil {
				t.Fatal(err)
			}
			r := engine.Run(t.Context(), "plan", "-no-color")
			if !strings.Contains(r.Stdout, "1 to import, 0 to add, 1 to change, 0 to destroy") || strings.Contains(test.refused, "(duplicate)") != strings.Contains(r.Stdout, "(duplicate)\" = {") {
				t.Error(r)
			}
			wantApplied(t, engine, "1 imported, 0 added, 1 changed, 0 destroyed")
			shown, err := json.Marshal(c.Dashboards(e.ID)[0].All["views"])
			if aliases := regexp.MustCompile(`"alias":"\w*"`).FindAllString(string(shown), -1); err != nil || strings.Join(aliases, "") != `"alias":"v""alias":"s""alias":"w"` {
				t.Errorf("the apply makes %s (%v)", shown, err)
			}
		})
	}
}

// What Cortex makes by itself at its first start comes under management without a change, by export and by import blocks.
func TestOnboarded(t *testing.T) {
	c := cortextest.Start(t)
	all := c.Workspaces()
	i := slices.IndexFunc(all, func(w cortextest.Workspace) bool { return w.Name == "Default" })
	if i < 0 {
		t.Fatal("there is no workspace Default")
	}
	boards := 1
	if c.Release() == cortextest.Oldest {
		boards = 0
	}
	folder := filepath.Join(t.TempDir(), "out")
	if code, _, stderr := command(t, c, "-out", folder, "-workspace", all[i].ID); code != 0 || strings.Contains(stderr, "No") {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	exported := newRoot(t, folder, c.URL())
	written := newEngine(t, t.TempDir(), c.URL())
	config := required + `resource "cortex_data_model" "default" {
  environment_id = "ENVIRONMENT"
  name           = "Default Data Model"
  description    = "Default data model created during onboarding"
}
import {
  to = cortex_data_model.default
  id = "Default/Test/Default Data Model"
}
`
	if boards > 0 {
		config += `resource "cortex_dashboard" "default" {
  environment_id = "ENVIRONMENT"
  name           = "Default Dashboard"
  type           = "operational"
  description    = "Default dashboard created during onboarding"
  tags           = ["default", "onboarding"]
  views = {
    overview = {
      title       = "Overview"
      description = "Default overview view"
      sections    = { overview = { title = "Overview", description = "Default overview section" } }
    }
  }
}
import {
  to = cortex_dashboard.default
  id = "Default/Test/Default Dashboard"
}
`
	}
	if err := written.Write("main.tf", strings.ReplaceAll(config, "ENVIRONMENT", c.Environments(all[i].ID)[0].ID)); err != nil {
		t.Fatal(err)
	}
	c.Reset()
	wantApplied(t, exported, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", 3+boards))
	wantApplied(t, written, fmt.Sprintf("%d imported, 0 added, 0 changed, 0 destroyed", 1+boards))
	if writes := c.Writes(); len(writes) > 0 {
		t.Errorf("%d writes", len(writes))
	}
}

// What an engine writes by itself of a dashboard is imported without a change as well.
func TestGeneratedDashboard(t *testing.T) {
	c := cortextest.Start(t)
	e := c.CreateEnvironment(c.CreateWorkspace(c.Name("Tenant"), nil).ID, "Production", nil)
	metric := c.CreateMetric(c.CreateDataModel(e.ID, map[string]any{"name": "Sales"}).ID, map[string]any{"name": "Revenue"}).ID
	fields := cortextest.SampleDashboards(metric)[0]
	fields["tags"] = []string{"b", "a"} // Terraform writes null for an empty text
	fields["views"].([]any)[1].(map[string]any)["title"] = "Second"
	engine := newEngine(t, t.TempDir(), c.URL())
	if err := engine.Write("main.tf", fmt.Sprintf("%simport {\n  to = cortex_dashboard.board\n  id = %q\n}\n", required, c.CreateDashboard(e.ID, fields).ID)); err != nil {
		t.Fatal(err)
	}
	if r := engine.Run(t.Context(), "plan", "-no-color", "-generate-config-out=board.tf"); r.Code != 0 {
		t.Fatal(r)
	}
	c.Reset()
	wantApplied(t, engine, "1 imported, 0 added, 0 changed, 0 destroyed")
	if writes := c.Writes(); len(writes) > 0 {
		t.Errorf("%d writes", len(writes))
	}
}

const required = `terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}
`
