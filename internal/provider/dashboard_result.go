package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// dashboardResult runs the widgets of a dashboard.
type dashboardResult struct{ client *client.Client }

type dashboardResultModel struct {
	DashboardID types.String  `tfsdk:"dashboard_id"`
	View        types.String  `tfsdk:"view"`
	Widget      types.String  `tfsdk:"widget"`
	Views       types.Dynamic `tfsdk:"views"`
}

func (d *dashboardResult) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "cortex_dashboard_result"
}

func (d *dashboardResult) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	only := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description,
			Validators: []validator.String{check("an alias that is not empty, without NUL", validAlias)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Runs the widgets of a dashboard and shows what people see in them, for `check` blocks, postconditions and tests. Each widget that cannot be shown is an error " +
			"with Cortex's words." + connecting + "\n\n" +
			"Cortex runs one widget at a time: this takes a request for the dashboard and one for each widget, of which " +
			"there are a few at one time. A Cortex that keeps results (`CORTEX_CACHE_ENABLED`) may show kept ones, and releases up to 0.0.1a7 show widgets without their `metric_overrides`.",
		Attributes: map[string]schema.Attribute{
			"dashboard_id": schema.StringAttribute{Required: true, MarkdownDescription: "UUID of the dashboard, in lower case and with hyphens."},
			"view":         only("Alias of the view whose widgets are run; those of all views without it."),
			"widget":       only("Alias of the widget that is run, in the `view`, or in each view that has one of this alias; all widgets without it."),
			"views": schema.DynamicAttribute{
				Computed: true,
				MarkdownDescription: "What the widgets show, by the aliases of view and widget: `views[\"overview\"][\"revenue\"].value`. Each widget has these attributes:\n\n" +
					"  - `title` and `type` (of its visualization).\n" +
					"  - `value`: of a `single_value` or `gauge` the number, or the text that `concat` makes. Null where Cortex shows none, as for a column that is not there, and of all other " +
					"types. Without rows, Cortex shows `0`.\n" +
					"  - `series`: of charts, a list of objects with `name` and `data`, the points: objects with `x` and `y`, or of a `box_plot` with `x`, `min`, `q1`, `median`, `q3`, `max` and " +
					"`outliers` (a JSON list, or null).\n" +
					"  - `rows`: the rows of the metric, a list of objects with an attribute for each column; of a `table`, with those that it shows.\n" +
					"  - `columns`: the names of these columns, in their order; none where there are no rows.",
			},
		},
	}
}

func (d *dashboardResult) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.client, _ = req.ProviderData.(*client.Client)
}

func (d *dashboardResult) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m dashboardResultModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	resp.Diagnostics.Append(checkIDs(ctx, req.Config.Raw, "dashboard_id")...)
	if resp.Diagnostics.HasError() {
		return
	}
	dashboard, err := d.client.Dashboards.GetNow(ctx, "", m.DashboardID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(cannot("run "+label("dashboard", "", m.DashboardID.ValueString()), err))
		return
	}
	of := label("dashboard", dashboard.Name, dashboard.ID)
	parts, missing := m.chosen(dashboard.Parts(), of)
	if missing != nil {
		resp.Diagnostics.Append(missing)
		return
	}
	var widgets []client.Widget
	for _, view := range parts {
		widgets = append(widgets, view.Widgets...)
	}
	shown := d.client.RunWidgets(ctx, dashboard, widgets)
	if ctx.Err() != nil {
		resp.Diagnostics.Append(cannot("run "+of, context.Cause(ctx)))
		return
	}
	if resp.Diagnostics.Append(notShown(widgets, shown, of)...); resp.Diagnostics.HasError() {
		return
	}
	views := map[string]attr.Value{}
	for _, view := range parts {
		values := map[string]attr.Value{}
		for _, w := range view.Widgets {
			values[text(w.Alias).ValueString()] = widgetValue(w, shown[0])
			shown = shown[1:]
		}
		views[text(view.Alias).ValueString()] = objectOf(values)
	}
	m.Views = types.DynamicValue(objectOf(views))
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// chosen returns the views and widgets that are to be run, or that there are none.
func (m dashboardResultModel) chosen(parts []client.View, of string) (chosen []client.View, missing diag.Diagnostic) {
	isWanted := func(wanted types.String, alias string) bool { return wanted.IsNull() || wanted.Equal(text(alias)) }
	var views, widgets []string // that there are
	for _, view := range parts {
		views = append(views, fmt.Sprintf("%q", view.Alias))
		if isWanted(m.View, view.Alias) {
			chosen = append(chosen, view)
		}
	}
	if len(chosen) == 0 && !m.View.IsNull() {
		return nil, notFound("view", m.View, of, views)
	}
	if m.Widget.IsNull() {
		return chosen, nil
	}
	parts, chosen = chosen, nil
	for _, view := range parts {
		for _, w := range view.Widgets {
			widgets = append(widgets, named(w))
			if isWanted(m.Widget, w.Alias) {
				chosen = append(chosen, client.View{Alias: view.Alias, Widgets: []client.Widget{w}})
			}
		}
	}
	if len(chosen) > 0 {
		return chosen, nil
	}
	if !m.View.IsNull() {
		of = fmt.Sprintf("view %q of %s", m.View.ValueString(), of)
	}
	return nil, notFound("widget", m.Widget, of, widgets)
}

