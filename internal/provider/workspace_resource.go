package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var (
	_ resource.ResourceWithConfigure   = (*workspaceResource)(nil)
	_ resource.ResourceWithIdentity    = (*workspaceResource)(nil)
	_ resource.ResourceWithImportState = (*workspaceResource)(nil)
	_ resource.ResourceWithModifyPlan  = (*workspaceResource)(nil)
)

type workspaceResource struct{ client *client.Client }

// workspaceModel is what Cortex keeps of a workspace. Resource, data sources and lists share it and its two mappings.
type workspaceModel struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	CreatedAt   types.String `tfsdk:"created_at"`
	UpdatedAt   types.String `tfsdk:"updated_at"`
}

// workspaceResourceModel is the resource's plan and state.
type workspaceResourceModel struct {
	workspaceModel
	protectionModel
}

// newWorkspaceModel maps Cortex's workspace to Terraform. No description and an empty one are the same: null.
func newWorkspaceModel(w client.Workspace) workspaceModel {
	m := workspaceModel{ID: text(w.ID), Name: text(w.Name), CreatedAt: text(w.CreatedAt), UpdatedAt: text(w.UpdatedAt)}
	if w.Description != nil && *w.Description != "" {
		m.Description = text(*w.Description)
	}
	return m
}

// object maps Terraform's workspace to Cortex.
func (m workspaceModel) object() client.Workspace {
	return client.Workspace{
		ID:          m.ID.ValueString(),
		Name:        m.Name.ValueString(),
		Description: m.Description.ValueStringPointer(),
	}
}

func (m workspaceModel) label() string {
	return label("workspace", m.Name.ValueString(), m.ID.ValueString())
}

// NewWorkspaceResource returns the resource cortex_workspace.
func NewWorkspaceResource() resource.Resource { return &workspaceResource{} }

func (r *workspaceResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (r *workspaceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A workspace: the container for everything that one tenant, team or project has in Cortex. Its environments are " +
			"managed by `cortex_environment`.\n\n" +
			"A workspace that holds an environment unknown to Terraform is not deleted, unless `force_destroy` is set.",
		Attributes: map[string]schema.Attribute{
			"id": idAttribute("workspace"),
			"name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "Name, 1 to 1,024 characters. It is kept exactly as given: case and blanks count. Changing it renames the " +
					"workspace in place; a name that another workspace has is refused.",
				Validators: []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
			},
			"description": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Description. It is changed and removed in place; to remove it, leave it out: `\"\"` is refused.",
				Validators:          []validator.String{check("not empty and without NUL", validWorkspaceDescription)},
			},
			"created_at":          createdAtAttribute(),
			"updated_at":          updatedAtAttribute("name", "description"),
			"deletion_protection": deletionProtectionAttribute("workspace"),
			"force_destroy":       forceDestroyAttribute("workspace", "its environments and everything that is attached to them"),
		},
	}
}

func (r *workspaceResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identitySchema("workspace")
}

func (r *workspaceResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

func (r *workspaceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.State.Raw.IsNull() || !req.Plan.Raw.IsNull() {
		return
	}
	var state workspaceResourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if state.DeletionProtection.ValueBool() {
		resp.Diagnostics.Append(protected("destroy", state.label()))
	}
}

func (r *workspaceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan workspaceResourceModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	made, err := r.client.Workspaces.Create(ctx, plan.object())
	if err != nil {
		resp.Diagnostics.Append(cannot("create "+plan.label(), err))
		return
	}
	plan.workspaceModel = newWorkspaceModel(made)
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: plan.ID})...)
}

func (r *workspaceResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state workspaceResourceModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	// Before the request: a state without identity fails otherwise, even when the object is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: state.ID})...)
	got, err := read(ctx, resp.Private, func() (client.Workspace, error) {
		return r.client.Workspaces.Get(ctx, "", state.ID.ValueString())
	})
	if client.IsGone(err, "workspace", state.ID.ValueString()) {
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.Append(cannot("read "+state.label(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, workspaceResourceModel{newWorkspaceModel(got), state.imported()})...)
}

func (r *workspaceResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state workspaceResourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.Identity.Set(ctx, identityModel{ID: state.ID})...)
	patch := client.WorkspacePatch{
		Name:        changed(state.Name.ValueString(), plan.Name.ValueString()),
		Description: changed(state.Description.ValueString(), plan.Description.ValueString()),
	}
	if patch != (client.WorkspacePatch{}) {
		updated, err := r.client.Workspaces.Update(ctx, state.object(), patch)
		if err != nil {
			resp.Diagnostics.Append(cannot("update "+state.label(), err))
			return
		}
		got := newWorkspaceModel(updated)
		if !got.Name.Equal(plan.Name) || !got.Description.Equal(plan.Description) {
			resp.Diagnostics.Append(interfered(state.label()))
		}
		plan.workspaceModel = got
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, plan)...)
}

// Delete removes the workspace, and with force_destroy what is in it: one thing after the other, since Cortex never
// answers an environment's request that meets the deletion of its workspace.
func (r *workspaceResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state workspaceResourceModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	// A replacement that a person asked for (-replace, taint) reaches no plan of a destroy.
	if state.DeletionProtection.ValueBool() {
		resp.Diagnostics.Append(protected("delete", state.label()))
		return
	}
	id := state.ID.ValueString()
	environments, err := r.client.Environments.ListNow(ctx, id)
	if client.IsGone(err, "workspace", id) {
		return
	}
	if err != nil {
		resp.Diagnostics.Append(cannot("check whether "+state.label()+" is empty", err))
		return
	}
	if len(environments) > 0 && !state.ForceDestroy.ValueBool() {
		var content []client.Attached
		for _, e := range environments {
			content = append(content, client.Attached{Noun: "environment", ID: e.ID, Name: e.Name})
		}
		resp.Diagnostics.Append(occupied(state.label(), content))
		return
	}
	for _, environment := range environments {
		resp.Diagnostics.Append(deleteEnvironment(ctx, r.client, newEnvironmentModel(environment), true)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	if err := r.client.Workspaces.Delete(ctx, id); err != nil {
		resp.Diagnostics.Append(cannot("delete "+state.label(), err))
	}
}

func (r *workspaceResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	importState(ctx, req, resp, "workspace", "", func(ctx context.Context, text string) (client.Workspace, error) {
		return findWorkspace(ctx, r.client, text)
	})
}
