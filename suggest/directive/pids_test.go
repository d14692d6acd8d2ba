// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"testing"

	"github.com/sbxprof/sbxprof/trace"
)

func TestProposePIDs(t *testing.T) {
	reload := sys("wait4")
	reload.Actor.Line = "ExecReload"
	for _, c := range []struct {
		name, unit string
		o          trace.Observation
		want       int
	}{
		{"a process of its own", "Type=notify", file(trace.OpWrite, "/run/x"), 1},
		{"one that forks away", "Type=forking", file(trace.OpWrite, "/run/x"), 0},
		{"one that looks at others", "Type=notify", sys("getsid"), 0},
		{"one with children", "Type=notify", sys("wait4"), 0},
		{"one that has its reload wait", "Type=notify", reload, 1},
		{"one that tells its number", "Type=notify", file(trace.OpCreate, "/run/x.pid"), 0},
		{"one with a watchdog", "WatchdogSec=10", file(trace.OpWrite, "/run/x"), 0},
		{"one with a socket of systemd's", "Sockets=a.socket", file(trace.OpWrite, "/run/x"), 0},
		{"one that reads a number", "Type=notify", file(trace.OpRead, "/run/x.pid"), 1},
	} {
		tr := &trace.Trace{Header: trace.Header{Unit: trace.Unit{Settings: settings(c.unit)}}, Observations: []trace.Observation{c.o, sys("exit_group")}}
		if got := proposePIDs(NewEvidence(tr, target(t, "257"), Strict, NewModel())); len(got) != c.want {
			t.Errorf("%s: %d candidates, want %d", c.name, len(got), c.want)
		}
	}
	started := &trace.Trace{Header: trace.Header{Unit: trace.Unit{Sockets: []string{"a.socket"}}}, Observations: []trace.Observation{sys("exit_group")}}
	killed := &trace.Trace{Observations: []trace.Observation{sys("read")}}
	for _, tr := range []*trace.Trace{started, killed} {
		if got := proposePIDs(NewEvidence(tr, target(t, "257"), Strict, NewModel())); len(got) > 0 {
			t.Errorf("started by %q: %v, want none", tr.Header.Unit.Sockets, got)
		}
	}
}
