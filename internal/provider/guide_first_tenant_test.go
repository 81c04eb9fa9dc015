package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// A tenant is made from nothing to a dashboard that shows rows, changed, repeated and destroyed.
func TestGuideFirstTenant(t *testing.T) {
	c := cortextest.Start(t)
	before := living(c)
	folder := t.TempDir()
	for _, name := range []string{"acme", "globex"} {
		c.SQLiteDatabase(filepath.Join(folder, name+".db"), ordersOfGuides)
	}
	e := newInstalled(t, buildProvider(t), "CORTEX_API_URL="+c.URL())
	var output string // of the commands since the last text
	for _, f := range guide(t, c, "first-tenant") {
		text := strings.ReplaceAll(f.text, "/srv/cortex/", folder+"/")
		switch f.language {
		case "shell":
			output += e.follow(f)
		case "text":
			wantWords(t, f.section, output, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
			output = ""
		case "diff":
			old, err := os.ReadFile(filepath.Join(e.Dir, f.file))
			if err != nil {
				t.Fatal(err)
			}
			e.file(f.file, patched(t, string(old), text))
		default:
			e.file(f.file, text)
		}
	}
	if output != "" {
		t.Errorf("the guide does not say what is seen of\n%s", output)
	}
	if diff := cmp.Diff(before, living(c)); diff != "" {
		t.Errorf("what the guide leaves behind (-before +after):\n%s", diff)
	}
}

// ordersOfGuides is what the guide's sqlite3 makes.
var ordersOfGuides = cortextest.Table{
	Name: "orders",
	Columns: []cortextest.Column{{Name: "id", Type: "INTEGER", Key: true}, {Name: "region", Type: "VARCHAR(20)"}, {Name: "status", Type: "VARCHAR(20)"},
		{Name: "gross", Type: "INTEGER"}},
	Rows: [][]any{{1, "EMEA", "paid", 100}, {2, "AMER", "paid", 40}, {3, "EMEA", "paid", 10}, {4, "EMEA", "open", 70}},
}
