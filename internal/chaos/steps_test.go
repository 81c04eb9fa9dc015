package chaos

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// steps are the kinds of steps; the plain one is the most frequent.
var steps = []action{
	{"edit", edit}, {"edit", edit}, {"edit", edit}, {"edit", edit}, {"edit", edit},
	{"rename onto a taken name", renameOntoTaken}, {"create with a taken name", createTaken}, {"create two of a name", createTwice},
	{"forget", forget}, {"adopt", adopt}, {"occupied", occupied}, {"down", down},
}

// underFaults starts the faults of a step and tells whether the provider must get over all of them. Then it is told to be
// patient: faults of a list hit all who ask for it, so that chance alone may give one of them too many.
func (w *world) underFaults(d draw) (gentle bool) {
	gentle = d.pick("gentle", 2) == 0
	rate := []float64{0.7, 0.6, 0.5}[d.pick("rate", 3)]
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
	w.moved = false
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
	b := w.choose(d, named...)
	if b == nil {
		return
	}
	was, before := b.name, w.state()[b.address()]
	taken := w.makeByHand(b.kind, w.refs(b)...)
	defer w.deleteByHand(taken, false)
	b.name = b.kind.respelled(taken.name)
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		tally.add(doubled, 1)
		w.failf("a rename onto a name that is taken went through: %s", r)
	}
	if now := w.server()[before.id]; now != before {
		tally.add(changed, 1)
		w.failf("a refused rename changed %v to %v: %s", before, now, r)
	}
	if r = w.attempt("apply", "-auto-approve"); r.Code == 0 || !refusal.MatchString(plainText(r)) {
		w.failf("a rename onto a name that is taken is not refused in clear words: %s", r)
	}
	b.name = was
	w.config()
	w.heal(false)
}

// refusal is how the provider refuses what is there already.
var refusal = regexp.MustCompile(`: (the name is taken|the e-mail address is taken|it exists already)`)

// createTwice has two blocks of one name: one of them is made, the other refused.
func createTwice(w *world, d draw) {
	first := w.addIn(d, kinds[d.pick("kind", len(kinds))])
	second := w.add(first.kind, first.refs...)
	second.name = first.kind.respelled(first.name)
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		tally.add(doubled, 1)
		w.failf("two objects of one name were made: %s", r)
	}
	refused := first
	if w.id(second) == "" {
		refused = second
	}
	if refused.name = refused.kind.call(w.unique("not the same")); refused.kind == member {
		w.remove(refused)
	}
	w.config()
	w.heal(strings.Contains(plainText(r), "unknown what became of the request"))
}

// down lets Cortex be down for a whole command: it ends within bounds, and changes nothing.
func down(w *world, d draw) {
	w.addTenant()
	w.rough(false)
	kinds := slices.DeleteFunc(slices.Clone(faults), func(f fault) bool { return !slices.Contains(downs, f.name) })
	before := w.server()
	w.injector.startDown(&kinds[d.pick("down", len(kinds))])
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if after := w.server(); r.Code == 0 || !maps.Equal(before, after) {
		w.failf("an apply while Cortex was down changed %v to %v: %s", before, after, r)
	}
	w.heal(false)
}

// downs are the faults that a Cortex that is down has for every request.
var downs = []string{"connection reset before", "502 before, with the request", "503 before", "500 of an unknown kind", "HTML with 200", "HTML with 404", "500 with SQL"}

// createTaken adds a block for what somebody has made already, by its name: it must be refused, and show how to take that over.
func createTaken(w *world, d draw) {
	b := w.addIn(d, kinds[d.pick("kind", len(kinds))])
	if slices.Contains(w.refs(b), "") {
		w.remove(b)
		w.heal(false)
		w.blocks = append(w.blocks, b)
	}
	o := w.makeByHand(b.kind, w.refs(b)...)
	defer w.deleteByHand(o, false)
	b.name = b.kind.respelled(o.name)
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		w.failf("a second object of a name was made or taken over: %s", r)
	}
	r = w.attempt("apply", "-auto-approve", "-json")
	if text := plainText(r); r.Code == 0 || !refusal.MatchString(text) || !strings.Contains(text, o.id) {
		w.failf("the refusal of a taken name does not show the one that has it: %s", r)
	}
	w.remove(b)
	w.heal(false)
}

