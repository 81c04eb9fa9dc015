package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// kinds are the kinds of objects that are exported: each after the kind that contains it.
var kinds = []*kind{
	newKind("cortex_workspace", "workspace", "", "",
		func(c *client.Client) *client.Objects[client.Workspace, client.WorkspacePatch] { return c.Workspaces },
		provider.WorkspaceConfiguration),
	newKind("cortex_environment", "environment", "workspace", "workspace_id",
		func(c *client.Client) *client.Objects[client.Environment, client.EnvironmentPatch] {
			return c.Environments
		},
		provider.EnvironmentConfiguration),
}

// kind is a kind of objects. A further one is one more entry of kinds.
type kind struct {
	resource  string // type of its resource
	noun      string
	container string // noun of the kind that contains it, "" at the top
	reference string // attribute with the id of the object that contains it
	// lists yields what is in each of the scopes, in their order.
	lists func(ctx context.Context, c *client.Client, scopes []string) iter.Seq2[client.Contained[*object], error]
}

// object is one object of the server.
type object struct {
	kind       *kind
	ref        client.Ref
	label      string
	attributes []provider.Attribute
	refused    error // why it cannot be exported
	in         *object
	contents   []*object
}

func newKind[T client.Object[T], P client.Patch[T]](resource, noun, container, reference string,
	objects func(*client.Client) *client.Objects[T, P], configuration func(T) ([]provider.Attribute, error),
) *kind {
	k := &kind{resource: resource, noun: noun, container: container, reference: reference}
	k.lists = func(ctx context.Context, c *client.Client, scopes []string) iter.Seq2[client.Contained[*object], error] {
		return func(yield func(client.Contained[*object], error) bool) {
			for in, err := range objects(c).ListEach(ctx, scopes) {
				var found []*object
				for _, item := range in.Objects {
					attributes, refused := configuration(item)
					found = append(found, &object{kind: k, ref: item.Ref(), attributes: attributes, refused: refused})
				}
				if !yield(client.Contained[*object]{Scope: in.Scope, Objects: found, Gone: in.Gone}, err) {
					return
				}
			}
		}
	}
	return k
}

// read returns the objects at the top that are selected, with all that is in them. It sends one list for each place, and tells
// progress how many of how many lists of a kind are read.
func read(ctx context.Context, c *client.Client, selected func(client.Ref) bool, progress func(noun string, done, of int)) ([]*object, error) {
	top := &object{}
	containers := map[string][]*object{"": {top}} // by noun
	for _, k := range kinds {
		found, err := k.read(ctx, c, containers[k.container], progress)
		if err != nil {
			return nil, err
		}
		if k.container == "" {
			// After the labels were given, so that they do not depend on what is selected.
			found = slices.DeleteFunc(found, func(o *object) bool { return !selected(o.ref) })
		}
		for _, o := range found {
			o.in.contents = append(o.in.contents, o)
		}
		containers[k.noun] = found
	}
	return top.contents, nil
}

// read returns the objects of the kind in all places.
func (k *kind) read(ctx context.Context, c *client.Client, places []*object, progress func(noun string, done, of int)) ([]*object, error) {
	var scopes []string
	for _, place := range places {
		scopes = append(scopes, place.ref.ID)
	}
	progress(k.noun, 0, len(places))
	var all []*object
	done := 0
	for in, err := range k.lists(ctx, c, scopes) {
		place := places[done]
		switch {
		case err != nil && place.kind == nil:
			return nil, provider.Explain(fmt.Sprintf("list the %ss", k.noun), err)
		case err != nil:
			return nil, provider.Explain(fmt.Sprintf("list the %ss of %s", k.noun, place), err)
		case in.Gone:
			place.refused = errors.New("it was deleted while the export ran")
		}
		for _, o := range in.Objects {
			o.in = place
		}
		giveLabels(in.Objects)
		slices.SortFunc(in.Objects, func(a, b *object) int { return cmp.Compare(a.label, b.label) })
		all = append(all, in.Objects...)
		done++
		progress(k.noun, done, len(places))
	}
	return all, nil
}

// String names the object in messages.
func (o *object) String() string {
	name := []rune(o.ref.Name)
	if len(name) > 100 {
		name = append(name[:100:100], '…')
	}
	return fmt.Sprintf("%s %q (%s)", o.kind.noun, string(name), o.ref.ID)
}

// importID is the id that imports the object without a look for where it is.
func (o *object) importID() string {
	if o.ref.Scope == "" {
		return o.ref.ID
	}
	return o.ref.Scope + "/" + o.ref.ID
}

// split returns the objects with all that is in them, one after the other: those that can be exported, and those that cannot
// themselves or are in one that cannot.
func split(objects []*object) (exported, refused []*object) {
	for _, o := range objects {
		if o.refused == nil && o.in.refused != nil {
			o.refused = fmt.Errorf("it is in %s, which is not exported", o.in)
		}
		if o.refused != nil {
			refused = append(refused, o)
		} else {
			exported = append(exported, o)
		}
		e, r := split(o.contents)
		exported, refused = append(exported, e...), append(refused, r...)
	}
	return exported, refused
}
