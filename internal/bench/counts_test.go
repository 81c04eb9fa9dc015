package bench

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func TestMain(m *testing.M) { cortextest.Main(m, enginetest.RemoveBuilt) }

// counted is an engine whose commands' requests are counted, with the provider as a process of its own.
type counted struct {
	*enginetest.Engine
	t      *testing.T
	cortex *cortextest.Cortex
}

func newCounted(t *testing.T, configuration func(prefix string) string) counted {
	t.Helper()
	return newCountedBehind(t, func(url string) string { return url }, "internal/bench/patient", configuration)
}

// newCountedBehind is newCounted with the provider from a folder, which talks to what front returns the address of.
func newCountedBehind(t *testing.T, front func(url string) string, folder string, configuration func(prefix string) string) counted {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := enginetest.Built(folder)
	if err != nil {
		t.Fatal(err)
	}
	c := cortextest.Start(t)
	e, err := enginetest.New(t.TempDir(), binary, "CORTEX_API_URL="+front(c.URL()))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write("main.tf", configuration(c.Name("tenant"))); err != nil {
		t.Fatal(err)
	}
	return counted{e, t, c}
}

// want runs an operation and compares its requests.
func (c counted) want(op string, counts map[string]int, options ...string) {
	c.t.Helper()
	if diff := cmp.Diff(counts, c.count(op, options...)); diff != "" {
		c.t.Errorf("requests of the %s (-want +got):\n%s", op, diff)
	}
}

// count runs an operation and returns how many requests of each kind it sent.
func (c counted) count(op string, options ...string) map[string]int {
	c.t.Helper()
	c.cortex.Reset()
	if r := c.Run(c.t.Context(), append(arguments(op), options...)...); r.Code != 0 {
		c.t.Fatalf("%s: exit code %d\n%.4000s%.4000s", op, r.Code, r.Stdout, r.Stderr)
	}
	got := map[string]int{}
	for _, r := range c.cortex.Requests() {
		got[requestName(r.Method, r.Path)]++
	}
	return got
}

func requestName(method, path string) string {
	return method + " " + id.ReplaceAllString(strings.TrimPrefix(path, "/api/v1"), "{id}")
}

