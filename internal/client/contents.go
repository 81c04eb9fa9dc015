package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Attached is an object that hangs on an environment.
type Attached struct {
	Noun string // "dashboard", "metric", "data source", "consumer group", "consumer", "data model"
	ID   string
	Name string // a consumer's is its e-mail address
}

// attachedKinds is what hangs on an environment, in the order in which objects can be deleted: what refers to others comes first.
var attachedKinds = []kind{dashboards, metrics, dataSources, consumerGroups, consumers, dataModels}

// Contents lists what hangs on an environment, in the order in which it can be deleted. Where Cortex's database refuses to list a kind
// (Rejected: no other try would change that), it returns the others with that error. Any other error comes alone, and before such
// refusals; that the environment is gone comes before both.
func (c *Client) Contents(ctx context.Context, environmentID string) ([]Attached, error) {
	lists, errs := make([][]Attached, len(attachedKinds)), make([]error, len(attachedKinds))
	var group sync.WaitGroup
	for i, k := range attachedKinds {
		group.Go(func() {
			text := func(item map[string]any, key string) string { s, _ := item[key].(string); return s }
			var items []map[string]any
			items, errs[i] = readList(ctx, c, k, environmentID, c.maxRetries, func(item map[string]any) string { return text(item, "id") }, nil)
			for _, item := range items {
				lists[i] = append(lists[i], Attached{Noun: k.noun, ID: text(item, "id"), Name: text(item, k.key)})
			}
		})
	}
	group.Wait()
	for _, final := range []func(error) bool{
		func(err error) bool { return IsGone(err, environments.noun, environmentID) },
		func(err error) bool { return err != nil && ClassOf(err) != Rejected },
	} {
		if i := slices.IndexFunc(errs, final); i >= 0 {
			return nil, errs[i]
		}
	}
	return slices.Concat(lists...), errors.Join(errs...)
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
