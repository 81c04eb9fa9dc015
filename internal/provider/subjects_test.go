package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// A subject is a kind of object in an environment, for what the tests of all of these kinds do: a further kind is one more of
// subjects. Its attributes have the names of Cortex's fields.
type subject struct {
	noun    string // "consumer group"
	path    string // where Cortex has them: "/consumers/groups"
	key     string // the attribute that no two objects of an environment have in common
	keyName string // what people call it

	json    string     // the attribute that is any JSON object, if it has one
	minimal attributes // what a block has to set, apart from environment_id
	full    attributes // everything that can be set
	other   attributes // another value of each

	scoped   bool // Cortex wants to be told the environment with each id, and does not look after names itself
	replaces bool // an update takes away what it does not say, so that it says everything

	title string // how Cortex begins its sentences about one: "Consumer group"

	// What these tests leave as it is, in words of a block and of Cortex: fixed is said by creates, same by updates too.
	besides     string
	fixed, same attributes
	shows       map[string]bool // further attributes, and whether they have a value

	unlisted bool // Cortex does not say that an environment is not there when it lists those of it
}

// missing is Cortex's sentence about an object that is not there.
func (s subject) missing(p *place, id string) string {
	switch {
	case s.scoped:
		return fmt.Sprintf("%s with ID %s not found in environment %s", s.title, id, p.environment.ID)
	case s.unlisted:
		return fmt.Sprintf("%s with ID %s does not exist in the database", s.title, id)
	}
	return fmt.Sprintf("%s with ID %s does not exist", s.title, id)
}

var subjects = []subject{
	{
		noun: "consumer", title: "Consumer", path: "/consumers", key: "email", keyName: "e-mail address", json: "properties",
		minimal: attributes{"email": "ann@example.com", "first_name": "Ann", "last_name": ""},
		full: attributes{"email": "ann@example.com", "first_name": "Ann", "last_name": "O'Neil", "organization": "Acme / ü 名",
			"properties": attributes{"level": 1.0, "tags": []any{"a", nil, true}, "deep": attributes{"": "x"}}},
		other: attributes{"email": "Bob.Smith+x@example.org", "first_name": "Bob\n\"B\"", "last_name": "Smith", "organization": "Globex",
			"properties": attributes{"level": 2.0}},
	},
	{
		noun: "consumer group", title: "Consumer group", path: "/consumers/groups", key: "name", keyName: "name", json: "properties",
		minimal: attributes{"name": "Analysts / ü 名"},
		full: attributes{"name": "Analysts / ü 名", "alias": "analysts", "description": "Who looks\nat \"numbers\"",
			"properties": attributes{"level": 1.0, "tags": []any{"a", nil, true}, "deep": attributes{"": "x"}}},
		other: attributes{"name": "Readers", "alias": "readers", "description": "Others", "properties": attributes{"level": 2.0}},
	},
	{
		noun: "data source", title: "Data source", path: "/data/sources", key: "name", keyName: "name",
		minimal: attributes{"name": "Sales / ü 名", "alias": "sales"},
		full:    attributes{"name": "Sales / ü 名", "alias": "sales", "description": "What was\n\"sold\""},
		other:   attributes{"name": "Stock", "alias": "stock", "description": "Others"},
		besides: "  sqlite = { file_path = \"/var/lib/sales ü.db\" }\n",
		fixed:   attributes{"source_type": "sqlite", "source_catalog": "DATABASE"},
		same:    attributes{"config": attributes{"file_path": "/var/lib/sales ü.db", "dialect": "sqlite"}},
		shows:   map[string]bool{"sqlite": true, "source_type": true, "source_catalog": true, "postgresql": false, "mysql": false, "custom": false},
	},
	{
		noun: "data model", title: "Data model", path: "/data/models", key: "name", keyName: "name", json: "config", scoped: true, unlisted: true,
		minimal: attributes{"name": "Sales / ü 名"},
		full:    attributes{"name": "Sales / ü 名", "alias": "sales", "description": "What was\n\"sold\"", "config": attributes{"level": 1.0, "tags": []any{"a", nil, true}}},
		other:   attributes{"name": "Stock", "alias": "stock", "description": "Others", "config": attributes{"level": 2.0}},
	},
	{
		noun: "metric", title: "Metric", path: "/metrics", key: "name", keyName: "name", json: "meta", scoped: true, unlisted: true, replaces: true,
		minimal: attributes{"name": "Revenue / ü 名"},
		full: attributes{"name": "Revenue / ü 名", "alias": "revenue", "title": "What was earned", "description": "What was\n\"sold\"", "query": "SELECT 1 AS \"ü\"", "table_name": "orders",
			"meta": attributes{"level": 1.0, "tags": []any{"a", nil, true}}},
		other: attributes{"name": "Costs", "alias": "costs", "title": "What was spent", "description": "Others", "query": "SELECT 2", "table_name": "bills",
			"meta": attributes{"level": 2.0}},
		shows: map[string]bool{"data_model_id": true, "data_source_id": false, "version": true, "measures": false, "dimensions": false, "joins": false, "filters": false,
			"aggregations": false, "order": false, "limit": false, "grouped": true, "ordered": true, "parameters": false, "public": true, "refresh": false, "cache": false},
	},
	{
		noun: "dashboard", title: "Dashboard", path: "/dashboards", key: "name", keyName: "name", unlisted: true, replaces: true,
		minimal: attributes{"name": "Sales / ü 名", "type": "executive"},
		full:    attributes{"name": "Sales / ü 名", "type": "executive", "description": "What was\n\"sold\""},
		other:   attributes{"name": "Stock", "type": "tactical", "description": "Others"},
		besides: "  views = {\n    default = { title = \"Default\", sections = { default = { title = \"Default\" } } }\n  }\n",
		same: attributes{"tags": []any{}, "default_view": "default", "views": []any{attributes{"alias": "default", "title": "Default", "description": nil, "context_id": nil, "layout": nil,
			"sections": []any{attributes{"alias": "default", "title": "Default", "description": nil, "position": 0, "widgets": []any{}}}}}},
		shows: map[string]bool{"views": true, "default_view": false, "tags": false},
	},
	{noun: "consumer group member", title: "Consumer", path: "/consumers/groups/{id}/members"},
}

