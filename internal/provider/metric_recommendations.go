package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// metricRecommendations asks Cortex which metrics it recommends for a data source.
type metricRecommendations struct{ client *client.Client }

type metricRecommendationsModel struct {
	EnvironmentID types.String        `tfsdk:"environment_id"`
	DataSourceID  types.String        `tfsdk:"data_source_id"`
	DataModelID   types.String        `tfsdk:"data_model_id"`
	Include       map[string][]string `tfsdk:"include"`
	Exclude       map[string][]string `tfsdk:"exclude"`
	MetricTypes   []string            `tfsdk:"metric_types"`
	TimeWindows   []int64             `tfsdk:"time_windows"`
	Grains        []string            `tfsdk:"grains"`
	Metrics       types.Map           `tfsdk:"metrics"`
}

func (d *metricRecommendations) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "cortex_metric_recommendations"
}

func (d *metricRecommendations) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	columns := func(description string) schema.MapAttribute {
		return schema.MapAttribute{
			Optional: true, ElementType: types.ListType{ElemType: types.StringType},
			MarkdownDescription: description + " Columns by table; an empty list is all of a table. Release 0.0.1a7 or newer.",
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Shows the metrics that Cortex itself recommends for a data source, after a look at its tables. None of them is made; each has the attributes of a " +
			"`cortex_metric`. Filters by date move with the day." + connecting,
		Attributes: map[string]schema.Attribute{
			"data_source_id": schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the data source, in lower case and with hyphens."},
			"data_model_id":  schema.StringAttribute{Required: true, MarkdownDescription: "UUID of a data model of the same environment, in lower case and with hyphens."},
			"environment_id": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "UUID of the environment of both, in lower case and with hyphens. It is found out where it is not said.",
			},
			"include":      columns("What to recommend metrics for; everything without it."),
			"exclude":      columns("What to recommend no metrics for."),
			"metric_types": listed("Kinds of metrics: `count`, `sum`, `avg`, `min`, `max`, `count_distinct`, `boolean`; all without it. Release 0.0.1a7 or newer."),
			"time_windows": schema.ListAttribute{
				Optional: true, ElementType: types.Int64Type,
				MarkdownDescription: "Days to look back. Defaults to `[30]`. Release 0.0.1a7 or newer.",
				Validators:          []validator.List{listvalidator.SizeAtLeast(1), listvalidator.ValueInt64sAre(int64validator.Between(0, 36500))},
			},
			"grains": listed("Intervals to group times by; `day`, `week`, `month`, `quarter` and `year` without it. Release 0.0.1a7 or newer."),
			"metrics": schema.MapNestedAttribute{
				Computed: true,
				MarkdownDescription: "The metrics by table and name, such as `orders: Count`, as `for_each` takes them. Cortex recommends several of one name: the key is a name of " +
					"which there is one, and where a table has several, all but the first of them have a number behind it.",
				NestedObject: schema.NestedAttributeObject{Attributes: recommendedAttributes()},
			},
		},
	}
}

func listed(description string) schema.ListAttribute {
	return schema.ListAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: description, Validators: []validator.List{listvalidator.SizeAtLeast(1)}}
}

// recommendedAttributes are those of a metric that has not been made.
func recommendedAttributes() map[string]schema.Attribute {
	attributes := metricKind().dataAttributes()
	for _, name := range []string{"id", "environment_id", "version", "created_at", "updated_at"} {
		delete(attributes, name)
	}
	return attributes
}

func (d *metricRecommendations) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *metricRecommendations) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m metricRecommendationsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, "data_source_id", "data_model_id", "environment_id")...)
	if resp.Diagnostics.HasError() {
		return
	}
	what := "ask for recommendations for " + label("data source", "", m.DataSourceID.ValueString())
	if m.EnvironmentID.IsNull() {
		model, err := d.client.DataModels.Find(ctx, m.DataModelID.ValueString())
		if err != nil {
			resp.Diagnostics.Append(cannot(what, err))
			return
		}
		m.EnvironmentID = text(model.EnvironmentID)
	}
	of := client.Recommending{EnvironmentID: m.EnvironmentID.ValueString(), DataSourceID: m.DataSourceID.ValueString(), DataModelID: m.DataModelID.ValueString(),
		MetricTypes: m.MetricTypes, TimeWindows: m.TimeWindows, Grains: m.Grains}
	of.Select.Include, of.Select.Exclude = m.Include, m.Exclude
	recommended, err := d.client.RecommendMetrics(ctx, of)
	if err != nil {
		resp.Diagnostics.Append(unanswered(what, err))
		return
	}
	object := schema.NestedAttributeObject{Attributes: recommendedAttributes()}.Type()
	values := map[string]tftypes.Value{}
	for _, metric := range recommended {
		imported, diags := metricKind().imported(ctx, metricSchema(), metric)
		resp.Diagnostics.Append(diags...)
		value, err := only(object.TerraformType(ctx), imported.Raw)
		if err != nil {
			resp.Diagnostics.AddError("Cannot show metric "+metric.Name, sentence(err))
			return
		}
		values[free(values, string(metric.TableName)+": "+metric.Name)] = value
	}
	byKey := types.MapType{ElemType: object}
	all, err := byKey.ValueFromTerraform(ctx, tftypes.NewValue(byKey.TerraformType(ctx), values))
	if err != nil {
		resp.Diagnostics.AddError("Cannot show what is recommended", sentence(err))
		return
	}
	m.Metrics, _ = all.(types.Map)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// free returns a key that a map does not have: the wanted one, if it can be.
func free[V any](of map[string]V, wanted string) string {
	key := wanted
	for n := 2; ; n++ {
		if _, taken := of[key]; !taken {
			return key
		}
		key = fmt.Sprintf("%s %d", wanted, n)
	}
}
