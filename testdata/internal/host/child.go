// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// Child is a process that dies with this one.
type Child struct {
	cmd *exec.Cmd
	// done is closed when the process has ended and err is set.
	done chan struct{}
	err  error
}

// Pid returns the process's pid.
func (c *Child) Pid() int { return c.cmd.Process.Pid }

// Done is closed when the process has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Err says, once Done is closed, what the process ended with: nil is status 0.
func (c *Child) Err() error { return c.err }

// StartChild starts cmd so that it is killed when this process dies. The kernel
// sends the signal when the *thread* that started it ends, so that thread waits.
func StartChild(cmd *exec.Cmd) (*Child, error) {
	c := &Child{cmd: cmd, done: make(chan struct{})}
	cmd.SysProcAttr.Pdeathsig = unix.SIGKILL
	// Away from the terminal's Ctrl-C: whoever gets that closes the machine.
	cmd.SysProcAttr.Setsid = true
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			c.err = cmd.Wait()
			close(c.done)
		}
	}()
	return c, <-started
}

// RunIsolated runs a shell script in mount and PID namespaces of its own, so that
// neither a process nor a mount of it outlives it, however it ends.
func RunIsolated(ctx context.Context, log io.Writer, script string, args ...string) error {
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID}
	cmd.Stdout, cmd.Stderr = log, log
	c, err := StartChild(cmd)
	if err != nil {
		return fmt.Errorf("making namespaces: %w", err)
	}
	<-c.done
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return c.err
}
