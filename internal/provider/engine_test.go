package provider_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// engine runs the engine's commands as a person does, in a directory of its own, with the provider as a process of its own. It
// is for what the acceptance framework cannot show: whole messages, logs and states.
type engine struct {
	t   testing.TB
	dir string
	env []string
}

// problem is an error as the engine's JSON has it. At is the attribute in the configuration that it points at, if any.
type problem struct{ Summary, Detail, At string }

// newEngine returns an engine for c, which the configuration finds by CORTEX_API_URL. c may be nil.
func newEngine(t testing.TB, c *cortextest.Cortex, env ...string) *engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	dir, bin := t.TempDir(), t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "terraform-provider-cortex")); err != nil {
		t.Fatal(err)
	}
	cli := filepath.Join(bin, "cli.tfrc")
	overrides := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"telescopeai/cortex\" = %q\n  }\n  direct {}\n}\n", bin)
	if err := os.WriteFile(cli, []byte(overrides), 0o600); err != nil {
		t.Fatal(err)
	}
	// The environment is made from little, so that no variable of the tests' own run changes what the engine does.
	e := &engine{t: t, dir: dir, env: append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + bin, "TMPDIR=" + bin, "TF_CLI_CONFIG_FILE=" + cli,
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "CHECKPOINT_DISABLE=1",
	}, env...)}
	if c != nil {
		e.env = append(e.env, "CORTEX_API_URL="+c.URL())
	}
	return e
}

// write replaces the configuration. A provider block is the caller's to add if it needs one.
func (e *engine) write(body string) {
	e.t.Helper()
	head := "terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n\n"
	if err := os.WriteFile(filepath.Join(e.dir, "main.tf"), []byte(head+body), 0o600); err != nil {
		e.t.Fatal(err)
	}
}

// try runs a command and returns its output and error.
func (e *engine) try(args ...string) (stdout string, stderr string, err error) {
	e.t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	if path == "" {
		path = "terraform"
	}
	var out, errOut bytes.Buffer
	cmd := exec.CommandContext(e.t.Context(), path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = e.dir, e.env, &out, &errOut
	err = cmd.Run()
	return out.String(), errOut.String(), err
}

// run runs a command that must succeed and returns its standard output.
func (e *engine) run(args ...string) string {
	e.t.Helper()
	out, errOut, err := e.try(args...)
	if err != nil {
		e.t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
	}
	return out
}

// problems runs a command that knows -json and returns its errors; there must be some.
func (e *engine) problems(args ...string) []problem {
	e.t.Helper()
	args = slices.Insert(args, 1, "-json")
	out, errOut, err := e.try(args...)
	if err == nil {
		e.t.Fatalf("%s succeeded", strings.Join(args, " "))
	}
	type diagnostic struct {
		Severity, Summary, Detail string
		Snippet                   struct{ Code string }
	}
	var all []diagnostic
	decoder := json.NewDecoder(strings.NewReader(out))
	for decoder.More() {
		var line struct {
			Diagnostic  *diagnostic
			Diagnostics []diagnostic
		}
		if err := decoder.Decode(&line); err != nil {
			e.t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
		}
		if line.Diagnostic != nil {
			all = append(all, *line.Diagnostic)
		}
		all = append(all, line.Diagnostics...)
	}
	var found []problem
	for _, d := range all {
		if d.Severity != "error" {
			continue
		}
		at, _, isAttribute := strings.Cut(strings.TrimSpace(d.Snippet.Code), " = ")
		if !isAttribute || strings.Contains(at, "{") {
			at = ""
		}
		found = append(found, problem{d.Summary, d.Detail, strings.TrimSpace(at)})
	}
	if len(found) == 0 {
		e.t.Fatalf("%s failed without an error: %v\n%s%s", strings.Join(args, " "), err, out, errOut)
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

// state returns the state's bytes.
func (e *engine) state() string {
	e.t.Helper()
	data, err := os.ReadFile(filepath.Join(e.dir, "terraform.tfstate"))
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
