// SPDX-License-Identifier: Apache-2.0

package mainjob

import (
	"regexp"
	"slices"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// setUpOnly are calls that systemd makes for a unit before it is the unit, and that
// lighttpd never makes.
var setUpOnly = []string{"mount", "umount2", "pivot_root", "setns", "unshare", "capset", "seccomp", "keyctl", "add_key", "personality",
	"mknodat", "setresuid", "setresgid", "setsid"}

// explained are calls that only one of the two witnesses has, and why.
var explained = map[string]string{
	"restart_syscall": "the kernel's own, after a stop by the tracer",
	"rt_sigreturn":    "depends on when the signal comes",
	"execve":          "the one that strace itself begins with has failed attempts along PATH in it, or none",
	"kill":            "of ExecReload, which strace does not run",
	"clone":           "Debian 13's unit has RestrictNamespaces=: clone3 is answered with ENOSYS there, and libc falls back",
}

var straceCall = regexp.MustCompile(`(?m)^(?:\d+ +)?(?:<\.\.\. )?([a-z_0-9]+)(?:\(| resumed)`)

// TestServicePhaseIsTheService compares the system calls that are charged to
// lighttpd with those that strace sees of the same lighttpd started by hand.
func TestServicePhaseIsTheService(t *testing.T) {
	onSuites(t, func(t *testing.T, m *testbed.Machine) {
		recorded := charged(record(t, m), "ExecStart", "ExecStartPre")
		for _, name := range setUpOnly {
			if slices.Contains(recorded, name) {
				t.Errorf("%s is charged to the service: only systemd's set-up makes it", name)
			}
		}
		traced := straced(t, m)
		for _, name := range minus(recorded, traced) {
			if explained[name] == "" {
				t.Errorf("%s: only the recorder saw it", name)
			}
		}
		for _, name := range minus(traced, recorded) {
			if explained[name] == "" {
				t.Errorf("%s: only strace saw it", name)
			}
		}
		t.Logf("%d calls recorded, %d traced; only recorded: %v, only traced: %v",
			len(recorded), len(traced), minus(recorded, traced), minus(traced, recorded))
	})
}

// charged returns the names of the calls that are the service's, on those lines.
func charged(tr *trace.Trace, lines ...string) []string {
	var names []string
	for i := range tr.Observations {
		o := &tr.Observations[i]
		if o.Syscall != nil && directive.Charged(o) && slices.Contains(lines, o.Actor.Line) {
			names = append(names, o.Syscall.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// straced runs the unit's commands under strace, with the same requests and signals.
func straced(t *testing.T, m *testbed.Machine) []string {
	t.Helper()
	m.Check(t, "sh", "-c", `
strace -f -qq -o /root/pre /usr/sbin/lighttpd -tt -f /etc/lighttpd/lighttpd.conf >/dev/null 2>&1
strace -f -qq -o /root/main /usr/sbin/lighttpd -D -f /etc/lighttpd/lighttpd.conf >/dev/null 2>&1 </dev/null &
`+requests+`
kill -USR1 $(cat /run/lighttpd.pid); sleep 1
`+requests+`
kill -TERM $(cat /run/lighttpd.pid); wait`)
	var names []string
	for _, call := range straceCall.FindAllStringSubmatch(m.Check(t, "cat", "/root/pre", "/root/main"), -1) {
		names = append(names, call[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}
