package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	fw "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
	"github.com/telescopeai/terraform-provider-cortex/internal/provider"
	"github.com/telescopeai/terraform-provider-cortex/internal/serve"
)

const (
	theWorkspace   = "cortex_workspace.test"
	theEnvironment = "cortex_environment.test"
)

// providerName is the name of the provider's binary.
const providerName = "terraform-provider-cortex"

// patient, in the environment of an engine, is for tests that count requests: it has the provider wait for the reads that share a list,
// however busy the machine is.
const patient = "CORTEX_TEST_PATIENT"

// TestMain lets the test binary be the provider itself when an engine starts it under the provider's name, so that what engines
// run has the race detector too: see newEngine.
func TestMain(m *testing.M) {
	name := filepath.Base(os.Args[0])
	newProvider, address := provider.New("test"), provider.Address
	if os.Getenv(patient) != "" {
		newProvider = provider.NewReading("test", client.Patient)
	}
	if os.Getenv(withLists) != "" {
		newProvider = func() fw.Provider { return listProvider{provider.New("test")()} }
	}
	if other, ok := genericProviders[strings.TrimPrefix(name, "terraform-provider-")]; ok {
		newProvider, address = other.new, "registry.terraform.io/"+other.address
	} else if name != providerName {
		cortextest.Main(m, enginetest.RemoveBuilt)
		return
	}
	err := serve.Serve(newProvider, providerserver.ServeOpts{Address: address, Debug: slices.Contains(os.Args, "-debug")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// config is a configuration with the provider pointed at c.
func config(c *cortextest.Cortex, body string) string {
	return fmt.Sprintf("provider \"cortex\" {\n  endpoint = %q\n}\n\n%s", c.URL(), body)
}

// workspaceBlock is the resource cortex_workspace.test.
func workspaceBlock(name string, attributes ...string) string {
	return fmt.Sprintf("resource \"cortex_workspace\" \"test\" {\n  name = %q\n  %s\n}\n", name, strings.Join(attributes, "\n  "))
}

// environmentBlock is the resource cortex_environment.test in cortex_workspace.test.
func environmentBlock(attributes ...string) string {
	return fmt.Sprintf("resource \"cortex_environment\" \"test\" {\n  workspace_id = cortex_workspace.test.id\n  %s\n}\n", strings.Join(attributes, "\n  "))
}

var (
	uuidPattern  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	stampPattern = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?$`)
)

func has(address, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, path(attribute), want)
}

func hasText(address, attribute, want string) statecheck.StateCheck {
	return has(address, attribute, knownvalue.StringExact(want))
}

func hasTrue(address, attribute string) statecheck.StateCheck {
	return has(address, attribute, knownvalue.Bool(true))
}

func hasFalse(address, attribute string) statecheck.StateCheck {
	return has(address, attribute, knownvalue.Bool(false))
}

func hasNoDescription(address string) statecheck.StateCheck {
	return has(address, "description", knownvalue.Null())
}

func action(address string, want plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(address, want)
}

func planned(address, attribute string, want knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(address, path(attribute), want)
}

func unknown(address, attribute string) plancheck.PlanCheck {
	return plancheck.ExpectUnknownValue(address, path(attribute))
}

// inPlan are the checks of a step's plan.
func inPlan(checks ...plancheck.PlanCheck) []plancheck.PlanCheck { return checks }

// quoted matches a text wherever the engine breaks its lines.
func quoted(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	return regexp.MustCompile(strings.Join(words, `\s+`))
}

// wantWrites fails the test unless the writes since the last Reset are these, such as "POST /workspaces".
func wantWrites(t testing.TB, c *cortextest.Cortex, want ...string) {
	t.Helper()
	var got []string
	for _, r := range c.Writes() {
		got = append(got, r.Method+" "+idPattern.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{id}"))
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("the writes were %q, want %q", got, want)
	}
}

var idPattern = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// workspaceNamed returns the one workspace of this name.
func workspaceNamed(t testing.TB, c *cortextest.Cortex, name string) cortextest.Workspace {
	t.Helper()
	var found []cortextest.Workspace
	for _, w := range c.Workspaces() {
		if w.Name == name {
			found = append(found, w)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d workspaces with the name %q, want one", len(found), name)
	}
	return found[0]
}

// environmentNamed returns the one environment of this name in a workspace.
func environmentNamed(t testing.TB, c *cortextest.Cortex, workspaceID, name string) cortextest.Environment {
	t.Helper()
	var found []cortextest.Environment
	for _, e := range c.Environments(workspaceID) {
		if e.Name == name {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d environments with the name %q, want one", len(found), name)
	}
	return found[0]
}

// path is the path of an attribute.
func path(attribute string) tfjsonpath.Path { return tfjsonpath.New(attribute) }

func ptr[T any](v T) *T { return &v }

// statecheckFunc is a check that is made when it is time for it.
type statecheckFunc func() statecheck.StateCheck

// CheckState implements statecheck.StateCheck.
func (f statecheckFunc) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	f().CheckState(ctx, req, resp)
}
