// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sbxprof/sbxprof/suggest/report"
	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// textWidth is where lists of names are broken.
const textWidth = 100

// printTrace prints a trace for people.
func printTrace(out io.Writer, t *trace.Trace) {
	printHeader(out, &t.Header)
	printCompleteness(out, t)
	printCoverage(out, t.Coverage())
	groups, setup := byActor(t.Observations)
	for _, g := range groups {
		printActor(out, &t.Header.Unit, g)
	}
	if setup > 0 {
		fmt.Fprintf(out, "\nsystemd's own set-up in the unit: %d observations, none of them charged to the service\n", setup)
	}
}

func printHeader(out io.Writer, h *trace.Header) {
	name := cmp.Or(h.Unit.Name, "a command")
	fmt.Fprintf(out, "%s\n", systemd.Printable(name))
	row(out, "recorded", fmt.Sprintf("%s, for %s, by %s", h.Begin.UTC().Format(time.DateTime+" MST"),
		h.End.Sub(h.Begin).Round(time.Second), cmp.Or(h.Recorder, "an unknown recorder")))
	if h.Merged > 1 {
		row(out, "merged", fmt.Sprintf("from %d training runs", h.Merged))
	}
	row(out, "on", hostText(&h.Host))
	for _, file := range append([]trace.Path{h.Unit.Fragment}, h.Unit.DropIns...) {
		if file != "" {
			row(out, "unit file", string(file))
		}
	}
}

func hostText(h *trace.Host) string {
	text := fmt.Sprintf("Linux %s, %s", h.Kernel, h.Arch)
	if h.Systemd != "" {
		text = "systemd " + h.Systemd + ", " + text
	}
	for _, s := range []string{h.Libc, h.OS} {
		if s != "" {
			text += ", " + s
		}
	}
	return text
}

func row(out io.Writer, name, text string) {
	fmt.Fprintf(out, "  %-11s %s\n", name, systemd.Printable(text))
}

func printCompleteness(out io.Writer, t *trace.Trace) {
	for _, s := range t.Header.Sources {
		if s.Missing == "" {
			row(out, "source", fmt.Sprintf("%s (%s)", s.Name, s.Via))
		} else {
			row(out, "no source", fmt.Sprintf("%s: %s; it hides %s", s.Name, s.Missing, s.Hides))
		}
	}
	why := t.Incomplete()
	if len(why) == 0 {
		row(out, "complete", "yes, nothing was lost")
	}
	for _, reason := range why {
		row(out, "INCOMPLETE", reason)
	}
	if n := folded(t); n > 0 {
		row(out, "folded", fmt.Sprintf("%d operations on files, in directories with too many names to tell them apart", n))
	}
	if n := t.Header.Uncounted; n > 0 {
		row(out, "counts", fmt.Sprintf("too small for %d operations, which there was no room to count again", n))
	}
	if f := t.Header.Footprint; f != nil {
		row(out, "took", fmt.Sprintf("%d MiB of the kernel's memory, and %d MiB of the recorder's own", f.Kernel>>20, f.Process>>20))
	}
}

// folded counts the operations whose observations stand for many names.
func folded(t *trace.Trace) (n uint64) {
	for i := range t.Observations {
		if f := t.Observations[i].File; f != nil && f.Folded {
			n += t.Observations[i].Count
		}
	}
	return n
}

// printCoverage prints what the training runs exercised, and what they did not.
func printCoverage(out io.Writer, c trace.Coverage) {
	row(out, "starts", fmt.Sprint(c.Starts))
	row(out, "reloads", fmt.Sprint(c.Reloads))
	row(out, "stops", fmt.Sprint(c.Stops))
	for _, command := range c.Ran {
		row(out, fmt.Sprintf("ran %d ×", command.Runs), commandText(&command))
	}
	for _, command := range c.NeverRan {
		row(out, "never ran", commandText(&command))
	}
}

func commandText(c *trace.Command) string {
	return c.Line + "=" + c.Prefix + strings.Join(c.Argv, " ")
}

// actorGroup is what one actor did.
type actorGroup struct {
	actor        trace.Actor
	observations []*trace.Observation
}

// byActor groups the service's observations, and counts those of the set-up.
func byActor(observations []trace.Observation) (groups []*actorGroup, setup int) {
	known := map[trace.Actor]*actorGroup{}
	for i := range observations {
		o := &observations[i]
		if o.Actor.Phase == trace.PhaseSetup {
			setup++
			continue
		}
		if known[o.Actor] == nil {
			known[o.Actor] = &actorGroup{actor: o.Actor}
		}
		g := known[o.Actor]
		g.observations = append(g.observations, o)
	}
	groups = slices.SortedFunc(maps.Values(known), func(a, b *actorGroup) int {
		return cmp.Or(cmp.Compare(a.actor.Line, b.actor.Line), cmp.Compare(a.actor.Exe, b.actor.Exe),
			cmp.Compare(a.actor.UID, b.actor.UID), cmp.Compare(a.actor.GID, b.actor.GID))
	})
	return groups, setup
}

func printActor(out io.Writer, u *trace.Unit, g *actorGroup) {
	a := &g.actor
	fmt.Fprintf(out, "\n%s as %s:%s", systemd.Printable(string(a.Exe)), idName(u.Users, a.UID), idName(u.Groups, a.GID))
	if a.Line != "" {
		fmt.Fprintf(out, ", of %s", systemd.Printable(a.Line))
	}
	if a.Privileged {
		fmt.Fprint(out, ", outside of the sandbox (+)")
	}
	fmt.Fprintln(out)
	printCalls(out, g.observations)
	printFiles(out, g.observations)
	printCapabilities(out, g.observations)
	for _, o := range g.observations {
		if o.Syscall == nil && o.File == nil && o.Capability == nil {
			fmt.Fprintf(out, "  %s\n", report.Words(o))
		}
	}
}

func idName(names map[uint32]string, id uint32) string {
	if name := names[id]; name != "" {
		return systemd.Printable(name)
	}
	return fmt.Sprint(id)
}

// printCalls prints the names of the system calls.
func printCalls(out io.Writer, observations []*trace.Observation) {
	names := map[string]bool{}
	for _, o := range observations {
		if o.Syscall != nil {
			names[callName(o.Syscall)] = true
		}
	}
	line := "  called"
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if len(line)+1+len(name) > textWidth {
			fmt.Fprintln(out, line)
			line = "   "
		}
		line += " " + name
	}
	if len(names) > 0 {
		fmt.Fprintln(out, line)
	}
}

func callName(s *trace.Syscall) string {
	return report.Call(&trace.Syscall{ABI: s.ABI, Number: s.Number, Name: s.Name, Filtered: s.Filtered})
}

// printFiles prints one line a path, with all that was done to it.
func printFiles(out io.Writer, observations []*trace.Observation) {
	done := map[trace.Path][]string{}
	for _, o := range observations {
		if o.File == nil {
			continue
		}
		what := systemd.Printable(string(o.File.Op))
		if c := o.File.Carries; c != nil && len(c.Permitted) > 0 {
			what += " (carries " + systemd.Printable(strings.Join(c.Permitted, " ")) + ")"
		}
		if o.Outcome != trace.OutcomeOK {
			what += "=" + systemd.Printable(string(o.Outcome))
		}
		if !slices.Contains(done[o.File.Path], what) {
			done[o.File.Path] = append(done[o.File.Path], what)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(done)) {
		fmt.Fprintf(out, "  %s: %s\n", systemd.Printable(string(path)), strings.Join(done[path], ", "))
	}
}
