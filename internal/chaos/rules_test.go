package chaos

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// A rule is one of the provider's that the tests of this package must miss when it is off.
type rule struct {
	name string
	// off is what turns it off. The new texts keep the rule unless OFF is true, which is then what asks for this rule: see withSwitches.
	off []replacement
	// step is the kind of steps whose sequences see it; "" are kills. edit and of are what such a step edits and deals with, if that matters.
	step, edit string
	of         *kind
	// seed is tried first, and is known to see it: every other one costs a sequence. Chance may have it that only one of the next ones does.
	seed uint64
	// want is part of what is found.
	want string
	// patience is how long a command may take without the rule, if that is what is to be found; with the rule it may take as long as any other.
	patience time.Duration
}

type replacement struct{ file, old, new string }

// tries is how many sequences or kills may pass before a rule that is off is seen.
const tries = 8

var rules = []rule{
	{
		name: "a lost create is settled by looking", step: "edit", edit: "add a tenant", seed: 1,
		off: []replacement{{"internal/client/create.go", "	for try := 0; ; try++ {", "	if OFF {\n		return none, false, nil\n	}\n	for try := 0; ; try++ {"}},
	},
	{
		name: "creates of one name go in turn", step: "create two of a name", of: workspace, seed: 1, want: "exists twice",
		off: []replacement{{"internal/client/create.go", "acquire(ctx, o.nameKey(ref))", "acquire(ctx, either(OFF, time.Now().String(), o.nameKey(ref)))"}},
	},
	{
		name: "an object is gone only by Cortex's own words", step: "down", seed: 5, want: "is still there",
		off: []replacement{{"internal/client/error.go", "return errors.As(err, &e) && e.Class == NotFound &&", "return errors.As(err, &e) && OFF && e.Status == 404 || e != nil && e.Class == NotFound &&"}},
	},
	{
		name: "Retry-After is honoured", step: "edit", seed: 3, want: "before its Retry-After",
		off: []replacement{{"internal/client/transport.go", "DefaultBackoff(lo, hi, n, resp)", "DefaultBackoff(lo, hi, n, either(OFF, nil, resp))"}},
	},
	{
		name: "retries are bounded", step: "down", seed: 1, want: "without end",
		off: []replacement{
			{"internal/client/transport.go", "RetryMax:     retries,", "RetryMax:     either(OFF, 1<<20, retries),"},
			{"internal/client/transport.go", "RetryWaitMax: maxBackoff", "RetryWaitMax: either(OFF, minBackoff, maxBackoff)"}, // not to wait for it
		},
	},
	{
		name: "every request has a deadline", step: "edit", seed: 4, want: "a command hangs", patience: 45 * time.Second,
		off: []replacement{{"internal/client/transport.go", "context.WithTimeout(ctx, a.timeout)", "context.WithTimeout(ctx, either(OFF, 1000*a.timeout, a.timeout))"}},
	},
	{
		name: "a create under way is recovered after Ctrl-C", seed: 20, want: "outside of the state",
		off: []replacement{
			{"internal/client/transport.go", "ctx = context.WithoutCancel(caller)", "ctx = either(OFF, caller, context.WithoutCancel(caller))"},
			{"internal/client/create.go", "context.WithTimeout(context.WithoutCancel(ctx), ", "context.WithTimeout(either(OFF, ctx, context.WithoutCancel(ctx)), "},
		},
	},
	{
		name: "errors print import blocks", step: "forget", seed: 1, want: "did not heal",
		off: []replacement{{"internal/provider/diagnostics.go", `return strings.Join(blocks, "\n\n")`, `return either(OFF, "", strings.Join(blocks, "\n\n"))`}},
	},
	{
		name: "an address is sent and sought as Cortex keeps it", step: "edit", seed: 1, want: "neither in the state nor named",
		off: []replacement{{"internal/provider/consumer.go", "	if err != nil { // a plan that does not know it yet", "	if err != nil || OFF { // a plan that does not know it yet"}},
	},
	{
		name: "somebody else's membership is refused", step: "create with a taken name", of: member, seed: 1, want: "which was there before",
		off: []replacement{{"internal/client/consumer_group_member.go", "	if isIn {", "	if isIn && !OFF {"}},
	},
	{
		name: "a lost deletion is looked for", step: "edit", edit: "remove a block", seed: 4, want: "does not get over faults that pass",
		off: []replacement{{"internal/client/kind.go", "if ClassOf(err) != NotDeleted {", "if OFF || ClassOf(err) != NotDeleted {"}},
	},
	{
		name: "every update says the properties", step: "edit", edit: "edit a field", seed: 27,
		off: []replacement{
			{"internal/client/update.go", "maps.Copy(body, after)", "maps.Copy(body, either(OFF, nil, after))"},
			{"internal/client/update.go", "err == nil && o.Changes(updated, want) {", "err == nil && !OFF && o.Changes(updated, want) {"},
		},
	},
	{
		name: "what Python takes for equal is sent in two steps", step: "edit", edit: "turn 1 into true or back", seed: 1,
		off: []replacement{{"internal/client/update.go", "; aside != nil {", "; aside != nil && !OFF {"}},
	},
	{
		name: "a name that Cortex does not guard is looked for", step: "create with a taken name", of: dataModel, seed: 2, want: "exists twice",
		off: []replacement{{"internal/client/create.go", "	if o.unguarded {", "	if o.unguarded && !OFF {"}},
	},
	{
		name: "what a create drops is sent by an update", step: "edit", edit: "add a metric", seed: 2,
		off: []replacement{{"internal/client/create.go", "!o.Changes(made, want)", "OFF || !o.Changes(made, want)"}},
	},
	{
		name: "an object whose create is unfinished is in the state", seed: 20, want: "outside of the state",
		off: []replacement{{"internal/provider/resource.go", "!errors.As(err, new(*client.UnfinishedError))", "OFF || !errors.As(err, new(*client.UnfinishedError))"}},
	},
	{
		name: "what Cortex keeps of a view is replaced", step: "edit", edit: "edit the views", seed: 1,
		off: []replacement{{"internal/client/update.go", "err == nil && said && !alike(", "err == nil && said && !OFF && !alike("}},
	},
	{
		name: "a data model with metrics is not deleted", step: "occupied", seed: 8, want: "was deleted",
		off: []replacement{{"internal/provider/data_model.go", "	if len(metrics) > 0 {", "	if len(metrics) > 0 && !OFF {"}},
	},
	{
		name: "what the database does not let go is retired", step: "edit", seed: 2, want: "retire_undeletable",
		off: []replacement{{"internal/provider/environment.go", "&& r.retire && err == nil", "&& !OFF && r.retire && err == nil"}},
	},
	{
		name: "the provider's own secrets are taken out", step: "edit", seed: 1, want: "a secret is in the log",
		off: []replacement{{"internal/client/secrets.go", "range values {", "range either(OFF, nil, values) {"}},
	},
}

