package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// Dashboard shows metrics of its environment.
type Dashboard struct {
	ID            string `json:"id,omitempty"`
	EnvironmentID string `json:"environment_id"`
	Name          string `json:"name"`
	Type          string `json:"type"`
	// Description is "" when there is none; Cortex cannot make it null again.
	Description string `json:"description,omitempty"`
	// Tags is never nil in a request: Cortex keeps those that it has where a request says null.
	Tags []string `json:"tags"`
	// DefaultView is the alias of a view, which Cortex does not look for.
	DefaultView string `json:"default_view"`
	// Views is JSON as Cortex has it: views, which have sections, which have widgets. Only their aliases tell them apart.
	Views     json.RawMessage `json:"views"`
	CreatedAt string          `json:"created_at,omitempty"`
	UpdatedAt string          `json:"updated_at,omitempty"`
}

var dashboards = kind{noun: "dashboard", container: "environment", key: "name", create: "/dashboards", list: "/environments/{scope}/dashboards", field: "dashboards",
	item: "/dashboards/{id}", replaces: true, merges: views}

const (
	views       = "views"
	defaultView = "default_view"
)

// Ref implements Object.
func (d Dashboard) Ref() Ref { return Ref{ID: d.ID, Scope: d.EnvironmentID, Name: d.Name} }

func (d Dashboard) complete() bool {
	return d.EnvironmentID != "" && d.Type != "" && len(d.Views) > 0 && d.CreatedAt != "" && d.UpdatedAt != ""
}

// posted is what a POST makes of a dashboard: its first view is the default one.
func (d Dashboard) posted() Dashboard {
	var all []struct{ Alias string }
	if err := json.Unmarshal(d.Views, &all); err == nil && len(all) > 0 {
		d.DefaultView = all[0].Alias
	}
	return d
}

// ready returns why a dashboard cannot be made of has: Cortex would make it in an environment that is not there.
func (d Dashboard) ready(ctx context.Context, c *Client, has Dashboard) error {
	if d.EnvironmentID == has.EnvironmentID {
		return nil
	}
	_, err := c.Environments.Seen(ctx, Ref{ID: d.EnvironmentID})
	return err
}

// MissingMetrics returns those of the metrics with these ids that an environment does not have, and how Cortex says so. What this run has seen is not
// asked for, nor anything twice, and what cannot be found out is not missing.
func (c *Client) MissingMetrics(ctx context.Context, environment string, ids []string) map[string]error {
	errs := make([]error, len(ids))
	var running sync.WaitGroup
	for i, id := range ids {
		if found, ok := c.Metrics.remembered(id); ok && strings.EqualFold(found.EnvironmentID, environment) {
			continue
		}
		ask := sync.OnceValue(func() error {
			_, err := c.Metrics.Get(ctx, environment, id)
			return err
		})
		if asked, ok := c.sought.LoadOrStore(environment+"/"+id, ask); ok {
			ask, _ = asked.(func() error)
		}
		running.Go(func() { errs[i] = ask() })
	}
	running.Wait()
	missing := map[string]error{}
	for i, id := range ids {
		if IsGone(errs[i], metrics.noun, id) || errors.As(errs[i], new(*ElsewhereError)) {
			missing[id] = errs[i]
		}
	}
	return missing
}

// aside is what the aliases of views begin with while a dashboard is replaced.
const aside = "__replacing_"

// putWhole makes an object what body says, where an update alone merges it with what is there: Cortex carries over the parts of a view that are not said
// any more, but only to a view of the same alias. So the first of two updates gives the views other aliases, and nobody sees a dashboard without views.
// Should the second one fail, the next refresh sees what the first one left.
func (o *Objects[T]) putWhole(ctx context.Context, ref Ref, body map[string]any) (T, error) {
	updated, err := o.exchange(ctx, http.MethodPut, ref, setAside(body, o.merges))
	if err == nil {
		updated, err = o.exchange(ctx, http.MethodPut, ref, body)
	}
	if err != nil {
		return updated, &HalfReplacedError{Cause: err}
	}
	return updated, nil
}

// setAside returns a body whose views have aliases that body has nowhere. They are short, since the default one has to fit into a column.
func setAside(body map[string]any, views string) map[string]any {
	list, _ := body[views].([]any)
	taken := map[any]bool{}
	for _, item := range list {
		view, _ := item.(map[string]any)
		taken[view["alias"]] = true
	}
	other := maps.Clone(body)
	var renamed []any
	n := 0
	for _, item := range list {
		view, _ := item.(map[string]any)
		view = maps.Clone(view)
		for taken[fmt.Sprint(aside, n)] {
			n++
		}
		name := fmt.Sprint(aside, n)
		if body[defaultView] == view["alias"] {
			other[defaultView] = name
		}
		taken[name], view["alias"] = true, name
		renamed = append(renamed, view)
	}
	other[views] = renamed
	return other
}

// HalfReplacedError says that one of the two updates failed of which the first takes away what the second replaces.
type HalfReplacedError struct{ Cause error }

func (e *HalfReplacedError) Error() string { return "it may be half replaced: " + e.Cause.Error() }

func (e *HalfReplacedError) Unwrap() error { return e.Cause }
