package cortextest

import (
	"encoding/json"
	"maps"
)

// A Consumer as Cortex shows it.
type Consumer struct {
	ID            string          `json:"id"`
	EnvironmentID string          `json:"environment_id"`
	FirstName     string          `json:"first_name"`
	LastName      string          `json:"last_name"`
	Email         string          `json:"email"` // normalised
	Organization  *string         `json:"organization"`
	Properties    json.RawMessage `json:"properties"` // an object or null
	Groups        []ConsumerGroup `json:"groups"`     // of these, Cortex shows id, name and description
	CreatedAt     string          `json:"created_at"`
	UpdatedAt     string          `json:"updated_at"`
}

// A ConsumerGroup as Cortex shows it.
type ConsumerGroup struct {
	ID            string          `json:"id"`
	EnvironmentID string          `json:"environment_id"`
	Name          string          `json:"name"`
	Description   *string         `json:"description"`
	Alias         *string         `json:"alias"`
	Properties    json.RawMessage `json:"properties"` // an object or null
	CreatedAt     string          `json:"created_at"`
	UpdatedAt     string          `json:"updated_at"`
}

// Consumers lists the consumers of an environment.
func (c *Cortex) Consumers(environmentID string) []Consumer {
	return list[Consumer](c, "/environments/"+environmentID+"/consumers")
}

// Consumer finds one consumer; ok is false when Cortex says that it is not there.
func (c *Cortex) Consumer(id string) (consumer Consumer, ok bool) {
	return read[Consumer](c, "/consumers/"+id)
}

// CreateConsumer creates a consumer. Cortex wants the fields first_name, last_name and email.
func (c *Cortex) CreateConsumer(environmentID string, fields map[string]any) Consumer {
	return create[Consumer](c, "/consumers", inEnvironment(environmentID, fields))
}

// UpdateConsumer changes the fields that are given, and clears properties if they are not.
func (c *Cortex) UpdateConsumer(id string, change map[string]any) Consumer {
	return update[Consumer](c, "/consumers/"+id, change)
}

// DeleteConsumer deletes a consumer, and with it its memberships.
func (c *Cortex) DeleteConsumer(id string) { c.do("DELETE", "/consumers/"+id, nil, 204, nil) }

// ConsumerGroups lists the consumer groups of an environment.
func (c *Cortex) ConsumerGroups(environmentID string) []ConsumerGroup {
	return list[ConsumerGroup](c, "/environments/"+environmentID+"/consumers/groups")
}

// ConsumerGroup finds one consumer group; ok is false when Cortex says that it is not there.
func (c *Cortex) ConsumerGroup(id string) (group ConsumerGroup, ok bool) {
	return read[ConsumerGroup](c, "/consumers/groups/"+id)
}

// CreateConsumerGroup creates a consumer group. Cortex wants the field name.
func (c *Cortex) CreateConsumerGroup(environmentID string, fields map[string]any) ConsumerGroup {
	return create[ConsumerGroup](c, "/consumers/groups", inEnvironment(environmentID, fields))
}

// UpdateConsumerGroup changes the fields that are given, and clears properties if they are not.
func (c *Cortex) UpdateConsumerGroup(id string, change map[string]any) ConsumerGroup {
	return update[ConsumerGroup](c, "/consumers/groups/"+id, change)
}

// DeleteConsumerGroup deletes a consumer group, and with it the memberships in it.
func (c *Cortex) DeleteConsumerGroup(id string) {
	c.do("DELETE", "/consumers/groups/"+id, nil, 204, nil)
}

// AddMember puts a consumer into a group of its environment.
func (c *Cortex) AddMember(groupID, consumerID string) {
	c.do("POST", "/consumers/groups/"+groupID+"/members", map[string]any{"consumer_id": consumerID}, 200, nil)
}

// RemoveMember takes a consumer out of a group.
func (c *Cortex) RemoveMember(groupID, consumerID string) {
	c.do("DELETE", "/consumers/groups/"+groupID+"/members/"+consumerID, nil, 200, nil)
}

// inEnvironment is the body of a create.
func inEnvironment(id string, fields map[string]any) map[string]any {
	return with("environment_id", id, fields)
}

func with(field, id string, fields map[string]any) map[string]any {
	body := map[string]any{field: id}
	maps.Copy(body, fields)
	return body
}
