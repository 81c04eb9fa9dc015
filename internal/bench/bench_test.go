// Package bench measures what plans, applies, imports and destroys of many objects take, on a real Cortex behind a network
// that is so far away, beside the engine's floor and beside the same provider that reads one object a request.
package bench

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// stages are the environments of each workspace: of 1,000 objects, 200 are workspaces and 800 environments.
var stages = []string{"development", "test", "staging", "production"}

// The providers that are compared, in the order of each turn.
const (
	floor    = "floor"    // does nothing; see the folder floor
	oneByOne = "onebyone" // this one without its reads from lists
	cortex   = "cortex"   // this one
)

var providers = []string{floor, oneByOne, cortex}

// list reads a variable that holds words.
func list(name, otherwise string) []string {
	if value := os.Getenv(name); value != "" {
		return strings.Fields(value)
	}
	return strings.Fields(otherwise)
}

// numbers reads a variable that holds numbers.
func numbers(b *testing.B, name, otherwise string) []int {
	var all []int
	for _, word := range list(name, otherwise) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 0 {
			b.Fatalf("%s=%q: not a number", name, word)
		}
		all = append(all, n)
	}
	return all
}

// Benchmark runs every chosen operation with every provider in turn, so that what the machine does besides hits all alike.
// An operation changes what is there, so a measurement is one run: use -benchtime=1x.
func Benchmark(b *testing.B) {
	bin := b.TempDir()
	binaries := map[string]string{}
	for name, folder := range map[string]string{floor: "internal/bench/floor", oneByOne: "internal/bench/onebyone", cortex: ""} {
		var err error
		if binaries[name], err = enginetest.BuildCommand(filepath.Join(bin, name), folder); err != nil {
			b.Fatal(err)
		}
	}
	for _, workers := range numbers(b, "WORKERS", "1") {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			foreign := numbers(b, "FOREIGN", "0")[0]
			for _, size := range numbers(b, "SIZES", "40 200 1000") {
				b.Run(fmt.Sprintf("foreign=%d/objects=%d", foreign, size), func(b *testing.B) {
					newField(b, binaries, workers, foreign, size).run(b)
				})
			}
		})
	}
}

// field is a Cortex, and an engine for each provider.
type field struct {
	server  *cortextest.Real
	proxy   *proxy
	engines map[string]*enginetest.Engine
	size    int
	applied map[string]bool // by the engine's folder
}

// newField starts a Cortex of its own, so that nothing is on it but so many foreign workspaces. Both providers that talk to it work on the same
// configuration, state and objects.
func newField(b *testing.B, binaries map[string]string, workers, foreign, size int) *field {
	b.Helper()
	server, err := cortextest.StartReal(b.Context(), cortextest.RealOptions{
		Version: os.Getenv("CORTEX_VERSION"), Database: cortextest.Database(os.Getenv("CORTEX_DB")), Workers: workers})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Close(); err != nil {
			b.Error(err)
		}
	})
	makeForeign(b, server.URL(), foreign)
	f := &field{server: server, proxy: newProxy(b, strings.TrimPrefix(server.URL(), "http://")), size: size,
		engines: map[string]*enginetest.Engine{}, applied: map[string]bool{}}
	for name, binary := range binaries {
		if f.engines[name], err = enginetest.New(b.TempDir(), binary, "CORTEX_API_URL="+f.proxy.url()); err != nil {
			b.Fatal(err)
		}
		if err := f.engines[name].Write("main.tf", configuration("tenant", size)); err != nil {
			b.Fatal(err)
		}
	}
	f.engines[oneByOne].Dir = f.engines[cortex].Dir
	return f
}

