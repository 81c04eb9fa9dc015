//go:build unix && !linux

package cortextest

import (
	"os/exec"
	"syscall"
)

// No system but Linux has a death signal: there a server outlives a test program that was killed.
func setGroup(cmd *exec.Cmd, _ syscall.Signal) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
}
