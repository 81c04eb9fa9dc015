package client

import (
	"cmp"
	"context"
	"net/http"
	"slices"
)

// Connection is what Cortex says of its connection to a data source.
type Connection struct {
	OK    bool
	Error string // why not, in words of the database's driver and without secrets; "" when OK
}

// Ping has Cortex connect to a data source; scope is the id of its environment, "" when it is not known. A source that cannot be reached is no
// error. Where an SQLite file is missing, Cortex makes an empty one. A database that takes the connection and stays silent holds the
// request until its deadline, and with it the worker of Cortex.
func (c *Client) Ping(ctx context.Context, id string) (Connection, error) {
	path := dataSources.at(dataSources.item, "", id)
	// What it says of a failure may repeat the configuration: the secrets in it have to be known before.
	if _, err := c.DataSources.GetNow(ctx, "", id); err != nil {
		return Connection{}, err
	}
	var answer struct{ Status, Error string }
	if err := c.do(ctx, http.MethodPost, path+"/ping", nil, &answer); err != nil {
		return Connection{}, err
	}
	if answer.Status == "success" {
		return Connection{OK: true}, nil
	}
	return Connection{Error: cmp.Or(excerpt(c.secrets, "text/plain", []byte(answer.Error)), "Cortex does not say why")}, nil
}

// Table is a table of a data source.
type Table struct {
	Name        string   `json:"name"`
	Columns     []Column `json:"columns"`
	PrimaryKeys []string `json:"primary_keys"` // names of columns
	ForeignKeys []struct {
		Relations []ForeignKey `json:"relations"`
	} `json:"foreign_keys"`
}

// Column is a column of a table. What its type does not have is nil.
type Column struct {
	Name      string  `json:"name"`
	Type      string  `json:"type"` // in upper case, as SQLAlchemy calls it: "VARCHAR"
	MaxLength *int64  `json:"max_length"`
	Precision *int64  `json:"precision"`
	Scale     *int64  `json:"scale"`
	Nullable  *bool   `json:"nullable"`
	Default   *string `json:"default_value"`
}

// ForeignKey is a column that refers to one of another table.
type ForeignKey struct {
	Column           string `json:"column"`
	ReferencedTable  string `json:"referenced_table"`
	ReferencedColumn string `json:"referenced_column"`
}

// Tables has Cortex connect to a data source and returns its tables, without views, sorted by name. One that cannot be reached is an error
// of the class Disconnected. See Ping for what connecting does.
func (c *Client) Tables(ctx context.Context, id string) ([]Table, error) {
	if _, err := c.DataSources.GetNow(ctx, "", id); err != nil {
		return nil, err
	}
	var answer struct{ Tables []Table }
	if err := c.do(ctx, http.MethodGet, dataSources.at(dataSources.item, "", id)+"/schema", nil, &answer); err != nil {
		return nil, err
	}
	slices.SortFunc(answer.Tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	return answer.Tables, nil
}
