package chaos

import (
	"encoding/json"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// kind is one kind of object: where Cortex has it, and what a block of it says.
type kind struct {
	noun   string
	in     *kind          // what holds it; nil for workspaces
	list   string         // path of the list in one place, whose id stands for %s; "" for memberships, which consumers show
	inside string         // field of the list's answer that has the objects; "" where these are all of it
	path   string         // of all of them
	key    string         // the field that no two of one place have in common; "" for memberships, which are what they refer to
	fields []field        // what a block may say besides
	refs   []ref          // what a block refers to
	fixed  map[string]any // what else a request says that makes one

	among    string   // the attribute of those that have no key in common, where these are not all of one place
	shows    []string // what is compared besides fields and key, where Cortex shows more than a state has; nil is all
	located  bool     // Cortex finds one by its id only together with that of its place
	replaces bool     // an update takes away what it does not say, and a create drops some of what it says
}

// ref is an attribute with the id of another object.
type ref struct {
	attribute string
	to        *kind
	// used tells that the other object cannot be deleted as long as this one refers to it. An engine that replaces it would delete it before it
	// updates this one, so that a block asks for a replacement, too.
	used bool
	// inside is the field with the reference, where that has no attribute of its own.
	inside string
}

// field is an attribute that edits set to one of its values; "" leaves it out.
type field struct {
	name   string
	values []string
	as     syntax
}

// syntax is what the values of a field are.
type syntax int

const (
	aText        syntax = iota
	aJSON               // a text with JSON in it, of which Cortex has what it means
	anExpression        // JSON, which is HCL as well
	aConnection         // attributes of a data source with its database, and with secrets
	views               // JSON, which is HCL as well, of parts by their aliases, which Cortex has as lists
)

// hcl is a value as a block says it.
func (f field) hcl(value string) string {
	switch f.as {
	case anExpression, aConnection:
		return value
	case views:
		return template.Replace(value)
	case aText, aJSON:
	}
	return quote(value)
}

var (
	workspace = &kind{
		noun: "workspace", list: "/workspaces", path: "/workspaces", key: "name", fields: []field{description},
	}
	environment = &kind{
		noun: "environment", in: workspace, list: "/environments?workspace_id=%s", path: "/environments", key: "name", fields: []field{description},
		refs: []ref{{attribute: "workspace_id", to: workspace}},
	}
	consumer = &kind{
		noun: "consumer", in: environment, list: "/environments/%s/consumers", path: "/consumers", key: "email",
		fields: []field{{name: "first_name", values: []string{"Ada", "é ${x}"}}, {name: "last_name", values: []string{"Lovelace", "King"}}, organization, properties},
		refs:   []ref{{attribute: "environment_id", to: environment}},
	}
	consumerGroup = &kind{
		noun: "consumer group", in: environment, list: "/environments/%s/consumers/groups", path: "/consumers/groups", key: "name",
		fields: []field{alias, description, properties},
		refs:   []ref{{attribute: "environment_id", to: environment}},
	}
	dataSource = &kind{
		noun: "data source", in: environment, list: "/environments/%s/data/sources", path: "/data/sources", key: "name",
		fields: []field{{name: "alias", values: []string{"sales", "é ${x}"}}, description, {"connection", connections, aConnection}},
		refs:   []ref{{attribute: "environment_id", to: environment}},
		fixed:  map[string]any{"source_type": "postgresql", "source_catalog": "DATABASE"},
	}
	dataModel = &kind{
		noun: "data model", in: environment, list: "/data/models?environment_id=%s&page=1&page_size=100", inside: "models", path: "/data/models", key: "name",
		fields:  []field{alias, description, {"config", jsons, aJSON}},
		refs:    []ref{{attribute: "environment_id", to: environment}},
		located: true,
		shows:   []string{"id", "environment_id", "created_at", "updated_at"},
	}
	metric = &kind{
		noun: "metric", in: environment, list: "/metrics?environment_id=%s&page=1&page_size=100", inside: "metrics", path: "/metrics", key: "name",
		// The order is what a create drops, so that most metrics are made in two steps. The last values, which are made by hand and imported, are not
		// Cortex's defaults: an import leaves these out, so that a block which says them gets a change that sends nothing.
		fields: []field{
			description, {name: "table_name", values: []string{"orders", "", "é ${x}"}}, {"meta", jsons, aJSON},
			{"measures", []string{
				`[{"name": "total", "type": "sum", "query": "amount", "description": null}]`, "",
				`[{"name": "n", "type": "count", "query": null, "description": "how many"}, {"name": "total", "type": "avg", "query": "price", "description": "é"}]`,
			}, anExpression},
			{"order", []string{
				`[{"name": "first", "semantic_type": "column", "query": "amount", "order_type": "asc"}]`, "",
				`[{"name": "first", "semantic_type": "position", "position": 1, "order_type": "desc"}]`,
			}, anExpression},
			{"ordered", []string{"", "false"}, anExpression},
		},
		refs:    []ref{{attribute: "data_model_id", to: dataModel}, {attribute: "data_source_id", to: dataSource, used: true}},
		among:   "data_model_id",
		located: true, replaces: true,
		shows: []string{"id", "environment_id", "data_model_id", "data_source_id", "version", "created_at", "updated_at"},
	}
	dashboard = &kind{
		noun: "dashboard", in: environment, list: "/environments/%s/dashboards", inside: "dashboards", path: "/dashboards", key: "name",
		// The default view is what a create drops.
		fields: []field{
			{name: "type", values: []string{"executive", "tactical"}}, description, {"tags", []string{`["x", "y"]`, "", `["é"]`}, anExpression},
			{name: "default_view", values: []string{"main", "", "other"}}, {"views", boards, views},
		},
		refs:     []ref{{attribute: "environment_id", to: environment}, {attribute: "metric_id", to: metric, inside: "views"}},
		replaces: true,
		shows:    []string{"id", "environment_id", "created_at", "updated_at"},
	}
	member = &kind{
		noun: "consumer group member", in: environment,
		refs: []ref{{attribute: "group_id", to: consumerGroup}, {attribute: "consumer_id", to: consumer}},
	}

	// kinds is all of them, what holds others, or is referred to, first.
	kinds = []*kind{workspace, environment, consumer, consumerGroup, dataSource, dataModel, metric, dashboard, member}
	// named is those whose objects can change.
	named = kinds[:8]

	texts        = []string{"", "plain", "${not} %{a} \"template\" \\ é 🎈", "another"}
	alias        = field{name: "alias", values: texts}
	description  = field{name: "description", values: texts}
	organization = field{name: "organization", values: texts}
	jsons        = []string{one, "", aTrue, `{"b": [1.50, "${é}", null], "a": {"x": 0}}`, `{"b": [1.5, "${é}", null], "a": {"x": false}}`}
	properties   = field{"properties", jsons, aJSON}

	// Cortex loses a change from one to the other.
	one, aTrue = `{"a": 1}`, `{"a": true}`
)

// byHand is what a request says of the field that makes or changes an object by hand.
func (f field) byHand() (name string, value any) {
	last := f.values[len(f.values)-1]
	switch {
	case f.as == aConnection:
		return "config", map[string]any{"host": "db", "port": 5432, "database": "sales", "username": "ann%40x", "password": client.Quoted(strange), "dialect": "postgresql"}
	case f.as == aText:
		return f.name, last
	case f.as == views:
		return f.name, sentParts(last)
	case last == "":
		return f.name, nil
	}
	return f.name, json.RawMessage(last)
}

// said returns of a value what blocks say: Cortex fills in what they leave out of objects.
func (f field) said(value any) any {
	if f.as != anExpression && f.as != views {
		return value
	}
	all := map[string]bool{}
	for _, text := range f.values {
		var one any
		_ = json.Unmarshal([]byte(text), &one) // "" is none
		keysIn(f.listed(one), all)
	}
	value = only(f.listed(value), all)
	if list, ok := value.([]any); ok && len(list) == 0 {
		return ""
	}
	return value
}

// listed returns a value in the form that Cortex has.
func (f field) listed(value any) any {
	if f.as == views {
		return partsOf(value)
	}
	return value
}

// field is the field with this name, or none.
func (k *kind) field(name string) field {
	for _, f := range k.fields {
		if f.name == name {
			return f
		}
	}
	return field{}
}

func (k *kind) resource() string { return "cortex_" + strings.ReplaceAll(k.noun, " ", "_") }

// listIn is the path of the list in one place.
func (k *kind) listIn(scope string) string { return strings.ReplaceAll(k.list, "%s", scope) }

// item is the path of one object in a place.
func (k *kind) item(scope, id string) string {
	switch {
	case k == member:
		group, consumer, _ := strings.Cut(id, "/")
		return memberships(group) + "/" + consumer
	case k.located:
		return k.path + "/" + id + "?environment_id=" + scope
	}
	return k.path + "/" + id
}

// memberships is the path of a group's members.
func memberships(group string) string { return consumerGroup.item("", group) + "/members" }

// call makes a text the key of an object. Addresses are spelled otherwise than Cortex does.
func (k *kind) call(text string) string {
	if k.key == "email" {
		return strings.ReplaceAll(text, " ", ".") + "@Example.com"
	}
	return text
}

// kept is a key as Cortex keeps it.
func (k *kind) kept(key string) string {
	if local, domain, at := strings.Cut(key, "@"); at && k.key == "email" {
		return local + "@" + strings.ToLower(domain)
	}
	return key
}

// respelled is a key that is the same to Cortex, in other letters if there are any.
func (k *kind) respelled(key string) string {
	if local, _, at := strings.Cut(key, "@"); at && k.key == "email" {
		return local + "@EXAMPLE.com"
	}
	return key
}
