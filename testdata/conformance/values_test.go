// SPDX-License-Identifier: Apache-2.0

package main

import (
	"regexp"
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
	c := testCase{"SocketBindDeny", settingsOf("SocketBindDeny", "any")}
	for _, e := range []struct {
		p    pair
		uid  int
		want bool
	}{
		{pair{operation: "access_write", was: "ok", says: "ok", is: "EROFS"}, 0, true},
		{pair{operation: "open_write", was: "ok", says: "ok", is: "EROFS"}, 0, false},
		{pair{operation: "access_write", was: "ok", says: "ok", is: "ENOENT"}, 0, false},
		{pair{operation: "seccomp", was: "EACCES", says: "EACCES", is: "ok"}, 0, false},
		{pair{operation: "seccomp", was: "EACCES", says: "EACCES", is: "ok"}, probes.UserID, true},
		{pair{operation: "kill_init_exists", was: "EPERM", says: "EPERM", is: "ok"}, probes.UserID, false},
	} {
		if got := exception(c, e.uid, e.p) != ""; got != e.want {
			t.Errorf("%+v as %d: excepted %v, want %v", e.p, e.uid, got, e.want)
		}
	}
}
