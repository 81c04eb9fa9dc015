package client

import "encoding/json"

// ConsumerGroup is a group of consumers of one environment. Who is in it is written by GroupMembers.
type ConsumerGroup struct {
	ID            string `json:"id,omitempty"`
	EnvironmentID string `json:"environment_id"`
	Name          string `json:"name"`
	// Alias and Description are "" when there is none; Cortex cannot make them null again.
	Alias       string `json:"alias,omitempty"`
	Description string `json:"description,omitempty"`
	// Properties is a JSON object, nil when there is none.
	Properties json.RawMessage `json:"properties"`
	CreatedAt  string          `json:"created_at,omitempty"`
	UpdatedAt  string          `json:"updated_at,omitempty"`
}

var consumerGroups = kind{noun: "consumer group", container: "environment", key: "name", create: "/consumers/groups",
	list: "/environments/{scope}/consumers/groups", item: "/consumers/groups/{id}"}

// Ref implements Object.
func (g ConsumerGroup) Ref() Ref { return Ref{ID: g.ID, Scope: g.EnvironmentID, Name: g.Name} }

func (g ConsumerGroup) complete() bool {
	return g.EnvironmentID != "" && g.CreatedAt != "" && g.UpdatedAt != ""
}
