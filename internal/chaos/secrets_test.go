package chaos

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// Every secret has secretMark at both ends, which is the same in every spelling: one that is escaped or cut is found, too. One that a block says in an
// attribute which is in the state has keptMark there.
const (
	secretMark = "s3cret"
	keptMark   = "kept-" + secretMark

	strange = keptMark + ` p@ss/w:rd %41"é'\ ` + keptMark
)

// secrets are the variables of every configuration.
var secrets = map[string]string{
	"key":        secretMark + "-key-" + secretMark,
	"header":     secretMark + "-header-" + secretMark,
	"kept":       keptMark + " one " + keptMark,
	"strange":    strange,
	"write_only": secretMark + ` two "$%/\ ` + secretMark,
}

// connections are those of data sources. From the third to the fourth, there is a change that Cortex loses. The last one is made by hand.
var connections = []string{
	server("password = var.kept"), server("password_wo = var.write_only"),
	custom("config = jsonencode({ a = 1, token = var.kept })"), custom("config_wo = jsonencode({ a = true, token = var.write_only })"),
	server("password = var.strange"),
}

// fitConnections does without write-only attributes where the engine knows none.
func fitConnections(dir string) error {
	engine, err := enginetest.New(dir, providerBinary)
	if err != nil {
		return err
	}
	writeOnly, err := engine.KnowsWriteOnly(context.Background())
	if err == nil && !writeOnly {
		for i, text := range connections {
			connections[i] = strings.NewReplacer("_wo =", " =", "var.write_only", "var.strange").Replace(text)
		}
	}
	return err
}

func server(secret string) string {
	return `postgresql = { host = "db", database = "sales", username = "ann@x", ` + secret + " }"
}

func custom(secret string) string { return `custom = { source_type = "snowflake", ` + secret + " }" }

// logFile is where a provider writes its log, in the engine's folder.
const logFile = "provider.log"

// discreet checks that no secret is in the output of a command, in what the provider logged in it, or in a state, but for those that belong there.
func (w *world) discreet(r enginetest.Result) {
	w.hidden("the output", r.String())
	log := filepath.Join(w.engine.Dir, logFile)
	w.hidden("the log", read(log))
	_ = os.Truncate(log, 0) // it may not be there
	for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup"} {
		w.hidden(name, strings.ReplaceAll(read(filepath.Join(w.engine.Dir, name)), keptMark, ""))
	}
}

// read returns what is in a file, nothing if it is not there.
func read(file string) string {
	data, _ := os.ReadFile(file)
	return string(data)
}

// hidden checks that there is no secret in a text.
func (w *world) hidden(where, text string) {
	if at := strings.Index(text, secretMark); at >= 0 {
		tally.add(shown, 1)
		w.failf("a secret is in %s: %s", where, text[max(0, at-1000):min(len(text), at+200)])
	}
}
