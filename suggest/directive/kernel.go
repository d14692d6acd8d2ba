// SPDX-License-Identifier: Apache-2.0

package directive

import (
	"strings"

	"github.com/sbxprof/sbxprof/trace"
)

// versionedMount is a row of a table of src/core/namespace.c.
type versionedMount struct {
	path string
	mode MountMode
	in   interval
}

func mounts(table []versionedMount, t *Unit) []Rule {
	var rules []Rule
	for _, m := range table {
		if m.in.holds(t) {
			rules = append(rules, mountRule{Mount{Path: m.path, Mode: m.mode}})
		}
	}
	return rules
}

// kernelTunables is protect_kernel_tunables_table, from v250 on split into
// …_proc_table and …_sys_table.
var kernelTunables = []versionedMount{
	{"/proc/acpi", ReadOnly, interval{232, 0}},
	{"/proc/apm", ReadOnly, interval{232, 0}},
	{"/proc/asound", ReadOnly, interval{232, 0}},
	{"/proc/bus", ReadOnly, interval{232, 0}},
	{"/proc/fs", ReadOnly, interval{232, 0}},
	{"/proc/irq", ReadOnly, interval{232, 0}},
	{"/proc/kallsyms", Inaccessible, interval{239, 0}},
	{"/proc/kcore", Inaccessible, interval{239, 0}},
	{"/proc/latency_stats", ReadOnly, interval{232, 0}},
	{"/proc/mtrr", ReadOnly, interval{232, 0}},
	{"/proc/scsi", ReadOnly, interval{239, 0}},
	{"/proc/sys", ReadOnly, interval{232, 0}},
	{"/proc/sysrq-trigger", ReadOnly, interval{232, 0}},
	{"/proc/timer_stats", ReadOnly, interval{232, 0}},
	{"/sys", ReadOnly, interval{232, 0}},
	{"/sys/fs/bpf", ReadOnly, interval{238, 257}},
	{"/sys/fs/cgroup", Implicit, interval{232, 0}},
	{"/sys/fs/selinux", Implicit, interval{235, 0}},
	{"/sys/kernel/debug", ReadOnly, interval{232, 0}},
	{"/sys/kernel/tracing", ReadOnly, interval{232, 0}},
}

var kernelModules = []versionedMount{
	{"/lib/modules", Inaccessible, interval{232, 254}},
	{"/usr/lib/modules", Inaccessible, interval{232, 0}},
}

var kernelLogs = []versionedMount{
	{"/dev/kmsg", Inaccessible, interval{244, 0}},
	{"/proc/kmsg", Inaccessible, interval{244, 0}},
}

var hostname = []versionedMount{
	{"/proc/sys/kernel/hostname", ReadOnly, interval{242, 0}},
	{"/proc/sys/kernel/domainname", ReadOnly, interval{242, 0}},
}

var controlGroups = []versionedMount{
	{"/sys/fs/cgroup", ReadOnly, interval{232, 0}},
}

// group returns the rule for a group of system calls, as the target knows it.
func group(name string, t *Unit) Rule {
	return &CallRule{Calls: t.Expand(name), Outcome: eperm}
}

func call(names ...string) Rule {
	return &CallRule{Calls: names, Outcome: eperm}
}

