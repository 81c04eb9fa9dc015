package cortextest

import (
	"cmp"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// What a database refuses reaches the client as SQLAlchemy's whole text, with the SQL and its parameters.

// A statement is SQL as SQLAlchemy shows it, with its parameters.
type statement struct {
	sql    string
	params *pyDict
}

// jsonColumns are those with JSON in them, and whether PostgreSQL keeps it as JSONB.
var jsonColumns = map[string]bool{"properties": false, "config": true, "measures": true, "dimensions": true, "joins": true, "aggregations": true,
	"filters": true, "order": true, "parameters": true, "refresh": true, "cache": true, "meta": true}

// jsonColumn tells whether a column of a table has JSON in it, and whether PostgreSQL keeps it as JSONB.
func jsonColumn(table, column string) (binary, is bool) {
	if table == dashboards {
		return false, column == "tags" || column == "config"
	}
	binary, is = jsonColumns[column]
	return binary, is
}

// sqlType is how a parameter is cast, "" when it is not.
func sqlType(table, column string, v any) string {
	if binary, is := jsonColumn(table, column); binary {
		return "JSONB"
	} else if is {
		return "JSON"
	}
	switch column {
	case "version", "limit":
		return "INTEGER"
	case "parent_version_id", "data_source_id", "extends":
		return "UUID"
	case "validation_errors":
		return "TEXT[]"
	case "last_viewed_at":
		return "TIMESTAMP WITHOUT TIME ZONE"
	}
	switch v.(type) {
	case bool:
		return ""
	case pyUUID:
		return "UUID"
	case time.Time:
		return "TIMESTAMP WITHOUT TIME ZONE"
	}
	return "VARCHAR"
}

// parameter is where the value of a column goes.
func parameter(table, column string, v any) string {
	if cast := sqlType(table, column, v); cast != "" {
		return "%(" + column + ")s::" + cast
	}
	return "%(" + column + ")s"
}

// columnName is a column in SQL, where some are words of SQL's own.
func columnName(column string) string {
	if column == "limit" || column == "order" {
		return `"` + column + `"`
	}
	return column
}

func selectByName(table string, params *pyDict) statement {
	columns := []string{"id", "name", "description", "created_at", "updated_at"}
	where := table + ".name = %(name_1)s::VARCHAR"
	switch table {
	case environments:
		columns = []string{"id", "workspace_id", "name", "description", "created_at", "updated_at"}
		where += " AND " + table + ".workspace_id = %(workspace_id_1)s::UUID"
	case consumerGroups:
		columns = []string{"id", "environment_id", "name", "description", "alias", "properties", "created_at", "updated_at"}
		where += " AND " + table + ".environment_id = %(environment_id_1)s::UUID"
	case dataSources:
		columns = []string{"id", "environment_id", "name", "alias", "description", "source_catalog", "source_type", "config", "created_at", "updated_at"}
		where += " AND " + table + ".environment_id = %(environment_id_1)s::UUID"
	case dashboards:
		columns = []string{"id", "environment_id", "name", "description", "type", "default_view", "tags", "created_by", "created_at", "updated_at", "last_viewed_at", "config"}
		where += " AND " + table + ".environment_id = %(environment_id_1)s::UUID"
	}
	for i, c := range columns {
		columns[i] = fmt.Sprintf("%s.%s AS %[1]s_%s", table, c)
	}
	params = params.clone()
	params.set("param_1", 1)
	return statement{fmt.Sprintf("SELECT %s \nFROM %s \nWHERE %s \n LIMIT %%(param_1)s::INTEGER", strings.Join(columns, ", "), table, where), params}
}

func insertInto(table string, row *pyDict) statement {
	columns, values := make([]string, len(row.keys)), make([]string, len(row.keys))
	for i, k := range row.keys {
		columns[i], values[i] = columnName(k), parameter(table, k, row.values[k])
	}
	return statement{fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(values, ", ")), row}
}

func updateOf(table string, id pyUUID, changes *pyDict) statement {
	params := changes.clone()
	params.set(table+"_id", id)
	set := make([]string, len(changes.keys))
	for i, k := range changes.keys {
		set[i] = columnName(k) + "=" + parameter(table, k, changes.values[k])
	}
	return statement{fmt.Sprintf("UPDATE %s SET %s WHERE %[1]s.id = %%(%[1]s_id)s::UUID", table, strings.Join(set, ", ")), params}
}

func deleteFrom(table string, id pyUUID) statement {
	return statement{fmt.Sprintf("DELETE FROM %s WHERE %[1]s.id = %%(id_1)s::UUID", table), newDict("id_1", id)}
}

