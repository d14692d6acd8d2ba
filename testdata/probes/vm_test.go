// SPDX-License-Identifier: Apache-2.0

//go:build vm

package probes

import (
	"testing"

	"github.com/sbxprof/sbxprof/testdata/vm"
)

// TestMachines runs the operations, and records them, on Debian's kernels. It takes
// a minute for each, and is part of make test-vm (the build tag vm) alone.
func TestMachines(t *testing.T) {
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
