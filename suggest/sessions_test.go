// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"testing"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// TestSessionsAreLeftAlone: what a session does is nobody's to foresee.
func TestSessionsAreLeftAlone(t *testing.T) {
	for _, c := range []struct {
		cgroup   trace.Path
		sessions bool
	}{{"/user.slice/user-0.slice/session-5.scope", true}, {"/system.slice/other.service", false}} {
		tr := synthetic(10)
		tr.Observations[0] = trace.Observation{Kind: trace.KindMove, Actor: tr.Observations[1].Actor, Outcome: trace.OutcomeOK, Count: 1,
			Move: &trace.Move{Cgroup: c.cgroup}}
		for _, level := range []directive.Level{directive.Safe, directive.Standard, directive.Strict} {
			p, err := Suggest(tr, Options{Level: level})
			if err != nil || (len(p.Sessions) > 0) != c.sessions || (len(p.Lines) == 0) != c.sessions {
				t.Errorf("a process left for %s: %d lines, sessions %v, %v", c.cgroup, len(p.Lines), p.Sessions, err)
			}
		}
	}
}