// failed is the text of a statement that the database refused.
func (s statement) failed(what, link string) answer {
	items := make([]string, len(s.params.keys))
	for i, k := range s.params.keys {
		shown := repr(s.params.values[k])
		if binary, is := jsonColumn(s.table(), k); is {
			if r := []rune(shown); len(r) > 40 {
				shown = fmt.Sprintf("%s ... (%d chars)", string(r[:35]), len(r))
			}
			shown = map[bool]string{false: "Json(", true: "Jsonb("}[binary] + shown + ")"
		}
		value := []rune(shown)
		if n := len(value); n > 300 {
			value = []rune(fmt.Sprintf("%s ... (%d characters truncated) ... %s", string(value[:150]), n-300, string(value[n-150:])))
		}
		items[i] = repr(k) + ": " + string(value)
	}
	return text(500, "%s\n[SQL: %s]\n[parameters: {%s}]\n(Background on this error at: https://sqlalche.me/e/21/%s)",
		what, s.sql, strings.Join(items, ", "), link)
}

// failedInSQLite is failed, as SQLite has it.
func (s statement) failedInSQLite(what, link string) answer {
	shown := make(pyTuple, len(s.params.keys))
	for i, k := range s.params.keys {
		v := s.params.values[k]
		switch t := v.(type) {
		case pyUUID:
			v = strings.ReplaceAll(string(t), "-", "")
		case time.Time:
			v = t.Format("2006-01-02 15:04:05.000000")
		case bool:
			v = map[bool]int{true: 1, false: 0}[t]
		}
		if _, is := jsonColumn(s.table(), k); is {
			v = dumpsPython(s.params.values[k])
		}
		shown[i] = v
	}
	sql := parameterText.ReplaceAllString(s.sql, "?")
	return text(500, "%s\n[SQL: %s]\n[parameters: %s]\n(Background on this error at: https://sqlalche.me/e/21/%s)", what, sql, repr(shown), link)
}

var parameterText = regexp.MustCompile(`%\(\w+\)s(?:::(?:TIMESTAMP WITHOUT TIME ZONE|[A-Z]+(?:\[\])?))?`)

// unstorable is the answer to values that the database does not take.
func (f *Fake) unstorable(s statement) (answer, bool) {
	for _, k := range s.params.keys {
		switch v := s.params.values[k].(type) {
		case string:
			if msg := surrogateError(v); msg != "" {
				return text(500, "%s", msg), true
			}
			if f.database == PostgreSQL && strings.Contains(v, "\x00") {
				return s.failed("(psycopg.DataError) PostgreSQL text fields cannot contain NUL (0x00) bytes", "9h9h"), true
			}
		case pyNumber:
			if n, ok := new(big.Int).SetString(string(v), 10); f.database == SQLite && ok && !n.IsInt64() {
				return text(500, "Python int too large to convert to SQLite INTEGER"), true
			}
		}
	}
	if f.database != PostgreSQL {
		return answer{}, false
	}
	for i, k := range s.params.keys {
		binary, is := jsonColumn(s.table(), k)
		if !is || k == "properties" {
			continue
		}
		if what := refusedJSON(dumpsPython(s.params.values[k]), binary); what != "" {
			return s.failed(fmt.Sprintf("(psycopg.errors.%s...\nunnamed portal parameter $%d = '...'", what, i+1), "9h9h"), true
		}
	}
	if token := notFinite(s.params.values["properties"]); token != "" { // the real one also quotes the JSON
		return s.failed("(psycopg.errors.InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \""+token+"\" is invalid.", "9h9h"), true
	}
	if n, ok := s.params.values["limit"].(pyNumber); ok {
		if _, err := strconv.ParseInt(string(n), 10, 32); err != nil {
			return s.failed("(psycopg.errors.NumericValueOutOfRange) integer out of range", "9h9h"), true
		}
	}
	for _, column := range []string{"name", "default_view"} {
		if v, ok := s.params.values[column].(string); ok && s.table() == dashboards && utf8.RuneCountInString(fitted(v)) > longestColumn {
			return s.failed(fmt.Sprintf("(psycopg.errors.StringDataRightTruncation) value too long for type character varying(%d)", longestColumn), "9h9h"), true
		}
	}
	for _, column := range []string{"name", "alias"} {
		if a, no := s.unindexable(column); no {
			return a, no
		}
	}
	return answer{}, false
}

// longestColumn is how many characters a name or a default view of a dashboard has at most in PostgreSQL.
const longestColumn = 255

