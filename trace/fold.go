// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"path"
	"slices"
	"strings"
)

// A trace of a million observations is nearly all names in a few directories: mails in
// a queue, files of a cache. What was done to one of them says what was done to all.

const (
	// manyObservations is how many observations a trace has before any is folded.
	manyObservations = 50_000
	// namesKept is how many names in a directory are told apart then.
	namesKept = 32
)

// folding adds observations to a trace, and lets one stand for many names.
type folding struct {
	trace *Trace
	kinds map[foldKind]*foldCount
}

// foldKind is an operation on whichever name in a directory; what the observations of
// a kind have in common is in the decoder's template.
type foldKind struct {
	template *Observation
	dir      string
}

type foldCount struct {
	names int
	// place is that of the folded observation in the trace.
	place int
}

// notFolded are directories in which single names count: what they are is a part of the
// kernel's interface.
var notFolded = []string{"/proc/", "/sys/", "/dev/"}

// add adds an observation, of a template or of none.
func (f *folding) add(o Observation, template *Observation) {
	list := &f.trace.Observations
	if len(*list) < manyObservations || template == nil || o.File == nil || o.File.Partial ||
		slices.ContainsFunc(notFolded, func(dir string) bool { return strings.HasPrefix(string(o.File.Path), dir) }) {
		*list = append(*list, o)
		return
	}
	kind := foldKind{template, path.Dir(string(o.File.Path))}
	count := f.kinds[kind]
	if count == nil {
		count = &foldCount{}
		f.kinds[kind] = count
	}
	count.names++
	switch {
	case count.names <= namesKept:
		*list = append(*list, o)
	case count.names == namesKept+1:
		o.File.Path, o.File.Folded = Path(path.Join(kind.dir, "*")), true
		count.place = len(*list)
		*list = append(*list, o)
	default:
		combine(&(*list)[count.place], &o, false)
	}
}
