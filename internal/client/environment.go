package client

// Environment is a scoped context in one workspace, for ever in the same one.
type Environment struct {
	ID          string `json:"id,omitempty"`
	WorkspaceID string `json:"workspace_id"`
	Name        string `json:"name"`
	// Description is always sent: Cortex fills an absent one and a null one with two different texts.
	Description string `json:"description"`
	// CreatedAt and UpdatedAt carry no time zone: Cortex gives its database's local time.
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

var environments = kind{noun: "environment", container: "workspace", key: "name", create: "/environments",
	list: "/environments?workspace_id={scope}", item: "/environments/{id}", remembers: true}

// Ref implements Object.
func (e Environment) Ref() Ref { return Ref{ID: e.ID, Scope: e.WorkspaceID, Name: e.Name} }

func (e Environment) complete() bool {
	return e.WorkspaceID != "" && e.CreatedAt != "" && e.UpdatedAt != ""
}
