// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func noNewPrivilegesFamily() Family {
	f := single(Directive{
		Name: "NoNewPrivileges", Values: yes,
		Denies: "what set-user-ID bits and capabilities of files give",
		Read:   flag(func(u *Unit) []Rule { return []Rule{newNoNewPrivileges(u)} }),
	})
	rows := f
	f.Propose = func(e *Evidence) []Candidate {
		list := rows.rows(e)
		for i := range list {
			list[i].Notes = e.unusedFileCapabilities()
		}
		return list
	}
	return f
}

// unusedFileCapabilities says of which programs it does not matter what their files carry.
func (e *Evidence) unusedFileCapabilities() []string {
	var notes []string
	for _, o := range e.byOp[trace.OpExecute] {
		if o.Outcome == trace.OutcomeOK && o.Actor.UID != 0 && givesCapabilities(o.File, nil) && e.Scene.withoutThem(o.File, false) != "" {
			notes = append(notes, fmt.Sprintf("executed %s, which never used what its file carries, %s", o.File.Path, strings.Join(o.File.Carries.Permitted, " ")))
		}
	}
	return notes
}

// noNewPrivileges denies what a set-user-ID, set-group-ID or file-capability bit
// would have given. The program runs all the same, without it.
type noNewPrivileges struct {
	scene *Scene
	// ambient are the capabilities that who executes it has, and that it keeps.
	ambient map[string]bool
	// user is set when what was done as root is done by a user, or by a root who has no
	// capabilities.
	user bool
	// nosuid is set when all that systemd mounts for the unit is mounted nosuid.
	nosuid bool
}

func newNoNewPrivileges(u *Unit) noNewPrivileges {
	return noNewPrivileges{u.scene, u.ambient(), u.hasUser() || u.noRoot(), u.mountsNosuid()}
}

// mountsNosuid: from v249 on systemd makes what it mounts for the unit nosuid, with all
// below, unless there is SELinux, whose transitions that would stop. Where a filter implies
// NoNewPrivileges= it does not (apply_mount_namespace() in src/core/execute.c; seen on 252
// and 257).
func (u *Unit) mountsNosuid() bool {
	said := isTrue(last(u.Values("NoNewPrivileges"))) || isTrue(last(u.Values("DynamicUser")))
	return said && u.Systemd.AtLeast(249) && !u.scene.selinux
}

func (noNewPrivileges) Kind() trace.Kind { return trace.KindFile }

func (noNewPrivileges) ops() []trace.FileOp { return []trace.FileOp{trace.OpExecute} }

func (r noNewPrivileges) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	if f.Op != trace.OpExecute || o.Outcome != trace.OutcomeOK {
		return allowed
	}
	if (o.Actor.UID != 0 || r.user) && givesCapabilities(f, r.ambient) || len(r.scene.becoming(f.Owner, o.Actor)) > 0 {
		return Unprivileged
	}
	return allowed
}

// toleratesIn says why a program lives without what its file would have given it.
func (r noNewPrivileges) toleratesIn(s *Scene, o *trace.Observation) string {
	callers := s.becoming(o.File.Owner, o.Actor)
	switch {
	case len(callers) == 0:
		return s.withoutThem(o.File, r.user)
	case slices.ContainsFunc(callers, func(c trace.Actor) bool { return c.UID != 0 || s.neededGroup(o.Actor, c) }):
		return ""
	}
	return "root needed the group for nothing"
}
