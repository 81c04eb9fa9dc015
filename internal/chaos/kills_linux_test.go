package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/telescopeai/terraform-provider-cortex/internal/enginetest"
)

// kind of kills, by what is killed and how.
var killKinds = []string{"SIGINT to Terraform", "SIGKILL to Terraform", "SIGKILL to the provider"}

// TestKills kills applies of 84 objects (60 on a release without metrics), at a random write: a create, or the second step of one; or an update, or one of the
// further steps in which dashboards are replaced. Then an apply without faults makes everything right, by itself or by the import blocks that its errors print.
func TestKills(t *testing.T) {
	t.Parallel()
	for n := range uint64(max(*kills, 0)) {
		seed := *firstSeed + n
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			if timeIsUp() {
				return
			}
			cortex, injector := newCortex(t, seed)
			if found := kill(seed, subject{cortex, injector, providerBinary, nil, stepTimeout}); found != "" {
				t.Errorf("%s\nrepeat it with: make chaos SEQUENCES=0 KILLS=1 SEED=%d", found, seed)
			}
		})
	}
}

// kill kills one apply and returns what was wrong after it.
func kill(seed uint64, s subject) (found string) {
	w, end := newWorld(s)
	defer end()
	kind := killKinds[seed%3]
	defer w.rescue(&found)
	random := rand.New(rand.NewPCG(seed, 1))
	for range 4 {
		ws := w.add(workspace)
		w.addEnvironment(ws, 2)
		w.addEnvironment(ws, 2)
	}
	w.imports("")
	writes := w.writes(false)
	if random.IntN(2) == 0 {
		w.calm()
		if r := w.attempt("apply", "-auto-approve"); r.Code != 0 {
			w.failf("an apply failed without a fault: %s", r)
		}
		w.editAll()
		writes = w.writes(true)
	}
	w.rough(true)

	if random.IntN(2) == 0 { // half of the kills under faults, which all pass
		w.injector.start(random.Uint64(), 0.4, true)
	}
	var env []string
	if seed/8%2 == 0 { // half of the providers write logs, the others have no logger
		env = []string{"TF_LOG_PROVIDER=TRACE", "TF_LOG_PATH=" + filepath.Join(w.engine.Dir, logFile)}
	}
	r := w.observe(kind != killKinds[0], func() enginetest.Result { return w.runAndKill(kind, 1+random.IntN(writes), env...) })
	if kind == killKinds[0] {
		w.faultless(r)
		tracked := ids(w.state())
		for id, o := range w.server() {
			if tracked[id] == "" {
				tally.add(lost, 1)
				w.failf("Ctrl-C left %v outside of the state: %s", o, r)
			}
		}
	}
	w.heal(true)
	return ""
}

// writes is how many writes it takes to make all blocks, or to change them all.
func (w *world) writes(change bool) (n int) {
	for _, b := range w.blocks {
		switch {
		case change && b.kind == member:
		case change && b.kind == dashboard: // what Cortex keeps of a view is replaced in two steps
			n += 3
		case !change && b.kind.replaces: // what a create drops is sent after it
			n += 2
		default:
			n++
		}
	}
	return n
}

// runAndKill runs an apply, with more in its environment, and kills at its n-th write.
func (w *world) runAndKill(kind string, n int, env ...string) enginetest.Result {
	ctx, cancel := context.WithTimeout(context.Background(), w.patience)
	defer cancel()
	var out bytes.Buffer
	cmd := w.engine.Command(ctx, "apply", "-auto-approve")
	cmd.Env = append(slices.Clip(cmd.Env), env...)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // for what the engine leaves behind when it is killed
	cmd.WaitDelay = 5 * time.Second
	killed := make(chan error, 1)
	started := make(chan struct{})
	w.injector.fireAt(n, func() {
		<-started
		killed <- strike(cmd.Process.Pid, kind)
	})
	if err := cmd.Start(); err != nil {
		w.failf("%v", err)
	}
	group := cmd.Process.Pid
	w.cleanup = append(w.cleanup, func() { _ = syscall.Kill(-group, syscall.SIGKILL) })
	close(started)
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		w.failf("the apply did not end: %v: %s", err, &out)
	}
	select {
	case err := <-killed:
		switch {
		case err == nil:
			tally.add("kills: "+kind, 1)
		case !errors.Is(err, errOver):
			w.failf("nothing was killed: %v", err)
		}
	default: // faults ended the apply before
	}
	// An engine does not write its state in one piece. A person puts the backup in the place of a torn one; the first apply has none.
	if _, err := w.engine.State(); err != nil && kind == killKinds[1] {
		tally.add(torn, 1)
		state := filepath.Join(w.engine.Dir, "terraform.tfstate")
		err := os.Rename(state+".backup", state)
		if errors.Is(err, fs.ErrNotExist) {
			err = os.Remove(state)
		}
		if err != nil {
			w.failf("%v", err)
		}
	}
	r := enginetest.Result{Args: []string{"apply", "(" + kind + fmt.Sprintf(" at write %d)", n)}, Code: cmd.ProcessState.ExitCode(), Stdout: out.String()}
	w.discreet(r)
	return r
}

// errOver says that the kill came when the provider had ended.
var errOver = errors.New("the engine has no provider process")

func strike(engine int, kind string) error {
	switch kind {
	case killKinds[0]:
		return syscall.Kill(engine, syscall.SIGINT)
	case killKinds[1]:
		return syscall.Kill(engine, syscall.SIGKILL)
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return err
	}
	found := errOver
	for _, path := range stats {
		data, _ := os.ReadFile(path) // processes come and go
		// "pid (name) state ppid …", and the name may hold anything.
		_, rest, _ := strings.Cut(string(data), ") ")
		if fields := strings.Fields(rest); len(fields) > 1 && fields[1] == strconv.Itoa(engine) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				return err
			}
			found = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	return found
}
