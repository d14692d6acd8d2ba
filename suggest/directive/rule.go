// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// Rule is one thing that a value of a directive denies.
type Rule interface {
	// Kind is the kind of the observations that the rule can deny.
	Kind() trace.Kind
	// Denies returns the outcome that the observed operation would have had under
	// the rule, or "" if the rule would have let it be what it was.
	Denies(o *trace.Observation) trace.Outcome
}

// localRule is a rule about files that concerns few directories only.
type localRule interface {
	// concerns tells whether the rule can deny anything to what is in a directory.
	concerns(dir string) bool
}

// opRule is a rule about files that concerns few operations only.
type opRule interface {
	// ops are the operations that the rule can deny.
	ops() []trace.FileOp
}

// lossy is a rule that depends on which capabilities the whole sandbox takes away.
type lossy interface{ under(l losses) Rule }

// sighted is a rule that depends on the whole sandbox's view of the file system.
type sighted interface{ seeing(s *Sandbox) Rule }

// tolerant is a rule with denials that a program lives with.
type tolerant interface {
	// tolerates says why; "" if the program may not.
	tolerates(o *trace.Observation) string
}

// tolerantScene is a rule with denials that a program lives with because of what else
// is known of the trace.
type tolerantScene interface {
	// toleratesIn says why; "" if the program may not.
	toleratesIn(s *Scene, o *trace.Observation) string
}

// Source is the setting that a rule comes from.
type Source struct {
	Directive string `json:"directive"`
	Value     string `json:"value"`
}

// Violation is an observation that a directive's value would have denied.
type Violation struct {
	Source
	Observation *trace.Observation `json:"observation"`
	// Outcome is what the operation would have come to: "EPERM", "EROFS",
	// "killed", …
	Outcome trace.Outcome `json:"outcome"`
	// Tolerated says why the program lives with the outcome; usually "".
	Tolerated string `json:"tolerated,omitempty"`
}

// GoesWell tells whether the operation would have gone well all the same, and come to less.
func (v Violation) GoesWell() bool {
	return slices.Contains([]trace.Outcome{Unprivileged, Empty, Stripped, Hidden, Unreachable, Removed, LessReadable}, v.Outcome)
}

// NoWorseThan tells whether another violation of the same observation comes to as little:
// by the same line, or because what is hidden cannot be hidden more.
func (v Violation) NoWorseThan(other Violation) bool {
	return v.Source == other.Source || v.Outcome == Hidden && other.Outcome == Hidden
}

const (
	eperm   trace.Outcome = "EPERM"
	eacces  trace.Outcome = "EACCES"
	enoent  trace.Outcome = "ENOENT"
	erofs   trace.Outcome = "EROFS"
	ebusy   trace.Outcome = "EBUSY"
	exdev   trace.Outcome = "EXDEV"
	einval  trace.Outcome = "EINVAL"
	enosys  trace.Outcome = "ENOSYS"
	allowed trace.Outcome = ""
)

// Outcomes that are no errno.
const (
	// Unprivileged is a program that runs without the privileges that its file would
	// have given it.
	Unprivileged trace.Outcome = "unprivileged"
	// Empty goes well, and there is nothing to be found.
	Empty trace.Outcome = "empty"
	// Stripped goes well, but for a bit that is silently left out.
	Stripped trace.Outcome = "stripped"
	// Hidden goes well, and those who are to find it do not.
	Hidden trace.Outcome = "hidden"
	// Unreachable goes well, and nobody can be reached that way.
	Unreachable trace.Outcome = "unreachable"
	// TimedOut is what connecting comes to in the end; a socket that does not block
	// says EINPROGRESS first.
	TimedOut trace.Outcome = "ETIMEDOUT"
	// Removed goes well, and is gone when the service stops.
	Removed trace.Outcome = "removed"
	// LessReadable goes well, and others may not read the new file.
	LessReadable trace.Outcome = "less readable"
)
