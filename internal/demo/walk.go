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
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// The configuration: what hangs on a database is in semantics, and the demo's test of it in check.
var (
	//go:embed tenant.tf
	tenant string
	//go:embed semantics.tf
	semantics string
	//go:embed check.tf
	check string
)

// orders is the database that metrics run on. With tax, revenue is 360 in EMEA and 60 in AMER.
var orders = cortextest.Table{
	Name:    "orders",
	Columns: []cortextest.Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "region", Type: "VARCHAR(20)"}, {Name: "gross", Type: "INTEGER"}, {Name: "net", Type: "INTEGER"}},
	Rows:    [][]any{{1, "EMEA", 120, 100}, {2, "AMER", 60, 50}, {3, "EMEA", 240, 200}},
}

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
	files  map[string]string
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
	folder, database := filepath.Join(dir, "tenant"), filepath.Join(dir, "shop.db")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	var err error
	w.engine, err = enginetest.NewInstalled(folder, binary, append(slices.Clone(c.env), "TF_VAR_prefix="+w.prefix, "TF_VAR_database="+database)...)
	if err != nil {
		return nil, err
	}
	w.files = map[string]string{"tenant.tf": tenant}
	if c.own != nil {
		c.own.SQLiteDatabase(database, orders)
		w.files["semantics.tf"] = semantics
	}
	for name, text := range w.files {
		if err := w.engine.Write(name, text); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// objects is how many the configuration has.
func (w *walk) objects() int {
	if w.cortex.own == nil {
		return 9
	}
	return 19
}

func (w *walk) steps() []step {
	steps := []step{
		{"Init", "the configuration is a tenant, in two environments; the provider is the one just built", w.init},
		{"Plan", "what would be made, before anything is", w.plan},
		{"Apply", "exactly that plan, and nothing else; after it there is nothing to do", w.apply},
		{"Drift", "somebody changes and deletes things in Cortex itself; the next plan shows it", w.drift},
		{"Repair", "applying that plan makes Cortex what the configuration says", w.repair},
		{"Import", "a workspace that somebody made by hand comes under management, without being touched", w.adopt},
		{"Destroy", "everything goes, what refers to others first", w.destroy},
	}
	if w.cortex.own == nil {
		return steps
	}
	return slices.Insert(steps, 3,
		step{"Rows", "Cortex runs the metric and the dashboard on a small database", w.rows},
		step{"Test", "revenue shall be without tax, so first comes a check that says so", w.test},
		step{"Change", "the metric of Staging sums another column; the plan shows the measure", w.change},
		step{"Release", "the check holds, so Production gets the change", w.release})
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
	if w.cortex.own == nil {
		w.note("It has no databases, data models, metrics and dashboards here: a Cortex on PostgreSQL keeps for ever what had a data model. `make demo CORTEX=real` shows them.")
	}
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

// leaveNothing deletes what the demo made and did not destroy, and checks that the server holds what it held before. A server of
// the demo's own is thrown away as it is.
func (w *walk) leaveNothing(ctx context.Context, before map[string]string, finished bool) error {
	if w.cortex.own != nil && !finished {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, cleanUpTimeout)
	defer cancel()
	if w.cortex.own == nil {
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
	if w.cortex.own == nil {
		what = "workspaces"
	}
	switch {
	case len(differences) == 0:
		w.proof = fmt.Sprintf("Cortex holds what it held before the demo: the same %d %s, unchanged.", len(before), what)
	case w.cortex.own == nil:
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

const checkFails = "Check block assertion failed"

// run shows a command of the engine and the excerpt of what it says. It must end with this exit code and say want,
// and that no check fails unless that is it.
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
	case strings.Contains(output, checkFails) && want != checkFails:
		err = errors.New("a check fails")
	default:
		w.text(show(out.String()))
		return nil
	}
	w.text(strings.Split(strings.TrimSpace(out.String()), "\n"))
	return err
}

// Excerpts.
var (
	planned  = matching(`^  # cortex_|^Plan: |^No changes\.`)
	applied  = matching(`(Creation|Modifications|Destruction|Import) complete|^(Apply|Destroy) complete!|Warning: .* was retired`)
	wholly   = between(`^(Note: Objects have changed|(Terraform|OpenTofu) (detected|will perform))`, `^Plan: `)
	finished = matching(`^- Installed|successfully initialized!`)
	warned   = matching(`Warning: Check block|The books say|^No changes\.`)
	all      = matching(`.`)
)

func (w *walk) init(ctx context.Context) (string, error) {
	for _, name := range []string{"tenant.tf", "semantics.tf"} {
		if text, ok := w.files[name]; ok {
			w.file(name, text)
		}
	}
	err := w.run(ctx, finished, 0, "successfully initialized!", "init")
	return "the engine knows Cortex's kinds of objects", err
}

func (w *walk) plan(ctx context.Context) (string, error) {
	if err := w.run(ctx, planned, 2, fmt.Sprintf("Plan: %d to add, 0 to change, 0 to destroy.", w.objects()), "plan", "-detailed-exitcode", "-out=tenant.tfplan"); err != nil {
		return "", err
	}
	made, err := w.mine(ctx)
	if err == nil && len(made) > 0 {
		err = fmt.Errorf("the plan alone has made %v", made)
	}
	return fmt.Sprintf("%d objects are planned, none is made", w.objects()), err
}

func (w *walk) apply(ctx context.Context) (string, error) {
	want := fmt.Sprintf("Apply complete! Resources: %d added, 0 changed, 0 destroyed.", w.objects())
	if err := w.run(ctx, applied, 0, want, "apply", "tenant.tfplan"); err != nil {
		return "", err
	}
	if err := w.complete(ctx); err != nil {
		return "", err
	}
	return "Cortex holds the tenant, and the next plan is empty", w.unchanged(ctx)
}

// unchanged wants a plan that is empty.
func (w *walk) unchanged(ctx context.Context) error {
	return w.run(ctx, planned, 0, "No changes.", "plan", "-detailed-exitcode")
}

func (w *walk) rows(ctx context.Context) (string, error) {
	if err := w.run(ctx, all, 0, `{"region":"EMEA","revenue":360}`, "output", "-json", "revenue"); err != nil {
		return "", err
	}
	return "the widgets show the same rows", w.run(ctx, all, 0, `{"region":"EMEA","revenue":360}`, "output", "-json", "dashboard")
}

func (w *walk) test(ctx context.Context) (string, error) {
	w.file("check.tf", check)
	if err := w.engine.Write("check.tf", check); err != nil {
		return "", err
	}
	err := w.run(ctx, warned, 0, checkFails, "plan", "-detailed-exitcode")
	return "it warns: 420 is with tax", err
}

func (w *walk) change(ctx context.Context) (string, error) {
	if err := w.edit("semantics.tf", `    Staging    = "gross"`, `    Staging    = "net"`); err != nil {
		return "", err
	}
	if err := w.run(ctx, wholly, 2, "Plan: 0 to add, 1 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=staging.tfplan"); err != nil {
		return "", err
	}
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.", "apply", "staging.tfplan"); err != nil {
		return "", err
	}
	if err := w.run(ctx, all, 0, `{"region":"EMEA","revenue":300}`, "output", "-json", "revenue"); err != nil {
		return "", err
	}
	return "Staging has other rows, and the check does not warn any more", w.unchanged(ctx)
}

func (w *walk) release(ctx context.Context) (string, error) {
	if err := w.edit("semantics.tf", `    Production = "gross"`, `    Production = "net"`); err != nil {
		return "", err
	}
	if err := w.run(ctx, planned, 2, "Plan: 0 to add, 1 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=production.tfplan"); err != nil {
		return "", err
	}
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 0 added, 1 changed, 0 destroyed.", "apply", "production.tfplan"); err != nil {
		return "", err
	}
	err := w.run(ctx, all, 0, `{"region":"EMEA","revenue":300}`, "output", "-json", "dashboard")
	return "the dashboard shows revenue without tax", err
}

// edit replaces a line of a file, and shows it.
func (w *walk) edit(name, old, new string) error {
	if strings.Count(w.files[name], old) != 1 {
		return fmt.Errorf("%s has not once %q", name, old)
	}
	w.files[name] = strings.Replace(w.files[name], old, new, 1)
	w.file(name, "- "+old+"\n+ "+new)
	return w.engine.Write(name, w.files[name])
}

func (w *walk) drift(ctx context.Context) (string, error) {
	mine, err := w.mine(ctx)
	if err != nil {
		return "", err
	}
	production, text := mine["Production"], "Changed by hand"
	i := slices.IndexFunc(production.attached, func(a client.Attached) bool { return a.Noun == "consumer" })
	if i < 0 {
		return "", errors.New("Production has no consumer") //nolint:staticcheck // a name
	}
	w.command(fmt.Sprintf("curl -X PUT …/api/v1/environments/%s -d '{\"description\": %q}'", production.ID, text))
	edited := production.Environment
	edited.Description = text
	if _, err := w.cortex.client.Environments.Update(ctx, production.Environment, edited); err != nil {
		return "", provider.Explain("change environment Production", err)
	}
	w.command(fmt.Sprintf("curl -X DELETE …/api/v1/consumers/%s", production.attached[i].ID))
	if err := w.cortex.client.DeleteAttached(ctx, production.ID, production.attached[i]); err != nil {
		return "", provider.Explain("delete consumer ada@example.com", err)
	}
	err = w.run(ctx, wholly, 2, "Plan: 2 to add, 1 to change, 0 to destroy.", "plan", "-detailed-exitcode", "-out=repair.tfplan")
	return "exit code 2: the plan names them, and how it would put them right", err
}

func (w *walk) repair(ctx context.Context) (string, error) {
	if err := w.run(ctx, applied, 0, "Apply complete! Resources: 2 added, 1 changed, 0 destroyed.", "apply", "repair.tfplan"); err != nil {
		return "", err
	}
	if err := w.complete(ctx); err != nil {
		return "", err
	}
	return "Ada is back in her group, the description is what the configuration says", w.unchanged(ctx)
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
	return "the workspace is managed now, and was not written to", w.unchanged(ctx)
}

func (w *walk) destroy(ctx context.Context) (string, error) {
	want := fmt.Sprintf("Destroy complete! Resources: %d destroyed.", w.objects()+1)
	if err := w.run(ctx, applied, 0, want, "destroy", "-auto-approve"); err != nil {
		return "", err
	}
	left, err := w.mine(ctx)
	if err == nil && len(left) > 0 {
		err = fmt.Errorf("these are left: %v", left)
	}
	return "nothing of it is left", err
}

// mine is the environments of the demo's tenant on the server, by name.
func (w *walk) mine(ctx context.Context) (map[string]environment, error) {
	workspaces, err := w.cortex.client.Workspaces.ListNow(ctx, "")
	if err != nil {
		return nil, provider.Explain("list the workspaces", err)
	}
	found := map[string]environment{}
	for _, ws := range workspaces {
		if ws.Name != w.prefix+" Acme" {
			continue
		}
		environments, err := w.cortex.environments(ctx, ws)
		if err != nil {
			return nil, err
		}
		for _, e := range environments {
			found[e.Name] = e
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
	var got []string
	for name, e := range mine {
		got = append(got, fmt.Sprintf("%s: %s", name, e.Description))
		for _, a := range e.attached {
			got = append(got, fmt.Sprintf("%s: %s %s", name, a.Noun, a.Name))
		}
	}
	var want []string
	for _, name := range []string{"Staging", "Production"} {
		want = append(want, name+": "+name+" of Acme Ltd", name+": consumer ada@example.com", name+": consumer group Sales")
		if w.cortex.own != nil {
			want = append(want, name+": data source Shop", name+": data model Sales", name+": metric Revenue by region", name+": metric Orders", name+": dashboard Sales")
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("Cortex has %q, not %q", got, want) //nolint:staticcheck // a name
	}
	return nil
}
