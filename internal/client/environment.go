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

// EnvironmentPatch holds what an update changes; nil keeps the value. Cortex merges, and sets updated_at every time.
// It has no workspace: Cortex ignores one and answers 200.
type EnvironmentPatch struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// Ref implements Object.
func (e Environment) Ref() Ref { return Ref{ID: e.ID, Scope: e.WorkspaceID, Name: e.Name} }

// Fulfils implements Object.
func (e Environment) Fulfils(want Environment) bool {
	return e.WorkspaceID == want.WorkspaceID && e.Name == want.Name && e.Description == want.Description
}

func (e Environment) complete() bool {
	return e.WorkspaceID != "" && e.CreatedAt != "" && e.UpdatedAt != ""
}

// NewName implements Patch.
func (p EnvironmentPatch) NewName() *string { return p.Name }

// FulfilledBy implements Patch.
func (p EnvironmentPatch) FulfilledBy(e Environment) bool {
	return (p.Name == nil || *p.Name == e.Name) && (p.Description == nil || *p.Description == e.Description)
}
