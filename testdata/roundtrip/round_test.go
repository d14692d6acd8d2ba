// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/testbed"
)

// buildProgram builds sbxprof as make does.
func buildProgram(t *testing.T) string {
	t.Helper()
	testbed.RequireRoot(t)
	program := filepath.Join(t.TempDir(), "sbxprof")
	build := exec.Command("go", "build", "-o", program, "../../cmd/sbxprof")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building sbxprof: %v\n%s", err, out)
	}
	return program
}

// TestRound takes three services of different make all the way at one level: what CI
// can do of make roundtrip in a minute or two.
func TestRound(t *testing.T) {
	var said strings.Builder
	args := []string{"-sbxprof", buildProgram(t), "-only", "nginx,redis,uuidd", "-levels", "standard"}
	if err := run(t.Context(), args, &said); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "roundtrip: suite=bookworm services=3 broken=0 ") {
		t.Errorf("the last line is %q", last)
	}
}

// TestHarmfulSuggestion puts a drop-in in the place of the suggestion that breaks the
// service only where it starts for the first time.
func TestHarmfulSuggestion(t *testing.T) {
	services, err := loadServices("bookworm", []string{"nginx"})
	if err != nil {
		t.Fatal(err)
	}
	r := &round{options: options{suite: "bookworm", sbxprof: buildProgram(t)}, s: services[0], out: t.Output(),
		dropIns: map[string][]byte{"safe": []byte("[Service]\nReadOnlyPaths=/var/cache\nReadWritePaths=-/var/cache/nginx\n")}}
	w := row{Level: "safe"}
	err = r.elsewhere(t.Context(), &w)
	if err == nil || !strings.HasPrefix(err.Error(), "at its first start: ") || !strings.Contains(err.Error(), "Read-only file system") {
		t.Errorf("%v, %q: want that it did not start", err, w.Wrong)
	}
}
