// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// predict returns what an operation comes to in a sandbox, by the model; was is
// what it comes to without.
func predict(s *directive.Sandbox, steps []step, was trace.Outcome) trace.Outcome {
	for _, st := range steps {
		if o := decisive(s, st); o != "" {
			return o
		}
	}
	return was
}

// decisive returns the outcome of the denial that comes first in a system call: its
// filters, of which one that kills wins and otherwise the one that systemd installed
// last; then files, then everything else.
func decisive(s *directive.Sandbox, st step) trace.Outcome {
	var denied [3]trace.Outcome
	for i := range st {
		for _, v := range s.Violations(&st[i]) {
			at := slices.Index([]trace.Kind{trace.KindSyscall, trace.KindFile}, v.Observation.Kind)
			if at < 0 {
				at = 2
			}
			outcome := seen(v.Outcome)
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

// seen is the outcome that the operation itself gets to see. The model has words
// for what goes well and yet is of no use to others; a program that was to gain
// privileges fails in its own way (see probes' execute operations).
func seen(o trace.Outcome) trace.Outcome {
	switch o {
	case directive.Unprivileged:
		return "EPERM"
	case directive.Hidden, directive.Unreachable, directive.Removed, directive.LessReadable:
		return ""
	}
	return o
}
