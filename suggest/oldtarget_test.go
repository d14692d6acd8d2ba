// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// TestOldTargets suggests for systems that are older than the recorded one, whose
// systemd cannot name all that today's C library calls.
func TestOldTargets(t *testing.T) {
	tr, err := trace.ReadFile("../testdata/traces/lighttpd-bookworm.trace")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"229", "231", "237", "240", "247", "252"} {
		for _, level := range []directive.Level{directive.Standard, directive.Strict} {
			v, err := systemd.ParseVersion(version)
			if err != nil {
				t.Fatal(err)
			}
			p, err := Suggest(tr, Options{Level: level, Target: &systemd.Target{Systemd: v, Arch: "x86_64"}})
			if err != nil {
				t.Fatal(err)
			}
			lines := filters(p)
			if len(lines) == 0 || strings.HasPrefix(lines[0], "~") {
				t.Errorf("systemd %s, level %d: no allow-list: %.80q", version, level, lines)
			}
			for _, l := range lines {
				if group := strings.Contains(l, "@"); group && !v.AtLeast(231) || strings.Contains(l, "@system-service") && !v.AtLeast(239) {
					t.Errorf("systemd %s, level %d: %.80s has a group that it does not know", version, level, l)
				}
			}
		}
	}
}

// What is written out for systems without @system-service is the same for all that know
// the calls by name: v232 has groups, and other calls in its @resources.
func TestWrittenOutByTheSameGroups(t *testing.T) {
	tr := serviceTrace("252")
	has := func(major int, call string) bool {
		p, err := Suggest(tr, Options{Level: directive.Standard, Target: &systemd.Target{Systemd: systemd.Version{Major: major}, Arch: "x86_64"}})
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(strings.Fields(strings.Join(filters(p), " ")), call)
	}
	for _, major := range []int{229, 232, 237} {
		if !has(major, "prlimit64") || has(major, "ioprio_set") {
			t.Errorf("systemd %d: prlimit64 %v, want true; ioprio_set %v, want false", major, has(major, "prlimit64"), has(major, "ioprio_set"))
		}
	}
}

func filters(p *Profile) []string {
	var values []string
	for _, l := range p.Lines {
		if l.Name == "SystemCallFilter" && l.Value != "" {
			values = append(values, l.Value)
		}
	}
	return values
}

// A call that the recorded system's own systemd cannot name is denied to nobody: the
// deny-list of the level below is all that is left.
func TestUnnameableCallOfTheSameSystem(t *testing.T) {
	tr := serviceTrace("252")
	tr.Observations = append(tr.Observations, trace.Observation{Kind: trace.KindSyscall, Outcome: trace.OutcomeOK, Count: 1,
		Actor: trace.Actor{Exe: "/usr/sbin/daemon", Line: "ExecStart", Phase: trace.PhaseService}, Syscall: &trace.Syscall{ABI: "x86_64", Number: 470, Name: "listns"}})
	p, err := Suggest(tr, Options{Level: directive.Standard})
	if err != nil {
		t.Fatal(err)
	}
	if lines := filters(p); len(lines) == 0 || !strings.HasPrefix(lines[0], "~") {
		t.Errorf("filter: %q", lines)
	}
}

func serviceTrace(version string) *trace.Trace {
	return &trace.Trace{Header: trace.Header{Starts: 1, Unit: trace.Unit{Name: "daemon.service"},
		Host: trace.Host{Systemd: version, Kernel: "6.1.0", Arch: "x86_64"}}}
}