// run runs one sequence with a step of the rule's kind, or one kill.
func (r rule) run(t *testing.T, seed uint64, patience time.Duration, binary string, env ...string) (found string) {
	t.Helper()
	cortex, injector := newCortex(t, seed)
	s := subject{cortex, injector, binary, env, patience}
	if r.step == "" {
		return kill(3*seed, s) // by SIGINT
	}
	return sequence(oneStep{rand.New(rand.NewPCG(seed, 2)), r}, s)
}

// oneStep draws sequences of one step that deals with a rule.
type oneStep struct {
	*rand.Rand
	rule rule
}

func (d oneStep) pick(label string, n int) int {
	wanted := -1
	switch label {
	case "steps", "edits", "command": // one edit, and apply
		wanted = 0
	case "step":
		wanted = slices.IndexFunc(steps, func(a action) bool { return a.name == d.rule.step })
	case "edit":
		wanted = slices.IndexFunc(edits, func(a action) bool { return a.name == d.rule.edit })
	case "kind":
		wanted = slices.Index(kinds, d.rule.of)
	}
	if wanted < 0 {
		wanted = d.IntN(n)
	}
	return wanted
}

// ruleOff is the variable that names the rule which a provider with switches does without.
const ruleOff = "RULE_OFF"

// TestRulesAreSeen turns each rule off in turn, and fails unless sequences or kills that the whole provider passes show it.
func TestRulesAreSeen(t *testing.T) {
	t.Parallel()
	binary := withSwitches(t)
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for seed := r.seed; seed < r.seed+tries; seed++ {
				found := r.run(t, seed, cmp.Or(r.patience, stepTimeout), binary, ruleOff+"="+r.name)
				if found == "" {
					continue
				}
				t.Logf("seed %d: %s", seed, found)
				if !strings.Contains(found, r.want) {
					t.Errorf("seed %d found something else than %q", seed, r.want)
				}
				if found := r.run(t, seed, stepTimeout, providerBinary); found != "" {
					t.Errorf("seed %d finds something with the rule as well: %s", seed, found)
				}
				return
			}
			t.Errorf("%d runs did not see that the rule is off", tries)
		})
	}
}

// switches is what each package of withSwitches has besides.
const switches = `package %s

import "os"

// off tells whether this process does without the rule.
func off(rule string) bool { return os.Getenv("` + ruleOff + `") == rule }

// either is what is to be used without the rule, or with it.
func either[T any](off bool, without, with T) T {
	if off {
		return without
	}
	return with
}
`

// withSwitches compiles a provider that does without the rule that its environment names. The compiler is given other texts than the
// files hold, and more files: the provider itself knows no such switch.
func withSwitches(t *testing.T) (binary string) {
	t.Helper()
	texts := map[string]string{} // by file
	for _, r := range rules {
		for _, off := range r.off {
			if texts[off.file] == "" {
				data, err := os.ReadFile(filepath.Join("../..", off.file))
				if err != nil {
					t.Fatal(err)
				}
				texts[off.file] = string(data)
				folder := filepath.Dir(off.file)
				texts[filepath.Join(folder, "switches.go")] = fmt.Sprintf(switches, filepath.Base(folder))
			}
			if strings.Count(texts[off.file], off.old) != 1 {
				t.Fatalf("%s does not hold this once: %s", off.file, off.old)
			}
			texts[off.file] = strings.Replace(texts[off.file], off.old, strings.ReplaceAll(off.new, "OFF", fmt.Sprintf("off(%q)", r.name)), 1)
		}
	}
	dir := t.TempDir()
	write := func(name, text string) (path string) {
		t.Helper()
		path = filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay := map[string]map[string]string{"Replace": {}}
	for file, text := range texts {
		path, err := filepath.Abs(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		overlay["Replace"][path] = write(strings.ReplaceAll(file, "/", "-"), text)
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	// It serves this test alone, and costs less where nothing is optimised.
	binary, err = enginetest.Build(dir, "-overlay="+write("overlay.json", string(data)), "-ldflags=-s -w",
		"-gcflags=github.com/telescopeai/terraform-provider-cortex/...=-N -l")
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
