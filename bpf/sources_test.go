// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/trace"
)

func TestChooseASource(t *testing.T) {
	s := source{name: "capabilities", needed: true, hides: "capabilities",
		ways: []program{tracing("first", "fexit/first"), tracing("second", "tp_btf/second")}}
	refused := errors.New("permission denied" + memlockHint + "\nand the verifier's log")
	var tried []string
	first := s.choose(func(p program) error { tried = append(tried, p.name); return nil })
	if want := (trace.Source{Name: "capabilities", Needed: true, Via: "fexit/first"}); first != want || len(tried) != 1 {
		t.Errorf("the best way is %+v after %q", first, tried)
	}
	second := s.choose(func(p program) error {
		if p.name == "first" {
			return refused
		}
		return nil
	})
	if second.Via != "tp_btf/second" || second.Missing != "" {
		t.Errorf("the second best way is %+v", second)
	}
	none := s.choose(func(program) error { return refused })
	want := trace.Source{Name: "capabilities", Needed: true, Hides: "capabilities",
		Missing: "fexit/first: permission denied; tp_btf/second: permission denied"}
	if diff := cmp.Diff(want, none); diff != "" {
		t.Errorf("without any way (-want +got):\n%s", diff)
	}
}

// TestMissingSources has a kernel without any of the optional hooks: the rest is
// recorded, and each missing source says why and what it hides.
func TestMissingSources(t *testing.T) {
	optional := map[string]bool{}
	for _, s := range optionalSources {
		for _, p := range s.ways {
			optional[p.name] = true
		}
	}
	w := startWatch(t, Options{}, func(s *ebpf.CollectionSpec) {
		for name, p := range s.Programs {
			if optional[name] {
				p.AttachTo = "sbxprof_no_such_hook"
			}
		}
	}).read()
	w.run("calls", "5")
	w.whole()
	if n := w.counted("getpgid", 0); n != 5 {
		t.Errorf("getpgid was counted %d times, want 5", n)
	}
	missing := 0
	for _, s := range w.r.Sources() {
		required := slices.ContainsFunc(requiredSources, func(r trace.Source) bool { return r.Name == s.Name })
		switch {
		case required != (s.Missing == ""):
			t.Errorf("the source %+v, and it is required: %v", s, required)
		case s.Missing != "":
			missing++
			if s.Hides == "" || s.Via != "" || !strings.Contains(s.Missing, "sbxprof_no_such_hook") {
				t.Errorf("a missing source is %+v", s)
			}
		}
	}
	if missing != len(optionalSources) {
		t.Errorf("%d sources are missing, want %d", missing, len(optionalSources))
	}
}
