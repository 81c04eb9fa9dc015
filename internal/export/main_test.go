package export

import (
	"os"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func TestMain(m *testing.M) { cortextest.Main(m, enginetest.RemoveBuilt) }

// newEngine returns an engine that works in dir, with that provider.
func newEngine(t testing.TB, dir, endpoint string) *enginetest.Engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := enginetest.Built("")
	if err != nil {
		t.Fatal(err)
	}
	engine, err := enginetest.New(dir, binary, "CORTEX_API_URL="+endpoint)
	if err != nil {
		t.Fatal(err)
	}
	engine.KeepFor(t)
	return engine
}
