package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// Connection is what Cortex says of its connection to a data source.
type Connection struct {
	OK    bool
	Error string // why not, in words of the database's driver and without secrets; "" when OK
}

// Ping has Cortex connect to a data source. A source that cannot be reached is no error. Where an SQLite file is missing, Cortex makes an empty
// one. A database that takes the connection and stays silent holds the request until its deadline, and with it the worker of Cortex.
func (c *Client) Ping(ctx context.Context, id string) (Connection, error) {
	source, err := c.DataSources.GetNow(ctx, "", id) // what it says of a failure may repeat secrets, which have to be known before
	if err != nil {
		return Connection{}, err
	}
	var answer struct{ Status, Error string }
	if err := c.do(ctx, http.MethodPost, dataSources.at(dataSources.item, "", id)+"/ping", nil, &answer); err != nil {
		return Connection{}, err
	}
	switch {
	case answer.Status == "success":
		return Connection{OK: true}, nil
	case torn(source):
		return Connection{Error: tornError}, nil
	default:
		return Connection{Error: c.said(answer.Error)}, nil
	}
}

// tornError stands for errors that may hold a part of a password.
const tornError = "the password in Cortex holds an @ that is not written as %40, so that what comes after it is taken for the host"

// torn tells whether Cortex takes a part of the password for something else, which errors then show.
func torn(source DataSource) bool {
	password, _ := source.Configuration()["password"].(string)
	_, whole := Arrives("password", password)
	return !whole
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
	Type      string  `json:"type"` // in upper case, as SQLAlchemy calls it: "VARCHAR"; "" when Cortex does not say it (0.0.1a4, of SQLite)
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
	source, err := c.DataSources.GetNow(ctx, "", id)
	if err != nil {
		return nil, err
	}
	var answer struct{ Schema schemaAnswer }
	// Not repeated: each request may hold up one more worker of Cortex.
	err = c.try(ctx, 0, http.MethodGet, dataSources.at(dataSources.item, "", id)+"/schema", nil, &answer)
	var failed *Error
	if errors.As(err, &failed) && torn(source) {
		failed.Text = tornError
	}
	if err != nil {
		return nil, err
	}
	tables := []Table(answer.Schema)
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	return tables, nil
}

// schemaAnswer is the tables in Cortex's answer: {"tables": […]}, or the list alone (0.0.1a4, of SQLite).
type schemaAnswer []Table

// UnmarshalJSON implements json.Unmarshaler.
func (s *schemaAnswer) UnmarshalJSON(data []byte) error {
	var object struct{ Tables *[]Table }
	if json.Unmarshal(data, &object) == nil && object.Tables != nil {
		*s = *object.Tables
		return nil
	}
	var list []struct {
		Name    string
		Columns []struct {
			Name       string
			Nullable   *bool
			PrimaryKey int `json:"primary_key"`
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*s = schemaAnswer{}
	for _, t := range list {
		table := Table{Name: t.Name}
		for _, c := range t.Columns {
			table.Columns = append(table.Columns, Column{Name: c.Name, Nullable: c.Nullable})
			if c.PrimaryKey > 0 {
				table.PrimaryKeys = append(table.PrimaryKeys, c.Name)
			}
		}
		*s = append(*s, table)
	}
	return nil
}
