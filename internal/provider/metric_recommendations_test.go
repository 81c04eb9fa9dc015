package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// recommendable is a shop whose data source leads to PostgreSQL, since the oldest release recommends nothing for a file.
func recommendable(t *testing.T) *shop {
	t.Helper()
	s := newShop(t)
	config := s.PostgreSQLDatabase(s.Name("reader"), "p@ss/w:rd", s.Name("shop"), cortextest.SampleTables()...).Config()
	config["dialect"] = "postgresql"
	s.source = s.CreateDataSource(s.environment.ID, map[string]any{"name": "Server", "alias": "server", "source_catalog": "DATABASE", "source_type": "postgresql", "config": config}).ID
	return s
}

// recommendations is a configuration that asks for recommendations, with these lines.
func (s *shop) recommendations(lines ...string) string {
	return fmt.Sprintf("data \"cortex_metric_recommendations\" \"test\" {\n  data_source_id = %q\n  data_model_id = %q\n%s\n}\n\n"+
		"output \"names\" {\n  value = keys(data.cortex_metric_recommendations.test.metrics)\n}\n", s.source, s.model, strings.Join(lines, "\n"))
}

// recommended returns what Cortex recommends, by table and name.
func (s *shop) recommended() map[string]map[string]any {
	s.t.Helper()
	status, answer := s.Do("POST", "/metrics/recommendations", map[string]any{"environment_id": s.environment.ID, "data_source_id": s.source, "data_model_id": s.model})
	var all struct{ Metrics []map[string]any }
	if err := json.Unmarshal(answer, &all); status != 200 || err != nil || len(all.Metrics) == 0 {
		s.t.Fatalf("status %d: %s", status, answer)
	}
	byName := map[string]map[string]any{}
	for _, m := range all.Metrics {
		byName[fmt.Sprintf("%s: %s", m["table_name"], m["name"])] = m
	}
	if len(byName) != len(all.Metrics) {
		s.t.Fatalf("of %d metrics some have one name in one table", len(all.Metrics))
	}
	return byName
}

// for_each over what Cortex recommends makes just that.
func TestMetricRecommendations(t *testing.T) {
	t.Parallel()
	s := recommendable(t)
	e := newEngine(t, s.Cortex)
	e.write(s.recommendations() + `
resource "cortex_metric" "recommended" {
  for_each = data.cortex_metric_recommendations.test.metrics

  data_model_id  = each.value.data_model_id
  data_source_id = each.value.data_source_id
  name           = each.key
  title          = each.value.title
  description    = each.value.description
  table_name     = each.value.table_name
  grouped        = each.value.grouped
  ordered        = each.value.ordered
  measures       = each.value.measures
  dimensions     = each.value.dimensions
  filters        = each.value.filters
}
`)
	s.Reset()
	e.run(plan...)
	for _, r := range s.Writes() {
		if !strings.HasSuffix(r.Path, "/recommendations") {
			t.Errorf("a plan sent %s %s", r.Method, r.Path)
		}
	}
	e.run(apply...)
	e.wantNoChanges()
	want, made := s.recommended(), s.Metrics(s.environment.ID)
	if len(made) != len(want) {
		t.Errorf("%d of %d metrics were made", len(made), len(want))
	}
	for _, m := range made {
		recommended := want[m.Name]
		recommended["name"] = m.Name
		if diff := cmp.Diff(ofBlock(recommended), ofBlock(m.All)); diff != "" {
			t.Errorf("%s (-recommended +made):\n%s", m.Name, diff)
		}
	}
	e.run(destroy...)
}

// ofBlock is what is said of a metric, without what Cortex finds out.
func ofBlock(metric map[string]any) any {
	found := []string{"id", "created_at", "updated_at", "version", "data_model_name", "is_valid", "validation_errors", "compiled_query", "source_type", "source_meta"}
	return without(decoded(jsonOf(metric)), found)
}

// without takes the fields of these names out, wherever they are.
func without(value any, names []string) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if slices.Contains(names, name) {
				delete(value, name)
				continue
			}
			without(inner, names)
		}
	case []any:
		for _, inner := range value {
			without(inner, names)
		}
	}
	return value
}

// What is asked for can be narrowed, and what is wrong with the question is an error.
func TestMetricRecommendationsOf(t *testing.T) {
	t.Parallel()
	s := recommendable(t)
	e := newEngine(t, s.Cortex)
	names := func() (all []string) {
		t.Helper()
		if err := json.Unmarshal([]byte(e.run("output", "-json", "names")), &all); err != nil {
			t.Fatal(err)
		}
		return all
	}
	e.write(s.recommendations(fmt.Sprintf("  environment_id = %q", s.environment.ID)))
	e.run(apply...)
	all := names()
	if len(all) != len(s.recommended()) {
		t.Errorf("there are the metrics %q", all)
	}
	if s.Release() != cortextest.Oldest {
		e.write(s.recommendations(`  metric_types = ["count"]`, `  include = { orders = [] }`, `  grains = ["month"]`, `  time_windows = [7]`))
		e.run(apply...)
		some := names()
		if len(some) == 0 || len(some) >= len(all) {
			t.Errorf("there are the metrics %q", some)
		}
		for _, name := range some {
			if !strings.HasPrefix(name, "orders: ") {
				t.Errorf("%q is of another table", name)
			}
		}
		e.write(s.recommendations(`  exclude = { orders = [], customers = [] }`))
		e.run(apply...)
		if none := names(); len(none) > 0 {
			t.Errorf("there are the metrics %q", none)
		}
	}

	s.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 200, Body: `{"metrics":[{"table_name":"orders","name":"Count"},{"table_name":"orders","name":"Count"},` +
		`{"table_name":"visits","name":"Count"},{"table_name":"orders","name":"Count"}]}`, Times: -1, Match: func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/recommendations") }})
	e.write(s.recommendations())
	e.run(apply...)
	if diff := cmp.Diff([]string{"orders: Count", "orders: Count 2", "orders: Count 3", "visits: Count"}, names()); diff != "" {
		t.Errorf("the keys (-want +got):\n%s", diff)
	}
	s.Reset()

	const missing = "11111111-1111-4111-8111-111111111111"
	elsewhere := s.dataModel(s.CreateEnvironment(s.environment.WorkspaceID, "Elsewhere", nil).ID)
	for name, test := range map[string]struct{ old, new, says string }{
		"a data source that is not there":  {s.source, missing, missing},
		"a data model that is not there":   {s.model, missing, missing},
		"a data model of somewhere else":   {s.model, elsewhere, "does not belong to environment"},
		"a data source that is no id":      {s.source, "acme", "is not a UUID"},
		"a list of kinds without any kind": {"\n\n}", "\n  metric_types = []\n}", "at least 1"},
	} {
		t.Run(name, func(t *testing.T) {
			e.t = t
			e.write(strings.Replace(s.recommendations(), test.old, test.new, 1))
			got := e.problems(plan...)
			if len(got) != 1 || !strings.Contains(got[0].Summary+": "+got[0].Detail, test.says) {
				t.Errorf("the errors are %q", got)
			}
		})
	}
}
