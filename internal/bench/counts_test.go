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

// counted is an engine whose commands' requests are counted, with the provider as a process of its own.
type counted struct {
	*enginetest.Engine
	t      *testing.T
	cortex *cortextest.Cortex
}

func newCounted(t *testing.T, size int) counted {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := enginetest.Build(t.TempDir(), "-ldflags", "-X github.com/telescopeai/terraform-provider-cortex/internal/client.reading=patient")
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
	return counted{e, t, c}
}

// want runs an operation and compares its requests.
func (c counted) want(op string, counts map[string]int) {
	c.t.Helper()
	c.cortex.Reset()
	if r := c.Run(c.t.Context(), arguments(op)...); r.Code != 0 {
		c.t.Fatalf("%s: exit code %d\n%.4000s%.4000s", op, r.Code, r.Stdout, r.Stderr)
	}
	got := map[string]int{}
	for _, r := range c.cortex.Requests() {
		got[r.Method+" "+id.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{id}")]++
	}
	if diff := cmp.Diff(counts, got); diff != "" {
		c.t.Errorf("requests of the %s (-want +got):\n%s", op, diff)
	}
}

var id = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// TestRequestsOfAThousand reads what is there already: making it would take an engine half a minute.
func TestRequestsOfAThousand(t *testing.T) {
	const workspaces = 200
	c := newCounted(t, 1000)
	importInstead(t, c.Engine, fill(t, c.cortex.URL(), c.cortex.Name("tenant"), 1000))
	c.want("import", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
	c.want("plan", map[string]int{"GET /workspaces": 1, "GET /environments": workspaces})
}

func TestRequestsFromNothingToNothing(t *testing.T) {
	const workspaces, environments = 20, 80
	c := newCounted(t, 100)
	c.want("apply", map[string]int{"GET /workspaces": 1, "POST /workspaces": workspaces, "POST /environments": environments})
	c.want("destroy", map[string]int{
		"GET /workspaces":                         1,
		"GET /environments":                       workspaces + workspaces, // the refresh, then whether each workspace is empty
		"GET /environments/{id}/dashboards":       environments,            // and whether each environment is
		"GET /environments/{id}/data/sources":     environments,
		"GET /environments/{id}/consumers":        environments,
		"GET /environments/{id}/consumers/groups": environments,
		"GET /metrics":                            environments,
		"GET /data/models":                        environments,
		"DELETE /environments/{id}":               environments,
		"DELETE /workspaces/{id}":                 workspaces,
	})
}
