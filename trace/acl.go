// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ACL is a POSIX access control list in the short text form of acl(5), with numbers
// for users and groups: "user::rw-,user:33:r--,group::r--,mask::r--,other::---". What
// it says goes beyond owner, group and mode; files without one have "".
type ACL string

// ACLEntry is one entry of an access control list.
type ACLEntry struct {
	// Tag is "user", "group", "mask" or "other".
	Tag string
	// Named is set for an entry for the user or group ID; without it the entry is the
	// owner's, the owning group's, or that of all.
	Named bool
	ID    uint32
	// Permissions are read 4, write 2 and execute 1.
	Permissions uint32
}

// maxACL bounds what is read of a list: the kernel's have at most 64 KiB.
const maxACL = 1 << 16

// NewACL writes entries down.
func NewACL(entries []ACLEntry) ACL {
	words := make([]string, len(entries))
	for i, e := range entries {
		who := ""
		if e.Named {
			who = strconv.FormatUint(uint64(e.ID), 10)
		}
		words[i] = e.Tag + ":" + who + ":" + permissionWord(e.Permissions)
	}
	return ACL(strings.Join(words, ","))
}

func permissionWord(p uint32) string {
	word := []byte("rwx")
	for i := range word {
		if p&(4>>i) == 0 {
			word[i] = '-'
		}
	}
	return string(word)
}

// Entries returns the entries of the list; an error for what is none.
func (a ACL) Entries() ([]ACLEntry, error) {
	if a == "" {
		return nil, nil
	}
	if len(a) > maxACL {
		return nil, fmt.Errorf("an access control list of %d bytes is too long", len(a))
	}
	var entries []ACLEntry
	for word := range strings.SplitSeq(string(a), ",") {
		e, err := aclEntry(word)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func aclEntry(word string) (ACLEntry, error) {
	parts := strings.Split(word, ":")
	if len(parts) != 3 || !slices.Contains([]string{"user", "group", "mask", "other"}, parts[0]) {
		return ACLEntry{}, fmt.Errorf("%q is no entry of an access control list", word)
	}
	e := ACLEntry{Tag: parts[0], Named: parts[1] != ""}
	if e.Named {
		id, err := strconv.ParseUint(parts[1], 10, 32)
		if err != nil || e.Tag == "mask" || e.Tag == "other" {
			return ACLEntry{}, fmt.Errorf("%q names nobody", word)
		}
		e.ID = uint32(id)
	}
	for p := range uint32(8) {
		if parts[2] == permissionWord(p) {
			e.Permissions = p
			return e, nil
		}
	}
	return ACLEntry{}, fmt.Errorf("%q gives no permissions", word)
}

// Allows tells whether somebody without capabilities has all of the permissions want
// (read 4, write 2, execute 1), as posix_acl_permission() of the kernel (fs/posix_acl.c)
// decides it. A list that cannot be read counts as none.
func (o *Owner) Allows(uid uint32, groups []uint32, want uint32) bool {
	entries, err := o.ACL.Entries()
	switch {
	case o.UID == uid:
		return o.Mode>>6&want == want
	case err == nil && len(entries) > 0:
		return o.allowedByList(entries, uid, groups, want)
	case slices.Contains(groups, o.GID):
		return o.Mode>>3&want == want
	}
	return o.Mode&want == want
}

// allowedByList decides for somebody who is not the owner. The entry of a user decides
// alone; of the groups, one that gives everything is enough, and none but them is asked
// if somebody is in any. With a list, the group's bits of the mode are its mask.
func (o *Owner) allowedByList(entries []ACLEntry, uid uint32, groups []uint32, want uint32) bool {
	mask := o.Mode >> 3
	member := false
	for _, e := range entries {
		if e.Tag == "user" && e.Named && e.ID == uid {
			return e.Permissions&mask&want == want
		}
	}
	for _, e := range entries {
		gid := o.GID
		if e.Named {
			gid = e.ID
		}
		if e.Tag != "group" || !slices.Contains(groups, gid) {
			continue
		}
		member = true
		if e.Permissions&want == want {
			return e.Permissions&mask&want == want
		}
	}
	return !member && o.Mode&want == want
}
