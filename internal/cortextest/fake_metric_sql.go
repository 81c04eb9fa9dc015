package cortextest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A query is what Cortex makes of a metric: SQL, which the fake only shows, and what it does instead.
type query struct {
	sql           string
	from          []joined
	outputs       []output // nil for all columns
	grouped       bool
	where         []comparison
	order         []ordering
	limit, offset any
	beyond        string // what of it the fake does not do
}

type (
	// A joined table; the first is the one that all others are joined to.
	joined struct {
		how, table, name string
		on               []comparison
	}
	// A ref is a column of a table as SQL has it.
	ref struct{ table, column string }
	// An output is a column of the result.
	output struct {
		name, function string // "" for the column itself
		ref            ref
		dimension      bool
	}
	// A comparison is of a column with values, or with another column.
	comparison struct {
		left   ref
		op     string
		values []any
		right  ref
	}
	ordering struct {
		output     int // -1 for a column
		ref        ref
		descending bool
		nulls      string
	}
)

func (r ref) String() string { return r.table + "." + r.column }

func (q *query) cannot(what string) { q.beyond = what }

// newQuery writes SQL as Cortex does for PostgreSQL and SQLite, between which it makes no difference in what the fake runs.
func newQuery(m *pyDict, asked map[string]any) (*query, string) {
	q := &query{limit: m.values["limit"], offset: asked["offset"], grouped: m.values["grouped"] != false}
	if asked["limit"] != nil {
		q.limit = asked["limit"]
	}
	if asked["grouped"] != nil {
		q.grouped = asked["grouped"] == true
	}
	limit := q.limitClause()
	if sql := str(m, "query"); sql != "" {
		if q.sql = sql; limit != "" {
			q.sql += " " + limit
		}
		if asked["preview"] != true {
			q.cannot("SQL of a metric's own")
		}
		return q, ""
	}
	measures, dimensions, filters := dicts(m, "measures"), dicts(m, "dimensions"), dicts(m, "filters")
	table := str(m, "table_name")
	parts := []string{"", "FROM\n  " + table, q.joinClause(table, dicts(m, "joins"))}
	aliases := map[string]string{}
	for _, j := range q.from[1:] {
		if j.name != j.table {
			aliases[j.table] = j.name
		}
	}
	column := func(d *pyDict) ref {
		prefix := table
		if of := str(d, "table"); of != "" {
			if prefix = of; aliases[of] != "" {
				prefix = aliases[of]
			}
		}
		name := str(d, "query")
		if before, after, dotted := strings.Cut(name, "."); dotted {
			if name = after; len(q.from) == 1 {
				prefix = strings.TrimSpace(before)
			}
		}
		return ref{prefix, `"` + strings.Trim(strings.TrimSpace(name), `"`) + `"`}
	}
	var columns, groups []string
	for _, d := range measures {
		if d.values["query"] == nil && d.values["conditional"] != true {
			return &query{}, "argument of type 'NoneType' is not iterable"
		}
		o := output{name: str(d, "name"), ref: column(d)}
		shown := "%s"
		switch kind := str(d, "type"); kind {
		case "count_distinct":
			o.function, shown = kind, "COUNT(DISTINCT %s)"
		case "count", "sum", "avg", "min", "max":
			o.function, shown = kind, strings.ToUpper(kind)+"(%s)"
		}
		q.outputs, columns = append(q.outputs, o), append(columns, fmt.Sprintf(shown, o.ref)+` AS "`+o.name+`"`)
	}
	for _, d := range dimensions {
		o := output{name: str(d, "name"), ref: column(d), dimension: true}
		q.outputs, columns = append(q.outputs, o), append(columns, o.ref.String()+` AS "`+o.name+`"`)
		groups = append(groups, `"`+o.name+`"`)
		if hasItems(d.values["combine"]) {
			q.cannot("a dimension that combines columns")
		}
	}
	if parts[0] = "SELECT *"; len(columns) > 0 {
		separator := ", "
		if len(columns) > 2 {
			separator = ", \n  "
		}
		parts[0] = "SELECT " + strings.Join(columns, separator)
	}
	parts = append(parts, q.whereClause(table, filters))
	if q.grouped = q.grouped && len(groups) > 0; q.grouped {
		parts = append(parts, "GROUP BY "+strings.Join(groups, ", \n  "))
	}
	parts = append(parts, q.orderClause(m, table, measures, dimensions), limit)
	q.sql = strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " \n")
	for _, d := range slices.Concat(measures, dimensions, filters) {
		if d.values["conditional"] == true {
			q.cannot("conditions")
		}
		if slices.ContainsFunc(dicts(d, "formatting"), reformats) {
			q.cannot("formatting")
		}
	}
	if hasItems(m.values["aggregations"]) {
		q.cannot("aggregations")
	}
	if bindPattern.MatchString(q.sql) {
		q.cannot("SQL with a word after a colon")
	}
	return q, ""
}

