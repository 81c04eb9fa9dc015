package bench

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func TestMain(m *testing.M) { cortextest.Main(m) }

// TestRequests counts what a thousand objects take, with an engine and the provider as processes of their own.
func TestRequests(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	const size, workspaces, environments = 1000, 200, 800
	binary, err := enginetest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := cortextest.Start(t)
	e, err := enginetest.New(t.TempDir(), binary, "CORTEX_API_URL="+c.URL())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Write("main.tf", configuration(c.Name("tenant"), size)); err != nil {
		t.Fatal(err)
	}

	// want runs a command and compares its requests.
	want := func(op string, counts map[string]int) {
		t.Helper()
		c.Reset()
		if r := e.Run(t.Context(), arguments(op)...); r.Code != 0 {
			t.Fatalf("%s: exit code %d\n%.4000s%.4000s", op, r.Code, r.Stdout, r.Stderr)
		}
		got := map[string]int{}
		for _, r := range c.Requests() {
			got[r.Method+" "+id.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{id}")]++
		}
		if diff := cmp.Diff(counts, got); diff != "" {
			t.Errorf("requests of the %s (-want +got):\n%s", op, diff)
		}
	}
	want("apply", map[string]int{"GET /workspaces": 1, "POST /workspaces": workspaces, "POST /environments": environments})
	want("plan", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
	forget(t, e, importID)
	want("import", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
	if err := e.Write("imports.tf", ""); err != nil {
		t.Fatal(err)
	}
	want("destroy", map[string]int{
		"GET /workspaces":                         1,
		"GET /environments":                       workspaces + workspaces, // the refresh; whether a workspace is empty
		"GET /environments/{id}/dashboards":       environments,            // and whether an environment is
		"GET /environments/{id}/data/sources":     environments,
		"GET /environments/{id}/consumers":        environments,
		"GET /environments/{id}/consumers/groups": environments,
		"GET /metrics":                            environments,
		"GET /data/models":                        environments,
		"DELETE /environments/{id}":               environments,
		"DELETE /workspaces/{id}":                 workspaces,
	})
}

var id = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
