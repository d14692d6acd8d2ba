// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/vm"
)

// TestMachines runs the operations, and records them, on Debian's kernels. It takes
// a minute for each.
func TestMachines(t *testing.T) {
	if os.Getenv("SBXPROF_TEST_VM") == "" {
		t.Skip("SKIPPED: other kernels were not tried: set SBXPROF_TEST_VM=1")
	}
	for _, suite := range []string{"bookworm", "trixie", "sid"} {
		t.Run(suite, func(t *testing.T) { checkMachine(t, vm.New(t, vm.Options{Suite: suite})) })
	}
}

func checkMachine(t *testing.T, m *vm.Machine) {
	const tests, program = "/root/probes.test", "/root/probe"
	for from, to := range map[string]string{"/proc/self/exe": tests, build(t): program} {
		if err := m.CopyIn(t.Context(), from, to); err != nil {
			t.Fatal(err)
		}
	}
	// In /root, since /tmp is a tmpfs, on which not everything works before Linux 6.6.
	result, err := m.Run(t.Context(), "env", "TMPDIR=/root", "PROBES_PROGRAM="+program, tests, "-test.v", "-test.run=^(TestOutcomes|TestExact)$")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in the machine:\n%s%s", result.Stdout, result.Stderr)
	if result.Status != 0 {
		t.Errorf("in the machine the tests ended with status %d", result.Status)
	}
	if !figures(result.Stdout) {
		t.Error("in the machine nothing was recorded")
	}
}

// figures prints the line of figures of a run, also without -v, and tells whether
// there was one.
func figures(out string) bool {
	found := false
	for line := range strings.Lines(out) {
		if _, tally, ok := strings.Cut(line, "probes: "); ok {
			fmt.Print("probes: ", tally)
			found = true
		}
	}
	return found
}
