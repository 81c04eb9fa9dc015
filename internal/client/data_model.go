package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// DataModel holds metrics of one environment together.
type DataModel struct {
	ID            string `json:"id,omitempty"`
	EnvironmentID string `json:"environment_id"`
	Name          string `json:"name"`
	// Alias and Description are "" when there is none; Cortex cannot make them null again.
	Alias       string `json:"alias,omitempty"`
	Description string `json:"description,omitempty"`
	// Config is a JSON object; "{}" when there is nothing in it.
	Config json.RawMessage `json:"config"`
	// IsActive is false once it was deleted: Cortex keeps the row for ever, and shows it to who asks for its id.
	IsActive  *bool  `json:"is_active,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

// The list leaves out what was deleted.
var dataModels = kind{noun: "data model", container: "environment", key: "name", create: "/data/models",
	list: "/data/models?is_active=true&environment_id={scope}", field: "models", paged: true,
	item: "/data/models/{id}?environment_id={scope}", located: true, unguarded: true, remembers: true}

// Ref implements Object.
func (m DataModel) Ref() Ref { return Ref{ID: m.ID, Scope: m.EnvironmentID, Name: m.Name} }

func (m DataModel) complete() bool {
	return m.EnvironmentID != "" && len(m.Config) > 0 && m.IsActive != nil && m.CreatedAt != "" && m.UpdatedAt != ""
}

func (m DataModel) deleted() bool { return m.IsActive != nil && !*m.IsActive }

// FindDataModel returns a data model of which nothing but the id is known. Cortex answers none without its environment, so that one which this
// run has not seen is looked for in each.
func (c *Client) FindDataModel(ctx context.Context, id string) (DataModel, error) {
	if found, ok := c.DataModels.remembered(id); ok {
		return found, nil
	}
	var none DataModel
	workspaces, err := c.Workspaces.Fresh(ctx, "")
	if err != nil {
		return none, err
	}
	var ids []string
	for _, w := range workspaces {
		ids = append(ids, w.ID)
	}
	for in, err := range c.Environments.FreshEach(ctx, ids) {
		if err != nil {
			return none, err
		}
		for _, e := range in.Objects {
			if found, err := c.DataModels.GetNow(ctx, e.ID, id); !IsGone(err, dataModels.noun, id) {
				return found, err
			}
		}
	}
	return none, &Error{Method: http.MethodGet, URL: c.shown(dataModels.create + "/" + id), Status: http.StatusNotFound, Class: NotFound,
		Missing: Missing{dataModels.noun, id}, Text: "no environment has it", outage: &c.outage}
}
