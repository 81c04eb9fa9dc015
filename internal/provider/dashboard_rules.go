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
	lacks := func(name string) {
		if p := mapping.get(name); !mapping.unknown() && p.missing() {
			r.AddAttributeWarning(p.at, "A "+kind+" without "+name, "Cortex keeps it, and cannot show it: running the widget fails.")
		}
	}
	switch kind {
	case "single_value", "gauge":
		lacks("x_axis")
	case "table":
		lacks("columns")
	case "heatmap":
		r.AddAttributeWarning(v.get("type").at, "A heatmap", "Cortex keeps it, and cannot show it yet: running the widget fails.")
	case "":
	default:
		lacks("x_axis")
		lacks("y_axes")
	}
}
