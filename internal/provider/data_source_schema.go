package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// dataSourceTables shows the tables of a data source.
type dataSourceTables struct{ client *client.Client }

type dataSourceTablesModel struct {
	DataSourceID types.String `tfsdk:"data_source_id"`
	Tables       []tableModel `tfsdk:"tables"`
}

type tableModel struct {
	Name        string            `tfsdk:"name"`
	Columns     []columnModel     `tfsdk:"columns"`
	PrimaryKeys []string          `tfsdk:"primary_keys"`
	ForeignKeys []foreignKeyModel `tfsdk:"foreign_keys"`
}

type columnModel struct {
	Name         string  `tfsdk:"name"`
	Type         *string `tfsdk:"type"`
	MaxLength    *int64  `tfsdk:"max_length"`
	Precision    *int64  `tfsdk:"precision"`
	Scale        *int64  `tfsdk:"scale"`
	Nullable     *bool   `tfsdk:"nullable"`
	DefaultValue *string `tfsdk:"default_value"`
}

type foreignKeyModel struct {
	Column           string `tfsdk:"column"`
	ReferencedTable  string `tfsdk:"referenced_table"`
	ReferencedColumn string `tfsdk:"referenced_column"`
}

func (d *dataSourceTables) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "cortex_data_source_schema"
}

func (d *dataSourceTables) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Shows the tables of a data source, for `for_each` and for checks. A database that Cortex cannot use is an error; " +
			"`cortex_data_source_status` tells that without one." + connecting,
		Attributes: map[string]schema.Attribute{
			"data_source_id": schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the data source, in lower case and with hyphens."},
			"tables": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The tables that Cortex's user sees, sorted by name; views are not among them. For use in `for_each`: " +
					"`{ for t in data.cortex_data_source_schema.sales.tables : t.name => t }`.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": text("Name."),
					"columns": schema.ListNestedAttribute{
						Computed: true, MarkdownDescription: "The columns, in their order.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"name":          text("Name."),
							"type":          text("Type, in upper case and without its length: `VARCHAR`; null when Cortex does not say it (0.0.1a4, of SQLite)."),
							"max_length":    number("Length that a text may have; null when the type has none."),
							"precision":     number("Digits of a number; null when the type has none."),
							"scale":         number("Digits behind the point; null when the type has none."),
							"nullable":      schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it may be null."},
							"default_value": text("Default, if Cortex shows one."),
						}},
					},
					"primary_keys": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Names of the columns of the primary key."},
					"foreign_keys": schema.ListNestedAttribute{
						Computed: true, MarkdownDescription: "Columns that refer to those of other tables.",
						NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
							"column":            text("Name of the column."),
							"referenced_table":  text("Name of the table that it refers to."),
							"referenced_column": text("Name of the column there."),
						}},
					},
				}},
			},
		},
	}
}

func (d *dataSourceTables) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *dataSourceTables) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m dataSourceTablesModel
	var id types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("data_source_id"), &id)...)
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, "data_source_id")...)
	if resp.Diagnostics.HasError() {
		return
	}
	tables, err := d.client.Tables(ctx, id.ValueString())
	if err != nil {
		resp.Diagnostics.Append(unanswered("read the tables of "+label("data source", "", id.ValueString()), err))
		return
	}
	m.DataSourceID, m.Tables = id, []tableModel{}
	for _, t := range tables {
		table := tableModel{Name: t.Name, Columns: []columnModel{}, PrimaryKeys: append([]string{}, t.PrimaryKeys...), ForeignKeys: []foreignKeyModel{}}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, columnModel{c.Name, optionalText(types.StringNull(), c.Type).ValueStringPointer(), c.MaxLength, c.Precision, c.Scale, c.Nullable, c.Default})
		}
		for _, keys := range t.ForeignKeys {
			for _, k := range keys.Relations {
				table.ForeignKeys = append(table.ForeignKeys, foreignKeyModel(k))
			}
		}
		m.Tables = append(m.Tables, table)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
