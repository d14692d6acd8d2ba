// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestServices(t *testing.T) {
	for _, suite := range []string{"bookworm", "trixie"} {
		t.Run(suite, func(t *testing.T) { testServices(t, suite) })
	}
	if _, err := loadServices("bookworm", []string{"nginx", "no-such"}); err == nil || !strings.Contains(err.Error(), "no-such") {
		t.Errorf("a service that is not there: %v", err)
	}
}

func testServices(t *testing.T, suite string) {
	services, err := loadServices(suite, nil)
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
}

func TestParseService(t *testing.T) {
	for _, c := range []struct {
		conf string
		want service
		bad  bool
	}{
		{conf: "# a comment\nunit=a.service\nkind=k\npackages=a b\n", want: service{unit: "a.service", kind: "k", packages: []string{"a", "b"}, start: []string{"a.service"}}},
		{conf: "unit=a.service\nkind=k\npackages=a\nstart=a.socket\nfirst=yes\nlogs=/var/log/a/*",
			want: service{unit: "a.service", kind: "k", packages: []string{"a"}, start: []string{"a.socket"}, first: true, logs: []string{"/var/log/a/*"}}},
		{conf: "unit=a.service\nkind=k\npackages=a\nstart=none", want: service{unit: "a.service", kind: "k", packages: []string{"a"}}},
		{conf: "unit=a@1.service\nunit@trixie=a@2.service\nunit@sid=a@3.service\nkind=k\npackages=a", want: service{unit: "a@2.service", kind: "k", packages: []string{"a"}, start: []string{"a@2.service"}}},
		{conf: "unit=a.service\nkind=k\npackages=a\ntypo@trixie=b", bad: true},
		{conf: "unit=a.service\nkind=k", bad: true},
		{conf: "unit=a.service\npackages=a", bad: true},
		{conf: "packages=a", bad: true},
		{conf: "unit=a.service\nkind=k\npackages=a\ntypo=b", bad: true},
	} {
		var got service
		err := got.parse("trixie", c.conf)
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
	for _, wrong := range [][]string{{"-levels", "paranoid"}, {"-resume"}} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%q: want an error", wrong)
		}
	}
}

func TestTable(t *testing.T) {
	table := table{suite: "bookworm", services: [][]row{
		{
			{Service: "a", Kind: "a server", Level: "safe", Before: 9.6, After: 4, Directives: 20, Requests: 10, Checks: 5},
			{Service: "a", Kind: "a server", Level: "standard", Before: 9.6, After: 2.4, Directives: 30, Requests: 10, Checks: 5},
		},
		{{Service: "b", Kind: "another", Level: "standard", Before: 9.6, After: 3.0, Wrong: []string{"it fails"}}},
		{{Service: "c", Kind: "a third", Level: "standard", Before: 9.6, After: 9.6}},
		{{Service: "d", Kind: "a fourth", Level: "-", After: -1, Wrong: []string{"it was not recorded"}}},
	}}
	want := "roundtrip: suite=bookworm services=4 broken=2 median_safe=4.0 median_standard=3.0 median_strict=-1.0"
	if got := table.figures(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	wantTable := `| service | kind | exposure before | safe | standard | strict | directives | result |
| --- | --- | --- | --- | --- | --- | --- | --- |
| a | a server | 9.6 | 4.0 | 2.4 | - | 20, 30, - | works (20 requests, 10 checks) |
| b | another | 9.6 | - | 3.0 | - | -, 0, - | broken (1) |
| c | a third | 9.6 | - | 9.6 | - | -, 0, - | left alone |
| d | a fourth | 0.0 | - | - | - | -, -, - | broken (1) |
`
	if diff := cmp.Diff(wantTable, table.markdown()); diff != "" {
		t.Error(diff)
	}
	table.services = table.services[:2]
	if got := table.median("standard"); got != 2.7 {
		t.Errorf("the median of two is %.2f, want their mean 2.70", got)
	}
}

func TestCount(t *testing.T) {
	var r row
	r.count("after a reboot", parseResults("ok request: a\nFAILED b: no\n"))
	if diff := cmp.Diff(row{Requests: 1, Checks: 1, Wrong: []string{"after a reboot: FAILED b: no\n"}}, r); diff != "" {
		t.Error(diff)
	}
}

func TestCountDirectives(t *testing.T) {
	if got := countDirectives([]byte("# A=b\n[Service]\nNoNewPrivileges=yes\n\n# c\nUMask=0077\n")); got != 2 {
		t.Errorf("%d directives, want 2", got)
	}
}
