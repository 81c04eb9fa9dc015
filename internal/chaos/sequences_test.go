package chaos

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// TestSequences runs random sequences of steps through the real engine under faults, and checks after each step what the
// provider promises. rapid shrinks a sequence that fails.
func TestSequences(t *testing.T) {
	for n := range uint64(max(*sequences, 0)) {
		seed := *firstSeed + n
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if timeIsUp() {
				return
			}
			cortex, injector := newCortex(t, seed)
			s := subject{cortex, injector, providerBinary, stepTimeout}
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("repeat it with: make chaos SEQUENCES=1 KILLS=0 SEED=%d", seed)
				}
			})
			check(t, seed, func(rt *rapid.T) {
				if found := sequence(rapidDraw{rt}, s); found != "" {
					t.Log(found)
					rt.Fatal(found)
				}
			})
		})
	}
}

// seeding is held while rapid takes its seed from its flag, which all checks share.
var seeding sync.Mutex

// check is rapid.Check with a seed of its own.
func check(t *testing.T, seed uint64, property func(*rapid.T)) {
	t.Helper()
	seeding.Lock()
	seeded := sync.OnceFunc(seeding.Unlock)
	defer seeded()
	if err := flag.Set("rapid.seed", fmt.Sprint(seed)); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		seeded()
		property(rt)
	})
}

// draw is what a sequence takes its decisions from.
type draw interface {
	pick(label string, n int) int // below n
}

// rapidDraw lets rapid decide.
type rapidDraw struct{ *rapid.T }

func (d rapidDraw) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(d.T, label) }

// sequence runs one sequence and returns what it found wrong.
func sequence(d draw, s subject) (found string) {
	w, end := newWorld(s)
	defer end()
	defer tally.add(ranSequences, 1)
	defer w.rescue(&found)
	w.start()
	for range 1 + d.pick("steps", 6) {
		tally.add(ranSteps, 1)
		steps[d.pick("step", len(steps))].do(w, d)
	}
	w.finish(d)
	return ""
}

// rescue is deferred by what runs in a world: it makes of a problem what was found.
func (w *world) rescue(found *string) {
	switch p := recover().(type) {
	case nil:
	case problem:
		*found = string(p)
	default:
		panic(p) // rapid's own, or a mistake of the test
	}
}

// subject is what is tested: a provider, and a Cortex with an injector in front.
type subject struct {
	cortex   *cortextest.Cortex
	injector *injector
	binary   string
	patience time.Duration // how long a command may take
}

// newWorld makes a folder and a world in it; end removes both and what is left on a shared server.
func newWorld(s subject) (w *world, end func()) {
	dir, err := os.MkdirTemp("", "chaos")
	if err != nil {
		panic(err)
	}
	engine, err := enginetest.New(dir, s.binary)
	if err != nil {
		panic(err)
	}
	w = &world{subject: s, engine: engine, foreign: map[string]object{}, known: map[string]bool{}, prefix: filepath.Base(dir) + " "}
	w.injector.prefix, w.injector.impatient = w.prefix, nil
	return w, func() {
		w.injector.stop()
		for _, f := range w.cleanup {
			f()
		}
		w.cortex.Quiet()
		for id, o := range w.server() {
			if o.kind == "environment" {
				w.cortex.Do("DELETE", "/environments/"+id, nil)
			}
		}
		for id, o := range w.server() {
			if o.kind == "workspace" {
				w.cortex.Do("DELETE", "/workspaces/"+id, nil)
			}
		}
		_ = os.RemoveAll(dir)
		if err := tally.save(*tallyFile); err != nil { // now, so that a run which is cut off still counts
			panic(err)
		}
	}
}

// start begins every sequence: two tenants under management, and a foreign one.
func (w *world) start() {
	for range 2 {
		ws := w.addWorkspace()
		w.addEnvironment(ws)
	}
	foreign := w.cortex.CreateWorkspace(w.unique("foreign"), nil)
	w.cortex.CreateEnvironment(foreign.ID, w.unique("foreign"), nil)
	w.noteForeign()
	w.imports("")
	w.calm()
	if r := w.attempt("apply", "-auto-approve"); r.Code != 0 {
		w.failf("the first apply failed without a fault: %s", r)
	}
}

// finish ends every sequence: everything of the configuration goes, everything else stays.
func (w *world) finish(d draw) {
	gentle := w.underFaults(d)
	r := w.attempt("destroy", "-auto-approve")
	w.calm()
	if gentle && r.Code != 0 {
		tally.add(unhealed, 1)
		w.failf("destroy does not get over faults that pass: %s", r)
	}
	if r.Code != 0 {
		if r = w.attempt("destroy", "-auto-approve"); r.Code != 0 {
			w.failf("the destroy failed without a fault: %s", r)
		}
	}
	if left := w.server(); !maps.Equal(left, w.foreign) {
		tally.add(changed, 1)
		w.failf("after destroy the server has %+v, not what was there before, %+v", left, w.foreign)
	}
}

