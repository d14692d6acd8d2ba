// SPDX-License-Identifier: Apache-2.0

// Package mainjob tests what a recording promises, with the real program, a real
// systemd and real services.
package mainjob

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// program is the built sbxprof; TestMain makes it.
type program struct{ path string }

// built builds sbxprof for a test.
func built(t *testing.T) program {
	t.Helper()
	p := program{filepath.Join(t.TempDir(), "sbxprof")}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", p.path, "../../cmd/sbxprof")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building sbxprof: %v\n%s", err, out)
	}
	return p
}

// suites are the Debian releases that the tests run on: systemd 252, which sets
// services up in a fork of PID 1, and 257, which does it in systemd-executor.
var suites = []string{"bookworm", "trixie"}

// onSuites runs a test in a machine of each suite that has lighttpd and sbxprof.
func onSuites(t *testing.T, test func(t *testing.T, m *testbed.Machine)) {
	onSuitesWith(t, []string{"lighttpd", "curl", "strace"}, test)
}

// onSuitesWith is onSuites with other packages.
func onSuitesWith(t *testing.T, packages []string, test func(t *testing.T, m *testbed.Machine)) {
	testbed.RequireRoot(t)
	p := built(t)
	for _, suite := range suites {
		t.Run(suite, func(t *testing.T) {
			m := testbed.New(t, testbed.Options{Suite: suite, Packages: packages})
			if err := m.CopyIn(t.Context(), p.path, "/usr/local/bin/sbxprof"); err != nil {
				t.Fatal(err)
			}
			test(t, m)
		})
	}
}

// requests is what lighttpd is asked for.
const requests = `for i in 1 2 3; do
  curl -s -o /dev/null --retry 20 --retry-delay 1 --retry-connrefused http://localhost/
  curl -s -o /dev/null http://localhost/missing
done`

// record records lighttpd while it answers requests, is reloaded and stopped.
func record(t *testing.T, m *testbed.Machine) *trace.Trace {
	t.Helper()
	script := requests + "\nsystemctl reload lighttpd; sleep 1\n" + requests + "\nsystemctl stop lighttpd"
	m.Check(t, "sbxprof", "record", "--unit", "lighttpd", "--restart", "-o", "/root/t.trace", "--", "sh", "-c", script)
	return fetch(t, m, "/root/t.trace")
}

func fetch(t *testing.T, m *testbed.Machine, name string) *trace.Trace {
	t.Helper()
	file := filepath.Join(t.TempDir(), "t.trace")
	if err := m.CopyOut(t.Context(), name, file); err != nil {
		t.Fatal(err)
	}
	tr, err := trace.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if why := tr.Incomplete(); len(why) > 0 {
		t.Errorf("the trace is incomplete: %s", strings.Join(why, "; "))
	}
	for _, l := range tr.Header.Losses {
		if l.Count > 0 {
			t.Errorf("%d × %s was lost", l.Count, l.Reason)
		}
	}
	return tr
}

// write writes a file of a machine.
func write(t *testing.T, m *testbed.Machine, name, content string, mode os.FileMode) {
	t.Helper()
	if err := m.WriteFile(t.Context(), name, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// unit is a unit file of a service.
func unit(lines ...string) string {
	return fmt.Sprintf("[Service]\n%s\n", strings.Join(lines, "\n"))
}
