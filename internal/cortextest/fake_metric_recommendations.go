package cortextest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

func (f *Fake) metricRecommendationRoutes() []route {
	return []route{{"POST", "/api/v1/metrics/recommendations", recommendMetrics}}
}

// ids are the fields that every request for recommendations has, a choice those of the latest release.
var (
	recommendationIDs = class{{"environment_id", anID, required, nil}, {"data_source_id", anID, required, nil}, {"data_model_id", anID, required, nil}}
	columnsByTable    = aDictOf(aListOf(aString))
	recommendedChoice = class{
		{"select", class{{"include", columnsByTable, optional, nil}, {"exclude", columnsByTable, optional, nil}}.read, defaulted, newDict("include", nil, "exclude", nil)},
		{"metric_types", aListOf(aString), optional, nil}, {"time_windows", aListOf(anInteger), optional, nil}, {"grains", aListOf(aString), optional, nil},
	}
)

// pythonValueErrors are the problems with a connection that Cortex takes for objects that are missing.
var pythonValueErrors = regexp.MustCompile(`^(?:\d+ validation errors? for |Unsupported database type: |invalid literal for int\(\))`)

func recommendMetrics(c *call) answer {
	body, request := c.object(), recommendationIDs
	if c.release != Oldest {
		request = slices.Concat(recommendationIDs, recommendedChoice)
	}
	if a, no := c.refused(); no {
		return a
	}
	asked, _ := request.read(&c.reading, pyTuple{"body"}, body).(*pyDict)
	if a, no := c.refused(); no {
		return a
	}
	if c.release == Head {
		return beyond("recommendations of " + Head)
	}
	env, source, model := asked.values["environment_id"], asked.values["data_source_id"].(pyUUID), asked.values["data_model_id"].(pyUUID)
	failed := func(problem string) answer {
		return text(500, "%s", "Failed to generate metric recommendations: "+problem)
	}
	from := c.tables[dataSources].find(string(source))
	if from == nil {
		return failed(fmt.Sprintf(noDataSource, source))
	}
	if from.values["environment_id"] != env {
		return text(404, "Data source %s does not belong to environment %s", source, env)
	}
	into := c.tables[dataModels].find(string(model))
	if into == nil {
		return text(404, "Data model %s not found", model)
	}
	if into.values["environment_id"] != env {
		return text(404, "Data model %s does not belong to environment %s", model, env)
	}
	r := newRecommender(c, asked)
	schema, problem := c.sourceSchema(from)
	switch tables, dict := schema.(*pyDict); {
	case pythonValueErrors.MatchString(problem):
		return text(404, "%s", problem)
	case problem != "":
		return failed(problem)
	case !dict:
		return failed("'list' object has no attribute 'get'")
	default:
		for _, t := range tables.values["tables"].([]any) {
			r.recommend(t.(*pyDict))
		}
	}
	if r.outOfRange {
		return failed("date value out of range")
	}
	list, preview := []any{}, newDict()
	for _, m := range r.found {
		now := isoformat(c.tick()) + "Z"
		row := newDict("id", newUUID(), "environment_id", env, "data_model_id", model, "name", m.name, "alias", nil, "description", m.description, "title", m.name,
			"query", nil, "table_name", m.table, "data_source_id", source, "limit", nil, "grouped", m.dimensions != nil, "ordered", true, "measures", m.measures, "dimensions", m.dimensions,
			"joins", nil, "aggregations", nil, "filters", m.filters, "order", nil, "parameters", nil, "version", 1, "public", true, "refresh", nil, "cache", nil, "meta", nil,
			"is_valid", false, "validation_errors", nil, "compiled_query", nil, "data_model_name", into.values["name"], "created_at", now, "updated_at", now)
		list = append(list, row)
		if preview.values[m.table] == nil {
			preview.set(m.table, newDict("count", 0, "metric_names", []any{}))
		}
		p := preview.values[m.table].(*pyDict)
		p.set("count", p.values["count"].(int)+1)
		p.set("metric_names", append(p.values["metric_names"].([]any), m.name))
	}
	if c.release != Oldest {
		asked.set("table_preview", preview)
	}
	return jsonAnswer(200, newDict("metrics", list, "total_count", len(list), "metadata", asked))
}

