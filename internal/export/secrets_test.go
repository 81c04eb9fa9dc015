package export

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-version"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// What is exported of data sources has variables in place of secrets. Once these have their values, the plan is empty.
func TestSecrets(t *testing.T) {
	c := cortextest.Start(t)
	w := c.CreateWorkspace(c.Name("Tenant"), nil)
	e := c.CreateEnvironment(w.ID, "Production", nil)
	const password, token = `p@ss"${x}`, `{"k": 1}`
	source := func(name, kind string, config map[string]any) string {
		return c.CreateDataSource(e.ID, map[string]any{"name": name, "alias": "a", "source_catalog": "DATABASE", "source_type": kind, "config": config}).ID
	}
	ids := []string{
		source("Sales", "postgresql", map[string]any{"host": "db", "port": 5432, "database": "sales", "username": "ann", "password": "p%40ss%22$%7Bx%7D", "dialect": "postgresql"}),
		source("Stock", "mysql", map[string]any{"host": "db", "port": 3307, "database": "stock", "username": "ann", "password": "p%40ss%22$%7Bx%7D", "dialect": "mysql", "ssl_mode": "require"}),
		source("File", "sqlite", map[string]any{"file_path": "/data/x.db"}),
		source("Lake", "snowflake", map[string]any{"account": "acme", "token": token}),
	}
	unfit := source("Unfit", "postgresql", map[string]any{"host": "db"})
	defer func() {
		for _, id := range append(ids, unfit) {
			c.DeleteDataSource(id)
		}
		c.DeleteEnvironment(e.ID)
		c.DeleteWorkspace(w.ID)
	}()

	for _, single := range []bool{false, true} {
		folder := filepath.Join(t.TempDir(), "out")
		args := []string{"-out", folder, "-workspace", w.Name}
		if single {
			args = append(args, "-single-file")
		}
		code, _, stderr := command(t, c, args...)
		if code != 0 || !strings.Contains(stderr, "Passwords are not exported") || !strings.Contains(stderr, `Not exported: data source "Unfit"`) {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		values, all := map[string]string{}, ""
		for name, text := range configuration(t, folder) {
			all += text
			for line := range strings.Lines(text) {
				if variable, ok := strings.CutPrefix(line, "variable \""); ok {
					variable, _, _ = strings.Cut(variable, "\"")
					if filepath.Base(name) != "variables.tf" && !single {
						t.Errorf("%s is in %s", variable, name)
					}
					if strings.Contains(name, "/") { // the root has it too
						continue
					}
					values[variable] = password
					if strings.HasSuffix(variable, "_config") {
						values[variable] = fmt.Sprintf(`{"account": "acme", "token": %s}`, quoted(token))
					}
				}
			}
		}
		if len(values) != 3 || strings.Contains(all, "p@ss") || strings.Contains(all, "p%40ss") || strings.Contains(all, "token") || strings.Count(all, "sensitive   = true") != map[bool]int{true: 3, false: 6}[single] {
			t.Errorf("the configuration is\n%s", all)
		}
		engine := newRoot(t, folder, c.URL())
		given := func(values map[string]string) {
			data, err := json.Marshal(values)
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, "terraform.tfvars.json"), data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		given(values)
		_, v, err := engine.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		changed := 0
		if v.LessThan(version.Must(version.NewVersion("1.7.0"))) {
			changed = 3 // that they are sensitive, which is said and this engine does not see in what is imported
		}
		c.Reset()
		into := life{engine, t, c}
		if writes := into.apply(fmt.Sprintf("Resources: 6 imported, 0 added, %d changed, 0 destroyed.", changed)); len(writes) > 0 {
			t.Errorf("the import wrote: %v", writes)
		}
		state, err := os.ReadFile(filepath.Join(folder, "terraform.tfstate"))
		if err != nil || strings.Contains(string(state), "p@ss") || strings.Contains(string(state), "acme\\\"") {
			t.Errorf("the state after the import (%v):\n%s", err, state)
		}
		for name := range values {
			if strings.HasSuffix(name, "_password") {
				values[name] = "another"
				break
			}
		}
		given(values)
		if r := engine.Run(t.Context(), "plan", "-detailed-exitcode", "-no-color"); r.Code != 2 || !strings.Contains(r.Stdout, "0 to add, 1 to change, 0 to destroy") {
			t.Errorf("with another password: %s", r)
		}
		if diff := cmp.Diff(0, len(c.Writes())); diff != "" {
			t.Error(diff)
		}
	}
}

func quoted(text string) string {
	data, _ := json.Marshal(text)
	return string(data)
}
