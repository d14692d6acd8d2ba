// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"strings"
	"testing"
)

func TestIncomplete(t *testing.T) {
	if why := sample().Incomplete(); len(why) != 0 {
		t.Fatalf("the sample is complete, but: %q", why)
	}
	for want, change := range map[string]func(*Trace){
		"3 × ring_full was lost: names of files":         func(tr *Trace) { tr.Header.Losses[0].Count = 3 },
		"1 × odd was lost":                               func(tr *Trace) { tr.Header.Losses = []Loss{{Reason: "odd", Count: 1}} },
		"io_uring could not be seen (no such tracepoint": func(tr *Trace) { tr.Header.Sources[1].Needed = true },
		"no start of the service":                        func(tr *Trace) { tr.Header.Starts = 0 },
		"nothing that the service did": func(tr *Trace) {
			for i := range tr.Observations {
				tr.Observations[i].Actor.Phase = PhaseSetup
			}
		},
		"last checkpoint":            func(tr *Trace) { tr.Header.Checkpoint = true },
		"the file was cut short":     func(tr *Trace) { tr.Truncated = true },
		"syscalls could not be seen": func(tr *Trace) { tr.Header.Sources[0].Missing = "no" },
		"it had io_uring do openat, statx: with which files": func(tr *Trace) {
			for _, op := range []string{"statx", "openat", "read", "statx"} {
				tr.Observations = append(tr.Observations, Observation{Kind: KindIOUring, Actor: Actor{Phase: PhaseService}, IOUring: &IOUring{Op: op}})
			}
		},
		"it used io_uring, which could not be seen (no such tracepoint)": func(tr *Trace) {
			tr.Observations = append(tr.Observations, Observation{Kind: KindSyscall, Actor: Actor{Phase: PhaseService}, Outcome: OutcomeOK,
				Syscall: &Syscall{ABI: "x86_64", Name: "io_uring_setup"}})
		},
	} {
		tr := sample()
		change(tr)
		if why := tr.Incomplete(); len(why) != 1 || !strings.Contains(why[0], want) {
			t.Errorf("Incomplete() = %q; want one reason with %q", why, want)
		}
	}
}

// TestIncompleteMerged holds that a source that some training runs lacked is told
// of for what ran in those alone.
func TestIncompleteMerged(t *testing.T) {
	blind, seeing := sample(), sample()
	blind.Header.Run = "BLIND"
	blind.Header.Sources[0].Missing = "no BTF"
	if why := Merge(blind, seeing).Incomplete(); len(why) != 0 {
		t.Errorf("all that ran was seen in another run, but: %q", why)
	}
	blind.Header.Unit.Commands[1].Runs = 1
	why := Merge(blind, seeing).Incomplete()
	if len(why) != 1 || !strings.Contains(why[0], "syscalls could not be seen in the training runs in which ExecReload=/bin/kill -HUP $MAINPID ran") {
		t.Errorf("Incomplete() = %q", why)
	}
	blind.Header.Sources = nil
	if again := Merge(blind, seeing).Incomplete(); len(again) != 1 {
		t.Errorf("a run that names no source: %q", again)
	}
	seeing.Header.Sources[0].Missing = "no BTF"
	if why := Merge(blind, seeing).Incomplete(); len(why) != 1 || !strings.Contains(why[0], "no BTF") {
		t.Errorf("no run had the source: %q", why)
	}
}
