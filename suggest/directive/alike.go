// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"

	"github.com/sbxprof/sbxprof/trace"
)

// directory is what was done to the files of one directory.
type directory struct {
	all []*trace.Observation
	// unlike are those of them that differ in more than the file's name: whoever does
	// not look at names finds in them what he finds in all.
	unlike []*trace.Observation
	// own is set when the unit has made the directory, or one that it is in.
	own bool
}

// likeness is what of an operation on a file decides a directive, but for the
// directory and the name.
type likeness struct {
	dir                            *directory
	op                             trace.FileOp
	outcome                        trace.Outcome
	kind                           trace.FileType
	uid, gid                       uint32
	owner, parent                  trace.Owner
	own, partial, chroot, unlinked bool
	left, passing                  bool
	request                        uint32
	fs                             string
	line                           string // of what is the unit's own
}

// nameDecides are directories in which single names count: what they are is a part of
// the kernel's interface.
var nameDecides = []string{"/proc", "/sys", "/dev"}

// alike tells operations apart. Those on devices, those that have two names or more, and
// the execution of programs that get privileges by it, are like no other.
type alike struct {
	seen  map[likeness]bool
	scene *Scene
}

// unlike tells whether an operation differs from all before it in more than the name.
func (a *alike) unlike(o *trace.Observation, d *directory, dir string) bool {
	f := o.File
	if f.Type == trace.TypeCharDev || f.Type == trace.TypeBlockDev || f.Peer != "" || f.Given != "" || givesPrivileges(f) {
		return true
	}
	for _, special := range nameDecides {
		if within(dir, special) {
			return true
		}
	}
	key := likeness{dir: d, op: f.Op, outcome: o.Outcome, kind: f.Type, uid: o.Actor.UID, gid: o.Actor.GID,
		own: d.own || a.scene.made(string(f.Path)), partial: f.Partial, chroot: f.Chroot, unlinked: f.Unlinked, request: f.Request, fs: f.FS,
		left: a.scene.leaves(o), passing: InPassing(o) != ""}
	if key.own {
		key.line = o.Actor.Line
	}
	if f.Owner != nil {
		key.owner = *f.Owner
	}
	if f.Parent != nil {
		key.parent = *f.Parent
	}
	if a.seen[key] {
		return false
	}
	a.seen[key] = true
	return true
}

// givesPrivileges tells whether executing a file may give its program privileges.
func givesPrivileges(f *trace.File) bool {
	return f.Op == trace.OpExecute && (f.FileCaps || f.Owner != nil && f.Owner.Mode&setID != 0)
}

// directories sorts operations on files by directory.
func directories(list []*trace.Observation, scene *Scene) map[string]*directory {
	dirs := map[string]*directory{}
	a := alike{seen: map[likeness]bool{}, scene: scene}
	for _, o := range list {
		dir := path.Dir(string(o.File.Path))
		d := dirs[dir]
		if d == nil {
			d = &directory{own: scene.Own(dir)}
			dirs[dir] = d
		}
		d.all = append(d.all, o)
		if a.unlike(o, d, dir) {
			d.unlike = append(d.unlike, o)
		}
	}
	return dirs
}
