package cortextest

func (f *Fake) dataModelRoutes() []route {
	return []route{
		{"POST", "/api/v1/data/models", createDataModel},
		{"GET", "/api/v1/data/models", listDataModels},
		{"GET", "/api/v1/data/models/{model_id}", getDataModel},
		{"DELETE", "/api/v1/data/models/{model_id}", deleteDataModel},
	}
}

const noDataModel = "Data model with ID %s not found in environment %s"

func (f *Fake) insertDataModel(env pyUUID, name, alias, description, config any) *pyDict {
	return f.insert(dataModels, f.stamp(newDict("id", nil, "environment_id", env, "name", name, "alias", alias, "description", description,
		"version", 1, "is_active", true, "parent_version_id", nil, "config", config, "is_valid", false, "validation_errors", []any{}, "metrics_count", 0)))
}

func createDataModel(c *call) answer {
	body := c.object()
	env, name := c.id(body, "environment_id", required), c.str(body, "name", required)
	alias, description, config := c.str(body, "alias", optional), c.str(body, "description", optional), c.stored(c.mapping(body, "config", optional))
	if a, no := c.refused(); no {
		return a
	}
	if config == nil {
		config = newDict()
	}
	// SQLite takes a model of an environment that does not exist.
	if c.database == PostgreSQL && c.tables[environments].find(env) == nil {
		return text(400, "Failed to create data model: Failed to create data model: (psycopg.errors.ForeignKeyViolation) insert or update on table "+
			"\"data_models\" violates foreign key constraint \"data_models_environment_id_fkey\"\nDETAIL:  Key (environment_id)=(%s) is not present in table \"environments\".", env)
	}
	row := c.insertDataModel(pyUUID(env), name, alias, description, config)
	if c.release == Head {
		return c.noDerivations(true, "data_model_id", row.values["id"].(pyUUID)) // the row stays
	}
	return jsonAnswer(201, row)
}

// withCount shows a model with the number of its metrics.
func (f *Fake) withCount(model *pyDict) *pyDict {
	shown := model.clone()
	shown.set("metrics_count", len(f.tables[metrics].where("data_model_id", model.values["id"])))
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
	if c.release == Head && len(rows) > 0 {
		return c.noDerivations(true, "data_model_id", rows[0].values["id"].(pyUUID))
	}
	return paged("models", rows, p, func(r *pyDict) any { return c.withCount(r) })
}

// dataModel finds the model of the path in the environment of the query.
func (c *call) dataModel() (row *pyDict, missing answer) {
	id, env := c.pathID("model_id"), c.queryID("environment_id")
	if a, no := c.refused(); no {
		return nil, a
	}
	if row = c.tables[dataModels].find(id); row == nil || row.values["environment_id"] != pyUUID(env) {
		return nil, c.known(404, noDataModel, id, env)
	}
	return row, answer{}
}

func getDataModel(c *call) answer {
	row, missing := c.dataModel()
	if row == nil {
		return missing
	}
	if c.release == Head {
		return c.noDerivations(true, "data_model_id", row.values["id"].(pyUUID))
	}
	return jsonAnswer(200, c.withCount(row))
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