// A recommender makes metrics of tables by Cortex's rules.
type recommender struct {
	*call
	include, exclude       *pyDict // columns by table, nil for all and none
	types, windows, grains []any
	outOfRange             bool // a window begins before the first year or after the last
	found                  []recommended
}

// A recommended metric. Its lists are nil when it has none.
type recommended struct {
	table, name, description      string
	measures, dimensions, filters any
}

func newRecommender(c *call, asked *pyDict) *recommender {
	list := func(key string, otherwise ...any) []any {
		if chosen, _ := asked.values[key].([]any); len(chosen) > 0 {
			return chosen
		}
		return otherwise
	}
	r := &recommender{call: c, types: list("metric_types", "count", "sum", "avg", "min", "max", "count_distinct", "boolean"),
		windows: list("time_windows", pyNumber("30")), grains: list("grains", "day", "week", "month", "quarter", "year")}
	if choice, ok := asked.values["select"].(*pyDict); ok {
		r.include, _ = choice.values["include"].(*pyDict)
		r.exclude, _ = choice.values["exclude"].(*pyDict)
	}
	return r
}

// chosen tells whether the request leaves a column in.
func (r *recommender) chosen(table, column string) bool {
	names := func(tables *pyDict) (all, it bool) {
		if tables == nil {
			return false, false
		}
		columns, ok := tables.values[table].([]any)
		return ok && len(columns) == 0, slices.Contains(columns, any(column))
	}
	if all, it := names(r.exclude); all || it {
		return false
	}
	all, it := names(r.include)
	return r.include == nil || len(r.include.keys) == 0 || all || it
}

func (r *recommender) old() bool { return r.release == Oldest }

// maxPerTable is how many metrics Cortex recommends for one table.
const maxPerTable = 200

// add keeps a metric. The latest release recommends none of a name that it has recommended, and not too many of a table.
func (r *recommender) add(m recommended) {
	of := 0
	for _, other := range r.found {
		if other.name == m.name && !r.old() {
			return
		}
		if other.table == m.table {
			of++
		}
	}
	if of < maxPerTable || r.old() {
		r.found = append(r.found, m)
	}
}

