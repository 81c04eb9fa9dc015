package client

import (
	"errors"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	const plain, html, json = "text/plain; charset=utf-8", "text/html", "application/json"
	fk := func(table, by string) string {
		return `(psycopg.errors.ForeignKeyViolation) update or delete on table "` + table + `" violates foreign key constraint "` + by + `_fkey" on table "` + by + `"` +
			"\nDETAIL:  Key (id)=(x) is still referenced from table \"" + by + "\".\n[SQL: DELETE …]"
	}
	for _, test := range []struct {
		name        string
		status      int
		contentType string
		body        string
		want        Class
		missing     Missing
		table       string
	}{
		{"workspace, published releases", 404, plain, "Workspace with ID " + wsA + " not found", NotFound, Missing{"workspace", wsA}, ""},
		{"workspace, head", 500, plain, "Workspace with ID " + wsA + " does not exist in the database", NotFound, Missing{"workspace", wsA}, ""},
		{"workspace of a list or a POST", 404, plain, "Workspace with ID " + wsA + " does not exist in the database", NotFound, Missing{"workspace", wsA}, ""},
		{"environment", 404, plain, "Environment with ID " + envA + " does not exist in the database", NotFound, Missing{"environment", envA}, ""},
		{"environment, head", 500, plain, "Environment with ID " + envA + " does not exist in the database", NotFound, Missing{"environment", envA}, ""},
		{"data source", 404, plain, "Data source with ID " + envA + " does not exist", NotFound, Missing{"data source", envA}, ""},
		{"data model, head", 500, plain, "Data model with ID " + envA + " not found in environment " + wsA, NotFound, Missing{"data model", envA}, ""},
		{"consumer group, head", 500, plain, "Consumer group with ID " + envA + " not found", NotFound, Missing{"consumer group", envA}, ""},

		{"sentence with more behind it", 404, plain, "Workspace with ID " + wsA + " not found, or so the proxy thinks", NotCortex, Missing{}, ""},
		{"sentence with more before it", 500, plain, "oops: Workspace with ID " + wsA + " not found", Unexpected, Missing{}, ""},
		{"sentence with another status", 502, plain, "Workspace with ID " + wsA + " not found", Unavailable, Missing{}, ""},
		{"sentence in HTML", 404, html, "Workspace with ID " + wsA + " not found", NotCortex, Missing{}, ""},
		{"sentence in JSON", 404, json, "Workspace with ID " + wsA + " not found", NotCortex, Missing{}, ""},
		{"unknown route", 404, plain, "Not Found", NotCortex, Missing{}, ""},
		{"a column that does not exist", 500, plain, "(psycopg.errors.UndefinedColumn) column metrics.derivations does not exist\nLINE 2: …", Rejected, Missing{}, ""},
		{"a column that does not exist, SQLite", 500, plain, "(sqlite3.OperationalError) no such column: metrics.derivations\n[SQL: …]", Rejected, Missing{}, ""},
		{"SQLite busy", 500, plain, "(sqlite3.OperationalError) database is locked", Unexpected, Missing{}, ""},
		{"page of a proxy", 404, html, "<html>404</html>", NotCortex, Missing{}, ""},
		{"empty 404", 404, "", "", NotCortex, Missing{}, ""},
		{"wrong method", 405, plain, "Method Not Allowed", NotCortex, Missing{}, ""},
		{"redirect", 307, "", "", NotCortex, Missing{}, ""},

		{"workspace name taken", 409, plain, "Workspace with name 'a\nb's' already exists", NameTaken, Missing{}, ""},
		{"workspace name taken, head", 500, plain, "Workspace with name 'a' already exists", NameTaken, Missing{}, ""},
		{"environment name taken", 500, plain, "Environment with name 'Prod' already exists in workspace " + wsA, NameTaken, Missing{}, ""},
		{"another conflict", 409, json, `{"detail":"x"}`, Unexpected, Missing{}, ""},

		{"environments in the way", 500, plain, fk("workspaces", "environments"), InUse, Missing{}, "environments"},
		{"data models in the way", 500, plain, fk("environments", "data_models"), InUse, Missing{}, "data_models"},

		{"validation", 400, plain, "[{'type': 'missing', 'loc': ('body', 'name'), 'msg': 'Field required', 'input': {}}]", Invalid, Missing{}, ""},
		{"member of another environment", 400, plain, "Consumer and group must be in the same environment", Invalid, Missing{}, ""},
		{"member of another environment, head", 500, plain, "Consumer and group must be in the same environment", Invalid, Missing{}, ""},
		{"gateway without a key", 401, json, `{"error":"no"}`, Denied, Missing{}, ""},
		{"gateway refuses", 403, html, "<html>", Denied, Missing{}, ""},

		{"too many requests", 429, plain, "slow down", Unavailable, Missing{}, ""},
		{"bad gateway", 502, html, "<html>", Unavailable, Missing{}, ""},
		{"database away", 500, plain, "(psycopg.OperationalError) connection failed: connection to server at \"127.0.0.1\"", Unavailable, Missing{}, ""},
		{"database restarted", 500, plain, "(psycopg.errors.AdminShutdown) terminating connection due to administrator command", Unavailable, Missing{}, ""},
		{"statement in a transaction that failed", 500, plain, "(psycopg.errors.InFailedSqlTransaction) current transaction is aborted", Unavailable, Missing{}, ""},
		{"database that is a copy for now", 500, plain, "(psycopg.errors.ReadOnlySqlTransaction) cannot execute UPDATE", Unavailable, Missing{}, ""},
		{"database away in a create", 400, plain, "Failed to create metric: (psycopg.OperationalError) connection failed", Unavailable, Missing{}, ""},
		{"database busy in a create", 400, plain, "Failed to create data model: (sqlite3.OperationalError) database is locked", Unexpected, Missing{}, ""},
		{"row that would refer to none", 400, plain, `Failed to create data model: (psycopg.errors.ForeignKeyViolation) insert or update on table "data_models" violates foreign ` +
			`key constraint "data_models_environment_id_fkey"`, Rejected, Missing{}, ""},
		{"validation of a metric", 400, plain, "Failed to create metric: 1 validation error for SemanticMetric", Invalid, Missing{}, ""},
		{"deleted meanwhile", 500, plain, "Failed to delete metric: Failed to delete metric: Instance '<MetricORM at 0x7f10a>' has been deleted, or its row is otherwise not present.",
			NotDeleted, Missing{}, ""},
		{"metric, wrapped", 500, plain, "Failed to update metric: Failed to update metric: Metric with ID " + envA + " not found in environment " + wsA, NotFound, Missing{"metric", envA}, ""},
		{"unhandled exception", 500, plain, "Internal Server Error", Unexpected, Missing{}, ""},
		{"failed delete under load", 500, plain, "500: Failed to delete workspace", Unexpected, Missing{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			class, missing, table := classify(test.status, test.contentType, []byte(test.body))
			if class != test.want || missing != test.missing || table != test.table {
				t.Errorf("got class %d, %v, table %q; want %d, %v, %q", class, missing, table, test.want, test.missing, test.table)
			}
		})
	}
}

