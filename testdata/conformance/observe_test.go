// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"os"
	"slices"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

func TestFileSystem(t *testing.T) {
	root, err := os.OpenRoot("/")
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]string{"/proc/self/stat": "proc", "/proc/[pid]/status": "proc", "/proc": "proc", "/proc/self/ns/mnt": "nsfs"} {
		if got := fileSystem(root, name); got != want {
			t.Errorf("%s is on %q, want %s", name, got, want)
		}
	}
}

// TestAsked: what is asked for on some machines only is what this one says.
func TestAsked(t *testing.T) {
	for _, test := range []struct {
		paranoid string
		cgroup   os.FileMode
		want     []string
	}{
		{"2\n", 0o755, []string{"CAP_PERFMON"}},
		{"3\n", 0o755, []string{"CAP_PERFMON", "CAP_SYS_ADMIN"}},
		{"-1\n", 0o555, []string{"CAP_PERFMON", "CAP_DAC_OVERRIDE"}},
	} {
		dir := t.TempDir()
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		err = errors.Join(root.MkdirAll("proc/sys/kernel", 0o755), root.WriteFile("proc/sys/kernel/perf_event_paranoid", []byte(test.paranoid), 0o644),
			root.MkdirAll("sys/fs/cgroup", 0o755), root.Chmod("sys/fs/cgroup", test.cgroup))
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Concat(asked(root, probes.Operation{Name: "perf_event_open_kernel", Capability: "CAP_PERFMON|CAP_SYS_ADMIN"}),
			asked(root, probes.Operation{Name: "cgroup_mkdir"}), asked(root, probes.Operation{Name: "mkdir"}))
		if !slices.Equal(got, test.want) {
			t.Errorf("with %q and %o, %v are asked for, want %v", test.paranoid, test.cgroup, got, test.want)
		}
	}
}

// TestIsUnknown: a call that there is not ends an operation, and undoes nothing of what
// was before it.
func TestIsUnknown(t *testing.T) {
	for _, test := range []struct {
		operation string
		outcome   trace.Outcome
		ends      bool
		want      bool
	}{
		{"cachestat", "ENOSYS", true, true},
		{"cachestat", "ENOSYS", false, false},
		{"cachestat", "EINVAL", true, false},
		{"ring_openat", "ENOSYS", false, true},
		{"ring_openat", "EINVAL", false, true},
		{"ring_openat", "EPERM", true, false},
	} {
		if got := isUnknown(probes.Operation{Name: test.operation}, test.outcome, test.ends); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}
