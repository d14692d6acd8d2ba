// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// accessRule denies a user what only root could do to files, by their owners, modes and
// access control lists. What the unit made itself would be the user's.
type accessRule struct {
	who   person
	scene *Scene
	// given are the directories that systemd gives to the user, with all in them.
	given []string
	// replaced are the directories that systemd mounts in the place of others, as the
	// unit finds them: root's.
	replaced map[string]*trace.Owner
	// kept are the capabilities that the user has.
	kept map[string]bool
}

func (accessRule) Kind() trace.Kind { return trace.KindFile }

func (accessRule) concerns(string) bool { return true }

// The permissions that an operation asks for.
const (
	mayExecute = 1
	mayWrite   = 2
	mayRead    = 4
)

// asksOf is what operations ask of the file itself, where they ask anything.
var asksOf = map[trace.FileOp]uint32{
	trace.OpRead: mayRead, trace.OpList: mayRead, trace.OpMapExec: mayRead, trace.OpWrite: mayWrite, trace.OpTruncate: mayWrite,
	trace.OpConnect: mayWrite, trace.OpXattr: mayWrite, trace.OpExecute: mayExecute, trace.OpChdir: mayExecute,
	trace.OpAskRead: mayRead, trace.OpAskWrite: mayWrite, trace.OpAskExecute: mayExecute,
}

// ownersOnly returns the capability without which only the owner of a file may do
// something; "" if others may. Links to the files of others are the matter of
// fs.protected_hardlinks, which systemd sets, and for those who may read and write them.
func ownersOnly(f *trace.File) string {
	switch f.Op {
	case trace.OpChmod, trace.OpUtime:
		return "CAP_FOWNER"
	case trace.OpChown:
		return "CAP_CHOWN"
	case trace.OpLinkFrom:
		return "CAP_DAC_OVERRIDE"
	}
	if self, _ := Writes(f); f.Op == trace.OpIoctl && self {
		return "CAP_FOWNER"
	}
	return ""
}

// sysctls has files of which no capability lets who is not let by their modes.
const sysctls = "/proc/sys"

// ownProcess has files that are the user's, whoever that is.
const ownProcess = "/proc/self"

func (r accessRule) Denies(o *trace.Observation) trace.Outcome {
	f := o.File
	if within(string(f.Path), ownProcess) || slices.ContainsFunc(r.given, func(dir string) bool { return within(string(f.Path), dir) }) {
		return allowed
	}
	if o.Actor.UID != 0 || !r.asked(o) || r.scene.Own(string(f.Path)) && !r.scene.made(string(f.Path)) {
		return allowed
	}
	parent := uint32(mayExecute)
	if _, makes := Writes(f); makes {
		parent |= mayWrite
	}
	dir, file := r.owner(path.Dir(string(f.Path)), f.Parent), r.owner(string(f.Path), f.Owner)
	if r.kept["CAP_DAC_OVERRIDE"] && !within(string(f.Path), sysctls) {
		dir = nil
	}
	owners := ownersOnly(f)
	switch {
	case dir != nil && !r.may(dir, parent):
		return eacces
	case file == nil || r.scene.made(string(f.Path)):
		return allowed
	case owners != "" && file.UID != r.who.uid && !r.kept[owners]:
		return eperm
	case r.kept["CAP_DAC_OVERRIDE"] && !within(string(f.Path), sysctls):
		return allowed
	case !r.may(file, asksOf[f.Op]):
		return eacces
	}
	return allowed
}

// owner returns whose a file will be of which it is known whose it was.
func (r accessRule) owner(name string, was *trace.Owner) *trace.Owner {
	if now := r.replaced[name]; now != nil {
		return now
	}
	return was
}

// asked tells whether the kernel got as far as asking for permissions.
func (r accessRule) asked(o *trace.Observation) bool {
	switch o.Outcome {
	case eperm, eacces, enoent, "EEXIST", "ENOTDIR", "ELOOP", "EADDRINUSE":
		return false
	case erofs:
		return !asksFirst(o.File)
	}
	return true
}

// may tells whether the user has permissions by owner, mode and access control list.
func (r accessRule) may(w *trace.Owner, want uint32) bool {
	return w.Allows(r.who.uid, r.who.groups, want)
}

// signalRule denies a user signals to the processes of others.
type signalRule struct{ who person }

func (signalRule) Kind() trace.Kind { return trace.KindSignal }

func (r signalRule) Denies(o *trace.Observation) trace.Outcome {
	if o.Actor.UID != 0 || o.Signal.UID == r.who.uid {
		return allowed
	}
	return unlessSame(o, eperm)
}
