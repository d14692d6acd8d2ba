// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCoverage(t *testing.T) {
	start := Command{Line: "ExecStart", Argv: []string{"/usr/sbin/web", "-D"}, Program: "/usr/sbin/web2", Runs: 1}
	reload := Command{Line: "ExecReload", Argv: []string{"/bin/kill", "-HUP", "$MAINPID"}, Prefix: "-"}
	want := Coverage{Runs: 1, Duration: time.Hour, Starts: 1, Ran: []Command{start}, NeverRan: []Command{reload}, Signals: []int{15}}
	if diff := cmp.Diff(want, sample().Coverage()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCoverageCounts(t *testing.T) {
	tr := sample()
	tr.Header.Unit.Commands = []Command{
		{Line: "ExecStart", Runs: 2}, {Line: "ExecReload", Argv: []string{"a"}, Runs: 3}, {Line: "ExecReload", Argv: []string{"b"}, Runs: 2},
		{Line: "ExecStopPost", Runs: 4},
	}
	ping, setup := tr.Observations[4], tr.Observations[4]
	ping.Signal = &Signal{Number: 0}
	setup.Signal, setup.Actor.Phase = &Signal{Number: 9}, PhaseSetup
	tr.Observations = append(tr.Observations, ping, setup)
	c := tr.Coverage()
	if c.Reloads != 3 || c.Stops != 4 || len(c.NeverRan) != 0 || len(c.Signals) != 1 {
		t.Errorf("%+v", c)
	}
	tr.Header.Unit.Commands = append(tr.Header.Unit.Commands, Command{Line: "ExecStop", Runs: 1})
	if c := tr.Coverage(); c.Stops != 1 {
		t.Errorf("%d stops; want 1", c.Stops)
	}
}

func TestCoverageOfSeveralRuns(t *testing.T) {
	a, b := sample(), sample()
	b.Header.Run = "RUN2"
	b.Header.Unit.Commands[1].Runs = 1
	b.Header.End = b.Header.Begin.Add(-time.Hour) // a clock that was set back
	c := Merge(a, b, a).Coverage()
	if c.Runs != 2 || c.Duration != time.Hour || c.Starts != 2 || c.Reloads != 1 || len(c.NeverRan) != 0 {
		t.Errorf("%+v", c)
	}
}
