package cortextest

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A relation is a table, or several that are joined. A value in a row is nil, a bool (of PostgreSQL alone), a string or a sqlNumber.
type relation struct {
	postgres bool
	columns  []sourceColumn
	rows     [][]any
}

type sourceColumn struct {
	source string // the name of the table in SQL
	Column
}

type sqlNumber struct {
	*big.Rat
	float bool // it is shown as one
}

// run does with the tables of a database what the SQL says, or returns the database's exception.
func (q *query) run(d reached) ([]any, string) {
	r := &relation{postgres: d.dialect == "postgresql"}
	if problem := q.parse(r); problem != "" {
		return nil, problem
	}
	tables, problem := d.read()
	if problem != "" {
		return nil, problem
	}
	var joinedTables []*relation
	for i, j := range q.from {
		t, problem := q.table(tables, r, i)
		if problem != "" {
			return nil, problem
		}
		right := r.load(j.name, t)
		joinedTables, r.columns = append(joinedTables, right), append(r.columns, right.columns...)
		if r.postgres { // which reads from left to right
			if problem := q.resolve(r, j.on...); problem != "" {
				return nil, problem
			}
		}
	}
	if problem := q.check(r); problem != "" || q.beyond != "" {
		return nil, problem
	}
	all := r.columns
	r.columns, r.rows = nil, [][]any{{}}
	for i, j := range q.from {
		r.join(j, joinedTables[i], all[:len(r.columns)+len(joinedTables[i].columns)])
	}
	r.rows = slices.DeleteFunc(r.rows, func(row []any) bool {
		return slices.ContainsFunc(q.where, func(c comparison) bool {
			i := r.find(c.left)
			return !holds(r, c.op, row[i], r.literals(i, c.values))
		})
	})
	return q.page(r, q.results(r))
}

var (
	plainName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	reservedName = regexp.MustCompile(`(?i)^(?:all|and|as|case|check|column|default|desc|end|from|group|in|like|limit|not|null|on|or|order|select|table|then|to|union|unique|user|using|when|where|with)$`)
)

// parse finds what is no SQL.
func (q *query) parse(r *relation) string {
	names := map[string]bool{}
	for _, o := range q.outputs {
		if names[o.name] || o.name == "" || strings.Contains(o.name, `"`) || len(o.name) > 63 {
			q.cannot(fmt.Sprintf("a result with the column %q", o.name))
		}
		names[o.name] = true
	}
	if i := slices.IndexFunc(q.from, func(j joined) bool { return j.how == "cross" }); i >= 0 && r.postgres {
		at := strings.Index(q.sql, "CROSS JOIN")
		return q.failure("SyntaxError", `syntax error at or near "ON"`, at+strings.Index(q.sql[at:], "\n  ON ")+3)
	}
	if q.limit == nil && q.offset != nil && !r.postgres {
		return `(sqlite3.OperationalError) near "OFFSET": syntax error`
	}
	return ""
}

// table finds the table that is joined i-th.
func (q *query) table(tables []Table, r *relation, i int) (Table, string) {
	name := q.from[i].table
	if !plainName.MatchString(name) || reservedName.MatchString(name) {
		q.cannot("a table with such a name")
	}
	for _, t := range tables {
		if t.Name == name || t.Name == strings.ToLower(name) || !r.postgres && strings.EqualFold(t.Name, name) {
			return t, ""
		}
	}
	if !r.postgres {
		return Table{}, "(sqlite3.OperationalError) no such table: " + name
	}
	before := "FROM\n  "
	if i > 0 {
		before = "JOIN "
	}
	return Table{}, q.failure("UndefinedTable", fmt.Sprintf("relation %q does not exist", strings.ToLower(name)), q.find(before+name)+len(before))
}

func (r *relation) load(name string, t Table) *relation {
	loaded := &relation{postgres: r.postgres}
	if r.postgres {
		name = strings.ToLower(name)
	}
	for _, c := range t.Columns {
		loaded.columns = append(loaded.columns, sourceColumn{name, c})
	}
	for _, row := range t.Rows {
		values := make([]any, len(row))
		for i, v := range row {
			values[i] = r.cell(t.Columns[i], v)
		}
		loaded.rows = append(loaded.rows, values)
	}
	return loaded
}

// class is what values a column has: "number", "boolean", "date", "time" or "text". SQLite knows numbers and texts.
func (c Column) class() string {
	switch base, _, _ := c.numbers(); base {
	case "VARCHAR", "CHAR", "TEXT":
		return "text"
	case "BOOLEAN", "DATE":
		return strings.ToLower(base)
	case "TIMESTAMP":
		return "time"
	}
	return "number"
}

