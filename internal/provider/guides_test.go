package provider_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

const root = "../.."

// fence is a block of code in a guide.
type fence struct {
	section  string // heading above it
	file     string // the file that the block is: the first one that the line before it names; "" for the shell and for text
	language string
	text     string
}

// guide returns the blocks of a guide, as its reader sees them, with the names of tenants made unique.
func guide(t *testing.T, c *cortextest.Cortex, name string) (fences []fence) {
	t.Helper()
	code := func(language, file string) (string, error) {
		data, err := os.ReadFile(filepath.Join(root, file))
		return "```" + language + "\n" + strings.TrimSpace(string(data)) + "\n```", err
	}
	text, err := os.ReadFile(filepath.Join(root, "templates", "guides", name+".md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := template.New(name).Funcs(template.FuncMap{
		"codefile": code,
		"tffile":   func(file string) (string, error) { return code("terraform", file) },
	}).Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	var rendered bytes.Buffer
	if err := page.Execute(&rendered, nil); err != nil {
		t.Fatal(err)
	}

	unique := strings.NewReplacer("Acme", c.Name("Acme"), "Globex", c.Name("Globex"), "Initech", c.Name("Initech"),
		"https://cortex.example.com", c.URL())
	var section, before string
	var open *fence
	for line := range strings.Lines(rendered.String()) {
		language, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch {
		case open != nil && isFence && line[0] == '`':
			fences = append(fences, *open)
			open = nil
		case open != nil:
			open.text += unique.Replace(line)
		case isFence:
			open = &fence{section: section, language: language}
			if language == "shell" || language == "text" {
				continue
			}
			found := fileName.FindStringSubmatch(before)
			if found == nil {
				t.Fatalf("the line %q does not say what file follows", before)
			}
			open.file = found[1]
		case isHeading:
			section = strings.TrimSpace(heading)
		case strings.TrimSpace(line) != "":
			before = line
		}
	}
	return fences
}

var fileName = regexp.MustCompile("`([^` ]*\\.[^` ]+)`")

