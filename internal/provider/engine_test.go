package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// engine runs the engine's commands as a person does, in a directory of its own, with the provider as a process of its own.
type engine struct {
	*enginetest.Engine
	t testing.TB
}

// problem is an error as the engine's JSON has it. At is the attribute in the configuration that it points at, if any.
type problem struct{ Summary, Detail, At string }

// newEngine returns an engine for c, which the configuration finds by CORTEX_API_URL. c may be nil. The provider is this test
// binary (see TestMain), which is started once: see Keep.
func newEngine(t testing.TB, c *cortextest.Cortex, env ...string) *engine {
	t.Helper()
	e := newEngineIn(t, t.TempDir(), c, env...)
	e.KeepFor(t)
	return e
}

// newEngineIn is newEngine in a folder, and with the provider started by each command, as people run it.

func newEngineIn(t testing.TB, dir string, c *cortextest.Cortex, env ...string) *engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	if c != nil {
		env = append(env, "CORTEX_API_URL="+c.URL())
	}
	// A race ends the provider, so that the engine fails. Without the second a provider under the detector sleeps a second at its end.
	env = append(env, "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), providerName)
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	e, err := enginetest.New(dir, binary, env...)
	if err != nil {
		t.Fatal(err)
	}
	return &engine{e, t}
}

// write replaces the configuration. A provider block is the caller's to add if it needs one.
func (e *engine) write(body string) {
	e.t.Helper()
	head := "terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n\n"
	if err := e.Write("main.tf", head+body); err != nil {
		e.t.Fatal(err)
	}
}

// try runs a command, however it ends.
func (e *engine) try(args ...string) enginetest.Result {
	e.t.Helper()
	return e.Run(e.t.Context(), args...)
}

// run runs a command that must succeed and returns its standard output.
func (e *engine) run(args ...string) string {
	e.t.Helper()
	r := e.try(args...)
	if r.Code != 0 {
		e.t.Fatal(r)
	}
	return r.Stdout
}

// problems runs a command that knows -json and returns its errors; there must be some.
func (e *engine) problems(args ...string) []problem {
	e.t.Helper()
	r := e.try(slices.Insert(args, 1, "-json")...)
	if r.Code == 0 {
		e.t.Fatalf("%s succeeded", strings.Join(args, " "))
	}
	found := diagnosed(r, "error")
	if len(found) == 0 {
		e.t.Fatalf("it failed without an error: %s", r)
	}
	return found
}

// warnings runs a command that knows -json and must succeed, and returns its warnings.
func (e *engine) warnings(args ...string) []problem {
	e.t.Helper()
	r := e.try(slices.Insert(args, 1, "-json")...)
	if r.Code != 0 {
		e.t.Fatal(r)
	}
	return slices.DeleteFunc(diagnosed(r, "warning"), func(p problem) bool { return strings.Contains(p.Summary, "development overrides") })
}

// diagnosed are the diagnostics of one severity.
func diagnosed(r enginetest.Result, severity string) (found []problem) {
	for _, d := range r.Diagnostics() {
		if d.Severity != severity {
			continue
		}
		at, _, isAttribute := strings.Cut(strings.TrimSpace(d.Snippet.Code), " = ")
		if !isAttribute || strings.Contains(at, "{") {
			at = ""
		}
		found = append(found, problem{d.Summary, d.Detail, strings.TrimSpace(at)})
	}
	slices.SortFunc(found, func(a, b problem) int { return strings.Compare(a.Summary+a.Detail, b.Summary+b.Detail) })
	return found
}

// wantProblems runs a command and fails the test unless its errors are exactly these.
func (e *engine) wantProblems(args []string, want ...problem) {
	e.t.Helper()
	if diff := cmp.Diff(want, e.problems(args...)); diff != "" {
		e.t.Errorf("errors of %s (-want +got):\n%s", strings.Join(args, " "), diff)
	}
}

// wantNoChanges fails the test unless a plan is empty.
func (e *engine) wantNoChanges() {
	e.t.Helper()
	e.run("plan", "-detailed-exitcode")
}

// state returns the state's bytes.
func (e *engine) state() string {
	e.t.Helper()
	data, err := os.ReadFile(filepath.Join(e.Dir, "terraform.tfstate"))
	if err != nil {
		e.t.Fatal(err)
	}
	return string(data)
}

// resources returns the addresses in the state.
func (e *engine) resources() []string {
	e.t.Helper()
	return strings.Fields(e.run("state", "list"))
}

var (
	plan    = []string{"plan"}
	apply   = []string{"apply", "-auto-approve"}
	destroy = []string{"destroy", "-auto-approve"}
)

// An engine reaches its provider from a folder of any length.
func TestEngineInLongFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	e := newEngineIn(t, dir, cortextest.StartFake(t, cortextest.FakeOptions{}))
	e.write("resource \"cortex_workspace\" \"acme\" {\n  name = \"acme\"\n}\n")
	e.run(plan...)
}
