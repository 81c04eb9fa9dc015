// Package bench measures what plans, applies, imports, destroys and exports of many objects take, on a real Cortex behind a network
// that is so far away, beside the engine's floor and beside the same provider that reads one object a request.
package bench

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/client"
	"github.com/telescopeai/terraform-provider-cortex/internal/cortextest"
	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

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
			for _, name := range list("SHAPES", mixed) {
				if shapes[name] == nil {
					b.Fatalf("SHAPES=%q: there is no such shape", name)
				}
				for _, size := range numbers(b, "SIZES", "40 200 1000") {
					b.Run(fmt.Sprintf("shape=%s/foreign=%d/objects=%d", name, foreign, size), func(b *testing.B) {
						newField(b, binaries, shapes[name], workers, foreign, size).run(b)
					})
				}
			}
		})
	}
}

// field is a Cortex, and an engine for each provider.
type field struct {
	server   *cortextest.Real
	proxy    *proxy
	engines  map[string]*enginetest.Engine
	exporter string // the provider's binary
	shape    shape
	size     int
	applied  map[string]bool // by the engine's folder
}

// newField starts a Cortex of its own, so that nothing is on it but so many foreign workspaces. Both providers that talk to it work on the same
// configuration, state and objects.
func newField(b *testing.B, binaries map[string]string, shape shape, workers, foreign, size int) *field {
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
	f := &field{server: server, proxy: newProxy(b, strings.TrimPrefix(server.URL(), "http://")), exporter: binaries[cortex], shape: shape, size: size,
		engines: map[string]*enginetest.Engine{}, applied: map[string]bool{}}
	for name, binary := range binaries {
		if f.engines[name], err = enginetest.New(b.TempDir(), binary, "CORTEX_API_URL="+f.proxy.url()); err != nil {
			b.Fatal(err)
		}
		if err := f.engines[name].Write("main.tf", shape.configuration("tenant", size)); err != nil {
			b.Fatal(err)
		}
	}
	f.engines[oneByOne].Dir = f.engines[cortex].Dir
	return f
}

func (f *field) run(b *testing.B) {
	runs := numbers(b, "RUNS", "3")[0]
	for _, latency := range numbers(b, "LATENCIES", "0 20 100") {
		for turn := range runs {
			for _, name := range providers {
				for _, op := range list("OPS", "plan") {
					if op == "export" && name != cortex { // needs no engine, so that there is nothing to compare it with
						continue
					}
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
	switch {
	case op == "apply" && f.applied[e.Dir]:
		f.command(b, name, "destroy")
	case op != "apply" && !f.applied[e.Dir]: // an import takes a fifth of the time of an apply
		importInstead(b, e, f.start(b, name))
		f.command(b, name, "import")
		_ = os.Remove(filepath.Join(e.Dir, "imports.tf"))
	}
	f.applied[e.Dir] = op != "apply"
	if op == "import" {
		importInstead(b, e, idsInState(b, e, name))
	}
}

// start returns the ids for a provider's first import. The one that does nothing gets the objects as another provider's state has them.
func (f *field) start(b *testing.B, name string) map[string]string {
	b.Helper()
	if name != floor {
		return f.shape.fill(b, f.server.URL(), "tenant", f.size)
	}
	f.prepare(b, cortex, "plan")
	return idsInState(b, f.engines[cortex], floor)
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

// idsInState are the ids for an import, by the named provider, of what the state holds.
func idsInState(tb testing.TB, e *enginetest.Engine, provider string) map[string]string {
	tb.Helper()
	state, err := e.State()
	if err != nil {
		tb.Fatal(err)
	}
	ids := map[string]string{}
	for address, attributes := range state {
		if provider == floor { // it takes the object for its id
			maps.DeleteFunc(attributes, func(_ string, value any) bool { return value == nil })
			object, err := json.Marshal(attributes)
			if err != nil {
				tb.Fatal(err)
			}
			ids[address] = string(object)
			continue
		}
		text := func(attribute string) string { value, _ := attributes[attribute].(string); return value }
		ids[address] = importID(cmp.Or(text("workspace_id"), text("environment_id")), text("id"))
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

// operation returns the command of an operation, ready to start.
func (f *field) operation(b *testing.B, name, op string) *exec.Cmd {
	b.Helper()
	if op != "export" {
		return f.engines[name].Command(b.Context(), arguments(op)...)
	}
	cmd := exec.CommandContext(b.Context(), f.exporter, "export", "-workspace", "tenant-*", "-out", filepath.Join(b.TempDir(), "out"))
	cmd.Env = []string{"CORTEX_API_URL=" + f.proxy.url()}
	return cmd
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
	cmd := f.operation(b, name, op)
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
	if want := fmt.Sprintf("%d to import, 0 to add, 0 to change, 0 to destroy", f.size); (op == "import" || op == "export") && !bytes.Contains(out.Bytes(), []byte(want)) {
		b.Fatalf("the %s with %s was not %q:\n%.4000s", op, name, want, out.Bytes())
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
