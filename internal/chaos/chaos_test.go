// Package chaos tests the provider under faults: random sequences of steps, and kills, through the real engine and the
// real provider binary, against a Cortex that an oracle reads directly. See `make chaos`.
package chaos

import (
	"fmt"
	"os"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// providerBinary is the provider as users get it.
var providerBinary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "chaos-provider")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			providerBinary, err = enginetest.Build(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		code := m.Run()
		if err := cortextest.StopShared(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		fmt.Printf("\n%s\n", &tally)
		return code
	}())
}

// newCortex returns the Cortex that the environment asks for, with an injector in front.
func newCortex(t testing.TB) (*cortextest.Cortex, *injector) {
	t.Helper()
	cortex := cortextest.Start(t)
	i := &injector{cortex: cortex}
	cortex.Intercept = i.intercept
	return cortex, i
}
