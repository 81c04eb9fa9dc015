package client

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// DataSource is a database of one environment, or what Cortex can use as one.
type DataSource struct {
	ID            string `json:"id,omitempty"`
	EnvironmentID string `json:"environment_id"`
	Name          string `json:"name"`
	Alias         string `json:"alias"`
	// Description is "" when there is none; Cortex cannot make it null again.
	Description string `json:"description,omitempty"`
	// SourceCatalog and SourceType are for ever: "DATABASE" and "postgresql".
	SourceCatalog string `json:"source_catalog"`
	SourceType    string `json:"source_type"`
	// Config is a JSON object: where the database is, and its password in clear text. An update replaces it whole.
	Config    json.RawMessage `json:"config"`
	CreatedAt string          `json:"created_at,omitempty"`
	UpdatedAt string          `json:"updated_at,omitempty"`
}

var dataSources = kind{noun: "data source", container: "environment", key: "name", create: "/data/sources",
	list: "/environments/{scope}/data/sources", item: "/data/sources/{id}", remembers: true}

// Ref implements Object.
func (s DataSource) Ref() Ref { return Ref{ID: s.ID, Scope: s.EnvironmentID, Name: s.Name} }

func (s DataSource) complete() bool {
	return s.EnvironmentID != "" && s.SourceCatalog != "" && s.SourceType != "" && len(s.Config) > 0 && s.CreatedAt != "" && s.UpdatedAt != ""
}

// Configuration returns the fields of Config.
func (s DataSource) Configuration() map[string]any {
	value, _ := decodeJSON(s.Config)
	config, _ := value.(map[string]any)
	return config
}

// Configured returns the data source with these fields put over those of its Config.
func (s DataSource) Configured(fields map[string]any) DataSource {
	config := s.Configuration()
	if config == nil {
		config = map[string]any{}
	}
	maps.Copy(config, fields)
	s.Config, _ = json.Marshal(config) // what was decoded, and texts
	return s
}

// Revealed returns the data source with those values of by's Config that it does not show itself: a Cortex may mask secrets by asterisks,
// or answer without the password. (The releases up to 0.0.1a7 show everything.)
func (s DataSource) Revealed(by DataSource) DataSource {
	config, sent := s.Configuration(), by.Configuration()
	hidden := map[string]any{}
	for field, value := range sent {
		if shown, ok := config[field]; ok && masked(shown) || !ok && field == "password" {
			hidden[field] = value
		}
	}
	if len(hidden) == 0 {
		return s
	}
	return s.Configured(hidden)
}

func masked(value any) bool {
	text, ok := value.(string)
	return ok && text != "" && strings.Trim(text, "*") == ""
}

// UsedBy returns the metrics of an environment that get their rows from a data source. Not every release keeps a source from being deleted
// that metrics use: 0.0.1a4 on SQLite leaves the metrics behind without one. An error of the class Rejected comes from a database that cannot
// list metrics at all.
func (c *Client) UsedBy(ctx context.Context, ref Ref) ([]Ref, error) {
	all, err := c.Metrics.ListNow(ctx, ref.Scope)
	var users []Ref
	for _, m := range all {
		if strings.EqualFold(string(m.DataSourceID), ref.ID) {
			users = append(users, m.Ref())
		}
	}
	return users, err
}

// Cortex makes the URL of a database out of the configuration as it is, which its library then takes apart: unquoted is what that makes of a
// part, and Quoted the reverse (sqlalchemy.engine.url, urllib.parse.unquote).

// Quoted returns a user, password or name of a database as Config has to have it.
func Quoted(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		if isASCIILetterOrDigit(rune(c)) || strings.IndexByte("-._~!$&'()*+,;=", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// QuotedPath returns the path of a file as Config has to have it.
func QuotedPath(path string) string { return strings.NewReplacer("%", "%25", "?", "%3F").Replace(path) }

// separators are the characters that end a part of the URL, so that a database gets something else than Config has.
var separators = map[string]string{"username": ":/", "password": "@", "database": "?", "file_path": "?", "sqlite_path": "?"}

// Arrives returns what a database gets of a text in a field of Config, and whether it gets all of it.
func Arrives(field, stored string) (text string, whole bool) {
	if strings.ContainsAny(stored, separators[field]) {
		return stored, false
	}
	return unquoted(stored), true
}

func unquoted(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if decoded, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				b.Write(decoded)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
