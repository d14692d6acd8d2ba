// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sbxprof/sbxprof/testdata/testbed"
	"github.com/sbxprof/sbxprof/trace"
)

// TestManyUnits records several units at once, and units that come and go.
func TestManyUnits(t *testing.T) {
	onMachines(t, func(t *testing.T, m *testbed.Machine) {
		t.Run("crashes", func(t *testing.T) { checkCrashes(t, m) })
		t.Run("timer", func(t *testing.T) { checkTimer(t, m) })
		t.Run("together", func(t *testing.T) { checkTogether(t, m) })
		t.Run("running", func(t *testing.T) { checkRunning(t, m) })
		t.Run("all", func(t *testing.T) { checkAll(t, m) })
	})
}

// checkCrashes kills a unit again and again while it is recorded; systemd starts it
// again each time.
func checkCrashes(t *testing.T, m *testbed.Machine) {
	service(t, m, "crashes.service", "Type=exec", "Restart=always", "RestartSec=0",
		"ExecStart=/bin/sh -c 'echo x >>/run/crashes; exec sleep 1000'", "[Unit]", "StartLimitIntervalSec=0")
	const script = `i=1
for signal in SEGV ABRT KILL SEGV TERM KILL ABRT SEGV KILL KILL; do
	until test "$(wc -l </run/crashes)" = $i; do sleep 0.02; done
	until test "$(cat /proc/$(systemctl show --property=MainPID --value crashes)/comm)" = sleep; do sleep 0.02; done
	systemctl kill --kill-who=main --signal=$signal crashes
	i=$((i + 1))
done
until test "$(wc -l </run/crashes)" = $i; do sleep 0.02; done`
	a, traces := recordIn(t, m, request{Units: []string{"crashes"}, Restart: true, Command: []string{"sh", "-c", script}})
	if a.Error != "" || a.Status != 0 || len(traces) != 1 {
		t.Fatalf("the recording: %+v", a)
	}
	if reasons := traces[0].Incomplete(); traces[0].Header.Starts != 11 || len(reasons) > 0 {
		t.Errorf("11 starts are recorded as %d, and the trace is incomplete: %q", traces[0].Header.Starts, reasons)
	}
	has(t, traces[0], "what it did", fileOf(mainLine, trace.OpCreate, "/run/crashes"))
	m.Check(t, "systemctl", "stop", "crashes")
}

// checkTimer records a unit that a timer starts, as often as asked.
func checkTimer(t *testing.T, m *testbed.Machine) {
	service(t, m, "tick.service", "Type=oneshot", "ExecStart=/bin/touch /run/ticked", "[Unit]", "StartLimitIntervalSec=0")
	timer := "[Timer]\nOnActiveSec=10ms\nOnUnitInactiveSec=10ms\nAccuracySec=1ms\n"
	if err := m.WriteFile(t.Context(), "/etc/systemd/system/tick.timer", []byte(timer), 0o644); err != nil {
		t.Fatal(err)
	}
	m.Check(t, "systemctl", "daemon-reload")
	m.Check(t, "systemctl", "start", "tick.timer")
	a, traces := recordIn(t, m, request{Units: []string{"tick"}, Runs: 3})
	m.Check(t, "systemctl", "stop", "tick.timer")
	if a.Ended != EndedByRuns || len(traces) != 1 {
		t.Fatalf("after three runs: %+v", a)
	}
	if h := traces[0].Header; h.Starts < 3 || len(traces[0].Incomplete()) > 0 {
		t.Errorf("%d starts, and it is incomplete: %q", h.Starts, traces[0].Incomplete())
	}
	has(t, traces[0], "what it did", fileOf(mainLine, trace.OpUtime, "/run/ticked"))
}

