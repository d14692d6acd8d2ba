// SPDX-License-Identifier: Apache-2.0

package main

import (
	"slices"

	"github.com/sbxprof/sbxprof/suggest/systemd"
	"github.com/sbxprof/sbxprof/trace"
)

// allowance is pairs in which the model and systemd may differ.
type allowance struct {
	why string
	// operations are those that may differ; none means any.
	operations []string
	// settings are directives of which one must be among the case's; none means any.
	settings []string
	// user restricts it to the run as a user.
	user bool
	// since is the first systemd that it is about, and before the first kernel that it is
	// not about; zero is no limit.
	since  int
	before systemd.KernelVersion
	// was and is are what the operation came to; none means anything.
	was, is []trace.Outcome
}

var (
	linux511 = systemd.KernelVersion{Major: 5, Minor: 11}
	linux517 = systemd.KernelVersion{Major: 5, Minor: 17}
	linux61  = systemd.KernelVersion{Major: 6, Minor: 1}
)

// lessCapable are the directives under which an operation may lack a capability.
var lessCapable = []string{"User", "SecureBits", "CapabilityBoundingSet", "PrivateUsers"}

// allowances are few, and none is about whether something that went well is denied but
// for what a recording does not hold.
var allowances = []allowance{
	{why: "mprotect(2) looks at the file that was mapped, and a recording names it only when it is mapped executable",
		operations: []string{"mprotect_exec_file"}, is: []trace.Outcome{"EACCES"}},
	{why: "a recording does not hold that a file in memory was executed",
		operations: []string{"execveat_memfd"}, settings: []string{"RestrictFileSystems"}, is: []trace.Outcome{"EPERM"}},
	{why: "a recording does not tell access(2) that only asks for a file from stat(2), which a policy for devices lets pass",
		operations: []string{"access_exists_kmsg"}, is: []trace.Outcome{"EPERM"}},
	{why: "what is mounted over is no device, which no policy for devices rules",
		operations: []string{"access_read_kmsg", "access_write_kmsg"}, settings: []string{"ProtectKernelLogs"}, is: []trace.Outcome{"ok"}},
	{why: "what is sent on a connected socket names no address",
		operations: []string{"sendto_connected"}, is: []trace.Outcome{"EPERM"}},
	{why: "a recording does not hold that O_CREAT was asked for, if the file is there",
		operations: []string{"open_create_existing"}, was: []trace.Outcome{"ok"}},
	{why: "it is refused in every mount namespace, for one reason or another",
		operations: []string{"pivot_root"}, was: []trace.Outcome{"EBUSY", "EPERM", "EINVAL"}},
	{why: "a /proc of the unit's own has not the test bed's read-only mount over /proc/sys",
		operations: []string{"proc_sys_hostname_write", "proc_sys_domainname_write", "proc_sys_kernel_write", "proc_sys_vm_write",
			"access_write_proc_sys_kernel"},
		was: []trace.Outcome{"EROFS"}, is: []trace.Outcome{"ok"}},
	{why: "and so for /sys, which PrivateNetwork= mounts again from v254 on",
		operations: []string{"sys_kernel_write", "sys_module_write"}, since: 254, was: []trace.Outcome{"EROFS"}, is: []trace.Outcome{"ok", "EACCES"}},
	{why: "a recording holds who owns the directory, and not who owns those further up",
		operations: []string{"read_root", "write_root", "create_root", "execute_root", "access_read_root", "access_write_root", "access_execute_root"},
		settings:   []string{"User"}, is: []trace.Outcome{"EACCES"}},
	{why: "a program that carries a capability and never used it may insist on it: the drop-in says that this was not seen",
		operations: []string{"execve_file_capability_used"}, settings: []string{"NoNewPrivileges"}, user: true, was: []trace.Outcome{"ok"}, is: []trace.Outcome{"EPERM"}},
	{why: "rings count their memory against a limit for who may not lock it, and they are small",
		operations: []string{"ring_nop", "ring_openat", "ring_socket"}, settings: []string{"CapabilityBoundingSet"}, was: []trace.Outcome{"ok"}, is: []trace.Outcome{"ok"}},
	{why: "a recording does not hold O_NOATIME, nor that cachestat(2) asks for more than to read",
		operations: []string{"open_noatime", "cachestat"}, settings: []string{"User"}, is: []trace.Outcome{"EPERM"}},
	{why: "a recording does not hold whether times were given: who may write a file may set those of now",
		operations: []string{"utimensat_now"}, settings: []string{"User"}, is: []trace.Outcome{"EACCES", "ok"}},
	{why: "Linux 5.10 refuses it with another errno than 6.1",
		operations: []string{"linkat_empty_path", "setflags", "setflags_append"}, settings: lessCapable, before: linux61, is: []trace.Outcome{"ENOENT", "EACCES"}},
	{why: "Linux 5.10 asks for a capability that the table of operations, made for 6.1 and newer, does not name",
		operations: []string{"lookup_dcookie"}, settings: lessCapable, before: linux61, is: []trace.Outcome{"EPERM"}},
	{why: "and takes CAP_SYS_ADMIN for CAP_SYSLOG",
		operations: []string{"dev_kmsg_read", "proc_kmsg_read", "syslog_read_all", "syslog_size", "syslog_unread"}, settings: []string{"CapabilityBoundingSet"},
		before: linux61, is: []trace.Outcome{"ok"}},
	{why: "before Linux 5.17 CAP_NET_RAW is not asked for, but CAP_NET_ADMIN",
		operations: []string{"setsockopt_mark", "setsockopt_priority"}, settings: lessCapable, before: linux517, is: []trace.Outcome{"EPERM", "ok"}},
	{why: "before Linux 5.11 what systemd keeps in the kernel for a unit counts against what root may lock, as that of root's own programs does",
		operations: []string{"bpf_map_create", "bpf_prog_load"}, settings: []string{"IPAddressDeny"}, before: linux511, is: []trace.Outcome{"EPERM"}},
	{why: "libc goes on with clone(2), and whoever calls clone3 as it does is taken for it",
		operations: []string{"clone3"}, settings: []string{"RestrictNamespaces"}, was: []trace.Outcome{"ok"}, is: []trace.Outcome{"ENOSYS"}},
	{why: "what a user may do without the capability is for a limit or a sysctl of the machine's to say",
		operations: []string{"mlockall", "perf_event_open", "userfaultfd"}, settings: []string{"User", "SecureBits"}},
	{why: "and so under the systemd of Linux 5.10, which lets a service lock less",
		operations: []string{"mlockall", "userfaultfd"}, settings: lessCapable, before: linux61},
	{why: "and so for what a user namespace leaves of it",
		operations: []string{"perf_event_open"}, settings: []string{"PrivateUsers", "DelegateNamespaces"}, is: []trace.Outcome{"EACCES"}},
	{why: "a recording does not hold whose directory a capability was asked for: root's are root's in a user namespace as well",
		operations: []string{"cgroup_mkdir"}, settings: []string{"PrivateUsers"}, is: []trace.Outcome{"ok"}},
	{why: "the files are read-only only where another directive makes a mount namespace; without, the service changes a name that is its own",
		operations: []string{"proc_sys_hostname_write", "proc_sys_domainname_write"}, settings: []string{"ProtectHostname"}, was: []trace.Outcome{"ok"}, is: []trace.Outcome{"ok"}},
	{why: "systemds 257 and 262 were seen to leave /sys writable where they mount the API file systems, and a later one may mend that: nothing is to depend on it",
		operations: []string{"sys_kernel_write", "sys_module_write"}, since: 254, was: []trace.Outcome{"ok"}, is: []trace.Outcome{"ok"}},
	{why: "a sysctl says with which errno pushing input into a terminal is refused",
		operations: []string{"ioctl_push_input"}, is: []trace.Outcome{"EIO"}},
	{why: "the test bed's /sys is read-only as a whole, which is asked before permissions",
		operations: []string{"sys_kernel_write", "sys_module_write"}, settings: []string{"User"}, was: []trace.Outcome{"EROFS"}, is: []trace.Outcome{"EROFS"}},
	{why: "a recording does not hold that shared memory was attached for reading",
		operations: []string{"shmat_readonly_executable"}, settings: []string{"MemoryDenyWriteExecute"}, is: []trace.Outcome{"ok"}},
	{why: "a recording does not hold whether memory was executable before",
		operations: []string{"mprotect_executable_again"}, settings: []string{"MemoryDenyWriteExecute"}, is: []trace.Outcome{"ok"}},
	{why: "a recording does not hold whose memory it was, and who was traced",
		operations: []string{"ptrace_seize_outside", "process_vm_readv_outside"}, settings: []string{"PrivatePIDs"}, is: []trace.Outcome{"ESRCH"}},
	{why: "what is of namespaces that are not given to the unit cannot be mounted in those that are, and nobody suggests to give any",
		settings: []string{"DelegateNamespaces"}, operations: []string{"start"}, is: []trace.Outcome{"no start"}},
	{why: "the program is process 1 itself: more goes well than before",
		operations: []string{"kill_init_exists", "proc_init_environ_read"}, settings: []string{"PrivatePIDs"}, is: []trace.Outcome{"ok"}},
	{why: "192.0.2.1 is the test bed's own address, which is reached by lo",
		operations: []string{"sendto_outside"}, settings: []string{"RestrictNetworkInterfaces"}},
	{why: "a cgroup file system of its own has other modes than the test bed's: more goes well, or further, than before",
		settings: []string{"ProtectControlGroups"}, operations: []string{"cgroup_list", "cgroup_procs_read", "cgroup_procs_write", "cgroup_mkdir"}, user: true, was: []trace.Outcome{"EACCES"}},
	{why: "and so for a BPF file system of its own, which is everybody's",
		settings: []string{"PrivateBPF"}, operations: []string{"sys_fs_bpf_list", "bpf_mkdir"}, user: true, was: []trace.Outcome{"EACCES"}, is: []trace.Outcome{"ok"}},
	{why: "where the kernel has no clock, the name char-rtc that is allowed stands for no device, and the node is another driver's",
		settings: []string{"ProtectClock"}, since: 245, operations: []string{"dev_rtc_read", "ioctl_rtc_time"}, is: []trace.Outcome{"EPERM"}},
	{why: "the kernel asks for the capability before it looks at the path, and refuses both ways",
		operations: []string{"acct", "fanotify_watch", "mount_setattr", "open_tree_clone", "swapon", "swapoff"},
		user:       true, was: []trace.Outcome{"EPERM"}},
	{why: "it is about the device of a path that is not there, and fails both ways",
		operations: []string{"quotactl"}, was: []trace.Outcome{"ENOENT"}},
	{why: "whoever gave up set-id programs may load a filter: more goes well than before",
		operations: []string{"seccomp", "prctl_seccomp"}, user: true, was: []trace.Outcome{"EACCES"}, is: []trace.Outcome{"ok"}},
	{why: "it gives capabilities to a user who had none: more goes well, or further, than before",
		settings: []string{"AmbientCapabilities"}, user: true, was: []trace.Outcome{"EPERM", "EACCES"}},
	{why: "it gives a user CAP_DAC_OVERRIDE, who then finds an inaccessible directory or file empty",
		operations: []string{"list_lib_modules", "read_lib_modules", "proc_kmsg_read", "proc_kallsyms_read"}, settings: []string{"AmbientCapabilities"}, user: true},
	{why: "in an empty directory nothing is in the way: more goes well than before",
		operations: []string{"list_root", "mkdir_existing", "open_exclusive_existing", "unix_bind_existing",
			"access_list_root", "access_search_root", "access_create_root", "access_create_home"},
		was: []trace.Outcome{"EACCES", "EEXIST", "EADDRINUSE"}, is: []trace.Outcome{"ok"}},
}

// exception says why a pair need not agree on a target; "" if it must.
func exception(on systemd.Target, c testCase, uid int, p pair) string {
	for i := range allowances {
		if a := &allowances[i]; a.about(on) && a.covers(c, uid, p) {
			return allowances[i].why
		}
	}
	return ""
}

func (a *allowance) about(on systemd.Target) bool {
	return on.Systemd.AtLeast(a.since) && (a.before.Unknown() || !on.Kernel.AtLeast(a.before))
}

func (a *allowance) covers(c testCase, uid int, p pair) bool {
	among := func(list []trace.Outcome, o trace.Outcome) bool { return len(list) == 0 || slices.Contains(list, o) }
	set := func(s trace.Setting) bool { return slices.Contains(a.settings, s.Name) }
	return (len(a.operations) == 0 || slices.Contains(a.operations, p.operation)) &&
		(len(a.settings) == 0 || slices.ContainsFunc(c.settings, set)) &&
		(!a.user || uid != 0) && among(a.was, p.was) && among(a.is, p.is)
}
