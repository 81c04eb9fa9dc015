package cortextest

import (
	"bytes"
	"cmp"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The databases that data sources lead to. The fake cannot reach any, so tests tell it which there are. Files are looked for on the disk: a
// missing one is made, as by the real Cortex.

// A reached is a database that answers.
type reached struct {
	dialect string
	tables  []Table
	file    string // of SQLite; "" in memory
}

// A served is a database of a server.
type served struct {
	dialect string
	ServerDatabase
	tables []Table
}

// AddDatabase makes a database of a PostgreSQL or MySQL server answer to data sources. It takes the place of one of that name, whose users stay;
// a user who is there gets the password.
func (f *Fake) AddDatabase(dialect string, d ServerDatabase, tables ...Table) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.databases = slices.DeleteFunc(f.databases, func(s served) bool {
		return s.at(d.Host, d.Port) && s.Username == d.Username && s.Database == d.Database
	})
	f.databases = append(f.databases, served{dialect, d, tables})
	for i, s := range f.databases {
		if s.at(d.Host, d.Port) && s.Database == d.Database {
			f.databases[i].tables = tables
		}
		if s.at(d.Host, d.Port) && s.Username == d.Username {
			f.databases[i].Password = d.Password
		}
	}
}

// Silence makes a server of databases take connections and say nothing until release is called. Who asks for one of its databases waits, and the whole
// fake with it, as Cortex does, unless it has several workers. asked is closed when somebody waits.
func (f *Fake) Silence(host string, port int) (asked <-chan struct{}, release func()) {
	first, over, at := make(chan struct{}), make(chan struct{}), serverAt(host, port)
	f.silent.Store(at, silence{sync.OnceFunc(func() { close(first) }), over})
	return first, sync.OnceFunc(func() {
		f.silent.Delete(at)
		close(over)
	})
}

// silence is that of a server of databases: ask says that somebody waits, for over to be closed.
type silence struct {
	ask  func()
	over chan struct{}
}

func serverAt(host string, port int) string {
	return fmt.Sprintf("%s:%d", strings.Replace(host, "localhost", "127.0.0.1", 1), port)
}

// wait is over when a server says something.
func (f *Fake) wait(host string, port int) {
	found, _ := f.silent.Load(serverAt(host, port))
	s, ok := found.(silence)
	if !ok {
		return
	}
	s.ask()
	if f.workers > 1 {
		f.mu.Unlock()
		defer f.mu.Lock()
	}
	<-s.over
}

// sqliteHeader begins each file of SQLite that is not empty.
const sqliteHeader = "SQLite format 3\x00"

// AddFile makes a file stand for a database of SQLite.
func (f *Fake) AddFile(path string, tables ...Table) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[path] = tables
	return os.WriteFile(path, []byte(sqliteHeader), 0o600)
}

// connect does what Cortex's client of a database does with the details of a data source, and returns its exception's text.
func (f *Fake) connect(kind string, details *pyDict) (reached, string) {
	switch kind {
	case "postgresql", "mysql":
		return f.connectServer(details)
	case "sqlite", "spreadsheet":
		return f.connectFile(details)
	case "duckdb":
		if problem := f.fileCredentials("DuckDBCredentials", "duckdb", details); problem != "" {
			return reached{}, problem
		}
		name := details.values["file_path"]
		if name == nil {
			name = ":memory:"
		}
		return reached{}, "connect(): incompatible function arguments. The following argument types are supported:\n" +
			"    1. (database: object = ':memory:', read_only: bool = False, config: dict = None) -> duckdb.DuckDBPyConnection\n\n" +
			"Invoked with: kwargs: database=" + repr(name) + ", config=None"
	case "bigquery":
		v := &validation{model: "BigQueryCredentials", values: details}
		v.str("project_id", required)
		v.str("dataset_id", optional)
		v.field("service_account_details", aDict, required)
		if problem := v.failure(); problem != "" {
			return reached{}, problem
		}
		return reached{}, "immutabledict object is immutable"
	}
	return reached{}, "Unsupported database type: DataSourceTypes." + strings.ToUpper(kind)
}

