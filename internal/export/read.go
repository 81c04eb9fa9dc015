package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// kinds are the kinds of objects that are exported: each after the kind that contains it.
var kinds = provider.Kinds()

// object is one object of the server.
type object struct {
	kind       *provider.Kind
	ref        client.Ref
	label      string
	attributes []provider.Attribute
	refused    error // why it cannot be exported
	in         *object
	contents   []*object
}

func newObject(k *provider.Kind, o provider.Object, in *object) *object {
	return &object{kind: k, ref: o.Ref, attributes: o.Attributes, refused: o.Refused, in: in}
}

// read returns the objects at the top that are selected, with all that is in them. It sends one list for each place, and tells
// progress how many of how many lists of a kind are read.
func read(ctx context.Context, c *client.Client, selected func(client.Ref) bool, progress func(noun string, done, of int)) ([]*object, error) {
	top := &object{}
	containers := map[string][]*object{"": {top}} // by noun
	for _, k := range kinds {
		found, err := readKind(ctx, c, k, containers[k.Container], progress)
		if err != nil {
			return nil, err
		}
		if k.Container == "" {
			// After the labels were given, so that they do not depend on what is selected.
			found = slices.DeleteFunc(found, func(o *object) bool { return !selected(o.ref) })
		}
		for _, o := range found {
			o.in.contents = append(o.in.contents, o)
		}
		containers[k.Noun] = found
	}
	return top.contents, nil
}

// readKind returns the objects of a kind in all places.
func readKind(ctx context.Context, c *client.Client, k *provider.Kind, places []*object, progress func(noun string, done, of int)) ([]*object, error) {
	var scopes []string
	for _, place := range places {
		scopes = append(scopes, place.ref.ID)
	}
	progress(k.Noun, 0, len(places))
	var all []*object
	done := 0
	for in, err := range k.List(ctx, c, scopes) {
		place := places[done]
		switch {
		case err != nil && place.kind == nil:
			return nil, provider.Explain(fmt.Sprintf("list the %ss", k.Noun), err)
		case err != nil:
			return nil, provider.Explain(fmt.Sprintf("list the %ss of %s", k.Noun, place), err)
		case in.Gone:
			place.refused = errors.New("it was deleted while the export ran")
		}
		var found []*object
		for _, o := range in.Objects {
			found = append(found, newObject(k, o, place))
		}
		giveLabels(found)
		slices.SortFunc(found, func(a, b *object) int { return cmp.Compare(a.label, b.label) })
		all = append(all, found...)
		done++
		progress(k.Noun, done, len(places))
	}
	return all, nil
}

// String names the object in messages.
func (o *object) String() string {
	name := []rune(o.ref.Name)
	if len(name) > 100 {
		name = append(name[:100:100], '…')
	}
	return fmt.Sprintf("%s %q (%s)", o.kind.Noun, string(name), o.ref.ID)
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
