package cortextest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
)

// A DataSource as Cortex shows it.
type DataSource struct {
	ID            string     `json:"id"`
	EnvironmentID string     `json:"environment_id"`
	Name          string     `json:"name"`
	Alias         string     `json:"alias"`
	Description   *string    `json:"description"`
	SourceCatalog string     `json:"source_catalog"`
	SourceType    string     `json:"source_type"`
	Config        JSONObject `json:"config"`
	CreatedAt     string     `json:"created_at"`
	UpdatedAt     string     `json:"updated_at"`
}

// A JSONObject keeps the spelling of its numbers, which are json.Number.
type JSONObject map[string]any

// UnmarshalJSON implements json.Unmarshaler.
func (o *JSONObject) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode((*map[string]any)(o))
}

// DataSources lists the data sources of an environment.
func (c *Cortex) DataSources(environmentID string) []DataSource {
	return list[DataSource](c, "/environments/"+environmentID+"/data/sources")
}

// DataSource finds one data source; ok is false when Cortex says that it is not there.
func (c *Cortex) DataSource(id string) (source DataSource, ok bool) {
	return read[DataSource](c, "/data/sources/"+id)
}

// CreateDataSource creates a data source. Cortex wants the fields name, alias, source_catalog, source_type and config.
func (c *Cortex) CreateDataSource(environmentID string, fields map[string]any) DataSource {
	return create[DataSource](c, "/data/sources", inEnvironment(environmentID, fields))
}

// UpdateDataSource changes the fields that are given; config as a whole.
func (c *Cortex) UpdateDataSource(id string, change map[string]any) DataSource {
	return update[DataSource](c, "/data/sources/"+id, change)
}

// DeleteDataSource deletes a data source that no metric uses.
func (c *Cortex) DeleteDataSource(id string) { c.do("DELETE", "/data/sources/"+id, nil, 204, nil) }

// PingDataSource lets Cortex connect to the database. What keeps it from that is its own text, "" when nothing does.
func (c *Cortex) PingDataSource(id string) (problem string) {
	var answer struct{ Error string }
	c.do("POST", "/data/sources/"+id+"/ping", nil, 200, &answer)
	return answer.Error
}

// A Table is a table of a database that data sources lead to.
type Table struct {
	Name    string
	Columns []Column
	Rows    [][]any // of nil, bool, int and string, which is what a date or a decimal number is too
}

// A Column of a table. Its type is INTEGER, BIGINT, SMALLINT, NUMERIC(p,s), VARCHAR(n), CHAR(n), TEXT, DATE, TIMESTAMP or BOOLEAN.
type Column struct {
	Name, Type string
	Key        bool // it is the primary key, or a part of it
	NotNull    bool
}

var columnTypes = regexp.MustCompile(`^(?:INTEGER|BIGINT|SMALLINT|NUMERIC\(\d+, ?\d+\)|VARCHAR\(\d+\)|CHAR\(\d+\)|TEXT|DATE|TIMESTAMP|BOOLEAN)$`)

// A ServerDatabase is a database of a server, with a user who may read it.
type ServerDatabase struct {
	Host                         string
	Port                         int
	Username, Password, Database string
}

// Config is the config of a data source that leads to the database. Cortex pastes the values into a URL as they are, so they are encoded for one.
func (d ServerDatabase) Config() map[string]any {
	return map[string]any{"host": d.Host, "port": d.Port, "username": percentEncode(d.Username), "password": percentEncode(d.Password), "database": percentEncode(d.Database)}
}

func percentEncode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// PostgreSQLDatabase gives a database of a PostgreSQL server, which checks the password. Under a real Cortex the server is another one than Cortex's
// own, and all tests share it: a database or a user of that name is replaced, so names should be those of Name.
func (c *Cortex) PostgreSQLDatabase(username, password, name string, tables ...Table) ServerDatabase {
	d := ServerDatabase{Host: "127.0.0.1", Port: 5432, Username: username, Password: password, Database: name}
	statements := c.statements(tables)
	if c.fake != nil {
		c.fake.AddDatabase("postgresql", d, tables...)
		return d
	}
	server, err := c.real.sources()
	if err != nil {
		c.fail("cannot start PostgreSQL for data sources: %v", err)
	}
	if _, err := fmt.Sscan(server.port, &d.Port); err != nil {
		c.fail("port of PostgreSQL: %v", err)
	}
	err = c.real.script(makePostgreSQL, map[string]any{"admin": map[string]any{"host": d.Host, "port": d.Port, "user": postgresUser, "password": server.password},
		"username": username, "password": password, "name": name, "statements": statements})
	if err != nil {
		c.fail("cannot make the database %q: %v", name, err)
	}
	return d
}

