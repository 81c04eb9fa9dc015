package export

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// Tenants of a shape that people have: so many workspaces, of environments in each, and of what is in each environment.
const (
	workspacesThere   = 3
	environmentsEach  = 2
	consumersEach     = 5
	groupsEach        = 2
	membersEach       = 6
	sourcesEach       = 2
	boardsEach        = 1
	environmentsThere = workspacesThere * environmentsEach
	objectsThere      = workspacesThere + environmentsThere*(1+consumersEach+groupsEach+membersEach+sourcesEach+boardsEach)
)

// edition is what the optional and editable attributes of all objects say.
type edition struct{ person, organization, description, properties string }

var (
	madeWith    = edition{"Ann", `"Acme"`, `"made"`, `jsonencode({ level = 3, vip = true, tags = ["a", null] })`}
	changedWith = edition{"Änn", `"Globex"`, `""`, `jsonencode({ level = true, vip = 1, tags = [] })`} // of which Cortex would lose some
	clearedWith = edition{"", "null", "null", "null"}
)

// block is a resource block, by its address.
type block struct{ address, kind, text string }

// lifeBlocks is the configuration of these tenants.
func lifeBlocks(name func(string) string, s edition) (all []block) {
	add := func(kind, label, format string, args ...any) {
		address := "cortex_" + kind + "." + label
		all = append(all, block{address, kind, fmt.Sprintf("resource \"cortex_%s\" %q {\n%s}\n", kind, label, fmt.Sprintf(format, args...))})
	}
	for w := range workspacesThere {
		ws := fmt.Sprint("w", w)
		add("workspace", ws, "  name = %q\n", name("Tenant/"+ws))
		for e := range environmentsEach {
			env := fmt.Sprint(ws, "_e", e)
			inside := fmt.Sprintf("  environment_id = cortex_environment.%s.id\n", env)
			add("environment", env, "  workspace_id = cortex_workspace.%s.id\n  name = %q\n", ws, []string{"Production", "Staging"}[e])
			for c := range consumersEach {
				add("consumer", fmt.Sprint(env, "_c", c), inside+"  email = %q\n  first_name = %q\n  last_name = %q\n  organization = %s\n  properties = %s\n",
					fmt.Sprintf("Person.%d@Example%d.COM", c, len(s.person)), "first "+s.person, s.person, s.organization, s.properties)
			}
			for g := range groupsEach {
				add("consumer_group", fmt.Sprint(env, "_g", g), inside+"  name = %q\n  alias = %s\n  description = %s\n  properties = %s\n",
					fmt.Sprintf("Group/%d %s", g, s.person), s.organization, s.description, s.properties)
			}
			for d := range sourcesEach {
				add("data_source", fmt.Sprint(env, "_d", d), inside+"  name = %q\n  alias = %q\n  description = %s\n  sqlite = { file_path = %q }\n",
					fmt.Sprintf("Source/%d %s", d, s.person), "alias "+s.person, s.description, "/data/"+s.person+".db")
			}
			for b := range boardsEach {
				add("dashboard", fmt.Sprint(env, "_b", b), inside+"  name = %q\n  type = \"tactical\"\n  description = %s\n  views = { v = { title = %q, sections = { s = {} } } }\n",
					fmt.Sprintf("Board/%d %s", b, s.person), s.description, "view "+s.person)
			}
			for m := range membersEach {
				add("consumer_group_member", fmt.Sprint(env, "_m", m), "  group_id = cortex_consumer_group.%s_g%d.id\n  consumer_id = cortex_consumer.%[1]s_c%[3]d.id\n",
					env, m%groupsEach, m/groupsEach+m%groupsEach)
			}
		}
	}
	return all
}

// life is an engine in a folder with such a configuration.
type life struct {
	*enginetest.Engine
	t *testing.T
	c *cortextest.Cortex
}

func newLife(t *testing.T, c *cortextest.Cortex, blocks []block, more ...string) life {
	t.Helper()
	l := life{newEngine(t, t.TempDir(), c.URL()), t, c}
	l.write(blocks, more...)
	return l
}

func (l life) write(blocks []block, more ...string) {
	l.t.Helper()
	texts := []string{"terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n"}
	for _, b := range blocks {
		texts = append(texts, b.text)
	}
	if err := l.Write("main.tf", strings.Join(append(texts, more...), "\n")); err != nil {
		l.t.Fatal(err)
	}
}

