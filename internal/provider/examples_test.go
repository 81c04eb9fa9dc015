package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
)

const examples = "../../examples"

// example reads an example with its names made unique, and a folder that is there for that of databases, with the shop's database in it.
func example(t *testing.T, c *cortextest.Cortex, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{examples}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if bytes.Contains(data, []byte(shopOfGuides)) {
		folder = filepath.Dir(shopFile(t, c))
	}
	return strings.NewReplacer("Acme", c.Name("Acme"), filepath.Dir(shopOfGuides), folder).Replace(string(data))
}

// made applies a configuration and returns what takes it away again.
func (e *engine) made(body string) (cleanup func()) {
	e.t.Helper()
	e.write(body)
	e.run(apply...)
	return func() {
		e.t.Helper()
		if open := strings.ReplaceAll(body, "deletion_protection = true", "deletion_protection = false"); open != body {
			e.write(open)
			e.run(apply...)
		}
		e.run(destroy...)
	}
}

// applied is made with an empty plan after it.
func (e *engine) applied(body string) (cleanup func()) {
	e.t.Helper()
	cleanup = e.made(body)
	e.wantNoChanges()
	return cleanup
}

func TestExampleProvider(t *testing.T) {
	t.Parallel()
	c := cortextest.Start(t)
	e := newEngine(t, nil, "CORTEX_API_KEY=hush")
	body := strings.Replace(example(t, c, "provider", "provider.tf"), "https://cortex.example.com", c.URL(), 1)
	if err := e.Write("main.tf", body+workspaceBlock(c.Name("acme"))); err != nil {
		t.Fatal(err)
	}
	e.run(apply...)
	e.run(destroy...)
	if r := c.Writes()[0]; r.Header.Get("X-Tenant") != "platform" || r.Header.Get("Authorization") != "Bearer hush" {
		t.Errorf("the headers were %v", r.Header)
	}
}

func TestExamplesResources(t *testing.T) {
	t.Parallel()
	ids := exampleIDs(t)
	for _, kind := range kinds(t).ResourceSchemas {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c := cortextest.Start(t)
			e := newEngine(t, c, "TF_VAR_sales_password=hush")
			body := example(t, c, "resources", kind, "resource.tf")
			cleanup := e.applied(body)
			defer cleanup()

			c.Reset()
			for line := range strings.Lines(example(t, c, "resources", kind, "import.sh")) {
				if strings.HasPrefix(line, "#") {
					continue
				}
				address := strings.Trim(strings.Fields(line)[2], "'")
				command := e.real(ids, address, line)
				e.run("state", "rm", address)
				if code, out := e.sh(command); code != 0 {
					t.Fatalf("exit code %d of %s\n%s", code, command, out)
				}
				e.run(apply...) // deletion_protection and the like
				e.wantNoChanges()
			}
			blocks := []string{"import-by-string-id.tf"}
			if e.knowsIdentities() {
				blocks = append(blocks, "import-by-identity.tf")
			}
			for _, name := range blocks {
				block := example(t, c, "resources", kind, name)
				address := strings.Fields(block)[4]
				block = e.real(ids, address, block)
				e.run("state", "rm", address)
				e.write(body + block)
				e.run(apply...)
				e.wantNoChanges()
			}
			wantWrites(t, c)
		})
	}
}

// exampleIDs returns which id the examples give to an object of each kind: that in the example of its import by identity.
func exampleIDs(t *testing.T) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for _, kind := range kinds(t).ResourceSchemas {
		text, err := os.ReadFile(filepath.Join(examples, "resources", kind, "import-by-identity.tf"))
		if err != nil {
			t.Fatal(err)
		}
		if own := ownID.FindSubmatch(text); own != nil { // a membership has the ids of others
			ids[kind] = string(own[1])
		}
	}
	return ids
}

var ownID = regexp.MustCompile(`(?m)^ +id += "(.*)"$`)

// real puts into an example, in place of the ids that examples have, those of the object in the state at an address and of the objects
// in the state that it refers to.
func (e *engine) real(ids map[string]string, address, text string) string {
	e.t.Helper()
	state, err := e.State()
	if err != nil {
		e.t.Fatal(err)
	}
	byID := map[string]string{}
	for at, attributes := range state {
		byID[attributes["id"].(string)] = at
	}
	if state[address] == nil {
		e.t.Fatalf("the example has no %s", address)
	}
	var replacements []string
	var follow func(address string)
	follow = func(address string) {
		kind, _, _ := strings.Cut(address, ".")
		if own := ids[kind]; own != "" {
			replacements = append(replacements, own, state[address]["id"].(string))
		}
		for name, value := range state[address] {
			if other, ok := byID[fmt.Sprint(value)]; ok && strings.HasSuffix(name, "_id") {
				follow(other)
			}
		}
	}
	follow(address)
	text = strings.NewReplacer(replacements...).Replace(text)
	for _, id := range idPattern.FindAllString(text, -1) {
		if byID[id] == "" {
			e.t.Errorf("%s has an id that is no example's: %s", address, id)
		}
	}
	return text
}

