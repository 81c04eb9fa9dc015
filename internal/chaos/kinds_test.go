package chaos

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// kind is one kind of object: where Cortex has it, and what a block of it says.
type kind struct {
	noun   string
	in     *kind          // what holds it; nil for workspaces
	list   string         // path of the list in one place, whose id stands for %s; "" for memberships, which consumers show
	path   string         // of all of them
	key    string         // the field that no two of one place have in common; "" for memberships, which are what they refer to
	fields []field        // what a block may say besides
	refs   []ref          // what a block refers to
	fixed  map[string]any // what else a request says that makes one
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

// password is the field of data sources: a database whose password is the value.
const password = "postgresql"

// hcl is a value as a block says it.
func (f field) hcl(value string) string {
	if f.name == password {
		return fmt.Sprintf("{ host = \"db\", database = \"sales\", username = \"ann@x\", password = %s }", quote(value))
	}
	return quote(value)
}

var (
	workspace = &kind{
		noun: "workspace", list: "/workspaces", path: "/workspaces", key: "name", fields: []field{description},
	}
	environment = &kind{
		noun: "environment", in: workspace, list: "/environments?workspace_id=%s", path: "/environments", key: "name", fields: []field{description},
		refs: []ref{{"workspace_id", workspace}},
	}
	consumer = &kind{
		noun: "consumer", in: environment, list: "/environments/%s/consumers", path: "/consumers", key: "email",
		fields: []field{{"first_name", []string{"Ada", "é ${x}"}}, {"last_name", []string{"Lovelace", "King"}}, organization, properties},
		refs:   []ref{{"environment_id", environment}},
	}
	consumerGroup = &kind{
		noun: "consumer group", in: environment, list: "/environments/%s/consumers/groups", path: "/consumers/groups", key: "name",
		fields: []field{{"alias", texts}, description, properties},
		refs:   []ref{{"environment_id", environment}},
	}
	dataSource = &kind{
		noun: "data source", in: environment, list: "/environments/%s/data/sources", path: "/data/sources", key: "name",
		fields: []field{{"alias", []string{"sales", "é ${x}"}}, description, {password, []string{"one", "p@ss/w:rd %41"}}},
		refs:   []ref{{"environment_id", environment}},
		fixed:  map[string]any{"source_type": "postgresql", "source_catalog": "DATABASE"},
	}
	member = &kind{
		noun: "consumer group member", in: environment,
		refs: []ref{{"group_id", consumerGroup}, {"consumer_id", consumer}},
	}

	// kinds is all of them, what holds others first.
	kinds = []*kind{workspace, environment, consumer, consumerGroup, dataSource, member}
	// named is those whose objects can change.
	named = kinds[:5]

	texts        = []string{"", "plain", "${not} %{a} \"template\" \\ é 🎈", "another"}
	description  = field{"description", texts}
	organization = field{"organization", texts}
	properties   = field{"properties", []string{one, "", aTrue, `{"b": [1.50, "${é}", null], "a": {"x": 0}}`, `{"b": [1.5, "${é}", null], "a": {"x": false}}`}}

	// Cortex loses a change from one to the other.
	one, aTrue = `{"a": 1}`, `{"a": true}`
)

// byHand is what a request says of the field that makes or changes an object by hand.
func (f field) byHand() (name string, value any) {
	last := f.values[len(f.values)-1]
	switch {
	case f.name == password:
		return "config", map[string]any{"host": "db", "port": 5432, "database": "sales", "username": "ann%40x", "password": client.Quoted(last), "dialect": "postgresql"}
	case f.name != properties.name:
		return f.name, last
	case last == "":
		return f.name, nil
	}
	return f.name, json.RawMessage(last)
}

func (k *kind) resource() string { return "cortex_" + strings.ReplaceAll(k.noun, " ", "_") }

// listIn is the path of the list in one place.
func (k *kind) listIn(scope string) string { return strings.ReplaceAll(k.list, "%s", scope) }

// item is the path of one object.
func (k *kind) item(id string) string {
	if k == member {
		group, consumer, _ := strings.Cut(id, "/")
		return memberships(group) + "/" + consumer
	}
	return k.path + "/" + id
}

// memberships is the path of a group's members.
func memberships(group string) string { return consumerGroup.item(group) + "/members" }

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
