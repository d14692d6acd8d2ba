// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// predict returns what an operation comes to in a sandbox, by the model; was is what
// it comes to without. Where a call is denied in two ways, either may be first.
func predict(s *directive.Sandbox, operation string, steps []step, was trace.Outcome) []trace.Outcome {
	for _, st := range steps {
		if denied := decisive(s, operation, st); len(denied) > 0 {
			return denied
		}
	}
	return []trace.Outcome{was}
}

// decisive returns what a system call is denied with: by a filter, which sees it first;
// else by what the kernel asks in an order of its own.
func decisive(s *directive.Sandbox, operation string, st step) []trace.Outcome {
	var denied []trace.Outcome
	filtered, hidden := trace.Outcome(""), false
	for i := range st {
		for _, v := range s.Violations(unfiltered(&st[i])) {
			outcome := seen(operation, v.Outcome)
			switch {
			case v.Outcome == directive.Empty:
				hidden = true
			case outcome == "":
			case v.Observation.Kind == trace.KindSyscall && !slices.Contains(refusing, v.Directive):
				filtered = later(filtered, outcome, v.Directive)
			case v.Observation.Kind == trace.KindFile || !hidden: // another file was opened
				denied = append(denied, outcome)
			}
		}
	}
	if filtered != "" {
		return []trace.Outcome{filtered}
	}
	return denied
}

// refusing are the directives because of which the kernel itself refuses system calls,
// after all filters.
var refusing = []string{"User", "DynamicUser", "CapabilityBoundingSet", "SecureBits", "PrivateUsers", "RestrictFileSystems"}

// unfiltered is a system call as its filter sees it, before it came to anything.
func unfiltered(o *trace.Observation) *trace.Observation {
	if o.Syscall == nil {
		return o
	}
	before := *o
	before.Outcome = trace.OutcomeOK
	return &before
}

// later returns what two filters answer together: one that kills wins, and otherwise
// the one that was installed last, which is SystemCallFilter='s.
func later(had, outcome trace.Outcome, directive string) trace.Outcome {
	if had == "" || had != trace.OutcomeKilled && (outcome == trace.OutcomeKilled || directive == "SystemCallFilter") {
		return outcome
	}
	return had
}

// privileged are the operations that execute what fails without what its file gives it.
var privileged = []string{"execve_setuid", "execve_setgid", "execve_file_capability_used"}

// seen is the outcome that the operation itself gets to see; "" is what it got before.
func seen(operation string, o trace.Outcome) trace.Outcome {
	switch o {
	case directive.Unprivileged:
		if slices.Contains(privileged, operation) {
			return "EPERM"
		}
		return ""
	case directive.TimedOut:
		return "EINPROGRESS" // no operation waits
	case directive.Hidden, directive.Unreachable, directive.Removed, directive.LessReadable, directive.Empty, directive.Stripped:
		return ""
	}
	return o
}
