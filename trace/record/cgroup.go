// SPDX-License-Identifier: Apache-2.0

package record

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// processes are the processes in a cgroup and below it.
func processes(dir string) []int {
	var pids []int
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() != "cgroup.procs" {
			return nil // gone meanwhile
		}
		text, _ := os.ReadFile(name)
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids
}

// openFiles are the files that the processes of a cgroup have open by a path.
func openFiles(dir string) []trace.Path {
	var files []trace.Path
	for _, pid := range processes(dir) {
		for _, name := range openNames(pid) {
			files = append(files, withoutPIDs(trace.Path(name), uint32(pid)))
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

func openNames(pid int) []string {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		// Pipes and sockets have names like "pipe:[1]".
		if name, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && strings.HasPrefix(name, "/") {
			names = append(names, strings.TrimSuffix(name, " (deleted)"))
		}
	}
	return names
}
