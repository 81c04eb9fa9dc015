package provider_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// How much the tests of this file do. See `make dashboards`.
var (
	randomDashboards = flag.Int("dashboards", 4, "random dashboards, besides one that says everything")
	randomEdits      = flag.Int("dashboards.edits", 6, "random edits of each of them")
	randomUpdates    = flag.Int("dashboards.updates", 100, "updates from one random dashboard to another one")
	randomKills      = flag.Int("dashboards.kills", 6, "updates to kill")
	randomSeed       = flag.Uint64("dashboards.seed", 1, "what the random dashboards come from; 0 is another seed each time")
)

// newGenerator returns a generator for a test. What a failure says repeats it.
func newGenerator(t *testing.T, p *place) *generator {
	t.Helper()
	seed := *randomSeed
	if seed == 0 {
		seed = rand.Uint64N(1e9) + 1
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("repeat it with -dashboards=%d -dashboards.edits=%d -dashboards.updates=%d -dashboards.kills=%d -dashboards.seed=%d", *randomDashboards, *randomEdits, *randomUpdates, *randomKills, seed)
		}
	})
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), said: 0.4}
	for i := range 3 {
		g.metrics = append(g.metrics, p.CreateMetric(p.dataModel(p.environment.ID), map[string]any{"name": fmt.Sprint("m", i)}).ID)
	}
	return g
}

// readBack is a dashboard as Cortex shows it, without what it chooses itself.
func (p *place) readBack(id string) attributes {
	p.t.Helper()
	d, ok := p.Dashboard(id)
	if !ok {
		p.t.Fatalf("dashboard %s is gone", id)
	}
	shown := attributes(d.All)
	for _, name := range []string{"id", "alias", "environment_id", "created_by", "created_at", "updated_at", "last_viewed_at"} {
		delete(shown, name)
	}
	for _, v := range objectsIn(shown["views"]) {
		delete(v, "created_at")
		delete(v, "updated_at")
	}
	return shown
}

// differences are those between what Cortex shows and what a configuration says. To Cortex, no text and an empty one are the same.
func differences(want, got attributes) string {
	return cmp.Diff(withoutEmpty(map[string]any(decodedExactly(canonical(jsonOf(want))))), withoutEmpty(map[string]any(decodedExactly(canonical(jsonOf(got))))))
}

func withoutEmpty(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, v := range value {
			if !slices.Contains([]string{"frontend_config", "color_ranges", "filters", "parameters"}, name) {
				value[name] = withoutEmpty(v)
			}
		}
	case []any:
		if len(value) == 0 {
			return nil
		}
		for i, v := range value {
			value[i] = withoutEmpty(v)
		}
	case string:
		if value == "" {
			return nil
		}
	}
	return value
}

// tampered makes of a dashboard what somebody else may make of it: another one, also one with aliases that are there twice, or that Terraform cannot tell
// apart.
func (g *generator) tampered(d says) attributes {
	to := d
	if g.IntN(2) == 0 {
		to, _ = g.edit(d)
	} else {
		to = g.dashboard(d["name"].(string))
	}
	body := attributes(decodedExactly(jsonOf(to.shown())))
	delete(body, "name")
	views := body["views"].([]any)
	if twice := pick(g, views...).(map[string]any); g.IntN(4) == 0 {
		sections := twice["sections"].([]any)
		twice["sections"] = append(sections, sections[0])
		views = append(views, twice)
	}
	if g.IntN(4) == 0 {
		twin := decodedExactly(jsonOf(views[0]))
		twin["alias"] = "e\u0301"
		views = append(views, twin)
	}
	body["views"], body["default_view"] = views, pick(g, awkwardAliases...)
	return body
}

func decodedExactly(text string) (o cortextest.JSONObject) {
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		panic(err)
	}
	return o
}

// tally counts updates by how many PUTs they took.
type putTally map[int]int

func (c putTally) String() string {
	var all []string
	for _, n := range slices.Sorted(maps.Keys(c)) {
		all = append(all, fmt.Sprintf("%d with %d PUTs", c[n], n))
	}
	return strings.Join(all, ", ")
}

// wantPuts is how many PUTs it takes to make a dashboard of what Cortex has: none where that is the same to Cortex, three where Cortex keeps something, else one.
func wantPuts(has, want attributes) int {
	switch {
	case differences(want, has) == "":
		return 0
	case wouldLeave(has["views"], want["views"]):
		return 3
	}
	return 1
}

// puts counts the PUTs of each object that is not looked after by hand, by id.
func (p *place) puts() map[string]int {
	puts := map[string]int{}
	for _, r := range p.Writes() {
		if r.Method == http.MethodPut {
			puts[r.Path[strings.LastIndex(r.Path, "/")+1:]]++
		}
	}
	return puts
}

