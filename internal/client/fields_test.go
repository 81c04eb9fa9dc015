package client

import (
	"encoding/json"
	"testing"
)

func tree(t *testing.T, text string) any {
	t.Helper()
	value, err := decodeJSON([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestAlike(t *testing.T) {
	for _, test := range []struct {
		field, has, want string
		alike            bool
	}{
		{"alias", `null`, `""`, true},
		{"alias", `"a"`, `null`, false},
		{"measures", `[]`, `null`, true},
		{"measures", `[{"name":"a","source_type":"integer"}]`, `[{"name":"a","alias":null}]`, true},
		{"measures", `[{"name":"a","alias":"x"}]`, `[{"name":"a","alias":null}]`, false},
		{"measures", `[{"name":"a"},{"name":"b"}]`, `[{"name":"a"}]`, false},
		{"measures", `[{"name":"a"},{"name":"b"}]`, `[{"name":"b"},{"name":"a"}]`, false},
		{"filters", `[{"value":1}]`, `[{"value":true}]`, false},
		{"filters", `[{"value":1.0}]`, `[{"value":1}]`, true},
		{"filters", `[{"value":{"a":1,"b":null}}]`, `[{"value":{"a":1}}]`, false},
		{"filters", `[{"value":""}]`, `[{"value":null}]`, false},
		{"filters", `[{"values":[]}]`, `[{"values":null}]`, false},
		{"filters", `[{"conditions":{"when_clauses":[{"operator":"=","combine_with":null}],"else_return":0}}]`, `[{"conditions":{"when_clauses":[{"operator":"="}],"else_return":0}}]`, true},
		{"filters", `[{"conditions":{"when_clauses":[{"operator":"=","combine_with":"OR"}],"else_return":0}}]`, `[{"conditions":{"when_clauses":[{"operator":"="}],"else_return":0}}]`, false},
		{"joins", `[{"conditions":[{"operator":"=","later":1}]}]`, `[{"conditions":[{"operator":"="}]}]`, true},
		{"parameters", `{"a":{"type":"date"},"b":{"type":"date"}}`, `{"a":{"type":"date"}}`, false},
		{"parameters", `{"value":{"type":"date","later":1}}`, `{"value":{"type":"date"}}`, true},
		{"cache", `{"enabled":true,"ttl":null,"later":1}`, `{"enabled":true,"ttl":null}`, true},
		{"cache", `null`, `{"enabled":true}`, false},
		{"properties", `{}`, `null`, false},
		{"meta", `{"a":1,"b":2}`, `{"a":1}`, false},
		{"views", `[{"alias":"v","later":1,"sections":[{"alias":"s","widgets":[]}]}]`, `[{"alias":"v","sections":[{"alias":"s"}]}]`, true},
		{"views", `[{"alias":"v","sections":[{"alias":"s","widgets":[{"alias":"w"}]}]}]`, `[{"alias":"v","sections":[{"alias":"s","widgets":[]}]}]`, false},
		{"views", `[{"alias":"v"},{"alias":"w"}]`, `[{"alias":"w"},{"alias":"v"}]`, false},
		{"metric_overrides", `{"filters":{"a":1},"limit":null}`, `{"filters":{"a":true}}`, false},
		{"metric_overrides", `{"parameters":{"a":1,"b":2}}`, `{"parameters":{"a":1}}`, false},
		{"chart_config", `{"line_width":2,"later":1}`, `{"line_width":2}`, true},
		{"chart_config", `{"line_width":2}`, `null`, false},
	} {
		if got := alike(test.field, tree(t, test.has), tree(t, test.want)); got != test.alike {
			t.Errorf("%s: that %s is alike %s is %v", test.field, test.has, test.want, got)
		}
	}
}

// An update that replaces takes nothing away that we do not know.
func TestUpon(t *testing.T) {
	for _, test := range []struct{ field, has, want, got string }{
		{"", `{"name":"x","later":1,"alias":"a"}`, `{"name":"y","alias":null}`, `{"name":"y","later":1,"alias":null}`},
		{"measures", `[{"name":"a","later":1},{"name":"b","later":2}]`, `[{"name":"b"},{"name":"c"}]`, `[{"name":"b","later":2},{"name":"c"}]`},
		{"conditions", `[{"left_column":"a","later":1}]`, `[{"left_column":"b"}]`, `[{"left_column":"b","later":1}]`},
		{"conditions", `{"when_clauses":[{"later":1}],"later":2}`, `{"when_clauses":[]}`, `{"when_clauses":[]}`},
		{"parameters", `{"a":{"later":1},"b":{"later":2}}`, `{"a":{"type":"date"}}`, `{"a":{"later":1,"type":"date"}}`},
		{"meta", `{"a":1}`, `{"b":2}`, `{"b":2}`},
		{"filters", `[{"name":"a","value":{"k":1}}]`, `[{"name":"a","value":{"l":1}}]`, `[{"name":"a","value":{"l":1}}]`},
		// What Cortex found out about a column stays with that column.
		{"measures", `[{"name":"a","query":"x","source_type":"integer"}]`, `[{"name":"a","query":"x"}]`, `[{"name":"a","query":"x","source_type":"integer"}]`},
		{"measures", `[{"name":"a","query":"x","source_type":"integer"}]`, `[{"name":"a","query":"y"}]`, `[{"name":"a","query":"y"}]`},
		{"cache", `null`, `{"ttl":1}`, `{"ttl":1}`},
		{"cache", `{"ttl":1}`, `null`, `null`},
		// A view is stored anew, and parts are told apart by their aliases.
		{"views", `[{"alias":"v","created_at":"x","updated_at":"y","later":1}]`, `[{"alias":"v","title":"V"}]`, `[{"alias":"v","title":"V","later":1}]`},
		{"widgets", `[{"alias":"a","later":1},{"alias":"b","later":2}]`, `[{"alias":"b"},{"alias":"c"}]`, `[{"alias":"b","later":2},{"alias":"c"}]`},
		{"layout", `{"frontend_config":{"a":1},"later":1}`, `{"frontend_config":{"b":2}}`, `{"frontend_config":{"b":2},"later":1}`},
		{"metric_overrides", `{"filters":{"a":1},"parameters":{"a":1},"later":1}`, `{"filters":{"b":2},"parameters":null}`, `{"filters":{"b":2},"parameters":null,"later":1}`},
	} {
		if got := upon(test.field, tree(t, test.has), tree(t, test.want)); !same(got, tree(t, test.got)) {
			encoded, _ := json.Marshal(got)
			t.Errorf("%s: %s upon %s is %s", test.field, test.want, test.has, encoded)
		}
	}
}

// What comes before an update that Cortex would lose is another value, of a shape that Cortex takes as well.
func TestOtherwise(t *testing.T) {
	for _, test := range []struct{ field, value, other string }{
		{"meta", `{"a":1,"_":2}`, `{"a":1,"_":2,"__":0}`},
		{"measures", `[{"name":"a","description":null},{"name":"b"}]`, `[{"name":"a","description":"_"},{"name":"b"}]`},
		{"measures", `[{"name":"a","description":"d"}]`, `[{"name":"a","description":"d_"}]`},
		{"parameters", `{"b":{"description":"d"},"a":{"type":"date"}}`, `{"b":{"description":"d"},"a":{"type":"date","description":"_"}}`},
	} {
		value := tree(t, test.value)
		if got := otherwise(test.field, value); !same(got, tree(t, test.other)) || !same(value, tree(t, test.value)) {
			encoded, _ := json.Marshal(got)
			t.Errorf("%s: the other of %s is %s, want %s", test.field, test.value, encoded, test.other)
		}
	}
}
