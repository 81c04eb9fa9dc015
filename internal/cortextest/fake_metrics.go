package cortextest

import (
	"fmt"
	"slices"
	"strings"
)

func (f *Fake) metricRoutes() []route {
	return []route{
		{"POST", "/api/v1/metrics", createMetric},
		{"GET", "/api/v1/metrics", listMetrics},
		{"GET", "/api/v1/metrics/{metric_id}", getMetric},
		{"PUT", "/api/v1/metrics/{metric_id}", updateMetric},
		{"DELETE", "/api/v1/metrics/{metric_id}", deleteMetric},
	}
}

const noMetric = "Metric with ID %s not found in environment %s"

// metricKeys are the foreign keys of metrics that a request can break.
var metricKeys = []foreignKey{{"data_source_id", dataSources, "fk_metrics_data_source_id"}, {"extends", metrics, "fk_metrics_extends"}}

func createMetric(c *call) answer {
	values := c.body(createdMetric)
	if a, no := c.refused(); no {
		return a
	}
	if c.release == Head {
		return unhandled()
	}
	model := c.tables[dataModels].find(string(values["data_model_id"].(pyUUID)))
	if model == nil {
		return c.known(404, "Data model with ID %s not found", values["data_model_id"])
	}
	const failed = "Failed to create metric: "
	if slices.ContainsFunc(inferredColumns, func(k string) bool { return hasItems(values[k]) }) {
		for k, typed := range c.infer(values["data_source_id"], values) {
			if hasItems(typed) {
				values[k] = typed
			}
		}
	}
	v := &validation{model: "SemanticMetric", values: newDict("public", values["public"])}
	v.field("public", aBoolean, required)
	if problem := v.failure(); problem != "" {
		return text(400, "%s", failed+problem)
	}
	values["grouped"], values["ordered"], values["order"], values["extends"] = true, true, nil, nil // whatever was sent
	row := newDict("id", newUUID(), "environment_id", model.values["environment_id"], "data_model_id", model.values["id"])
	dump := &reading{json: true}
	for _, f := range semanticMetric {
		v := values[f.name]
		if jsonColumns[f.name] && f.name != "meta" {
			v = nullable(f.read)(dump, nil, v)
		}
		if f.name == "extends" {
			row.set("version", 1)
		}
		row.set(f.name, v)
	}
	if len(dump.problems) > 0 {
		return text(400, failed+"a key cannot be encoded") // the real one quotes it, and SQLite the statement
	}
	row.set("is_valid", false)
	row.set("validation_errors", []any{})
	row.set("compiled_query", nil)
	insert := insertInto(metrics, c.stamp(row))
	if a, no := c.unstorable(insert); no {
		return c.told(a, 400, failed, "")
	}
	if a, no := c.orphaned(insert, metrics, metricKeys...); no {
		return c.told(a, 400, failed, failed)
	}
	c.store(row, row)
	return c.metricAnswer(201, c.insert(metrics, row))
}

// shownMetric is a metric as Cortex reads it from its columns, or nil if JSON does not have what it finds.
func (f *Fake) shownMetric(row *pyDict) *pyDict {
	model := any("Unknown")
	if found := f.tables[dataModels].where("id", row.values["data_model_id"]); len(found) > 0 {
		model = found[0].values["name"]
	}
	shown, r := newDict(), &reading{json: true}
	for _, k := range row.keys {
		if k != "extends" {
			shown.set(k, row.values[k])
		}
	}
	for _, f := range semanticMetric {
		if jsonColumns[f.name] {
			shown.set(f.name, f.of(r, nil, row))
		}
	}
	if len(r.problems) > 0 || notFinite(shown) != "" {
		return nil
	}
	return before(shown, "created_at", "data_model_name", model)
}

func (f *Fake) metricAnswer(status int, row *pyDict) answer {
	if shown := f.shownMetric(row); shown != nil {
		return jsonAnswer(status, shown)
	}
	return unhandled()
}

func listMetrics(c *call) answer {
	env, p := c.queryID("environment_id"), c.page()
	var model any
	if v, ok := c.queryValue("data_model_id"); ok {
		model = anID(&c.reading, pyTuple{"query", "data_model_id"}, v)
	}
	public, valid := c.queryBool("public_only"), c.queryBool("valid_only")
	if a, no := c.refused(); no {
		return a
	}
	if c.release == Head {
		where, params := "metrics.environment_id = %(environment_id_1)s::UUID", newDict("environment_id_1", pyUUID(env))
		if model != nil {
			where += " AND metrics.data_model_id = %(data_model_id_1)s::UUID"
			params.set("data_model_id_1", model)
		}
		for _, only := range []struct {
			column string
			is     *bool
		}{{"public", public}, {"is_valid", valid}} {
			if only.is != nil {
				where += fmt.Sprintf(" AND metrics.%s = %t", only.column, *only.is)
			}
		}
		params.set("param_1", p.size)
		params.set("param_2", (p.number-1)*p.size)
		return c.unreadMetrics(false, where+" ORDER BY metrics.updated_at DESC \n LIMIT %(param_1)s::INTEGER OFFSET %(param_2)s::INTEGER", params)
	}
	rows := slices.DeleteFunc(c.rowsOf(metrics, env), func(r *pyDict) bool {
		return model != nil && r.values["data_model_id"] != model || public != nil && r.values["public"] != *public || valid != nil && r.values["is_valid"] != *valid
	})
	return c.paged("metrics", "metrics", rows, p, c.shownMetric)
}

