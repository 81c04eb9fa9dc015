package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type workspaceModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
	protectionModel
}

func (m workspaceModel) object() client.Workspace {
	return client.Workspace{
		ID:          m.ID.ValueString(),
		Name:        m.Name.ValueString(),
		Description: m.Description.ValueString(),
	}
}

func (m workspaceModel) with(w client.Workspace) workspaceModel {
	return workspaceModel{
		ID: text(w.ID), Name: text(w.Name), Description: optionalText(m.Description, w.Description),
		CreatedAt: text(w.CreatedAt), UpdatedAt: text(w.UpdatedAt), protectionModel: m.imported(),
	}
}

func workspaceKind() kind[client.Workspace, workspaceModel] {
	return kind[client.Workspace, workspaceModel]{
		about: about{
			noun:     "workspace",
			retires:  true,
			key:      "name",
			identity: []string{"id"},
			one:      "Reads one workspace, found by its id or by its name. None, or several of one name, is an error that lists what there is.",
			all:      "Lists all workspaces.",
			keyHint:  "For use in `for_each`: `{ for w in data.cortex_workspaces.all.workspaces : w.name => w }`.",
		},
		objects: func(c *client.Client) objects[client.Workspace] { return c.Workspaces },
		schema:  workspaceSchema,
		remove:  removeWorkspace,
	}
}

func workspaceSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A workspace: the container for everything that one tenant, team or project has in Cortex. Its environments are " +
			"managed by `cortex_environment`.\n\n" +
			"A workspace that holds an environment unknown to Terraform is not deleted, unless `force_destroy` is set.",
		Attributes: map[string]schema.Attribute{
			"id": idAttribute("workspace"),
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: nameDescription("workspace", ""),
				Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"description":         optionalTextAttribute("Description; null when there is none."),
			"created_at":          createdAtAttribute(),
			"updated_at":          updatedAtAttribute(),
			"deletion_protection": deletionProtectionAttribute("workspace", workspaceProtection),
			"force_destroy":       forceDestroyAttribute("workspace", workspaceContent),
			"retire_undeletable":  retireUndeletableAttribute("workspace", workspaceUndeletable),
		},
	}
}

// removeWorkspace deletes a workspace, with force what is in it as well: one thing after the other, since Cortex never answers an
// environment's request that meets the deletion of its workspace.
func removeWorkspace(ctx context.Context, r *removal, w client.Workspace) (diags diag.Diagnostics) {
	name := label("workspace", w.Name, w.ID)
	environments, err := r.client.Environments.ListNow(ctx, w.ID)
	switch {
	case client.IsGone(err, "workspace", w.ID):
		return nil
	case err != nil:
		return r.unchecked(name, err, false)
	}
	var content []client.Attached
	for _, e := range environments {
		if !e.Ref().IsRetired() || !r.retire {
			content = append(content, client.Attached{Noun: "environment", ID: e.ID, Name: e.Name})
		}
	}
	if len(content) > 0 && !r.force {
		return diag.Diagnostics{occupied(name, content)}
	}
	for _, e := range environments {
		if diags.Append(removeEnvironment(ctx, r, e)...); diags.HasError() {
			return diags
		}
	}
	if r.retire && len(environments) > 0 {
		left, err := r.client.Environments.ListNow(ctx, w.ID)
		switch {
		case err != nil:
			return append(diags, r.unchecked(name, err, false)...)
		case len(left) > 0:
			return append(diags, r.retireWorkspace(ctx, w, left)...)
		}
	}
	if err := r.client.Workspaces.Delete(ctx, w.Ref()); err != nil {
		diags.Append(r.undeleted(cannotStill("delete "+name, err), err)...)
	}
	return diags
}

// retireWorkspace retires a workspace that nothing keeps but retired environments.
func (r *removal) retireWorkspace(ctx context.Context, w client.Workspace, left []client.Environment) diag.Diagnostics {
	name := label("workspace", w.Name, w.ID)
	var content []client.Attached
	for _, e := range left {
		if !e.Ref().IsRetired() { // somebody made it meanwhile
			content = append(content, client.Attached{Noun: "environment", ID: e.ID, Name: e.Name})
		}
	}
	if len(content) > 0 {
		return r.failed(occupied(name, content))
	}
	retired, err := r.client.RetireWorkspace(ctx, w)
	if err != nil {
		return r.failed(cannotStill("retire "+name, err))
	}
	return diag.Diagnostics{retiredWarning("workspace", name, retired.Name, workspaceUndeletable)}
}
