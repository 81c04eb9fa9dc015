package chaos

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// What is counted, in the order of the table.
const (
	ranSequences = "sequences"
	ranSteps     = "steps"
	requests     = "requests"
	faulty       = "faulty requests"
	torn         = "state files torn by a kill of Terraform"
	created      = "objects created"
	takenOver    = "objects taken over by a printed import block"
	lost         = "objects lost"
	doubled      = "objects doubled"
	changed      = "objects wrongly changed or deleted"
	shown        = "secrets shown"
	unhealed     = "failures that a healthy apply did not heal"
)

// tally counts what happened, for the table at the end.
var tally = counts{columns: map[string]map[string]int{}}

// counts has one column for the Cortex in memory and one for each real one. Faults are counted as " " and their name, kills
// as "kills: " and their kind.
type counts struct {
	mu      sync.Mutex
	columns map[string]map[string]int
}

// column is the Cortex of this process.
var column = func() string {
	if os.Getenv("CORTEX") != "real" {
		return "in memory"
	}
	text := "real"
	for _, name := range []string{"CORTEX_VERSION", "CORTEX_DB", "CORTEX_WORKERS"} {
		if value := os.Getenv(name); value != "" {
			text += ", " + value
		}
	}
	if os.Getenv("CORTEX_WORKERS") != "" {
		text += " workers"
	}
	return text
}()

// perKind are the names of what is counted for each kind of object.
func perKind(what string) (names []string) {
	for _, k := range kinds {
		names = append(names, what+": "+k.noun)
	}
	return names
}

func (c *counts) add(what string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.columns[column] == nil {
		c.columns[column] = map[string]int{}
	}
	c.columns[column][what] += n
}

func (c *counts) fault(name string) {
	c.add(" "+name, 1)
	c.add(faulty, 1)
}

// load adds the counts of earlier runs.
func (c *counts) load(file string) error {
	data, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(data, &c.columns)
}

func (c *counts) save(file string) error {
	if file == "" {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	data, err := json.MarshalIndent(c.columns, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o600)
}

// String is the table, in Markdown.
func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := slices.Sorted(maps.Keys(c.columns))
	var faults, killed []string
	for _, counted := range c.columns {
		for what := range counted {
			switch {
			case strings.HasPrefix(what, " ") && !slices.Contains(faults, what):
				faults = append(faults, what)
			case strings.HasPrefix(what, "kills: ") && !slices.Contains(killed, what):
				killed = append(killed, what)
			}
		}
	}
	slices.Sort(faults)
	slices.Sort(killed)

	var b strings.Builder
	row := func(what string, cell func(counted map[string]int) string) {
		fmt.Fprintf(&b, "| %-60s |", what)
		for _, name := range names {
			fmt.Fprintf(&b, " %*s |", max(len(name), 6), cell(c.columns[name]))
		}
		b.WriteString("\n")
	}
	number := func(what string) func(map[string]int) string {
		return func(counted map[string]int) string { return fmt.Sprint(counted[what]) }
	}
	fmt.Fprintf(&b, "| %-60s |", "on Cortex")
	for _, name := range names {
		fmt.Fprintf(&b, " %*s |", 6, name)
	}
	b.WriteString("\n|" + strings.Repeat("-", 62) + "|")
	for _, name := range names {
		b.WriteString(strings.Repeat("-", max(len(name), 6)+1) + ":|")
	}
	b.WriteString("\n")
	for _, what := range slices.Concat([]string{ranSequences, ranSteps}, killed, []string{requests, faulty}) {
		row(what, number(what))
	}
	row("share of faulty requests", func(counted map[string]int) string {
		return fmt.Sprintf("%.1f %%", 100*float64(counted[faulty])/float64(max(counted[requests], 1)))
	})
	for _, what := range faults {
		row("fault: "+strings.TrimSpace(what), number(what))
	}
	for _, what := range slices.Concat([]string{torn, created}, perKind(created), []string{takenOver, lost, doubled, changed, unhealed, shown}) {
		row(what, number(what))
	}
	return b.String()
}
