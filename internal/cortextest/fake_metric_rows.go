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
	tables, problem := d.read()
	if problem == "" {
		problem = q.parse(r)
	}
	var parts []*relation
	for i, j := range q.from {
		if problem != "" || q.beyond != "" {
			return nil, problem
		}
		var t Table
		if t, problem = q.table(tables, r, i); problem != "" {
			return nil, problem
		}
		parts = append(parts, r.load(j.name, t))
		if r.columns = append(r.columns, parts[i].columns...); r.postgres { // which reads from left to right
			problem = q.resolve(r, j.refs()...)
		}
	}
	if problem == "" {
		problem = q.resolve(r, q.refs()...)
	}
	if problem == "" && q.beyond == "" {
		problem = q.check(r)
	}
	if problem != "" || q.beyond != "" {
		return nil, problem
	}
	all := r.columns
	r.columns, r.rows = nil, [][]any{{}}
	for i, j := range q.from {
		r.join(j, parts[i], all)
	}
	r.rows = slices.DeleteFunc(r.rows, func(row []any) bool {
		return slices.ContainsFunc(q.where, func(c comparison) bool {
			i := r.find(c.left)
			return !r.holds(c.op, row[i], r.literals(i, c.values))
		})
	})
	return q.page(r, q.results(r))
}

func (j joined) refs() (list []ref) {
	for _, c := range j.on {
		list = append(list, c.left, c.right)
	}
	return list
}

// refs are all columns in the SQL.
func (q *query) refs() (list []ref) {
	for _, o := range q.outputs {
		list = append(list, o.ref)
	}
	for _, c := range q.where {
		list = append(list, c.left)
	}
	for _, j := range q.from {
		list = append(list, j.refs()...)
	}
	for _, o := range q.order {
		if o.output < 0 {
			list = append(list, o.ref)
		}
	}
	return list
}

var (
	plainName    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	reservedName = regexp.MustCompile(`(?i)^(?:all|and|as|case|check|column|default|desc|end|from|group|in|like|limit|not|null|on|or|order|select|table|then|to|union|unique|user|using|when|where|with)$`)
)