// bindPattern finds what SQLAlchemy takes for a parameter of its own.
var bindPattern = regexp.MustCompile(`(?:^|[^:\w\\]):\w`)

// reformats tells whether a formatting changes anything: one without columns that is for after the query does not.
func reformats(f *pyDict) bool {
	return str(f, "type") != "raw" && (f.values["mode"] != "post_query" || hasItems(f.values["source_columns"]) || hasItems(f.values["operands"]))
}

// joinClause gives a table that comes twice a name of its own.
func (q *query) joinClause(table string, joins []*pyDict) string {
	q.from = []joined{{table: table, name: table}}
	uses := map[string]int{table: 1}
	for _, join := range joins {
		uses[str(join, "right_table")]++
	}
	lines, seen := []string{}, map[string]int{table: 1}
	for _, join := range joins {
		j := joined{how: str(join, "join_type"), table: str(join, "right_table"), name: str(join, "alias")}
		conditions := dicts(join, "conditions")
		seen[j.table]++
		renamed := j.name == "" && uses[j.table] > 1
		if renamed {
			suffix := str(conditions[0], "left_table")
			j.name = fmt.Sprintf("%s_%s_%d", j.table, strings.TrimRight(suffix, "s"), seen[j.table])
		}
		line := strings.Replace(strings.ToUpper(j.how), "FULL", "FULL OUTER", 1) + " JOIN " + j.table
		if j.name == "" {
			j.name = j.table
		} else {
			line += " AS " + j.name
		}
		var on []string
		for _, condition := range conditions {
			side := func(s string) ref {
				r := ref{str(condition, s+"_table"), str(condition, s+"_column")}
				if renamed && r.table == j.table {
					r.table = j.name
				}
				return r
			}
			c := comparison{left: side("left"), op: str(condition, "operator"), right: side("right")}
			j.on, on = append(j.on, c), append(on, fmt.Sprintf("%s %s %s", c.left, c.op, c.right))
			if signs[c.op] == nil || c.op != "=" && j.how == "full" { // which PostgreSQL refuses
				q.cannot("a " + j.how + " join by " + c.op)
			}
		}
		if slices.ContainsFunc(q.from, func(other joined) bool { return strings.EqualFold(other.name, j.name) }) {
			q.cannot("two tables of one name")
		}
		q.from, lines = append(q.from, j), append(lines, line+"\n  ON "+strings.Join(on, " AND "))
	}
	return strings.Join(lines, " \n")
}

var filterSigns = map[string]string{"equals": "=", "not_equals": "!=", "greater_than": ">", "greater_than_equals": ">=", "less_than": "<", "less_than_equals": "<=", "in": "IN", "not_in": "NOT IN",
	"like": "LIKE", "not_like": "NOT LIKE", "is_null": "IS NULL", "is_not_null": "IS NOT NULL", "between": "BETWEEN", "not_between": "NOT BETWEEN"}

// whereClause takes every column for one of the first table, whatever table the filter names.
func (q *query) whereClause(table string, filters []*pyDict) string {
	var lines []string
	for _, f := range filters {
		sign := filterSigns[str(f, "operator")]
		switch {
		case f.values["is_active"] != true:
			continue
		case str(f, "custom_expression") != "":
			q.cannot("an expression of a filter's own")
			continue
		case sign == "":
			continue
		case f.values["filter_type"] != "where":
			q.cannot("HAVING")
		}
		name := str(f, "query")
		if _, after, dotted := strings.Cut(name, "."); dotted {
			name = after
		}
		if name = strings.TrimSpace(name); strings.Contains(name, " ") {
			name = `"` + strings.Trim(name, `"`) + `"`
		}
		c := comparison{left: ref{table, name}, op: sign, values: []any{f.values["value"]}}
		list, isList := f.values["value"].([]any)
		switch sign {
		case "IN", "NOT IN":
			if chosen, _ := f.values["values"].([]any); len(chosen) > 0 {
				c.values = chosen
			} else if isList {
				c.values = list
			}
		case "BETWEEN", "NOT BETWEEN":
			c.values = []any{f.values["min_value"], f.values["max_value"]}
			for i := range c.values {
				if c.values[i] == nil && len(list) >= 2 {
					c.values[i] = list[i]
				}
			}
			if c.values[0] == nil || c.values[1] == nil {
				continue
			}
		case "IS NULL", "IS NOT NULL":
			c.values = nil
		case "=", "!=":
			if c.values[0] == nil {
				c.op, c.values = map[string]string{"=": "IS NULL", "!=": "IS NOT NULL"}[sign], nil
			}
		}
		literals := make([]string, len(c.values))
		for i, v := range c.values {
			literals[i] = q.literal(v)
		}
		text := strings.Join(literals, " AND ")
		if strings.HasSuffix(c.op, "IN") {
			text = "(" + strings.Join(literals, ", ") + ")"
		}
		line := strings.TrimSpace(c.left.String() + " " + c.op + " " + text)
		q.where, lines = append(q.where, c), append(lines, line)
	}
	if lines == nil {
		return ""
	}
	return "WHERE " + strings.Join(lines, " AND ")
}

