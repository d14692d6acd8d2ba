// SPDX-License-Identifier: Apache-2.0

package systemd

import (
	"slices"
	"strconv"
	"strings"
)

// assess returns the badness of a service by the rule, and whether the rule applies to
// it. The rules are those of systemd's analyze-security.c.
func (r exposureRule) assess(s *service) (badness int, counted bool) {
	if !s.defaultDependencies && slices.Contains(needsDefaultDependencies, r.id) {
		return 0, false
	}
	switch r.assessor {
	case "groups":
		return btoi(len(words(s.settings, "SupplementaryGroups", s.target.Systemd)) > 0), !s.runsAsRoot()
	case "remove-ipc":
		return btoi(!s.isSet("RemoveIPC")), !s.runsAsRoot()
	}
	return assessors[r.assessor](s, r.parameter), true
}

// needsDefaultDependencies are the rows that do not apply to early units.
var needsDefaultDependencies = []string{"PrivateTmp=", "ProtectHome=", "ProtectSystem=", "RootDirectory=/RootImage="}

// assessors give the badness of what their parameter names.
var assessors = map[string]func(s *service, parameter string) int{
	"set":           func(s *service, name string) int { return btoi(!s.isSet(name)) },
	"unset":         func(s *service, name string) int { return btoi(s.isSet(name)) },
	"value":         assessValue,
	"user":          assessUser,
	"root":          assessRoot,
	"umask":         assessUMask,
	"capability":    assessCapability,
	"ambient":       func(s *service, _ string) int { return btoi(len(s.ambient) > 0) },
	"namespace":     func(s *service, name string) int { return btoi(s.namespaces == nil || s.namespaces[name]) },
	"family":        assessFamily,
	"architectures": assessArchitectures,
	"filter":        assessFilter,
	"addresses":     assessAddresses,
	"devices":       assessDevices,
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// valueBadness is the badness of each value; "" is that of all others.
var valueBadness = map[string]map[string]int{
	"ProtectHome":   {"yes": 0, "tmpfs": 1, "read-only": 5, "": 10},
	"ProtectSystem": {"strict": 0, "full": 3, "yes": 5, "": 10},
	"KeyringMode":   {"private": 0, "": 1},
	"ProtectProc":   {"invisible": 0, "ptraceable": 0, "noaccess": 1, "": 3},
	"ProcSubset":    {"pid": 0, "": 1},
	"NotifyAccess":  {"all": 1, "": 0},
}

func assessValue(s *service, name string) int {
	value := s.value(name)
	if on, boolean := ParseBool(value); boolean && on {
		value = "yes"
	}
	if badness, ok := valueBadness[name][value]; ok {
		return badness
	}
	return valueBadness[name][""]
}

func assessUser(s *service, _ string) int {
	switch user := s.value("User"); {
	case user == "nobody":
		return 9
	case s.runsAsRoot():
		return 10
	}
	return 0
}

func assessRoot(s *service, _ string) int {
	elsewhere := func(name string) bool { v := s.value(name); return v != "" && v != "/" }
	return btoi(!elsewhere("RootDirectory") && !elsewhere("RootImage"))
}

func assessUMask(s *service, _ string) int {
	mask, err := strconv.ParseUint(s.value("UMask"), 8, 32)
	if err != nil {
		mask = 0o022
	}
	for _, b := range []struct {
		bit     uint64
		badness int
	}{{0o002, 10}, {0o004, 5}, {0o020, 2}, {0o040, 1}} {
		if mask&b.bit == 0 {
			return b.badness
		}
	}
	return 0
}

func assessCapability(s *service, names string) int {
	return btoi(slices.ContainsFunc(strings.Fields(names), func(c string) bool { return s.bounding[c] }))
}

// rowFamilies are the families of each row but "other".
var rowFamilies = map[string][]string{
	"inet": {"AF_INET", "AF_INET6"}, "unix": {"AF_UNIX", "AF_LOCAL"}, "netlink": {"AF_NETLINK", "AF_ROUTE"}, "packet": {"AF_PACKET"},
}

// assessFamily holds a row's families for taken away if an allow-list has none of them,
// or a deny-list any.
func assessFamily(s *service, row string) int {
	of := func(family string) bool { return slices.Contains(rowFamilies[row], family) }
	if row == "other" {
		of = func(family string) bool {
			for _, families := range rowFamilies {
				if slices.Contains(families, family) {
					return false
				}
			}
			return true
		}
	}
	restricted := s.families.set && s.families.allow
	for family := range s.families.members {
		if of(family) {
			restricted = !s.families.allow
		}
	}
	return btoi(!restricted)
}

func assessArchitectures(s *service, _ string) int {
	switch list := words(s.settings, "SystemCallArchitectures", s.target.Systemd); {
	case len(list) == 0:
		return 10
	case slices.ContainsFunc(list, func(a string) bool { return a != "native" }):
		return 8
	}
	return 0
}

// assessFilter looks at a group: an allow-list must have none of its calls, a deny-list
// all of them.
func assessFilter(s *service, group string) int {
	if !s.calls.set {
		return 10
	}
	permitted := slices.ContainsFunc(s.target.Expand(group), s.calls.permits)
	switch {
	case permitted && s.calls.allow:
		return 9
	case permitted:
		return 10
	case !s.calls.allow && !s.target.Systemd.AtLeast(247):
		return 5
	}
	return 0
}

// assessAddresses asks for IPAddressDeny=any, and the better the fewer exceptions
// there are.
func assessAddresses(s *service, _ string) int {
	v := s.target.Systemd
	custom := len(Values(s.settings, "IPIngressFilterPath"))+len(Values(s.settings, "IPEgressFilterPath")) > 0
	if custom && v.AtLeast(243) {
		return 0
	}
	denied := networks(words(s.settings, "IPAddressDeny", v))
	if !slices.Contains(denied, "0.0.0.0/0") || !slices.Contains(denied, "::/0") {
		return 10
	}
	allowed := networks(words(s.settings, "IPAddressAllow", v))
	switch {
	case slices.ContainsFunc(allowed, func(n string) bool { return n != "127.0.0.0/8" && n != "::1/128" }):
		return 5
	case len(allowed) > 0:
		return 2
	}
	return 0
}

// networks replaces the words for networks by the networks.
func networks(words []string) []string {
	var all []string
	for _, w := range words {
		switch w {
		case "any":
			all = append(all, "0.0.0.0/0", "::/0")
		case "localhost":
			all = append(all, "127.0.0.0/8", "::1/128")
		case "::1":
			all = append(all, "::1/128")
		default:
			all = append(all, w)
		}
	}
	return all
}

func assessDevices(s *service, _ string) int {
	switch {
	case s.value("DevicePolicy") == "auto":
		return 10
	case len(s.devices) > 0:
		return 5
	}
	return 0
}
