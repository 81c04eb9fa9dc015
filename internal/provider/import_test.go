package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// wantImports imports a resource that the state has once more, by an import block in a plan and by the command: both have to find what there is.
func (e *engine) wantImports(address, id string) {
	e.t.Helper()
	want := e.attributes(address)
	e.run("state", "rm", address)
	e.wantImportPlanned(address, fmt.Sprintf("id = %q", id))
	e.writeImport("")
	e.run("import", address, id)
	if diff := cmp.Diff(want, e.attributes(address)); diff != "" {
		e.t.Errorf("%s is another one when it is imported by %q (-before +after):\n%s", address, id, diff)
	}
}

// wantImportedByIdentity imports a resource that the state has once more, by the identity that it has there, which is these attributes.
func (e *engine) wantImportedByIdentity(address string, attributes ...string) {
	e.t.Helper()
	var checks []statecheck.StateCheck
	var identity strings.Builder
	for _, name := range attributes {
		checks = append(checks, statecheck.ExpectIdentityValueMatchesState(address, path(name)))
		fmt.Fprintf(&identity, "    %s = %q\n", name, e.attributes(address)[name])
	}
	e.wantState(checks)
	e.run("state", "rm", address)
	e.wantImportPlanned(address, "identity = {\n"+identity.String()+"  }")
	e.run(apply...)
	e.writeImport("")
}

// wantImportPlanned plans with an import block, which has to be all that changes.
func (e *engine) wantImportPlanned(address, source string) {
	e.t.Helper()
	e.writeImport(fmt.Sprintf("import {\n  to = %s\n  %s\n}\n", address, source))
	if out := e.run(plan...); !strings.Contains(out, "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.") {
		e.t.Errorf("the plan of an import of %s by %s is:\n%s", address, source, out)
	}
}

// writeImport replaces the import blocks beside the configuration.
func (e *engine) writeImport(blocks string) {
	e.t.Helper()
	if err := e.Write("import.tf", blocks); err != nil {
		e.t.Fatal(err)
	}
}

// knowsIdentities says whether the engine's import blocks can have an identity.
func (e *engine) knowsIdentities() bool {
	e.t.Helper()
	return e.version().GreaterThanOrEqual(version.Must(version.NewVersion("1.12.0")))
}

// attributes are those of a resource in the state.
func (e *engine) attributes(address string) map[string]any {
	e.t.Helper()
	all, err := e.State()
	if err != nil || all[address] == nil {
		e.t.Fatalf("%s is not in the state: %v", address, err)
	}
	return all[address]
}

// id is the id of a resource in the state.
func (e *engine) id(address string) string {
	e.t.Helper()
	return fmt.Sprint(e.attributes(address)["id"])
}

func TestImport(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	name := c.Name("a/b")
	e.write(workspaceBlock(name, `description = "Anvils"`) + environmentBlock(`name = "x/y"`, `description = ""`))
	e.run(apply...)
	c.Reset()
	workspaceID, environmentID := e.id(theWorkspace), e.id(theEnvironment)
	for _, id := range []string{workspaceID, strings.ToUpper(workspaceID), name} {
		e.wantImports(theWorkspace, id)
	}
	for _, id := range []string{environmentID, name + "/x/y", workspaceID + "/x/y", workspaceID + "/" + environmentID, name + "/" + environmentID} {
		e.wantImports(theEnvironment, id)
	}
	e.wantNoChanges()
	wantWrites(t, c)
	e.run(destroy...)
}

func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, c)
	if !e.knowsIdentities() {
		t.Skip("the engine's import blocks know no identity")
	}
	e.write(workspaceBlock(c.Name("acme")) + environmentBlock())
	e.run(apply...)
	c.Reset()
	e.wantImportedByIdentity(theWorkspace, "id")
	e.wantImportedByIdentity(theEnvironment, "id")
	wantWrites(t, c)
	e.run(destroy...)
}

// An import writes what the configuration says of the two attributes that Cortex does not know, and sends nothing for it.
func TestImportWithProtection(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("acme"), ptr("Anvils"))
	e := newEngine(t, c)
	block := fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", theWorkspace, w.Name)
	e.write(block + workspaceBlock(w.Name, `description = "Anvils"`, "deletion_protection = true"))
	e.run(apply...)
	e.wantNoChanges()
	wantWrites(t, c)
	if problems := e.problems(destroy...); len(problems) != 1 || !strings.HasSuffix(problems[0].Summary, ": it is protected from deletion") {
		t.Errorf("the errors are %q", problems)
	}
	e.write(block + workspaceBlock(w.Name, `description = "Anvils"`))
	e.run(apply...)
	wantWrites(t, c)
	e.run(destroy...)
}

