package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

//go:embed tenants.tf
var tenants string

const (
	// patience is how long an engine may take to end in order after a Ctrl-C. A request that is under way has 30 s.
	patience = 45 * time.Second
	// cleanUpTimeout bounds the cleaning up, which Ctrl-C does not end.
	cleanUpTimeout = time.Minute
)

// walk is the main job from the first plan to the end.
type walk struct {
	*screen
	cortex *cortex
	engine *enginetest.Engine
	name   string // of the engine, as a command
	prefix string // of every name on the server that is the demo's own
	proof  string // what the server holds at the end
}

// step is one part of the walk. do returns how it ended.
type step struct {
	title, why string
	do         func(ctx context.Context) (string, error)
}

func newWalk(dir, binary string, s *screen, c *cortex) (*walk, error) {
	random := make([]byte, 4)
	_, _ = rand.Read(random)
	w := &walk{screen: s, cortex: c, prefix: "demo-" + hex.EncodeToString(random)}
	folder := filepath.Join(dir, "tenants")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	var err error
	w.engine, err = enginetest.NewInstalled(folder, binary, append(slices.Clone(c.env), "TF_VAR_prefix="+w.prefix)...)
	if err != nil {
		return nil, err
	}
	return w, w.engine.Write("tenants.tf", tenants)
}

func (w *walk) steps() []step {
	return []step{
		{"Init", "the configuration has two tenants with three environments each; the provider is the one just built", w.init},
		{"Plan", "what would be made, before anything is", w.plan},
		{"Apply", "exactly that plan, and nothing else", w.apply},
		{"Plan again", "nothing has changed, so there is nothing to do", w.planNothing},
		{"Drift", "somebody changes and deletes things in Cortex itself; the next plan shows it", w.drift},
		{"Repair", "applying that plan makes Cortex what the configuration says", w.repair},
		{"Import", "a workspace that somebody made by hand comes under management, without being touched", w.adopt},
		{"Destroy", "everything goes, environments before their workspaces", w.destroy},
	}
}

// walk takes the steps, and leaves the server as it was, however they end.
func (w *walk) walk(ctx context.Context) (err error) {
	name, version, err := w.engine.Version(ctx)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	w.name = map[string]string{"Terraform": "terraform", "OpenTofu": "tofu"}[name]
	before, err := w.cortex.contents(ctx)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	w.note(fmt.Sprintf("%s %s against %s at %s. All names begin with %q.", name, version, w.cortex.name, w.cortex.url, w.prefix))
	defer func() { err = errors.Join(err, w.leaveNothing(context.WithoutCancel(ctx), before, err == nil)) }()

	steps := w.steps()
	for i, s := range steps {
		w.heading(i+1, len(steps), s.title, s.why)
		began := time.Now()
		ended, err := s.do(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("step %d of %d (%s): %w", i+1, len(steps), s.title, errInterrupted)
		}
		if err != nil {
			return fmt.Errorf("step %d of %d (%s) did not go as it should: %w", i+1, len(steps), s.title, err)
		}
		w.ended(fmt.Sprintf("%s (%.1f s)", ended, time.Since(began).Seconds()))
	}
	return nil
}

// leaveNothing deletes what the demo made and did not destroy, and checks that the server holds what it held before.
func (w *walk) leaveNothing(ctx context.Context, before map[string]string, finished bool) error {
	ctx, cancel := context.WithTimeout(ctx, cleanUpTimeout)
	defer cancel()
	n, err := w.cortex.remove(ctx, w.prefix)
	if err != nil {
		return fmt.Errorf("cleaning up: %w; what is left has a name, or a workspace with a name, that begins with %q", err, w.prefix)
	}
	switch {
	case n > 0 && finished:
		return fmt.Errorf("after the last step Cortex still held %d objects of the demo, which are deleted now", n)
	case n > 0:
		w.note(fmt.Sprintf("\nCleaned up: %d objects of the demo are deleted.", n))
	}
	after, err := w.cortex.contents(ctx)
	if err != nil {
		return fmt.Errorf("cannot check what is left: %w", err)
	}
	var differences []string
	for id, was := range before {
		if after[id] != was {
			differences = append(differences, fmt.Sprintf("%s is now %s", was, cmp.Or(after[id], "gone")))
		}
	}
	for id, is := range after {
		if _, known := before[id]; !known {
			differences = append(differences, is+" is new")
		}
	}
	slices.Sort(differences)
	what := "objects"
	if w.cortex.shared {
		what = "workspaces"
	}
	switch {
	case len(differences) == 0:
		w.proof = fmt.Sprintf("Cortex holds what it held before the demo: the same %d %s, unchanged.", len(before), what)
	case w.cortex.shared:
		// The demo sent nothing about them, so somebody else did.
		w.proof = "Nothing of the demo is left. What others did meanwhile: " + strings.Join(differences, "; ") + "."
	default:
		return fmt.Errorf("Cortex does not hold what it held before: %s", strings.Join(differences, "; ")) //nolint:staticcheck // a name
	}
	if !finished {
		w.note(w.proof)
	}
	return nil
}

