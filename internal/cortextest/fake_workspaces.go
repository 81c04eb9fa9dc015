package cortextest

func (f *Fake) workspaceRoutes() []route {
	return []route{
		{"POST", "/api/v1/workspaces", createWorkspace},
		{"GET", "/api/v1/workspaces", func(c *call) answer { return rowsAnswer(c.tables[workspaces].rows) }},
		{"GET", "/api/v1/workspaces/{workspace_id}", getWorkspace},
		{"PUT", "/api/v1/workspaces/{workspace_id}", updateWorkspace},
		{"DELETE", "/api/v1/workspaces/{workspace_id}", deleteWorkspace},
	}
}

// noWorkspace is the answer to a workspace of the path that is not there.
func (c *call) noWorkspace(id string) answer {
	if c.release == Head {
		return c.noWorkspaceHere(id)
	}
	return text(404, "Workspace with ID %s not found", id)
}

// noWorkspaceHere is the answer to a reference to a workspace that is not there.
func (c *call) noWorkspaceHere(id string) answer {
	return c.known(404, "Workspace with ID %s does not exist in the database", id)
}

func createWorkspace(c *call) answer {
	body := c.object()
	name, description := c.str(body, "name", required), c.str(body, "description", optional)
	if a, no := c.refused(); no {
		return a
	}
	if a, no := c.unstorable(selectByName(workspaces, newDict("name_1", name))); no {
		return a
	}
	if len(c.tables[workspaces].where("name", name)) > 0 {
		return c.known(409, "Workspace with name '%s' already exists", name)
	}
	c.letOthersIn()
	row := c.stamp(newDict("id", newUUID(), "name", name, "description", description))
	if a, no := c.unstorable(insertInto(workspaces, row)); no {
		return a
	}
	return jsonAnswer(201, c.insert(workspaces, row))
}

func getWorkspace(c *call) answer {
	id := c.pathID("workspace_id")
	if a, no := c.refused(); no {
		return a
	}
	if row := c.tables[workspaces].find(id); row != nil {
		return jsonAnswer(200, row)
	}
	return c.noWorkspace(id)
}

func updateWorkspace(c *call) answer {
	id := c.pathID("workspace_id")
	body := c.object()
	values := newDict("name", c.str(body, "name", optional), "description", c.str(body, "description", optional))
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[workspaces].find(id)
	if row == nil {
		return c.noWorkspace(id)
	}
	return c.update(workspaces, row, values)
}

func deleteWorkspace(c *call) answer {
	id := c.pathID("workspace_id")
	if a, no := c.refused(); no {
		return a
	}
	if c.tables[workspaces].find(id) == nil {
		return c.noWorkspace(id)
	}
	return c.delete(workspaces, id, reference{environments, "workspace_id"})
}
