// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrIncomplete is wrapped by errors that tell of an incomplete trace.
var ErrIncomplete = errors.New("the trace is incomplete")

// Trace is a training run, or several that were merged.
type Trace struct {
	Header       Header
	Observations []Observation
	// Truncated is set by the reader when the file ended in the middle of a
	// line: everything up to that line is here.
	Truncated bool
}

// Incomplete returns the reasons why the trace may not hold everything that the
// unit did, in words for a reader; none means that it is complete. What the unit
// was never made to do is another matter: see Coverage.
func (t *Trace) Incomplete() []string {
	var why []string
	for _, l := range t.Header.Losses {
		if l.Count > 0 {
			why = append(why, withDetail(fmt.Sprintf("%d × %s was lost", l.Count, l.Reason), l.Hides))
		}
	}
	for _, s := range t.Header.Sources {
		why = append(why, t.unseen(s)...)
	}
	why = append(why, t.behindRings()...)
	if t.Header.Starts == 0 {
		why = append(why, "it holds no start of the service: what only a start needs is missing (record with --restart)")
	}
	if !slices.ContainsFunc(t.Observations, func(o Observation) bool { return o.Actor.Phase == PhaseService }) {
		why = append(why, "it holds nothing that the service did")
	}
	if t.Header.Checkpoint {
		why = append(why, "the recorder was ended before it could finish: what came after its last checkpoint is missing")
	}
	if t.Truncated {
		why = append(why, "the file was cut short: its end is lost")
	}
	return why
}

// unseen returns what a source that was needed kept from being seen. Where only
// some training runs had it, that is what ran in none of these.
func (t *Trace) unseen(s Source) []string {
	if !s.Needed {
		return nil
	}
	if s.Missing != "" {
		return []string{withDetail(fmt.Sprintf("%s could not be seen (%s)", s.Name, s.Missing), s.Hides)}
	}
	var why []string
	for _, command := range t.ranOnlyWithout(s.Name) {
		why = append(why, fmt.Sprintf("%s could not be seen in the training runs in which %s ran", s.Name, command))
	}
	return why
}

// named are the operations of io_uring that have a path or an address, which is not seen.
var named = []string{"statx", "setxattr", "getxattr", "connect", "accept", "bind", "sendmsg", "sendmsg_zc"}

// uringFiles are those whose path the source of the same name sees.
var uringFiles = []string{"openat", "openat2", "unlinkat", "renameat", "mkdirat", "symlinkat", "linkat"}

// behindRings returns what the service had io_uring do for it that nobody could see.
func (t *Trace) behindRings() []string {
	hidden := named
	if t.Header.lacks("uring_files") || len(t.ranOnlyWithout("uring_files")) > 0 {
		hidden = slices.Concat(named, uringFiles)
	}
	var ops []string
	rings := false
	for i := range t.Observations {
		o := &t.Observations[i]
		if o.Actor.Phase != PhaseService {
			continue
		}
		if o.IOUring != nil && slices.Contains(hidden, o.IOUring.Op) {
			ops = append(ops, o.IOUring.Op)
		}
		rings = rings || o.Syscall != nil && o.Syscall.Name == "io_uring_setup" && o.Outcome == OutcomeOK
	}
	slices.Sort(ops)
	var why []string
	if ops = slices.Compact(ops); len(ops) > 0 {
		why = append(why, "it had io_uring do "+strings.Join(ops, ", ")+": with which files and addresses could not be seen")
	}
	for _, s := range t.Header.Sources {
		if rings && s.Name == "io_uring" && s.Missing != "" && !s.Needed {
			why = append(why, withDetail("it used io_uring, which could not be seen ("+s.Missing+")", s.Hides))
		}
	}
	return why
}

func withDetail(text, detail string) string {
	if detail == "" {
		return text
	}
	return text + ": " + detail
}
