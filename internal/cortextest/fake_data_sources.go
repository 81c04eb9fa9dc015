package cortextest

import "fmt"

func (f *Fake) dataSourceRoutes() []route {
	return []route{
		{"POST", "/api/v1/data/sources", createDataSource},
		{"GET", "/api/v1/data/sources/{data_source_id}", getFrom(dataSources, "data_source_id", noDataSource)},
		{"DELETE", "/api/v1/data/sources/{data_source_id}", deleteDataSource},
		{"GET", "/api/v1/environments/{environment_id}/data/sources", listOf(dataSources)},
	}
}

const noDataSource = "Data source with ID %s does not exist"

func createDataSource(c *call) answer {
	body := c.object()
	env, name, alias, description := c.id(body, "environment_id", required), c.str(body, "name", required), c.str(body, "alias", required), c.str(body, "description", optional)
	types := []string{"postgresql", "mysql", "sqlite", "duckdb", "oracle", "bigquery", "snowflake", "redshift", "mongodb", "dynamodb", "couchbase"}
	if c.release != Oldest {
		types = append(types, "spreadsheet")
	}
	catalog, kind := c.oneOf(body, "source_catalog", "DATABASE", "API", "FILE"), c.oneOf(body, "source_type", types...)
	config := c.stored(c.mapping(body, "config", required))
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	if c.taken(dataSources, env, "name", name) {
		return text(409, "Data source with name '%s' already exists in environment %s", name, env) // head, too
	}
	return jsonAnswer(201, c.insert(dataSources, c.stamp(newDict("id", nil, "environment_id", pyUUID(env), "name", name, "alias", alias,
		"description", description, "source_catalog", catalog, "source_type", kind, "config", config))))
}

func deleteDataSource(c *call) answer {
	id, cascade := c.pathID("data_source_id"), c.queryBool("cascade")
	if a, no := c.refused(); no {
		return a
	}
	found := c.tables[dataSources].find(id) != nil
	if c.release == Oldest {
		if !found {
			return text(500, "500: Failed to delete data source")
		}
		return c.delete(dataSources, id, reference{metrics, "data_source_id"})
	}
	if !found {
		return text(404, noDataSource, id)
	}
	if c.release == Head {
		return c.noDerivations(false, "data_source_id", pyUUID(id))
	}
	dependent := c.tables[metrics].where("data_source_id", pyUUID(id))
	if len(dependent) > 0 && (cascade == nil || !*cascade) {
		list := []any{}
		for _, m := range dependent {
			list = append(list, newDict("id", m.values["id"], "name", m.values["name"], "alias", m.values["alias"], "version_count", 1))
		}
		return jsonAnswer(409, newDict("detail", newDict("error", "DataSourceHasDependencies",
			"message", fmt.Sprintf("Cannot delete data source %s: %d metric(s) depend on it", id, len(dependent)),
			"data_source_id", id, "dependencies", newDict("metrics", list))))
	}
	for _, m := range dependent {
		c.tables[metrics].remove(string(m.values["id"].(pyUUID)))
	}
	return c.delete(dataSources, id)
}
