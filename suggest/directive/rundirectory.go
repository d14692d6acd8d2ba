// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

const runDirectory = "/run"

// runDirectoryFamily closes /run where the rest is closed and it is not. From v248 on it
// is a mount of its own wherever systemd mounts the API file systems, as it does for
// ProtectKernelTunables=, ProtectControlGroups=, ProtectProc= and more, and no such mount
// becomes read-only with /: root then writes to /run/systemd/system, whatever
// ProtectSystem=strict says (seen on 252 and 257). It comes last, for any of the families
// may be the one that does this.
func runDirectoryFamily() Family {
	return Family{Name: "/run", Propose: proposeRunDirectory}
}

func proposeRunDirectory(e *Evidence) []Candidate {
	own := e.Trace.Header.Unit.Settings
	all := append(own[:len(own):len(own)], e.Chosen...)
	if e.ownRoot() {
		return nil
	}
	switch run := e.runMount(all); {
	case run == nil || run.Sealed:
	case run.Mode == Implicit && (e.Level >= Standard || e.closesRun(own)):
		return e.closed(runDirectory, "closes /run like the rest: systemd mounts it by itself for other directives, and it would be writable")
	case run.Mode == ReadWrite && e.Level >= Standard && e.runMount(own) == nil:
		return e.closed("/run/systemd -/run/udev", "has the unit only read what gives orders to root in /run")
	}
	return nil
}

// closed proposes to have places read-only; what the unit writes in them stays open, and
// nothing is proposed where that is all of one.
func (e *Evidence) closed(places, note string) []Candidate {
	c, ok := e.writable(trace.Setting{Name: "ReadOnlyPaths", Value: places})
	if !ok || len(c.Settings) > 1 && c.opens(strings.Fields(places)) {
		return nil
	}
	c.Notes = []string{note}
	return []Candidate{c}
}

// runMount is what settings that make / read-only mount at /run; nil if it is none, or
// if they do not.
func (e *Evidence) runMount(settings []trace.Setting) *point {
	v := e.Model.Sandbox(settings, e.Target, e.Scene).view
	if root := v.byPath["/"]; root == nil || !root.Sealed {
		return nil
	}
	return v.byPath[runDirectory]
}

// closesRun tells whether settings make /run read-only together with /.
func (e *Evidence) closesRun(settings []trace.Setting) bool {
	return e.Model.Sandbox(settings, e.Target, e.Scene).view.at(runDirectory).write != nil
}

// opens tells whether a candidate has the unit write to all of one of the places.
func (c *Candidate) opens(places []string) bool {
	return slices.ContainsFunc(c.Settings, func(s trace.Setting) bool {
		return s.Name == "ReadWritePaths" && slices.ContainsFunc(places, func(p string) bool {
			return strings.TrimPrefix(p, "-") == strings.TrimPrefix(s.Value, "-")
		})
	})
}