// apply applies, wants an empty plan after it and nothing written by that, and returns how many writes of each kind the apply sent.
func (l life) apply(summary string) map[string]int {
	l.t.Helper()
	l.c.Reset()
	if r := l.Run(l.t.Context(), "apply", "-auto-approve", "-no-color"); r.Code != 0 || !strings.Contains(r.Stdout, summary) {
		l.t.Fatalf("want %q: %s", summary, r)
	}
	writes := map[string]int{}
	for _, r := range l.c.Writes() {
		writes[r.Method+" "+strings.Split(strings.TrimPrefix(r.Path, "/api/v1/"), "/")[0]+map[bool]string{true: "/groups"}[strings.Contains(r.Path, "/groups")]+
			map[bool]string{true: "/members"}[strings.Contains(r.Path, "/members")]]++
	}
	l.c.Reset()
	if r := l.Run(l.t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 0 || len(l.c.Writes()) > 0 {
		l.t.Fatalf("after the apply the plan is not empty: %s", r)
	}
	return writes
}

// ids returns the ids in the state by address.
func (l life) ids() map[string]string {
	l.t.Helper()
	state, err := l.State()
	if err != nil {
		l.t.Fatal(err)
	}
	found := map[string]string{}
	for address, attributes := range state {
		found[address], _ = attributes["id"].(string)
	}
	return found
}

// TestLife takes tenants with consumers, groups and members through all that happens to them.
func TestLife(t *testing.T) {
	c := cortextest.Start(t)
	blocks := lifeBlocks(c.Name, madeWith)
	l := newLife(t, c, blocks)
	if len(blocks) != objectsThere {
		t.Fatalf("%d blocks, want %d", len(blocks), objectsThere)
	}
	want := map[string]int{"POST workspaces": workspacesThere, "POST environments": environmentsThere, "POST consumers": environmentsThere * consumersEach,
		"POST consumers/groups": environmentsThere * groupsEach, "POST consumers/groups/members": environmentsThere * membersEach,
		"POST data": environmentsThere * sourcesEach, "POST dashboards": environmentsThere * boardsEach}
	if diff := cmp.Diff(want, l.apply(fmt.Sprintf("Resources: %d added, 0 changed, 0 destroyed.", objectsThere))); diff != "" {
		t.Errorf("the writes of the first apply (-want +got):\n%s", diff)
	}
	before := l.ids()

	// Everything that can be changed, and cleared, is: in place.
	edited := environmentsThere * (consumersEach + groupsEach + sourcesEach + boardsEach)
	for _, s := range []edition{changedWith, clearedWith} {
		blocks = lifeBlocks(c.Name, s)
		l.write(blocks)
		l.apply(fmt.Sprintf("Resources: 0 added, %d changed, 0 destroyed.", edited))
		if diff := cmp.Diff(before, l.ids()); diff != "" {
			t.Errorf("objects were replaced (-before +after):\n%s", diff)
		}
	}
	l.shows(before)

	// Half of everything in environments disappears.
	blocks = lifeBlocks(c.Name, madeWith)
	l.write(blocks)
	l.apply(fmt.Sprintf("Resources: 0 added, %d changed, 0 destroyed.", edited))
	for i, address := range slices.Sorted(maps.Keys(before)) {
		if i%2 == 0 {
			l.remove(address, before[address])
		}
	}
	l.apply("Apply complete!")
	if n := len(l.ids()); n != objectsThere {
		t.Errorf("after the repair there are %d objects, want %d", n, objectsThere)
	}

	for way, imports := range l.ways(blocks) {
		t.Run("import by "+way, func(t *testing.T) {
			into := newLife(t, c, blocks, imports)
			writes := into.apply(fmt.Sprintf("Resources: %d imported, 0 added, 0 changed, 0 destroyed.", objectsThere))
			if diff := cmp.Diff(l.ids(), into.ids()); diff != "" || len(writes) > 0 {
				t.Errorf("%d writes, and the states differ (-have +imported):\n%s", len(writes), diff)
			}
		})
	}
	t.Run("export", func(t *testing.T) {
		dir := t.TempDir()
		exportTo(t, dir, c.URL(), c.Name("Tenant/*"))
		into := life{newRoot(t, dir, c.URL()), t, c}
		if writes := into.apply(fmt.Sprintf("Resources: %d imported, 0 added, 0 changed, 0 destroyed.", objectsThere)); len(writes) > 0 {
			t.Errorf("the import wrote: %v", writes)
		}
		got, want := slices.Sorted(maps.Values(into.ids())), slices.Sorted(maps.Values(l.ids()))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the objects differ (-have +exported):\n%s", diff)
		}
	})

	if r := l.Run(t.Context(), "destroy", "-auto-approve", "-no-color"); r.Code != 0 {
		t.Fatal(r)
	}
	for address, id := range l.ids() {
		t.Errorf("%s (%s) is still in the state", address, id)
	}
	for _, w := range c.Workspaces() {
		if slices.Contains(slices.Collect(maps.Values(before)), w.ID) {
			t.Errorf("workspace %q is left", w.Name)
		}
	}
	for address, id := range before {
		if path, ok := itemPaths[strings.Split(address, ".")[0]]; ok {
			if status, answer := c.Do(http.MethodGet, path+id, nil); status == http.StatusOK {
				t.Errorf("%s is left: %s", address, answer)
			}
		}
	}
}

