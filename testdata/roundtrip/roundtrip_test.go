// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServices(t *testing.T) {
	services, err := loadServices(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(services) < 12 {
		t.Errorf("%d services, want twelve of different make", len(services))
	}
	for _, s := range services {
		if !strings.HasPrefix(string(s.setup), "#!/bin/sh\n") || !strings.Contains(string(s.workload), "\n. /root/lib.sh\n") ||
			!strings.HasSuffix(string(s.workload), "\nfinish\n") {
			t.Errorf("%s: its scripts are not what the program runs", s.name)
		}
	}
	if _, err := loadServices([]string{"nginx", "no-such"}); err == nil || !strings.Contains(err.Error(), "no-such") {
		t.Errorf("a service that is not there: %v", err)
	}
}

func TestParseService(t *testing.T) {
	for _, c := range []struct {
		conf string
		want service
		bad  bool
	}{
		{conf: "# a comment\nunit=a.service\npackages=a b\n", want: service{unit: "a.service", packages: []string{"a", "b"}, start: []string{"a.service"}}},
		{conf: "unit=a.service\npackages=a\nstart=a.socket\nfirst=yes\nsuites=trixie\nlogs=/var/log/a/*",
			want: service{unit: "a.service", packages: []string{"a"}, start: []string{"a.socket"}, first: true, suites: []string{"trixie"}, logs: []string{"/var/log/a/*"}}},
		{conf: "unit=a.service\npackages=a\nstart=none", want: service{unit: "a.service", packages: []string{"a"}}},
		{conf: "unit=a.service", bad: true},
		{conf: "packages=a", bad: true},
		{conf: "unit=a.service\npackages=a\ntypo=b", bad: true},
	} {
		var got service
		err := got.parse(c.conf)
		if (err != nil) != c.bad {
			t.Errorf("%q: %v", c.conf, err)
		}
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(service{})); !c.bad && diff != "" {
			t.Errorf("%q: %s", c.conf, diff)
		}
	}
}

func TestParse(t *testing.T) {
	o, err := parse([]string{"-only", "a,b", "-levels", "safe,strict", "-suite", "trixie"})
	want := options{suite: "trixie", sbxprof: "bin/sbxprof", only: []string{"a", "b"}, levels: []string{"safe", "strict"}}
	if diff := cmp.Diff(want, o, cmp.AllowUnexported(options{})); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := parse([]string{"-levels", "paranoid"}); err == nil {
		t.Error("an unknown level: want an error")
	}
}

func TestTable(t *testing.T) {
	table := table{suite: "bookworm", rows: []row{
		{service: "a", unit: "a.service", level: "standard", before: 9.6, after: 2.4, directives: 30, requests: 10, checks: 5},
		{service: "b", unit: "b.service", level: "standard", before: 9.6, after: 3.0, wrong: []string{"it fails"}},
		{service: "c", unit: "c.service", level: "standard", before: 9.6, after: 9.6},
		{service: "d", unit: "d.service", level: "-", after: -1, wrong: []string{"it was not recorded"}},
	}}
	want := "roundtrip: suite=bookworm services=4 broken=2 median_safe=-1.0 median_standard=3.0 median_strict=-1.0"
	if got := table.figures(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := table.markdown(); !strings.Contains(got, "| a | a.service | standard | 9.6 → 2.4 | 30 | works (10 requests, 5 checks) |\n") ||
		!strings.Contains(got, "| broken (1) |\n") {
		t.Error(got)
	}
	table.rows = table.rows[:2]
	if got := table.median("standard"); got != 2.7 {
		t.Errorf("the median of two is %.2f, want their mean 2.70", got)
	}
}

func TestCount(t *testing.T) {
	var r row
	r.count("after a reboot", parseResults("ok request: a\nFAILED b: no\n"))
	if diff := cmp.Diff(row{requests: 1, checks: 1, wrong: []string{"after a reboot: FAILED b: no\n"}}, r, cmp.AllowUnexported(row{})); diff != "" {
		t.Error(diff)
	}
}

func TestCountDirectives(t *testing.T) {
	if got := countDirectives([]byte("# A=b\n[Service]\nNoNewPrivileges=yes\n\n# c\nUMask=0077\n")); got != 2 {
		t.Errorf("%d directives, want 2", got)
	}
}
