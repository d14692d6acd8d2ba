// SPDX-License-Identifier: Apache-2.0

package record

import (
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/bpf"
	"github.com/sbxprof/sbxprof/trace"
)

// fileOps are the operations that a call always is; OpOpen, OpUnlink and OpAccess
// depend on more.
var fileOps = map[bpf.Op]trace.FileOp{
	bpf.OpExecute:    trace.OpExecute,
	bpf.OpBind:       trace.OpBind,
	bpf.OpConnect:    trace.OpConnect,
	bpf.OpSend:       trace.OpConnect,
	bpf.OpMkdir:      trace.OpMkdir,
	bpf.OpMknod:      trace.OpMknod,
	bpf.OpRmdir:      trace.OpRmdir,
	bpf.OpRenameFrom: trace.OpRenameFrom,
	bpf.OpRenameTo:   trace.OpRenameTo,
	bpf.OpLinkFrom:   trace.OpLinkFrom,
	bpf.OpLinkTo:     trace.OpLinkTo,
	bpf.OpSymlink:    trace.OpSymlink,
	bpf.OpTruncate:   trace.OpTruncate,
	bpf.OpChmod:      trace.OpChmod,
	bpf.OpChown:      trace.OpChown,
	bpf.OpUtime:      trace.OpUtime,
	bpf.OpXattr:      trace.OpXattr,
	bpf.OpStat:       trace.OpStat,
	bpf.OpChdir:      trace.OpChdir,
	bpf.OpChroot:     trace.OpChdir,
	bpf.OpWatch:      trace.OpWatch,
	bpf.OpMount:      trace.OpMount,
	bpf.OpMapExec:    trace.OpMapExec,
	bpf.OpIoctl:      trace.OpIoctl,
}

// opsOf are the operations that an event stands for.
func opsOf(e *bpf.Event, isDir bool) []trace.FileOp {
	switch e.Op {
	case bpf.OpOpen:
		if e.ByName || e.Errno != 0 {
			return []trace.FileOp{wantedOp(e.Flags)}
		}
		return openOps(e, isDir)
	case bpf.OpAccess:
		return askedOps(e.Flags)
	case bpf.OpUnlink:
		if e.Flags&unix.AT_REMOVEDIR != 0 {
			return []trace.FileOp{trace.OpRmdir}
		}
		return []trace.FileOp{trace.OpRemove}
	case bpf.OpRenameFrom, bpf.OpRenameTo:
		// With RENAME_EXCHANGE both names are old and new.
		if e.Flags&unix.RENAME_EXCHANGE != 0 {
			return []trace.FileOp{trace.OpRenameFrom, trace.OpRenameTo}
		}
	}
	if op, ok := fileOps[e.Op]; ok {
		return []trace.FileOp{op}
	}
	return nil
}

// tmpFile is __O_TMPFILE: Go's O_TMPFILE has O_DIRECTORY too.
const tmpFile = unix.O_TMPFILE &^ unix.O_DIRECTORY

// openOps are what an open that succeeded was for.
func openOps(e *bpf.Event, isDir bool) []trace.FileOp {
	switch {
	case e.Opened.PathOnly:
		return []trace.FileOp{trace.OpStat}
	case e.Opened.Created, e.Flags&tmpFile != 0:
		return []trace.FileOp{trace.OpCreate}
	case isDir:
		return []trace.FileOp{trace.OpList}
	case e.Opened.Read && e.Opened.Write:
		return []trace.FileOp{trace.OpRead, trace.OpWrite}
	case e.Opened.Write:
		return []trace.FileOp{trace.OpWrite}
	}
	return []trace.FileOp{trace.OpRead}
}

// wantedOp is what an open that failed was for, as far as its flags tell.
func wantedOp(flags uint32) trace.FileOp {
	switch {
	case flags&unix.O_PATH != 0:
		return trace.OpStat
	case flags&(unix.O_CREAT|tmpFile) != 0:
		return trace.OpCreate
	case flags&unix.O_ACCMODE != unix.O_RDONLY:
		return trace.OpWrite
	case flags&unix.O_DIRECTORY != 0:
		return trace.OpList
	}
	return trace.OpRead
}

// askedOps are what access(2) was asked for; that there is a file is no more than a look.
func askedOps(mode uint32) []trace.FileOp {
	var ops []trace.FileOp
	for _, a := range []struct {
		mode uint32
		op   trace.FileOp
	}{{unix.R_OK, trace.OpAskRead}, {unix.W_OK, trace.OpAskWrite}, {unix.X_OK, trace.OpAskExecute}} {
		if mode&a.mode != 0 {
			ops = append(ops, a.op)
		}
	}
	if ops == nil {
		return []trace.FileOp{trace.OpStat}
	}
	return ops
}

