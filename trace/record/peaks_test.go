// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

// cgroupOf writes the files of a cgroup that this process is in.
func cgroupOf(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["cgroup.procs"] = fmt.Sprintf("%d\n", os.Getpid())
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRaise(t *testing.T) {
	counted := cgroupOf(t, map[string]string{
		"pids.peak": "70000\n", "pids.current": "1\n", "memory.peak": "4096\n", "memory.current": "2048\n",
	})
	var peaks trace.Peaks
	raise(&peaks, counted)
	if peaks.Tasks != 70000 || peaks.Memory != 4096 || peaks.OpenFiles < 3 {
		t.Errorf("as the controllers say: %+v", peaks)
	}
	higher := trace.Peaks{Tasks: 80000, Memory: 8192, OpenFiles: 1 << 20}
	was := higher
	raise(&higher, counted)
	if higher != was {
		t.Errorf("peaks came down: %+v", higher)
	}
}

func TestRaiseWithoutControllers(t *testing.T) {
	var peaks trace.Peaks
	raise(&peaks, cgroupOf(t, map[string]string{}))
	if peaks.Tasks < 2 || peaks.Memory < 1<<20 || peaks.OpenFiles < 3 { // of a program in Go
		t.Errorf("counted: %+v", peaks)
	}
	raise(&peaks, filepath.Join(t.TempDir(), "gone"))
}
