package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What a script made is taken over, by an export and by names, and the script goes on with a part of it.
func TestGuideScripts(t *testing.T) {
	c := cortextest.Start(t)
	folder := t.TempDir()
	binary := buildProvider(t)
	e := newInstalled(t, binary, "CORTEX_API_URL="+c.URL())
	e.command(binary)
	module, err := os.ReadDir(filepath.Join(examples, "guides", "first-tenant", "tenant"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range module {
		text, err := os.ReadFile(filepath.Join(examples, "guides", "first-tenant", "tenant", file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		e.file("tenant/"+file.Name(), string(text))
	}
	knows := knowsForEach(e)
	tenants := []string{"initech"} // that the guide takes over
	if knows {
		tenants = append(tenants, "acme", "globex")
	}
	defer removeTenant(t, c, c.Name("Initech")) // which it only exports
	consumer := func() cortextest.Consumer {
		return c.Consumers(c.Environments(workspaceNamed(t, c, c.Name("Acme")).ID)[0].ID)[0]
	}
	var output string // of the commands since the last text
	for _, f := range guide(t, c, "coming-from-scripts") {
		text := strings.ReplaceAll(f.text, "/srv/cortex/", folder+"/")
		if !knows && f.section != "" && f.section != "Take over one tenant" {
			continue
		}
		switch f.language {
		case "sh":
			for _, name := range tenants {
				c.SQLiteDatabase(filepath.Join(folder, name+".db"), ordersOfGuides)
				runScript(t, c, text, c.Name(strings.ToUpper(name[:1])+name[1:]), name)
			}
		case "shell":
			c.Reset()
			output += e.follow(f)
			var want []string
			if strings.Contains(f.text, "rm imports.tf") {
				want = []string{"PUT", "PUT"}
			}
			var got []string
			for _, r := range c.Writes() {
				if !strings.HasSuffix(r.Path, "/execute") {
					got = append(got, r.Method)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: the writes are %q, want %q", f.section, got, want)
			}
		case "text":
			wantWords(t, f.section, output, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
			output = ""
		case "diff":
			old, err := os.ReadFile(filepath.Join(e.Dir, f.file))
			if err != nil {
				t.Fatal(err)
			}
			e.file(f.file, patched(t, string(old), text))
			if strings.Contains(text, "ignore_changes") {
				c.UpdateConsumer(consumer().ID, map[string]any{"properties": map[string]any{"theme": "dark"}})
			}
		default:
			e.file(f.file, text)
		}
	}
	if output != "" {
		t.Errorf("the guide does not say what is seen of\n%s", output)
	}
	if !knows {
		return
	}
	const people = "tenant/people.tf"
	text, err := os.ReadFile(filepath.Join(e.Dir, people))
	if err != nil {
		t.Fatal(err)
	}
	e.file(people, patched(t, string(text), "-  last_name      = \"\"\n+  last_name      = \"Lovelace\"\n"))
	e.run(apply...)
	if got := consumer(); got.LastName != "Lovelace" || !strings.Contains(string(got.Properties), "dark") {
		t.Errorf("after an update of something else, she is %s with %s", got.LastName, got.Properties)
	}
	e.run(destroy...)
}

// removeTenant deletes all that a script made of a name, as far as the database lets it go.
func removeTenant(t *testing.T, c *cortextest.Cortex, name string) {
	t.Helper()
	all, err := client.New(client.Config{Endpoint: c.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer all.CloseIdleConnections()
	w := workspaceNamed(t, c, name)
	for _, e := range c.Environments(w.ID) {
		contents, err := all.Contents(t.Context(), e.ID)
		if err != nil {
			t.Error(err)
		}
		for _, a := range contents {
			if err := all.DeleteAttached(t.Context(), e.ID, a); err != nil {
				t.Error(err)
			}
		}
		c.Do("DELETE", "/environments/"+e.ID, nil) // PostgreSQL keeps one that had a data model
	}
	c.Do("DELETE", "/workspaces/"+w.ID, nil)
}

var postOfScript = regexp.MustCompile(`(?s)(\w+)=\$\(post (\S+) <<END\n(.*?)\nEND\n\)`)

// runScript sends what a script of curl sends.
func runScript(t *testing.T, c *cortextest.Cortex, script string, args ...string) {
	t.Helper()
	variables := map[string]string{"1": args[0], "2": args[1]}
	expand := func(text string) string { return os.Expand(text, func(name string) string { return variables[name] }) }
	posts := postOfScript.FindAllStringSubmatch(script, -1)
	if n := strings.Count(script, "$(post "); n == 0 || n != len(posts) {
		t.Fatalf("%d requests of %d are understood", len(posts), n)
	}
	for _, m := range posts {
		status, answer := c.Do("POST", "/"+expand(strings.ReplaceAll(m[2], `"`, "")), expand(m[3]))
		var made struct{ ID string }
		if err := json.Unmarshal(answer, &made); err != nil || status >= 300 {
			t.Fatalf("POST %s: %d %s", m[2], status, answer)
		}
		variables[m[1]] = made.ID
	}
}
