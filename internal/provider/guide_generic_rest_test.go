package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
)

// Every file of the guide is written and every command run, on recorded states of both providers.
func TestGuideGenericRESTProviders(t *testing.T) {
	if !movable(t) {
		t.Skip("this engine does not move states between types")
	}
	binary := buildProvider(t)
	for name, of := range genericProviders {
		t.Run(name, func(t *testing.T) {
			c := cortextest.Start(t)
			acme, globex := c.CreateWorkspace(c.Name("Acme"), nil), c.CreateWorkspace(c.Name("Globex"), nil)
			environment := c.CreateEnvironment(acme.ID, "Production", ptr("What customers see"))
			consumer := c.CreateConsumer(environment.ID, map[string]any{"first_name": "Ann", "last_name": "Lee", "email": "ann@example.com"})
			group := c.CreateConsumerGroup(environment.ID, map[string]any{"name": "Analysts"})
			c.AddMember(group.ID, consumer.ID)
			before := c.Contents()

			e := newInstalled(t, binary, "CORTEX_API_URL="+c.URL())
			e.installGeneric(name, of)
			state, err := os.ReadFile(filepath.Join("testdata", name+"-state.json"))
			if err != nil {
				t.Fatal(err)
			}
			e.file("terraform.tfstate", strings.NewReplacer("{registry}", registry(), "{acme}", acme.ID, "{globex}", globex.ID, "Acme", acme.Name, "Globex", globex.Name,
				"{environment}", environment.ID, "{consumer}", consumer.ID, "{group}", group.ID).Replace(string(state)))
			names := strings.NewReplacer()
			if name == "restful" { // "For restful_resource all is the same but the names"
				names = strings.NewReplacer("Mastercard/restapi", "magodo/restful", "restapi_object", "restful_resource", "restapi", "restful",
					"uri                 ", "base_url", "  write_returns_object = true\n", "")
			}
			c.Reset()
			outputs := map[string]string{}
			for _, f := range guide(t, c, "generic-rest-providers") {
				if f.language != "shell" {
					e.file(f.file, names.Replace(f.text))
					continue
				}
				outputs[f.section] += e.follow(f)
				if strings.Contains(f.text, "-out") {
					e.wantRefreshed()
				}
			}
			wantWords(t, "the plan", outputs["Plan and apply"], "has moved to", "has moved to", "has moved to", "has moved to", "has moved to",
				"1 to import, 0 to add, 0 to change, 0 to destroy", "1 imported, 0 added, 0 changed, 0 destroyed", "No changes.")
			wantWords(t, "the last plan", outputs["Take the old provider out"], "No changes.")
			if got := e.resources(); len(got) != 6 || strings.Contains(strings.Join(got, " "), name) {
				t.Errorf("the state holds %q", got)
			}
			wantWrites(t, c)
			if diff := cmp.Diff(before, c.Contents()); diff != "" {
				t.Errorf("what the guide changes (-before +after):\n%s", diff)
			}
			c.DeleteConsumerGroup(group.ID)
			c.DeleteConsumer(consumer.ID)
			c.DeleteEnvironment(environment.ID)
			c.DeleteWorkspace(acme.ID)
			c.DeleteWorkspace(globex.ID)
		})
	}
}

// installGeneric lets init find a generic provider.
func (e *engine) installGeneric(name string, of *genericProvider) {
	e.t.Helper()
	self, err := os.Executable()
	if err != nil {
		e.t.Fatal(err)
	}
	binary := filepath.Join(e.t.TempDir(), "terraform-provider-"+name)
	if err := os.Symlink(self, binary); err != nil {
		e.t.Fatal(err)
	}
	if err := e.Install(of.address, binary); err != nil {
		e.t.Fatal(err)
	}
}

// wantRefreshed wants a plan without a refresh to be refused: it would replace what was moved.
func (e *engine) wantRefreshed() {
	e.t.Helper()
	for _, p := range e.problems("plan", "-refresh=false") {
		if !strings.HasSuffix(p.Summary, ": it was not read yet") || !strings.Contains(p.Detail, "Plan again without -refresh=false") {
			e.t.Errorf("without a refresh: %q", p)
		}
	}
}
