// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os"
	"strconv"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// withoutPIDs replaces the process in a path below /proc: its own is "self", any
// other trace.OtherProcess, so that the next run's paths are the same. The
// recorder's own stands there where a link was followed for a process.
func withoutPIDs(p trace.Path, pid uint32) trace.Path {
	rest, ok := strings.CutPrefix(string(p), "/proc/")
	if !ok {
		return p
	}
	parts := strings.Split(rest, "/")
	if !isNumber(parts[0]) {
		if parts[0] == "self" || parts[0] == "thread-self" {
			parts = withoutTask(parts)
		}
		return trace.Path("/proc/" + strings.Join(parts, "/"))
	}
	parts[0] = trace.OtherProcess
	if own, _ := strconv.Atoi(strings.SplitN(rest, "/", 2)[0]); uint32(own) == pid || own == os.Getpid() {
		parts[0] = "self"
	}
	return trace.Path("/proc/" + strings.Join(withoutTask(parts), "/"))
}

// withoutTask replaces the number in task/NUMBER.
func withoutTask(parts []string) []string {
	if len(parts) > 2 && parts[1] == "task" && isNumber(parts[2]) {
		parts[2] = trace.OtherProcess
	}
	return parts
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 32)
	return err == nil
}
