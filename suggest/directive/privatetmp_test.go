// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// byLine is what a command of an Exec line did.
func byLine(line string, o trace.Observation) trace.Observation {
	o.Actor.Line = line
	return o
}

// TestPrivateTmpOfCommands: each command has directories of its own when they are
// disconnected.
func TestPrivateTmpOfCommands(t *testing.T) {
	const x = "/tmp/d/x"
	made := []trace.Observation{byLine("ExecStartPre", madeBy(0, "/tmp/d")), byLine("ExecStartPre", file(trace.OpCreate, x))}
	moved := byLine("ExecStartPre", renamed(x, "/var/tmp/y"))
	read := func(line, name string) []trace.Observation {
		return append([]trace.Observation{byLine(line, file(trace.OpRead, name))}, made...)
	}
	for _, test := range []struct {
		name, value, version, commands string
		o                              []trace.Observation
		want                           trace.Outcome
	}{
		{"by another command", "disconnected", "257", "", read("ExecStart", x), enoent},
		{"in a directory of another command", "disconnected", "257", "", append([]trace.Observation{byLine("ExecStart", file(trace.OpCreate, "/tmp/d/y"))}, made...), enoent},
		{"moved by another command", "disconnected", "257", "", append(read("ExecStart", "/var/tmp/y"), moved), enoent},
		{"by itself", "disconnected", "257", "", read("ExecStartPre", x), allowed},
		{"by one of several of a line", "disconnected", "257", "ExecStartPre ExecStartPre", read("ExecStartPre", x), enoent},
		{"by the only one of a line", "disconnected", "257", "ExecStartPre ExecStart ExecStart", read("ExecStartPre", x), allowed},
		{"connected", "yes", "257", "", read("ExecStart", x), allowed},
		{"connected by name", "connected", "257", "", read("ExecStart", x), allowed},
		{"for a target that ignores it", "disconnected", "256", "", read("ExecStart", x), allowed},
	} {
		u := trace.Unit{}
		for line := range strings.FieldsSeq(test.commands) {
			u.Commands = append(u.Commands, trace.Command{Line: line, Argv: []string{"/bin/true"}})
		}
		s := NewModel().Sandbox(settings("PrivateTmp="+test.value), target(t, test.version), NewScene(test.o).With(u))
		got := allowed
		for _, v := range s.Violations(&test.o[0]) {
			got = v.Outcome
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestDisconnected: for whom it is proposed, and that it says what it costs.
func TestDisconnected(t *testing.T) {
	unlinked := file(trace.OpCreate, "/tmp/#[inode]")
	unlinked.File.Unlinked = true
	foreign := file(trace.OpRead, "/tmp/of-others")
	made := file(trace.OpCreate, "/var/tmp/job-kW3x0Q")
	shared := []trace.Observation{byLine("ExecStartPre", made), byLine("ExecStart", file(trace.OpRead, string(made.File.Path)))}
	for _, test := range []struct {
		name, version, unit string
		level               Level
		o                   []trace.Observation
		want                string
	}{
		{"nothing made", "257", "", Standard, nil, "disconnected"},
		{"nothing made there", "257", "", Standard, []trace.Observation{file(trace.OpCreate, "/tmpfile"), inVain("/tmp/x")}, "disconnected"},
		{"an older systemd", "256", "", Standard, nil, "yes"},
		{"on the first day", "257", "", Safe, nil, "yes"},
		{"something made", "257", "", Standard, []trace.Observation{made}, "yes"},
		{"something without a name", "257", "", Standard, []trace.Observation{unlinked}, "yes"},
		{"something made, for the strict", "257", "", Strict, []trace.Observation{made}, "disconnected"},
		{"something for another command", "257", "", Strict, shared, "yes"},
		{"something of others", "257", "", Strict, []trace.Observation{foreign}, ""},
		{"more than the unit's own", "257", "PrivateTmp=yes", Standard, nil, "disconnected"},
		{"no more than the unit's own", "257", "PrivateTmp=disconnected", Standard, nil, ""},
		{"no less than the unit's own", "257", "PrivateTmp=disconnected", Standard, []trace.Observation{made}, ""},
	} {
		e := evidenceFor(t, test.version, test.unit, test.o...)
		e.Level = test.level
		got, notes := "", 0
		for _, c := range proposePrivateTmp(e) {
			if len(e.Violations(c.Settings, 1)) == 0 {
				got, notes = c.Settings[0].Value, len(c.Notes)
				break
			}
		}
		if got != test.want || (notes > 0) != (got == "disconnected") {
			t.Errorf("%s: %q with %d notes, want %q", test.name, got, notes, test.want)
		}
	}
}

// inVain is a file that is looked for and not there.
func inVain(name string) trace.Observation { return failed(file(trace.OpRead, name), enoent) }
