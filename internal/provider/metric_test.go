package provider_test

import (
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// shopFile makes a database with customers and orders, which examples and guides have in shopOfGuides.
func shopFile(t *testing.T, c *cortextest.Cortex) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), filepath.Base(shopOfGuides))
	c.SQLiteDatabase(file, cortextest.SampleTables()...)
	return file
}

const shopOfGuides = "/srv/cortex/shop.db"

// shop is a place with a data model and a data source, which leads to a database with customers and orders.
type shop struct {
	*place
	model, source string
}

func newShop(t *testing.T, options ...cortextest.Option) *shop {
	t.Helper()
	p := newPlace(t, options...)
	source := p.CreateDataSource(p.environment.ID, map[string]any{"name": "Shop", "alias": "shop", "source_catalog": "DATABASE", "source_type": "sqlite",
		"config": map[string]any{"file_path": shopFile(t, p.Cortex), "dialect": "sqlite"}})
	return &shop{p, p.dataModel(p.environment.ID), source.ID}
}

// revenue is a metric of the shop with these further lines, without its environment.
func (s *shop) revenue(lines ...string) string {
	return fmt.Sprintf("resource \"cortex_metric\" \"test\" {\n  data_model_id = %q\n  data_source_id = %q\n  name = \"Revenue\"\n  table_name = \"orders\"\n%s\n}\n",
		s.model, s.source, strings.Join(lines, "\n"))
}

const (
	revenueMeasure  = `measures = [{ name = "revenue", type = "sum", query = "amount" }, { name = "orders", type = "count", query = "id" }]`
	statusDimension = `dimensions = [{ name = "status", query = "status" }]`
	revenueOrder    = `order = [{ name = "o", semantic_type = "measure", semantic_name = "revenue", order_type = "desc" }]`
)

func theMetric(t *testing.T, p *place) cortextest.Metric {
	t.Helper()
	m, ok := p.Metric(p.environment.ID, subjectOf("metric").only(p))
	if !ok {
		t.Fatal("the metric is gone")
	}
	return m
}

// A metric is found in the environment of its data model, gets a second request only for what a POST drops, and a plan shows what changes and
// nothing else. What Cortex finds out about columns stays as it is.
func TestMetric(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	e.write(s.revenue(revenueMeasure, statusDimension))
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex, "POST /metrics")
	e.wantNoChanges()
	first := theMetric(t, s.place)
	if first.EnvironmentID != s.environment.ID || first.Version != 1 {
		t.Errorf("the metric is %+v", first)
	}

	s.Reset()
	e.write(s.revenue(revenueMeasure, statusDimension, revenueOrder))
	e.run(apply...)
	wantWrites(t, s.Cortex, "PUT /metrics/{id}")
	e.wantNoChanges()
	e.run(destroy...)
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex, "POST /metrics", "PUT /metrics/{id}") // a POST drops the order
	e.wantNoChanges()

	// A change of one measure is shown as that.
	e.write(s.revenue(strings.Replace(revenueMeasure, `"count"`, `"count_distinct"`, 1), statusDimension, revenueOrder))
	out := e.run("plan", "-no-color")
	if changed := changedLines(out); !cmp.Equal(changed, []string{`~ resource "cortex_metric" "test" {`, `~ measures       = [`, `~ {`, `~ type  = "count" -> "count_distinct"`,
		`~ updated_at     = "T" -> (known after apply)`, `~ version        = 2 -> (known after apply)`}) {
		t.Errorf("the plan shows %q:\n%s", changed, out)
	}
	before := theMetric(t, s.place).Version
	e.run(apply...)
	if now := theMetric(t, s.place); now.Version != before+1 {
		t.Errorf("the version went from %d to %d", before, now.Version)
	}
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex)

	// Drift in a nested leaf, in the number of items, and in what the configuration does not say.
	is := theMetric(t, s.place)
	for _, drift := range []func(fields map[string]any){
		func(fields map[string]any) { fields["measures"].([]any)[0].(map[string]any)["query"] = "amount * 2" },
		func(fields map[string]any) { fields["measures"] = fields["measures"].([]any)[:1] },
		func(fields map[string]any) { fields["order"] = nil },
		func(fields map[string]any) { fields["grouped"] = false },
		func(fields map[string]any) { fields["limit"] = 5 },
		func(fields map[string]any) { fields["meta"] = map[string]any{"a": 1} },
		func(fields map[string]any) {
			fields["parameters"] = map[string]any{"p": map[string]any{"name": "p", "type": "string"}}
		},
	} {
		fields, _ := decoded(jsonOf(is.All)).(map[string]any)
		drift(fields)
		s.UpdateMetric(s.environment.ID, is.ID, fields)
		if r := e.try("plan", "-detailed-exitcode"); r.Code != 2 {
			t.Errorf("the drift does not show: %s", r)
		}
		e.run(apply...)
		e.wantNoChanges()
		now := theMetric(t, s.place)
		for _, name := range []string{"version", "updated_at"} {
			delete(now.All, name)
			delete(is.All, name)
		}
		if diff := cmp.Diff(is.All, now.All); diff != "" {
			t.Errorf("the repaired metric is another one (-want +got):\n%s", diff)
		}
	}
	e.run(destroy...)
}

