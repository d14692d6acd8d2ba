// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"errors"
	"fmt"
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
// unit did, in words for a reader; none means that it is complete.
func (t *Trace) Incomplete() []string {
	var why []string
	h := &t.Header
	for _, l := range h.Losses {
		if l.Count > 0 {
			why = append(why, fmt.Sprintf("%d × %s was lost: %s", l.Count, l.Reason, l.Hides))
		}
	}
	for _, s := range h.Sources {
		if s.Missing != "" && s.Needed {
			why = append(why, fmt.Sprintf("%s could not be seen (%s): %s", s.Name, s.Missing, s.Hides))
		}
	}
	if h.Starts == 0 {
		why = append(why, "it holds no start of the service: what only a start needs is missing (record with --restart)")
	}
	if h.Checkpoint {
		why = append(why, "the recorder was ended before it could finish: this is its last checkpoint")
	}
	if t.Truncated {
		why = append(why, "the file was cut short: its last line is lost")
	}
	return why
}
