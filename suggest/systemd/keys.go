// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"strings"
	"sync"
)

// key is when a key is accepted in a [Service] section.
type key struct {
	first, last int
	// backports are distribution packages that accept it as well, as
	// "239.el8": the major version, and a part of the suffix.
	backports []string
}

// directiveColumns are those of data/directives.csv.
const directiveColumns = 11

// keys holds what data/directives.csv says of keys.
var keys = sync.OnceValue(func() map[string]key {
	all := make(map[string]key)
	for _, row := range tableRows(directivesData, directiveColumns) {
		all[row[0]] = keyOf(row)
	}
	return all
})

func keyOf(row []string) key {
	return key{tableNumber(row[1], 0), tableNumber(row[2], always), strings.Fields(row[3])}
}

// Accepts tells whether the [Service] section of a unit file for the target may
// have the key. A key that it may not have is ignored with a warning.
func (t Target) Accepts(name string) bool {
	k, ok := keys()[name]
	if !ok {
		return false
	}
	v := t.Systemd
	return k.first <= v.listed() && v.listed() <= k.last || v.hasBackport(k.backports)
}

// IsKey tells whether any systemd accepts the key in a [Service] section.
func IsKey(name string) bool {
	_, known := keys()[name]
	return known
}

// hasBackport tells whether v is one of the packages, written as "239.el8".
func (v Version) hasBackport(packages []string) bool {
	for _, p := range packages {
		major, part, _ := strings.Cut(p, ".")
		if tableNumber(major, 0) == v.Major && strings.Contains(v.Suffix, part) {
			return true
		}
	}
	return false
}
