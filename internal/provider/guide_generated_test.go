package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What the guide says of configuration that Terraform writes: what is lost in it, and what makes the plan quiet.
func TestGuideGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	const name, description = `{"tier": 1, "a":2}`, "[1,  2]"
	workspace := c.CreateWorkspace(name, ptr(description))
	empty := c.CreateEnvironment(workspace.ID, "Production", ptr(""))
	nameless := c.CreateEnvironment(workspace.ID, "", ptr("x"))
	e := newEngine(t, c)
	if engine, _, err := e.Version(t.Context()); err != nil || engine != "Terraform" {
		t.Skip("OpenTofu writes empty texts, and has no queries", err)
	}
	imports := func(nameless string) {
		e.write("import {\n  to = cortex_workspace.json\n  id = \"" + workspace.ID + "\"\n}\n" +
			"import {\n  to = cortex_environment.empty\n  id = \"" + empty.ID + "\"\n}\n" + nameless)
	}
	imports("import {\n  to = cortex_environment.nameless\n  id = \"" + nameless.ID + "\"\n}\n")
	c.Reset()
	out := e.run("plan", "-generate-config-out=found.tf")
	for _, line := range []string{
		`\+ description += "Default environment for the workspace environment"`,
		`\+ name += "Development"`,
		`~ name += jsonencode\( # whitespace changes`,
		`~ description += jsonencode\( # whitespace changes`,
		"3 to import, 0 to add, 3 to change, 0 to destroy",
	} {
		if !regexp.MustCompile(line).MatchString(out) {
			t.Errorf("the plan has no %s:\n%s", line, out)
		}
	}
	for _, p := range e.problems("plan", "-generate-config-out=found.tf") {
		if p.Summary != "Target generated file already exists" {
			t.Errorf("a second plan: %q", p)
		}
	}

	found, err := os.ReadFile(filepath.Join(e.Dir, "found.tf"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?s)resource "cortex_environment" "nameless" \{.*?\n\}\n`).ReplaceAllString(string(found), "")
	text = regexp.MustCompile(`description( +)= null`).ReplaceAllString(text, `description$1= ""`)
	text = regexp.MustCompile(`(?s)jsonencode\(\{.*?\}\)`).ReplaceAllLiteralString(text, fmt.Sprintf("%q", name))
	text = strings.ReplaceAll(text, "jsonencode([1, 2])", fmt.Sprintf("%q", description))
	e.file("found.tf", text)
	imports("")
	wantWords(t, "the plan", e.run(plan...), "2 to import, 0 to add, 0 to change, 0 to destroy")
	wantWrites(t, c)
}

// What the guide says of objects that a query finds and the state has: how to see them, and what becomes of those with two blocks.
func TestGuideFoundAgain(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	managed, other := c.CreateWorkspace("Acme", nil), c.CreateWorkspace("Globex", nil)
	block := func(label, id, name string) string {
		return fmt.Sprintf("resource \"cortex_workspace\" %[1]q {\n  name = %[3]q\n}\n\nimport {\n  to = cortex_workspace.%[1]s\n  id = %[2]q\n}\n", label, id, name)
	}
	e := newEngine(t, c)
	e.write(block("acme", managed.ID, "Acme"))
	e.run(apply...)
	e.file("found.tf", block("all_0", managed.ID, "Acme")+"\n"+block("all_1", other.ID, "Globex"))

	text, err := os.ReadFile("../../templates/guides/existing-tenants.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile(`(?m)^ +terraform state pull \| .*$`).Find(text)
	if code, out := e.sh(string(command)); code != 0 || strings.Count(out, "\n") != 1 || !strings.Contains(out, `7:  id = "`+managed.ID) {
		t.Errorf("exit code %d of %s: %s", code, command, out)
	}

	wantWords(t, "the import", e.run(apply...), "2 imported, 0 added, 0 changed, 0 destroyed")
	e.write("")
	wantWords(t, "the plan with one of the two blocks", e.run(plan...), "0 to add, 0 to change, 1 to destroy")
}
