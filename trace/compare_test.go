// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCompare(t *testing.T) {
	a, b := sample(), sample()
	for i := range b.Observations {
		b.Observations[i].Count += 5
		b.Observations[i].Last = noon.Add(48 * time.Hour)
		b.Observations[i].Example = nil
	}
	b.Observations[1].Capability.Stack = nil
	if d := Compare(a, b); len(d.OnlyA)+len(d.OnlyB) > 0 {
		t.Errorf("only counts, times, examples and stacks differ, but: %v", d)
	}
	b.Observations[0].Outcome = "EAFNOSUPPORT"
	b.Observations = append(b.Observations[:6], b.Observations[0], b.Observations[0])
	d := Compare(a, b)
	want := Diff{OnlyA: []Observation{a.Observations[0], a.Observations[6]}, OnlyB: []Observation{b.Observations[0]}}
	if diff := cmp.Diff(want, d, exact); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if back := Compare(b, a); !cmp.Equal(back, Diff{OnlyA: d.OnlyB, OnlyB: d.OnlyA}, exact) {
		t.Errorf("the other way round: %v", back)
	}
}