// files turns events on files into observations.
type files struct{ roots *roots }

// fileOf is the file of an event, without what was done to it; nil if it is none
// that has a place in a file system.
func (f files) fileOf(e *bpf.Event) *trace.File {
	if e.Path.Detached {
		return nil
	}
	if e.ByName {
		return f.named(e)
	}
	return f.opened(e)
}

// opened is a file that the kernel had open.
func (f files) opened(e *bpf.Event) *trace.File {
	t := &trace.File{
		Path:     trace.Path(e.Path.Name),
		Partial:  e.Path.Partial,
		Chroot:   e.Path.Root != "/",
		Unlinked: e.Path.Unlinked,
		Type:     typeOf(e.File.Mode),
		FS:       filesystems[e.File.Magic],
		Owner:    ownerOf(e.File.UID, e.File.GID, e.File.Mode),
		Parent:   ownerOf(e.Parent.UID, e.Parent.GID, e.Parent.Mode),
	}
	if t.Type == trace.TypeCharDev || t.Type == trace.TypeBlockDev {
		t.Dev = fmt.Sprintf("%d:%d", e.File.Major, e.File.Minor)
	}
	if e.Flags&tmpFile != 0 && e.Op == bpf.OpOpen {
		// The kernel's name for it holds its inode number.
		t.Path = trace.Path(path.Join(path.Dir(e.Path.Name), "#[inode]"))
	}
	if e.Op == bpf.OpChroot && !e.ByName {
		t.Chroot = false // the call itself was made outside
	}
	t.Given = givenOf(e, t)
	return t
}

// givenOf is the name by which a file was opened, if it is another one.
func givenOf(e *bpf.Event, t *trace.File) trace.Path {
	given := string(e.Given)
	if given == "" || t.Unlinked {
		return ""
	}
	switch {
	case strings.HasPrefix(given, "/") && e.Op == bpf.OpChroot:
		given = tidy(given)
	case strings.HasPrefix(given, "/"):
		given = tidy(path.Join("/", e.Path.Root) + given)
	case e.Base != "":
		given = tidy(e.Base + "/" + given)
	default:
		return ""
	}
	if given == string(t.Path) {
		return ""
	}
	return trace.Path(given)
}

// tidy removes doubled slashes and "." from a name, but not "..", which depends on
// where links lead.
func tidy(name string) string {
	parts := strings.Split(name, "/")
	kept := parts[:0]
	for _, p := range parts {
		if p != "" && p != "." {
			kept = append(kept, p)
		}
	}
	return "/" + strings.Join(kept, "/")
}

// named is a file that is known by a name, relative to the event's path.
func (f files) named(e *bpf.Event) *trace.File {
	// As the process sees it: below its root.
	inside := strings.TrimPrefix(e.Path.Name, strings.TrimSuffix(e.Path.Root, "/"))
	if strings.HasPrefix(string(e.Given), "/") {
		inside = ""
	}
	inside += "/" + string(e.Given)
	t := &trace.File{
		Given:   trace.Path(tidy(path.Join("/", e.Path.Root) + "/" + inside)),
		Partial: e.Path.Partial,
		Chroot:  e.Path.Root != "/",
	}
	if t.Partial || e.Path.Root == "" || isProc(tidy(inside)) {
		t.Path = trace.Path(path.Clean(string(t.Given)))
	} else {
		f.look(e, t, inside)
	}
	if t.Given == t.Path {
		t.Given = ""
	}
	return t
}

// fold lets a file stand for any name in its directory, of which only the directory is
// known.
func fold(t *trace.File) {
	*t = trace.File{Path: trace.Path(path.Join(path.Dir(string(t.Path)), "*")), Op: t.Op, Folded: true,
		Partial: t.Partial, Chroot: t.Chroot, FS: t.FS, Type: t.Type, Parent: t.Parent}
}

// coarse is how many components of a path are kept when there are too many paths.
const coarse = 3

// coarsen lets a file, whatever it is, stand for everything below a directory near
// the root, and a peer for its network; other facts it leaves as they are.
func coarsen(o *trace.Observation) {
	if o.Address != nil {
		coarsenPeer(o.Address)
	}
	if o.File == nil || o.File.Partial {
		return
	}
	parts := strings.SplitN(string(o.File.Path), "/", coarse+2)
	if len(parts) <= coarse+1 {
		fold(o.File)
		return
	}
	o.File = &trace.File{Path: trace.Path(strings.Join(parts[:coarse+1], "/") + "/*"), Op: o.File.Op, Folded: true,
		Chroot: o.File.Chroot, FS: o.File.FS, Type: o.File.Type}
}

