package cortextest

import (
	"fmt"
	"slices"
)

func (f *Fake) dashboardRoutes() []route {
	const one, widget = "/api/v1/dashboards/{dashboard_id}", "/views/{view_alias}/widgets/{widget_alias}"
	return []route{
		{"POST", "/api/v1/dashboards", createDashboard},
		{"GET", one, getDashboard},
		{"PUT", one, updateDashboard},
		{"DELETE", one, deleteDashboard},
		{"GET", "/api/v1/environments/{environment_id}/dashboards", listDashboards},
		{"POST", one + "/default-view", setDefaultView},
		{"DELETE", one + widget, deleteWidget},
		{"POST", one + "/execute", executeDashboard},
		{"POST", one + "/views/{view_alias}/execute", executeView},
		{"POST", one + widget + "/execute", executeWidget},
		{"POST", one + "/preview", func(*call) answer { return beyond("the preview of a dashboard") }},
	}
}

const (
	noDashboard = "Dashboard with ID %s does not exist in the database"
	noView      = "Dashboard view with ID %s does not exist in the database"
)

// newDashboard is a row in the order in which it is shown. An alias is stored and never read again.
func (f *Fake) newDashboard(env, name, description, kind, views, defaultView, tags any) *pyDict {
	row := f.stamp(newDict("id", newUUID(), "alias", nil, "environment_id", env, "name", name, "description", description, "type", kind,
		"views", views, "default_view", defaultView, "tags", tags, "created_by", newUUID()))
	row.set("last_viewed_at", nil)
	return row
}

// dashboardColumns are what a statement about a dashboard writes.
func dashboardColumns(row *pyDict) *pyDict {
	columns := newDict()
	for _, k := range []string{"id", "environment_id", "name", "description", "type", "default_view", "tags", "created_by", "created_at", "updated_at", "last_viewed_at"} {
		columns.set(k, row.values[k])
	}
	columns.set("config", newDict("alias", nil, "views", row.values["views"]))
	return columns
}

// uncaught is the answer to what a create does not catch; the head of Cortex's repository tells it.
func (f *Fake) uncaught(a answer) answer {
	if f.release == Head {
		return a
	}
	return unhandled()
}

func createDashboard(c *call) answer {
	sent := c.body(createdDashboard)
	if a, no := c.refused(); no {
		return a
	}
	env, name := sent["environment_id"].(pyUUID), sent["name"].(string)
	views, problem := c.newViews(env, sent["views"])
	if problem != "" {
		return c.uncaught(text(500, "%s", problem))
	}
	defaultView := views[0].(*pyDict).values["alias"]
	for i, view := range views {
		if pyEqual(pyNumber(fmt.Sprint(i)), sent["default_view_index"]) {
			defaultView = view.(*pyDict).values["alias"]
		}
	}
	if a, no := c.unstorable(selectByName(dashboards, newDict("name_1", name, "environment_id_1", env))); no {
		return c.uncaught(a)
	}
	if c.taken(dashboards, string(env), "name", name) {
		return c.known(409, "Dashboard with name '%s' already exists in environment %s", name, env)
	}
	c.letOthersIn()
	// The environment is not checked, and no foreign key does.
	row := c.newDashboard(env, name, sent["description"], sent["type"], views, defaultView, sent["tags"])
	if a, no := c.unstorable(insertInto(dashboards, dashboardColumns(row))); no {
		return c.uncaught(a)
	}
	c.fitDashboard(row)
	return c.dashboardAnswer(201, c.insert(dashboards, row))
}

// fitDashboard cuts what PostgreSQL does.
func (f *Fake) fitDashboard(row *pyDict) {
	if f.database == PostgreSQL {
		for _, k := range []string{"name", "default_view"} {
			row.set(k, fitted(row.values[k].(string)))
		}
	}
}

