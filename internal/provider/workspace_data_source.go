package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*workspaceDataSource)(nil)

type workspaceDataSource struct{ client *client.Client }

// NewWorkspaceDataSource returns the data source cortex_workspace.
func NewWorkspaceDataSource() datasource.DataSource { return &workspaceDataSource{} }

func (d *workspaceDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspace"
}

func (d *workspaceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := workspaceDataAttributes()
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "UUID to look for, in lower case and with hyphens. Either this or `name` is required.",
		Validators: []validator.String{
			check("a UUID in canonical form", validUUID),
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
		},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Name to look for, exactly as Cortex has it. Either this or `id` is required.",
		Validators:          []validator.String{check("a name of 1 to 1,024 characters without NUL", validName)},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one workspace, found by its id or by its name. None, or several of one name, is an error that lists what there is.",
		Attributes:          attributes,
	}
}

func (d *workspaceDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *workspaceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config workspaceModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	found, err := d.find(ctx, config)
	if err != nil {
		resp.Diagnostics.Append(cannot("find "+config.label(), err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, newWorkspaceModel(found))...)
}

func (d *workspaceDataSource) find(ctx context.Context, config workspaceModel) (client.Workspace, error) {
	if !config.ID.IsNull() {
		return d.client.Workspaces.Get(ctx, "", config.ID.ValueString())
	}
	all, err := d.client.Workspaces.List(ctx, "")
	if err != nil {
		return client.Workspace{}, err
	}
	return exactlyOne(withName(all, config.Name.ValueString()), all, "workspace")
}

// workspaceDataAttributes is the data that every data source gives of a workspace.
func workspaceDataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "UUID of the workspace."},
		"name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the workspace."},
		"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the workspace; null when it has none."},
		"created_at":  schema.StringAttribute{Computed: true, MarkdownDescription: createdAtDescription},
		"updated_at":  schema.StringAttribute{Computed: true, MarkdownDescription: updatedAtDescription},
	}
}
