package provider_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// genericProvider stands for a provider for any REST API: an engine asks for its schema, as long as the state holds something of it.
type genericProvider struct {
	fw.Provider
	address, kind string
	attributes    []string // texts, as far as the tests need them
	version       int64    // of the resource's schema
}

// genericProviders are those that people manage Cortex with, by the name of their binary.
var genericProviders = map[string]*genericProvider{
	"restapi": {address: "mastercard/restapi", kind: "object", attributes: []string{"id", "path", "data", "api_response", "create_response"}},
	"restful": {address: "magodo/restful", kind: "resource", attributes: []string{"id", "path", "read_path", "create_method"}, version: 2},
}

func (p *genericProvider) new() fw.Provider { return p }

func (p *genericProvider) Metadata(_ context.Context, _ fw.MetadataRequest, resp *fw.MetadataResponse) {
	_, resp.TypeName, _ = strings.Cut(p.address, "/")
}

func (*genericProvider) Schema(_ context.Context, _ fw.SchemaRequest, resp *fw.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{
		"uri":                  providerschema.StringAttribute{Optional: true},
		"base_url":             providerschema.StringAttribute{Optional: true},
		"write_returns_object": providerschema.BoolAttribute{Optional: true},
	}
}

func (*genericProvider) Configure(context.Context, fw.ConfigureRequest, *fw.ConfigureResponse) {}

func (*genericProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *genericProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &genericResource{of: p} }}
}

type genericResource struct {
	resource.Resource
	of *genericProvider
}

func (r *genericResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + r.of.kind
}

func (r *genericResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Version: r.of.version, Attributes: map[string]schema.Attribute{}}
	for _, name := range r.of.attributes {
		resp.Schema.Attributes[name] = schema.StringAttribute{Optional: true, Computed: true}
	}
}

