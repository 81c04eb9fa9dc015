package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// dataSourceStatus asks whether Cortex can connect to a data source.
type dataSourceStatus struct{ client *client.Client }

type dataSourceStatusModel struct {
	DataSourceID types.String `tfsdk:"data_source_id"`
	OK           types.Bool   `tfsdk:"ok"`
	Error        types.String `tfsdk:"error"`
}

func (d *dataSourceStatus) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "cortex_data_source_status"
}

// connecting is what both data sources that have Cortex connect to a database share.
const connecting = " Cortex connects to the database for it, at each plan and apply that reads this: of an SQLite file that is missing it makes an empty one. " +
	"A database that takes the connection and stays silent is an error after the provider's `request_timeout`; it holds up a worker of Cortex for longer."

// unanswered is what is said of a database that keeps Cortex from answering.
func unanswered(what string, err error) diag.Diagnostic {
	var e *client.Error
	if !errors.As(err, &e) || !e.Timeout() {
		return cannot(what, err)
	}
	return diag.NewErrorDiagnostic("Cannot "+what, sentence(err)+"\n\nCortex answers other requests, so this is about the database: it seems to take connections and to stay silent. "+
		"Cortex waits for it without end, and one of its workers with it.")
}

func (d *dataSourceStatus) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks whether Cortex can connect to a data source, for `check` blocks and postconditions." + connecting,
		Attributes: map[string]schema.Attribute{
			"data_source_id": schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the data source, in lower case and with hyphens."},
			"ok":             schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether Cortex could connect."},
			"error": schema.StringAttribute{Computed: true, MarkdownDescription: "Why it could not, in the words of the database's driver and without the password; empty " +
				"when it could."},
		},
	}
}

func (d *dataSourceStatus) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *dataSourceStatus) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m dataSourceStatusModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, "data_source_id")...)
	if resp.Diagnostics.HasError() {
		return
	}
	connection, err := d.client.Ping(ctx, m.DataSourceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(unanswered("ask for the status of "+label("data source", "", m.DataSourceID.ValueString()), err))
		return
	}
	m.OK, m.Error = types.BoolValue(connection.OK), types.StringValue(connection.Error)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