// notFound says that a part of a dashboard is not there, and which ones are.
func notFound(noun string, alias types.String, of string, all []string) diag.Diagnostic {
	detail := fmt.Sprintf("There is no %s at all.", noun)
	if len(all) > 0 {
		detail = fmt.Sprintf("There is no such %s; there are:\n%s", noun, bullets(all))
	}
	return diag.NewAttributeErrorDiagnostic(path.Root(noun), fmt.Sprintf("Cannot find %s %q in %s", noun, alias.ValueString(), of), detail)
}

// notShown says of each widget that cannot be shown why not.
func notShown(widgets []client.Widget, shown []client.Shown, of string) (diags diag.Diagnostics) {
	var left []string
	for i, w := range widgets {
		what := "run widget " + named(w) + " of " + of
		var failed *client.RunError
		switch err := shown[i].Err; {
		case err == nil:
		case errors.Is(err, client.ErrNotRun):
			left = append(left, named(w))
		case errors.As(err, &failed):
			diags.AddError("Cannot "+what, "Cortex answered: "+sentence(failed)+"\n\n"+lookAt(w, failed.Text))
		default:
			diags.Append(unanswered(what, err))
		}
	}
	if len(left) > 0 {
		diags.AddError("Cannot run all widgets of "+of, "Cortex gave no answer to others, and each may hold up one more of its workers, so that these were not run:\n"+bullets(left))
	}
	return diags
}

// named names a widget among those of a dashboard.
func named(w client.Widget) string { return fmt.Sprintf("%q of view %q", w.Alias, w.View) }

// lookAt says where to look for what is wrong with a widget.
func lookAt(w client.Widget, words string) string {
	switch {
	case strings.HasPrefix(words, "Data transformation failed"):
		return "The metric has been run. What Cortex cannot show is the visualization of the widget: see its type and its data_mapping."
	case w.MetricID == "":
		return "The metric of the widget is its own."
	}
	return "The widget shows metric " + w.MetricID + "; cortex_metric_result runs that alone, and shows its query."
}

// widgetValue is what a widget shows. All have the same attributes, so that a condition may range over them.
func widgetValue(w client.Widget, shown client.Shown) attr.Value {
	var columns, series []attr.Value
	for _, column := range shown.Columns {
		columns = append(columns, text(column))
	}
	for _, s := range shown.Series {
		series = append(series, objectOf(map[string]attr.Value{"name": text(s.Name), "data": rowsOf(s.Data)}))
	}
	return objectOf(map[string]attr.Value{
		"title": text(w.Title), "type": text(w.Type), "value": rowValue(shown.Value), "columns": types.ListValueMust(types.StringType, columns),
		"rows": rowsOf(shown.Rows), "series": listOf(series),
	})
}
