// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// signalOf is the observation of a signal to a process outside of the unit; false
// if there is no such process, or it is inside. A process that was only named is
// looked up among those that this process sees.
func signalOf(e *bpf.Event, cgroup string) (trace.Observation, bool) {
	s := &trace.Signal{Number: int(e.Flags), UID: e.TargetUID, Exe: trace.Path(e.Path.Name)}
	if e.Path.Name == "/" {
		s.Exe = ""
	}
	if e.Errno != 0 || e.Flags == 0 {
		if e.Errno == uint16(unix.ESRCH) || int32(e.Target) <= 0 || !lookProcess(s, e.Target, cgroup) {
			return trace.Observation{}, false
		}
	}
	return trace.Observation{Kind: trace.KindSignal, Signal: s, Outcome: outcomeOf(e.Errno, false, false)}, true
}

// lookProcess fills in whose process it is; false if it is gone, or in the cgroup.
func lookProcess(s *trace.Signal, pid uint32, cgroup string) bool {
	dir := filepath.Join("/proc", strconv.Itoa(int(pid)))
	info, err := os.Stat(dir)
	if err != nil || inCgroup(dir, cgroup) {
		return false
	}
	s.UID = info.Sys().(*syscall.Stat_t).Uid
	if exe, err := os.Readlink(filepath.Join(dir, "exe")); err == nil {
		s.Exe = trace.Path(exe)
	}
	return true
}

// inCgroup tells whether a process, by its directory in /proc, is in a cgroup or
// below it.
func inCgroup(dir, cgroup string) bool {
	lines, err := os.ReadFile(filepath.Join(dir, "cgroup"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(lines)) {
		if path, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			return path == cgroup || strings.HasPrefix(path, strings.TrimSuffix(cgroup, "/")+"/")
		}
	}
	return false
}
