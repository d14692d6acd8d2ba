// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// deniedByMount returns the mount that stands in the way of an operation on a file.
func (s *Sandbox) deniedByMount(o *trace.Observation) (*Mount, trace.Outcome) {
	f := o.File
	name := string(f.Path)
	if len(s.view.byPath) == 0 || f.Partial || f.Unlinked && f.Op != trace.OpCreate || !strings.HasPrefix(name, "/") {
		return nil, allowed
	}
	here := s.view.at(name)
	if m := here.presence; m != nil && m.Mode != Bound {
		if f.Op == trace.OpIoctl {
			return nil, allowed // it has the file open already: its own open tells, or systemd opened it
		}
		out := s.absent(o, name, m)
		if out != allowed || m.Mode == Inaccessible || m.empties() && name != m.Path && !s.exists(o, path.Dir(name), m) {
			return m, out
		}
	}
	if f.Op == trace.OpMount && o.Outcome == trace.OutcomeOK {
		return s.view.any(), Hidden // from everybody else: the unit has a mount namespace
	}
	return s.refused(o, name, here)
}

// passes are what can be done to a directory that systemd made on the way to a mount: it
// is empty but for that way, and everybody may search it.
var passes = map[trace.FileOp]bool{trace.OpStat: true, trace.OpChdir: true, trace.OpAskRead: true, trace.OpAskExecute: true}

// absent: the file cannot be found any more.
func (s *Sandbox) absent(o *trace.Observation, name string, m *Mount) trace.Outcome {
	switch {
	case m.Mode == Inaccessible:
		return unlessSame(o, s.inaccessible(o, name, m))
	case m.Closed && o.Actor.UID != 0:
		return unlessSame(o, eacces)
	case name == m.Path:
		return s.emptied(o, m)
	case o.Outcome == enoent || m.keeps(name) || passes[o.File.Op] && s.view.leads(name):
		return allowed
	case o.File.Op == trace.OpAskWrite && s.view.leads(name):
		return ofRoots(o)
	case makes[o.File.Op]:
		return s.unmakeable(o, path.Dir(name), m)
	case s.keepsOwn(o, name, m):
		return allowed
	case fileUses[o.File.Op].early && m.Sealed && s.exists(o, path.Dir(name), m):
		return unlessSame(o, erofs)
	}
	return enoent
}

// inaccessible: systemd mounts an empty directory, file or socket with mode 000 there
// (/run/systemd/inaccessible), read-only and without devices. Who may override modes
// finds nothing in the directory and nothing in the file.
func (s *Sandbox) inaccessible(o *trace.Observation, name string, m *Mount) trace.Outcome {
	f := o.File
	strong := o.Actor.UID == 0 && !(s.lost.fully("CAP_DAC_OVERRIDE") && s.lost.fully("CAP_DAC_READ_SEARCH"))
	if name != m.Path {
		switch direct := path.Dir(name) == m.Path; {
		case !strong:
			return eacces
		case o.Outcome == enoent && !direct:
			return allowed
		case direct && (makes[f.Op] || fileUses[f.Op].early):
			return erofs
		}
		return enoent
	}
	switch {
	case f.Op == trace.OpStat || o.Outcome == enoent:
		return allowed // what is not there is not mounted over
	case makes[f.Op] && o.Outcome == "EEXIST":
		return allowed // by the name in its parent, before anybody looks at it (filename_create() in fs/namei.c)
	case f.Op.Asks():
		return s.mayInaccessible(f, strong)
	case !strong || special(f.Type) && f.Type != trace.TypeFIFO:
		return eacces
	case f.Op == trace.OpRead || f.Op == trace.OpList || f.Op == trace.OpChdir:
		return Empty
	}
	return erofs
}

// emptied is about the emptied directory itself: it is there.
func (s *Sandbox) emptied(o *trace.Observation, m *Mount) trace.Outcome {
	if o.File.Op == trace.OpList && !m.KeepsOwn && len(m.Keep) == 0 && o.Outcome == trace.OutcomeOK {
		return Empty
	}
	if o.File.Op == trace.OpAskWrite && !m.Open {
		return ofRoots(o)
	}
	return allowed
}

// unmakeable: nothing can be made in a directory that is not there, and not by
// everybody in one that is.
func (s *Sandbox) unmakeable(o *trace.Observation, dir string, m *Mount) trace.Outcome {
	switch {
	case !s.exists(o, dir, m):
		return enoent
	case m.Sealed:
		return unlessSame(o, erofs)
	case dir == m.Path && o.Actor.UID != 0 && !m.Open:
		return unlessSame(o, eacces)
	case o.File.Op == trace.OpRenameTo && !s.made(o, string(o.File.Path), m):
		return enoent // what is to be renamed is not there
	case o.File.Op == trace.OpBind || !m.KeepsOwn || s.scene.leaves(o):
		return Hidden // from those who would connect to it, or look for it
	}
	return allowed
}