var itemPaths = map[string]string{"cortex_workspace": "/workspaces/", "cortex_environment": "/environments/", "cortex_consumer": "/consumers/",
	"cortex_consumer_group": "/consumers/groups/", "cortex_data_source": "/data/sources/", "cortex_dashboard": "/dashboards/"}

// remove deletes what is in an environment behind Terraform's back.
func (l life) remove(address, id string) {
	l.t.Helper()
	switch strings.Split(address, ".")[0] {
	case "cortex_consumer":
		l.c.DeleteConsumer(id)
	case "cortex_consumer_group":
		l.c.DeleteConsumerGroup(id)
	case "cortex_data_source":
		l.c.DeleteDataSource(id)
	case "cortex_dashboard":
		l.c.DeleteDashboard(id)
	case "cortex_consumer_group_member":
		group, consumer, _ := strings.Cut(id, "/")
		l.c.Do(http.MethodDelete, "/consumers/groups/"+group+"/members/"+consumer, nil) // one of the two may be gone
	}
}

// shows fails the test unless what was cleared is empty in Cortex.
func (l life) shows(ids map[string]string) {
	l.t.Helper()
	for address, id := range ids {
		path := itemPaths[strings.Split(address, ".")[0]]
		if !strings.HasPrefix(path, "/consumers/") {
			continue
		}
		status, answer := l.c.Do(http.MethodGet, path+id, nil)
		var object map[string]any
		if err := json.Unmarshal(answer, &object); status != http.StatusOK || err != nil {
			l.t.Fatalf("%s: status %d: %s", address, status, answer)
		}
		for _, name := range []string{"organization", "alias", "description", "properties"} {
			if value := object[name]; value != nil && value != "" {
				l.t.Errorf("%s: %s is %v, not cleared", address, name, value)
			}
		}
	}
}

// ways returns the import blocks of everything, by each way to say what is imported.
func (l life) ways(blocks []block) map[string]string {
	l.t.Helper()
	state, err := l.State()
	if err != nil {
		l.t.Fatal(err)
	}
	text := func(address, name string) string { s, _ := state[address][name].(string); return s }
	names := map[string]string{} // by id: "tenant", "tenant/Production", "tenant/Production/Group/1"
	for _, b := range blocks {   // each after what it is in
		within := names[text(b.address, "environment_id")+text(b.address, "workspace_id")]
		name := within + "/" + text(b.address, "name") + strings.ToLower(text(b.address, "email"))
		if b.kind == "workspace" {
			name = text(b.address, "name")
		}
		if b.kind == "consumer" { // Cortex keeps the case of what stands before the @
			local, domain, _ := strings.Cut(text(b.address, "email"), "@")
			name = within + "/" + local + "@" + strings.ToLower(domain)
		}
		if b.kind == "consumer_group_member" {
			group, consumer, _ := strings.Cut(text(b.address, "id"), "/")
			name = names[group] + "/" + strings.TrimPrefix(names[consumer], within+"/")
		}
		names[text(b.address, "id")] = name
	}
	var byID, byPair, byNames, byIdentity strings.Builder
	for _, b := range blocks {
		id := text(b.address, "id")
		pair := strings.TrimPrefix(text(b.address, "environment_id")+text(b.address, "workspace_id")+"/"+id, "/")
		identity := fmt.Sprintf("id = %q", id)
		switch b.kind {
		case "consumer", "consumer_group", "data_source", "dashboard":
			identity += fmt.Sprintf("\n environment_id = %q", text(b.address, "environment_id"))
		case "consumer_group_member":
			identity = fmt.Sprintf("group_id = %q\n consumer_id = %q", text(b.address, "group_id"), text(b.address, "consumer_id"))
		}
		for to, said := range map[*strings.Builder]string{&byID: fmt.Sprintf("id = %q", id), &byPair: fmt.Sprintf("id = %q", pair),
			&byNames: fmt.Sprintf("id = %q", names[id]), &byIdentity: "identity = {\n " + identity + "\n}"} {
			fmt.Fprintf(to, "import {\n  to = %s\n  %s\n}\n", b.address, said)
		}
	}
	ways := map[string]string{"id": byID.String(), "two ids": byPair.String(), "names": byNames.String()}
	if _, v, err := l.Version(l.t.Context()); err != nil {
		l.t.Fatal(err)
	} else if v.GreaterThanOrEqual(version.Must(version.NewVersion("1.12.0"))) {
		ways["identity"] = byIdentity.String()
	}
	return ways
}