// Read leaves the state as it is: an engine may read what it is told to forget.
func (*genericResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// newMoving returns an engine whose state holds an object of a generic provider, or several, by for_each.
func newMoving(t *testing.T, c *cortextest.Cortex, of *genericProvider, attributes ...map[string]string) *engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binaries := t.TempDir()
	var others []string
	for name, p := range genericProviders {
		others = append(others, p.address)
		if err := os.Symlink(self, filepath.Join(binaries, "terraform-provider-"+name)); err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(binaries, providerName)
	if err := os.Symlink(self, binary); err != nil {
		t.Fatal(err)
	}
	e, err := enginetest.NewBeside(t.TempDir(), binary, others, "CORTEX_API_URL="+c.URL(), "GORACE=halt_on_error=1 atexit_sleep_ms=0")
	if err != nil {
		t.Fatal(err)
	}
	_, name, _ := strings.Cut(of.address, "/")
	var instances []any
	for i, a := range attributes {
		instance := map[string]any{"schema_version": of.version, "attributes": a}
		if len(attributes) > 1 {
			instance["index_key"] = fmt.Sprint(i)
		}
		instances = append(instances, instance)
	}
	state, err := json.Marshal(map[string]any{
		"version": 4, "terraform_version": "1.5.0", "serial": 1, "lineage": "4e2a1f3c-6d1b-4c55-9f0e-2f6c2f0d7a11", "outputs": map[string]any{},
		"resources": []any{map[string]any{
			"mode": "managed", "type": name + "_" + of.kind, "name": "x", "provider": fmt.Sprintf("provider[\"%s/%s\"]", registry(), of.address),
			"instances": instances,
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write("terraform.tfstate", string(state)); err != nil {
		t.Fatal(err)
	}
	return &engine{e, t}
}

// registry is the engine's own.
func registry() string {
	return cmp.Or(os.Getenv("TF_ACC_PROVIDER_HOST"), "registry.terraform.io")
}

// moved is a moved block from what the state of newMoving holds.
func moved(of *genericProvider, to string) string {
	_, name, _ := strings.Cut(of.address, "/")
	return fmt.Sprintf("moved {\n  from = %s_%s.x\n  to   = %s\n}\n", name, of.kind, to)
}

// movable tells whether the engine moves states from one type to another.
func movable(t *testing.T) bool {
	t.Helper()
	e := newEngine(t, nil)
	name, v, err := e.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	since := "1.8.0"
	if name == "OpenTofu" {
		since = "1.10.0"
	}
	return v.GreaterThanOrEqual(version.Must(version.NewVersion(since)))
}

// What a generic provider managed is taken over as it is, for every kind whose objects are found by their id alone.
func TestMoveFromGenericProviders(t *testing.T) {
	t.Parallel()
	if !movable(t) {
		t.Skip("this engine does not move states between types")
	}
	c := cortextest.Start(t)
	workspace := c.CreateWorkspace(c.Name("acme"), ptr("Anvils"))
	environment := c.CreateEnvironment(workspace.ID, "Production", ptr("what customers see"))
	consumer := c.CreateConsumer(environment.ID, map[string]any{"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "properties": map[string]any{"level": 3}})
	group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "Analysts"})
	source := c.CreateDataSource(environment.ID, map[string]any{"name": "Sales", "alias": "sales", "source_catalog": "DATABASE", "source_type": "postgresql", "config": map[string]any{
		"dialect": "postgresql", "host": "db", "port": 5432, "database": "sales", "username": "ann", "password": "s3cr3t"}})
	dashboard := c.CreateDashboard(environment.ID, map[string]any{"name": "Sales", "type": "executive", "tags": []any{"x"}, "views": []any{
		map[string]any{"alias": "v", "title": "V", "sections": []any{map[string]any{"alias": "s", "position": 0, "widgets": []any{}}}}}})
	for _, of := range genericProviders {
		for _, test := range []struct{ kind, collection, id, attributes string }{
			{"workspace", "/workspaces", workspace.ID, fmt.Sprintf("  name = %q\n  description = \"Anvils\"", workspace.Name)},
			{"environment", "/environments", environment.ID, fmt.Sprintf("  workspace_id = %q\n  name = \"Production\"\n  description = \"what customers see\"", workspace.ID)},
			{"consumer", "/consumers", consumer.ID, fmt.Sprintf("  environment_id = %q\n  email = \"ann@example.com\"\n  first_name = \"Ann\"\n  last_name = \"Lee\"\n  properties = jsonencode({ level = 3 })", environment.ID)},
			{"consumer_group", "/consumers/groups", group.ID, fmt.Sprintf("  environment_id = %q\n  name = \"Analysts\"", environment.ID)},
			{"data_source", "/data/sources", source.ID, fmt.Sprintf("  environment_id = %q\n  name = \"Sales\"\n  alias = \"sales\"\n"+
				"  postgresql = {\n    host = \"db\"\n    database = \"sales\"\n    username = \"ann\"\n    password = \"s3cr3t\"\n  }", environment.ID)},
			{"dashboard", "/dashboards", dashboard.ID, fmt.Sprintf("  environment_id = %q\n  name = \"Sales\"\n  type = \"executive\"\n  tags = [\"x\"]\n"+
				"  views = { v = { title = \"V\", sections = { s = {} } } }", environment.ID)},
		} {
			id := test.id
			if of.kind == "resource" {
				id = "/api/v1" + test.collection + "/" + id
			}
			e := newMoving(t, c, of, map[string]string{"id": id, "path": "/api/v1" + test.collection})
			c.Reset()
			e.write(fmt.Sprintf("resource \"cortex_%s\" \"moved\" {\n%s\n}\n", test.kind, test.attributes) + moved(of, "cortex_"+test.kind+".moved"))
			if out := e.run(apply...); !strings.Contains(out, "Resources: 0 added, 0 changed, 0 destroyed.") {
				t.Errorf("%s: %s", test.collection, out)
			}
			e.wantNoChanges()
			wantWrites(t, c)
			if got := e.resources(); len(got) != 1 || !strings.HasSuffix(got[0], ".moved") {
				t.Errorf("%s: the state holds %q", test.collection, got)
			}
		}
	}
}

// OpenTofu from 1.12.4 on calls this provider the one that managed all instances but the first.
func TestMoveOfForEach(t *testing.T) {
	t.Parallel()
	if !movable(t) {
		t.Skip("this engine does not move states between types")
	}
	c := cortextest.Start(t)
	var states []map[string]string
	names := map[string]string{}
	for i := range 20 {
		workspace := c.CreateWorkspace(c.Name(fmt.Sprint("tenant ", i)), nil)
		states = append(states, map[string]string{"id": workspace.ID, "path": "/api/v1/workspaces"})
		names[fmt.Sprint(i)] = workspace.Name
	}
	restapi := genericProviders["restapi"]
	e := newMoving(t, c, restapi, states...)
	c.Reset()
	tenants, err := json.Marshal(names)
	if err != nil {
		t.Fatal(err)
	}
	e.write(fmt.Sprintf("resource \"cortex_workspace\" \"moved\" {\n  for_each = %s\n  name     = each.value\n}\n", tenants) + moved(restapi, "cortex_workspace.moved"))
	if out := e.run(apply...); !strings.Contains(out, "Resources: 0 added, 0 changed, 0 destroyed.") {
		t.Error(out)
	}
	e.wantNoChanges()
	wantWrites(t, c)
}

// A state that is moved to the wrong kind would read as an object that is gone, and be made anew.
func TestMoveIsRefused(t *testing.T) {
	t.Parallel()
	if !movable(t) {
		t.Skip("this engine does not move states between types")
	}
	c := cortextest.StartFake(t, cortextest.FakeOptions{})
	workspace := c.CreateWorkspace("acme", nil)
	restapi := genericProviders["restapi"]
	for _, test := range []struct {
		attributes map[string]string
		detail     string
	}{
		{map[string]string{"id": workspace.ID, "path": "/api/v1/environments"},
			"Its path is \"/api/v1/environments\", and Cortex has workspaces at /workspaces. Move it to the resource of the kind that it is."},
		{map[string]string{"id": "acme", "path": "/api/v1/workspaces"}, "Its id is \"acme\", which holds no UUID of a workspace. Import the object instead."},
	} {
		e := newMoving(t, c, restapi, test.attributes)
		e.write("resource \"cortex_workspace\" \"moved\" {\n  name = \"acme\"\n}\n" + moved(restapi, "cortex_workspace.moved"))
		got := e.problems(plan...)
		if got[0].Summary != "Cannot move restapi_object to cortex_workspace" || got[0].Detail != test.detail {
			t.Errorf("the errors are %q", got)
		}
	}
	wantWrites(t, c)
}
