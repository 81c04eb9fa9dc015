package provider

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// metricResult runs a metric.
type metricResult struct{ client *client.Client }

type metricResultModel struct {
	MetricID   types.String  `tfsdk:"metric_id"`
	Parameters types.String  `tfsdk:"parameters"`
	Limit      types.Int64   `tfsdk:"limit"`
	Rows       types.Dynamic `tfsdk:"rows"`
	Columns    []string      `tfsdk:"columns"`
	Query      types.String  `tfsdk:"query"`
	DurationMS types.Float64 `tfsdk:"duration_ms"`
}

func (d *metricResult) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "cortex_metric_result"
}

func (d *metricResult) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Runs a metric and shows its rows, for `check` blocks, postconditions and tests. A run that fails is an error with Cortex's words." + connecting,
		Attributes: map[string]schema.Attribute{
			"metric_id": schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the metric, in lower case and with hyphens."},
			"parameters": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Values of the metric's parameters, a JSON object. Write it as `jsonencode({…})`. Cortex puts each as it is where the metric has `$CORTEX_` " +
					"and its name, and knows neither defaults nor what is required.",
				Validators: []validator.String{check("a JSON object", validJSONObject)},
			},
			"limit": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many rows there are at most. Without it, as many as the metric's own `limit` says.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
			"rows": schema.DynamicAttribute{
				Computed:            true,
				MarkdownDescription: "The rows, a list of objects with an attribute for each measure and dimension: `rows[0].revenue`.",
			},
			"columns": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names of the columns, measures before dimensions; none where there are no rows.",
			},
			"query":       schema.StringAttribute{Computed: true, MarkdownDescription: "The SQL that Cortex made of the metric."},
			"duration_ms": schema.Float64Attribute{Computed: true, MarkdownDescription: "How long it took, in milliseconds, as Cortex measured it."},
		},
	}
}

func (d *metricResult) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *metricResult) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m metricResultModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, "metric_id")...)
	if resp.Diagnostics.HasError() {
		return
	}
	what := "run " + label("metric", "", m.MetricID.ValueString())
	got, err := d.client.RunMetric(ctx, m.MetricID.ValueString(), client.Run{Parameters: jsonValue(m.Parameters), Limit: m.Limit.ValueInt64Pointer()})
	var failed *client.RunError
	switch {
	case errors.As(err, &failed):
		detail := "Cortex answered: " + sentence(failed)
		if failed.Query != "" {
			detail += "\n\nThe query was:\n" + failed.Query
		}
		resp.Diagnostics.Append(diag.NewErrorDiagnostic("Cannot "+what, detail))
		return
	case err != nil:
		resp.Diagnostics.Append(unanswered(what, err))
		return
	}
	m.Rows, m.Columns, m.Query, m.DurationMS = types.DynamicValue(rowsOf(got.Rows)), append([]string{}, got.Columns...), types.StringValue(got.Query), types.Float64Value(got.Duration)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// rowsOf returns rows as a list of objects.
func rowsOf(rows []map[string]any) attr.Value {
	of := map[string]attr.Type{} // what is null in a row has the type that it has in others
	for _, row := range rows {
		for name, value := range row {
			if value != nil {
				of[name] = rowValue(value).Type(context.Background())
			}
		}
	}
	var objects []attr.Value
	for _, row := range rows {
		values := map[string]attr.Value{}
		for name, value := range row {
			values[name] = rowValue(value)
			if kind, ok := of[name]; value == nil && ok {
				values[name] = nullOf(kind)
			}
		}
		objects = append(objects, objectOf(values))
	}
	return listOf(objects)
}

func objectOf(values map[string]attr.Value) attr.Value {
	is := map[string]attr.Type{}
	for name, value := range values {
		is[name] = value.Type(context.Background())
	}
	return types.ObjectValueMust(is, values)
}

// listOf returns objects as a list. Where they have several types, it is a tuple.
func listOf(objects []attr.Value) attr.Value {
	if len(objects) == 0 {
		return types.ListValueMust(types.ObjectType{AttrTypes: map[string]attr.Type{}}, objects)
	}
	var all []attr.Type
	uniform := true
	for _, object := range objects {
		all = append(all, object.Type(context.Background()))
		uniform = uniform && all[0].Equal(all[len(all)-1])
	}
	if uniform {
		return types.ListValueMust(all[0], objects)
	}
	return types.TupleValueMust(all, objects)
}

// rowValue is a value of a row; what is no plain value is JSON.
func rowValue(value any) attr.Value {
	switch value := value.(type) {
	case nil:
		return types.StringNull()
	case bool:
		return types.BoolValue(value)
	case json.Number:
		number, _, err := big.ParseFloat(value.String(), 10, 512, big.ToNearestEven)
		if err == nil {
			return types.NumberValue(number)
		}
	case string:
		return text(value)
	}
	return types.StringValue(jsonOf(value))
}

func nullOf(kind attr.Type) attr.Value {
	switch kind.(type) {
	case basetypes.BoolType:
		return types.BoolNull()
	case basetypes.NumberType:
		return types.NumberNull()
	}
	return types.StringNull()
}
