// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// limit is a directive that limits how much a unit has of something at once, of which a
// trace has the peak.
type limit struct {
	name, denies string
	// of is what it limits, for people.
	of   string
	peak func(*trace.Peaks) uint64
	// outcome is that of asking for more; "" where a trace does not tell who would have
	// had to, and then untold is why.
	outcome trace.Outcome
	untold  string
	// leaves is what is proposed for a peak; nil is nothing.
	leaves func(peak uint64) string
	// dynamic has it proposed for a dynamic user only.
	dynamic bool
}

const (
	ofTasks     = "processes and threads"
	ofMemory    = "bytes of memory"
	cacheCounts = "the page cache counts as well, and is given back first"
	usersInAll  = "all processes of a user count, those of other units, too"
	atOnce      = "it is about how many there are at once"
)

// limits are all of them. All processes of a user count for LimitNPROC=, those of other
// units, too: only a dynamic user is the unit's alone.
var limits = []limit{
	{name: "TasksMax", denies: "more processes and threads", of: ofTasks, peak: tasksPeak, outcome: "EAGAIN", leaves: tasksLeft},
	{name: "LimitNPROC", denies: "more processes and threads of its user", of: ofTasks, peak: tasksPeak,
		untold: usersInAll, leaves: tasksLeft, dynamic: true},
	{name: "MemoryHigh", denies: "more memory at full speed", of: ofMemory, peak: memoryPeak, untold: cacheCounts,
		leaves: func(peak uint64) string { return mebibytes(max((limitRoom-1)*peak, slowMemory)) }},
	{name: "MemoryMax", denies: "more memory", of: ofMemory, peak: memoryPeak, untold: cacheCounts,
		leaves: func(peak uint64) string { return mebibytes(max(limitRoom*peak, leastMemory)) }},
	{name: "MemoryLimit", denies: "more memory", of: ofMemory, peak: memoryPeak, untold: cacheCounts}, // before MemoryMax=, of v231
	{name: "LimitNOFILE", denies: "more open files", of: "open files in one process", peak: filesPeak, outcome: "EMFILE",
		leaves: func(peak uint64) string { return fmt.Sprint(max(limitRoom*peak, fewestFiles)) }},
}

func tasksPeak(p *trace.Peaks) uint64  { return p.Tasks }
func memoryPeak(p *trace.Peaks) uint64 { return p.Memory }
func filesPeak(p *trace.Peaks) uint64  { return p.OpenFiles }

// whyUnjudged says why a trace does not tell whether it is too low, one without peaks where
// others do.
func (l limit) whyUnjudged() string { return cmp.Or(l.untold, atOnce) }

// limitOf returns the limit of a name; nil if there is none.
func limitOf(name string) *limit {
	at := slices.IndexFunc(limits, func(l limit) bool { return l.name == name })
	if at < 0 {
		return nil
	}
	return &limits[at]
}

// limitFamily is about how much a unit uses, and not about what it does: no single
// observation tells whether a limit is reached, so that none is denied by one. The peaks
// of a trace tell (see Exceeded).
func limitFamily() Family {
	f := Family{Name: "limits", Propose: proposeLimits}
	for _, l := range limits {
		f.Directives = append(f.Directives, Directive{Name: l.name, Denies: l.denies})
	}
	return f
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
	dynamic := isTrue(last(assignments(slices.Concat(e.Trace.Header.Unit.Settings, e.Chosen), "DynamicUser")))
	var c Candidate
	for _, l := range limits {
		peak := l.peak(peaks)
		if l.leaves == nil || l.dynamic && !dynamic || peak == 0 || e.Unit(l.name) != "" || !e.Target.Accepts(l.name) {
			continue
		}
		c.Settings = append(c.Settings, trace.Setting{Name: l.name, Value: l.leaves(peak)})
	}
	if len(c.Settings) == 0 {
		return nil
	}
	c.Notes = []string{fmt.Sprintf("leaves %d times what the training run used at most, and more where that is little", limitRoom)}
	return []Candidate{c}
}

func tasksLeft(peak uint64) string { return fmt.Sprint(max(limitRoom*peak, fewestTasks)) }

// mebibytes writes an amount of memory as systemd reads it, rounded up.
func mebibytes(n uint64) string { return fmt.Sprintf("%dM", (n+mebibyte-1)/mebibyte) }
