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

// TestCapsetEffective: of all that a program keeps it wants what it makes effective.
func TestCapsetEffective(t *testing.T) {
	for _, c := range []struct {
		name      string
		effective uint64
		denied    bool
	}{{"CAP_NET_BIND_SERVICE", 1 << 10, true}, {"CAP_CHOWN", 1 << 10, false}, {"CAP_NET_BIND_SERVICE", 0xffffffff, false}} {
		call := sys("capset")
		call.Syscall.Args = []trace.Arg{{Name: "effective", Value: c.effective}, {Name: "permitted", Value: 0xffffffff}, {Name: "effective_high"}}
		list := append(asks(len(CapabilityNames())), call)
		s := NewModel().Sandbox(settings("CapabilityBoundingSet="), target(t, "252"), NewScene(list))
		o := capability(c.name, "capset")
		o.Capability.Asked = true
		if got := len(s.Violations(&o)) > 0; got != c.denied {
			t.Errorf("%s with %#x effective: denied %v, want %v", c.name, c.effective, got, c.denied)
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

// TestAsksElsewhere: in a user namespace of its own a process needs nothing of the unit's
// capabilities, if it makes that call there only.
func TestAsksElsewhere(t *testing.T) {
	call := sys("unshare", arg(0, 0x20000))
	here, there := capability("CAP_SYS_ADMIN", "unshare"), capability("CAP_SYS_ADMIN", "unshare")
	there.Capability.ForeignNS = true
	another := there
	another.Actor.UID = 33
	for _, c := range []struct {
		name    string
		granted []trace.Observation
		denied  bool
	}{
		{"there", []trace.Observation{there}, false},
		{"here", []trace.Observation{here}, true},
		{"there and here", []trace.Observation{there, here}, true},
		{"here and there", []trace.Observation{here, there}, true},
		{"refused there", []trace.Observation{failed(there, eperm)}, true},
		{"by somebody else", []trace.Observation{another}, true},
		{"nobody knows where", nil, true},
	} {
		list := append(c.granted, call)
		s := NewModel().Sandbox(settings("User=daemon"), target(t, "252"), NewScene(list))
		if got := len(s.Violations(&call)) > 0; got != c.denied {
			t.Errorf("%s: denied %v, want %v", c.name, got, c.denied)
		}
		e := NewEvidence(&trace.Trace{Observations: list}, target(t, "252"), Standard, NewModel())
		if needed, _ := e.capabilitiesNeeded(); needed["CAP_SYS_ADMIN"] != c.denied {
			t.Errorf("%s: %v are needed", c.name, needed)
		}
	}
}
