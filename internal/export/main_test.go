package export

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	if folderOfProvider != "" {
		_ = os.RemoveAll(folderOfProvider)
	}
	if err := cortextest.StopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

var folderOfProvider string

// providerBinary builds the provider as users get it, once for all tests.
var providerBinary = sync.OnceValues(func() (string, error) {
	var err error
	if folderOfProvider, err = os.MkdirTemp("", "export-provider"); err != nil {
		return "", err
	}
	return enginetest.Build(folderOfProvider)
})

// newEngine returns an engine that works in dir, with that provider.
func newEngine(t testing.TB, dir, endpoint string) *enginetest.Engine {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := providerBinary()
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
