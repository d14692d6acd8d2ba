// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"sync"
)

// firstKnown is the first version with a group @known.
const firstKnown = 247

// linuxOf is the Linux release that brought each system call known by name; the
// zero value for those that are older than 4.3. From data/calls.csv.
var linuxOf = sync.OnceValue(func() map[string]KernelVersion {
	calls := make(map[string]KernelVersion)
	for _, row := range tableRows(callsData, 2) {
		calls[row[0]] = tableKernel(row[1])
	}
	return calls
})

// contemporaries are the newest Linux and the Linux of the newest libseccomp when a
// systemd was released.
type contemporaries struct{ linux, libseccomp KernelVersion }

var contemporariesOf = sync.OnceValue(func() map[int]contemporaries {
	all := make(map[int]contemporaries)
	for _, row := range tableRows(releasesData, 3) {
		all[tableNumber(row[0], 0)] = contemporaries{tableKernel(row[1]), tableKernel(row[2])}
	}
	return all
})

// callsUpTo returns the system calls that Linux had in a release, sorted.
func callsUpTo(k KernelVersion) []string {
	var names []string
	for name, since := range linuxOf() {
		if k.AtLeast(since) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
