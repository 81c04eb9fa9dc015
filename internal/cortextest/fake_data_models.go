package cortextest

func (f *Fake) dataModelRoutes() []route {
	return []route{
		{"POST", "/api/v1/data/models", createDataModel},
		{"GET", "/api/v1/data/models", listDataModels},
		{"GET", "/api/v1/data/models/{model_id}", getDataModel},
		{"PUT", "/api/v1/data/models/{model_id}", updateDataModel},
		{"DELETE", "/api/v1/data/models/{model_id}", deleteDataModel},
	}
}

const noDataModel = "Data model with ID %s not found in environment %s"

func (f *Fake) newDataModel(env pyUUID, name, alias, description, config any) *pyDict {
	return f.stamp(newDict("id", newUUID(), "environment_id", env, "name", name, "alias", alias, "description", description,
		"version", 1, "is_active", true, "parent_version_id", nil, "config", config, "is_valid", false, "validation_errors", []any{}))
}

func createDataModel(c *call) answer {
	body := c.object()
	env, name := c.id(body, "environment_id"), c.str(body, "name", required)
	alias, description, config := c.str(body, "alias", optional), c.str(body, "description", optional), c.mapping(body, "config", optional)
	if a, no := c.refused(); no {
		return a
	}
	if config == nil {
		config = newDict()
	}
	row := c.newDataModel(pyUUID(env), name, alias, description, config)
	const failed = "Failed to create data model: "
	insert := insertInto(dataModels, row)
	if a, no := c.unstorable(insert); no {
		return c.told(a, 400, failed, "")
	}
	if a, no := c.orphaned(insert, dataModels, foreignKey{"environment_id", environments, "data_models_environment_id_fkey"}); no {
		return c.told(a, 400, failed, failed)
	}
	c.store(row, row)
	return c.dataModelAnswer(201, c.insert(dataModels, row))
}

// dataModelAnswer shows a data model with the number of its metrics.
func (f *Fake) dataModelAnswer(status int, row *pyDict) answer {
	if f.release == Head {
		return f.noDerivations(true, "data_model_id", row.values["id"].(pyUUID))
	}
	return jsonAnswer(status, f.withCount(row))
}

func (f *Fake) withCount(row *pyDict) *pyDict {
	return before(row, "created_at", "metrics_count", len(f.tables[metrics].where("data_model_id", row.values["id"])))
}

// before shows a row with a value more, which is in no column.
func before(row *pyDict, next, key string, value any) *pyDict {
	shown := newDict()
	for _, k := range row.keys {
		if k == next {
			shown.set(key, value)
		}
		shown.set(k, row.values[k])
	}
	return shown
}

func listDataModels(c *call) answer {
	env, p, active := c.queryID("environment_id"), c.page(), c.queryBool("is_active")
	if a, no := c.refused(); no {
		return a
	}
	var rows []*pyDict
	for _, r := range c.rowsOf(dataModels, env) {
		if active == nil || r.values["is_active"] == *active {
			rows = append(rows, r)
		}
	}
	if shown := p.of(rows); c.release == Head && len(shown) > 0 {
		return c.noDerivations(true, "data_model_id", shown[0].values["id"].(pyUUID))
	}
	return c.paged("data models", "models", rows, p, c.withCount)
}

// dataModel finds the model of the path in the environment of the query.
func (c *call) dataModel() (row *pyDict, missing answer) {
	id, env := c.pathID("model_id"), c.queryID("environment_id")
	if a, no := c.refused(); no {
		return nil, a
	}
	return c.inEnvironment(dataModels, noDataModel, id, env)
}

// inEnvironment finds a row that an environment has.
func (f *Fake) inEnvironment(table, missing, id, env string) (*pyDict, answer) {
	row := f.tables[table].find(id)
	if row == nil || row.values["environment_id"] != pyUUID(env) {
		return nil, f.known(404, missing, id, env)
	}
	return row, answer{}
}

func getDataModel(c *call) answer {
	row, missing := c.dataModel()
	if row == nil {
		return missing
	}
	return c.dataModelAnswer(200, row)
}

func updateDataModel(c *call) answer {
	id, body := c.pathID("model_id"), c.object()
	env := c.id(body, "environment_id")
	values := newDict("name", c.str(body, "name", optional), "alias", c.str(body, "alias", optional), "description", c.str(body, "description", optional),
		"config", c.mapping(body, "config", optional), "is_active", c.field(body, "is_active", aBoolean, optional))
	if a, no := c.refused(); no {
		return a
	}
	row, missing := c.inEnvironment(dataModels, noDataModel, id, env)
	if row == nil {
		return missing
	}
	if a, no := c.write(dataModels, row, changes(row, values)); no {
		return c.told(a, 500, "Failed to update data model: ", "")
	}
	return c.dataModelAnswer(200, row)
}

// deleteDataModel is soft: the row stays for ever, and goes on blocking the environment's deletion on PostgreSQL.
func deleteDataModel(c *call) answer {
	row, missing := c.dataModel()
	if row == nil {
		return missing
	}
	row.set("is_active", false)
	c.touch(dataModels, row)
	return noContent()
}
