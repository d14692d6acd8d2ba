// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestCheckpointHasNames(t *testing.T) {
	var got []*trace.Trace
	full := errors.New("the disk is full")
	r := &run{options: Options{Checkpoint: func(c *trace.Trace) error {
		got = append(got, c)
		return full
	}}}
	one := &trace.Trace{Observations: []trace.Observation{{Kind: trace.KindMove}}} // by root
	if err := r.handOver([]*trace.Trace{one, {}}); !errors.Is(err, full) {
		t.Errorf("the error is %v, want that of the caller", err)
	}
	if len(got) != 2 {
		t.Fatalf("%d checkpoints, want 2", len(got))
	}
	if h := got[0].Header; !h.Checkpoint || h.Unit.Users[0] != "root" || h.Unit.Groups[0] != "root" {
		t.Errorf("the header %+v is no checkpoint's, or names nobody", h)
	}
	if h := got[1].Header; !h.Checkpoint || len(h.Unit.Users) != 0 {
		t.Errorf("the header %+v of an empty trace", h)
	}
}
