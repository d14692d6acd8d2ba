// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// Machine is a booted systemd. Its methods may be called concurrently.
type Machine struct {
	// Suite is the Debian release.
	Suite string

	setClock bool
	cgroup   *cgroup
	init     *host.Child
	// console is what was said before systemd ran; read it when init is done.
	console *bytes.Buffer

	close  sync.Once
	closed error
}

// HostPID returns the pid of the machine's PID 1 as the host sees it.
func (m *Machine) HostPID() int { return m.init.Pid() }

// Cgroup returns the folder, on the host, of the cgroup that is the root of all
// cgroups in the machine: that of lighttpd is Cgroup()/system.slice/lighttpd.service.
func (m *Machine) Cgroup() string { return m.cgroup.path }

// HostPath returns the path by which the host sees a path in the machine. An
// absolute symbolic link on the way leads out of the machine; [Machine.ReadFile]
// does not have this flaw.
func (m *Machine) HostPath(path string) string {
	return filepath.Join("/proc", strconv.Itoa(m.HostPID()), "root", path)
}

// Journal returns what journalctl says, without colours and pager.
func (m *Machine) Journal(ctx context.Context, args ...string) (string, error) {
	return m.Output(ctx, append([]string{"journalctl", "--no-pager"}, args...)...)
}

// Close ends all processes of the machine and removes what it had. The error
// names what is left. Closing again only returns that error again.
func (m *Machine) Close() error {
	m.close.Do(func() {
		if m.closed = m.cgroup.remove(); m.closed != nil {
			m.closed = fmt.Errorf("closing the machine %s: %w", m.Suite, m.closed)
			return
		}
		<-m.init.Done()
	})
	return m.closed
}
