// SPDX-License-Identifier: Apache-2.0

package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ownCgroup is a cgroup for a command that is recorded without a unit.
type ownCgroup struct {
	path string // below the root of the mount
	dir  *os.File
}

// newOwnCgroup makes one below this process's, or below the root where this
// process's cannot be seen.
func newOwnCgroup(mount string) (*ownCgroup, error) {
	name := "sbxprof-" + strconv.Itoa(os.Getpid())
	var errs []error
	for _, parent := range []string{ownPath(), "/"} {
		c := &ownCgroup{path: filepath.Join(parent, name)}
		dir := filepath.Join(mount, c.path)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			errs = append(errs, err)
			continue
		}
		var err error
		if c.dir, err = os.Open(dir); err != nil {
			return nil, fmt.Errorf("making a cgroup for the command: %w", err)
		}
		return c, nil
	}
	return nil, fmt.Errorf("making a cgroup for the command: %w", errors.Join(errs...))
}

// ownPath is the cgroup of this process; "/" if it lies outside of what it sees.
func ownPath() string {
	lines, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(lines)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok && !strings.Contains(path, "/..") {
			return path
		}
	}
	return "/"
}

// remove kills what is left in the cgroup, and removes it.
func (c *ownCgroup) remove() {
	name := c.dir.Name()
	c.dir.Close()
	// Linux 5.14 and newer.
	_ = os.WriteFile(filepath.Join(name, "cgroup.kill"), []byte("1"), 0)
	for range 50 {
		if removeTree(name) == nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// removeTree removes a cgroup and those below it.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Remove(dir)
}

// startCommand starts the command, if there is one. The channel receives its exit
// status. It is ended with ctx.
func (r *run) startCommand(ctx context.Context) (<-chan int, error) {
	if len(r.options.Command) == 0 {
		return nil, nil
	}
	c := exec.CommandContext(ctx, r.options.Command[0], r.options.Command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = r.options.Stdin, r.options.Stdout, r.options.Stderr
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	if r.own != nil {
		c.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(r.own.dir.Fd())}
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("starting the command: %w", err)
	}
	done := make(chan int, 1)
	go func() {
		_ = c.Wait() // the status says it
		done <- statusOf(c.ProcessState)
	}()
	return done, nil
}

// statusOf is an exit status as a shell has it.
func statusOf(s *os.ProcessState) int {
	if s == nil {
		return -1
	}
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
