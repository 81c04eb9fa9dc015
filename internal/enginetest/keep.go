package enginetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
)

// kept is a process of the provider that serves the commands of an engine.
type kept struct {
	cmd      *exec.Cmd
	output   bytes.Buffer
	reattach string // "TF_REATTACH_PROVIDERS=…"
	killed   atomic.Bool
}

// Keep has one process of the provider, started with -debug, serve all commands of Run and Shell. Without it engines start three for a
// plan, which is most of what a plan of a few objects costs. It is for tests that have a single provider block, since a process has
// one configuration at a time. stop ends the process, with an error when one did not end well.
func (e *Engine) Keep() (stop func() error) {
	e.keep = true
	return func() error {
		e.endKept()
		return e.ended
	}
}

// KeepFor is Keep for a test, at whose end the process ends.
func (e *Engine) KeepFor(t interface {
	Cleanup(end func())
	Error(problems ...any)
}) {
	stop := e.Keep()
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// attach lets a command of the engine use the process that is kept, if there is to be one.
func (e *Engine) attach(ctx context.Context, cmd *exec.Cmd) error {
	if !e.keep {
		return nil
	}
	if e.kept == nil || e.kept.killed.Load() {
		if err := e.startKept(ctx); err != nil {
			return err
		}
	}
	cmd.Env = append(slices.Clip(cmd.Env), e.kept.reattach)
	return nil
}

// startKept starts the process.
func (e *Engine) startKept(ctx context.Context) error {
	k := &kept{cmd: exec.CommandContext(context.WithoutCancel(ctx), e.binary, "-debug")}
	logs := []string{"TF_LOG_SDK=off", "TF_LOG_SDK_PROTO=off", "TF_LOG_SDK_FRAMEWORK=off", "TF_LOG_PROVIDER_CORTEX=off"} // nobody would read them
	k.cmd.Dir, k.cmd.Stderr = e.Dir, &k.output
	if e.Log != "" {
		log, err := os.OpenFile(e.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() { _ = log.Close() }() // the process has its own
		logs[len(logs)-1], k.cmd.Stderr = "TF_LOG_PROVIDER_CORTEX=TRACE", log
	}
	k.cmd.Env = append(slices.Clip(e.env), logs...)
	out, err := k.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := k.cmd.Start(); err != nil {
		return err
	}
	e.kept = k
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, found, ok := strings.Cut(lines.Text(), "TF_REATTACH_PROVIDERS="); ok {
			k.reattach, err = onEachRegistry(strings.Trim(found, "'"))
			return err
		}
	}
	e.endKept()
	return fmt.Errorf("the provider did not start: %w", e.ended)
}

// onEachRegistry names a provider as Terraform and as OpenTofu know it.
func onEachRegistry(reattach string) (string, error) {
	var providers map[string]json.RawMessage
	if err := json.Unmarshal([]byte(reattach), &providers); err != nil {
		return "", fmt.Errorf("what the provider says with -debug: %w", err)
	}
	for address, process := range providers {
		_, name, _ := strings.Cut(address, "/")
		providers["registry.terraform.io/"+name], providers["registry.opentofu.org/"+name] = process, process
	}
	all, err := json.Marshal(providers)
	return "TF_REATTACH_PROVIDERS=" + string(all), err
}

// endKept ends the provider if it runs, and notes in ended when it did not end well.
func (e *Engine) endKept() {
	k := e.kept
	if k == nil {
		return
	}
	if e.kept = nil; k.killed.Load() {
		return
	}
	_ = k.cmd.Process.Signal(os.Interrupt) // it may have ended
	if err := k.cmd.Wait(); err != nil {
		e.ended = errors.Join(e.ended, fmt.Errorf("the provider: %w\n%s", err, &k.output))
	}
}

// Kill kills the process that Keep keeps, as SIGKILL does, in the midst of a command or not. The next command starts another one.
func (e *Engine) Kill() error {
	err := e.kept.cmd.Process.Kill()
	_ = e.kept.cmd.Wait() // it did not end well
	e.kept.killed.Store(true)
	return err
}
