// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"maps"
	"slices"
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

func identityFamilies() []Family {
	return []Family{{
		Name: "identity",
		Directives: []Directive{
			{Name: "User", Denies: "root's capabilities", Read: readUser},
			{Name: "Group"}, {Name: "SupplementaryGroups", Read: readSupplementaryGroups},
			{Name: "DynamicUser", Denies: "root's capabilities, and files of others", Read: flag(func(u *Unit) []Rule { return userRules(u) })},
		},
		Propose: func(*Evidence) []Candidate { return nil },
	}}
}

// readUser: a user has no capabilities but the ambient ones, and no more access to files
// than their modes say.
func readUser(_ []string, u *Unit) []Rule {
	if !u.hasUser() || isTrue(last(u.Values("DynamicUser"))) {
		return nil
	}
	return userRules(u)
}

// ambient are the capabilities that the unit's processes have as a user.
func (u *Unit) ambient() map[string]bool {
	kept := map[string]bool{}
	for _, v := range sinceReset(u.Values("AmbientCapabilities")) {
		list, inverted := strings.CutPrefix(v, "~")
		if inverted && len(kept) == 0 { // all but these
			kept = boundingSet(nil)
		}
		for _, c := range strings.Fields(strings.ToUpper(list)) {
			kept[c] = !inverted
		}
		maps.DeleteFunc(kept, func(_ string, has bool) bool { return !has })
	}
	return kept
}

func userRules(u *Unit) []Rule {
	kept := u.ambient()
	rules := loseAllBut(kept, u)
	who, known := u.person()
	if !known {
		return rules
	}
	if !kept["CAP_KILL"] {
		rules = append(rules, signalRule{who})
	}
	return append(rules, accessRule{who, u.scene, u.givenDirectories(), u.replacedDirectories(), kept})
}

// givenDirectories are those that systemd makes for the unit and gives to its user;
// configuration stays root's.
func (u *Unit) givenDirectories() []string {
	var list []string
	for _, b := range bases {
		for _, r := range readDirectory(b.base)(u.Values(b.directive), u) {
			list = append(list, r.(mountRule).Path)
		}
	}
	return list
}

// replacedDirectories are those that systemd mounts in the place of others: empty ones,
// and the roots of file systems of the unit's own.
func (u *Unit) replacedDirectories() map[string]*trace.Owner {
	replaced := map[string]*trace.Owner{}
	for _, r := range slices.Concat(readControlGroups(u.Values("ProtectControlGroups"), u), flag(privateBPFRules)(u.Values("PrivateBPF"), u),
		readProtectHome(u.Values("ProtectHome"), u), readTemporaryFileSystem(u.Values("TemporaryFileSystem"), u)) {
		m, ok := r.(mountRule)
		switch {
		case !ok || !m.replaces():
		case m.Open:
			replaced[m.Path] = &trace.Owner{Mode: 0o1777}
		case m.Closed:
			replaced[m.Path] = &trace.Owner{Mode: 0o700}
		default:
			replaced[m.Path] = &trace.Owner{Mode: 0o755}
		}
	}
	return replaced
}

// person returns the user that the unit runs as, with the groups that it adds.
func (u *Unit) person() (person, bool) {
	if u.scene == nil {
		return person{}, false
	}
	who, known := u.scene.people[last(u.Values("User"))]
	who.groups = slices.Clone(who.groups)
	for _, v := range append(sinceReset(u.Values("SupplementaryGroups")), last(u.Values("Group"))) {
		for _, g := range strings.Fields(v) {
			if gid, ok := u.scene.groups[g]; ok {
				who.groups = append(who.groups, gid)
			}
		}
	}
	return who, known
}

// dynamicUser is what DynamicUser= brings along where the unit does not say otherwise
// (facts of src/core/unit.c, unit_patch_contexts()): the value of a boolean or of the
// weakest kind.
func (u *Unit) dynamicUser() []trace.Setting {
	if !isTrue(last(u.Values("DynamicUser"))) || !u.Systemd.AtLeast(232) {
		return nil
	}
	list := []trace.Setting{{Name: "ProtectSystem", Value: "strict"}, {Name: "RemoveIPC", Value: "yes"}}
	add := func(name, value string, since int) {
		if own := last(u.Values(name)); u.Systemd.AtLeast(since) && (own == "" || own == "no") {
			list = append(list, trace.Setting{Name: name, Value: value})
		}
	}
	add("ProtectHome", "read-only", 232)
	add("PrivateTmp", "disconnected", 257)
	if !u.Systemd.AtLeast(257) {
		add("PrivateTmp", "yes", 232)
	}
	add("RestrictSUIDSGID", "yes", 242)
	return list
}
