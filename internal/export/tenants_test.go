package export

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// tenantOf is what a test puts into Cortex: a workspace with what is in it.
type tenantOf struct {
	name         string
	description  *string
	environments []environmentOf
}

// environmentOf is an environment; without a description Cortex fills one in.
type environmentOf struct {
	name        string
	description *string
}

// fill puts tenants into Cortex and returns the workspaces' ids, and what takes everything away again.
func fill(t testing.TB, c *cortextest.Cortex, tenants []tenantOf) (ids []string, remove func()) {
	t.Helper()
	var environments []string
	for i, tenant := range tenants {
		id := put(t, c, "/workspaces", map[string]any{"name": tenant.name, "description": tenant.description}, fmt.Sprint(c.Name("tenant"), i))
		ids = append(ids, id)
		for j, e := range tenant.environments {
			environments = append(environments, put(t, c, "/environments",
				map[string]any{"workspace_id": id, "name": e.name, "description": e.description}, fmt.Sprint(c.Name("environment"), j)))
		}
	}
	return ids, func() {
		for _, id := range environments {
			c.DeleteEnvironment(id)
		}
		for _, id := range ids {
			c.DeleteWorkspace(id)
		}
	}
}

// put makes an object. Cortex refuses a second one of a name, but not that another one is renamed to it.
func put(t testing.TB, c *cortextest.Cortex, path string, body map[string]any, meanwhile string) string {
	t.Helper()
	status, answer := c.Do(http.MethodPost, path, body)
	name := body["name"]
	if status != http.StatusCreated && strings.Contains(string(answer), "already exists") {
		body["name"] = meanwhile
		status, answer = c.Do(http.MethodPost, path, body)
	}
	var made struct{ ID string }
	if status != http.StatusCreated || json.Unmarshal(answer, &made) != nil {
		t.Fatalf("POST %s: status %d: %s", path, status, answer)
	}
	if body["name"] != name {
		if status, answer := c.Do(http.MethodPut, path+"/"+made.ID, map[string]any{"name": name}); status != http.StatusOK {
			t.Fatalf("PUT %s: status %d: %s", path, status, answer)
		}
	}
	return made.ID
}

// awkwardNames are names of which each is hard in some way. unique makes them different from other tests' names and consists of digits;
// the same one twice gives names that are equal, or equal but for something that is easily overlooked.
func awkwardNames(unique string) []string {
	return []string{
		"Acme & Söhne " + unique,
		"  blanks around " + unique + "  ",
		`"quoted" 'name' \ ` + unique,
		"${var.name} " + unique,
		"%{ if true }yes%{ endif } " + unique,
		"$${escaped} %%{already} " + unique,
		"🚀 Rakete 👩‍👩‍👧 ❤️ " + unique,
		"Zoë " + unique,       // NFC
		"Zoe\u0308 " + unique, // NFD
		"\u212b " + unique,    // the sign of Ångström, which NFC takes for the letter Å
		unique,
		strings.Repeat("long ", 40)[:200-len(unique)] + unique,
		"twin " + unique,
		"twin " + unique,
		"Letter Case " + unique,
		"letter case " + unique,
		"東京支店 " + unique,
		"مرحبا " + unique,
		"a/b*c?d<e>|f " + unique,
		"line\nbreak\r\n\ttab \u2028 " + unique,
	}
}

// descriptions are what a workspace's description is: none, none to the provider, and some.
var descriptions = []*string{nil, ptr(""), ptr("Anvils and ${more} of %{ it }"), ptr("two\nlines, \"quoted\" \\ 🚀")}

// environmentSets are the environments of a workspace, four each.
var environmentSets = [][]environmentOf{
	{
		{"Development", ptr("Default environment for the workspace environment")}, {"Development", nil},
		{"development", ptr("")}, {"DEVELOPMENT", ptr("Default environment for the workspace environment")},
	},
	{{"Zoë", nil}, {"Zoe\u0308", nil}, {"\u212b", ptr("\u212b")}, {"Å", ptr("Å")}},
	{{"a b", ptr("${x}")}, {`"quoted"`, ptr("%{ if x }")}, {"${x}", ptr(`\"`)}, {"%{ if x }", ptr(" ")}},
	{{"🚀", nil}, {"123", ptr("")}, {strings.Repeat("y", 200), ptr(strings.Repeat("z", 5000))}, {"🚀 ", nil}},
	{{"twin", nil}, {"twin", ptr("twin")}, {"twin", ptr("")}, {"a/b", ptr("a\nb")}},
}

// awkward returns 200 workspaces with 800 environments of awkward names, and texts that select the workspaces.
func awkward(c *cortextest.Cortex) (tenants []tenantOf, selected []string) {
	number, err := strconv.ParseUint(c.Name("")[1:], 16, 32)
	if err != nil {
		panic(err)
	}
	for group := range 10 {
		unique := fmt.Sprintf("%d%02d", number, group)
		selected = append(selected, "*"+unique+"*")
		for _, name := range awkwardNames(unique) {
			i := len(tenants)
			tenants = append(tenants, tenantOf{name, descriptions[i%len(descriptions)], environmentSets[i%len(environmentSets)]})
		}
	}
	return tenants, selected
}

// contents is everything in these workspaces as Cortex shows it.
func contents(t testing.TB, c *cortextest.Cortex, ids []string) (workspaces map[string]cortextest.Workspace, environments map[string]cortextest.Environment) {
	t.Helper()
	workspaces, environments = map[string]cortextest.Workspace{}, map[string]cortextest.Environment{}
	for _, w := range c.Workspaces() {
		if !slices.Contains(ids, w.ID) {
			continue
		}
		workspaces[w.ID] = w
		for _, e := range c.Environments(w.ID) {
			environments[e.ID] = e
		}
	}
	if len(workspaces) != len(ids) {
		t.Fatalf("%d of %d workspaces are there", len(workspaces), len(ids))
	}
	return workspaces, environments
}
