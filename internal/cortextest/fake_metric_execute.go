package cortextest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

func (f *Fake) metricExecuteRoutes() []route {
	return []route{{"POST", "/api/v1/metrics/{metric_id}/execute", executeMetric}}
}

// beyond answers for what a real Cortex does and the fake does not: no test can take it for an answer of Cortex's.
func beyond(what string) answer { return text(501, "The fake cannot run %s", what) }

var metricExecution = class{
	{"parameters", aDict, optional, nil}, {"filters", aDict, optional, nil}, {"limit", anInteger, optional, nil}, {"offset", anInteger, optional, nil}, {"context_id", aString, optional, nil},
	{"grouped", aBoolean, optional, true}, {"ordered", aBoolean, optional, true}, {"cache", cachePreference.read, optional, nil}, {"modifiers", aListOf(anything), optional, nil},
	{"preview", aBoolean, optional, false},
}

func executeMetric(c *call) answer {
	id, start := c.pathID("metric_id"), time.Now()
	asked := c.body(metricExecution)
	if a, no := c.refused(); no {
		return a
	}
	cache, _ := asked["cache"].(*pyDict)
	switch {
	case c.release == Head:
		return beyond("metrics of " + Head)
	case asked["context_id"] != nil || hasItems(asked["modifiers"]) || cache != nil && cache.values["enabled"] == true:
		return beyond("a metric with a context, modifiers or a cache")
	}
	row := c.tables[metrics].find(id)
	if row == nil {
		return text(404, "Metric with ID %s not found", id)
	}
	parameters, _ := asked["parameters"].(*pyDict)
	if parameters == nil {
		parameters = newDict()
	}
	m := c.shownMetric(row)
	if m == nil {
		return beyond("a metric that JSON cannot show")
	}
	about := newDict("metric_id", row.values["id"])
	if errors := invalid(m, about); len(errors) > 0 {
		return executed(about, nil, append([]any{"Metric validation failed"}, errors...)...)
	}
	q, rows, problem := c.runMetric(substitute(m, parameters).(*pyDict), asked)
	if q.beyond != "" {
		return beyond(q.beyond)
	}
	duration := milliseconds(start)
	if preview := asked["preview"] == true && problem == ""; !preview {
		about.set("duration", duration)
		if problem == "" {
			about.set("row_count", len(rows))
		}
	}
	about.set("query", q.sql)
	about.set("parameters", parameters)
	if problem != "" {
		return executed(about, nil, problem)
	}
	if asked["preview"] == true {
		about.set("preview", true)
		about.set("duration", duration)
	}
	return executed(about, rows)
}

// milliseconds are those that passed.
func milliseconds(since time.Time) pyNumber {
	return pyNumber(pyFloat(float64(time.Since(since).Microseconds()) / 1000))
}

// runMetric writes the SQL of a metric, and runs it unless it shall only be shown. Without a data source that is there it is PostgreSQL's.
func (c *call) runMetric(m *pyDict, asked map[string]any) (q *query, rows []any, problem string) {
	id, kind := "None", "postgresql"
	if v, ok := m.values["data_source_id"].(pyUUID); ok {
		id = string(v)
	}
	source := c.tables[dataSources].find(id)
	if source != nil {
		kind = source.values["source_type"].(string)
	}
	switch {
	case kind == "mysql":
		return &query{beyond: "MySQL"}, nil, ""
	case c.release == Oldest, kind == "postgresql", kind == "sqlite", kind == "spreadsheet": // the oldest writes the same for all
		q, problem = newQuery(m, asked)
	default:
		return &query{}, nil, "Unsupported dialect: DataSourceTypes." + strings.ToUpper(kind)
	}
	if problem != "" || q.beyond != "" || asked["preview"] == true {
		return q, nil, problem
	}
	if source == nil {
		return q, nil, fmt.Sprintf(noDataSource, id)
	}
	database, problem := c.connect(kind, details(source))
	if problem == "" {
		rows, problem = q.run(database)
	}
	return q, rows, problem
}

func executed(about *pyDict, rows []any, errors ...any) answer {
	answer := newDict("success", errors == nil, "metadata", about, "data", nil, "errors", nil)
	if rows != nil {
		answer.set("data", rows)
	}
	if errors != nil {
		answer.set("errors", errors)
	}
	return jsonAnswer(200, answer)
}

// invalid is what Cortex itself has against running a metric. Its warnings it shows only then.
func invalid(m, about *pyDict) (errors []any) {
	var warnings []any
	if m.values["name"] == "" {
		errors = append(errors, "Name is required")
	}
	if str(m, "table_name") == "" && str(m, "query") == "" {
		errors = append(errors, "Either 'table_name' or 'query' must be specified")
	}
	if !hasItems(m.values["measures"]) && !hasItems(m.values["dimensions"]) && !hasItems(m.values["aggregations"]) {
		warnings = append(warnings, "No measures, dimensions, or aggregations defined - will use SELECT *")
	}
	if parameters, ok := m.values["parameters"].(*pyDict); ok && slices.Contains(parameters.keys, "") {
		errors = append(errors, "Parameter name cannot be empty")
	}
	for i, join := range dicts(m, "joins") {
		if !hasItems(join.values["conditions"]) {
			errors = append(errors, fmt.Sprintf("Join %d: missing join conditions", i))
		}
	}
	if m.values["public"] != true {
		name := str(m, "alias")
		if name == "" {
			name = str(m, "name")
		}
		warnings = append(warnings, "Metric '"+name+"' is not public")
	}
	if errors != nil && warnings != nil {
		about.set("validation_warnings", warnings)
	}
	return errors
}

func str(d *pyDict, key string) string {
	s, _ := d.values[key].(string)
	return s
}

// dicts are the items of a list, which may be null.
func dicts(d *pyDict, key string) (list []*pyDict) {
	items, _ := d.values[key].([]any)
	for _, item := range items {
		list = append(list, item.(*pyDict))
	}
	return list
}

// substitute puts parameters where their names are in the texts of a metric. Cortex does so in the SQL, into which the texts go as they are.
func substitute(v any, parameters *pyDict) any {
	switch v := v.(type) {
	case string:
		for _, k := range parameters.keys {
			value, ok := parameters.values[k].(string)
			if !ok {
				value = repr(parameters.values[k])
			}
			v = strings.ReplaceAll(v, "$CORTEX_"+k, value)
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = substitute(item, parameters)
		}
		return list
	case *pyDict:
		d := newDict()
		for _, k := range v.keys {
			d.set(k, substitute(v.values[k], parameters))
		}
		return d
	}
	return v
}
