package client

import (
	"context"
	"encoding/json"
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

// ready returns why a data model cannot be made of has: on SQLite, Cortex would make it in an environment that is not there.
func (m DataModel) ready(ctx context.Context, c *Client, has DataModel) error {
	if m.EnvironmentID == has.EnvironmentID {
		return nil
	}
	_, err := c.Environments.Seen(ctx, Ref{ID: m.EnvironmentID})
	return err
}
