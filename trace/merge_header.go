// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// mergeHeaders returns the header for several training runs, by their ids. What
// is one thing (the unit's settings, the host) is that of the newest run.
func mergeHeaders(byID map[string]Header) Header {
	runs := make([]Header, 0, len(byID))
	for id, run := range byID {
		run.Run = id
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b Header) int {
		return cmp.Or(a.End.Compare(b.End), a.Begin.Compare(b.Begin), strings.Compare(a.Run, b.Run))
	})
	switch len(runs) {
	case 0:
		return Header{Format: Format, Version: MajorVersion}
	case 1:
		return runs[0]
	}
	newest := runs[len(runs)-1]
	h := Header{
		Format: Format, Version: MajorVersion, Recorder: newest.Recorder,
		Unit: mergeUnits(runs), Host: newestHost(runs),
		Begin: newest.Begin, End: newest.End,
		Sources: mergeSources(runs), Losses: mergeLosses(runs), Peaks: mergePeaks(runs), Names: newest.Names,
		Runs: runs, Merged: len(runs), unknown: newest.unknown,
	}
	for _, run := range runs {
		h.Begin = earlier(h.Begin, run.Begin)
		h.Starts += run.Starts
		h.Uncounted = addCounts(h.Uncounted, run.Uncounted)
		h.Checkpoint = h.Checkpoint || run.Checkpoint
		h.OpenAtBegin = append(h.OpenAtBegin, run.OpenAtBegin...)
		h.Mentions = append(h.Mentions, run.Mentions...)
	}
	h.OpenAtBegin = sortedSet(h.OpenAtBegin, cmp.Compare)
	h.Mentions = sortedSet(h.Mentions, func(a, b Mention) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.File, b.File), a.Line-b.Line, cmp.Compare(a.Text, b.Text))
	})
	return h
}

func sortedSet[T comparable](list []T, compare func(a, b T) int) []T {
	slices.SortFunc(list, compare)
	return slices.Compact(list)
}

// newestHost is the newest host that is known: a log that was imported may not
// tell its own.
func newestHost(runs []Header) Host {
	for _, run := range slices.Backward(runs) {
		if run.Host.Systemd != "" {
			return run.Host
		}
	}
	return runs[len(runs)-1].Host
}

// mergeUnits returns the newest configuration that is known, with the runs of its
// commands added, and all names of users and groups.
func mergeUnits(runs []Header) Unit {
	unit := runs[len(runs)-1].Unit
	for _, run := range slices.Backward(runs) {
		if len(run.Unit.Settings) > 0 || len(run.Unit.Commands) > 0 {
			unit = run.Unit
			break
		}
	}
	unit.Users, unit.Groups, unit.Members = nil, nil, nil
	ran, programs := map[string]int{}, map[string]Path{}
	for _, run := range runs {
		unit.Users = union(unit.Users, run.Unit.Users)
		unit.Groups = union(unit.Groups, run.Unit.Groups)
		unit.Members = union(unit.Members, run.Unit.Members)
		for i, key := range commandKeys(run.Unit.Commands) {
			ran[key] += run.Unit.Commands[i].Runs
			programs[key] = cmp.Or(run.Unit.Commands[i].Program, programs[key]) // a command that did not run has none
		}
	}
	unit.Commands = slices.Clone(unit.Commands)
	for i, key := range commandKeys(unit.Commands) {
		unit.Commands[i].Runs, unit.Commands[i].Program = ran[key], programs[key]
	}
	return unit
}

// union adds the entries of b to a, which may be nil; those of b win.
func union[V any](a, b map[uint32]V) map[uint32]V {
	if a == nil && b != nil {
		a = map[uint32]V{}
	}
	maps.Copy(a, b)
	return a
}

// commandKeys tells commands apart, also one that a unit has twice.
func commandKeys(commands []Command) []string {
	keys := make([]string, len(commands))
	seen := map[string]int{}
	for i, c := range commands {
		var k key
		k.text(c.Line)
		k.text(c.Prefix)
		for _, arg := range c.Argv {
			k.text(arg)
		}
		seen[string(k)]++
		k.number(uint64(seen[string(k)]))
		keys[i] = string(k)
	}
	return keys
}

// mergeSources: what one run could see is in the union, so that a source is
// missing if no run had it. Incomplete says what only the others did.
func mergeSources(runs []Header) []Source {
	merged := map[string]Source{}
	for _, run := range runs {
		for _, s := range run.Sources {
			before, ok := merged[s.Name]
			s.Needed = s.Needed || before.Needed
			if ok && s.Missing != "" && before.Missing == "" {
				before.Needed = s.Needed
				s = before
			}
			merged[s.Name] = s
		}
	}
	return slices.SortedFunc(maps.Values(merged), func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
}

// mergeLosses adds up what was lost: another run need not have done the same.
func mergeLosses(runs []Header) []Loss {
	type kind struct{ reason, hides string }
	counts := map[kind]uint64{}
	for _, run := range runs {
		for _, l := range run.Losses {
			k := kind{l.Reason, l.Hides}
			counts[k] = addCounts(counts[k], l.Count)
		}
	}
	var losses []Loss
	for k, count := range counts {
		losses = append(losses, Loss{Reason: k.reason, Count: count, Hides: k.hides})
	}
	slices.SortFunc(losses, func(a, b Loss) int { return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Hides, b.Hides)) })
	return losses
}

func mergePeaks(runs []Header) *Peaks {
	var merged *Peaks
	for _, run := range runs {
		if run.Peaks == nil {
			continue
		}
		if merged == nil {
			merged = &Peaks{}
		}
		merged.Tasks = max(merged.Tasks, run.Peaks.Tasks)
		merged.Memory = max(merged.Memory, run.Peaks.Memory)
		merged.OpenFiles = max(merged.OpenFiles, run.Peaks.OpenFiles)
	}
	return merged
}
