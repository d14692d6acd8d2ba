// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestAnswers has what access(2) was seen to answer in a sandbox, where it said "yes"
// without one.
func TestAnswers(t *testing.T) {
	const read, write, execute = trace.OpAskRead, trace.OpAskWrite, trace.OpAskExecute
	yes, none := trace.Outcome(""), &trace.Owner{Mode: 0o644}
	fifo := file(write, "/etc/x")
	fifo.File.Type = trace.TypeFIFO
	for _, test := range []struct {
		name, unit string
		o          trace.Observation
		want       trace.Outcome
	}{
		{"where nothing is written", "ReadOnlyPaths=/etc", file(write, "/etc/x"), erofs},
		{"is read", "ReadOnlyPaths=/etc", file(read, "/etc/x"), yes},
		{"and a FIFO written", "ReadOnlyPaths=/etc", fifo, yes},
		{"and a device", "ReadOnlyPaths=/etc", node(write, "/etc/x", "1:3"), yes},
		{"elsewhere", "ReadOnlyPaths=/etc", file(write, "/srv/x"), yes},
		{"permissions are asked before the mount", "ReadOnlyPaths=/etc", as(9, failed(file(write, "/etc/x"), eacces)), yes},
		{"where nothing is executed", "NoExecPaths=/srv", file(execute, "/srv/x"), eacces},
		{"directories are searched", "NoExecPaths=/srv", dirs(execute, "/srv/x"), yes},
		{"and files read", "NoExecPaths=/srv", file(read, "/srv/x"), yes},
		{"root finds an inaccessible file empty", "InaccessiblePaths=/etc/x", file(read, "/etc/x"), yes},
		{"others do not", "InaccessiblePaths=/etc/x", as(9, file(read, "/etc/x")), eacces},
		{"nor does root without capabilities", "InaccessiblePaths=/etc/x\nCapabilityBoundingSet=CAP_KILL", file(read, "/etc/x"), eacces},
		{"but with one of them", "InaccessiblePaths=/etc/x\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH", file(read, "/etc/x"), yes},
		{"nobody writes it", "InaccessiblePaths=/etc/x", file(write, "/etc/x"), erofs},
		{"with one of them even less", "InaccessiblePaths=/etc/x\nCapabilityBoundingSet=CAP_DAC_READ_SEARCH", file(write, "/etc/x"), eacces},
		{"nobody executes it", "InaccessiblePaths=/etc/x", file(execute, "/etc/x"), eacces},
		{"root searches an inaccessible directory", "InaccessiblePaths=/etc/x", dirs(execute, "/etc/x"), yes},
		{"and finds nothing in it", "InaccessiblePaths=/etc", file(read, "/etc/x"), enoent},
		{"an inaccessible device", "InaccessiblePaths=/dev/x", node(write, "/dev/x", "10:200"), yes},
		{"a device that is closed", "DevicePolicy=closed", node(write, "/dev/x", "10:200"), eperm},
		{"that may be read only", "DeviceAllow=/dev/x r", node(write, "/dev/x", "10:200"), eperm},
		{"and is", "DeviceAllow=/dev/x r", node(read, "/dev/x", "10:200"), yes},
		{"whether it is there is not asked", "DevicePolicy=closed", node(trace.OpStat, "/dev/x", "10:200"), yes},
		{"root's file", "User=daemon", owned(file(write, "/srv/x"), none, none), eacces},
		{"is everybody's to read", "User=daemon", owned(file(read, "/srv/x"), none, &trace.Owner{Mode: 0o755}), yes},
		{"an emptied directory is root's", "TemporaryFileSystem=/srv", as(9, dirs(write, "/srv")), eacces},
		{"who writes it", "TemporaryFileSystem=/srv", dirs(write, "/srv"), yes},
		{"unless nobody does", "TemporaryFileSystem=/srv:ro", dirs(write, "/srv"), erofs},
		{"all may list it", "TemporaryFileSystem=/srv:ro", as(9, dirs(read, "/srv")), yes},
		{"a directory on the way to a mount", "TemporaryFileSystem=/srv\nBindPaths=/srv/a/b", as(9, dirs(write, "/srv/a")), eacces},
		{"is made by root", "TemporaryFileSystem=/srv\nBindPaths=/srv/a/b", dirs(write, "/srv/a"), yes},
		{"and searched by all", "TemporaryFileSystem=/srv\nBindPaths=/srv/a/b", as(9, dirs(execute, "/srv/a")), yes},
		{"a directory for temporary files", "PrivateTmp=yes", as(9, dirs(write, "/tmp")), yes},
	} {
		people := trace.Unit{Users: map[uint32]string{0: "root", 9: "daemon"}, Groups: map[uint32]string{0: "root", 9: "daemon"}}
		s := NewModel().Sandbox(settings(test.unit), target(t, "252"), NewScene([]trace.Observation{test.o}).With(people))
		got := yes
		if v := s.Violations(&test.o); len(v) > 0 {
			got = v[0].Outcome
		}
		if got != test.want {
			t.Errorf("%s: %s: outcome %q, want %q", test.name, test.unit, got, test.want)
		}
	}
}

