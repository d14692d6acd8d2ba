// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestBuild builds with each compiler that is there, and no other.
func TestBuild(t *testing.T) {
	for _, compiler := range []string{"clang", "gcc"} {
		t.Run(compiler, func(t *testing.T) {
			onlyThese(t, compiler, "ld", "as")
			dir := t.TempDir()
			program, err := Build(dir)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(program, "getpid", "open_missing").Output(); err != nil ||
				string(out) != "getpid ok\nopen_missing ENOENT\n" {
				t.Errorf("it prints %q, %v", out, err)
			}
		})
	}
}

func TestBuildIsKept(t *testing.T) {
	dir := t.TempDir()
	first, err := Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	second, err := Build(dir)
	if err != nil || first != second {
		t.Errorf("built again: %s, %v; the first was %s", second, err, first)
	}
}

func TestBuildWithoutCompiler(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Build(t.TempDir()); !errors.Is(err, ErrNoCompiler) {
		t.Errorf("the error is %v", err)
	}
}

// onlyThese makes a PATH with these programs alone.
func onlyThese(t *testing.T, names ...string) {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		program, err := exec.LookPath(name)
		if err != nil && i == 0 {
			t.Skipf("SKIPPED: there is no %s", name)
		} else if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(program, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
}

func TestWrongUsage(t *testing.T) {
	program := build(t)
	for _, args := range [][]string{{}, {"no_such"}, {"getpid", "no_such"}, {"--exec"}, {"--exec", strings.Repeat("x", 1<<16)}} {
		out, err := exec.Command(program, args...).Output()
		exit := (*exec.ExitError)(nil)
		if !errors.As(err, &exit) || exit.ExitCode() != 2 || len(out) > 0 {
			t.Errorf("%.40q: %v, prints %q", args, err, out)
		} else if !strings.HasPrefix(string(exit.Stderr), "probe: ") {
			t.Errorf("%.40q: says %q", args, exit.Stderr)
		}
	}
}
