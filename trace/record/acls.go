// SPDX-License-Identifier: Apache-2.0

package record

import (
	"encoding/binary"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

// maxLists bounds of how many paths the access control lists are looked for.
const maxLists = 20_000

// acls are the access control lists of files and directories, by path. Each path is
// looked at once. The zero value knows none.
type acls map[string]aclOf

// aclOf is what was found at a path: the list counts for the owner and mode that the
// recording holds, and not for what came into the place of that later.
type aclOf struct {
	owner trace.Owner
	there bool
}

// add fills in the access control lists of the files that a unit used, and of their
// directories. What it did in a chroot, and what has no name any more, has none.
func (a acls) add(t *trace.Trace) {
	for i := range t.Observations {
		o := &t.Observations[i]
		f := o.File
		if f == nil || o.Actor.Phase != trace.PhaseService || !mayHaveList(f) {
			continue
		}
		dir := path.Dir(string(f.Path))
		owner, parent := a.with(string(f.Path), f.Owner), a.with(dir, f.Parent)
		if owner == f.Owner && parent == f.Parent {
			continue
		}
		copied := *f // others may have the same file
		copied.Owner, copied.Parent = owner, parent
		o.File = &copied
	}
}

// mayHaveList leaves out what the kernel makes up.
func mayHaveList(f *trace.File) bool {
	name := string(f.Path)
	if f.Partial || f.Chroot || f.Unlinked || f.Folded || !strings.HasPrefix(name, "/") {
		return false
	}
	return !isProc(name) && !strings.HasPrefix(name, "/sys/") && f.Type != trace.TypeSymlink
}

// with returns whose a file is, with its access control list if it has one.
func (a acls) with(name string, owner *trace.Owner) *trace.Owner {
	if owner == nil {
		return nil
	}
	found, known := a[name]
	if !known && len(a) < maxLists {
		found = aclAt(name)
		a[name] = found
	}
	now := found.owner
	if !found.there || now.ACL == "" && now.DefaultACL == "" ||
		now.UID != owner.UID || now.GID != owner.GID || now.Mode != owner.Mode {
		return owner
	}
	return &now
}

// aclAt looks at what is at a path now.
func aclAt(name string) aclOf {
	var st unix.Stat_t
	if unix.Lstat(name, &st) != nil || st.Mode&unix.S_IFMT == unix.S_IFLNK {
		return aclOf{}
	}
	owner := ownerOf(st.Uid, st.Gid, st.Mode)
	owner.ACL = readACL(name, "system.posix_acl_access")
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		owner.DefaultACL = readACL(name, "system.posix_acl_default")
	}
	return aclOf{*owner, true}
}

func readACL(name, attribute string) trace.ACL {
	var value [1 << 12]byte // 500 entries
	n, err := unix.Lgetxattr(name, attribute, value[:])
	if err != nil { // none, or a file system that has no lists
		return ""
	}
	return decodeACL(value[:n])
}

// aclTags are the entries of linux/posix_acl.h, with whether they name somebody.
var aclTags = map[uint16]trace.ACLEntry{
	0x01: {Tag: "user"}, 0x02: {Tag: "user", Named: true}, 0x04: {Tag: "group"}, 0x08: {Tag: "group", Named: true},
	0x10: {Tag: "mask"}, 0x20: {Tag: "other"},
}

// decodeACL reads a list as the kernel gives it (linux/posix_acl_xattr.h, version 2);
// "" for anything else.
func decodeACL(raw []byte) trace.ACL {
	const head, size, version = 4, 8, 2
	if len(raw) < head || (len(raw)-head)%size != 0 || binary.LittleEndian.Uint32(raw) != version {
		return ""
	}
	var entries []trace.ACLEntry
	for e := raw[head:]; len(e) > 0; e = e[size:] {
		entry, known := aclTags[binary.LittleEndian.Uint16(e)]
		if !known {
			return ""
		}
		entry.Permissions = uint32(binary.LittleEndian.Uint16(e[2:])) & 7
		if entry.Named {
			entry.ID = binary.LittleEndian.Uint32(e[4:])
		}
		entries = append(entries, entry)
	}
	return trace.NewACL(entries)
}
