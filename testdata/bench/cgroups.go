// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/sbxprof/sbxprof/bpf"
)

// cgroups are those of the loop, and of nobody: paths below the cgroup2 mount. In each
// of them a process runs already, as in a service's whose recording begins later than it.
type cgroups struct {
	own, other string
	ownDir     *os.File
	dirs       []*os.File
	idle       []*exec.Cmd
}

func newCgroups() (c *cgroups, err error) {
	mount, err := bpf.CgroupMount()
	if err != nil {
		return nil, err
	}
	c = &cgroups{}
	for _, name := range []*string{&c.own, &c.other} {
		path, err := os.MkdirTemp(mount, "sbxprof-bench-")
		if err != nil {
			return nil, errors.Join(err, c.remove())
		}
		*name = "/" + filepath.Base(path)
		if err := c.add(path); err != nil {
			return nil, errors.Join(err, c.remove())
		}
	}
	c.ownDir = c.dirs[0]
	return c, nil
}

func (c *cgroups) add(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	c.dirs = append(c.dirs, dir)
	idle := exec.Command("sleep", "infinity")
	idle.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(dir.Fd()), Pdeathsig: syscall.SIGKILL}
	if err := idle.Start(); err != nil {
		return err
	}
	c.idle = append(c.idle, idle)
	return nil
}

// remove removes them; nothing but the idle processes runs in them any more.
func (c *cgroups) remove() error {
	var errs []error
	for _, idle := range c.idle {
		errs = append(errs, idle.Process.Kill())
		// It ends by the signal, as it should.
		_ = idle.Wait()
	}
	for _, dir := range c.dirs {
		errs = append(errs, dir.Close(), os.Remove(dir.Name()))
	}
	return errors.Join(errs...)
}
