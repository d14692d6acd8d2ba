// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableNamesTheProgramsOperations(t *testing.T) {
	out, err := exec.Command(build(t), "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Fields(string(out))
	var named []string
	for _, op := range Table {
		named = append(named, op.Name)
	}
	slices.Sort(listed)
	slices.Sort(named)
	if diff := cmp.Diff(listed, named); diff != "" {
		t.Errorf("the program's operations (-) and the table's (+):\n%s", diff)
	}
}

// TestTableIsComplete checks what a reader of the table relies on.
func TestTableIsComplete(t *testing.T) {
	for _, op := range Table {
		if op.Does == "" {
			t.Errorf("%s: does what?", op.Name)
		}
		if len(op.Expect) == 0 {
			t.Errorf("%s: nothing is expected of it", op.Name)
		}
		for _, outcome := range slices.Concat(op.Outcomes(true), op.Outcomes(false)) {
			if !isOutcome(outcome) {
				t.Errorf("%s: %q is no outcome", op.Name, outcome)
			}
		}
		if len(op.Outcomes(true)) > 1 && op.Outcomes(true)[0] == "ok" && op.Kernel == "" {
			t.Errorf("%s: why may it end with %s?", op.Name, op.Outcomes(true)[1])
		}
		if user := op.Outcomes(false)[0]; op.Capability != "" && user == "ok" && !strings.HasPrefix(op.Name, "setfs") {
			t.Errorf("%s: root needs %s, and a user needs nothing?", op.Name, op.Capability)
		}
	}
}

func isOutcome(name string) bool {
	for errno := range syscall.Errno(134) {
		if errnoName(errno) == name {
			return true
		}
	}
	return name == "ok" || name == "SIGSEGV"
}
