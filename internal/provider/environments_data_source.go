package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

var _ datasource.DataSourceWithConfigure = (*environmentsDataSource)(nil)

type environmentsDataSource struct{ client *client.Client }

type environmentsModel struct {
	WorkspaceID  types.String       `tfsdk:"workspace_id"`
	Environments []environmentModel `tfsdk:"environments"`
}

// NewEnvironmentsDataSource returns the data source cortex_environments.
func NewEnvironmentsDataSource() datasource.DataSource { return &environmentsDataSource{} }

func (d *environmentsDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environments"
}

func (d *environmentsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the environments of one workspace, or of all workspaces.",
		Attributes: map[string]schema.Attribute{
			"workspace_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "UUID of the workspace, in lower case and with hyphens. Without it the environments of all workspaces are " +
					"listed, which takes one request for each workspace.",
				Validators: []validator.String{check("a UUID in canonical form", validUUID)},
			},
			"environments": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The environments, sorted by name, then by id. For use in `for_each`: " +
					"`{ for e in data.cortex_environments.acme.environments : e.name => e }`. Names repeat across workspaces: there, " +
					"`e.id` or `\"${e.workspace_id}/${e.name}\"` is a key.",
				NestedObject: schema.NestedAttributeObject{Attributes: environmentDataAttributes()},
			},
		},
	}
}

func (d *environmentsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *environmentsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var state environmentsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &state)...); resp.Diagnostics.HasError() {
		return
	}
	what, list := "list the environments of workspace "+state.WorkspaceID.ValueString(), d.client.Environments.List
	if state.WorkspaceID.IsNull() {
		what, list = "list the environments of all workspaces", d.listAll
	}
	all, err := list(ctx, state.WorkspaceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(cannot(what, err))
		return
	}
	state.Environments = []environmentModel{} // an empty list, not null
	for _, environment := range all {
		state.Environments = append(state.Environments, newEnvironmentModel(environment))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, state)...)
}

// listAll lists the environments of every workspace.
func (d *environmentsDataSource) listAll(ctx context.Context, _ string) ([]client.Environment, error) {
	workspaces, err := d.client.Workspaces.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var all []client.Environment
	for in, err := range d.client.Environments.ListEach(ctx, ids(workspaces)) {
		if err != nil {
			return nil, err
		}
		all = append(all, in.Objects...) // none where the workspace was deleted since it was listed
	}
	slices.SortFunc(all, func(a, b client.Environment) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}
