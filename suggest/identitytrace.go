// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"maps"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// settings are the lines that start the service as the user.
func (id *identity) settings() []trace.Setting {
	lines := []trace.Setting{{Name: "User", Value: id.name}}
	if id.group != "" {
		lines = append(lines, trace.Setting{Name: "Group", Value: id.group})
	}
	if len(id.groups) > 0 {
		lines = append(lines, trace.Setting{Name: "SupplementaryGroups", Value: strings.Join(id.groups, " ")})
	}
	if caps := slices.Sorted(maps.Keys(id.keep)); len(caps) > 0 {
		lines = append(lines, trace.Setting{Name: "AmbientCapabilities", Value: strings.Join(caps, " ")})
	}
	for _, d := range slices.Sorted(maps.Keys(id.made)) {
		lines = append(lines, trace.Setting{Name: d, Value: strings.Join(id.made[d], " ")})
	}
	return append(lines, id.moves.unitLines(&id.trace.Header)...)
}

// asUser is the trace as it would have been: everything was done by the user, what
// only root asks for was not, and files are where they have moved.
func (id *identity) asUser() *trace.Trace {
	t := *id.trace
	t.Header.Unit.Settings = append(slices.Clone(t.Header.Unit.Settings), id.settings()...)
	t.Observations = nil
	for _, o := range id.trace.Observations {
		if o.Actor.UID == 0 && o.Actor.Phase == trace.PhaseService && !o.Actor.Privileged {
			if id.vanishes(&o) {
				continue
			}
			o.Actor.UID, o.Actor.GID = id.who.uid, id.who.gid
		}
		if o.File != nil {
			o.File = id.moved(o.File)
		}
		t.Observations = append(t.Observations, o)
	}
	return &t
}

// becoming are the calls by which root becomes somebody else; a service that is not
// root either leaves them out or is refused.
var becoming = []string{"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid",
	"chown", "fchown", "lchown", "fchownat"}

func (id *identity) vanishes(o *trace.Observation) bool {
	switch {
	case o.Capability != nil:
		return !id.keep[o.Capability.Name]
	case o.Syscall != nil:
		return slices.Contains(becoming, o.Syscall.Name)
	case o.File != nil:
		return o.File.Op == trace.OpChown
	}
	return false
}

// moved returns the file where it is from now on.
func (id *identity) moved(f *trace.File) *trace.File {
	to, ok := id.moves[f.Path]
	if !ok {
		return f
	}
	g := *f
	g.Path = to
	g.Parent = &trace.Owner{UID: id.who.uid, GID: id.who.gid, Mode: 0o755}
	return &g
}
