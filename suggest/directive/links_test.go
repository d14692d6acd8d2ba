// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// given is a file that was asked for by another name.
func given(op trace.FileOp, name, path string) trace.Observation {
	o := file(op, path)
	o.File.Given = trace.Path(name)
	return o
}

// TestLinks: a path of a unit is what it leads to, as far as the trace tells.
func TestLinks(t *testing.T) {
	link := file(trace.OpStat, "/srv/data")
	link.File.Type = trace.TypeSymlink
	inRoot := given(trace.OpRead, "/srv/data/x", "/mnt/data/x")
	inRoot.File.Chroot = true
	script := file(trace.OpExecute, "/usr/bin/radicale")
	script.File.Interpreter, script.File.InterpreterGiven = "/usr/bin/python3.13", "/usr/bin/python3"
	program := trace.Unit{Commands: []trace.Command{{Line: "ExecStart", Argv: []string{"/usr/bin/redis-server"}, Program: "/usr/bin/redis-check-rdb"}}}
	for _, test := range []struct {
		name       string
		seen       []trace.Observation
		path, want string
	}{
		{"of every system", nil, "/var/run/x", "/run/x"},
		{"of this system", nil, "/bin/sh", "/usr/bin/sh"},
		{"a program", nil, "/usr/bin/redis-server", "/usr/bin/redis-check-rdb"},
		{"an interpreter", []trace.Observation{script}, "/usr/bin/python3", "/usr/bin/python3.13"},
		{"a directory", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/data/x")}, "/srv/data", "/mnt/data"},
		{"what else is in it", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/data/x")}, "/srv/data/y/z", "/mnt/data/y/z"},
		{"by another name", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/a/x")}, "/srv/data/y", "/mnt/a/y"},
		{"that was looked at", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/data/x"), link}, "/srv/data", "/mnt/data"},
		{"next to it", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/data/x"), file(trace.OpRead, "/srv/y")}, "/srv/z", "/srv/z"},
		{"what something is in is none", []trace.Observation{given(trace.OpRead, "/srv/data/x", "/mnt/data/x"), file(trace.OpRead, "/srv/data/y")}, "/srv/data", "/srv/data"},
		{"nor what is there anyway", []trace.Observation{given(trace.OpRead, "/var/lib/a/x", "/data/a/x")}, "/var/lib", "/var/lib"},
		{"nor what a process has open", []trace.Observation{given(trace.OpRead, "/proc/self/fd/3", "/srv/x")}, "/proc/self/fd/3", "/proc/self/fd/3"},
		{"nor in a root of its own", []trace.Observation{inRoot}, "/srv/data", "/srv/data"},
	} {
		s := NewScene(test.seen).With(program).On(trace.Host{MergedUsr: true})
		if got := s.resolve(test.path); got != test.want {
			t.Errorf("%s: %s leads to %s, want %s", test.name, test.path, got, test.want)
		}
	}
	if got := NewScene(nil).On(trace.Host{}).resolve("/bin/sh"); got != "/bin/sh" {
		t.Errorf("/bin/sh leads to %s without such links", got)
	}
}

// TestLinkedPaths: what a path of a unit leads to is what it is about.
func TestLinkedPaths(t *testing.T) {
	moved := given(trace.OpWrite, "/srv/data/x", "/mnt/data/x")
	dash := file(trace.OpExecute, "/usr/bin/dash")
	for _, test := range []struct {
		name, unit string
		o          trace.Observation
		want       trace.Outcome
	}{
		{"opened", "ProtectSystem=strict\nReadWritePaths=/srv/data", moved, allowed},
		{"another", "ProtectSystem=strict\nReadWritePaths=/srv/date", moved, erofs},
		{"closed", "ReadOnlyPaths=/srv/data", moved, erofs},
		{"executed", "NoExecPaths=/\nExecPaths=/bin", dash, allowed},
		{"and not", "NoExecPaths=/bin", dash, eacces},
	} {
		s := NewModel().Sandbox(settings(test.unit), target(t, "252"), NewScene([]trace.Observation{test.o}).On(trace.Host{MergedUsr: true}))
		got := allowed
		for _, v := range s.Violations(&test.o) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
