// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"fmt"
	"path"
	"strconv"

	"github.com/sbxprof/sbxprof/trace"
)

// takenOver denies others what is in a directory that systemd makes for a unit of root's. It
// gets the mode of *DirectoryMode=, and all in it the owner root if it was not root's before
// (setup_exec_directory() in src/core/execute.c; v235, as seen on 252 and 257).
type takenOver struct {
	dir   string
	mode  uint32
	scene *Scene
}

func (takenOver) Kind() trace.Kind { return trace.KindFile }

func (r takenOver) concerns(dir string) bool { return within(dir, r.dir) }

func (r takenOver) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	name, parent := string(f.Path), path.Dir(string(f.Path))
	if o.Actor.UID == 0 || o.Outcome != trace.OutcomeOK || f.Chroot || !within(parent, r.dir) {
		return allowed
	}
	want := uint32(mayExecute)
	if _, makes := Writes(f); makes {
		want |= mayWrite
	}
	owners := ownersOnly(f)
	switch {
	case !r.allows(o, parent, f.Parent, want):
		return eacces
	case r.scene.Own(name) || f.Owner == nil:
		return allowed
	case owners != "" && f.Owner.UID == o.Actor.UID && r.owner(name, f.Owner).UID == 0:
		return eperm
	case !r.allows(o, name, f.Owner, asksOf[f.Op]):
		return eacces
	}
	return allowed
}

// allows tells whether who did something may still do it to what was there before.
func (r takenOver) allows(o *trace.Observation, name string, was *trace.Owner, want uint32) bool {
	groups := append([]uint32{o.Actor.GID}, r.scene.people[fmt.Sprint(o.Actor.UID)].groups...)
	return was == nil || r.scene.Own(name) || !was.Allows(o.Actor.UID, groups, want) || r.owner(name, was).Allows(o.Actor.UID, groups, want)
}

// owner returns whose a file is then.
func (r takenOver) owner(name string, was *trace.Owner) *trace.Owner {
	is := *was
	if top := r.scene.owners[r.dir]; top == nil || top.UID != 0 || top.GID != 0 {
		is.UID, is.GID = 0, 0
	}
	if name == r.dir {
		is.Mode = r.mode
	}
	return &is
}

// takeOver returns the rules of a directory of root's; none where it is not known whose it
// was, or where root gives it away himself.
func (u *Unit) takeOver(directive, dir string) []Rule {
	if u.hasUser() || u.elevates || !u.Systemd.AtLeast(235) || u.scene.owners[dir] == nil || u.scene.Own(dir) || u.scene.givenAway[dir] {
		return nil
	}
	mode := uint64(0o755)
	if m, err := strconv.ParseUint(last(u.Values(directive+"Mode")), 8, 32); err == nil {
		mode = m
	}
	return []Rule{takenOver{dir, uint32(mode), u.scene}}
}
