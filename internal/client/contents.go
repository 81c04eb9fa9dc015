package client

import "context"

// Attached is an object that hangs on an environment.
type Attached struct {
	Noun string // "data source", "consumer", "consumer group", "data model", "metric", "dashboard"
	ID   string
	Name string
}

// Contents lists what hangs on an environment, in the order in which it can be deleted. Data models that were deleted
// already are left out: Cortex keeps their rows for ever.
func (c *Client) Contents(ctx context.Context, environmentID string) ([]Attached, error) { panic("todo") }

// DeleteAttached deletes one of Contents; one that is gone already is no error.
func (c *Client) DeleteAttached(ctx context.Context, environmentID string, a Attached) error { panic("todo") }
