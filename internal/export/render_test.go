package export

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

const (
	workspaceID   = "0f8fad5b-d9cb-469f-a165-70867728950e"
	environmentID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
)

// tenant returns a workspace with an environment in it, with labels.
func tenant(w client.Workspace, e client.Environment) []*object {
	w.ID, e.ID, e.WorkspaceID = workspaceID, environmentID, workspaceID
	outer := newObject(kinds[0], kinds[0].Describe(w), &object{})
	inner := newObject(kinds[1], kinds[1].Describe(e), outer)
	giveLabels([]*object{outer})
	giveLabels([]*object{inner})
	outer.contents = []*object{inner}
	return []*object{outer}
}

func ptr(s string) *string { return &s }

func TestRender(t *testing.T) {
	objects, refused := split(tenant(
		client.Workspace{Name: "Acme \"${x}\" %{ if }", Description: "line one\nline two 🚀"},
		client.Environment{Name: "Production", Description: ""},
	))
	if len(refused) > 0 {
		t.Fatal(complaints(refused))
	}
	endpoint := provider.Attribute{Name: "endpoint", Value: tftypes.NewValue(tftypes.String, "https://cortex.example.com")}
	files := rendered(t, shape{block: []provider.Attribute{endpoint}, version: "1.2.3"}, objects)
	const wantTerraform = `terraform {
  required_version = ">= 1.5"

  required_providers {
    cortex = {
      source  = "telescopeai/cortex"
      version = ">= 1.2.3"
    }
  }
}
`
	const wantProvider = wantTerraform + `
provider "cortex" {
  endpoint = "https://cortex.example.com"
}
`
	const values = `  name        = "Acme \"$${x}\" %%{ if }"
  description = "line one\nline two 🚀"
}
`
	const imports = `import {
  to = FOLDERcortex_workspace.WORKSPACE
  id = "0f8fad5b-d9cb-469f-a165-70867728950e"
}

import {
  to = FOLDERcortex_environment.ENVIRONMENT
  id = "0f8fad5b-d9cb-469f-a165-70867728950e/7c9e6679-7425-40de-944b-e07fc1f90ae7"
}
`
	compare(t, files, "provider.tf", wantProvider, "acme_x_if/workspace.tf", `resource "cortex_workspace" "this" {
`+values+`
resource "cortex_environment" "production" {
  workspace_id = cortex_workspace.this.id
  name         = "Production"
  description  = ""
}
`, "imports.tf", strings.NewReplacer("FOLDER", "module.acme_x_if.", "WORKSPACE", "this", "ENVIRONMENT", "production").Replace(imports),
		"acme_x_if/versions.tf", wantTerraform, "workspaces.tf", `module "acme_x_if" {
  source = "./acme_x_if"
}
`)

	files = rendered(t, shape{block: []provider.Attribute{endpoint}, version: "1.2.3", single: true}, objects)
	imported := strings.SplitAfter(strings.NewReplacer("FOLDER", "", "WORKSPACE", "acme_x_if", "ENVIRONMENT", "acme_x_if__production").Replace(imports), "}\n\n")
	compare(t, files, "main.tf", wantProvider+`
resource "cortex_workspace" "acme_x_if" {
`+values+"\n"+imported[0]+`resource "cortex_environment" "acme_x_if__production" {
  workspace_id = cortex_workspace.acme_x_if.id
  name         = "Production"
  description  = ""
}

`+imported[1])

	// A build that is no release demands no version, and what the environment says is not written.
	files = rendered(t, shape{version: "dev"}, nil)
	compare(t, files, "provider.tf", `terraform {
  required_version = ">= 1.5"

  required_providers {
    cortex = {
      source = "telescopeai/cortex"
    }
  }
}

provider "cortex" {
}
`)
}

// rendered is the configuration of the objects.
func rendered(t rapid.TB, s shape, objects []*object) []file {
	t.Helper()
	d, err := s.render(objects)
	if err != nil {
		t.Fatal(err)
	}
	return d.finished()
}

func compare(t *testing.T, files []file, namesAndContents ...string) {
	t.Helper()
	if len(files) != len(namesAndContents)/2 {
		t.Fatalf("there are %d files", len(files))
	}
	for i, f := range files {
		if f.name != namesAndContents[2*i] || string(f.content) != namesAndContents[2*i+1] {
			t.Errorf("the file %s is\n%s\nwant %s\n%s", f.name, f.content, namesAndContents[2*i], namesAndContents[2*i+1])
		}
	}
}

func TestDefaultsAreLeftOut(t *testing.T) {
	objects := tenant(client.Workspace{Name: "w"},
		client.Environment{Name: "Development", Description: "Default environment for the workspace environment"})
	if got := objects[0].is.Attributes; len(got) != 1 || got[0].Name != "name" {
		t.Errorf("the workspace's attributes are %v", got)
	}
	if got := objects[0].contents[0].is.Attributes; len(got) != 1 || got[0].Name != "workspace_id" {
		t.Errorf("the environment's attributes are %v", got)
	}
}

