// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestOutcomes runs every operation without a sandbox.
func TestOutcomes(t *testing.T) {
	if !inside(t) {
		return
	}
	outside := outsider(t)
	for _, uid := range []int{0, UserID} {
		t.Run(fmt.Sprint("uid ", uid), func(t *testing.T) {
			if err := PrepareArea("/", Area, uid); err != nil {
				t.Fatal(err)
			}
			checkOutcomes(t, run(t, uid, outside), uid == 0)
		})
	}
}

func checkOutcomes(t *testing.T, outcomes map[string]string, root bool) {
	for _, op := range Table {
		got, want := outcomes[op.Name], op.Outcomes(root)
		if !slices.Contains(want, got) {
			t.Errorf("%s (%s): %q, want %s", op.Name, op.Does, got, strings.Join(want, " or "))
		}
	}
}

// run returns the outcome of every operation by name.
func run(t *testing.T, uid, outside int) map[string]string {
	t.Helper()
	args := []string{}
	for _, op := range Table {
		args = append(args, op.Name)
	}
	cmd := exec.Command(Program, args...)
	cmd.Env, cmd.SysProcAttr = environment(outside), asUser(uid)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("running the operations: %v", err)
	}
	outcomes := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, outcome, _ := strings.Cut(strings.TrimSpace(line), " ")
		outcomes[name] = outcome
	}
	return outcomes
}
