package cortextest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// RealOptions says which real Cortex to start. The zero value is the newest release on SQLite with one worker.
type RealOptions struct {
	Version  string    // release of telescope-cortex; "" is DefaultVersion
	Database Database  // "" is SQLite
	Workers  int       // up to 1: uvicorn; more: gunicorn with that many, as in Cortex's own image
	BuildDir string    // where releases are installed; "" is the folder build of the module
	Log      io.Writer // gets what the servers write; may be nil
}

// DefaultVersion is the release of Cortex that is started when none is asked for.
const DefaultVersion = "0.0.1a7"

// Real is a Cortex server of a published release on a throw-away database.
type Real struct {
	url      string
	dir      string
	server   *process
	database *postgres // nil on SQLite
	python   string
	sources  func() (*postgres, error) // starts the server of the databases that data sources lead to, once
	started  *postgres                 // that server, nil before
	close    func() error
}

const (
	installTimeout = 10 * time.Minute
	startTimeout   = 2 * time.Minute
)

// StartReal installs the release, the first time, and starts it. When it returns, the API answers. ctx bounds the start
// alone; the server runs until Close or the end of this program.
func StartReal(ctx context.Context, o RealOptions) (_ *Real, err error) {
	if o.Version == "" {
		o.Version = DefaultVersion
	}
	if o.Database == "" {
		o.Database = SQLite
	}
	if o.BuildDir == "" {
		if o.BuildDir, err = moduleBuildDir(); err != nil {
			return nil, err
		}
	}
	// The server runs in another folder.
	if o.BuildDir, err = filepath.Abs(o.BuildDir); err != nil {
		return nil, err
	}

	installing, cancel := context.WithTimeout(ctx, installTimeout)
	defer cancel()
	python, err := installCortex(installing, o.BuildDir, o.Version)
	if err != nil {
		return nil, err
	}

	r := &Real{python: python}
	r.close = sync.OnceValue(r.stopAll)
	r.sources = sync.OnceValues(func() (*postgres, error) { return r.startSources(o) })
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	if r.dir, err = os.MkdirTemp("", "cortex-"); err != nil {
		return nil, err
	}
	env := append(withoutPrefix(os.Environ(), "CORTEX_"),
		"EXECUTION_ENV=local",
		"CORTEX_DB_TYPE="+string(o.Database),
		"CORTEX_AUTO_APPLY_DB_MIGRATIONS=true",
		"CORTEX_DB_MIGRATIONS_IS_INTERACTIVE=false",
		"CORTEX_FILE_STORAGE_INPUT_DIR="+filepath.Join(r.dir, "inputs"),
		"CORTEX_FILE_STORAGE_SQLITE_DIR="+filepath.Join(r.dir, "sqlite"),
		"PYTHONUNBUFFERED=1")
	starting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	switch o.Database {
	case SQLite:
		env = append(env, "CORTEX_DB_FILE="+filepath.Join(r.dir, "cortex.db"))
	case PostgreSQL:
		bin, err := findPostgres(installing, o.BuildDir, python)
		if err != nil {
			return nil, err
		}
		if r.database, err = startPostgres(starting, bin, o.Log); err != nil {
			return nil, err
		}
		env = append(env, r.database.environment()...)
	default:
		return nil, fmt.Errorf("no Cortex runs on a database %q: %q and %q do", o.Database, SQLite, PostgreSQL)
	}

	if err := r.startServer(starting, python, env, o); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Real) startServer(ctx context.Context, python string, env []string, o RealOptions) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	r.url = "http://127.0.0.1:" + port

	const app = "cortex.api.main:app"
	args := []string{"-m", "uvicorn", "--host", "127.0.0.1", "--port", port, app}
	// A request that Cortex never answers would keep uvicorn from an orderly end.
	deathSignal := syscall.SIGKILL
	if o.Workers > 1 {
		// Workers that migrate an empty database at the same time fail each other's migrations and may each make the
		// default workspace, so that is done ahead of them.
		if err := r.onboard(ctx, python, env); err != nil {
			return err
		}
		args = []string{"-m", "gunicorn", "--workers", strconv.Itoa(o.Workers), "--bind", "127.0.0.1:" + port,
			"--worker-class", "uvicorn.workers.UvicornWorker", "--graceful-timeout", "2", app}
		// Only a master that ends in order takes its workers along.
		deathSignal = syscall.SIGTERM
	}
	cmd := exec.Command(python, args...)
	cmd.Dir, cmd.Env = r.dir, env
	if r.server, err = startProcess("Cortex "+o.Version, cmd, deathSignal, o.Log); err != nil {
		return err
	}
	return r.waitReady(ctx)
}

