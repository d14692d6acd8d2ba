// SPDX-License-Identifier: Apache-2.0

package record

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// TestManyUnitsAreFound finds more units than any channel has room for, before
// anybody asks for them, while discover may use the session.
func TestManyUnitsAreFound(t *testing.T) {
	const n = 5000
	s := &session{units: map[uint16]*target{}, found: make(chan struct{}, 1)}
	s.discover = func(name string) *target {
		s.names() // hangs if the session is locked
		if name == "odd.service" {
			return nil
		}
		return &target{unit: trace.Unit{Name: name}}
	}
	for i := range uint16(n) {
		s.handle(&bpf.Event{Kind: bpf.EventUnit, Who: bpf.Who{Unit: i}, Given: fmt.Appendf(nil, "u%d.service", i)})
	}
	s.handle(&bpf.Event{Kind: bpf.EventUnit, Who: bpf.Who{Unit: n}, Given: []byte("odd.service")})
	if len(s.targets) != n || s.units[7].unit.Name != "u7.service" || s.units[n] != nil {
		t.Errorf("%d targets, want %d", len(s.targets), n)
	}
	if len(s.found) != 1 {
		t.Error("nobody is told that there are more targets")
	}
}

func TestUnitThatIsNotTold(t *testing.T) {
	for _, tt := range []struct {
		wanted wanted
		name   string
		kept   bool
	}{
		{wanted{patterns: []string{"a@*.service"}}, "a@1.service", true},
		{wanted{patterns: []string{"a@?.service"}}, "a@11.service", false},
		{wanted{inSlices: []string{"-.slice"}}, "b.service", true},
	} {
		var notices []string
		r := &run{wanted: tt.wanted, options: Options{Notice: func(n string) { notices = append(notices, n) }}}
		unread := r.unread(tt.name, errors.New("no answer"))
		if (unread != nil) != tt.kept || len(notices) == 1 != tt.kept {
			t.Errorf("%s: %+v and the notices %q", tt.name, unread, notices)
			continue
		}
		if !tt.kept {
			continue
		}
		s := &session{actors: newActors(), events: newSet()}
		got := s.trace(unread, newSet(), []bpf.Loss{{Reason: "ring_full", Count: 2}}, time.Time{})
		want := []trace.Loss{unitUnread, {Reason: "ring_full", Count: 2}}
		if diff := cmp.Diff(want, got.Header.Losses); diff != "" || got.Header.Unit.Name != tt.name {
			t.Errorf("the losses of %s: %s", got.Header.Unit.Name, diff)
		}
	}
}