// run shows a command of the engine and the excerpt of what it says. It must end with this exit code and say want.
func (w *walk) run(ctx context.Context, show excerpt, code int, want string, args ...string) (err error) {
	w.command(w.name + " " + strings.Join(args, " "))
	if !w.color {
		args = slices.Insert(args, 1, "-no-color")
	}
	var out bytes.Buffer
	cmd := w.engine.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	// A group of its own, so that it gets one interrupt, from here, and not another one from the terminal.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		w.note("  interrupted; waiting for the engine to end")
		return cmd.Process.Signal(os.Interrupt)
	}
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = cmd.Wait() // its exit code tells how it ended
	if ctx.Err() != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what did not end in order
		return errInterrupted
	}
	output := plain(out.String())
	switch {
	case cmd.ProcessState.ExitCode() != code:
		err = fmt.Errorf("the exit code is %d, not %d", cmd.ProcessState.ExitCode(), code)
	case !strings.Contains(output, want):
		err = fmt.Errorf("it does not say %q", want)
	default:
		w.text(show(out.String()))
		return nil
	}
	w.text(strings.Split(strings.TrimSpace(out.String()), "\n"))
	return err
}

// Excerpts.
var (
	planned  = matching(`^  # |^Plan: |^No changes\.`)
	applied  = matching(`(Creation|Modifications|Destruction|Import) complete|^(Apply|Destroy) complete!`)
	wholly   = between(`^(Note: Objects have changed|(Terraform|OpenTofu) (detected|will perform))`, `^Plan: `)
	finished = matching(`^- Installed|successfully initialized!`)
)

func (w *walk) init(ctx context.Context) (string, error) {
	w.file("tenants.tf", tenants)
	err := w.run(ctx, finished, 0, "successfully initialized!", "init")
	return "the engine knows what cortex_workspace and cortex_environment are", err
}

func (w *walk) plan(ctx context.Context) (string, error) {
	if err := w.run(ctx, planned, 2, "Plan: 8 to add, 0 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=tenants.tfplan"); err != nil {
		return "", err
	}
	made, err := w.mine(ctx)
	if err == nil && len(made) > 0 {
		err = fmt.Errorf("the plan alone has made workspaces: %v", made)
	}
	return "8 objects are planned, none is made", err
}

func (w *walk) apply(ctx context.Context) (string, error) {
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 8 added, 0 changed, 0 destroyed.", "apply", "tenants.tfplan"); err != nil {
		return "", err
	}
	return "Cortex holds two workspaces with three environments each", w.complete(ctx)
}

func (w *walk) planNothing(ctx context.Context) (string, error) {
	err := w.run(ctx, planned, 0, "No changes.", "plan", "-detailed-exitcode")
	return "exit code 0: no drift, nothing to apply", err
}

func (w *walk) drift(ctx context.Context) (string, error) {
	mine, err := w.mine(ctx)
	if err != nil {
		return "", err
	}
	changed, deleted, text := mine["Acme Ltd"]["production"], mine["Globex Inc"]["staging"], "Changed by hand"
	w.command(fmt.Sprintf("curl -X PUT …/api/v1/environments/%s -d '{\"description\": %q}'", changed.ID, text))
	edited := changed
	edited.Description = text
	if _, err := w.cortex.client.Environments.Update(ctx, changed, edited); err != nil {
		return "", provider.Explain("change environment production", err)
	}
	w.command(fmt.Sprintf("curl -X DELETE …/api/v1/environments/%s", deleted.ID))
	if err := w.cortex.client.Environments.Delete(ctx, deleted.Ref()); err != nil {
		return "", provider.Explain("delete environment staging", err)
	}
	err = w.run(ctx, wholly, 2, "Plan: 1 to add, 1 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=repair.tfplan")
	return "exit code 2: the plan names both, and how it would put them right", err
}