// recommend adds the metrics of one table: of a single value first, then by time and category.
func (r *recommender) recommend(schema *pyDict) {
	table := schema.values["name"].(string)
	var all, numbers, booleans, keys, dates, categories []string
	for _, v := range schema.values["columns"].([]any) {
		name, kind := v.(*pyDict).values["name"].(string), v.(*pyDict).values["type"].(string)
		if !r.chosen(table, name) {
			continue
		}
		all = append(all, name)
		switch {
		case r.isNumber(kind):
			numbers = append(numbers, name)
		case r.isBoolean(kind, name):
			booleans = append(booleans, name)
		}
		switch {
		case strings.HasSuffix(strings.ToLower(name), "_id"):
			keys = append(keys, name)
		case r.isDate(name):
			dates = append(dates, name)
		case r.isCategory(kind, name):
			categories = append(categories, name)
		}
	}
	if len(all) == 0 {
		return
	}
	title := r.humanize(table)
	// name is the name by the rules of the latest release, or that of the oldest.
	name := func(latest, oldest string) string {
		if r.old() {
			return oldest
		}
		return r.humanize(latest)
	}
	add := func(name, description string, measures, dimensions, filters any) {
		r.add(recommended{table, name, description, measures, dimensions, filters})
	}
	measure := func(name, description, kind, column string) []any {
		return []any{measureOf(name, description, kind, column, table, nil)}
	}
	dimension := func(name, description, column string) []any {
		return []any{newDict("name", name, "description", description, "query", column, "table", table, "formatting", nil, "combine", nil,
			"conditional", false, "conditions", nil, "source_type", nil, "source_meta", nil)}
	}
	byColumn := func(column string) []any { return dimension(r.humanize(column), r.humanize(column), column) }
	sum := func(column string) []any {
		return measure(r.humanize("total_"+column), "Total "+r.humanize(column), "sum", column)
	}
	wants := func(kind string) bool { return slices.Contains(r.types, any(kind)) }

	counted := all[0]
	if len(keys) > 0 {
		counted = keys[0]
	}
	count := measure("Count", "Count of "+title, "count", counted)
	if wants("count") {
		add(name("count_"+table, "Count of "+title), "Total number of records in the "+title+" table", count, nil, nil)
	}
	for _, n := range numbers {
		if wants("sum") {
			add(name("total_"+n, "Total "+r.humanize(n)), "Sum of all "+r.humanize(n)+" values from the "+title+" table", sum(n), nil, nil)
		}
		for _, kind := range []string{"avg", "min", "max"} {
			if wants(kind) && !r.old() {
				of := strings.ToUpper(kind) + " of " + r.humanize(n)
				add(r.humanize(kind+"_"+n), of+" from the "+title+" table", measure(r.humanize(kind+"_"+n), of, kind, n), nil, nil)
			}
		}
	}
	truth := func(name, kind, column string, yes, no string) *pyDict {
		return measureOf(r.humanize(name), "Count of "+r.humanize(column), kind, nil, table, conditionOn(table, column, yes, no))
	}
	for _, b := range booleans {
		switch {
		case r.old():
			add("Count of "+r.humanize(b), "Count of records where "+r.humanize(b)+" is true in the "+title+" table", []any{truth("count_"+b, "sum", b, "1", "0")}, nil, nil)
		case wants("boolean"):
			add(r.humanize(b+"_boolean_metrics"), "Boolean metrics for "+r.humanize(b)+" in "+title, []any{truth("count_"+b+"_true", "sum", b, "1", "0"),
				truth("count_"+b+"_false", "sum", b, "0", "1"), truth("percent_"+b+"_true", "percent", b, "1", "0")}, nil, nil)
		}
	}
	if wants("count_distinct") && !r.old() {
		for _, k := range keys {
			distinct := r.humanize("distinct_" + k)
			add(distinct, "Distinct count of "+r.humanize(k)+" in the "+title+" table", measure(distinct, "Distinct count of "+r.humanize(k), "count_distinct", k), nil, nil)
		}
	}
	if len(dates) > 0 {
		first := dates[0]
		for _, w := range r.windows {
			days, filter := w.(pyNumber), r.lastDays(w.(pyNumber), first, table)
			if wants("count") {
				add(name(fmt.Sprintf("count_%sd", days), "Count of "+title+" in Last 30 Days"),
					fmt.Sprintf("Total number of %s records from the last %s days based on %s", title, days, r.humanize(first)), count, nil, filter)
			}
			for _, n := range numbers {
				add(name(fmt.Sprintf("total_%s_%sd", n, days), "Total "+r.humanize(n)+" in Last 30 Days"),
					fmt.Sprintf("Sum of %s from the last %s days in the %s table based on %s", r.humanize(n), days, title, r.humanize(first)), sum(n), nil, filter)
			}
		}
		for _, n := range numbers {
			for _, g := range r.grains {
				if grain := r.humanize(first) + " " + capitalize(g.(string)); !r.old() {
					add(r.humanize("total_"+n+"_by_"+grain), "Sum of "+r.humanize(n)+" grouped by "+grain+" from the "+title+" table", sum(n),
						dimension(grain, r.humanize(first)+" at "+g.(string)+" grain", first), nil)
				}
			}
		}
	}
	if wants("count") {
		for _, d := range dates {
			add(name("count_by_"+d, "Count of "+title+" by "+r.humanize(d)), "Number of "+title+" records grouped by "+r.humanize(d), count, byColumn(d), nil)
		}
		for _, d := range slices.Concat(keys, categories) {
			add(name("count_per_"+d, "Count of "+title+" per "+r.humanize(d)), "Distribution of "+title+" records across different "+r.humanize(d)+" values", count, byColumn(d), nil)
		}
	}
	if r.old() && len(dates) > 0 {
		for _, n := range numbers {
			by := r.humanize(dates[0])
			add("Total "+r.humanize(n)+" by "+by, "Sum of "+r.humanize(n)+" grouped by "+by+" from the "+title+" table", sum(n), byColumn(dates[0]), nil)
		}
	}
	for _, b := range booleans {
		for _, d := range categories {
			add(name("count_"+b+"_per_"+d, "Count of "+r.humanize(b)+" per "+r.humanize(d)), "Count of records where "+r.humanize(b)+" is true, grouped by "+r.humanize(d)+" in the "+title+" table",
				[]any{truth("count_"+b, "sum", b, "1", "0")}, byColumn(d), nil)
		}
	}
}

