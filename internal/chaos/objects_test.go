package chaos

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// object is an object as the server has it.
type object struct {
	kind            *kind
	id, scope, name string
	among           string // id of what has no other object of this name, where that is not scope
	rest            string // what else it has, as JSON
}

func (o object) String() string {
	if o.kind == nil {
		return "nothing"
	}
	return fmt.Sprintf("%s %q (%s) in %q: %s", o.kind.noun, o.name, o.id, o.scope, o.rest)
}

// object makes an object of what the server shows, or the state. These two differ in what only one of them has, in null for "", and in
// spelling.
func (k *kind) object(shown map[string]any) object {
	rest := map[string]any{}
	for name, value := range shown {
		text, isText := value.(string)
		f := k.field(name)
		switch {
		case slices.Contains([]string{"deletion_protection", "force_destroy", "retire_undeletable", "groups", "mysql", "sqlite", "custom"}, name):
		case k.shows != nil && f.name == "" && name != k.key && !slices.Contains(k.shows, name):
		case k == dataSource && (name == "config" || name == "postgresql"): // a state need not have the secrets: an empty plan shows that they are right
			if config, ok := value.(map[string]any); ok && config["host"] != nil {
				rest["host"], rest["port"] = config["host"], config["port"]
			}
		case value == nil:
			rest[name] = ""
		case isText && f.as == aJSON:
			rest[name] = json.RawMessage(text)
		case isText && name == k.key:
			rest[name] = k.kept(text)
		default:
			rest[name] = f.said(value)
		}
	}
	if shown := objectsIn(rest["views"]); rest["default_view"] == "" && len(shown) > 0 { // a state need not say the first one
		rest["default_view"] = shown[0]["alias"]
	}
	text := func(name string) string { s, _ := rest[name].(string); return s }
	o := object{kind: k, id: text("id"), name: text(k.key), among: text(k.among)}
	if k.in != nil {
		o.scope = text(k.in.noun + "_id")
	}
	if k == member {
		o.name = o.id
	}
	o.rest = canonical(rest)
	return o
}

// path is where Cortex has the object.
func (o object) path() string { return o.kind.item(o.scope, o.id) }

// isRetired tells whether an object counts as gone, though Cortex's database does not let it go.
func (o object) isRetired() bool {
	return (o.kind == workspace || o.kind == environment) && o.name == "retired "+o.id
}

// canonical writes JSON so that what means the same is the same.
func canonical(value any) string {
	data, err := json.Marshal(value)
	if err == nil {
		var decoded any
		if err = json.Unmarshal(data, &decoded); err == nil {
			data, err = json.Marshal(decoded)
		}
	}
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// wentWith tells whether an object that is not among those left went with what it belonged to: Cortex deletes a membership with its
// group and with its consumer.
func (o object) wentWith(left map[string]object) bool {
	group, consumer, _ := strings.Cut(o.id, "/")
	return o.kind == member && (left[group].kind == nil || left[consumer].kind == nil)
}
