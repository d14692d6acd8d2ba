// SPDX-License-Identifier: Apache-2.0

// Package denial finds what a sandbox denied to a service: in what systemd, the kernel
// and programs say, and in a recording of the service in its sandbox.
package denial

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// said is what systemd, the kernel and programs say when a sandbox denies them
// something, or when systemd ignores a line of it.
var said = regexp.MustCompile(strings.Join([]string{
	`[Oo]peration not permitted`,
	`[Pp]ermission denied`,
	`[Rr]ead-only file system`,
	`(status|signal)=(31|SYS)|31/SYS|SIGSYS|[Bb]ad system call`,
	`type=1326|SECCOMP|seccomp`,
	`dumped core|code=dumped|core-dump`,
	`[Ff]ailed at step|status=2[0-4][0-9]/`,
	`[Ff]unction not implemented`,
	`[Uu]nknown (key|lvalue|section)|[Ff]ailed to parse|, ignoring`,
}, "|"))

// Lines returns the lines of a text that tell of a denial.
func Lines(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if said.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// Refused returns what the service was refused in the trace sandboxed and not in
// training, whoever it was in either: an EPERM that a service gets over leaves no word
// in a journal.
func Refused(training, sandboxed *trace.Trace) []string {
	var found []string
	for _, o := range trace.Compare(anybody(training), anybody(sandboxed)).OnlyB {
		if o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged && isRefusal(&o) {
			found = append(found, describe(&o))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// anybody is the trace with one user.
func anybody(t *trace.Trace) *trace.Trace {
	n := *t
	n.Observations = slices.Clone(t.Observations)
	for i := range n.Observations {
		n.Observations[i].Actor.UID, n.Observations[i].Actor.GID = 0, 0
	}
	return &n
}

func isRefusal(o *trace.Observation) bool {
	// The kernel asks for capabilities that the call can do without: every mmap
	// asks for CAP_SYS_ADMIN. A call that failed for want of one is seen itself.
	if o.Capability != nil {
		return false
	}
	if s := o.Syscall; s != nil && s.Filtered {
		// With RestrictNamespaces= there is no clone3(2); the C library asks clone(2).
		return s.Name != "clone3" || o.Outcome != "ENOSYS"
	}
	return slices.Contains([]trace.Outcome{"EPERM", "EACCES", "EROFS", trace.OutcomeKilled}, o.Outcome)
}

func describe(o *trace.Observation) string {
	var what any = o.Kind
	switch {
	case o.Syscall != nil:
		what = *o.Syscall
	case o.File != nil:
		what = *o.File
	}
	return fmt.Sprintf("%q was refused (%s) %+v\n", o.Actor.Exe, o.Outcome, what)
}
