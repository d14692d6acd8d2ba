// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestResumed(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "sbxprof")
	if err := os.WriteFile(program, []byte("one"), 0o755); err != nil {
		t.Fatal(err)
	}
	o := options{suite: "bookworm", sbxprof: program, keep: dir, resume: true, levels: allLevels}
	s := &service{name: "a", workload: []byte("finish")}
	works := []row{{Service: "a", Level: "safe", Before: 9.6, After: 4, Directives: 20}}

	for _, c := range []struct {
		name  string
		kept  []row
		after func(o *options, s *service)
		want  []row
	}{
		{"it worked", works, func(*options, *service) {}, works},
		{"it did not", []row{{Service: "a", Wrong: []string{"no"}}}, func(*options, *service) {}, nil},
		{"nobody wants it", works, func(o *options, _ *service) { o.resume = false }, nil},
		{"in another release", works, func(o *options, _ *service) { o.suite = "trixie" }, nil},
		{"at fewer levels", works, func(o *options, _ *service) { o.levels = allLevels[:1] }, nil},
		{"another workload", works, func(_ *options, s *service) { s.workload = []byte("more") }, nil},
		{"another program", works, func(o *options, _ *service) { o.sbxprof = os.Args[0] }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			what, err := tried(o, s)
			if err != nil {
				t.Fatal(err)
			}
			if err := keep(o, s, kept{what, o.levels, c.kept}); err != nil {
				t.Fatal(err)
			}
			o, s := o, *s
			c.after(&o, &s)
			if what, err = tried(o, &s); err != nil {
				t.Fatal(err)
			}
			got, err := resumed(o, &s, what)
			if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestKeepNowhere(t *testing.T) {
	if err := keep(options{}, &service{}, kept{}); err != nil {
		t.Error(err)
	}
}