// cell is a value as the database has it.
func (r *relation) cell(c Column, v any) any {
	base, length, _ := c.numbers()
	switch v := v.(type) {
	case bool:
		if !r.postgres {
			return sqlNumber{pyValue(v), false}
		}
	case int:
		return sqlNumber{big.NewRat(int64(v), 1), r.postgres && base == "NUMERIC"}
	case string:
		switch class := c.class(); {
		case class == "number":
			return number(v, r.postgres && base == "NUMERIC")
		case class == "time" && r.postgres:
			return strings.Replace(v, " ", "T", 1)
		case base == "CHAR" && r.postgres:
			n, _ := strconv.Atoi(string(length.(pyNumber)))
			return v + strings.Repeat(" ", n-utf8.RuneCountInString(v))
		}
	}
	return v
}

// number reads a decimal number: an exact one, or one that is whole or of float64.
func number(s string, exact bool) any {
	n, ok := new(big.Rat).SetString(s)
	switch {
	case !ok:
		return s
	case exact:
		return sqlNumber{n, true}
	case n.IsInt():
		return sqlNumber{n, false}
	}
	f, _ := n.Float64()
	return sqlNumber{new(big.Rat).SetFloat64(f), true}
}

// find finds a column, -1 when it is not there. Only a quoted name keeps its case in PostgreSQL, and in SQLite none does.
func (r *relation) find(x ref) int {
	same := func(name, as string) bool {
		switch plain := strings.Trim(name, `"`); {
		case !r.postgres:
			return strings.EqualFold(plain, as)
		case plain != name:
			return plain == as
		default:
			return strings.ToLower(name) == as
		}
	}
	return slices.IndexFunc(r.columns, func(c sourceColumn) bool { return same(x.table, c.source) && same(x.column, c.Name) })
}

// check looks for all that the SQL names, and for what makes it meaningless.
func (q *query) check(r *relation) string {
	var refs []comparison
	for _, o := range q.outputs {
		refs = append(refs, comparison{left: o.ref})
	}
	refs = append(refs, q.where...)
	for _, j := range q.from {
		refs = append(refs, j.on...)
	}
	for _, o := range q.order {
		if o.output < 0 {
			refs = append(refs, comparison{left: o.ref})
		}
	}
	if problem := q.resolve(r, refs...); problem != "" || q.beyond != "" {
		return problem
	}
	for _, c := range q.where {
		if i := r.find(c.left); r.literals(i, c.values) == nil && c.values != nil || strings.HasSuffix(c.op, "LIKE") && r.columns[i].class() != "text" {
			q.cannot(fmt.Sprintf("a filter of %s %s by %s", r.columns[i].Type, c.op, repr(c.values)))
		}
	}
	for _, j := range q.from {
		for _, c := range j.on {
			if r.columns[r.find(c.left)].class() != r.columns[r.find(c.right)].class() {
				q.cannot("a join of columns of different types")
			}
		}
	}
	return q.checkGroups(r)
}

// checkGroups looks for columns that have no single value in a group.
func (q *query) checkGroups(r *relation) string {
	groups, aggregated := []int{}, q.grouped
	for _, o := range q.outputs {
		i := r.find(o.ref)
		switch class := r.columns[i].class(); o.function {
		case "sum", "avg":
			if class != "number" && (class != "boolean" || r.postgres) {
				q.cannot(o.function + " of " + class)
			}
		case "min", "max":
			if class == "boolean" && r.postgres {
				q.cannot(o.function + " of " + class)
			}
		}
		aggregated = aggregated || o.function != ""
		if !o.dimension || !q.grouped {
			continue
		}
		groups = append(groups, i)
		for k, c := range r.columns { // which is what GROUP BY means then
			if k != i && strings.EqualFold(c.Name, o.name) {
				q.cannot("a dimension with the name of another column")
			}
		}
	}
	lone := []ref{}
	for _, o := range q.outputs {
		if o.function == "" {
			lone = append(lone, o.ref)
		}
	}
	for _, o := range q.order {
		if o.output < 0 {
			lone = append(lone, o.ref)
		}
	}
	for _, x := range lone {
		i := r.find(x)
		switch {
		case !aggregated || slices.Contains(groups, i):
		case !r.postgres || slices.ContainsFunc(groups, func(g int) bool { return r.columns[g].Key }):
			q.cannot("a column that a group has several values of")
		default:
			return q.failure("GroupingError", fmt.Sprintf("column \"%s.%s\" must appear in the GROUP BY clause or be used in an aggregate function", r.columns[i].source, r.columns[i].Name), q.find(x.String()))
		}
	}
	return ""
}

