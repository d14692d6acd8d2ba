// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/testdata/probes"
	"github.com/sbxprof/sbxprof/trace"
)

// foresight is what check says of a service's operations.
type foresight struct {
	// of are the violations by operation; those of "" are of what the service is done
	// with: the shell, and systemd itself.
	of map[string][]directive.Violation
	// given is set where systemd gives the working area to the unit's user, who then needs
	// no capability for what is in it.
	given bool
}

func foresee(s *service, violations []directive.Violation, under []trace.Setting) foresight {
	f := foresight{map[string][]directive.Violation{}, slices.Contains(under, trace.Setting{Name: "StateDirectory", Value: path.Base(probes.Area)})}
	for _, v := range violations {
		o := s.operationOf(v.Observation)
		f.of[o] = append(f.of[o], v)
	}
	return f
}

// operationOf tells by a program's name which operation was observed: its own, that of
// what it executed, or what the shell executes.
func (s *service) operationOf(o *trace.Observation) string {
	names := []string{string(o.Actor.Exe)}
	if o.File != nil {
		names = append(names, string(o.File.Path))
	}
	for _, name := range names {
		for _, dir := range []string{programs, probes.Area} {
			rest, ok := strings.CutPrefix(name, dir+"/")
			first, _, _ := strings.Cut(rest, "/")
			if ok && slices.Contains(s.operations(), first) {
				return first
			}
		}
	}
	return ""
}

// wrong says in which way an operation is not as it was foreseen; "" if it is.
func (f foresight) wrong(operation string, was, is trace.Outcome, same bool) string {
	if len(f.of[""]) > 0 && !same {
		return "" // the shell did not get there, or could not do it
	}
	var says []string
	for _, v := range f.of[operation] {
		if v.Outcome == directive.Empty {
			return "" // another file was opened
		}
		if seen(operation, v.Outcome) != "" && !(f.given && v.Observation.Capability != nil) {
			says = append(says, fmt.Sprintf("%s= denies %s (%s)", v.Directive, brief(v.Observation), v.Outcome))
		}
	}
	switch {
	case !same && len(f.of[operation]) == 0 && is != trace.OutcomeOK: // another's drop-in may open what the service's own settings close
		return "nothing says so"
	case same && len(says) > 0 && was == trace.OutcomeOK:
		return strings.Join(says, "; ")
	}
	return ""
}