// isMetric tells whether the subject is metrics, which are in a data model besides.
func (s subject) isMetric() bool { return s.noun == "metric" }

// computed are the attributes that only Cortex knows, after a create and after an update.
func (s subject) computed() (made, updated []string) {
	made, updated = []string{"created_at", "id", "updated_at"}, []string{"updated_at"}
	if s.isMetric() {
		made, updated = append(made, "version"), append(updated, "version")
	}
	return made, updated
}

// editable are the subjects of which something can be changed.
var editable = slices.DeleteFunc(slices.Clone(subjects), func(s subject) bool { return s.full == nil })

func subjectOf(noun string) subject {
	return subjects[slices.IndexFunc(subjects, func(s subject) bool { return s.noun == noun })]
}

// attributes are those of a block, as Cortex's fields have them: texts, and objects as JSON.
type attributes map[string]any

// with returns the attributes with another value of one; nil leaves it out.
func (a attributes) with(name string, value any) attributes {
	a = maps.Clone(a)
	if a[name] = value; value == nil {
		delete(a, name)
	}
	return a
}

// expression is an attribute's value in HCL.
type expression string

// hcl returns the attributes as a block has them.
func (a attributes) hcl() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(a)) {
		switch value := a[name].(type) {
		case string:
			fmt.Fprintf(&b, "  %s = %q\n", name, value)
		case expression:
			fmt.Fprintf(&b, "  %s = %s\n", name, value)
		default:
			fmt.Fprintf(&b, "  %s = jsonencode(%s)\n", name, jsonOf(value))
		}
	}
	return b.String()
}

