package client

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// Attached is an object that hangs on an environment.
type Attached struct {
	Noun string // "dashboard", "metric", "data source", "consumer group", "consumer", "data model"
	ID   string
	Name string // a consumer's is its e-mail address
}

// attachedKinds is what hangs on an environment, in the order in which objects can be deleted: what refers to others comes first.
var attachedKinds = []kind{dashboards, metrics, dataSources, consumerGroups, consumers, dataModels}

// The kinds that nothing but the content of an environment is asked for.
var (
	dashboards = kind{noun: "dashboard", container: "environment", key: "name", list: "/environments/{scope}/dashboards", field: "dashboards",
		item: "/dashboards/{id}"}
	metrics = kind{noun: "metric", container: "environment", key: "name", list: "/metrics?environment_id={scope}", field: "metrics", paged: true,
		item: "/metrics/{id}?environment_id={scope}"}
	dataSources = kind{noun: "data source", container: "environment", key: "name", list: "/environments/{scope}/data/sources",
		item: "/data/sources/{id}"}
	// Data models that were deleted already are left out: Cortex keeps their rows for ever.
	dataModels = kind{noun: "data model", container: "environment", key: "name", list: "/data/models?is_active=true&environment_id={scope}",
		field: "models", paged: true, item: "/data/models/{id}?environment_id={scope}"}
)

// Contents lists what hangs on an environment, in the order in which it can be deleted.
func (c *Client) Contents(ctx context.Context, environmentID string) ([]Attached, error) {
	lists := make([][]Attached, len(attachedKinds))
	group, ctx := errgroup.WithContext(ctx)
	for i, k := range attachedKinds {
		group.Go(func() error {
			text := func(item map[string]any, key string) string { s, _ := item[key].(string); return s }
			items, err := readList(ctx, c, k, environmentID, c.maxRetries, func(item map[string]any) string { return text(item, "id") })
			for _, item := range items {
				lists[i] = append(lists[i], Attached{Noun: k.noun, ID: text(item, "id"), Name: text(item, k.key)})
			}
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

// DeleteAttached deletes one of Contents. One that is gone already is no error.
func (c *Client) DeleteAttached(ctx context.Context, environmentID string, a Attached) error {
	for _, k := range attachedKinds {
		if k.noun == a.Noun {
			return c.remove(ctx, k, Ref{ID: a.ID, Scope: environmentID})
		}
	}
	return fmt.Errorf("a %s cannot be deleted", a.Noun)
}
