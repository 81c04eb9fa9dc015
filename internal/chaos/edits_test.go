package chaos

import (
	"fmt"
	"slices"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

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

func isWorkspace(b *block) bool { return b.workspace == "" }

func isEnvironment(b *block) bool { return b.workspace != "" }

func anyBlock(*block) bool { return true }

// id is the block's object in the state.
func (w *world) id(b *block) string {
	id, _ := w.state()[b.address()]["id"].(string)
	return id
}

// remove takes a block out of the configuration, a workspace with its environments.
func (w *world) remove(b *block) {
	w.blocks = slices.DeleteFunc(w.blocks, func(o *block) bool { return o == b || b.workspace == "" && o.workspace == b.label })
}
