// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"strings"
	"testing"
)

// ringed is a trace of a service that had io_uring do something, by a recorder that had
// the source uring_files, or lacked it.
func ringed(missing string, ops ...string) *Trace {
	tr := sample()
	tr.Header.Sources = append(tr.Header.Sources, Source{Name: "uring_files", Via: "fexit/io_openat2", Missing: missing})
	for _, op := range ops {
		tr.Observations = append(tr.Observations, Observation{Kind: KindIOUring, Actor: Actor{Phase: PhaseService}, IOUring: &IOUring{Op: op}})
	}
	return tr
}

func TestFilesBehindRings(t *testing.T) {
	if why := ringed("", uringFiles...).Incomplete(); len(why) != 0 {
		t.Errorf("all files were seen, but: %q", why)
	}
	if why := ringed("", "openat", "statx").Incomplete(); len(why) != 1 || !strings.Contains(why[0], "it had io_uring do statx:") {
		t.Errorf("what was looked at could not be seen: %q", why)
	}
	if why := ringed("no fentry", "openat").Incomplete(); len(why) != 1 || !strings.Contains(why[0], "it had io_uring do openat:") {
		t.Errorf("without the source: %q", why)
	}
}

// TestFilesBehindRingsMerged holds that a training run that lacked the source counts for
// what ran in no other.
func TestFilesBehindRingsMerged(t *testing.T) {
	blind, seeing := ringed("no fentry", "openat"), ringed("", "openat")
	blind.Header.Run = "BLIND"
	if why := Merge(blind, seeing).Incomplete(); len(why) != 0 {
		t.Errorf("all that ran was seen in another run, but: %q", why)
	}
	blind.Header.Unit.Commands[1].Runs = 1
	if why := Merge(blind, seeing).Incomplete(); len(why) != 1 || !strings.Contains(why[0], "it had io_uring do openat:") {
		t.Errorf("a command that ran in the blind run alone: %q", why)
	}
}