// configuration has a block for each object: what engines spend on for_each over hundreds of keys is another matter. The names of
// workspaces begin with prefix.
func configuration(prefix string, size int) string {
	var b strings.Builder
	b.WriteString("terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n")
	for i := range size / (1 + len(stages)) {
		fmt.Fprintf(&b, "\nresource \"cortex_workspace\" \"tenant_%[1]d\" {\n  name        = \"%[2]s-%[1]d\"\n"+
			"  description = \"All that belongs to %[2]s-%[1]d\"\n}\n", i, prefix)
		for _, stage := range stages {
			fmt.Fprintf(&b, "\nresource \"cortex_environment\" \"tenant_%[1]d_%[2]s\" {\n  workspace_id = cortex_workspace.tenant_%[1]d.id\n"+
				"  name         = %[2]q\n}\n", i, stage)
		}
	}
	return b.String()
}

func (f *field) run(b *testing.B) {
	runs := numbers(b, "RUNS", "3")[0]
	for _, latency := range numbers(b, "LATENCIES", "0 20 100") {
		for turn := range runs {
			for _, name := range providers {
				for _, op := range list("OPS", "plan") {
					f.prepare(b, name, op)
					b.Run(fmt.Sprintf("latency=%dms/op=%s/turn=%d/provider=%s", latency, op, turn, name), func(b *testing.B) {
						f.measure(b, name, op, time.Duration(latency)*time.Millisecond)
					})
					f.applied[f.engines[name].Dir] = op != "destroy"
					_ = os.Remove(filepath.Join(f.engines[name].Dir, "imports.tf"))
				}
			}
		}
	}
}

// prepare brings about what an operation begins with.
func (f *field) prepare(b *testing.B, name, op string) {
	b.Helper()
	e := f.engines[name]
	f.proxy.reset(0)
	ids := func() map[string]string {
		if name == floor {
			return floorIDs(f.size)
		}
		return idsInState(b, e)
	}
	switch {
	case op == "apply" && f.applied[e.Dir]:
		f.command(b, name, "destroy")
	case op != "apply" && !f.applied[e.Dir]: // an import takes a fifth of the time of an apply
		first := floorIDs(f.size)
		if name != floor {
			first = fill(b, f.server.URL(), "tenant", f.size)
		}
		importInstead(b, e, first)
		f.command(b, name, "import")
		_ = os.Remove(filepath.Join(e.Dir, "imports.tf"))
	}
	f.applied[e.Dir] = op != "apply"
	if op == "import" {
		importInstead(b, e, ids())
	}
}

