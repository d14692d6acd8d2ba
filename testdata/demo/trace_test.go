// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestRefused(t *testing.T) {
	service := trace.Actor{Exe: "/usr/sbin/lighttpd", Phase: trace.PhaseService}
	open := func(o trace.Outcome) trace.Observation {
		return trace.Observation{Kind: trace.KindSyscall, Actor: service, Outcome: o, Count: 1,
			Syscall: &trace.Syscall{ABI: "x86_64", Number: 257, Name: "openat"}}
	}
	filtered := open("EPERM")
	filtered.Syscall = &trace.Syscall{ABI: "x86_64", Number: 87, Name: "unlink", Filtered: true}
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
		{"killed", nil, open(trace.OutcomeKilled), 1},
		{"refused before, too", []trace.Observation{open("EROFS")}, open("EROFS"), 0},
		{"new, and not refused", nil, open("ENOENT"), 0},
		{"done", nil, open(trace.OutcomeOK), 0},
		{"a capability that the call did without", nil, capability, 0},
		{"systemd's own work", nil, setup, 0},
		{"outside the sandbox", nil, privileged, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := refused(&trace.Trace{Observations: c.training}, &trace.Trace{Observations: []trace.Observation{c.now}})
			if len(got) != c.want {
				t.Errorf("refused: %q, want %d", got, c.want)
			}
		})
	}
}

func TestLosses(t *testing.T) {
	tr := &trace.Trace{Header: trace.Header{Losses: []trace.Loss{{Reason: "ring_full", Count: 2}, {Reason: "map_full", Count: 3}}}}
	if got := losses(tr); got != 5 {
		t.Errorf("losses: %d, want 5", got)
	}
}
