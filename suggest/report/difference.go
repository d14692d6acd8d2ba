// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"

	"github.com/sbxprof/sbxprof/trace"
)

// Difference returns a line for each observation that is in one of two traces only:
// "- " and its words for those of the first, "+ " for those of the second. Where two
// would read the same, what the words leave out of the actor is added; where that does
// not tell them apart, one line of each trace stands for them and says so.
func Difference(d trace.Diff) []string {
	said, exactly := map[string]int{}, map[string]int{}
	each(d, func(_ string, o *trace.Observation) {
		said[Words(o)]++
		exactly[Words(o)+identity(&o.Actor)]++
	})
	var lines []string
	known := map[string]bool{}
	each(d, func(sign string, o *trace.Observation) {
		line := Words(o)
		if said[line] > 1 {
			line += identity(&o.Actor)
			if exactly[line] > 1 {
				line += "; --format json tells more"
			}
		}
		if line = sign + " " + line; !known[line] {
			known[line] = true
			lines = append(lines, line)
		}
	})
	return lines
}

func each(d trace.Diff, f func(sign string, o *trace.Observation)) {
	for i := range d.OnlyA {
		f("-", &d.OnlyA[i])
	}
	for i := range d.OnlyB {
		f("+", &d.OnlyB[i])
	}
}

// identity is what Words leaves out about an actor.
func identity(a *trace.Actor) string {
	text := fmt.Sprintf(", as %d:%d", a.UID, a.GID)
	if a.Phase == trace.PhaseSetup {
		text += " while systemd set it up"
	}
	return text
}
