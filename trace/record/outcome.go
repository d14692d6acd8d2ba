// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// outcomeOf names how a call ended.
func outcomeOf(errno uint16, unfinished, killed bool) trace.Outcome {
	switch {
	case killed:
		return trace.OutcomeKilled
	case unfinished:
		return trace.OutcomeUnfinished
	case errno == 0:
		return trace.OutcomeOK
	}
	if unix.Errno(errno) == unix.EOPNOTSUPP {
		return "EOPNOTSUPP" // the C library's other name for it, ENOTSUP, is not the kernel's
	}
	if name := unix.ErrnoName(unix.Errno(errno)); name != "" {
		return trace.Outcome(name)
	}
	// Numbers that the kernel keeps to itself, and that reach no program.
	return trace.Outcome("errno " + strconv.Itoa(int(errno)))
}