// fitted is a text without the blanks at its end that PostgreSQL cuts off where it is too long.
func fitted(s string) string {
	r := []rune(s)
	for len(r) > longestColumn && r[len(r)-1] == ' ' {
		r = r[:len(r)-1]
	}
	return string(r)
}

// table is the table that a statement writes.
func (s statement) table() string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s.sql, "INSERT INTO "), "UPDATE "), " ")
	return name
}

// unindexable is the answer to a text that is too long for the index of its column. Metrics and data models have one for aliases, too.
func (s statement) unindexable(column string) (answer, bool) {
	table := s.table()
	value, ok := s.params.values[column].(string)
	if !ok || column == "alias" && table != metrics && table != dataModels {
		return answer{}, false
	}
	// An index row is 8 bytes, the text's length in 4 and the text, in multiples of 8.
	if size := (8 + 4 + compressedSize(value) + 7) / 8 * 8; size > 8191 {
		return s.failed(fmt.Sprintf("(psycopg.errors.ProgramLimitExceeded) index row requires %d bytes, maximum size is 8191", size), "e3q8"), true
	} else if size > 2704 {
		return s.failed(fmt.Sprintf("(psycopg.errors.ProgramLimitExceeded) index row size %d exceeds btree version 4 maximum 2704 for index \"ix_%s_%s\"\n"+
			"DETAIL:  Index row references tuple (0,1) in relation \"%[2]s\".\n"+
			"HINT:  Values larger than 1/3 of a buffer page cannot be indexed.\n"+
			"Consider a function index of an MD5 hash of the value, or use full text indexing.", size, table, column), "e3q8"), true
	}
	return answer{}, false
}

// notFinite is the first number in a value that JSON does not have, as Python writes it all the same, and "" when there is none.
func notFinite(v any) string {
	switch v := v.(type) {
	case pyNumber:
		return map[pyNumber]string{"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[v]
	case []any:
		for _, item := range v {
			if token := notFinite(item); token != "" {
				return token
			}
		}
	case *pyDict:
		for _, k := range v.keys {
			if token := notFinite(v.values[k]); token != "" {
				return token
			}
		}
	}
	return ""
}

// stored is a JSON value as a column of JSONB gives it back: PostgreSQL orders keys by length, then by bytes, and its numbers know no exponent and
// no negative zero. Properties are in columns of JSON, which keep the text.
func (f *Fake) stored(v any) any {
	switch v := v.(type) {
	case pyNumber:
		if f.database == PostgreSQL {
			return jsonbNumber(v)
		}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = f.stored(item)
		}
		return list
	case *pyDict:
		keys := slices.Clone(v.keys)
		if f.database == PostgreSQL {
			slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) })
		}
		d := newDict()
		for _, k := range keys {
			d.set(k, f.stored(v.values[k]))
		}
		return d
	}
	return v
}

// jsonbNumber is a number as Python reads it from JSONB: what had an exponent that is not negative comes back as an integer.
func jsonbNumber(n pyNumber) pyNumber {
	if n == "-0.0" {
		return "0.0"
	}
	if exact, ok := new(big.Rat).SetString(string(n)); ok && strings.Contains(string(n), "e+") {
		return pyNumber(exact.Num().String())
	}
	return n
}