// resolve looks for columns.
func (q *query) resolve(r *relation, refs ...comparison) string {
	for _, c := range refs {
		for _, x := range []ref{c.left, c.right} {
			if x == (ref{}) || r.find(x) >= 0 {
				continue
			}
			table, column := strings.Trim(x.table, `"`), strings.Trim(x.column, `"`)
			for _, name := range []string{table, x.column} {
				if name[0] != '"' && (!plainName.MatchString(name) || reservedName.MatchString(name)) {
					q.cannot("a column with such a name")
					return ""
				}
			}
			if !r.postgres {
				return "(sqlite3.OperationalError) no such column: " + table + "." + column
			}
			if table = strings.ToLower(table); x.column == column {
				column = strings.ToLower(column)
			}
			if slices.ContainsFunc(r.columns, func(c sourceColumn) bool { return c.source == table }) {
				return q.failure("UndefinedColumn", "column "+table+"."+column+" does not exist", q.find(x.String()))
			}
			for _, j := range q.from {
				if strings.EqualFold(j.table, table) && j.name != j.table {
					return q.failure("UndefinedTable", fmt.Sprintf("invalid reference to FROM-clause entry for table %q", table), q.find(x.String())) +
						fmt.Sprintf("\nHINT:  Perhaps you meant to reference the table alias %q.", strings.ToLower(j.name))
				}
			}
			return q.failure("UndefinedTable", fmt.Sprintf("missing FROM-clause entry for table %q", table), q.find(x.String()))
		}
	}
	return ""
}

// find is where something stands in the SQL, and not just the beginning or the end of something longer.
func (q *query) find(what string) int {
	word := func(i int) bool {
		return i >= 0 && i < len(q.sql) && (q.sql[i] == '_' || q.sql[i] == '"' || plainName.MatchString("a"+q.sql[i:i+1]))
	}
	for from := 0; ; from++ {
		i := strings.Index(q.sql[from:], what)
		if i < 0 {
			return 0
		}
		if from += i; !word(from-1) && !word(from+len(what)) {
			return from
		}
	}
}

// failure is PostgreSQL's exception about a place in the SQL, of whose line it shows 60 characters.
func (q *query) failure(exception, message string, at int) string {
	begin := strings.LastIndex(q.sql[:at], "\n") + 1
	line, _, _ := strings.Cut(q.sql[begin:], "\n")
	column, before, after := at-begin, "", ""
	if len(line) > 60 {
		if column+10 <= 60 {
			line, after = line[:60], "..."
		} else {
			if column+10 < len(line) {
				line, after = line[:column+10], "..."
			}
			if cut := len(line) - 60; cut > 0 {
				line, column, before = line[cut:], column-cut+3, "..."
			}
		}
	}
	label := fmt.Sprintf("LINE %d: ", strings.Count(q.sql[:at], "\n")+1)
	return fmt.Sprintf("(psycopg.errors.%s) %s\n%s%s%s%s\n%s^", exception, message, label, before, line, after, strings.Repeat(" ", len(label)+column))
}

// join adds the rows of another table, beside those that fit.
func (r *relation) join(j joined, right *relation, columns []sourceColumn) {
	left := len(r.columns)
	r.columns = columns
	var rows [][]any
	used := make([]bool, len(right.rows))
	for _, a := range r.rows {
		met := false
		for i, b := range right.rows {
			row := slices.Concat(a, b)
			if slices.ContainsFunc(j.on, func(c comparison) bool { return !holds(r, c.op, row[r.find(c.left)], []any{row[r.find(c.right)]}) }) {
				continue
			}
			met, used[i], rows = true, true, append(rows, row)
		}
		if !met && (j.how == "left" || j.how == "full") {
			rows = append(rows, slices.Concat(a, make([]any, len(right.columns))))
		}
	}
	for i, b := range right.rows {
		if !used[i] && (j.how == "right" || j.how == "full") {
			rows = append(rows, slices.Concat(make([]any, left), b))
		}
	}
	r.rows = rows
}

