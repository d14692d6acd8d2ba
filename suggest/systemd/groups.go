// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"maps"
	"slices"
	"strings"
)

// known is the group of all system calls that systemd has a name for.
const known = "@known"

// groupSet holds the direct members of groups by their names.
type groupSet map[string][]string

// Group is a system call group of SystemCallFilter=.
type Group struct {
	// Name begins with "@": "@aio".
	Name string
	// Members are the direct members, sorted: system calls, and groups (with "@").
	Members []string
}

// Groups returns the names of the target's groups, sorted, without @known, which
// is no group to filter by. Versions before 231 have none.
func (t Target) Groups() []string {
	if t.live == nil {
		return groupNames(t.Systemd)
	}
	names := slices.Sorted(maps.Keys(t.live))
	return slices.DeleteFunc(names, func(n string) bool { return n == known })
}

// HasGroup tells whether the target has the group of that name.
func (t Target) HasGroup(name string) bool {
	_, ok := t.members(name)
	return ok
}

// Expand returns the system calls of the target's group with nested groups
// resolved, sorted; none if the target does not have the group.
func (t Target) Expand(name string) []string {
	calls, seen := make(map[string]bool), make(map[string]bool)
	t.expandInto(calls, seen, name)
	return slices.Sorted(maps.Keys(calls))
}

func (t Target) expandInto(calls, seen map[string]bool, name string) {
	if seen[name] { // a live host's list is not trusted to be free of circles
		return
	}
	seen[name] = true
	members, _ := t.members(name)
	for _, m := range members {
		if strings.HasPrefix(m, "@") {
			t.expandInto(calls, seen, m)
		} else {
			calls[m] = true
		}
	}
}

// Known returns the system calls that the target's systemd has a name for, sorted:
// its @known. From v255 on an allow-list answers a call outside of it with ENOSYS.
//
// The tables hold no @known by version. It is put together from what the target's
// groups name and the calls that Linux had when that systemd was released, as its
// maintainers bring the list up to date before each release. Before v247, where
// there is no such group, the same union says what may be assumed. A stable release
// may know a few calls more.
func (t Target) Known() []string {
	if t.live[known] != nil {
		return t.Expand(known)
	}
	calls := make(map[string]bool)
	for _, name := range callsUpTo(contemporariesOf()[t.Systemd.listed()].linux) {
		calls[name] = true
	}
	seen := make(map[string]bool)
	for _, name := range t.Groups() {
		t.expandInto(calls, seen, name)
	}
	return slices.Sorted(maps.Keys(calls))
}

// KnowsCall tells whether a unit file for the target may name the system call. That
// is so if the call can be resolved there, and if one of the target's groups names it:
// its systemd then is prepared for a libseccomp that is newer than itself.
func (t Target) KnowsCall(name string) bool {
	return t.ResolvesCall(name) || slices.ContainsFunc(t.Groups(), func(group string) bool {
		members, _ := t.members(group)
		return slices.Contains(members, name)
	})
}

// ResolvesCall tells whether the libseccomp of the target's time had the system call in
// its tables. It is libseccomp, not systemd, that resolves names: of a group's members it
// skips without a word what it does not resolve, and of what a unit file names it skips
// that with a warning (252, 257 and 262 were tried).
func (t Target) ResolvesCall(name string) bool {
	since, listed := linuxOf()[name]
	return listed && contemporariesOf()[t.Systemd.listed()].libseccomp.AtLeast(since)
}

// members returns the direct members of a group, and whether the target has it.
func (t Target) members(name string) ([]string, bool) {
	if t.live != nil {
		members, ok := t.live[name]
		return members, ok
	}
	if name == known {
		return t.Known(), t.Systemd.AtLeast(firstKnown)
	}
	members := groupMembers(name, t.Systemd)
	return members, len(members) > 0
}
