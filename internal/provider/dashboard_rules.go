package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Cortex takes dashboards whose parts cannot be told apart, and widgets that it then cannot show. The first is refused, and of the second the plan
// warns, since a dashboard may be unfinished.

// validate returns what is wrong with a dashboard's configuration.
func (m dashboardModel) validate() diag.Diagnostics {
	r := &rules{}
	views := part{path.Root("views"), m.Views}
	for _, view := range views.items() {
		seen := map[string]bool{}
		for _, widget := range widgetsOf(view) {
			if seen[widget.key()] {
				r.refuse(widget, "There is another widget with the alias %q in the view. Cortex would take both, and run one of them.", widget.key())
			}
			seen[widget.key()] = true
			r.visualization(widget.get("visualization"))
		}
	}
	if first := m.DefaultView.ValueString(); first != "" && !views.unknown() && m.Views.Elements()[first] == nil {
		r.refuse(part{path.Root("default_view"), m.DefaultView}, "There is no view with the alias %q.", first)
	}
	return r.Diagnostics
}

func widgetsOf(view part) (all []part) {
	for _, section := range view.get("sections").items() {
		all = append(all, section.get("widgets").items()...)
	}
	return all
}

// lookForMetrics refuses what cannot be the id of a metric, and warns of widgets whose metric is not there.
func lookForMetrics(ctx context.Context, c *client.Client, plan dashboardModel) (diags diag.Diagnostics) {
	type use struct{ view, widget, metric part }
	var uses []use
	var ids []string
	for _, view := range (part{path.Root("views"), plan.Views}).items() {
		for _, widget := range widgetsOf(view) {
			metric := widget.get("metric_id")
			id, _ := metric.value.(types.String)
			diags.Append(checkID(ctx, metric.at, id)...)
			if metric.text() != "" {
				uses, ids = append(uses, use{view, widget, metric}), append(ids, metric.text())
			}
		}
	}
	if plan.EnvironmentID.ValueString() == "" || diags.HasError() {
		return diags
	}
	missing := c.MissingMetrics(ctx, plan.EnvironmentID.ValueString(), slices.Compact(slices.Sorted(slices.Values(ids))))
	for _, use := range uses {
		if err := missing[use.metric.text()]; err != nil {
			diags.AddAttributeWarning(use.metric.at, fmt.Sprintf("The metric of widget %q in view %q is not in the environment", use.widget.key(), use.view.key()),
				"Running the widget fails, though Cortex keeps it: "+sentence(err)+
					"\n\nRefer to a metric of the environment by its address (cortex_metric.….id), or leave the widget out.")
		}
	}
	return diags
}

// visualization warns of what Cortex cannot show.
func (r *rules) visualization(v part) {
	mapping := v.get("data_mapping")
	kind := v.get("type").text()
	lacks := func(name, instead string) {
		if p := mapping.get(name); !mapping.unknown() && p.missing() {
			r.AddAttributeWarning(p.at, "A "+kind+" without "+name, "Cortex keeps it, and cannot show it: running the widget fails."+instead)
		}
	}
	switch {
	case kind == "single_value":
		lacks("x_axis", noValueField)
	case kind == "gauge":
		lacks("x_axis", noValueField)
		r.gauge(v.get("gauge_config"))
	case kind == "table":
		lacks("columns", " Cortex has no table_config: columns of data_mapping are those of the table.")
	case kind == "heatmap":
		r.AddAttributeWarning(v.get("type").at, "A heatmap", "Cortex keeps it, and cannot show it yet: running the widget fails.")
	case slices.Contains(charts, kind):
		lacks("x_axis", " Cortex drops a category_field: the x_axis is the category.")
		lacks("y_axes", " Cortex drops a value_field: the y_axes are the values.")
	}
}

// What a configuration says of fields that Cortex does not have, engines leave out without a word.
const noValueField = " Cortex drops a value_field: the value is that of the x_axis."

// gauge warns of ranges that hold nothing.
func (r *rules) gauge(config part) {
	least, most := config.get("min_value").number(0), config.get("max_value").number(100)
	target := config.get("target_value").number(least)
	warn := func(name, what string) {
		r.AddAttributeWarning(config.at.AtName(name), what, "Cortex keeps it, and cannot show it: running the widget fails.")
	}
	switch {
	case least >= most:
		warn("max_value", fmt.Sprintf("A gauge that begins at %g and ends at %g", least, most))
	case target < least || target > most:
		warn("target_value", fmt.Sprintf("A gauge from %g to %g with the target %g", least, most, target))
	}
	mode := config.get("selection_mode").text()
	if !config.get("selection_config").missing() && slices.Contains([]string{"nth", "concat", "aggregate"}, mode) {
		warn("selection_config", "A gauge of mode "+mode+" with a selection_config")
	}
}
