// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command is a program to run in a machine, as root, beside the services: in a
// cgroup of its own.
type Command struct {
	// Args are the program, which is looked for in the machine's PATH, and its
	// arguments.
	Args []string
	// Env is added to PATH, HOME and what makes systemd's tools fit for scripts.
	Env    []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Files are open in the program from descriptor 3 on.
	Files []*os.File
}

// Process is a program that runs in a machine.
type Process struct{ cmd *exec.Cmd }

// Result is what a program left.
type Result struct {
	Stdout, Stderr string
	// Status is the exit status, or 128 and the number of the signal.
	Status int
}

// Run runs a program in the machine to its end. A status other than 0 is no error.
func (m *Machine) Run(ctx context.Context, args ...string) (Result, error) {
	return m.RunCommand(ctx, Command{Args: args})
}

// RunCommand is [Machine.Run] for a command with more than arguments. What goes
// to its Stdout and Stderr is not in the result.
func (m *Machine) RunCommand(ctx context.Context, c Command) (Result, error) {
	var stdout, stderr bytes.Buffer
	if c.Stdout == nil {
		c.Stdout = &stdout
	}
	if c.Stderr == nil {
		c.Stderr = &stderr
	}
	p, err := m.Start(ctx, c)
	if err != nil {
		return Result{}, err
	}
	status, err := p.Wait()
	if ctx.Err() != nil {
		err = fmt.Errorf("%s: %w", strings.Join(c.Args, " "), ctx.Err())
	}
	return Result{stdout.String(), stderr.String(), status}, err
}

// Output runs a program in the machine and returns what it wrote to its standard
// output. A status other than 0 is an error that holds its standard error.
func (m *Machine) Output(ctx context.Context, args ...string) (string, error) {
	r, err := m.Run(ctx, args...)
	if err == nil && r.Status != 0 {
		err = fmt.Errorf("%s: exit status %d\n%s%s", strings.Join(args, " "), r.Status, r.Stdout, r.Stderr)
	}
	return r.Stdout, err
}

// Start starts a program in the machine. It is killed when ctx ends, and with
// the machine.
func (m *Machine) Start(ctx context.Context, c Command) (*Process, error) {
	dir, err := m.cgroup.open("testbed")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	// The program enters the cgroup namespace itself: on a mount with nsdelegate,
	// a task that is in it may not start one in a cgroup from outside. setpriv also
	// searches the machine's PATH.
	args := append([]string{"--cgroup=/proc/1/ns/cgroup", "--", "setpriv", "--bounding-set=" + m.boundingSet(), "--"}, c.Args...)
	cmd := exec.CommandContext(ctx, "/usr/bin/nsenter", args...)
	cmd.Env = append(environment(), c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.ExtraFiles = c.Stdin, c.Stdout, c.Stderr, c.Files
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, UseCgroupFD: true, CgroupFD: int(dir.Fd())}
	// What the program has started may live on and hold its output open.
	cmd.WaitDelay = 5 * time.Second
	err = onThreadOfItsOwn(func() error {
		if err := enter(m.HostPID()); err != nil {
			return err
		}
		return cmd.Start()
	})
	if err != nil {
		return nil, fmt.Errorf("running %s in the machine: %w", strings.Join(c.Args, " "), err)
	}
	return &Process{cmd}, nil
}

func environment() []string {
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root", "LC_ALL=C.UTF-8", "TERM=dumb",
		"SYSTEMD_PAGER=cat", "SYSTEMD_COLORS=0",
	}
}

// enter moves the calling thread into the namespaces of pid; its next child is
// in its PID namespace. Needs Linux 5.8.
func enter(pid int) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return fmt.Errorf("PID 1 is gone: %w", err)
	}
	pidfd := os.NewFile(uintptr(fd), "pidfd")
	defer pidfd.Close()
	// The threads of a process share root and working directory.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return err
	}
	const all = unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWNET
	if err := unix.Setns(fd, all); err != nil {
		return fmt.Errorf("entering the namespaces: %w", err)
	}
	return nil
}

// onThreadOfItsOwn calls f on a thread that ends afterwards, with all that f did
// to it.
func onThreadOfItsOwn(f func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() != unix.Getpid() {
			result <- f()
			return // Still locked: this ends the thread.
		}
		// Not the first thread: it never ends, and /proc/self shows its namespaces.
		defer runtime.UnlockOSThread()
		result <- onThreadOfItsOwn(f)
	}()
	return <-result
}

// HostPID returns the pid of the program as the host sees it.
func (p *Process) HostPID() int { return p.cmd.Process.Pid }

// Signal sends the program a signal.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Wait waits for the end of the program and returns its status, as in [Result].
func (p *Process) Wait() (int, error) {
	err := p.cmd.Wait()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		return -1, fmt.Errorf("waiting for %s: %w", p.cmd.Args[0], err)
	}
	ws := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		return 128 + int(ws.Signal()), nil
	}
	return ws.ExitStatus(), nil
}