// noteForeign takes what is on the server and not in the state for foreign.
func (w *world) noteForeign() {
	owned := ids(w.state())
	w.foreign = map[string]object{}
	for id, o := range w.server() {
		if owned[id] == "" {
			w.foreign[id] = o
		}
	}
}

// foreignWorkspace is the first of the workspaces that do not belong to the configuration.
func (w *world) foreignWorkspace() object {
	all := byName(w.foreign)
	return all[slices.IndexFunc(all, func(o object) bool { return o.kind == "workspace" })]
}

// byName puts objects in an order that is the same in every run.
func byName(objects map[string]object) []object {
	return slices.SortedFunc(maps.Values(objects), func(a, b object) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id)) })
}

func (w *world) addWorkspace() *block {
	b := &block{label: fmt.Sprint("w", w.made), name: w.unique("workspace")}
	w.blocks = append(w.blocks, b)
	return b
}

func (w *world) addEnvironment(ws *block) *block {
	b := &block{label: fmt.Sprint("e", w.made), workspace: ws.label, name: w.unique("environment")}
	// This release cannot list metrics, so that no environment can be found empty.
	b.force = w.cortex.Release() == cortextest.Head
	w.blocks = append(w.blocks, b)
	return b
}

// choose picks one of the blocks for which ok is true; nil when there is none.
func (w *world) choose(d draw, ok func(*block) bool) *block {
	fit := slices.DeleteFunc(slices.Clone(w.blocks), func(b *block) bool { return !ok(b) })
	if len(fit) == 0 {
		return nil
	}
	return fit[d.pick("block", len(fit))]
}

func isWorkspace(b *block) bool   { return b.workspace == "" }
func isEnvironment(b *block) bool { return b.workspace != "" }
func anyBlock(*block) bool        { return true }

// id is the block's object in the state.
func (w *world) id(b *block) string {
	id, _ := w.state()[b.address()]["id"].(string)
	return id
}

// remove takes a block out of the configuration, a workspace with its environments.
func (w *world) remove(b *block) {
	w.blocks = slices.DeleteFunc(w.blocks, func(o *block) bool { return o == b || b.workspace == "" && o.workspace == b.label })
}

// edits are changes of the configuration, or of the server behind Terraform's back, that a plain apply has to get over.
var edits = []struct {
	name string
	do   func(w *world, d draw)
}{
	{"add a workspace", func(w *world, d draw) { w.addEnvironment(w.addWorkspace()) }},
	{"add an environment", func(w *world, d draw) {
		if ws := w.choose(d, isWorkspace); ws != nil {
			w.addEnvironment(ws)
		}
	}},
	{"edit a description", func(w *world, d draw) {
		if b := w.choose(d, anyBlock); b != nil {
			b.description = []string{"", "plain", "${not} %{a} \"template\" \\ é 🎈", w.unique("d")}[d.pick("description", 4)]
		}
	}},
	{"rename", func(w *world, d draw) {
		if b := w.choose(d, anyBlock); b != nil {
			b.name = w.unique("renamed ${x} é")
		}
	}},
	{"move an environment", func(w *world, d draw) {
		e, ws := w.choose(d, isEnvironment), w.choose(d, isWorkspace)
		if e != nil && ws != nil {
			e.workspace = ws.label
		}
	}},
	{"remove a block", func(w *world, d draw) {
		if b := w.choose(d, anyBlock); b != nil {
			w.remove(b)
		}
	}},
	{"change behind Terraform's back", func(w *world, d draw) {
		if b := w.choose(d, anyBlock); b != nil && w.id(b) != "" {
			change := map[string]any{[]string{"name", "description"}[d.pick("field", 2)]: w.unique("changed elsewhere")}
			if _, there := w.server()[w.id(b)]; there && b.kind() == "workspace" {
				w.cortex.UpdateWorkspace(w.id(b), change)
			} else if there {
				w.cortex.UpdateEnvironment(w.id(b), change)
			}
		}
	}},
	{"delete behind Terraform's back", func(w *world, d draw) {
		b := w.choose(d, anyBlock)
		if b == nil || w.id(b) == "" {
			return
		}
		if b.kind() == "workspace" {
			for _, e := range byName(w.server()) {
				if e.scope == w.id(b) && (w.cortex.Database() == cortextest.PostgreSQL || d.pick("orphan", 2) == 0) {
					w.cortex.Do("DELETE", "/environments/"+e.id, nil)
				}
			}
		}
		w.cortex.Do("DELETE", "/"+b.kind()+"s/"+w.id(b), nil)
	}},
}

