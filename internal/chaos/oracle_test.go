package chaos

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

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

// plainError is how the provider's errors begin, and the engine's after Ctrl-C.
var plainError = regexp.MustCompile(`execution halted|Cannot (create|complete|read|update|delete|destroy|import|check|confirm|find|list)`)

// attempt runs a command, under faults or not, and checks what must hold however it ends. It returns the result.
func (w *world) attempt(args ...string) enginetest.Result {
	return w.observe(false, func() enginetest.Result { return w.run(args...) })
}

// observe is attempt for a command that is run in another way. One that was killed could not tell what it made.
func (w *world) observe(killed bool, run func() enginetest.Result) enginetest.Result {
	before, owned := w.server(), ids(w.state())
	w.cortex.Reset()
	r := run()
	w.cortex.Quiet()
	after, state := w.server(), w.state()
	owned2 := ids(state)
	output := plainText(r)

	for id, o := range after {
		if _, there := before[id]; there {
			continue
		}
		tally.add(created, 1)
		tally.add(created+": "+o.kind.noun, 1)
		if _, tracked := owned2[id]; !tracked && !killed && !strings.Contains(output, id) &&
			!(mentions(output, o.name) && strings.Contains(output, "Run apply again")) {
			tally.add(lost, 1)
			w.failf("%v was made, but is neither in the state nor named in an error: %s", o, r)
		}
	}
	w.noTwins(after, r)
	for id, o := range before {
		_, tracked := owned[id]
		if now := after[id]; now != o && !o.wentWith(after) && !tracked && owned2[id] == "" {
			tally.add(changed, 1)
			w.failf("%v does not belong to the configuration, but was changed or deleted: %v: %s", o, now, r)
		}
	}
	for id, address := range owned2 {
		if o, there := before[id]; there && owned[id] == "" && !w.importing {
			tally.add(changed, 1)
			w.failf("%s adopted %v, which was there before: %s", address, o, r)
		}
	}
	for id, address := range owned {
		// What left the state must have left the server.
		if _, tracked := owned2[id]; !tracked {
			if o, there := after[id]; there && r.Args[0] != "state" {
				tally.add(lost, 1)
				w.failf("%s left the state, but %v is still there: %s", address, o, r)
			}
		}
	}
	if r.Code == 1 && !killed && !plainError.MatchString(output) {
		w.failf("the error is not in the provider's words: %s", r)
	}
	return r
}

// mentions tells whether an output names what has a name; the domain of an address may be in any case.
func mentions(output, name string) bool {
	return strings.Contains(strings.ToLower(output), strings.ToLower(name))
}

// faultless checks that the engine has nothing to say about the provider.
func (w *world) faultless(r enginetest.Result) {
	if strings.Contains(r.Stdout+r.Stderr, "panic:") || strings.Contains(r.Stdout, "produced an unexpected new value") ||
		strings.Contains(r.Stdout, "inconsistent result") || strings.Contains(r.Stdout, "This is a bug in the provider") {
		w.failf("the provider is at fault: %s", r)
	}
}

// noTwins checks that nothing exists twice, but for what the test itself made.
func (w *world) noTwins(objects map[string]object, r enginetest.Result) {
	names := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		o := objects[id]
		if _, foreign := w.foreign[id]; foreign {
			continue
		}
		key := o.kind.noun + o.scope + o.among + "\x00" + o.name
		if other, twice := names[key]; twice {
			tally.add(doubled, 1)
			w.failf("%v exists twice, and as %s: %s", o, other, r)
		}
		names[key] = id
	}
}

// readOnly runs a command that may write nothing.
func (w *world) readOnly(args ...string) enginetest.Result {
	r := w.attempt(args...)
	if writes := w.cortex.Writes(); len(writes) > 0 {
		tally.add(changed, 1)
		w.failf("%s wrote: %s %s", args[0], writes[0].Method, writes[0].Path)
	}
	return r
}

// settled checks what must hold after a successful apply: the plan is empty, state and server are equal, and what the
// test made itself is as it was.
func (w *world) settled() {
	r := w.readOnly("plan", "-detailed-exitcode")
	if r.Code != 0 {
		tally.add(changed, 1)
		w.failf("the plan after a successful apply is not empty: %s", r)
	}
	objects, state := w.server(), w.state()
	if len(state) != len(w.blocks) {
		w.failf("%d blocks, but %d resources in the state: %v", len(w.blocks), len(state), slices.Sorted(maps.Keys(state)))
	}
	for address, o := range state {
		if got := objects[o.id]; got != o {
			tally.add(changed, 1)
			w.failf("%s: the state has %v, the server %v", address, o, got)
		}
	}
	for _, b := range w.blocks {
		if o := state[b.address()]; b.kind.key != "" && o.name != b.kind.kept(b.name) {
			w.failf("%s is named %q in the state, not %q", b.address(), o.name, b.name)
		}
	}
	w.foreignStays(objects)
}

// foreignStays checks that what is foreign is as it was.
func (w *world) foreignStays(objects map[string]object) {
	for id, o := range w.foreign {
		if objects[id] != o && !o.wentWith(objects) {
			tally.add(changed, 1)
			w.failf("what is foreign was changed: %v, now %v", o, objects[id])
		}
	}
}

// levels is how many kinds refer to each other in a row: workspace, environment, data model, metric, dashboard.
const levels = 5

// heal applies without faults until that succeeds, following the import blocks that errors print. Where a state was lost, each apply meets the objects of
// one level, and the one after the last has to succeed.
func (w *world) heal(followImports bool) {
	w.calm()
	for round := 0; ; round++ {
		r := w.attempt("apply", "-auto-approve", "-json")
		if r.Code == 0 {
			break
		}
		imports := 0
		if followImports {
			imports = w.follow(r)
		}
		if imports == 0 || round == levels {
			tally.add(unhealed, 1)
			w.failf("a failed apply did not heal: %s", r)
		}
		tally.add(takenOver, imports)
	}
	w.imports("")
	w.settled()
}

var importID = regexp.MustCompile(`import \{\n\s+to = cortex_\w+\.example\n\s+id = "([^"]+)"\n\s*\}`)

// follow writes the import blocks that the errors of a -json run print, with the label filled in as a person would.
func (w *world) follow(r enginetest.Result) int {
	var b strings.Builder
	n := 0
	for _, d := range r.Diagnostics() {
		found := importID.FindAllStringSubmatch(d.Detail, -1)
		if d.Severity != "error" || len(found) != 1 || d.Address == "" {
			continue
		}
		fmt.Fprintf(&b, "import {\n  to = %s\n  id = %q\n}\n\n", d.Address, found[0][1])
		n++
	}
	w.imports(b.String())
	return n
}
