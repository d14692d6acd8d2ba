// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// TestBehindRings holds that the files behind io_uring must be in the trace of a recorder
// that had the source, and may not be in another's.
func TestBehindRings(t *testing.T) {
	op, known := Find("ring_mkdirat")
	if !known || len(op.Behind) == 0 {
		t.Fatalf("ring_mkdirat is %+v", op)
	}
	seeing := op.Seen([]trace.Source{{Name: "uring_files", Via: "fexit/io_openat2"}})
	blind := op.Seen([]trace.Source{{Name: "uring_files", Missing: "no fentry"}})
	without := expectedOf(op)
	with := expectedOf(seeing)
	for _, c := range []struct {
		name     string
		op       Operation
		recorded []trace.Observation
		want     int
	}{
		{"seen and there", seeing, with, 0},
		{"seen and missing", seeing, without, 1},
		{"hidden", blind, without, 0},
		{"hidden and there", blind, with, 1},
	} {
		if got := Match(c.op, allInService(c.recorded)); len(got) != c.want {
			t.Errorf("%s: %q, want %d differences", c.name, got, c.want)
		}
	}
}

func allInService(observations []trace.Observation) []trace.Observation {
	for i := range observations {
		observations[i].Actor.Phase = trace.PhaseService
	}
	return observations
}