var stamps = regexp.MustCompile(`"\d{4}-\d\d-\d\dT[0-9:.]+"`)

// changedLines are the lines of a plan that change something in place, with times as T.
func changedLines(plan string) (changed []string) {
	_, actions, _ := strings.Cut(plan, "will perform the following actions:")
	for line := range strings.Lines(actions) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "~ ") || strings.HasPrefix(line, "+ ") || strings.HasPrefix(line, "- ") {
			changed = append(changed, stamps.ReplaceAllString(line, `"T"`))
		}
	}
	return changed
}

// 1 and true are the same to Python: Cortex keeps the one that it has. They arrive wherever they are in a metric.
func TestMetricValuesThatCortexLoses(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	body := func(value string) string {
		return s.revenue(revenueMeasure, fmt.Sprintf("filters = [{ name = \"f\", query = \"id\", operator = \"equals\", value = %q }]", value),
			fmt.Sprintf("parameters = { p = { type = \"boolean\", default_value = %q } }", value), fmt.Sprintf("meta = jsonencode({ a = %s })", value))
	}
	for _, value := range []string{"1", "true", "0", "false", "1"} {
		e.write(body(value))
		e.run(apply...)
		e.wantNoChanges()
		m := theMetric(t, s.place)
		want := decoded(value)
		got := []any{
			m.All["filters"].([]any)[0].(map[string]any)["value"],
			m.All["parameters"].(map[string]any)["p"].(map[string]any)["default_value"],
			m.All["meta"].(map[string]any)["a"],
		}
		for i, have := range got {
			if diff := cmp.Diff(want, decoded(jsonOf(have))); diff != "" {
				t.Errorf("%s in place %d (-want +got):\n%s", value, i, diff)
			}
		}
	}
	e.run(destroy...)
}

// Between the two requests of a create everything may break. The metric is in the state, and the next apply makes it anew, or completes it.
func TestMetricUnfinished(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex, "CORTEX_MAX_RETRIES=0")
	e.write(s.revenue(revenueMeasure, revenueOrder))
	for _, untaint := range []bool{false, true} {
		s.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 500, Body: "Internal Server Error", Match: cortextest.Matching("PUT", "/metrics")})
		got := e.problems(apply...)
		id := subjectOf("metric").only(s.place)
		if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot complete metric \"Revenue\" (%s)", id) ||
			!strings.Contains(got[0].Detail, "untaint") {
			t.Errorf("the errors are %q", got)
		}
		if !strings.Contains(e.state(), id) || !strings.Contains(e.state(), "tainted") {
			t.Errorf("the state is %s", e.state())
		}
		s.Reset()
		if untaint {
			e.run("untaint", "cortex_metric.test")
			e.run(apply...)
			wantWrites(t, s.Cortex, "PUT /metrics/{id}")
			if subjectOf("metric").only(s.place) != id {
				t.Error("the metric is another one")
			}
		} else {
			e.run(apply...)
			wantWrites(t, s.Cortex, "DELETE /metrics/{id}", "POST /metrics", "PUT /metrics/{id}")
		}
		e.wantNoChanges()
		e.run(destroy...)
	}
}

// What a metric refers to has to be there, and in its environment.
func TestMetricOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	const missing = "11111111-1111-4111-8111-111111111111"
	deleted := s.CreateDataModel(s.environment.ID, map[string]any{"name": "old"}).ID
	s.DeleteDataModel(s.environment.ID, deleted)
	other := s.CreateEnvironment(s.workspace.ID, "other", nil).ID
	elsewhere := s.dataModel(other)
	for name, test := range map[string]struct{ body, summary, detail string }{
		"no data model": {strings.Replace(s.revenue(), s.model, missing, 1), "Cannot find out where metric \"Revenue\" is to be", "no environment has it"},
		"a deleted one": {strings.Replace(s.revenue(), s.model, deleted, 1), "Cannot find out where metric \"Revenue\" is to be", "no environment has it"},
		"a deleted one in its environment": {strings.Replace(s.revenue("environment_id = \""+s.environment.ID+"\""), s.model, deleted, 1),
			"Cannot create metric \"Revenue\" in environment " + s.environment.ID, "Cortex only keeps its row"},
		"one in another environment": {strings.Replace(s.revenue("environment_id = \""+s.environment.ID+"\""), s.model, elsewhere, 1),
			"Cannot create metric \"Revenue\" in environment " + s.environment.ID, elsewhere},
		"no data source": {strings.Replace(s.revenue(), s.source, missing, 1), "Cannot create metric \"Revenue\" in environment " + s.environment.ID, "Cortex does not have the data source " + missing},
	} {
		e.write(test.body)
		s.Reset()
		if got := e.problems(apply...); len(got) != 1 || got[0].Summary != test.summary || !strings.Contains(got[0].Detail, test.detail) {
			t.Errorf("%s: the errors are %q", name, got)
		}
		wantWrites(t, s.Cortex)
	}
	// An update is no other: Cortex would take it.
	e.write(s.revenue())
	e.run(apply...)
	e.write(strings.Replace(s.revenue(), s.source, missing, 1))
	s.Reset()
	if got := e.problems(apply...); len(got) != 1 || !strings.Contains(got[0].Detail, "Cortex does not have the data source "+missing) {
		t.Errorf("the errors of an update are %q", got)
	}
	wantWrites(t, s.Cortex)
	// Another data model is another metric.
	e.write(strings.Replace(s.revenue(), s.model, s.CreateDataModel(s.environment.ID, map[string]any{"name": "new"}).ID, 1))
	e.run(apply...)
	wantWrites(t, s.Cortex, "DELETE /metrics/{id}", "POST /metrics")
	e.run(destroy...)
}

