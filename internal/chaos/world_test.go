package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// stepTimeout is more than any command may take, however many faults it meets. A command that takes longer hangs.
const stepTimeout = 10 * time.Minute

// world is a Cortex, an engine with a configuration, and what is known of both: the oracle reads the server directly.
type world struct {
	subject
	engine *enginetest.Engine
	blocks []*block
	prefix string // of every name in this world, since real servers are shared
	made   int    // for names and labels
	// foreign holds what the test itself made on the server, and what it must look like for ever.
	foreign map[string]object
	// known holds the objects seen, by id: what was in an object that vanished cannot be listed.
	known map[string]object
	// moved tells that a block was put elsewhere since the last command.
	moved bool
	// importing tells that import blocks or commands are in play, so that objects which were there may be adopted.
	importing bool
	// retries and timeout are max_retries and request_timeout of the provider.
	retries int
	timeout time.Duration
	// cleanup ends what commands left behind.
	cleanup []func()
}

// problem is what a world found wrong. It is a panic value, so that helpers need no testing.T.
type problem string

func (w *world) failf(format string, args ...any) { panic(problem(fmt.Sprintf(format, args...))) }

func (w *world) unique(base string) string {
	w.made++
	return fmt.Sprintf("%s%s %d", w.prefix, base, w.made)
}

// config writes the configuration.
func (w *world) config() {
	var b strings.Builder
	fmt.Fprintf(&b, "terraform {\n  required_providers {\n    cortex = { source = \"telescopeai/cortex\" }\n  }\n}\n\n"+
		"provider \"cortex\" {\n  endpoint        = %q\n  request_timeout = %q\n  max_retries     = %d\n"+
		"  api_key         = var.key\n  headers         = { X-Gateway = var.header }\n}\n", w.cortex.URL(), w.timeout, w.retries)
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		fmt.Fprintf(&b, "\nvariable %q {\n  sensitive = true\n  default   = %s\n}\n", name, quote(secrets[name]))
	}
	for _, block := range w.blocks {
		b.WriteString("\n" + block.String())
	}
	if err := w.engine.Write("main.tf", b.String()); err != nil {
		w.failf("%v", err)
	}
}

// calm ends the faults, and writes the configuration for that.
func (w *world) calm() {
	w.injector.stop()
	w.retries, w.timeout = 4, healthyTimeout
	w.config()
}

// rough writes the configuration for faults, with the patience to get over those that pass.
func (w *world) rough(patient bool) {
	if w.retries, w.timeout = 4, requestTimeout; patient {
		w.retries = 12
	}
	w.config()
}

// run runs a command of the engine; one that does not end hangs.
func (w *world) run(args ...string) enginetest.Result {
	ctx, cancel := context.WithTimeout(context.Background(), w.patience)
	defer cancel()
	w.injector.mu.Lock()
	w.injector.endless = cancel
	w.injector.mu.Unlock()
	r := w.engine.Run(ctx, args...)
	w.patient(r)
	if ctx.Err() != nil {
		w.failf("a command hangs: %s", r)
	}
	w.faultless(r)
	w.discreet(r)
	return r
}

// patient checks that no request came again too early or too often.
func (w *world) patient(r enginetest.Result) {
	w.injector.mu.Lock()
	defer w.injector.mu.Unlock()
	if len(w.injector.impatient) > 0 {
		w.failf("requests came again: %v: %s", w.injector.impatient, r)
	}
}

// state reads the state: objects by address.
func (w *world) state() map[string]object {
	state, err := w.engine.State()
	if err != nil {
		w.failf("the state cannot be read: %v", err)
	}
	objects := map[string]object{}
	for address, attributes := range state {
		for _, k := range kinds {
			if strings.HasPrefix(address, k.resource()+".") {
				objects[address] = k.object(attributes)
			}
		}
	}
	return objects
}

// ids gives the address of each object in the state.
func ids(state map[string]object) map[string]string {
	found := map[string]string{}
	for address, o := range state {
		found[o.id] = address
	}
	return found
}

// id is the block's object in the state, "" if there is none.
func (w *world) id(b *block) string { return w.state()[b.address()].id }

// refs are the ids of what a block refers to.
func (w *world) refs(b *block) (ids []string) {
	for _, r := range b.refs {
		ids = append(ids, w.id(r))
	}
	return ids
}

// imports replaces the import blocks.
func (w *world) imports(text string) {
	if err := w.engine.Write("imports.tf", text); err != nil {
		w.failf("%v", err)
	}
	w.importing = text != ""
}

// plainText is a command's output without the frame that engines draw around errors, and with the lines that they wrap
// put together.
func plainText(r enginetest.Result) string {
	var b strings.Builder
	for _, d := range r.Diagnostics() {
		b.WriteString(d.Summary + "\n" + d.Detail + "\n")
	}
	text := strings.NewReplacer("│ ", "", "╷", "", "╵", "").Replace(r.Stdout + "\n" + r.Stderr)
	b.WriteString(strings.Join(strings.Fields(text), " "))
	return b.String()
}