// buildProvider returns the provider as users get it.
func buildProvider(t *testing.T) string {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := enginetest.Built("")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// newInstalled returns an engine in a new folder, where init finds the provider.
func newInstalled(t *testing.T, binary string, env ...string) *engine {
	t.Helper()
	e, err := enginetest.NewInstalled(t.TempDir(), binary, env...)
	if err != nil {
		t.Fatal(err)
	}
	return &engine{e, t}
}

// sh runs a script in the folder of the engine and returns its exit code and all of its output.
func (e *engine) sh(script string, env ...string) (code int, output string) {
	e.t.Helper()
	cmd, err := e.Shell(e.t.Context(), script)
	if err != nil {
		e.t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		e.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// follow runs the commands of a guide, which must succeed, and returns what they print, without colours.
func (e *engine) follow(f fence) (output string) {
	e.t.Helper()
	code, out := e.sh(f.text)
	if code != 0 {
		e.t.Fatalf("in %q: exit code %d of\n%s\n%s", f.section, code, f.text, out)
	}
	return plain(out)
}

// file writes a file into the folder of the engine.
func (e *engine) file(name, text string) {
	e.t.Helper()
	if err := e.Write(name, text); err != nil {
		e.t.Fatal(err)
	}
}

// wantWords wants words in a text in this order.
func wantWords(t *testing.T, what, text string, words ...string) {
	t.Helper()
	rest := text
	for _, word := range words {
		_, after, ok := strings.Cut(rest, word)
		if !ok {
			t.Errorf("%s does not say %q, or not in this place:\n%s", what, word, text)
			return
		}
		rest = after
	}
}

// plain takes colours out.
func plain(text string) string { return colors.ReplaceAllString(text, "") }

var colors = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// repository is the repository of the guide on CI. Every job gets its files into a new folder; what jobs share is the state.
type repository struct {
	t      *testing.T
	cortex *cortextest.Cortex
	binary string
	fences []fence
	files  map[string]string
	before []string // what the server held
}

func newRepository(t *testing.T, c *cortextest.Cortex) *repository {
	t.Helper()
	r := &repository{t: t, cortex: c, binary: buildProvider(t), before: c.Contents(), fences: guide(t, c, "plan-and-apply-in-ci"), files: map[string]string{
		// In place of a backend that would need the internet.
		"backend_override.tf": fmt.Sprintf("terraform {\n  backend \"local\" {\n    path = %q\n  }\n}\n", filepath.Join(t.TempDir(), "state")),
	}}
	for _, f := range r.fences {
		if f.language == "terraform" {
			r.files[f.file] = f.text
		}
	}
	e := r.checkout()
	e.run("init")
	lock, err := os.ReadFile(filepath.Join(e.Dir, ".terraform.lock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	r.files[".terraform.lock.hcl"] = string(lock)
	return r
}

func (r *repository) checkout() *engine {
	r.t.Helper()
	e := newInstalled(r.t, r.binary, "CORTEX_API_URL="+r.cortex.URL(), "CORTEX_API_KEY=hush", "CORTEX_MAX_RETRIES=0")
	for name, text := range r.files {
		e.file(name, text)
	}
	return e
}

// edit changes the tenants, and formats them.
func (r *repository) edit(old, new string) {
	r.t.Helper()
	const name = "terraform.tfvars"
	if !strings.Contains(r.files[name], old) {
		r.t.Fatalf("there is no %q in %s", old, r.files[name])
	}
	r.files[name] = strings.ReplaceAll(r.files[name], old, new)
	e := r.checkout()
	e.run("fmt")
	formatted, err := os.ReadFile(filepath.Join(e.Dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	r.files[name] = string(formatted)
}

// commands is all that a section tells to type.
func (r *repository) commands(section string) (script string) {
	r.t.Helper()
	for _, f := range r.fences {
		if f.section == section && f.language == "shell" {
			script += f.text
		}
	}
	if script == "" {
		r.t.Fatalf("there are no commands in section %q", section)
	}
	return script
}

// environmentOf returns an environment of a tenant.
func (r *repository) environmentOf(tenant, name string) cortextest.Environment {
	r.t.Helper()
	return environmentNamed(r.t, r.cortex, workspaceNamed(r.t, r.cortex, r.cortex.Name(tenant)).ID, name)
}

// pipeline is what the guide promises of a pipeline, whether people type its commands or a CI system runs them.
type pipeline struct {
	pullRequest, merge, nightly func() (code int, output string)
}

// The commands, as they stand in the text.
func TestGuideCI(t *testing.T) {
	c := cortextest.Start(t)
	r := newRepository(t, c)
	var plan []byte
	p := pipeline{
		pullRequest: func() (int, string) {
			e := r.checkout()
			code, out := e.sh(r.commands("On a pull request"))
			plan, _ = os.ReadFile(filepath.Join(e.Dir, "tenants.tfplan"))
			return code, out
		},
		merge: func() (int, string) {
			e := r.checkout()
			e.file("tenants.tfplan", string(plan))
			return e.sh(r.commands("On the merge"))
		},
		nightly: func() (int, string) { return r.checkout().sh(r.commands("Every night")) },
	}
	r.fromBeginToDrift(p)
	r.refusals(p)
	r.end()
}

// The workflow, run as GitHub runs it.
func TestGuideCIWorkflow(t *testing.T) {
	c := cortextest.Start(t)
	r := newRepository(t, c)
	w := newWorkflow(t, r)
	r.fromBeginToDrift(pipeline{
		pullRequest: func() (int, string) { return w.on("pull_request") },
		merge:       func() (int, string) { return w.on("push") },
		nightly:     func() (int, string) { return w.on("schedule") },
	})
	w.wantAllRun()
	r.end()
}

// want wants an exit code, and words in this order.
func (r *repository) want(what string, run func() (int, string), code int, words ...string) {
	r.t.Helper()
	got, out := run()
	out = plain(out)
	if got != code {
		r.t.Fatalf("%s: exit code %d, want %d:\n%s", what, got, code, out)
	}
	wantWords(r.t, what, out, words...)
}

// fromBeginToDrift is the ordinary life: tenants are made, somebody changes them past Terraform, and that is repaired.
func (r *repository) fromBeginToDrift(p pipeline) {
	t, c, want := r.t, r.cortex, r.want
	t.Helper()
	want("the first pull request", p.pullRequest, 0, "6 to add, 0 to change, 0 to destroy")
	want("its merge", p.merge, 0, "6 added, 0 changed, 0 destroyed")
	want("a quiet night", p.nightly, 0, "No changes.")

	c.UpdateEnvironment(r.environmentOf("Acme", "Staging").ID, map[string]any{"description": "Changed by hand"})
	c.DeleteEnvironment(r.environmentOf("Globex", "Staging").ID)
	c.Reset()
	want("a night with drift", p.nightly, 2, `~ description`, `"Changed by hand" ->`, "1 to add, 1 to change, 0 to destroy")
	c.Fail(cortextest.Fault{Times: -1, Kind: cortextest.Answer, Status: 401, Body: "no such key"})
	want("a night without access", p.nightly, 1, "refuses the credentials")
	c.Reset()
	want("a pull request that repairs", p.pullRequest, 0, "1 to add, 1 to change, 0 to destroy")
	wantWrites(t, c)
	want("its merge", p.merge, 0, "1 added, 1 changed, 0 destroyed")
	want("a quiet night", p.nightly, 0, "No changes.")
	for _, request := range c.Requests() {
		if request.Header.Get("Authorization") != "Bearer hush" {
			t.Errorf("%s %s came without the key", request.Method, request.Path)
		}
	}

}

// refusals is what goes another way: a stale plan, and a tenant that is protected.
func (r *repository) refusals(p pipeline) {
	r.t.Helper()
	want := r.want
	want("a pull request without a change", p.pullRequest, 0, "No changes.")
	other := r.checkout()
	other.run("init")
	r.edit("Ltd", "Limited")
	other.file("terraform.tfvars", r.files["terraform.tfvars"])
	other.run(apply...)
	want("its merge, when the state has changed", p.merge, 1, "Saved plan is stale")

	globex := regexp.MustCompile(`  globex.*\n`).FindString(r.files["terraform.tfvars"])
	r.edit(globex, "")
	want("a pull request that removes a tenant", p.pullRequest, 1, "is protected from deletion")
	r.edit("}\n}", "}\n"+globex+"}")
	r.edit(`Inc" }`, `Inc", retired = true }`)
	want("a pull request that retires the tenant", p.pullRequest, 0, "0 to add, 1 to change, 0 to destroy")
	want("its merge", p.merge, 0, "0 added, 1 changed, 0 destroyed")
	r.edit(strings.Replace(globex, `Inc" }`, `Inc", retired = true }`, 1), "")
	want("a pull request that removes the retired tenant", p.pullRequest, 0, "0 to add, 0 to change, 3 to destroy")
	want("its merge", p.merge, 0, "0 added, 0 changed, 3 destroyed")

}

// end takes all tenants away again.
func (r *repository) end() {
	r.t.Helper()
	r.edit(`" }`, `", retired = true }`)
	e := r.checkout()
	e.run("init")
	e.run(apply...)
	e.run(destroy...)
	if diff := cmp.Diff(r.before, r.cortex.Contents()); diff != "" {
		r.t.Errorf("what is left behind (-before +after):\n%s", diff)
	}
}

// workflow runs the workflow of the guide: its commands by bash, and by something simple what GitHub's own actions do.
type workflow struct {
	t          *testing.T
	repository *repository
	artifacts  string
	ran        map[string]bool // jobs
	Env        map[string]string
	Defaults   struct{ Run struct{ Shell string } }
	Jobs       map[string]struct {
		If    string
		Steps []struct {
			Name, Uses, Run string
			With            map[string]any
			Env             map[string]string
		}
	}
}

func newWorkflow(t *testing.T, r *repository) *workflow {
	t.Helper()
	w := &workflow{t: t, repository: r, artifacts: t.TempDir(), ran: map[string]bool{}}
	for _, f := range r.fences {
		if f.language == "yaml" {
			if err := yaml.Unmarshal([]byte(f.text), w); err != nil {
				t.Fatal(err)
			}
		}
	}
	if w.Defaults.Run.Shell != "bash" {
		t.Errorf("the workflow's shell is %q, not the one that runs it here", w.Defaults.Run.Shell)
	}
	// Answers to the very questions that the workflow asks, and to none else.
	bin := t.TempDir()
	gh := fmt.Sprintf(`#!/usr/bin/env bash
case "$GH_TOKEN $*" in
"token api repos/acme/tenants/commits/merged/pulls --jq .[0].head.sha") echo head ;;
"token run list --workflow tenants.yml --event pull_request --commit head --status success --limit 1 --json databaseId --jq .[0].databaseId") echo 4711 ;;
"token run download 4711 --name tenants-plan") cp %s/tenants-plan/* . ;;
*) echo "nobody expected: gh $*" >&2; exit 1 ;;
esac
`, w.artifacts)
	if err := os.WriteFile(filepath.Join(bin, "gh"), []byte(gh), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return w
}

// on runs the job for an event up to its first failing step.
func (w *workflow) on(event string) (code int, output string) {
	w.t.Helper()
	summary := filepath.Join(w.t.TempDir(), "summary")
	for name, job := range w.Jobs {
		if job.If != fmt.Sprintf("github.event_name == '%s'", event) {
			continue
		}
		w.ran[name] = true
		var e *engine
		for _, step := range job.Steps {
			action, _, _ := strings.Cut(step.Uses, "@")
			switch action {
			case "actions/checkout":
				e = w.repository.checkout()
			case "hashicorp/setup-terraform":
				if step.With["terraform_wrapper"] != false {
					w.t.Error("the wrapper of setup-terraform would hide exit codes")
				}
			case "actions/upload-artifact":
				w.keep(e, fmt.Sprint(step.With["name"]), fmt.Sprint(step.With["path"]))
			case "":
				// The address and the key have to come from the workflow.
				env := []string{"CORTEX_API_URL=", "CORTEX_API_KEY=", "GITHUB_REPOSITORY=acme/tenants", "GITHUB_SHA=merged", "GITHUB_STEP_SUMMARY=" + summary}
				for _, more := range []map[string]string{w.Env, step.Env} {
					for name, value := range more {
						env = append(env, name+"="+w.expression(value))
					}
				}
				var out string
				code, out = e.sh(step.Run, env...)
				output += out
				if code != 0 {
					return code, output
				}
			default:
				w.t.Fatalf("nobody knows here what %s does", step.Uses)
			}
		}
		return 0, output
	}
	w.t.Fatalf("no job is for %s", event)
	return 0, ""
}

// expression is the value of an expression of GitHub's.
func (w *workflow) expression(text string) string {
	w.t.Helper()
	if !strings.Contains(text, "${{") {
		return text
	}
	value, known := map[string]string{
		"${{ vars.CORTEX_API_URL }}":    w.repository.cortex.URL(),
		"${{ secrets.CORTEX_API_KEY }}": "hush",
		"${{ github.token }}":           "token",
	}[text]
	if !known {
		w.t.Errorf("nobody knows here what %s is", text)
	}
	return value
}

// keep keeps a file of a job as an artifact.
func (w *workflow) keep(e *engine, artifact, path string) {
	w.t.Helper()
	data, err := os.ReadFile(filepath.Join(e.Dir, path))
	if err == nil {
		err = os.MkdirAll(filepath.Join(w.artifacts, artifact), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(w.artifacts, artifact, path), data, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// wantAllRun wants every job to have run.
func (w *workflow) wantAllRun() {
	w.t.Helper()
	if len(w.ran) != len(w.Jobs) {
		w.t.Errorf("of the %d jobs only these ran: %v", len(w.Jobs), slices.Sorted(maps.Keys(w.ran)))
	}
}
