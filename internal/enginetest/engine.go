// Package enginetest runs a real engine, terraform or tofu, with a real provider binary, as a person does in a folder of
// configuration.
package enginetest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// Engine is an engine in its own folder.
type Engine struct {
	// Dir holds the configuration and the state.
	Dir string
	// Log is a file that gets the log of the process that Keep keeps, with bodies; without one, it writes none.
	Log    string
	path   string
	env    []string
	binary string // the provider's

	keep  bool // see Keep
	kept  *kept
	ended error
}

// Path returns the engine's binary: TF_ACC_TERRAFORM_PATH, or else terraform or tofu on the PATH.
func Path() (string, error) {
	if path := os.Getenv("TF_ACC_TERRAFORM_PATH"); path != "" {
		return path, nil
	}
	for _, name := range []string{"terraform", "tofu"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("neither terraform nor tofu is on the PATH; TF_ACC_TERRAFORM_PATH may name one")
}

// Build compiles the provider of this module into dir and returns the binary's path. flags go to go build.
func Build(dir string, flags ...string) (string, error) { return BuildCommand(dir, "", flags...) }

// BuildCommand is Build for another provider: the command in a folder of this module.
func BuildCommand(dir, folder string, flags ...string) (string, error) {
	binary := filepath.Join(dir, "terraform-provider-cortex")
	args := append([]string{"build", "-o", binary, "-ldflags=-s -w"}, flags...) // as releases are, which links in less time
	out, err := exec.Command("go", append(args, path.Join("github.com/telescopeai/terraform-provider-cortex", folder))...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return binary, nil
}

// built is what Built has built, by folder, and where.
var built = struct {
	sync.Mutex
	dir      string
	binaries map[string]string
}{binaries: map[string]string{}}

// Built is BuildCommand, once for all tests of a process, since linking takes seconds. RemoveBuilt, at its end, removes what it made.
func Built(folder string) (binary string, err error) {
	built.Lock()
	defer built.Unlock()
	if built.binaries[folder] != "" {
		return built.binaries[folder], nil
	}
	if built.dir == "" {
		if built.dir, err = os.MkdirTemp("", "provider"); err != nil {
			return "", err
		}
	}
	if binary, err = BuildCommand(filepath.Join(built.dir, folder), folder); err != nil {
		return "", err
	}
	built.binaries[folder] = binary
	return binary, nil
}

// RemoveBuilt removes what Built has built.
func RemoveBuilt() error {
	if built.dir == "" {
		return nil
	}
	return os.RemoveAll(built.dir)
}

// New returns an engine that works in dir and takes the provider from the folder of the binary. env holds "NAME=value"s; no
// other variable of the caller's that an engine or the provider reads is passed on.
func New(dir, binary string, env ...string) (*Engine, error) {
	return NewBeside(dir, binary, nil, env...)
}

// NewBeside is New for an engine that also takes the named providers ("mastercard/restapi") from that folder.
func NewBeside(dir, binary string, others []string, env ...string) (*Engine, error) {
	var overrides strings.Builder
	for _, name := range append([]string{"telescopeai/cortex"}, others...) {
		fmt.Fprintf(&overrides, "    %q = %q\n", name, filepath.Dir(binary))
	}
	e, err := start(dir, "dev_overrides {\n"+overrides.String()+"  }\n  direct {}", env)
	if err == nil {
		e.binary = binary
	}
	return e, err
}

// start prepares the folder of an engine that gets providers by the given installation methods.
func start(dir, installation string, env []string) (*Engine, error) {
	path, err := Path()
	if err != nil {
		return nil, err
	}
	home := filepath.Join(dir, ".home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	cli := filepath.Join(home, "cli.tfrc")
	if err := os.WriteFile(cli, fmt.Appendf(nil, "provider_installation {\n  %s\n}\n", installation), 0o600); err != nil {
		return nil, err
	}
	return &Engine{Dir: dir, path: path, env: append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "TF_CLI_CONFIG_FILE=" + cli,
		// A socket's path has about a hundred bytes, which a folder for temporary files may use up. This one is short anywhere: the
		// provider runs in the engine's own folder.
		"PLUGIN_UNIX_SOCKET_DIR=.",
		"GOGC=400", // its processes are short, and collect little garbage
		"TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color", "CHECKPOINT_DISABLE=1",
	}, env...)}, nil
}

// Setenv adds "NAME=value"s to the environment of the commands to come.
func (e *Engine) Setenv(env ...string) {
	e.env = append(e.env, env...)
	e.endKept() // the next one has it too
}

// Write replaces a file of the configuration, in a folder that it makes if it is not there.
func (e *Engine) Write(name, text string) error {
	path := filepath.Join(e.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// Command returns a command of the engine that is ready to start.
func (e *Engine) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, e.path, args...)
	cmd.Dir, cmd.Env = e.Dir, e.env
	return cmd
}

// Result is what a command ended with.
type Result struct {
	Args   []string
	Code   int // -1 when it did not end by itself
	Stdout string
	Stderr string
}

// Run runs a command of the engine to its end.
func (e *Engine) Run(ctx context.Context, args ...string) Result {
	var out, errOut bytes.Buffer
	cmd := e.Command(ctx, args...)
	if err := e.attach(ctx, cmd); err != nil {
		return Result{Args: args, Code: -1, Stderr: err.Error()}
	}
	cmd.Stdout, cmd.Stderr = &out, &errOut
	err := cmd.Run()
	r := Result{Args: args, Stdout: out.String(), Stderr: errOut.String()}
	if err != nil {
		r.Code = -1
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			r.Code = exit.ExitCode()
		} else {
			r.Stderr += err.Error()
		}
	}
	return r
}

// String shows the command, its exit code and all of its output.
func (r Result) String() string {
	return fmt.Sprintf("$ %s\n%s%s(exit code %d)", strings.Join(r.Args, " "), r.Stdout, r.Stderr, r.Code)
}

// Diagnostic is an error or warning as the engine's -json output has it.
type Diagnostic struct {
	Severity, Summary, Detail string
	Address                   string // of the resource; "" when there is none
	Snippet                   struct{ Code string }
}

// Diagnostics returns the diagnostics of a command that ran with -json.
func (r Result) Diagnostics() []Diagnostic {
	var all []Diagnostic
	decoder := json.NewDecoder(strings.NewReader(r.Stdout))
	for decoder.More() {
		var line struct {
			Diagnostic  *Diagnostic
			Diagnostics []Diagnostic
		}
		if decoder.Decode(&line) != nil {
			break
		}
		if line.Diagnostic != nil {
			all = append(all, *line.Diagnostic)
		}
		all = append(all, line.Diagnostics...)
	}
	return all
}

// State returns the attributes of each managed resource in the state, by address. It reads the file, without a command.
func (e *Engine) State() (map[string]map[string]any, error) {
	data, err := os.ReadFile(filepath.Join(e.Dir, "terraform.tfstate"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var state struct {
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				IndexKey   any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	if err := json.Unmarshal(data, &state); err != nil {
		return nil, err
	}
	resources := map[string]map[string]any{}
	for _, r := range state.Resources {
		if r.Mode != "managed" {
			continue
		}
		for _, i := range r.Instances {
			address := strings.TrimPrefix(r.Module+"."+r.Type+"."+r.Name, ".")
			switch key := i.IndexKey.(type) {
			case string:
				address += fmt.Sprintf("[%q]", key)
			case float64:
				address += fmt.Sprintf("[%d]", int(key))
			}
			resources[address] = i.Attributes
		}
	}
	return resources, nil
}
