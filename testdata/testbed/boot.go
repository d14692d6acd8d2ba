// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

//go:embed init.sh
var initScript string

// booting are the states of a system that does not run yet; offline is systemctl's
// word as long as nobody answers.
var booting = []string{"", "offline", "initializing", "starting"}

// Options say what machine to boot. The zero value is a bare Debian 12.
type Options struct {
	// Suite is the code name of the Debian release; bookworm by default.
	Suite string
	// Packages are installed, and not started.
	Packages []string
	// Hostname is the suite by default.
	Hostname string
	// Copy gives the machine a root that is a plain copy in memory instead of an
	// overlay: overlayfs checks capabilities with other credentials than the task's.
	Copy bool
	// State is a folder of the host that keeps what the machine changes, on a file
	// system that can be the upper layer of an overlay; another machine with the same
	// packages finds it, as after a reboot. "" is in memory, and gone with the
	// machine. Not together with Copy.
	State string
	// SetClock leaves CAP_SYS_TIME to the machine. The clock is the host's: put it
	// back.
	SetClock bool
	// Log is where building roots is announced; standard error by default.
	Log io.Writer
}

// Boot boots a machine and waits until systemd says that it runs. The first boot
// of a suite builds its root, which fetches packages. ctx bounds the boot, not
// the life of the machine: that ends with [Machine.Close] or with this process.
func Boot(ctx context.Context, o Options) (*Machine, error) {
	if os.Geteuid() != 0 {
		return nil, errNotRoot
	}
	o = o.withDefaults()
	lower, err := lowerDirs(ctx, o)
	if err != nil {
		return nil, err
	}
	m, err := start(o, lower)
	if err != nil {
		return nil, fmt.Errorf("booting %s: %w", o.Suite, err)
	}
	if err := m.waitRunning(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("booting %s: %w", o.Suite, err), m.Close())
	}
	return m, nil
}

func (o Options) withDefaults() Options {
	if o.Suite == "" {
		o.Suite = "bookworm"
	}
	if o.Hostname == "" {
		o.Hostname = o.Suite
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	return o
}

// lowerDirs returns the folders that the root is made of, uppermost first.
func lowerDirs(ctx context.Context, o Options) ([]string, error) {
	root, err := Root(ctx, o.Suite, o.Log)
	if err != nil || len(o.Packages) == 0 {
		return []string{root}, err
	}
	layer, err := Layer(ctx, root, o.Packages, o.Log)
	return []string{layer, root}, err
}

// start starts PID 1.
func start(o Options, lower []string) (*Machine, error) {
	cache, err := host.CacheDir()
	if err != nil {
		return nil, err
	}
	// Every machine mounts over the same folder, in its own mount namespace.
	mountpoint := filepath.Join(cache, "mnt")
	if err := os.MkdirAll(mountpoint, 0o755); err != nil {
		return nil, err
	}
	cg, err := newCgroup(cache)
	if err != nil {
		return nil, err
	}
	m := &Machine{Suite: o.Suite, cgroup: cg, setClock: o.SetClock}
	if err := m.startInit(o, mountpoint, strings.Join(lower, ":")); err != nil {
		return nil, errors.Join(err, cg.remove())
	}
	return m, nil
}

func (m *Machine) startInit(o Options, mountpoint, lower string) error {
	dir, err := m.cgroup.open("")
	if err != nil {
		return err
	}
	defer dir.Close()
	kind := "overlay"
	if o.Copy {
		kind = "copy"
	}
	// The cgroup namespace is made when the process is in its cgroup already: clone
	// would root it in ours.
	cmd := exec.Command("unshare", "--cgroup", "sh", "-c", initScript, "init",
		mountpoint, lower, o.Hostname, kind, m.boundingSet(), o.State)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS |
			unix.CLONE_NEWIPC | unix.CLONE_NEWNET,
		UseCgroupFD: true,
		CgroupFD:    int(dir.Fd()),
	}
	m.console = new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = m.console, m.console
	m.init, err = host.StartChild(cmd)
	return err
}

// boundingSet returns setpriv's words for what no process of the machine may do.
func (m *Machine) boundingSet() string {
	if m.setClock {
		return "+all"
	}
	return "-sys_time"
}

// bootTimeout is how long a boot may take once the root is there.
const bootTimeout = 2 * time.Minute

// waitRunning waits for the end of the boot. A unit that failed is an error.
func (m *Machine) waitRunning(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, bootTimeout)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := m.state(ctx)
		if err == nil && state == "running" {
			return nil
		}
		if err == nil && !slices.Contains(booting, state) {
			failed, _ := m.Run(ctx, "systemctl", "--failed", "--no-legend")
			return fmt.Errorf("the system is %s\n%s", state, failed.Stdout)
		}
		select {
		case <-tick.C:
		case <-m.init.Done():
			return fmt.Errorf("PID 1 ended: %w\n%s", m.init.Err(), m.console)
		case <-ctx.Done():
			return fmt.Errorf("waiting until it runs: %w", errors.Join(ctx.Err(), err))
		}
	}
}

// state returns what systemd says about the system, or "".
func (m *Machine) state(ctx context.Context) (string, error) {
	// Until PID 1 is systemd its root is the host's, and so would be the answer.
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", m.HostPID()))
	if err != nil || string(comm) != "systemd\n" {
		return "", err
	}
	// Not --wait: that talks to the D-Bus daemon, which is still being started.
	r, err := m.Run(ctx, "systemctl", "is-system-running")
	return strings.TrimSpace(r.Stdout), err
}
