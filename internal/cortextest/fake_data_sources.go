package cortextest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func (f *Fake) dataSourceRoutes() []route {
	return []route{
		{"POST", "/api/v1/data/sources", createDataSource},
		{"GET", "/api/v1/data/sources/{data_source_id}", getDataSource},
		{"PUT", "/api/v1/data/sources/{data_source_id}", updateDataSource},
		{"DELETE", "/api/v1/data/sources/{data_source_id}", deleteDataSource},
		{"POST", "/api/v1/data/sources/{data_source_id}/ping", pingDataSource},
		{"GET", "/api/v1/data/sources/{data_source_id}/schema", getDataSourceSchema},
		{"GET", "/api/v1/environments/{environment_id}/data/sources", listDataSources},
	}
}

const noDataSource = "Data source with ID %s does not exist"

// sourceTypes are the types that a data source can have, in the order in which Cortex names them.
func (f *Fake) sourceTypes() []string {
	types := []string{"postgresql", "mysql", "sqlite", "duckdb", "oracle", "bigquery", "snowflake", "redshift", "mongodb", "dynamodb", "couchbase"}
	if f.release != Oldest {
		types = append(types, "spreadsheet")
	}
	return types
}

func createDataSource(c *call) answer {
	body := c.object()
	env, name, alias, description := c.id(body, "environment_id"), c.str(body, "name", required), c.str(body, "alias", required), c.str(body, "description", optional)
	catalog, kind := c.field(body, "source_catalog", oneOf("DATABASE", "API", "FILE"), required), c.field(body, "source_type", oneOf(c.sourceTypes()...), required)
	config := c.mapping(body, "config", required)
	if a, no := c.refused(); no {
		return a
	}
	if sheet := config.(*pyDict).values; kind == "spreadsheet" && sheet["provider_type"] == "csv" {
		if file := sheet["file_id"]; file != nil && file != "" {
			return text(500, "badly formed hexadecimal UUID string") // the fake keeps no files
		}
		return text(500, "file_id is required for CSV provider")
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	if a, no := c.unstorable(selectByName(dataSources, newDict("name_1", name, "environment_id_1", pyUUID(env)))); no {
		return a
	}
	if c.taken(dataSources, env, "name", name) {
		return text(409, "Data source with name '%s' already exists in environment %s", name, env) // head, too
	}
	c.letOthersIn()
	row := c.stamp(newDict("id", newUUID(), "environment_id", pyUUID(env), "name", name, "alias", alias, "description", description,
		"source_catalog", catalog, "source_type", kind, "config", config))
	if a, no := c.unstorable(insertInto(dataSources, row)); no {
		return a
	}
	c.store(row, row)
	return sourceAnswer(201, c.insert(dataSources, row), row)
}

// sourceAnswer shows a data source or several. A lone surrogate cannot be shown in a key of config either.
func sourceAnswer(status int, shown any, rows ...*pyDict) answer {
	if slices.ContainsFunc(rows, func(r *pyDict) bool { return hasLoneKey(r.values["config"]) }) {
		return unhandled()
	}
	return jsonAnswer(status, shown)
}

func hasLoneKey(v any) bool {
	switch v := v.(type) {
	case []any:
		return slices.ContainsFunc(v, hasLoneKey)
	case *pyDict:
		return slices.ContainsFunc(v.keys, func(k string) bool { return surrogateError(k) != "" || hasLoneKey(v.values[k]) })
	}
	return false
}

// dataSource finds the data source of the path.
func (c *call) dataSource() (row *pyDict, missing answer) {
	id := c.pathID("data_source_id")
	if a, no := c.refused(); no {
		return nil, a
	}
	if row = c.tables[dataSources].find(id); row == nil {
		return nil, text(404, noDataSource, id) // head lost the status of all others
	}
	return row, answer{}
}

func getDataSource(c *call) answer {
	row, missing := c.dataSource()
	if row == nil {
		return missing
	}
	return sourceAnswer(200, row, row)
}

func updateDataSource(c *call) answer {
	id := c.pathID("data_source_id")
	body := c.object()
	// Type, catalog and environment are ignored, whatever they are.
	values := newDict("name", c.str(body, "name", optional), "alias", c.str(body, "alias", optional), "description", c.str(body, "description", optional),
		"config", c.mapping(body, "config", optional))
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[dataSources].find(id)
	if row == nil {
		return text(404, noDataSource, id)
	}
	if a, no := c.updateChanged(dataSources, row, values); no {
		return a
	}
	return sourceAnswer(200, row, row)
}

func listDataSources(c *call) answer {
	env := c.pathID("environment_id")
	if a, no := c.refused(); no {
		return a
	}
	if a, ok := c.environment(env); !ok {
		return a
	}
	rows := c.rowsOf(dataSources, env)
	return sourceAnswer(200, anys(rows), rows...)
}

func deleteDataSource(c *call) answer {
	id, cascade := c.pathID("data_source_id"), c.queryBool("cascade")
	if c.release == Oldest {
		cascade, c.problems = nil, slices.DeleteFunc(c.problems, func(p any) bool { return p.(*pyDict).values["type"] == "bool_parsing" })
	}
	if a, no := c.refused(); no {
		return a
	}
	row := c.tables[dataSources].find(id)
	if c.release == Oldest {
		if row == nil {
			return text(500, "500: Failed to delete data source")
		}
		return c.delete(dataSources, id, reference{metrics, "data_source_id"})
	}
	if row == nil {
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
	// Cortex takes the file under this key for its own, and deletes it with the data source, and the folders that are empty then.
	if path, ok := row.values["config"].(*pyDict).values["sqlite_path"].(string); ok && filepath.IsAbs(path) {
		for os.Remove(path) == nil {
			path = filepath.Dir(path)
		}
	}
	return c.delete(dataSources, id)
}

// details is the config of a data source as it is given to the database's client, which may add to it.
func details(row *pyDict) *pyDict { return row.values["config"].(*pyDict).clone() }

// dialed is the type of a data source and its details, the dialect over the one that is configured.
func (f *Fake) dialed(row *pyDict) (kind string, with *pyDict) {
	kind, with = row.values["source_type"].(string), details(row)
	if slices.Contains([]string{"postgresql", "mysql", "oracle", "sqlite"}, kind) || kind == "spreadsheet" && f.release != Oldest {
		with.set("dialect", pyEnum(kind))
	}
	return kind, with
}

func pingDataSource(c *call) answer {
	row, missing := c.dataSource()
	if row == nil {
		return missing
	}
	kind, with := c.dialed(row)
	if _, problem := c.connect(kind, with); problem != "" {
		return jsonAnswer(200, newDict("status", "failed", "message", "Failed to connect to data source: "+problem, "data_source_id", row.values["id"], "error", problem))
	}
	return jsonAnswer(200, newDict("status", "success", "message", fmt.Sprintf("Successfully connected to data source %s", row.values["name"]),
		"data_source_id", row.values["id"], "data_source_name", row.values["name"], "source_type", kind))
}

func getDataSourceSchema(c *call) answer {
	row, missing := c.dataSource()
	if row == nil {
		return missing
	}
	if c.release == Head {
		return c.noDerivations(false, "data_source_id", row.values["id"].(pyUUID))
	}
	schema, problem := c.sourceSchema(row)
	if problem != "" {
		return text(500, "%s", "Failed to retrieve schema for data source: "+problem)
	}
	return jsonAnswer(200, newDict("data_source_id", row.values["id"], "data_source_name", row.values["name"], "source_type", row.values["source_type"], "schema", schema))
}

// sourceSchema connects to a data source and shows its tables.
func (c *call) sourceSchema(row *pyDict) (schema any, problem string) {
	if env := string(row.values["environment_id"].(pyUUID)); c.tables[environments].find(env) == nil {
		return nil, string(c.noEnvironment(env).body)
	}
	kind, with := row.values["source_type"].(string), details(row)
	if _, set := with.values["dialect"]; !set {
		with.set("dialect", kind)
	}
	database, problem := c.connect(kind, with)
	if problem != "" {
		return nil, problem
	}
	return c.schemaOf(database)
}
