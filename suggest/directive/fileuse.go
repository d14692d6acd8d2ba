// SPDX-License-Identifier: Apache-2.0

package directive

import "github.com/sbxprof/sbxprof/trace"

// fileUse is what an operation asks of the mount that a file is on.
type fileUse struct {
	// self: the file's own mount must be writable; parent: that of its directory.
	self, parent bool
	// moves: fails with EBUSY if the name is a mount point.
	moves bool
	// executes: fails with EACCES on a mount without execution.
	executes bool
	// early: the kernel asks whether the mount is writable before it looks at the
	// name, so that a name that is not there gives EROFS (Linux, fs/namei.c).
	early bool
}

var fileUses = map[trace.FileOp]fileUse{
	trace.OpRead:       {},
	trace.OpList:       {},
	trace.OpStat:       {},
	trace.OpChdir:      {},
	trace.OpWatch:      {},
	trace.OpIoctl:      {},
	trace.OpConnect:    {},
	trace.OpMount:      {},
	trace.OpLinkFrom:   {},
	trace.OpExecute:    {executes: true},
	trace.OpMapExec:    {executes: true},
	trace.OpWrite:      {self: true},
	trace.OpTruncate:   {self: true},
	trace.OpChmod:      {self: true},
	trace.OpChown:      {self: true},
	trace.OpUtime:      {self: true},
	trace.OpXattr:      {self: true},
	trace.OpCreate:     {parent: true},
	trace.OpMkdir:      {parent: true},
	trace.OpMknod:      {parent: true},
	trace.OpSymlink:    {parent: true},
	trace.OpLinkTo:     {parent: true},
	trace.OpBind:       {parent: true},
	trace.OpRemove:     {parent: true, moves: true, early: true},
	trace.OpRmdir:      {parent: true, moves: true, early: true},
	trace.OpRenameFrom: {parent: true, moves: true, early: true},
	trace.OpRenameTo:   {parent: true, moves: true, early: true},
}

// special tells files that are written without changing what they are on: a
// read-only mount does not keep anybody from it.
func special(t trace.FileType) bool {
	switch t {
	case trace.TypeCharDev, trace.TypeBlockDev, trace.TypeFIFO, trace.TypeSocket:
		return true
	}
	return false
}

// Writes tells whether an operation needs the path's own mount (self) or that of
// its directory (parent) to be writable.
func Writes(f *trace.File) (self, parent bool) {
	use := fileUses[f.Op]
	if f.Op == trace.OpWrite && special(f.Type) {
		return false, false
	}
	return use.self, use.parent
}
