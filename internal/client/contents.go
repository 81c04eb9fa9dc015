package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Attached is an object that hangs on an environment.
type Attached struct {
	Noun string // "dashboard", "metric", "data source", "consumer group", "consumer", "data model"
	ID   string
	Name string // a consumer's is its e-mail address
}

// attachedKind says how one kind of attached object is listed and deleted. {env} and {id} stand for ids.
type attachedKind struct {
	noun  string
	list  string
	field string // of the answer's object that holds the array; "" when the answer is the array
	paged bool
	item  string
}

// attachedKinds is in the order in which objects can be deleted: what refers to others comes first.
var attachedKinds = []attachedKind{
	{noun: "dashboard", list: "/environments/{env}/dashboards", field: "dashboards", item: "/dashboards/{id}"},
	{noun: "metric", list: "/metrics?environment_id={env}", field: "metrics", paged: true, item: "/metrics/{id}?environment_id={env}"},
	{noun: "data source", list: "/environments/{env}/data/sources", item: "/data/sources/{id}"},
	{noun: "consumer group", list: "/environments/{env}/consumers/groups", item: "/consumers/groups/{id}"},
	{noun: "consumer", list: "/environments/{env}/consumers", item: "/consumers/{id}"},
	{noun: "data model", list: "/data/models?is_active=true&environment_id={env}", field: "models", paged: true, item: "/data/models/{id}?environment_id={env}"},
}

// pageSize is the largest that Cortex takes. Its total_count counts the rows of the page, so only a short page is the last.
const pageSize = 100

// Contents lists what hangs on an environment, in the order in which it can be deleted. Data models that were deleted
// already are left out: Cortex keeps their rows for ever.
func (c *Client) Contents(ctx context.Context, environmentID string) ([]Attached, error) {
	lists := make([][]Attached, len(attachedKinds))
	group, ctx := errgroup.WithContext(ctx)
	for i, kind := range attachedKinds {
		group.Go(func() (err error) {
			lists[i], err = c.attached(ctx, kind, environmentID)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []Attached
	for _, list := range lists {
		all = append(all, list...)
	}
	return all, nil
}

func (c *Client) attached(ctx context.Context, kind attachedKind, environmentID string) ([]Attached, error) {
	var all []Attached
	for page := 1; ; page++ {
		path := expand(kind.list, environmentID, "")
		if kind.paged {
			path += fmt.Sprintf("&page=%d&page_size=%d", page, pageSize)
		}
		var answer json.RawMessage
		if err := c.do(ctx, http.MethodGet, path, nil, &answer); err != nil {
			return nil, err
		}
		items, err := kind.decode(answer)
		if err != nil {
			return nil, c.unusable(http.MethodGet, path, err)
		}
		all = append(all, items...)
		if !kind.paged || len(items) < pageSize {
			return all, nil
		}
	}
}

func (k attachedKind) decode(answer json.RawMessage) ([]Attached, error) {
	if k.field != "" {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(answer, &object); err != nil {
			return nil, err
		}
		answer = object[k.field]
	}
	var items []struct{ ID, Name, Email string }
	if err := json.Unmarshal(answer, &items); err != nil {
		return nil, err
	}
	if items == nil {
		return nil, errors.New("the answer holds no list of " + k.noun + "s")
	}
	found := make([]Attached, len(items))
	for i, item := range items {
		found[i] = Attached{Noun: k.noun, ID: item.ID, Name: item.Name + item.Email}
	}
	return found, nil
}

// DeleteAttached deletes one of Contents. One that is gone already is no error.
func (c *Client) DeleteAttached(ctx context.Context, environmentID string, a Attached) error {
	for _, kind := range attachedKinds {
		if kind.noun != a.Noun {
			continue
		}
		err := c.do(ctx, http.MethodDelete, expand(kind.item, environmentID, a.ID), nil, nil)
		if err == nil || IsGone(err, a.Noun, a.ID) {
			return nil
		}
		// Cortex answers a consumer or a group that is gone with "500: Failed to delete …": only the list can tell.
		left, listErr := c.attached(ctx, kind, environmentID)
		if listErr != nil {
			return err
		}
		for _, item := range left {
			if item.ID == a.ID {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("a %s cannot be deleted", a.Noun)
}

func expand(template, environmentID, id string) string {
	return strings.NewReplacer("{env}", url.PathEscape(environmentID), "{id}", url.PathEscape(id)).Replace(template)
}