// lastDays is a filter on the days before today, in the list of filters.
func (r *recommender) lastDays(days pyNumber, column, table string) []any {
	now, n := r.now().UTC(), pyValue(days)
	from := now
	if n.Num().IsInt64() && n.Num().Int64() < 1e7 && n.Num().Int64() > -1e7 {
		from = now.AddDate(0, 0, -int(n.Num().Int64()))
	} else {
		r.outOfRange = true
	}
	r.outOfRange = r.outOfRange || from.Year() < 1 || from.Year() > 9999
	return []any{newDict("name", "last_"+string(days)+"_days", "description", "Filter for records in the last "+string(days)+" days", "query", column, "table", table,
		"operator", "between", "value", nil, "value_type", "date", "filter_type", "where", "is_active", true, "custom_expression", nil, "values", nil,
		"min_value", from.Format(time.DateOnly), "max_value", now.Format(time.DateOnly), "formatting", nil, "conditional", false, "conditions", nil, "source_type", nil, "source_meta", nil)}
}

func measureOf(name, description, kind string, query any, table string, conditions any) *pyDict {
	return newDict("name", name, "description", description, "type", kind, "formatting", nil, "alias", nil, "query", query, "table", table, "primary_key", nil,
		"conditional", conditions != nil, "conditions", conditions, "source_type", nil, "source_meta", nil)
}

// conditionOn is one number for true and one for anything else.
func conditionOn(table, column, yes, no string) *pyDict {
	return newDict("when_clauses", []any{newDict("field", newDict("column", column, "table", table, "transforms", nil), "operator", "=", "compare_values", true,
		"then_return", pyNumber(yes), "combine_with", nil, "additional_conditions", nil)}, "else_return", pyNumber(no))
}

// What a column is, of the types that columns of tests have.

func (r *recommender) isNumber(kind string) bool {
	return kind == "INTEGER" || kind == "NUMERIC" || !r.old() && (kind == "BIGINT" || kind == "SMALLINT")
}

var booleanNames = regexp.MustCompile(`(?i)^(?:is|has|can|should|flag|enabled)_|_(?:flag|bool)$`)

func (r *recommender) isBoolean(kind, name string) bool {
	return kind == "BOOLEAN" || !r.old() && booleanNames.MatchString(name)
}

func (r *recommender) isDate(name string) bool {
	words := []string{"date", "year", "month", "time"}
	if r.old() {
		words = words[:3]
	}
	return hasWord(name, words)
}

func (r *recommender) isCategory(kind, name string) bool {
	words := []string{"type", "segment", "region", "country", "category", "status", "rating", "sector", "name", "channel", "state", "city"}
	if r.old() {
		return kind == "VARCHAR" && hasWord(name, words[:10])
	}
	return kind == "VARCHAR" || kind == "CHAR" || kind == "TEXT" || hasWord(name, words)
}

func hasWord(name string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(strings.ToLower(name), word) })
}

// humanize is a name of a table or column as Cortex shows it: without an ending that is technical.
func (r *recommender) humanize(name string) string {
	endings := []string{"_usd", "_id", "_date", "_amount", "_count", "_number", "_percentage", "_year", "_month", "_ts"}
	if r.old() {
		endings = endings[:9]
	}
	for _, ending := range endings {
		if strings.HasSuffix(strings.ToLower(name), ending) {
			name = name[:len(name)-len(ending)]
			break
		}
	}
	words := strings.Split(name, "_")
	for i, word := range words {
		words[i] = capitalize(word)
	}
	return strings.Join(words, " ")
}

// capitalize is Python's.
func capitalize(s string) string {
	points := []rune(strings.ToLower(s))
	if len(points) > 0 {
		points[0] = unicode.ToTitle(points[0])
	}
	return string(points)
}
