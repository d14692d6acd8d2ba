// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

//go:embed keeper.sh
var keeperScript string

// cgroupPrefix is what the cgroups of all machines begin with.
const cgroupPrefix = "sbxprof-testbed-"

// cgroup is the cgroup that a machine lives in. Its folder is locked as long as
// its owner lives, and a keeper process that outlives the owner ends everything
// in it and removes it.
type cgroup struct {
	path   string
	locked *os.File
	keeper *exec.Cmd
	// hold is what the keeper waits for the end of.
	hold io.Closer
	said bytes.Buffer
}

// newCgroup makes a cgroup for a machine, having removed those whose owner and
// keeper are both gone.
func newCgroup(cache string) (*cgroup, error) {
	mount, err := cgroup2Mount()
	if err != nil {
		return nil, err
	}
	// Between making and locking it a cgroup looks left over.
	lock, err := host.Lock(filepath.Join(cache, "cgroup.lock"))
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := sweep(mount); err != nil {
		return nil, err
	}
	path, err := os.MkdirTemp(mount, cgroupPrefix)
	if err != nil {
		return nil, fmt.Errorf("making a cgroup: %w", err)
	}
	c := &cgroup{path: path}
	// What is temporary is its maker's alone; the root of a machine's cgroups can be
	// looked into by everybody in it.
	if err := os.Chmod(path, 0o755); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	if c.locked, err = lockFolder(path); err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	if err := c.startKeeper(); err != nil {
		return nil, errors.Join(err, c.locked.Close(), os.Remove(path))
	}
	return c, nil
}

// cgroup2Mount finds where cgroup2 is mounted: not always at /sys/fs/cgroup.
func cgroup2Mount() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(mounts)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[2] == "cgroup2" {
			return f[1], nil
		}
	}
	return "", errors.New("no cgroup2 is mounted: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified")
}

// sweep removes the cgroups of owners that were killed together with their keeper.
func sweep(mount string) error {
	left, err := filepath.Glob(filepath.Join(mount, cgroupPrefix+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		f, err := lockFolder(path)
		if err != nil {
			continue // It has an owner, or its keeper has just removed it.
		}
		out, err := keeperCommand(path).CombinedOutput()
		if err := errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("removing what an earlier run left: %w\n%s", err, out)
		}
	}
	return nil
}

func lockFolder(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f, nil
}

// keeperCommand returns the command that, at the end of its input, ends all
// processes of a cgroup and removes it.
func keeperCommand(path string) *exec.Cmd {
	cmd := exec.Command("sh", "-c", keeperScript, "sbxprof-testbed-keeper", path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

func (c *cgroup) startKeeper() error {
	c.keeper = keeperCommand(c.path)
	c.keeper.Stderr = &c.said
	hold, err := c.keeper.StdinPipe()
	if err != nil {
		return err
	}
	c.hold = hold
	return c.keeper.Start()
}

// open makes the child cgroup name, unless it is there, and opens it, so that a
// process can be started in it. "" is the cgroup itself.
func (c *cgroup) open(name string) (*os.File, error) {
	path := filepath.Join(c.path, name)
	if err := os.Mkdir(path, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("making a cgroup: %w", err)
	}
	return os.Open(path)
}

// remove ends all processes of the cgroup and removes it. The error names what
// would not go.
func (c *cgroup) remove() error {
	defer c.locked.Close()
	if err := errors.Join(c.hold.Close(), c.keeper.Wait()); err != nil {
		return fmt.Errorf("removing %s: %w\n%s", c.path, err, c.said.Bytes())
	}
	return nil
}
