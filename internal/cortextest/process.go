package cortextest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a server that runs beside the tests and never outlives them.
type process struct {
	name string
	cmd  *exec.Cmd
	log  *logTail
	done chan struct{} // closed once it has ended
}

// startProcess starts cmd in a process group of its own. deathSignal is what it gets, on Linux, when this program ends
// without stopping it, however that happens.
func startProcess(name string, cmd *exec.Cmd, deathSignal syscall.Signal, log io.Writer) (*process, error) {
	p := &process{name: name, cmd: cmd, log: &logTail{copy: log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	// A child of a child that keeps the log open must not hold up the end.
	cmd.WaitDelay = 2 * time.Second
	setGroup(cmd, deathSignal)

	started := make(chan error)
	go func() {
		// Linux sends the death signal when the thread that started the process ends, so that thread is kept.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is told by the log
			close(p.done)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// stop sends sig to the server and, if that does not end it in time, kills its whole group.
func (p *process) stop(sig syscall.Signal) error {
	if sig != syscall.SIGKILL {
		_ = p.cmd.Process.Signal(sig)
		select {
		case <-p.done:
			return nil
		case <-time.After(10 * time.Second):
		}
	}
	if err := syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stopping %s: %w", p.name, err)
	}
	<-p.done
	return nil
}

// failure is an error about the server that carries the end of its log.
func (p *process) failure(what string) error {
	return fmt.Errorf("%s %s; the end of its log:\n%s", p.name, what, p.log)
}

// logTail keeps the end of a server's log for error messages, and passes all of it on to copy, if there is one.
type logTail struct {
	mu   sync.Mutex
	kept []byte
	copy io.Writer
}

const logTailSize = 8 << 10

func (t *logTail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if extra := len(t.kept) - logTailSize; extra > 0 {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	}
	if t.copy != nil {
		_, _ = t.copy.Write(b) // the server must go on though nobody can read its log
	}
	return len(b), nil
}

func (t *logTail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) == 0 {
		return "(it wrote nothing)"
	}
	return string(bytes.TrimSpace(t.kept))
}

// freePort finds a port below the range that systems take for outgoing connections. From that range the port could be
// taken again before the server, or a database that is stopped and started, binds it.
func freePort() (string, error) {
	var last error
	for range 100 {
		port := strconv.Itoa(15000 + rand.IntN(15000))
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			return port, l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("finding a free port: %w", last)
}