// literals are values of a filter as the database compares them with a column: nil if the fake cannot.
func (r *relation) literals(i int, values []any) []any {
	list := []any{}
	for _, v := range values {
		class := r.columns[i].class()
		s, isText := v.(string)
		_, isNumber := v.(pyNumber)
		_, isBoolean := v.(bool)
		switch {
		case v == nil:
		case r.postgres && (isNumber && class != "number" || isBoolean && class != "boolean"):
			return nil
		case r.postgres && isText && class == "boolean":
			if v = s == "true"; s != "true" && s != "false" {
				return nil
			}
		case r.postgres && isText && (class == "date" || class == "time"):
			layout := map[string]string{"date": time.DateOnly, "time": "2006-01-02T15:04:05"}[class]
			s = strings.Replace(s, " ", "T", 1)
			if _, err := time.Parse(layout, s); err != nil {
				return nil
			}
			v = s
		case class == "text" && !isText:
			v = repr(pyNumber(pyValue(v).RatString()))
		case isText && class != "text":
			if v = number(s, false); v == any(s) && r.postgres {
				return nil
			}
		case isNumber || isBoolean && !r.postgres:
			v = sqlNumber{pyValue(v), false}
		}
		list = append(list, v)
	}
	return list
}

// holds tells whether a comparison is true: none with nothing is.
func holds(r *relation, op string, v any, with []any) bool {
	if op == "IS NULL" || op == "IS NOT NULL" || v == nil {
		return v == nil && op == "IS NULL" || v != nil && op == "IS NOT NULL"
	}
	if negated, not := strings.CutPrefix(op, "NOT "); not {
		return !slices.Contains(with, nil) && !holds(r, negated, v, with)
	}
	signs := map[string]func(int) bool{"=": func(n int) bool { return n == 0 }, "!=": func(n int) bool { return n != 0 }, "<>": func(n int) bool { return n != 0 },
		"<": func(n int) bool { return n < 0 }, "<=": func(n int) bool { return n <= 0 }, ">": func(n int) bool { return n > 0 }, ">=": func(n int) bool { return n >= 0 }}
	switch op {
	case "IN":
		return slices.ContainsFunc(with, func(w any) bool { return w != nil && compare(v, w) == 0 })
	case "BETWEEN":
		return compare(v, with[0]) >= 0 && compare(v, with[1]) <= 0
	case "LIKE":
		pattern, _ := with[0].(string)
		pattern = strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(pattern))
		ignoring := map[bool]string{true: "(?s)", false: "(?is)"}[r.postgres]
		return with[0] != nil && regexp.MustCompile(ignoring+"^"+pattern+"$").MatchString(v.(string))
	}
	return with[0] != nil && signs[op](compare(v, with[0]))
}

// compare orders values that are not nil. In SQLite a number is less than any text.
func compare(a, b any) int {
	switch a := a.(type) {
	case sqlNumber:
		if b, ok := b.(sqlNumber); ok {
			return a.Cmp(b.Rat)
		}
		return -1
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b)
		}
		return 1
	}
	return pyValue(a).Cmp(pyValue(b))
}

// A result is a row of the result, and one of those that it is made of.
type result struct {
	values, from []any
}

func (q *query) results(r *relation) []result {
	if q.outputs == nil {
		return rowsOfResult(r, nil)
	}
	refs, aggregated := make([]int, len(q.outputs)), q.grouped
	for i, o := range q.outputs {
		refs[i], aggregated = r.find(o.ref), aggregated || o.function != ""
	}
	if !aggregated {
		return rowsOfResult(r, refs)
	}
	keys, groups := []string{}, map[string][][]any{}
	if !q.grouped {
		keys = []string{""}
	}
	for _, row := range r.rows {
		key := ""
		for i, o := range q.outputs {
			if o.dimension && q.grouped {
				key += repr(shownSQL(row[refs[i]])) + "\x00"
			}
		}
		if groups[key] == nil && q.grouped {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], row)
	}
	var list []result
	for _, key := range keys {
		g := result{from: make([]any, len(r.columns))}
		if len(groups[key]) > 0 {
			g.from = groups[key][0]
		}
		for i, o := range q.outputs {
			var values []any
			for _, row := range groups[key] {
				values = append(values, row[refs[i]])
			}
			g.values = append(g.values, r.aggregate(o.function, r.columns[refs[i]].Column, values))
		}
		list = append(list, g)
	}
	if !r.postgres { // which sorts to group: in the directions of the order, if it has as many
		slices.SortStableFunc(list, func(a, b result) int {
			n := 0
			for i, o := range q.outputs {
				if o.dimension && n == 0 {
					n = sorted(a.values[i], b.values[i], false, false)
				}
			}
			if len(q.order) > 0 && q.order[0].descending && len(q.order) == q.dimensions() {
				n = -n
			}
			return n
		})
	}
	return list
}

