package chaos

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// kind is one kind of object: where Cortex has it, and what a block of it says.
type kind struct {
	noun   string
	refs   []ref   // what it refers to; the first one is what holds it
	list   string  // path of the list in one place, whose id stands for %s
	path   string  // path of all of them
	fields []field // what a block may say besides its name
}

// ref is an attribute with the id of another object.
type ref struct {
	attribute string
	to        *kind
}

// field is a text that edits set to one of its values; "" leaves it out.
type field struct {
	name   string
	values []string
}

var (
	workspace = &kind{
		noun: "workspace", list: "/workspaces", path: "/workspaces", fields: []field{description},
	}
	environment = &kind{
		noun: "environment", refs: []ref{{"workspace_id", workspace}}, list: "/environments?workspace_id=%s", path: "/environments", fields: []field{description},
	}

	// kinds is all of them, what holds others first.
	kinds = []*kind{workspace, environment}

	description = field{"description", []string{"", "plain", "${not} %{a} \"template\" \\ é 🎈", "another"}}
)

// byHand is the value that objects have which were made by hand.
func (f field) byHand() string { return f.values[len(f.values)-1] }

func (k *kind) resource() string { return "cortex_" + k.noun }

// holder is the kind that holds this one, nil for workspaces.
func (k *kind) holder() *kind {
	if len(k.refs) == 0 {
		return nil
	}
	return k.refs[0].to
}

// listIn is the path of the list in one place.
func (k *kind) listIn(scope string) string { return strings.ReplaceAll(k.list, "%s", scope) }

// item is the path of one object.
func (k *kind) item(id string) string { return k.path + "/" + id }

// object is an object as the server has it.
type object struct {
	kind            *kind
	id, scope, name string
	rest            string // what else it has, as JSON
}

func (o object) String() string {
	if o.kind == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %q (%s) in %q: %s", o.kind.noun, o.name, o.id, o.scope, o.rest)
}

// object makes an object of what the server shows, or the state: these two differ in what only one of them has, and in null for "".
func (k *kind) object(shown map[string]any) object {
	text := func(key string) string { s, _ := shown[key].(string); return s }
	o := object{kind: k, id: text("id"), name: text("name")}
	if k.holder() != nil {
		o.scope = text(k.refs[0].attribute)
	}
	rest := map[string]any{}
	for key, value := range shown {
		switch {
		case slices.Contains([]string{"deletion_protection", "force_destroy"}, key):
		case value == nil:
			rest[key] = ""
		default:
			rest[key] = value
		}
	}
	data, _ := json.Marshal(rest)
	o.rest = string(data)
	return o
}

// block is a resource in the configuration.
type block struct {
	kind   *kind
	label  string
	refs   []*block // what it refers to, as its kind says
	name   string
	values map[string]string // of the fields; "" is left out
	force  bool
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
	for i, r := range b.kind.refs {
		fmt.Fprintf(&text, "  %s = %s.id\n", r.attribute, b.refs[i].address())
	}
	fmt.Fprintf(&text, "  name = %s\n", quote(b.name))
	for _, f := range b.kind.fields {
		if value := b.values[f.name]; value != "" {
			fmt.Fprintf(&text, "  %s = %s\n", f.name, quote(value))
		}
	}
	if b.force {
		text.WriteString("  force_destroy = true\n")
	}
	text.WriteString("}\n")
	return text.String()
}

// quote writes text as HCL does; the names here hold no other special characters.
func quote(text string) string {
	data, _ := json.Marshal(text)
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(string(data))
}
