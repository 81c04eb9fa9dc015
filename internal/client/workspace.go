package client

// Workspace is the top-level container of a tenant or project.
type Workspace struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
	// Description is nil for a workspace made without one; it cannot become nil again, the nearest is "".
	Description *string `json:"description,omitempty"`
	// CreatedAt and UpdatedAt carry no time zone: Cortex gives its database's local time.
	CreatedAt string `json:"created_at,omitempty"`
	UpdatedAt string `json:"updated_at,omitempty"`
}

// WorkspacePatch holds what an update changes; nil keeps the value. Cortex merges, and sets updated_at every time.
type WorkspacePatch struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// Ref implements Object.
func (w Workspace) Ref() Ref { return Ref{ID: w.ID, Name: w.Name} }

// Fulfils implements Object. No description and an empty one are the same to the provider.
func (w Workspace) Fulfils(want Workspace) bool {
	return w.Name == want.Name && deref(w.Description) == deref(want.Description)
}

func (w Workspace) complete() bool { return w.CreatedAt != "" && w.UpdatedAt != "" }

// NewName implements Patch.
func (p WorkspacePatch) NewName() *string { return p.Name }

// FulfilledBy implements Patch.
func (p WorkspacePatch) FulfilledBy(w Workspace) bool {
	return (p.Name == nil || *p.Name == w.Name) && (p.Description == nil || *p.Description == deref(w.Description))
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
