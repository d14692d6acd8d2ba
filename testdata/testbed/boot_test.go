// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/internal/host"
)

// suites are those that the project is tested on, and their systemd.
var suites = []struct{ suite, systemd string }{{"bookworm", "252"}, {"trixie", "257"}}

func TestBoot(t *testing.T) {
	for _, s := range suites {
		for _, plain := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s copy=%v", s.suite, plain), func(t *testing.T) {
				m := New(t, Options{Suite: s.suite, Copy: plain})
				if out := m.Check(t, "systemctl", "--version"); !strings.HasPrefix(out, "systemd "+s.systemd+" ") {
					t.Errorf("systemctl --version: %s, want %s", out, s.systemd)
				}
				want := map[bool]string{false: "overlayfs\n", true: "tmpfs\n"}[plain]
				if out := m.Check(t, "stat", "-fc", "%T", "/"); out != want {
					t.Errorf("the root file system is %q, want %q", out, want)
				}
				checkOutside(t, m)
				checkInside(t, m)
			})
		}
	}
}

// checkOutside looks at the machine from the host.
func checkOutside(t *testing.T, m *Machine) {
	t.Helper()
	comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", m.HostPID()))
	if err != nil || string(comm) != "systemd\n" {
		t.Errorf("the command of HostPID: %q, %v, want systemd", comm, err)
	}
	if !host.Exists(filepath.Join(m.Cgroup(), "system.slice", "dbus.service")) {
		t.Errorf("%s is not where the machine's cgroups are", m.Cgroup())
	}
	name, err := os.ReadFile(m.HostPath("/etc/hostname"))
	if err != nil || string(name) != m.Suite+"\n" {
		t.Errorf("its hostname, seen from the host: %q, %v, want %s", name, err, m.Suite)
	}
}

// checkInside looks at what the machine may and may not do to the host, and at
// what a recorder in it needs.
func checkInside(t *testing.T, m *Machine) {
	t.Helper()
	for script, want := range map[string]string{
		"cat /proc/self/cgroup | grep ^0":          "0::/testbed\n",
		"stat -fc %T /sys/fs/bpf":                  "bpf_fs\n",
		"stat -fc %T /sys/kernel/tracing":          "tracefs\n",
		"stat -fc %T /sys/fs/cgroup":               "cgroup2fs\n",
		"stat -c %a /sys/fs/cgroup":                "755\n",
		"head -c4 /sys/kernel/btf/vmlinux | wc -c": "4\n",
		"hostname": m.Suite + "\n",
		"echo 1 >/proc/sys/kernel/panic || echo no":         "no\n",
		"echo 1 >/proc/sys/net/ipv4/ip_forward && echo yes": "yes\n",
		"date -s 2000-01-01 >/dev/null || echo no":          "no\n",
		"cat /proc/1/comm":                 "systemd\n",
		"ls /sys/class/net | tr '\\n' ' '": "lan0 lan1 lo ",
		"ls / | grep oldroot || echo none": "none\n",
	} {
		r, err := m.Run(t.Context(), "sh", "-c", script)
		if err != nil || r.Stdout != want {
			t.Errorf("%s: %q %s, %v, want %q", script, r.Stdout, r.Stderr, err, want)
		}
	}
	if out := m.Check(t, "systemd-run", "--wait", "--pipe", "--quiet", "sh", "-c", "date -s 2000-01-01 2>&1 || :"); !strings.Contains(out, "Operation not permitted") {
		t.Errorf("a service sets the host's clock: %s", out)
	}
}

func TestSetClock(t *testing.T) {
	m := New(t, Options{SetClock: true})
	for _, args := range [][]string{
		{"cat", "/proc/self/status"},
		{"systemd-run", "--wait", "--pipe", "--quiet", "cat", "/proc/self/status"},
	} {
		// CAP_SYS_TIME is bit 25. What else there is, is the host's matter.
		out := m.Check(t, args...)
		_, bounding, _ := strings.Cut(out, "CapBnd:\t")
		var mask uint64
		if _, err := fmt.Sscanf(bounding, "%x", &mask); err != nil || mask&(1<<25) == 0 {
			t.Errorf("%v: bounding set %#x, %v, want CAP_SYS_TIME in it", args, mask, err)
		}
	}
}

func TestTwoMachinesAtOnce(t *testing.T) {
	a, b := New(t, Options{Hostname: "a"}), New(t, Options{Suite: "trixie", Hostname: "b"})
	a.Check(t, "touch", "/etc/only-a")
	a.Check(t, "systemd-run", "--unit=only-a", "sleep", "infinity")
	if r, err := b.Run(t.Context(), "test", "-e", "/etc/only-a"); err != nil || r.Status != 1 {
		t.Errorf("a file of a, looked for in b: status %d, %v, want 1", r.Status, err)
	}
	if r, err := b.Run(t.Context(), "systemctl", "is-active", "only-a"); err != nil || r.Stdout != "inactive\n" {
		t.Errorf("a unit of a, in b: %q, %v, want inactive", r.Stdout, err)
	}
	if out := b.Check(t, "hostname"); out != "b\n" {
		t.Errorf("the name of b: %q", out)
	}
}

func TestBootReportsFailedUnits(t *testing.T) {
	m := New(t, Options{})
	m.Check(t, "sh", "-c", "systemd-run --unit=broken --wait false || :")
	if err := m.waitRunning(t.Context()); err == nil || !strings.Contains(err.Error(), "broken.service") {
		t.Errorf("a degraded system: %v, want an error that names the unit", err)
	}
}

func TestStateOutlivesTheMachine(t *testing.T) {
	// Not t.TempDir: in /tmp, which may be no file system for an upper layer.
	cache, err := host.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.MkdirTemp(cache, "state-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(state) })
	first := New(t, Options{State: state})
	first.Check(t, "sh", "-c", "echo kept >/etc/kept; echo gone >/run/gone; mkdir /opt/empty")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := New(t, Options{State: state})
	if out := second.Check(t, "sh", "-c", "cat /etc/kept; ls -d /opt/empty /run/gone || :"); out != "kept\n/opt/empty\n" {
		t.Errorf("after a reboot: %q, want what is on disk and not what is in memory", out)
	}
}
