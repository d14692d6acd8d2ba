// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTableNamesTheProgramsOperations(t *testing.T) {
	program, err := Build(buildDir(t))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "--list").Output()
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
