// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// DropInOptions say how much of the evidence a drop-in shows.
type DropInOptions struct {
	// All shows every observation behind a line, and not just the first few.
	All bool
}

// shown is how many observations a line's comment shows.
const shown = 2

// DropIn writes a profile as a drop-in: every line with its evidence above it, and
// at the end what was left out and because of what. The first line says so if the
// trace is incomplete.
func DropIn(w io.Writer, p *suggest.Profile, o DropInOptions) error {
	service := systemd.Section{Name: "Service"}
	said := ""
	for _, l := range p.Lines {
		if l.Name == said { // said once for all lines of a directive
			l.Denies = ""
		}
		said = l.Name
		service.Lines = append(service.Lines, comments(evidence(l, o))...)
		service.Lines = append(service.Lines, assignment(l.Setting))
	}
	service.Lines = append(service.Lines, comments(leftOut(p, o))...)
	return systemd.Write(w, p.Target.Systemd, []systemd.Section{{Lines: comments(heading(p))}, service})
}

func comments(texts []string) []systemd.Line {
	lines := make([]systemd.Line, len(texts))
	for i, t := range texts {
		lines[i].Comment = t
	}
	return lines
}

// heading says what the profile was made from.
func heading(p *suggest.Profile) []string {
	var list []string
	for _, why := range p.Incomplete {
		list = append(list, "INCOMPLETE: "+systemd.Printable(why))
	}
	name := systemd.Printable(p.Unit)
	if name == "" {
		name = "a command"
	}
	list = append(list, fmt.Sprintf("Suggested by sbxprof for %s on systemd %s, from %d observations.", name,
		systemd.Printable(p.Target.Systemd.String()), p.Observations))
	if p.Target.Systemd.Unlisted() {
		list = append(list, fmt.Sprintf("That systemd is newer than all that are known here: it is taken for %d.", systemd.Newest))
	}
	if len(p.Identities) > 0 {
		list = append(list, "It ran as "+users(p.Identities)+".")
	}
	list = append(list, fmt.Sprintf("Exposure, as systemd-analyze security counts it: %s before, %s with this.", p.Before, p.After))
	if len(p.Sessions) > 0 {
		list = append(list, "Nothing is suggested: it opens sessions for users ("+Words(p.Sessions[0])+
			"), and what they do there would inherit its sandbox.")
	}
	if p.KeepsIdentity != "" {
		list = append(list, "Its user is not changed: "+systemd.Printable(p.KeepsIdentity)+".")
	}
	list = append(list, steps(p.Steps)...)
	for _, u := range p.Unexercised {
		list = append(list, "Not seen: "+systemd.Printable(u)+".")
	}
	return list
}

// steps says what is to be done by hand, and what undoes it.
func steps(steps []suggest.Step) []string {
	var list []string
	undone := false
	for i, step := range steps {
		list = append(list, fmt.Sprintf("Step %d: %s. Otherwise: %s.", i+1, systemd.Printable(step.Text), systemd.Printable(step.Why)))
		if len(step.Undo) > 0 {
			undone = true
			list = append(list, "To undo it: "+systemd.Printable(strings.Join(step.Undo, " && ")))
		}
	}
	if undone {
		list = append(list, "Whoever removes this file undoes the steps, too. The upgrade of a package may undo some, and asks about "+
			"edited files in /etc: --apply-steps takes them again.")
	}
	return list
}

// mostUsers is how many of its users the header names.
const mostUsers = 8

func users(ids []suggest.Identity) string {
	names := make([]string, min(len(ids), mostUsers))
	for i := range names {
		names[i] = fmt.Sprintf("%s:%s", orNumber(ids[i].User, ids[i].UID), orNumber(ids[i].Group, ids[i].GID))
	}
	text := strings.Join(names, ", then ")
	if more := len(ids) - len(names); more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func orNumber(name string, id uint32) string {
	if name == "" {
		return fmt.Sprint(id)
	}
	return systemd.Printable(name)
}

// evidence is the comment above a line.
func evidence(l suggest.Line, o DropInOptions) []string {
	var list []string
	switch {
	case len(l.Evidence) > 0:
		list = observed(l, o)
	case l.Use != nil:
		list = []string{fmt.Sprintf("Because there were %s at most.", l.Use)}
	case l.Denies != "" && l.Value != "":
		list = []string{"Takes away " + l.Denies + ": nothing of the kind was seen."}
	}
	for _, n := range l.Notes {
		list = append(list, "It "+systemd.Printable(n)+".")
	}
	return list
}

func observed(l suggest.Line, o DropInOptions) []string {
	ordered := telling(l.Evidence)
	n := min(shown, len(ordered))
	if o.All {
		n = len(ordered)
	}
	texts := make([]string, n)
	for i := range n {
		texts[i] = Words(ordered[i])
	}
	text := "Because " + strings.Join(texts, "; ")
	if more := len(ordered) - n; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return []string{text + "."}
}

// telling puts what says the most first: what succeeded, what was not said by the
// ones before, and what is rare.
func telling(list []*trace.Observation) []*trace.Observation {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *trace.Observation) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Count, b.Count))
	})
	var first, again []*trace.Observation
	said := map[string]bool{}
	for _, o := range list {
		if s := subject(o); said[s] {
			again = append(again, o)
		} else {
			said[s] = true
			first = append(first, o)
		}
	}
	return append(first, again...)
}

func rank(o *trace.Observation) int {
	if o.Outcome == trace.OutcomeOK {
		return 0
	}
	return 1
}

// subject is what an observation is about.
func subject(o *trace.Observation) string {
	switch {
	case o.Syscall != nil:
		return o.Syscall.Name + fmt.Sprint(o.Syscall.Arg(0))
	case o.Capability != nil:
		return o.Capability.Name
	case o.File != nil:
		return path.Dir(string(o.File.Path)) + string(o.File.Op)
	}
	return ""
}

// wordLists are the directives whose values are words that may be spread over
// several lines.
var wordLists = []string{"SystemCallFilter", "CapabilityBoundingSet", "AmbientCapabilities", "RestrictAddressFamilies"}

func assignment(s trace.Setting) systemd.Line {
	if !slices.Contains(wordLists, s.Name) {
		return systemd.Line{Name: s.Name, Words: []string{s.Value}}
	}
	value, inverted := strings.CutPrefix(s.Value, "~")
	l := systemd.Line{Name: s.Name, Words: strings.Fields(value)}
	if inverted {
		l.Prefix = "~"
	}
	return l
}

// leftOut says which values were refused, and by what.
func leftOut(p *suggest.Profile, o DropInOptions) []string {
	var list []string
	for _, w := range p.Withheld {
		n := 1
		if o.All {
			n = len(w.Violations)
		}
		texts := make([]string, n)
		for i := range n {
			texts[i] = fmt.Sprintf("%s (%s)", Words(w.Violations[i].Observation), WouldBe(w.Violations[i]))
		}
		alone := ""
		if slices.ContainsFunc(p.Lines, func(l suggest.Line) bool { return l.Setting == w.Setting }) {
			alone = " by itself" // with exceptions it is there
		}
		list = append(list, fmt.Sprintf("Left out %s=%s%s: %s.", w.Name, systemd.Printable(w.Value), alone, strings.Join(texts, "; ")))
	}
	return list
}
