package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var _ list.ListResourceWithConfigure = (*workspaceListResource)(nil)

type workspaceListResource struct{ client *client.Client }

type workspaceListModel struct {
	NameRegex types.String `tfsdk:"name_regex"`
}

// NewWorkspaceListResource returns the list resource cortex_workspace.
func NewWorkspaceListResource() list.ListResource { return &workspaceListResource{} }

func (r *workspaceListResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (r *workspaceListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds workspaces for `terraform query` (Terraform 1.14 or newer), sorted by name, then by id.",
		Attributes:          map[string]schema.Attribute{"name_regex": nameRegexAttribute("workspace")},
	}
}

func (r *workspaceListResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.client, _ = req.ProviderData.(*client.Client)
}

func (r *workspaceListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config workspaceListModel
	if diags := req.Config.Get(ctx, &config); diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	listInto(stream, req, config.NameRegex, func(results *listResults) diag.Diagnostics {
		all, err := r.client.Workspaces.List(ctx, "")
		if err != nil {
			return diag.Diagnostics{cannot("list the workspaces", err)}
		}
		for _, workspace := range all {
			if !results.add(ctx, workspace.Ref(), workspace.Name, importedWorkspace(workspace)) {
				break
			}
		}
		return nil
	})
}
