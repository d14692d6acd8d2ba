// SPDX-License-Identifier: Apache-2.0

package record

import (
	"os/user"
	"slices"
	"strconv"

	"github.com/sbxprof/sbxprof/trace"
)

// nameIDs names the users and groups that occur in a trace, and the users'
// supplementary groups.
func nameIDs(t *trace.Trace) {
	users, groups := map[uint32]string{}, map[uint32]string{}
	members := map[uint32][]uint32{}
	for i := range t.Observations {
		o := &t.Observations[i]
		addUser(users, o.Actor.UID)
		addGroup(groups, o.Actor.GID)
		if o.Signal != nil {
			addUser(users, o.Signal.UID)
		}
		if o.File != nil {
			for _, owner := range []*trace.Owner{o.File.Owner, o.File.Parent} {
				if owner != nil {
					addUser(users, owner.UID)
					addGroup(groups, owner.GID)
				}
			}
		}
	}
	for uid, name := range users {
		if ids := memberOf(name); len(ids) > 0 {
			members[uid] = ids
		}
		for _, gid := range members[uid] {
			addGroup(groups, gid)
		}
	}
	t.Header.Unit.Users, t.Header.Unit.Groups, t.Header.Unit.Members = users, groups, members
}

func addUser(users map[uint32]string, uid uint32) {
	if _, known := users[uid]; known {
		return
	}
	if u, err := user.LookupId(strconv.Itoa(int(uid))); err == nil {
		users[uid] = u.Username
	}
}

func addGroup(groups map[uint32]string, gid uint32) {
	if _, known := groups[gid]; known {
		return
	}
	if g, err := user.LookupGroupId(strconv.Itoa(int(gid))); err == nil {
		groups[gid] = g.Name
	}
}

// memberOf are the groups that a user is in besides its primary one.
func memberOf(name string) []uint32 {
	u, err := user.Lookup(name)
	if err != nil {
		return nil
	}
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