// forget takes an object out of the state: an apply must not make it twice, and its import block must bring it back.
func forget(w *world, d draw) {
	b := w.choose(d)
	if b == nil {
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
	by := d.pick("import by", 3)
	var imports strings.Builder
	objects, blocks, names := map[*kind]object{}, map[*kind]*block{}, map[*kind]string{}
	for _, k := range kinds {
		if w.lacks(k) {
			continue
		}
		b := w.add(k)
		var refs []string
		for _, r := range k.refs {
			if !w.lacks(r.to) {
				b.refs, refs = append(b.refs, blocks[r.to]), append(refs, objects[r.to].id)
			}
		}
		o := w.makeByHand(k, refs...)
		for _, f := range k.fields {
			b.values[f.name] = f.values[len(f.values)-1]
		}
		b.name, b.deletion = o.name, nil // so that the import is all
		objects[k], blocks[k], names[k] = o, b, strings.TrimPrefix(names[k.in]+"/"+o.name, "/")
		if k == member {
			names[k] = names[consumerGroup] + "/" + objects[consumer].name
		}
		id := []string{o.id, names[k], strings.TrimPrefix(o.scope+"/"+o.id, "/")}[by]
		if k.located && by == 0 { // found by no id alone
			id = o.scope + "/" + o.id
		}
		fmt.Fprintf(&imports, "import {\n  to = %s\n  id = %q\n}\n\n", b.address(), id)
	}
	w.imports(imports.String())
	gentle := w.underFaults(d)
	r := w.readOnly("apply", "-auto-approve")
	if gentle && (r.Code != 0 || !strings.Contains(r.Stdout, "0 added, 0 changed, 0 destroyed")) {
		w.failf("an import changes something or fails: %s", r)
	}
	w.calm()
	if r := w.readOnly("apply", "-auto-approve"); r.Code != 0 {
		w.failf("an import failed without a fault: %s", r)
	}
	for _, b := range blocks {
		b.deletion = w.deletion(b.kind)
	}
	w.heal(false)
}

// occupied removes what holds something that somebody else made, or is used by that: it must be refused.
func occupied(w *world, d draw) {
	b := w.choose(d, workspace, environment, dataSource, dataModel)
	if b == nil || slices.Contains(b.deletion, forced) {
		return
	}
	var inside, in object // in is what is made for that besides
	switch b.kind {
	case workspace:
		inside = w.makeByHand(environment, w.id(b))
	case environment:
		inside = w.makeByHand([]*kind{consumer, consumerGroup, dataSource, dataModel, dashboard}[d.pick("inside", 5)], w.id(b))
	case dataSource:
		in = w.makeByHand(dataModel, w.id(b.refs[0]))
		inside = w.makeByHand(metric, in.id, w.id(b))
	case dataModel:
		inside = w.makeByHand(metric, w.id(b), "")
	}
	blocks := slices.Clone(w.blocks)
	w.remove(b)
	w.config()
	w.underFaults(d)
	r := w.attempt("apply", "-auto-approve")
	w.calm()
	if r.Code == 0 {
		w.failf("what holds %v was deleted: %s", inside, r)
	}
	if r = w.attempt("apply", "-auto-approve"); r.Code == 0 || !strings.Contains(plainText(r), inside.id) {
		w.failf("the refusal to delete does not name what is in the way: %s", r)
	}
	w.deleteByHand(inside, false)
	if in.kind != nil {
		w.deleteByHand(in, false)
	}
	w.blocks = blocks
	w.config()
	w.heal(false)
}
