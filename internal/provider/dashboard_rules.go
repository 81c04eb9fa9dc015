package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
)

// Cortex takes dashboards whose parts cannot be told apart, and widgets that it then cannot show. The first is refused, and of the second the plan
// warns, since a dashboard may be unfinished.

// validate returns what is wrong with a dashboard's configuration.
func (m dashboardModel) validate() diag.Diagnostics {
	r := &rules{}
	views := part{path.Root("views"), m.Views}
	for _, view := range views.items() {
		r.once(view, "view")
		seen := map[string]bool{}
		for _, section := range view.get("sections").items() {
			r.once(section, "section")
		}
		for _, widget := range widgetsOf(view) {
			r.once(widget, "widget")
			r.needs(widget, "metric_id", "The widget shows no metric of a data model. (In Cortex it may have a metric of its own, which no configuration can describe.) "+
				"Make a cortex_metric of what it shows, and let the widget refer to that.")
			if seen[widget.key()] {
				r.refuse(widget, "There is another widget with the alias %q in the view. Cortex takes both, and runs one of them. Give it an alias of its own.", widget.key())
			}
			seen[widget.key()] = true
			r.visualization(widget.get("visualization"))
		}
	}
	if first := m.DefaultView.ValueString(); !m.DefaultView.IsNull() && !m.DefaultView.IsUnknown() && !views.unknown() && m.Views.Elements()[first] == nil {
		r.refuse(part{path.Root("default_view"), m.DefaultView}, "There is no view with the alias %q. Name one of the views, or leave default_view out.", first)
	}
	return r.Diagnostics
}

// once refuses the key that stands for another part of the same alias.
func (r *rules) once(p part, noun string) {
	if alias, is := strings.CutSuffix(p.key(), again); is {
		r.refuse(p, "This key stands for another %s with the alias %q, which Cortex may have, and which no configuration can tell from the first one. Give it an alias of its own in Cortex, or "+
			"import the dashboard without it: the next apply then deletes it.", noun, strings.ReplaceAll(alias, again, ""))
	}
}

func widgetsOf(view part) (all []part) {
	for _, section := range view.get("sections").items() {
		all = append(all, section.get("widgets").items()...)
	}
	return all
}

// lookForMetrics warns of widgets whose metric is not there.
func lookForMetrics(ctx context.Context, c *client.Client, plan dashboardModel) (diags diag.Diagnostics) {
	type use struct{ view, widget, metric part }
	var uses []use
	var ids []string
	for _, view := range (part{path.Root("views"), plan.Views}).items() {
		for _, widget := range widgetsOf(view) {
			metric := widget.get("metric_id")
			if metric.text() != "" {
				uses, ids = append(uses, use{view, widget, metric}), append(ids, metric.text())
			}
		}
	}
	if plan.EnvironmentID.ValueString() == "" {
		return nil
	}
	missing := c.MissingMetrics(ctx, plan.EnvironmentID.ValueString(), slices.Compact(slices.Sorted(slices.Values(ids))))
	for _, use := range uses {
		if err := missing[use.metric.text()]; err != nil {
			diags.AddAttributeWarning(use.metric.at, fmt.Sprintf("The metric of widget %q in view %q is not in the environment", use.widget.key(), use.view.key()),
				sentence(err)+" Cortex keeps the widget. Running it fails where there is no such metric, and shows the data of another environment where that has it."+
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
			r.unshown(p.at, "A "+kind+" without "+name, instead)
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

// unshown warns of what Cortex takes and cannot show, and says what to write instead.
func (r *rules) unshown(at path.Path, what, instead string) {
	r.AddAttributeWarning(at, what, "Cortex keeps it, and cannot show it: running the widget fails."+instead)
}

// gauge warns of ranges that hold nothing.
func (r *rules) gauge(config part) {
	least, most := config.get("min_value").number(0), config.get("max_value").number(100)
	target := config.get("target_value").number(least)
	warn := func(name, what string) { r.unshown(config.at.AtName(name), what, "") }
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
