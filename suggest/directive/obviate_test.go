// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// looksInto is root looking at a file in a directory with an owner and a mode.
func looksInto(path string, file, dir trace.Owner) trace.Observation {
	o := fileOf(trace.OpStat, path, file)
	o.File.Parent = &dir
	return o
}

func fileOf(op trace.FileOp, path string, owner trace.Owner) trace.Observation {
	o := file(op, path)
	o.File.Owner = &owner
	return o
}

// TestRootsGroups: a group does for a capability where it is proven, and only there.
func TestRootsGroups(t *testing.T) {
	const www = 33
	root755, closed := trace.Owner{Mode: 0o755}, trace.Owner{UID: www, GID: www, Mode: 0o750}
	look := looksInto("/var/cache/web/uploads", closed, closed)
	dac := capability("CAP_DAC_READ_SEARCH", "newfstatat")
	user := func(o trace.Observation) trace.Observation { o.Actor.UID = www; return o }
	setgroups := sys("setgroups")
	regrouped := setgroups
	regrouped.Actor.GID = www
	real := dac
	real.Capability = &trace.Capability{Name: "CAP_DAC_READ_SEARCH", Syscall: "access", Overridden: true, Stack: []string{"inode_permission"}}
	for _, c := range []struct {
		name string
		o    []trace.Observation
		want bool
	}{
		{"a directory of its group", []trace.Observation{look, dac}, true},
		{"sets its groups as root of another group", []trace.Observation{look, dac, regrouped}, true},
		{"sets its groups", []trace.Observation{look, dac, setgroups}, false},
		{"nothing explains it", []trace.Observation{dac, looksInto("/var/cache/web", root755, root755)}, false},
		{"the user's own look", []trace.Observation{user(look), dac}, false},
		{"the owner's alone", []trace.Observation{look, dac, fileOf(trace.OpRead, "/etc/key", trace.Owner{UID: www, GID: www, Mode: 0o600})}, false},
		{"a directory further up", []trace.Observation{look, dac, looksInto("/var/lib/x", trace.Owner{UID: 7, Mode: 0o700}, root755),
			func() trace.Observation {
				o := looksInto("/var/lib/x/y/z", root755, root755)
				o.File.Type, o.File.Parent = trace.TypeRegular, &root755
				return o
			}()}, false},
		{"an unknown directory", []trace.Observation{look, dac, file(trace.OpRead, "/srv/x/y/z")}, false},
		{"a powerful group", []trace.Observation{looksInto("/var/cache/web/uploads", trace.Owner{UID: www, GID: 42, Mode: 0o750}, trace.Owner{UID: www, GID: 42, Mode: 0o750}), dac}, false},
		{"a group without a name", []trace.Observation{looksInto("/var/cache/web/uploads", trace.Owner{UID: 7, GID: 7, Mode: 0o750}, trace.Owner{UID: 7, GID: 7, Mode: 0o750}), dac}, false},
		{"access(2) as the real user", []trace.Observation{look, real}, false},
	} {
		tr := &trace.Trace{Observations: c.o, Header: trace.Header{Unit: trace.Unit{Groups: map[uint32]string{0: "root", www: "www-data", 42: "shadow"}}}}
		for i := range tr.Observations { // a directory is one
			if f := tr.Observations[i].File; f != nil && f.Op == trace.OpStat && f.Path == "/var/lib/x" {
				f.Type = trace.TypeDirectory
			}
		}
		e := NewEvidence(tr, target(t, "252"), Strict, NewModel())
		first := firstAllowed(e, proposeCapabilities(e))
		joins := slices.Contains(assignments(first.Settings, "SupplementaryGroups"), "www-data")
		keeps := boundingSet(assignments(first.Settings, "CapabilityBoundingSet"))["CAP_DAC_READ_SEARCH"]
		if joins != c.want || keeps == c.want {
			t.Errorf("%s: %v, want the group: %v", c.name, first.Settings, c.want)
		}
	}
}

func firstAllowed(e *Evidence, list []Candidate) Candidate {
	for _, c := range list {
		if len(e.Violations(c.Settings, 1)) == 0 {
			return c
		}
	}
	return Candidate{}
}

// TestSignalsFromOutside: a reload by signal needs CAP_KILL of nobody in the sandbox.
func TestSignalsFromOutside(t *testing.T) {
	of := func(line, name string) trace.Observation {
		o := capability("CAP_KILL", name)
		o.Actor.Line = line
		return o
	}
	for _, c := range []struct {
		name, lines string
		o           trace.Observation
		version     string
		want        []string
	}{
		{"a reload", "ExecReload=/bin/kill -HUP $MAINPID", of("ExecReload", "kill"), "252", []string{"", "+/bin/kill -HUP $MAINPID"}},
		{"whose failure is ignored", "ExecReload=-/bin/kill -HUP ${MAINPID}", of("ExecReload", "kill"), "252", []string{"", "+-/bin/kill -HUP ${MAINPID}"}},
		{"of another process", "ExecReload=/bin/kill -HUP 1 $MAINPID", of("ExecReload", "kill"), "252", nil},
		{"by a shell", "ExecReload=/bin/sh -c 'kill $MAINPID'", of("ExecReload", "kill"), "252", nil},
		{"with another command", "ExecReload=/bin/kill $MAINPID ; /bin/true", of("ExecReload", "kill"), "252", nil},
		{"and the service signals, too", "ExecReload=/bin/kill -HUP $MAINPID", of("ExecStart", "kill"), "252", nil},
		{"before the prefix", "ExecReload=/bin/kill -HUP $MAINPID", of("ExecReload", "kill"), "230", nil},
	} {
		tr := &trace.Trace{Observations: []trace.Observation{c.o}, Header: trace.Header{Unit: trace.Unit{Settings: settings(c.lines)}}}
		e := NewEvidence(tr, target(t, c.version), Strict, NewModel())
		first := firstAllowed(e, proposeCapabilities(e))
		if got := assignments(first.Settings, "ExecReload"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if kept := boundingSet(assignments(first.Settings, "CapabilityBoundingSet"))["CAP_KILL"]; kept == (c.want != nil) {
			t.Errorf("%s: CAP_KILL kept: %v", c.name, kept)
		}
	}
}

// TestOutside: what a "+" is before needs nothing; where one of two has none, nobody
// knows which of them it was.
func TestOutside(t *testing.T) {
	o := capability("CAP_KILL", "kill")
	o.Actor.Line = "ExecReload"
	for lines, denied := range map[string]bool{
		"ExecReload=+/bin/kill -HUP $MAINPID":                               false,
		"ExecReload=/bin/kill -HUP $MAINPID":                                true,
		"ExecReload=+/bin/kill $MAINPID\nExecReload=/bin/true":              true,
		"ExecReload=/bin/true\nExecReload=\nExecReload=+/bin/kill $MAINPID": false,
		"ExecStop=+/bin/kill $MAINPID":                                      true,
	} {
		s := NewModel().Sandbox(settings(lines+"\nCapabilityBoundingSet="), target(t, "252"), NewScene([]trace.Observation{o}))
		if got := len(s.Violations(&o)) > 0; got != denied {
			t.Errorf("%q: denied %v, want %v", lines, got, denied)
		}
	}
}
