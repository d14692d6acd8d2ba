// SPDX-License-Identifier: Apache-2.0

package denial

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestLines(t *testing.T) {
	denied := []string{
		"(server.c.1) opening pid-file failed: /run/lighttpd.pid: Read-only file system\n",
		"lighttpd.service: Main process exited, code=killed, status=31/SYS\n",
		"lighttpd.service: Main process exited, code=dumped, status=31/SYS\n",
		"lighttpd.service: Failed at step NAMESPACE spawning /usr/sbin/lighttpd: No such file or directory\n",
		"lighttpd.service: Control process exited, code=exited, status=218/CAPABILITIES\n",
		"socket: Operation not permitted\n",
		"cannot open: Permission denied\n",
		"audit: type=1326 audit(1): sig=31\n",
		"/etc/x.conf:3: Unknown key name 'NoSuch' in section 'Service', ignoring.\n",
		"/etc/x.conf:3: Failed to parse boolean value, ignoring: perhaps\n",
		"proftpd.service: Failed to parse PID from file /run/proftpd.pid: Permission denied\n",
	}
	harmless := []string{
		"Started lighttpd.service - Lighttpd Daemon.\n",
		"lighttpd.service: Deactivated successfully.\n",
		"(server.c.1704) server started (lighttpd/1.4.69)\n",
		"lighttpd.service: Consumed 31ms CPU time.\n",
		"proftpd.service: Failed to parse PID from file /run/proftpd.pid: Invalid argument\n",
	}
	if diff := cmp.Diff(denied, Lines(strings.Join(append(harmless, denied...), ""))); diff != "" {
		t.Error(diff)
	}
}

func asUser(o trace.Observation) trace.Observation {
	o.Actor.UID = 33
	return o
}

func TestRefused(t *testing.T) {
	service := trace.Actor{Exe: "/usr/sbin/lighttpd", Phase: trace.PhaseService}
	open := func(o trace.Outcome) trace.Observation {
		return trace.Observation{Kind: trace.KindSyscall, Actor: service, Outcome: o, Count: 1,
			Syscall: &trace.Syscall{ABI: "x86_64", Number: 257, Name: "openat"}}
	}
	filtered := open("EPERM")
	filtered.Syscall = &trace.Syscall{ABI: "x86_64", Number: 87, Name: "unlink", Filtered: true}
	pretended := filtered
	pretended.Outcome = trace.OutcomeOK
	groups, noGroups := pretended, filtered
	groups.Syscall = &trace.Syscall{ABI: "x86_64", Number: 116, Name: "setgroups", Filtered: true}
	noGroups.Syscall = groups.Syscall
	clone3 := filtered
	clone3.Syscall, clone3.Outcome = &trace.Syscall{ABI: "x86_64", Number: 435, Name: "clone3", Filtered: true}, "ENOSYS"
	asked := open("EROFS")
	asked.Syscall = &trace.Syscall{ABI: "x86_64", Number: 21, Name: "access"}
	unheard := asked
	unheard.Outcome = "EPERM"
	asks := trace.Observation{Kind: trace.KindFile, Actor: service, Outcome: "EROFS", Count: 1, File: &trace.File{Op: trace.OpAskWrite, Path: "/srv/x"}}
	erlang := asks
	erlang.Actor.Exe = "/usr/lib/erlang/erts-13.1.5/bin/beam.smp"
	setup := open("EPERM")
	setup.Actor.Phase = trace.PhaseSetup
	privileged := open("EPERM")
	privileged.Actor.Privileged = true

	capability := trace.Observation{Kind: trace.KindCapability, Actor: service, Outcome: "EPERM", Count: 1,
		Capability: &trace.Capability{Name: "CAP_SYS_ADMIN", Syscall: "mmap", Result: trace.OutcomeOK}}

	for _, c := range []struct {
		name     string
		training []trace.Observation
		now      trace.Observation
		want     int
	}{
		{"refused now", nil, open("EROFS"), 1},
		{"answered by a filter", nil, filtered, 1},
		{"answered by a filter that says it was done", nil, pretended, 1},
		{"told that its groups are set", nil, groups, 0},
		{"not let set its groups", nil, noGroups, 1},
		{"no clone3", nil, clone3, 0},
		{"told that it cannot write, of which the file tells", nil, asked, 0},
		{"of what it cannot write", nil, asks, 1},
		{"and has asked in passing", nil, erlang, 0},
		{"not told whether it can write", nil, unheard, 1},
		{"killed", nil, open(trace.OutcomeKilled), 1},
		{"refused before, too", []trace.Observation{open("EROFS")}, open("EROFS"), 0},
		{"new, and not refused", nil, open("ENOENT"), 0},
		{"refused before, to another user", []trace.Observation{asUser(open("EROFS"))}, open("EROFS"), 0},
		{"done", nil, open(trace.OutcomeOK), 0},
		{"a capability that the call did without", nil, capability, 0},
		{"systemd's own work", nil, setup, 0},
		{"outside the sandbox", nil, privileged, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Refused(&trace.Trace{Observations: c.training}, &trace.Trace{Observations: []trace.Observation{c.now}})
			if len(got) != c.want {
				t.Errorf("refused: %q, want %d", got, c.want)
			}
		})
	}
}

// A larger buffer than all may have is no refusal for who has set one up to there.
func TestRefusedBuffer(t *testing.T) {
	option := func(n uint64, outcome trace.Outcome) trace.Observation {
		return trace.Observation{Kind: trace.KindSyscall, Actor: trace.Actor{Exe: "/usr/sbin/haproxy", Phase: trace.PhaseService}, Outcome: outcome, Count: 1,
			Syscall: &trace.Syscall{ABI: "x86_64", Number: 54, Name: "setsockopt", Args: []trace.Arg{{Name: "level", Index: 1, Value: 1}, {Name: "optname", Index: 2, Value: n}}}}
	}
	forced := option(32, "EPERM")
	if got := Refused(&trace.Trace{}, &trace.Trace{Observations: []trace.Observation{option(7, trace.OutcomeOK), forced}}); len(got) != 0 {
		t.Errorf("refused: %q, want nothing", got)
	}
	if got := Refused(&trace.Trace{}, &trace.Trace{Observations: []trace.Observation{forced}}); len(got) != 1 {
		t.Errorf("refused: %q, want one", got)
	}
}

func TestNewLines(t *testing.T) {
	before := "Nov 25 09:00:01 a[12]: open: Permission denied\nNov 25 09:00:01 a[12]: works\n"
	after := "Nov 25 09:01:02 a[345]: open: Permission denied\nNov 25 09:01:02 b[6]: write: Read-only file system\n" +
		"Nov 25 09:01:03 b[7]: write: Read-only file system\nNov 25 09:01:04 a[8]: works\n"
	want := []string{"Nov 25 09:01:02 b[6]: write: Read-only file system\n"}
	if got := NewLines(before, after); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
