// Package cortextest gives tests, the demo and benchmarks a Cortex: one in memory that answers like the real ones, or a
// real one of a published release.
package cortextest

// Database is the kind of database that a Cortex keeps its objects in. Some of its answers depend on it.
type Database string

// The databases that a Cortex of this package runs on, named as in CORTEX_DB_TYPE.
const (
	SQLite     Database = "sqlite"
	PostgreSQL Database = "postgresql"
)
