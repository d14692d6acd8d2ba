// SPDX-License-Identifier: Apache-2.0

package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestDifference(t *testing.T) {
	called := func(name string, uid uint32, phase trace.Phase) trace.Observation {
		return trace.Observation{Kind: trace.KindSyscall, Outcome: trace.OutcomeOK, Count: 1,
			Actor: trace.Actor{Exe: "/usr/bin/web", UID: uid, GID: uid, Phase: phase}, Syscall: &trace.Syscall{ABI: "x86_64", Name: name}}
	}
	first := called("unlink", 0, trace.PhaseService)
	otherwise := first
	otherwise.Actor.Exe = "/usr/sbin/web" // the words have the last part
	got := Difference(trace.Diff{
		OnlyA: []trace.Observation{called("getpid", 0, trace.PhaseService), called("open", 0, trace.PhaseService), called("open", 0, trace.PhaseSetup)},
		OnlyB: []trace.Observation{called("open", 33, trace.PhaseService), first, otherwise},
	})
	want := []string{
		"- web called getpid",
		"- web called open, as 0:0",
		"- web called open, as 0:0 while systemd set it up",
		"+ web called open, as 33:33",
		"+ web called unlink, as 0:0; --format json tells more",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if lines := Difference(trace.Diff{}); len(lines) != 0 {
		t.Errorf("of no difference: %q", lines)
	}
}
