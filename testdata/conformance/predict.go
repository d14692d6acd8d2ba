// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// predict returns what an operation comes to in a sandbox, by the model; was is
// what it comes to without.
func predict(s *directive.Sandbox, operation string, steps []step, was trace.Outcome) trace.Outcome {
	for _, st := range steps {
		if o := decisive(s, operation, st); o != "" {
			return o
		}
	}
	return was
}

// decisive returns the outcome of the denial that comes first in a system call: its
// filters, of which one that kills wins and otherwise the one that systemd installed
// last; then files, then everything else.
func decisive(s *directive.Sandbox, operation string, st step) trace.Outcome {
	var denied [3]trace.Outcome
	for i := range st {
		for _, v := range s.Violations(&st[i]) {
			at := slices.Index([]trace.Kind{trace.KindSyscall, trace.KindFile}, v.Observation.Kind)
			if at < 0 {
				at = 2
			}
			if v.Outcome == directive.Empty {
				return "" // another file is opened, whatever was asked of the one that is hidden
			}
			outcome := seen(operation, v.Outcome)
			first := denied[at] == "" || at == 0 && denied[at] != trace.OutcomeKilled &&
				(outcome == trace.OutcomeKilled || v.Directive == "SystemCallFilter")
			if outcome != "" && first {
				denied[at] = outcome
			}
		}
	}
	for _, outcome := range denied {
		if outcome != "" {
			return outcome
		}
	}
	return ""
}

// seen is the outcome that the operation itself gets to see; "" is what it got before.
func seen(operation string, o trace.Outcome) trace.Outcome {
	switch o {
	case directive.Unprivileged:
		if operation == "execve_setuid" || operation == "execve_setgid" {
			return "EPERM" // what they execute fails if it has not become somebody else
		}
		return ""
	case directive.TimedOut:
		return "EINPROGRESS" // no operation waits
	case directive.Hidden, directive.Unreachable, directive.Removed, directive.LessReadable, directive.Empty, directive.Stripped:
		return ""
	}
	return o
}
