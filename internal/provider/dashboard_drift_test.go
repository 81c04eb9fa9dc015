package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// The views of a dashboard are managed whole: a widget, a section or a view that somebody else adds shows in a plan, and goes with the next apply, also
// with one that does not see it before.
func TestDashboardOfOthers(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	metric := s.CreateMetric(s.model, map[string]any{"name": "m"}).ID
	e := newEngine(t, s.Cortex)
	config := s.board(fmt.Sprintf(`{ v = { title = "V", sections = { s = { widgets = { w = { title = "W", metric_id = %q, visualization = { type = "table" } } } } } } }`, metric))
	e.write(config)
	e.run(apply...)
	id := s.Dashboards(s.environment.ID)[0].ID
	widget := map[string]any{"alias": "theirs", "section_alias": "s", "position": 0, "grid_config": map[string]any{"columns": 1, "rows": 1}, "title": "Theirs", "metric_id": metric,
		"visualization": map[string]any{"type": "table", "data_mapping": map[string]any{}}}
	view := func(alias, section string, widgets ...any) map[string]any {
		return map[string]any{"alias": alias, "title": "V", "sections": []any{map[string]any{"alias": section, "position": 0, "widgets": append([]any{}, widgets...)}}}
	}
	for name, add := range map[string]map[string]any{
		"a widget":  {"views": []any{view("v", "s", widget)}}, // Cortex keeps ours
		"a section": {"views": []any{view("v", "new", widget)}},
		"a view":    {"views": []any{view("v", "s"), view("new", "s", widget)}},
	} {
		for _, args := range [][]string{apply, {"apply", "-auto-approve", "-refresh=false"}} {
			s.UpdateDashboard(id, add)
			if got := shownViews(s.Cortex, id); !strings.Contains(got, "theirs") || !strings.Contains(got, `"w"`) {
				t.Fatalf("%s: Cortex has %s", name, got)
			}
			if args[len(args)-1] == "-refresh=false" {
				e.write(strings.Replace(config, `"executive"`, `"tactical"`, 1))
			} else {
				e.write(config)
				wantWords(t, name, e.run(plan...), "theirs", "1 to change")
			}
			e.run(args...)
			if got := shownViews(s.Cortex, id); strings.Contains(got, "theirs") || strings.Contains(got, "new") {
				t.Errorf("%s after %s: Cortex has %s", name, args, got)
			}
			e.wantNoChanges()
		}
	}
	e.run(destroy...)
}

func shownViews(c *cortextest.Cortex, id string) string {
	d, _ := c.Dashboard(id)
	return jsonOf(d.All["views"])
}
