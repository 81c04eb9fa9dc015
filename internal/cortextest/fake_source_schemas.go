package cortextest

import (
	"bytes"
	"cmp"
	"os"
	"regexp"
	"slices"
)

// columnParts are the name of a column's type and its numbers: length, or precision and scale.
var columnParts = regexp.MustCompile(`^([A-Z]+)(?:\((\d+)(?:, ?(\d+))?\))?$`)

// schemaOf shows the tables of a database.
func (f *Fake) schemaOf(d reached) (any, string) {
	tables, problem := d.read()
	if problem != "" {
		return nil, problem + "\n[SQL: SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name]\n(Background on this error at: https://sqlalche.me/e/21/4xp6)"
	}
	if d.dialect == "sqlite" {
		slices.SortStableFunc(tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	}
	list := []any{}
	for _, t := range tables {
		columns, keys := []any{}, []any{}
		for _, c := range t.Columns {
			if c.Key {
				keys = append(keys, c.Name)
			}
			if f.release == Oldest && d.dialect == "sqlite" {
				columns = append(columns, c.inspected())
				continue
			}
			columns = append(columns, c.reflected(d.dialect))
		}
		if f.release == Oldest && d.dialect == "sqlite" {
			list = append(list, newDict("name", t.Name, "columns", columns))
			continue
		}
		list = append(list, newDict("name", t.Name, "columns", columns, "primary_keys", keys, "foreign_keys", []any{}))
	}
	if f.release == Oldest && d.dialect == "sqlite" {
		return list, ""
	}
	return newDict("tables", list), ""
}

// read finds the tables of a database: none in a file that is empty.
func (d reached) read() ([]Table, string) {
	if d.file != "" {
		switch content, err := os.ReadFile(d.file); {
		case err != nil || len(content) == 0:
			return nil, ""
		case !bytes.HasPrefix(content, []byte(sqliteHeader)):
			return nil, "(sqlite3.DatabaseError) file is not a database"
		}
	}
	return slices.Clone(d.tables), ""
}

// numbers are those of a column's type, nil where there is none.
func (c Column) numbers() (base string, first, second any) {
	m := columnParts.FindStringSubmatch(c.Type)
	if m[2] != "" {
		first = pyNumber(m[2])
	}
	if m[3] != "" {
		second = pyNumber(m[3])
	}
	return m[1], first, second
}

// reflected is a column as the latest release shows it.
func (c Column) reflected(dialect string) *pyDict {
	base, first, second := c.numbers()
	shown := newDict("name", c.Name, "type", base, "max_length", nil, "precision", nil, "scale", nil,
		"nullable", !c.NotNull && (!c.Key || dialect == "sqlite"), "default_value", nil)
	switch base {
	case "VARCHAR", "CHAR":
		shown.set("max_length", first)
	default:
		shown.set("precision", first)
		shown.set("scale", second)
	}
	return shown
}

// inspected is a column of SQLite as the oldest release shows it: with the inside of its type.
func (c Column) inspected() *pyDict {
	base, first, second := c.numbers()
	inside := newDict()
	switch base {
	case "VARCHAR", "CHAR", "TEXT":
		inside = newDict("length", first, "collation", nil, "collation_schema", nil)
	case "NUMERIC":
		inside = newDict("precision", first, "scale", second, "decimal_return_scale", nil, "asdecimal", true)
	case "TIMESTAMP":
		inside = newDict("timezone", false)
	case "BOOLEAN":
		inside = newDict("create_constraint", false, "name", nil, "_create_events", true)
	}
	key := 0
	if c.Key {
		key = 1
	}
	return newDict("name", c.Name, "type", inside, "nullable", !c.NotNull, "default", nil, "primary_key", key)
}