// Everything of a tenant, by import blocks over the data sources, without a write.
func TestImportEverything(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	var ids []string
	var blocks strings.Builder
	for i := range 3 {
		w := c.CreateWorkspace(fmt.Sprintf("%s-%d", c.Name("tenant"), i), nil)
		ids = append(ids, w.ID)
		fmt.Fprintf(&blocks, "resource \"cortex_workspace\" \"w%d\" {\n  name = %q\n}\nimport {\n  to = cortex_workspace.w%d\n  id = %q\n}\n", i, w.Name, i, w.ID)
		for j, name := range []string{"Development", "Staging", "Production"} {
			c.CreateEnvironment(w.ID, name, ptr(""))
			fmt.Fprintf(&blocks, "resource \"cortex_environment\" \"e%d%d\" {\n  workspace_id = cortex_workspace.w%d.id\n  name = %q\n  description = \"\"\n}\n"+
				"import {\n  to = cortex_environment.e%d%d\n  id = \"%s/%s\"\n}\n", i, j, i, name, i, j, w.Name, name)
		}
	}
	e := newEngine(t, c)
	e.write(blocks.String())
	out := e.run("apply", "-auto-approve", "-no-color")
	if !strings.Contains(out, "Resources: 12 imported, 0 added, 0 changed, 0 destroyed.") {
		t.Errorf("apply said:\n%s", out)
	}
	e.wantNoChanges()
	wantWrites(t, c)
	e.write("")
	e.run(apply...)
	for _, id := range ids {
		if _, ok := c.Workspace(id); ok {
			t.Errorf("workspace %s is left behind", id)
		}
	}
}

// Importing costs what reading the objects costs, or by name what it takes to look the names up; never both.
func TestImportCosts(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ workspaces, environments int }{{1, 1}, {3, 1}, {12, 4}} {
		objects := size.workspaces * (1 + size.environments)
		for _, by := range []string{"id", "name"} {
			t.Run(fmt.Sprintf("%d times %d by %s", size.workspaces, size.environments, by), func(t *testing.T) {
				c := cortextest.Start(t)
				var body, blocks strings.Builder
				for i := range size.workspaces {
					w := c.CreateWorkspace(fmt.Sprintf("%s-%d", c.Name("tenant"), i), nil)
					place := map[string]string{"id": w.ID, "name": w.Name}[by]
					fmt.Fprintf(&body, "resource \"cortex_workspace\" \"w%d\" {\n  name = %q\n}\n", i, w.Name)
					fmt.Fprintf(&blocks, "import {\n  to = cortex_workspace.w%d\n  id = %q\n}\n", i, place)
					for j := range size.environments {
						e := c.CreateEnvironment(w.ID, fmt.Sprint("e", j), ptr(""))
						own := map[string]string{"id": e.ID, "name": e.Name}[by]
						fmt.Fprintf(&body, "resource \"cortex_environment\" \"e%d_%d\" {\n  workspace_id = cortex_workspace.w%d.id\n  name = %q\n  description = \"\"\n}\n", i, j, i, e.Name)
						fmt.Fprintf(&blocks, "import {\n  to = cortex_environment.e%d_%d\n  id = \"%s/%s\"\n}\n", i, j, place, own)
					}
				}
				e := newEngine(t, c)
				e.write(body.String() + blocks.String())
				c.Reset()
				e.run(plan...)
				got, want, most := len(c.Requests()), objects, objects
				switch {
				case by == "name":
					want, most = 1+size.workspaces, 1+size.workspaces // each list once
				case objects > 20:
					want, most = 0, objects+2 // so many that lists may answer for them
				}
				if got < want || got > most {
					t.Errorf("the import sent %d requests, want %d to %d", got, want, most)
				}
				e.run(apply...)
				wantWrites(t, c)
				e.wantNoChanges()
				e.run(destroy...)
			})
		}
	}
}