// shownDashboard is a dashboard as Cortex reads it, or nil if JSON does not have what it finds.
func shownDashboard(row *pyDict) *pyDict {
	shown, r := row.clone(), &reading{json: true}
	shown.set("views", aListOf(shownView)(r, nil, row.values["views"]))
	if len(r.problems) > 0 || notFinite(shown) != "" {
		return nil
	}
	return shown
}

func (f *Fake) dashboardAnswer(status int, row *pyDict) answer {
	if shown := shownDashboard(row); shown != nil {
		return jsonAnswer(status, shown)
	}
	return unhandled()
}

// dashboard finds the dashboard of the path. The head of Cortex's repository has words of its own for one that is not there.
func (c *call) dashboard(id string) (row *pyDict, missing answer) {
	if row = c.tables[dashboards].find(id); row != nil {
		return row, answer{}
	}
	if c.release == Head {
		return nil, text(500, "Dashboard with ID %s not found", id)
	}
	return nil, text(404, noDashboard, id)
}

func getDashboard(c *call) answer {
	id := c.pathID("dashboard_id")
	if a, no := c.refused(); no {
		return a
	}
	row, missing := c.dashboard(id)
	if row == nil {
		return missing
	}
	return c.dashboardAnswer(200, row)
}

// listDashboards, unlike the other lists, does not ask whether the environment exists.
func listDashboards(c *call) answer {
	env := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	list := []any{}
	for _, row := range c.rowsOf(dashboards, env) {
		shown := shownDashboard(row)
		if shown == nil {
			return unhandled()
		}
		list = append(list, shown)
	}
	return jsonAnswer(200, newDict("dashboards", list, "total", len(list)))
}

func deleteDashboard(c *call) answer {
	id := c.pathID("dashboard_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[dashboards].find(id) == nil {
		return c.known(404, noDashboard, id)
	}
	return c.delete(dashboards, id)
}

func updateDashboard(c *call) answer {
	id, sent := c.pathID("dashboard_id"), c.body(updatedDashboard)
	if a, no := c.refused(); no {
		return a
	}
	row, missing := c.dashboard(id)
	if row == nil {
		return missing
	}
	changed := copied(row).(*pyDict)
	for _, k := range []string{"name", "description", "type", "tags", "default_view"} {
		if sent[k] != nil {
			changed.set(k, sent[k])
		}
	}
	had := changed.values["views"].([]any)
	if views := sent["views"]; views != nil {
		made, problem := c.newViews(row.values["environment_id"].(pyUUID), views)
		if problem != "" {
			return text(500, "%s", problem)
		}
		changed.set("views", made)
	}
	mergeViews(changed.values["views"].([]any), had)
	return c.saveDashboard(row, changed)
}

// saveDashboard writes what an update made of a row. The views are written even if they are the same.
func (c *call) saveDashboard(row, changed *pyDict) answer {
	before, after := dashboardColumns(row), dashboardColumns(changed)
	set := newDict()
	for _, k := range []string{"name", "description", "type", "default_view", "tags"} {
		if !pyEqual(before.values[k], after.values[k]) {
			set.set(k, after.values[k])
		}
	}
	set.set("updated_at", c.tick())
	set.set("config", after.values["config"])
	if a, no := c.unstorable(updateOf(dashboards, row.values["id"].(pyUUID), set)); no {
		return a
	}
	for _, k := range changed.keys {
		row.set(k, changed.values[k])
	}
	c.fitDashboard(row)
	c.touch(dashboards, row)
	return c.dashboardAnswer(200, row)
}

// copied is a value as it is read from JSON: nothing of it is shared.
func copied(v any) any {
	switch v := v.(type) {
	case pyZoned:
		return pyZoned{v.Time, true}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = copied(item)
		}
		return list
	case *pyDict:
		d := newDict()
		for _, k := range v.keys {
			d.set(k, copied(v.values[k]))
		}
		return d
	}
	return v
}