func (q *query) dimensions() (n int) {
	for _, o := range q.outputs {
		if o.dimension {
			n++
		}
	}
	return n
}

// rowsOfResult are rows without groups; nil stands for all columns.
func rowsOfResult(r *relation, columns []int) []result {
	var list []result
	for _, row := range r.rows {
		values := row
		if columns != nil {
			values = nil
			for _, i := range columns {
				values = append(values, row[i])
			}
		}
		list = append(list, result{values, row})
	}
	return list
}

// aggregate is one value of many.
func (r *relation) aggregate(function string, c Column, values []any) any {
	if function == "" {
		return values[0]
	}
	values = slices.DeleteFunc(values, func(v any) bool { return v == nil })
	base, _, _ := c.numbers()
	switch {
	case function == "count_distinct":
		slices.SortFunc(values, compare)
		values = slices.CompactFunc(values, func(a, b any) bool { return compare(a, b) == 0 })
		return sqlNumber{big.NewRat(int64(len(values)), 1), false}
	case function == "count":
		return sqlNumber{big.NewRat(int64(len(values)), 1), false}
	case len(values) == 0:
		return nil
	case function == "min":
		return slices.MinFunc(values, compare)
	case function == "max":
		return slices.MaxFunc(values, compare)
	}
	sum := sqlNumber{new(big.Rat), r.postgres && (base == "NUMERIC" || base == "BIGINT")}
	for _, v := range values {
		sum.Add(sum.Rat, v.(sqlNumber).Rat)
		sum.float = sum.float || v.(sqlNumber).float
	}
	if function == "avg" {
		return sqlNumber{sum.Quo(sum.Rat, big.NewRat(int64(len(values)), 1)), true}
	}
	return sum
}

// sorted compares two values of an order, nothing among them.
func sorted(a, b any, descending, nullsLast bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		if (a == nil) == nullsLast {
			return 1
		}
		return -1
	case descending:
		return compare(b, a)
	}
	return compare(a, b)
}

// page puts the results in order, cuts the page out, and names the columns.
func (q *query) page(r *relation, list []result) ([]any, string) {
	slices.SortStableFunc(list, func(a, b result) int {
		for _, o := range q.order {
			x, y := a.values, b.values
			i := o.output
			if i < 0 {
				x, y, i = a.from, b.from, r.find(o.ref)
			}
			last := r.postgres != o.descending // by default nothing is more than anything in PostgreSQL, and less in SQLite
			if o.nulls != "" {
				last = o.nulls == "last"
			}
			if n := sorted(x[i], y[i], o.descending, last); n != 0 {
				return n
			}
		}
		return 0
	})
	from, to := 0, len(list)
	for _, bound := range []struct {
		n    any
		name string
	}{{q.offset, "Offset"}, {q.limit, "Limit"}} {
		if bound.n == nil {
			continue
		}
		n := pyValue(bound.n).Num()
		switch {
		case !n.IsInt64() && r.postgres:
			return nil, "(psycopg.errors.NumericValueOutOfRange) bigint out of range"
		case !n.IsInt64():
			return nil, "(sqlite3.IntegrityError) datatype mismatch"
		case n.Sign() < 0 && r.postgres:
			clause := map[string]string{"Offset": "ResultOffset", "Limit": "Limit"}[bound.name]
			return nil, fmt.Sprintf("(psycopg.errors.InvalidRowCountIn%sClause) %s must not be negative", clause, strings.ToUpper(bound.name))
		case n.Sign() < 0:
		case bound.name == "Offset":
			from = int(min(n.Int64(), int64(to)))
		default:
			to = int(min(int64(from)+min(n.Int64(), int64(to)), int64(to)))
		}
	}
	rows := []any{}
	for _, res := range list[from:to] {
		row := newDict()
		for i, v := range res.values {
			name := ""
			if q.outputs != nil {
				name = q.outputs[i].name
			} else {
				name = r.columns[i].Name
			}
			row.set(name, shownSQL(v))
		}
		rows = append(rows, row)
	}
	return rows, ""
}

// shownSQL is a value as Cortex shows it.
func shownSQL(v any) any {
	n, ok := v.(sqlNumber)
	if !ok {
		return v
	}
	if !n.float {
		return pyNumber(n.RatString())
	}
	f, _ := n.Float64()
	return pyNumber(pyFloat(f))
}
