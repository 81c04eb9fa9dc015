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
	for _, view := range views.items() {
		seen := map[string]bool{}
		for _, section := range view.get("sections").items() {
			for _, widget := range section.get("widgets").items() {
				if alias := widget.key(); seen[alias] {
					r.refuse(widget, "There is another widget with the alias %q in the view. Cortex would take both, and run one of them.", alias)
				}
				seen[widget.key()] = true
				r.visualization(widget.get("visualization"))
			}
		}
	}
	if first := m.DefaultView.ValueString(); !m.DefaultView.IsNull() && !m.DefaultView.IsUnknown() && !views.unknown() && m.Views.Elements()[first] == nil {
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