// startSources starts a PostgreSQL server for data sources. Cortex's own is another: it may be stopped, and has connections to spare for nobody.
func (r *Real) startSources(o RealOptions) (*postgres, error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	bin, err := findPostgres(ctx, o.BuildDir, r.python)
	if err != nil {
		return nil, err
	}
	r.started, err = startPostgres(ctx, bin, o.Log)
	return r.started, err
}

// onboard does what a starting server does to its database: migrations and default objects.
func (r *Real) onboard(ctx context.Context, python string, env []string) error {
	cmd := exec.CommandContext(ctx, python, "-c",
		"from cortex.core.onboarding.onboard import OnboardingManager; OnboardingManager().run()")
	cmd.Dir, cmd.Env = r.dir, env
	setGroup(cmd, syscall.SIGKILL)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("preparing Cortex's database: %w\n%s", err, out)
	}
	return nil
}

// waitReady waits until the API answers. Cortex takes no request before it has migrated its database; whether /health then
// calls it up to date says nothing, since 0.0.1a4 works on SQLite though its last migration fails there.
func (r *Real) waitReady(ctx context.Context) error {
	// Its own transport: no proxy, and no connection left open that a test would count as leaked.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	for {
		state, ok := r.ready(ctx, client)
		// Before the answer is believed: had the server ended, another's on the same port would have given it.
		select {
		case <-r.server.done:
			return r.server.failure("ended while it started")
		default:
		}
		if ok {
			return nil
		}
		select {
		case <-r.server.done:
			return r.server.failure("ended while it started")
		case <-ctx.Done():
			return r.server.failure(fmt.Sprintf("took too long to start (%v; last seen: %s)", ctx.Err(), state))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (r *Real) ready(ctx context.Context, client *http.Client) (state string, ok bool) {
	for _, path := range []string{"/health", "/api/v1/workspaces"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
		if err != nil {
			return err.Error(), false
		}
		resp, err := client.Do(req)
		if err != nil {
			return err.Error(), false
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			return err.Error(), false
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Sprintf("GET %s: %s: %s", path, resp.Status, body), false
		}
	}
	return "", true
}

// URL is the server's base URL, without /api/v1.
func (r *Real) URL() string { return r.url }

// Close stops the server and its database and removes their data. A further call changes nothing and returns the same.
func (r *Real) Close() error { return r.close() }

func (r *Real) stopAll() error {
	var errs []error
	if r.server != nil {
		// Nothing of it is kept, so nothing is waited for.
		errs = append(errs, r.server.stop(syscall.SIGKILL))
	}
	if r.database != nil {
		errs = append(errs, r.database.close())
	}
	if r.started != nil {
		errs = append(errs, r.started.close())
	}
	if r.dir != "" {
		errs = append(errs, os.RemoveAll(r.dir))
	}
	return errors.Join(errs...)
}

var errNoServer = errors.New("this Cortex keeps its objects in an SQLite file: there is no database server to stop or start")

// StopDatabase stops PostgreSQL in order, as for an upgrade. Cortex goes on and answers 500.
func (r *Real) StopDatabase() error {
	if r.database == nil {
		return errNoServer
	}
	return r.database.stop(syscall.SIGINT)
}

// StartDatabase starts PostgreSQL again, with the data that it had.
func (r *Real) StartDatabase() error {
	if r.database == nil {
		return errNoServer
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	return r.database.start(ctx)
}

// withoutPrefix drops the variables whose names begin with prefix. What is meant for the provider must not reach the
// server.
func withoutPrefix(env []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, prefix) })
}