var (
	jsonTokens  = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|-?Infinity|NaN`)
	jsonEscapes = regexp.MustCompile(`\\u[0-9a-f]{4}|\\.|.`)
)

// refusedJSON finds the first thing in Python's JSON text that JSON or JSONB does not take, and "" when there is none.
func refusedJSON(text string, binary bool) string {
	for _, at := range jsonTokens.FindAllStringIndex(text, -1) {
		if text[at[0]] != '"' {
			return "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Token \"" + text[at[0]:at[1]] + "\" is invalid.\n" + jsonContext(text[:at[1]])
		}
		if !binary {
			continue
		}
		high := false
		for _, part := range jsonEscapes.FindAllStringIndex(text[at[0]:at[1]], -1) {
			char, seen := text[at[0]+part[0]:at[0]+part[1]], text[:at[0]+part[1]]
			low := len(char) == 6 && char >= `\udc00` && char <= `\udfff`
			switch {
			case char == `\u0000`:
				return "UntranslatableCharacter) unsupported Unicode escape sequence\nDETAIL:  \\u0000 cannot be converted to text.\n" + jsonContext(seen)
			case low != high:
				return "InvalidTextRepresentation) invalid input syntax for type json\nDETAIL:  Unicode low surrogate must follow a high surrogate.\n" + jsonContext(seen)
			}
			high = len(char) == 6 && char >= `\ud800` && char < `\udc00`
		}
	}
	return ""
}

// jsonContext is what PostgreSQL quotes of a text that ends with a mistake.
func jsonContext(text string) string {
	if from := len(text) - 49; from > 3 {
		text = "..." + text[from:]
	}
	return "CONTEXT:  JSON data, line 1: " + text
}

// compressedSize is about the size of a text in an index: PostgreSQL compresses what gets a quarter smaller by it.
func compressedSize(s string) int {
	const window, longest = 4095, 273
	size, seen := 0.0, map[string]int{}
	for i := 0; i < len(s); {
		length := 0
		if i+3 <= len(s) {
			if at, ok := seen[s[i:i+3]]; ok && i-at <= window {
				for length < longest && i+length < len(s) && s[at+length] == s[i+length] {
					length++
				}
			}
		}
		step := 1
		switch {
		case length < 3:
			size += 1.125
		case length < 18:
			size, step = size+2.125, length
		default:
			size, step = size+3.125, length
		}
		for ; step > 0; step-- {
			if i+3 <= len(s) {
				seen[s[i:i+3]] = i
			}
			i++
		}
	}
	if int(size) > len(s)*3/4 {
		return len(s)
	}
	return int(size) + 8
}

// changes are the values that differ from those of a row. Null keeps what is there, and clears properties alone.
func changes(row, values *pyDict) *pyDict {
	d := newDict()
	for _, k := range values.keys {
		if v := values.values[k]; (v != nil || k == "properties") && !pyEqual(v, row.values[k]) {
			d.set(k, v)
		}
	}
	return d
}

// update changes the columns that have a new value and answers with the row. updated_at changes even if nothing else does.
func (f *Fake) update(table string, row, values *pyDict) answer {
	if a, no := f.write(table, row, changes(row, values)); no {
		return a
	}
	return jsonAnswer(200, row)
}

// updateChanged is an update that writes nothing, updated_at included, if nothing has a new value.
func (f *Fake) updateChanged(table string, row, values *pyDict) (answer, bool) {
	if c := changes(row, values); len(c.keys) > 0 {
		return f.write(table, row, c)
	}
	return answer{}, false
}

func (f *Fake) write(table string, row, changes *pyDict) (answer, bool) {
	try := changes.clone()
	try.set("updated_at", f.tick())
	if a, no := f.unstorable(updateOf(table, row.values["id"].(pyUUID), try)); no {
		return a, true
	}
	f.store(row, changes)
	f.touch(table, row)
	return answer{}, false
}

// store sets columns of a row as the database gives them back.
func (f *Fake) store(row, values *pyDict) {
	for _, k := range values.keys {
		v := values.values[k]
		if jsonColumns[k] {
			v = f.stored(v)
		}
		row.set(k, v)
	}
}

// A foreignKey is a column that points at rows of a table.
type foreignKey struct{ column, table, constraint string }

// orphaned is the answer to a statement that points at a row that is not there. SQLite does not look.
func (f *Fake) orphaned(s statement, table string, keys ...foreignKey) (answer, bool) {
	for _, k := range keys {
		id, ok := s.params.values[k.column].(pyUUID)
		if f.database == PostgreSQL && ok && f.tables[k.table].find(string(id)) == nil {
			return s.failed(fmt.Sprintf("(psycopg.errors.ForeignKeyViolation) insert or update on table %q violates foreign key constraint %q\n"+
				"DETAIL:  Key (%s)=(%s) is not present in table %q.", table, k.constraint, k.column, string(id), k.table), "gkpj"), true
		}
	}
	return answer{}, false
}

// A reference is a foreign key that points at a table.
type reference struct{ table, column string }

// delete removes a row, unless the database enforces foreign keys and rows of another table refer to it. SQLite does not: there
// they stay behind.
func (f *Fake) delete(table, id string, references ...reference) answer {
	if a, no := f.referred(table, id, references...); no {
		return a
	}
	f.tables[table].remove(id)
	return noContent()
}

func (f *Fake) referred(table, id string, references ...reference) (answer, bool) {
	for _, r := range references {
		if f.database == PostgreSQL && len(f.tables[r.table].where(r.column, pyUUID(id))) > 0 {
			constraint := r.table + "_" + r.column + "_fkey"
			if r.column == "data_source_id" {
				constraint = "fk_metrics_data_source_id"
			}
			return deleteFrom(table, pyUUID(id)).failed(fmt.Sprintf("(psycopg.errors.ForeignKeyViolation) update or delete on table %q violates foreign key constraint %q on table %q\n"+
				"DETAIL:  Key (id)=(%s) is still referenced from table %[3]q.", table, constraint, r.table, id), "gkpj"), true
		}
	}
	return answer{}, false
}
