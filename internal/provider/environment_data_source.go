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

var _ datasource.DataSourceWithConfigure = (*environmentDataSource)(nil)

type environmentDataSource struct{ client *client.Client }

// NewEnvironmentDataSource returns the data source cortex_environment.
func NewEnvironmentDataSource() datasource.DataSource { return &environmentDataSource{} }

func (d *environmentDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_environment"
}

func (d *environmentDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := environmentDataAttributes()
	attributes["id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "UUID to look for, in lower case and with hyphens. Either this or both `workspace_id` and `name` are required.",
		Validators: []validator.String{
			check("a UUID in canonical form", validUUID),
			stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
			stringvalidator.ConflictsWith(path.MatchRoot("workspace_id")),
		},
	}
	attributes["workspace_id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "UUID of the workspace to look in, in lower case and with hyphens. Required with `name`.",
		Validators:          []validator.String{check("a UUID in canonical form", validUUID)},
	}
	attributes["name"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Name to look for in the workspace, exactly as Cortex has it.",
		Validators: []validator.String{
			check("a name of 1 to 1,024 characters without NUL", validName),
			stringvalidator.AlsoRequires(path.MatchRoot("workspace_id")),
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads one environment, found by its id or by its name in a workspace. None, or several of one name, is an error that " +
			"lists what there is.",
		Attributes: attributes,
	}
}

func (d *environmentDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *environmentDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config environmentModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	what := "find " + config.label()
	if config.ID.IsNull() {
		what += " in workspace " + config.WorkspaceID.ValueString()
	}
	found, err := d.find(ctx, config)
	if err != nil {
		resp.Diagnostics.Append(cannot(what, err))
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, newEnvironmentModel(found))...)
}

func (d *environmentDataSource) find(ctx context.Context, config environmentModel) (client.Environment, error) {
	if !config.ID.IsNull() {
		return d.client.Environments.Get(ctx, "", config.ID.ValueString())
	}
	all, err := d.client.Environments.List(ctx, config.WorkspaceID.ValueString())
	if err != nil {
		return client.Environment{}, err
	}
	return exactlyOne(withName(all, config.Name.ValueString()), all, "environment")
}

// environmentDataAttributes is the data that every data source gives of an environment.
func environmentDataAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":           schema.StringAttribute{Computed: true, MarkdownDescription: "UUID of the environment."},
		"workspace_id": schema.StringAttribute{Computed: true, MarkdownDescription: "UUID of the workspace that holds the environment."},
		"name":         schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the environment."},
		"description":  schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the environment; may be empty."},
		"created_at":   schema.StringAttribute{Computed: true, MarkdownDescription: createdAtDescription},
		"updated_at":   schema.StringAttribute{Computed: true, MarkdownDescription: updatedAtDescription},
	}
}