// literal is a value in SQL, where Cortex escapes nothing.
func (q *query) literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		if strings.ContainsAny(v, `'\`) {
			q.cannot("a text with a quotation mark or a backslash in it")
		}
		return "'" + v + "'"
	case bool, pyNumber:
		return repr(v)
	}
	q.cannot("a filter by such a value")
	return repr(v)
}

var (
	temporalTypes = []any{"date", "time", "datetime", "timestamp", "timestamptz", "timestamp_with_time_zone", "timestamp_without_time_zone", "interval", "year"}
	temporalWords = []string{"date", "time", "timestamp", "created", "updated", "year", "month", "day", "week"}
)

// orderClause puts what is newest last if the metric does not say an order: by the first time there is, or else by the first measure.
func (q *query) orderClause(m *pyDict, table string, measures, dimensions []*pyDict) string {
	var lines []string
	// at finds a column of the result by its name or its number among those of its kind.
	at := func(kind, name string) int {
		list, before := measures, 0
		if kind == "dimension" {
			list, before = dimensions, len(measures)
		}
		found := -1
		for i, d := range list {
			if name == d.values["name"] || name == fmt.Sprint(i+1) {
				found = before + i
			}
		}
		return found
	}
	add := func(o ordering, column, nulls string) {
		direction := map[bool]string{false: " ASC", true: " DESC"}[o.descending]
		if o.nulls = nulls; nulls != "" {
			direction += " NULLS " + strings.ToUpper(nulls)
		}
		q.order, lines = append(q.order, o), append(lines, column+direction)
	}
	for _, d := range dicts(m, "order") {
		kind, name, query := str(d, "semantic_type"), str(d, "semantic_name"), str(d, "query")
		o, column := ordering{output: -1, descending: d.values["order_type"] == "desc"}, ""
		n, _ := d.values["position"].(pyNumber)
		switch {
		case kind == "position" && n != "" && n != "0":
			column = string(n)
			if i := pyValue(n).Num().Int64(); i < 1 || i > int64(len(q.outputs)) {
				q.cannot("an order by position " + column)
			} else {
				o.output = int(i) - 1
			}
		case kind == "measure" || kind == "dimension":
			o.output = at(kind, name)
		case query != "":
			if _, after, dotted := strings.Cut(query, "."); dotted {
				o.ref = ref{table, after}
			} else {
				o.ref = ref{`"` + table + `"`, query}
			}
			column = o.ref.String()
		}
		for _, kind := range []string{"measure", "dimension"} {
			if column == "" && o.output < 0 {
				o.output = at(kind, name)
			}
		}
		if column == "" && o.output < 0 {
			continue
		}
		if column == "" {
			column = `"` + q.outputs[o.output].name + `"`
		}
		add(o, column, str(d, "nulls"))
	}
	if !hasItems(m.values["order"]) && m.values["ordered"] != false && len(q.outputs) > 0 {
		temporal := func(d *pyDict) bool { return slices.Contains(temporalTypes, d.values["source_type"]) }
		named := func(d *pyDict) bool {
			return hasWord(str(d, "name"), temporalWords) || hasWord(str(d, "query"), temporalWords) || hasWord(str(d, "description"), temporalWords)
		}
		first := 0
		if i := slices.IndexFunc(dimensions, temporal); i >= 0 {
			first = len(measures) + i
		} else if i := slices.IndexFunc(dimensions, named); i >= 0 {
			first = len(measures) + i
		} else if i := slices.IndexFunc(measures, temporal); i >= 0 {
			first = i
		}
		add(ordering{output: first, descending: first < len(measures)}, `"`+q.outputs[first].name+`"`, "")
	}
	if lines == nil {
		return ""
	}
	return "ORDER BY " + strings.Join(lines, ", ")
}

func (q *query) limitClause() string {
	var parts []string
	if q.limit != nil {
		parts = append(parts, "LIMIT "+repr(q.limit))
	}
	if q.offset != nil {
		parts = append(parts, "OFFSET "+repr(q.offset))
	}
	return strings.Join(parts, " ")
}
