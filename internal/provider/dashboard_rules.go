package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Cortex takes dashboards whose parts cannot be told apart, and widgets that it then cannot show. The first is refused, and of the second the plan
// warns, since a dashboard may be unfinished.

// validate returns what is wrong with a dashboard's configuration.
func (m dashboardModel) validate() diag.Diagnostics {
	r := &rules{}
	views := part{path.Root("views"), m.Views}
	r.uniqueBy("alias", views.items())
	known := map[string]bool{}
	for _, view := range views.items() {
		known[view.get("alias").text()] = true
		r.uniqueBy("alias", view.get("sections").items())
		var widgets []part
		for _, section := range view.get("sections").items() {
			widgets = append(widgets, section.get("widgets").items()...)
		}
		r.uniqueBy("alias", widgets)
		for _, widget := range widgets {
			r.visualization(widget.get("visualization"))
		}
	}
	// An alias that is not known yet is "".
	if first := m.DefaultView.ValueString(); first != "" && !known[first] && !known[""] && !views.unknown() {
		r.refuse(part{path.Root("default_view"), m.DefaultView}, "There is no view with the alias %q.", first)
	}
	return r.Diagnostics
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
