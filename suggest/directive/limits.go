// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// limitFamily is about how much a unit uses, and not about what it does: no single
// observation tells whether a limit is reached, so that none is denied by one. The peaks
// of a trace tell (see Exceeded).
func limitFamily() Family {
	return Family{
		Name: "limits",
		Directives: []Directive{
			{Name: "TasksMax", Denies: "more processes and threads"},
			{Name: "LimitNPROC", Denies: "more processes and threads of its user"},
			{Name: "MemoryHigh", Denies: "more memory at full speed"},
			{Name: "MemoryMax", Denies: "more memory"},
			{Name: "LimitNOFILE", Denies: "more open files"},
		},
		Propose: proposeLimits,
	}
}

// The room that is left above what was used at most, and the least that is proposed. From
// where memory is slow to come by there is some way to where the service is killed.
const (
	limitRoom   = 4
	fewestTasks = 64
	slowMemory  = 48 << 20
	leastMemory = 64 << 20
	fewestFiles = 256
	mebibyte    = 1 << 20
)

// proposeLimits leaves a multiple of the peaks of the training run, if asked to, and
// leaves alone what the unit limits itself.
func proposeLimits(e *Evidence) []Candidate {
	peaks := e.Trace.Header.Peaks
	if !e.Limits || peaks == nil {
		return nil
	}
	var c Candidate
	add := func(name string, peak uint64, value string) {
		if peak > 0 && e.Unit(name) == "" && e.Target.Accepts(name) {
			c.Settings = append(c.Settings, trace.Setting{Name: name, Value: value})
		}
	}
	tasks := fmt.Sprint(max(limitRoom*peaks.Tasks, fewestTasks))
	add("TasksMax", peaks.Tasks, tasks)
	// All processes of a user count, those of other units, too: only a dynamic user is
	// the unit's alone.
	if isTrue(last(assignments(slices.Concat(e.Trace.Header.Unit.Settings, e.Chosen), "DynamicUser"))) {
		add("LimitNPROC", peaks.Tasks, tasks)
	}
	add("MemoryHigh", peaks.Memory, mebibytes(max((limitRoom-1)*peaks.Memory, slowMemory)))
	add("MemoryMax", peaks.Memory, mebibytes(max(limitRoom*peaks.Memory, leastMemory)))
	add("LimitNOFILE", peaks.OpenFiles, fmt.Sprint(max(limitRoom*peaks.OpenFiles, fewestFiles)))
	if len(c.Settings) == 0 {
		return nil
	}
	c.Notes = []string{fmt.Sprintf("leaves %d times what the training run used at most, and more where that is little", limitRoom)}
	return []Candidate{c}
}

// mebibytes writes an amount of memory as systemd reads it, rounded up.
func mebibytes(n uint64) string { return fmt.Sprintf("%dM", (n+mebibyte-1)/mebibyte) }
