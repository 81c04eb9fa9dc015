package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// tally counts what happened, for the table at the end.
var tally counts

type counts struct {
	sequences, steps, kills, requests                    atomic.Int64
	created, takenOver, lost, doubled, changed, unhealed atomic.Int64

	mu     sync.Mutex
	faults map[string]int
}

func (c *counts) fault(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faults == nil {
		c.faults = map[string]int{}
	}
	c.faults[name]++
}

// String is the table.
func (c *counts) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	total := 0
	for _, n := range c.faults {
		total += n
	}
	var b strings.Builder
	row := func(name string, value any) { fmt.Fprintf(&b, "| %-42s | %8v |\n", name, value) }
	row("what", "count")
	b.WriteString("|" + strings.Repeat("-", 44) + "|---------:|\n")
	row("sequences", c.sequences.Load())
	row("steps", c.steps.Load())
	row("kills", c.kills.Load())
	row("requests", c.requests.Load())
	row("faults injected", total)
	for _, name := range slices.Sorted(maps.Keys(c.faults)) {
		row("  "+name, c.faults[name])
	}
	row("objects created", c.created.Load())
	row("objects taken over by an import block", c.takenOver.Load())
	row("objects lost", c.lost.Load())
	row("objects doubled", c.doubled.Load())
	row("objects wrongly changed", c.changed.Load())
	row("failed applies that did not heal", c.unhealed.Load())
	return b.String()
}
