// Command report makes tables and a plot of what internal/bench measured.
//
//	report [-guide FILE] [-plot FILE] RESULTS...
//
// RESULTS hold the benchmark's output. The tables go to the standard output or, with -guide, between the two marks of that
// file; each number is the median of its runs.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

func main() {
	log.SetFlags(0)
	guide := flag.String("guide", "", "write the tables into this file, between its marks")
	plot := flag.String("plot", "", "write the plot to this file, as SVG")
	flag.Parse()
	var all []run
	for _, name := range flag.Args() {
		file, err := os.Open(name)
		if err != nil {
			log.Fatal(err)
		}
		runs, err := read(file)
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		_ = file.Close()
		all = append(all, runs...)
	}
	results := medians(all)
	if len(results) == 0 {
		log.Fatal("there are no measurements in ", flag.Args())
	}
	text := tables(results)
	if *guide == "" {
		fmt.Print(text)
	} else if err := replace(*guide, text); err != nil {
		log.Fatal(err)
	}
	if *plot != "" {
		if err := os.WriteFile(*plot, []byte(drawing(results)), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// setting is what a measurement was made of, apart from the provider and the turn.
type setting struct {
	shape, op                          string
	workers, foreign, objects, latency int
}

// run is one measurement: values by unit, the time in "ns/op".
type run struct {
	setting
	provider string
	values   map[string]float64
}

// read parses lines like
//
//	Benchmark/workers=1/shape=mix/objects=40/latency=0ms/op=plan/turn=0/provider=floor-2   1   587000000 ns/op   0.52 cpu-s   …
//
// Those without a shape are from when there was one alone.
func read(r io.Reader) ([]run, error) {
	var all []run
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark/") {
			continue
		}
		m := run{setting: setting{shape: "environments"}, values: map[string]float64{}}
		for _, pair := range strings.Split(fields[0], "/") {
			key, value, _ := strings.Cut(pair, "=")
			n, _ := strconv.Atoi(strings.TrimSuffix(value, "ms"))
			switch key {
			case "workers":
				m.workers = n
			case "shape":
				m.shape = value
			case "foreign":
				m.foreign = n
			case "objects":
				m.objects = n
			case "latency":
				m.latency = n
			case "op":
				m.op = value
			case "provider":
				m.provider, _, _ = strings.Cut(value, "-") // without GOMAXPROCS
			}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, err
			}
			m.values[fields[i+1]] = value
		}
		all = append(all, m)
	}
	return all, scanner.Err()
}

// result is the medians of one setting: by provider, by unit.
type result struct {
	setting
	runs      map[string]int // by provider
	providers map[string]map[string]float64
}

func medians(all []run) []result {
	values := map[setting]map[string]map[string][]float64{}
	for _, m := range all {
		if values[m.setting] == nil {
			values[m.setting] = map[string]map[string][]float64{}
		}
		if values[m.setting][m.provider] == nil {
			values[m.setting][m.provider] = map[string][]float64{}
		}
		for unit, value := range m.values {
			values[m.setting][m.provider][unit] = append(values[m.setting][m.provider][unit], value)
		}
	}
	var results []result
	for s, providers := range values {
		r := result{setting: s, runs: map[string]int{}, providers: map[string]map[string]float64{}}
		for provider, units := range providers {
			r.providers[provider] = map[string]float64{}
			for unit, list := range units {
				slices.Sort(list)
				r.providers[provider][unit] = (list[(len(list)-1)/2] + list[len(list)/2]) / 2
				r.runs[provider] = len(list)
			}
		}
		if len(providers) == 3 || s.op == export { // a run that was broken off compares nothing
			results = append(results, r)
		}
	}
	slices.SortFunc(results, func(a, b result) int {
		return cmp.Or(cmp.Compare(a.workers, b.workers), cmp.Compare(a.foreign, b.foreign), cmp.Compare(a.objects, b.objects), cmp.Compare(a.latency, b.latency))
	})
	return results
}

// shapes are the parts of the tables, in their order; the plot shows the first that there is.
var shapes = []struct{ shape, title string }{
	{"mix", "A tenant mix of all kinds"}, {"environments", "Workspaces and environments alone"},
}

// export is the operation that only this provider has.
const export = "export"

// operations are the tables of a part, in their order.
var operations = []struct{ op, title string }{
	{"plan", "A plan without changes"}, {"apply", "An apply that creates everything"},
	{"import", "An import of everything, by blocks"}, {"destroy", "A destroy of everything"}, {export, "An export of everything"},
}

func tables(results []result) string {
	var b strings.Builder
	for _, shape := range shapes {
		part := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.shape != shape.shape })
		if len(part) > 0 {
			fmt.Fprintf(&b, "\n### %s\n", shape.title)
		}
		for _, operation := range operations {
			rows := slices.DeleteFunc(slices.Clone(part), func(r result) bool { return r.op != operation.op })
			if len(rows) > 0 {
				fmt.Fprintf(&b, "\n#### %s\n\n", operation.title)
				if operation.op == export {
					writeExports(&b, rows)
				} else {
					writeTable(&b, rows)
				}
			}
		}
	}
	return b.String()
}

