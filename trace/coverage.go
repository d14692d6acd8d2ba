// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Coverage is what the training runs exercised. What they did not exercise, a
// suggestion knows nothing of.
type Coverage struct {
	// Runs counts the training runs, Duration is their length together.
	Runs     int
	Duration time.Duration
	// Starts counts the starts of the main command that were seen whole, Reloads
	// the runs of ExecReload= lines, Stops those of ExecStop= lines, or of
	// ExecStopPost= where there are none. systemd may have reloaded and stopped a
	// unit that has no such lines without that being seen.
	Starts, Reloads, Stops int
	// Ran and NeverRan are the unit's commands.
	Ran, NeverRan []Command
	// Signals are the numbers of the signals that the unit sent to processes
	// outside of it, in ascending order.
	Signals []int
}

// Coverage returns what the trace's training runs exercised.
func (t *Trace) Coverage() Coverage {
	c := Coverage{Starts: t.Header.Starts, Signals: t.signals()}
	for _, run := range t.runs() {
		c.Runs++
		c.Duration += max(0, run.End.Sub(run.Begin))
	}
	for _, command := range t.Header.Unit.Commands {
		if command.Runs > 0 {
			c.Ran = append(c.Ran, command)
		} else {
			c.NeverRan = append(c.NeverRan, command)
		}
	}
	c.Reloads = mostRuns(c.Ran, "ExecReload")
	c.Stops = mostRuns(c.Ran, "ExecStop")
	if c.Stops == 0 {
		c.Stops = mostRuns(c.Ran, "ExecStopPost")
	}
	return c
}

// mostRuns returns how often the command of a setting ran; of several, which
// systemd runs one after the other, how often the one that ran most.
func mostRuns(commands []Command, line string) int {
	runs := 0
	for _, c := range commands {
		if c.Line == line {
			runs = max(runs, c.Runs)
		}
	}
	return runs
}

func (t *Trace) signals() []int {
	numbers := map[int]bool{}
	for i := range t.Observations {
		o := &t.Observations[i]
		if o.Signal != nil && o.Actor.Phase == PhaseService && o.Signal.Number != 0 {
			numbers[o.Signal.Number] = true
		}
	}
	return slices.Sorted(maps.Keys(numbers))
}

// ranOnlyWithout returns the commands that ran in training runs without a source
// and in none that had it: what they did is not in the trace.
func (t *Trace) ranOnlyWithout(source string) []string {
	without, with := map[string]bool{}, map[string]bool{}
	for _, run := range t.runs() {
		ran := with
		if run.lacks(source) {
			ran = without
		}
		for _, c := range run.Unit.Commands {
			if c.Runs > 0 {
				ran[c.Line+"="+strings.Join(c.Argv, " ")] = true
			}
		}
	}
	maps.DeleteFunc(without, func(command string, _ bool) bool { return with[command] })
	return slices.Sorted(maps.Keys(without))
}

// lacks tells whether a source was missing. One that the run knows nothing of was
// not there either.
func (h *Header) lacks(source string) bool {
	for _, s := range h.Sources {
		if s.Name == source {
			return s.Missing != ""
		}
	}
	return true
}
