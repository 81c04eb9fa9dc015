package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/hashicorp/go-version"
)

// InstalledVersion is the version of the provider that init of an engine of NewInstalled finds.
const InstalledVersion = "0.1.0"

// NewInstalled is New for what a user runs: init finds the provider, as if a registry had it, and no network.
func NewInstalled(dir, binary string, env ...string) (*Engine, error) {
	e, err := start(dir, fmt.Sprintf("filesystem_mirror {\n    path = %q\n  }", mirror(dir)), env)
	if err != nil {
		return nil, err
	}
	return e, e.Install("telescopeai/cortex", binary)
}

// Install lets init of an engine of NewInstalled find another provider too, such as "mastercard/restapi".
func (e *Engine) Install(name, binary string) error {
	for _, registry := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		folder := filepath.Join(mirror(e.Dir), registry, filepath.FromSlash(name), InstalledVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return err
		}
		if err := os.Symlink(binary, filepath.Join(folder, "terraform-provider-"+filepath.Base(name))); err != nil {
			return err
		}
	}
	return nil
}

// mirror is where an engine of NewInstalled has its providers from.
func mirror(dir string) string { return filepath.Join(dir, ".home", "mirror") }

// Version returns the name and the version of the engine.
func (e *Engine) Version(ctx context.Context) (name string, v *version.Version, err error) {
	var said struct {
		Version string `json:"terraform_version"`
	}
	r := e.Run(ctx, "version", "-json")
	if err := json.Unmarshal([]byte(r.Stdout), &said); err != nil {
		return "", nil, fmt.Errorf("%s: %w", r, err)
	}
	if v, err = version.NewVersion(said.Version); err != nil {
		return "", nil, err
	}
	name = "Terraform"
	if strings.HasPrefix(e.Run(ctx, "version").Stdout, "OpenTofu") {
		name = "OpenTofu"
	}
	return name, v, nil
}

// KnowsWriteOnly tells whether the engine has write-only attributes, as Terraform and OpenTofu have from 1.11 on.
func (e *Engine) KnowsWriteOnly(ctx context.Context) (bool, error) {
	_, v, err := e.Version(ctx)
	return err == nil && v.GreaterThanOrEqual(version.Must(version.NewVersion("1.11.0"))), err
}

// Shell returns a command that runs a script with bash as CI systems do: it ends at the first command that fails. The script
// knows the engine as terraform and as tofu, whichever it is.
func (e *Engine) Shell(ctx context.Context, script string) (*exec.Cmd, error) {
	bin := filepath.Join(e.Dir, ".home", "bin")
	if err := os.MkdirAll(bin, 0o700); err != nil {
		return nil, err
	}
	for _, name := range []string{"terraform", "tofu"} {
		if err := os.Symlink(e.path, filepath.Join(bin, name)); err != nil && !os.IsExist(err) {
			return nil, err
		}
	}
	cmd := exec.CommandContext(ctx, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = e.Dir, append(slices.Clip(e.env), "PATH="+bin+":"+os.Getenv("PATH"))
	return cmd, e.attach(ctx, cmd)
}
