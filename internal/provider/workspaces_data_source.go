package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*workspacesDataSource)(nil)

type workspacesDataSource struct{ client *client.Client }

type workspacesModel struct {
	Workspaces []workspaceModel `tfsdk:"workspaces"`
}

// NewWorkspacesDataSource returns the data source cortex_workspaces.
func NewWorkspacesDataSource() datasource.DataSource { return &workspacesDataSource{} }

func (d *workspacesDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_workspaces"
}

func (d *workspacesDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists all workspaces.",
		Attributes: map[string]schema.Attribute{
			"workspaces": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The workspaces, sorted by name, then by id. For use in `for_each`: " +
					"`{ for w in data.cortex_workspaces.all.workspaces : w.name => w }`.",
				NestedObject: schema.NestedAttributeObject{Attributes: workspaceDataAttributes()},
			},
		},
	}
}

func (d *workspacesDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *workspacesDataSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	all, err := d.client.Workspaces.List(ctx, "")
	if err != nil {
		resp.Diagnostics.Append(cannot("list the workspaces", err))
		return
	}
	state := workspacesModel{Workspaces: []workspaceModel{}} // an empty list, not null
	for _, workspace := range all {
		state.Workspaces = append(state.Workspaces, newWorkspaceModel(workspace))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}
