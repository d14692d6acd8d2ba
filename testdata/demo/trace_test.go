// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestLosses(t *testing.T) {
	tr := &trace.Trace{Header: trace.Header{Losses: []trace.Loss{{Reason: "ring_full", Count: 2}, {Reason: "map_full", Count: 3}}}}
	if got := losses(tr); got != 5 {
		t.Errorf("losses: %d, want 5", got)
	}
}
