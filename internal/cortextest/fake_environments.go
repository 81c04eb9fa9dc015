package cortextest

func (f *Fake) environmentRoutes() []route {
	return []route{
		{"POST", "/api/v1/environments", createEnvironment},
		{"GET", "/api/v1/environments", listEnvironments},
		{"GET", "/api/v1/environments/{environment_id}", getEnvironment},
		{"PUT", "/api/v1/environments/{environment_id}", updateEnvironment},
		{"DELETE", "/api/v1/environments/{environment_id}", deleteEnvironment},
	}
}

func (c *call) noEnvironment(id string) answer {
	return c.known(404, "Environment with ID %s does not exist in the database", id)
}

func createEnvironment(c *call) answer {
	body := c.object()
	workspace, name, description := c.id(body, "workspace_id"), c.str(body, "name", defaulted), c.str(body, "description", optional)
	if a, no := c.refused(); no {
		return a
	}
	if name == nil {
		name = "Development"
	}
	if description == nil {
		// An absent description and a null one get two different texts.
		if _, sent := body.values["description"]; sent {
			description = "Default environment for workspace"
		} else {
			description = "Default environment for the workspace environment"
		}
	}
	if c.tables[workspaces].find(workspace) == nil {
		return c.noWorkspaceHere(workspace)
	}
	if a, no := c.unstorable(selectByName(environments, newDict("name_1", name, "workspace_id_1", pyUUID(workspace)))); no {
		return a
	}
	for _, env := range c.tables[environments].where("workspace_id", pyUUID(workspace)) {
		if env.values["name"] == name {
			return text(500, "Environment with name '%s' already exists in workspace %s", name, workspace)
		}
	}
	c.letOthersIn()
	row := c.stamp(newDict("id", newUUID(), "workspace_id", pyUUID(workspace), "name", name, "description", description))
	if a, no := c.unstorable(insertInto(environments, row)); no {
		return a
	}
	return jsonAnswer(201, c.insert(environments, row))
}

func listEnvironments(c *call) answer {
	workspace := c.queryID("workspace_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[workspaces].find(workspace) == nil {
		return c.noWorkspaceHere(workspace)
	}
	return rowsAnswer(c.tables[environments].where("workspace_id", pyUUID(workspace)))
}

func getEnvironment(c *call) answer {
	id := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	if row := c.tables[environments].find(id); row != nil {
		return jsonAnswer(200, row)
	}
	return c.noEnvironment(id)
}

func updateEnvironment(c *call) answer {
	id := c.pathID("environment_id")
	body := c.object()
	// A workspace_id is ignored, even a malformed one.
	values := newDict("name", c.str(body, "name", optional), "description", c.str(body, "description", optional))
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[environments].find(id)
	if row == nil {
		return c.noEnvironment(id)
	}
	return c.update(environments, row, values)
}

func deleteEnvironment(c *call) answer {
	id := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[environments].find(id) == nil {
		return c.noEnvironment(id)
	}
	// In the order in which PostgreSQL checks them. Dashboards have no foreign key.
	return c.delete(environments, id, reference{consumers, "environment_id"}, reference{dataSources, "environment_id"},
		reference{consumerGroups, "environment_id"}, reference{dataModels, "environment_id"}, reference{metrics, "environment_id"})
}
