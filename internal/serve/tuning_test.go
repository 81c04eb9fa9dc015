package serve

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

func TestMain(m *testing.M) { cortextest.Main(m) }

// TestLogs looks at what the provider itself writes, before the engine picks from it: a shell stands between the two.
func TestLogs(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set")
	}
	binary, err := enginetest.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	shell, written := filepath.Join(t.TempDir(), filepath.Base(binary)), filepath.Join(t.TempDir(), "stderr")
	if err := os.WriteFile(shell, fmt.Appendf(nil, "#!/bin/sh\nexec '%s' \"$@\" 2>>'%s'\n", binary, written), 0o700); err != nil {
		t.Fatal(err)
	}

	cortex, dir := cortextest.Start(t), t.TempDir()
	run := func(provider, env string, args ...string) enginetest.Result {
		t.Helper()
		e, err := enginetest.New(dir, provider, env, "CORTEX_API_URL="+cortex.URL())
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Write("main.tf", `terraform {
  required_providers {
    cortex = { source = "telescopeai/cortex" }
  }
}

resource "cortex_workspace" "test" {
  count = 2
  name  = "`+cortex.Name("logs")+` ${count.index}"
}

resource "cortex_environment" "test" {
  count        = 2
  workspace_id = cortex_workspace.test[count.index].id
}
`); err != nil {
			t.Fatal(err)
		}
		r := e.Run(context.Background(), args...)
		if r.Code != 0 {
			t.Fatal(r)
		}
		return r
	}
	run(binary, "A=b", "apply", "-auto-approve")
	t.Cleanup(func() { run(binary, "A=b", "destroy", "-auto-approve") })

	for env, wanted := range map[string]bool{
		"A=b": false, "TF_LOG=off": false, "TF_LOG_CORE=trace": false, "TF_LOG_PATH=" + filepath.Join(dir, "log"): false,
		"TF_LOG=trace": true, "TF_LOG=json": true, "TF_LOG=error": true, "TF_LOG_PROVIDER=debug": true, "TF_LOG_SDK=trace": true,
	} {
		t.Run(env, func(t *testing.T) {
			_ = os.Remove(written)
			run(shell, env, "plan")
			data, err := os.ReadFile(written)
			if err != nil {
				t.Fatal(err)
			}
			// One line of each part that logs: the protocol's server, the framework, the provider. Two workspaces are read, each with its environment.
			for _, message := range []string{"Calling provider defined Resource Read", "request to Cortex", "bodies of a request to Cortex"} {
				want := 0
				if wanted {
					want = 4
				}
				if got := times(data, message); got != want {
					t.Errorf("%q was written %d times, want %d", message, got, want)
				}
			}
			received, served := times(data, "Received request"), times(data, "Served request")
			if received != served || wanted == (received == 0) {
				t.Errorf("%d requests were logged as received, %d as served", received, served)
			}
			// What go-plugin writes about its own start has no module.
			if !wanted && bytes.Contains(data, []byte(`"@module"`)) {
				t.Errorf("the provider wrote logs:\n%s", data)
			}
		})
	}
	for _, message := range []string{"Served request", "Calling provider defined Resource Read", "bodies of a request to Cortex"} {
		if r := run(binary, "TF_LOG=trace", "plan"); !strings.Contains(r.Stderr, message) {
			t.Errorf("with TF_LOG=trace the engine does not show %q", message)
		}
	}
}

// times counts the lines with a message among lines of JSON and others.
func times(log []byte, message string) (n int) {
	scanner := bufio.NewScanner(bytes.NewReader(log))
	scanner.Buffer(nil, 1<<24)
	for scanner.Scan() {
		var line struct {
			Message string `json:"@message"`
		}
		if json.Unmarshal(scanner.Bytes(), &line) == nil && line.Message == message {
			n++
		}
	}
	return n
}

func TestLogsOfADebuggerStay(t *testing.T) {
	t.Setenv("GOGC", "100")
	t.Setenv("TF_LOG_SDK", "")
	tune(true)
	if got := os.Getenv("TF_LOG_SDK"); got != "" {
		t.Errorf("TF_LOG_SDK became %q", got)
	}
}

func TestGarbageCollector(t *testing.T) {
	const unlimited = 1 << 62
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(unlimited)
	defer func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) }()
	for _, test := range []struct {
		gogc, gomemlimit string
		percent          int
		limit            int64
	}{
		{"", "", gcPercent, memoryLimit},
		{"", "1GiB", gcPercent, unlimited}, // what the Go runtime made of it stays
		{"100", "", 100, unlimited},
		{"off", "1GiB", 100, unlimited},
	} {
		t.Setenv("GOGC", test.gogc)
		t.Setenv("GOMEMLIMIT", test.gomemlimit)
		tune(true)
		gotPercent, gotLimit := debug.SetGCPercent(100), debug.SetMemoryLimit(unlimited)
		if gotPercent != test.percent || gotLimit != test.limit {
			t.Errorf("GOGC=%q GOMEMLIMIT=%q: %d %% and %d bytes, want %d and %d",
				test.gogc, test.gomemlimit, gotPercent, gotLimit, test.percent, test.limit)
		}
	}
}
