package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// kind is where Cortex has the objects of one kind, and how it treats them. In paths, {scope} stands for the id of the object that
// contains them and {id} for their own.
type kind struct {
	noun      string // as Cortex's messages and ours say it: "consumer group"
	container string // noun of the kind that holds this one; "" when there is none
	key       string // the field that no two objects of one place have in common: "name", "email"

	create string // POST
	list   string // GET; the answer is a list, or an object with the list in field
	field  string
	paged  bool   // the list comes in pages
	item   string // GET, PUT and DELETE

	remembers bool   // what answers showed last is kept for the run: see Seen
	located   bool   // an update says in which container the object is
	unguarded bool   // Cortex itself lets two objects have one name
	replaces  bool   // an update takes away what it does not say
	merges    string // a field of which an update leaves some of what it does not say, or "": see putWhole
}

// at fills in a path.
func (k kind) at(path, scope, id string) string {
	return strings.NewReplacer("{scope}", url.PathEscape(scope), "{id}", url.PathEscape(id)).Replace(path)
}

// keyName is what people call the key where it is no name.
func (k kind) keyName() string {
	if k.key == "email" {
		return "e-mail address"
	}
	return ""
}

// nested tells whether the objects of this kind are in those of another one.
func (k kind) nested() bool { return k.container != "" }

const (
	// pageSize is the largest that Cortex takes. Its total_count counts the rows of the page, so only a short page is the last.
	pageSize = 100
	// maxPasses is how often a list of several pages is read at most.
	maxPasses = 6
)

// errDear ends a list of more pages than may be asked for.
var errDear = errors.New("the list has too many pages")

// readList reads the whole list of one kind in one scope; id returns the id of an item, and more tells before each page but the first whether it may
// be asked for (nil: all may).
//
// Pages are numbered by an order that every write changes (Cortex sorts by updated_at), so that an object may move from a page that
// is still to be read to one that was read. A list of several pages is believed once it was read twice with the same ids.
func readList[I any](ctx context.Context, c *Client, k kind, scope string, retries int, id func(I) string, more func() bool) ([]I, error) {
	path := k.at(k.list, scope, "")
	if !k.paged {
		return readPage[I](ctx, c, k, path, retries)
	}
	var before []string
	asked := false
	for range maxPasses {
		byID := map[string]I{}
		pages := 0
		for size := pageSize; size == pageSize; {
			pages++
			if asked && more != nil && !more() {
				return nil, errDear
			}
			asked = true
			items, err := readPage[I](ctx, c, k, fmt.Sprintf("%s&page=%d&page_size=%d", path, pages, pageSize), retries)
			if err != nil {
				return nil, err
			}
			for _, item := range items {
				byID[id(item)] = item
			}
			size = len(items)
		}
		var ids []string
		var all []I
		for id, item := range byID {
			ids, all = append(ids, id), append(all, item)
		}
		slices.Sort(ids)
		if pages == 1 || slices.Equal(ids, before) {
			return all, nil
		}
		before = ids
	}
	err := c.unusable(http.MethodGet, path, fmt.Errorf("its pages showed other %ss each of %d times: they are being changed all the time", k.noun, maxPasses))
	err.Class = Unavailable
	return nil, err
}

// readPage reads one answer of a list.
func readPage[I any](ctx context.Context, c *Client, k kind, path string, retries int) ([]I, error) {
	var answer json.RawMessage
	if err := c.try(ctx, retries, http.MethodGet, path, nil, &answer); err != nil {
		return nil, err
	}
	items, err := itemsIn[I](answer, k.field)
	if err != nil {
		return nil, c.unusable(http.MethodGet, path, fmt.Errorf("the answer holds no list of %ss: %w", k.noun, err))
	}
	return items, nil
}

// itemsIn decodes a list, or the one in a field of an object.
func itemsIn[I any](answer json.RawMessage, field string) (items []I, err error) {
	if field != "" {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(answer, &object); err != nil {
			return nil, err
		}
		answer = object[field]
	}
	if err = json.Unmarshal(answer, &items); err == nil && items == nil {
		err = errors.New("it is null")
	}
	return items, err
}

// remove deletes one object; one that is gone already is no error. It does not look at what the object contains.
func (c *Client) remove(ctx context.Context, k kind, ref Ref) error {
	path := k.at(k.item, ref.Scope, ref.ID)
	for n := 0; ; n++ {
		err := c.do(ctx, http.MethodDelete, path, nil, nil)
		if err == nil || IsGone(err, k.noun, ref.ID) {
			return nil
		}
		if ClassOf(err) != NotDeleted {
			return err
		}
		// Only another look can tell whether it is gone.
		if look := c.do(ctx, http.MethodGet, path, nil, new(json.RawMessage)); IsGone(look, k.noun, ref.ID) {
			return nil
		}
		if n >= c.maxRetries || pause(ctx, backoff(minBackoff, maxBackoff, n, nil)) != nil {
			return err
		}
	}
}