// Metrics of one name in two data models are two; in one they are refused, whoever makes them, though Cortex would take both. Where somebody has made
// several already, an import by name shows them.
func TestMetricNames(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	e := newEngine(t, s.Cortex)
	other := s.CreateDataModel(s.environment.ID, map[string]any{"name": "other"}).ID
	twin := strings.Replace(strings.Replace(s.revenue(), s.model, other, 1), `"test"`, `"twin"`, 1)
	e.write(s.revenue() + twin)
	e.run(apply...)
	e.wantNoChanges()
	e.write(s.revenue() + strings.Replace(s.revenue(), `"test"`, `"twin"`, 1))
	got := e.problems(apply...)
	if len(got) != 1 || got[0].Summary != fmt.Sprintf("Cannot create metric \"Revenue\" in environment %s: the name is taken", s.environment.ID) {
		t.Errorf("the errors are %q", got)
	}
	if n := len(s.Metrics(s.environment.ID)); n != 1 {
		t.Errorf("there are %d metrics", n)
	}
	e.run("state", "rm", "cortex_metric.test")
	s.CreateMetric(s.model, map[string]any{"name": "Revenue"})
	e.write(s.revenue() + fmt.Sprintf("import {\n  to = cortex_metric.test\n  id = \"%s/%s/Revenue\"\n}\n", s.workspace.Name, s.environment.Name))
	got = e.problems(plan...)
	if len(got) != 1 || !strings.HasPrefix(got[0].Detail, "There are several; choose one by its id:\n") {
		t.Errorf("the errors are %q", got)
	}
	for _, m := range s.Metrics(s.environment.ID) {
		if !strings.Contains(got[0].Detail, m.ID) {
			t.Errorf("%s is not among the candidates", m.ID)
		}
	}
}

// A data source whose server takes connections and stays silent makes Cortex carry out a POST long after everybody has given up. The metric is there once.
func TestMetricOfSilentDatabase(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	silent, _, release := s.SilentDatabase()
	defer release()
	source := s.CreateDataSource(s.environment.ID, map[string]any{"name": "Silent", "alias": "silent", "source_catalog": "DATABASE", "source_type": "postgresql",
		"config": map[string]any{"host": silent.Host, "port": silent.Port, "username": silent.Username, "password": silent.Password, "database": silent.Database, "dialect": "postgresql"}}).ID
	e := newEngine(t, s.Cortex, "CORTEX_TIMEOUT=2", "CORTEX_MAX_RETRIES=1")
	body := strings.Replace(s.revenue(revenueMeasure), s.source, source, 1)
	e.write(body)
	got := e.problems(apply...)
	if len(got) != 1 || !strings.HasPrefix(got[0].Summary, "Cannot create metric \"Revenue\" in environment "+s.environment.ID) || !strings.Contains(got[0].Detail, "apply again") {
		t.Errorf("the errors are %q", got)
	}
	release()
	for deadline := time.Now().Add(time.Minute); len(s.Metrics(s.environment.ID)) == 0; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the POST was never carried out")
		}
	}
	got = e.problems(apply...)
	id := subjectOf("metric").only(s.place)
	if len(got) != 1 || !strings.Contains(got[0].Detail, id) {
		t.Errorf("the errors of another apply are %q", got)
	}
	e.write(body + importBlock(t, got[0].Detail))
	s.Reset()
	e.run(apply...)
	wantWrites(t, s.Cortex)
	if n := s.Count(http.MethodPost, "/metrics"); n > 0 {
		t.Errorf("%d POSTs", n)
	}
	e.run(destroy...)
}