// commands are what a person runs after the edits.
var commands = []struct {
	name string
	args func(w *world, d draw) []string
}{
	{"apply", func(*world, draw) []string { return []string{"apply", "-auto-approve"} }},
	{"apply", func(*world, draw) []string { return []string{"apply", "-auto-approve"} }},
	{"apply with few at one time", func(*world, draw) []string { return []string{"apply", "-auto-approve", "-parallelism=1"} }},
	{"apply with many at one time", func(*world, draw) []string { return []string{"apply", "-auto-approve", "-parallelism=50"} }},
	{"targeted apply", func(w *world, d draw) []string {
		args := []string{"apply", "-auto-approve"}
		if b := w.choose(d, anyBlock); b != nil {
			args = append(args, "-target="+b.address())
		}
		return args
	}},
	{"replace", func(w *world, d draw) []string {
		args := []string{"apply", "-auto-approve"}
		if b := w.choose(d, anyBlock); b != nil {
			args = append(args, "-replace="+b.address())
		}
		return args
	}},
	{"destroy", func(*world, draw) []string { return []string{"destroy", "-auto-approve"} }},
	{"plan", func(*world, draw) []string { return []string{"plan"} }},
	{"refresh", func(*world, draw) []string { return []string{"apply", "-refresh-only", "-auto-approve"} }},
}

// steps are the kinds of steps; the plain one is the most frequent.
var steps = []struct {
	name string
	do   func(w *world, d draw)
}{
	{"edit", edit}, {"edit", edit}, {"edit", edit}, {"edit", edit}, {"edit", edit},
	{"rename onto a taken name", renameOntoTaken}, {"create with a taken name", createTaken}, {"create two of a name", createTwice},
	{"forget", forget}, {"adopt", adopt}, {"occupied", occupied}, {"down", down},
}

// underFaults starts the faults of a step and tells whether the provider must get over all of them. Then it is told to be
// patient: faults of a list hit all who ask for it, so that chance alone may give one of them too many.
func (w *world) underFaults(d draw) (gentle bool) {
	gentle = d.pick("gentle", 2) == 0
	rate := []float64{0.8, 0.7, 0.6}[d.pick("rate", 3)]
	w.rough(gentle)
	w.injector.start(uint64(d.pick("faults", 1<<30)), rate, gentle)
	return gentle
}

// edit changes the configuration, or the server behind Terraform's back, and runs a command.
func edit(w *world, d draw) {
	for range 1 + d.pick("edits", 3) {
		edits[d.pick("edit", len(edits))].do(w, d)
	}
	command := commands[d.pick("command", len(commands))]
	args := command.args(w, d)
	gentle := w.underFaults(d)
	var r enginetest.Result
	if command.name == "plan" || command.name == "refresh" {
		r = w.readOnly(args...)
	} else {
		r = w.attempt(args...)
	}
	w.calm()
	if gentle && r.Code != 0 {
		tally.add(unhealed, 1)
		w.failf("%s does not get over faults that pass: %s", command.name, r)
	}
	if r.Code == 0 && (strings.HasPrefix(command.name, "apply") || command.name == "replace") {
		w.settled()
		return
	}
	// A lost answer whose look failed as well leaves an object that its error names.
	w.heal(strings.Contains(plainText(r), "unknown what became of the request"))
}

// renameOntoTaken renames an object onto a name that another one of its place has: it must be refused.
func renameOntoTaken(w *world, d draw) {
	b := w.choose(d, anyBlock)
	if b == nil || w.id(b) == "" {
		return
	}
	var name string
	if b.kind() == "workspace" {
		name = w.foreignWorkspace().name
	} else {
		scope, _ := w.state()[b.address()]["workspace_id"].(string)
		made := w.cortex.CreateEnvironment(scope, w.unique("somebody's"), nil)
		defer w.cortex.Do("DELETE", "/environments/"+made.ID, nil)
		w.server()
		name = made.Name
	}
	was, before := b.name, w.server()[w.id(b)]
	b.name = name
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		tally.add(doubled, 1)
		w.failf("a rename onto a name that is taken went through: %s", r)
	}
	if now := w.server()[before.id]; now != before {
		tally.add(changed, 1)
		w.failf("a refused rename changed %+v to %+v: %s", before, now, r)
	}
	if r = w.attempt("apply", "-auto-approve"); r.Code == 0 || !strings.Contains(plainText(r), "the name is taken") {
		w.failf("a rename onto a name that is taken is not refused in clear words: %s", r)
	}
	b.name = was
	w.config()
	w.heal(false)
}