func (w *walk) repair(ctx context.Context) (string, error) {
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 1 added, 1 changed, 0 destroyed.", "apply", "repair.tfplan"); err != nil {
		return "", err
	}
	if err := w.complete(ctx); err != nil {
		return "", err
	}
	err := w.run(ctx, planned, 0, "No changes.", "plan", "-detailed-exitcode")
	return "the environment is back, the description is what the configuration says", err
}

func (w *walk) adopt(ctx context.Context) (string, error) {
	name, description := w.prefix+" Initech", "Made by hand"
	w.command(fmt.Sprintf("curl -X POST …/api/v1/workspaces -d '{\"name\": %q, \"description\": %q}'", name, description))
	made, err := w.cortex.client.Workspaces.Create(ctx, client.Workspace{Name: name, Description: description})
	if err != nil {
		return "", provider.Explain("create workspace Initech", err)
	}
	block := fmt.Sprintf(`import {
  to = cortex_workspace.initech
  id = %q # or its id: %q
}

resource "cortex_workspace" "initech" {
  name        = "${var.prefix} Initech"
  description = %q
}
`, name, made.ID, description)
	w.file("initech.tf", block)
	if err := w.engine.Write("initech.tf", block); err != nil {
		return "", err
	}
	if err := w.run(ctx, planned, 2, "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=import.tfplan"); err != nil {
		return "", err
	}
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 1 imported, 0 added, 0 changed, 0 destroyed.", "apply", "import.tfplan"); err != nil {
		return "", err
	}
	now, err := w.cortex.client.Workspaces.Get(ctx, "", made.ID)
	if err != nil {
		return "", provider.Explain("read workspace Initech", err)
	}
	if now.UpdatedAt != made.UpdatedAt {
		return "", fmt.Errorf("the import has changed the workspace: it was updated %s, and then %s", made.UpdatedAt, now.UpdatedAt)
	}
	err = w.run(ctx, planned, 0, "No changes.", "plan", "-detailed-exitcode")
	return "the workspace is managed now, and was not written to", err
}

func (w *walk) destroy(ctx context.Context) (string, error) {
	if err := w.run(ctx, applied, 0, "Destroy complete! Resources: 9 destroyed.", "destroy", "-auto-approve"); err != nil {
		return "", err
	}
	left, err := w.mine(ctx)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("workspaces are left: %v", left)
	}
	return "nothing of it is left", err
}

// mine is the demo's environments on the server, by the names of workspace (without prefix) and environment.
func (w *walk) mine(ctx context.Context) (map[string]map[string]client.Environment, error) {
	workspaces, err := w.cortex.client.Workspaces.ListNow(ctx, "")
	if err != nil {
		return nil, provider.Explain("list the workspaces", err)
	}
	found := map[string]map[string]client.Environment{}
	for _, ws := range workspaces {
		tenant, ok := strings.CutPrefix(ws.Name, w.prefix+" ")
		if !ok {
			continue
		}
		environments, err := w.cortex.client.Environments.ListNow(ctx, ws.ID)
		if err != nil {
			return nil, provider.Explain("list the environments", err)
		}
		found[tenant] = map[string]client.Environment{}
		for _, e := range environments {
			found[tenant][e.Name] = e
		}
	}
	return found, nil
}

// complete tells what is missing or wrong on the server after an apply of the configuration.
func (w *walk) complete(ctx context.Context) error {
	mine, err := w.mine(ctx)
	if err != nil {
		return err
	}
	if len(mine) != 2 {
		return fmt.Errorf("Cortex holds %d workspaces of the demo, not 2", len(mine)) //nolint:staticcheck // a name
	}
	want := map[string]string{"development": "Where changes begin", "staging": "What comes next", "production": "What customers use"}
	for _, tenant := range []string{"Acme Ltd", "Globex Inc"} {
		got := map[string]string{}
		for name, e := range mine[tenant] {
			got[name] = e.Description
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("the environments of %s are %v, not %v", tenant, got, want)
		}
	}
	return nil
}