var id = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// TestRequestsOfAThousand reads what is there already: making it would take an engine half a minute.
func TestRequestsOfAThousand(t *testing.T) {
	const workspaces = 200
	c := newCounted(t, func(prefix string) string { return shapes[environmentsAlone].configuration(prefix, 1000) })
	importInstead(t, c.Engine, shapes[environmentsAlone].fill(t, c.cortex.URL(), c.cortex.Name("tenant"), 1000))
	c.want("import", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
	c.want("plan", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
}

// What is in environments costs one list for each environment and kind, and memberships nothing, however many kinds are read at one time.
func TestRequestsOfTheMix(t *testing.T) {
	const objects, workspaces, environments = 980, 20, 60
	c := newCounted(t, func(prefix string) string { return shapes[mixed].configuration(prefix, objects) })
	importInstead(t, c.Engine, shapes[mixed].fill(t, c.cortex.URL(), c.cortex.Name("tenant"), objects))
	lists := map[string]int{
		"GET /workspaces":                         1,
		"GET /environments":                       workspaces,
		"GET /environments/{id}/data/sources":     environments,
		"GET /environments/{id}/consumers":        environments,
		"GET /environments/{id}/consumers/groups": environments,
		"GET /environments/{id}/dashboards":       environments,
		"GET /data/models":                        environments,
		"GET /metrics":                            environments,
	}
	c.want("import", lists)
	c.want("plan", lists)
}

// A small plan does not wait for each level of what refers to each other: here, nothing is answered about a workspace until its environments are asked
// for, nor about a data model until the metrics and dashboards beside it are.
func TestSmallPlansAskAhead(t *testing.T) {
	const objects = 17 // a workspace, and an environment with all that is in it
	ahead := []string{"GET /metrics", "GET /environments/{id}/dashboards"}
	var proxy *held
	c := newCountedBehind(t, func(url string) string {
		proxy = newHeld(t, url, map[string][]string{
			"GET /workspaces/{id}":  {"GET /environments"},
			"GET /data/models/{id}": ahead,
			"GET /data/models":      ahead,
		})
		return proxy.URL
	}, "", func(prefix string) string { return shapes[mixed].configuration(prefix, objects) })
	importInstead(t, c.Engine, shapes[mixed].fill(t, c.cortex.URL(), c.cortex.Name("tenant"), objects))
	c.count("import")
	proxy.begin()
	total := 0
	for _, n := range c.count("plan") {
		total += n
	}
	if total > objects {
		t.Errorf("a plan of %d objects sent %d requests", objects, total)
	}
}

// held is a proxy that does not hand on a request until those that it is to wait for have come.
type held struct {
	*httptest.Server
	t     *testing.T
	waits map[string][]string
	mu    sync.Mutex
	came  map[string]chan struct{} // nil before begin
}

func newHeld(t *testing.T, address string, waits map[string][]string) *held {
	t.Helper()
	target, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	h := &held{t: t, waits: waits}
	next := httputil.NewSingleHostReverseProxy(target)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.wait(r)
		next.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

// begin has requests wait from now on.
func (h *held) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.came = map[string]chan struct{}{}
	for _, others := range h.waits {
		for _, other := range others {
			h.came[other] = make(chan struct{})
		}
	}
}

func (h *held) wait(r *http.Request) {
	name := requestName(r.Method, r.URL.Path)
	h.mu.Lock()
	if arrived := h.came[name]; arrived != nil {
		select {
		case <-arrived:
		default:
			close(arrived)
		}
	}
	var others []<-chan struct{}
	for _, other := range h.waits[name] {
		if arrived := h.came[other]; arrived != nil {
			others = append(others, arrived)
		}
	}
	h.mu.Unlock()
	for i, arrived := range others {
		select {
		case <-arrived:
		case <-r.Context().Done():
			h.t.Errorf("%s did not come beside %s", h.waits[name][i], name)
		}
	}
}

func TestRequestsFromNothingToNothing(t *testing.T) {
	const workspaces, environments = 20, 80
	c := newCounted(t, func(prefix string) string { return shapes[environmentsAlone].configuration(prefix, 100) })
	c.want("apply", map[string]int{"GET /workspaces": 1, "POST /workspaces": workspaces, "POST /environments": environments})
	c.want("destroy", sum(deletions(workspaces, environments), map[string]int{
		"GET /workspaces": 1, "GET /environments": workspaces, // the refresh
	}))
}

// deletions are the requests that look whether workspaces and their environments are empty, and then delete them.
func deletions(workspaces, environments int) map[string]int {
	return map[string]int{
		"GET /environments":                       workspaces,
		"GET /environments/{id}/dashboards":       environments,
		"GET /environments/{id}/data/sources":     environments,
		"GET /environments/{id}/consumers":        environments,
		"GET /environments/{id}/consumers/groups": environments,
		"GET /metrics":                            environments,
		"GET /data/models":                        environments,
		"DELETE /environments/{id}":               environments,
		"DELETE /workspaces/{id}":                 workspaces,
	}
}

// sum adds up requests.
func sum(parts ...map[string]int) map[string]int {
	all := map[string]int{}
	for _, part := range parts {
		for request, n := range part {
			all[request] += n
		}
	}
	return all
}

// crowds is ten workspaces with an environment each, in which there are consumers, some of them in the group of their environment. The
// ids for an import are those of what it makes behind Terraform's back.
func crowds(t *testing.T, c *cortextest.Cortex, e *enginetest.Engine, consumersEach, membersEach int) {
	t.Helper()
	const places = 10
	prefix, ids := c.Name("crowd"), map[string]string{}
	for i := range places {
		w := c.CreateWorkspace(fmt.Sprintf("%s %d", prefix, i), nil)
		description := "made for a test"
		environment := c.CreateEnvironment(w.ID, "Production", &description)
		group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "Everybody"})
		note := func(kind string, n int, id string) { ids[fmt.Sprintf("cortex_%s.crowd[%d]", kind, n)] = id }
		note("workspace", i, w.ID)
		note("environment", i, w.ID+"/"+environment.ID)
		note("consumer_group", i, environment.ID+"/"+group.ID)
		for j := range consumersEach {
			n := i*consumersEach + j
			consumer := c.CreateConsumer(environment.ID, map[string]any{"email": fmt.Sprintf("consumer-%d@example.com", n), "first_name": "Consumer", "last_name": ""})
			note("consumer", n, environment.ID+"/"+consumer.ID)
			if j < membersEach {
				c.AddMember(group.ID, consumer.ID)
				note("consumer_group_member", i*membersEach+j, environment.ID+"/"+group.ID+"/"+consumer.ID)
			}
		}
	}
	importInstead(t, e, ids)
	if err := e.Write("main.tf", fmt.Sprintf(`
terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

resource "cortex_workspace" "crowd" {
  count = %[2]d
  name  = "%[1]s ${count.index}"
}

resource "cortex_environment" "crowd" {
  count        = %[2]d
  workspace_id = cortex_workspace.crowd[count.index].id
  name         = "Production"
  description  = "made for a test"
}

resource "cortex_consumer" "crowd" {
  count          = %[2]d * %[3]d
  environment_id = cortex_environment.crowd[floor(count.index / %[3]d)].id
  email          = "consumer-${count.index}@example.com"
  first_name     = "Consumer"
  last_name      = ""
}

resource "cortex_consumer_group" "crowd" {
  count          = %[2]d
  environment_id = cortex_environment.crowd[count.index].id
  name           = "Everybody"
}

resource "cortex_consumer_group_member" "crowd" {
  count       = %[2]d * %[4]d
  group_id    = cortex_consumer_group.crowd[floor(count.index / %[4]d)].id
  consumer_id = cortex_consumer.crowd[floor(count.index / %[4]d) * %[3]d + count.index %% %[4]d].id
}
`, prefix, places, consumersEach, membersEach)); err != nil {
		t.Fatal(err)
	}
}

