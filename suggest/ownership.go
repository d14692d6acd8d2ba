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

// madeAround returns the directory that systemd gives to the user and that a file is in;
// nil for none.
func (id *identity) madeAround(file trace.Path) *directory {
	for i := range id.made {
		if d := &id.made[i]; d.before != nil && strings.HasPrefix(string(file), d.path()+"/") {
			return d
		}
	}
	return nil
}

// ownership is a file or directory that the user has to be let at by hand.
type ownership struct {
	path string
	// want are the permissions that are missing, owns is set when only the owner may
	// do it.
	want  uint32
	owns  bool
	owner *trace.Owner
	by    []*trace.Observation
}

// letAt notes that the user has to be let at a file. In /run that would be for until the
// next boot.
func (id *identity) letAt(b obstacle, o *trace.Observation) {
	if strings.HasPrefix(string(b.at), "/run/") {
		id.refuse("it needs %s (%s %s), which is %s and made anew for others at each boot", b.at, o.File.Op, o.File.Path, id.ownerName(b.owner))
		return
	}
	for i := range id.own {
		if own := &id.own[i]; own.path == string(b.at) {
			own.want, own.owns = own.want|b.want, own.owns || b.owns
			own.by = append(own.by, o)
			return
		}
	}
	id.own = append(id.own, ownership{string(b.at), b.want, b.owns, b.owner, []*trace.Observation{o}})
}

// leaveBehind looks at what root made, by another name first perhaps, and the user will
// find: it is root's still. systemd changes that only where it makes the directory, which
// as a whole is not the user's yet.
func (id *identity) leaveBehind(o *trace.Observation) {
	f := o.File
	made := f.Op == trace.OpCreate || f.Op == trace.OpMkdir || f.Op == trace.OpRenameTo
	if !made || f.Owner == nil || f.Owner.UID == id.who.uid || !lasting(string(f.Path)) || id.gone[f.Path] {
		return
	}
	if _, moves := id.moves[f.Path]; moves || slices.ContainsFunc(id.made, func(d directory) bool { return isWithin(string(f.Path), d.path()) }) {
		return
	}
	id.letAt(obstacle{at: f.Path, owner: f.Owner, want: mayRead | mayWrite}, o)
}

func isWithin(name, dir string) bool { return name == dir || strings.HasPrefix(name, dir+"/") }

// madeByOthers looks at a file that the unit wrote to and did not make, of another group
// than root would have made it for: somebody else makes it, and will again.
func (id *identity) madeByOthers(o *trace.Observation) {
	f := o.File
	if f.Op != trace.OpWrite || f.Owner == nil || f.Owner.GID == 0 || f.Owner.UID == id.who.uid || id.dynamic {
		return
	}
	id.step(fmt.Sprintf("have what makes the files of %s (log rotation?) make them for %s", dirOf(f.Path), id.name),
		fmt.Sprintf("they are %s, and made by others than the service: the next one is not %s's to write", id.ownerName(f.Owner), id.name))
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

// ownershipSteps are what the user has to be let at by hand: by giving it away where
// nobody but root loses it, by the group where that is root's, too, and by the access
// control list where others have a part in it.
func (id *identity) ownershipSteps() []Step {
	var steps []Step
	for i := range id.own {
		own := &id.own[i]
		writes := own.owns || own.want&mayWrite != 0
		switch {
		case id.dynamic || id.name == "": // it needs a user with a name, which is tried next
			steps = append(steps, Step{Text: "let its user at " + own.path, Why: "it is " + id.ownerName(own.owner)})
		case own.owns || writes && own.owner.UID == 0 && !id.othersDirectory(own):
			steps = append(steps, id.giveTo(own))
		case own.owner.ACL == "" && own.owner.GID == 0 && id.group != "" && !writes:
			steps = append(steps, id.letGroupAt(own))
		default:
			steps = append(steps, id.listUser(own))
		}
	}
	return steps
}

// othersDirectory tells whether a file is in another program's directory: its owner is
// to stay who he is.
func (id *identity) othersDirectory(own *ownership) bool {
	_, root := directive.StandardDirectory(own.path)
	if root == "" && strings.HasPrefix(own.path, "/etc/") {
		first, _, _ := strings.Cut(strings.TrimPrefix(own.path, "/etc/"), "/")
		root = "/etc/" + first
	}
	return root != "" && !id.scene.Own(root) && !directive.Belongs(&id.trace.Header.Unit, root, id.name)
}

// directoryNotes say whom systemd takes a directory from, and what comes of it.
func (id *identity) directoryNotes(d *directory) []string {
	switch {
	case d.directive == "RuntimeDirectory":
		return []string{fmt.Sprintf("has systemd make %s for %s at each start, empty, and remove it when the service stops: nothing of it is left for an upgrade or a downgrade to find", d.path(), id.called())}
	case d.before == nil:
		return []string{fmt.Sprintf("has systemd make %s for %s if it is not there; it stays when the service or this file goes", d.path(), id.called())}
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

// leftSteps are for directories in /run that RuntimeDirectoryPreserve= leaves: to have them
// for a user that is made up, systemd moves those that are there to /run/private. It cannot
// from another file system, as /run/lock is on Debian, and gives up (233).
func (id *identity) leftSteps() []Step {
	left, dirs := false, []string{}
	for _, s := range id.trace.Header.Unit.Settings {
		switch s.Name {
		case "RuntimeDirectoryPreserve":
			left = slices.Contains([]string{"yes", "true", "1", "on", "restart"}, s.Value)
		case "RuntimeDirectory":
			dirs = append(dirs, strings.Fields(s.Value)...)
		}
	}
	var steps []Step
	for _, name := range dirs {
		if id.dynamic && left && strings.HasPrefix(name, "lock/") {
			steps = append(steps, Step{Text: "stop the service, and remove /run/" + name + " before it starts again",
				Why: "systemd does not start it: it leaves that directory when the service stops, and cannot move it to /run/private from another file system"})
		}
	}
	return steps
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
		mode |= d.before.Mode & 0o7777
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
