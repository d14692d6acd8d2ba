// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// served are services that strace can run from their own unit, and what they are asked.
var served = []struct {
	unit, asks string
	port       int
}{
	{"beanstalkd", `put 0 0 60 1\r\na\r\nreserve\r\nstats\r\nquit\r\n`, 11300},
	{"memcached", `set k 0 0 1\r\na\r\nget k\r\nincr k 1\r\nstats\r\nquit\r\n`, 11211},
}

// TestServicesMakeTheCallsThatStraceSees compares the system calls of other services
// with those that strace sees in the same unit: with its user, its sandbox and its
// environment.
func TestServicesMakeTheCallsThatStraceSees(t *testing.T) {
	onSuitesWith(t, []string{"beanstalkd", "memcached", "netcat-openbsd", "strace"}, func(t *testing.T, m *testbed.Machine) {
		m.Check(t, "install", "-d", "-m", "1777", "/run/strace")
		for _, s := range served {
			t.Run(s.unit, func(t *testing.T) {
				asked := fmt.Sprintf("until printf '%s' | nc -N -w 10 127.0.0.1 %d >/dev/null; do :; done; systemctl stop %s", s.asks, s.port, s.unit)
				dropIn(t, m, s.unit, "SystemCallFilter=")
				m.Check(t, "sbxprof", "record", "--unit", s.unit, "--restart", "-o", "/root/s.trace", "--", "sh", "-c", asked)
				recorded := charged(fetch(t, m, "/root/s.trace"), "ExecStart")
				traced := stracedUnit(t, m, s.unit, asked)
				t.Logf("%d calls recorded, %d traced", len(recorded), len(traced))
				for _, name := range append(minus(recorded, traced), minus(traced, recorded)...) {
					if explained[name] == "" {
						t.Errorf("%s: seen by strace: %v, and recorded: %v", name, slices.Contains(traced, name), slices.Contains(recorded, name))
					}
				}
			})
		}
	})
}

// dropIn replaces the unit's drop-in of this test.
func dropIn(t *testing.T, m *testbed.Machine, name string, lines ...string) {
	t.Helper()
	write(t, m, "/etc/systemd/system/"+name+".service.d/test.conf", unit(lines...), 0o644)
	m.Check(t, "systemctl", "daemon-reload")
}

// stracedUnit has the unit start strace, which starts its command.
func stracedUnit(t *testing.T, m *testbed.Machine, name, asked string) []string {
	t.Helper()
	var command string
	for line := range strings.Lines(m.Check(t, "systemctl", "cat", name)) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "ExecStart="); ok {
			command = rest
		}
	}
	if command == "" {
		t.Fatalf("%s has no ExecStart=", name)
	}
	// It would keep strace from tracing, and from writing what it saw.
	dropIn(t, m, name, "SystemCallFilter=", "ExecStart=", "ExecStart=/usr/bin/strace -f -qq -o /run/strace/"+name+" "+command)
	m.Check(t, "systemctl", "restart", name)
	m.Check(t, "sh", "-c", asked)
	var names []string
	for _, call := range straceCall.FindAllStringSubmatch(m.Check(t, "cat", "/run/strace/"+name), -1) {
		names = append(names, call[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
