package chaos

import "slices"

// action is something that a sequence does in a world.
type action struct {
	name string
	do   func(w *world, d draw)
}

// edits are changes of the configuration, or of the server behind Terraform's back, that a plain apply has to get over.
var edits = []action{
	{"add a tenant", func(w *world, _ draw) { w.addTenant() }},
	{"add an environment", func(w *world, d draw) { w.addIn(d, environment) }},
	{"add a consumer", func(w *world, d draw) { w.addIn(d, consumer) }},
	{"add a group", func(w *world, d draw) { w.addIn(d, consumerGroup) }},
	{"add a data source", func(w *world, d draw) { w.addIn(d, dataSource) }},
	{"add a data model", func(w *world, d draw) { w.addIn(d, dataModel) }},
	{"add a metric", func(w *world, d draw) { w.addIn(d, metric) }},
	{"add a dashboard", func(w *world, d draw) { w.addIn(d, dashboard) }},
	{"add a member", func(w *world, d draw) { w.addIn(d, member) }},
	{"edit a field", editField}, {"edit a field", editField},
	{"edit the views", func(w *world, d draw) {
		if b := w.choose(d, dashboard); b != nil {
			b.edit(d, b.kind.field("views"))
		}
	}},
	{"turn 1 into true or back", func(w *world, d draw) {
		if b := w.choose(d, consumer, consumerGroup, dataModel, metric); b != nil {
			name := b.kind.fields[slices.IndexFunc(b.kind.fields, func(f field) bool { return f.as == aJSON })].name
			was := b.values[name]
			if b.values[name] = one; was == one {
				b.values[name] = aTrue
			}
		}
	}},
	{"rename", func(w *world, d draw) {
		if b := w.choose(d, named...); b != nil {
			b.name = b.kind.call(w.unique("renamed ${x} é"))
		}
	}},
	{"move", func(w *world, d draw) {
		if b := w.choose(d, environment, consumer, consumerGroup, dataSource, dataModel, metric, dashboard); b != nil {
			w.move(b, w.place(d, b.kind))
		}
	}},
	{"remove a block", func(w *world, d draw) {
		if b := w.choose(d); b != nil {
			w.remove(b)
		}
	}},
	{"change behind Terraform's back", func(w *world, d draw) {
		b := w.choose(d, named...)
		if b == nil {
			return
		}
		if o, there := w.server()[w.id(b)]; there {
			change := map[string]any{b.kind.key: b.kind.call(w.unique("changed elsewhere"))}
			if n := d.pick("what", 1+len(b.kind.fields)); n > 0 {
				name, value := b.kind.fields[n-1].byHand()
				change = map[string]any{name: value}
			}
			w.change(o, change)
		}
	}},
	{"delete behind Terraform's back", func(w *world, d draw) {
		if b := w.choose(d); b != nil && w.id(b) != "" {
			w.deleteByHand(w.state()[b.address()], d.pick("orphans", 2) == 0)
		}
	}},
	{"add a member behind Terraform's back", func(w *world, d draw) {
		objects := w.server()
		pairs := slices.DeleteFunc(w.pairs(), func(pair []*block) bool {
			group, consumer := objects[w.id(pair[0])], objects[w.id(pair[1])]
			return group.kind == nil || consumer.kind == nil || group.scope != consumer.scope
		})
		if len(pairs) > 0 {
			pair := pairs[d.pick("pair", len(pairs))]
			made := w.makeByHand(member, w.id(pair[0]), w.id(pair[1]))
			w.foreign[made.id] = made
		}
	}},
}

// editAll renames all blocks, and gives all fields other values.
func (w *world) editAll() {
	for _, b := range w.blocks {
		b.name = b.kind.call(w.unique("renamed"))
		for _, f := range b.kind.fields {
			b.values[f.name] = f.values[1]
		}
	}
}

func editField(w *world, d draw) {
	if b := w.choose(d, named...); b != nil {
		b.edit(d, b.kind.fields[d.pick("field", len(b.kind.fields))])
	}
}

func (b *block) edit(d draw, f field) { b.values[f.name] = f.values[d.pick("value", len(f.values))] }

// commands are what a person runs after the edits.
var commands = []struct {
	name string
	args func(w *world, d draw) []string
}{
	{"apply", func(*world, draw) []string { return []string{"apply", "-auto-approve"} }},
	{"apply", func(*world, draw) []string { return []string{"apply", "-auto-approve"} }},
	{"apply with few at one time", func(*world, draw) []string { return []string{"apply", "-auto-approve", "-parallelism=2"} }},
	{"apply with many at one time", func(*world, draw) []string { return []string{"apply", "-auto-approve", "-parallelism=50"} }},
	{"targeted apply", func(w *world, d draw) []string {
		args := []string{"apply", "-auto-approve"}
		// What moved is deleted where it was. A target would leave there what is in it, so that the provider has to refuse that.
		if b := w.choose(d); b != nil && !w.moved {
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
