package chaos

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// edits are changes of the configuration, or of the server behind Terraform's back, that a plain apply has to get over.
var edits = []struct {
	name string
	do   func(w *world, d draw)
}{
	{"add a tenant", func(w *world, _ draw) { w.addTenant() }},
	{"add an environment", func(w *world, d draw) { w.addIn(d, environment) }},
	{"edit a field", func(w *world, d draw) {
		if b := w.choose(d); b != nil {
			f := b.kind.fields[d.pick("field", len(b.kind.fields))]
			b.values[f.name] = f.values[d.pick("value", len(f.values))]
		}
	}},
	{"rename", func(w *world, d draw) {
		if b := w.choose(d); b != nil {
			b.name = w.unique("renamed ${x} é")
		}
	}},
	{"move", func(w *world, d draw) {
		if b := w.choose(d, environment); b != nil {
			b.refs[0] = w.place(d, b.kind)
		}
	}},
	{"remove a block", func(w *world, d draw) {
		if b := w.choose(d); b != nil {
			w.remove(b)
		}
	}},
	{"change behind Terraform's back", func(w *world, d draw) {
		b := w.choose(d)
		if b == nil {
			return
		}
		if o, there := w.server()[w.id(b)]; there {
			change := map[string]any{"name": w.unique("changed elsewhere")}
			if n := d.pick("what", 1+len(b.kind.fields)); n > 0 {
				f := b.kind.fields[n-1]
				change = map[string]any{f.name: f.byHand()}
			}
			w.send(http.MethodPut, o.kind.item(o.id), change)
		}
	}},
	{"delete behind Terraform's back", func(w *world, d draw) {
		if b := w.choose(d); b != nil && w.id(b) != "" {
			w.deleteByHand(w.state()[b.address()], d.pick("orphans", 2) == 0)
		}
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
		if b := w.choose(d); b != nil {
			args = append(args, "-target="+b.address())
		}
		return args
	}},
	{"replace", func(w *world, d draw) []string {
		args := []string{"apply", "-auto-approve"}
		if b := w.choose(d); b != nil {
			args = append(args, "-replace="+b.address())
		}
		return args
	}},
	{"destroy", func(*world, draw) []string { return []string{"destroy", "-auto-approve"} }},
	{"plan", func(*world, draw) []string { return []string{"plan"} }},
	{"refresh", func(*world, draw) []string { return []string{"apply", "-refresh-only", "-auto-approve"} }},
}

// add adds a block of a kind, with what it refers to.
func (w *world) add(k *kind, refs ...*block) *block {
	b := &block{kind: k, label: fmt.Sprint("b", w.made), refs: refs, name: w.unique(k.noun), values: map[string]string{}, force: w.forced(k)}
	for _, f := range k.fields {
		b.values[f.name] = f.values[0]
	}
	w.blocks = append(w.blocks, b)
	return b
}

// forced tells whether blocks of a kind force their deletion: this release cannot list metrics, so that no environment can be found
// empty.
func (w *world) forced(k *kind) bool {
	return k == environment && w.cortex.Release() == cortextest.Head
}

// addTenant adds a workspace and what belongs into it.
func (w *world) addTenant() { w.add(environment, w.add(workspace)) }

// place picks where a new block of a kind is to be; nil for workspaces.
func (w *world) place(d draw, k *kind) *block {
	holder := k.holder()
	if holder == nil {
		return nil
	}
	if b := w.choose(d, holder); b != nil {
		return b
	}
	return w.addIn(d, holder)
}

// addIn adds a block of a kind to one that can hold it.
func (w *world) addIn(d draw, k *kind) *block {
	if place := w.place(d, k); place != nil {
		return w.add(k, place)
	}
	return w.add(k)
}

// choose picks one of the blocks of these kinds, of all if there are none; nil when there is no such block.
func (w *world) choose(d draw, of ...*kind) *block {
	fit := slices.DeleteFunc(slices.Clone(w.blocks), func(b *block) bool { return len(of) > 0 && !slices.Contains(of, b.kind) })
	if len(fit) == 0 {
		return nil
	}
	return fit[d.pick("block", len(fit))]
}

// remove takes a block out of the configuration, with all that refer to it.
func (w *world) remove(b *block) {
	w.blocks = slices.DeleteFunc(w.blocks, func(o *block) bool { return o.needs(b) })
}
