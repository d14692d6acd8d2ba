// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestSessions(t *testing.T) {
	by := func(exe trace.Path, o trace.Observation) trace.Observation {
		o.Actor.Exe = exe
		return o
	}
	moved := func(cgroup trace.Path, in bool) trace.Observation {
		return ok(trace.Observation{Kind: trace.KindMove, Move: &trace.Move{Cgroup: cgroup, In: in}})
	}
	const cron, su = "/usr/sbin/cron", "/usr/bin/su"
	libpam, config := file(trace.OpMapExec, "/usr/lib/x86_64-linux-gnu/libpam.so.0.85.1"), file(trace.OpRead, "/etc/pam.d/cron")
	shell, script := file(trace.OpExecute, "/usr/bin/dash"), file(trace.OpExecute, "/usr/libexec/script")
	before := shell
	before.Actor.Line = "ExecStartPre"
	for _, c := range []struct {
		name  string
		trace []trace.Observation
		want  int
	}{
		{"sshd", []trace.Observation{moved("/user.slice/user-0.slice/session-5.scope", false)}, 1},
		{"cron", []trace.Observation{by(cron, libpam), by(cron, config), by(cron, shell)}, 1},
		{"an FTP server asks for a password", []trace.Observation{by(cron, libpam), by(cron, config)}, 0},
		{"it runs a script as well", []trace.Observation{by(cron, libpam), by(cron, config), by(cron, script)}, 0},
		{"a script before it starts", []trace.Observation{by(cron, libpam), by(cron, config), before}, 0},
		{"linked with PAM and not using it", []trace.Observation{by(cron, libpam), by(cron, shell)}, 0},
		{"it calls su", []trace.Observation{by(su, libpam), by(su, config), by(su, shell)}, 0},
		{"moved to another unit", []trace.Observation{moved("/system.slice/x.service", false)}, 0},
		{"came from a session", []trace.Observation{moved("/user.slice/user-0.slice/session-5.scope", true)}, 0},
	} {
		e := NewEvidence(&trace.Trace{Observations: c.trace}, target(t, "252"), Standard, NewModel())
		if got := e.Sessions(); len(got) != c.want {
			t.Errorf("%s: %d observations, want %d", c.name, len(got), c.want)
		}
	}
}
