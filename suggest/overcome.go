// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/suggest/directive"
	"github.com/sbxprof/sbxprof/trace"
)

// shared are directories that are everybody's, with what makes one of a service's own
// in them.
var shared = map[string]string{"/run": "RuntimeDirectory", "/var/log": "LogsDirectory", "/var/lib": "StateDirectory", "/var/cache": "CacheDirectory"}

// overcome finds the least that lets the user do it.
func (id *identity) overcome(o *trace.Observation, b obstacle) {
	switch {
	case id.rootsOwn(o, b):
	case b.want&mayWrite == 0 && !b.owns:
		id.letRead(o, b)
	case id.ownDirectory(o, b), id.letGroup(o, b):
	case shared[dirOf(o.File.Path)] != "":
		id.move(o, shared[dirOf(o.File.Path)])
	default:
		id.letAt(b, o)
	}
}

// systems are directories in which nobody but root makes anything. What is in /usr and
// /boot is root's as a whole.
var systems = []string{"/", "/etc", "/usr", "/boot", "/efi", "/var", "/home", "/opt", "/srv", "/mnt", "/media", "/var/spool"}

func isSystems(at string) bool {
	return slices.Contains(systems, at) || strings.HasPrefix(at, "/usr/") || strings.HasPrefix(at, "/boot/")
}

// rootsAlone are what nobody else is let at: who may speak to the managers whose sockets
// are among it may have anything done.
var rootsAlone = []string{"/proc", "/sys", "/dev", "/root", "/etc/shadow", "/etc/gshadow", "/run/systemd", "/run/docker.sock", "/run/containerd",
	"/run/podman", "/run/crio", "/run/libvirt", "/run/lxd", "/run/incus"}

// rootsOwn refuses where permissions must stay as they are.
func (id *identity) rootsOwn(o *trace.Observation, b obstacle) bool {
	at := string(b.at)
	if isSystems(at) && (b.owns || b.want&mayWrite != 0) {
		id.refuse("it writes to %s (%s %s), which is root's alone", at, o.File.Op, o.File.Path)
		return true
	}
	for _, dir := range rootsAlone {
		if at != dir && !strings.HasPrefix(at, dir+"/") {
			continue
		}
		if dir == "/dev" && id.letGroup(o, b) {
			return true
		}
		id.refuse("it does what only root may with %s (%s)", o.File.Path, o.File.Op)
		return true
	}
	return false
}

// letGroup has the user join a group that may do it: the file's own, or one that its
// access control list names.
func (id *identity) letGroup(o *trace.Observation, b obstacle) bool {
	if b.owns {
		return false
	}
	gids := []uint32{b.owner.GID}
	entries, _ := b.owner.ACL.Entries() // a list that cannot be read counts as none
	for _, e := range entries {
		if e.Tag == "group" && e.Named {
			gids = append(gids, e.ID)
		}
	}
	for _, gid := range gids {
		member := user{uid: id.who.uid, gid: gid, groups: append(slices.Clip(id.who.groups), id.who.gid)}
		group := id.trace.Header.Unit.Groups[gid]
		if gid != 0 && member.may(b.owner, b.want) && !directive.PowerfulGroup(group) && writableName.MatchString(group) {
			id.groups = need(id.groups, group, o)
			return true
		}
	}
	return false
}

// letRead lets the user read what it may not.
func (id *identity) letRead(o *trace.Observation, b obstacle) {
	if id.letGroup(o, b) || id.ownDirectory(o, b) {
		return
	}
	id.letAt(b, o)
}

// ownDirectory has systemd make the directory in which it is done, if that is one of
// those that it makes for services. Configuration is not: it stays root's.
func (id *identity) ownDirectory(o *trace.Observation, b obstacle) bool {
	place := string(b.at)
	if o.File.Op == trace.OpMkdir && dirOf(o.File.Path) == place {
		place = string(o.File.Path)
	}
	d, root := directive.StandardDirectory(place)
	if root == "" || root == string(o.File.Path) && o.File.Type != trace.TypeDirectory && o.File.Op != trace.OpMkdir {
		return false // a file in the base itself
	}
	if !id.mayMake(d, root) {
		return false
	}
	if owner := id.dirs[root]; owner != nil && owner.UID == id.who.uid && d != "RuntimeDirectory" {
		return false // systemd looks no further than at its owner, and leaves all in it as it is, unless it makes it anew
	}
	id.make(d, path.Base(root), o)
	return true
}

// mayMake tells whether systemd can make a directory, and whether that is the service's:
// it would give away another program's, or take one from a third user.
func (id *identity) mayMake(d, root string) bool {
	if owner := id.dirs[root]; owner != nil && owner.UID != 0 && owner.UID != id.who.uid && !id.dynamic {
		return false
	}
	return id.target.Accepts(d) && writableName.MatchString(path.Base(root)) &&
		(id.scene.Own(root) || directive.Belongs(&id.trace.Header.Unit, root, id.name))
}

// askOfBoot looks at root making a directory in /run that was there from an earlier
// start: after a boot it is not, and the user cannot make it.
func (id *identity) askOfBoot(o *trace.Observation) {
	f := o.File
	if f == nil || f.Op != trace.OpMkdir || o.Outcome != "EEXIST" || o.Actor.UID != 0 || !askable(f) {
		return
	}
	if d, root := directive.StandardDirectory(string(f.Path)); d == "RuntimeDirectory" && root == string(f.Path) && id.mayMake(d, root) {
		id.make(d, path.Base(root), o)
	}
}

// move puts a file from a directory that is everybody's into one of the unit's own.
func (id *identity) move(o *trace.Observation, d string) {
	name := unitBase(id.trace)
	if !writableName.MatchString(name) || !writableName.MatchString(path.Base(string(o.File.Path))) || !id.target.Accepts(d) {
		id.step("let the service write to another place than "+string(o.File.Path), dirOf(o.File.Path)+" is not the service's to write")
		return
	}
	id.make(d, name, o)
	from := o.File.Path
	id.moves[from] = trace.Path(path.Join(dirOf(from), name, path.Base(string(from))))
}
