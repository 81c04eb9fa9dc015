package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Cortex's own defaults. They are always sent: Cortex fills an absent description and a null one with different texts.
const (
	defaultEnvironmentName        = "Development"
	defaultEnvironmentDescription = "Default environment for the workspace environment"
)

type environmentModel struct {
	ID          types.String `tfsdk:"id"`
	WorkspaceID types.String `tfsdk:"workspace_id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
	protectionModel
}

func (m environmentModel) object() client.Environment {
	return client.Environment{
		ID:          m.ID.ValueString(),
		WorkspaceID: m.WorkspaceID.ValueString(),
		Name:        m.Name.ValueString(),
		Description: m.Description.ValueString(),
	}
}

// with: the description is never null; an empty one is a value.
func (m environmentModel) with(e client.Environment) environmentModel {
	return environmentModel{
		ID: text(e.ID), WorkspaceID: text(e.WorkspaceID), Name: text(e.Name), Description: text(e.Description),
		CreatedAt: text(e.CreatedAt), UpdatedAt: text(e.UpdatedAt), protectionModel: m.imported(),
	}
}

func environmentKind() kind[client.Environment, environmentModel] {
	return kind[client.Environment, environmentModel]{
		about: about{
			noun:       "environment",
			in:         workspaceKind(),
			retires:    true,
			key:        "name",
			identity:   []string{"id"},
			references: map[string]string{"workspace_id": "workspace"},
			importHint: "an environment is imported by its id (a UUID), or by the id or name of its workspace and its own name with a slash between, " +
				"such as \"acme/Production\"",
			one: "Reads one environment, found by its id or by its name in a workspace. None, or several of one name, is an error that " +
				"lists what there is.",
			all: "Lists the environments of one workspace, or of all workspaces.",
			keyHint: "For use in `for_each`: `{ for e in data.cortex_environments.acme.environments : e.name => e }`. Names repeat across workspaces: " +
				"there, `e.id` or `\"${e.workspace_id}/${e.name}\"` is a key.",
		},
		objects: func(c *client.Client) objects[client.Environment] { return c.Environments },
		schema:  environmentSchema,
		remove:  removeEnvironment,
	}
}

func environmentSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "An environment of a workspace, such as development or production. Cortex attaches data sources, data models, " +
			"metrics, dashboards, consumers and consumer groups to environments.\n\n" +
			"An environment with something attached to it is not deleted, unless `force_destroy` is set. Where Cortex keeps its data in " +
			"PostgreSQL, one that ever had a data model cannot be deleted at all: Cortex keeps the rows of deleted data models. `retire_undeletable` " +
			"then retires it.",
		Attributes: map[string]schema.Attribute{
			"id":           idAttribute("environment"),
			"workspace_id": containerAttribute("environment", "workspace"),
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				Default:             stringdefault.StaticString(defaultEnvironmentName),
				MarkdownDescription: nameDescription("environment", " of the workspace") + " Defaults to `" + defaultEnvironmentName + "`.",
				Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"description": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(defaultEnvironmentDescription),
				MarkdownDescription: "Description, which may be `\"\"`. It is changed in place; leaving it out brings the default back, which is Cortex's own: `" +
					defaultEnvironmentDescription + "`.",
				Validators: []validator.String{check("a text without NUL", validText)},
			},
			"created_at":          createdAtAttribute(),
			"updated_at":          updatedAtAttribute(),
			"deletion_protection": deletionProtectionAttribute("environment", environmentProtection),
			"force_destroy": forceDestroyAttribute("environment",
				"data sources, data models, metrics, dashboards, consumers and consumer groups"),
			"retire_undeletable": retireUndeletableAttribute("environment", environmentUndeletable),
		},
	}
}

// removeEnvironment deletes an environment, with force what is attached to it as well.
func removeEnvironment(ctx context.Context, r *removal, e client.Environment) (diags diag.Diagnostics) {
	name := label("environment", e.Name, e.ID)
	contents, err := r.client.Contents(ctx, e.ID)
	switch {
	case client.IsGone(err, "environment", e.ID):
		return nil
	case err != nil && !(r.force && client.ClassOf(err) == client.Rejected):
		return r.unchecked(name, err, true)
	case len(contents) > 0 && !r.force:
		return diag.Diagnostics{occupied(name, contents)}
	}
	for _, a := range contents {
		attached := label(a.Noun, a.Name, a.ID)
		if err := r.client.DeleteAttached(ctx, e.ID, a); err != nil {
			return r.undeleted(cannot("delete "+attached+" of "+name, err), err)
		}
		r.deleted = append(r.deleted, attached)
	}
	if deleteErr := r.client.Environments.Delete(ctx, e.Ref()); client.Undeletable(deleteErr) && r.retire && err == nil {
		return r.retireEnvironment(ctx, e)
	} else if deleteErr != nil {
		return r.undeleted(cannotStill("delete "+name, deleteErr), deleteErr)
	}
	r.deleted = append(r.deleted, name)
	if err != nil {
		diags.AddWarning("It is not known whether all that was in "+name+" is deleted",
			"force_destroy is set, so the environment was deleted, although Cortex's database refuses to list all that was attached to it. What "+
				"could not be listed may have stayed behind there.\n\n"+sentence(err))
	}
	return diags
}

// retireEnvironment retires an environment that nothing keeps but rows of deleted data models.
func (r *removal) retireEnvironment(ctx context.Context, e client.Environment) diag.Diagnostics {
	name := label("environment", e.Name, e.ID)
	contents, err := r.client.Contents(ctx, e.ID)
	switch {
	case err != nil:
		return r.unchecked(name, err, false)
	case len(contents) > 0: // somebody made it meanwhile
		return r.failed(occupied(name, contents))
	}
	if e.Ref().IsRetired() {
		return nil // it still cannot go
	}
	retired, err := r.client.RetireEnvironment(ctx, e)
	if err != nil {
		return r.failed(cannotStill("retire "+name, err))
	}
	r.deleted = append(r.deleted, name)
	return diag.Diagnostics{retiredWarning("environment", name, retired.Name, environmentUndeletable)}
}
