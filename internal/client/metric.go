package client

import (
	"context"
	"encoding/json"
)

// Metric is a query of one data model, which its environment's users run. All of it that Cortex takes is said in every request: an update
// replaces the metric. See upon for what we do not know of it.
type Metric struct {
	ID string `json:"id,omitempty"`
	// EnvironmentID is that of the data model; a create does not say it.
	EnvironmentID string   `json:"environment_id,omitempty"`
	DataModelID   string   `json:"data_model_id"`
	Name          string   `json:"name"`
	Alias         Nullable `json:"alias"`
	Title         Nullable `json:"title"`
	Description   Nullable `json:"description"`
	Query         Nullable `json:"query"`
	TableName     Nullable `json:"table_name"`
	DataSourceID  Nullable `json:"data_source_id"`
	Limit         *int64   `json:"limit"` // of rows, at most; nil is all
	Grouped       bool     `json:"grouped"`
	Ordered       bool     `json:"ordered"`
	Public        bool     `json:"public"`
	// The parts are JSON as Cortex has it, lists of objects but for the last four: an object of objects by their names, and three objects.
	Measures     json.RawMessage `json:"measures"`
	Dimensions   json.RawMessage `json:"dimensions"`
	Joins        json.RawMessage `json:"joins"`
	Filters      json.RawMessage `json:"filters"`
	Aggregations json.RawMessage `json:"aggregations"`
	Order        json.RawMessage `json:"order"`
	Parameters   json.RawMessage `json:"parameters"`
	Refresh      json.RawMessage `json:"refresh"`
	Cache        json.RawMessage `json:"cache"`
	Meta         json.RawMessage `json:"meta"`
	// Version rises with every update.
	Version   int64  `json:"version,omitempty"`
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

// Nullable is a text that Cortex has as null when it is "".
type Nullable string

// MarshalJSON implements json.Marshaler.
func (n Nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}

var metrics = kind{noun: "metric", container: "environment", key: "name", create: "/metrics", list: "/metrics?environment_id={scope}", field: "metrics",
	paged: true, item: "/metrics/{id}?environment_id={scope}", located: true, unguarded: true, replaces: true, remembers: true}

// Ref implements Object.
func (m Metric) Ref() Ref {
	return Ref{ID: m.ID, Scope: m.EnvironmentID, Among: m.DataModelID, Name: m.Name}
}

func (m Metric) complete() bool {
	return m.EnvironmentID != "" && m.DataModelID != "" && m.Version > 0 && m.CreatedAt != "" && m.UpdatedAt != ""
}

// posted is what a POST makes of a metric: it drops the order, and that rows are not grouped or not ordered.
func (m Metric) posted() Metric {
	m.Order, m.Grouped, m.Ordered = nil, true, true
	return m
}

// ready returns why a metric cannot be made of has: it would refer to what is not there. Cortex lets it refer to a data model that was deleted and,
// on SQLite, to a data source that never was.
func (m Metric) ready(ctx context.Context, c *Client, has Metric) error {
	if m.DataModelID != has.DataModelID {
		if _, err := c.DataModels.Seen(ctx, Ref{ID: m.DataModelID, Scope: m.EnvironmentID}); err != nil {
			return err
		}
	}
	if m.DataSourceID != has.DataSourceID && m.DataSourceID != "" {
		if _, err := c.DataSources.Seen(ctx, Ref{ID: string(m.DataSourceID)}); err != nil {
			return err
		}
	}
	return nil
}