func writeTable(b *strings.Builder, rows []result) {
	b.WriteString("| objects | others' workspaces | round trip | Cortex's workers | does nothing | one by one | this provider | to doing nothing " +
		"| requests: one by one | this provider | CPU: does nothing | one by one | this provider " +
		"| memory: does nothing | one by one | this provider | engine | runs |\n")
	b.WriteString(strings.Repeat("|---:", 18) + "|\n")
	for _, r := range rows {
		floor, single, lists := r.providers["floor"], r.providers["onebyone"], r.providers["cortex"]
		fmt.Fprintf(b, "| %s | %s | %d ms | %d | %.2f s | %.2f s | **%.2f s** | %.2f | %.0f | **%.0f** | %.1f s | %.1f s | %.1f s "+
			"| %.0f MB | %.0f MB | %.0f MB | %.0f MB | %s |\n",
			thousands(r.objects), thousands(r.foreign), r.latency, r.workers, seconds(floor), seconds(single), seconds(lists), seconds(lists)/seconds(floor),
			single["requests"], lists["requests"], floor["cpu-s"], single["cpu-s"], lists["cpu-s"],
			floor["provider-peak-MB"], single["provider-peak-MB"], lists["provider-peak-MB"], lists["engine-peak-MB"], r.turns())
	}
}

func writeExports(b *strings.Builder, rows []result) {
	b.WriteString("| objects | others' workspaces | round trip | Cortex's workers | this provider | requests | CPU | memory | runs |\n")
	b.WriteString(strings.Repeat("|---:", 9) + "|\n")
	for _, r := range rows {
		values := r.providers["cortex"] // a command by itself stands where an engine does
		fmt.Fprintf(b, "| %s | %s | %d ms | %d | **%.2f s** | %.0f | %.1f s | %.0f MB | %d |\n", thousands(r.objects), thousands(r.foreign), r.latency, r.workers,
			seconds(values), values["requests"], values["cpu-s"], values["engine-peak-MB"], r.runs["cortex"])
	}
}

// turns tells how often each provider ran, with one number when that is the same.
func (r result) turns() string {
	floor, single, lists := r.runs["floor"], r.runs["onebyone"], r.runs["cortex"]
	if floor == single && single == lists {
		return strconv.Itoa(floor)
	}
	return fmt.Sprintf("%d, %d, %d", floor, single, lists)
}

func seconds(values map[string]float64) float64 { return values["ns/op"] / 1e9 }

func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

const (
	beginMark = "<!-- measurements: written by make bench-docs -->"
	endMark   = "<!-- end of measurements -->"
)

// replace writes text between the marks of a file.
func replace(name, text string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(data), beginMark)
	_, after, foundEnd := strings.Cut(rest, endMark)
	if !found || !foundEnd {
		return fmt.Errorf("%s has not both marks, %q and %q", name, beginMark, endMark)
	}
	return os.WriteFile(name, []byte(before+beginMark+"\n"+text+"\n"+endMark+after), 0o644)
}

// drawing shows plans of 1,000 objects of one shape with one worker: for each round trip, a bar for each provider.
func drawing(results []result) string {
	type bar struct {
		Y, Width     float64
		Class, Label string
	}
	type group struct {
		Y     float64
		Label string
		Bars  []bar
	}
	const scale, height, gap = 520.0, 20.0, 26.0
	longest, title := 0.0, ""
	var shown []result
	for _, shape := range shapes {
		if len(shown) == 0 {
			title = shape.title
			shown = slices.DeleteFunc(slices.Clone(results), func(r result) bool {
				return r.shape != shape.shape || r.op != "plan" || r.foreign != 0 || r.objects != 1000 || r.workers != 1
			})
		}
	}
	for _, r := range shown {
		for values := range maps.Values(r.providers) {
			longest = max(longest, seconds(values))
		}
	}
	y := 70.0
	var groups []group
	for _, r := range shown {
		g := group{Y: y + height*1.5, Label: fmt.Sprintf("%d ms", r.latency)}
		for _, provider := range []string{"floor", "onebyone", "cortex"} {
			took := seconds(r.providers[provider])
			g.Bars = append(g.Bars, bar{y, took / longest * scale, provider, fmt.Sprintf("%.1f s", took)})
			y += height
		}
		y += gap
		groups = append(groups, g)
	}
	var b strings.Builder
	if err := picture.Execute(&b, map[string]any{"Title": strings.ToLower(title[:1]) + title[1:], "Groups": groups, "Height": y}); err != nil {
		panic(err) // the template is fixed
	}
	return b.String()
}

var picture = template.Must(template.New("").Funcs(template.FuncMap{"plus": func(a, b float64) float64 { return a + b }}).Parse(
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {{.Height}}" font-family="sans-serif" font-size="14">
  <style>
    .floor { fill: #9aa5b1 } .onebyone { fill: #e0a458 } .cortex { fill: #2a7f9e } text { fill: #333 }
    svg { background: #fff }
  </style>
  <text x="20" y="26" font-size="16">A plan of 1,000 objects ({{.Title}}), by the round trip to Cortex</text>
  <rect x="100" y="40" width="12" height="12" class="floor"/><text x="118" y="51">a provider that does nothing</text>
  <rect x="320" y="40" width="12" height="12" class="onebyone"/><text x="338" y="51">one by one</text>
  <rect x="440" y="40" width="12" height="12" class="cortex"/><text x="458" y="51">this provider</text>
{{- range .Groups}}
  <text x="88" y="{{plus .Y 5}}" text-anchor="end">{{.Label}}</text>
{{- range .Bars}}
  <rect x="100" y="{{.Y}}" width="{{printf "%.1f" .Width}}" height="18" class="{{.Class}}"/>
  <text x="{{printf "%.1f" (plus .Width 108)}}" y="{{plus .Y 14}}">{{.Label}}</text>
{{- end}}
{{- end}}
</svg>
`))
