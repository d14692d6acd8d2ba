// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// asks is one capset(2) for the first n capabilities.
func asks(n int) []trace.Observation {
	var list []trace.Observation
	for _, c := range CapabilityNames()[:n] {
		o := capability(c, "capset")
		o.Capability.Asked = true
		list = append(list, o)
	}
	return list
}

// TestCapset: a program that asks for a few capabilities wants these, one that asks for
// all of them does with what it has.
func TestCapset(t *testing.T) {
	for _, c := range []struct {
		asked  int
		denied bool
	}{{3, true}, {31, true}, {39, false}, {len(CapabilityNames()), false}} {
		list := asks(c.asked)
		s := NewModel().Sandbox(settings("CapabilityBoundingSet="), target(t, "252"), NewScene(list))
		if got := len(s.Violations(&list[0])) > 0; got != c.denied {
			t.Errorf("%d capabilities asked for: denied %v, want %v", c.asked, got, c.denied)
		}
		e := NewEvidence(&trace.Trace{Observations: list}, target(t, "252"), Standard, NewModel())
		if needed, _ := e.capabilitiesNeeded(); needed["CAP_CHOWN"] != c.denied {
			t.Errorf("%d capabilities asked for: %v are needed", c.asked, needed)
		}
	}
}

// TestSceneOwn: what an earlier start has made is the unit's own, too.
func TestSceneOwn(t *testing.T) {
	root := &trace.Owner{Mode: 0o755}
	s := NewScene([]trace.Observation{mkdirAgain("/run/d", 0, root, root), failed(file(trace.OpMkdir, "/run/e"), eacces)})
	if !s.Own("/run/d/pid") || s.Own("/run/e/pid") {
		t.Error("want /run/d to be the unit's own, and /run/e not")
	}
}
