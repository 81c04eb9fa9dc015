package provider

import (
	"cmp"
	"encoding/json"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

type dashboardModel struct {
	ID            types.String `tfsdk:"id"`
	EnvironmentID types.String `tfsdk:"environment_id"`
	Name          types.String `tfsdk:"name"`
	Type          types.String `tfsdk:"type"`
	Description   types.String `tfsdk:"description"`
	Tags          types.List   `tfsdk:"tags"`
	DefaultView   types.String `tfsdk:"default_view"`
	Views         types.Map    `tfsdk:"views"`
	CreatedAt     types.String `tfsdk:"created_at"`
	UpdatedAt     types.String `tfsdk:"updated_at"`
}

func (m dashboardModel) object() client.Dashboard {
	tree, _ := dashboardFields()["views"].encoded(m.Views).([]any)
	place(tree)
	d := client.Dashboard{
		ID: m.ID.ValueString(), EnvironmentID: m.EnvironmentID.ValueString(), Name: m.Name.ValueString(), Type: m.Type.ValueString(),
		Description: m.Description.ValueString(), Tags: []string{}, DefaultView: m.DefaultView.ValueString(), Views: json.RawMessage(jsonOf(tree)),
	}
	for _, tag := range m.Tags.Elements() {
		d.Tags = append(d.Tags, tag.(types.String).ValueString()) //nolint:forcetypeassert // as the schema has it
	}
	if m.DefaultView.IsNull() {
		d.DefaultView = aliasOfFirst(tree)
	}
	return d
}

func (m dashboardModel) with(got client.Dashboard) dashboardModel {
	tree, _ := jsonTree(got.Views).([]any)
	inOrder(tree)
	var tags []attr.Value
	for _, tag := range got.Tags {
		tags = append(tags, text(tag))
	}
	views := dashboardFields()["views"].decoded(m.Views, tree).(types.Map) //nolint:forcetypeassert // as the schema has it
	is := dashboardModel{
		ID: text(got.ID), EnvironmentID: text(got.EnvironmentID), Name: text(got.Name), Type: text(got.Type), Description: optionalText(m.Description, got.Description),
		Tags: types.ListNull(types.StringType), DefaultView: text(got.DefaultView),
		Views: views, CreatedAt: text(got.CreatedAt), UpdatedAt: text(got.UpdatedAt),
	}
	if len(tags) > 0 {
		is.Tags = types.ListValueMust(types.StringType, tags)
	}
	if got.DefaultView == aliasOfFirst(tree) && m.DefaultView.ValueString() != got.DefaultView {
		is.DefaultView = types.StringNull()
	}
	return is
}

var dashboardFields = sync.OnceValue(func() map[string]field { return fieldsOf(dashboardParts()) })

// place says in a dashboard's views where everything is, as Cortex wants to be told twice, and that no widget has a metric of its own. Views have no
// positions in Cortex.
func place(views []any) {
	for _, view := range objectsIn(views) {
		delete(view, position)
		for _, section := range objectsIn(view["sections"]) {
			for _, widget := range objectsIn(section["widgets"]) {
				widget["section_alias"], widget["metric"] = section[alias], nil
			}
		}
	}
}

// inOrder sorts sections and widgets by their positions. Cortex shows them in the order in which they were sent.
func inOrder(views []any) {
	byPosition := func(a, b any) int { return cmp.Compare(positionOf(a), positionOf(b)) }
	for _, view := range objectsIn(views) {
		sections, _ := view["sections"].([]any)
		slices.SortStableFunc(sections, byPosition)
		for _, section := range objectsIn(sections) {
			widgets, _ := section["widgets"].([]any)
			slices.SortStableFunc(widgets, byPosition)
		}
	}
}

func positionOf(part any) float64 {
	object, _ := part.(map[string]any)
	number, _ := object["position"].(json.Number)
	position, _ := number.Float64()
	return position
}

func objectsIn(list any) (objects []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			objects = append(objects, object)
		}
	}
	return objects
}

func aliasOfFirst(views []any) string {
	for _, view := range objectsIn(views) {
		alias, _ := view["alias"].(string)
		return alias
	}
	return ""
}

func dashboardKind() kind[client.Dashboard, dashboardModel] {
	return kind[client.Dashboard, dashboardModel]{
		about: about{
			noun:       "dashboard",
			in:         environmentKind(),
			unlisted:   true,
			key:        "name",
			identity:   []string{"environment_id", "id"},
			references: map[string]string{"environment_id": "environment", "metric_id": "metric"},
			importHint: "a dashboard is imported by its id, by that of its environment and its own with a slash between, or by names, such as \"acme/Production/Sales\"",
			one:        "Reads one dashboard, found by its id or by its name in an environment. None, or several of one name, is an error that lists what there is.",
			all:        "Lists the dashboards of an environment.",
			keyHint:    "For use in `for_each`: `{ for d in data.cortex_dashboards.all.dashboards : d.name => d }`.",
		},
		objects:  func(c *client.Client) objects[client.Dashboard] { return c.Dashboards },
		schema:   dashboardSchema,
		look:     lookForMetrics,
		validate: dashboardModel.validate,
	}
}
