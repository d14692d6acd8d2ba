// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// TestTwiceTheSame records the same run twice: the observations are the same, counts
// and times aside.
func TestTwiceTheSame(t *testing.T) {
	onSuites(t, func(t *testing.T, m *testbed.Machine) {
		write(t, m, "/etc/systemd/system/same.service", unit("Type=oneshot", "ExecStart=/usr/local/bin/same"), 0o644)
		write(t, m, "/usr/local/bin/same", sameScript, 0o755)
		m.Check(t, "systemctl", "daemon-reload")
		for name, once := range map[string]func() *trace.Trace{
			"lighttpd": func() *trace.Trace { return record(t, m) },
			"a script": func() *trace.Trace {
				m.Check(t, "sbxprof", "record", "--unit", "same", "--restart", "--runs", "1", "-o", "/root/t.trace")
				return fetch(t, m, "/root/t.trace")
			},
		} {
			once() // what only a first start makes is there
			diff := trace.Compare(once(), once())
			for _, o := range append(diff.OnlyA, diff.OnlyB...) {
				// Up to v254 the child and PID 1 both move the child into the unit's
				// cgroup: where systemd's own work begins to be seen is a race.
				if directive.Charged(&o) && (name != "lighttpd" || !fickle(&o)) {
					t.Errorf("%s: only in one: %+v %s %+v %+v %+v", name, o.Actor, o.Outcome, o.Syscall, o.File, o.Capability)
				}
			}
		}
	})
}

// sameScript does the same whenever it runs.
const sameScript = `#!/bin/sh
set -e
mkdir -p /var/lib/same/a
echo x >/var/lib/same/a/file
mv /var/lib/same/a/file /var/lib/same/a/other
chmod 600 /var/lib/same/a/other
cat /etc/hostname /var/lib/same/a/other >/dev/null
rm -r /var/lib/same
`

// fickle tells what lighttpd does at one time and not at another: it depends on
// whether an answer is there yet, and on where its memory lies.
func fickle(o *trace.Observation) bool {
	if o.Outcome == "EAGAIN" || o.Outcome == "EINTR" || o.Outcome == trace.OutcomeUnfinished {
		return true
	}
	return o.Syscall != nil && (o.Syscall.Name == "madvise" || o.Syscall.Name == "brk" || o.Syscall.Name == "poll" ||
		o.Syscall.Name == "epoll_wait")
}
