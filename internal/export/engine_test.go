package export

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// crowd counts the requests that are under way at one time.
type crowd struct {
	next     http.Handler
	mu       sync.Mutex
	now, max int
}

func (c *crowd) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.add(1)
	defer c.add(-1)
	c.next.ServeHTTP(w, r)
}

func (c *crowd) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += n
	c.max = max(c.max, c.now)
}

// most returns how many requests were under way at one time.
func (c *crowd) most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.max
}

// A thousand objects with awkward names come under management by one command and one apply.
func TestThousandObjects(t *testing.T) {
	c := cortextest.Start(t)
	crowd := &crowd{next: c.Front}
	server := httptest.NewServer(crowd)
	t.Cleanup(server.Close)
	dir := t.TempDir()
	newEngine(t, dir, server.URL) // skips without an engine
	tenants, selected := awkward(c)
	ids, _ := fill(t, c, tenants)
	workspacesBefore, environmentsBefore := contents(t, c, ids)
	if len(workspacesBefore) != 200 || len(environmentsBefore) != 800 {
		t.Fatalf("the test has %d workspaces and %d environments", len(workspacesBefore), len(environmentsBefore))
	}

	c.Reset()
	began := time.Now()
	exportTo(t, dir, server.URL, selected...)
	took := time.Since(began)
	wantLists(t, c, ids, slices.Collect(maps.Keys(environmentsBefore)))
	t.Logf("exported in %s with %d requests, at most %d at one time", took.Round(time.Millisecond), len(c.Requests()), crowd.most())
	if n := crowd.most(); n > 16 {
		t.Errorf("%d requests at one time", n)
	}
	engine := newRoot(t, dir, server.URL)
	if r := engine.Run(t.Context(), "fmt", "-check", "-diff", "-recursive"); r.Code != 0 {
		t.Errorf("not formatted: %s", r)
	}

	c.Reset()
	began = time.Now()
	r := engine.Run(t.Context(), "apply", "-auto-approve", "-no-color")
	if r.Code != 0 || !strings.Contains(r.Stdout, "Resources: 1000 imported, 0 added, 0 changed, 0 destroyed.") {
		t.Fatalf("%.5000s", r)
	}
	imported := len(c.Requests())
	t.Logf("imported in %s with %d requests", time.Since(began).Round(time.Millisecond), imported)
	if imported > 201+40 { // as a plan: its lists, and the reads before it turns out to be large
		t.Errorf("the import sent %d requests", imported)
	}
	if r := engine.Run(t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 0 {
		t.Errorf("the plan is not empty: %.5000s", r)
	}
	if writes := c.Writes(); len(writes) > 0 {
		t.Errorf("%d writes: %s %s", len(writes), writes[0].Method, writes[0].Path)
	}

	again := t.TempDir()
	exportTo(t, again, server.URL, selected...)
	if diff := cmp.Diff(configuration(t, dir), configuration(t, again)); diff != "" {
		t.Errorf("the second export differs (-first +second):\n%s", diff)
	}
	workspaces, environments := contents(t, c, ids)
	if diff := cmp.Diff(workspacesBefore, workspaces) + cmp.Diff(environmentsBefore, environments); diff != "" {
		t.Errorf("Cortex has something else (-before +after):\n%s", diff)
	}
}

// Ctrl-C ends the binary in an orderly way, though Cortex does not answer.
func TestInterruptedBySignal(t *testing.T) {
	binary, err := enginetest.Built("")
	if err != nil {
		t.Fatal(err)
	}
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	asked := make(chan struct{})
	c.Fail(cortextest.Fault{Kind: cortextest.Hang, Match: func(*http.Request) bool { close(asked); return true }})
	dir := filepath.Join(t.TempDir(), "out")
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), binary, "export", "-out", dir)
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"CORTEX_API_URL=" + c.URL()}, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if _, statErr := os.Stat(dir); cmd.ProcessState.ExitCode() != 1 || out.String() != "Error: interrupted; nothing was written\n" || statErr == nil {
		t.Errorf("%v, and it said %q", err, &out)
	}
}

// The engine takes as an identifier what is made one of, whichever version of Unicode its HCL knows: every character that a label may
// have, in its middle and at its beginning.
func TestEngineKnowsIdentifiers(t *testing.T) {
	dir := t.TempDir()
	engine := newEngine(t, dir, "http://127.0.0.1")
	var b strings.Builder
	b.WriteString("locals {\n")
	n := 0
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !inIdentifier(r) || norm.NFC.String(string(unicode.ToLower(r))) != string(r) {
			continue // no label has it
		}
		if unicode.In(r, unicode.Han, unicode.Hangul) && inIdentifier(r-1) && inIdentifier(r+1) && r%16 != 0 {
			continue // in the midst of a long range that is all the same
		}
		n++
		fmt.Fprintf(&b, "  a%c = 0\n", r)
		if hclsyntax.ValidIdentifier(string(r)) {
			fmt.Fprintf(&b, "  %c = 0\n", r)
		}
	}
	b.WriteString("}\n")
	if n < 10_000 {
		t.Fatalf("only %d characters are allowed", n)
	}
	if err := engine.Write("main.tf", b.String()); err != nil {
		t.Fatal(err)
	}
	if r := engine.Run(t.Context(), "get", "-no-color"); r.Code != 0 {
		t.Errorf("%.3000s", r)
	}
}

