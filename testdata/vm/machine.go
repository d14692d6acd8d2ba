// SPDX-License-Identifier: Apache-2.0

package vm

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/testdata/vm/internal/agent"
)

// Machine is a booted virtual machine. Its methods may be called concurrently; the
// agent does one thing after the other.
type Machine struct {
	// Suite is the Debian release.
	Suite string

	qemu     *exec.Cmd
	child    *host.Child
	watchdog *time.Timer
	console  console
	conn     *os.File

	mu     sync.Mutex
	client *agent.Client
}

// grace is what the agent has to answer in after it has killed a program.
const grace = 10 * time.Second

// runTimeout is for programs whose context has no deadline.
const runTimeout = 10 * time.Minute

// Run runs a program in the machine as root to its end. A status other than 0 is
// no error. A context that is cancelled while the program runs ends the machine;
// one whose deadline passes only ends the program, and what it started.
func (m *Machine) Run(ctx context.Context, args ...string) (testbed.Result, error) {
	deadline, limited := ctx.Deadline()
	if !limited {
		deadline = time.Now().Add(runTimeout)
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	a, err := m.do(ctx, agent.Request{Args: args, Timeout: time.Until(deadline)})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return testbed.Result{Stdout: string(a.Stdout), Stderr: string(a.Stderr), Status: a.Status}, err
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

// Journal returns what journalctl says, without colours and pager.
func (m *Machine) Journal(ctx context.Context, args ...string) (string, error) {
	return m.Output(ctx, append([]string{"journalctl", "--no-pager"}, args...)...)
}

// WriteFile writes a file in the machine and makes the folders that it is in.
func (m *Machine) WriteFile(ctx context.Context, path string, content []byte, mode fs.FileMode) error {
	_, err := m.do(ctx, agent.Request{Put: path, Content: content, Mode: mode.Perm()})
	return err
}

// ReadFile reads a file in the machine.
func (m *Machine) ReadFile(ctx context.Context, path string) ([]byte, error) {
	a, err := m.do(ctx, agent.Request{Get: path})
	return a.Content, err
}

// CopyIn copies a file of the host, with its mode, into the machine.
func (m *Machine) CopyIn(ctx context.Context, hostPath, path string) error {
	info, err := os.Stat(hostPath)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(hostPath)
	if err != nil {
		return err
	}
	return m.WriteFile(ctx, path, content, info.Mode())
}

// CopyOut copies a file of the machine to the host.
func (m *Machine) CopyOut(ctx context.Context, path, hostPath string) error {
	content, err := m.ReadFile(ctx, path)
	if err != nil {
		return err
	}
	return os.WriteFile(hostPath, content, 0o644)
}

// Console returns the end of what the kernel and qemu have said.
func (m *Machine) Console() string { return m.console.String() }

// Close ends the machine. It does not shut down: nothing of it is kept.
func (m *Machine) Close() error {
	m.watchdog.Stop()
	m.kill()
	<-m.child.Done()
	return m.conn.Close()
}

// kill ends qemu, whose end is that of the conversation with the agent.
func (m *Machine) kill() { _ = m.qemu.Process.Kill() }

// do has the agent do something. When it has not answered some time after ctx has
// ended, the machine is killed.
func (m *Machine) do(ctx context.Context, q agent.Request) (agent.Answer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return agent.Answer{}, err
	}
	answered := make(chan struct{})
	defer close(answered)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-answered:
		case <-time.After(grace):
			m.kill()
		}
	})
	defer stop()
	a, err := m.client.Do(q)
	if err != nil && !errors.Is(err, agent.ErrRefused) {
		err = errors.Join(m.gone(err), ctx.Err())
	}
	return a, err
}

// gone says why the conversation with the agent ended.
func (m *Machine) gone(err error) error {
	select {
	case <-m.child.Done():
		return fmt.Errorf("%w: the machine has ended (%s); the end of its console:\n%s", err, fmt.Sprint(m.child.Err()), m.Console())
	case <-time.After(time.Second):
		return fmt.Errorf("%w; the end of the console:\n%s", err, m.Console())
	}
}
