// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"fmt"
	"slices"
	"strings"
)

// Explicit is a group written out for a target that does not have it.
type Explicit struct {
	// Words are what to write instead, sorted: system calls, and if compact groups
	// that the target has.
	Words []string
	// Omitted are the group's calls that the target is not assumed to know by name
	// (see Target.ResolvesCall). An allow-list may not be able to allow them there.
	Omitted []string
}

// ExplicitFor answers "that group is not available here: what do I write instead?"
// for a group of the target from and a unit file for the target to. If compact,
// groups of to that hold nothing else stand for their members.
func ExplicitFor(group string, from, to Target, compact bool) (Explicit, error) {
	if !from.HasGroup(group) {
		return Explicit{}, noGroupError(group, from.Systemd)
	}
	var e Explicit
	for _, call := range from.Expand(group) {
		if to.KnowsCall(call) {
			e.Words = append(e.Words, call)
		} else {
			e.Omitted = append(e.Omitted, call)
		}
	}
	if compact {
		e.Words = Compact(e.Words, to)
	}
	e.omit(func(word string) bool { return !strings.HasPrefix(word, "@") && !to.ResolvesCall(word) })
	return e, nil
}

// omit moves words to the omitted calls.
func (e *Explicit) omit(unresolved func(word string) bool) {
	for _, word := range e.Words {
		if unresolved(word) {
			e.Omitted = append(e.Omitted, word)
		}
	}
	slices.Sort(e.Omitted)
	e.Words = slices.DeleteFunc(e.Words, unresolved)
}

// Compact replaces system calls by those of the target's groups all of whose
// members are among them, the largest first.
func Compact(calls []string, t Target) []string {
	wanted := make(map[string]bool, len(calls))
	for _, c := range calls {
		wanted[c] = true
	}
	left := wanted
	var words []string
	for _, g := range groupsWithin(wanted, t) {
		rest := without(left, g.Members)
		if len(rest) < len(left)-1 { // a group must be shorter than what it stands for
			words, left = append(words, g.Name), rest
		}
	}
	for c := range left {
		words = append(words, c)
	}
	slices.Sort(words)
	return words
}

// groupsWithin returns the target's groups, expanded, whose calls are all wanted,
// the largest first.
func groupsWithin(wanted map[string]bool, t Target) []Group {
	var within []Group
	for _, name := range t.Groups() {
		calls := t.Expand(name)
		if !slices.ContainsFunc(calls, func(c string) bool { return !wanted[c] }) {
			within = append(within, Group{name, calls})
		}
	}
	slices.SortStableFunc(within, func(a, b Group) int { return len(b.Members) - len(a.Members) })
	return within
}

func without(set map[string]bool, members []string) map[string]bool {
	rest := make(map[string]bool, len(set))
	for m := range set {
		if !slices.Contains(members, m) {
			rest[m] = true
		}
	}
	return rest
}

// Lines returns the assignments to paste into a unit file of that version:
// "SystemCallFilter=accept accept4 …". It is one line, or as many as keep each
// within what that version reads.
func (e Explicit) Lines(to Version) []string {
	return assignments("SystemCallFilter", "", e.Words, lineLimit(to))
}

func noGroupError(group string, v Version) error {
	if group == known && !v.AtLeast(firstKnown) {
		return fmt.Errorf("systemd %s has no group %s: it came with v%d", v, group, firstKnown)
	}
	spans := spansOf()[group]
	if len(spans) == 0 {
		return fmt.Errorf("no systemd has a group %.40q: there are %s", group, strings.Join(groupNames(Version{}), " "))
	}
	first := spans[0].first
	for _, s := range spans {
		first = min(first, s.first)
	}
	return fmt.Errorf("systemd %s has no group %s: it came with v%d", v, group, first)
}
