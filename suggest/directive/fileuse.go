// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// fileUse is what an operation asks of the mount that a file is on.
type fileUse struct {
	// self: the file's own mount must be writable; parent: that of its directory.
	self, parent bool
	// moves: fails with EBUSY if the name is a mount point.
	moves bool
	// executes: what it fails with on a mount without execution.
	executes trace.Outcome
	// early: the kernel asks whether the mount is writable before it looks at the
	// name, so that a name that is not there gives EROFS (Linux, fs/namei.c).
	early bool
	// asked: it asks so before it looks at the permissions of the file.
	asked bool
}

var fileUses = map[trace.FileOp]fileUse{
	trace.OpRead:       {},
	trace.OpList:       {},
	trace.OpStat:       {},
	trace.OpAskRead:    {},
	trace.OpAskWrite:   {self: true},
	trace.OpAskExecute: {executes: eacces},
	trace.OpChdir:      {},
	trace.OpWatch:      {},
	trace.OpIoctl:      {},
	trace.OpConnect:    {},
	trace.OpMount:      {},
	trace.OpLinkFrom:   {},
	trace.OpExecute:    {executes: eacces},
	trace.OpMapExec:    {executes: eperm},
	trace.OpWrite:      {self: true},
	trace.OpTruncate:   {self: true, asked: true},
	trace.OpChmod:      {self: true, asked: true},
	trace.OpChown:      {self: true, asked: true},
	trace.OpUtime:      {self: true, asked: true},
	trace.OpXattr:      {self: true, asked: true},
	trace.OpCreate:     {parent: true, asked: true},
	trace.OpMkdir:      {parent: true, asked: true},
	trace.OpMknod:      {parent: true, asked: true},
	trace.OpSymlink:    {parent: true, asked: true},
	trace.OpLinkTo:     {parent: true, asked: true},
	trace.OpBind:       {parent: true, asked: true},
	trace.OpRemove:     {parent: true, moves: true, early: true, asked: true},
	trace.OpRmdir:      {parent: true, moves: true, early: true, asked: true},
	trace.OpRenameFrom: {parent: true, moves: true, early: true, asked: true},
	trace.OpRenameTo:   {parent: true, moves: true, early: true, asked: true},
}

// makes are the operations that make a name.
var makes = map[trace.FileOp]bool{trace.OpCreate: true, trace.OpMkdir: true, trace.OpMknod: true, trace.OpSymlink: true,
	trace.OpLinkTo: true, trace.OpRenameTo: true, trace.OpBind: true}

// settingIoctls are the requests that change what is on the file system (FS_IOC_SETFLAGS,
// FS_IOC_FSSETXATTR and FS_IOC_SETVERSION of linux/fs.h).
var settingIoctls = []uint32{0x40086602, 0x401c5820, 0x40087602}

// special tells files that are written without changing what they are on: a
// read-only mount does not keep anybody from it.
func special(t trace.FileType) bool {
	switch t {
	case trace.TypeCharDev, trace.TypeBlockDev, trace.TypeFIFO, trace.TypeSocket:
		return true
	}
	return false
}

// asksFirst tells whether the kernel asks whether the mount can be written before it
// looks at the permissions of the file.
func asksFirst(f *trace.File) bool {
	return fileUses[f.Op].asked || f.Op == trace.OpIoctl
}

// needsExecution returns what an operation fails with on a mount without execution. That a
// directory may be searched does not hang on it.
func needsExecution(f *trace.File) trace.Outcome {
	if f.Op == trace.OpAskExecute && f.Type != trace.TypeRegular && f.Type != "" {
		return allowed
	}
	return fileUses[f.Op].executes
}

// Writes tells whether an operation needs the path's own mount (self) or that of
// its directory (parent) to be writable.
func Writes(f *trace.File) (self, parent bool) {
	switch {
	case (f.Op == trace.OpWrite || f.Op == trace.OpAskWrite) && special(f.Type):
		return false, false
	case f.Op == trace.OpIoctl && slices.Contains(settingIoctls, f.Request):
		return true, false
	}
	use := fileUses[f.Op]
	return use.self, use.parent
}
