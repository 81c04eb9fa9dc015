package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

// kinds are the kinds of objects that are exported: each after the kind that contains it.
var kinds = provider.Kinds()

// object is one object of the server.
type object struct {
	kind     *provider.Kind
	ref      client.Ref
	own      string // label among those of its kind in what it is in
	is       provider.Object
	refused  error // why it cannot be exported
	in       *object
	contents []*object

	module *module // that it is written to
	label  string  // in there
}

func newObject(k *provider.Kind, o provider.Object, in *object) *object {
	return &object{kind: k, ref: o.Ref, is: o, refused: o.Refused, in: in}
}

// read puts into an object what is in it, or into none what is at the top and selected; with all that is in this. It sends one list for each kind in
// each place, level by level, and tells progress how many of how many lists of a level are read.
func read(ctx context.Context, c *client.Client, from *object, selected func(client.Ref) bool, progress func(what string, done, of int)) error {
	for level := []*object{from}; len(level) > 0; {
		var lists []*list
		for _, place := range level {
			for _, k := range kinds {
				if k.Container == place.noun() {
					lists = append(lists, &list{kind: k, place: place})
				}
			}
		}
		if err := readAll(ctx, c, lists, progress); err != nil {
			return err
		}
		level = nil
		for _, l := range lists {
			if l.place.kind == nil {
				// After the labels were given, so that they do not depend on what is selected.
				l.found = slices.DeleteFunc(l.found, func(o *object) bool { return !selected(o.ref) })
			}
			l.place.contents = append(l.place.contents, l.found...)
			level = append(level, l.found...)
		}
	}
	return nil
}

// list is the objects of one kind in one place.
type list struct {
	kind  *provider.Kind
	place *object
	found []*object
}

// readAll reads the lists of one level, client.MaxLists at one time.
func readAll(ctx context.Context, c *client.Client, lists []*list, progress func(what string, done, of int)) error {
	if len(lists) == 0 {
		return nil
	}
	what := lists[0].kind.Noun + "s"
	if container := lists[0].kind.Container; lists[0].kind != lists[len(lists)-1].kind {
		what = "what is in " + container + "s"
	}
	progress(what, 0, len(lists))
	var mu sync.Mutex
	done := 0
	running, ctx := errgroup.WithContext(ctx)
	running.SetLimit(client.MaxLists)
	for _, l := range lists {
		running.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			gone, err := l.read(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			if gone {
				l.place.refused = errors.New("it was deleted while the export ran")
			}
			done++
			progress(what, done, len(lists))
			return err
		})
	}
	return running.Wait()
}

// read fills the list; gone is true where its place does not exist any more.
func (l *list) read(ctx context.Context, c *client.Client) (gone bool, err error) {
	objects, gone, err := l.kind.List(ctx, c, l.place.ref.ID)
	switch {
	case err != nil && l.place.kind == nil:
		return false, provider.Explain(fmt.Sprintf("list the %ss", l.kind.Noun), err)
	case err != nil:
		return false, provider.Explain(fmt.Sprintf("list the %ss of %s", l.kind.Noun, l.place), err)
	}
	for _, o := range objects {
		l.found = append(l.found, newObject(l.kind, o, l.place))
	}
	giveLabels(l.found)
	slices.SortFunc(l.found, func(a, b *object) int { return cmp.Compare(a.own, b.own) })
	return gone, nil
}

// noun is that of the object's kind; "" at the top.
func (o *object) noun() string {
	if o.kind == nil {
		return ""
	}
	return o.kind.Noun
}

// plural is the kind's name as that of several, in one word: "data_sources".
func (o *object) plural() string { return strings.TrimPrefix(o.kind.Type, "cortex_") + "s" }

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
