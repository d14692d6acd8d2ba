// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

var newest = systemd.Target{Arch: "x86_64", Features: systemd.Features{"BPF_FRAMEWORK": true}}

// The table has a value for every directive of the model that denies anything; limits
// say how much, and not what.
func TestEveryDirectiveIsTried(t *testing.T) {
	tried := map[string]bool{}
	for _, c := range cases(options{only: regexp.MustCompile("")}, newest) {
		for _, s := range c.settings {
			tried[s.Name] = true
		}
	}
	if len(tried) < 40 || len(probes.Table) < 150 {
		t.Errorf("%d directives and %d operations, want 40 and 150", len(tried), len(probes.Table))
	}
	for _, f := range directive.NewModel().Families() {
		for _, d := range f.Directives {
			if d.Read != nil && !tried[d.Name] && d.Name != "DynamicUser" {
				t.Errorf("%s= is not tried", d.Name)
			}
		}
	}
}

// TestProposedAreTried: a directive that is only in the model is tried as well, with what is
// proposed of it.
func TestProposedAreTried(t *testing.T) {
	got := proposed([]directive.Family{{Directives: []directive.Directive{
		{Name: "ProtectNew", Values: []directive.Value{{Value: "all"}, {Value: "yes"}}},
		{Name: "ProtectHome", Values: []directive.Value{{Value: "yes"}}}, // is in the table
		{Name: "NewPaths"}, // of which nobody knows what to try
	}}})
	if len(got) != 1 || got[0].name != "ProtectNew" || !slices.Equal(got[0].list, []string{"all", "yes"}) {
		t.Errorf("%v", got)
	}
}

// TestOneOfEach: three seeds try three values of each directive that has them.
func TestOneOfEach(t *testing.T) {
	tried := map[string]map[string]bool{}
	for seed := range uint64(3) {
		for _, c := range cases(options{one: true, seed: seed, only: regexp.MustCompile("")}, newest) {
			if tried[c.name] == nil {
				tried[c.name] = map[string]bool{}
			}
			tried[c.name][c.String()] = true
		}
	}
	for _, v := range values {
		if got, want := len(tried[v.name]), min(len(v.list), 3); got != want {
			t.Errorf("%d values of %s= with three seeds, want %d", got, v.name, want)
		}
	}
}

func TestDrawIsRepeatable(t *testing.T) {
	a, b, other := draw(7, 500, newest), draw(7, 500, newest), draw(8, 500, newest)
	text := func(list []testCase) (all []string) {
		for _, c := range list {
			all = append(all, c.String())
		}
		return all
	}
	if diff := cmp.Diff(text(a), text(b)); diff != "" || len(a) != 500 {
		t.Errorf("the same seed draws %d cases, and others: %s", len(a), diff)
	}
	if cmp.Equal(text(a), text(other)) {
		t.Error("another seed draws the same")
	}
	for _, c := range a {
		if len(c.settings) < 2 {
			t.Errorf("%s is no combination", c)
		}
	}
}

func TestSettingsOf(t *testing.T) {
	want := []trace.Setting{{Name: "A", Value: "x"}, {Name: "A", Value: "~y"}, {Name: "B", Value: "z"}}
	if diff := cmp.Diff(want, settingsOf("A", "x\n~y\nB=z")); diff != "" {
		t.Error(diff)
	}
}

// An exception is about what it names, and nothing next to it.
func TestExceptions(t *testing.T) {
	bind, clock, user := testCase{"SocketBindDeny", settingsOf("SocketBindDeny", "any")}, testCase{"ProtectClock", settingsOf("ProtectClock", "yes")}, testCase{"User", settingsOf("User", "probe")}
	on := func(version, kernel int) systemd.Target {
		return systemd.Target{Systemd: systemd.Version{Major: version}, Kernel: systemd.KernelVersion{Major: kernel, Minor: 10}}
	}
	for _, e := range []struct {
		c    testCase
		on   systemd.Target
		p    pair
		uid  int
		want bool
	}{
		{bind, newest, pair{operation: "mprotect_exec_file", was: "ok", says: "ok", is: "EACCES"}, 0, true},
		{bind, newest, pair{operation: "mprotect", was: "ok", says: "ok", is: "EACCES"}, 0, false},
		{bind, newest, pair{operation: "mprotect_exec_file", was: "ok", says: "ok", is: "EPERM"}, 0, false},
		{bind, newest, pair{operation: "seccomp", was: "EACCES", says: "EACCES", is: "ok"}, 0, false},
		{bind, newest, pair{operation: "seccomp", was: "EACCES", says: "EACCES", is: "ok"}, probes.UserID, true},
		{bind, newest, pair{operation: "kill_init_exists", was: "EPERM", says: "EPERM", is: "ok"}, probes.UserID, false},
		{clock, on(244, 6), pair{operation: "dev_rtc_read", was: "ok", says: "ok", is: "EPERM"}, 0, false},
		{clock, on(245, 6), pair{operation: "dev_rtc_read", was: "ok", says: "ok", is: "EPERM"}, 0, true},
		{user, on(247, 5), pair{operation: "lookup_dcookie", was: "EINVAL", says: "EINVAL", is: "EPERM"}, 0, true},
		{user, on(247, 6), pair{operation: "lookup_dcookie", was: "EINVAL", says: "EINVAL", is: "EPERM"}, 0, false},
	} {
		if got := exception(e.on, e.c, e.uid, e.p) != ""; got != e.want {
			t.Errorf("%+v as %d on %+v: excepted %v, want %v", e.p, e.uid, e.on, got, e.want)
		}
	}
}
