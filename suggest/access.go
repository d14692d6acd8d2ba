// SPDX-License-Identifier: Apache-2.0

package suggest

import (
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// user is somebody whose access to files is asked for.
type user struct {
	uid, gid uint32
	groups   []uint32
}

// The permissions that may be asked for.
const (
	mayExecute = 1
	mayWrite   = 2
	mayRead    = 4
)

// may tells whether mode and access control list give the user a permission, without
// capabilities.
func (u *user) may(o *trace.Owner, want uint32) bool {
	return o.Allows(u.uid, append(slices.Clip(u.groups), u.gid), want)
}

// obstacle says what would have kept a user from an operation that root did; the
// zero value is nothing.
type obstacle struct {
	// at is the object that denies: the file or its directory.
	at trace.Path
	// owner describes it; want is the permission that is missing.
	owner *trace.Owner
	want  uint32
	// owns is set when only the owner may do it.
	owns bool
}

// obstacleTo returns what keeps the user from an operation. What the trace does not
// know of is taken as no obstacle.
func (u *user) obstacleTo(f *trace.File) (obstacle, bool) {
	self, parent := permissions(f)
	dir := trace.Path(path.Dir(string(f.Path)))
	switch {
	case f.Parent != nil && !u.may(f.Parent, mayExecute|parent):
		return obstacle{at: dir, owner: f.Parent, want: mayExecute | parent}, true
	case f.Owner == nil:
		return obstacle{}, false
	case ownersOnly(f.Op) && f.Owner.UID != u.uid:
		return obstacle{at: f.Path, owner: f.Owner, owns: true}, true
	case !u.may(f.Owner, self):
		return obstacle{at: f.Path, owner: f.Owner, want: self}, true
	}
	return obstacle{}, false
}

// permissions returns what an operation asks of the file and of its directory.
func permissions(f *trace.File) (self, parent uint32) {
	switch f.Op {
	case trace.OpRead, trace.OpList, trace.OpMapExec, trace.OpAskRead:
		return mayRead, 0
	case trace.OpWrite, trace.OpTruncate, trace.OpConnect, trace.OpAskWrite:
		return mayWrite, 0
	case trace.OpExecute, trace.OpChdir, trace.OpAskExecute:
		return mayExecute, 0
	case trace.OpCreate, trace.OpMkdir, trace.OpMknod, trace.OpRemove, trace.OpRmdir, trace.OpRenameFrom,
		trace.OpRenameTo, trace.OpLinkTo, trace.OpSymlink, trace.OpBind:
		return 0, mayWrite
	}
	return 0, 0
}

func ownersOnly(op trace.FileOp) bool {
	return op == trace.OpChmod || op == trace.OpUtime || op == trace.OpXattr
}
