// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/sbxprof/sbxprof/trace"
)

// look brings the peaks of the targets up to date. A cgroup's are gone with it.
func (s *session) look(mount string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files.roots.expire(time.Now())
	for _, t := range s.targets {
		if t.cgroup != "" {
			raise(&t.peaks, filepath.Join(mount, t.cgroup))
		}
	}
}

// raise brings peaks up to what a cgroup has now. Where it has no controller for tasks or
// memory, the threads are counted, and the memory that its processes have in use: what
// they share several times.
func raise(peaks *trace.Peaks, cgroup string) {
	var threads, resident uint64
	for _, pid := range processes(cgroup) {
		proc := filepath.Join("/proc", strconv.Itoa(pid))
		peaks.OpenFiles = max(peaks.OpenFiles, entries(filepath.Join(proc, "fd")))
		threads += entries(filepath.Join(proc, "task"))
		resident += residentMemory(proc)
	}
	peaks.Tasks = max(peaks.Tasks, readNumber(cgroup, "pids.peak"), readNumber(cgroup, "pids.current"), threads)
	memory := max(readNumber(cgroup, "memory.peak"), readNumber(cgroup, "memory.current"))
	if memory == 0 {
		memory = resident
	}
	peaks.Memory = max(peaks.Memory, memory)
}

func entries(dir string) uint64 {
	list, _ := os.ReadDir(dir) // gone meanwhile
	return uint64(len(list))
}

// residentMemory is what a process has in memory, in bytes: the second field of statm
// (proc_pid_statm(5)), which counts pages.
func residentMemory(proc string) uint64 {
	text, _ := os.ReadFile(filepath.Join(proc, "statm")) // gone meanwhile
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(fields[1], 10, 64)
	return pages * uint64(os.Getpagesize())
}

// readNumber is the number in a file of a cgroup, 0 if there is none.
func readNumber(dir, name string) uint64 {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n
}
