// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"path"
	"slices"

	"github.com/sbxprof/sbxprof/trace"
)

// seccompDirectives make systemd install a seccomp filter, with the version in
// which each began to imply NoNewPrivileges= for units without CAP_SYS_ADMIN.
var seccompDirectives = []struct {
	name  string
	since int
}{
	{"SystemCallFilter", 231}, {"RestrictAddressFamilies", 231}, {"MemoryDenyWriteExecute", 231},
	{"RestrictRealtime", 231}, {"SystemCallArchitectures", 232}, {"PrivateDevices", 232},
	{"ProtectKernelTunables", 232}, {"ProtectKernelModules", 232}, {"RestrictNamespaces", 233},
	{"LockPersonality", 235}, {"RestrictSUIDSGID", 242}, {"ProtectHostname", 242},
	{"ProtectKernelLogs", 244}, {"ProtectClock", 245}, {"SystemCallLog", 247},
}

// Beside begins the value of a source that names another setting instead of its own
// value: systemd starts nothing with the two of them.
const Beside = "beside "

// implied returns the rules that no setting names but several bring along
// together: the one place for what one family means for another.
func (m *Model) implied(u *Unit) []sourcedRule {
	var rules []sourcedRule
	if name := u.impliesNoNewPrivileges(); name != "" {
		rules = append(rules, sourcedRule{Source{name, "implies NoNewPrivileges=yes"}, newNoNewPrivileges(u)})
	}
	if ambient := u.ambient(); len(ambient) > 0 && !u.Systemd.AtLeast(246) {
		rules = append(rules, sourcedRule{Source{"AmbientCapabilities", u.inForce("AmbientCapabilities")}, unraisable{ambient: ambient}})
	}
	if name := u.mountsAPI(); name != "" {
		rules = append(rules, allFrom(Source{name, "implies MountAPIVFS=yes"}, mounts(apiFileSystems, u))...)
	}
	if isTrue(last(u.Values("PrivateBPF"))) && isTrue(last(u.Values("PrivatePIDs"))) && u.Accepts("PrivateBPF") {
		// systemd cannot mount the one in the other: status 226, "Broken pipe", as seen on 262.
		rules = append(rules, sourcedRule{Source{"PrivatePIDs", Beside + "PrivateBPF=yes"}, unstartable{"EPIPE"}})
	}
	if name := u.keepsFromTypes(); name != "" {
		rules = append(rules, sourcedRule{Source{"RestrictFileSystems", Beside + name + "="}, unstartable{eperm}})
	}
	if name := u.mountsSysfs(); name != "" {
		own := last(u.Values("PrivateMounts"))
		sysfs := Mount{Path: "/sys", Mode: Bound, Beside: own != "" && !isTrue(own)}
		rules = append(rules, sourcedRule{Source{name, "mounts /sys anew"}, mountRule{sysfs}})
	}
	for _, file := range u.memoryPressure() {
		rules = append(rules, sourcedRule{Source{"MemoryPressureWatch", "auto"}, mountRule{Mount{Path: file, Mode: ReadWrite, Beside: true}}})
	}
	return rules
}

// memoryPressure returns the file of the unit's own cgroup that tells of memory pressure.
// Whoever is to watch it writes to it, and since v254 systemd keeps it writable for that
// (apply_mount_namespace() in src/core/execute.c; seen on 257).
func (u *Unit) memoryPressure() []string {
	if !u.Systemd.AtLeast(254) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(u.scene.pressure), func(file string) bool { return path.Base(path.Dir(file)) != u.scene.unitName() })
}

// pressureFiles are the files of cgroups that tell of memory pressure.
func pressureFiles(observations []trace.Observation) []string {
	var list []string
	for i := range observations {
		f := observations[i].File
		if f == nil || path.Base(string(f.Path)) != "memory.pressure" || !within(string(f.Path), "/sys/fs/cgroup") || slices.Contains(list, string(f.Path)) {
			continue
		}
		list = append(list, string(f.Path))
	}
	return list
}

