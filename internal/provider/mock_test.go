package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
)

// newMocking returns an engine that mocks providers, which Terraform does from 1.7 on and OpenTofu from 1.8 on. There is no Cortex.
func newMocking(t *testing.T) *engine {
	t.Helper()
	e := newEngine(t, nil)
	name, v, err := e.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	since := map[string]string{"Terraform": "1.7.0", "OpenTofu": "1.8.0"}[name]
	if v.Core().LessThan(version.Must(version.NewVersion(since))) {
		t.Skipf("%s %s has no mock_provider", name, v)
	}
	return e
}

// The example of the guide on tests is one that passes, and its assertions are ones that can fail.
func TestExampleTesting(t *testing.T) {
	e := newMocking(t)
	folder := filepath.Join(examples, "guides", "testing")
	for _, name := range []string{"main.tf", "tests/tenant.tftest.hcl"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(e.Dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		e.file(name, string(text))
	}
	wantWords(t, "test", e.run("test"), "3 passed, 0 failed")

	main, err := os.ReadFile(filepath.Join(folder, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`name         = "Production"`:        `name         = "Development"`,
		`for_each = cortex_consumer.analyst`: `for_each = {}`,
		`"Tenant ${var.tenant}"`:             `"tenant ${var.tenant}"`,
	} {
		if !strings.Contains(string(main), from) {
			t.Fatalf("the example has no %s", from)
		}
		e.file("main.tf", strings.Replace(string(main), from, to, 1))
		if r := e.try("test"); r.Code == 0 || !strings.Contains(r.Stdout, "2 passed, 1 failed") {
			t.Errorf("with %s in place of %s: %s", to, from, r)
		}
	}
}

// Every resource and every data source can be mocked, with the ids that an engine makes up.
func TestMocked(t *testing.T) {
	e := newMocking(t)
	e.write(`
resource "cortex_workspace" "test" {
  name = "acme"
}

resource "cortex_environment" "test" {
  workspace_id = cortex_workspace.test.id
}

resource "cortex_consumer" "test" {
  environment_id = cortex_environment.test.id
  email          = "ann@example.com"
  first_name     = "Ann"
  last_name      = ""
}

resource "cortex_consumer_group" "test" {
  environment_id = cortex_environment.test.id
  name           = "analysts"
}

resource "cortex_consumer_group_member" "test" {
  group_id    = cortex_consumer_group.test.id
  consumer_id = cortex_consumer.test.id
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

data "cortex_consumer" "id" {
  id = cortex_consumer.test.id
}

data "cortex_consumer" "email" {
  environment_id = cortex_environment.test.id
  email          = cortex_consumer.test.email
}

data "cortex_consumers" "test" {
  environment_id = cortex_environment.test.id
}

data "cortex_consumer_group" "id" {
  id = cortex_consumer_group.test.id
}

data "cortex_consumer_group" "name" {
  environment_id = cortex_environment.test.id
  name           = cortex_consumer_group.test.name
}

data "cortex_consumer_groups" "test" {
  environment_id = cortex_environment.test.id
}

data "cortex_consumer_group_member" "test" {
  group_id    = cortex_consumer_group.test.id
  consumer_id = cortex_consumer.test.id
}

data "cortex_consumer_group_members" "test" {
  environment_id = cortex_environment.test.id
}
`)
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