// What is in environments is read by one list for each environment and kind; memberships come with the consumers. A list is asked for as far as
// lists have spared requests before, so that of the reads that begin at one time, a few may go out by themselves.
func TestRequestsOfCrowds(t *testing.T) {
	c := newCounted(t, func(string) string { return "" })
	crowds(t, c.cortex, c.Engine, 100, 20)
	for _, op := range []string{"import", "plan"} {
		got := c.count(op)
		if n := got["GET /consumers/groups/{id}"]; n <= 10 { // the only one of its environment: instead of the list
			got["GET /environments/{id}/consumers/groups"] += n
			delete(got, "GET /consumers/groups/{id}")
		}
		if n := got["GET /consumers/{id}"]; n <= 10 {
			delete(got, "GET /consumers/{id}")
		}
		want := map[string]int{
			"GET /workspaces": 1, "GET /environments": 10, "GET /environments/{id}/consumers": 10, "GET /environments/{id}/consumers/groups": 10,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("requests of the %s (-want +got):\n%s", op, diff)
		}
	}
}

// environmentsOf is a configuration of so many workspaces, each with one environment, and local.places: the key of an environment by that of each of
// the things that are to be in it.
func environmentsOf(prefix string, environments, each int) string {
	return fmt.Sprintf(`
terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

locals {
  tenants = toset([for i in range(%d) : tostring(i)])
  places  = { for pair in setproduct(local.tenants, range(%d)) : "${pair[0]}-${pair[1]}" => pair[0] }
}

resource "cortex_workspace" "tenant" {
  for_each = local.tenants

  name = "%s-${each.key}"
}

resource "cortex_environment" "production" {
  for_each = cortex_workspace.tenant

  workspace_id = each.value.id
  name         = "Production"
}
`, environments, each, prefix)
}

// What is in environments costs one list for each environment and kind, and memberships nothing besides the lists of consumers.
func TestRequestsOfConsumers(t *testing.T) {
	const environments, each = 30, 3 // so many workspaces that what their list saves pays for all lists that are under way at one time
	c := newCounted(t, func(prefix string) string {
		return environmentsOf(prefix, environments, each) + `
resource "cortex_consumer_group" "staff" {
  for_each = cortex_environment.production

  environment_id = each.value.id
  name           = "Staff"
}

resource "cortex_consumer" "person" {
  for_each = local.places

  environment_id = cortex_environment.production[each.value].id
  email          = "person-${each.key}@example.com"
  first_name     = "Person"
  last_name      = each.key
}

resource "cortex_consumer_group_member" "staff" {
  for_each = local.places

  group_id    = cortex_consumer_group.staff[each.value].id
  consumer_id = cortex_consumer.person[each.key].id
}
`
	})
	c.want("apply", map[string]int{
		"GET /workspaces":                     1,
		"POST /workspaces":                    environments,
		"POST /environments":                  environments,
		"POST /consumers/groups":              environments,
		"POST /consumers":                     environments * each,
		"POST /consumers/groups/{id}/members": environments * each,
	})
	lists := map[string]int{
		"GET /workspaces":                         1,
		"GET /environments":                       environments,
		"GET /environments/{id}/consumers":        environments,
		"GET /environments/{id}/consumers/groups": environments,
	}
	c.want("plan", lists)
	c.want("destroy", sum(lists, deletions(environments, environments), map[string]int{
		"DELETE /consumers/groups/{id}/members/{id}": environments * each,
		"DELETE /consumers/{id}":                     environments * each,
		"DELETE /consumers/groups/{id}":              environments,
	}))
}

