// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// filterList is an allow-list or a deny-list. The first assignment decides which;
// later ones add to it or take from it.
type filterList struct {
	set     bool // there is any
	allow   bool
	members map[string]bool // nil until an assignment decides
}

// apply adds one assignment.
func (f *filterList) apply(words []string, inverted bool) {
	if f.members == nil {
		*f = filterList{set: true, allow: !inverted, members: make(map[string]bool)}
	}
	for _, w := range words {
		if f.allow != inverted {
			f.members[w] = true
		} else {
			delete(f.members, w)
		}
	}
}

// permits tells whether the list lets something pass.
func (f *filterList) permits(word string) bool { return !f.set || f.members[word] == f.allow }

// readFamilies reads RestrictAddressFamilies=. From v249 on "none" allows none.
func readFamilies(settings []trace.Setting, v Version) filterList {
	var f filterList
	eachAssignment(settings, "RestrictAddressFamilies", v, func(value string, words []string, inverted bool) {
		switch {
		case value == "":
			f = filterList{}
		case value == "none":
			f = filterList{set: true, allow: true} // the next assignment decides again
		default:
			f.apply(words, inverted)
		}
	})
	return f
}

// readCalls reads SystemCallFilter=. Entering allow mode adds @default.
func readCalls(settings []trace.Setting, t Target) filterList {
	var f filterList
	eachAssignment(settings, "SystemCallFilter", t.Systemd, func(value string, words []string, inverted bool) {
		if value == "" {
			f = filterList{}
			return
		}
		if f.members == nil && !inverted {
			f.apply(t.Expand("@default"), false)
		}
		for _, w := range words {
			name, _, _ := strings.Cut(w, ":") // what happens instead of a kill is no matter
			calls := []string{name}
			if strings.HasPrefix(name, "@") {
				calls = t.Expand(name)
			}
			f.apply(calls, inverted)
		}
		f.apply(nil, inverted)
	})
	return f
}

// namespaceNames are the words of RestrictNamespaces= that have a row in the table.
var namespaceNames = []string{"user", "mnt", "ipc", "pid", "cgroup", "net", "uts"}

// readNamespaces reads RestrictNamespaces=: the namespaces that may be made; nil if
// it is not set. Up to v238 the last assignment holds.
func readNamespaces(settings []trace.Setting, v Version) map[string]bool {
	var allowed map[string]bool
	eachAssignment(settings, "RestrictNamespaces", v, func(value string, words []string, inverted bool) {
		if value == "" {
			allowed = nil
			return
		}
		if restrict, ok := ParseBool(value); ok {
			words, inverted = nil, !restrict
			allowed = nil
		} else if !knowsNamespaces(words, v) {
			return // one unknown word voids the line
		}
		next := make(map[string]bool)
		for _, n := range namespaceNames {
			named := slices.Contains(words, n)
			if allowed == nil || !v.AtLeast(239) {
				next[n] = named != inverted
			} else {
				next[n] = allowed[n] && !(named && inverted) || named && !inverted
			}
		}
		allowed = next
	})
	return allowed
}

// knowsNamespaces tells whether systemd reads all the words. "time" is not for
// writing before v258, but 252.38 already reads it.
func knowsNamespaces(words []string, v Version) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		return !slices.Contains(namespaceNames, w) && !(w == "time" && v.AtLeast(252))
	})
}