// Two ids are not looked up; but an object that is in another workspace than the text says is not imported: the plan would delete it, to
// make another one where the text says.
func TestImportByTwoIDs(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	w, other := c.CreateWorkspace(c.Name("acme"), nil), c.CreateWorkspace(c.Name("other"), nil)
	environment := c.CreateEnvironment(w.ID, "Production", ptr(defaultDescription))
	const missing = "00000000-0000-4000-8000-000000000000"
	body := workspaceBlock(w.Name) + environmentBlock(`name = "Production"`)
	for _, workspaceID := range []string{other.ID, missing} {
		e := newEngine(t, c)
		e.write(body + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\nimport {\n  to = %s\n  id = \"%s/%s\"\n}\n",
			theWorkspace, w.ID, theEnvironment, workspaceID, environment.ID))
		e.wantProblems(apply, problem{
			Summary: fmt.Sprintf("Cannot read environment \"Production\" (%s): it is in another workspace", environment.ID),
			Detail: fmt.Sprintf("It is in workspace %s, not in %s. Cortex never moves one, so the id of the workspace is wrong: correct it where the object is imported, or in "+
				"the state (terraform state rm, then import). Nothing was changed.", w.ID, workspaceID),
		})
	}
	for _, id := range []string{w.ID + "/" + missing, missing + "/" + missing} {
		e := newEngine(t, c)
		e.write(body + fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", theEnvironment, id))
		if problems := e.problems(plan...); len(problems) != 1 || problems[0].Summary != "Cannot import non-existent remote object" {
			t.Errorf("%s: the errors are %q", id, problems)
		}
	}
	wantWrites(t, c)
	c.DeleteEnvironment(environment.ID)
	c.DeleteWorkspace(w.ID)
	c.DeleteWorkspace(other.ID)
}

func TestImportErrors(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{}) // alone: the messages list what there is
	onboarded := workspaceNamed(t, c, "Default")
	twins := []cortextest.Workspace{c.CreateWorkspace("acme", nil), c.CreateWorkspace("twin", nil)}
	c.UpdateWorkspace(twins[1].ID, map[string]any{"name": "acme"})
	if twins[0].ID > twins[1].ID {
		twins[0], twins[1] = twins[1], twins[0]
	}
	all := fmt.Sprintf("  - workspace \"Default\" (%s)\n  - workspace \"acme\" (%s)\n  - workspace \"acme\" (%s)\n", onboarded.ID, twins[0].ID, twins[1].ID)
	test := environmentNamed(t, c, onboarded.ID, "Test")
	empty := c.CreateWorkspace("empty", nil)
	all += fmt.Sprintf("  - workspace \"empty\" (%s)\n", empty.ID)
	// Two ways to read a name with slashes.
	one := c.CreateWorkspace("p", nil)
	two := c.CreateWorkspace("p/q", nil)
	first := c.CreateEnvironment(one.ID, "q/r", nil)
	second := c.CreateEnvironment(two.ID, "r", nil)
	all += fmt.Sprintf("  - workspace \"p\" (%s)\n  - workspace \"p/q\" (%s)\n", one.ID, two.ID)
	const missing = "00000000-0000-4000-8000-000000000000"

	e := newEngine(t, c)
	for _, test := range []struct{ kind, id, detail string }{
		{"workspace", "acm", "There is no such workspace; there are:\n" + all},
		{"workspace", "Acme", "There is no such workspace; there are:\n" + all},
		{"workspace", missing, "There is no such workspace; there are:\n" + all},
		{"workspace", "acme", fmt.Sprintf("There are several; choose one by its id:\n  - workspace \"acme\" (%s)\n  - workspace \"acme\" (%s)\n", twins[0].ID, twins[1].ID)},
		{"environment", "Test", "An environment is imported by its id (a UUID), or by the id or name of its workspace and its own name with a slash between, such as " +
			"\"acme/Production\"."},
		{"environment", "Default/Prod", fmt.Sprintf("There is no such environment; there are:\n  - environment \"Test\" (%s)\n", test.ID)},
		{"environment", "nowhere/Test", "No workspace with an environment in it has what stands before a slash as its id or name; there are:\n" + all},
		{"environment", "empty/Test", "No workspace with an environment in it has what stands before a slash as its id or name; there are:\n" + all},
		{"environment", "p/q/r", fmt.Sprintf("There are several; choose one by its id:\n  - environment \"q/r\" (%s)\n  - environment \"r\" (%s)\n", first.ID, second.ID)},
		{"environment", missing, fmt.Sprintf("GET %s/api/v1/environments/%s: status 404: Environment with ID %s does not exist in the database.\n\nCortex does not have the "+
			"environment %s that the request is about. Plan again; if another part of the configuration names this id, correct it there.", c.URL(), missing, missing, missing)},
	} {
		e.write(fmt.Sprintf("import {\n  to = cortex_%s.test\n  id = %q\n}\n", test.kind, test.id) + workspaceBlock("acme") + environmentBlock())
		e.wantProblems(plan, problem{Summary: fmt.Sprintf("Cannot import %s %q", test.kind, test.id), Detail: test.detail})
	}
	wantWrites(t, c)
}

// A workspace whose name looks like an id is found by it, as long as no workspace has that id.
func TestImportNameLikeID(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	w := c.CreateWorkspace("", nil) // a name of this kind cannot be made unique otherwise
	name := strings.ToUpper(w.ID[:8]) + "-0000-4000-8000-000000000000"
	c.UpdateWorkspace(w.ID, map[string]any{"name": name})
	c.CreateEnvironment(w.ID, "Production", ptr(defaultDescription))
	e := newEngine(t, c)
	e.write(fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\nimport {\n  to = %s\n  id = \"%s/Production\"\n}\n", theWorkspace, name, theEnvironment, name) +
		workspaceBlock(name) + environmentBlock(`name = "Production"`))
	e.run(apply...)
	e.wantNoChanges()
	wantWrites(t, c)
	e.run(destroy...)
}