func TestIsGone(t *testing.T) {
	gone := &Error{Class: NotFound, Missing: Missing{"environment", envA}}
	for name, test := range map[string]struct {
		err      error
		noun, id string
		want     bool
	}{
		"this one":             {gone, "environment", envA, true},
		"this one, upper case": {gone, "environment", strings.ToUpper(envA), true},
		"wrapped":              {errors.Join(errors.New("x"), gone), "environment", envA, true},
		"another id":           {gone, "environment", wsA, false},
		"another kind":         {gone, "workspace", envA, false},
		"another class":        {&Error{Class: NotCortex, Missing: Missing{"environment", envA}}, "environment", envA, false},
		"no error":             {nil, "environment", envA, false},
	} {
		if got := IsGone(test.err, test.noun, test.id); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestExcerpt(t *testing.T) {
	for name, test := range map[string]struct{ contentType, body, want string }{
		"SQL and its values go": {"text/plain", "(psycopg.errors.X) no\nDETAIL: d\n[SQL: INSERT … VALUES ('geheim')]\n[parameters: …]", "(psycopg.errors.X) no DETAIL: d"},
		"links go":              {"text/plain", "(psycopg.OperationalError) down\n(Background on this error at: https://x)", "(psycopg.OperationalError) down"},
		"HTML is named":         {"text/html; charset=utf-8", "<html>" + strings.Repeat("x", 9999), "an HTML page"},
		"long texts are cut":    {"text/plain", strings.Repeat("é", 1000), strings.Repeat("é", maxText/2) + "…"},
		"bad UTF-8":             {"text/plain", "a\xffb", "a\uFFFDb"},
	} {
		if got := excerpt(newSecrets(nil), test.contentType, []byte(test.body)); got != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
