// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// always is the last version of what is still so in the newest one.
const always = 1 << 20

// span is what was in a group from one version to another.
type span struct {
	first, last int
	members     []string
}

// spansOf holds the spans of each group, from data/groups.txt.
var spansOf = sync.OnceValue(func() map[string][]span {
	spans := make(map[string][]span)
	for _, line := range tableLines(groupsData) {
		f := strings.Fields(line)
		first, last, _ := strings.Cut(f[1], "-")
		spans[f[0]] = append(spans[f[0]], span{tableNumber(first, 0), tableNumber(last, always), f[2:]})
	}
	return spans
})

// pointRelease is how a stable release, and those after it in its branch, differ
// from the first release of the branch. Changes are "@group+member" and
// "@group-member".
type pointRelease struct {
	major, point int
	changes      []string
}

// pointReleases holds data/point-releases.txt, in order.
var pointReleases = sync.OnceValue(func() []pointRelease {
	var all []pointRelease
	for _, line := range tableLines(pointReleasesData) {
		f := strings.Fields(line)
		major, point, _ := strings.Cut(f[0], ".")
		all = append(all, pointRelease{tableNumber(major, 0), tableNumber(point, 0), f[1:]})
	}
	return all
})

// groupNames returns the groups of a version that are in the table, sorted.
func groupNames(v Version) []string {
	var names []string
	for name, spans := range spansOf() {
		if slices.ContainsFunc(spans, func(s span) bool { return s.holds(v) }) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (s span) holds(v Version) bool { return s.first <= v.listed() && v.listed() <= s.last }

// groupMembers returns the direct members of a group in a version, sorted; none if
// the version does not have the group.
func groupMembers(name string, v Version) []string {
	members := make(map[string]bool)
	for _, s := range spansOf()[name] {
		if s.holds(v) {
			for _, m := range s.members {
				members[m] = true
			}
		}
	}
	for _, change := range changesOf(v) {
		if m, ok := strings.CutPrefix(change, name+"+"); ok {
			members[m] = true
		} else if m, ok := strings.CutPrefix(change, name+"-"); ok {
			delete(members, m)
		}
	}
	return slices.Sorted(maps.Keys(members))
}

// changesOf returns how a stable release differs from the first of its branch: as
// the nearest release before it that is listed.
func changesOf(v Version) []string {
	var changes []string
	for _, p := range pointReleases() {
		if p.major == v.Major && p.point <= v.Point {
			changes = p.changes
		}
	}
	return changes
}
