package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Cortex's own defaults. They are always sent: Cortex fills an absent description and a null one with different texts.
const (
	defaultEnvironmentName        = "Development"
	defaultEnvironmentDescription = "Default environment for the workspace environment"
)

var (
	_ resource.ResourceWithConfigure   = (*environmentResource)(nil)
	_ resource.ResourceWithIdentity    = (*environmentResource)(nil)
	_ resource.ResourceWithImportState = (*environmentResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*environmentResource)(nil)
)

type environmentResource struct{ client *client.Client }

// environmentModel is what Cortex keeps of an environment. Resource, data sources and lists share it and its two mappings.
type environmentModel struct {
	ID          types.String `tfsdk:"id"`
	WorkspaceID types.String `tfsdk:"workspace_id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
}

// environmentResourceModel is the resource's plan and state.
type environmentResourceModel struct {
	environmentModel
	protectionModel
}

// newEnvironmentModel maps Cortex's environment to Terraform. Its description is never null; an empty one is a value.
func newEnvironmentModel(e client.Environment) environmentModel {
	return environmentModel{
		ID:          text(e.ID),
		WorkspaceID: text(e.WorkspaceID),
		Name:        text(e.Name),
		Description: text(e.Description),
		CreatedAt:   text(e.CreatedAt),
		UpdatedAt:   text(e.UpdatedAt),
	}
}

// object maps Terraform's environment to Cortex.
func (m environmentModel) object() client.Environment {
	return client.Environment{
		ID:          m.ID.ValueString(),
		WorkspaceID: m.WorkspaceID.ValueString(),
		Name:        m.Name.ValueString(),
		Description: m.Description.ValueString(),
	}
}

func (m environmentModel) label() string {
	return label("environment", m.Name.ValueString(), m.ID.ValueString())
}

// NewEnvironmentResource returns the resource cortex_environment.
func NewEnvironmentResource() resource.Resource { return &environmentResource{} }

func (r *environmentResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

func (r *environmentResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An environment of a workspace, such as development or production. Cortex attaches data sources, data models, " +
			"metrics, dashboards, consumers and consumer groups to environments.\n\n" +
			"An environment with something attached to it is not deleted, unless `force_destroy` is set. Where Cortex keeps its data in " +
			"PostgreSQL, one that ever had a data model cannot be deleted at all: Cortex keeps the rows of deleted data models.",
		Attributes: map[string]schema.Attribute{
			"id": idAttribute("environment"),
			"workspace_id": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "UUID of the workspace, in lower case and with hyphens, as the `id` of a `cortex_workspace` has it. An environment " +
					"cannot move: changing this deletes it and creates another.",
				Validators:    []validator.String{check("a UUID in canonical form", validUUID)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"name": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(defaultEnvironmentName),
				MarkdownDescription: "Name, 1 to 1,024 characters. It is kept exactly as given: case and blanks count. Changing it renames the " +
					"environment in place; a name that another environment of the workspace has is refused. Defaults to `" +
					defaultEnvironmentName + "`.",
				Validators: []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"description": schema.StringAttribute{
				Optional: true, Computed: true,
				Default: stringdefault.StaticString(defaultEnvironmentDescription),
				MarkdownDescription: "Description, which may be `\"\"`. It is changed in place; leaving it out brings the default back, which is Cortex's own: `" +
					defaultEnvironmentDescription + "`.",
				Validators: []validator.String{check("a text without NUL", validText)},
			},
			"created_at":          createdAtAttribute(),
			"updated_at":          updatedAtAttribute("name", "description"),
			"deletion_protection": deletionProtectionAttribute("environment"),
			"force_destroy": forceDestroyAttribute("environment",
				"data sources, data models, metrics, dashboards, consumers and consumer groups"),
		},
	}
}

func (r *environmentResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("environment")
}

func (r *environmentResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

func (r *environmentResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() {
		return
	}
	var plan, state environmentResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !state.DeletionProtection.ValueBool() {
		return
	}
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(protected("destroy", state.label()))
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if !plan.WorkspaceID.Equal(state.WorkspaceID) {
		resp.Diagnostics.Append(protected("replace", state.label()))
	}
}

func (r *environmentResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan environmentResourceModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	made, err := r.client.Environments.Create(ctx, plan.object())
	if err != nil {
		resp.Diagnostics.Append(cannot("create "+plan.label()+" in workspace "+plan.WorkspaceID.ValueString(), err))
		return
	}
	plan.environmentModel = newEnvironmentModel(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: plan.ID})...)
}

func (r *environmentResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state environmentResourceModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	// Before the request: a state without identity fails otherwise, even when the object is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: state.ID})...)
	got, err := read(ctx, resp.Private, func() (client.Environment, error) {
		return r.client.Environments.Get(ctx, state.WorkspaceID.ValueString(), state.ID.ValueString())
	})
	if client.IsGone(err, "environment", state.ID.ValueString()) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(cannot("read "+state.label(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, environmentResourceModel{newEnvironmentModel(got), state.imported()})...)
}

func (r *environmentResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state environmentResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: state.ID})...)
	patch := client.EnvironmentPatch{
		Name:        changed(state.Name.ValueString(), plan.Name.ValueString()),
		Description: changed(state.Description.ValueString(), plan.Description.ValueString()),
	}
	if patch != (client.EnvironmentPatch{}) {
		updated, err := r.client.Environments.Update(ctx, state.object(), patch)
		if err != nil {
			resp.Diagnostics.Append(cannot("update "+state.label(), err))
			return
		}
		got := newEnvironmentModel(updated)
		if !got.Name.Equal(plan.Name) || !got.Description.Equal(plan.Description) {
			resp.Diagnostics.Append(interfered(state.label()))
		}
		plan.environmentModel = got
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

func (r *environmentResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state environmentResourceModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	// A replacement that a person asked for (-replace, taint) reaches no plan of a destroy.
	if state.DeletionProtection.ValueBool() {
		resp.Diagnostics.Append(protected("delete", state.label()))
		return
	}
	resp.Diagnostics.Append(deleteEnvironment(ctx, r.client, state.environmentModel, state.ForceDestroy.ValueBool())...)
}

func (r *environmentResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importState(ctx, req, resp, "environment", "workspace_id", func(ctx context.Context, text string) (client.Environment, error) {
		return findEnvironment(ctx, r.client, text)
	})
}

// deleteEnvironment removes an environment, with force what is attached to it as well.
func deleteEnvironment(ctx context.Context, c *client.Client, e environmentModel, force bool) (diags diag.Diagnostics) {
	id := e.ID.ValueString()
	contents, err := c.Contents(ctx, id)
	switch {
	case client.IsGone(err, "environment", id):
		return nil
	case err != nil && !force:
		return diag.Diagnostics{unchecked(e.label(), err)}
	case err != nil:
		diags.AddWarning("What is in "+e.label()+" is not known",
			"force_destroy is set, so the environment is deleted all the same. What was attached to it may stay behind in Cortex's "+
				"database.\n\n"+err.Error())
	case len(contents) > 0 && !force:
		return diag.Diagnostics{occupied(e.label(), contents)}
	}
	for _, attached := range contents {
		if err := c.DeleteAttached(ctx, id, attached); err != nil {
			diags.Append(cannot("delete "+label(attached.Noun, attached.Name, attached.ID)+" of "+e.label(), err))
			return diags
		}
	}
	if err := c.Environments.Delete(ctx, id); err != nil {
		diags.Append(cannot("delete "+e.label(), err))
	}
	return diags
}
