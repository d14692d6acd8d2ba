// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
)

// Merge returns the union of traces: every observation of any of them once, with
// its counts added, and one header for all. One trace is returned as it is.
//
// A training run that is in several of the traces is counted once, by its id. The
// order of the traces does not matter. Counts are exact if any two of them have no
// run in common, or all the runs of one; of two merged traces that overlap in part
// each observation has the larger count, as what they have in common cannot be
// told apart.
func Merge(traces ...*Trace) *Trace {
	if len(traces) == 1 {
		return traces[0]
	}
	sum := &sum{runs: map[string]Header{}, places: map[string]int{}}
	for _, t := range slices.SortedFunc(slices.Values(traces), compareRuns) {
		sum.add(t)
	}
	merged := &Trace{Header: mergeHeaders(sum.runs)}
	for _, key := range slices.Sorted(maps.Keys(sum.places)) {
		merged.Observations = append(merged.Observations, sum.observations[sum.places[key]])
	}
	return merged
}

// compareRuns orders traces by the ids of their runs, so that the order in which
// they were given does not show.
func compareRuns(a, b *Trace) int {
	return slices.Compare(runIDs(a), runIDs(b))
}

func runIDs(t *Trace) []string {
	var ids []string
	for _, run := range t.runs() {
		ids = append(ids, run.runID())
	}
	slices.Sort(ids)
	return ids
}

// runs returns the headers of the training runs in a trace. If its file was cut
// short, something of each may be lost.
func (t *Trace) runs() []Header {
	runs := slices.Clone(t.Header.Runs)
	if len(runs) == 0 {
		runs = []Header{t.Header}
		runs[0].Run = t.Header.runID()
	}
	if t.Truncated {
		for i := range runs {
			runs[i] = runs[i].with(truncation)
		}
	}
	return runs
}

// with returns the header with one more loss.
func (h Header) with(l Loss) Header {
	h.Losses = append(slices.Clip(h.Losses), l)
	h.Runs = slices.Clone(h.Runs)
	for i := range h.Runs {
		h.Runs[i] = h.Runs[i].with(l)
	}
	return h
}

// sum is traces being merged.
type sum struct {
	runs         map[string]Header
	places       map[string]int // of observations, by key
	observations []Observation
}

func (s *sum) add(t *Trace) {
	common := false
	for _, run := range t.runs() {
		id := run.runID()
		known, ok := s.runs[id]
		if !ok || known.lessComplete(&run) {
			s.runs[id] = run
		}
		common = common || ok
	}
	for _, o := range once(t.Observations) {
		place, ok := s.places[o.key]
		if !ok {
			s.places[o.key] = len(s.observations)
			s.observations = append(s.observations, o.Observation)
			continue
		}
		combine(&s.observations[place], &o.Observation, common)
	}
}

type keyed struct {
	Observation
	key string
}

// once returns the observations with those of the same key made one.
func once(observations []Observation) []keyed {
	all := make([]keyed, 0, len(observations))
	places := make(map[string]int, len(observations))
	for i := range observations {
		key := observations[i].Key()
		if place, ok := places[key]; ok {
			combine(&all[place].Observation, &observations[i], false)
			continue
		}
		places[key] = len(all)
		all = append(all, keyed{observations[i], key})
	}
	return all
}

// combine adds another observation of the same fact to o; same is set if the two
// may count the same occurrences.
func combine(o, other *Observation, same bool) {
	if same {
		o.Count = max(o.Count, other.Count)
	} else {
		o.Count = addCounts(o.Count, other.Count)
	}
	o.First = earlier(o.First, other.First)
	o.Last = later(o.Last, other.Last)
	if e := other.Example; e != nil && (o.Example == nil || e.PID < o.Example.PID) {
		o.Example = e
	}
	if f := o.File; f != nil && other.File.describes(f) {
		o.File = other.File
	}
	if c := o.Capability; c != nil && len(other.Capability.Stack) > 0 &&
		(len(c.Stack) == 0 || slices.Compare(other.Capability.Stack, c.Stack) < 0) {
		o.Capability = other.Capability
	}
}

// Add adds another observation of the same fact, that is with the same Key: its count,
// times, and what it knows more.
func (o *Observation) Add(other *Observation) { combine(o, other, false) }

// describes tells whether a file knows more of what it is than another, or knows it in
// another way; of two that differ always the same one does.
func (f *File) describes(other *File) bool {
	var mine, its key
	mine.description(f)
	its.description(other)
	return bytes.Compare(mine, its) > 0
}

// addCounts adds without starting over at 0.
func addCounts(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}

// earlier returns the earlier of two times, where the zero time is unknown.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lessComplete tells whether other knows more of the same run: the whole trace
// than a checkpoint, a later checkpoint than an earlier one, a whole file than one
// that was cut short.
func (h *Header) lessComplete(other *Header) bool {
	if h.Checkpoint != other.Checkpoint {
		return h.Checkpoint
	}
	if !h.End.Equal(other.End) {
		return h.End.Before(other.End)
	}
	if lost, otherLost := h.lost(), other.lost(); lost != otherLost {
		return lost > otherLost
	}
	return strings.Compare(h.text(), other.text()) < 0
}

func (h *Header) lost() uint64 {
	var n uint64
	for _, l := range h.Losses {
		n = addCounts(n, l.Count)
	}
	return n
}