// metric finds the metric of the path in the environment of the query. The head of Cortex's repository does not care for the environment.
func (c *call) metric() (row *pyDict, missing answer) {
	id, env := c.pathID("metric_id"), c.queryID("environment_id")
	if a, no := c.refused(); no {
		return nil, a
	}
	if c.release == Head {
		return nil, c.firstMetric("", newDict("id_1", pyUUID(id)))
	}
	return c.inEnvironment(metrics, noMetric, id, env)
}

// firstMetric is what the head of Cortex's repository answers where it looks for one metric.
func (f *Fake) firstMetric(and string, params *pyDict) answer {
	params.set("param_1", 1)
	limit := " \n LIMIT %(param_1)s::INTEGER"
	if f.database == SQLite {
		params.set("param_2", 0)
		limit += " OFFSET %(param_2)s::INTEGER"
	}
	return f.unreadMetrics(false, "metrics.id = %(id_1)s::UUID"+and+limit, params)
}

func getMetric(c *call) answer {
	row, missing := c.metric()
	if row == nil {
		return missing
	}
	return c.metricAnswer(200, row)
}

func updateMetric(c *call) answer {
	id, values := c.pathID("metric_id"), c.body(updatedMetric)
	if a, no := c.refused(); no {
		return a
	}
	env := values["environment_id"].(pyUUID)
	if c.release == Head {
		return c.firstMetric(" AND metrics.environment_id = %(environment_id_1)s::UUID", newDict("id_1", pyUUID(id), "environment_id_1", env))
	}
	row, missing := c.inEnvironment(metrics, noMetric, id, string(env))
	if row == nil {
		return missing
	}
	if slices.ContainsFunc(inferredColumns, func(k string) bool { return values[k] != nil }) {
		source := values["data_source_id"]
		if source == nil {
			source = row.values["data_source_id"] // even if this very update takes it away
		}
		for k, typed := range c.infer(source, values) {
			values[k] = typed
		}
	}
	changed := newDict()
	for _, f := range semanticMetric {
		if f.name == "extends" {
			changed.set("version", row.values["version"].(int)+1)
		}
		kept := values[f.name] == nil && (f.name == "grouped" || f.name == "ordered" || f.name == "public")
		if v := values[f.name]; !kept && !pyEqual(v, row.values[f.name]) {
			changed.set(f.name, v)
		}
	}
	const failed = "Failed to update metric: "
	try := changed.clone()
	try.set("updated_at", c.tick())
	update := updateOf(metrics, pyUUID(id), try)
	if a, no := c.unstorable(update); no {
		return c.told(a, 500, failed, failed)
	}
	if values["name"] == nil {
		return c.told(c.noName(update), 500, failed, failed)
	}
	if a, no := c.orphaned(update, metrics, metricKeys...); no {
		return c.told(a, 500, failed, failed)
	}
	c.store(row, changed)
	c.touch(metrics, row)
	return c.metricAnswer(200, row)
}

// noName is what a database says about a metric without a name. PostgreSQL shows the whole row.
func (f *Fake) noName(s statement) answer {
	if f.database == SQLite {
		return s.failedInSQLite("(sqlite3.IntegrityError) NOT NULL constraint failed: metrics.name", "gkpj")
	}
	return s.failed("(psycopg.errors.NotNullViolation) null value in column \"name\" of relation \"metrics\" violates not-null constraint\n"+
		"DETAIL:  Failing row contains (…).", "gkpj")
}

func deleteMetric(c *call) answer {
	row, missing := c.metric()
	if row == nil {
		return missing
	}
	return c.delete(metrics, string(row.values["id"].(pyUUID)))
}

// inferredColumns hold what is about columns of the data source's database, whose types Cortex looks up there.
var inferredColumns = []string{"measures", "dimensions", "filters"}

func hasItems(v any) bool {
	list, _ := v.([]any)
	return len(list) > 0
}

// infer gives the measures, dimensions and filters that are there the types of their columns, and those whose column is not found none. An empty list
// becomes null. If the database cannot be reached, all stays as it is.
func (f *Fake) infer(source any, values map[string]any) map[string]any {
	id, _ := source.(pyUUID)
	row := f.tables[dataSources].find(string(id))
	if row == nil {
		return nil
	}
	kind, with := f.dialed(row)
	database, problem := f.connect(kind, with)
	if problem != "" {
		return nil
	}
	schema, problem := f.schemaOf(database)
	d, ok := schema.(*pyDict)
	if problem != "" || !ok { // the oldest release has another schema of a file, in which it finds nothing
		return nil
	}
	typed := map[string]any{}
	for _, key := range inferredColumns {
		list, _ := values[key].([]any)
		if values[key] != nil {
			typed[key] = nil
		}
		for _, item := range list {
			about := item.(*pyDict).clone()
			about.set("source_type", nil)
			about.set("source_meta", nil)
			if column := columnOf(d, about.values["table"], about.values["query"]); column != nil {
				about.set("source_type", strings.Replace(strings.ToLower(column.values["type"].(string)), "numeric", "decimal", 1))
				about.set("source_meta", columnSourceMeta.read(&reading{}, nil, column))
			}
			before, _ := typed[key].([]any)
			typed[key] = append(before, about)
		}
	}
	return typed
}

// columnOf finds a column in the schema of a database, in any table if none is named.
func columnOf(schema *pyDict, table, name any) *pyDict {
	for _, t := range schema.values["tables"].([]any) {
		t := t.(*pyDict).values
		if table != nil && table != "" && t["name"] != table {
			continue
		}
		for _, column := range t["columns"].([]any) {
			if column := column.(*pyDict); column.values["name"] == name {
				return column
			}
		}
	}
	return nil
}
