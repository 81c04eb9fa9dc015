package chaos

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// A rule of the client's that the tests of this package must miss when it is off. off turns it off by replacing texts in a
// file of this module, which the compiler then sees instead: the provider itself knows no such switch.
type rule struct {
	file string
	off  []string // old, new, old, new …
	run  func(seed uint64, s subject) (found string)
	// seed is the first to try: one that is known to show it.
	seed uint64
	// want is part of what is found.
	want string
}

// tries is how many sequences or kills may pass before a rule that is off is seen.
const tries = 12

var rules = map[string]rule{
	"a lost create is settled by looking": {
		file: "internal/client/create.go",
		off: []string{"	ref := want.Ref()\n	for try := 0; ; try++ {", "	ref := want.Ref()\n	if ref.Name != \"\" {\n		return none, false, nil\n	}\n" +
			"	for try := 0; ; try++ {"},
		run: randomSequence, seed: 1,
	},
	"creates of one name go in turn": {
		file: "internal/client/create.go",
		off:  []string{"o.client.locks.acquire(ctx, o.nameKey(ref.Scope, ref.Name))", "o.client.locks.acquire(ctx, o.nameKey(ref.Scope, ref.Name)+time.Now().String())"},
		run:  randomSequence, seed: 1, want: "exists twice",
	},
	"an object is gone only by Cortex's own words": {
		file: "internal/client/error.go",
		off:  []string{"return errors.As(err, &e) && e.Class == NotFound &&", "return errors.As(err, &e) && e.Status == 404 || errors.As(err, &e) && e.Class == NotFound &&"},
		run:  randomSequence, seed: 1,
	},
	"Retry-After is honoured": {
		file: "internal/client/transport.go",
		off:  []string{"retryablehttp.DefaultBackoff(lo, hi, n, resp)", "retryablehttp.DefaultBackoff(lo, hi, n, nil)"},
		run:  randomSequence, seed: 1, want: "before its Retry-After",
	},
	"retries are bounded": {
		file: "internal/client/transport.go",
		off:  []string{"RetryMax:     c.maxRetries,", "RetryMax: 1 << 20,", "RetryWaitMax: maxBackoff,", "RetryWaitMax: minBackoff,"},
		run:  randomSequence, seed: 1, want: "without end",
	},
	"every request has a deadline": {
		file: "internal/client/transport.go",
		off:  []string{"context.WithTimeout(ctx, a.timeout)", "context.WithTimeout(ctx, 1000*a.timeout)"},
		run:  randomSequence, seed: 1, want: "a command hangs",
	},
	"a request under way is finished after Ctrl-C": {
		file: "internal/client/transport.go",
		off:  []string{"ctx = context.WithoutCancel(caller)", "ctx = caller"},
		run:  kill, seed: 3, want: "neither in the state nor named in an error",
	},
	"errors print import blocks": {
		file: "internal/provider/diagnostics.go",
		off:  []string{`return strings.Join(blocks, "\n\n")`, `return ""`},
		run:  randomSequence, seed: 1, want: "did not heal",
	},
}

// TestRulesAreSeen builds the provider with each rule off in turn, and fails unless the sequences and kills that the provider
// passes show it.
func TestRulesAreSeen(t *testing.T) {
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			binary := rule.build(t)
			for n := range uint64(tries) {
				found := rule.run(rule.seed+n, newSubject(t, rule.seed+n, binary))
				if found == "" {
					continue
				}
				if !strings.Contains(found, rule.want) {
					t.Errorf("seed %d: found something else than %q: %s", rule.seed+n, rule.want, found)
				}
				t.Logf("seed %d: %s", rule.seed+n, found)
				if found := rule.run(rule.seed+n, newSubject(t, rule.seed+n, providerBinary)); found != "" {
					t.Errorf("seed %d fails with the rule as well: %s", rule.seed+n, found)
				}
				return
			}
			t.Errorf("%d runs did not see that the rule is off", tries)
		})
	}
}

// newSubject is a provider on a Cortex in memory: what one with several workers does shows in each of these seeds.
func newSubject(t *testing.T, seed uint64, binary string) subject {
	t.Helper()
	cortex, injector := newCortex(t, seed)
	return subject{cortex, injector, binary, ruleTimeout}
}

// ruleTimeout is less than a command may take elsewhere, for the rule that it takes no longer.
const ruleTimeout = 90 * time.Second

// randomSequence runs one sequence that seed draws.
func randomSequence(seed uint64, s subject) string {
	return sequence(seeded{rand.New(rand.NewPCG(seed, 2))}, s)
}

type seeded struct{ *rand.Rand }

func (d seeded) pick(_ string, n int) int { return d.IntN(n) }

// build compiles the provider without the rule.
func (r rule) build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file, err := filepath.Abs(filepath.Join("../..", r.file))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for i := 0; i < len(r.off); i += 2 {
		if strings.Count(text, r.off[i]) != 1 {
			t.Fatalf("%s does not hold this once: %s", r.file, r.off[i])
		}
		text = strings.Replace(text, r.off[i], r.off[i+1], 1)
	}
	without := filepath.Join(dir, "without.go")
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{file: without}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{without: text, filepath.Join(dir, "overlay.json"): string(overlay)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	binary, err := enginetest.Build(dir, "-overlay="+filepath.Join(dir, "overlay.json"))
	if err != nil {
		t.Fatal(err)
	}
	return binary
}
