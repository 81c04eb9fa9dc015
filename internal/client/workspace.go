package client

// Workspace is the top-level container of a tenant or project.
type Workspace struct {
	ID          string `json:"id,omitempty"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// CreatedAt and UpdatedAt carry no time zone: Cortex gives its database's local time.
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

var workspaces = kind{noun: "workspace", key: "name", create: "/workspaces", list: "/workspaces", item: "/workspaces/{id}"}

// Ref implements Object.
func (w Workspace) Ref() Ref { return Ref{ID: w.ID, Name: w.Name} }

func (w Workspace) complete() bool { return w.CreatedAt != "" && w.UpdatedAt != "" }
