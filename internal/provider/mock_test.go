package provider_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// mocks skips the test of an engine without mock_provider, which Terraform has from 1.7 on and OpenTofu from 1.8 on.
func (e *engine) mocks() {
	e.t.Helper()
	name, v, err := e.Version(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	since := map[string]string{"Terraform": "1.7.0", "OpenTofu": "1.8.0"}[name]
	if v.Core().LessThan(version.Must(version.NewVersion(since))) {
		e.t.Skipf("%s %s has no mock_provider", name, v)
	}
}

// The guide on tests has one that passes, without a Cortex, and whose assertions can fail.
func TestGuideTesting(t *testing.T) {
	t.Parallel()
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	e := newInstalled(t, buildProvider(t))
	e.mocks()
	files, out := map[string]string{}, ""
	for _, f := range guide(t, c, "testing") {
		if f.language == "shell" {
			code, said := e.sh(f.text)
			if out += plain(said); code != 0 {
				t.Fatalf("exit code %d of\n%s\n%s", code, f.text, said)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(e.Dir, f.file)), 0o700); err != nil {
			t.Fatal(err)
		}
		files[f.file] = f.text
		e.file(f.file, f.text)
	}
	wantWords(t, "the guide", out, "successfully initialized!", "3 passed, 0 failed")
	for from, to := range map[string]string{
		`name         = "Production"`:        `name         = "Development"`,
		`for_each = cortex_consumer.analyst`: `for_each = {}`,
		`"Tenant ${var.tenant}"`:             `"tenant ${var.tenant}"`,
	} {
		changed := strings.Replace(files["main.tf"], from, to, 1)
		e.file("main.tf", changed)
		if r := e.try("test"); changed == files["main.tf"] || r.Code == 0 || !strings.Contains(r.Stdout, "2 passed, 1 failed") {
			t.Errorf("with %s in place of %s: %s", to, from, r)
		}
	}
	// What a block leaves out is made up, a default or not.
	e.file("main.tf", strings.Replace(files["main.tf"], `  name         = "Production"`+"\n", "", 1))
	e.file("tests/tenant.tftest.hcl", "mock_provider \"cortex\" {}\nrun \"name\" {\n  variables {\n    tenant = \"Acme\"\n  }\n  assert {\n    "+
		"condition     = cortex_environment.production.name != \"Development\"\n    error_message = \"It is called ${cortex_environment.production.name}.\"\n  }\n}\n")
	e.run("test")
	if n := len(c.Requests()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// Every resource and every data source can be mocked, with the ids that an engine makes up.
func TestMocked(t *testing.T) {
	t.Parallel()
	e := newEngine(t, nil)
	e.mocks()
	body := `
resource "cortex_workspace" "test" {
  name = "acme"
}

resource "cortex_environment" "test" {
  workspace_id = cortex_workspace.test.id
}

resource "cortex_consumer_group_member" "test" {
  group_id    = cortex_consumer_group.test.id
  consumer_id = cortex_consumer.test.id
}

resource "cortex_data_source" "server" {
  environment_id = cortex_environment.test.id
  name           = "Sales"
  alias          = "sales"
  postgresql = {
    host     = "db.example.com"
    database = "sales"
    username = "ann"
    password = "secret"
  }
}

data "cortex_workspace" "test" {
  id = cortex_workspace.test.id
}

data "cortex_workspaces" "test" {}

data "cortex_environment" "id" {
  id = cortex_environment.test.id
}

data "cortex_environment" "name" {
  workspace_id = cortex_workspace.test.id
  name         = cortex_environment.test.name
}

data "cortex_environments" "test" {
  workspace_id = cortex_workspace.test.id
}

data "cortex_consumer_group_member" "test" {
  group_id    = cortex_consumer_group.test.id
  consumer_id = cortex_consumer.test.id
}

data "cortex_consumer_group_members" "test" {
  environment_id = cortex_environment.test.id
}

data "cortex_data_source_status" "test" {
  data_source_id = cortex_data_source.test.id
}

data "cortex_data_source_schema" "test" {
  data_source_id = cortex_data_source.test.id
}

data "cortex_metric_result" "test" {
  metric_id = cortex_metric.test.id
}

data "cortex_dashboard_result" "test" {
  dashboard_id = cortex_dashboard.test.id
}

data "cortex_metric_recommendations" "test" {
  data_source_id = cortex_data_source.test.id
  data_model_id  = cortex_data_model.test.id
}
`
	for _, s := range editable {
		by := attributes{"id": expression(s.kind() + ".test.id")}
		if s.scoped {
			by["environment_id"] = expression("cortex_environment.test.id")
		}
		body += s.blockIn("cortex_environment.test.id", s.minimal) + fmt.Sprintf(`
data %q "id" {
%[3]s}

data %[1]q "key" {
  environment_id = cortex_environment.test.id
  %[2]s = %[1]s.test.%[2]s
}

data "%[1]ss" "test" {
  environment_id = cortex_environment.test.id
}
`, s.kind(), s.key, by.hcl())
	}
	e.write(body)
	e.file("mock.tftest.hcl", "mock_provider \"cortex\" {}\n\nrun \"apply\" {}\n\nrun \"again\" {}\n")
	wantWords(t, "test", e.run("test"), "2 passed, 0 failed")
	main, err := os.ReadFile(filepath.Join(e.Dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds(t).ResourceSchemas {
		if !strings.Contains(string(main), "resource \""+kind+"\"") {
			t.Errorf("%s is not tested", kind)
		}
	}
	for _, kind := range kinds(t).DataSourceSchemas {
		if !strings.Contains(string(main), "data \""+kind+"\"") {
			t.Errorf("the data source %s is not tested", kind)
		}
	}
}