// The examples of a kind's data sources find what the example of its resource makes.
// Not beside others: some examples show all that there is.
func TestExamplesDataSources(t *testing.T) {
	resources := kinds(t).ResourceSchemas
	sources := map[string][]string{}
	for _, source := range kinds(t).DataSourceSchemas {
		kind := source
		if !slices.Contains(resources, kind) {
			kind = regexp.MustCompile(`(s|_schema|_status|_result|_recommendations)$`).ReplaceAllString(source, "")
		}
		sources[kind] = append(sources[kind], source)
	}
	for kind, sources := range sources {
		t.Run(kind, func(t *testing.T) {
			c := cortextest.Start(t)
			defer newEngine(t, c, "TF_VAR_sales_password=hush").made(example(t, c, "resources", kind, "resource.tf"))()
			for _, source := range sources {
				t.Run(source, func(t *testing.T) {
					e, body := newEngine(t, c), example(t, c, "data-sources", source, "data-source.tf")
					if source == "cortex_metric_recommendations" && c.Release() == cortextest.Oldest { // it fails for every database that is a file
						e.write(body)
						if got := e.problems(plan...); len(got) != 1 || !strings.HasPrefix(got[0].Summary, "Cannot ask for recommendations for data source") {
							t.Errorf("the errors are %q", got)
						}
						return
					}
					e.applied(body)()
				})
			}
		})
	}
}

// No engine on these machines knows `terraform query`, so its examples are read as Terraform 1.14 reads them and validated by the provider.
func TestExamplesListResources(t *testing.T) {
	server := newServer(t)
	all, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, schema := range all.ListResourceSchemas {
		name := filepath.Join(examples, "list-resources", kind, "list-resource.tfquery.hcl")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if formatted := hclwrite.Format(text); !bytes.Equal(formatted, text) {
			t.Errorf("%s is not formatted", name)
		}
		file, diags := hclparse.NewParser().ParseHCLFile(name)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var query struct {
			Lists []struct {
				Type            string         `hcl:"type,label"`
				Name            string         `hcl:"name,label"`
				Provider        hcl.Expression `hcl:"provider"`
				Limit           *int64         `hcl:"limit"`
				IncludeResource *bool          `hcl:"include_resource"`
				Config          *struct {
					Body hcl.Body `hcl:",remain"`
				} `hcl:"config,block"`
			} `hcl:"list,block"`
		}
		if diags := gohcl.DecodeBody(file.Body, nil, &query); diags.HasErrors() {
			t.Fatal(diags)
		}
		used := map[string]bool{}
		for _, block := range query.Lists {
			if block.Type != kind || hcl.ExprAsKeyword(block.Provider) != "cortex" {
				t.Errorf("%s: list %q %q is of another kind or provider", name, block.Type, block.Name)
			}
			values := map[string]tftypes.Value{}
			for _, attribute := range schema.Block.Attributes {
				values[attribute.Name] = tftypes.NewValue(attribute.Type, nil)
			}
			if block.Config != nil {
				attributes, diags := block.Config.Body.JustAttributes()
				if diags.HasErrors() {
					t.Fatal(diags)
				}
				for _, a := range attributes {
					if _, ok := values[a.Name]; !ok {
						t.Errorf("%s: list %q has no attribute %q", name, kind, a.Name)
					}
					value, diags := a.Expr.Value(nil)
					if diags.HasErrors() {
						t.Fatal(diags)
					}
					values[a.Name] = tftypes.NewValue(tftypes.String, value.AsString())
					used[a.Name] = true
				}
			}
			config, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), values))
			if err != nil {
				t.Fatal(err)
			}
			resp, err := server.(tfprotov6.ListResourceServer).ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
				TypeName: kind, Config: &config,
			})
			if err != nil || len(resp.Diagnostics) > 0 {
				t.Errorf("%s: list %q: %v %v", name, block.Name, err, resp.Diagnostics)
			}
		}
		for _, attribute := range schema.Block.Attributes {
			if !used[attribute.Name] {
				t.Errorf("no example of list %q has %s", kind, attribute.Name)
			}
		}
	}
}

func newServer(t *testing.T) tfprotov6.ProviderServer {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(provider.New("test")())()
	if err != nil {
		t.Fatal(err)
	}
	return server
}

// kinds are the names of what the provider has, so that an object without an example fails.
func kinds(t *testing.T) (names struct{ ResourceSchemas, DataSourceSchemas []string }) {
	t.Helper()
	all, err := newServer(t).GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for name := range all.ResourceSchemas {
		names.ResourceSchemas = append(names.ResourceSchemas, name)
	}
	for name := range all.DataSourceSchemas {
		names.DataSourceSchemas = append(names.DataSourceSchemas, name)
	}
	return names
}

// version is the engine's version.
func (e *engine) version() *version.Version {
	e.t.Helper()
	_, v, err := e.Version(e.t.Context())
	if err != nil {
		e.t.Fatal(err)
	}
	return v
}