func TestRefused(t *testing.T) {
	objects := tenant(client.Workspace{Name: ""}, client.Environment{Name: "Production"})
	exported, refused := split(objects)
	if len(exported) != 0 {
		t.Errorf("%d objects are exported", len(exported))
	}
	if got, want := complaints(refused), `Not exported: workspace "" (`+workspaceID+`): Invalid name: A name must not be empty.
Not exported: environment "Production" (`+environmentID+`): it is in workspace "" (`+workspaceID+`), which is not exported
`; got != want {
		t.Errorf("the complaints are\n%swant\n%s", got, want)
	}

	for _, test := range []struct {
		w    client.Workspace
		e    client.Environment
		want string
	}{
		{client.Workspace{Name: "w", Description: "a\x00b"}, client.Environment{Name: "e"}, "NUL"},
		{client.Workspace{Name: "a\x00b"}, client.Environment{Name: "e"}, "NUL"},
		{client.Workspace{Name: strings.Repeat("x", 1025)}, client.Environment{Name: "e"}, "at most 1024 characters"},
		{client.Workspace{Name: "w"}, client.Environment{Name: ""}, "A name must not be empty"},
		{client.Workspace{Name: "w"}, client.Environment{Name: strings.Repeat("x", 1025)}, "at most 1024 characters"},
		{client.Workspace{Name: "w"}, client.Environment{Name: "e", Description: "\x00"}, "NUL"},
	} {
		_, refused := split(tenant(test.w, test.e))
		if got := complaints(refused); !strings.Contains(got, test.want) {
			t.Errorf("for %q and %q: %q does not say %q", test.w.Name, test.e.Name, got, test.want)
		}
	}
}

// Plans check the ids of other objects, and so does the export.
func TestRefusedID(t *testing.T) {
	e := client.Environment{ID: environmentID, WorkspaceID: strings.ToUpper(workspaceID), Name: "e"}
	if refused := kinds[1].Describe(e).Refused; refused == nil || !strings.HasPrefix(refused.Error(), "Invalid workspace_id: ") {
		t.Errorf("refused is %v", refused)
	}
}

// texts are texts as people and programs put them into names and descriptions.
var texts = rapid.OneOf(
	rapid.StringOf(rapid.RuneFrom([]rune("a ${}%\"\\\n\r\t~$%{\u0301éA\u030A🚀\u200b\ufeff\u2028\u0085\x7f\x01#/*"))),
	rapid.String(),
	rapid.SampledFrom([]string{"${x}", "$${x}", "$$${x}", "%{if x}", "%%{if x}", "%", "$", "$$", "%%{", "${", "\\${", "\\u0041", "<<EOT", "é", "e\u0301"}),
).Filter(valid)

// valid tells whether every Cortex stores the text.
func valid(s string) bool { return !strings.ContainsRune(s, 0) && utf8.ValidString(s) }

func TestEveryTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := client.Workspace{Name: texts.Draw(t, "name"), Description: texts.Draw(t, "description")}
		e := client.Environment{Name: texts.Draw(t, "environment"), Description: texts.Draw(t, "environment's description")}
		if w.Name == "" || e.Name == "" {
			return
		}
		objects, refused := split(tenant(w, e))
		if len(refused) > 0 {
			t.Fatal(complaints(refused))
		}
		files := rendered(t, shape{version: "dev", single: rapid.Bool().Draw(t, "single")}, objects)
		for _, f := range files {
			if again := hclwrite.Format(f.content); !bytes.Equal(again, f.content) {
				t.Fatalf("not formatted:\n%s", f.content)
			}
		}
		var blocks, imports hclsyntax.Blocks
		var all []byte
		for _, f := range files {
			for _, block := range blocksOf(t, f) {
				switch block.Type {
				case "resource":
					blocks = append(blocks, block)
				case "import":
					imports = append(imports, block)
				}
			}
			all = append(all, f.content...)
		}
		if len(blocks) != 2 || len(imports) != 2 {
			t.Fatalf("there are %d resources and %d imports in\n%s", len(blocks), len(imports), all)
		}
		workspace, environment := blocks[0], blocks[1]
		same(t, workspace, "name", w.Name, "")
		same(t, workspace, "description", w.Description, "")
		same(t, environment, "name", e.Name, "Development")
		same(t, environment, "description", e.Description, "Default environment for the workspace environment")
		for i, id := range []string{workspaceID, workspaceID + "/" + environmentID} {
			same(t, imports[i], "id", id, "")
			to, diags := hcl.AbsTraversalForExpr(imports[i].Body.Attributes["to"].Expr)
			if address := strings.Join(blocks[i].Labels, "."); diags.HasErrors() || !strings.HasSuffix(string(hclwrite.TokensForTraversal(to).Bytes()), address) {
				t.Fatalf("the import does not go to %s:\n%s", address, all)
			}
		}
		reference, diags := hcl.AbsTraversalForExpr(environment.Body.Attributes["workspace_id"].Expr)
		if diags.HasErrors() || reference.RootName() != workspace.Labels[0] || reference[1].(hcl.TraverseAttr).Name != workspace.Labels[1] {
			t.Fatalf("workspace_id does not refer to the workspace:\n%s", all)
		}
	})
}

func blocksOf(t *rapid.T, f file) hclsyntax.Blocks {
	parsed, diags := hclsyntax.ParseConfig(f.content, f.name, hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%v in\n%s", diags, f.content)
	}
	return parsed.Body.(*hclsyntax.Body).Blocks
}

// same fails the test unless the attribute has the text as Terraform has it, in NFC, or is left out because of its default.
func same(t *rapid.T, block *hclsyntax.Block, name, want, byDefault string) {
	attribute, ok := block.Body.Attributes[name]
	if norm.NFC.String(want) == byDefault {
		if ok {
			t.Fatalf("%s is not left out", name)
		}
		return
	}
	if !ok {
		t.Fatalf("%s is left out", name)
	}
	value, diags := attribute.Expr.Value(nil)
	if diags.HasErrors() || !value.RawEquals(cty.StringVal(want)) {
		t.Fatalf("%s is %#v, want %q (%v)", name, value, want, diags)
	}
}