// Data sources cost one list for each environment too: what a plan compares of their connections is in these lists. A data source that goes has its
// environment's metrics listed before.
func TestRequestsOfDataSources(t *testing.T) {
	const environments, each = 30, 3
	sources := func(prefix, password string) string {
		return environmentsOf(prefix, environments, each) + fmt.Sprintf(`
resource "cortex_data_source" "database" {
  for_each = local.places

  environment_id = cortex_environment.production[each.value].id
  name           = "Database ${each.key}"
  alias          = "database"
  postgresql = {
    host     = "db.example.com"
    database = "sales"
    username = "ann"
    password = "%s"
  }
}
`, password)
	}
	var prefix string
	c := newCounted(t, func(of string) string { prefix = of; return sources(of, "first") })
	c.want("apply", map[string]int{
		"GET /workspaces": 1, "POST /workspaces": environments, "POST /environments": environments, "POST /data/sources": environments * each,
	})
	lists := map[string]int{"GET /workspaces": 1, "GET /environments": environments, "GET /environments/{id}/data/sources": environments}
	c.want("plan", lists)
	if err := c.Write("main.tf", sources(prefix, "second")); err != nil {
		t.Fatal(err)
	}
	changes := maps.Clone(lists)
	changes["GET /data/sources/{id}"] = environments * each // in the apply: what Cortex has besides stays
	changes["PUT /data/sources/{id}"] = environments * each
	c.want("apply", changes)
	c.want("destroy", sum(lists, deletions(environments, environments), map[string]int{
		"GET /metrics": environments * each, "DELETE /data/sources/{id}": environments * each,
	}))
}

// Data models and metrics cost one list for each environment. Cortex makes two of one name, so that the list is looked at before each is made. A metric is
// made by one request where a POST drops nothing of it.
func TestRequestsOfMetrics(t *testing.T) {
	const environments, each = 30, 3
	metrics := func(prefix, query string) string {
		return environmentsOf(prefix, environments, each) + fmt.Sprintf(`
resource "cortex_data_model" "sales" {
  for_each = cortex_environment.production

  environment_id = each.value.id
  name           = "Sales"
}

resource "cortex_metric" "revenue" {
  for_each = local.places

  data_model_id = cortex_data_model.sales[each.value].id
  name          = "Revenue ${each.key}"
  table_name    = "orders"
  measures      = [{ name = "revenue", type = "sum", query = "%s" }]
}
`, query)
	}
	var prefix string
	c := newCounted(t, func(of string) string { prefix = of; return metrics(of, "amount") })
	// One after the other, since creates that wait at one time share a look.
	c.want("apply", map[string]int{
		"GET /workspaces": 1, "POST /workspaces": environments, "POST /environments": environments,
		"GET /data/models": environments, "POST /data/models": environments, "GET /metrics": environments * each, "POST /metrics": environments * each,
	}, "-parallelism=1")
	lists := map[string]int{"GET /workspaces": 1, "GET /environments": environments, "GET /data/models": environments, "GET /metrics": environments}
	c.want("plan", lists)
	if err := c.Write("main.tf", metrics(prefix, "total")); err != nil {
		t.Fatal(err)
	}
	changes := maps.Clone(lists)
	changes["GET /metrics/{id}"] = environments * each // in the apply: what Cortex has besides stays
	changes["PUT /metrics/{id}"] = environments * each
	c.want("apply", changes)
	if c.cortex.Database() == cortextest.PostgreSQL {
		return // no environment that had a data model can be deleted
	}
	c.want("destroy", sum(lists, deletions(environments, environments), map[string]int{
		"GET /metrics":         environments, // whether the data model is empty
		"DELETE /metrics/{id}": environments * each, "DELETE /data/models/{id}": environments,
	}))
}

// Dashboards cost one list for each environment, and one request each to make. A change costs a look and an update, and two more where Cortex would keep
// something of a view.
func TestRequestsOfDashboards(t *testing.T) {
	const environments, each = 15, 2
	dashboards := func(prefix, sections string) string {
		return environmentsOf(prefix, environments, each) + fmt.Sprintf(`
resource "cortex_dashboard" "sales" {
  for_each = local.places

  environment_id = cortex_environment.production[each.value].id
  name           = "Sales ${each.key}"
  type           = "executive"
  views = {
    overview = {
      title    = "Overview"
      sections = { for alias in %s : alias => { title = alias } }
    }
  }
}
`, sections)
	}
	var prefix string
	c := newCounted(t, func(of string) string { prefix = of; return dashboards(of, `["a", "b"]`) })
	c.want("apply", map[string]int{
		"GET /workspaces": 1, "POST /workspaces": environments, "POST /environments": environments, "POST /dashboards": environments * each,
	})
	lists := map[string]int{"GET /workspaces": 1, "GET /environments": environments, "GET /environments/{id}/dashboards": environments}
	c.want("plan", lists)
	for _, change := range []struct {
		sections string
		updates  int
	}{{`["a", "b", "c"]`, 1}, {`["a", "b"]`, 3}} {
		if err := c.Write("main.tf", dashboards(prefix, change.sections)); err != nil {
			t.Fatal(err)
		}
		changes := maps.Clone(lists)
		changes["GET /dashboards/{id}"] = environments * each // in the apply: what Cortex has besides stays
		changes["PUT /dashboards/{id}"] = environments * each * change.updates
		c.want("apply", changes)
	}
	c.want("destroy", sum(lists, deletions(environments, environments), map[string]int{"DELETE /dashboards/{id}": environments * each}))
}
