// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// directory is one that systemd makes and gives to the service.
type directory struct {
	directive, name string
	// before is whose it was; nil if it was not there or not seen.
	before *trace.Owner
	by     []*trace.Observation
}

func (d *directory) path() string { return directive.DirectoryBase(d.directive) + "/" + d.name }

// make has systemd make a directory.
func (id *identity) make(directive, name string, o *trace.Observation) {
	for i := range id.made {
		if d := &id.made[i]; d.directive == directive && d.name == name {
			d.by = append(d.by, o)
			return
		}
	}
	d := directory{directive: directive, name: name, by: []*trace.Observation{o}}
	d.before = id.dirs[d.path()]
	id.made = append(id.made, d)
}

// ownership is a file or directory that has to be given to the user by hand.
type ownership struct {
	path string
	// read is set when reading is all that is missing.
	read  bool
	owner *trace.Owner
	by    *trace.Observation
}

func (id *identity) chown(at string, owner *trace.Owner, o *trace.Observation, read bool) {
	for i := range id.own {
		if id.own[i].path == at {
			id.own[i].read = id.own[i].read && read
			return
		}
	}
	id.own = append(id.own, ownership{at, read, owner, o})
}

// leaveBehind looks at what root made and the user will find: it is root's still.
// systemd changes that only where the directory as a whole is not the user's yet.
func (id *identity) leaveBehind(o *trace.Observation) {
	f := o.File
	if f.Op != trace.OpCreate && f.Op != trace.OpMkdir || f.Owner == nil || f.Owner.UID == id.who.uid || !lasting(string(f.Path)) || id.gone[f.Path] {
		return
	}
	_, root := directive.StandardDirectory(string(f.Path))
	before := id.dirs[root]
	if root == "" || root == string(f.Path) || before == nil || before.UID != id.who.uid {
		return
	}
	id.chown(string(f.Path), f.Owner, o, false)
}

// lasting tells whether a file outlives the service.
func lasting(name string) bool {
	for _, dir := range []string{"/run/", "/tmp/", "/dev/", "/proc/", "/sys/"} {
		if strings.HasPrefix(name, dir) {
			return false
		}
	}
	return true
}

// ownershipSteps are what has to be given to the user by hand.
func (id *identity) ownershipSteps() []Step {
	var steps []Step
	for _, own := range id.own {
		s := Step{Text: fmt.Sprintf("chown %s %s", id.called(), own.path),
			Why: fmt.Sprintf("%s has to write there, and it is root's; going back to root needs no step", id.called())}
		if own.read {
			s.Text = fmt.Sprintf("let %s read %s: chgrp %s and chmod g+rX it", id.called(), own.path, id.readers())
			s.Why = fmt.Sprintf("only its owner may, and %s is another", id.called())
		}
		steps = append(steps, s)
	}
	return steps
}

// readers is the group that is to read what only root reads.
func (id *identity) readers() string {
	if id.group != "" {
		return id.group
	}
	return "a group of its own (and add SupplementaryGroups= of it)"
}

// directoryNotes say whom systemd takes a directory from, and what comes of it.
func (id *identity) directoryNotes(d *directory) []string {
	if d.before == nil || d.directive == "RuntimeDirectory" {
		return nil
	}
	if id.dynamic {
		return []string{id.movedNote(d)}
	}
	if d.before.UID == id.who.uid && (d.before.GID == id.who.gid || id.group == "") {
		return nil
	}
	notes := []string{fmt.Sprintf("has systemd give %s and all in it to %s when the service starts; it was %s. Going back to root needs no step: root may write there. "+
		"A package that gives it back on an upgrade is overruled at the next start", d.path(), owners(id.name, id.group), id.ownerName(d.before))}
	if g := id.trace.Header.Unit.Groups[d.before.GID]; d.before.GID != 0 && g != "" && d.before.GID != id.who.gid {
		notes = append(notes, fmt.Sprintf("takes %s from the group %s, whose members need another way to read it", d.path(), g))
	}
	return notes
}

// movedNote: with a dynamic user, directories that last are below private ones, since
// the user's number may be another one's later (systemd v235).
func (id *identity) movedNote(d *directory) string {
	private := path.Join(directive.DirectoryBase(d.directive), "private", d.name)
	return fmt.Sprintf("has systemd move %s to %s, where nobody but root and the service gets in, leave a symbolic link, and give all in it to the user it makes up; "+
		"it was %s. Going back, root gets there through the link; for another user %s= has to stay, with which systemd 252 moves it back and gives it to that user",
		d.path(), private, id.ownerName(d.before), d.directive)
}

func (id *identity) ownerName(o *trace.Owner) string {
	unit := &id.trace.Header.Unit
	return owners(nameOr(unit.Users[o.UID], o.UID), nameOr(unit.Groups[o.GID], o.GID)) + fmt.Sprintf(" with mode %04o", o.Mode)
}

func owners(user, group string) string {
	if group == "" {
		return user
	}
	return user + ":" + group
}

func nameOr(name string, number uint32) string {
	if name == "" {
		return fmt.Sprint(number)
	}
	return name
}

// directoryMode is the mode for all directories of a sort: what any of them had.
func (id *identity) directoryMode(directive string) string {
	mode := uint32(0)
	for i := range id.made {
		d := &id.made[i]
		if d.directive != directive {
			continue
		}
		if d.before == nil {
			return "0755"
		}
		mode |= d.before.Mode & 0o777
	}
	return fmt.Sprintf("%04o", mode)
}

// directives are the *Directory= directives that make something, in order.
func (id *identity) directives() []string {
	var list []string
	for i := range id.made {
		if !slices.Contains(list, id.made[i].directive) {
			list = append(list, id.made[i].directive)
		}
	}
	slices.Sort(list)
	return list
}
