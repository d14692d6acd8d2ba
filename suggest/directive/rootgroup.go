// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// A service that starts as root often needs CAP_DAC_READ_SEARCH or CAP_DAC_OVERRIDE
// for nothing but a look into the directories of the user that it becomes. A member of
// their group needs no capability for that.

// joined are the groups that root joins by SupplementaryGroups=. They deny nothing.
type joined struct{ groups []uint32 }

func (joined) Kind() trace.Kind                        { return trace.KindCapability }
func (joined) Denies(*trace.Observation) trace.Outcome { return allowed }

func readSupplementaryGroups(values []string, u *Unit) []Rule {
	if u.scene == nil {
		return nil
	}
	var j joined
	for _, v := range sinceReset(values) {
		for _, name := range strings.Fields(v) {
			if gid, known := u.scene.groups[name]; known {
				j.groups = append(j.groups, gid)
			}
		}
	}
	return []Rule{j}
}

// powerfulGroups are those whose members can become root, or read everybody's secrets.
var powerfulGroups = []string{"root", "disk", "shadow", "kmem", "mem", "sudo", "wheel", "admin", "docker", "lxd", "libvirt", "staff"}

// PowerfulGroup tells groups that no service should join for access to a file.
func PowerfulGroup(name string) bool { return slices.Contains(powerfulGroups, name) }

// plainName is a name of a group that means nothing else in a unit file.
var plainName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// fileCapabilities are the capabilities that get past the mode bits of files.
var fileCapabilities = []string{"CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"}

// passes tells whether root, as a member of groups, would not have been asked for a
// capability: all that its program did to files is allowed by their modes then, and
// something of it would not be without the groups. What the trace does not know of
// proves nothing.
func (s *Scene) passes(o *trace.Observation, groups []uint32) bool {
	c := o.Capability
	if len(groups) == 0 || o.Actor.UID != 0 || c.Asked || c.Overridden || c.Syscall == "open_by_handle_at" ||
		!slices.Contains(fileCapabilities, c.Name) || s.setsGroups(o.Actor.Line) {
		return false
	}
	explained := false
	for i := range s.observations {
		f := &s.observations[i]
		if f.File == nil || f.Actor != o.Actor {
			continue
		}
		if s.barred(f, groups) != nil || f.Outcome == trace.OutcomeOK && s.vague(f.File) {
			return false
		}
		explained = explained || s.barred(f, nil) != nil
	}
	return explained
}

// changingGroups are the calls after which a process may not have the groups that it
// started with, though it is still root, or root again.
var changingGroups = []string{"setgroups", "setgroups32", "setregid", "setregid32", "setresgid", "setresgid32"}

// setsGroups tells whether the processes of an Exec line change their groups as root.
func (s *Scene) setsGroups(line string) bool {
	return slices.ContainsFunc(s.observations, func(o trace.Observation) bool {
		return o.Syscall != nil && o.Actor.Line == line && o.Actor.UID == 0 && o.Actor.GID == 0 && slices.Contains(changingGroups, o.Syscall.Name)
	})
}

// barred returns the owner and mode of the file or directory that keeps root without
// capabilities from an operation; nil if nothing that is known does.
func (s *Scene) barred(o *trace.Observation, groups []uint32) *trace.Owner {
	f := asMeant(o)
	if o.Actor.GID != 0 { // it has set its groups, maybe
		groups = nil
	}
	groups = append(slices.Clip(groups), o.Actor.GID)
	lacks := func(w *trace.Owner, want uint32) bool { return w != nil && !w.Allows(0, groups, want) }
	parent := uint32(mayExecute)
	if _, makes := Writes(f); makes {
		parent |= mayWrite
	}
	switch {
	case lacks(f.Parent, parent):
		return f.Parent
	case lacks(f.Owner, asksOf[f.Op]):
		return f.Owner
	}
	for dir := path.Dir(string(f.Path)); dir != "/" && dir != "."; dir = path.Dir(dir) {
		if w := s.owners[dir]; lacks(w, mayExecute) {
			return w
		}
	}
	return nil
}

// rootsTrees are directories in which all directories are root's.
var rootsTrees = []string{"/usr", "/etc", "/proc", "/sys", "/dev", "/bin", "/sbin", "/lib", "/lib32", "/lib64"}

// vague tells whether a file has directories of which nothing is known, and that may
// be anybody's.
func (s *Scene) vague(f *trace.File) bool {
	if f.Partial || f.Chroot || f.Folded || !strings.HasPrefix(string(f.Path), "/") {
		return true
	}
	if slices.ContainsFunc(rootsTrees, func(tree string) bool { return within(string(f.Path), tree) }) {
		return false
	}
	for dir := path.Dir(string(f.Path)); dir != "/"; dir = path.Dir(dir) {
		if s.owners[dir] == nil && dir != "/var" && !slices.Contains(appBases, dir+"/") {
			return true
		}
	}
	return false
}

// rootsGroups returns the groups as a member of which root needs no capability for
// files, by name; none if there are no such.
func (e *Evidence) rootsGroups() []string {
	if user := e.Unit("User"); user != "" && user != "root" && user != "0" {
		return nil
	}
	var names []string
	for _, o := range e.Of(trace.KindFile) {
		if o.Actor.UID != 0 {
			continue
		}
		w := e.Scene.barred(o, nil)
		if w == nil {
			continue
		}
		name := e.Trace.Header.Unit.Groups[w.GID]
		if w.GID != 0 && plainName.MatchString(name) && !PowerfulGroup(name) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