// peerOf is the other name of a rename or link.
func (f files) peerOf(e *bpf.Event) trace.Path {
	if len(e.Peer) == 0 {
		return ""
	}
	name := string(e.Peer)
	if !strings.HasPrefix(name, "/") {
		name = strings.TrimPrefix(e.Base, strings.TrimSuffix(e.Path.Root, "/")) + "/" + name
	}
	name = tidy(name)
	if !isProc(name) {
		l := f.roots.locate(f.roots.of(rootKey{e.MountNS, e.Root}, e.PID), name, false)
		return withoutPIDs(trace.Path(l.path), e.PID)
	}
	return withoutPIDs(trace.Path(name), e.PID)
}

// look fills in what a name leads to.
func (f files) look(e *bpf.Event, t *trace.File, name string) {
	root := f.roots.of(rootKey{e.MountNS, e.Root}, e.PID)
	l := f.roots.locate(root, name, follows(e))
	t.Path = trace.Path(l.path)
	if e.Path.Root != "/" && root == f.roots.self {
		// Only the chroot could have told; without it the links stay unresolved.
		t.Path = trace.Path(path.Clean(string(t.Given)))
		return
	}
	if l.parent != nil {
		t.Parent = ownerOf(l.parent.Uid, l.parent.Gid, l.parent.Mode)
	}
	if l.stat == nil || gone(e.Op) {
		return
	}
	t.Type = typeOf(l.stat.Mode)
	t.FS = FileSystem(l.magic)
	t.Owner = ownerOf(l.stat.Uid, l.stat.Gid, l.stat.Mode)
	if t.Type == trace.TypeCharDev || t.Type == trace.TypeBlockDev {
		t.Dev = fmt.Sprintf("%d:%d", unix.Major(l.stat.Rdev), unix.Minor(l.stat.Rdev))
	}
}

// gone tells whether what the name led to is another thing after the operation.
func gone(op bpf.Op) bool {
	return op == bpf.OpUnlink || op == bpf.OpRmdir || op == bpf.OpRenameFrom
}

// follows tells whether a symbolic link at the end of the name is followed.
func follows(e *bpf.Event) bool {
	switch e.Op {
	case bpf.OpOpen:
		return e.Flags&(unix.O_NOFOLLOW) == 0 && e.Flags&(unix.O_CREAT|unix.O_EXCL) != unix.O_CREAT|unix.O_EXCL
	case bpf.OpLinkFrom:
		return e.Flags&unix.AT_SYMLINK_FOLLOW != 0
	case bpf.OpWatch:
		return e.Flags&unix.IN_DONT_FOLLOW == 0
	case bpf.OpBind:
		return false
	case bpf.OpStat:
		// name_to_handle_at alone has both.
		return e.Flags&unix.AT_SYMLINK_NOFOLLOW == 0 || e.Flags&unix.AT_SYMLINK_FOLLOW != 0
	}
	return e.Flags&unix.AT_SYMLINK_NOFOLLOW == 0
}

func ownerOf(uid, gid, mode uint32) *trace.Owner {
	if mode == 0 {
		return nil
	}
	return &trace.Owner{UID: uid, GID: gid, Mode: mode & 0o7777}
}

func isProc(name string) bool { return name == "/proc" || strings.HasPrefix(name, "/proc/") }

// observations are what an event on a file is in a trace.
func (f files) observations(e *bpf.Event) []trace.Observation {
	t := f.fileOf(e)
	if t == nil {
		return nil
	}
	if e.Path.Folded {
		fold(t)
	}
	t.Path, t.Given = withoutPIDs(t.Path, e.PID), withoutPIDs(t.Given, e.PID)
	if t.Given == t.Path {
		t.Given = ""
	}
	t.Peer = f.peerOf(e)
	switch {
	case e.Op == bpf.OpIoctl:
		t.Request = e.Flags
	case e.Op == bpf.OpExecute && e.Errno == 0:
		f.describeExecutable(e, t)
	}
	var all []trace.Observation
	for _, op := range opsOf(e, t.Type == trace.TypeDirectory) {
		file := *t
		file.Op = op
		all = append(all, trace.Observation{Kind: trace.KindFile, File: &file, Outcome: outcomeOf(e.Errno, false, false)})
	}
	return all
}