// mergeViews puts into the views of an update what the dashboard had and the update does not name, as Cortex does: a view that is not named is gone, but
// of a view that is named no section, of a section no widget, and of a widget neither a mapping nor the config of its chart can be left out. All are
// found by their alias, of several the first; without views an update merges those that there are with themselves.
func mergeViews(views, had []any) {
	for _, v := range views {
		view := v.(*pyDict)
		old := withAlias(had, view.values["alias"])
		if old == nil {
			continue
		}
		sections := slices.Clone(view.values["sections"].([]any))
		for _, s := range sections {
			section := s.(*pyDict)
			if was := withAlias(old.values["sections"].([]any), section.values["alias"]); was != nil {
				mergeWidgets(section, was)
			}
		}
		view.set("sections", withUnnamed(sections, old.values["sections"].([]any)))
	}
}

func mergeWidgets(section, old *pyDict) {
	widgets := slices.Clone(section.values["widgets"].([]any))
	for _, w := range widgets {
		widget := w.(*pyDict)
		was := withAlias(old.values["widgets"].([]any), widget.values["alias"])
		if was == nil {
			continue
		}
		now, before := widget.values["visualization"].(*pyDict), was.values["visualization"].(*pyDict)
		restore(now.values["data_mapping"].(*pyDict), before.values["data_mapping"].(*pyDict), "y_axes", "x_axis", "series_field", "columns")
		restore(now, before, "chart_config")
	}
	section.set("widgets", withUnnamed(widgets, old.values["widgets"].([]any)))
}

// withAlias is the first item with an alias, nil if there is none.
func withAlias(list []any, alias any) *pyDict {
	for _, item := range list {
		if d := item.(*pyDict); d.values["alias"] == alias {
			return d
		}
	}
	return nil
}

// withUnnamed adds to a list the items of another with aliases that it does not have.
func withUnnamed(list, others []any) []any {
	all := slices.Clone(list)
	for _, item := range others {
		if withAlias(list, item.(*pyDict).values["alias"]) == nil {
			all = append(all, item)
		}
	}
	return all
}

func restore(now, before *pyDict, keys ...string) {
	for _, k := range keys {
		if now.values[k] == nil {
			now.set(k, before.values[k])
		}
	}
}

// newViews makes of the views of a request what is stored, or tells what Cortex's own classes have against them.
func (f *Fake) newViews(env pyUUID, sent any) (views []any, problem string) {
	views, _ = sent.([]any)
	if len(views) == 0 {
		view := newDict("alias", "default", "title", "Default", "description", nil, "sections", nil, "context_id", nil, "layout", nil)
		oneSection(nil, nil, nil, view)
		views = []any{view}
	}
	for _, v := range views {
		view := v.(*pyDict)
		for _, section := range dicts(view, "sections") {
			for _, widget := range dicts(section, "widgets") {
				if problem = f.newWidget(env, widget); problem != "" {
					return nil, problem
				}
			}
		}
		f.stampZoned(view)
	}
	return views, ""
}

// stampZoned gives times that, unlike those of all rows, carry a zone.
func (f *Fake) stampZoned(d *pyDict) *pyDict {
	d.set("created_at", pyZoned{f.tick(), false})
	d.set("updated_at", pyZoned{f.tick(), false})
	return d
}

// newWidget fills in what a request left out. What it said of a value field, a category field and a table is lost.
func (f *Fake) newWidget(env pyUUID, widget *pyDict) (problem string) {
	visualization := widget.values["visualization"].(*pyDict)
	if problem = newMapping(visualization.values["data_mapping"].(*pyDict)); problem != "" {
		return problem
	}
	for key, of := range map[string]class{"chart_config": chartConfig, "single_value_config": singleValueConfig, "gauge_config": gaugeConfig} {
		if config, ok := visualization.values[key].(*pyDict); ok {
			of.forgetNull(config)
		}
	}
	if config, ok := visualization.values["chart_config"].(*pyDict); ok {
		v := &validation{model: "ChartConfig", values: config}
		v.field("area_stacking_type", literal("normal", "gradient"), optional)
		if problem = v.failure(); problem != "" {
			return problem
		}
	}
	if metric, ok := widget.values["metric"].(*pyDict); ok {
		v := &validation{model: "SemanticMetric", values: metric}
		v.field("public", aBoolean, required)
		problem = v.failure()
		widget.set("metric", f.embed(env, metric))
	}
	return problem
}