func jsonOf(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// kind is what configurations call it.
func (s subject) kind() string { return "cortex_" + strings.ReplaceAll(s.noun, " ", "_") }

// address is that of block.
func (s subject) address() string { return s.kind() + ".test" }

// isMember tells whether the subject is memberships, which have nothing but what they join.
func (s subject) isMember() bool { return s.full == nil }

// block is the resource "test" in p with these attributes. A membership has its own.
func (s subject) block(p *place, a attributes) string {
	if s.isMember() {
		return fmt.Sprintf("resource %q \"test\" {\n%s}\n", s.kind(), attributes{"group_id": p.group(), "consumer_id": p.consumer()}.hcl())
	}
	return fmt.Sprintf("resource %q \"test\" {\n%s%s}\n", s.kind(), s.in(p, p.environment.ID).merged(a).hcl(), s.besides)
}

// in is where the object of block is, in an environment.
func (s subject) in(p *place, environment string) attributes {
	if s.isMetric() {
		return attributes{"environment_id": environment, "data_model_id": p.dataModel(environment)}
	}
	return attributes{"environment_id": environment}
}

// blockIn is block in the environment that an expression gives the id of.
func (s subject) blockIn(environment expression, a attributes) string {
	in := attributes{"environment_id": environment}
	if s.isMetric() { // without its environment: that of the data model which is a subject, too
		in = attributes{"data_model_id": expression("cortex_data_model.test.id")}
	}
	return fmt.Sprintf("resource %q \"test\" {\n%s%s}\n", s.kind(), in.merged(a).hcl(), s.besides)
}

// create is the body of the POST of what block describes.
func (s subject) create(p *place, a attributes) attributes {
	return s.unsaid().merged(s.in(p, p.environment.ID)).merged(a).merged(s.fixed).merged(s.same)
}

// unsaid is what requests say where a block says nothing.
func (s subject) unsaid() attributes {
	switch {
	case s.isMetric():
		unsaid := attributes{"grouped": true, "ordered": true, "public": true}
		for _, name := range []string{"alias", "title", "description", "query", "table_name", "data_source_id", "limit", "measures", "dimensions", "joins", "filters",
			"aggregations", "order", "parameters", "refresh", "cache", "meta"} {
			unsaid[name] = nil
		}
		return unsaid
	case s.json == "config":
		return attributes{"config": attributes{}}
	case s.json != "":
		return attributes{s.json: nil}
	}
	return attributes{}
}

// without is the JSON attribute as Cortex has it where a block says nothing, with other attributes.
func (s subject) without(a attributes) attributes {
	if s.json == "" {
		return a
	}
	return a.merged(attributes{s.json: s.unsaid()[s.json]})
}

// nullable tells whether the JSON attribute can be nothing, which is something else than an empty object.
func (s subject) nullable() bool { return s.json != "" && s.unsaid()[s.json] == nil }

// merged returns both.
func (a attributes) merged(more attributes) attributes {
	all := maps.Clone(a)
	maps.Copy(all, more)
	return all
}

// made makes, behind Terraform's back, the object that block describes, and returns its id.
func (s subject) made(p *place, a attributes) string {
	p.t.Helper()
	if s.isMember() {
		p.AddMember(p.group(), p.consumer())
		return p.group() + "/" + p.consumer()
	}
	return p.object("POST", s.path, 201, s.create(p, a))["id"].(string)
}

// changed changes an object behind Terraform's back.
func (s subject) changed(p *place, id string, change attributes) {
	p.t.Helper()
	if s.replaces {
		change = p.object("GET", s.at(p, id), 200, nil).merged(change)
	}
	if s.scoped {
		change = change.with("environment_id", p.environment.ID)
	}
	p.object("PUT", s.at(p, id), 200, change)
}

// at is where Cortex has an object.
func (s subject) at(p *place, id string) string {
	if s.scoped {
		return s.path + "/" + id + "?environment_id=" + p.environment.ID
	}
	return s.path + "/" + id
}

// importID is what an error shows to import an object by.
func (s subject) importID(p *place, id string) string {
	if s.scoped {
		return p.environment.ID + "/" + id
	}
	return id
}

// by is an object's id, as a data source needs it.
func (s subject) by(p *place, id any) attributes {
	if s.scoped {
		return attributes{"environment_id": p.environment.ID, "id": id}
	}
	return attributes{"id": id}
}

// removed deletes an object behind Terraform's back.
func (s subject) removed(p *place, id string) {
	p.t.Helper()
	if group, consumer, ok := strings.Cut(id, "/"); ok {
		p.RemoveMember(group, consumer)
		return
	}
	p.object("DELETE", s.at(p, id), 204, nil)
}

// all are the ids of all objects of the environment.
func (s subject) all(p *place) (ids []string) {
	p.t.Helper()
	for _, c := range p.Consumers(p.environment.ID) {
		if s.noun == "consumer" {
			ids = append(ids, c.ID)
		}
		for _, g := range c.Groups {
			if s.isMember() {
				ids = append(ids, g.ID+"/"+c.ID)
			}
		}
	}
	for _, g := range p.ConsumerGroups(p.environment.ID) {
		if s.noun == "consumer group" {
			ids = append(ids, g.ID)
		}
	}
	for _, d := range p.DataSources(p.environment.ID) {
		if s.noun == "data source" {
			ids = append(ids, d.ID)
		}
	}
	for _, m := range p.DataModels(p.environment.ID) {
		if s.noun == "data model" && m.IsActive {
			ids = append(ids, m.ID)
		}
	}
	if s.isMetric() {
		for _, m := range p.Metrics(p.environment.ID) {
			ids = append(ids, m.ID)
		}
	}
	if s.noun == "dashboard" {
		for _, d := range p.Dashboards(p.environment.ID) {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// only is the id of the one object of the environment.
func (s subject) only(p *place) string {
	p.t.Helper()
	ids := s.all(p)
	if len(ids) != 1 {
		p.t.Fatalf("there are the %ss %q, want one", s.noun, ids)
	}
	return ids[0]
}

// post, put and remove are the writes of one object, as wantWrites has them.
func (s subject) post() string { return "POST " + s.path }

func (s subject) put() string { return "PUT " + s.path + "/{id}" }

func (s subject) remove() string { return "DELETE " + s.path + "/{id}" }

// update is the body of a PUT that changes some attributes of an object that shall have all of these. It says them all, but the key only
// if that changes.
func (s subject) update(p *place, all, changed attributes) attributes {
	body := s.unsaid().merged(all)
	if s.scoped {
		body["environment_id"] = p.environment.ID
	}
	maps.DeleteFunc(body, func(name string, value any) bool { // a text that may be left out is the same as none
		_, required := s.minimal[name]
		return value == "" && !required
	})
	body = body.merged(s.same).merged(changed)
	if _, renamed := changed[s.key]; !renamed {
		delete(body, s.key)
	}
	if s.isMetric() {
		for name, value := range body {
			if value == "" {
				body[name] = nil
			}
		}
	}
	return body
}

// wantUpdate fails the test unless a PUT has this body. One that replaces an object says besides what Cortex knew of it.
func (s subject) wantUpdate(t testing.TB, r cortextest.Request, want attributes) {
	t.Helper()
	if got, _ := decoded(string(r.Body)).(map[string]any); s.replaces {
		maps.DeleteFunc(got, func(name string, _ any) bool { _, wanted := want[name]; return !wanted })
		r.Body = []byte(jsonOf(got))
	}
	wantBody(t, r, want)
}

// label names the object of block in messages; one that is not made yet has no id.
func (s subject) label(id string) string {
	switch name, _ := s.minimal[s.key].(string); {
	case s.isMember():
		return s.noun + " " + id
	case id == "":
		return fmt.Sprintf("%s %q", s.noun, name)
	default:
		return fmt.Sprintf("%s %q (%s)", s.noun, name, id)
	}
}

// A place is an environment for one test on its own. The names of workspace and environment have slashes in them.
type place struct {
	*cortextest.Cortex
	t           testing.TB
	workspace   cortextest.Workspace
	environment cortextest.Environment
	ids         map[string]string
	stays       bool // it cannot be deleted
}

// newPlace makes a place, whose environment goes at the end of the test with all that is in it.
func newPlace(t testing.TB, options ...cortextest.Option) *place {
	t.Helper()
	return placeIn(t, cortextest.Start(t, options...))
}

func placeIn(t testing.TB, c *cortextest.Cortex) *place {
	t.Helper()
	p := &place{Cortex: c, t: t, ids: map[string]string{}}
	p.workspace = c.CreateWorkspace(c.Name("a/b"), nil)
	p.environment = c.CreateEnvironment(p.workspace.ID, "x/y", ptr(""))
	t.Cleanup(func() {
		if p.stays {
			return
		}
		for _, e := range c.Environments(p.workspace.ID) {
			for _, d := range c.Dashboards(e.ID) {
				c.DeleteDashboard(d.ID)
			}
			for _, g := range c.ConsumerGroups(e.ID) {
				c.DeleteConsumerGroup(g.ID)
			}
			for _, consumer := range c.Consumers(e.ID) {
				c.DeleteConsumer(consumer.ID)
			}
			if c.Release() != cortextest.Head { // it cannot list them
				for _, metric := range c.Metrics(e.ID) {
					c.DeleteMetric(e.ID, metric.ID)
				}
			}
			for _, source := range c.DataSources(e.ID) {
				c.DeleteDataSource(source.ID)
			}
			for _, model := range c.DataModels(e.ID) {
				if model.IsActive {
					c.DeleteDataModel(e.ID, model.ID)
				}
				p.stays = p.stays || c.Database() == cortextest.PostgreSQL
			}
			if !p.stays {
				c.DeleteEnvironment(e.ID)
			}
		}
		if !p.stays {
			c.DeleteWorkspace(p.workspace.ID)
		}
	})
	return p
}

// group and consumer are the two that a membership in the place joins.
func (p *place) group() string {
	if p.ids["group"] == "" {
		p.ids["group"] = p.CreateConsumerGroup(p.environment.ID, map[string]any{"name": "Wri/ters"}).ID
	}
	return p.ids["group"]
}

func (p *place) consumer() string {
	if p.ids["consumer"] == "" {
		p.ids["consumer"] = p.CreateConsumer(p.environment.ID, map[string]any{"first_name": "Cy", "last_name": "", "email": "cy/d@example.com"}).ID
	}
	return p.ids["consumer"]
}

// dataModel is the one that metrics in an environment belong to.
func (p *place) dataModel(environment string) string {
	key := "data model " + environment
	if p.ids[key] == "" {
		p.ids[key] = p.CreateDataModel(environment, map[string]any{"name": "Met/rics"}).ID
	}
	return p.ids[key]
}

// object sends a request behind Terraform's back and returns the object that is answered, if any.
func (p *place) object(method, path string, status int, body any) (fields attributes) {
	p.t.Helper()
	got, answer := p.Do(method, path, body)
	if got != status {
		p.t.Fatalf("%s %s behind Terraform's back: status %d: %s", method, path, got, answer)
	}
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &fields); err != nil {
			p.t.Fatal(err)
		}
	}
	return fields
}

// wantFields fails the test unless an object has these attributes in Cortex, and no others. No text and an empty one are the same.
func (s subject) wantFields(p *place, id string, want attributes) {
	p.t.Helper()
	got := p.object("GET", s.at(p, id), 200, nil)
	have, wanted := attributes{}, attributes{}
	want = s.unsaid().merged(want)
	for name := range s.full {
		for to, from := range map[*attributes]attributes{&have: got, &wanted: want} {
			if value := from[name]; value != nil && value != "" {
				(*to)[name] = value
			}
		}
	}
	if diff := cmp.Diff(decoded(jsonOf(wanted)), decoded(jsonOf(have))); diff != "" {
		p.t.Errorf("the %s in Cortex (-want +got):\n%s", s.noun, diff)
	}
}

// wantBody fails the test unless the body of a write is this.
func wantBody(t testing.TB, r cortextest.Request, want any) {
	t.Helper()
	if diff := cmp.Diff(decoded(jsonOf(want)), decoded(string(r.Body))); diff != "" {
		t.Errorf("the body of %s %s (-want +got):\n%s", r.Method, r.Path, diff)
	}
}

// decoded is JSON as it is compared.
func decoded(text string) (value any) {
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return text
	}
	return value
}