// importInstead leaves the objects where they are, but no state of them, and writes blocks that import them. ids holds what an import
// calls each object, by its address.
func importInstead(tb testing.TB, e *enginetest.Engine, ids map[string]string) {
	tb.Helper()
	var blocks strings.Builder
	for address, id := range ids {
		fmt.Fprintf(&blocks, "import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	if err := e.Write("imports.tf", blocks.String()); err != nil {
		tb.Fatal(err)
	}
	if err := os.Remove(filepath.Join(e.Dir, "terraform.tfstate")); err != nil && !errors.Is(err, os.ErrNotExist) {
		tb.Fatal(err)
	}
}

// idsInState are the ids for an import of what the state holds.
func idsInState(tb testing.TB, e *enginetest.Engine) map[string]string {
	tb.Helper()
	state, err := e.State()
	if err != nil {
		tb.Fatal(err)
	}
	ids := map[string]string{}
	for address, attributes := range state {
		ids[address] = fmt.Sprint(attributes["id"])
		if workspace, ok := attributes["workspace_id"]; ok {
			ids[address] = fmt.Sprintf("%s/%s", workspace, attributes["id"])
		}
	}
	return ids
}

// floorIDs are the names by which the provider that does nothing imports: see the folder floor.
func floorIDs(size int) map[string]string {
	ids := map[string]string{}
	for i := range size / (1 + len(stages)) {
		name := fmt.Sprintf("tenant-%d", i)
		ids[fmt.Sprintf("cortex_workspace.tenant_%d", i)] = name
		for _, stage := range stages {
			ids[fmt.Sprintf("cortex_environment.tenant_%d_%s", i, stage)] = name + "/" + stage
		}
	}
	return ids
}

// makeForeign makes workspaces that no configuration knows.
func makeForeign(b *testing.B, url string, n int) {
	b.Helper()
	c, err := client.New(client.Config{Endpoint: url})
	if err != nil {
		b.Fatal(err)
	}
	defer c.CloseIdleConnections()
	for i := range n {
		if _, err := c.Workspaces.Create(b.Context(), client.Workspace{Name: fmt.Sprintf("foreign-%d", i)}); err != nil {
			b.Fatal(err)
		}
	}
}

// fill makes what the configuration describes, without an engine, and returns the ids for an import of it.
func fill(tb testing.TB, url, prefix string, size int) map[string]string {
	tb.Helper()
	c, err := client.New(client.Config{Endpoint: url})
	if err != nil {
		tb.Fatal(err)
	}
	defer c.CloseIdleConnections()
	ids := map[string]string{}
	for i := range size / (1 + len(stages)) {
		name := fmt.Sprintf("%s-%d", prefix, i)
		w, err := c.Workspaces.Create(tb.Context(), client.Workspace{Name: name, Description: "All that belongs to " + name})
		if err != nil {
			tb.Fatal(err)
		}
		ids[fmt.Sprintf("cortex_workspace.tenant_%d", i)] = w.ID
		for _, stage := range stages {
			e, err := c.Environments.Create(tb.Context(), client.Environment{WorkspaceID: w.ID, Name: stage,
				Description: "Default environment for the workspace environment"})
			if err != nil {
				tb.Fatal(err)
			}
			ids[fmt.Sprintf("cortex_environment.tenant_%d_%s", i, stage)] = w.ID + "/" + e.ID
		}
	}
	return ids
}

// arguments are what the engine is called with.
func arguments(op string) []string {
	switch op {
	case "plan":
		return []string{"plan", "-no-color", "-detailed-exitcode"} // fails when there are changes
	case "destroy":
		return []string{"destroy", "-no-color", "-auto-approve"}
	default:
		return []string{"apply", "-no-color", "-auto-approve"}
	}
}

func (f *field) command(b *testing.B, name, op string) {
	b.Helper()
	if r := f.engines[name].Run(b.Context(), arguments(op)...); r.Code != 0 {
		b.Fatalf("%s with %s: exit code %d\n%.2000s\n%.2000s", op, name, r.Code, r.Stdout, r.Stderr)
	}
}

// measure runs an operation once. The benchmark's own timer takes the time, the kernel counts the CPU time of the engine and of
// its children.
func (f *field) measure(b *testing.B, name, op string, latency time.Duration) {
	if b.N != 1 {
		b.Fatal("a measurement is one run: use -benchtime=1x")
	}
	f.proxy.reset(latency)
	cmd := f.engines[name].Command(b.Context(), arguments(op)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	b.ResetTimer()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	stop := watch(cmd.Process.Pid)
	err := cmd.Wait()
	b.StopTimer()
	used := stop()
	if err != nil {
		b.Fatalf("%s with %s: %v\n%.4000s", op, name, err, out.Bytes())
	}
	if want := fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", f.size); op == "import" && !bytes.Contains(out.Bytes(), []byte(want)) {
		b.Fatalf("the import with %s was not %q:\n%.4000s", name, want, out.Bytes())
	}
	requests, writes := f.proxy.requests()
	total := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	b.ReportMetric(total.Seconds(), "cpu-s")
	b.ReportMetric(used.providerCPU.Seconds(), "provider-cpu-s")
	b.ReportMetric(float64(used.enginePeak)/1e6, "engine-peak-MB")
	b.ReportMetric(float64(used.providerPeak)/1e6, "provider-peak-MB")
	b.ReportMetric(float64(requests), "requests")
	b.ReportMetric(float64(writes), "writes")
}
