// SPDX-License-Identifier: Apache-2.0

package trace

import (
	"testing"

	"pgregory.net/rapid"
)

// TestAllows has for every rule of posix_acl_permission() somebody who is let in and
// somebody who is not.
func TestAllows(t *testing.T) {
	for _, tt := range []struct {
		name   string
		owner  Owner
		uid    uint32
		groups []uint32
		want   uint32
		allows bool
	}{
		{"the owner", Owner{UID: 7, Mode: 0o400}, 7, nil, 4, true},
		{"the owner, less than others", Owner{UID: 7, Mode: 0o044}, 7, nil, 4, false},
		{"the group", Owner{GID: 4, Mode: 0o640}, 7, []uint32{4}, 4, true},
		{"the group, less than others", Owner{GID: 4, Mode: 0o604}, 7, []uint32{4}, 4, false},
		{"others", Owner{Mode: 0o644}, 7, nil, 4, true},
		{"others who want more", Owner{Mode: 0o644}, 7, nil, 6, false},

		{"a user's entry", Owner{Mode: 0o640, ACL: "user::rw-,user:7:r--,group::---,mask::r--,other::---"}, 7, nil, 4, true},
		{"another's entry", Owner{Mode: 0o640, ACL: "user::rw-,user:8:r--,group::---,mask::r--,other::---"}, 7, nil, 4, false},
		{"a user's entry that is masked", Owner{Mode: 0o600, ACL: "user::rw-,user:7:r--,group::---,mask::---,other::---"}, 7, nil, 4, false},
		{"a user's entry that denies", Owner{Mode: 0o644, ACL: "user::rw-,user:7:---,group::r--,mask::r--,other::r--"}, 7, nil, 4, false},
		{"a group's entry", Owner{Mode: 0o650, ACL: "user::rw-,group::---,group:4:r-x,mask::r-x,other::---"}, 7, []uint32{4}, 5, true},
		{"another group's entry", Owner{Mode: 0o650, ACL: "user::rw-,group::---,group:5:r-x,mask::r-x,other::---"}, 7, []uint32{4}, 5, false},
		{"two groups that give a part each", Owner{Mode: 0o650, ACL: "user::rw-,group::---,group:4:r--,group:5:--x,mask::r-x,other::---"}, 7, []uint32{4, 5}, 5, false},
		{"the mode's group bits are the mask", Owner{GID: 4, Mode: 0o670, ACL: "user::rw-,user:8:rwx,group::---,mask::rwx,other::---"}, 7, []uint32{4}, 4, false},
		{"a member is no other", Owner{Mode: 0o654, ACL: "user::rw-,group::---,group:4:---,mask::r-x,other::r--"}, 7, []uint32{4}, 4, false},
		{"others beside a list", Owner{Mode: 0o654, ACL: "user::rw-,group::---,group:4:---,mask::r-x,other::r--"}, 7, nil, 4, true},
		{"the owner beside a list", Owner{UID: 7, Mode: 0o600, ACL: "user::rw-,user:8:rwx,group::---,mask::---,other::---"}, 7, nil, 6, true},
		{"no list", Owner{GID: 4, Mode: 0o640, ACL: "rubbish"}, 7, []uint32{4}, 4, true},
	} {
		if got := tt.owner.Allows(tt.uid, tt.groups, tt.want); got != tt.allows {
			t.Errorf("%s: allows %v, want %v", tt.name, got, tt.allows)
		}
	}
}

func TestACLEntries(t *testing.T) {
	for _, text := range []ACL{"user", "user::rwz", "user:x:rwx", "mask:7:rwx", "owner::rwx", "user::rwx,", "user:4294967296:rwx", "user::rw", "user::rwx\nuser::rwx"} {
		if entries, err := text.Entries(); err == nil {
			t.Errorf("%q has the entries %+v", text, entries)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ACLEntry {
			e := ACLEntry{Tag: rapid.SampledFrom([]string{"user", "group", "mask", "other"}).Draw(t, "tag"), Permissions: rapid.Uint32Range(0, 7).Draw(t, "permissions")}
			if e.Tag == "user" || e.Tag == "group" {
				e.Named = rapid.Bool().Draw(t, "named")
			}
			if e.Named {
				e.ID = rapid.Uint32().Draw(t, "id")
			}
			return e
		}), 1, 9).Draw(t, "entries")
		got, err := NewACL(entries).Entries()
		if err != nil || len(got) != len(entries) {
			t.Fatalf("%q: %+v, %v", NewACL(entries), got, err)
		}
		for i := range got {
			if got[i] != entries[i] {
				t.Fatalf("%+v became %+v", entries[i], got[i])
			}
		}
	})
}
