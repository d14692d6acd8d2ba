// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"
	"time"
	"unicode"

	"github.com/sbxprof/sbxprof/trace"
)

// A file that a service makes in /tmp under a name that is the same each time, and
// leaves there, is one that others may look for. In a directory of the unit's own they
// do not find it.

// temporary tells names that are others each time: as mkstemp(3) makes them, or with the
// number of a process in them.
func temporary(name string) bool {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("._-", r) }) {
		if strings.TrimFunc(part, unicode.IsDigit) == "" && len(part) > 1 || len(part) >= 6 && mixed(part) {
			return true
		}
	}
	return false
}

// mixed tells whether a word has characters of two sorts.
func mixed(word string) bool {
	sorts := 0
	for _, of := range []func(rune) bool{unicode.IsUpper, unicode.IsLower, unicode.IsDigit} {
		if strings.ContainsFunc(word, of) {
			sorts++
		}
	}
	return sorts > 1
}

// removals are when names were last taken away.
type removals map[string]time.Time

func (r removals) add(o *trace.Observation) {
	switch o.File.Op {
	case trace.OpRemove, trace.OpRenameFrom:
		if name := string(o.File.Path); o.Last.After(r[name]) {
			r[name] = o.Last
		}
	}
}

// leaves tells whether an observation leaves a file for others in a directory for
// temporary files.
func (s *Scene) leaves(o *trace.Observation) bool {
	f := o.File
	rest, ok := strings.CutPrefix(strings.TrimPrefix(string(f.Path), "/var"), "/tmp/")
	if !ok {
		return false
	}
	switch f.Op {
	case trace.OpCreate, trace.OpMknod, trace.OpRenameTo, trace.OpSymlink, trace.OpLinkTo:
	default:
		return false
	}
	gone, removed := s.removed[string(f.Path)]
	if o.Outcome != trace.OutcomeOK || f.Folded || f.Unlinked || f.Partial || removed && !o.Last.After(gone) {
		return false
	}
	for part := range strings.SplitSeq(rest, "/") {
		if temporary(part) {
			return false
		}
	}
	return true
}
