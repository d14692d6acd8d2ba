// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os/user"
	"slices"
	"strconv"

	"github.com/sbxprof/sbxprof/trace"
)

// names are what users and groups are called. Each id is asked for once: that may mean
// reading long files, or asking a server. The zero value knows nobody.
type names struct {
	users, groups map[uint32]string // "" has no name
	members       map[uint32][]uint32
}

// add names the users and groups that occur in a trace, and the users' supplementary
// groups.
func (n *names) add(t *trace.Trace) {
	u := &t.Header.Unit
	u.Users, u.Groups, u.Members = map[uint32]string{}, map[uint32]string{}, map[uint32][]uint32{}
	for i := range t.Observations {
		o := &t.Observations[i]
		n.addOwner(u, trace.Owner{UID: o.Actor.UID, GID: o.Actor.GID})
		if o.Signal != nil {
			n.addUser(u, o.Signal.UID)
		}
		if o.File == nil {
			continue
		}
		for _, owner := range []*trace.Owner{o.File.Owner, o.File.Parent} {
			if owner != nil {
				n.addOwner(u, *owner)
			}
		}
	}
}

func (n *names) addOwner(u *trace.Unit, o trace.Owner) {
	n.addUser(u, o.UID)
	n.addGroup(u, o.GID)
	entries, _ := o.ACL.Entries() // of our own making
	for _, e := range entries {
		switch {
		case e.Named && e.Tag == "user":
			n.addUser(u, e.ID)
		case e.Named:
			n.addGroup(u, e.ID)
		}
	}
}

func (n *names) addUser(u *trace.Unit, uid uint32) {
	if _, there := u.Users[uid]; there {
		return
	}
	if _, known := n.users[uid]; !known {
		n.askUser(uid)
	}
	if n.users[uid] == "" {
		return
	}
	u.Users[uid] = n.users[uid]
	if len(n.members[uid]) == 0 {
		return
	}
	u.Members[uid] = n.members[uid]
	for _, gid := range n.members[uid] {
		n.addGroup(u, gid)
	}
}

func (n *names) addGroup(u *trace.Unit, gid uint32) {
	if _, there := u.Groups[gid]; there {
		return
	}
	name, known := n.groups[gid]
	if !known {
		if g, err := user.LookupGroupId(strconv.Itoa(int(gid))); err == nil {
			name = g.Name
		}
		if n.groups == nil {
			n.groups = map[uint32]string{}
		}
		n.groups[gid] = name
	}
	if name != "" {
		u.Groups[gid] = name
	}
}

func (n *names) askUser(uid uint32) {
	if n.users == nil {
		n.users, n.members = map[uint32]string{}, map[uint32][]uint32{}
	}
	n.users[uid] = ""
	if u, err := user.LookupId(strconv.Itoa(int(uid))); err == nil {
		n.users[uid], n.members[uid] = u.Username, memberOf(u)
	}
}

// memberOf are the groups that a user is in besides its primary one.
func memberOf(u *user.User) []uint32 {
	ids, _ := u.GroupIds()
	var gids []uint32
	for _, id := range ids {
		if n, err := strconv.ParseUint(id, 10, 32); err == nil && id != u.Gid {
			gids = append(gids, uint32(n))
		}
	}
	slices.Sort(gids)
	return slices.Compact(gids)
}