func kernelFamilies() []Family {
	return []Family{
		single(Directive{
			Name: "ProtectKernelTunables", Values: yes,
			Denies: "writing kernel settings in /proc and /sys",
			Read: flag(func(t *Unit) []Rule {
				return append(mounts(kernelTunables, t), call("_sysctl"))
			}),
		}),
		single(Directive{
			Name: "ProtectKernelModules", Values: yes,
			Denies: "loading and unloading kernel modules, and looking into /usr/lib/modules",
			Read: flag(func(t *Unit) []Rule {
				return append(append(mounts(kernelModules, t), group("@module", t)), drop("CAP_SYS_MODULE")...)
			}),
		}),
		single(Directive{
			Name: "ProtectKernelLogs", Values: yes,
			Denies: "reading the kernel's log",
			Read: flag(func(t *Unit) []Rule {
				return append(append(mounts(kernelLogs, t), call("syslog")), drop("CAP_SYSLOG")...)
			}),
		}),
		single(Directive{
			Name: "ProtectClock", Values: yes,
			Denies: "setting the clock",
			Read:   flag(clockRules),
		}),
		single(Directive{
			Name: "ProtectHostname", Values: yes,
			Denies: "changing the host name", DeniesBy: map[string]string{"private": "changing the host name for others"}, Read: readHostname,
		}),
		single(Directive{
			Name: "ProtectControlGroups", Values: []Value{{"strict", Strict}, {"yes", Safe}},
			Denies: "writing to the control group file system", DeniesBy: map[string]string{"private": "control groups of others"},
			Read: readControlGroups,
		}),
		mountsFamily(),
		single(Directive{
			Name: "LogNamespace", Denies: "the journal of the others", Read: readLogNamespace,
		}),
		single(Directive{
			Name: "PrivateBPF", Values: []Value{{"yes", Standard}},
			Denies: "BPF objects that others have pinned",
			Read:   flag(privateBPFRules),
		}),
	}
}

// readLogNamespace: the sockets of another journal are mounted in the place of the
// system's.
func readLogNamespace(values []string, _ *Unit) []Rule {
	if last(values) == "" {
		return nil
	}
	return []Rule{mountRule{Mount{Path: "/run/systemd/journal", Mode: Bound, Sealed: true}}}
}

// privateBPFRules: a BPF file system of the unit's own, in which everybody may pin
// objects.
func privateBPFRules(u *Unit) []Rule {
	if !u.Accepts("PrivateBPF") {
		return nil
	}
	return []Rule{mountRule{Mount{Path: "/sys/fs/bpf", Mode: Private, KeepsOwn: true, Open: true}}}
}

func single(d Directive) Family {
	return Family{Name: d.Name, Directives: []Directive{d}}
}

// clockRules: v245 to v251 add DeviceAllow=char-rtc r whatever the policy was, and
// so close all other devices.
func clockRules(t *Unit) []Rule {
	rules := append([]Rule{group("@clock", t)}, drop("CAP_SYS_TIME", "CAP_WAKE_ALARM")...)
	if allowed := allowedClock(t); len(allowed) > 0 && len(t.Values("DevicePolicy"))+len(t.Values("DeviceAllow")) == 0 {
		rules = append(rules, &DeviceRule{allow: append(allowed, standardDevices...)})
	}
	return rules
}

// allowedClock is what ProtectClock= adds to the unit's DeviceAllow=: from v252 on only where
// other devices are closed anyway (unit_patch_contexts() in src/core/unit.c).
func allowedClock(u *Unit) []allowedDevice {
	if !isTrue(last(u.Values("ProtectClock"))) || !u.Systemd.AtLeast(245) || u.Systemd.AtLeast(252) && !closesDevices(u) {
		return nil
	}
	return []allowedDevice{{kind: trace.TypeCharDev, name: "rtc", access: "r"}}
}

// readHostname: the two files are read-only only where another directive makes a mount
// namespace; private (v258) has a host name of the unit's own, which it may change.
func readHostname(values []string, u *Unit) []Rule {
	v, _, _ := strings.Cut(last(values), ":")
	switch {
	case isTrue(v):
		return append(mounts(hostname, u), call("sethostname", "setdomainname"), staleHostname{})
	case v == "private" && u.ValueKnown("ProtectHostname", v):
		return []Rule{&CallRule{Calls: []string{"sethostname", "setdomainname"}, Outcome: Hidden}, staleHostname{}}
	}
	return nil
}

// readControlGroups: private and strict give the unit a cgroup namespace and file
// system of its own (v257), in which it sees itself as the root; strict is read-only as
// well.
func readControlGroups(values []string, t *Unit) []Rule {
	v := last(values)
	switch {
	case isTrue(v):
		return mounts(controlGroups, t)
	case (v == "strict" || v == "private") && t.Systemd.AtLeast(257):
		return []Rule{mountRule{Mount{Path: "/sys/fs/cgroup", Mode: Bound, Sealed: v == "strict"}}, foreignGroups{}}
	}
	return nil
}
