package client

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzQuoted writes parts of a database's URL, and takes the URL apart as SQLAlchemy does.
func FuzzQuoted(f *testing.F) {
	for _, text := range awkward {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "?")
		for _, field := range []string{"username", "password", "database"} {
			stored := Quoted(text)
			if strings.ContainsAny(stored, `@:/?#"\ `) {
				t.Errorf("%q is written as %q", text, stored)
			}
			if got, whole := Arrives(field, stored); got != text || !whole {
				t.Errorf("%s %q arrives as %q, %v", field, text, got, whole)
			}
			if got, err := url.PathUnescape(stored); err != nil || got != text {
				t.Errorf("%q is read as %q, %v", stored, got, err)
			}
		}
		if got, whole := Arrives("file_path", QuotedPath(text)); got != text || !whole {
			t.Errorf("path %q arrives as %q, %v", text, got, whole)
		}
	})
}

func TestArrives(t *testing.T) {
	for _, test := range []struct {
		field, stored, want string
		whole               bool
	}{
		{"password", "plain", "plain", true},
		{"password", "p%40ss", "p@ss", true},
		{"password", "p@ss", "p@ss", false},
		{"password", "a/b:c", "a/b:c", true},
		{"password", "100%", "100%", true},
		{"password", "%zz%4", "%zz%4", true},
		{"username", "a:b", "a:b", false},
		{"database", "a?b", "a?b", false},
		{"sqlite_path", "/a%20b", "/a b", true},
		{"password", "%FF", "\uFFFD", true},
	} {
		if got, whole := Arrives(test.field, test.stored); got != test.want || whole != test.whole {
			t.Errorf("%s %q: %q, %v", test.field, test.stored, got, whole)
		}
	}
}

func TestRevealed(t *testing.T) {
	sent := DataSource{Config: json.RawMessage(`{"host":"db","port":5432,"password":"x","token":"t"}`)}
	for name, test := range map[string]struct{ shown, want string }{
		"everything":        {`{"host":"other","port":1,"password":"y","token":"t"}`, `{"host":"other","port":1,"password":"y","token":"t"}`},
		"masked":            {`{"host":"db","port":5432,"password":"********","token":"**"}`, `{"host":"db","password":"x","port":5432,"token":"t"}`},
		"without":           {`{"host":"db","port":5432,"token":"t"}`, `{"host":"db","password":"x","port":5432,"token":"t"}`},
		"no other is added": {`{"port":5432,"password":"x"}`, `{"port":5432,"password":"x"}`},
	} {
		got := DataSource{Config: json.RawMessage(test.shown)}.Revealed(sent)
		if string(got.Config) != test.want {
			t.Errorf("%s: %s", name, got.Config)
		}
	}
}

// Tables are told in two ways, depending on the release.
func TestSchemaAnswer(t *testing.T) {
	no := false
	for name, test := range map[string]struct {
		answer string
		want   schemaAnswer
	}{
		"an object": {`{"tables":[{"name":"orders","columns":[{"name":"id","type":"INTEGER","nullable":false}],"primary_keys":["id"],"foreign_keys":[{"table":"x","relations":[{"column":"a","referenced_table":"b","referenced_column":"c"}]}]}]}`,
			schemaAnswer{{Name: "orders", Columns: []Column{{Name: "id", Type: "INTEGER", Nullable: &no}}, PrimaryKeys: []string{"id"}, ForeignKeys: []struct {
				Relations []ForeignKey `json:"relations"`
			}{{Relations: []ForeignKey{{"a", "b", "c"}}}}}}},
		"a list": {`[{"name":"orders","columns":[{"name":"id","nullable":false,"primary_key":1},{"name":"total"}]}]`,
			schemaAnswer{{Name: "orders", Columns: []Column{{Name: "id", Nullable: &no}, {Name: "total"}}, PrimaryKeys: []string{"id"}}}},
		"no tables": {`{"tables":[]}`, schemaAnswer{}},
	} {
		var got schemaAnswer
		if err := json.Unmarshal([]byte(test.answer), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, answer := range []string{`{}`, `{"tables":null}`, `"x"`, `{"tables":"x"}`} {
		var got schemaAnswer
		if err := json.Unmarshal([]byte(answer), &got); err == nil {
			t.Errorf("%s is taken for %v", answer, got)
		}
	}
}