// parse looks for what is no SQL.
func (q *query) parse(r *relation) string {
	var names, outputs []string
	for _, j := range q.from {
		names = append(names, j.table, j.name)
	}
	for _, x := range q.refs() {
		names = append(names, strings.Trim(x.table, `"`))
		if x.column[0] != '"' {
			names = append(names, x.column)
		}
	}
	for _, name := range names {
		if !plainName.MatchString(name) || reservedName.MatchString(name) {
			q.cannot(fmt.Sprintf("the name %q where it is not quoted", name))
		}
	}
	for _, o := range q.outputs {
		if slices.Contains(outputs, o.name) || o.name == "" || strings.Contains(o.name, `"`) || len(o.name) > 63 {
			q.cannot(fmt.Sprintf("a result with the column %q", o.name))
		}
		outputs = append(outputs, o.name)
	}
	if slices.ContainsFunc(q.from, func(j joined) bool { return j.how == "cross" }) && r.postgres {
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
	for _, t := range tables {
		if t.Name == strings.ToLower(name) || !r.postgres && strings.EqualFold(t.Name, name) {
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
	loaded := &relation{}
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

// class is what values a column has. SQLite knows numbers and texts.
func (c Column) class() string {
	switch base, _, _ := c.numbers(); base {
	case "VARCHAR", "CHAR", "TEXT":
		return "text"
	case "BOOLEAN", "DATE", "TIMESTAMP":
		return strings.ToLower(base)
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
		return number(strconv.Itoa(v), r.postgres && base == "NUMERIC")
	case string:
		switch class := c.class(); {
		case class == "number":
			return number(v, r.postgres && base == "NUMERIC")
		case class == "timestamp" && r.postgres:
			return strings.Replace(v, " ", "T", 1)
		case base == "CHAR" && r.postgres:
			n, _ := strconv.Atoi(string(length.(pyNumber)))
			return v + strings.Repeat(" ", n-utf8.RuneCountInString(v))
		}
	}
	return v
}

// number reads a number, an exact one or one that is whole or of float64, and leaves any other text alone.
func number(s string, exact bool) any {
	n, ok := new(big.Rat).SetString(s)
	switch {
	case !ok:
		return s
	case exact || n.IsInt():
		return sqlNumber{n, exact}
	}
	f, _ := n.Float64()
	return sqlNumber{new(big.Rat).SetFloat64(f), true}
}

// find finds a column, -1 when it is not there. Only a quoted name keeps its case in PostgreSQL, and in SQLite none does.
func (r *relation) find(x ref) int {
	same := func(name, as string) bool {
		plain := strings.Trim(name, `"`)
		if r.postgres && plain == name {
			plain = strings.ToLower(name)
		}
		return plain == as || !r.postgres && strings.EqualFold(plain, as)
	}
	return slices.IndexFunc(r.columns, func(c sourceColumn) bool { return same(x.table, c.source) && same(x.column, c.Name) })
}

// resolve looks for columns.
func (q *query) resolve(r *relation, refs ...ref) string {
	for _, x := range refs {
		if r.find(x) >= 0 {
			continue
		}
		table, column := strings.Trim(x.table, `"`), strings.Trim(x.column, `"`)
		if !r.postgres {
			return "(sqlite3.OperationalError) no such column: " + table + "." + column
		}
		if table = strings.ToLower(table); x.column == column {
			column = strings.ToLower(column)
		}
		exception, message, hint := "UndefinedTable", fmt.Sprintf("missing FROM-clause entry for table %q", table), ""
		for _, j := range q.from {
			if strings.EqualFold(j.table, table) && j.name != j.table {
				message, hint = fmt.Sprintf("invalid reference to FROM-clause entry for table %q", table), fmt.Sprintf("\nHINT:  Perhaps you meant to reference the table alias %q.", strings.ToLower(j.name))
			}
		}
		if slices.ContainsFunc(r.columns, func(c sourceColumn) bool { return c.source == table }) {
			exception, message, hint = "UndefinedColumn", "column "+table+"."+column+" does not exist", r.hint(table, column)
		}
		return q.failure(exception, message, q.find(x.String())) + hint
	}
	return ""
}

// hint names the column, or the two, that PostgreSQL takes another for: with up to 3 letters that differ, and no more than half of them.
func (r *relation) hint(table, column string) string {
	var near []string
	least := min(3, len(column)/2)
	for _, c := range r.columns {
		if d := distance(column, c.Name, least); c.source == table && d <= least {
			if d < least {
				near, least = nil, d
			}
			near = append(near, fmt.Sprintf("the column \"%s.%s\"", table, c.Name))
		}
	}
	if len(near) == 0 || len(near) > 2 {
		return ""
	}
	return "\nHINT:  Perhaps you meant to reference " + strings.Join(near, " or ") + "."
}

// distance is how many letters have to be added, removed or replaced to make one text of the other, or more than most.
func distance(a, b string, most int) int {
	switch {
	case most < 0 || a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return distance(a[1:], b[1:], most)
	}
	return 1 + min(distance(a[1:], b, most-1), distance(a, b[1:], most-1), distance(a[1:], b[1:], most-1))
}

// check looks for what has no meaning: values that are none of a column's, and columns that have several values in a group.
func (q *query) check(r *relation) string {
	for _, c := range q.where {
		if i := r.find(c.left); r.literals(i, c.values) == nil || strings.HasSuffix(c.op, "LIKE") && r.columns[i].class() != "text" {
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
	groups, alone := []int{}, []ref{}
	for _, o := range q.outputs {
		i := r.find(o.ref)
		class := r.columns[i].class()
		if (o.function == "sum" || o.function == "avg") && class != "number" || (o.function == "min" || o.function == "max") && class == "boolean" {
			q.cannot(o.function + " of " + class)
		}
		if o.function == "" {
			alone = append(alone, o.ref)
		}
		if q.grouped && o.dimension {
			groups = append(groups, i)
			if slices.ContainsFunc(r.columns, func(c sourceColumn) bool { return strings.EqualFold(c.Name, o.name) && c != r.columns[i] }) {
				q.cannot("a dimension with the name of another column") // by which the database groups then
			}
		}
	}
	for _, o := range q.order {
		if o.output < 0 {
			alone = append(alone, o.ref)
		}
	}
	for _, x := range alone {
		i := r.find(x)
		switch {
		case !q.aggregated() || slices.Contains(groups, i):
		case !r.postgres || slices.ContainsFunc(groups, func(g int) bool { return r.columns[g].Key }):
			q.cannot("a column that a group has several values of")
		default:
			return q.failure("GroupingError", fmt.Sprintf("column \"%s.%s\" must appear in the GROUP BY clause or be used in an aggregate function", r.columns[i].source, r.columns[i].Name), q.find(x.String()))
		}
	}
	return ""
}

// aggregated tells whether a row of the result stands for several.
func (q *query) aggregated() bool {
	return q.grouped || slices.ContainsFunc(q.outputs, func(o output) bool { return o.function != "" })
}

// find is where something stands in the SQL that is no part of something longer.
func (q *query) find(what string) int {
	at := regexp.MustCompile(`(?:^|[^\w"])(` + regexp.QuoteMeta(what) + `)(?:[^\w"]|$)`).FindStringSubmatchIndex(q.sql)
	return at[2]
}

// failure is PostgreSQL's exception about a place in the SQL, of whose line it shows 60 characters.
func (q *query) failure(exception, message string, at int) string {
	begin := strings.LastIndex(q.sql[:at], "\n") + 1
	line, _, _ := strings.Cut(q.sql[begin:], "\n")
	column, before, after := at-begin, "", ""
	if end := max(60, column+10); len(line) > end {
		line, after = line[:end], "..."
	}
	if cut := len(line) - 60; cut > 0 {
		line, column, before = line[cut:], column-cut+3, "..."
	}
	label := fmt.Sprintf("LINE %d: ", strings.Count(q.sql[:at], "\n")+1)
	return fmt.Sprintf("(psycopg.errors.%s) %s\n%s%s%s%s\n%s^", exception, message, label, before, line, after, strings.Repeat(" ", len(label)+column))
}

// join puts the rows of another table beside those that they fit.
func (r *relation) join(j joined, right *relation, all []sourceColumn) {
	left, rows, used := len(r.columns), [][]any(nil), make([]bool, len(right.rows))
	r.columns = all[:left+len(right.columns)]
	for _, a := range r.rows {
		met := false
		for i, b := range right.rows {
			row := slices.Concat(a, b)
			if !slices.ContainsFunc(j.on, func(c comparison) bool { return !r.holds(c.op, row[r.find(c.left)], []any{row[r.find(c.right)]}) }) {
				met, used[i], rows = true, true, append(rows, row)
			}
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

// literals are values of a filter as the database compares them with a column, or nil if the fake does not know how.
func (r *relation) literals(i int, values []any) []any {
	list, class := []any{}, r.columns[i].class()
	for _, v := range values {
		s, isText := v.(string)
		switch n := pyValue(v); {
		case v == nil:
		case n != nil && class == "text" && !r.postgres:
			v = n.RatString()
		case n != nil && (!r.postgres || class == "number" && v != true && v != false):
			v = sqlNumber{n, false}
		case isText && class == "number", isText && !r.postgres && class != "text":
			if v = number(s, false); v == any(s) && r.postgres {
				return nil
			}
		case class == "boolean" && (s == "true" || s == "false"):
			v = s == "true"
		case class == "date" || class == "timestamp":
			s = strings.Replace(s, " ", "T", 1)
			if _, err := time.Parse(map[string]string{"date": time.DateOnly, "timestamp": "2006-01-02T15:04:05"}[class], s); err != nil {
				return nil
			}
			v = s
		case isText != (class == "text"), n != nil && v != true && v != false, n != nil && class != "boolean":
			return nil
		}
		list = append(list, v)
	}
	return list
}

var signs = map[string]func(int) bool{"=": func(n int) bool { return n == 0 }, "!=": func(n int) bool { return n != 0 }, "<>": func(n int) bool { return n != 0 },
	"<": func(n int) bool { return n < 0 }, "<=": func(n int) bool { return n <= 0 }, ">": func(n int) bool { return n > 0 }, ">=": func(n int) bool { return n >= 0 }}

// holds tells whether a comparison is true: none with nothing is.
func (r *relation) holds(op string, v any, with []any) bool {
	negated, not := strings.CutPrefix(op, "NOT ")
	switch {
	case strings.HasPrefix(op, "IS "):
		return (v == nil) == (op == "IS NULL")
	case v == nil:
		return false
	case not:
		return !slices.Contains(with, nil) && !r.holds(negated, v, with)
	case op == "IN":
		return slices.ContainsFunc(with, func(w any) bool { return w != nil && compare(v, w) == 0 })
	case with[0] == nil:
		return false
	case op == "BETWEEN":
		return compare(v, with[0]) >= 0 && compare(v, with[1]) <= 0
	case op == "LIKE":
		pattern := strings.NewReplacer("%", ".*", "_", ".").Replace(regexp.QuoteMeta(with[0].(string)))
		return regexp.MustCompile(map[bool]string{true: "(?s)^", false: "(?is)^"}[r.postgres] + pattern + "$").MatchString(v.(string))
	}
	return signs[op](compare(v, with[0]))
}

// compare orders values that are not nil. In SQLite a number is less than any text.
func compare(a, b any) int {
	x, isNumber := a.(sqlNumber)
	y, isToo := b.(sqlNumber)
	switch {
	case isNumber && isToo:
		return x.Cmp(y.Rat)
	case isNumber:
		return -1
	case isToo:
		return 1
	}
	return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) // false is less than true
}

// A result is a row of the result, and one of those that it is made of.
type result struct {
	values, from []any
}

func (q *query) results(r *relation) (list []result) {
	if q.outputs == nil {
		for _, c := range r.columns {
			q.outputs = append(q.outputs, output{name: c.Name, ref: ref{c.source, `"` + c.Name + `"`}})
		}
	}
	var keys []string
	groups := map[string][][]any{}
	for n, row := range r.rows {
		key := strconv.Itoa(n)
		if q.aggregated() {
			key = ""
		}
		for _, o := range q.outputs {
			if q.grouped && o.dimension {
				key += repr(shownSQL(row[r.find(o.ref)])) + "\x00"
			}
		}
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], row)
	}
	if q.aggregated() && !q.grouped {
		keys = []string{""} // even of nothing
	}
	for _, key := range keys {
		g := result{}
		if len(groups[key]) > 0 {
			g.from = groups[key][0]
		}
		for _, o := range q.outputs {
			var values []any
			i := r.find(o.ref)
			for _, row := range groups[key] {
				values = append(values, row[i])
			}
			g.values = append(g.values, r.aggregate(o.function, r.columns[i].Column, values))
		}
		list = append(list, g)
	}
	return list
}

// aggregate is one value of many.
func (r *relation) aggregate(function string, c Column, values []any) any {
	if function == "" {
		return values[0]
	}
	values = slices.DeleteFunc(values, func(v any) bool { return v == nil })
	if function == "count_distinct" {
		slices.SortFunc(values, compare)
		values = slices.CompactFunc(values, func(a, b any) bool { return compare(a, b) == 0 })
	}
	n := big.NewRat(int64(len(values)), 1)
	switch {
	case strings.HasPrefix(function, "count"):
		return sqlNumber{n, false}
	case len(values) == 0:
		return nil
	case function == "min":
		return slices.MinFunc(values, compare)
	case function == "max":
		return slices.MaxFunc(values, compare)
	}
	base, _, _ := c.numbers()
	sum := sqlNumber{new(big.Rat), r.postgres && base == "BIGINT"}
	for _, v := range values {
		sum.Add(sum.Rat, v.(sqlNumber).Rat)
		sum.float = sum.float || v.(sqlNumber).float
	}
	if function == "avg" {
		return sqlNumber{sum.Quo(sum.Rat, n), true}
	}
	return sum
}

// sorted compares two values of an order, nothing among them.
func sorted(a, b any, descending, nullsLast bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		return map[bool]int{true: 1, false: -1}[(a == nil) == nullsLast]
	case descending:
		return compare(b, a)
	}
	return compare(a, b)
}

// page puts the results in order, cuts the page out, and names the columns.
func (q *query) page(r *relation, list []result) ([]any, string) {
	slices.SortStableFunc(list, func(a, b result) int {
		for _, o := range q.order {
			x, y, i := a.values, b.values, o.output
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
	for _, bound := range []struct {
		n            any
		name, clause string
	}{{q.offset, "OFFSET", "ResultOffset"}, {q.limit, "LIMIT", "Limit"}} {
		if bound.n == nil {
			continue
		}
		n := pyValue(bound.n).Num()
		switch count := int(min(n.Int64(), int64(len(list)))); {
		case !n.IsInt64() && r.postgres:
			return nil, "(psycopg.errors.NumericValueOutOfRange) bigint out of range"
		case !n.IsInt64():
			return nil, "(sqlite3.IntegrityError) datatype mismatch"
		case n.Sign() < 0 && r.postgres:
			return nil, "(psycopg.errors.InvalidRowCountIn" + bound.clause + "Clause) " + bound.name + " must not be negative"
		case n.Sign() < 0:
		case bound.name == "OFFSET":
			list = list[count:]
		default:
			list = list[:count]
		}
	}
	rows := []any{}
	for _, res := range list {
		row := newDict()
		for i, v := range res.values {
			row.set(q.outputs[i].name, shownSQL(v))
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
