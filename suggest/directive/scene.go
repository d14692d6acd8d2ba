// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"

	"github.com/sbxprof/sbxprof/trace"
)

// Scene is what the observations of a trace mean for each other: a file that the
// unit made itself is still there for it in a private directory, one that was
// there before is not.
type Scene struct {
	own map[string]bool
	// from has the old names of what was made by renaming or linking.
	from map[string]string
}

// NewScene looks through the observations of a trace.
func NewScene(observations []trace.Observation) *Scene {
	s := &Scene{own: map[string]bool{}, from: map[string]string{}}
	for i := range observations {
		f := observations[i].File
		if f == nil || observations[i].Outcome != trace.OutcomeOK {
			continue
		}
		switch f.Op {
		case trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpSymlink, trace.OpBind:
			s.own[string(f.Path)] = true
		case trace.OpRenameTo, trace.OpLinkTo:
			s.from[string(f.Path)] = string(f.Peer)
		}
	}
	return s
}

// made tells whether a name is one that the unit made.
func (s *Scene) made(file string) bool {
	_, renamed := s.from[file]
	return renamed || s.own[file]
}

// Own tells whether the unit made the file, or a directory that it is in.
func (s *Scene) Own(file string) bool {
	for range 8 { // names of names
		for p := file; p != "/" && p != "."; p = path.Dir(p) {
			if s.own[p] {
				return true
			}
		}
		old, renamed := s.from[file]
		if !renamed {
			return false
		}
		file = old
	}
	return false
}
