package cortextest

// Database is the kind of database that a Cortex keeps its objects in. Some of its answers depend on it.
type Database string

// The databases that a Cortex of this package runs on, named as in CORTEX_DB_TYPE.
const (
	SQLite     Database = "sqlite"
	PostgreSQL Database = "postgresql"
)
