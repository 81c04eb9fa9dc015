package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
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
			for _, widget := range section.get("widgets").items() {
				r.once(widget, "widget")
				r.needs(widget, "metric_id", "The widget shows no metric of a data model. (In Cortex it may have a metric of its own, which no configuration can describe.) "+
					"Make a cortex_metric of what it shows, and let the widget refer to that.")
				if alias := widget.key(); seen[alias] {
					r.refuse(widget, "There is another widget with the alias %q in the view. Cortex takes both, and runs one of them. Give it an alias of its own.", alias)
				}
				seen[widget.key()] = true
				r.visualization(widget.get("visualization"))
			}
		}
	}
	if first := m.DefaultView.ValueString(); first != "" && !views.unknown() && m.Views.Elements()[first] == nil {
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
