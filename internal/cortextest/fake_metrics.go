package cortextest

func (f *Fake) metricRoutes() []route {
	return []route{
		{"POST", "/api/v1/metrics", createMetric},
		{"GET", "/api/v1/metrics", listMetrics},
		{"GET", "/api/v1/metrics/{metric_id}", getMetric},
		{"DELETE", "/api/v1/metrics/{metric_id}", deleteMetric},
	}
}

const noMetric = "Metric with ID %s not found in environment %s"

func createMetric(c *call) answer {
	body := c.object()
	model, name := c.id(body, "data_model_id", required), c.str(body, "name", required)
	values := newDict()
	for _, key := range []string{"alias", "description", "title", "query", "table_name"} {
		values.set(key, c.str(body, key, optional))
	}
	var source any
	if id := c.id(body, "data_source_id", optional); id != "" {
		source = pyUUID(id)
	}
	if a, no := c.refused(); no {
		return a
	}
	if c.release == Head {
		return unhandled()
	}
	m := c.tables[dataModels].find(model)
	if m == nil {
		return c.known(404, "Data model with ID %s not found", model)
	}
	row := newDict("id", nil, "environment_id", m.values["environment_id"], "data_model_id", pyUUID(model), "name", name)
	for _, key := range values.keys {
		row.set(key, values.values[key])
	}
	row.set("data_source_id", source)
	for _, key := range []string{"limit", "grouped", "ordered", "measures", "dimensions", "joins", "aggregations", "filters", "order", "parameters"} {
		row.set(key, nil)
	}
	row.set("grouped", true)
	row.set("ordered", true)
	row.set("version", 1)
	row.set("public", true)
	for _, key := range []string{"refresh", "cache", "meta"} {
		row.set(key, nil)
	}
	row.set("is_valid", false)
	row.set("validation_errors", []any{})
	row.set("compiled_query", nil)
	row.set("data_model_name", m.values["name"])
	return jsonAnswer(201, c.insert(metrics, c.stamp(row)))
}

func listMetrics(c *call) answer {
	env, p := c.queryID("environment_id"), c.page()
	if a, no := c.refused(); no {
		return a
	}
	if c.release == Head {
		return c.noDerivations(false, "environment_id", pyUUID(env))
	}
	return paged("metrics", c.rowsOf(metrics, env), p, func(r *pyDict) any { return r })
}

// metric finds the metric of the path in the environment of the query.
func (c *call) metric() (row *pyDict, missing answer) {
	id, env := c.pathID("metric_id"), c.queryID("environment_id")
	if a, no := c.refused(); no {
		return nil, a
	}
	if c.release == Head {
		return nil, c.noDerivations(false, "id", pyUUID(id))
	}
	if row = c.tables[metrics].find(id); row == nil || row.values["environment_id"] != pyUUID(env) {
		return nil, c.known(404, noMetric, id, env)
	}
	return row, answer{}
}

func getMetric(c *call) answer {
	row, missing := c.metric()
	if row == nil {
		return missing
	}
	return jsonAnswer(200, row)
}

func deleteMetric(c *call) answer {
	row, missing := c.metric()
	if row == nil {
		return missing
	}
	return c.delete(metrics, string(row.values["id"].(pyUUID)))
}
