package client

import (
	"slices"
	"strings"
	"testing"
)

// The aliases that views have for a moment are none of theirs, and short enough for PostgreSQL, which has room for 255 characters of the default view's.
func TestSetAside(t *testing.T) {
	long := strings.Repeat("long", 60)
	var aliases []string
	body := map[string]any{"default_view": long, "views": tree(t, `[{"alias": "__replacing_0", "title": "A"}, {"alias": "__replacing_2", "title": "B"}, {"alias": "`+long+`", "title": "C"}]`)}
	other := setAside(body, views)
	for i, view := range other["views"].([]any) {
		view, _ := view.(map[string]any)
		alias, _ := view["alias"].(string)
		if !strings.HasPrefix(alias, aside) || alias == "__replacing_0" || alias == "__replacing_2" || slices.Contains(aliases, alias) || view["title"] != []string{"A", "B", "C"}[i] {
			t.Errorf("view %d is %q", i, view)
		}
		aliases = append(aliases, alias)
	}
	if other["default_view"] != aliases[2] {
		t.Errorf("the default view is %q of %q", other["default_view"], aliases)
	}
	if body["default_view"] != long || !alike(views, body["views"], tree(t, `[{"alias": "__replacing_0"}, {"alias": "__replacing_2"}, {"alias": "`+long+`"}]`)) {
		t.Errorf("the body became %q", body)
	}
}