// exportTo runs the binary's command.
func exportTo(t *testing.T, dir, endpoint string, workspaces ...string) {
	t.Helper()
	binary, err := enginetest.Built("")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"export", "-out", dir}
	for _, text := range workspaces {
		args = append(args, "-workspace", text)
	}
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = []string{"CORTEX_API_URL=" + endpoint}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("export: %v\n%s", err, out)
	}
}

// wantLists fails the test unless the requests were one list of the workspaces, one of the environments in each of these, and one of
// each kind of object in each of those.
func wantLists(t *testing.T, c *cortextest.Cortex, workspaces, environments []string) {
	t.Helper()
	want := map[string]int{"GET /api/v1/workspaces?": 1}
	for _, id := range workspaces {
		want["GET /api/v1/environments?workspace_id="+id] = 1
	}
	for _, id := range environments {
		want["GET /api/v1/environments/"+id+"/consumers?"] = 1
		want["GET /api/v1/environments/"+id+"/consumers/groups?"] = 1
		want["GET /api/v1/environments/"+id+"/data/sources?"] = 1
		want["GET /api/v1/data/models?is_active=true&environment_id="+id+"&page=1&page_size=100"] = 1
		want["GET /api/v1/metrics?environment_id="+id+"&page=1&page_size=100"] = 1
		want["GET /api/v1/environments/"+id+"/dashboards?"] = 1
	}
	got := map[string]int{}
	for _, r := range c.Requests() {
		got[r.Method+" "+r.Path+"?"+r.Query]++
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
}

// configuration is the files of configuration in a folder and those in it.
func configuration(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && path[0] == '.': // of an engine
			return fs.SkipDir
		case filepath.Ext(path) == ".tf":
			text, err := os.ReadFile(filepath.Join(dir, path))
			files[path] = string(text)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// newRoot returns an engine in the folder of an export.
func newRoot(t testing.TB, dir, endpoint string) *enginetest.Engine {
	t.Helper()
	engine := newEngine(t, dir, endpoint)
	if r := engine.Run(t.Context(), "get"); r.Code != 0 {
		t.Fatal(r)
	}
	return engine
}

// anyTenants are tenants with any names and descriptions; the first one can be exported.
var anyTenants = rapid.Custom(func(t *rapid.T) []tenantOf {
	description := rapid.OneOf(rapid.Just[*string](nil), rapid.Map(texts, ptr))
	name := rapid.OneOf(texts, names.Filter(valid))
	tenants := []tenantOf{{name: "first"}}
	for range rapid.IntRange(0, 4).Draw(t, "workspaces") {
		tenants = append(tenants, tenantOf{name: name.Draw(t, "name"), description: description.Draw(t, "description")})
	}
	for i := range tenants {
		for range rapid.IntRange(0, 4).Draw(t, "environments") {
			tenants[i].environments = append(tenants[i].environments, environmentOf{name.Draw(t, "name"), description.Draw(t, "description")})
		}
	}
	return tenants
})

// Any tenants: what is exported is imported without a change, and exported again it is the same.
func TestAnyTenants(t *testing.T) {
	few(t, "6") // each runs the engine three times
	c := cortextest.Start(t)
	newEngine(t, t.TempDir(), c.URL()) // skips without an engine
	rapid.Check(t, func(rt *rapid.T) {
		ids, remove := fill(t, c, anyTenants.Draw(rt, "tenants"))
		defer remove()
		workspacesBefore, environmentsBefore := contents(t, c, ids)
		dir := temporary(rt)
		c.Reset()
		args := []string{"-out", dir, "-endpoint", c.URL()}
		for _, id := range ids {
			args = append(args, "-workspace", id)
		}
		said := runExport(rt, args...)
		refused := strings.Count(said, "Not exported: workspace \"") + strings.Count(said, "Not exported: environment \"")
		imported := len(workspacesBefore) + len(environmentsBefore) - refused
		engine := newRoot(t, dir, c.URL())

		r := engine.Run(t.Context(), "apply", "-auto-approve", "-no-color")
		if r.Code != 0 || !strings.Contains(r.Stdout, fmt.Sprintf("Resources: %d imported, 0 added, 0 changed, 0 destroyed.", imported)) {
			rt.Fatalf("%d objects should be imported: %s\n%s", imported, r, said)
		}
		if r := engine.Run(t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 0 {
			rt.Fatalf("the plan is not empty: %s", r)
		}
		first := configuration(t, dir)
		runExport(rt, append(args, "-force")...)
		if diff := cmp.Diff(first, configuration(t, dir)); diff != "" {
			rt.Fatalf("the second export differs (-first +second):\n%s", diff)
		}
		if writes := c.Writes(); len(writes) > 0 {
			rt.Fatalf("%d writes: %s %s", len(writes), writes[0].Method, writes[0].Path)
		}
		workspaces, environments := contents(t, c, ids)
		if diff := cmp.Diff(workspacesBefore, workspaces) + cmp.Diff(environmentsBefore, environments); diff != "" {
			rt.Fatalf("Cortex has something else (-before +after):\n%s", diff)
		}
	})
}

// few makes a test run fewer checks than rapid's usual hundred, unless the command line says how many.
func few(t *testing.T, checks string) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	usual := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set("rapid.checks", usual) })
}

func temporary(t *rapid.T) string {
	dir, err := os.MkdirTemp("", "export")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// runExport runs the command, which must succeed, and returns what it says.
func runExport(t interface {
	rapid.TB
	Context() context.Context
}, args ...string,
) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := Main(t.Context(), args, &out, &errOut, "dev"); code != 0 {
		t.Fatalf("export %q: exit code %d\n%s", args, code, &errOut)
	}
	return errOut.String()
}
