package main

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sample = `goos: linux
cpu: some
Benchmark/workers=1/objects=1000/latency=20ms/op=plan/turn=0/provider=floor-2 	 1	 2000000000 ns/op	 3.0 cpu-s	 150.0 engine-peak-MB	 1.0 provider-cpu-s	 90.0 provider-peak-MB	 0 requests	 0 writes
Benchmark/workers=1/objects=1000/latency=20ms/op=plan/turn=1/provider=floor-2 	 1	 4000000000 ns/op	 5.0 cpu-s	 150.0 engine-peak-MB	 1.0 provider-cpu-s	 110.0 provider-peak-MB	 0 requests	 0 writes
Benchmark/workers=1/objects=1000/latency=20ms/op=plan/turn=0/provider=onebyone-2 	 1	 6000000000 ns/op	 4.0 cpu-s	 150.0 engine-peak-MB	 1.0 provider-cpu-s	 60.0 provider-peak-MB	 1000 requests	 0 writes
Benchmark/workers=1/objects=1000/latency=20ms/op=plan/turn=0/provider=cortex-2 	 1	 2400000000 ns/op	 2.5 cpu-s	 160.0 engine-peak-MB	 1.0 provider-cpu-s	 70.0 provider-peak-MB	 201.0 requests	 0 writes
PASS
`

func TestTables(t *testing.T) {
	runs, err := read(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	const want = "| 1,000 | 0 | 20 ms | 1 | 3.00 s | 6.00 s | **2.40 s** | 0.80 | 1000 | **201** | 4.0 s | 4.0 s | 2.5 s | 100 MB | 60 MB | 70 MB | 160 MB | 2, 1, 1 |\n"
	if got := tables(medians(runs)); !strings.HasSuffix(got, want) || !strings.HasPrefix(got, "\n### Workspaces and environments alone\n\n#### A plan without changes\n") {
		t.Errorf("got\n%swant its last line to be\n%s", got, want)
	}
	plot := drawing(medians(runs))
	if err := xml.Unmarshal([]byte(plot), new(struct{})); err != nil || strings.Count(plot, " s</text>") != 3 {
		t.Errorf("%v in\n%s", err, plot)
	}
}

// Each shape has its own tables, and the plot has one of them: the mix, where that was measured with so many objects.
func TestShapes(t *testing.T) {
	runs, err := read(strings.NewReader(sample + strings.NewReplacer("/objects=1000/", "/shape=mix/objects=1000/", " 6000000000 ns/op", " 7000000000 ns/op").Replace(sample)))
	if err != nil {
		t.Fatal(err)
	}
	results := medians(runs)
	mix, others, found := strings.Cut(tables(results), "\n### Workspaces and environments alone\n")
	if !found || !strings.HasPrefix(mix, "\n### A tenant mix of all kinds\n") || !strings.Contains(mix, "| 7.00 s |") || !strings.Contains(others, "| 6.00 s |") {
		t.Errorf("got\n%s\nand\n%s", mix, others)
	}
	if plot := drawing(results); !strings.Contains(plot, "(a tenant mix of all kinds)") || !strings.Contains(plot, ">7.0 s<") || strings.Contains(plot, ">6.0 s<") {
		t.Errorf("got\n%s", plot)
	}
}

// An export needs no engine: there is no other provider beside it.
func TestExports(t *testing.T) {
	const measured = "Benchmark/workers=1/shape=mix/foreign=0/objects=980/latency=0ms/op=export/turn=0/provider=cortex-2 	 1	 1400000000 ns/op	 0.9 cpu-s	" +
		" 40.0 engine-peak-MB	 381.0 requests	 0 writes\n"
	runs, err := read(strings.NewReader(measured))
	if err != nil {
		t.Fatal(err)
	}
	const want = "\n#### An export of everything\n\n" +
		"| objects | others' workspaces | round trip | Cortex's workers | this provider | requests | CPU | memory | runs |\n" +
		"|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n" +
		"| 980 | 0 | 0 ms | 1 | **1.40 s** | 381 | 0.9 s | 40 MB | 1 |\n"
	if got := tables(medians(runs)); !strings.HasSuffix(got, want) {
		t.Errorf("got\n%swant its end to be\n%s", got, want)
	}
}

// TestGuide fails when the guide or the plot is not what make bench-docs writes.
func TestGuide(t *testing.T) {
	names, err := filepath.Glob("../results/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var all []run
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		runs, err := read(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, runs...)
	}
	results := medians(all)
	guide, err := os.ReadFile("../../../templates/guides/performance.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(guide), beginMark+"\n")
	if measured, _, _ := strings.Cut(rest, "\n"+endMark); measured != tables(results) {
		t.Error("the guide's tables are not those of internal/bench/results: run make bench-docs")
	}
	if plot, err := os.ReadFile("../results/plan.svg"); err != nil || string(plot) != drawing(results) {
		t.Errorf("the plot is not that of internal/bench/results: run make bench-docs (%v)", err)
	}
}
