// SPDX-License-Identifier: Apache-2.0

package probes

import (
	"golang.org/x/sys/unix"

	"github.com/sbxprof/sbxprof/trace"
)

var identityOperations = []Operation{
	{Name: "setuid_same", Does: "becomes who it is", Perhaps: seen{capable("CAP_SETUID")}, Expect: seen{call("setuid", arg(0, 0))}},
	{Name: "setuid_other", Does: "becomes another user", User: "EPERM", Capability: "CAP_SETUID",
		Expect: seen{call("setuid", arg(0, OtherID))}},
	{Name: "setgid_other", Does: "becomes another group", User: "EPERM", Capability: "CAP_SETGID",
		Expect: seen{call("setgid", arg(0, OtherID))}},
	{Name: "setreuid_other", Does: "becomes another user with setreuid(2)", User: "EPERM", Capability: "CAP_SETUID",
		Expect: seen{call("setreuid", arg(0, OtherID), arg(1, OtherID))}},
	{Name: "setregid_other", Does: "becomes another group with setregid(2)", User: "EPERM", Capability: "CAP_SETGID",
		Expect: seen{call("setregid", arg(0, OtherID), arg(1, OtherID))}},
	{Name: "setresuid_other", Does: "becomes another user with setresuid(2)", User: "EPERM", Capability: "CAP_SETUID",
		Expect: seen{call("setresuid", arg(0, OtherID), arg(1, OtherID), arg(2, OtherID))}},
	{Name: "setresgid_other", Does: "becomes another group with setresgid(2)", User: "EPERM", Capability: "CAP_SETGID",
		Expect: seen{call("setresgid", arg(0, OtherID), arg(1, OtherID), arg(2, OtherID))}},
	{Name: "setgroups", Does: "sets its supplementary groups", User: "EPERM", Capability: "CAP_SETGID",
		Expect: seen{call("setgroups")}},
	{Name: "setfsuid_other", Does: "asks for another user's files; the call never fails", Capability: "CAP_SETUID",
		Expect: seen{call("setfsuid", arg(0, OtherID))}},
	{Name: "setfsgid_other", Does: "asks for another group's files; the call never fails", Capability: "CAP_SETGID",
		Expect: seen{call("setfsgid", arg(0, OtherID))}},
	{Name: "getuid", Does: "asks who it is", Expect: seen{call("getuid")}},
	{Name: "capset_drop", Does: "gives up all capabilities", Perhaps: setpcap, Expect: seen{call("capset")}},
	{Name: "capset_keep_one", Does: "keeps CAP_NET_RAW alone, if it has it", User: "EPERM", Capability: "CAP_NET_RAW", Perhaps: setpcap,
		Expect: seen{call("capset"), named("CAP_NET_RAW", "capset")}},
	{Name: "capget", Does: "asks for its capabilities", Expect: seen{call("capget")}},
	process("no_new_privs", "gives up set-id programs", unix.PR_SET_NO_NEW_PRIVS),
	process("keepcaps", "keeps capabilities when it becomes another user", unix.PR_SET_KEEPCAPS),
	process("not_dumpable", "makes itself undumpable", unix.PR_SET_DUMPABLE),
	process("pdeathsig", "asks for no signal when its parent dies", unix.PR_SET_PDEATHSIG),
	process("name", "names itself", unix.PR_SET_NAME),
	{Name: "prctl_ptracer", Does: "lets nobody but its ancestors trace it", Root: "ok|EINVAL", Kernel: "with Yama",
		Expect: seen{prctl(unix.PR_SET_PTRACER)}},
	process("timerslack", "asks for the usual timer slack", unix.PR_SET_TIMERSLACK),
	{Name: "prctl_mdwe", Does: "denies itself memory that is writable and executable", Root: "ok|EINVAL", Kernel: "6.3",
		Expect: seen{prctl(unix.PR_SET_MDWE)}},
	process("capbset_read", "asks for its bounding set", unix.PR_CAPBSET_READ),
	{Name: "prctl_capbset_drop", Does: "drops a capability from its bounding set", User: "EPERM", Capability: "CAP_SETPCAP",
		Expect: seen{prctl(unix.PR_CAPBSET_DROP)}},
	{Name: "prctl_securebits", Does: "takes root's privileges from uid 0", Harmless: onItself, User: "EPERM",
		Capability: "CAP_SETPCAP", Expect: seen{prctl(unix.PR_SET_SECUREBITS)}},
	process("ambient_clear", "clears its ambient set", unix.PR_CAP_AMBIENT),
	process("subreaper", "adopts orphans", unix.PR_SET_CHILD_SUBREAPER),
	{Name: "prctl_ambient_raise", Does: "raises an ambient capability", User: "EPERM", Capability: "CAP_NET_RAW", Perhaps: setpcap,
		Expect: seen{ok(call("capset")), named("CAP_NET_RAW", "capset"), prctl(unix.PR_CAP_AMBIENT)}},
	{Name: "prctl_seccomp", Does: "loads a filter that allows everything", User: "EACCES", Capability: "CAP_SYS_ADMIN",
		Expect: seen{prctl(unix.PR_SET_SECCOMP)}},
	{Name: "seccomp", Does: "loads a filter that allows everything with seccomp(2)", User: "EACCES",
		Capability: "CAP_SYS_ADMIN", Expect: seen{call("seccomp")}},
	{Name: "seccomp_no_new_privs", Does: "loads a filter after giving up set-id programs", Perhaps: seen{capable("CAP_SYS_ADMIN")},
		Expect: seen{ok(prctl(unix.PR_SET_NO_NEW_PRIVS)), call("seccomp")}},
	{Name: "seccomp_action_available", Does: "asks whether filters may allow", Expect: seen{call("seccomp")}},
	{Name: "landlock_version", Does: "asks for the version of Landlock", Root: "ok|EOPNOTSUPP|ENOSYS", Kernel: landlock,
		Expect: seen{call("landlock_create_ruleset")}},
	{Name: "landlock_create_ruleset", Does: "makes a set of Landlock rules", Root: "ok|EOPNOTSUPP|ENOSYS", Kernel: landlock,
		Expect: seen{call("landlock_create_ruleset")}},
	{Name: "landlock_restrict_self", Does: "restricts itself to a set of rules", Root: "ok|EOPNOTSUPP|ENOSYS", Kernel: landlock,
		Harmless: onItself,
		Expect:   seen{ok(call("landlock_create_ruleset")), ok(prctl(unix.PR_SET_NO_NEW_PRIVS)), call("landlock_restrict_self")}},
}

// capset(2) asks for it whether or not the inheritable set grows.
var setpcap = seen{capable("CAP_SETPCAP")}

const landlock = "5.13 with lsm=…,landlock"

// process is an option of prctl(2) that needs nothing.
func process(name, does string, option uint64) Operation {
	return Operation{Name: "prctl_" + name, Does: does, Expect: seen{prctl(option)}}
}

func prctl(option uint64) trace.Observation {
	return call("prctl", arg(0, option))
}

// named is a capability that a program named itself, rather than being checked for.
func named(capability, call string) trace.Observation {
	o := capable(capability)
	o.Capability.Asked, o.Capability.Syscall = true, call
	return o
}
