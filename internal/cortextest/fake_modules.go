package cortextest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Objects that hang on an environment.

func (f *Fake) moduleRoutes() []route {
	return slices.Concat(f.dataSourceRoutes(), f.consumerGroupRoutes(), f.consumerRoutes(), f.dataModelRoutes(), f.metricRoutes(), f.metricExecuteRoutes(), f.metricRecommendationRoutes(), f.dashboardRoutes())
}

// onboardModules gives the first environment what it gets at a start.
func (f *Fake) onboardModules(env pyUUID) {
	f.insert(dataModels, f.newDataModel(env, "Default Data Model", nil, "Default data model created during onboarding", newDict()))
	if f.release == Oldest {
		return
	}
	section := newDict("alias", "overview", "title", "Overview", "description", "Default overview section", "position", pyNumber("0"), "widgets", []any{})
	view := newDict("alias", "overview", "title", "Overview", "description", "Default overview view", "sections", []any{section}, "context_id", nil, "layout", nil)
	f.insert(dashboards, f.newDashboard(env, "Default Dashboard", "Default dashboard created during onboarding", "operational", []any{f.stampZoned(view)}, "overview", []any{"default", "onboarding"}))
}

// in tells whether the environment exists, and answers as all modules do when it does not.
func (c *call) environment(id string) (answer, bool) {
	if c.tables[environments].find(id) == nil {
		return c.noEnvironment(id), false
	}
	return answer{}, true
}

// rowsOf returns the rows of a table that belong to an environment.
func (f *Fake) rowsOf(table, environment string) []*pyDict {
	return f.tables[table].where("environment_id", pyUUID(environment))
}

// taken tells whether a row of the environment has this value.
func (f *Fake) taken(table, environment, key string, value any) bool {
	return slices.ContainsFunc(f.rowsOf(table, environment), func(r *pyDict) bool { return r.values[key] == value })
}

// listOf lists a table's rows of the environment in the path, which must exist.
func listOf(table string) func(*call) answer {
	return func(c *call) answer {
		env := c.pathID("environment_id")
		if a, no := c.refused(); no {
			return a
		}
		if a, ok := c.environment(env); !ok {
			return a
		}
		return rowsAnswer(c.rowsOf(table, env))
	}
}

// getFrom shows the row whose id is in the path.
func getFrom(table, param, missing string) func(*call) answer {
	return func(c *call) answer {
		id := c.pathID(param)
		if a, no := c.refused(); no {
			return a
		}
		if row := c.tables[table].find(id); row != nil {
			return jsonAnswer(200, row)
		}
		return c.known(404, missing, id)
	}
}

// A page is what a paged list was asked for.
type page struct{ number, size int }

func (c *call) page() page {
	p := page{number: c.queryInt("page", 1, 0), size: c.queryInt("page_size", 20, 100)}
	return p
}

// queryInt reads a number that is at least 1, and at most limit unless that is 0.
func (c *call) queryInt(name string, otherwise, limit int) int {
	v, ok := c.queryValue(name)
	if !ok {
		return otherwise
	}
	loc := pyTuple{"query", name}
	read, _ := anInteger(&c.reading, loc, v).(pyNumber)
	if read == "" {
		return otherwise
	}
	n, err := strconv.Atoi(string(read))
	switch {
	case n < 1:
		c.problem("greater_than_equal", loc, "Input should be greater than or equal to 1", v, "ge", 1)
	case limit > 0 && n > limit:
		c.problem("less_than_equal", loc, fmt.Sprintf("Input should be less than or equal to %d", limit), v, "le", limit)
	case err != nil:
		return math.MaxInt
	}
	return n
}

// queryBool reads an optional boolean, nil when it is absent.
func (c *call) queryBool(name string) *bool {
	v, ok := c.queryValue(name)
	if !ok {
		return nil
	}
	b, _ := aBoolean(&c.reading, pyTuple{"query", name}, v).(bool)
	return &b
}

// of are the rows of the page, the one updated last first.
func (p page) of(rows []*pyDict) []*pyDict {
	slices.SortStableFunc(rows, func(a, b *pyDict) int {
		return b.values["updated_at"].(time.Time).Compare(a.values["updated_at"].(time.Time))
	})
	if p.number-1 > len(rows)/p.size {
		return nil
	}
	from := min((p.number-1)*p.size, len(rows))
	return rows[from:min(from+p.size, len(rows))]
}

// paged answers with one page of rows. total_count counts this page only, as Cortex does. A row that show gives nil for keeps all of them from being
// shown.
func (f *Fake) paged(kind, key string, rows []*pyDict, p page, show func(*pyDict) *pyDict) answer {
	if p.number > math.MaxInt/p.size {
		refusal := text(500, "Python int too large to convert to SQLite INTEGER")
		if f.database == PostgreSQL {
			refusal = text(500, "(psycopg.errors.NumericValueOutOfRange) bigint out of range\n[SQL: SELECT …]")
		}
		return f.told(refusal, 500, "Failed to list "+kind+": ", "")
	}
	list := []any{}
	for _, r := range p.of(rows) {
		shown := show(r)
		if shown == nil {
			return unhandled()
		}
		list = append(list, shown)
	}
	return jsonAnswer(200, newDict(key, list, "total_count", len(list), "page", p.number, "page_size", p.size))
}

// noDerivations is what the head of Cortex's repository answers where it looks for metrics by one column.
func (f *Fake) noDerivations(count bool, column string, id pyUUID) answer {
	param := column + "_1"
	return f.unreadMetrics(count, fmt.Sprintf("metrics.%s = %%(%s)s::UUID", column, param), newDict(param, id))
}

// unreadMetrics is what the head of Cortex's repository answers wherever it reads metrics: its own migrations do not make the columns that it asks for.
func (f *Fake) unreadMetrics(count bool, where string, params *pyDict) answer {
	columns := strings.Fields(`id environment_id data_model_id name alias description title query table_name data_source_id limit grouped
		ordered measures dimensions joins aggregations filters order parameters version public refresh cache meta derivations composition
		is_valid validation_errors compiled_query created_at updated_at`)
	for i, name := range columns {
		quoted := columnName(name)
		if name == "query" && f.database == SQLite {
			quoted = `"query"`
		}
		columns[i] = fmt.Sprintf("metrics.%s AS metrics_%s", quoted, name)
	}
	sql, line := fmt.Sprintf("SELECT %s \nFROM metrics \nWHERE %s", strings.Join(columns, ", "), where), 1
	if count {
		sql, line = "SELECT count(*) AS count_1 \nFROM ("+sql+") AS anon_1", 2
	}
	if f.database == SQLite {
		sql = strings.NewReplacer("= true", "= 1", "= false", "= 0", " \n LIMIT", "\n LIMIT").Replace(sql)
		return statement{sql, params}.failedInSQLite("(sqlite3.OperationalError) no such column: metrics.derivations", "e3q8")
	}
	return statement{sql, params}.failed(fmt.Sprintf("(psycopg.errors.UndefinedColumn) column metrics.derivations does not exist\n"+
		"LINE %d: ...e AS metrics_cache, metrics.meta AS metrics_meta, metrics.de...\n%61s^", line, ""), "f405")
}
