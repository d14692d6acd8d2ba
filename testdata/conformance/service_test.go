// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// TestDrawService: a number of a seed is always the same service, whatever it is, each
// operation is in one line, and there are services of all sorts.
func TestDrawService(t *testing.T) {
	sorts := map[string]bool{}
	for number := range 100 {
		s, again := drawService(7, number, newest), drawService(7, number, newest)
		if s.unit("1") != again.unit("1") || cmp.Diff(s.files(), again.files()) != "" {
			t.Errorf("service %d is drawn twice, and differs", number)
		}
		all := s.operations()
		slices.Sort(all)
		if len(slices.Compact(slices.Clone(all))) != len(all) || len(all) == 0 {
			t.Errorf("service %d does %q", number, all)
		}
		sorts[s.kind], sorts[s.unit("1")] = true, true
		for _, p := range s.parts {
			sorts[p.line] = true
			sorts[p.prefix] = true
			sorts["becomes a user"] = sorts["becomes a user"] || len(p.away) > 0 && p.way.becomes
			sorts["does it in another way"] = sorts["does it in another way"] || len(p.away) > 0 && !p.way.becomes
		}
		sorts["is sent a signal"] = sorts["is sent a signal"] || s.hangup && !s.settles
		sorts["is a user's"] = sorts["is a user's"] || s.settles
		sorts["runs errands"] = sorts["runs errands"] || slices.ContainsFunc(all, func(o string) bool { _, ok := findErrand(o); return ok })
		sorts["has a user"] = sorts["has a user"] || s.user
	}
	for _, sort := range append([]string{"simple", "notify", "forking", "oneshot", "ExecStart", "becomes a user", "has a user", "-", "+", "!",
		"does it in another way", "is sent a signal", "is a user's", "runs errands"}, lines...) {
		if !sorts[sort] {
			t.Errorf("no service of 100 that is, has or does %s", sort)
		}
	}
}

func TestReadLife(t *testing.T) {
	text := "open_read 0\nsh: 1: mkdir: not found\nmkdir 17\n-- end ExecStart\nsocket 159\nother 0\nfork 97\nclone 95\nvfork 200\nrun_ps 1\nrun_id 0\n"
	want := life{"open_read": "ok", "mkdir": "EEXIST", "socket": trace.OutcomeKilled, "fork": "EAFNOSUPPORT", "clone": "EOPNOTSUPP", "vfork": "status 200", "run_ps": "status 1", "run_id": "ok"}
	if diff := cmp.Diff(want, readLife(text, []string{"open_read", "mkdir", "socket", "fork", "clone", "vfork", "chown", "run_ps", "run_id"})); diff != "" {
		t.Error(diff)
	}
}

// TestForesight: what check says is of the operation whose program it names.
func TestForesight(t *testing.T) {
	s := &service{parts: []part{{line: "ExecStart", operations: []string{"mkdir", "chown", "execve"}}}}
	denies := func(exe string, outcome trace.Outcome) directive.Violation {
		return directive.Violation{Outcome: outcome, Observation: &trace.Observation{Actor: trace.Actor{Exe: trace.Path(exe)}}}
	}
	f := foresee(s, []directive.Violation{denies(programs+"/mkdir", "EROFS"), denies(probes.Area+"/execve", directive.Hidden)}, nil)
	for _, c := range []struct {
		operation string
		was, is   trace.Outcome
		wrong     bool
	}{
		{"mkdir", "ok", "EROFS", false},
		{"mkdir", "ok", "ok", true},
		{"mkdir", "EEXIST", "EEXIST", false},
		{"chown", "ok", "ok", false},
		{"chown", "ok", "EPERM", true},
		{"chown", "EROFS", "ok", false},
		{"execve", "ok", "ok", false},
		{"execve", "ok", "", false},
	} {
		if got := f.wrong(c.operation, c.was, c.is, c.was == c.is); (got != "") != c.wrong {
			t.Errorf("%s was %s, is %s: %q", c.operation, c.was, c.is, got)
		}
	}
	shell := foresee(s, []directive.Violation{denies("/usr/bin/dash", "EPERM")}, nil)
	if got := shell.wrong("chown", "ok", "", false); got != "" {
		t.Errorf("the shell does nothing: %s", got)
	}
}

func TestInPassing(t *testing.T) {
	for _, c := range []struct {
		operation string
		uid       int
		want      bool
	}{
		{"access_write_usr", 0, true}, {"access_write_usr", probes.UserID, false}, {"write_usr", 0, false}, {"access_write", 0, false},
	} {
		if got := inPassing(c.operation, c.uid); got != c.want {
			t.Errorf("%s as %d is in passing: %v, want %v", c.operation, c.uid, got, c.want)
		}
	}
}

func TestSettingsIn(t *testing.T) {
	want := []trace.Setting{{Name: "User", Value: "x"}, {Name: "SystemCallFilter", Value: "~a b"}}
	if diff := cmp.Diff(want, settingsIn([]byte(strings.Join([]string{"# Why=not", "[Service]", "User=x", "SystemCallFilter=~a b", ""}, "\n")))); diff != "" {
		t.Error(diff)
	}
}