// forgetNull takes null for absent.
func (c class) forgetNull(d *pyDict) {
	for _, f := range c {
		if d.values[f.name] == nil {
			d.set(f.name, f.otherwise)
		}
	}
}

// embed makes of the metric in a request one that a widget keeps. What it extends is not shown.
func (f *Fake) embed(env pyUUID, metric *pyDict) *pyDict {
	own := newDict("id", newUUID(), "environment_id", env)
	for _, k := range metric.keys {
		own.set(k, metric.values[k])
	}
	for _, k := range []string{"validation_errors", "compiled_query", "data_model_name"} {
		own.set(k, nil)
	}
	own.set("version", 1)
	own.set("is_valid", false)
	return f.stampZoned(own)
}

func newMapping(mapping *pyDict) string {
	for _, axis := range []struct{ key, kind string }{{"x_axis", "categorical"}, {"y_axes", "numerical"}, {"series_field", "categorical"}} {
		for _, m := range mappings(mapping, axis.key) {
			if m.values["data_type"] == nil || m.values["data_type"] == "" {
				m.set("data_type", axis.kind)
			}
			m.set("required", m.values["required"] == true)
			v := &validation{model: "FieldMapping", values: m}
			v.field("data_type", oneOf("numerical", "temporal", "categorical"), required)
			if problem := v.failure(); problem != "" {
				return problem
			}
		}
	}
	v := &validation{model: "DataMapping"}
	for i, column := range dicts(mapping, "columns") {
		for _, k := range []string{"field", "label"} {
			if column.values[k] == "" {
				v.problem("string_type", pyTuple{"columns", i, k}, "Input should be a valid string", nil)
			}
		}
	}
	for _, k := range []string{"y_axes", "columns"} {
		if !hasItems(mapping.values[k]) {
			mapping.set(k, nil)
		}
	}
	mapping.set("value_field", nil)
	mapping.set("category_field", nil)
	return v.failure()
}

// mappings are the fields that a key of a mapping has: one or several.
func mappings(mapping *pyDict, key string) []*pyDict {
	if one, ok := mapping.values[key].(*pyDict); ok {
		return []*pyDict{one}
	}
	return dicts(mapping, key)
}

// setDefaultView is meant to find a view by its id, and views have none: it takes this for the id None.
func setDefaultView(c *call) answer {
	id, sent := c.pathID("dashboard_id"), c.body(class{{"view_alias", aString, required, nil}})
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[dashboards].find(id)
	if row == nil {
		return c.known(404, noDashboard, id)
	}
	if sent["view_alias"] != "None" {
		return c.known(404, "View %s does not belong to dashboard %s and cannot be set as default", sent["view_alias"], id)
	}
	row.set("default_view", "None")
	c.touch(dashboards, row)
	return c.dashboardAnswer(200, row)
}

func deleteWidget(c *call) answer {
	id, alias := c.pathID("dashboard_id"), c.params["widget_alias"]
	if a, no := c.refused(); no {
		return a
	}
	row, missing := c.dashboard(id)
	if row == nil {
		return missing
	}
	changed := copied(row).(*pyDict)
	view := withAlias(changed.values["views"].([]any), c.params["view_alias"])
	if view == nil {
		return c.known(404, noView, c.params["view_alias"])
	}
	for _, section := range dicts(view, "sections") {
		for i, widget := range dicts(section, "widgets") {
			if widget.values["alias"] == alias {
				section.set("widgets", slices.Delete(section.values["widgets"].([]any), i, i+1))
				return c.saveDashboard(row, changed)
			}
		}
	}
	if c.release == Head {
		return text(500, "Widget '%s' not found in view '%s'", alias, c.params["view_alias"])
	}
	return text(500, "404: Widget '%s' not found in view '%s'", alias, c.params["view_alias"])
}
