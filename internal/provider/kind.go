package provider

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// registry returns all kinds of objects, each after the kind that contains it. Everything that is there for each kind ranges over
// it: resources, data sources, list resources, export, and the tests of schemas, examples and documentation.
func registry() []anyKind {
	return []anyKind{
		workspaceKind(),
		environmentKind(),
		consumerKind(),
		consumerGroupKind(),
		consumerGroupMemberKind(),
		dataSourceKind(),
		dataModelKind(),
		metricKind(),
		dashboardKind(),
	}
}

// kind describes one kind of objects: T is Cortex's object and M the resource's plan and state. What it says is all in which the
// resource, the two data sources and the list resource of a kind differ from those of the others; see resource.go, object_data_source.go,
// objects_data_source.go and list_resource.go.
type kind[T client.Object, M model[T, M]] struct {
	about
	objects func(*client.Client) objects[T]
	schema  func() schema.Schema
	// remove deletes an object that may hold others; nil where there is nothing to look for.
	remove func(ctx context.Context, r *removal, object T) diag.Diagnostics
	// locate finds out what an object is in, where a plan does not say it; nil where each does.
	locate func(ctx context.Context, c *client.Client, plan M) (M, error)
	// look says in a plan what is wrong with the objects that parts of an object refer to; nil where no part does.
	look func(ctx context.Context, c *client.Client, plan M) diag.Diagnostics
	// validate checks what attributes of a configuration have to do with each other; nil where they have nothing.
	validate func(config M) diag.Diagnostics
}

// about is what a kind says of itself whatever its objects are.
type about struct {
	noun string  // "consumer group", also in the names of resource and data sources
	in   anyKind // the kind that contains it; nil at the top
	// scoped is true where Cortex finds an object by its id only together with that of what contains it.
	scoped bool
	// unlisted is true where Cortex lists nothing in a container that is not there, in the place of an error.
	unlisted bool

	key      string   // attribute that finds one object in its container; "" where an object is found by its ids alone
	parts    []string // attributes that make up the id, for a kind that has none of its own
	retires  bool     // an object that cannot be deleted is retired, if that is wanted
	bound    []string // attributes that bind an object to others for ever, where it is not the container alone that does
	identity []string // attributes that the resource identity has

	references map[string]string // attributes, nested ones too, that hold the id of an object of another kind, with that kind's noun
	differs    []string          // attributes, nested ones too, that usually differ between two environments that are equal otherwise
	importHint string            // how an object is imported, as a sentence without its end
	one, all   string            // what the two data sources are for
	keyHint    string            // example of for_each over all
}

// model is a resource's plan and state. Its two mappings are the only place that knows what null, "" and defaults mean.
type model[T client.Object, M any] interface {
	// object maps Terraform's object to Cortex.
	object() T
	// with returns the model as Cortex's object has it. What Cortex does not know stays, and so does the spelling of what
	// means the same.
	with(object T) M
}

// objects is what the client can do with all objects of a kind.
type objects[T any] interface {
	// These may be answered from a list that this run has read.
	Get(ctx context.Context, scope, id string) (T, error)
	List(ctx context.Context, scope string) ([]T, error)
	// These ask for nothing older than the call.
	GetNow(ctx context.Context, scope, id string) (T, error)
	Fresh(ctx context.Context, scope string) ([]T, error)
	FreshEach(ctx context.Context, scopes []string) iter.Seq2[client.Contained[T], error]

	Create(ctx context.Context, want T) (T, error)
	Changes(have, want T) bool
	Update(ctx context.Context, have, want T) (T, error)
	Delete(ctx context.Context, ref client.Ref) error
	// Leave notes that the object is being deleted, until the function that it returns is called.
	Leave(ref client.Ref) (over func(left bool))
	// Collection is the path, below the API's, that Cortex has them at.
	Collection() string
}

// anyKind is a kind whatever its objects are.
type anyKind interface {
	info() about
	resource() resource.Resource
	dataSource() datasource.DataSource
	objectsDataSource() datasource.DataSource
	listResource() list.ListResource
	exported() *Kind
	// refs yields all objects of the kind, with the names of what they are in.
	refs(ctx context.Context, c *client.Client, retired bool) iter.Seq2[located[client.Ref], error]
	// meant returns the objects that a text means: see kind.find.
	meant(ctx context.Context, c *client.Client, text string) ([]client.Ref, error)
}

// located is an object and where it is: its own name, or "acme/Production/analysts".
type located[T any] struct {
	path   string
	object T
}

func (a about) info() about { return a }

// typeName is what configurations call the kind.
func (a about) typeName() string { return "cortex_" + strings.ReplaceAll(a.noun, " ", "_") }

// plural is what the attribute with all objects of the kind is called.
func (a about) plural() string { return strings.ReplaceAll(a.noun, " ", "_") + "s" }

// container is the attribute with the id of what contains an object; "" at the top.
func (a about) container() string {
	if a.in == nil {
		return ""
	}
	return a.in.info().noun + "_id"
}

// fixed are the attributes that make up where an object is, or who: with another value of one, it is another object.
func (a about) fixed() []string {
	switch {
	case a.bound != nil:
		return a.bound
	case a.parts != nil || a.in == nil:
		return a.parts
	}
	return []string{a.container()}
}

// inside says where an object is, for messages: " in workspace 7a1d…", nothing at the top or where it is not known.
func (a about) inside(scope string) string {
	if a.in == nil || scope == "" {
		return ""
	}
	return " in " + a.in.info().noun + " " + scope
}

// label names an object in messages.
func (a about) label(ref client.Ref) string { return label(a.noun, ref.Name, ref.ID) }

// article puts the article before a noun.
func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// present returns the objects that are not retired, or all.
func present[T client.Object](all []T, retired bool) []T {
	if retired {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(object T) bool { return object.Ref().IsRetired() })
}