// mountsSysfs returns the directive because of which the unit gets a sysfs that shows
// its own network, or "". What is mounted below is moved there as it is, and nothing of
// it becomes read-only with what /sys is in (v254; mount_private_sysfs() in
// src/core/namespace.c).
func (u *Unit) mountsSysfs() string {
	switch {
	case !u.Systemd.AtLeast(254):
		return ""
	case last(u.Values("NetworkNamespacePath")) != "":
		return "NetworkNamespacePath"
	case isTrue(last(u.Values("PrivateNetwork"))):
		return "PrivateNetwork"
	}
	return ""
}

// apiFileSystems are what MountAPIVFS= mounts, or leaves where it is mounted already:
// none of them becomes read-only with what they are in.
var apiFileSystems = []versionedMount{
	{"/proc", Implicit, interval{247, 0}},
	{"/sys", Implicit, interval{247, 0}},
	{"/dev", Implicit, interval{247, 0}},
	{"/run", Implicit, interval{248, 0}},
}

func allFrom(s Source, rules []Rule) []sourcedRule {
	var list []sourcedRule
	for _, r := range rules {
		list = append(list, sourcedRule{s, r})
	}
	return list
}

// mountsAPI returns the directive because of which systemd mounts the API file
// systems, or "" (exec_context_get_effective_mount_apivfs()).
func (u *Unit) mountsAPI() string {
	for _, name := range []string{"MountAPIVFS", "ProtectControlGroups", "ProtectKernelTunables", "ProtectProc", "ProcSubset", "PrivatePIDs", "PrivateBPF"} {
		if v := last(u.Values(name)); !slices.Contains([]string{"", "no", "default", "all"}, v) {
			return name
		}
	}
	return ""
}

// impliesNoNewPrivileges returns the directive because of which systemd sets
// no_new_privs, or "". Up to v254, a unit without CAP_SYS_ADMIN needs it to install
// any filter. From v255 on systemd keeps the capability until then, unless the
// filter takes away what it then still has to do.
func (u *Unit) impliesNoNewPrivileges() string {
	if isTrue(last(u.Values("DynamicUser"))) && u.Systemd.AtLeast(242) {
		return "DynamicUser"
	}
	// Root still has the capability when the bounding set is without it already.
	if !u.hasUser() || u.Systemd.AtLeast(255) && u.filterLetsDrop() {
		return ""
	}
	return u.filter()
}

// filter returns a directive because of which systemd installs a seccomp filter, or "".
func (u *Unit) filter() string {
	for _, d := range seccompDirectives {
		if v := last(u.Values(d.name)); v != "" && v != "no" && u.Systemd.AtLeast(d.since) && !u.filtersNothing(d.name) {
			return d.name
		}
	}
	return ""
}

// filtersNothing tells whether the lines of a list come to nothing, for which systemd
// installs no filter.
func (u *Unit) filtersNothing(name string) bool {
	switch values := u.Values(name); name {
	case "RestrictNamespaces":
		return len(readRestrictNamespaces(values, u)) == 0
	case "SystemCallFilter":
		f := readFilter(values, u)[0].(*FilterRule)
		return !f.Allow && len(f.Names) == 0
	}
	return false
}

func (u *Unit) hasUser() bool {
	user := last(u.Values("User"))
	return user != "" && user != "root" && user != "0" || isTrue(last(u.Values("DynamicUser")))
}

// filterLetsDrop tells whether the system call filter lets systemd drop its
// capabilities after it is in force.
func (u *Unit) filterLetsDrop() bool {
	for _, r := range readFilter(u.Values("SystemCallFilter"), u) {
		f, ok := r.(*FilterRule)
		if !ok {
			return false // it does not get that far
		}
		for _, name := range []string{"capget", "capset", "prctl"} {
			if _, listed := f.Names[name]; listed != f.Allow {
				return false
			}
		}
	}
	return true
}
