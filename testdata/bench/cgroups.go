// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
)

// cgroup is one below the cgroup2 mount in which a process runs already, as in a
// service's whose recording begins later than it.
type cgroup struct {
	name string // from the mount on
	dir  *os.File
	idle *exec.Cmd
}

// cgroups are those of the loop, of the loop beside a process with a filter, and of
// nobody.
type cgroups struct{ own, confined, other cgroup }

func newCgroups(self string) (*cgroups, error) {
	mount, err := bpf.CgroupMount()
	if err != nil {
		return nil, err
	}
	c := &cgroups{}
	for g, command := range map[*cgroup][]string{&c.own: {"sleep", "infinity"}, &c.confined: {self, "confined"}, &c.other: {"sleep", "infinity"}} {
		if err := g.make(mount, command); err != nil {
			return nil, errors.Join(err, c.remove())
		}
	}
	return c, nil
}

func (g *cgroup) make(mount string, command []string) error {
	path, err := os.MkdirTemp(mount, "sbxprof-bench-")
	if err != nil {
		return err
	}
	g.name = "/" + filepath.Base(path)
	if g.dir, err = os.Open(path); err != nil {
		return err
	}
	g.idle = exec.Command(command[0], command[1:]...)
	g.idle.SysProcAttr = &syscall.SysProcAttr{UseCgroupFD: true, CgroupFD: int(g.dir.Fd()), Pdeathsig: syscall.SIGKILL}
	out, err := g.idle.StdoutPipe()
	if err != nil {
		return err
	}
	if err := g.idle.Start(); err != nil || command[0] == "sleep" {
		return err
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != confinedSays {
		return fmt.Errorf("the process with a filter said %q: %w", line, err)
	}
	return nil
}

const confinedSays = "confined\n"

// stayConfined sets a filter, and then sleeps.
func stayConfined(out io.Writer) error {
	filter := seccomp.Filter{NoNewPrivs: true, Policy: seccomp.Policy{
		DefaultAction: seccomp.ActionAllow,
		Syscalls:      []seccomp.SyscallGroup{{Names: []string{"reboot"}, Action: seccomp.ActionErrno}},
	}}
	if err := seccomp.LoadFilter(filter); err != nil {
		return err
	}
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, confinedSays); err != nil {
		return err
	}
	return unix.Exec(sleep, []string{"sleep", "infinity"}, os.Environ())
}

// remove removes them; nothing but the idle processes runs in them any more.
func (c *cgroups) remove() error {
	var errs []error
	for _, g := range []*cgroup{&c.own, &c.confined, &c.other} {
		if g.idle != nil && g.idle.Process != nil {
			errs = append(errs, g.idle.Process.Kill())
			// It ends by the signal, as it should.
			_ = g.idle.Wait()
		}
		if g.dir != nil {
			errs = append(errs, g.dir.Close(), os.Remove(g.dir.Name()))
		}
	}
	return errors.Join(errs...)
}