func byErlang(o trace.Observation) trace.Observation {
	o.Actor.Exe = "/usr/lib/erlang/erts-13.1.5/bin/beam.smp"
	return o
}

// TestAsked: what a service was told it may write stays writable, but for what is asked in
// passing.
func TestAsked(t *testing.T) {
	ask := func(name string) trace.Observation { return file(trace.OpAskWrite, name) }
	erlang := func(name string) trace.Observation { return byErlang(ask(name)) }
	for _, test := range []struct {
		name    string
		asked   []trace.Observation
		has, no string
	}{
		{"root, of configuration", []trace.Observation{ask("/etc/daemon.conf")}, "ReadWritePaths=-/etc/daemon.conf", ""},
		{"root, of data", []trace.Observation{ask("/data/x/y")}, "ReadWritePaths=-/data/x", ""},
		{"of a directory", []trace.Observation{dirs(trace.OpAskWrite, "/data/x")}, "ReadWritePaths=-/data/x", "ReadWritePaths=-/data"},
		{"a user", []trace.Observation{as(33, ask("/var/lib/daemon/x"))}, "ReadWritePaths=-/var/lib/daemon", ""},
		{"a user, of what is its own in /usr", []trace.Observation{as(33, ask("/usr/share/daemon/x"))}, "ReadWritePaths=-/usr/share/daemon/x", ""},
		{"root, of programs", []trace.Observation{ask("/usr/share/daemon/x")}, "ProtectSystem=strict", "ReadWritePaths="},
		{"root, of everybody's directory", []trace.Observation{dirs(trace.OpAskWrite, "/var/lib"), dirs(trace.OpAskWrite, "/")}, "ProtectSystem=strict", "ReadWritePaths="},
		{"Erlang", []trace.Observation{erlang("/etc/hosts"), as(33, erlang("/data/x/y"))}, "ProtectSystem=strict", "ReadWritePaths="},
		{"Erlang, and another in the same directory", []trace.Observation{erlang("/data/x/a"), ask("/data/x/b")}, "ReadWritePaths=-/data/x", ""},
		{"what was refused", []trace.Observation{as(33, failed(ask("/etc/daemon.conf"), eacces))}, "ProtectSystem=strict", "ReadWritePaths="},
		{"what is only read", []trace.Observation{file(trace.OpAskRead, "/etc/daemon.conf")}, "ProtectSystem=strict", "ReadWritePaths="},
	} {
		e := evidenceFor(t, "252", "", test.asked...)
		e.AllowList = false
		chosen := firstThatDeniesNothing(e)
		if !hasWord(chosen, test.has) || test.no != "" && hasWord(chosen, test.no) {
			t.Errorf("%s: %q, want %s and no %s", test.name, chosen, test.has, test.no)
		}
	}
}

// TestAskedOfDevices: a device that a service was told it may write is named, but for what
// is asked in passing.
func TestAskedOfDevices(t *testing.T) {
	e := evidenceFor(t, "252", "", node(trace.OpAskWrite, "/dev/net/tun", "10:200"), node(trace.OpAskRead, "/dev/kvm", "10:232"),
		byErlang(node(trace.OpAskWrite, "/dev/x", "10:201")))
	list := proposeDevices(e)
	if len(list) != 1 || !hasWord(list[0].Settings, "DeviceAllow=/dev/net/tun") || !hasWord(list[0].Settings, "DeviceAllow=r") || hasWord(list[0].Settings, "DeviceAllow=/dev/x") {
		t.Errorf("%+v", list)
	}
}

// TestAskedForExecution: programs are executed from where it was asked whether they may be.
func TestAskedForExecution(t *testing.T) {
	for _, test := range []struct {
		o    trace.Observation
		want bool
	}{
		{file(trace.OpAskExecute, "/opt/helper/run"), true},
		{dirs(trace.OpAskExecute, "/opt/helper/run"), false},
		{failed(file(trace.OpAskExecute, "/opt/helper/run"), eacces), false},
		{byErlang(file(trace.OpAskExecute, "/opt/helper/run")), true}, // it does not ask that of all
	} {
		e := evidenceFor(t, "252", "", test.o)
		if chosen := firstThatDeniesNothing(e); hasWord(chosen, "ExecPaths=-/opt/helper") != test.want {
			t.Errorf("%s of a %s (%s): %q", test.o.File.Op, test.o.File.Type, test.o.Outcome, chosen)
		}
	}
}