// createTwice has two blocks of one name: one of them is made, the other refused.
func createTwice(w *world, d draw) {
	first, second := w.addWorkspace(), w.addWorkspace()
	second.name = first.name
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		tally.add(doubled, 1)
		w.failf("two objects of one name were made: %s", r)
	}
	if w.id(second) == "" {
		second.name = w.unique("not the same")
	} else {
		first.name = w.unique("not the same")
	}
	w.config()
	w.heal(strings.Contains(plainText(r), "unknown what became of the request"))
}

// down lets Cortex be down for a whole command: it ends within bounds, and changes nothing.
func down(w *world, d draw) {
	w.addEnvironment(w.addWorkspace())
	w.rough(false)
	kinds := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !slices.Contains(downs, f.name) })
	before := w.server()
	w.injector.startDown(&kinds[d.pick("down", len(kinds))])
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if after := w.server(); r.Code == 0 || !maps.Equal(before, after) {
		w.failf("an apply while Cortex was down changed %+v to %+v: %s", before, after, r)
	}
	w.heal(false)
}

// downs are the faults that a Cortex that is down has for every request.
var downs = []string{"connection reset before", "502 before", "503 before", "500 of an unknown kind", "HTML with 200", "HTML with 404", "500 with SQL"}

// createTaken adds a block with the name of a foreign object: it must be refused, and show how to take the object over.
func createTaken(w *world, d draw) {
	b, o := w.addWorkspace(), w.foreignWorkspace()
	b.name = o.name
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		w.failf("a second object of a name was made or taken over: %s", r)
	}
	r = w.attempt("apply", "-auto-approve", "-json")
	if text := plainText(r); r.Code == 0 || !strings.Contains(text, "the name is taken") || !strings.Contains(text, o.id) {
		w.failf("the refusal of a taken name does not show the one that has it: %s", r)
	}
	w.remove(b)
	w.heal(false)
}

// forget takes an object out of the state: an apply must not make it twice, and its import block must bring it back.
func forget(w *world, d draw) {
	b := w.choose(d, anyBlock)
	if b == nil || w.id(b) == "" {
		return
	}
	w.run("state", "rm", b.address())
	w.underFaults(d)
	w.attempt("apply", "-auto-approve")
	w.heal(true)
	if w.id(b) == "" {
		w.failf("%s did not come back", b.address())
	}
}

// adopt imports objects that somebody made by hand, by id or by name.
func adopt(w *world, d draw) {
	made := w.cortex.CreateWorkspace(w.unique("by hand"), nil)
	description := "by hand"
	inside := w.cortex.CreateEnvironment(made.ID, w.unique("by hand"), &description)
	ws, e := w.addWorkspace(), (*block)(nil)
	ws.name = made.Name
	e = w.addEnvironment(ws)
	force := e.force
	e.name, e.description, e.force = inside.Name, description, false // so that the import is all
	wsID, envID := made.ID, inside.ID
	switch d.pick("import by", 3) {
	case 1:
		wsID, envID = made.Name, made.Name+"/"+inside.Name
	case 2:
		envID = made.ID + "/" + inside.ID
	}
	w.imports(fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n\nimport {\n  to = %s\n  id = %q\n}\n", ws.address(), wsID, e.address(), envID))
	gentle := w.underFaults(d)
	r := w.readOnly("apply", "-auto-approve")
	if gentle && (r.Code != 0 || !strings.Contains(r.Stdout, "0 added, 0 changed, 0 destroyed")) {
		w.failf("an import changes something or fails: %s", r)
	}
	w.calm()
	if r := w.readOnly("apply", "-auto-approve"); r.Code != 0 {
		w.failf("an import failed without a fault: %s", r)
	}
	e.force = force
	w.heal(false)
}

// occupied removes a workspace in which somebody else made an environment: it must be refused.
func occupied(w *world, d draw) {
	b := w.choose(d, isWorkspace)
	if b == nil || w.id(b) == "" {
		return
	}
	id := w.id(b)
	e := w.cortex.CreateEnvironment(id, w.unique("somebody's"), nil)
	blocks := slices.Clone(w.blocks)
	w.remove(b)
	w.config()
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		w.failf("a workspace with somebody's environment was deleted: %s", r)
	}
	if r = w.attempt("apply", "-auto-approve"); r.Code == 0 || !strings.Contains(plainText(r), e.ID) {
		w.failf("the refusal to delete does not name what is in the way: %s", r)
	}
	w.cortex.DeleteEnvironment(e.ID)
	w.blocks = blocks
	w.config()
	w.heal(false)
}