// checkTogether records a unit, instances and a slice at once: one trace each.
func checkTogether(t *testing.T, m *testbed.Machine) {
	touch := func(name string) string { return "ExecStart=/bin/touch /run/together-" + name }
	service(t, m, "alone.service", "Type=oneshot", touch("alone"))
	service(t, m, "inst@.service", "Type=oneshot", touch("inst-%i"))
	service(t, m, "sliced.service", "Type=oneshot", "Slice=together.slice", touch("sliced"))
	service(t, m, "unasked.service", "Type=oneshot", touch("unasked"))
	a, traces := recordIn(t, m, request{Units: []string{"alone", "inst@*", "together.slice"},
		Command: []string{"systemctl", "start", "alone", "inst@1", "inst@2", "sliced", "unasked"}, Runs: 1000})
	if a.Error != "" || a.Status != 0 {
		t.Fatalf("the recording: %+v", a)
	}
	checkEachAlone(t, traces, map[string]trace.Path{
		"alone.service": "/run/together-alone", "inst@1.service": "/run/together-inst-1",
		"inst@2.service": "/run/together-inst-2", "sliced.service": "/run/together-sliced",
	})
	if len(traces) != 4 {
		t.Errorf("%d traces, want 4", len(traces))
	}
}

// checkEachAlone wants one trace of each of these units, with what it made and with
// nothing that another one made.
func checkEachAlone(t *testing.T, traces []*trace.Trace, made map[string]trace.Path) {
	t.Helper()
	found := map[string]int{}
	for _, tr := range traces {
		name := tr.Header.Unit.Name
		found[name]++
		if len(tr.Header.Losses) > 0 {
			t.Errorf("%s lost %+v", name, tr.Header.Losses)
		}
		for unit, path := range made {
			if unit == name {
				has(t, tr, name+" made "+string(path), fileOf(mainLine, trace.OpCreate, path))
				continue
			}
			hasNot(t, tr, fmt.Sprintf("%s has what %s made", name, unit), func(o *trace.Observation) bool {
				return o.File != nil && o.File.Path == path
			})
		}
	}
	for unit := range made {
		if found[unit] != 1 {
			t.Errorf("%d traces of %s, want one", found[unit], unit)
		}
	}
}

// checkRunning records a unit that ran before, and is not restarted: what it has open
// was not seen being opened, and it is said that no start was seen.
func checkRunning(t *testing.T, m *testbed.Machine) {
	service(t, m, "running.service", "Type=exec", "ExecStart=/bin/sh -c 'exec 7>>/var/log/running.log; touch /run/running-opened; exec sleep 1000'")
	m.Check(t, "systemctl", "start", "running")
	m.Check(t, "sh", "-c", "true"+until("/run/running-opened"))
	_, traces := recordIn(t, m, request{Units: []string{"running"}, Command: []string{"true"}})
	m.Check(t, "systemctl", "stop", "running")
	if open := traces[0].Header.OpenAtBegin; !slices.Contains(open, "/var/log/running.log") {
		t.Errorf("it had %q open", open)
	}
	reasons := traces[0].Incomplete()
	if !slices.ContainsFunc(reasons, func(why string) bool { return strings.Contains(why, "no start of the service") }) {
		t.Errorf("it is incomplete for %q", reasons)
	}
}

// checkAll records every service of the machine.
func checkAll(t *testing.T, m *testbed.Machine) {
	service(t, m, "first.service", "Type=oneshot", "ExecStart=/bin/touch /run/all-first")
	service(t, m, "second.service", "Type=oneshot", "Slice=all-deeper.slice", "ExecStart=/bin/touch /run/all-second")
	a, traces := recordIn(t, m, request{All: true, Command: []string{"systemctl", "start", "first", "second"}})
	if a.Error != "" || a.Status != 0 {
		t.Fatalf("the recording: %+v", a)
	}
	checkEachAlone(t, traces, map[string]trace.Path{"first.service": "/run/all-first", "second.service": "/run/all-second"})
	units := map[string]bool{}
	for _, tr := range traces {
		name := tr.Header.Unit.Name
		if units[name] || !strings.HasSuffix(name, ".service") {
			t.Errorf("%q has several traces, or is no service", name)
		}
		units[name] = true
	}
	if !units["systemd-journald.service"] {
		t.Errorf("a service that ran already is not among %v", units)
	}
}
