// SPDX-License-Identifier: Apache-2.0

package outcome

import (
	"fmt"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// Losses adds up all that a trace has lost.
func Losses(t *trace.Trace) uint64 {
	var n uint64
	for _, l := range t.Header.Losses {
		n += l.Count
	}
	return n
}

// Refused returns what the service was refused in the trace sandboxed and not in
// training, a line each: an EPERM that a service gets over leaves no word in a
// journal. Under which identity does not matter.
func Refused(training, sandboxed *trace.Trace) []string {
	before := map[string]bool{}
	for i := range training.Observations {
		before[describe(&training.Observations[i])] = true
	}
	var said []string
	for i := range sandboxed.Observations {
		o := &sandboxed.Observations[i]
		if o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged && isRefusal(o) && !before[describe(o)] {
			said = append(said, describe(o))
		}
	}
	slices.Sort(said)
	return slices.Compact(said)
}

func isRefusal(o *trace.Observation) bool {
	switch {
	// The kernel asks for capabilities that the call can do without: every mmap
	// asks for CAP_SYS_ADMIN. A call that failed for want of one is seen itself.
	case o.Capability != nil:
		return false
	// Looking at what is in nobody's way is no refusal of work.
	case o.File != nil && o.File.Op == trace.OpStat:
		return false
	case o.Syscall != nil && o.Syscall.Filtered:
		return true
	}
	return slices.Contains([]trace.Outcome{"EPERM", "EACCES", "EROFS", trace.OutcomeKilled}, o.Outcome)
}

// describe says what was refused, and to whom.
func describe(o *trace.Observation) string {
	what := string(o.Kind)
	switch {
	case o.Syscall != nil:
		what = fmt.Sprintf("%s %v", o.Syscall.Name, o.Syscall.Args)
		if o.Syscall.Filtered {
			what += " by a filter"
		}
	case o.File != nil:
		what = fmt.Sprintf("%s %q", o.File.Op, o.File.Path)
	case o.Address != nil:
		what = fmt.Sprintf("%s %s %s %d", o.Address.Op, o.Address.Family, o.Address.IP, o.Address.Port)
	}
	return fmt.Sprintf("%q was refused (%s) %s\n", o.Actor.Exe, o.Outcome, what)
}