// exists tells whether a directory is there, in or below an emptied one.
func (s *Sandbox) exists(o *trace.Observation, dir string, m *Mount) bool {
	return dir == m.Path || s.keepsOwn(o, dir, m) || m.keeps(dir) || s.view.leads(dir)
}

// keepsOwn tells whether who did an operation finds in an emptied directory what it made.
func (s *Sandbox) keepsOwn(o *trace.Observation, name string, m *Mount) bool {
	return m.KeepsOwn && s.made(o, name, m)
}

// made tells whether the unit made a file in an emptied directory, or the command that
// did an operation, where every command has a directory of its own.
func (s *Sandbox) made(o *trace.Observation, name string, m *Mount) bool {
	if m.Apart {
		return s.scene.ownOf(o.Actor.Line, name)
	}
	return s.scene.Own(name)
}

// keeps tells whether the name is, or is below, one that systemd puts into the
// emptied directory again.
func (m *Mount) keeps(name string) bool {
	rest := strings.TrimPrefix(strings.TrimPrefix(name, m.Path), "/")
	first, _, _ := strings.Cut(rest, "/")
	for _, k := range m.Keep {
		if k == first {
			return true
		}
	}
	return false
}

// refused: the file is there, and a mount's flags deny the operation.
func (s *Sandbox) refused(o *trace.Observation, name string, here place) (*Mount, trace.Outcome) {
	f := o.File
	use := fileUses[f.Op]
	if out := needsExecution(f); out != allowed && here.noExec != nil && o.Outcome == trace.OutcomeOK {
		return here.noExec, out
	}
	if f.Op == trace.OpMkdir && here.point != nil && here.point.Made {
		return nil, allowed // EEXIST, which whoever makes a directory it needs lives with
	}
	if m := s.readOnly(o, name, here); m != nil {
		return m, unlessSame(o, erofs)
	}
	if use.moves && here.point != nil && o.Outcome == trace.OutcomeOK {
		return &here.point.Mount, ebusy
	}
	return s.crosses(o, name)
}

// readOnly returns the mount that would have to be writable and is not.
func (s *Sandbox) readOnly(o *trace.Observation, name string, here place) *Mount {
	self, parent := Writes(o.File)
	write := here.write
	if parent {
		write = s.view.dir(path.Dir(name)).write
	}
	if !self && !parent || !reachesMount(o) {
		return nil
	}
	return write
}

// reachesMount tells whether the kernel gets as far as asking whether the mount can
// be written: it does so before it looks at permissions, and for what removes a name
// before it looks for it (mnt_want_write() in fs/namei.c and fs/open.c).
func reachesMount(o *trace.Observation) bool {
	switch o.Outcome {
	case trace.OutcomeOK:
		return true
	case eperm:
		return asksFirst(o.File)
	case eacces:
		return asksFirst(o.File) && found(o)
	}
	return fileUses[o.File.Op].early
}

// found tells whether EACCES can be about the file itself: the actor may search its
// directory and, if a name is to be made or removed there, was kept from writing to it.
// Otherwise a directory further up was in the way.
func found(o *trace.Observation) bool {
	p := o.File.Parent
	if p == nil {
		return false
	}
	const execute, write = 1, 2
	may := modeFor(p, o.Actor)
	_, parent := Writes(o.File)
	return may&execute != 0 && !(parent && may&write != 0)
}

// modeFor returns the permission bits that an actor has by owner and mode.
func modeFor(w *trace.Owner, a trace.Actor) uint32 {
	switch {
	case a.UID == 0:
		return 7
	case w.UID == a.UID:
		return w.Mode >> 6 & 7
	case w.GID == a.GID:
		return w.Mode >> 3 & 7
	}
	return w.Mode & 7
}

// crosses: the two names of a rename or link are on different mounts now.
func (s *Sandbox) crosses(o *trace.Observation, name string) (*Mount, trace.Outcome) {
	f := o.File
	if f.Peer == "" || f.Op != trace.OpRenameTo && f.Op != trace.OpLinkTo || o.Outcome != trace.OutcomeOK ||
		within(string(f.Peer), "/proc") { // /proc/self/fd/N: a file without a name
		return nil, allowed
	}
	a, b := s.view.dir(path.Dir(name)).on, s.view.dir(path.Dir(string(f.Peer))).on
	if a == b {
		return nil, allowed
	}
	if len(b) > len(a) {
		a = b
	}
	return &s.view.byPath[a].Mount, exdev
}
