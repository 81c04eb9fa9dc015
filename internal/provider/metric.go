package provider

import (
	"context"
	"encoding/json"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type metricModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	DataModelID   types.String `tfsdk:"data_model_id"`
	DataSourceID  types.String `tfsdk:"data_source_id"`
	Name          types.String `tfsdk:"name"`
	Alias         types.String `tfsdk:"alias"`
	Title         types.String `tfsdk:"title"`
	Description   types.String `tfsdk:"description"`
	Query         types.String `tfsdk:"query"`
	TableName     types.String `tfsdk:"table_name"`
	Measures      types.List   `tfsdk:"measures"`
	Dimensions    types.List   `tfsdk:"dimensions"`
	Joins         types.List   `tfsdk:"joins"`
	Filters       types.List   `tfsdk:"filters"`
	Aggregations  types.List   `tfsdk:"aggregations"`
	Order         types.List   `tfsdk:"order"`
	Limit         types.Int64  `tfsdk:"limit"`
	Grouped       types.Bool   `tfsdk:"grouped"`
	Ordered       types.Bool   `tfsdk:"ordered"`
	Parameters    types.Map    `tfsdk:"parameters"`
	Public        types.Bool   `tfsdk:"public"`
	Refresh       types.Object `tfsdk:"refresh"`
	Cache         types.Object `tfsdk:"cache"`
	Meta          types.String `tfsdk:"meta"`
	Version       types.Int64  `tfsdk:"version"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

func (m metricModel) object() client.Metric {
	return client.Metric{
		ID: m.ID.ValueString(), EnvironmentID: m.EnvironmentID.ValueString(), DataModelID: m.DataModelID.ValueString(),
		DataSourceID: client.Nullable(m.DataSourceID.ValueString()), Name: m.Name.ValueString(),
		Alias: client.Nullable(m.Alias.ValueString()), Title: client.Nullable(m.Title.ValueString()), Description: client.Nullable(m.Description.ValueString()),
		Query: client.Nullable(m.Query.ValueString()), TableName: client.Nullable(m.TableName.ValueString()),
		Measures: partOf("measures", m.Measures), Dimensions: partOf("dimensions", m.Dimensions), Joins: partOf("joins", m.Joins),
		Filters: partOf("filters", m.Filters), Aggregations: partOf("aggregations", m.Aggregations), Order: partOf("order", m.Order),
		Limit: m.Limit.ValueInt64Pointer(), Grouped: m.Grouped.ValueBool(), Ordered: m.Ordered.ValueBool(),
		Parameters: partOf("parameters", m.Parameters), Public: m.Public.ValueBool(), Refresh: partOf("refresh", m.Refresh), Cache: partOf("cache", m.Cache),
		Meta: jsonValue(m.Meta), Version: m.Version.ValueInt64(),
	}
}

func (m metricModel) with(got client.Metric) metricModel {
	return metricModel{
		ID: text(got.ID), EnvironmentID: text(got.EnvironmentID), DataModelID: text(got.DataModelID), DataSourceID: optionalText(m.DataSourceID, string(got.DataSourceID)),
		Name: text(got.Name), Alias: optionalText(m.Alias, string(got.Alias)), Title: optionalText(m.Title, string(got.Title)),
		Description: optionalText(m.Description, string(got.Description)), Query: optionalText(m.Query, string(got.Query)),
		TableName: optionalText(m.TableName, string(got.TableName)),
		Measures:  withPart("measures", m.Measures, got.Measures), Dimensions: withPart("dimensions", m.Dimensions, got.Dimensions),
		Joins: withPart("joins", m.Joins, got.Joins), Filters: withPart("filters", m.Filters, got.Filters),
		Aggregations: withPart("aggregations", m.Aggregations, got.Aggregations), Order: withPart("order", m.Order, got.Order),
		Limit: types.Int64PointerValue(got.Limit), Grouped: types.BoolValue(got.Grouped), Ordered: types.BoolValue(got.Ordered),
		Parameters: withPart("parameters", m.Parameters, got.Parameters), Public: types.BoolValue(got.Public),
		Refresh: withPart("refresh", m.Refresh, got.Refresh), Cache: withPart("cache", m.Cache, got.Cache), Meta: jsonText(m.Meta, got.Meta),
		Version: types.Int64Value(got.Version), CreatedAt: text(got.CreatedAt), UpdatedAt: text(got.UpdatedAt),
	}
}

var metricFields = sync.OnceValue(func() map[string]field { return fieldsOf(metricParts()) })

// partOf returns a part of a metric as Cortex has it.
func partOf(name string, value attr.Value) json.RawMessage {
	encoded := metricFields()[name].encoded(value)
	if encoded == nil {
		return nil
	}
	return json.RawMessage(jsonOf(encoded))
}

// withPart is the reverse of partOf.
func withPart[V attr.Value](name string, had V, part json.RawMessage) V {
	return metricFields()[name].decoded(had, jsonTree(part)).(V) //nolint:forcetypeassert // as the schema has it
}

func metricKind() kind[client.Metric, metricModel] {
	return kind[client.Metric, metricModel]{
		about: about{
			noun:       "metric",
			in:         environmentKind(),
			scoped:     true,
			unlisted:   true,
			bound:      []string{"data_model_id"},
			key:        "name",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment", "data_model_id": "data model", "data_source_id": "data source"},
			importHint: "a metric is imported by the id of its environment and its own with a slash between, or by names, such as \"acme/Production/Revenue\"",
			one: "Reads one metric, found in its environment by its id or by its name. None, or several of one name, is an error that lists what " +
				"there is.",
			all:     "Lists the metrics of an environment.",
			keyHint: "For use in `for_each`: `{ for m in data.cortex_metrics.all.metrics : m.name => m }`. Names repeat across data models: there, `m.id` is a key.",
		},
		objects:  func(c *client.Client) objects[client.Metric] { return c.Metrics },
		schema:   metricSchema,
		locate:   locateMetric,
		validate: metricModel.validate,
	}
}

// locateMetric finds out the environment of a metric that does not say it.
func locateMetric(ctx context.Context, c *client.Client, m metricModel) (metricModel, error) {
	if !m.EnvironmentID.IsUnknown() || m.DataModelID.IsUnknown() {
		return m, nil
	}
	model, err := c.DataModels.Find(ctx, m.DataModelID.ValueString())
	if err == nil {
		m.EnvironmentID = text(model.EnvironmentID)
	}
	return m, err
}