// Whatever was there before, an apply makes a dashboard what the configuration says, by as few requests as that takes, and the plan is empty after it.
func TestRandomDashboards(t *testing.T) {
	t.Parallel()
	const together = 26 // in one configuration
	for first := 0; first <= *randomDashboards; first += together {
		t.Run(fmt.Sprint(first), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			g := newGenerator(t, p)
			g.Rand = rand.New(rand.NewPCG(g.Uint64(), uint64(first)))
			e := newEngine(t, p.Cortex)
			var all []says
			for n := first; n <= *randomDashboards && n < first+together; n++ {
				if g.said = 0.4; n == 0 {
					g.said = 1
				}
				all = append(all, g.dashboard(fmt.Sprintf("Board %d", n)))
			}
			g.said = 0.4
			write := func() {
				var body strings.Builder
				for i, d := range all {
					block := maps.Clone(d)
					block["environment_id"] = p.environment.ID
					fmt.Fprintf(&body, "resource \"cortex_dashboard\" \"d%d\" {\n%s\n\n", i, strings.TrimPrefix(asHCL(block), "{\n"))
				}
				e.write(body.String())
			}
			ids := make([]string, len(all))
			edits := make([]string, len(all))
			tally := putTally{}
			for n := range 1 + *randomEdits {
				want := map[string]int{}
				for i, d := range all {
					if edits[i] = "it is made"; n == 0 {
						continue
					}
					if g.IntN(6) == 0 {
						edits[i] = "somebody else changed it"
						p.UpdateDashboard(ids[i], g.tampered(d))
					} else {
						all[i], edits[i] = g.edit(d)
					}
					want[ids[i]] = wantPuts(p.readBack(ids[i]), all[i].shown())
				}
				write()
				p.Reset()
				failed := func(problem string) {
					t.Fatalf("round %d: %s\nthe edits were\n%s", n, problem, strings.Join(edits, "\n"))
				}
				if r := e.try(apply...); r.Code != 0 {
					failed(r.String())
				}
				puts := p.puts()
				if r := e.try("plan", "-detailed-exitcode"); r.Code != 0 {
					failed(r.String())
				}
				state, err := e.State()
				if err != nil {
					t.Fatal(err)
				}
				for i, d := range all {
					ids[i] = state[fmt.Sprintf("cortex_dashboard.d%d", i)]["id"].(string)
					if problem := differences(d.shown(), p.readBack(ids[i])); problem != "" {
						failed(fmt.Sprintf("dashboard %d in Cortex (-want +got):\n%s", i, problem))
					}
					if n > 0 && puts[ids[i]] != want[ids[i]] {
						failed(fmt.Sprintf("dashboard %d took %d PUTs, want %d", i, puts[ids[i]], want[ids[i]]))
					}
					if n > 0 {
						tally[puts[ids[i]]]++
					}
				}
				if n%20 == 0 || n == *randomEdits {
					t.Logf("%d dashboards, %d edits of each: %v", len(all), n, tally)
				}
			}
			e.run(destroy...)
			if left := p.Dashboards(p.environment.ID); len(left) > 0 {
				t.Errorf("%d dashboards are left", len(left))
			}
		})
	}
}

