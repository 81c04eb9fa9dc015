package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var _ list.ListResourceWithConfigure = (*environmentListResource)(nil)

type environmentListResource struct{ client *client.Client }

type environmentListModel struct {
	WorkspaceID types.String `tfsdk:"workspace_id"`
	NameRegex   types.String `tfsdk:"name_regex"`
}

// NewEnvironmentListResource returns the list resource cortex_environment.
func NewEnvironmentListResource() list.ListResource { return &environmentListResource{} }

func (r *environmentListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

func (r *environmentListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds environments for `terraform query` (Terraform 1.14 or newer), sorted by the name of their workspace, then by " +
			"their own, then by id.",
		Attributes: map[string]schema.Attribute{
			"workspace_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "UUID of the workspace to list, in lower case and with hyphens. Without it, the environments of all " +
					"workspaces are listed, with one request for each workspace until there are as many as `limit` asks for.",
				Validators: []validator.String{check("a UUID in canonical form", validUUID)},
			},
			"name_regex": nameRegexAttribute("environment"),
		},
	}
}

func (r *environmentListResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

func (r *environmentListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config environmentListModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	listInto(stream, req, config.NameRegex, func(results *listResults) diag.Diagnostics {
		if config.WorkspaceID.IsNull() {
			return r.everywhere(ctx, results)
		}
		return r.in(ctx, config.WorkspaceID.ValueString(), results)
	})
}

// in finds the environments of one workspace.
func (r *environmentListResource) in(ctx context.Context, workspaceID string, results *listResults) diag.Diagnostics {
	all, err := r.client.Environments.List(ctx, workspaceID)
	if err != nil {
		return diag.Diagnostics{cannot("list the environments of workspace "+workspaceID, err)}
	}
	for _, environment := range all {
		if !results.add(ctx, environment.Ref(), environment.Name, importedEnvironment(environment)) {
			break
		}
	}
	return nil
}

// everywhere finds the environments of all workspaces. The display name says which one each is in.
func (r *environmentListResource) everywhere(ctx context.Context, results *listResults) diag.Diagnostics {
	workspaces, err := r.client.Workspaces.List(ctx, "")
	if err != nil {
		return diag.Diagnostics{cannot("list the workspaces", err)}
	}
	at := 0
	for in, err := range r.client.Environments.ListEach(ctx, ids(workspaces)) {
		workspace := workspaces[at]
		at++
		if err != nil {
			return diag.Diagnostics{cannot("list the environments of "+label("workspace", workspace.Name, workspace.ID), err)}
		}
		for _, environment := range in.Objects { // none where the workspace was deleted since it was listed
			if !results.add(ctx, environment.Ref(), workspace.Name+"/"+environment.Name, importedEnvironment(environment)) {
				return nil
			}
		}
	}
	return nil
}
