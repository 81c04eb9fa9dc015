package client

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Cortex keeps the rows of deleted data models for ever. In PostgreSQL these rows keep their environment from being deleted, and that its workspace.
// What cannot go is retired: it gets a name that nobody wants, so that its own is free again.

const retiredPrefix = "retired "

// IsRetired tells whether an environment or a workspace is retired: its name has its own id in it.
func (r Ref) IsRetired() bool {
	id, ok := strings.CutPrefix(r.Name, retiredPrefix)
	return ok && strings.EqualFold(id, r.ID)
}

// Undeletable tells whether err is the refusal of the database to delete an environment because of rows of data models.
func Undeletable(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Class == InUse && e.Table == "data_models"
}

// retiredDescription is that of what is retired.
func retiredDescription() string {
	return "Deleted on " + time.Now().UTC().Format(time.DateOnly) + " by Terraform. Cortex's database does not let it go, because it keeps rows of deleted data models."
}

// RetireEnvironment retires an environment.
func (c *Client) RetireEnvironment(ctx context.Context, e Environment) (Environment, error) {
	retired := e
	retired.Name, retired.Description = retiredPrefix+strings.ToLower(e.ID), retiredDescription()
	return c.Environments.Update(ctx, e, retired)
}

// RetireWorkspace is RetireEnvironment for a workspace.
func (c *Client) RetireWorkspace(ctx context.Context, w Workspace) (Workspace, error) {
	retired := w
	retired.Name, retired.Description = retiredPrefix+strings.ToLower(w.ID), retiredDescription()
	return c.Workspaces.Update(ctx, w, retired)
}