// An update makes of any dashboard any other one, also where what was read before is old. It is one request, or three where Cortex would keep something.
func TestRandomDashboardUpdates(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	g := newGenerator(t, p)
	c, err := client.New(client.Config{Endpoint: p.URL()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	is := g.dashboard("Board")
	object := func(d says) client.Dashboard {
		shown := d.shown()
		o := client.Dashboard{EnvironmentID: p.environment.ID, Name: "Board", Type: shown["type"].(string), Views: json.RawMessage(jsonOf(shown["views"])),
			DefaultView: shown["default_view"].(string), Tags: []string{}}
		o.Description, _ = shown["description"].(string)
		tags, _ := shown["tags"].([]any)
		for _, tag := range tags {
			o.Tags = append(o.Tags, tag.(string))
		}
		return o
	}
	made, err := c.Dashboards.Create(t.Context(), object(is))
	if err != nil {
		t.Fatal(err)
	}
	tally := putTally{}
	for n := range *randomUpdates {
		to, what := g.edit(is)
		if g.IntN(4) == 0 {
			what += ", and somebody else changed it"
			if !c.Dashboards.Changes(object(is), object(to)) {
				continue // what was read is old, and shows nothing to do
			}
			tampered := g.tampered(is)
			delete(tampered, "description") // to take away one that nobody knew of is an update of its own
			p.UpdateDashboard(made.ID, tampered)
		}
		want := wantPuts(p.readBack(made.ID), to.shown())
		wanted := object(to)
		wanted.ID = made.ID
		p.Reset()
		if c.Dashboards.Changes(made, wanted) {
			if made, err = c.Dashboards.Update(t.Context(), made, wanted); err != nil {
				t.Fatalf("update %d, %s: %v", n, what, err)
			}
		}
		puts := p.puts()[made.ID]
		if problem := differences(to.shown(), p.readBack(made.ID)); problem != "" {
			t.Fatalf("update %d, %s (-want +got):\n%s", n, what, problem)
		}
		if puts != want {
			t.Fatalf("update %d, %s: %d PUTs, want %d", n, what, puts, want)
		}
		tally[puts]++
		is = to
	}
	t.Log(tally)
}

// Random dashboards say everything that there is to say.
func TestRandomDashboardsSayAll(t *testing.T) {
	t.Parallel()
	all, err := newServer(t).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var compare func(at string, attributes []*tfprotov6.SchemaAttribute, of shape)
	compare = func(at string, attributes []*tfprotov6.SchemaAttribute, of shape) {
		var want []string
		for _, a := range attributes {
			if a.Required || a.Optional {
				want = append(want, a.Name)
			}
			if a.NestedType != nil {
				l := of[a.Name]
				compare(at+"."+a.Name, a.NestedType.Attributes, l.inside())
			}
		}
		slices.Sort(want)
		if got := slices.Sorted(maps.Keys(of)); !slices.Equal(got, want) {
			t.Errorf("%s: random dashboards say %q, the schema has %q", at, got, want)
		}
	}
	top := maps.Clone(boardShape)
	for _, name := range []string{"environment_id", "name", "default_view"} {
		top[name] = leaf{}
	}
	compare("", all.ResourceSchemas["cortex_dashboard"].Block.Attributes, top)
}

// moments are those at which the provider is killed, by the PUT that is the last to reach Cortex and by whether it is answered.
var moments = []struct {
	name  string
	put   int
	fault cortextest.Fault
}{
	{"before the first PUT", 1, cortextest.Fault{Kind: cortextest.Hang}},
	{"before the first PUT is answered", 1, cortextest.Fault{Kind: cortextest.Hang, AfterServer: true}},
	{"between the first PUT and the two that replace", 2, cortextest.Fault{Kind: cortextest.Hang}},
	{"before the first step is answered", 2, cortextest.Fault{Kind: cortextest.Hang, AfterServer: true}},
	{"before Cortex acts on the first step", 2, cortextest.Fault{Kind: cortextest.Late, Delay: 50 * time.Millisecond}},
	{"between the two steps", 3, cortextest.Fault{Kind: cortextest.Hang}},
	{"before the second step is answered", 3, cortextest.Fault{Kind: cortextest.Hang, AfterServer: true}},
}

// Whenever the provider is killed in an update that takes several PUTs, the next apply makes the dashboard what it shall be, and touches no other one.
func TestDashboardKilled(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	g := newGenerator(t, p)
	e := newEngine(t, p.Cortex)
	theirs := p.CreateDashboard(p.environment.ID, decodedExactly(jsonOf(g.dashboard("Theirs").shown()))).ID
	ours := g.dashboard("Ours")
	write := func(d says) {
		var body strings.Builder
		for name, d := range map[string]says{"test": d, "ours": ours} {
			block := maps.Clone(d)
			block["environment_id"] = p.environment.ID
			fmt.Fprintf(&body, "resource \"cortex_dashboard\" %q %s\n\n", name, asHCL(block))
		}
		e.write(body.String())
	}
	is := g.dashboard("Board")
	write(is)
	e.run(apply...)
	ids := map[string]string{}
	for _, d := range p.Dashboards(p.environment.ID) {
		ids[d.Name] = d.ID
	}
	id := ids["Board"]
	others := func() string {
		var all []any
		for _, other := range []string{theirs, ids["Ours"]} {
			d, _ := p.Dashboard(other)
			all = append(all, d.All)
		}
		return jsonOf(all)
	}
	untouched := others()

	tally := putTally{}
	for n := range *randomKills {
		to, what := g.edit(is)
		for wantPuts(is.shown(), to.shown()) != 3 {
			to, what = g.edit(is)
		}
		moment := moments[n%len(moments)]
		puts := 0
		fault := moment.fault
		fault.Match = func(r *http.Request) bool {
			if r.Method == http.MethodPut {
				puts++
			}
			return r.Method == http.MethodPut && puts == moment.put
		}
		p.Reset()
		p.Fail(fault)
		write(to)
		ended := make(chan enginetest.Result, 1)
		go func() { ended <- e.try(apply...) }()
		for acted := false; !acted; time.Sleep(time.Millisecond) {
			select {
			case r := <-ended:
				t.Fatalf("kill %d, %s, was not: %s", n, moment.name, r)
			default:
			}
			writes := p.Writes()
			acted = len(writes) == moment.put && (writes[moment.put-1].Acted != 0 || !fault.AfterServer)
		}
		if err := e.Kill(); err != nil {
			t.Fatal(err)
		}
		if r := <-ended; r.Code == 0 {
			t.Fatalf("kill %d, %s, does not show: %s", n, moment.name, r)
		}
		p.Quiet()
		p.Reset()
		e.run(apply...)
		tally[p.puts()[id]]++
		failed := ""
		if failed = differences(to.shown(), p.readBack(id)); failed == "" && others() != untouched {
			failed = "another dashboard is not as it was"
		}
		if failed != "" {
			t.Fatalf("kill %d, %s, of %s: %s", n, moment.name, what, failed)
		}
		e.wantNoChanges()
		is = to
	}
	t.Logf("%d kills, healed: %v", *randomKills, tally)
	e.run(destroy...)
}
