package export

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// command runs the export against c and returns its exit code and what it writes to both outputs.
func command(t *testing.T, c *cortextest.Cortex, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	if c != nil {
		t.Setenv("CORTEX_API_URL", c.URL())
	}
	var out, errOut bytes.Buffer
	code = Main(t.Context(), args, &out, &errOut, "dev")
	return code, out.String(), errOut.String()
}

func TestOptions(t *testing.T) {
	t.Setenv("CORTEX_API_URL", "")
	t.Setenv("CORTEX_API_HOST", "")
	headers := filepath.Join(t.TempDir(), "headers")
	if err := os.WriteFile(headers, []byte("X-Tenant: platform\nsecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		says string
	}{
		{nil, 2, "-out is missing: the folder to write to\nRun \"terraform-provider-cortex export -help\" for the options.\n"},
		{[]string{"-out", "x", "y"}, 2, "unexpected argument \"y\"\n"},
		{[]string{"-ouT", "x"}, 2, "flag provided but not defined: -ouT\n"},
		{[]string{"-out", "x", "-max-retries", "many"}, 2, `invalid value "many" for flag -max-retries`},
		{[]string{"-out", "x", "-api-key-file", "/nowhere"}, 2, `invalid value "/nowhere" for flag -api-key-file: open /nowhere: `},
		{[]string{"-out", "x", "-headers-file", headers}, 2, `line 2 is not "Name: value"`},
		{[]string{"-out", "x"}, 1, "Error: No endpoint of Cortex: "},
		{[]string{"-out", "x", "-endpoint", "cortex.example.com"}, 1, "Error: Invalid endpoint: The scheme is missing: write http://cortex.example.com, or https://cortex.example.com if the server has TLS."},
		{[]string{"-out", "x", "-ca-cert-file", os.DevNull}, 2, `invalid value "` + os.DevNull + `" for flag -ca-cert-file: it is empty`},
		{[]string{"-out", "x", "-endpoint", "http://127.0.0.1:1", "-request-timeout", "soon"}, 1, "Error: Invalid request_timeout: "},
		{[]string{"-out", "x", "-endpoint", "http://127.0.0.1:1", "-max-retries", "0"}, 1, "Error: Cannot list the workspaces: "},
	} {
		code, stdout, stderr := command(t, nil, test.args...)
		if code != test.code || !strings.Contains(stderr, test.says) || stdout != "" {
			t.Errorf("export %q: exit code %d, %q and %q; want %d and %q", test.args, code, stdout, stderr, test.code, test.says)
		}
		if strings.Contains(stderr, "secret") {
			t.Errorf("export %q: a secret is shown: %q", test.args, stderr)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a folder was made")
	}

	code, stdout, stderr := command(t, nil, "-h")
	if code != 0 || stderr != "" || !strings.HasPrefix(stdout, "Usage: terraform-provider-cortex export -out FOLDER [options]\n") {
		t.Errorf("-h: exit code %d, %q, %q", code, stdout, stderr)
	}
	for _, option := range []string{"-out", "-workspace", "-environment", "-as-module", "-single-file", "-force", "-strict", "-endpoint", "-api-key-file", "-insecure"} {
		if !strings.Contains(stdout, "\n  "+option) {
			t.Errorf("the help does not name %s", option)
		}
	}
}

// Which of the workspaces Acme, Acme 2, b*d, bad and Zoë the texts select.
func TestSelection(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	byName := map[string]string{}
	for _, name := range []string{"Acme", "Acme 2", "b*d", "bad", "Zoe\u0308"} {
		byName[name] = c.CreateWorkspace(name, nil).ID
	}
	retired := c.CreateWorkspace("retired", nil).ID // as nobody selects it, even by its name
	c.UpdateWorkspace(retired, map[string]any{"name": "retired " + retired})
	c.CreateEnvironment(retired, "Production", nil)
	inside := c.CreateEnvironment(byName["Acme"], "Production", nil).ID // of which nothing is listed
	c.UpdateEnvironment(inside, map[string]any{"name": "retired " + inside})
	all := []string{"acme", "acme_2", "b_d", "bad", "default", "zoë"}
	for _, test := range []struct {
		texts []string
		want  []string
	}{
		{nil, all},
		{[]string{"*"}, all},
		{[]string{"Acme"}, []string{"acme"}},
		{[]string{"Acme*"}, []string{"acme", "acme_2"}},
		{[]string{"Acme ?", "bad"}, []string{"acme_2", "bad"}},
		{[]string{byName["Acme"]}, []string{"acme"}},
		{[]string{strings.ToUpper(byName["Acme 2"])}, []string{"acme_2"}},
		{[]string{"b*d"}, []string{"b_d", "bad"}},
		{[]string{byName["b*d"]}, []string{"b_d"}},
		{[]string{"Zo\u00eb"}, []string{"zoë"}},
		{[]string{"Zo?"}, []string{"zoë"}}, // one character, however it is written
		{[]string{"Acme", "A*"}, []string{"acme", "acme_2"}},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		args := []string{"-out", dir}
		for _, text := range test.texts {
			args = append(args, "-workspace", text)
		}
		c.Reset()
		if code, _, stderr := command(t, c, args...); code != 0 {
			t.Errorf("%q: %s", test.texts, stderr)
			continue
		}
		var got []string
		for name := range configuration(t, dir) {
			if folder, isWorkspace := strings.CutSuffix(name, "/workspace.tf"); isWorkspace {
				got = append(got, folder)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%q selects %q, want %q", test.texts, got, test.want)
		}
		want := 1 + len(test.want)
		if slices.Contains(test.want, "default") {
			want += 6 // it has an environment, of which each kind of object is listed
		}
		if n := len(c.Requests()); n != want {
			t.Errorf("%q: %d requests for %d workspaces, want %d", test.texts, n, len(test.want), want)
		}
	}

	dir := filepath.Join(t.TempDir(), "out")
	code, _, stderr := command(t, c, "-out", dir, "-workspace", "acme", "-workspace", "Acme", "-workspace", "none*")
	if code != 1 || stderr != "Error: no workspace has the name or id \"acme\" or matches it; nothing was written\n"+
		"no workspace has the name or id \"none*\" or matches it; nothing was written\n" {
		t.Errorf("exit code %d and %q for texts without a workspace", code, stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made all the same")
	}
}

// Names may hold what a terminal takes for more than text. What is written keeps them, and shows none as it is.
func TestOutputIsPrintable(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	const name = "\x1b[2Ja\nb"
	w := c.CreateWorkspace(name, ptr(name))
	e := c.CreateEnvironment(w.ID, name, ptr(name)).ID
	properties := map[string]any{name: name}
	group := c.CreateConsumerGroup(e, map[string]any{"name": name, "alias": name, "description": name, "properties": properties}).ID
	consumer := c.CreateConsumer(e, map[string]any{"email": "ann@example.com", "first_name": name, "last_name": name, "properties": properties}).ID
	c.AddMember(group, consumer)
	refused := c.CreateWorkspace("refused", nil)
	c.UpdateWorkspace(refused.ID, map[string]any{"name": strings.Repeat(name, 200)}) // too long
	code, stdout, stderr := command(t, c, "-out", "-")
	if code != 0 || !strings.Contains(stderr, `Not exported: workspace "\x1b[2Ja\nb`) {
		t.Errorf("exit code %d, %q", code, stderr)
	}
	for _, text := range []string{stdout, stderr} {
		if strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) || strings.Contains(text, "a\nb") {
			t.Errorf("the output is %q", text)
		}
	}
	if n := strings.Count(stdout, `"\u001b[2Ja\nb"`); n != 13 {
		t.Errorf("the name is there %d times:\n%s", n, stdout)
	}
	code, _, stderr = command(t, c, "-out", "-", "-workspace", name+"?")
	if code != 1 || strings.ContainsFunc(strings.TrimSpace(stderr), unicode.IsControl) {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// What the command says, and what it leaves out of the provider block.
func TestMessages(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	nameless := c.CreateWorkspace("nameless", nil)
	c.UpdateWorkspace(nameless.ID, map[string]any{"name": ""})
	inside := c.CreateEnvironment(nameless.ID, "inside", nil)
	folder := t.TempDir()
	secrets := t.TempDir()
	for name, text := range map[string]string{"key": "hush-hush\n", "headers": "X-Secret: whisper\n"} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "old.tf"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-out", folder, "-endpoint", c.URL() + "/api/v1/", "-api-key-file", filepath.Join(secrets, "key"),
		"-headers-file", filepath.Join(secrets, "headers"), "-request-timeout", "20s", "-max-retries", "2"}
	code, stdout, stderr := command(t, nil, args...)
	want := fmt.Sprintf(`Not exported: workspace "" (%s): Invalid name: A name must not be empty.
Not exported: environment "inside" (%s): it is in workspace "" (%[1]s), which is not exported
Exported 1 workspace, 1 environment, 1 data model, 1 dashboard to %[3]s.
Not exported: 1 workspace, 1 environment, as said above.
The folder also has old.tf, which Terraform reads together with it. Remove what an earlier export left.
The provider block does not say api_key, headers: add what a plan needs of it, or set its environment variable.
Next: look through the files, and run "terraform init" and "terraform plan" there. The plan must say
"4 to import, 0 to add, 0 to change, 0 to destroy".
`, nameless.ID, inside.ID, folder)
	if code != 0 || stdout != "" || stderr != want {
		t.Errorf("exit code %d, %q and\n%s\nwant\n%s", code, stdout, stderr, want)
	}
	r := c.Requests()[0]
	if r.Header.Get("Authorization") != "Bearer hush-hush" || r.Header.Get("X-Secret") != "whisper" || r.Header.Get("User-Agent") != "terraform-provider-cortex/dev" {
		t.Errorf("the headers were %v", r.Header)
	}
	files := configuration(t, folder)
	for name, text := range files {
		if strings.Contains(text, "hush") || strings.Contains(text, "whisper") {
			t.Errorf("%s holds a secret:\n%s", name, text)
		}
	}
	if want := fmt.Sprintf(`provider "cortex" {
  endpoint        = %q
  request_timeout = "20s"
  max_retries     = 2
}
`, c.URL()+"/api/v1/"); !strings.HasSuffix(files["provider.tf"], want) {
		t.Errorf("provider.tf ends with\n%s\nwant\n%s", files["provider.tf"], want)
	}

	strict := filepath.Join(t.TempDir(), "strict")
	code, _, stderr = command(t, c, "-out", strict, "-strict")
	if code != 1 || !strings.HasSuffix(stderr, "Error: nothing was written, because of -strict and what is named above\n") {
		t.Errorf("-strict: exit code %d and\n%s", code, stderr)
	}
	if _, err := os.Stat(strict); err == nil {
		t.Error("-strict made a folder")
	}

	code, stdout, stderr = command(t, c, "-out", "-", "-workspace", "Default")
	single := filepath.Join(t.TempDir(), "single")
	if code, _, stderr := command(t, c, "-out", single, "-workspace", "Default", "-single-file"); code != 0 {
		t.Fatal(stderr)
	}
	if diff := cmp.Diff(map[string]string{"main.tf": stdout}, configuration(t, single)); code != 0 || stderr != "" || diff != "" {
		t.Errorf("standard output: exit code %d, %q, and it differs from the single file (-stdout +file):\n%s", code, stderr, diff)
	}
}

func TestNothingToExport(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	for _, w := range c.Workspaces() {
		for _, e := range c.Environments(w.ID) {
			c.DeleteEnvironment(e.ID)
		}
		c.DeleteWorkspace(w.ID)
	}
	dir := t.TempDir()
	if code, _, stderr := command(t, c, "-out", dir); code != 0 || stderr != "Exported 0 workspaces, 0 environments to "+dir+".\n" {
		t.Errorf("exit code %d and %q", code, stderr)
	}
}

// When Cortex does not answer as it should, nothing is written, whatever was read before.
func TestReadErrors(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	var ids []string
	for i := range 40 {
		ids = append(ids, c.CreateWorkspace(fmt.Sprintf("w%02d", i), nil).ID)
	}
	of := func(id string) func(*http.Request) bool {
		return func(r *http.Request) bool { return r.URL.Query().Get("workspace_id") == id }
	}
	for _, test := range []struct {
		name  string
		fault cortextest.Fault
		says  string
	}{
		{"denied", cortextest.Fault{Kind: cortextest.Answer, Status: 401, Body: "who are you?"},
			"Error: Cannot list the workspaces: GET " + c.URL() + "/api/v1/workspaces: status 401: who are you?.\n\nSomething in front of Cortex refuses the credentials"},
		{"one list", cortextest.Fault{Kind: cortextest.Answer, Status: 403, Body: "no", Match: of(ids[30])},
			"Error: Cannot list the environments of workspace \"w30\" (" + ids[30] + "): "},
		{"HTML", cortextest.Fault{Kind: cortextest.Answer, Status: 200, ContentType: "text/html", Body: "<p>Log in</p>", Match: cortextest.Matching("GET", "/workspaces")},
			"This is not an answer of Cortex."}, // only this list: others of the case before may still come
	} {
		t.Run(test.name, func(t *testing.T) {
			c.Reset()
			c.Fail(test.fault)
			dir := filepath.Join(t.TempDir(), "out")
			code, _, stderr := command(t, c, "-out", dir)
			if _, err := os.Stat(dir); code != 1 || !strings.Contains(stderr, test.says) || err == nil {
				t.Errorf("exit code %d and %q, want %q", code, stderr, test.says)
			}
		})
	}

	c.Reset()
	c.Fail(cortextest.Fault{Kind: cortextest.Answer, Status: 404, Body: "Workspace with ID " + ids[7] + " does not exist in the database", Match: of(ids[7])})
	code, _, stderr := command(t, c, "-out", t.TempDir())
	if want := "Not exported: workspace \"w07\" (" + ids[7] + "): it was deleted while the export ran\n"; code != 0 || !strings.HasPrefix(stderr, want) {
		t.Errorf("exit code %d and %q, want %q", code, stderr, want)
	}
}

// Ctrl-C ends the command at once, though Cortex does not answer, and nothing is written.
func TestInterrupted(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	c.Intercept = func(r *http.Request) *cortextest.Fault {
		if strings.HasSuffix(r.URL.Path, "/environments") {
			cancel()
			return &cortextest.Fault{Kind: cortextest.Hang}
		}
		return nil
	}
	dir := filepath.Join(t.TempDir(), "out")
	var errOut bytes.Buffer
	code := Main(ctx, []string{"-out", dir, "-endpoint", c.URL()}, io.Discard, &errOut, "dev")
	if _, err := os.Stat(dir); code != 1 || errOut.String() != "Error: interrupted; nothing was written\n" || err == nil {
		t.Errorf("exit code %d and %q", code, errOut.String())
	}
}

// The progress line shows each kind's begin and end, and not more than ten steps a second between.
func TestProgress(t *testing.T) {
	var b strings.Builder
	line := &progressLine{to: &b, on: true}
	line.show("environments", 0, 1000)
	began := time.Now()
	for i := range 999 {
		line.show("environments", i+1, 1000)
	}
	steps := int(time.Since(began)/(100*time.Millisecond)) + 1
	line.show("environments", 1000, 1000)
	line.clear()
	if got := strings.Count(b.String(), "\r"); got < 3 || got > 3+steps {
		t.Errorf("%d lines were drawn", got)
	}
	if !strings.HasPrefix(b.String(), "\r\x1b[KReading environments: 0 of 1000 lists\r") || !strings.HasSuffix(b.String(), "1000 of 1000 lists\r\x1b[K") {
		t.Errorf("the line is %q", b.String())
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if isTerminal(file) || isTerminal(&b) {
		t.Error("a file is taken for a terminal")
	}
}

// Any tenants, without an engine: what was written, read back, is what Cortex has, each object once.
func TestAnyConfiguration(t *testing.T) {
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	rapid.Check(t, func(rt *rapid.T) {
		ids, remove := fill(t, c, anyTenants.Draw(rt, "tenants"))
		defer remove()
		var out, errOut bytes.Buffer
		args := []string{"-out", "-", "-endpoint", c.URL()}
		for _, id := range ids {
			args = append(args, "-workspace", id)
		}
		if code := Main(t.Context(), args, &out, &errOut, "dev"); code != 0 {
			rt.Fatal(errOut.String())
		}
		blocks := blocksOf(rt, file{"main.tf", out.Bytes()})
		attributes := map[string]map[string]string{} // of the resources, by address
		ofID := map[string]string{}
		for _, block := range blocks {
			values := map[string]string{}
			for name, a := range block.Body.Attributes {
				values[name] = textOf(rt, a)
			}
			switch block.Type {
			case "resource":
				address := strings.Join(block.Labels, ".")
				if attributes[address] != nil {
					rt.Fatalf("%s is there twice", address)
				}
				attributes[address] = values
			case "import":
				id := values["id"][strings.LastIndex(values["id"], "/")+1:]
				if ofID[id] != "" {
					rt.Fatalf("%s is imported twice", id)
				}
				ofID[id] = values["to"]
			}
		}
		if len(attributes) != len(ofID) {
			rt.Fatalf("%d resources, but %d imports", len(attributes), len(ofID))
		}
		left := strings.Count(errOut.String(), "Not exported: workspace \"") + strings.Count(errOut.String(), "Not exported: environment \"")
		workspaces, environments := contents(t, c, ids)
		if len(workspaces)+len(environments) != len(ofID)+left {
			rt.Fatalf("%d objects, %d imports, and\n%s", len(workspaces)+len(environments), len(ofID), &errOut)
		}
		has := func(id, name, want, byDefault string) {
			got, ok := attributes[ofID[id]][name]
			if !ok {
				got = byDefault
			}
			if got != norm.NFC.String(want) || ok && got == byDefault {
				rt.Fatalf("%s of %s is %q in\n%s\nwant %q", name, id, got, &out, want)
			}
		}
		for id, w := range workspaces {
			if ofID[id] == "" {
				continue
			}
			has(id, "name", w.Name, "")
			has(id, "description", deref(w.Description), "")
		}
		for id, e := range environments {
			if ofID[id] == "" {
				continue
			}
			has(id, "workspace_id", ofID[e.WorkspaceID]+".id", "")
			has(id, "name", e.Name, "Development")
			has(id, "description", deref(e.Description), "Default environment for the workspace environment")
		}
	})
}

// textOf is an attribute's text, or the address that it refers to.
func textOf(t *rapid.T, a *hclsyntax.Attribute) string {
	if traversal, diags := hcl.AbsTraversalForExpr(a.Expr); !diags.HasErrors() {
		var steps []string
		for _, step := range traversal {
			switch step := step.(type) {
			case hcl.TraverseRoot:
				steps = append(steps, step.Name)
			case hcl.TraverseAttr:
				steps = append(steps, step.Name)
			}
		}
		return strings.Join(steps, ".")
	}
	value, diags := a.Expr.Value(nil)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return value.AsString()
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
