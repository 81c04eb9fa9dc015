package cortextest

func (f *Fake) dashboardRoutes() []route {
	return []route{
		{"POST", "/api/v1/dashboards", createDashboard},
		{"GET", "/api/v1/dashboards/{dashboard_id}", getFrom(dashboards, "dashboard_id", noDashboard)},
		{"DELETE", "/api/v1/dashboards/{dashboard_id}", deleteDashboard},
		{"GET", "/api/v1/environments/{environment_id}/dashboards", listDashboards},
	}
}

const noDashboard = "Dashboard with ID %s does not exist in the database"

func (f *Fake) insertDashboard(env pyUUID, name, description, kind any, views []any, tags any) *pyDict {
	row := f.stamp(newDict("id", nil, "alias", nil, "environment_id", env, "name", name, "description", description, "type", kind,
		"views", views, "default_view", views[0].(*pyDict).values["alias"], "tags", tags, "created_by", newUUID()))
	row.set("last_viewed_at", nil)
	return f.insert(dashboards, row)
}

// view shows a view with what Cortex fills in. Its times, unlike all others, carry a zone.
func (f *Fake) view(v *pyDict) *pyDict {
	section := newDict("alias", "default", "title", "Default", "description", nil, "position", 0, "widgets", []any{})
	sections, _ := v.values["sections"].([]any)
	if len(sections) == 0 {
		sections = []any{section}
	}
	return newDict("alias", v.values["alias"], "title", v.values["title"], "description", v.values["description"], "sections", sections,
		"context_id", v.values["context_id"], "layout", nil, "created_at", isoformat(f.tick())+"Z", "updated_at", isoformat(f.tick())+"Z")
}

func createDashboard(c *call) answer {
	body := c.object()
	env, name, description := c.id(body, "environment_id"), c.str(body, "name", required), c.str(body, "description", optional)
	kind := c.field(body, "type", oneOf("executive", "operational", "analytical", "tactical"), required)
	if a, no := c.refused(); no {
		return a
	}
	if c.taken(dashboards, env, "name", name) {
		return c.known(409, "Dashboard with name '%s' already exists in environment %s", name, env)
	}
	var views []any
	if list, ok := body.values["views"].([]any); ok {
		for _, v := range list {
			if v, ok := v.(*pyDict); ok {
				views = append(views, c.view(v))
			}
		}
	}
	if len(views) == 0 {
		views = []any{c.view(newDict("alias", "default", "title", "Default"))}
	}
	// The environment is not checked, and no foreign key does.
	return jsonAnswer(201, c.insertDashboard(pyUUID(env), name, description, kind, views, body.values["tags"]))
}

// listDashboards, unlike the other lists, does not ask whether the environment exists.
func listDashboards(c *call) answer {
	env := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	rows := c.rowsOf(dashboards, env)
	return jsonAnswer(200, newDict("dashboards", anys(rows), "total", len(rows)))
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
