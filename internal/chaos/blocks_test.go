package chaos

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// block is a resource in the configuration.
type block struct {
	kind   *kind
	label  string
	refs   []*block // what it refers to, as its kind says; of some, only to the first
	name   string   // the value of its key
	values map[string]string
	// deletion is what the block says of its deletion, as attributes that are true.
	deletion []string
}

func (b *block) address() string { return b.kind.resource() + "." + b.label }

// needs tells whether a block is another one, or refers to it, directly or not.
func (b *block) needs(other *block) bool {
	return b == other || slices.ContainsFunc(b.refs, func(r *block) bool { return r.needs(other) })
}

// String is the block as it is written.
func (b *block) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "resource %q %q {\n", b.kind.resource(), b.label)
	for i, to := range b.refs {
		if r := b.kind.refs[i]; r.inside == "" {
			fmt.Fprintf(&text, "  %s = %s.id\n", r.attribute, to.address())
		}
	}
	if b.kind.key != "" {
		fmt.Fprintf(&text, "  %s = %s\n", b.kind.key, quote(b.name))
	}
	for _, f := range b.kind.fields {
		if value := b.values[f.name]; f.as == aConnection {
			text.WriteString("  " + f.hcl(value) + "\n")
		} else if value != "" {
			value = f.hcl(value)
			for i, to := range b.refs {
				if b.kind.refs[i].inside == f.name {
					value = withMetric(value, to.address()+".id")
				}
			}
			fmt.Fprintf(&text, "  %s = %s\n", f.name, value)
		}
	}
	for _, attribute := range b.deletion {
		fmt.Fprintf(&text, "  %s = true\n", attribute)
	}
	for i, to := range b.refs {
		if b.kind.refs[i].used {
			fmt.Fprintf(&text, "  lifecycle {\n    replace_triggered_by = [%s.id]\n  }\n", to.address())
		}
	}
	text.WriteString("}\n")
	return text.String()
}

// quote writes text as HCL does; the names here hold no other special characters.
func quote(text string) string {
	data, _ := json.Marshal(text)
	return template.Replace(string(data))
}

// template makes text of what HCL takes for templates.
var template = strings.NewReplacer("${", "$${", "%{", "%%{")

// add adds a block of a kind, with what it refers to.
func (w *world) add(k *kind, refs ...*block) *block {
	b := &block{kind: k, label: fmt.Sprint("b", w.made), refs: refs, name: k.call(w.unique(k.noun)), values: map[string]string{}, deletion: w.deletion(k)}
	for _, f := range k.fields {
		b.values[f.name] = f.values[0]
	}
	w.blocks = append(w.blocks, b)
	return b
}

// deletion is what blocks of a kind say of their deletion. PostgreSQL lets nothing go that ever had a data model. And the head of Cortex's
// repository cannot list metrics, so that no environment can be found empty.
func (w *world) deletion(k *kind) (attributes []string) {
	if k == workspace || k == environment {
		attributes = append(attributes, "retire_undeletable")
	}
	if k == environment && w.cortex.Release() == cortextest.Head {
		attributes = append(attributes, forced)
	}
	return attributes
}

// forced is the attribute of what is deleted with all that is in it.
const forced = "force_destroy"

// lacks tells whether this release has objects of the kind that nobody can read, or delete: the head asks a table of metrics for a column that no
// migration adds, even before it shows a data model or deletes a data source.
func (w *world) lacks(k *kind) bool {
	return (k == dataSource || k == dataModel || k == metric) && w.cortex.Release() == cortextest.Head
}

// addTenant adds a workspace with an environment, which has a group of one consumer.
func (w *world) addTenant() { w.addEnvironment(w.add(workspace), 1) }

// addEnvironment adds an environment with a group of so many consumers, and a dashboard of a metric.
func (w *world) addEnvironment(ws *block, consumers int) {
	env := w.add(environment, ws)
	group := w.add(consumerGroup, env)
	for range consumers {
		w.add(member, group, w.add(consumer, env))
	}
	if w.lacks(metric) {
		w.add(dashboard, env)
		return
	}
	w.add(dashboard, env, w.add(metric, w.add(dataModel, env), w.add(dataSource, env)))
}

// addIn adds a block of a kind to others that it can refer to.
func (w *world) addIn(d draw, k *kind) *block {
	if w.lacks(k) {
		k = consumer
	}
	switch k {
	case workspace:
		return w.add(k)
	case member:
		if pairs := w.pairs(); len(pairs) > 0 {
			return w.add(k, pairs[d.pick("pair", len(pairs))]...)
		}
		group := w.addIn(d, consumerGroup)
		return w.add(k, group, w.add(consumer, group.refs[0]))
	case metric:
		model := w.place(d, k)
		sources := slices.DeleteFunc(slices.Clone(w.blocks), func(b *block) bool { return b.kind != dataSource || b.refs[0] != model.refs[0] })
		if len(sources) == 0 {
			return w.add(k, model, w.add(dataSource, model.refs[0]))
		}
		return w.add(k, model, sources[d.pick("source", len(sources))])
	case dashboard:
		if m := w.choose(d, metric); m != nil {
			return w.add(k, w.place(d, k), m)
		}
	}
	return w.add(k, w.place(d, k))
}

// place picks what a new block of a kind is to be in.
func (w *world) place(d draw, k *kind) *block {
	in := k.refs[0].to
	if b := w.choose(d, in); b != nil {
		return b
	}
	return w.addIn(d, in)
}

// pairs are the groups and the consumers of their environments that are not in them, by a block or by somebody else.
func (w *world) pairs() (pairs [][]*block) {
	objects := w.server()
	for _, g := range w.blocks {
		for _, c := range w.blocks {
			if g.kind == consumerGroup && c.kind == consumer && g.refs[0] == c.refs[0] && objects[w.id(g)+"/"+w.id(c)].kind == nil &&
				!slices.ContainsFunc(w.blocks, func(b *block) bool { return slices.Equal(b.refs, []*block{g, c}) }) {
				pairs = append(pairs, []*block{g, c})
			}
		}
	}
	return pairs
}

// move puts a block elsewhere. Memberships cannot go along with one side alone.
func (w *world) move(b, place *block) {
	if b.refs[0] != place {
		w.moved = true
		w.blocks = slices.DeleteFunc(w.blocks, func(m *block) bool { return m.kind == member && slices.Contains(m.refs, b) })
		b.refs[0] = place
	}
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