const makePostgreSQL = `
import json, sys, psycopg
from psycopg.sql import SQL, Identifier, Literal
o = json.load(sys.stdin)
database, user = Identifier(o["name"]), Identifier(o["username"])
with psycopg.connect(dbname="postgres", autocommit=True, **o["admin"]) as admin:
    admin.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [o["username"]]).fetchone():
        admin.execute(SQL("CREATE ROLE {} LOGIN").format(user))
    admin.execute(SQL("ALTER ROLE {} PASSWORD {}").format(user, Literal(o["password"])))
    admin.execute(SQL("CREATE DATABASE {} OWNER {}").format(database, user))
with psycopg.connect(dbname=o["name"], autocommit=True, **o["admin"]) as db:
    db.execute(SQL("SET ROLE {}").format(user))
    for statement in o["statements"]:
        db.execute(statement)
`

// SilentDatabase gives a database whose server takes connections and says nothing, so that what asks for it hangs, until release is called. Then there is
// none. asked is closed when somebody waits. A Cortex of one worker answers nothing else meanwhile.
func (c *Cortex) SilentDatabase() (d ServerDatabase, asked <-chan struct{}, release func()) {
	d = ServerDatabase{Host: "127.0.0.1", Username: "u", Password: "p", Database: "d"}
	if c.fake != nil {
		d.Port = 5433
		asked, release = c.fake.Silence(d.Host, d.Port)
		return d, asked, release
	}
	listener, err := net.Listen("tcp", d.Host+":0")
	if err != nil {
		c.fail("cannot listen: %v", err)
	}
	d.Port = listener.Addr().(*net.TCPAddr).Port
	first, released := make(chan struct{}), make(chan struct{})
	ask := sync.OnceFunc(func() { close(first) })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			ask()
			go func() {
				<-released
				_ = connection.Close()
			}()
		}
	}()
	return d, first, sync.OnceFunc(func() {
		_ = listener.Close()
		close(released)
	})
}

// SQLiteDatabase makes a file with a database, in the place of one that is there.
func (c *Cortex) SQLiteDatabase(path string, tables ...Table) {
	statements := c.statements(tables)
	err := os.Remove(path)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	switch {
	case err != nil:
	case c.fake != nil:
		err = c.fake.AddFile(path, tables...)
	default:
		err = c.real.script(makeSQLite, map[string]any{"path": path, "statements": statements})
	}
	if err != nil {
		c.fail("cannot make the database %s: %v", path, err)
	}
}

const makeSQLite = `
import json, sys, sqlite3
o = json.load(sys.stdin)
db = sqlite3.connect(o["path"])
for statement in o["statements"]:
    db.execute(statement)
db.execute("PRAGMA user_version = 1")
db.commit()
`

// statements make the tables with their rows.
func (c *Cortex) statements(tables []Table) []string {
	list := []string{}
	for _, t := range tables {
		parts, keys := []string{}, []string{}
		for _, column := range t.Columns {
			if !columnTypes.MatchString(column.Type) {
				c.fail("no column of a test has the type %q", column.Type)
			}
			part := quoteName(column.Name) + " " + column.Type
			if column.NotNull {
				part += " NOT NULL"
			}
			if parts = append(parts, part); column.Key {
				keys = append(keys, quoteName(column.Name))
			}
		}
		if len(keys) > 0 {
			parts = append(parts, "PRIMARY KEY ("+strings.Join(keys, ", ")+")")
		}
		list = append(list, "CREATE TABLE "+quoteName(t.Name)+" ("+strings.Join(parts, ", ")+")")
		for _, row := range t.Rows {
			values := []string{}
			for _, v := range row {
				switch v := v.(type) {
				case nil:
					values = append(values, "NULL")
				case string:
					values = append(values, "'"+strings.ReplaceAll(v, "'", "''")+"'")
				default:
					values = append(values, fmt.Sprint(v))
				}
			}
			list = append(list, "INSERT INTO "+quoteName(t.Name)+" VALUES ("+strings.Join(values, ", ")+")")
		}
	}
	return list
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// script runs Python where Cortex runs, with a value as JSON on its input.
func (r *Real) script(code string, input any) error {
	data, err := json.Marshal(input)
	if err != nil {
		return err
	}
	cmd := exec.Command(r.python, "-c", code)
	cmd.Dir, cmd.Env, cmd.Stdin = r.dir, withoutPrefix(os.Environ(), "PG"), bytes.NewReader(data)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
