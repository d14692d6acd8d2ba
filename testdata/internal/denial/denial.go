// SPDX-License-Identifier: Apache-2.0

// Package denial finds what a sandbox denied to a service: in what systemd, the kernel
// and programs say, and in a recording of the service in its sandbox.
package denial

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
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

// early is what systemd says when the first process of a Type=forking service has ended
// and the next one has made its PID file and not yet written it: systemd waits then. If
// nothing is ever written, the start fails, which says more.
var early = regexp.MustCompile(`Failed to parse PID from file \S+: Invalid argument`)

// Lines returns the lines of a text that tell of a denial.
func Lines(text string) []string {
	var found []string
	for line := range strings.Lines(text) {
		if said.MatchString(line) && !early.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// number is what may be different in a line that says the same again: times, process
// ids, ports, and names made of them.
var number = regexp.MustCompile(`[0-9][0-9a-fA-F:.+-]*`)

// NewLines returns the lines of a text that tell of a denial of which before tells
// nothing, each once: some services complain without a sandbox, and some complain a
// thousand times.
func NewLines(before, text string) []string {
	known := map[string]bool{}
	for _, line := range Lines(before) {
		known[number.ReplaceAllString(line, "0")] = true
	}
	var found []string
	for _, line := range Lines(text) {
		if key := number.ReplaceAllString(line, "0"); !known[key] {
			known[key] = true
			found = append(found, line)
		}
	}
	return found
}

// Refused returns what the service was refused in the trace sandboxed and not in
// training, whoever it was in either: an EPERM that a service gets over leaves no word
// in a journal.
func Refused(training, sandboxed *trace.Trace) []string {
	before := map[string]bool{}
	for i := range training.Observations {
		before[describe(&training.Observations[i])] = true
	}
	var found []string
	scene := directive.NewScene(sandboxed.Observations)
	for i := range sandboxed.Observations {
		o := &sandboxed.Observations[i]
		if o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged && isRefusal(o) && !scene.MakesDo(o) && !before[describe(o)] {
			found = append(found, describe(o))
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// asking are the calls that ask what a process may do. Of what they ask is seen itself.
var asking = []string{"access", "faccessat", "faccessat2"}

func isRefusal(o *trace.Observation) bool {
	switch {
	// The kernel asks for capabilities that the call can do without: every mmap
	// asks for CAP_SYS_ADMIN. A call that failed for want of one is seen itself.
	case o.Capability != nil:
		return false
	// A call that a filter answered is seen itself, too; what else keeps somebody from
	// looking is the mode of a directory, which changes as the service works.
	case o.File != nil && o.File.Op == trace.OpStat:
		return false
	// "No" is an answer for who asks in passing; if it wrote, that is a refusal of its own.
	case directive.InPassing(o) != "":
		return false
	case o.Syscall != nil && !o.Syscall.Filtered && o.Outcome == "EROFS" && slices.Contains(asking, o.Syscall.Name):
		return false
	}
	if s := o.Syscall; s != nil && s.Filtered {
		// With RestrictNamespaces= there is no clone3(2); the C library asks clone(2). Who
		// starts as his user is told that he set his groups, which he has.
		return (s.Name != "clone3" || o.Outcome != "ENOSYS") && (s.Name != "setgroups" || o.Outcome != trace.OutcomeOK)
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
		what = fmt.Sprintf("%s %s %s port %d", o.Address.Op, o.Address.Family, o.Address.IP, o.Address.Port)
	}
	return fmt.Sprintf("%q was refused (%s) %s\n", o.Actor.Exe, o.Outcome, what)
}
