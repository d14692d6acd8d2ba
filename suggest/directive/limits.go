// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"

	"github.com/sbxprof/sbxprof/trace"
)

// limitFamily is about how much a unit uses, and not about what it does: no single
// observation tells whether a limit is reached, so that none is denied by one.
func limitFamily() Family {
	return Family{
		Name: "limits",
		Directives: []Directive{
			{Name: "TasksMax", Denies: "more processes and threads"},
			{Name: "MemoryMax", Denies: "more memory"},
			{Name: "LimitNOFILE", Denies: "more open files"},
		},
		Propose: proposeLimits,
	}
}

// The room that is left above what was used at most, and the least that is proposed.
const (
	limitRoom   = 4
	fewestTasks = 64
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
	add("TasksMax", peaks.Tasks, fmt.Sprint(max(limitRoom*peaks.Tasks, fewestTasks)))
	add("MemoryMax", peaks.Memory, fmt.Sprintf("%dM", (max(limitRoom*peaks.Memory, leastMemory)+mebibyte-1)/mebibyte))
	add("LimitNOFILE", peaks.OpenFiles, fmt.Sprint(max(limitRoom*peaks.OpenFiles, fewestFiles)))
	if len(c.Settings) == 0 {
		return nil
	}
	c.Notes = []string{fmt.Sprintf("leaves %d times what the training run used at most", limitRoom)}
	return []Candidate{c}
}