func (f *Fake) connectServer(details *pyDict) (reached, string) {
	v := &validation{model: "CommonProtocolSQLCredentials", values: details}
	host, port, username := v.str("host", required), v.field("port", anInteger, required), v.str("username", required)
	password, database := v.str("password", required), v.str("database", required)
	dialect := v.field("dialect", oneOf(f.sourceTypes()...), required)
	if f.release != Oldest {
		v.str("schema", optional)
	}
	if len(v.problems) == 0 && dialect != "postgresql" && dialect != "mysql" {
		v.problem("value_error", nil, "Value error, CommonProtocolSQLCredentials supports only PostgreSQL or MySQL dialects", details)
	}
	if problem := v.failure(); problem != "" {
		return reached{}, problem
	}
	driver := map[any]string{"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[dialect]
	// Nothing is escaped.
	u, problem := parseDatabaseURL(fmt.Sprintf("%s://%s:%s@%s:%s/%s", driver, username, password, host, port, database))
	if problem != "" {
		return reached{}, problem
	}
	if dialect == "mysql" {
		return f.connectMySQL(u)
	}
	return f.connectPostgreSQL(u)
}

const atError = "\n(Background on this error at: https://sqlalche.me/e/21/e3q8)"

func (f *Fake) connectPostgreSQL(u databaseURL) (reached, string) {
	failed := func(format string, args ...any) (reached, string) {
		return reached{}, "(psycopg.OperationalError) " + fmt.Sprintf(format, args...) + atError
	}
	port := cmp.Or(u.port, 5432)
	switch {
	case u.host == "":
		return failed("connection is bad: connection to server on socket \"/var/run/postgresql/.s.PGSQL.%d\" failed: No such file or directory\n"+
			"\tIs the server running locally and accepting connections on that socket?", port)
	case port < 1 || port > 65535:
		return failed("connection is bad: invalid port number: \"%d\"", port)
	case !f.resolves(u.host):
		return failed("[Errno -2] Name or service not known")
	}
	f.wait(u.host, port)
	refused := func(why string) (reached, string) {
		return failed("connection failed: connection to server at \"%s\", port %d failed: %s", strings.Replace(u.host, "localhost", "127.0.0.1", 1), port, why)
	}
	here := slices.DeleteFunc(slices.Clone(f.databases), func(s served) bool { return !s.at(u.host, port) })
	if len(here) == 0 {
		return refused("Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?")
	}
	if u.password == "" {
		return refused("fe_sendauth: no password supplied")
	}
	if !slices.ContainsFunc(here, func(s served) bool { return s.Username == u.username && s.Password == u.password }) {
		return refused(fmt.Sprintf("FATAL:  password authentication failed for user \"%s\"", u.username))
	}
	database := cmp.Or(u.database, u.username)
	i := slices.IndexFunc(here, func(s served) bool { return s.Database == database })
	if i < 0 {
		return refused(fmt.Sprintf("FATAL:  database \"%s\" does not exist", database))
	}
	return reached{dialect: "postgresql", tables: here[i].tables}, ""
}

// connectMySQL answers at once where a server that is none of MySQL would leave Cortex waiting for ever.
func (f *Fake) connectMySQL(u databaseURL) (reached, string) {
	failed := func(code int, text string) (reached, string) {
		return reached{}, fmt.Sprintf("(pymysql.err.OperationalError) (%d, %s)", code, repr(text)) + atError
	}
	host, port := cmp.Or(u.host, "localhost"), cmp.Or(u.port, 3306)
	f.wait(host, port)
	here := slices.DeleteFunc(slices.Clone(f.databases), func(s served) bool { return !s.at(host, port) })
	switch {
	case !f.resolves(host):
		return failed(2003, "Can't connect to MySQL server on '"+host+"' ([Errno -2] Name or service not known)")
	case len(here) == 0:
		return failed(2003, "Can't connect to MySQL server on '"+host+"' ([Errno 111] Connection refused)")
	case here[0].dialect != "mysql":
		return failed(2013, "Lost connection to MySQL server during query")
	case !slices.ContainsFunc(here, func(s served) bool { return s.Username == u.username && s.Password == u.password }):
		return failed(1045, "Access denied for user '"+u.username+"'@'localhost' (using password: YES)")
	}
	i := slices.IndexFunc(here, func(s served) bool { return s.Database == u.database })
	if i < 0 {
		return failed(1049, "Unknown database '"+u.database+"'")
	}
	return reached{dialect: "mysql", tables: here[i].tables}, ""
}

// resolves tells whether a host has an address.
func (f *Fake) resolves(host string) bool {
	return host == "localhost" || net.ParseIP(host) != nil || slices.ContainsFunc(f.databases, func(s served) bool { return s.Host == host })
}

func (s served) at(host string, port int) bool {
	return serverAt(s.Host, s.Port) == serverAt(host, port)
}

// fileCredentials checks the details of a database that is a file or in memory.
func (f *Fake) fileCredentials(model, dialect string, details *pyDict) string {
	v := &validation{model: model, values: details}
	v.field("dialect", oneOf(f.sourceTypes()...), defaulted)
	path := v.str("file_path", optional)
	inMemory, _ := v.field("in_memory", aBoolean, defaulted).(bool)
	v.field(map[string]string{"sqlite": "pragmas", "duckdb": "config"}[dialect], aDict, defaulted)
	switch {
	case len(v.problems) > 0:
	case path == "" && !inMemory:
		v.problem("value_error", nil, "Value error, "+model+" require either a file_path or in_memory=True", details)
	case path != "" && inMemory:
		v.problem("value_error", nil, "Value error, "+model+" cannot specify both file_path and in_memory", details)
	}
	return v.failure()
}

func (f *Fake) connectFile(details *pyDict) (reached, string) {
	if f.release != Oldest {
		path := details.values["sqlite_path"]
		if path == nil || path == "" {
			path = details.values["file_path"]
		}
		switch path := path.(type) {
		case nil:
		case string:
			if path != "" {
				details.set("file_path", path)
			}
		default:
			return reached{}, "'" + pyType(path) + "' object has no attribute 'startswith'"
		}
	}
	if problem := f.fileCredentials("SQLiteCredentials", "sqlite", details); problem != "" {
		return reached{}, problem
	}
	path, _ := details.values["file_path"].(string)
	u, problem := parseDatabaseURL("sqlite+pysqlite:///" + path)
	if problem != "" {
		return reached{}, problem
	}
	if path = u.database; !strings.HasPrefix(path, "/") { // in memory, or in the folder of the server, of which the fake has none
		return reached{dialect: "sqlite"}, ""
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return reached{}, "(sqlite3.OperationalError) unable to open database file" + atError
	}
	defer file.Close() //nolint:errcheck // nothing was written
	return reached{dialect: "sqlite", tables: f.files[path], file: path}, ""
}

// A databaseURL is what SQLAlchemy makes of a URL.
type databaseURL struct {
	username, password, host, database string
	port                               int
}

// databasePattern is SQLAlchemy's own.
var databasePattern = regexp.MustCompile(`^[\w+]+://(?:(?P<username>[^:/]*)(?::(?P<password>[^@]*))?@)?` +
	`(?:(?:\[(?P<ipv6host>[^/?]+)\]|(?P<ipv4host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?(?:/(?P<database>[^?]*))?`)

// parseDatabaseURL reads a URL as SQLAlchemy does. It does not care for what follows a question mark, which goes to the driver.
func parseDatabaseURL(s string) (databaseURL, string) {
	m := databasePattern.FindStringSubmatch(s)
	group := func(name string) string { return m[databasePattern.SubexpIndex(name)] }
	u := databaseURL{username: unquote(group("username")), password: unquote(group("password")), database: unquote(group("database")),
		host: cmp.Or(group("ipv4host"), group("ipv6host"))}
	if port := group("port"); port != "" {
		var err error
		if u.port, err = strconv.Atoi(strings.TrimSpace(port)); err != nil {
			return u, "invalid literal for int() with base 10: " + repr(port)
		}
	}
	return u, ""
}

var percentEncoded = regexp.MustCompile(`(?:%[0-9a-fA-F]{2})+`)

// unquote is Python's, which keeps a percent sign that encodes nothing.
func unquote(s string) string {
	return percentEncoded.ReplaceAllStringFunc(s, func(encoded string) string {
		var b bytes.Buffer
		for i := 0; i < len(encoded); i += 3 {
			c, _ := strconv.ParseUint(encoded[i+1:i+3], 16, 8)
			b.WriteByte(byte(c))
		}
		return strings.ToValidUTF8(b.String(), "\ufffd")
	})
}
